//! What every story begins with.

use std::sync::Arc;
use std::time::Duration;

use karvan::domain::clock::{ManualClock, SystemClock};
use karvan::domain::instance::{AdminState, Connection, Instance, Mode, PanelKind, Weight};
use karvan::domain::{AccountName, Clock, Credentials, Timestamp};
use karvan::panel::{Applied, Call, Defaults, Panel, PanelError, Wanted, connect};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sim::marzban::{Marzban, Options, RequestLog};

/// The password of every simulated panel: no error, log or debug print may ever contain it.
pub const PASSWORD: &str = "admin-password";
/// What our accounts' notes are.
pub const NOTE: &str = "karvan:ab23cd:de001 tg:1001";
/// For calls that must not wait.
pub const SHORT: Call = Call { timeout: Duration::from_millis(400), send_by: None };
/// For all others.
pub const CALL: Call = Call::BACKGROUND;

/// An instance at `url`, as an operator would describe it.
pub fn instance(url: &str, connection: Connection) -> Instance {
    Instance {
        id: "de001".parse().unwrap(),
        name: "Frankfurt 1".to_owned(),
        note: String::new(),
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: url.parse().unwrap(),
        username: "admin".to_owned(),
        region: "de".parse().unwrap(),
        provider: None,
        tags: Vec::new(),
        admin_state: AdminState::Open,
        priority: 1,
        weight: Weight::ONE,
        max_users: 1000,
        connection,
        care: karvan::domain::instance::Care::default(),
    }
}

/// The driver of the panel at `url`, reached by `connection`.
pub fn drive(url: &str, connection: Connection) -> Result<Arc<dyn Panel>, PanelError> {
    connect(&instance(url, connection), PASSWORD.into(), &Defaults::default(), Arc::new(SystemClock), 7)
}

/// A panel as it comes, and its driver.
pub async fn world() -> (Marzban, Arc<dyn Panel>) {
    world_of(Options::default()).await
}

/// A panel set up by `options`, and its driver.
pub async fn world_of(options: Options) -> (Marzban, Arc<dyn Panel>) {
    let panel = Marzban::start(options).await.unwrap();
    let driver = drive(&panel.url(), Connection::default()).unwrap();
    (panel, driver)
}

/// A panel and a driver whose own clock is moved by hand.
pub async fn world_with_clock(options: Options) -> (Marzban, Arc<dyn Panel>, Arc<ManualClock>) {
    let panel = Marzban::start(options).await.unwrap();
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let instance = instance(&panel.url(), Connection::default());
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let driver = connect(&instance, PASSWORD.into(), &Defaults::default(), shared, 7).unwrap();
    (panel, driver, clock)
}

/// Account number `number`, without limits.
pub fn wanted(number: u64) -> Wanted {
    Wanted {
        name: AccountName::stored(format!("kab23cd1{number}1")),
        credentials: Credentials::generate(&mut StdRng::seed_from_u64(number)),
        enabled: true,
        expires_at: None,
        data_limit: None,
        note: NOTE.to_owned(),
    }
}

/// Account number `number`, with an end and a limit.
pub fn limited(number: u64) -> Wanted {
    Wanted {
        expires_at: Some(moment("2030-01-01T00:00:00.75Z")),
        data_limit: Some(5 << 30),
        ..wanted(number)
    }
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// How many requests of this kind the panel received.
pub fn count(panel: &Marzban, method: &str, path: &str) -> usize {
    panel.requests().iter().filter(|request| is(request, method, path)).count()
}

pub fn logins(panel: &Marzban) -> usize {
    count(panel, "POST", "/api/admin/token")
}

fn is(request: &RequestLog, method: &str, path: &str) -> bool {
    request.method == method && request.path == path
}

/// Waits until `done` holds; a state, not a while. Gives up after 10 s.
pub async fn until(what: &str, done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), wait).await.is_ok(), "never happened: {what}");
}

/// The account stands on the panel exactly as wanted, once, and its client is let in.
#[track_caller]
pub fn assert_stands(panel: &Marzban, wanted: &Wanted) {
    let name = wanted.name.as_str();
    assert_eq!(
        panel.usernames().iter().filter(|username| *username == name).count(),
        1,
        "one account {name}"
    );
    let user = panel.user(name).expect("it is there");
    let uuid = wanted.credentials.uuid.to_string();
    assert_eq!(user.uuid.as_deref(), Some(uuid.as_str()));
    assert_eq!(user.expire, wanted.expires_at.map(|at| at.timestamp()));
    assert_eq!(user.data_limit, wanted.data_limit.map(|bytes| i64::try_from(bytes).unwrap()));
    assert_eq!(user.note.as_deref(), Some(NOTE));
    assert_eq!(panel.works(&uuid), wanted.enabled, "whether a client is let in");
}

/// A success that is as wanted.
#[track_caller]
pub fn assert_applied(applied: &Applied, wanted: &Wanted, settled: bool) {
    assert!(applied.account.is_as(wanted), "{:?}", applied.account);
    assert_eq!(applied.settled, settled, "settled");
    assert!(!applied.account.links.is_empty(), "it has a link");
}
