//! What waits for the bot, and the two ways to it: long polling and a webhook.
//!
//! An update stays until a poll with a higher offset confirms it, or a webhook answers 2xx
//! (<https://core.telegram.org/bots/api#getupdates>). Which kinds are kept is decided when they arise.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Kinds that are given only when asked for by name.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// The queue.
#[derive(Debug)]
pub(crate) struct Updates {
    pub queue: VecDeque<Pending>,
    next_id: i64,
    /// Kinds asked for last; none is all but those given on request only.
    pub allowed: Option<Vec<String>>,
    pub webhook: Option<Webhook>,
    /// Grows with each poll and each `setWebhook`; a poll that is no longer the newest ends with a conflict.
    pub poll: u64,
    /// The newest turn was taken by `setWebhook`.
    pub poll_ended_by_webhook: bool,
    /// How many of the next updates are delivered twice.
    pub duplicate_next: usize,
}

/// An update that was not confirmed yet.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub id: i64,
    pub kind: &'static str,
    pub body: Value,
    /// What must keep its order: the chat or the person.
    pub key: i64,
    /// Deliveries still to come after the confirmed one.
    pub copies: usize,
    /// To be given again although it was confirmed.
    pub again: bool,
    pub given: bool,
}

/// Where a webhook stands.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub url: String,
    pub secret: Option<String>,
    pub max_connections: usize,
    pub last_error: Option<(DateTime<Utc>, String)>,
}

impl Updates {
    pub(crate) fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            next_id: 700_000_001,
            allowed: None,
            webhook: None,
            poll: 0,
            poll_ended_by_webhook: false,
            duplicate_next: 0,
        }
    }

    /// Queues an update, unless the bot does not want its kind. Returns its id.
    pub(crate) fn push(&mut self, kind: &'static str, key: i64, content: Value) -> Option<i64> {
        let wanted = match &self.allowed {
            Some(allowed) => allowed.iter().any(|allowed| allowed == kind),
            None => !ON_REQUEST.contains(&kind),
        };
        if !wanted {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        let copies = usize::from(self.duplicate_next > 0);
        self.duplicate_next = self.duplicate_next.saturating_sub(1);
        let mut body = json!({"update_id": id});
        body[kind] = content;
        self.queue.push_back(Pending { id, kind, body, key, copies, again: false, given: false });
        Some(id)
    }

    /// Takes `allowed_updates` of a call: absent keeps what was set, an empty list is the default again.
    pub(crate) fn set_allowed(&mut self, given: Option<&Value>) {
        if let Some(list) = given.and_then(Value::as_array) {
            let kinds: Vec<String> =
                list.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
            self.allowed = Some(kinds).filter(|kinds| !kinds.is_empty());
        }
    }

    /// Forgets everything below a positive offset; a negative one keeps only so many of the newest.
    pub(crate) fn confirm(&mut self, offset: i64) {
        let first = if offset >= 0 {
            offset
        } else {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let at = self.queue.len().saturating_sub(keep);
            self.queue.get(at).map_or(0, |update| update.id)
        };
        self.queue.retain_mut(|update| {
            if update.id >= first || update.again {
                return true;
            }
            let once_more = update.given && update.copies > 0;
            update.copies = update.copies.saturating_sub(1);
            update.again = once_more;
            once_more
        });
    }

    /// What a poll gets.
    pub(crate) fn fetch(&mut self, offset: i64, limit: usize) -> Vec<Pending> {
        let due = self.queue.iter_mut().filter(|update| update.again || update.id >= offset);
        let give = |update: &mut Pending| {
            update.again = false;
            update.given = true;
            update.clone()
        };
        due.take(limit).map(give).collect()
    }

    /// A webhook took it: it goes, or is given once more.
    pub(crate) fn taken(&mut self, id: i64) {
        self.queue.retain_mut(|update| {
            let once_more = update.id != id || update.copies > 0;
            if update.id == id {
                update.copies = update.copies.saturating_sub(1);
            }
            once_more
        });
    }
}
