//! How fast a panel is asked in the background.
//!
//! Each instance has a token bucket (10 calls a second) and a concurrency between 2 and 8 that grows by one with every
//! ten clean calls and is halved on a time-out, a 5xx or a 429: a real Marzban on SQLite takes about 25 creates a second
//! and jams for a minute beyond some fifty in parallel. Calls that a person waits for do not queue here; the driver
//! bounds all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::domain::InstanceId;
use crate::panel::PanelError;

/// Calls a second to one instance.
const RATE: f64 = 10.0;
/// Calls in flight to one instance, at first and at least.
const LEAST: u32 = 2;
/// Calls in flight to one instance, at most.
const MOST: u32 = 8;
/// Clean calls that earn one more in flight.
const CLEAN_TO_GROW: u32 = 10;

/// How fast each panel is asked.
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<InstanceId, Arc<Lane>>>);

#[derive(Debug)]
struct Lane {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    limit: u32,
    in_flight: u32,
    clean: u32,
    tokens: f64,
    refilled: Instant,
}

/// The right to make one call; to be given back with what came of it. Dropped, it counts as neither clean nor trouble.
#[derive(Debug)]
pub struct Turn {
    lane: Arc<Lane>,
}

impl Pace {
    /// Waits for a turn.
    pub async fn turn(&self, instance: &InstanceId) -> Turn {
        let lane = {
            let mut lanes = self.0.lock().expect("never poisoned");
            lanes.entry(instance.clone()).or_insert_with(|| Arc::new(Lane::new())).clone()
        };
        loop {
            let wait = lane.state.lock().expect("never poisoned").take(Instant::now());
            match wait {
                None => return Turn { lane },
                Some(wait) => {
                    // Whichever comes first: a call that ends, or a token.
                    let _ = tokio::time::timeout(wait, lane.freed.notified()).await;
                }
            }
        }
    }

    /// Calls in flight allowed to an instance now.
    #[must_use]
    pub fn limit(&self, instance: &InstanceId) -> u32 {
        let lanes = self.0.lock().expect("never poisoned");
        lanes.get(instance).map_or(LEAST, |lane| lane.state.lock().expect("never poisoned").limit)
    }
}

impl Lane {
    fn new() -> Self {
        let state = State { limit: LEAST, in_flight: 0, clean: 0, tokens: RATE, refilled: Instant::now() };
        Self { state: Mutex::new(state), freed: Notify::new() }
    }
}

impl State {
    /// Takes a turn, or says how long to wait before asking again.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.refilled);
        self.tokens = (self.tokens + passed.as_secs_f64() * RATE).min(RATE);
        self.refilled = now;
        if self.in_flight >= self.limit {
            return Some(Duration::from_secs(1));
        }
        if self.tokens < 1.0 {
            return Some(Duration::from_secs_f64((1.0 - self.tokens) / RATE));
        }
        self.tokens -= 1.0;
        self.in_flight += 1;
        None
    }

    fn learn(&mut self, trouble: bool) {
        if trouble {
            self.limit = (self.limit / 2).max(LEAST);
            self.clean = 0;
        } else {
            self.clean += 1;
            if self.clean >= CLEAN_TO_GROW {
                self.clean = 0;
                self.limit = (self.limit + 1).min(MOST);
            }
        }
    }
}

impl Turn {
    /// Gives the turn back with what came of the call.
    pub fn done<T>(self, answer: &Result<T, PanelError>) {
        let trouble = answer.as_ref().err().is_some_and(PanelError::is_transient);
        self.lane.state.lock().expect("never poisoned").learn(trouble);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.lane.state.lock().expect("never poisoned").in_flight -= 1;
        self.lane.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(now: Instant) -> State {
        State { limit: LEAST, in_flight: 0, clean: 0, tokens: RATE, refilled: now }
    }

    /// I12: calls to one instance never exceed its concurrency and rate.
    #[test]
    fn neither_concurrency_nor_rate_is_exceeded() {
        let start = Instant::now();
        let mut state = state(start);
        assert_eq!((state.take(start), state.take(start)), (None, None));
        assert!(state.take(start).is_some(), "two are in flight");
        let mut sent = 2;
        for millis in 1..=2_000 {
            state.in_flight = 0;
            sent += u32::from(state.take(start + Duration::from_millis(millis)).is_none());
        }
        assert!((28..=31).contains(&sent), "ten at once, then ten a second for two seconds: {sent}");
    }

    #[test]
    fn clean_calls_earn_more_and_trouble_halves() {
        let mut state = state(Instant::now());
        for _ in 0..1_000 {
            state.learn(false);
        }
        assert_eq!(state.limit, MOST);
        state.learn(true);
        assert_eq!(state.limit, MOST / 2);
        for _ in 0..5 {
            state.learn(true);
        }
        assert_eq!(state.limit, LEAST);
    }
}
