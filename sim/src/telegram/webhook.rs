//! Delivery by webhook: updates of one chat in order, several chats at once, until the bot answers 2xx.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::faults::Reach;
use super::hub::Hub;
use super::log::Delivery;
use super::methods;
use super::params::Params;
use super::updates::{Pending, Webhook};

/// How long the bot may take to answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The header that carries the secret (<https://core.telegram.org/bots/api#setwebhook>).
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

/// Hands over whatever waits while a webhook is set, until Telegram is stopped.
pub(crate) async fn deliver(hub: Arc<Hub>) {
    let client =
        reqwest::Client::builder().no_proxy().timeout(TIMEOUT).danger_accept_invalid_certs(true).build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "no HTTP client for webhooks"),
    };
    let mut changes = hub.changes();
    let mut reach = hub.reach.subscribe();
    let mut running: JoinSet<(i64, bool)> = JoinSet::new();
    let mut busy = HashSet::new();
    let mut resting: HashMap<i64, (Instant, u32)> = HashMap::new();
    loop {
        changes.borrow_and_update();
        let reachable = *reach.borrow_and_update() == Reach::Open;
        for (webhook, update) in if reachable { due(&hub, &busy, &resting) } else { Vec::new() } {
            busy.insert(update.key);
            running.spawn(hand_over(hub.clone(), client.clone(), webhook, update));
        }
        let now = Instant::now();
        let next = resting.values().map(|(until, _)| *until).filter(|until| *until > now).min();
        let pause = async {
            match next {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(done) = running.join_next(), if !running.is_empty() => {
                let Ok((key, ok)) = done else { continue };
                busy.remove(&key);
                if ok {
                    resting.remove(&key);
                } else {
                    let failures = resting.get(&key).map_or(0, |(_, failures)| failures + 1);
                    let pause = hub.webhook_retry * 2_u32.saturating_pow(failures.min(10));
                    resting.insert(key, (Instant::now() + pause.min(LONGEST_PAUSE), failures));
                }
            }
            _ = changes.changed() => {}
            _ = reach.changed() => {}
            () = pause => {}
            () = hub.stop.cancelled() => return,
        }
    }
}

/// The first waiting update of each chat that neither has one under way nor rests after a failure.
fn due(hub: &Hub, busy: &HashSet<i64>, resting: &HashMap<i64, (Instant, u32)>) -> Vec<(Webhook, Pending)> {
    let now = Instant::now();
    hub.look(|world| {
        let Some(webhook) = &world.updates.webhook else { return Vec::new() };
        let mut seen = busy.clone();
        let mut due = Vec::new();
        for update in &world.updates.queue {
            if busy.len() + due.len() >= webhook.max_connections {
                break;
            }
            let rests = resting.get(&update.key).is_some_and(|(until, _)| *until > now);
            if seen.insert(update.key) && !rests {
                due.push((webhook.clone(), update.clone()));
            }
        }
        due
    })
}

/// One attempt: the chat it was for, and whether the bot took it.
async fn hand_over(hub: Arc<Hub>, client: reqwest::Client, webhook: Webhook, update: Pending) -> (i64, bool) {
    let mut request = client.post(&webhook.url).json(&update.body);
    if let Some(secret) = &webhook.secret {
        request = request.header(SECRET_HEADER, secret);
    }
    let trouble = match request.send().await {
        Ok(response) if response.status().is_success() => {
            let reply = response.json::<Value>().await.ok();
            taken(&hub, &update, reply);
            return (update.key, true);
        }
        Ok(response) => format!("Wrong response from the webhook: {}", response.status()),
        Err(error) if error.is_timeout() => "Read timeout expired".to_owned(),
        Err(error) if error.is_connect() => "Connection refused".to_owned(),
        Err(_) => "Connection closed".to_owned(),
    };
    let at = hub.now();
    hub.change(|world| {
        if let Some(webhook) = &mut world.updates.webhook {
            webhook.last_error = Some((at, trouble));
        }
        world.record_delivery(Delivery {
            update_id: update.id,
            kind: update.kind,
            at,
            by_webhook: true,
            ok: false,
        });
    });
    (update.key, false)
}

/// The bot took it. Its answer may carry a call (<https://core.telegram.org/bots/api#making-requests-when-getting-updates>).
fn taken(hub: &Hub, update: &Pending, reply: Option<Value>) {
    let at = hub.now();
    hub.change(|world| {
        world.updates.taken(update.id);
        world.record_delivery(Delivery {
            update_id: update.id,
            kind: update.kind,
            at,
            by_webhook: true,
            ok: true,
        });
        if let Some(Value::Object(fields)) = reply
            && let Some(method) = fields.get("method").and_then(Value::as_str).map(str::to_ascii_lowercase)
        {
            // As with Telegram, the bot never learns what became of it.
            let _ = methods::call(world, &method, &Params::from_map(fields), at);
        }
    });
}
