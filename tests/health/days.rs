//! Whole days of a fleet: people come and go, admins are at work, and panels meet what panels meet, all by chance.
//!
//! `KARVAN_DAYS=20` lives longer than the default; `KARVAN_SEED=17` repeats a life that failed, which says what happened.

use std::collections::BTreeMap;
use std::time::Duration;

use karvan::domain::instance::{AdminState, Health};
use karvan::domain::key::{Role, Wish};
use karvan::domain::{Clock, ConfigId, UserId};
use karvan::panel::fake::{Fault, Verb};
use karvan::panel::probe::Reached;
use karvan::panel::{PanelError, Trouble};
use karvan::service::drain::Drains;
use karvan::service::fleet::Fleet as Panels;
use karvan::service::linger::Lingers;
use karvan::service::migration::{Scope, To};
use karvan::service::reconcile::Reconciler;
use karvan::service::warnings::Warnings;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

use super::Fleet;
use super::memory::{ADMIN, World, id};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
/// Enough to notice a broken rule, few enough for every run of the suite.
const DEFAULT_DAYS: u64 = 1;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// What a panel, or all of them, may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The machine is off: every port refuses.
    Dead,
    /// Nothing answers any more.
    Hole,
    /// Its API is dead, and users' connections live.
    Headless,
    /// It is started anew.
    Restarted,
    /// Its password was changed.
    Locked,
    /// Our own way out is gone.
    Uplink,
    /// Answers get lost.
    Forgetful,
}

impl Fate {
    const ALL: [Self; 7] = [
        Self::Dead,
        Self::Hole,
        Self::Headless,
        Self::Restarted,
        Self::Locked,
        Self::Uplink,
        Self::Forgetful,
    ];

    /// Whether everybody has to leave.
    fn is_deadly(self) -> bool {
        matches!(self, Self::Dead | Self::Hole)
    }
}

/// A fleet and its people.
struct Life {
    fleet: Fleet,
    chance: StdRng,
    seed: u64,
    people: i64,
    keys: Vec<ConfigId>,
    log: Vec<String>,
}

/// A life that fails tells what happened in it.
impl Drop for Life {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("KARVAN_SEED={}:\n{}", self.seed, self.log.join("\n"));
        }
    }
}

impl Life {
    async fn new(seed: u64) -> Self {
        let (fleet, keys) = Fleet::of(&NAMES).await.with_keys(40).await;
        Self { fleet, chance: StdRng::seed_from_u64(seed), seed, people: 40, keys, log: Vec::new() }
    }

    fn note(&mut self, what: &str) {
        self.log.push(format!("{} {what}", self.fleet.world.clock.now().format("%d %H:%M:%S")));
    }

    fn panel(&mut self) -> &'static str {
        NAMES.choose(&mut self.chance).unwrap()
    }

    fn key(&mut self) -> ConfigId {
        *self.keys.choose(&mut self.chance).unwrap()
    }

    /// Time passes in steps of so long, and everything that runs in the background does.
    async fn passes(&self, time: Duration, step: Duration) {
        let core = &self.fleet.world.core;
        let mut left = time;
        while !left.is_zero() {
            let now = left.min(step);
            self.fleet.world.clock.advance(now);
            left -= now;
            self.fleet.rounds.tick().await.unwrap();
            self.fleet.failover.tick().await.unwrap();
            if step >= MINUTE {
                self.fleet.world.watch.sample().await.unwrap();
                Lingers::new(core.clone()).tick().await.unwrap();
                Warnings::new(core.clone()).tick().await.unwrap();
                Drains::new(core.clone()).tick().await.unwrap();
                let reconciler = Reconciler::new(core.clone());
                reconciler.tick().await.unwrap();
                reconciler.audit().await.unwrap();
            }
            self.fleet.world.settle().await;
        }
    }

    /// Somebody wants something.
    async fn wish(&mut self) {
        let (what, key, panel) = (self.chance.random_range(0..12), self.key(), self.panel());
        self.note(&format!("  wish {what} of {key}"));
        let world = &self.fleet.world;
        let admin = World::admin_asks();
        match what {
            0..=2 => {
                self.people += 1;
                let user = UserId(10_000 + self.people);
                world.meets(user).await;
                if let Ok(asked) = world.keys.issue(&World::asks(user), user, None).await {
                    self.keys.push(asked.config);
                }
            }
            3 | 4 => drop(world.keys.rotate(&admin, key).await),
            5 => drop(world.keys.move_to(&admin, key, Some(id(panel))).await),
            6 => drop(world.keys.move_to(&admin, key, None).await),
            7 => drop(world.keys.extend(&admin, key, Some(30), Some(10)).await),
            8 => drop(world.keys.suspend(&admin, key).await),
            9 | 10 => drop(world.keys.resume(&admin, key).await),
            _ => drop(world.keys.revoke(&admin, key).await),
        }
    }

    /// Where every key is that wants to serve.
    async fn places(&self) -> BTreeMap<ConfigId, String> {
        let mut places = BTreeMap::new();
        for key in &self.keys {
            if let Some(place) = self.fleet.world.place_of(*key).await {
                places.insert(*key, place);
            }
        }
        places
    }

    fn begin(&mut self, fate: Fate, name: &str) {
        let world = &self.fleet.world;
        let silent = || PanelError::Unclear(Trouble::Timeout);
        match fate {
            Fate::Dead | Fate::Restarted => self.fleet.dies(name),
            Fate::Hole => {
                self.fleet.api(name, Some(silent()));
                self.fleet.data(name, Some(Reached::Silent));
            }
            Fate::Headless => self.fleet.api(name, Some(PanelError::Unavailable(Trouble::Refused))),
            Fate::Locked => self.fleet.api(name, Some(PanelError::Unauthorised)),
            Fate::Uplink => {
                for name in NAMES {
                    self.fleet.api(name, Some(silent()));
                    self.fleet.data(name, Some(Reached::Silent));
                }
                world.probe.set_others(Some(Reached::Silent));
            }
            Fate::Forgetful => {
                for verb in [Verb::Create, Verb::Update, Verb::Delete, Verb::Get] {
                    world.panel(name).next_of(verb, Fault::LoseAcknowledgement(Trouble::Cut));
                    world.panel(name).next_of(verb, Fault::Late);
                }
            }
        }
    }

    fn end(&mut self) {
        for name in NAMES {
            self.fleet.returns(name);
            self.fleet.world.panel(name).forgive();
            self.fleet.world.panel(name).land();
        }
        self.fleet.world.probe.set_others(None);
    }

    /// A panel meets its fate for a while, people go on wishing, and all is well again.
    async fn trouble(&mut self) {
        let (fate, name) = (*Fate::ALL.choose(&mut self.chance).unwrap(), self.panel());
        self.note(&format!("{fate:?} {name}"));
        let before = self.places().await;
        self.begin(fate, name);
        let asked = fate.is_deadly() || fate == Fate::Forgetful;
        let lasts = if fate == Fate::Restarted { 20 } else { self.chance.random_range(180..1_800) };
        self.passes((60 * SECOND).min(lasts * SECOND), 2 * SECOND).await;
        if lasts > 60 {
            if asked {
                for _ in 0..self.chance.random_range(0..5) {
                    self.wish().await;
                }
            }
            self.passes(120 * SECOND, 5 * SECOND).await;
        }
        if fate.is_deadly() {
            assert_eq!(self.fleet.health(name).await, Health::Down);
            let left = self.fleet.keys_on(name).await;
            let live = self.serving_on(name).await;
            assert!(live.is_empty(), "{live:?} of {left} did not leave {name}");
        }
        if lasts > 180 {
            self.passes((lasts - 180) * SECOND, 15 * SECOND).await;
        }
        self.end();
        self.note("  over");
        // Quarantine and ramp.
        self.passes(120 * SECOND, 5 * SECOND).await;
        self.passes(20 * MINUTE, 15 * SECOND).await;
        for name in NAMES {
            assert_eq!(self.fleet.health(name).await, Health::Healthy, "{name}");
        }
        assert!(!self.fleet.panics().await);
        if !asked {
            // Who was paused for days may have lost the place by now, as is right.
            let after = self.places().await;
            let is_elsewhere = |key| after.get(key).is_some_and(|place| *place != before[key]);
            let moved: Vec<_> = before.keys().filter(|key| is_elsewhere(key)).collect();
            assert!(moved.is_empty(), "{fate:?} of {name} moved {moved:?}");
        }
    }

    /// Live keys whose account that counts is there.
    async fn serving_on(&self, name: &str) -> Vec<ConfigId> {
        let mut found = Vec::new();
        for (key, place) in self.places().await {
            let stored = self.fleet.world.core.store.key(key).await.unwrap().unwrap();
            if place == name && stored.config.wish == Wish::Active {
                found.push(key);
            }
        }
        found
    }

    /// An admin empties a panel, and opens it again.
    async fn drain(&mut self) {
        let name = self.panel();
        self.note(&format!("drain {name}"));
        let core = self.fleet.world.core.clone();
        let scope = Scope::Instance(id(name));
        let migrations = &self.fleet.world.migrations;
        if let Ok(plan) = migrations.preview(&scope, &To::Automatic).await {
            let drains = Drains::new(core.clone());
            drains.start(&World::admin_asks(), &id(name), &To::Automatic, plan.fingerprint).await.unwrap();
            self.passes(30 * MINUTE, MINUTE).await;
            let left = self.serving_on(name).await;
            assert!(left.is_empty(), "{left:?} are still on {name}");
        }
        Panels::new(core).set_admin_state(Some(ADMIN), &id(name), AdminState::Open).await.unwrap();
    }

    /// What holds whenever there has been no trouble for a while.
    async fn assert_well(&self) {
        let world = &self.fleet.world;
        world.assert_counted().await;
        for key in &self.keys {
            let stored = world.core.store.key(*key).await.unwrap().unwrap();
            let primaries = stored.accounts.iter().filter(|account| account.role == Role::Primary).count();
            let ended = stored.config.expires_at.is_some_and(|end| end <= world.clock.now());
            if stored.config.wish == Wish::Active && !ended {
                assert_eq!(primaries, 1, "primaries of {key}");
                assert!(world.works(*key).await, "{key} does not work");
            }
            assert!(stored.operation.is_none(), "{key}: {:?}", stored.operation);
        }
    }

    async fn day(&mut self) {
        let mut hours: Vec<u32> = (0..24).collect();
        hours.shuffle(&mut self.chance);
        for hour in 0..24 {
            let at = hours.iter().position(|one| *one == hour).unwrap();
            match at {
                0..=5 => self.trouble().await,
                6 => self.drain().await,
                _ => {}
            }
            for _ in 0..self.chance.random_range(0..3) {
                self.wish().await;
                self.passes(20 * SECOND, 5 * SECOND).await;
            }
            self.passes(HOUR / 2, 5 * MINUTE).await;
            self.assert_well().await;
        }
    }
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_days_of_a_fleet() {
    let mut life = Life::new(from_environment("KARVAN_SEED").unwrap_or(1)).await;
    for _ in 0..from_environment("KARVAN_DAYS").unwrap_or(DEFAULT_DAYS) {
        life.day().await;
    }
    // What is left of it goes in the end.
    life.passes(3 * DAY, HOUR).await;
    life.assert_well().await;
    let mut keys = Vec::new();
    for key in &life.keys {
        let stored = life.fleet.world.core.store.key(*key).await.unwrap().unwrap();
        if !stored.accounts.is_empty() {
            keys.push(*key);
        }
    }
    life.fleet.world.assert_quiet(&keys).await;
}
