//! Delivery by webhook: the secret, the order, the retries, and what polling may no longer do.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router};
use serde_json::{Value, json};
use sim::telegram::{Options, Person, Telegram};

/// A bot's side of the webhook: what arrived, and how many answers are still refusals.
#[derive(Default)]
struct Hook {
    arrived: Vec<(String, Value)>,
    refuse: usize,
    reply: Value,
}

async fn arrive(
    State(hook): State<Arc<Mutex<Hook>>>,
    headers: HeaderMap,
    Json(update): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let secret =
        headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
    let mut hook = hook.lock().unwrap();
    hook.arrived.push((secret.unwrap_or_default(), update));
    if hook.refuse > 0 {
        hook.refuse -= 1;
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({})));
    }
    (StatusCode::OK, Json(std::mem::take(&mut hook.reply)))
}

struct World {
    telegram: Telegram,
    hook: Arc<Mutex<Hook>>,
    url: String,
}

impl World {
    async fn new() -> Self {
        let options = Options { webhook_retry: Duration::from_millis(1), ..Options::default() };
        let telegram = Telegram::start(options).await.unwrap();
        let hook = Arc::new(Mutex::new(Hook::default()));
        let router = Router::new().fallback(arrive).with_state(hook.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { telegram, hook, url }
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let url = format!("{}/bot{}/{method}", self.telegram.url(), self.telegram.token());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.post(url).json(&params).send().await.unwrap().json().await.unwrap()
    }

    fn texts(&self) -> Vec<String> {
        let hook = self.hook.lock().unwrap();
        hook.arrived
            .iter()
            .map(|(_, update)| update["message"]["text"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn updates_arrive_with_the_secret_and_in_order() {
    let world = World::new().await;
    let alice = world.telegram.person(Person::new(1001, "Alice"));
    alice.send("before").await;
    world.call("setWebhook", json!({"url": world.url, "secret_token": "s3cret_-"})).await;
    for text in ["one", "two", "three"] {
        alice.send(text).await;
    }
    world.telegram.quiet().await;
    assert_eq!(world.texts(), ["before", "one", "two", "three"]);
    assert!(world.hook.lock().unwrap().arrived.iter().all(|(secret, _)| secret == "s3cret_-"));
    let polled = world.call("getUpdates", json!({})).await;
    let conflict = polled["description"].as_str().unwrap();
    assert!(
        conflict.starts_with("Conflict: can't use getUpdates method while webhook is active"),
        "{conflict}"
    );
}

#[tokio::test]
async fn what_is_refused_is_sent_again_before_what_follows() {
    let world = World::new().await;
    world.hook.lock().unwrap().refuse = 2;
    world.call("setWebhook", json!({"url": world.url})).await;
    let alice = world.telegram.person(Person::new(1001, "Alice"));
    alice.send("one").await;
    alice.send("two").await;
    world.telegram.quiet().await;
    assert_eq!(world.texts(), ["one", "one", "one", "two"]);
    let info = world.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["pending_update_count"], 0);
    assert_eq!(
        info["result"]["last_error_message"],
        "Wrong response from the webhook: 500 Internal Server Error"
    );
    let ok: Vec<bool> = world.telegram.deliveries().iter().map(|delivery| delivery.ok).collect();
    assert_eq!(ok, [false, false, true, true]);
}

#[tokio::test]
async fn a_duplicate_arrives_twice_and_an_answer_may_carry_a_call() {
    let world = World::new().await;
    world.call("setWebhook", json!({"url": world.url})).await;
    world.telegram.duplicate_next_update();
    world.hook.lock().unwrap().reply = json!({"method": "sendMessage", "chat_id": 1001, "text": "by answer"});
    let alice = world.telegram.person(Person::new(1001, "Alice"));
    alice.send("twice").await;
    world.telegram.quiet().await;
    assert_eq!(world.texts(), ["twice", "twice"]);
    alice.expect("by answer").await;
    world.call("deleteWebhook", json!({})).await;
    alice.send("left").await;
    let polled = world.call("getUpdates", json!({})).await;
    assert_eq!(polled["result"][0]["message"]["text"], "left");
}

#[tokio::test]
async fn setting_a_webhook_ends_a_poll_and_bad_secrets_are_refused() {
    let world = World::new().await;
    let bad = world.call("setWebhook", json!({"url": world.url, "secret_token": "a b"})).await;
    assert_eq!(bad["description"], "Bad Request: secret token contains unallowed characters");
    let (polled, _) = tokio::join!(world.call("getUpdates", json!({"timeout": 30})), async {
        world.telegram.expect_poll().await;
        world.call("setWebhook", json!({"url": world.url})).await
    });
    assert_eq!(polled["description"], "Conflict: terminated by setWebhook request");
}
