//! What may go wrong between a client and a panel, and which request meets it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::http1::Request;

/// A way to misbehave. All can be switched at run time and meet connections already open, too.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Healthy.
    None,
    /// The process is stopped: the port is closed, open connections die, received requests are lost.
    Refuse,
    /// Connects, then silence; nothing is executed. What was swallowed stays lost after healing.
    BlackHole,
    /// Each request waits this long before it is executed.
    Slow(Duration),
    /// Connections are reset; nothing is executed.
    Reset,
    /// Executed, but the body breaks off in the middle.
    TruncatedBody,
    /// This share of requests is answered with `status` and not executed; which ones follows from the seed.
    Errors { percent: u8, status: u16, seed: u64 },
    /// The next writes are executed, then the connection is cut instead of answering. Heals itself after them.
    AckLost { next: usize },
    /// The next writes are executed and answered with a 500. Heals itself after them.
    ErrorAfterWrite { next: usize },
    /// Executed at once, answered this much later.
    LateAck(Duration),
    /// Executed at once, answered only when another fault is set: a test can look at the state in between.
    HoldAck,
    /// Accepts and reads requests; when another fault is set it executes, in order, what it had received, even if the
    /// clients hung up long ago. (Set to `Refuse`, it dies with all it had received.)
    Frozen,
    /// The database is locked by another process: writes answer 500 after `wait` and store nothing; with `exclusive`
    /// reads do, too.
    DatabaseLocked { exclusive: bool, wait: Duration },
    /// A CDN in front asks for proof of humanity: 403 with a page.
    HtmlChallenge,
    /// 429 with `Retry-After: 7`.
    TooMany,
    /// Every token and every login is refused.
    Unauthorised,
    /// Something else answers at this address: 200 with a web page.
    NotThePanel,
}

/// Which requests a fault is for. Paths are those of the panel, without a configured prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The method in capitals; `None` is any.
    pub method: Option<String>,
    /// What the path begins with.
    pub path: String,
}

impl Matcher {
    /// Requests with this method whose path begins so.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_ascii_uppercase()), path: path.to_owned() }
    }

    /// Requests of any method whose path begins so.
    #[must_use]
    pub fn path(path: &str) -> Self {
        Self { method: None, path: path.to_owned() }
    }

    fn matches(&self, request: &Request) -> bool {
        self.method.as_ref().is_none_or(|method| *method == request.method)
            && request.path.starts_with(&self.path)
    }
}

/// The faults in force.
pub(super) struct Faults {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

struct State {
    global: Fault,
    scoped: Vec<(Matcher, Fault)>,
    drawn: u64,
}

impl Faults {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State { global: Fault::None, scoped: Vec::new(), drawn: 0 }),
            changed: watch::Sender::new(0),
        }
    }

    pub(super) fn global(&self) -> Fault {
        self.lock().global.clone()
    }

    pub(super) fn set_global(&self, fault: Fault) {
        self.lock().global = fault;
        self.changed.send_modify(|version| *version += 1);
    }

    /// `Fault::None` removes what was set for the same requests.
    pub(super) fn set_scoped(&self, matcher: Matcher, fault: Fault) {
        {
            let mut state = self.lock();
            state.scoped.retain(|(other, _)| *other != matcher);
            if fault != Fault::None {
                state.scoped.push((matcher, fault));
            }
        }
        self.changed.send_modify(|version| *version += 1);
    }

    pub(super) fn clear_scoped(&self) {
        self.lock().scoped.clear();
        self.changed.send_modify(|version| *version += 1);
    }

    /// Wakes whoever waits for a change. Taken before looking at the faults, it misses none.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What this request meets. Counts down faults that are for the next few writes and draws the lots of the random
    /// ones, so ask once a request.
    pub(super) fn meet(&self, request: &Request, is_write: bool) -> Fault {
        let mut state = self.lock();
        let State { global, scoped, drawn } = &mut *state;
        let place = scoped.iter_mut().find(|(matcher, _)| matcher.matches(request)).map(|(_, fault)| fault);
        let fault = place.unwrap_or(global);
        match fault {
            Fault::AckLost { next } | Fault::ErrorAfterWrite { next } => {
                if !is_write || *next == 0 {
                    return Fault::None;
                }
                let met = fault.clone();
                let (Fault::AckLost { next } | Fault::ErrorAfterWrite { next }) = fault else { return met };
                *next -= 1;
                if *next == 0 {
                    *fault = Fault::None;
                }
                met
            }
            Fault::Errors { percent, seed, .. } => {
                *drawn += 1;
                let mut hasher = DefaultHasher::new();
                (*seed, *drawn).hash(&mut hasher);
                if hasher.finish() % 100 < u64::from(*percent) { fault.clone() } else { Fault::None }
            }
            Fault::DatabaseLocked { exclusive: false, .. } if !is_write => Fault::None,
            _ => fault.clone(),
        }
    }

    /// Whether this request would still be frozen.
    pub(super) fn freezes(&self, request: &Request) -> bool {
        let state = self.lock();
        let scoped = state.scoped.iter().find(|(matcher, _)| matcher.matches(request));
        *scoped.map_or(&state.global, |(_, fault)| fault) == Fault::Frozen
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
