//! What can go wrong on demand.

use std::time::Duration;

/// Something that goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Refuses without doing anything.
    Answer {
        /// The HTTP status and `error_code`.
        status: u16,
        /// The whole description, prefix included: `Bad Request: chat not found`.
        description: String,
        /// Seconds in `parameters.retry_after`.
        retry_after: Option<u64>,
    },
    /// Does it, but this much later (real time).
    Delay(Duration),
    /// Cuts the connection before anything was done.
    DropBefore,
    /// Does it and cuts the connection instead of answering.
    DropAfter,
}

/// Whether and how Telegram can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As usual.
    Open,
    /// The port is closed: connections are refused, open ones are cut.
    Refused,
    /// Connections are accepted and nothing is ever answered or done; ended by a cut.
    BlackHole,
}

/// The faults that wait for their call.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    method: String,
    chat: Option<i64>,
    left: usize,
    fault: Fault,
}

impl Faults {
    /// `method` is `*` for all, `chat` none for all; it happens `times` times.
    pub(crate) fn add(&mut self, method: &str, chat: Option<i64>, times: usize, fault: Fault) {
        self.waiting.push(Waiting { method: method.to_ascii_lowercase(), chat, left: times, fault });
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The fault that meets this call, if any: the oldest that fits.
    pub(crate) fn take(&mut self, method: &str, chat: Option<i64>) -> Option<Fault> {
        let fits = |waiting: &Waiting| {
            (waiting.method == "*" || waiting.method == method)
                && (waiting.chat.is_none() || waiting.chat == chat)
        };
        let at = self.waiting.iter().position(fits)?;
        let fault = self.waiting[at].fault.clone();
        self.waiting[at].left = self.waiting[at].left.saturating_sub(1);
        if self.waiting[at].left == 0 {
            self.waiting.remove(at);
        }
        Some(fault)
    }
}
