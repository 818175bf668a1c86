//! Updates a second: through the webhook, stored, handled, and answered at Telegram.
//!
//! `cargo bench --bench updates` prints a table (`--quick` a shorter run). Telegram is simulated and knows no limits here,
//! since the real one takes some thirty messages a second from any bot; it lives in this process and shares the machine.
//! What the program itself holds in memory while far more comes in than may go out is read off the real binary, which
//! keeps Telegram's limits. A reference loop (single-row inserts, each its own transaction) is timed in the same run,
//! because machines differ.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

#[path = "../tests/fleet/install.rs"]
#[expect(dead_code, reason = "shared with the tests of whole fleets, which use all of it")]
mod install;
#[path = "../tests/support/world.rs"]
#[expect(dead_code, reason = "shared with the tests of the chat, which use all of it")]
mod world;

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use karvan::http::listen::Door;
use karvan::http::webhook;
use serde_json::{Value, json};
use sim::telegram::{Options, Person, Telegram};
use tokio_util::sync::CancellationToken;

use install::Install;
use world::{Start, World};

/// Connections over which Telegram brings updates: what it opens at most unless told otherwise.
const CONNECTIONS: usize = 40;
const SECRET: &str = "a-secret-of-this-bench";

#[tokio::main]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let people = if quick { 200 } else { 2_000 };

    let world = World::with(Start { real_time: true, ..Start::default() }).await;
    let began = Instant::now();
    for _ in 0..500 {
        let (store, now) = (&world.core.store, world.core.clock.now());
        store.record(None, "reference", "bench", json!({}), now).await.unwrap();
    }
    let reference = 500.0 / began.elapsed().as_secs_f64();
    let stop = CancellationToken::new();
    let router = webhook::router(world.core.clone(), "/telegram", vec![SECRET.to_owned().into()]);
    let door = Door::open(([127, 0, 0, 1], 0).into(), router).await.unwrap();
    let address = door.address().unwrap();
    tokio::spawn(door.serve(stop.clone()));

    let before = answers(&world.telegram);
    let began = Instant::now();
    bring(address, &started(&world.telegram, 1_000_000, people)).await;
    let stored = people as f64 / began.elapsed().as_secs_f64();
    while answers(&world.telegram) < before + people {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let answered = people as f64 / began.elapsed().as_secs_f64();
    // One after the other, a hundred a second: how long one takes.
    let steady = started(&world.telegram, 2_000_000, people / 2);
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let mut tasks = Vec::new();
    for update in steady {
        ticks.tick().await;
        let actor = world.telegram.person(person(chat(&update)));
        tasks.push(tokio::spawn(async move {
            let began = Instant::now();
            bring(address, &[update]).await;
            while actor.last_message().is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            began.elapsed()
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.push(task.await.unwrap());
    }
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("| reference inserts/s | stored/s | answered/s | at 100/s: p50 | p99 |");
    println!("| --- | --- | --- | --- | --- |");
    println!("| {reference:.0} | {stored:.0} | {answered:.0} | {:.1} ms | {:.1} ms |", at(0.5), at(0.99));
    stop.cancel();
    drop(world);
    memory(if quick { 2_000 } else { 20_000 }).await;
}

/// What the real binary holds at most, while `count` people begin at once.
async fn memory(count: usize) {
    let mut install =
        Install::new(&[install::Spec("de1", 1_000, 1.0), install::Spec("nl1", 1_000, 1.0)]).await;
    let telegram = Telegram::start(Options::default()).await.unwrap();
    let (listen, service) = (install::free(), install::free());
    for (name, value) in [
        ("TELOXIDE_TOKEN", telegram.token()),
        ("TELOXIDE_API_URL", telegram.url()),
        ("WEBHOOK_URL", format!("http://{listen}/telegram")),
        ("WEBHOOK_SECRET", SECRET.to_owned()),
        ("LISTEN_ADDR", listen.to_string()),
        ("SERVICE_ADDR", service.to_string()),
    ] {
        install.set(name, &value);
    }
    let mut karvan = install.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    install::until("it is ready", async || {
        client
            .get(format!("http://{service}/readyz"))
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    let id = karvan.id().unwrap();
    let idle = held(id, "VmRSS:");
    bring(listen, &started(&telegram, 3_000_000, count)).await;
    // Answers go out at Telegram's pace meanwhile.
    tokio::time::sleep(Duration::from_secs(10)).await;
    println!("\n| real binary | MB |");
    println!("| --- | --- |");
    println!("| before | {idle:.0} |");
    println!("| at most, while {count} people began at once | {:.0} |", held(id, "VmHWM:"));
    karvan.kill().await.unwrap();
}

/// What people send who begin, each with an update of its own.
fn started(telegram: &Telegram, first: i64, count: usize) -> Vec<Value> {
    (first..)
        .take(count)
        .map(|id| {
            let actor = telegram.person(person(id));
            actor.has_spoken();
            json!({
                "update_id": id,
                "message": {
                    "message_id": 1,
                    "date": 1_795_262_400,
                    "chat": { "id": actor.chat(), "type": "private", "first_name": "Alice" },
                    "from": { "id": id, "is_bot": false, "first_name": "Alice", "language_code": "en" },
                    "text": "/start",
                    "entities": [{ "type": "bot_command", "offset": 0, "length": 6 }],
                },
            })
        })
        .collect()
}

fn person(id: i64) -> Person {
    Person::new(id, "Alice")
}

fn chat(update: &Value) -> i64 {
    update["message"]["chat"]["id"].as_i64().unwrap()
}

/// Messages that Telegram took.
fn answers(telegram: &Telegram) -> usize {
    telegram.calls_of("sendMessage").len()
}

/// Brings updates as Telegram does, each until it is taken.
async fn bring(address: SocketAddr, updates: &[Value]) {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(CONNECTIONS).build().unwrap();
    let updates: Arc<[Value]> = updates.into();
    let connections = (0..CONNECTIONS.min(updates.len())).map(|first| {
        let (client, updates) = (client.clone(), updates.clone());
        tokio::spawn(async move {
            for update in updates.iter().skip(first).step_by(CONNECTIONS) {
                let post = client.post(format!("http://{address}/telegram")).json(update);
                let answer = post.header("x-telegram-bot-api-secret-token", SECRET).send().await.unwrap();
                assert!(answer.status().is_success(), "{}", answer.status());
            }
        })
    });
    for connection in futures::future::join_all(connections).await {
        connection.unwrap();
    }
}

/// Memory of a process in MB, by a line of its status, see proc_pid_status(5).
fn held(id: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}
