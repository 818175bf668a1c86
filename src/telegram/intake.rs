//! Updates come in: long polling, each update stored as it came before Telegram may forget it.
//!
//! Telegram keeps an update until a poll names a higher offset. The offset moves only after the database has the update,
//! so a crash anywhere loses nothing; what comes twice is stored once, by its number.
//!
//! Absent on purpose: parsing. What a newer Telegram sends and we do not know is stored all the same.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::tg::TgError;
use crate::store::inbox::Received;

/// The kinds of updates that we handle.
const KINDS: [&str; 3] = ["message", "callback_query", "my_chat_member"];
/// The longest wait after a failure. Short, because the first poll that succeeds wakes everything that waits for Telegram.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Between two tries with a token that Telegram does not know: only a person can help.
const TOKEN_WAIT: Duration = Duration::from_secs(60);
/// After another receiver was seen.
const CONFLICT_WAIT: Duration = Duration::from_secs(3);

/// Polls until `stop`; `fresh` hears of each batch that was stored.
pub(super) async fn run(desk: Arc<Desk>, fresh: Arc<Notify>, stop: CancellationToken) {
    let mut poller = Poller { desk, fresh, offset: None, failures: 0 };
    while let Some(wait) = stop.run_until_cancelled(poller.poll()).await {
        if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
            break;
        }
    }
}

struct Poller {
    desk: Arc<Desk>,
    fresh: Arc<Notify>,
    offset: Option<i64>,
    failures: u32,
}

impl Poller {
    /// One poll; how long to wait before the next.
    async fn poll(&mut self) -> Duration {
        match self.desk.tg.updates(self.offset, &KINDS).await {
            Ok(updates) => self.keep(&updates).await,
            Err(error) => self.failed(&error).await,
        }
    }

    async fn keep(&mut self, updates: &[Value]) -> Duration {
        let received = updates.iter().filter_map(received).collect::<Vec<_>>();
        let Some(last) = received.iter().map(|update| update.update_id).max() else {
            // All is confirmed. Without an offset the next poll asks for whatever is not: after a week of silence
            // Telegram goes on with any number, even a lower one.
            self.offset = None;
            self.failures = 0;
            return Duration::ZERO;
        };
        match self.desk.core.store.receive(&received, self.desk.core.clock.now()).await {
            Ok(_) => {
                self.offset = Some(last + 1);
                self.failures = 0;
                self.fresh.notify_one();
                Duration::ZERO
            }
            Err(error) => {
                tracing::error!(
                    "updates could not be stored, Telegram keeps them: {:#}",
                    anyhow::Error::from(error)
                );
                self.back_off()
            }
        }
    }

    async fn failed(&mut self, error: &TgError) -> Duration {
        match error {
            TgError::Token => {
                tracing::error!(
                    "Telegram does not know this TELOXIDE_TOKEN; take the one that @BotFather shows"
                );
                TOKEN_WAIT
            }
            TgError::Conflict { webhook: true } => {
                tracing::warn!("a webhook takes the updates; removing it");
                if let Err(error) = self.desk.tg.delete_webhook().await {
                    tracing::warn!("the webhook stays for now: {error}");
                }
                CONFLICT_WAIT
            }
            TgError::Conflict { webhook: false } => {
                tracing::warn!("another program polls with the same token; stop one of the two");
                CONFLICT_WAIT
            }
            TgError::RetryAfter(wait) => *wait,
            // The gateway said so already, once.
            TgError::Unreachable(_) => self.back_off(),
            TgError::NoChat(_) | TgError::Gone(_) | TgError::Refused(_) => {
                tracing::error!("{error}");
                self.back_off()
            }
        }
    }

    /// 0.5, 1, 2 … 10 s.
    fn back_off(&mut self) -> Duration {
        let wait = Duration::from_millis(500) * 2u32.saturating_pow(self.failures.min(8));
        self.failures += 1;
        wait.min(LONGEST_WAIT)
    }
}

/// An update with what keeps its order: the chat, or the person where there is none.
fn received(raw: &Value) -> Option<Received> {
    let update_id = raw.get("update_id")?.as_i64()?;
    let body = raw.as_object()?.values().find(|value| value.is_object());
    let id_at = |path: &str| body.and_then(|body| body.pointer(path)).and_then(Value::as_i64);
    let chat_key =
        id_at("/chat/id").or_else(|| id_at("/message/chat/id")).or_else(|| id_at("/from/id")).unwrap_or(0);
    Some(Received { update_id, chat_key, raw: raw.to_string() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_a_chat_is_kept_by_its_id() {
        let key = |raw: Value| received(&raw).map(|update| (update.update_id, update.chat_key));
        assert_eq!(
            key(json!({ "update_id": 7, "message": { "chat": { "id": -5 }, "from": { "id": 1 } } })),
            Some((7, -5))
        );
        let press = json!({ "from": { "id": 1 }, "message": { "chat": { "id": 9 } } });
        assert_eq!(key(json!({ "update_id": 8, "callback_query": press })), Some((8, 9)));
        assert_eq!(key(json!({ "update_id": 9, "callback_query": { "from": { "id": 1 } } })), Some((9, 1)));
        assert_eq!(key(json!({ "update_id": 10, "news": { "of": "tomorrow" } })), Some((10, 0)));
        assert_eq!(key(json!({ "news": {} })), None);
    }
}
