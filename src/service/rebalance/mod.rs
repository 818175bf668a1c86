//! The load is evened out: looked at every five minutes, suggested or begun by itself, previewed, begun and stopped by
//! admins, and carried out a little at a time.
//!
//! The plan is made once and stands in the database with how much of it was begun ([`crate::store::rebalances`]); the
//! loop here only begins what the budget, the plan and the moment allow, and the one executor carries it out, behind
//! everything that a person waits for. A process that dies loses nothing but its memory of the last looks.
//!
//! Nothing begins in panic, while evacuations are paused or under way, and ten minutes after: the transaction that
//! begins asks again, and what was begun and not sent waits in panic like all that the service does by itself.
//!
//! Absent on purpose: what is uneven, which moves make it even and how fast they may go ([`crate::domain::rebalance`]).

mod carry;
mod look;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use crate::domain::instance::Counters;
use crate::domain::placement::Candidate;
use crate::domain::rebalance::{Budget, Group, GroupKey, Leg, Looks, Part, Plan, STOP, groups, plan};
use crate::domain::{BatchId, InstanceId, Timestamp, UserId};
use crate::store::StoreError;
use crate::store::batches::BatchState;
use crate::store::flags::{EVACUATIONS_PAUSED, HOLD, PANIC};
use crate::store::rebalances::{BegunRun, Moved, NewRun, Run};

use super::Core;
use super::notice::{Lane, Letter, Notice};

/// A plan that grew by more than this share since it was shown is shown again before it begins.
const GROWN: u32 = 5;

/// Why nothing may be begun now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// So much is bad at once that nothing moves by itself.
    Panic,
    /// Nothing acts until an admin confirms.
    Hold,
    /// An admin stopped evacuations.
    Paused,
    /// Everybody leaves an instance.
    Evacuation,
    /// One of these was so until a moment ago.
    Aftermath {
        /// When it is over.
        until: Timestamp,
    },
}

/// One group in a preview.
#[derive(Debug, Clone, PartialEq)]
pub struct Uneven {
    /// The group, with its members as they are.
    pub group: Group,
    /// What would be moved.
    pub plan: Plan,
    /// How long that takes.
    pub takes: TimeDelta,
}

/// What stands where, and what would happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Groups that are even enough: how many, and the greatest spread among them.
    pub even: (usize, f64),
    /// Groups that are not.
    pub uneven: Vec<Uneven>,
    /// Why nothing may be begun now.
    pub hindrance: Option<Hindrance>,
    /// The run that is open, or else the last one.
    pub latest: Option<Course>,
}

impl Preview {
    /// All moves.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.uneven.iter().map(|uneven| uneven.plan.moves()).sum()
    }

    /// How long they take: groups go on side by side.
    #[must_use]
    pub fn takes(&self) -> TimeDelta {
        self.uneven.iter().map(|uneven| uneven.takes).max().unwrap_or_default()
    }

    /// Whether a run may be begun.
    #[must_use]
    pub fn may_run(&self) -> bool {
        self.hindrance.is_none() && self.moves() > 0 && !self.latest.as_ref().is_some_and(Course::is_open)
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The run.
    pub run: Run,
    /// Moved.
    pub done: u32,
    /// Given up.
    pub given_up: u32,
    /// Under way.
    pub under_way: u32,
    /// How long the rest takes at most, while it goes on.
    pub left: TimeDelta,
    /// How many of its moves could be taken back.
    pub takes_back: u32,
}

impl Course {
    /// Whether it goes on or is paused.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.run.state, BatchState::Running | BatchState::Paused)
    }
}

/// Why a run cannot begin or change.
#[derive(Debug, thiserror::Error)]
pub enum RebalanceError {
    /// The load is even enough, or nothing can be moved.
    #[error("nothing to even out")]
    Even,
    /// Not now.
    #[error("moves are stopped for now")]
    Hindered(Hindrance),
    /// One is under way.
    #[error("the load is being evened out already")]
    Open(BatchId),
    /// Far more would be moved than was shown.
    #[error("the plan changed since it was shown")]
    Changed,
    /// No such run.
    #[error("nothing of that name")]
    NotFound,
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// What this process saw. Lost with it, and then seen anew.
#[derive(Debug, Default)]
struct Memory {
    looked_at: Option<Timestamp>,
    looks: BTreeMap<GroupKey, Looks>,
    suggested_at: Option<Timestamp>,
    told: BTreeMap<BatchId, (Timestamp, u32)>,
}

/// Evens out the load. Cheap to clone.
#[derive(Clone)]
pub struct Rebalance {
    core: Core,
    memory: Arc<Mutex<Memory>>,
}

impl Rebalance {
    /// Over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core, memory: Arc::default() }
    }

    /// Carries on what is open, and looks when it is time to.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        if let Some(run) = self.core.store.latest_rebalance().await?
            && matches!(run.state, BatchState::Running | BatchState::Paused)
        {
            self.carry_on(run, now).await?;
        }
        self.look(now).await
    }

    /// What stands where, and what a run would do now.
    ///
    /// # Errors
    /// The database.
    pub async fn preview(&self) -> Result<Preview, StoreError> {
        let now = self.core.clock.now();
        let (uneven, even): (Vec<Group>, Vec<Group>) =
            self.groups(now).await?.into_iter().partition(|group| group.spread() > STOP);
        let mut preview = Preview {
            even: (even.len(), even.iter().map(Group::spread).fold(0.0, f64::max)),
            uneven: Vec::new(),
            hindrance: self.hindrance(now).await?,
            latest: None,
        };
        if let Some(run) = self.core.store.latest_rebalance().await? {
            preview.latest = Some(self.course_of(run, now).await?);
        }
        for group in uneven {
            let plan = plan(&group);
            let takes = Budget::of(group.users()).duration(plan.moves());
            preview.uneven.push(Uneven { group, plan, takes });
        }
        Ok(preview)
    }

    /// An admin lets the load be evened out; `by`: `None` from the command line. `shown`: how many moves the admin saw.
    ///
    /// # Errors
    /// Everything of [`RebalanceError`] but `NotFound`.
    pub async fn run(&self, by: Option<UserId>, shown: Option<u32>) -> Result<BatchId, RebalanceError> {
        let preview = self.preview().await?;
        if shown.is_some_and(|shown| preview.moves() > shown + shown / GROWN + GROWN) {
            return Err(RebalanceError::Changed);
        }
        if let Some(hindrance) = preview.hindrance {
            return Err(RebalanceError::Hindered(hindrance));
        }
        let parts = preview.uneven.iter().map(|uneven| Part::of(&uneven.group, &uneven.plan)).collect();
        self.begin(NewRun { by: Some(by.unwrap_or(UserId(0))), parts, back_of: None }).await
    }

    /// An admin lets the moves of a run be taken back, of keys that nothing moved since. By the same budget, but
    /// whatever the levels say and however lately they were moved.
    ///
    /// # Errors
    /// Everything of [`RebalanceError`] but `Changed`.
    pub async fn take_back(&self, by: UserId, batch: BatchId) -> Result<BatchId, RebalanceError> {
        let now = self.core.clock.now();
        let run = self.core.store.rebalance(batch).await?.ok_or(RebalanceError::NotFound)?;
        if let Some(hindrance) = self.hindrance(now).await? {
            return Err(RebalanceError::Hindered(hindrance));
        }
        let moved = self.core.store.moved_by(batch).await?;
        let parts = run.parts.iter().map(|part| backwards(part, &moved)).collect();
        self.begin(NewRun { by: Some(by), parts, back_of: Some(batch) }).await
    }

    /// Begins a run, writes it down, and lets whoever began it follow it.
    async fn begin(&self, mut new: NewRun) -> Result<BatchId, RebalanceError> {
        new.parts.retain(|part| part.moves() > 0);
        if new.parts.is_empty() {
            return Err(RebalanceError::Even);
        }
        let now = self.core.clock.now();
        let store = &self.core.store;
        let batch = match store.begin_rebalance(&new, now).await? {
            BegunRun::Yes(batch) => batch,
            BegunRun::Open(batch) => return Err(RebalanceError::Open(batch)),
            BegunRun::Stopped => {
                let hindrance = self.hindrance(now).await?.unwrap_or(Hindrance::Aftermath { until: now });
                return Err(RebalanceError::Hindered(hindrance));
            }
        };
        let moves: u32 = new.parts.iter().map(Part::moves).sum();
        let detail =
            serde_json::json!({ "moves": moves, "groups": new.parts.len(), "takes_back": new.back_of });
        store.record(new.by, "rebalance-started", &format!("batch {batch}"), detail, now).await?;
        tracing::info!(batch = batch.0, moves, "the load is being evened out");
        self.write_to_starter(new.by.unwrap_or(UserId(0)), batch, now).await?;
        Ok(batch)
    }

    /// Pauses a run, goes on with it or stops it for good; what is under way ends. `false`: it had ended.
    ///
    /// # Errors
    /// The database.
    pub async fn set_state(&self, by: UserId, batch: BatchId, state: BatchState) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        if store.rebalance(batch).await?.is_none() || !store.set_batch_state(batch, state, now).await? {
            return Ok(false);
        }
        let detail = serde_json::json!({ "state": state });
        store.record(Some(by), "rebalance-changed", &format!("batch {batch}"), detail, now).await?;
        if state == BatchState::Cancelled {
            self.tell_end(batch).await?;
        }
        Ok(true)
    }

    /// How far a run is; `None`: there is no such run.
    ///
    /// # Errors
    /// The database.
    pub async fn course(&self, batch: BatchId) -> Result<Option<Course>, StoreError> {
        match self.core.store.rebalance(batch).await? {
            Some(run) => Ok(Some(self.course_of(run, self.core.clock.now()).await?)),
            None => Ok(None),
        }
    }

    async fn course_of(&self, run: Run, now: Timestamp) -> Result<Course, StoreError> {
        let counts = self.core.store.batch_counts(run.batch).await?;
        let left = match run.state {
            BatchState::Running | BatchState::Paused => {
                run.parts.iter().map(|part| part.budget().duration(part.left())).max().unwrap_or_default()
            }
            BatchState::Cancelled | BatchState::Done => TimeDelta::zero(),
        };
        // Asked only where the answer is a button, and only while the moves are young.
        let ended = run.ended_at.filter(|at| *at > now - Budget::REST && run.back_of.is_none());
        let takes_back = match ended {
            Some(_) if counts.done > 0 => self.core.store.moved_by(run.batch).await?.len(),
            _ => 0,
        };
        Ok(Course {
            run,
            done: counts.done,
            given_up: counts.cancelled,
            under_way: counts.open,
            left,
            takes_back: u32::try_from(takes_back).unwrap_or(u32::MAX),
        })
    }

    /// The message of whoever began a run, which is edited as it goes on.
    async fn write_to_starter(&self, by: UserId, batch: BatchId, now: Timestamp) -> Result<(), StoreError> {
        if by == UserId(0) {
            return Ok(());
        }
        let letter = Letter {
            chat: by.0,
            lane: Lane::Notice,
            slot: Some(format!("batch:{batch}")),
            notice: Notice::BatchProgress { batch },
            screen: None,
        };
        self.core.store.post(&[letter.stored(now)], now).await?;
        self.core.signals.mail.notify_one();
        Ok(())
    }

    /// What stands against beginning anything now.
    async fn hindrance(&self, now: Timestamp) -> Result<Option<Hindrance>, StoreError> {
        let against = self.core.store.against_rebalance(now - Budget::AFTERMATH).await?;
        if let Some((name, _)) = against.flags.iter().find(|(_, flag)| flag.raised) {
            return Ok(Some(match *name {
                PANIC => Hindrance::Panic,
                HOLD => Hindrance::Hold,
                EVACUATIONS_PAUSED => Hindrance::Paused,
                _ => unreachable!("only these are asked for"),
            }));
        }
        if against.evacuating {
            return Ok(Some(Hindrance::Evacuation));
        }
        let lowered = against.flags.iter().map(|(_, flag)| flag.since);
        let last = lowered.chain(against.evacuated_at).max();
        Ok(last.map(|last| Hindrance::Aftermath { until: last + Budget::AFTERMATH }))
    }

    /// The groups as they are now.
    async fn groups(&self, now: Timestamp) -> Result<Vec<Group>, StoreError> {
        self.core.placer.refresh(&self.core.store).await?;
        let draft = self.core.placer.draft();
        let fleet: Vec<(Candidate, Counters)> = draft
            .candidates()
            .map(|candidate| (candidate.clone(), draft.counters(&candidate.id).unwrap_or_default()))
            .collect();
        Ok(groups(&fleet, now))
    }
}

/// The way back of a part: for the keys of it that nothing moved since.
fn backwards(part: &Part, moved: &[Moved]) -> Part {
    let mut legs: BTreeMap<(&InstanceId, &InstanceId), u32> = BTreeMap::new();
    let of_part = |moved: &&Moved| part.legs.iter().any(|leg| leg.from == moved.from && leg.to == moved.to);
    for moved in moved.iter().filter(of_part) {
        *legs.entry((&moved.to, &moved.from)).or_default() += 1;
    }
    let leg = |((from, to), count): ((&InstanceId, &InstanceId), u32)| Leg {
        from: from.clone(),
        to: to.clone(),
        count,
        begun: 0,
    };
    let legs: Vec<Leg> = legs.into_iter().map(leg).collect();
    let lower_bound = legs.iter().map(|leg| leg.count).sum();
    Part { before: part.after, after: part.before, lower_bound, legs, takes_back: true, ..part.clone() }
}
