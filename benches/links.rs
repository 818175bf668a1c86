//! Links over HTTP: requests a second that are answered from what is known, by asking the panel, and refused.
//!
//! `cargo bench --bench links` prints a table (`--quick` a shorter run). Panels are models in memory and the database is
//! a SQLite file, so the figures are those of this program. An empty axum route behind the same door is measured in the
//! same run, because machines differ; clients and door share the machine.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

#[path = "../tests/support/memory.rs"]
#[expect(dead_code, reason = "shared with the tests of operations, which use all of it")]
mod memory;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use karvan::domain::UserId;
use karvan::http::listen::Door;
use karvan::http::public::{Front, router};
use karvan::service::links::{Addresses, LinkBook, Links};
use karvan::store::{SecretKey, Secrets, Store};
use karvan::text::apps::Apps;
use karvan::text::{Lang, Words};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use memory::{Spec, World};

/// Connections that ask at once.
const CLIENTS: usize = 16;
/// Requests of one key that its limit allows at once.
const BURST: usize = 60;
const ORIGIN: &str = "https://keys.example";

#[tokio::main]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let keys = if quick { 100 } else { 500 };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    let store =
        Store::open(&url, Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new())).await.unwrap();
    store.migrate_up().await.unwrap();
    let key = store.link_key(&mut StdRng::from_os_rng()).await.unwrap();
    let book = LinkBook::new(key, Addresses::new(vec![ORIGIN.to_owned()], "/sub".to_owned()));
    let specs = ["a1", "b1", "c1", "d1"].map(|name| Spec(name, "de", 1_000, 1.0));
    let world = World::build(store, &specs, book).await;
    let paths = paths(&world, keys).await;
    let links = Links::new(world.core.clone());
    let front = Front {
        links: links.clone(),
        words: Words::load(chrono_tz::UTC),
        apps: Apps::built_in(),
        name: "VPN".to_owned(),
        support_contact: Some("@help".to_owned()),
        default_language: Lang::En,
        trusted: Vec::new(),
    };
    let stop = CancellationToken::new();
    let ours = open(router(front), &stop).await;
    let empty = open(Router::new().route("/empty", get(|| async {})), &stop).await;

    println!("| what | requests/s | of the empty route |");
    println!("| --- | --- | --- |");
    let rounds = if quick { 20_000 } else { 100_000 };
    let nothing = vec!["/empty".to_owned()];
    let reference = rate(empty, &nothing, rounds).await;
    let row = |what: &str, rate: f64| {
        println!("| {what} | {rate:.0} | {:.0} % |", 100.0 * rate / reference);
    };
    row("an empty route", reference);
    // Asked once each, so that all is known.
    rate(ours, &paths, keys).await;
    let known = (keys * (BURST - 1) / CLIENTS) * CLIENTS;
    row("a link, its answer known", rate(ours, &paths, known).await);
    let (mut asked, mut took) = (0, Duration::ZERO);
    for _ in 0..if quick { 5 } else { 20 } {
        // Later than any answer holds, and every key may be asked again.
        world.clock.advance(Duration::from_secs(90));
        let began = Instant::now();
        asked += ask(ours, &paths, keys).await;
        took += began.elapsed();
        links.write().await.unwrap();
    }
    row("a link, its panel asked", asked as f64 / took.as_secs_f64());
    let wrong: Vec<String> = paths.iter().map(|path| format!("{}x", &path[..path.len() - 1])).collect();
    row("a wrong link", rate(ours, &wrong, rounds).await);
    stop.cancel();
}

/// The paths of so many people's links.
async fn paths(world: &World, keys: usize) -> Vec<String> {
    let mut paths = Vec::new();
    for number in 0..i64::try_from(keys).unwrap() {
        let owner = UserId(10_000 + number);
        world.meets(owner).await;
        world.keys.issue(&World::asks(owner), owner, None).await.unwrap();
        if number % 50 == 49 {
            world.settle().await;
        }
    }
    world.settle().await;
    for number in 0..i64::try_from(keys).unwrap() {
        let view = world.keys.of(UserId(10_000 + number)).await.unwrap().remove(0);
        paths.push(view.link.unwrap().strip_prefix(ORIGIN).unwrap().to_owned());
    }
    paths
}

async fn open(router: Router, stop: &CancellationToken) -> SocketAddr {
    let door = Door::open(([127, 0, 0, 1], 0).into(), router).await.unwrap();
    let address = door.address().unwrap();
    tokio::spawn(door.serve(stop.clone()));
    address
}

/// Requests a second, of the best of three runs.
async fn rate(door: SocketAddr, paths: &[String], count: usize) -> f64 {
    let runs = if count > 10_000 && paths.len() == 1 { 3 } else { 1 };
    let mut best = 0.0_f64;
    for _ in 0..runs {
        let began = Instant::now();
        let asked = ask(door, paths, count).await;
        best = best.max(asked as f64 / began.elapsed().as_secs_f64());
    }
    best
}

/// Asks `count` times over all connections, each path in turn. How many were asked.
async fn ask(door: SocketAddr, paths: &[String], count: usize) -> usize {
    let paths: Arc<[String]> = paths.into();
    let clients = (0..CLIENTS).map(|client| {
        let paths = paths.clone();
        tokio::spawn(async move {
            let mut stream: Option<BufReader<TcpStream>> = None;
            let mut asked = 0;
            let mut body = Vec::new();
            for turn in (client..count).step_by(CLIENTS) {
                let path = &paths[turn % paths.len()];
                let request = format!(
                    "GET {path} HTTP/1.1\r\nhost: keys.example\r\nuser-agent: v2rayNG/1.8.19\r\n\r\n"
                );
                let connection = match &mut stream {
                    Some(connection) => connection,
                    // Whoever tries many wrong links is asked to connect anew each time.
                    none => none.insert(BufReader::new(TcpStream::connect(door).await.unwrap())),
                };
                connection.get_mut().write_all(request.as_bytes()).await.unwrap();
                if !read(connection, &mut body).await {
                    stream = None;
                }
                asked += 1;
            }
            asked
        })
    });
    let asked = futures::future::join_all(clients).await;
    asked.into_iter().map(|client: Result<usize, _>| client.unwrap()).sum()
}

/// Reads an answer; whether the connection goes on.
async fn read(connection: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> bool {
    let (mut line, mut length, mut goes_on) = (String::new(), 0, true);
    loop {
        line.clear();
        connection.read_line(&mut line).await.unwrap();
        let header = line.trim_end().to_ascii_lowercase();
        assert!(!header.starts_with("http/1.1 4") || header.ends_with("404 not found"), "{header}");
        assert!(!header.starts_with("http/1.1 5"), "{header}");
        if let Some(number) = header.strip_prefix("content-length: ") {
            length = number.parse().unwrap();
        } else if header == "connection: close" {
            goes_on = false;
        } else if header.is_empty() {
            break;
        }
    }
    body.resize(length, 0);
    connection.read_exact(body).await.unwrap();
    goes_on
}
