//! Where keys go: the one mirror of the counters in this process, which contains its own decisions in flight.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use tokio::sync::{RwLock, RwLockReadGuard};

use crate::domain::instance::{Health, Instance};
use crate::domain::key::Role;
use crate::domain::placement::{
    Candidate, Decision, Explanation, Mirror, NoPlace, NodeFacts, Policy, Request,
};
use crate::domain::{InstanceId, Region, Timestamp};
use crate::store::instances::FleetStamp;
use crate::store::{Store, StoreError};

use super::news::News;
use super::together::Together;

/// Chooses instances. One lock around a mirror of the counters: the choice takes about a microsecond, and the database
/// has the last word.
///
/// A choice and its confirmation by the database happen within a [`Placer::turn`], and the mirror is refreshed between
/// turns only: so what the database shows never counts a choice twice.
pub struct Placer {
    mirror: Mutex<Mirror>,
    ramps: Mutex<BTreeMap<InstanceId, f64>>,
    turns: RwLock<()>,
    by_exit: bool,
    /// What [`Placer::follow`] saw of the fleet when it last read all of it.
    seen: Mutex<News<(FleetStamp, BTreeMap<InstanceId, f64>)>>,
    reading: Together,
}

impl Placer {
    /// A placer by `policy`; ties are broken by `seed`.
    #[must_use]
    pub fn new(seed: u64, policy: Policy) -> Self {
        Self {
            mirror: Mutex::new(Mirror::new(seed, policy)),
            ramps: Mutex::default(),
            turns: RwLock::new(()),
            by_exit: false,
            seen: Mutex::default(),
            reading: Together::default(),
        }
    }

    /// The same, for a service whose links are its own: they can put an exit first, so where exits leave the
    /// network is a location too.
    #[must_use]
    pub fn by_exit(mut self, links_are_ours: bool) -> Self {
        self.by_exit = links_are_ours;
        self
    }

    /// To be held from a choice until the database has confirmed or refused it. Many may hold one at once.
    pub async fn turn(&self) -> RwLockReadGuard<'_, ()> {
        self.turns.read().await
    }

    /// How far instances are back after an outage; from the next refresh on. Those not named are fully.
    pub fn ramp(&self, ramps: BTreeMap<InstanceId, f64>) {
        *self.ramps.lock().expect("never poisoned") = ramps;
    }

    /// Brings the mirror up to what the database says, as [`Placer::refresh`] does, for whoever does so all the time: of
    /// the fleet itself only as much is read as may have changed. To be called at least once a second.
    ///
    /// # Errors
    /// The database.
    pub async fn follow(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let stamp = store.fleet_stamp().await?;
        let ramps = self.ramps.lock().expect("never poisoned").clone();
        let is_news = self.seen.lock().expect("never poisoned").is_news((stamp, ramps), now);
        if is_news {
            let read = self.refresh(store).await;
            if read.is_err() {
                self.seen.lock().expect("never poisoned").forget();
            }
            return read;
        }
        let _between_turns = self.turns.write().await;
        let counters = store.counters().await?;
        self.mirror.lock().expect("never poisoned").recount(&counters);
        Ok(())
    }

    /// Brings the mirror up to what the database says. When many panels change at once, one reading is for all.
    ///
    /// # Errors
    /// The database.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        self.reading.run(self.read(store)).await
    }

    async fn read(&self, store: &Store) -> Result<(), StoreError> {
        let health: BTreeMap<_, _> = store.health().await?.into_iter().collect();
        let mut nodes: BTreeMap<InstanceId, (Vec<NodeFacts>, BTreeSet<Region>)> = BTreeMap::new();
        for (id, node) in store.nodes().await? {
            let (facts, exits) = nodes.entry(id).or_default();
            let fact = node.facts();
            exits.extend(node.region.filter(|_| self.by_exit && fact.serves()));
            facts.push(fact);
        }
        let instances = store.instances().await?;
        let candidates = {
            let ramps = self.ramps.lock().expect("never poisoned");
            let of = |instance: &Instance| {
                let health = health.get(&instance.id).map(|report| report.health);
                let (nodes, mut exits) = nodes.remove(&instance.id).unwrap_or_default();
                exits.remove(&instance.region);
                let exits = exits.into_iter().collect();
                let ramp = ramps.get(&instance.id).copied().unwrap_or(1.0);
                Candidate { ramp, nodes, exits, ..candidate(instance, health) }
            };
            instances.iter().map(of).collect()
        };
        let _between_turns = self.turns.write().await;
        let counters = store.counters().await?;
        self.mirror.lock().expect("never poisoned").refresh(candidates, &counters);
        Ok(())
    }

    /// Chooses, and takes the place in the mirror.
    ///
    /// # Errors
    /// No instance can take it.
    pub fn choose(&self, request: &Request<'_>, now: Timestamp) -> Result<Decision, NoPlace> {
        self.mirror.lock().expect("never poisoned").choose(request, now)
    }

    /// The database confirmed or dropped the choice: the mirror gives its own place in flight back, and the next
    /// refresh shows what the database counts.
    pub fn settle(&self, id: &InstanceId, taken: bool) {
        self.mirror.lock().expect("never poisoned").settle(id, taken);
    }

    /// The database let go of a key's account: its place is free for the next choice already. To be told within the
    /// [`Placer::turn`] in which it was let go.
    pub fn left(&self, id: &InstanceId, role: Role) {
        self.mirror.lock().expect("never poisoned").left(id, role);
    }

    /// Places free on an instance, as the mirror has them: what is in flight counts as taken.
    #[must_use]
    pub fn room(&self, id: &InstanceId) -> u32 {
        let mirror = self.mirror.lock().expect("never poisoned");
        let (Some(candidate), Some(counters)) = (mirror.candidate(id), mirror.counters(id)) else { return 0 };
        candidate.max_users.saturating_sub(counters.taken())
    }

    /// Whether an instance is filled beyond a share (such as 0.95) of its cap, as the mirror has it: what is in flight
    /// counts as taken.
    #[must_use]
    pub fn is_beyond(&self, id: &InstanceId, share: f64) -> bool {
        let mirror = self.mirror.lock().expect("never poisoned");
        is_beyond(&mirror, id, share)
    }

    /// The database says that the instance is full.
    pub fn full(&self, id: &InstanceId) {
        self.mirror.lock().expect("never poisoned").full(id);
    }

    /// Whether keys on the instance are served as far as is known, whatever the admins decided about new ones.
    #[must_use]
    pub fn serves(&self, id: &InstanceId) -> bool {
        let mirror = self.mirror.lock().expect("never poisoned");
        mirror.candidate(id).is_some_and(|candidate| match candidate.health {
            Health::Healthy | Health::Degraded | Health::Suspect | Health::Recovering | Health::Unknown => {
                true
            }
            Health::Unreachable
            | Health::ControlDown
            | Health::Down
            | Health::Misconfigured
            | Health::Blocked => false,
        })
    }

    /// Whether the last check of the instance was a good one.
    #[must_use]
    pub fn is_well(&self, id: &InstanceId) -> bool {
        let mirror = self.mirror.lock().expect("never poisoned");
        let health = mirror.candidate(id).map(|candidate| candidate.health);
        matches!(health, Some(Health::Healthy | Health::Degraded | Health::Recovering))
    }

    /// How an instance is, as the last refresh found it.
    #[must_use]
    pub fn health(&self, id: &InstanceId) -> Option<Health> {
        let mirror = self.mirror.lock().expect("never poisoned");
        mirror.candidate(id).map(|candidate| candidate.health)
    }

    /// Where the traffic of a key on an instance leaves the network: where its owner wants it to, if an exit of that
    /// instance does; else where the instance stands.
    #[must_use]
    pub fn place_of(&self, id: &InstanceId, wanted: Option<&Region>) -> Option<Region> {
        let mirror = self.mirror.lock().expect("never poisoned");
        let candidate = mirror.candidate(id)?;
        let wanted = wanted.filter(|region| candidate.reaches(region));
        Some(wanted.unwrap_or(&candidate.region).clone())
    }

    /// The locations that keys on an instance may be in.
    #[must_use]
    pub fn places_of(&self, id: &InstanceId) -> Vec<Region> {
        let mirror = self.mirror.lock().expect("never poisoned");
        let Some(candidate) = mirror.candidate(id) else { return Vec::new() };
        candidate.exits.iter().chain([&candidate.region]).cloned().collect()
    }

    /// Where an instance stands.
    #[must_use]
    pub fn region_of(&self, id: &InstanceId) -> Option<Region> {
        let mirror = self.mirror.lock().expect("never poisoned");
        mirror.candidate(id).map(|candidate| candidate.region.clone())
    }

    /// Whether a new key would find a place now, in `region` or anywhere.
    #[must_use]
    pub fn has_room(&self, region: Option<&Region>, now: Timestamp) -> bool {
        let request = Request { region: region.cloned(), ..Request::default() };
        self.explain(&request, now).chosen.is_some()
    }

    /// Where keys can be: where instances that we manage stand, and where exits of them leave the network.
    #[must_use]
    pub fn regions(&self) -> Vec<Region> {
        self.mirror.lock().expect("never poisoned").offered().into_iter().collect()
    }

    /// A copy of the mirror to plan with: what is chosen there takes no place anywhere.
    #[must_use]
    pub fn draft(&self) -> Mirror {
        self.mirror.lock().expect("never poisoned").clone()
    }

    /// What would be chosen, and why not the others.
    #[must_use]
    pub fn explain(&self, request: &Request<'_>, now: Timestamp) -> Explanation {
        self.mirror.lock().expect("never poisoned").explain(request, now)
    }
}

/// Whether an instance is filled beyond a share of its cap; one that is not known is.
pub(super) fn is_beyond(mirror: &Mirror, id: &InstanceId, share: f64) -> bool {
    let (Some(candidate), Some(counters)) = (mirror.candidate(id), mirror.counters(id)) else { return true };
    f64::from(counters.taken()) > (f64::from(candidate.max_users) * share).floor()
}

/// What placement needs to know of an instance.
fn candidate(instance: &Instance, health: Option<Health>) -> Candidate {
    Candidate::of(instance, health.unwrap_or(Health::Unknown))
}
