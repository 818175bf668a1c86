//! A fleet over HTTP: the real driver and prober against panels that die in all ways, and the services between them on
//! a clock moved by hand.
//!
//! Only sockets live in real time, so time-outs are short: a panel that is silent for a third of a second is silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeZone;
use karvan::domain::health::Thresholds;
use karvan::domain::incident::{Entry, Kind};
use karvan::domain::instance::{AdminState, Connection, Health, Instance, Mode, PanelKind, Weight};
use karvan::domain::key::Role;
use karvan::domain::operation::Cause;
use karvan::domain::{AccountName, Clock, ConfigId, InstanceId, Timestamp, UserId, placement};
use karvan::panel::net_probe::NetProbe;
use karvan::panel::{
    self, Account, Applied, Call, Defaults, Deleted, Inspection, Node, Overview, Page, Panel, PanelError,
    Pulse, Subscription, Trouble, Wanted,
};
use karvan::service::core::{AccessMode, Care, Core, Policy, Signals};
use karvan::service::executor::Executor;
use karvan::service::failover::Failover;
use karvan::service::health::Rounds;
use karvan::service::keys::{Ask, Keys};
use karvan::service::leader::Leader;
use karvan::service::pace::Pace;
use karvan::service::panels::Panels;
use karvan::service::placer::Placer;
use karvan::service::watch::Watch;
use karvan::store::people::Seen;
use karvan::store::{SecretKey, Secrets, Store, flags};
use sim::clock::SimClock;
use sim::marzban::{Behind, Door, DoorFault, Inbound, Marzban, Options, Protocol};

/// The tag of the one inbound, VLESS over a WebSocket: what a network can stand in front of.
pub const INBOUND: &str = "VLESS Websocket";
/// Silence.
const TIMEOUT: Duration = Duration::from_millis(350);
/// Between two looks at the agenda.
const STEP: Duration = Duration::from_millis(500);

/// An instance to be.
#[derive(Clone)]
pub struct Spec {
    pub name: String,
    pub max_users: u32,
    /// Reached through a tunnel of our own, whose mouth is this door.
    pub tunnelled: bool,
}

impl Spec {
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), max_users: 200, tunnelled: false }
    }
}

/// The fleet and what looks after it.
pub struct World {
    pub core: Core,
    pub clock: SimClock,
    pub panels: Vec<(InstanceId, Marzban)>,
    /// Two places of the world around.
    pub anchors: [Door; 2],
    /// The mouths of tunnels, in the order of the panels that have one.
    pub tunnels: Vec<Door>,
    pub executor: Executor,
    pub failover: Failover,
    pub rounds: Rounds,
    pub keys: Keys,
    names_fail: Arc<AtomicBool>,
    _dir: tempfile::TempDir,
}

/// The simulation's clock, as the services read it.
struct Shared(SimClock);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl World {
    /// Healthy instances of these names, whose addresses have been seen to answer.
    pub async fn of(names: &[&str]) -> Self {
        Self::with(&names.iter().map(|name| Spec::of(name)).collect::<Vec<_>>()).await
    }

    pub async fn with(specs: &[Spec]) -> Self {
        let noon = chrono::Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap();
        let clock = SimClock::manual(noon);
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("karvan.db").display());
        let secrets = Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new());
        let store = Store::open(&url, secrets).await.unwrap();
        store.migrate_up().await.unwrap();
        let shared: Arc<dyn Clock> = Arc::new(Shared(clock.clone()));
        let (mut panels, mut tunnels) = (Vec::new(), Vec::new());
        for (seed, spec) in (1..).zip(specs) {
            let inbounds = vec![Inbound::websocket(INBOUND, Protocol::Vless, 443, "/ws")];
            let options = Options {
                name: spec.name.clone(),
                clock: clock.clone(),
                seed,
                inbounds,
                ..Options::default()
            };
            let (username, password) = options.admin.clone();
            let panel = Marzban::start(options).await.unwrap();
            panel.open_doors().unwrap();
            panel.set_subscription_url_prefix(&format!("https://{}.example", spec.name));
            let (mut base_url, mut connection) = (panel.url(), Connection::default());
            if spec.tunnelled {
                let to = panel.url().strip_prefix("http://").unwrap().parse().unwrap();
                let mouth = Door::open(Behind::Relay { to }).unwrap();
                connection.connect_to = Some(mouth.address().to_string());
                base_url = format!("http://{}.example:8000", spec.name);
                tunnels.push(mouth);
            }
            let instance = Instance {
                id: spec.name.parse().unwrap(),
                name: spec.name.to_uppercase(),
                note: String::new(),
                kind: PanelKind::Marzban,
                mode: Mode::Manage,
                base_url: base_url.parse().unwrap(),
                username,
                region: "de".parse().unwrap(),
                provider: None,
                tags: Vec::new(),
                admin_state: AdminState::Open,
                priority: 1,
                weight: Weight::ONE,
                max_users: spec.max_users,
                connection,
                care: karvan::domain::instance::Care::default(),
            };
            assert!(store.add_instance(&instance, &password.into(), clock.now()).await.unwrap());
            panels.push((instance.id, panel));
        }
        let anchors = [Door::open(Behind::Core).unwrap(), Door::open(Behind::Core).unwrap()];
        let health = Thresholds { check_timeout: TIMEOUT, confirm_timeout: TIMEOUT, ..Thresholds::default() };
        let places = anchors.iter().map(|door| door.address().to_string()).collect();
        let policy = Policy {
            access: AccessMode::Open,
            default_days: Some(30),
            default_gb: Some(100),
            max_keys_per_user: 1,
            linger: Duration::from_secs(48 * 3600),
            keep_ended: Duration::from_secs(3 * 86_400),
            admins: vec![UserId(1)],
            alert_chat: None,
            alert_topic: None,
            care: Care { health, anchors: places, ..Care::default() },
        };
        let names_fail = Arc::new(AtomicBool::new(false));
        let (driver_clock, fail) = (shared.clone(), names_fail.clone());
        let connector = Arc::new(move |instance: &Instance, password| {
            let panel = panel::connect(instance, password, &Defaults::default(), driver_clock.clone(), 7)?;
            let names_fail = fail.clone();
            Ok(Arc::new(Hasty { panel, names_fail }) as Arc<dyn Panel>)
        });
        let known = Panels::new(store.clone(), connector).with_pace(Pace::new(1e6));
        let core = Core {
            panels: Arc::new(known.with_probe(Arc::new(NetProbe::new()))),
            placer: Arc::new(Placer::new(7, placement::Policy::default())),
            store,
            clock: shared,
            policy: Arc::new(policy),
            installation: "abcdef".parse().unwrap(),
            links: Arc::new(karvan::service::links::LinkBook::none(&mut rand::rng())),
            signals: Arc::new(Signals::default()),
            leader: Arc::new(Leader::alone("test")),
        };
        let world = Self {
            executor: Executor::new(core.clone(), "test"),
            failover: Failover::new(core.clone()),
            rounds: Rounds::new(core.clone()),
            keys: Keys::new(core.clone()),
            core,
            clock,
            panels,
            anchors,
            tunnels,
            names_fail,
            _dir: dir,
        };
        world.meets(1).await;
        Watch::new(world.core.clone()).check_all().await.unwrap();
        world.rounds.ask_anchors().await;
        world
    }

    /// Somebody who was seen in the chat.
    pub async fn meets(&self, person: i64) -> UserId {
        let id = UserId(person);
        let seen = Seen { id, first_name: format!("P{person}"), username: None, telegram_language: None };
        self.core.store.saw_person(&seen, self.clock.now()).await.unwrap();
        id
    }

    /// So many keys, spread over the fleet; then time enough passes for all addresses to be seen.
    pub async fn keys(&self, count: i64) -> Vec<ConfigId> {
        let mut keys = Vec::new();
        for person in 0..count {
            let user = self.meets(10_000 + person).await;
            let ask = Ask { by: user, cause: Cause::Owner, update_id: None, screen: Some(1) };
            keys.push(self.keys.issue(&ask, user, None).await.unwrap().config);
            self.settles().await;
        }
        self.clock.advance(Duration::from_secs(301));
        Watch::new(self.core.clone()).sample().await.unwrap();
        self.rounds.ask_anchors().await;
        self.lives(70).await;
        for (id, _) in &self.panels {
            assert_eq!(self.health(id.as_str()).await, Health::Healthy, "{id}");
        }
        self.assert_all_serve(&keys).await;
        keys
    }

    /// Rounds of work until there is nothing to do at this moment.
    pub async fn settles(&self) {
        for _ in 0..200 {
            self.core.placer.refresh(&self.core.store).await.unwrap();
            if self.executor.round().await.unwrap().is_idle() {
                return;
            }
        }
        panic!("the executor never rests");
    }

    /// Time passes and what looks at the fleet does, but nobody is moved.
    pub async fn watches(&self, seconds: u64) {
        self.run(seconds, false).await;
    }

    /// Time passes, and all that runs in the background does.
    pub async fn lives(&self, seconds: u64) {
        self.run(seconds, true).await;
    }

    async fn run(&self, seconds: u64, works: bool) {
        for half in 0..seconds * 2 {
            self.clock.advance(STEP);
            self.rounds.tick().await.unwrap();
            let now = self.clock.now().timestamp();
            if half % 2 == 1 {
                if now % 60 == 0 {
                    self.rounds.ask_anchors().await;
                }
                self.failover.tick().await.unwrap();
                if works {
                    self.settles().await;
                }
            }
        }
    }

    /// How many seconds until an instance is in a state; fails after `most`.
    pub async fn until(&self, name: &str, health: Health, most: u64) -> u64 {
        let mut seen = vec![self.health(name).await];
        for second in 1..=most {
            self.lives(1).await;
            let now = self.health(name).await;
            if now == health {
                return second;
            }
            if seen.last() != Some(&now) {
                seen.push(now);
            }
        }
        panic!("{name} is never {health:?}: {seen:?}");
    }

    pub async fn health(&self, name: &str) -> Health {
        self.core.store.health_of(&id(name)).await.unwrap().unwrap().health
    }

    pub async fn panics(&self) -> bool {
        self.core.store.is_raised(flags::PANIC).await.unwrap()
    }

    pub fn panel(&self, name: &str) -> &Marzban {
        &self.panels.iter().find(|(known, _)| known.as_str() == name).unwrap().1
    }

    /// How many keys have their primary account on each panel, in the order of the panels.
    pub async fn spread(&self) -> Vec<u32> {
        let counters = self.core.store.counters().await.unwrap();
        let of =
            |id: &InstanceId| counters.iter().find(|(known, _)| known == id).map_or(0, |(_, one)| one.active);
        self.panels.iter().map(|(id, _)| of(id)).collect()
    }

    /// Where a key's primary account is.
    pub async fn place_of(&self, config: ConfigId) -> String {
        let key = self.core.store.key(config).await.unwrap().unwrap();
        key.primary().unwrap().instance.to_string()
    }

    /// Each key has one primary account, and a client with its present secrets is served there.
    pub async fn assert_all_serve(&self, keys: &[ConfigId]) {
        for config in keys {
            let key = self.core.store.key(*config).await.unwrap().unwrap();
            let primaries = key.accounts.iter().filter(|account| account.role == Role::Primary).count();
            assert_eq!(primaries, 1, "primaries of {config}");
            let place = key.primary().unwrap().instance.to_string();
            assert!(self.panel(&place).works(&self.uuid(*config).await), "{config} does not work on {place}");
        }
    }

    pub async fn uuid(&self, config: ConfigId) -> String {
        self.core.store.credentials(config).await.unwrap().unwrap().uuid.to_string()
    }

    /// Names cannot be resolved any more, or can again.
    pub fn names_fail(&self, fail: bool) {
        self.names_fail.store(fail, Ordering::SeqCst);
    }

    /// The world around vanishes behind our own uplink, or is back.
    pub fn cut_off(&self, cut: bool) {
        for door in &self.anchors {
            door.set_fault(if cut { DoorFault::BlackHole } else { DoorFault::None });
        }
    }

    /// What was reported of a subject since the beginning, in order; repeats once.
    pub async fn timeline(&self, kind: Kind, subject: &str) -> Vec<&'static str> {
        let incidents =
            self.core.store.incidents_since(self.clock.now() - chrono::TimeDelta::days(1)).await.unwrap();
        let mut of: Vec<_> =
            incidents.into_iter().filter(|one| one.kind == kind && one.subject == subject).collect();
        of.sort_by_key(|one| one.opened_at);
        let mut words: Vec<&'static str> =
            of.iter().flat_map(|one| one.timeline.iter()).map(|(_, entry)| word(entry)).collect();
        words.dedup();
        words
    }

    /// How many letters the admin was sent of incidents.
    pub async fn incidents(&self) -> usize {
        let since = self.clock.now() - chrono::TimeDelta::days(1);
        let all = self.core.store.incidents_since(since).await.unwrap();
        all.into_iter().filter(|one| one.is_told).count()
    }
}

fn word(entry: &Entry) -> &'static str {
    match entry {
        Entry::Suspected => "suspected",
        Entry::ControlDown => "control-down",
        Entry::Unreachable => "unreachable",
        Entry::Down { .. } => "down",
        Entry::Misconfigured { .. } => "misconfigured",
        Entry::Recovering => "recovering",
        Entry::Recovered { .. } => "recovered",
        Entry::EvacuationPlanned { .. } => "planned",
        Entry::EvacuationProgress { .. } => "progress",
        Entry::EvacuationDone { .. } => "done",
        Entry::EvacuationPaused { .. } => "paused",
        Entry::EvacuationResumed { .. } => "resumed",
        Entry::EvacuationCancelled { .. } => "cancelled",
        _ => "other",
    }
}

pub fn id(name: &str) -> InstanceId {
    name.parse().unwrap()
}

/// The real driver with less patience than in production, and names that can fail for all.
struct Hasty {
    panel: Arc<dyn Panel>,
    names_fail: Arc<AtomicBool>,
}

impl Hasty {
    async fn soon<T>(&self, call: impl Future<Output = Result<T, PanelError>>) -> Result<T, PanelError> {
        if self.names_fail.load(Ordering::SeqCst) {
            return Err(PanelError::Unavailable(Trouble::Dns));
        }
        let answer = tokio::time::timeout(TIMEOUT, call).await;
        answer.unwrap_or(Err(PanelError::Unclear(Trouble::Timeout)))
    }
}

#[async_trait]
impl Panel for Hasty {
    async fn check(&self) -> Result<Overview, PanelError> {
        self.soon(self.panel.check()).await
    }

    async fn pulse(&self, timeout: Duration) -> Result<Pulse, PanelError> {
        self.soon(self.panel.pulse(timeout)).await
    }

    fn certificate_ends_at(&self) -> Option<Timestamp> {
        self.panel.certificate_ends_at()
    }

    async fn inspect(&self) -> Result<Inspection, PanelError> {
        self.soon(self.panel.inspect()).await
    }

    async fn create(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError> {
        self.soon(self.panel.create(account, call)).await
    }

    async fn update(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError> {
        self.soon(self.panel.update(account, call)).await
    }

    async fn delete(&self, name: &AccountName, call: Call) -> Result<Deleted, PanelError> {
        self.soon(self.panel.delete(name, call)).await
    }

    async fn get(&self, name: &AccountName, call: Call) -> Result<Option<Account>, PanelError> {
        self.soon(self.panel.get(name, call)).await
    }

    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Page, PanelError> {
        self.soon(self.panel.list(prefix, offset, limit)).await
    }

    async fn subscription(
        &self,
        url: &str,
        agent: &str,
        timeout: Duration,
    ) -> Result<Subscription, PanelError> {
        self.soon(self.panel.subscription(url, agent, timeout)).await
    }

    async fn nodes(&self) -> Result<Vec<Node>, PanelError> {
        self.soon(self.panel.nodes()).await
    }

    async fn reconnect_node(&self, node: i64) -> Result<(), PanelError> {
        self.soon(self.panel.reconnect_node(node)).await
    }

    async fn restart_core(&self) -> Result<(), PanelError> {
        self.soon(self.panel.restart_core()).await
    }
}
