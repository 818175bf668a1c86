//! What happened: every call of the bot and every update given to it, for assertions.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One call of the bot.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method, in lower case: `sendmessage`.
    pub method: String,
    /// The chat it was about, if any.
    pub chat: Option<i64>,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Whether Telegram did it. A call that was executed and whose answer was then lost counts as done.
    pub ok: bool,
    /// The error code, or 200.
    pub status: u16,
    /// Telegram's words when it refused.
    pub description: String,
    /// What was sent, files left out.
    pub params: Value,
}

impl Call {
    /// Whether this is that method, in any case.
    #[must_use]
    pub fn is(&self, method: &str) -> bool {
        self.method.eq_ignore_ascii_case(method)
    }
}

/// One hand-over of one update to the bot.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The update.
    pub update_id: i64,
    /// `message`, `callback_query`, …
    pub kind: &'static str,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// By webhook, or else by long polling.
    pub by_webhook: bool,
    /// By webhook: whether the bot answered 2xx. By polling: always, since the answer was written.
    pub ok: bool,
}
