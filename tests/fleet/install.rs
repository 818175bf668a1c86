//! Karvan as an operator installs it: a folder, settings in the environment, panels taken in from a fleet file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use karvan::domain::{Clock, SystemClock};
use karvan::store::SecretKey;
use rand::Rng;
use sim::clock::SimClock;
use sim::marzban::{Inbound, Marzban, Options};
use tokio::process::Command;

/// How long a story waits for a state: time enough for the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// The one admin.
pub const ADMIN: i64 = 1;

/// A panel to be: its id, how many keys it may hold, its share.
#[derive(Debug, Clone, Copy)]
pub struct Spec(pub &'static str, pub u32, pub f64);

/// The folder, the settings, and the panels. What runs in it ends with it.
pub struct Install {
    /// The clock of the panels, moved by hand; it begins at the time of the machine, which the binary goes by, or before.
    pub clock: SimClock,
    /// The panels, in the order of their ids.
    pub panels: Vec<(String, Marzban)>,
    variables: BTreeMap<String, String>,
    folder: tempfile::TempDir,
}

impl Install {
    /// Starts the panels, and takes them in with the `import` command.
    pub async fn new(specs: &[Spec]) -> Self {
        Self::begun(specs, Duration::ZERO).await
    }

    /// The same, with the panels' clock so much behind: there is time to move it before it passes the machine's.
    pub async fn begun(specs: &[Spec], ago: Duration) -> Self {
        Self::over(specs, ago, None).await
    }

    /// The same over the database at this address, in place of a file of its own.
    pub async fn over(specs: &[Spec], ago: Duration, database: Option<String>) -> Self {
        let clock = SimClock::manual(SystemClock.now() - ago);
        let folder = tempfile::tempdir().unwrap();
        let mut panels = Vec::new();
        let mut file = String::from("instances:\n");
        for (place, Spec(id, max_users, weight)) in (0_u16..).zip(specs) {
            let options = Options {
                name: (*id).to_owned(),
                clock: clock.clone(),
                seed: u64::from(place) + 1,
                inbounds: Inbound::defaults(20_100 + 100 * place),
                ..Options::default()
            };
            let panel = Marzban::start(options).await.unwrap();
            panel.set_subscription_url_prefix(&panel.url());
            let url = panel.url();
            writeln!(
                file,
                "  - {{ id: {id}, base_url: \"{url}\", username: admin, password_env: PANEL_PASSWORD, \
                 region: de, weight: {weight}, max_users: {max_users} }}"
            )
            .unwrap();
            panels.push(((*id).to_owned(), panel));
        }
        let file_of_its_own = || format!("sqlite://{}?mode=rwc", folder.path().join("karvan.db").display());
        let database = database.unwrap_or_else(file_of_its_own);
        let variables = [
            ("SECRET_KEY", SecretKey::generate(&mut rand::rng()).expose()),
            ("DATABASE_URL", database),
            ("ADMIN_IDS", ADMIN.to_string()),
            ("ACCESS", "open".to_owned()),
            ("DEFAULT_DAYS", "30".to_owned()),
            ("DEFAULT_GB", "100".to_owned()),
            ("MAX_KEYS_PER_USER", "3".to_owned()),
            ("LINGER", "48h".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let install = Self { clock, panels, variables, folder };
        let fleet = install.folder.path().join("fleet.yaml");
        std::fs::write(&fleet, file).unwrap();
        let mut import = install.command(&["import", "fleet.yaml"]);
        let done = import.env("PANEL_PASSWORD", "admin-password").output().await.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        install
    }

    /// One more setting.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// The settings, as the environment gives them.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The address of the database.
    pub fn database(&self) -> &str {
        &self.variables["DATABASE_URL"]
    }

    /// The real binary with these settings and nothing else. It dies with its handle.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_karvan"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.variables);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Where the binary writes its log.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("karvan.log")
    }

    /// A panel by its id.
    pub fn panel(&self, id: &str) -> &Marzban {
        &self.panels.iter().find(|(known, _)| known == id).expect("a panel of this story").1
    }
}

/// A port that nobody listens at, below those that the system hands out: no connection of another story takes it until
/// somebody listens there, or while who listened there is gone for a moment.
pub fn free() -> SocketAddr {
    let listen = |_| {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::rng().random_range(10_000..20_000)));
        TcpListener::bind(address).ok().and_then(|listener| listener.local_addr().ok())
    };
    (0..1000).find_map(listen).unwrap()
}

/// Waits for a state.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "still not so: {what}");
}
