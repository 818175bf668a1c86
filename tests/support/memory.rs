//! A world without a network: panels in memory, a clock moved by hand, a real database in a file of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeZone;
use karvan::domain::account::InstallationId;
use karvan::domain::clock::ManualClock;
use karvan::domain::instance::{AdminState, Connection, Instance, Mode, PanelKind, Weight};
use karvan::domain::key::Wish;
use karvan::domain::operation::Cause;
use karvan::domain::placement;
use karvan::domain::{Clock, ConfigId, InstanceId, OperationId, UserId};
use karvan::panel::fake::{FakePanel, FakeProbe};
use karvan::panel::{Panel, PanelError};
use karvan::service::core::{AccessMode, Core, Policy, Signals};
use karvan::service::executor::{Executor, Fuse, Stopped};
use karvan::service::keys::{Ask, Keys};
use karvan::service::leader::Leader;
use karvan::service::links::LinkBook;
use karvan::service::migration::Migrations;
use karvan::service::pace::Pace;
use karvan::service::panels::Panels;
use karvan::service::placer::Placer;
use karvan::service::watch::Watch;
use karvan::store::people::Seen;
use karvan::store::{SecretKey, Secrets, Store};
use sim::postgres::Cluster;

/// The admin of every world.
pub const ADMIN: UserId = UserId(1);
/// A person who asks for keys.
pub const ALICE: UserId = UserId(1001);

/// Panels in memory around a real database.
pub struct World {
    pub core: Core,
    pub clock: Arc<ManualClock>,
    pub panels: BTreeMap<InstanceId, Arc<FakePanel>>,
    pub probe: Arc<FakeProbe>,
    pub executor: Executor,
    pub keys: Keys,
    pub watch: Watch,
    pub migrations: Migrations,
    _file: Option<tempfile::TempDir>,
}

/// An instance to be: id, location, cap, weight.
#[derive(Debug, Clone, Copy)]
pub struct Spec(pub &'static str, pub &'static str, pub u32, pub f64);

/// An instance's id.
pub fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

/// A file that the real migrations made, to be copied: hundreds of worlds need one each.
static TEMPLATE: tokio::sync::OnceCell<Vec<u8>> = tokio::sync::OnceCell::const_new();

/// Set to `postgres`, every world stands on a database of its own there instead of a SQLite file: the same stories, to
/// be run now and then and before a release.
const WORLDS: &str = "KARVAN_WORLDS";

/// A fresh database on PostgreSQL, if worlds are to stand there.
async fn postgres() -> Option<Store> {
    if std::env::var(WORLDS).is_ok_and(|on| on == "postgres") {
        let url =
            Cluster::shared().await.expect("KARVAN_WORLDS asks for PostgreSQL").database().await.unwrap();
        let secrets = Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new());
        let store = Store::open(&url, secrets).await.unwrap();
        store.migrate_up().await.unwrap();
        return Some(store);
    }
    None
}

/// A fresh SQLite file with the production options.
async fn sqlite() -> (Store, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("karvan.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let secrets = || Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new());
    let made = TEMPLATE
        .get_or_init(|| async {
            let store = Store::open(&url, secrets()).await.unwrap();
            store.migrate_up().await.unwrap();
            store.close().await.unwrap();
            std::fs::read(&file).unwrap()
        })
        .await;
    std::fs::write(&file, made).unwrap();
    (Store::open(&url, secrets()).await.unwrap(), dir)
}

/// The panels as a process has them. They are models and bear any pace.
fn connected(store: Store, panels: &BTreeMap<InstanceId, Arc<FakePanel>>, probe: &Arc<FakeProbe>) -> Panels {
    let panels = panels.clone();
    let connector = Arc::new(move |instance: &Instance, _| {
        let panel: Option<Arc<dyn Panel>> =
            panels.get(&instance.id).map(|panel| panel.clone() as Arc<dyn Panel>);
        panel.ok_or_else(|| PanelError::Settings("no such panel in this world".to_owned()))
    });
    Panels::new(store, connector).with_pace(Pace::new(1e6)).with_probe(probe.clone())
}

impl World {
    /// A world of three instances with room for 100 each: `de1`, `nl1`, `fi1`.
    pub async fn three() -> Self {
        Self::of(&[Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0), Spec("fi1", "fi", 100, 1.0)])
            .await
    }

    /// A world on a SQLite file.
    pub async fn of(specs: &[Spec]) -> Self {
        if let Some(store) = postgres().await {
            return Self::on(store, specs).await;
        }
        let (store, dir) = sqlite().await;
        let mut world = Self::on(store, specs).await;
        world._file = Some(dir);
        world
    }

    /// A world on a database that is migrated and empty.
    pub async fn on(store: Store, specs: &[Spec]) -> Self {
        let links = LinkBook::none(&mut rand::rng());
        Self::build(store, specs, links).await
    }

    /// The same with links of our own.
    pub async fn build(store: Store, specs: &[Spec], links: LinkBook) -> Self {
        let start = chrono::Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap();
        let clock = Arc::new(ManualClock::at(start));
        let mut panels = BTreeMap::new();
        for spec in specs {
            let Spec(name, region, max_users, weight) = *spec;
            let instance = Instance {
                id: id(name),
                name: name.to_uppercase(),
                note: String::new(),
                kind: PanelKind::Marzban,
                mode: Mode::Manage,
                base_url: format!("https://{name}.example").parse().unwrap(),
                username: "admin".to_owned(),
                region: region.parse().unwrap(),
                provider: None,
                tags: Vec::new(),
                admin_state: AdminState::Open,
                priority: 1,
                weight: Weight::try_from(weight).unwrap(),
                max_users,
                connection: Connection::default(),
                care: karvan::domain::instance::Care::default(),
            };
            assert!(store.add_instance(&instance, &"secret".to_owned().into(), start).await.unwrap());
            panels.insert(id(name), FakePanel::at(clock.clone(), &format!("{name}.example")));
        }
        let policy = Policy {
            access: AccessMode::Open,
            default_days: Some(30),
            default_gb: Some(100),
            max_keys_per_user: 3,
            linger: Duration::from_secs(48 * 3600),
            keep_ended: Duration::from_secs(3 * 86_400),
            admins: vec![ADMIN],
            alert_chat: None,
            alert_topic: None,
            care: karvan::service::core::Care::default(),
        };
        let installation: InstallationId = "abcdef".parse().unwrap();
        let probe = FakeProbe::new();
        let core = Core {
            panels: Arc::new(connected(store.clone(), &panels, &probe)),
            placer: Arc::new(Placer::new(7, placement::Policy::default()).by_exit(links.are_ours())),
            store,
            clock: clock.clone(),
            policy: Arc::new(policy),
            installation,
            links: Arc::new(links),
            signals: Arc::new(Signals::default()),
            leader: Arc::new(Leader::alone("test")),
        };
        let world = Self {
            executor: Executor::new(core.clone(), "test"),
            keys: Keys::new(core.clone()),
            watch: Watch::new(core.clone()),
            migrations: Migrations::new(core.clone()),
            core,
            clock,
            panels,
            probe,
            _file: None,
        };
        world.watch.check_all().await.unwrap();
        world.meets(ADMIN).await;
        world.meets(ALICE).await;
        world
    }

    /// What another process has: connections of its own to the same database, the same panels, its own view of both.
    pub fn replica(&self, store: Store, seed: u64) -> Core {
        self.replica_that_sees(store, seed, &self.panels, &self.probe)
    }

    /// The same on an uplink of its own: it sees other panels, and its probes find other things.
    pub fn replica_that_sees(
        &self,
        store: Store,
        seed: u64,
        panels: &BTreeMap<InstanceId, Arc<FakePanel>>,
        probe: &Arc<FakeProbe>,
    ) -> Core {
        Core {
            panels: Arc::new(connected(store.clone(), panels, probe)),
            placer: Arc::new(Placer::new(seed, placement::Policy::default())),
            store,
            signals: Arc::new(Signals::default()),
            ..self.core.clone()
        }
    }

    /// A person speaks to the bot for the first time.
    pub async fn meets(&self, user: UserId) {
        let seen = Seen { id: user, first_name: format!("P{user}"), username: None, telegram_language: None };
        self.core.store.saw_person(&seen, self.clock.now()).await.unwrap();
    }

    /// A panel by the name of its instance.
    pub fn panel(&self, name: &str) -> &FakePanel {
        &self.panels[&id(name)]
    }

    /// The owner asks, and somebody waits.
    pub fn asks(user: UserId) -> Ask {
        Ask { by: user, cause: Cause::Owner, update_id: None, screen: Some(1) }
    }

    /// An admin asks.
    pub fn admin_asks() -> Ask {
        Ask { by: ADMIN, cause: Cause::Admin, update_id: None, screen: None }
    }

    /// A key of Alice's that serves.
    pub async fn key(&self) -> ConfigId {
        let asked = self.keys.issue(&Self::asks(ALICE), ALICE, None).await.unwrap();
        self.settle().await;
        asked.config
    }

    /// Rounds of work until there is nothing to do at this moment.
    pub async fn settle(&self) {
        self.work(&self.executor).await.unwrap();
    }

    /// Rounds of work by `executor` until there is nothing to do at this moment.
    pub async fn work(&self, executor: &Executor) -> Result<(), Stopped> {
        for _ in 0..200 {
            self.core.placer.refresh(&self.core.store).await?;
            if executor.round().await?.is_idle() {
                return Ok(());
            }
        }
        panic!("the executor never rests");
    }

    /// Time passes: checks every minute for five minutes, then every six hours, and all the work that becomes due.
    pub async fn passes(&self, time: Duration) {
        let (fine, coarse) = (Duration::from_secs(60), Duration::from_secs(6 * 3600));
        let mut left = time;
        while !left.is_zero() {
            let step = if time - left < Duration::from_secs(300) { fine } else { coarse };
            let now = left.min(step);
            self.clock.advance(now);
            left -= now;
            self.watch.check_all().await.unwrap();
            self.settle().await;
        }
    }

    /// An executor that dies when `fuse` says so, as a process of its own would.
    pub fn dying(&self, name: &str, fuse: Fuse) -> Executor {
        Executor::new(self.core.clone(), name).with_fuse(fuse)
    }

    /// Where the key's primary account is.
    pub async fn place_of(&self, config: ConfigId) -> Option<String> {
        let key = self.core.store.key(config).await.unwrap()?;
        key.primary().map(|primary| primary.instance.to_string())
    }

    /// Whether any panel serves the key's present secrets.
    pub async fn works(&self, config: ConfigId) -> bool {
        let credentials = self.core.store.credentials(config).await.unwrap().unwrap();
        self.panels.values().any(|panel| panel.serves(&credentials))
    }

    /// How an operation ended, if it has.
    pub async fn ended(&self, operation: OperationId) -> bool {
        self.core.store.operation(operation).await.unwrap().unwrap().ended.is_some()
    }

    /// The invariants that hold whenever nothing is under way: exactly the accounts that the database counts stand on
    /// the panels (I4), one primary per live key (I1, I2), counters are counts (I6), no place is held (I7), nothing
    /// waits to be deleted.
    pub async fn assert_quiet(&self, configs: &[ConfigId]) {
        let store = &self.core.store;
        let mut expected: BTreeMap<InstanceId, Vec<String>> = BTreeMap::new();
        for config in configs {
            let key = store.key(*config).await.unwrap().unwrap();
            assert!(key.operation.is_none(), "an operation is still open: {:?}", key.operation);
            let primaries =
                key.accounts.iter().filter(|account| account.role == karvan::domain::key::Role::Primary);
            let wanted = usize::from(key.config.wish != Wish::Revoked);
            assert_eq!(primaries.count(), wanted, "primaries of {config}");
            for account in &key.accounts {
                assert!(account.unsettled.is_none(), "a request may still land: {account:?}");
                let names = expected.entry(account.instance.clone()).or_default();
                names.push(account.account.to_string());
            }
            assert!(key.buried.is_empty(), "tombstones are left: {:?}", key.buried);
        }
        for (instance, panel) in &self.panels {
            let mut names = expected.remove(instance).unwrap_or_default();
            names.sort();
            assert_eq!(panel.names(), names, "accounts on {instance}");
        }
        self.assert_counted().await;
    }

    /// Counters are counts of rows (I6, I7), and no cap is exceeded (I5).
    pub async fn assert_counted(&self) {
        for (instance, counters) in self.core.store.counters().await.unwrap() {
            let counted = self.core.store.counted(&instance).await.unwrap();
            assert_eq!((counters.active, counters.reserved, counters.lingering), counted, "{instance}");
            let cap = self.core.store.instance(&instance).await.unwrap().unwrap().max_users;
            assert!(counters.taken() <= cap, "{instance} has {} of {cap}", counters.taken());
        }
    }
}
