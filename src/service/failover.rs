//! Everybody leaves a dead instance, by the service itself or because an admin says so.
//!
//! [`Failover::tick`] looks at levels, not edges: instances that are `Down` for longer than `EVACUATE_AFTER`, and
//! evacuations that go on. It may run twice, or in two processes: what is planned stands in the database, is planned
//! once, and is carried out by the one executor; a process that takes over goes on with it.
//!
//! What stands against it, each checked in the transaction that begins:
//!
//! - *panic*, a pause or a hold: [`crate::store::flags`], which stand in every claim and before every write as well;
//! - the instance is not down any more, or only anew: the plan names the outage it is made for;
//! - a tenth of the fleet (and at least one) is being evacuated already;
//! - `FAILOVER=ask|off`, maintenance, observe mode; and no state but `Down` ever begins one.
//!
//! If the instance returns, whoever has not begun stays, and nobody moves back. Absent on purpose: finding out that an
//! instance is down, telling admins in words, deleting what was left behind (it lingers; see the executor).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::failover::{self, Evacuee, Limits, Plan, Source};
use crate::domain::incident::{self, Entry, Severity};
use crate::domain::instance::{AdminState, FailoverMode, Health, Instance, Mode};
use crate::domain::key::Standing;
use crate::domain::operation::{Cause, Kind};
use crate::domain::{BatchId, ConfigId, IncidentId, InstanceId, OperationId, Timestamp, UserId};
use crate::store::StoreError;
use crate::store::batches::BatchState;
use crate::store::evacuations::{BegunEvacuation, Course, Evacuation, NewEvacuation};
use crate::store::flags::{EVACUATIONS_PAUSED, HOLD, PANIC};
use crate::store::operations::{Begun, NewOperation};

use super::Core;
use super::incidents::{Incidents, Report};

/// Progress is told at most this often.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Something that admins are told of an evacuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The instance that everybody leaves.
    pub instance: InstanceId,
    /// The set of moves, if there is one.
    pub batch: Option<BatchId>,
    /// What.
    pub what: What,
}

/// What happened to an evacuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It begins.
    Planned {
        /// Keys that leave or wait for room.
        total: u32,
        /// How many go where.
        per_target: Vec<(InstanceId, u32)>,
        /// How many find no place.
        stranded: u32,
    },
    /// So many of all are served elsewhere.
    Progress {
        /// Served elsewhere.
        done: u32,
        /// All.
        total: u32,
    },
    /// Nobody is left to be moved.
    Done {
        /// Served elsewhere.
        moved: u32,
        /// Given up on the way: revoked, used up, or moved otherwise.
        stayed: u32,
    },
    /// The instance is back, or an admin stopped it: so many stay.
    Cancelled {
        /// Keys that stay.
        left: u32,
    },
    /// It stops for now; `None`: in panic.
    Paused {
        /// Who paused it.
        by: Option<UserId>,
    },
    /// It goes on; `None`: by itself.
    Resumed {
        /// Who let it.
        by: Option<UserId>,
    },
    /// It would begin, but only when an admin says so.
    Ask,
}

/// Why an admin's wish is refused.
#[derive(Debug, thiserror::Error)]
pub enum EvacuateError {
    /// No such instance or evacuation.
    #[error("nothing of that name")]
    NotFound,
    /// Nobody is there.
    #[error("nothing to move")]
    Empty,
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// What this process told already. Lost with it, and then told once more at most.
#[derive(Debug, Default)]
struct Told {
    progress: HashMap<BatchId, (Timestamp, Course)>,
    asked: HashSet<(InstanceId, Timestamp)>,
}

/// Evacuations. Cheap to clone.
#[derive(Clone)]
pub struct Failover {
    core: Core,
    told: Arc<Mutex<Told>>,
}

impl Failover {
    /// Evacuations over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core, told: Arc::default() }
    }

    /// Looks once at everything, and does what is due. What happened is told to the admins, and returned.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<Vec<Event>, StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let down: HashMap<InstanceId, Timestamp> = store.down().await?.into_iter().collect();
        let down_since = |id: &InstanceId| down.get(id).copied();
        let mut events = Vec::new();
        store.cancel_leaving(now).await?;
        for evacuation in store.evacuations().await? {
            let is_back =
                evacuation.down_since.is_some() && down_since(&evacuation.source) != evacuation.down_since;
            if is_back {
                events.extend(self.stop(&evacuation, now).await?);
            } else {
                events.extend(self.follow(&evacuation, now).await?);
            }
        }
        let instances = if down.is_empty() { Vec::new() } else { store.instances().await? };
        let mut dead: Vec<(Timestamp, &Instance)> =
            instances.iter().filter_map(|instance| Some((down_since(&instance.id)?, instance))).collect();
        dead.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
        for (since, instance) in &dead {
            if store.leave_targets_on(&instance.id, now).await? > 0 {
                self.core.signals.work.notify_one();
            }
            if self.is_due(instance, *since, now) && store.left_behind_on(&instance.id, now).await? > 0 {
                match instance.care.failover.unwrap_or(self.core.policy.care.failover) {
                    FailoverMode::Auto => {
                        let at_once = at_once(instances.len());
                        events.extend(self.evacuate_dead(instance, *since, at_once, now).await?);
                    }
                    FailoverMode::Ask => events.extend(self.ask(&instance.id, *since)),
                    FailoverMode::Off => {}
                }
            }
        }
        for event in &events {
            self.tell(event).await?;
        }
        Ok(events)
    }

    /// Whether those leave who do not ask.
    fn is_due(&self, instance: &Instance, since: Timestamp, now: Timestamp) -> bool {
        is_looked_after(instance, now) && since + self.core.policy.care.evacuate_after <= now
    }

    /// Begins the evacuation of a dead instance, or adds to it whoever is left, unless something stands against it.
    async fn evacuate_dead(
        &self,
        instance: &Instance,
        since: Timestamp,
        at_once: u32,
        now: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        let store = &self.core.store;
        // The transaction asks again; this spares planning for nothing each second.
        for flag in [PANIC, HOLD, EVACUATIONS_PAUSED] {
            if store.is_raised(flag).await? {
                return Ok(None);
            }
        }
        let running = store.evacuations().await?;
        let same = |at: &&Evacuation| at.source == instance.id && at.down_since == Some(since);
        let batch = running.iter().find(same);
        if batch.is_some_and(|batch| batch.state == BatchState::Paused) {
            return Ok(None);
        }
        let asked = batch.is_some_and(|batch| !batch.automatic);
        let plan = if asked {
            self.plan(&instance.id, now).await?
        } else {
            let keys = store.evacuees_unasked(&instance.id, now).await?;
            self.plan_for(&instance.id, keys, now).await?
        };
        let new = NewEvacuation {
            source: &instance.id,
            down_since: Some(since),
            by: batch.filter(|batch| !batch.automatic).map(|batch| batch.by),
            batch: batch.map(|batch| batch.batch),
            incident: self.incident_of(&instance.id).await?,
            plan: &plan,
            at_once,
            installation: &self.core.installation,
        };
        self.begin(&new, now).await
    }

    /// The instance's incident, if one is open.
    async fn incident_of(&self, instance: &InstanceId) -> Result<Option<IncidentId>, StoreError> {
        let incidents = Incidents::new(self.core.clone());
        let open = incidents.open_of(incident::Kind::Instance, instance.as_str()).await?;
        Ok(open.map(|incident| incident.id))
    }

    /// Who would go where, by the counts of this moment.
    ///
    /// # Errors
    /// The database.
    pub async fn plan(&self, source: &InstanceId, now: Timestamp) -> Result<Plan, StoreError> {
        let keys = self.core.store.evacuees(source, now).await?;
        self.plan_for(source, keys, now).await
    }

    async fn plan_for(
        &self,
        source: &InstanceId,
        keys: Vec<Evacuee>,
        now: Timestamp,
    ) -> Result<Plan, StoreError> {
        self.core.placer.refresh(&self.core.store).await?;
        let draft = self.core.placer.draft();
        let Some(home) = draft.candidate(source).map(Source::of) else { return Ok(Plan::default()) };
        let fleet: Vec<_> = draft
            .candidates()
            .map(|candidate| (candidate.clone(), draft.counters(&candidate.id).unwrap_or_default()))
            .collect();
        Ok(failover::plan(&home, &fleet, keys, Limits::default(), now))
    }

    async fn begin(&self, new: &NewEvacuation<'_>, now: Timestamp) -> Result<Option<Event>, StoreError> {
        let (batch, begun) = match self.core.store.begin_evacuation(new, now).await? {
            BegunEvacuation::Yes { batch, begun } if begun > 0 => (batch, begun),
            BegunEvacuation::Yes { .. } | BegunEvacuation::NotDown | BegunEvacuation::Stopped => {
                return Ok(None);
            }
            BegunEvacuation::Enough => {
                tracing::warn!(instance.id = new.source.as_str(), "waits until other evacuations are over");
                return Ok(None);
            }
        };
        let stranded = u32::try_from(new.plan.stranded.len()).unwrap_or(u32::MAX);
        let source = new.source.as_str();
        tracing::warn!(instance.id = source, begun, stranded, "everybody leaves instance {source}");
        self.core.placer.refresh(&self.core.store).await?;
        self.core.signals.work.notify_one();
        let what = What::Planned { total: begun, per_target: new.plan.per_target.clone(), stranded };
        Ok(Some(Event { instance: new.source.clone(), batch: Some(batch), what }))
    }

    /// How far an evacuation is; it ends when nobody is left.
    async fn follow(&self, evacuation: &Evacuation, now: Timestamp) -> Result<Option<Event>, StoreError> {
        let course = self.core.store.evacuation_course(evacuation.batch).await?;
        let event = |what| Event { instance: evacuation.source.clone(), batch: Some(evacuation.batch), what };
        if course.open + course.stranded == 0 {
            let ended = self.core.store.set_batch_state(evacuation.batch, BatchState::Done, now).await?;
            self.told.lock().expect("never poisoned").progress.remove(&evacuation.batch);
            let (moved, stayed) = (course.moved, course.stayed);
            tracing::info!(
                instance.id = evacuation.source.as_str(),
                moved,
                stayed,
                elapsed_ms = (now - evacuation.created_at).num_milliseconds(),
                "an evacuation is over"
            );
            return Ok(ended.then(|| event(What::Done { moved, stayed })));
        }
        let mut told = self.told.lock().expect("never poisoned");
        let (at, before) =
            told.progress.entry(evacuation.batch).or_insert((evacuation.created_at, Course::default()));
        if before.moved == course.moved || *at + TELL_EVERY > now {
            return Ok(None);
        }
        (*at, *before) = (now, course);
        Ok(Some(event(What::Progress { done: course.moved, total: evacuation.total })))
    }

    /// Stops an evacuation for good: whoever has not begun stays.
    async fn stop(&self, evacuation: &Evacuation, now: Timestamp) -> Result<Option<Event>, StoreError> {
        let Some(left) = self.core.store.cancel_evacuation(evacuation.batch, now).await? else {
            return Ok(None);
        };
        self.told.lock().expect("never poisoned").progress.remove(&evacuation.batch);
        self.core.placer.refresh(&self.core.store).await?;
        self.core.signals.work.notify_one();
        tracing::info!(instance.id = evacuation.source.as_str(), left, "an evacuation was stopped");
        let (instance, batch) = (evacuation.source.clone(), Some(evacuation.batch));
        Ok(Some(Event { instance, batch, what: What::Cancelled { left } }))
    }

    /// Asks the admins, once for each outage.
    fn ask(&self, instance: &InstanceId, since: Timestamp) -> Option<Event> {
        let mut told = self.told.lock().expect("never poisoned");
        let fresh = told.asked.insert((instance.clone(), since));
        fresh.then(|| Event { instance: instance.clone(), batch: None, what: What::Ask })
    }

    /// Tells the admins, on the instance's incident. What only goes on with a story is not told of one that is over.
    async fn tell(&self, event: &Event) -> Result<(), StoreError> {
        let incidents = Incidents::new(self.core.clone());
        let subject = event.instance.to_string();
        let opens = matches!(event.what, What::Planned { .. } | What::Ask);
        if !opens && incidents.open_of(incident::Kind::Instance, &subject).await?.is_none() {
            return Ok(());
        }
        let affected = match event.what {
            What::Planned { total, .. } => Some(total),
            _ => None,
        };
        let report = Report {
            kind: incident::Kind::Instance,
            subject,
            instance: Some(event.instance.clone()),
            severity: Severity::Critical,
            affected,
            entry: entry(&event.what),
        };
        incidents.report(&report).await?;
        Ok(())
    }

    /// Serves a key elsewhere at once, because its owner asks and its instance is down, long before it would be its
    /// turn. `None`: its instance is not down, or its keys are not moved by the service.
    ///
    /// # Errors
    /// The database.
    pub async fn serve_now(
        &self,
        config: ConfigId,
        asked_by: Option<UserId>,
    ) -> Result<Option<OperationId>, StoreError> {
        let store = &self.core.store;
        let now = self.core.clock.now();
        let Some(key) = store.key(config).await? else { return Ok(None) };
        let Some(primary) = key.primary() else { return Ok(None) };
        let report = store.health_of(&primary.instance).await?;
        if report.is_none_or(|report| report.health != Health::Down)
            || key.config.standing(key.used_total(), now) != Standing::Live
        {
            return Ok(None);
        }
        let Some(instance) = store.instance(&primary.instance).await? else { return Ok(None) };
        let mode = instance.care.failover.unwrap_or(self.core.policy.care.failover);
        if mode != FailoverMode::Auto || !is_looked_after(&instance, now) {
            return Ok(None);
        }
        let new = NewOperation {
            kind: Kind::Move,
            cause: Cause::Failover,
            asked_by,
            update_id: None,
            screen: None,
            person_waits: true,
            region: None,
            wanted: None,
            credentials: None,
            batch: None,
            not_before: now,
        };
        let begun = store.begin_leaving(config, &primary.instance, &new, now).await?;
        self.core.signals.work.notify_one();
        Ok(match begun {
            Some(Begun::Fresh(operation, _) | Begun::Same(operation, _) | Begun::Next(operation, _)) => {
                Some(operation)
            }
            Some(Begun::TooMany | Begun::NotFound) | None => None,
        })
    }

    /// An admin moves everybody away from an instance, whatever its state, and in panic too. Those that the service
    /// moves already become the admin's.
    ///
    /// # Errors
    /// `NotFound`, `Empty`, the database.
    pub async fn evacuate(&self, by: UserId, instance: &InstanceId) -> Result<BatchId, EvacuateError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        store.instance(instance).await?.ok_or(EvacuateError::NotFound)?;
        let report = store.health_of(instance).await?;
        let down_since = report.filter(|report| report.health == Health::Down).map(|report| report.since);
        let running = store.evacuations().await?;
        let running = running.iter().find(|at| at.source == *instance && at.down_since == down_since);
        if let Some(running) = running {
            store.adopt_evacuation(running.batch, by, now).await?;
        }
        let plan = self.plan(instance, now).await?;
        let new = NewEvacuation {
            source: instance,
            down_since,
            by: Some(by),
            batch: running.map(|running| running.batch),
            incident: self.incident_of(instance).await?,
            plan: &plan,
            at_once: u32::MAX,
            installation: &self.core.installation,
        };
        let event = self.begin(&new, now).await?;
        let batch = event.as_ref().and_then(|event| event.batch).or(new.batch).ok_or(EvacuateError::Empty)?;
        let detail = serde_json::json!({ "batch": batch, "moves": plan.moves.len() });
        store.record(Some(by), "evacuation-started", &format!("instance {instance}"), detail, now).await?;
        if let Some(event) = &event {
            self.tell(event).await?;
        }
        self.core.signals.work.notify_one();
        Ok(batch)
    }

    /// An admin stops all that the service evacuates, for now. Before the next write to a panel, everything holds.
    /// `false`: it was so.
    ///
    /// # Errors
    /// The database.
    pub async fn pause(&self, by: UserId) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let raised = store.raise_flag(EVACUATIONS_PAUSED, serde_json::json!({ "by": by }), now).await?;
        if raised {
            store.record(Some(by), "evacuations-paused", "fleet", serde_json::Value::Null, now).await?;
            for evacuation in store.evacuations().await? {
                let what = What::Paused { by: Some(by) };
                let (instance, batch) = (evacuation.source, Some(evacuation.batch));
                self.tell(&Event { instance, batch, what }).await?;
            }
        }
        Ok(raised)
    }

    /// An admin lets evacuations go on, after a pause or in panic. `false`: nothing stood against them.
    ///
    /// # Errors
    /// The database.
    pub async fn resume(&self, by: UserId) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let facts = serde_json::json!({ "by": by });
        let unpaused = store.lower_flag(EVACUATIONS_PAUSED, facts.clone(), now).await?;
        let calmed = store.lower_flag(PANIC, facts, now).await?;
        if unpaused || calmed {
            let detail = serde_json::json!({ "panic": calmed });
            store.record(Some(by), "evacuations-resumed", "fleet", detail, now).await?;
            for evacuation in store.evacuations().await? {
                let what = What::Resumed { by: Some(by) };
                let (instance, batch) = (evacuation.source, Some(evacuation.batch));
                self.tell(&Event { instance, batch, what }).await?;
            }
            self.core.signals.work.notify_one();
        }
        Ok(unpaused || calmed)
    }

    /// An admin stops one evacuation for good: how many stay.
    ///
    /// # Errors
    /// `NotFound` when it had ended, the database.
    pub async fn finish(&self, by: UserId, batch: BatchId) -> Result<u32, EvacuateError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let evacuation = store.evacuation(batch).await?.ok_or(EvacuateError::NotFound)?;
        let event = self.stop(&evacuation, now).await?.ok_or(EvacuateError::NotFound)?;
        self.tell(&event).await?;
        let What::Cancelled { left } = event.what else { return Err(EvacuateError::NotFound) };
        let detail = serde_json::json!({ "left": left });
        store.record(Some(by), "evacuation-stopped", &format!("batch {batch}"), detail, now).await?;
        Ok(left)
    }
}

/// The line of the timeline.
fn entry(what: &What) -> Entry {
    match what.clone() {
        What::Planned { total, per_target, stranded } => {
            Entry::EvacuationPlanned { total, per_target, stranded }
        }
        What::Progress { done, total } => Entry::EvacuationProgress { done, total },
        // Who finds no place goes on waiting, so an evacuation that is over has none of them.
        What::Done { moved, stayed } => Entry::EvacuationDone { moved, stranded: 0, stayed },
        What::Cancelled { left } => Entry::EvacuationCancelled { left },
        What::Paused { by } => Entry::EvacuationPaused { by },
        What::Resumed { by } => Entry::EvacuationResumed { by },
        What::Ask => Entry::AskEvacuate,
    }
}

/// How many instances may be evacuated at once by the service: a tenth, and at least one.
fn at_once(instances: usize) -> u32 {
    u32::try_from(instances / 10).unwrap_or(u32::MAX).max(1)
}

/// Whether the service moves keys away from an instance at all.
fn is_looked_after(instance: &Instance, now: Timestamp) -> bool {
    let maintained = match instance.admin_state {
        AdminState::Maintenance { until } => until.is_none_or(|until| until > now),
        AdminState::Open | AdminState::Cordoned => false,
    };
    instance.mode == Mode::Manage && !maintained
}
