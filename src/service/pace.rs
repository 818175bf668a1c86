//! How fast a panel is asked.
//!
//! Each instance has a token bucket (10 calls a second, 5 at once) and a concurrency between 2 and 8 that grows by one
//! with every ten clean calls and is halved on a time-out, a 5xx or a 429: a real Marzban on SQLite takes about 25
//! creates a second and jams for a minute beyond some fifty in parallel.
//!
//! Calls that a person waits for go first, and one place in flight and one token are always kept for them, so that none
//! queues behind what nobody waits for. While background work could go on too, they get at most 30 % of the rate; what they leave is
//! the background's, and alone they may have all of it. Health checks do not queue here: they must tell how a panel is
//! whatever else it has to do.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::domain::InstanceId;
use crate::panel::PanelError;

/// Calls a second to one instance.
pub const RATE: f64 = 10.0;
/// Calls to one instance at once after a rest.
const BURST: f64 = 5.0;
/// What part of the rate the foreground may take from the background.
const SHARE: f64 = 0.3;
/// Calls of the foreground that come before the background's at once, after a rest.
const SHARE_BURST: f64 = 3.0;
/// Tokens that the background leaves in the bucket: who waits for a call makes it at once.
const KEPT: f64 = 1.0;
/// Calls in flight to one instance, at first and at least.
const LEAST: u32 = 2;
/// Calls in flight to one instance, at most.
const MOST: u32 = 8;
/// Clean calls that earn one more in flight.
const CLEAN_TO_GROW: u32 = 10;

/// Who a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A person waits for it.
    Foreground,
    /// Nobody does.
    Background,
}

impl Class {
    /// The class of a call that a person waits for, or nobody.
    #[must_use]
    pub fn of(person_waits: bool) -> Self {
        if person_waits { Self::Foreground } else { Self::Background }
    }
}

/// How fast each panel is asked.
#[derive(Debug)]
pub struct Pace {
    rate: f64,
    /// How many processes share the rate and the places in flight.
    shared_by: AtomicU32,
    lanes: Mutex<HashMap<InstanceId, Arc<Lane>>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(RATE)
    }
}

#[derive(Debug)]
struct Lane {
    state: Mutex<State>,
    freed: Notify,
}

/// The right to make one call; to be given back with what came of it. Dropped, it counts as neither clean nor trouble.
#[derive(Debug)]
pub struct Turn {
    lane: Arc<Lane>,
    class: Class,
}

impl Pace {
    /// A pace of `rate` calls a second to each instance.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self { rate, shared_by: AtomicU32::new(1), lanes: Mutex::default() }
    }

    /// Waits for a turn. Within a class, first come is first served.
    pub async fn turn(&self, instance: &InstanceId, class: Class) -> Turn {
        let lane = {
            let mut lanes = self.lanes.lock().expect("never poisoned");
            let shared_by = self.shared_by.load(Ordering::Relaxed);
            let lane = || Arc::new(Lane::new(self.rate, shared_by));
            lanes.entry(instance.clone()).or_insert_with(lane).clone()
        };
        let queued = Queued { ticket: lane.state().queue_up(class), lane: &lane, class };
        loop {
            // Listens before it looks: a turn given back in between must not be missed.
            let mut freed = std::pin::pin!(lane.freed.notified());
            freed.as_mut().enable();
            let taken = lane.state().take(queued.ticket, class, Instant::now());
            match taken {
                Ok(()) => break,
                Err(None) => freed.await,
                Err(Some(wait)) => {
                    // Whichever comes first: a turn given back, or a token.
                    let _ = tokio::time::timeout(wait, freed).await;
                }
            }
        }
        drop(queued);
        Turn { lane, class }
    }

    /// So many processes ask the panels beside each other from now on: each keeps its share.
    pub fn share(&self, processes: u32) {
        let processes = processes.max(1);
        if self.shared_by.swap(processes, Ordering::Relaxed) != processes {
            let lanes = self.lanes.lock().expect("never poisoned");
            lanes.values().for_each(|lane| lane.state().share(self.rate, processes));
        }
    }

    /// Calls in flight allowed to an instance now.
    #[must_use]
    pub fn limit(&self, instance: &InstanceId) -> u32 {
        let lanes = self.lanes.lock().expect("never poisoned");
        lanes.get(instance).map_or(LEAST, |lane| lane.state().limit)
    }
}

impl Lane {
    fn new(rate: f64, processes: u32) -> Self {
        let mut state = State::new(rate, Instant::now());
        state.share(rate, processes);
        Self { state: Mutex::new(state), freed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("never poisoned")
    }
}

/// A place in the queue, left when the turn comes or whoever waits gives up.
struct Queued<'a> {
    ticket: u64,
    lane: &'a Lane,
    class: Class,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.lane.state().leave(self.ticket, self.class);
        self.lane.freed.notify_waiters();
    }
}

impl Turn {
    /// Gives the turn back with what came of the call.
    pub fn done<T>(self, answer: &Result<T, PanelError>) {
        let trouble = answer.as_ref().err().is_some_and(PanelError::is_transient);
        self.lane.state().learn(trouble);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.lane.state().give_back(self.class);
        self.lane.freed.notify_waiters();
    }
}

/// Who may call an instance now. Time is an argument, so that its rules can be tested, and whole evacuations measured,
/// through hours in a moment. Everybody else takes a [`Turn`].
#[derive(Debug)]
pub struct State {
    rate: f64,
    limit: u32,
    /// What the limit may grow to.
    most: u32,
    in_flight: u32,
    /// Those in flight that nobody waits for.
    background: u32,
    clean: u32,
    tokens: f64,
    /// Calls that the foreground may make before the background.
    share: f64,
    refilled: Instant,
    foreground_queue: VecDeque<u64>,
    background_queue: VecDeque<u64>,
    next_ticket: u64,
}

impl State {
    /// Nobody has called yet; `rate` calls a second.
    #[must_use]
    pub fn new(rate: f64, now: Instant) -> Self {
        Self {
            rate,
            limit: LEAST,
            most: MOST,
            in_flight: 0,
            background: 0,
            clean: 0,
            tokens: BURST,
            share: SHARE_BURST,
            refilled: now,
            foreground_queue: VecDeque::new(),
            background_queue: VecDeque::new(),
            next_ticket: 0,
        }
    }

    /// So many processes share `rate` and the places in flight. Two places are the least: one is kept for people.
    fn share(&mut self, rate: f64, processes: u32) {
        self.rate = rate / f64::from(processes);
        self.most = (MOST / processes).max(LEAST);
        self.limit = self.limit.min(self.most);
    }

    fn queue(&mut self, class: Class) -> &mut VecDeque<u64> {
        match class {
            Class::Foreground => &mut self.foreground_queue,
            Class::Background => &mut self.background_queue,
        }
    }

    /// A ticket for the end of the line.
    pub fn queue_up(&mut self, class: Class) -> u64 {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        self.queue(class).push_back(ticket);
        ticket
    }

    fn leave(&mut self, ticket: u64, class: Class) {
        self.queue(class).retain(|queued| *queued != ticket);
    }

    /// Takes a turn, or says how long to wait before asking again; `None`: until another one leaves or is done.
    ///
    /// # Errors
    /// It is not the ticket's turn.
    pub fn take(&mut self, ticket: u64, class: Class, now: Instant) -> Result<(), Option<Duration>> {
        self.refill(now);
        if self.queue(class).front() != Some(&ticket) || self.in_flight >= self.limit {
            return Err(None);
        }
        // One place in flight is kept for the foreground.
        let background_fits = self.background + 1 < self.limit;
        match class {
            Class::Foreground if background_fits && !self.background_queue.is_empty() => {
                wait_for(self.share, self.rate * SHARE)?;
            }
            Class::Foreground => {}
            Class::Background if !background_fits => return Err(None),
            Class::Background if !self.foreground_queue.is_empty() && self.share >= 1.0 => return Err(None),
            Class::Background => {}
        }
        let kept = if class == Class::Background { KEPT } else { 0.0 };
        wait_for(self.tokens - kept, self.rate)?;
        self.tokens -= 1.0;
        self.in_flight += 1;
        match class {
            Class::Foreground => self.share = (self.share - 1.0).max(0.0),
            Class::Background => self.background += 1,
        }
        self.leave(ticket, class);
        Ok(())
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.rate).min(BURST);
        self.share = (self.share + passed * self.rate * SHARE).min(SHARE_BURST);
        self.refilled = now;
    }

    /// A call is over.
    pub fn give_back(&mut self, class: Class) {
        self.in_flight -= 1;
        self.background -= u32::from(class == Class::Background);
    }

    /// What a call taught: trouble is a time-out, a 5xx or a 429.
    pub fn learn(&mut self, trouble: bool) {
        if trouble {
            self.limit = (self.limit / 2).max(LEAST);
            self.clean = 0;
        } else {
            self.clean += 1;
            if self.clean >= CLEAN_TO_GROW {
                self.clean = 0;
                self.limit = (self.limit + 1).min(self.most);
            }
        }
    }
}

/// Nothing to wait for with a whole token; else how long until there is one.
fn wait_for(tokens: f64, rate: f64) -> Result<(), Option<Duration>> {
    if tokens >= 1.0 {
        return Ok(());
    }
    let wait = Duration::from_secs_f64((1.0 - tokens) / rate);
    Err(Some(wait.max(Duration::from_millis(1))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A call that was made: when, for whom, how long it had waited, and what else was queued at that moment.
    #[derive(Debug, Clone, Copy)]
    struct Call {
        at: u64,
        class: Class,
        waited: u64,
        contested: bool,
    }

    /// Plays `seconds` in steps of a millisecond. `arrivals` are (millisecond, class); each call takes as long as the
    /// next of `durations` (in ms) says. What must hold at every moment is checked on the way.
    fn play(seconds: u64, arrivals: &[(u64, Class)], durations: &[u64]) -> Vec<Call> {
        let start = Instant::now();
        let mut state = State::new(RATE, start);
        let mut queued: Vec<(u64, u64, Class)> = Vec::new();
        let mut running: Vec<(u64, Class)> = Vec::new();
        let mut calls: Vec<Call> = Vec::new();
        for at in 0..seconds * 1000 {
            running.retain(|(ends, class)| {
                let over = *ends <= at;
                if over {
                    state.learn(false);
                    state.give_back(*class);
                }
                !over
            });
            for (_, class) in arrivals.iter().filter(|(when, _)| *when == at) {
                queued.push((at, state.queue_up(*class), *class));
            }
            let now = start + Duration::from_millis(at);
            loop {
                let contested = !state.background_queue.is_empty() && state.background + 1 < state.limit;
                let next =
                    queued.iter().position(|(_, ticket, class)| state.take(*ticket, *class, now).is_ok());
                let Some(next) = next else { break };
                let (since, _, class) = queued.remove(next);
                calls.push(Call { at, class, waited: at - since, contested });
                running.push((at + durations[calls.len() % durations.len()], class));
                let background = running.iter().filter(|(_, class)| *class == Class::Background).count();
                assert!(running.len() <= state.limit as usize && state.limit <= MOST, "concurrency");
                assert!(background < state.limit as usize, "one place is the foreground's");
            }
        }
        calls
    }

    /// That no stretch of time sees more calls than `burst` and `rate` allow.
    fn never_faster(calls: &[Call], rate: f64, burst: f64) {
        for (first, from) in calls.iter().enumerate() {
            for (last, to) in calls.iter().enumerate().skip(first) {
                let allowed = burst + rate * (to.at - from.at) as f64 / 1000.0;
                let made = (last - first + 1) as f64;
                assert!(made <= allowed + 1e-6, "{made} calls from {} to {} ms", from.at, to.at);
            }
        }
    }

    fn flood(class: Class, count: usize) -> Vec<(u64, Class)> {
        vec![(0, class); count]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// I12: whatever is asked, calls to one instance never exceed its rate and concurrency, and while the background
        /// could go on the foreground gets no more than its share.
        #[test]
        fn i12_neither_rate_nor_concurrency_nor_share_is_exceeded(
            foreground in prop::collection::vec(0u64..6_000, 0..80),
            background in prop::collection::vec(0u64..6_000, 0..80),
            durations in prop::collection::vec(1u64..900, 1..20),
        ) {
            let mut arrivals: Vec<_> = foreground.iter().map(|at| (*at, Class::Foreground)).collect();
            arrivals.extend(background.iter().map(|at| (*at, Class::Background)));
            let calls = play(10, &arrivals, &durations);
            never_faster(&calls, RATE, BURST);
            let shared: Vec<Call> =
                calls.iter().copied().filter(|call| call.class == Class::Foreground && call.contested).collect();
            never_faster(&shared, RATE * SHARE, SHARE_BURST);
        }
    }

    #[test]
    fn i12_the_foreground_takes_thirty_per_cent_and_the_background_the_rest() {
        let both = [flood(Class::Foreground, 500), flood(Class::Background, 500)].concat();
        let calls = play(20, &both, &[50]);
        let people = calls.iter().filter(|call| call.class == Class::Foreground).count();
        let nobody = calls.len() - people;
        assert!((58..=64).contains(&people), "3 a second for 20 s and a burst of 3: {people}");
        assert!((138..=144).contains(&nobody), "7 a second for 20 s and a burst of 2: {nobody}");
    }

    #[test]
    fn alone_each_class_has_the_whole_rate() {
        for class in [Class::Foreground, Class::Background] {
            let calls = play(20, &flood(class, 500), &[50]);
            assert!((200..=205).contains(&calls.len()), "{class:?}: {}", calls.len());
        }
    }

    #[test]
    fn nobody_who_waits_queues_behind_what_nobody_waits_for() {
        // Slow calls and a long queue: all places and all tokens but the one kept are taken.
        let mut arrivals = flood(Class::Background, 500);
        arrivals.extend((1..20).map(|second| (second * 1000, Class::Foreground)));
        let calls = play(25, &arrivals, &[400]);
        let people: Vec<&Call> = calls.iter().filter(|call| call.class == Class::Foreground).collect();
        assert_eq!(people.len(), 19);
        assert!(people.iter().all(|call| call.waited == 0), "at once: {people:?}");
    }

    #[test]
    fn clean_calls_earn_more_and_trouble_halves() {
        let mut state = State::new(RATE, Instant::now());
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

    #[tokio::test]
    async fn who_gives_up_leaves_the_queue_to_the_next() {
        let pace = Pace::new(1e6);
        let id: InstanceId = "de1".parse().unwrap();
        let first = pace.turn(&id, Class::Background).await;
        let gives_up = tokio::time::timeout(Duration::from_millis(1), pace.turn(&id, Class::Background));
        assert!(gives_up.await.is_err(), "the other place in flight is the foreground's");
        let person = pace.turn(&id, Class::Foreground).await;
        let next = tokio::join!(pace.turn(&id, Class::Background), async { drop(first) }).0;
        next.done::<()>(&Ok(()));
        person.done::<()>(&Ok(()));
    }
}
