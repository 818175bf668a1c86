//! What watches the service from outside: numbers, dashboard and alerts that speak of the same things; doors that tell
//! nothing to strangers.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of keys")]
mod memory;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use karvan::domain::Clock;
use karvan::http::listen::Door;
use karvan::http::{closed, metrics, service, webhook};
use karvan::service::Core;
use karvan::store::flags::HOLD;
use memory::World;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const ALERTS: &str = include_str!("../docs/prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../docs/grafana/karvan.json");

/// A door on this machine; it closes with the value.
struct Open {
    address: SocketAddr,
    stop: CancellationToken,
    client: reqwest::Client,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Open {
    async fn with(routes: axum::Router) -> Self {
        let door = Door::open("127.0.0.1:0".parse().unwrap(), closed(routes)).await.unwrap();
        let (address, stop) = (door.address().unwrap(), CancellationToken::new());
        tokio::spawn(door.serve(stop.clone()));
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { address, stop, client }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Brings an update as Telegram does; the status and the answer.
    async fn brings(&self, secret: Option<&str>, body: String) -> (u16, String) {
        let mut request = self.client.post(format!("http://{}/telegram", self.address)).body(body);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// The names of our metrics in a text.
fn named(text: &str) -> BTreeSet<&str> {
    let name = |at: usize| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    };
    text.match_indices("karvan_").map(|(at, _)| name(at)).collect()
}

/// The names that Prometheus knows, as the recorder and the page give them.
fn known() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = metrics::READ.iter().map(|(name, ..)| (*name).to_owned()).collect();
    for (name, ..) in metrics::COUNTED {
        if name.ends_with("_seconds") {
            known.extend(["_bucket", "_count", "_sum"].map(|part| format!("{name}{part}")));
        } else {
            known.insert((*name).to_owned());
        }
    }
    known
}

#[test]
fn alerts_and_dashboard_name_numbers_that_there_are() {
    let rules: Value = serde_yaml_ng::from_str(ALERTS).unwrap();
    let rules = rules["groups"][0]["rules"].as_array().unwrap().clone();
    assert!(rules.len() > 8);
    let mut said = String::new();
    for rule in &rules {
        assert!(rule["alert"].as_str().is_some_and(|name| name.starts_with("Karvan")), "{rule}");
        for part in ["summary", "what_to_do"] {
            assert!(rule["annotations"][part].as_str().is_some_and(|text| text.len() > 10), "{rule}");
        }
        assert!(rule["labels"]["severity"].is_string() && rule["for"].is_string(), "{rule}");
        said += rule["expr"].as_str().unwrap();
        said += "\n";
    }
    let board: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = board["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    for target in targets {
        said += target["expr"].as_str().unwrap();
        said += "\n";
    }
    let known = known();
    for name in named(&said) {
        assert!(known.contains(name), "{name} is measured nowhere");
    }
    // And all that is measured is looked at somewhere, but for what only answers questions.
    let asked = ["karvan_start_time_seconds", "karvan_lease_epoch", "karvan_task_failures"];
    for (name, ..) in metrics::READ.iter().chain(metrics::COUNTED) {
        assert!(asked.contains(name) || said.contains(name), "{name} is looked at nowhere");
    }
}

/// The labels of all series that a question names.
fn labels_in(question: &str) -> BTreeSet<&'static str> {
    let mut labels = BTreeSet::new();
    for (name, own, _) in metrics::READ.iter().chain(metrics::COUNTED) {
        let parts = ["", "_bucket", "_count", "_sum"].map(|part| format!("{name}{part}"));
        if named(question).iter().any(|said| parts.iter().any(|part| part == said)) {
            labels.extend(*own);
        }
    }
    if question.contains("_bucket") {
        labels.insert("le");
    }
    labels
}

/// The labels that a question names: in `by (…)`, and in the braces behind a series.
fn labels_of(question: &str) -> Vec<&str> {
    let between = |from: &'static str, to: char| {
        question.match_indices(from).map(move |(at, _)| question[at + from.len()..].split(to).next().unwrap())
    };
    let grouped = between("by (", ')').flat_map(|list| list.split(','));
    let chosen =
        between("{", '}').flat_map(|list| list.split(',')).filter_map(|one| one.split(['=', '!']).next());
    grouped.chain(chosen).map(str::trim).collect()
}

/// A label that a number does not have is no mistake to Prometheus: it answers with nothing, or with everything at once.
#[test]
fn alerts_and_dashboard_ask_by_labels_that_there_are() {
    let rules: Value = serde_yaml_ng::from_str(ALERTS).unwrap();
    let board: Value = serde_json::from_str(DASHBOARD).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // What is asked, and the labels that the answer is shown with.
    let mut asked: Vec<(String, String)> = Vec::new();
    for rule in rules["groups"][0]["rules"].as_array().unwrap() {
        let words = text(&rule["annotations"]["summary"]) + &text(&rule["annotations"]["what_to_do"]);
        asked.push((text(&rule["expr"]), words.replace("$labels.", "")));
    }
    for panel in board["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            asked.push((text(&target["expr"]), text(&target["legendFormat"])));
        }
    }
    for (question, shown) in asked {
        let there_are = labels_in(&question);
        let named = labels_of(&question);
        for label in &named {
            assert!(there_are.contains(label), "{label} in {question}");
        }
        // A sum has the labels that it is grouped by; what is shown as it is has its own, and those of Prometheus.
        let of_prometheus = ["instance", "job"];
        let kept: BTreeSet<&str> = if question.contains("by (") {
            named.into_iter().collect()
        } else {
            there_are.into_iter().chain(of_prometheus).collect()
        };
        for label in shown.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap().trim()) {
            assert!(kept.contains(label), "{label} is shown of {question}");
        }
    }
}

/// What the code counts bears the labels that are listed, and none that Prometheus writes itself: it would call ours
/// `exported_…`, and who asks by it would be told of processes.
#[test]
fn labels_are_as_listed_and_none_is_taken() {
    for (name, labels, _) in metrics::READ.iter().chain(metrics::COUNTED) {
        for label in *labels {
            let taken =
                ["instance", "job", "le", "quantile"].contains(label) || label.starts_with("exported_");
            assert!(!taken, "{label} of {name}");
        }
    }
    let mut sources = Vec::new();
    read_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut sources);
    let mut counted = BTreeSet::new();
    for source in &sources {
        for kind in ["counter!(", "histogram!("] {
            for (at, _) in source.match_indices(&format!("metrics::{kind}\"")) {
                let call = &source[at..at + source[at..].find(';').unwrap()];
                let mut quoted = call.split('"').skip(1).step_by(2);
                let name = quoted.next().unwrap();
                let (.., labels, _) = metrics::COUNTED.iter().find(|(known, ..)| *known == name).expect(name);
                assert_eq!(quoted.collect::<Vec<_>>(), *labels, "{name}");
                counted.insert(name);
            }
        }
    }
    let listed: BTreeSet<_> = metrics::COUNTED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(counted, listed, "what is listed is counted somewhere");
}

fn read_all(folder: &Path, sources: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            sources.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

#[tokio::test]
async fn the_page_tells_all_numbers_and_no_secret() {
    let world = World::three().await;
    let door = Open::with(service::router(world.core.clone())).await;
    let key = world.key().await;
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    let (store, now) = (&world.core.store, world.clock.now());
    assert!(store.add_vantage("ir-1", "a hash", now).await.unwrap());
    store.vantage_found("ir-1", &[], now).await.unwrap();
    let (status, page) = door.get("/metrics").await;
    assert_eq!(status, 200);
    // The state of Telegram, the lease and the loops are known to a process that runs.
    let of_a_process = [
        "karvan_telegram_up",
        "karvan_lease_epoch",
        "karvan_start_time_seconds",
        "karvan_task_failures",
        "karvan_task_age_seconds",
        "karvan_incidents",
    ];
    for (name, ..) in metrics::READ {
        let told = page.lines().any(|line| line.starts_with(name));
        assert!(told || of_a_process.contains(name), "{name} in\n{page}");
    }
    assert!(page.contains("karvan_accounts{panel=\"de1\",what=\"active\"}"), "{page}");
    assert!(page.contains("karvan_operations{kind=\"move\",state="), "{page}");
    assert!(page.contains("karvan_capacity{panel=\"fi1\"} 100"), "{page}");
    assert!(page.contains("karvan_instance_state{panel=\"nl1\",state=\"healthy\"} 1"), "{page}");
    assert!(page.contains("karvan_vantage_age_seconds{vantage=\"ir-1\"} 0"), "{page}");
    // Each line is one that Prometheus reads.
    for line in page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert_eq!(name.matches('{').count(), name.matches('}').count(), "{line}");
    }
    let account = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().account.clone();
    let alice = memory::ALICE.to_string();
    for secret in [account.as_str(), "secret", &format!("\"{alice}\"")] {
        assert!(!page.contains(secret), "{secret} is told");
    }
}

#[tokio::test]
async fn who_is_ready_says_so_and_what_else_there_is_to_know() {
    let world = World::three().await;
    let door = Open::with(service::router(world.core.clone())).await;
    assert_eq!(door.get("/healthz").await, (200, "ok\n".to_owned()));
    let ready = async || {
        let (status, body) = door.get("/readyz").await;
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let (status, body) = ready().await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["leader"], true);
    assert_eq!(body["telegram"], "unknown");
    // Telegram away, everything on hold: told, and links are served all the same.
    world.core.signals.telegram_is(false);
    world.core.store.raise_flag(HOLD, json!({}), world.clock.now()).await.unwrap();
    let (status, body) = ready().await;
    assert_eq!((status, &body["telegram"], &body["hold"]), (200, &json!("down"), &json!(true)));
    // An older schema is not.
    world.core.store.migrate_down(1).await.unwrap();
    let (status, body) = ready().await;
    assert_eq!((status, &body["ready"], &body["database"]), (503, &json!(false), &json!(true)));
    // Nor is a database that is gone.
    world.core.store.clone().close().await.unwrap();
    let (status, body) = ready().await;
    assert_eq!((status, &body["database"]), (503, &json!(false)));
    assert_eq!(door.get("/").await, (404, String::new()), "nothing else is here");
    assert_eq!(door.get("/metrics").await.0, 503);
}

const SECRET: &str = "the-secret-of-this-story";

async fn hook(core: &Core) -> Open {
    let secrets = vec![SECRET.to_owned().into(), "the-secret-before-that-one".to_owned().into()];
    Open::with(webhook::router(core.clone(), "/telegram", secrets)).await
}

fn update(number: i64) -> String {
    json!({ "update_id": number, "message": { "chat": { "id": 5 }, "text": "/start" } }).to_string()
}

#[tokio::test]
async fn an_update_is_stored_before_telegram_hears_that_it_arrived() {
    let world = World::three().await;
    let door = hook(&world.core).await;
    let store = &world.core.store;
    assert_eq!(door.brings(Some(SECRET), update(1)).await, (200, String::new()));
    assert_eq!(store.unfinished_updates().await.unwrap(), 1);
    assert_eq!(door.brings(Some(SECRET), update(1)).await.0, 200, "again");
    assert_eq!(store.unfinished_updates().await.unwrap(), 1, "and once");
    assert_eq!(door.brings(Some("the-secret-before-that-one"), update(2)).await.0, 200);
    assert_eq!(store.last_update().await.unwrap(), Some(2));
    // What is no update would come again for ever.
    assert_eq!(door.brings(Some(SECRET), "{}".to_owned()).await.0, 200);
    assert_eq!(door.brings(Some(SECRET), "no json".to_owned()).await.0, 200);
    assert_eq!(store.unfinished_updates().await.unwrap(), 2);
    // What could not be stored is not taken.
    store.clone().close().await.unwrap();
    assert_eq!(door.brings(Some(SECRET), update(3)).await, (503, String::new()));
}

#[tokio::test]
async fn strangers_find_nothing_at_the_webhook() {
    let world = World::three().await;
    let door = hook(&world.core).await;
    let nothing = (404, String::new());
    let almost = &SECRET[..SECRET.len() - 1];
    for secret in [None, Some(""), Some("wrong"), Some(almost), Some("the-secret-of-this-storyy")] {
        assert_eq!(door.brings(secret, update(1)).await, nothing, "{secret:?}");
    }
    assert_eq!(door.get("/telegram").await, nothing, "only what Telegram does");
    assert_eq!(door.get("/telegram/").await, nothing);
    assert_eq!(door.get("/").await, nothing);
    let long = json!({ "update_id": 9, "message": { "text": "x".repeat(1 << 20) } }).to_string();
    assert_eq!(door.brings(Some(SECRET), long).await.0, 413);
    assert_eq!(world.core.store.unfinished_updates().await.unwrap(), 0);
}
