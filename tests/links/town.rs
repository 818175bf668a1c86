//! A world whose links are answered at a real door, and an app in front of it.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karvan::domain::instance::Health;
use karvan::domain::{Clock, ConfigId, Timestamp};
use karvan::http::listen::{Door, Patience};
use karvan::http::public::{Front, routes};
use karvan::http::{closed, vantage};
use karvan::panel::fake::Verb;
use karvan::panel::{PanelError, Trouble};
use karvan::service::links::{Addresses, LinkBook, Links};
use karvan::store::health::Check;
use karvan::text::apps::Apps;
use karvan::text::{Lang, Words};
use rand::SeedableRng;
use rand::rngs::StdRng;
use reqwest::Client;
use reqwest::header::{HeaderMap, USER_AGENT};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::db::{Db, Kind};
use crate::memory::{Spec, World, id};

/// Where links lead, as people see it.
pub const ORIGINS: [&str; 2] = ["https://keys.example.com", "https://keys.example.net"];
/// An app that takes links.
pub const V2RAY: &str = "v2rayNG/1.8.19";
/// An app that takes YAML.
pub const CLASH: &str = "clash-verge/v2.0.0";

/// A world with a door.
pub struct Town {
    pub world: World,
    pub links: Links,
    gate: Gate,
    /// Its database, for who comes by another way.
    pub db: Db,
}

/// A door, and an app in front of it. It closes with the value.
pub struct Gate {
    pub door: SocketAddr,
    client: Client,
    stop: CancellationToken,
}

/// What an app got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of a header that apps show.
    pub fn spoken(&self, name: &str) -> String {
        let text = self.header(name);
        match text.strip_prefix("base64:") {
            Some(coded) => String::from_utf8(STANDARD.decode(coded).unwrap()).unwrap(),
            None => text.to_owned(),
        }
    }

    /// Its links, one a line, as an app that takes links reads them.
    pub fn links(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        let text = String::from_utf8(STANDARD.decode(self.body.trim()).unwrap()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Whether an app can use what it got: a server that is not its own device.
    pub fn is_usable(&self) -> bool {
        self.status == 200 && self.links().iter().any(|link| link.contains(".example:443"))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl std::ops::Deref for Town {
    type Target = Gate;

    fn deref(&self) -> &Gate {
        &self.gate
    }
}

impl Town {
    /// Three locations with room for 100 each.
    pub async fn three() -> Self {
        let three = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0), Spec("fi1", "fi", 100, 1.0)];
        Self::of(&three).await
    }

    pub async fn of(specs: &[Spec]) -> Self {
        Self::on(Kind::Sqlite, specs).await.unwrap()
    }

    /// A world on a database of its own. `None`: there is no PostgreSQL.
    pub async fn on(kind: Kind, specs: &[Spec]) -> Option<Self> {
        let db = kind.fresh().await?;
        let key = db.store.link_key(&mut StdRng::from_os_rng()).await.unwrap();
        let addresses = Addresses::new(ORIGINS.map(str::to_owned).into(), "/sub".to_owned());
        let world = World::build(db.store.clone(), specs, LinkBook::new(key, addresses)).await;
        Some(Self::around(world, db).await)
    }

    async fn around(world: World, db: Db) -> Self {
        let links = Links::new(world.core.clone());
        let gate = Gate::of(links.clone()).await;
        Self { world, links, gate, db }
    }

    /// A door of a process that has seen nothing yet.
    pub async fn another_door(&self) -> Gate {
        Gate::of(Links::new(self.world.core.clone())).await
    }

    /// The link that the chat shows.
    pub async fn link(&self, key: ConfigId) -> String {
        self.world.keys.view(key).await.unwrap().unwrap().link.unwrap()
    }

    /// The path of the link that the chat shows.
    pub async fn path(&self, key: ConfigId) -> String {
        let link = self.link(key).await;
        link.strip_prefix(ORIGINS[0]).unwrap().to_owned()
    }

    /// Time passes; what is known of keys and panels' answers is old.
    pub fn passes(&self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Changes rows behind the store's back.
    pub async fn tamper(&self, statement: &str) {
        self.db.tamper(statement).await;
    }

    /// How often a panel was asked for an app.
    pub fn asked(&self, panel: &str) -> usize {
        let arrived = self.world.panel(panel).arrived();
        arrived.iter().filter(|call| call.verb == Verb::Fetch).count()
    }

    /// A panel refuses every connection, and the checks say `health` of it.
    pub async fn dies(&self, name: &str, health: Health) {
        self.world.panel(name).set_down(Some(PanelError::Unavailable(Trouble::Refused)));
        self.mark(name, health).await;
    }

    /// What the checks say.
    pub async fn mark(&self, name: &str, health: Health) {
        let good = health == Health::Healthy;
        let check = Check {
            health,
            latency_ms: good.then_some(10),
            version: None,
            users_active: None,
            core_started: good.then_some(true),
            problem: (!good).then(|| "refused".to_owned()),
        };
        let core = &self.world.core;
        core.store.record_check(&id(name), &check, self.world.clock.now()).await.unwrap();
        core.placer.refresh(&core.store).await.unwrap();
    }
}

impl Gate {
    async fn of(links: Links) -> Self {
        let watched = vantage::routes(links.core().clone(), Vec::new());
        let front = Front {
            links,
            words: Words::load(chrono_tz::UTC),
            apps: Apps::built_in(),
            name: "VPN".to_owned(),
            support_contact: Some("@help_desk".to_owned()),
            default_language: Lang::En,
            trusted: vec!["127.0.0.1".parse().unwrap()],
        };
        let routes = closed(routes(front).merge(watched));
        let door = Door::open(([127, 0, 0, 1], 0).into(), routes).await.unwrap();
        let patience = Patience { headers: Duration::from_millis(700), stall: Duration::from_millis(700) };
        let door = door.with_patience(patience);
        let (address, stop) = (door.address().unwrap(), CancellationToken::new());
        tokio::spawn(door.serve(stop.clone()));
        let client =
            Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { door: address, client, stop }
    }

    /// An app fetches.
    pub async fn fetch(&self, path: &str, agent: &str) -> Got {
        self.ask("GET", path, &[(USER_AGENT.as_str(), agent)]).await
    }

    /// Somebody asks, with headers.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Got {
        let url = format!("http://{}{path}", self.door);
        let mut request = self.client.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Got { status, headers, body: answer.text().await.unwrap() }
    }

    /// What comes back for bytes that no library would send, until the other side has said all.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.door).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
        let _ = read.await.expect("the door never lets a client hang");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The same, for an answer without a body; the connection may stay open.
    pub async fn raw_one(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.door).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("an answer to its end"));
        }
        String::from_utf8(answer).unwrap()
    }
}
