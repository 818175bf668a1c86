//! When what is due, and doing it.
//!
//! Checks of all instances go on side by side; nothing waits for a slow one. What a look finds is taken in by the
//! instance's machine at once, and what the machine asks for next is done at once, or put on the agenda.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rand::Rng;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::look::{self, Look};
use super::{Facts, Kept, complaints, is_watched};
use crate::domain::health::traffic::Hour;
use crate::domain::health::{Event, Machine, Panic, Seen, Standing, Step, Wish, slot_of};
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::instance::{Health, Instance};
use crate::domain::{InstanceId, Timestamp, UserId};
use crate::panel::{Overview, PanelError};
use crate::service::Core;
use crate::service::incidents::{Incidents, Report};
use crate::service::news::News;
use crate::service::replicas::FRESH;
use crate::service::watch::Watch;
use crate::store::instances::FleetStamp;
use crate::store::{Store, StoreError, flags};

/// How often the agenda is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// A look at the agenda that comes later than this was held up, and what it finds proves nothing.
const LATE: Duration = Duration::from_secs(1);
/// Looks at once.
const AT_ONCE: usize = 256;
/// Endpoints are looked at this often, to know which can be observed.
const ENDPOINTS: Duration = Duration::from_secs(60);
/// So are anchors.
const ANCHORS: Duration = Duration::from_secs(60);
/// What another uplink sees counts for this long.
const VOTE: Duration = Duration::from_secs(5);
/// A failure of the reference probes counts for this long.
const OWN_PATH: Duration = Duration::from_secs(30);

/// Takes in what was seen.
#[derive(Clone)]
pub struct Judge {
    look: Look,
}

impl Judge {
    /// Judges the instances of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { look: Look { core } }
    }

    fn core(&self) -> &Core {
        &self.look.core
    }

    fn now(&self) -> Timestamp {
        self.look.core.clock.now()
    }

    /// Makes sure that the machine of an instance is known: from what is stored, or anew.
    async fn meet(&self, id: &InstanceId) -> Result<(), StoreError> {
        if self.core().panels.looks().lock().instances.contains_key(id) {
            return Ok(());
        }
        let now = self.now();
        let (machine, stored) = stored_machine(&self.core().store, id, now).await?;
        // The first looks of many are spread over their interval.
        let spread = rand::rng().random::<f64>();
        let thresholds = &self.core().policy.care.health;
        let kept = Kept {
            machine,
            stored,
            odd: 0,
            quick_at: now + thresholds.check_interval.mul_f64(spread),
            detail_at: now,
            endpoints_at: now,
            links_read: false,
            confirm_at: Vec::new(),
            meters: std::collections::BTreeMap::new(),
            hour: Hour::default(),
            certificates_at: now,
            links_certificate: None,
            certificate_near: None,
            facts: Facts::default(),
        };
        self.core().panels.looks().lock().instances.entry(id.clone()).or_insert(kept);
        Ok(())
    }

    /// Takes in what was seen of an instance, and looks further as long as its machine asks for more.
    ///
    /// # Errors
    /// The database.
    pub async fn take(
        &self,
        id: &InstanceId,
        event: Event,
        problem: Option<&str>,
    ) -> Result<Health, StoreError> {
        self.meet(id).await?;
        let mut next = Some(event);
        let mut health = Health::Unknown;
        while let Some(event) = next.take() {
            let step;
            (health, step) = self.step(id, event);
            if step.own_path {
                self.core().panels.looks().lock().own_path_at = Some(self.now());
            }
            self.keep(id, problem).await?;
            if step.ask {
                self.ask(id).await?;
            }
            next = match step.wish {
                None | Some(Wish::Confirm) => None,
                Some(Wish::Data) => Some(Event::Data(self.look.data(id).await?)),
                Some(Wish::LastActs) => {
                    let reference = self.look.reference(id).await;
                    let timeout = self.core().policy.care.health.check_timeout;
                    let (control, data) = tokio::join!(self.look.control(id, timeout), self.look.data(id));
                    Some(Event::LastActs { reference, control, data: data? })
                }
            };
        }
        Ok(health)
    }

    /// One event into the machine; what it asks for later goes on the agenda.
    fn step(&self, id: &InstanceId, event: Event) -> (Health, Step) {
        let now = self.now();
        let thresholds = &self.core().policy.care.health;
        let mut seens = self.core().panels.looks().lock();
        let Some(kept) = seens.instances.get_mut(id) else { return (Health::Unknown, Step::default()) };
        match event {
            Event::Quick(seen) => kept.facts.quick = Some((now, seen)),
            Event::Detailed { .. } => kept.facts.quick = Some((now, Seen::Good)),
            Event::Data(data) | Event::LastActs { data, .. } => kept.facts.data = Some((now, data)),
            _ => {}
        }
        let step = kept.machine.on(event, thresholds, now);
        if step.wish == Some(Wish::Confirm) {
            let turns = 0..thresholds.confirmations;
            kept.confirm_at = turns.map(|turn| now + thresholds.confirm_every * turn).collect();
        }
        if kept.machine.failing_since().is_none() {
            kept.confirm_at.clear();
        }
        (kept.machine.health(), step)
    }

    /// Stores a state that changed, and lets placement and the log know.
    async fn keep(&self, id: &InstanceId, problem: Option<&str>) -> Result<(), StoreError> {
        if !self.core().leader.is_leader() {
            return Ok(()); // its machines only vote
        }
        let (before, health, machine) = {
            let seens = self.core().panels.looks().lock();
            let Some(kept) = seens.instances.get(id) else { return Ok(()) };
            let health = kept.machine.health();
            if kept.stored == Some(health) {
                return Ok(());
            }
            (kept.stored, health, serde_json::to_value(&kept.machine).unwrap_or_default())
        };
        let now = self.now();
        self.core().planning().store.set_health(id, health, machine, problem, now).await?;
        if let Some(kept) = self.core().panels.looks().lock().instances.get_mut(id) {
            kept.stored = Some(health);
        }
        tracing::info!(instance.id = id.as_str(), ?before, now = ?health, problem, "an instance's health changed");
        self.core().placer.refresh(&self.core().store).await?;
        self.core().signals.work.notify_one();
        self.tell(id, before, health, problem).await
    }

    /// Asks the admins whether everybody shall leave: the service may not decide that by itself.
    async fn ask(&self, id: &InstanceId) -> Result<(), StoreError> {
        if !self.core().leader.is_leader() {
            return Ok(());
        }
        let report = Report {
            kind: Kind::Instance,
            subject: id.to_string(),
            instance: Some(id.clone()),
            severity: Severity::Critical,
            affected: None,
            entry: Entry::AskEvacuate,
        };
        Incidents::new(self.core().clone()).report(&report).await.map(drop)
    }

    /// Tells the admins of a new state, on the one incident of this outage.
    async fn tell(
        &self,
        id: &InstanceId,
        before: Option<Health>,
        health: Health,
        problem: Option<&str>,
    ) -> Result<(), StoreError> {
        let incidents = Incidents::new(self.core().clone());
        let refused = problem == Some("refused");
        let (severity, entry) = match health {
            Health::Unknown => return Ok(()),
            // It lives: the mark has an incident of its own.
            Health::Blocked => return incidents.recovered(Kind::Instance, id.as_str()).await.map(drop),
            Health::Healthy | Health::Degraded => {
                if before.is_some_and(|before| before != Health::Unknown) {
                    incidents.recovered(Kind::Instance, id.as_str()).await?;
                }
                return Ok(());
            }
            Health::Suspect => (Severity::Info, Entry::Suspected),
            Health::ControlDown => (Severity::Warning, Entry::ControlDown),
            Health::Unreachable => (Severity::Critical, Entry::Unreachable),
            Health::Down => (Severity::Critical, Entry::Down { refused }),
            Health::Misconfigured => {
                let problem = problem.unwrap_or("foreign").to_owned();
                (Severity::Warning, Entry::Misconfigured { problem })
            }
            Health::Recovering => (Severity::Info, Entry::Recovering),
        };
        let affected = self.core().store.counters_of(id).await?.map(|counters| counters.active);
        let report = Report {
            kind: Kind::Instance,
            subject: id.to_string(),
            instance: Some(id.clone()),
            severity,
            // Whoever left since the beginning was affected all the same.
            affected: affected.filter(|_| health != Health::Recovering),
            entry,
        };
        incidents.report(&report).await.map(drop)
    }

    /// Takes in what a detailed check found; the state after it.
    ///
    /// # Errors
    /// The database.
    pub async fn detailed(
        &self,
        id: &InstanceId,
        found: &Result<Overview, PanelError>,
    ) -> Result<Health, StoreError> {
        match found {
            Ok(overview) if overview.core_started => {
                let nodes_down = overview.nodes.iter().any(|node| node.status.is_down());
                self.take(id, Event::Detailed { nodes_down }, None).await
            }
            Ok(_) => self.take(id, Event::Quick(Seen::Broken), Some("core-stopped")).await,
            Err(error) => {
                self.meet(id).await?;
                let seen = look::seen(error, self.look.others_answer(id));
                self.take(id, Event::Quick(seen), Some(error.word())).await
            }
        }
    }

    /// Takes down where the links of an account on this instance lead.
    ///
    /// # Errors
    /// The database.
    pub async fn note_endpoints(&self, id: &InstanceId, links: &[String]) -> Result<(), StoreError> {
        self.look.note_endpoints(id, links).await
    }

    /// An admin says that an instance cannot be reached by an audience although it lives, or that this is over.
    ///
    /// # Errors
    /// The database.
    pub async fn set_blocked(
        &self,
        by: UserId,
        id: &InstanceId,
        blocked: bool,
    ) -> Result<Health, StoreError> {
        let health = if self.core().leader.is_leader() {
            self.take(id, Event::Blocked(blocked), None).await?
        } else {
            self.mark(id, blocked).await?
        };
        let action = if blocked { "instance-blocked" } else { "instance-unblocked" };
        let (store, now) = (&self.core().store, self.now());
        store.record(Some(by), action, &format!("instance {id}"), serde_json::json!({}), now).await?;
        if !blocked {
            // What vantages have missed so far must not mark it again at once.
            store.overrule_sights(id).await?;
        }
        complaints::marked(self.core(), id, blocked).await?;
        Ok(health)
    }

    /// Stores a mark that an admin set here while another process keeps the machines: it reads what is stored.
    async fn mark(&self, id: &InstanceId, blocked: bool) -> Result<Health, StoreError> {
        let (store, now) = (&self.core().store, self.now());
        let mut machine = stored_machine(store, id, now).await?.0;
        machine.on(Event::Blocked(blocked), &self.core().policy.care.health, now);
        let health = machine.health();
        let stored = serde_json::to_value(&machine).unwrap_or_default();
        store.set_health(id, health, stored, None, now).await?;
        self.core().placer.refresh(store).await?;
        self.core().signals.work.notify_one();
        Ok(health)
    }

    /// The same for an account that was just made, if this process has read no links of the instance yet: where a new
    /// panel's users connect is looked at from its first key on, not only once accounts are sampled.
    ///
    /// # Errors
    /// The database.
    pub async fn first_links(&self, id: &InstanceId, links: &[String]) -> Result<(), StoreError> {
        if links.is_empty() {
            return Ok(());
        }
        // The first key may come before the first look.
        self.meet(id).await?;
        {
            let mut seens = self.core().panels.looks().lock();
            match seens.instances.get_mut(id) {
                Some(kept) if !kept.links_read => kept.links_read = true,
                _ => return Ok(()),
            }
        }
        self.note_endpoints(id, links).await?;
        let now = self.now();
        if let Some(kept) = self.core().panels.looks().lock().instances.get_mut(id) {
            kept.endpoints_at = now;
        }
        Ok(())
    }

    /// A real call to an instance ended, and counts beside the checks: several hard errors in a row bring one at once.
    /// An answer that says no is an answer, and trouble on our own path says nothing. What follows is stored with the
    /// next look.
    pub fn called<T>(&self, id: &InstanceId, answer: &Result<T, PanelError>) {
        let good = match answer {
            Ok(_)
            | Err(
                PanelError::NotFound
                | PanelError::Exists { .. }
                | PanelError::Invalid(_)
                | PanelError::Conflict(_),
            ) => true,
            Err(error) => match look::seen(error, self.look.others_answer(id)) {
                Seen::Refused | Seen::Silent | Seen::Broken => false,
                Seen::Good | Seen::Foreign | Seen::Front | Seen::Local => return,
            },
        };
        let _ = self.step(id, Event::Call { good });
    }
}

/// The machine of an instance as it is stored, or a new one, and the state that goes with it.
async fn stored_machine(
    store: &Store,
    id: &InstanceId,
    now: Timestamp,
) -> Result<(Machine, Option<Health>), StoreError> {
    let stored = store.health_of(id).await?;
    let machine = store.machine(id).await?.and_then(|machine| serde_json::from_value(machine).ok());
    let machine = machine.unwrap_or_else(|| {
        let (health, since) =
            stored.as_ref().map_or((Health::Unknown, now), |report| (report.health, report.since));
        Machine::new(health, since)
    });
    Ok((machine, stored.map(|report| report.health)))
}

/// Something to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    Quick,
    Confirm,
    Detail,
    Endpoints,
}

/// Looks after all instances.
#[derive(Clone)]
pub struct Rounds {
    judge: Judge,
    watch: Watch,
}

impl Rounds {
    /// Looks after the instances of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { judge: Judge::new(core.clone()), watch: Watch::new(core) }
    }

    fn core(&self) -> &Core {
        self.judge.core()
    }

    /// Looks at the agenda until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut jobs: JoinSet<()> = JoinSet::new();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let (mut instances, mut listed_at, mut listed) = (Vec::new(), None::<Timestamp>, News::default());
        let (mut anchors_at, mut last) = (self.core().clock.now(), self.core().clock.now());
        let mut led = self.core().leader.is_leader();
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {
                    self.write_down(true).await;
                    return;
                }
            }
            while jobs.try_join_next().is_some() {}
            let now = self.core().clock.now();
            // Held up, or the clock was set: what is under way meanwhile proves nothing.
            let void = (now - last).to_std().map_or(true, |passed| passed > LOOK + LATE);
            last = now;
            if listed_at.is_none_or(|at| now - at >= TimeDelta::seconds(1)) {
                match self.listed(&mut listed).await {
                    Ok(found) => (instances, listed_at) = (found.unwrap_or(instances), Some(now)),
                    // Without the database nothing is judged; looks go on when it is back.
                    Err(error) => {
                        tracing::warn!(error = format!("{error:#}"), "no instance is looked at");
                        continue;
                    }
                }
                let leads = self.core().leader.is_leader();
                if leads && !led {
                    // The former leader's word holds, as it does after a restart.
                    self.core().panels.looks().lock().instances.clear();
                }
                led = leads;
                if let Err(error) = self.agree().await {
                    tracing::warn!(error = format!("{error:#}"), "what other processes see is not known");
                }
                if let Err(error) = self.brake(&instances).await {
                    tracing::warn!(error = format!("{error:#}"), "the brake could not be looked at");
                }
                self.write_down(false).await;
            }
            if anchors_at <= now {
                anchors_at = now + ANCHORS;
                let judge = self.judge.clone();
                jobs.spawn(async move {
                    if judge.look.anchors().await {
                        judge.core().panels.looks().lock().own_path_at = Some(judge.now());
                    }
                });
            }
            match self.due(&instances, void).await {
                Ok(due) => {
                    for (id, job) in due {
                        let (rounds, places) = (self.clone(), places.clone());
                        jobs.spawn(async move {
                            let _place = places.acquire().await;
                            rounds.guarded(&id, job).await;
                        });
                    }
                }
                Err(error) => tracing::warn!(error = format!("{error:#}"), "no instance is looked at"),
            }
        }
    }

    /// The fleet, if it may have changed.
    async fn listed(&self, listed: &mut News<FleetStamp>) -> Result<Option<Vec<Instance>>, StoreError> {
        let store = &self.core().store;
        if !listed.is_news(store.fleet_stamp().await?, self.core().clock.now()) {
            return Ok(None);
        }
        let found = store.instances().await;
        if found.is_err() {
            listed.forget();
        }
        found.map(Some)
    }

    /// Everything that is due now, done and waited for. Stories call it by hand.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let instances = self.core().store.instances().await?;
        let due = self.due(&instances, false).await?;
        let count = due.len();
        futures::future::join_all(due.iter().map(|(id, job)| self.guarded(id, *job))).await;
        self.core().placer.refresh(&self.core().store).await?;
        self.agree().await?;
        self.brake(&instances).await?;
        self.write_down(false).await;
        Ok(count)
    }

    /// Looks at one instance now, at all there is to see of it.
    ///
    /// # Errors
    /// The database.
    pub async fn look_now(&self, id: &InstanceId) -> Result<(), StoreError> {
        self.judge.meet(id).await?;
        tokio::try_join!(self.perform(id, Job::Endpoints), self.perform(id, Job::Detail))?;
        self.core().placer.refresh(&self.core().store).await
    }

    /// Stores what checks found in five minutes that are over; `all`: also in those that are not. What cannot be stored
    /// now is kept for the next time, unless its instance is no more.
    async fn write_down(&self, all: bool) {
        let (now, store) = (self.core().clock.now(), &self.core().store);
        let until = if all { now + TimeDelta::seconds(1) } else { slot_of(now) };
        let sums = self.core().panels.looks().lock().history.take_before(until);
        for (id, slot, tally) in sums {
            if let Err(error) = store.add_checks(&id, slot, &tally).await {
                tracing::warn!(instance.id = id.as_str(), error = format!("{error:#}"), "no history is kept");
                let mut seens = self.core().panels.looks().lock();
                if seens.instances.contains_key(&id) {
                    seens.history.give_back(id, slot, tally);
                }
            }
        }
    }

    /// Asks the anchors, as the loop does each minute.
    pub async fn ask_anchors(&self) {
        if self.judge.look.anchors().await {
            self.core().panels.looks().lock().own_path_at = Some(self.judge.now());
        }
    }

    /// What is due now, each put on the agenda anew.
    async fn due(&self, instances: &[Instance], void: bool) -> Result<Vec<(InstanceId, Job)>, StoreError> {
        let now = self.core().clock.now();
        for instance in instances {
            self.judge.meet(&instance.id).await?;
        }
        let thresholds = &self.core().policy.care.health;
        let leads = self.core().leader.is_leader();
        let mut due = Vec::new();
        let mut seens = self.core().panels.looks().lock();
        let known: HashSet<&InstanceId> = instances.iter().map(|instance| &instance.id).collect();
        seens.instances.retain(|id, _| known.contains(id));
        for instance in instances.iter().filter(|instance| is_watched(instance, now)) {
            let Some(kept) = seens.instances.get_mut(&instance.id) else { continue };
            if void {
                kept.confirm_at.clear();
                continue;
            }
            let before = kept.confirm_at.len();
            kept.confirm_at.retain(|at| *at > now);
            due.extend((kept.confirm_at.len()..before).map(|_| (instance.id.clone(), Job::Confirm)));
            let own = instance.care.check_interval.map(|seconds| Duration::from_secs(seconds.max(1).into()));
            let jitter = rand::rng().random_range(0.9..1.0);
            let mut every = |at: &mut Timestamp, interval: Duration, job| {
                if *at <= now {
                    *at = now + interval.mul_f64(jitter);
                    due.push((instance.id.clone(), job));
                }
            };
            every(&mut kept.quick_at, own.unwrap_or(thresholds.check_interval), Job::Quick);
            // What only has to be known once is asked once.
            if leads {
                every(&mut kept.detail_at, thresholds.detailed_interval, Job::Detail);
            }
            every(&mut kept.endpoints_at, ENDPOINTS, Job::Endpoints);
        }
        Ok(due)
    }

    async fn guarded(&self, id: &InstanceId, job: Job) {
        if let Err(error) = self.perform(id, job).await {
            tracing::warn!(instance.id = id.as_str(), error = format!("{error:#}"), "a look came to nothing");
        }
    }

    async fn perform(&self, id: &InstanceId, job: Job) -> Result<(), StoreError> {
        let thresholds = &self.core().policy.care.health;
        match job {
            Job::Quick => {
                let seen = self.judge.look.quick(id, thresholds.check_timeout).await;
                self.judge.take(id, Event::Quick(seen), word(seen)).await.map(drop)
            }
            Job::Confirm => {
                let seen = self.judge.look.control(id, thresholds.confirm_timeout).await;
                self.judge.take(id, Event::Confirmation(seen), word(seen)).await.map(drop)
            }
            Job::Detail => {
                // What it finds is taken in there; an instance that was taken out meanwhile is no trouble.
                let _ = self.watch.look(id).await;
                Ok(())
            }
            Job::Endpoints => {
                self.judge.look.learn(id).await?;
                self.judge.look.certificates(id).await?;
                let misconfigured = {
                    let seens = self.core().panels.looks().lock();
                    let health = seens.instances.get(id).map(|kept| kept.machine.health());
                    health == Some(Health::Misconfigured)
                };
                if misconfigured {
                    let data = self.judge.look.data(id).await?;
                    self.judge.take(id, Event::Data(data), None).await?;
                }
                Ok(())
            }
        }
    }

    /// Holds what this process sees against what is stored and against what others see. The leader's machines are what
    /// is stored; if somebody else stored another state, such as an admin's mark, they go on from there. All vote; who is
    /// there on another uplink and does not vote hears what we do not.
    async fn agree(&self) -> Result<(), StoreError> {
        let core = self.core();
        if !core.leader.is_elected() {
            return Ok(());
        }
        let (store, now) = (&core.store, core.clock.now());
        let mut stale = Vec::new();
        let dead: Vec<InstanceId> = {
            let reports = store.health().await?;
            let mut seens = core.panels.looks().lock();
            for (id, report) in reports {
                let Some(kept) = seens.instances.get_mut(&id) else { continue };
                // Twice in a row: what was read may just have been overtaken by a change of our own.
                kept.odd = if kept.stored == Some(report.health) { 0 } else { kept.odd + 1 };
                if kept.odd > 1 {
                    stale.push(id);
                }
            }
            let dead = seens.instances.iter().filter(|(_, kept)| kept.machine.sees_it_dead());
            dead.map(|(id, _)| id.clone()).collect()
        };
        for id in stale {
            let (machine, stored) = stored_machine(store, &id, now).await?;
            let mut seens = core.panels.looks().lock();
            let Some(kept) = seens.instances.get_mut(&id) else { continue };
            (kept.stored, kept.odd) = (stored, 0);
            if core.leader.is_leader() {
                kept.machine = machine;
            }
        }
        let vantage = &core.policy.care.vantage;
        for id in &dead {
            store.vote(id, vantage, now).await?;
        }
        let voted = store.votes_of_others(vantage, now - VOTE).await?;
        for id in &voted {
            if core.panels.looks().lock().instances.contains_key(id) {
                let _ = self.judge.step(id, Event::Vote);
            }
        }
        let disputed: Vec<_> = dead.iter().filter(|id| !voted.contains(id)).collect();
        if !disputed.is_empty() {
            let all = store.replicas(FRESH, now).await?;
            if all.iter().any(|replica| replica.vantage != *vantage) {
                for id in disputed {
                    let _ = self.judge.step(id, Event::Dissent);
                }
            }
        }
        Ok(())
    }

    /// Looks at the fleet as a whole, and raises or lowers the panic flag.
    async fn brake(&self, instances: &[Instance]) -> Result<(), StoreError> {
        let now = self.core().clock.now();
        if !self.core().leader.is_leader() {
            return self.follow(instances, now).await;
        }
        let planning = self.core().planning();
        let store = &planning.store;
        let thresholds = &self.core().policy.care.health;
        self.core().placer.ramp(self.core().panels.looks().ramps(thresholds, now));
        let raised = store.is_raised(flags::PANIC).await?;
        let down = {
            let seens = self.core().panels.looks().lock();
            seens.instances.values().any(|kept| kept.machine.health() == Health::Down)
        };
        // Only of the dead it matters whether somebody is left.
        let counters = if down { store.counters().await? } else { Vec::new() };
        let counters: HashMap<_, _> = counters.into_iter().collect();
        let (before, next) = {
            let mut seens = self.core().panels.looks().lock();
            let in_service = instances.iter().filter(|instance| is_watched(instance, now));
            let fleet: Vec<Standing> = in_service
                .filter_map(|instance| {
                    let kept = seens.instances.get(&instance.id)?;
                    let health = kept.machine.health();
                    let active = counters.get(&instance.id).map_or(0, |counters| counters.active);
                    Some(Standing {
                        instance: instance.id.clone(),
                        health,
                        bad_since: kept.machine.failing_since().unwrap_or(kept.machine.since()),
                        evacuated: health == Health::Down && active == 0,
                    })
                })
                .collect();
            let failed = seens.own_path_at.is_some_and(|at| now - OWN_PATH <= at);
            let reference = if failed { Some(false) } else { Some(true) };
            let mut before = seens.panic.clone();
            // What is stored has the last word: an admin may have lowered it, another process raised it.
            if before.since.is_some() && !raised {
                before = before.resumed(now);
            } else if before.since.is_none() && raised {
                before = Panic { since: Some(now), ..before };
            }
            let next = before.next(&fleet, reference, thresholds, now);
            seens.panic = next.clone();
            (before, next)
        };
        match (before.since, next.since) {
            (None, Some(_)) => {
                let facts =
                    serde_json::json!({ "bad": next.bad, "total": next.total, "own_path": next.own_path });
                store.raise_flag(flags::PANIC, facts, now).await?;
                let report = Report {
                    kind: Kind::Panic,
                    subject: "fleet".to_owned(),
                    instance: None,
                    severity: Severity::Critical,
                    affected: None,
                    entry: Entry::PanicEntered { bad: next.bad, total: next.total, own_path: next.own_path },
                };
                Incidents::new(self.core().clone()).report(&report).await?;
                tracing::warn!(
                    bad = next.bad,
                    total = next.total,
                    own_path = next.own_path,
                    "panic: nothing is moved"
                );
            }
            (Some(_), None) => {
                store.lower_flag(flags::PANIC, serde_json::json!({ "by": "itself" }), now).await?;
                let incidents = Incidents::new(self.core().clone());
                incidents.close(Kind::Panic, "fleet", Entry::PanicLeft { by: None }).await?;
                tracing::info!("the panic is over");
                self.core().signals.work.notify_one();
            }
            _ => {}
        }
        Ok(())
    }
}

impl Rounds {
    /// Without the lead, what is stored says how far instances are back after an outage.
    async fn follow(&self, instances: &[Instance], now: Timestamp) -> Result<(), StoreError> {
        let (core, mut ramps) = (self.core(), std::collections::BTreeMap::new());
        let thresholds = &core.policy.care.health;
        for (id, report) in core.store.health().await? {
            if report.health == Health::Recovering && instances.iter().any(|instance| instance.id == id) {
                let ramp = stored_machine(&core.store, &id, now).await?.0.ramp(thresholds, now);
                ramps.insert(id, ramp);
            }
        }
        ramps.retain(|_, ramp| *ramp < 1.0);
        core.placer.ramp(ramps);
        Ok(())
    }
}

/// A failure in a word, as checks store it.
fn word(seen: Seen) -> Option<&'static str> {
    match seen {
        Seen::Good => None,
        Seen::Refused => Some("refused"),
        Seen::Silent => Some("timeout"),
        Seen::Broken => Some("server-error"),
        Seen::Foreign => Some("foreign"),
        Seen::Front => Some("too-many"),
        Seen::Local => Some("unreachable"),
    }
}
