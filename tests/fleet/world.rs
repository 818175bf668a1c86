//! The services of an installation within the test: its database, the real driver, the loops of production, and a
//! clock moved by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use karvan::domain::clock::Clock;
use karvan::domain::key::{Role, Wish};
use karvan::domain::operation::Cause;
use karvan::domain::{ConfigId, Timestamp, UserId};
use karvan::service::Core;
use karvan::service::executor::Executor;
use karvan::service::fleet::Fleet;
use karvan::service::keys::{Ask, Asked, Keys};
use karvan::service::watch::Watch;
use karvan::settings::{Need, Settings};
use karvan::store::people::Seen;
use karvan::{app, task};
use sim::clock::SimClock;
use tokio_util::sync::CancellationToken;

use crate::install::{Install, until};

/// The services.
pub struct World {
    pub install: Install,
    pub core: Core,
    pub keys: Keys,
    pub fleet: Fleet,
    pub executor: Executor,
    pub watch: Watch,
}

/// The loops; they end with it as a killed process does.
pub struct Running(tokio::task::JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The panels' clock, as the services read it.
struct Shared(SimClock);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl World {
    /// The services over an installation whose panels were seen well for a quarter of an hour.
    pub async fn of(install: Install) -> Self {
        let world = Self::over(install).await;
        for pause in [6, 30, 900, 30] {
            world.checks().await;
            world.install.clock.advance(Duration::from_secs(pause));
        }
        world.checks().await;
        world
    }

    /// The services over an installation as it is.
    pub async fn over(install: Install) -> Self {
        let settings = Settings::read(install.variables(), Need::Secrets).unwrap();
        let store = app::open_store(&settings).await.unwrap();
        let clock = Arc::new(Shared(install.clock.clone()));
        let core = app::core(&settings, store, clock).await.unwrap();
        Self {
            keys: Keys::new(core.clone()),
            fleet: Fleet::new(core.clone()),
            executor: Executor::new(core.clone(), "test"),
            watch: Watch::new(core.clone()),
            core,
            install,
        }
    }

    /// Each panel is looked at.
    pub async fn checks(&self) {
        self.watch.check_all().await.unwrap();
    }

    /// The loops of production run.
    pub fn runs(&self) -> Running {
        let (core, executor) = (self.core.clone(), self.executor.clone());
        Running(tokio::spawn(task::run(core, executor, CancellationToken::new())))
    }

    /// The executor runs alone: nobody looks at the panels, so that a fault is met by the one who writes.
    pub fn works_off(&self) -> Running {
        let executor = self.executor.clone();
        Running(tokio::spawn(async move { executor.run(CancellationToken::new()).await }))
    }

    /// A person asks for a key, and waits for it.
    pub async fn asks(&self, person: i64) -> Asked {
        let (id, now) = (UserId(person), self.core.clock.now());
        let seen = Seen { id, first_name: format!("P{person}"), username: None, telegram_language: None };
        self.core.store.saw_person(&seen, now).await.unwrap();
        let ask = Ask { by: id, cause: Cause::Owner, update_id: None, screen: Some(1) };
        self.keys.issue(&ask, id, None).await.unwrap()
    }

    /// All these people ask at the same time; their keys, in the order of the people.
    pub async fn ask(self: &Arc<Self>, people: std::ops::Range<i64>) -> Vec<ConfigId> {
        let asking: Vec<_> = people
            .map(|person| {
                let world = self.clone();
                tokio::spawn(async move { world.asks(person).await })
            })
            .collect();
        let mut keys = Vec::new();
        for asked in asking {
            let asked = asked.await.unwrap();
            assert!(asked.fresh, "everybody has a key of their own");
            keys.push(asked.config);
        }
        keys
    }

    /// Waits until just so many operations are open.
    pub async fn leaves_open(&self, count: u64) {
        until(&format!("{count} operations are open"), async || {
            self.core.store.open_operations().await.unwrap() == count
        })
        .await;
    }

    /// How many accounts of ours each panel has, in the order of the panels.
    pub fn loads(&self) -> Vec<usize> {
        self.install.panels.iter().map(|(_, panel)| ours(&panel.usernames()).len()).collect()
    }

    /// Whether a panel lets the key in.
    pub async fn works(&self, config: ConfigId) -> bool {
        let Some(credentials) = self.core.store.credentials(config).await.unwrap() else { return false };
        let id = credentials.uuid.to_string();
        self.install.panels.iter().any(|(_, panel)| panel.works(&id))
    }

    /// The instance of the key's primary account.
    pub async fn place_of(&self, config: ConfigId) -> Option<String> {
        let key = self.core.store.key(config).await.unwrap()?;
        key.primary().map(|primary| primary.instance.to_string())
    }

    /// Time passes: checks every half minute for five minutes, then every six hours, and all the work that becomes due.
    pub async fn passes(&self, time: Duration) {
        let (fine, coarse) = (Duration::from_secs(30), Duration::from_secs(6 * 3600));
        let mut left = time;
        while !left.is_zero() {
            let step = if time - left < Duration::from_secs(300) { fine } else { coarse };
            let now = left.min(step);
            self.install.clock.advance(now);
            left -= now;
            self.checks().await;
            self.settles().await;
        }
    }

    /// Rounds of work until there is nothing to do at this moment.
    async fn settles(&self) {
        for _ in 0..200 {
            self.core.placer.refresh(&self.core.store).await.unwrap();
            if self.executor.round().await.unwrap().is_idle() {
                return;
            }
        }
        panic!("the executor never rests");
    }

    /// What holds whenever nothing is under way: exactly the accounts that the database counts stand on the panels
    /// (no ghost, none missing), one primary account and a working one for each live key, no request that may still
    /// land, nothing left to delete, no place held, counters that count, no cap exceeded.
    pub async fn assert_quiet(&self, configs: &[ConfigId]) {
        let store = &self.core.store;
        assert_eq!(store.open_operations().await.unwrap(), 0, "open operations");
        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for config in configs {
            let key = store.key(*config).await.unwrap().unwrap();
            let live = key.config.wish != Wish::Revoked;
            let primaries = key.accounts.iter().filter(|account| account.role == Role::Primary).count();
            assert_eq!(primaries, usize::from(live), "primaries of {config}");
            for account in &key.accounts {
                assert!(account.unsettled.is_none(), "a request may still land: {account:?}");
                expected.entry(account.instance.to_string()).or_default().push(account.account.to_string());
            }
            assert!(key.buried.is_empty(), "something of {config} is to be deleted");
            assert_eq!(self.works(*config).await, live, "{config} works");
        }
        for (id, panel) in &self.install.panels {
            let (mut there, mut wanted) = (ours(&panel.usernames()), expected.remove(id).unwrap_or_default());
            there.sort();
            wanted.sort();
            assert_eq!(there, wanted, "accounts on {id}");
        }
        self.assert_counted().await;
    }

    /// Counters are counts of rows, and no cap is exceeded.
    pub async fn assert_counted(&self) {
        for (id, counters) in self.core.store.counters().await.unwrap() {
            let counted = self.core.store.counted(&id).await.unwrap();
            assert_eq!((counters.active, counters.reserved, counters.lingering), counted, "{id}");
            let cap = self.core.store.instance(&id).await.unwrap().unwrap().max_users;
            assert!(counters.taken() <= cap, "{id} has {} of {cap}", counters.taken());
        }
    }
}

/// Those of the names that are not another admin's.
fn ours(names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !name.starts_with("foreign_")).cloned().collect()
}
