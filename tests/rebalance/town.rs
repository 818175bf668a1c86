//! Two instances of one location, one of them far fuller than the other.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use karvan::domain::incident::{Entry, Kind};
use karvan::domain::instance::AdminState;
use karvan::domain::{BatchId, Clock, ConfigId, UserId};
use karvan::service::core::{Care, Policy, RebalanceMode};
use karvan::service::executor::{Executor, Stopped};
use karvan::service::incidents::Incidents;
use karvan::service::rebalance::{Course, Rebalance};
use karvan::store::batches::BatchState;

use crate::memory::{ADMIN, Spec, World, id};

/// Users of others on each instance: they count as load and never move.
const FOREIGN: u32 = 40;
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);
pub const DAY: Duration = Duration::from_secs(86_400);

/// A world whose load is uneven.
pub struct Town {
    pub world: World,
    pub rebalance: Rebalance,
}

impl Deref for Town {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl Town {
    /// `de1` has 52 users, twelve of them ours; `de2` has 40, none of them ours; and `nl1`, elsewhere, is empty. Two
    /// days after the keys were made. Five moves make it even, at most one an hour and four a day.
    pub async fn uneven(mode: RebalanceMode) -> (Self, Vec<ConfigId>) {
        let specs = [Spec("de1", "de", 200, 1.0), Spec("de2", "de", 200, 1.0), Spec("nl1", "nl", 200, 1.0)];
        Self::around(World::of(&specs).await, mode).await
    }

    /// The same around a world of one's own.
    pub async fn around(mut world: World, mode: RebalanceMode) -> (Self, Vec<ConfigId>) {
        let care = Care { rebalance: mode, ..world.core.policy.care.clone() };
        world.core.policy = Arc::new(Policy { care, ..(*world.core.policy).clone() });
        let town = Self { rebalance: Rebalance::new(world.core.clone()), world };
        for name in ["de2", "nl1"] {
            town.admits(name, AdminState::Cordoned).await;
        }
        let mut keys = Vec::new();
        for person in 0..12 {
            let owner = UserId(5000 + person);
            town.meets(owner).await;
            keys.push(town.keys.issue(&World::asks(owner), owner, None).await.unwrap().config);
        }
        town.settle().await;
        for name in ["de2", "nl1"] {
            town.admits(name, AdminState::Open).await;
        }
        for name in ["de1", "de2"] {
            town.panel(name).set_foreign(FOREIGN);
        }
        town.clock.advance(2 * DAY);
        town.watch.check_all().await.unwrap();
        town.settle().await;
        (town, keys)
    }

    /// The same service in another process.
    pub fn restarted(&self) -> Rebalance {
        Rebalance::new(self.core.clone())
    }

    pub async fn admits(&self, name: &str, state: AdminState) {
        self.core.store.set_admin_state(&id(name), state, self.clock.now()).await.unwrap();
        self.core.placer.refresh(&self.core.store).await.unwrap();
    }

    /// One look of the loop, and all the work that comes of it.
    pub async fn tick(&self) {
        self.rebalance.tick().await.unwrap();
        self.settle().await;
    }

    /// Time passes with a look each `step`.
    pub async fn passes(&self, time: Duration, step: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let now = left.min(step);
            self.clock.advance(now);
            left -= now;
            self.tick().await;
        }
    }

    /// Three looks five minutes apart: it has lasted.
    pub async fn lasts(&self) {
        self.tick().await;
        self.passes(10 * MINUTE, 5 * MINUTE).await;
    }

    /// Looks every twenty minutes until nothing is open, as long as `patience`.
    pub async fn ends(&self, batch: BatchId, patience: Duration) -> Course {
        self.ends_by(&self.world.executor, batch, patience).await.unwrap()
    }

    pub async fn ends_by(
        &self,
        executor: &Executor,
        batch: BatchId,
        patience: Duration,
    ) -> Result<Course, Stopped> {
        let step = 20 * MINUTE;
        for _ in 0..patience.as_secs() / step.as_secs() {
            self.rebalance.tick().await.unwrap();
            self.work(executor).await?;
            let course = self.course(batch).await;
            if !course.is_open() {
                return Ok(course);
            }
            self.clock.advance(step);
        }
        panic!("it does not end: {:?}", self.course(batch).await);
    }

    pub async fn course(&self, batch: BatchId) -> Course {
        self.rebalance.course(batch).await.unwrap().unwrap()
    }

    /// The run that is open.
    pub async fn open(&self) -> Option<BatchId> {
        let run = self.core.store.latest_rebalance().await.unwrap()?;
        matches!(run.state, BatchState::Running | BatchState::Paused).then_some(run.batch)
    }

    /// An admin lets it begin.
    pub async fn begin(&self) -> BatchId {
        self.rebalance.run(Some(ADMIN), None).await.unwrap()
    }

    /// How many of some keys are where.
    pub async fn spread(&self, keys: &[ConfigId]) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for key in keys {
            *counts.entry(self.place_of(*key).await.unwrap()).or_default() += 1;
        }
        counts
    }

    pub async fn on(&self, keys: &[ConfigId], name: &str) -> usize {
        self.spread(keys).await.get(name).copied().unwrap_or_default()
    }

    /// Somebody uses a key now.
    pub async fn uses(&self, config: ConfigId) {
        let key = self.core.store.key(config).await.unwrap().unwrap();
        let primary = key.primary().unwrap();
        self.panels[&primary.instance].set_online(&primary.account, self.clock.now());
    }

    /// The last line of the incident about the load, while it is open.
    pub async fn told(&self) -> Option<Entry> {
        let open = Incidents::new(self.core.clone()).open_of(Kind::Load, "fleet").await.unwrap();
        open.and_then(|incident| incident.last().cloned())
    }

    /// Everybody is served, counters are counts, and after all lingers nothing is left over.
    pub async fn assert_quiet(&self, keys: &[ConfigId]) {
        self.world.passes(3 * DAY).await;
        for key in keys {
            assert!(self.works(*key).await, "{key} does not work");
        }
        self.world.assert_quiet(keys).await;
    }
}
