//! Updates come in: each is stored as it came before Telegram may forget it.
//!
//! With a webhook they come to the door ([`crate::http`]) of whichever process is reached; the one that leads tells
//! Telegram where that is, and never takes it back at a stop, since others may go on. Without one, the process that leads
//! polls: Telegram bears one who does.
//!
//! Telegram keeps an update until a poll names a higher offset. The offset moves only after the database has the update,
//! so a crash anywhere loses nothing; what comes twice is stored once, by its number.
//!
//! Absent on purpose: parsing. What a newer Telegram sends and we do not know is stored all the same.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::desk::Desk;
use super::tg::TgError;
use crate::store::inbox::Received;

/// The kinds of updates that we handle.
const KINDS: [&str; 3] = ["message", "callback_query", "my_chat_member"];
/// The longest wait after a failure. Short, because the first poll that succeeds wakes everything that waits for Telegram.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Between two tries with a token that Telegram does not know: only a person can help.
const TOKEN_WAIT: Duration = Duration::from_secs(60);
/// How often is looked whether Telegram still knows the webhook.
const CHECK_WEBHOOK: Duration = Duration::from_secs(60);
/// How many updates Telegram may bring at once.
const CONNECTIONS: u8 = 40;
/// After another receiver was seen.
const CONFLICT_WAIT: Duration = Duration::from_secs(3);

/// How updates come in.
#[derive(Debug, Clone)]
pub enum Intake {
    /// They are fetched.
    Polling,
    /// Telegram brings them.
    Webhook(Hook),
}

/// Where Telegram brings updates.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The public address.
    pub url: Url,
    /// What Telegram proves itself with.
    pub secret: SecretString,
}

/// Sees to it until `stop` that updates come in, whenever this process leads.
pub(super) async fn run(desk: Arc<Desk>, intake: Intake, stop: CancellationToken) {
    let mut leading = desk.core.leader.changes();
    let mut ending = leading.clone();
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            known = leading.wait_for(|leads| *leads) => if known.is_err() { return },
        }
        let term = async {
            match &intake {
                Intake::Polling => poll(desk.clone()).await,
                Intake::Webhook(hook) => keep_webhook(&desk, hook).await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ending.wait_for(|leads| !*leads) => {}
            () = term => {}
        }
    }
}

/// Polls for ever.
async fn poll(desk: Arc<Desk>) {
    let mut poller = Poller { desk, offset: None, failures: 0 };
    loop {
        let wait = poller.poll().await;
        tokio::time::sleep(wait).await;
    }
}

/// Tells Telegram where to bring updates, and looks now and then whether it still knows.
async fn keep_webhook(desk: &Desk, hook: &Hook) {
    // The secret is not shown, so a new term tells it anew.
    let mut told = false;
    let mut reach = desk.tg.reach();
    loop {
        let known = match desk.tg.webhook().await {
            Ok(known) => told && known.as_deref() == Some(hook.url.as_str()),
            Err(_) => false,
        };
        let set = if known {
            Ok(())
        } else {
            desk.tg.set_webhook(&hook.url, &hook.secret, &KINDS, CONNECTIONS).await
        };
        let wait = match set {
            Ok(()) => {
                if !known {
                    tracing::info!("Telegram brings updates to WEBHOOK_URL");
                }
                told = true;
                CHECK_WEBHOOK
            }
            Err(TgError::Unreachable(_)) => LONGEST_WAIT,
            Err(error) => {
                tracing::error!("Telegram does not take WEBHOOK_URL: {error}");
                TOKEN_WAIT
            }
        };
        reach.mark_unchanged();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = reach.changed() => {}
        }
    }
}

struct Poller {
    desk: Arc<Desk>,
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
        let received = updates.iter().filter_map(Received::of).collect::<Vec<_>>();
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
                self.desk.core.signals.update.notify_one();
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
                tracing::warn!(
                    "a webhook takes the updates although WEBHOOK_URL is not set; it is removed, and updates are fetched"
                );
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
