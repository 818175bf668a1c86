//! A fleet whose instances die and come back by the test's word: what finds that out has tests of its own.

use std::time::Duration;

use karvan::domain::instance::Health;
use karvan::domain::{Clock, ConfigId, UserId};
use karvan::panel::{PanelError, Trouble};
use karvan::service::executor::{Executor, Stopped};
use karvan::service::failover::{Event, Failover, What};
use karvan::store::health::Check;

use crate::db::Kind;
use crate::memory::{ADMIN, Spec, World, id};

/// How long after `Down` those leave who do not ask.
pub const EVACUATE_AFTER: Duration = Duration::from_secs(20);

/// A world with evacuations.
pub struct Fleet {
    pub world: World,
    pub failover: Failover,
}

impl Fleet {
    /// `de1`, `nl1`, `fi1`: three locations with room for 100 each. `None`: there is no PostgreSQL.
    pub async fn three(kind: Kind) -> Option<Self> {
        let three = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0), Spec("fi1", "fi", 100, 1.0)];
        Self::of(kind, &three).await
    }

    pub async fn of(kind: Kind, specs: &[Spec]) -> Option<Self> {
        match kind {
            Kind::Sqlite => Some(Self::around(World::of(specs).await)),
            Kind::Postgres => {
                let db = kind.fresh().await?;
                Some(Self::around(World::on(db.store, specs).await))
            }
        }
    }

    pub fn around(world: World) -> Self {
        let failover = Failover::new(world.core.clone());
        Self { world, failover }
    }

    /// `count` people with a key each, on the instance that the story is about.
    pub async fn keys_on(&self, name: &str, count: i64) -> Vec<ConfigId> {
        let region = self.world.core.store.instance(&id(name)).await.unwrap().unwrap().region;
        let mut keys = Vec::new();
        for number in 0..count {
            let owner = UserId(5000 + number);
            self.world.meets(owner).await;
            let ask = World::asks(owner);
            let asked = self.world.keys.issue(&ask, owner, Some(region.clone())).await.unwrap();
            keys.push(asked.config);
        }
        self.world.settle().await;
        for key in &keys {
            if self.world.place_of(*key).await.as_deref() != Some(name) {
                let ask = World::admin_asks();
                self.world.keys.move_to(&ask, *key, Some(id(name))).await.unwrap();
            }
            // The location was only to get them here.
            self.world.core.store.set_wanted_region(*key, None).await.unwrap();
        }
        self.world.settle().await;
        keys
    }

    /// What the checks would find.
    pub async fn mark(&self, name: &str, health: Health) {
        let good = matches!(health, Health::Healthy | Health::Degraded);
        let check = Check {
            health,
            latency_ms: good.then_some(10),
            version: None,
            users_active: None,
            core_started: good.then_some(true),
            problem: (!good).then(|| "refused".to_owned()),
        };
        let (core, now) = (&self.world.core, self.world.clock.now());
        core.store.record_check(&id(name), &check, now).await.unwrap();
        if good {
            let settles_at = now + Duration::from_secs(60);
            core.store
                .instance_seen_well(&id(name), now - Duration::from_secs(15), settles_at)
                .await
                .unwrap();
        }
        core.placer.refresh(&core.store).await.unwrap();
    }

    /// It refuses every connection, and that is confirmed.
    pub async fn dies(&self, name: &str) {
        self.world.panel(name).set_down(Some(PanelError::Unavailable(Trouble::Refused)));
        self.mark(name, Health::Down).await;
    }

    /// It answers again, with everything it had.
    pub async fn returns(&self, name: &str) {
        self.world.panel(name).set_down(None);
        self.mark(name, Health::Recovering).await;
    }

    /// One look; what was told, without how far things are.
    pub async fn tick(&self) -> Vec<What> {
        let events: Vec<Event> = self.failover.tick().await.unwrap();
        let told = events.into_iter().map(|event| event.what);
        told.filter(|what| !matches!(what, What::Progress { .. })).collect()
    }

    /// Time passes in steps of half a minute: what lives is seen well, what is due is done.
    pub async fn passes(&self, time: Duration) -> Vec<What> {
        let mut events = Vec::new();
        let mut left = time;
        while !left.is_zero() {
            let step =
                left.min(if left > Duration::from_secs(3600) { left / 4 } else { Duration::from_secs(30) });
            self.world.clock.advance(step);
            left -= step;
            self.look().await;
            events.extend(self.rest(&self.world.executor).await.unwrap());
        }
        events
    }

    /// All that are healthy are seen so again.
    pub async fn look(&self) {
        for (instance, report) in self.world.core.store.health().await.unwrap() {
            if matches!(report.health, Health::Healthy | Health::Recovering) {
                self.mark(instance.as_str(), Health::Healthy).await;
            }
        }
    }

    /// Looks and work in turn until nothing is due at this moment.
    pub async fn rest(&self, executor: &Executor) -> Result<Vec<What>, Stopped> {
        let (mut events, mut idle) = (Vec::new(), 0);
        for _ in 0..50 {
            let new = self.tick().await;
            idle = if new.is_empty() { idle + 1 } else { 0 };
            events.extend(new);
            self.world.work(executor).await?;
            // What the work left to be seen is seen by one more look.
            if idle == 2 {
                return Ok(events);
            }
        }
        panic!("it never rests: {events:?}");
    }

    /// Where some keys are: how many on each of the instances named.
    pub async fn spread<const N: usize>(&self, keys: &[ConfigId], names: [&str; N]) -> [usize; N] {
        let mut counts = [0; N];
        for key in keys {
            let place = self.world.place_of(*key).await.unwrap();
            counts[names.iter().position(|name| *name == place).unwrap()] += 1;
        }
        counts
    }

    /// After all lingers and retries: exactly what the database counts stands on the panels.
    pub async fn assert_quiet(&self, keys: &[ConfigId]) {
        self.passes(Duration::from_secs(600)).await;
        self.passes(Duration::from_secs(49 * 3600)).await;
        self.passes(Duration::from_secs(600)).await;
        for key in keys {
            assert!(self.world.works(*key).await, "{key} does not work");
        }
        self.world.assert_quiet(keys).await;
    }

    /// The letters of one kind that wait for one chat.
    pub async fn letters(&self, chat: UserId, kind: &str) -> usize {
        let due = self.world.core.store.due_letters(self.world.clock.now(), 10_000).await.unwrap();
        due.iter().filter(|due| due.letter.chat == chat.0 && due.letter.notice["notice"] == kind).count()
    }
}

/// The admin.
pub const BY: UserId = ADMIN;
