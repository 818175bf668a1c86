//! Several real processes over one real PostgreSQL, behind a balancer, with Telegram bringing updates: as in a data
//! centre, and with everything that goes wrong in one.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command as Plain;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use sim::postgres::Cluster;
use sim::telegram::{Options, Telegram};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::Child;
use tokio_util::sync::CancellationToken;

use crate::install::{Install, Spec, free};

/// How long a state may take to come: the slowest machine, and a lease that has to end.
const PATIENCE: Duration = Duration::from_secs(90);

/// The way of one process to the database, which can be cut.
pub struct Gate {
    address: SocketAddr,
    open: tokio::sync::watch::Sender<bool>,
}

impl Gate {
    async fn to(database: &str) -> Self {
        let (open, shown) = tokio::sync::watch::channel(true);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let database = database.to_owned();
        tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else { return };
                let (database, mut shown) = (database.clone(), shown.clone());
                tokio::spawn(async move {
                    let through = async {
                        match database.split_once("?host=") {
                            Some((_, folder)) => {
                                let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
                                pass(near, UnixStream::connect(socket).await).await;
                            }
                            None => {
                                let url: url::Url = database.parse().unwrap();
                                let host =
                                    (url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(5432));
                                pass(near, TcpStream::connect(host).await).await;
                            }
                        }
                    };
                    tokio::select! {
                        () = through => {}
                        _ = shown.wait_for(|open| !*open) => {}
                    }
                });
            }
        });
        Self { address, open }
    }

    /// Cuts all connections, and lets none through.
    pub fn cut(&self) {
        self.open.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(mut near: TcpStream, far: std::io::Result<impl AsyncRead + AsyncWrite + Unpin>) {
    if let Ok(mut far) = far {
        let _ = copy_bidirectional(&mut near, &mut far).await;
    }
}

/// A process, and where it can be reached.
pub struct Replica {
    name: String,
    process: Option<Child>,
    pub gate: Gate,
    listen: SocketAddr,
    service: SocketAddr,
}

/// Whether the balancer sends anything there; cancelled when it does not any more.
type Healthy = Arc<Mutex<BTreeMap<SocketAddr, CancellationToken>>>;

/// The site.
pub struct Site {
    pub install: Install,
    pub telegram: Telegram,
    pub replicas: Vec<Replica>,
    database: String,
    raw: DatabaseConnection,
    healthy: Healthy,
    client: reqwest::Client,
}

impl Site {
    /// So many processes over a fresh database. `None`: there is no PostgreSQL, which was said on standard error.
    pub async fn of(replicas: usize, specs: &[Spec]) -> Option<Self> {
        let database = Cluster::shared().await?.database().await.unwrap();
        Some(Self::over(database, replicas, specs).await)
    }

    /// So many processes over the database at this address.
    pub async fn over(database: String, replicas: usize, specs: &[Spec]) -> Self {
        let mut install = Install::over(specs, Duration::ZERO, Some(database.clone())).await;
        let options = Options { clock: install.clock.clone(), ..Options::default() };
        let telegram = Telegram::start(options).await.unwrap();
        install.set("TELOXIDE_TOKEN", &telegram.token());
        install.set("TELOXIDE_API_URL", &telegram.url());
        install.set("WEBHOOK_SECRET", "a-secret-of-this-story");
        // Nothing of the world outside is asked in a test.
        let anchor = TcpListener::bind("127.0.0.1:0").await.unwrap();
        install.set("REFERENCE_PROBES", &anchor.local_addr().unwrap().to_string());
        tokio::spawn(async move { while anchor.accept().await.is_ok() {} });
        let healthy = Healthy::default();
        let front = balance(healthy.clone()).await;
        install.set("WEBHOOK_URL", &format!("http://{front}/telegram"));
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(1)).build().unwrap();
        let mut site = Self {
            raw: Database::connect(&database).await.unwrap(),
            install,
            telegram,
            replicas: Vec::new(),
            database,
            healthy,
            client,
        };
        for number in 0..replicas {
            let gate = Gate::to(&site.database).await;
            let (listen, service) = (free(), free());
            let name = format!("replica-{number}");
            site.watch(listen, service);
            site.replicas.push(Replica { name, process: None, gate, listen, service });
            site.starts(number);
        }
        site.until("all are ready", async |site| site.all_ready().await).await;
        site
    }

    /// Whether every process says that it is ready.
    pub async fn all_ready(&self) -> bool {
        for replica in &self.replicas {
            if !self.ready(replica).await {
                return false;
            }
        }
        true
    }

    /// A process starts.
    pub fn starts(&mut self, number: usize) {
        let log = self.log(number);
        let replica = &mut self.replicas[number];
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut url: url::Url = self.database.parse().unwrap();
        url.set_query(Some("sslmode=disable"));
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(replica.gate.address.port())).unwrap();
        let mut run = self.install.command(&["run"]);
        run.env("DATABASE_URL", url.as_str())
            .env("LISTEN_ADDR", replica.listen.to_string())
            .env("SERVICE_ADDR", replica.service.to_string())
            .env("VANTAGE", &replica.name)
            .env("LOG_FORMAT", "json");
        replica.process = Some(run.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    }

    fn log(&self, number: usize) -> PathBuf {
        self.install.log().with_file_name(format!("replica-{number}.log"))
    }

    /// What a process wrote, for what is not said elsewhere.
    pub fn logs(&self) -> String {
        let logs = (0..self.replicas.len()).map(|number| {
            let text = std::fs::read_to_string(self.log(number)).unwrap_or_default();
            format!("--- {number}\n{text}")
        });
        logs.collect::<Vec<_>>().join("\n")
    }

    /// Looks after one process as a balancer does.
    fn watch(&self, listen: SocketAddr, service: SocketAddr) {
        let (client, healthy) = (self.client.clone(), self.healthy.clone());
        tokio::spawn(async move {
            loop {
                let asked = client.get(format!("http://{service}/readyz")).send().await;
                let well = asked.is_ok_and(|answer| answer.status().is_success());
                {
                    let mut healthy = healthy.lock().unwrap();
                    if well {
                        healthy.entry(listen).or_default();
                    } else if let Some(connections) = healthy.remove(&listen) {
                        connections.cancel();
                    }
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
    }

    async fn ready(&self, replica: &Replica) -> bool {
        let asked = self.client.get(format!("http://{}/readyz", replica.service)).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// A page of a process's service door.
    pub async fn page(&self, number: usize, path: &str) -> Option<String> {
        let url = format!("http://{}{path}", self.replicas[number].service);
        self.client.get(url).send().await.ok()?.text().await.ok()
    }

    /// The first column of the first row.
    pub async fn ask(&self, query: &str) -> Option<String> {
        let query = Statement::from_string(self.raw.get_database_backend(), query);
        let row = self.raw.query_one_raw(query).await.ok()??;
        row.try_get_by_index::<Option<String>>(0).unwrap()
    }

    /// The number behind it.
    pub async fn count(&self, query: &str) -> i64 {
        self.ask(&format!("SELECT ({query})::text")).await.unwrap().parse().unwrap()
    }

    /// The process that leads, and its epoch. The holder's name begins with its number in the system.
    pub async fn leader(&self) -> Option<(usize, i64)> {
        let query = "SELECT holder || ' ' || epoch FROM leases WHERE expires_at > clock_timestamp()";
        let lease = self.ask(query).await?;
        let (holder, epoch) = lease.split_once(' ')?;
        let system: u32 = holder.split('-').next()?.parse().ok()?;
        let number = self
            .replicas
            .iter()
            .position(|replica| replica.process.as_ref().and_then(Child::id) == Some(system))?;
        Some((number, epoch.parse().ok()?))
    }

    /// Waits until one leads whose epoch is newer; how long that took.
    pub async fn takes_over(&self, after: i64) -> Duration {
        let began = Instant::now();
        self.until("another one leads", async |site| {
            site.leader().await.is_some_and(|(_, epoch)| epoch > after)
        })
        .await;
        began.elapsed()
    }

    /// Waits until somebody leads.
    pub async fn led(&self) -> (usize, i64) {
        self.until("somebody leads", async |site| site.leader().await.is_some()).await;
        self.leader().await.unwrap()
    }

    /// Sends a signal, such as `STOP`.
    pub fn signals(&self, number: usize, signal: &str) {
        let id = self.replicas[number].process.as_ref().and_then(Child::id).expect("it runs");
        let done = Plain::new("kill").args([format!("-{signal}"), id.to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Waits for the end of a process.
    pub async fn ends(&mut self, number: usize) -> Duration {
        let began = Instant::now();
        let mut process = self.replicas[number].process.take().expect("it runs");
        tokio::time::timeout(Duration::from_secs(20), process.wait()).await.expect("it ends").unwrap();
        began.elapsed()
    }

    /// The database ends all connections, as it does when it is restarted.
    pub async fn drops_connections(&self) {
        let end = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.ask(end).await.unwrap();
    }

    /// Waits for a state.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let wait = async {
            while !holds(self).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, wait).await.is_ok();
        assert!(came, "still not so: {what}\n{}\n{}", self.undone().await, self.logs());
    }

    /// What is under way in the database, for a story that does not come to its end.
    pub async fn undone(&self) -> String {
        let mut told = String::new();
        for rows in [
            "operations WHERE ended_at IS NULL",
            "waitlist",
            "outbox WHERE sent_at IS NULL AND dropped_at IS NULL",
            "inbox WHERE done_at IS NULL OR problem IS NOT NULL",
            "menus",
            "flags WHERE raised",
            "leases",
        ] {
            let table = rows.split(' ').next().unwrap();
            let found = self.ask(&format!("SELECT string_agg({table}::text, E'\\n') FROM {rows}")).await;
            told += &format!("--- {rows}\n{}\n", found.unwrap_or_default());
        }
        let sessions = "SELECT string_agg(concat_ws(' | ', pid, state, now() - state_change, wait_event, \
                        pg_blocking_pids(pid)::text, left(query, 100)), E'\\n' ORDER BY state_change) \
                        FROM pg_stat_activity WHERE datname = current_database()";
        told + "--- sessions of the database\n" + &self.ask(sessions).await.unwrap_or_default()
    }
}

/// Hands each connection to the next process that is well.
async fn balance(healthy: Healthy) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let turn = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        loop {
            let Ok((near, _)) = listener.accept().await else { return };
            let (healthy, turn) = (healthy.clone(), turn.clone());
            tokio::spawn(async move {
                let all: Vec<_> =
                    healthy.lock().unwrap().iter().map(|(at, ends)| (*at, ends.clone())).collect();
                let first = turn.fetch_add(1, Ordering::Relaxed);
                for step in 0..all.len() {
                    let (at, ends) = &all[(first + step) % all.len()];
                    if let Ok(far) = TcpStream::connect(at).await {
                        tokio::select! {
                            () = pass(near, Ok(far)) => {}
                            () = ends.cancelled() => {}
                        }
                        return;
                    }
                }
            });
        }
    });
    address
}
