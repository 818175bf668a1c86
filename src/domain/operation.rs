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
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Looks for a place, or stands on the waitlist.
    Waiting,
    /// Has a target; its account is not verified yet.
    Planned,
    /// The target's account is there with our credentials and limits; the switch is next.
    Verified,
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
    /// Targets tried, this one included.
    pub targets_tried: u32,
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
