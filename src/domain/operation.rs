//! A durable intent, and where it stands.

use serde::{Deserialize, Serialize};

use super::key::Unsettled;
use super::{
    AccountName, AssignmentId, BatchId, ConfigId, Credentials, InstanceId, OperationId, Region, Timestamp,
    UserId,
};

/// What an operation shall bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The first account of a key, or a new one after its account was released.
    Issue,
    /// The account on another instance, same secrets.
    Move,
    /// A new account with new secrets, possibly on the same instance.
    Rotate,
    /// The changed limits or wish carried to the panels.
    Sync,
    /// All accounts gone, for good.
    Revoke,
}

impl Kind {
    /// All that this version carries out. A newer one that runs beside it may know others.
    pub const ALL: [Self; 5] = [Self::Issue, Self::Move, Self::Rotate, Self::Sync, Self::Revoke];

    /// Whether it needs a place on some instance.
    #[must_use]
    pub fn places(self) -> bool {
        match self {
            Self::Issue | Self::Move | Self::Rotate => true,
            Self::Sync | Self::Revoke => false,
        }
    }
}

/// Why a user's or an admin's wish became an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The key's owner asked.
    Owner,
    /// An admin asked.
    Admin,
    /// A batch of moves.
    Batch,
    /// The service by itself.
    Service,
    /// The service, because the instance is down. Stops in panic.
    Failover,
    /// The service, to even out the load. Stops in panic.
    Rebalance,
}

impl Cause {
    /// Whether nobody wished it: it stops in panic, and nobody is told that it could not be had.
    #[must_use]
    pub fn is_by_itself(self) -> bool {
        match self {
            Self::Failover | Self::Rebalance => true,
            Self::Owner | Self::Admin | Self::Batch | Self::Service => false,
        }
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Looks for a place, or stands on the waitlist.
    Waiting,
    /// Has a target, whose account is being made; its verification and the switch are one transaction.
    Planned,
    /// Ended; see [`Outcome`].
    Ended,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As wished.
    Done,
    /// Given up, because the wish changed or cannot be had.
    Cancelled,
}

/// The target of an operation that places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub instance: InstanceId,
    /// The name of the account to make there.
    pub account: AccountName,
    /// The number in that name.
    pub generation: u32,
    /// Whether a place is held in the instance's counters.
    pub holds_place: bool,
    /// A lingering account of ours there that only needs to be taken back.
    pub back_to: Option<AssignmentId>,
    /// A write to it that may still land.
    pub unsettled: Option<Unsettled>,
}

/// A wish that waits for the open operation to end. There is at most one: the latest wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextWish {
    /// What shall be.
    pub kind: Kind,
    /// Who wished it.
    pub cause: Cause,
    /// The person who asked.
    pub asked_by: Option<UserId>,
    /// The update that carried the wish.
    pub update_id: Option<i64>,
    /// The screen that waits for it.
    pub screen: Option<i64>,
    /// The location asked for.
    pub region: Option<Region>,
    /// The instance asked for.
    pub wanted: Option<InstanceId>,
}

/// A durable intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The row.
    pub id: OperationId,
    /// Whose key.
    pub config: ConfigId,
    /// What shall be.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Who wished it.
    pub cause: Cause,
    /// The person who asked, to be told.
    pub asked_by: Option<UserId>,
    /// Somebody looks at the screen and waits.
    pub person_waits: bool,
    /// The screen that waits for the result.
    pub screen: Option<i64>,
    /// Grows with each claim: a write with an older one changes nothing.
    pub epoch: i64,
    /// The config's revision it works for.
    pub revision: i64,
    /// The location asked for.
    pub region: Option<Region>,
    /// The instance asked for.
    pub wanted: Option<InstanceId>,
    /// The new secrets of a rotation.
    pub credentials: Option<Credentials>,
    /// Where it goes.
    pub target: Option<Target>,
    /// Failed attempts at this target.
    pub attempts: u32,
    /// Instances that failed, this target not included.
    pub tried: Vec<InstanceId>,
    /// Nothing is done before.
    pub next_at: Timestamp,
    /// The set it belongs to.
    pub batch: Option<BatchId>,
    /// The last failure, as a short machine word.
    pub problem: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When and how it ended.
    pub ended: Option<(Timestamp, Outcome)>,
}

/// What to do for an operation now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it has ended.
    Rest,
    /// Its wish was overtaken: leave no trace and end.
    GiveUp,
    /// Find a target, or another one.
    Place,
    /// Make the target's account be as wanted; then switch.
    Send,
    /// Carry changed limits to the accounts.
    Carry,
    /// Let go of all accounts.
    Release,
}

/// Failures at one target before another is looked for, while nobody waits.
pub const ATTEMPTS_PER_TARGET: u32 = 3;
/// Targets tried while a person waits; then it goes on in the background.
pub const TARGETS_WHILE_WAITED_FOR: usize = 3;

impl Operation {
    /// What to do now. Only what is in the database decides, so that any process can go on after a crash.
    #[must_use]
    pub fn next(&self, wish: super::key::Wish) -> Step {
        let overtaken = wish == super::key::Wish::Revoked && self.kind != Kind::Revoke;
        match (self.ended.is_some(), self.kind, &self.target) {
            (true, ..) => Step::Rest,
            (false, ..) if overtaken => Step::GiveUp,
            (false, Kind::Sync, _) => Step::Carry,
            (false, Kind::Revoke, _) => Step::Release,
            (false, Kind::Issue | Kind::Move | Kind::Rotate, None) => Step::Place,
            (false, Kind::Issue | Kind::Move | Kind::Rotate, Some(_)) if self.wants_another_target() => {
                Step::Place
            }
            (false, Kind::Issue | Kind::Move | Kind::Rotate, Some(_)) => Step::Send,
        }
    }

    /// Whether its target failed often enough.
    fn wants_another_target(&self) -> bool {
        self.attempts >= if self.person_waits { 1 } else { ATTEMPTS_PER_TARGET }
    }

    /// Whether something was sent for it that another wish must not undo by forgetting it.
    #[must_use]
    pub fn has_sent(&self) -> bool {
        self.attempts > 0 || self.target.as_ref().is_some_and(|target| target.unsettled.is_some())
    }
}
