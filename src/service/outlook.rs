//! What would be if instances were lost, and how long there is room.

use std::collections::BTreeMap;

use crate::domain::failover::{Limits, Plan};
use crate::domain::instance::{Counters, Health, Mode};
use crate::domain::outlook::{LOOK_BACK, Location, Loss, simulate};
use crate::domain::placement::{Candidate, room};
use crate::domain::{InstanceId, Region, Timestamp};
use crate::store::StoreError;

use super::Core;

/// New keys fill an instance to its cap.
const FULL: f64 = 1.0;

/// Why nothing can be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// No such instance.
    #[error("no instance {0}")]
    NotFound(InstanceId),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// What would be if instances were lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// For each of them, who would go where.
    pub losses: Vec<(InstanceId, Plan)>,
    /// What people call the instances.
    pub names: BTreeMap<InstanceId, String>,
}

impl Simulation {
    /// How many go where over all, the most first.
    #[must_use]
    pub fn per_target(&self) -> Vec<(InstanceId, u32)> {
        let mut sums: BTreeMap<&InstanceId, u32> = BTreeMap::new();
        for (target, count) in self.losses.iter().flat_map(|(_, plan)| &plan.per_target) {
            *sums.entry(target).or_default() += count;
        }
        let mut sums: Vec<_> = sums.into_iter().map(|(id, count)| (id.clone(), count)).collect();
        sums.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
        sums
    }

    /// Keys that go somewhere.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.losses.iter().map(|(_, plan)| plan.moves.len()).sum()
    }

    /// Keys that find no place.
    #[must_use]
    pub fn stranded(&self) -> usize {
        self.losses.iter().map(|(_, plan)| plan.stranded.len()).sum()
    }

    /// What people call an instance.
    #[must_use]
    pub fn name<'a>(&'a self, id: &'a InstanceId) -> &'a str {
        self.names.get(id).map_or(id.as_str(), String::as_str)
    }
}

/// An instance whose loss the others could not take up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irreplaceable {
    /// Which.
    pub instance: InstanceId,
    /// What people call it.
    pub name: String,
    /// Live keys on it.
    pub keys: u32,
    /// How many of them would find no place.
    pub stranded: u32,
}

/// How the fleet would bear a loss, and how long there is room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outlook {
    /// Instances that serve keys and are not lost already.
    pub looked_at: u32,
    /// Those of them that cannot be lost, the worst first.
    pub irreplaceable: Vec<Irreplaceable>,
    /// The locations, the first to be full first.
    pub locations: Vec<Location>,
}

/// Outlooks over the services.
#[derive(Clone)]
pub struct Outlooks {
    core: Core,
}

type Fleet = Vec<(Candidate, Counters)>;

impl Outlooks {
    /// Outlooks over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Who would go where if these were lost at this moment.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn simulate(&self, lost: &[InstanceId]) -> Result<Simulation, SimulateError> {
        let (now, fleet) = (self.core.clock.now(), self.fleet().await?);
        let mut losses: Vec<Loss> = Vec::new();
        for id in lost {
            if !fleet.iter().any(|(candidate, _)| candidate.id == *id) {
                return Err(SimulateError::NotFound(id.clone()));
            }
            if losses.iter().any(|loss| loss.instance == *id) {
                continue;
            }
            let keys = self.core.store.evacuees(id, now).await?;
            losses.push(Loss { instance: id.clone(), keys });
        }
        let names = fleet.iter().map(|(candidate, _)| (candidate.id.clone(), candidate.name.clone()));
        let names = names.collect();
        Ok(Simulation { losses: simulate(&fleet, &losses, Limits::default(), now), names })
    }

    /// Which instances cannot be lost, and when locations are full.
    ///
    /// # Errors
    /// The database.
    pub async fn outlook(&self) -> Result<Outlook, StoreError> {
        let (now, fleet) = (self.core.clock.now(), self.fleet().await?);
        let mut outlook = Outlook { locations: self.locations(&fleet, now).await?, ..Outlook::default() };
        let in_service = |candidate: &Candidate| {
            candidate.mode == Mode::Manage && !matches!(candidate.health, Health::Down)
        };
        for (candidate, counters) in &fleet {
            if !in_service(candidate) || counters.active == 0 {
                continue;
            }
            outlook.looked_at += 1;
            let keys = self.core.store.evacuees(&candidate.id, now).await?;
            let loss = Loss { instance: candidate.id.clone(), keys };
            let plans = simulate(&fleet, &[loss], Limits::default(), now);
            for (instance, plan) in plans {
                if !plan.stranded.is_empty() {
                    outlook.irreplaceable.push(Irreplaceable {
                        instance,
                        name: candidate.name.clone(),
                        keys: narrow(plan.moves.len() + plan.stranded.len()),
                        stranded: narrow(plan.stranded.len()),
                    });
                }
            }
        }
        outlook
            .irreplaceable
            .sort_by(|a, b| b.stranded.cmp(&a.stranded).then_with(|| a.instance.cmp(&b.instance)));
        Ok(outlook)
    }

    async fn locations(&self, fleet: &Fleet, now: Timestamp) -> Result<Vec<Location>, StoreError> {
        let growth = self.core.store.growth(now - LOOK_BACK).await?;
        let over = growth.first_at.map_or(LOOK_BACK, |first| now - first);
        /// Taken, room, grown.
        type Sums = (u32, u32, i64);
        let mut regions: BTreeMap<&Region, Sums> = BTreeMap::new();
        for (candidate, counters) in fleet {
            if candidate.mode != Mode::Manage {
                continue;
            }
            let sums = regions.entry(&candidate.region).or_default();
            sums.0 = sums.0.saturating_add(counters.taken());
            if candidate.admin_state.accepts(now) && candidate.health != Health::Down {
                sums.1 = sums.1.saturating_add(room(*counters, candidate.max_users, FULL));
            }
            sums.2 += growth.per_instance.get(&candidate.id).copied().unwrap_or(0);
        }
        let location = |(region, (taken, room, grown)): (&Region, Sums)| {
            Location::new(region.clone(), taken, room, grown, over)
        };
        let mut locations: Vec<Location> = regions.into_iter().map(location).collect();
        locations.sort_by_key(|location| (location.full_in.is_none(), location.full_in));
        Ok(locations)
    }

    async fn fleet(&self) -> Result<Fleet, StoreError> {
        self.core.placer.refresh(&self.core.store).await?;
        let draft = self.core.placer.draft();
        let counts = |candidate: &Candidate| draft.counters(&candidate.id).unwrap_or_default();
        Ok(draft.candidates().map(|candidate| (candidate.clone(), counts(candidate))).collect())
    }
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
