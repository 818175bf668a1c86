//! Where a key goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::instance::{AdminState, Counters, Health, Mode, Weight};
use super::{InstanceId, Region, Timestamp};

/// What placement needs to know of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its id.
    pub id: InstanceId,
    /// Its location.
    pub region: Region,
    /// Who hosts it.
    pub provider: Option<String>,
    /// Its labels.
    pub tags: Vec<String>,
    /// What we may do there.
    pub mode: Mode,
    /// What the admins decided.
    pub admin_state: AdminState,
    /// What the checks found.
    pub health: Health,
    /// Its tier.
    pub priority: u16,
    /// Its share within the tier.
    pub weight: Weight,
    /// Its cap.
    pub max_users: u32,
    /// How much of the group's mean load it may take: 1 is all.
    pub ramp: f64,
    /// Its traffic rate over its bandwidth cap.
    pub rate_share: Option<f64>,
    /// Its worker servers.
    pub nodes: Vec<NodeFacts>,
}

/// What placement needs to know of a worker server.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeFacts {
    /// Whether it serves.
    pub connected: bool,
    /// Not offered to users.
    pub hidden: bool,
    /// Its multiplier.
    pub usage_coefficient: f64,
    /// Its recent traffic, in GiB.
    pub traffic_gb: f64,
    /// Users that prefer it.
    pub active_users: u32,
}

/// How urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Urgency {
    /// A new key.
    #[default]
    Newcomer,
    /// A key that must leave where it is.
    Evacuee,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// Only there.
    pub region: Option<Region>,
    /// Not there.
    pub exclude: &'a [InstanceId],
    /// Only this one.
    pub wanted: Option<InstanceId>,
    /// How urgent.
    pub urgency: Urgency,
    /// Breaks ties.
    pub tie: u64,
}

/// The choice and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The choice.
    pub instance: InstanceId,
    /// Why.
    pub reason: Reason,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The load of the chosen one.
    pub load: f64,
}

/// No instance can take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlace;

/// All candidates with their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What would be chosen.
    pub chosen: Option<InstanceId>,
}

/// How to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The share of a tier's caps past which the next tier is used.
    pub spill_at: f64,
}

/// The counters of this process.
#[derive(Debug, Clone)]
pub struct Mirror {
    candidates: BTreeMap<InstanceId, (Candidate, Counters)>,
    in_flight: BTreeMap<InstanceId, u32>,
}

impl Mirror {
    /// An empty one.
    #[must_use]
    pub fn new(_seed: u64, _policy: Policy) -> Self {
        Self { candidates: BTreeMap::new(), in_flight: BTreeMap::new() }
    }

    /// Brings it up to date.
    pub fn refresh(&mut self, candidates: Vec<Candidate>, counters: &[(InstanceId, Counters)]) {
        self.candidates = candidates
            .into_iter()
            .filter_map(|c| {
                let counters = counters.iter().find(|(id, _)| *id == c.id)?.1;
                Some((c.id.clone(), (c, counters)))
            })
            .collect();
    }

    /// One candidate.
    #[must_use]
    pub fn candidate(&self, id: &InstanceId) -> Option<&Candidate> {
        self.candidates.get(id).map(|(candidate, _)| candidate)
    }

    /// All candidates.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.values().map(|(candidate, _)| candidate)
    }

    fn best(&self, request: &Request<'_>, now: Timestamp) -> Option<(InstanceId, f64)> {
        self.candidates
            .values()
            .filter(|(c, n)| {
                let mine = self.in_flight.get(&c.id).copied().unwrap_or(0);
                c.mode == Mode::Manage
                    && c.admin_state.accepts(now)
                    && matches!(c.health, Health::Healthy | Health::Degraded | Health::Suspect)
                    && request.region.as_ref().is_none_or(|region| *region == c.region)
                    && request.wanted.as_ref().is_none_or(|wanted| *wanted == c.id)
                    && !request.exclude.contains(&c.id)
                    && n.taken() + mine < c.max_users
            })
            .map(|(c, n)| {
                let mine = self.in_flight.get(&c.id).copied().unwrap_or(0);
                let load = f64::from(n.load() + mine + 1) / (f64::from(c.max_users) * c.weight.get());
                (c.id.clone(), load)
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Chooses, and takes the place.
    ///
    /// # Errors
    /// None can take it.
    pub fn choose(&mut self, request: &Request<'_>, now: Timestamp) -> Result<Decision, NoPlace> {
        let (instance, load) = self.best(request, now).ok_or(NoPlace)?;
        *self.in_flight.entry(instance.clone()).or_default() += 1;
        Ok(Decision { instance, reason: Reason { load } })
    }

    /// The database decided.
    pub fn settle(&mut self, id: &InstanceId, taken: bool) {
        if let Some(mine) = self.in_flight.get_mut(id) {
            *mine = mine.saturating_sub(1);
        }
        if let (true, Some((_, counters))) = (taken, self.candidates.get_mut(id)) {
            counters.reserved += 1;
        }
    }

    /// The database says that it is full.
    pub fn full(&mut self, id: &InstanceId) {
        if let Some((candidate, counters)) = self.candidates.get_mut(id) {
            let missing = candidate.max_users.saturating_sub(counters.taken());
            counters.foreign += missing;
        }
    }

    /// What would be chosen.
    #[must_use]
    pub fn explain(&self, request: &Request<'_>, now: Timestamp) -> Explanation {
        Explanation { chosen: self.best(request, now).map(|(id, _)| id) }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { spill_at: 0.9 }
    }
}
