//! How the loops do: when each ran last and runs next, how long it took, and what went wrong.
//!
//! The loops themselves stand above the services; they write here, and whoever looks after the service reads.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::domain::Timestamp;

/// Characters of an error that are kept.
const LONGEST: usize = 200;

/// How one run of a loop ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Done,
    /// With an error.
    Failed(String),
    /// With a panic, which was caught.
    Panicked,
}

/// How one loop does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// Its name.
    pub name: &'static str,
    /// How often it runs; `None`: all the time.
    pub period: Option<Duration>,
    /// It runs now.
    pub running: bool,
    /// How often it ran to an end.
    pub runs: u64,
    /// How often it failed, panics included.
    pub failures: u64,
    /// How often it panicked.
    pub panics: u64,
    /// When it began last, and how long that took, if it has ended.
    pub last: Option<(Timestamp, Option<Duration>)>,
    /// When it runs next.
    pub next: Option<Timestamp>,
    /// What went wrong last. A later good run leaves it.
    pub problem: Option<(Timestamp, Outcome)>,
}

/// How all loops of this process do.
#[derive(Debug, Default)]
pub struct Loops(Mutex<Board>);

#[derive(Debug, Default)]
struct Board {
    started_at: Option<Timestamp>,
    loops: BTreeMap<&'static str, Loop>,
}

impl Loops {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().expect("no holder of this lock can panic")
    }

    /// The process began its work.
    pub fn started(&self, now: Timestamp) {
        self.board().started_at.get_or_insert(now);
    }

    /// A loop exists.
    pub fn meet(&self, name: &'static str, period: Option<Duration>) {
        let new = Loop {
            name,
            period,
            running: false,
            runs: 0,
            failures: 0,
            panics: 0,
            last: None,
            next: None,
            problem: None,
        };
        self.board().loops.entry(name).or_insert(new);
    }

    /// A run begins.
    pub fn begins(&self, name: &'static str, now: Timestamp) {
        if let Some(one) = self.board().loops.get_mut(name) {
            (one.running, one.last, one.next) = (true, Some((now, None)), None);
        }
    }

    /// A run ended after `took`.
    pub fn ends(&self, name: &'static str, mut outcome: Outcome, took: Duration, now: Timestamp) {
        let mut board = self.board();
        let Some(one) = board.loops.get_mut(name) else { return };
        one.running = false;
        one.runs = one.runs.saturating_add(1);
        if let Some((_, length)) = &mut one.last {
            *length = Some(took);
        }
        match &mut outcome {
            Outcome::Done => return,
            Outcome::Failed(error) => {
                if let Some((end, _)) = error.char_indices().nth(LONGEST) {
                    error.truncate(end);
                }
            }
            Outcome::Panicked => one.panics = one.panics.saturating_add(1),
        }
        one.failures = one.failures.saturating_add(1);
        one.problem = Some((now, outcome));
    }

    /// The next run is then.
    pub fn due(&self, name: &'static str, at: Timestamp) {
        if let Some(one) = self.board().loops.get_mut(name) {
            one.next = Some(at);
        }
    }

    /// Since when this process works.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.board().started_at
    }

    /// All loops, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Loop> {
        self.board().loops.values().cloned().collect()
    }
}
