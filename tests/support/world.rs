//! A whole world: the simulated Telegram, simulated panels, and the real program between them on a SQLite file.
//!
//! All three share a clock that is moved by hand; loops and time-outs run in real time, on loopback.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeZone;
use karvan::domain::clock::Clock;
use karvan::domain::instance::{AdminState, Connection, Instance, Mode, PanelKind, Weight};
use karvan::domain::{InstanceId, Timestamp, UserId, placement};
use karvan::panel::{self, Defaults};
use karvan::service::core::{AccessMode, Core, Policy, Signals};
use karvan::service::executor::Executor;
use karvan::service::leader::Leader;
use karvan::service::panels::Panels;
use karvan::service::placer::Placer;
use karvan::service::watch::Watch;
use karvan::store::{SecretKey, Secrets, Store};
use karvan::telegram::pacer::Limits;
use karvan::telegram::{About, Desk, tg};
use karvan::text::Words;
use karvan::text::apps::Apps;
use sim::clock::SimClock;
use sim::marzban::{self, Marzban};
use sim::telegram::{Actor, Options, Person, Telegram};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The admin of every world.
pub const ADMIN: i64 = 1;

/// A panel to be: its id, its location, how many keys it may hold.
#[derive(Debug, Clone, Copy)]
pub struct Spec(pub &'static str, pub &'static str, pub u32);

/// How a world begins.
pub struct Start {
    /// The panels.
    pub panels: Vec<Spec>,
    /// Who may have a key.
    pub access: AccessMode,
    /// How many keys a person may have.
    pub max_keys: u32,
    /// The admins.
    pub admins: Vec<i64>,
    /// Where alerts go instead of to each admin.
    pub alert_chat: Option<i64>,
    /// The topic of that chat.
    pub alert_topic: Option<i32>,
    /// The limits that the program keeps towards Telegram.
    pub limits: Limits,
    /// The wall clock instead of one moved by hand.
    pub real_time: bool,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            panels: vec![Spec("de1", "de", 100), Spec("nl1", "nl", 100)],
            access: AccessMode::Open,
            max_keys: 1,
            admins: vec![ADMIN],
            alert_chat: None,
            alert_topic: None,
            limits: Limits::NONE,
            real_time: false,
        }
    }
}

/// The world. Whatever runs in it ends with it.
pub struct World {
    pub telegram: Telegram,
    pub panels: Vec<(InstanceId, Marzban)>,
    pub core: Core,
    pub clock: SimClock,
    /// The address of the database, and what seals its secrets.
    pub url: String,
    pub key: SecretKey,
    access: tg::Access,
    limits: Limits,
    app: Option<App>,
    dir: tempfile::TempDir,
}

struct App {
    desk: Arc<Desk>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.cancel();
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The simulation's clock, as the program reads it.
struct Shared(SimClock);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl World {
    /// Two panels with room, open to everybody, one key each; the program runs.
    pub async fn open() -> Self {
        Self::with(Start::default()).await
    }

    /// The program runs.
    pub async fn with(start: Start) -> Self {
        let mut world = Self::asleep(start).await;
        world.starts();
        world.telegram.expect_poll().await;
        world
    }

    /// Everything is there, but the program does not run yet.
    pub async fn asleep(start: Start) -> Self {
        let noon = chrono::Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap();
        let clock = if start.real_time { SimClock::real() } else { SimClock::manual(noon) };
        let telegram = Telegram::start(Options { clock: clock.clone(), ..Options::default() }).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("karvan.db").display());
        let key = SecretKey::generate(&mut rand::rng());
        let store = Store::open(&url, Secrets::new(key.clone(), Vec::new())).await.unwrap();
        store.migrate_up().await.unwrap();
        let mut panels = Vec::new();
        for (seed, spec) in (1..).zip(&start.panels) {
            panels.push(add_panel(&store, &clock, spec, seed).await);
        }
        let shared: Arc<dyn Clock> = Arc::new(Shared(clock.clone()));
        let policy = Policy {
            access: start.access,
            default_days: Some(30),
            default_gb: Some(100),
            max_keys_per_user: start.max_keys,
            linger: Duration::from_secs(48 * 3600),
            keep_ended: Duration::from_secs(3 * 86_400),
            admins: start.admins.into_iter().map(UserId).collect(),
            alert_chat: start.alert_chat,
            alert_topic: start.alert_topic,
            care: karvan::service::core::Care::default(),
        };
        let driver_clock = shared.clone();
        let connector = Arc::new(move |instance: &Instance, password| {
            panel::connect(instance, password, &Defaults::default(), driver_clock.clone(), 7)
        });
        let installation = "abcdef".parse().unwrap();
        let core = Core {
            panels: Arc::new(Panels::new(store.clone(), connector)),
            placer: Arc::new(Placer::new(7, placement::Policy::default())),
            store,
            clock: shared,
            policy: Arc::new(policy),
            installation,
            links: Arc::new(karvan::service::links::LinkBook::none(&mut rand::rng())),
            signals: Arc::new(Signals::default()),
            leader: Arc::new(Leader::alone("test")),
        };
        let access = tg::Access {
            token: telegram.token().into(),
            api_url: telegram.url().parse().unwrap(),
            proxy: None,
        };
        let world =
            Self { telegram, panels, core, clock, url, key, access, limits: start.limits, app: None, dir };
        world.checks().await;
        world
    }

    /// The program starts.
    pub fn starts(&mut self) {
        let about = About { support_contact: Some("@karvan_help".to_owned()), ..About::default() };
        let gateway = tg::Tg::with_limits(&self.access, self.limits).unwrap();
        let core = Core { signals: Arc::new(Signals::default()), ..self.core.clone() };
        self.core = core.clone();
        let desk = Desk::new(core.clone(), Words::load(chrono_tz::UTC), Apps::built_in(), about, gateway);
        let stop = CancellationToken::new();
        let executor = Executor::new(core.clone(), "test");
        let (for_chat, for_executor) = (stop.clone(), stop.clone());
        let tasks = vec![
            tokio::spawn(karvan::telegram::run(desk.clone(), for_chat)),
            tokio::spawn(async move { executor.run(for_executor).await }),
            tokio::spawn(async move {
                loop {
                    core.placer.refresh(&core.store).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }),
        ];
        self.app = Some(App { desk, stop, tasks });
    }

    /// What the program's chat works with.
    pub fn desk(&self) -> Arc<Desk> {
        self.app.as_ref().expect("the program runs").desk.clone()
    }

    /// The program is killed: nothing of it ends in order.
    pub fn dies(&mut self) {
        self.app = None;
    }

    /// The program stops in order.
    pub async fn stops(&mut self) {
        let mut app = self.app.take().expect("the program runs");
        app.stop.cancel();
        let chat = app.tasks.swap_remove(0);
        tokio::time::timeout(Duration::from_secs(10), chat)
            .await
            .expect("an orderly stop takes < 10 s")
            .unwrap();
    }

    /// Each panel is looked at twice, some seconds apart: those that answer are healthy.
    pub async fn checks(&self) {
        let watch = Watch::new(self.core.clone());
        for _ in 0..2 {
            watch.check_all().await.unwrap();
            self.clock.advance(Duration::from_secs(6));
        }
        self.core.placer.refresh(&self.core.store).await.unwrap();
    }

    /// Time passes for the program, Telegram and the panels.
    pub fn passes(&self, time: Duration) {
        self.clock.advance(time);
        self.core.signals.mail.notify_one();
        self.core.signals.work.notify_one();
    }

    /// Alice, with an English app.
    pub fn alice(&self) -> Actor {
        self.person(1001, "Alice", "en")
    }

    /// Anybody.
    pub fn person(&self, id: i64, name: &str, language: &str) -> Actor {
        self.telegram.person(Person::new(id, name).language(language))
    }

    /// The admin, who has spoken to the bot.
    pub async fn admin(&self) -> Actor {
        let admin = self.person(ADMIN, "Boss", "en");
        admin.send("/start").await;
        admin.expect_button("Get a key").await;
        admin
    }

    /// A panel by its instance's id.
    pub fn panel(&self, id: &str) -> &Marzban {
        &self.panels.iter().find(|(known, _)| known.as_str() == id).expect("a panel of this world").1
    }

    /// All accounts on all panels.
    pub fn accounts(&self) -> usize {
        self.panels.iter().map(|(_, panel)| panel.usernames().len()).sum()
    }

    /// Waits until no operation is open any more; time passes meanwhile, for those that are tried again.
    pub async fn settles(&self) {
        for _ in 0..500 {
            if self.core.store.open_operations().await.unwrap() == 0 {
                return;
            }
            self.passes(Duration::from_millis(100));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("an operation never ends:\n{}", self.telegram.transcript());
    }

    /// The bytes of the database, its log included.
    pub fn database_files(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.dir.path()).unwrap();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// A person's keys as stored.
    pub async fn keys_of(&self, person: &Actor) -> usize {
        self.core.store.keys_of(UserId(person.id())).await.unwrap().len()
    }

    /// A person's first key, from `/start` to the question which device it is for.
    pub async fn first_key(&self, person: &Actor) {
        person.send("/start").await;
        person.expect_button("⚡").await;
        person.click("⚡").await;
        person.expect_button("Android").await;
    }

    /// Waits until just so many updates are not done.
    pub async fn leaves_unfinished(&self, count: u64) {
        for _ in 0..500 {
            if self.core.store.unfinished_updates().await.unwrap() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not {count} updates are left:\n{}", self.telegram.transcript());
    }

    /// Waits until nothing that came in is unhandled and nothing that shall go out waits.
    pub async fn rests(&self) {
        self.telegram.quiet().await;
        for _ in 0..1000 {
            let now = self.core.clock.now();
            let undone =
                self.core.store.undone_updates(&std::collections::BTreeSet::new(), now, 1).await.unwrap();
            let lanes = self.core.store.waiting_by_lane(now).await.unwrap();
            let due: Vec<_> = lanes.into_iter().filter(|(_, _, due)| due.is_some()).collect();
            let begun = self.core.store.unfinished_updates().await.unwrap();
            if undone.is_empty() && due.is_empty() && begun == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let now = self.core.clock.now();
        let due = self.core.store.due_letters(now, 5).await.unwrap();
        let undone = self.core.store.unfinished_updates().await.unwrap();
        panic!("the program never rests: {undone} updates, {due:?}\n{}", self.telegram.transcript());
    }
}

async fn add_panel(store: &Store, clock: &SimClock, spec: &Spec, seed: u64) -> (InstanceId, Marzban) {
    let Spec(id, region, max_users) = *spec;
    let options =
        marzban::Options { name: id.to_owned(), clock: clock.clone(), seed, ..marzban::Options::default() };
    let (username, password) = options.admin.clone();
    let panel = Marzban::start(options).await.unwrap();
    panel.set_subscription_url_prefix(&format!("https://{id}.example"));
    let instance = Instance {
        id: id.parse().unwrap(),
        name: id.to_uppercase(),
        note: String::new(),
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: panel.url().parse().unwrap(),
        username,
        region: region.parse().unwrap(),
        provider: None,
        tags: Vec::new(),
        admin_state: AdminState::Open,
        priority: 1,
        weight: Weight::ONE,
        max_users,
        connection: Connection::default(),
        care: karvan::domain::instance::Care::default(),
    };
    assert!(store.add_instance(&instance, &password.into(), clock.now()).await.unwrap());
    (instance.id, panel)
}

/// A chat as a person reads it, for snapshots: links and bare keys without what is drawn by chance, and the direction
/// marks that Rust refuses in a literal as brackets.
pub fn reads(person: &Actor) -> String {
    plain(&person.transcript())
}

/// A text without the time that anything took.
pub fn timeless(text: &str) -> String {
    let mut text = text.to_owned();
    for unit in [" ms", " мс", " میلی‌ثانیه"] {
        while let Some(end) = text.find(unit) {
            let digit = |c: char| c.is_ascii_digit() || ('۰'..='۹').contains(&c);
            let start = text[..end].trim_end_matches(digit).len();
            text.replace_range(start..end + unit.len(), "—");
        }
    }
    text
}

/// A text for snapshots, see [`reads`].
pub fn plain(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        let cut = line.find("/sub/").map_or(line, |at| &line[..at + 5]);
        plain.push_str(cut.trim_end());
        if cut.len() < line.len() {
            plain.push('…');
        }
        plain.push('\n');
    }
    plain.replace(['\u{2066}', '\u{2068}'], "⟨").replace('\u{2069}', "⟩")
}
