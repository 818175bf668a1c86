//! Many moves at once: previewed, confirmed, watched.

use crate::domain::key::Standing;
use crate::domain::operation::{Cause, Kind};
use crate::domain::placement::{Mirror, Request, Urgency};
use crate::domain::{BatchId, ConfigId, InstanceId, Region, Timestamp, UserId};
use crate::store::StoreError;
pub use crate::store::batches::BatchState;
use crate::store::batches::NewBatch;
use crate::store::operations::NewOperation;

use super::Core;
use super::keys::Ask;
use super::notice::{Lane, Letter, Notice};

/// Whose keys move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One key.
    Key(ConfigId),
    /// All keys of a person.
    Owner(UserId),
    /// All keys of an instance.
    Instance(InstanceId),
}

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Wherever there is most room, same location first.
    Automatic,
    /// There.
    Instance(InstanceId),
}

/// What would happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each key and its target.
    pub moves: Vec<(ConfigId, InstanceId)>,
    /// How many go where, with the instance's name.
    pub per_target: Vec<(InstanceId, String, u32)>,
    /// Keys that fit nowhere now, and wait for room.
    pub stranded: u32,
    /// Which those are.
    pub waiting: Vec<ConfigId>,
    /// Keys that do not serve, or that another operation works on.
    pub skipped: u32,
    /// Two plans with the same fingerprint are the same plan.
    pub fingerprint: u64,
}

/// Why moves cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Nothing to move.
    #[error("nothing to move")]
    Empty,
    /// No such instance, key or person.
    #[error("nothing of that name")]
    NotFound,
    /// The world changed since the preview.
    #[error("the plan changed since it was shown")]
    Changed,
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// How far a set of moves is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The set.
    pub batch: BatchId,
    /// Who started it.
    pub by: UserId,
    /// Where from, if all come from one instance.
    pub source: Option<InstanceId>,
    /// Where to, if all go to one instance.
    pub target: Option<InstanceId>,
    /// All moves.
    pub total: u32,
    /// Done.
    pub done: u32,
    /// Given up.
    pub cancelled: u32,
    /// Waiting for room or for their turn.
    pub waiting: u32,
    /// The set's state.
    pub state: BatchState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Sets of moves.
#[derive(Clone)]
pub struct Migrations {
    core: Core,
}

impl Migrations {
    /// Moves over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// What would happen. Keys that go to the same few instances are counted against their room as they are planned.
    ///
    /// # Errors
    /// `Empty`, `NotFound`, the database.
    pub async fn preview(&self, scope: &Scope, to: &To) -> Result<Plan, PlanError> {
        let store = &self.core.store;
        self.core.placer.refresh(store).await?;
        let names: Vec<(InstanceId, String)> =
            store.instances().await?.into_iter().map(|instance| (instance.id, instance.name)).collect();
        if let To::Instance(target) = to
            && !names.iter().any(|(id, _)| id == target)
        {
            return Err(PlanError::NotFound);
        }
        let configs = self.configs(scope).await?;
        let now = self.core.clock.now();
        let mut planned = self.core.placer.draft();
        let mut plan = Plan {
            moves: Vec::new(),
            per_target: Vec::new(),
            stranded: 0,
            waiting: Vec::new(),
            skipped: 0,
            fingerprint: 0,
        };
        for config in configs {
            let Some(key) = store.key(config).await? else { continue };
            let Some(primary) = key.primary() else {
                plan.skipped += 1;
                continue;
            };
            let there = matches!(to, To::Instance(target) if primary.instance == *target);
            let live = key.config.standing(key.used_total(), now) == Standing::Live;
            if there || !live || key.operation.is_some() {
                plan.skipped += 1;
                continue;
            }
            let mut exclude: Vec<_> = key.buried.iter().map(|(instance, _)| instance.clone()).collect();
            exclude.push(primary.instance.clone());
            let here = self.core.placer.place_of(&primary.instance, key.config.wanted_region.as_ref());
            match choose(&mut planned, to, here, &exclude, config, now) {
                Some(target) => plan.moves.push((config, target)),
                None => {
                    plan.stranded += 1;
                    plan.waiting.push(config);
                }
            }
        }
        if plan.moves.is_empty() && plan.stranded == 0 {
            return Err(PlanError::Empty);
        }
        for (id, name) in names {
            let count = plan.moves.iter().filter(|(_, target)| *target == id).count();
            if count > 0 {
                plan.per_target.push((id, name, u32::try_from(count).unwrap_or(u32::MAX)));
            }
        }
        plan.fingerprint = fingerprint(&plan);
        Ok(plan)
    }

    /// The keys that a scope means.
    async fn configs(&self, scope: &Scope) -> Result<Vec<ConfigId>, PlanError> {
        let store = &self.core.store;
        match scope {
            Scope::Key(config) => Ok(vec![*config]),
            Scope::Owner(owner) => {
                store.person(*owner).await?.ok_or(PlanError::NotFound)?;
                Ok(store.keys_of(*owner).await?)
            }
            Scope::Instance(id) => {
                store.instance(id).await?.ok_or(PlanError::NotFound)?;
                let (page, _) = store.keys_on(id, 0, u64::from(u32::MAX)).await?;
                Ok(page.into_iter().map(|(config, _)| config).collect())
            }
        }
    }

    /// Starts what was previewed. Each move is an operation of its own; where exactly it goes is chosen by the exact
    /// counts of its moment, so that a plan of minutes ago overfills nobody. The same update starts it once.
    ///
    /// # Errors
    /// As `preview`, and `Changed` when the plan is another one now.
    pub async fn start(
        &self,
        ask: &Ask,
        scope: &Scope,
        to: &To,
        fingerprint: u64,
    ) -> Result<BatchId, PlanError> {
        if let Some(begun) = self.begun_by(ask).await? {
            return Ok(begun);
        }
        let plan = self.preview(scope, to).await?;
        if plan.fingerprint != fingerprint {
            return Err(PlanError::Changed);
        }
        let now = self.core.clock.now();
        let target = match to {
            To::Automatic => None,
            To::Instance(id) => Some(id),
        };
        let operation = NewOperation {
            kind: Kind::Move,
            cause: Cause::Batch,
            asked_by: Some(ask.by),
            update_id: ask.update_id,
            screen: None,
            person_waits: false,
            region: None,
            wanted: target.cloned(),
            credentials: None,
            batch: None,
            not_before: now,
        };
        let source = match scope {
            Scope::Instance(id) => Some(id),
            Scope::Key(_) | Scope::Owner(_) => None,
        };
        let placed = plan.moves.iter().map(|(config, _)| *config);
        let keys: Vec<_> = placed.chain(plan.waiting.iter().copied()).collect();
        // The message that is edited as it goes on; the executor writes to the same slot.
        let letter = |batch| {
            let letter = Letter {
                chat: ask.by.0,
                lane: Lane::Reply,
                slot: Some(format!("batch:{batch}")),
                notice: Notice::BatchProgress { batch },
                screen: None,
            };
            letter.stored(now)
        };
        let new = NewBatch { by: ask.by, source, target, keys: &keys, operation: &operation };
        // Something began to work on each of them since the preview.
        let batch = self.core.store.begin_batch(&new, letter, now).await?.ok_or(PlanError::Changed)?;
        self.core.signals.mail.notify_one();
        self.core.signals.work.notify_one();
        Ok(batch)
    }

    /// What the update behind `ask` started in an earlier attempt to handle it.
    pub(super) async fn begun_by(&self, ask: &Ask) -> Result<Option<BatchId>, PlanError> {
        match ask.update_id {
            Some(update_id) => Ok(self.core.store.batch_begun_by(update_id).await?),
            None => Ok(None),
        }
    }

    /// How far it is. A set whose moves have all ended is done, and says so from then on.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn progress(&self, batch: BatchId) -> Result<Progress, PlanError> {
        let store = &self.core.store;
        let counts = store.batch_counts(batch).await?;
        let row = store.batch(batch).await?.ok_or(PlanError::NotFound)?;
        let over = counts.open == 0 && row.state == BatchState::Running;
        if over && counts.done + counts.cancelled >= row.total {
            store.set_batch_state(batch, BatchState::Done, self.core.clock.now()).await?;
        }
        let row = store.batch(batch).await?.ok_or(PlanError::NotFound)?;
        Ok(Progress {
            batch,
            by: row.by,
            source: row.source,
            target: row.target,
            total: row.total,
            done: counts.done,
            cancelled: counts.cancelled,
            waiting: counts.open,
            state: row.state,
            started_at: row.created_at,
            ended_at: row.ended_at,
        })
    }

    /// Stops for now, goes on, or stops for good; `false` when it ended before.
    ///
    /// # Errors
    /// The database.
    pub async fn set_state(&self, by: UserId, batch: BatchId, state: BatchState) -> Result<bool, PlanError> {
        let now = self.core.clock.now();
        let changed = self.core.store.set_batch_state(batch, state, now).await?;
        if changed {
            let detail = serde_json::json!({ "state": state });
            let subject = format!("batch {batch}");
            self.core.store.record(Some(by), "moves-changed", &subject, detail, now).await?;
            self.core.signals.work.notify_one();
        }
        Ok(changed)
    }

    /// The latest sets, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn recent(&self, limit: u32) -> Result<Vec<Progress>, PlanError> {
        let mut sets = Vec::new();
        for batch in self.core.store.recent_batches(u64::from(limit)).await? {
            sets.push(self.progress(batch.id).await?);
        }
        Ok(sets)
    }
}

/// Where a key would go: the location it has, before any other.
fn choose(
    planned: &mut Mirror,
    to: &To,
    here: Option<Region>,
    exclude: &[InstanceId],
    config: ConfigId,
    now: Timestamp,
) -> Option<InstanceId> {
    let wanted = match to {
        To::Automatic => None,
        To::Instance(id) => Some(id.clone()),
    };
    let near = if wanted.is_none() { here } else { None };
    let tie = config.0.unsigned_abs();
    let mut request =
        Request { region: near, exclude, wanted, urgency: Urgency::Evacuee, tie, ..Request::default() };
    let mut decision = planned.choose(&request, now);
    if decision.is_err() && request.region.is_some() {
        request.region = None;
        decision = planned.choose(&request, now);
    }
    decision.ok().map(|decision| decision.instance)
}

/// A number that two plans share only if they are the same: FNV-1a over how many go where and how many do not.
fn fingerprint(plan: &Plan) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut text = format!("{} {} {}", plan.moves.len(), plan.stranded, plan.skipped);
    for (config, _) in &plan.moves {
        text.push_str(&format!(" {config}"));
    }
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}
