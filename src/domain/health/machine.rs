//! One instance's state as a pure machine: what was seen goes in, the state and what to look at next come out.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Thresholds;
use crate::domain::Timestamp;
use crate::domain::instance::Health;

/// What a look at a panel's API found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// It answers, and its core runs.
    Good,
    /// Nobody listens there.
    Refused,
    /// No answer in time.
    Silent,
    /// An answer that is none: a 5xx, a cut connection, a core that stands still.
    Broken,
    /// It lives and answers, but not to us: login refused, another program, another certificate.
    Foreign,
    /// Something before it asks for patience or a proof: a 429, a challenge page.
    Front,
    /// The trouble is on our own path, and says nothing of the panel.
    Local,
}

/// What a look at the endpoints of an instance's links found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Data {
    /// At least one that can be observed answers.
    Alive,
    /// All that can be observed refuse.
    Refused,
    /// None that can be observed answers, and not all refuse.
    Silent,
    /// None passed from here in a day, or there is none: nothing can be proved.
    Unobservable,
    /// The trouble is on our own path.
    Local,
}

/// Something that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A quick check.
    Quick(Seen),
    /// One of the confirmations that were asked for.
    Confirmation(Seen),
    /// A detailed check that was answered, and whether some of the worker servers are down.
    Detailed {
        /// Some worker servers do not serve.
        nodes_down: bool,
    },
    /// The endpoints were looked at, as was asked for.
    Data(Data),
    /// The last acts before the verdict.
    LastActs {
        /// Whether the reference probes pass: our own path works.
        reference: bool,
        /// One more look at the API.
        control: Seen,
        /// One more look at the endpoints.
        data: Data,
    },
    /// A real call succeeded, or failed hard.
    Call {
        /// Whether it succeeded.
        good: bool,
    },
    /// Another voter, on another uplink, says that it is dead.
    Vote,
    /// There is a voter on another uplink, and it does not see it dead.
    Dissent,
    /// It cannot be reached by an audience although it lives, or that is over.
    Blocked(bool),
    /// Time passes.
    Tick,
}

/// What to look at next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// The confirmations, overlapped.
    Confirm,
    /// The endpoints.
    Data,
    /// The reference probes, then one more look at both planes.
    LastActs,
}

/// What came of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The state before and after, if it changed.
    pub changed: Option<(Health, Health)>,
    /// What to look at next.
    pub wish: Option<Wish>,
    /// An admin is to be asked whether its keys shall leave: it was misconfigured with a dead data plane for long.
    pub ask: bool,
    /// The reference probes failed: the trouble is our own.
    pub own_path: bool,
}

/// The confirmations under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Burst {
    failed: u32,
    void: u32,
    /// What the look at the endpoints found that goes on beside the last confirmations.
    data: Option<Data>,
}

/// One instance's state with everything it follows from. Stored at each change, so that a restart goes on from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    state: Health,
    /// Where a doubt that proves wrong leads back to.
    before: Health,
    since: Timestamp,
    /// Good looks at the API in a row.
    good_in_a_row: u32,
    good_since: Option<Timestamp>,
    /// Since when every look at the API fails.
    failing_since: Option<Timestamp>,
    /// Whether each of those failures was a refusal.
    all_refused: bool,
    /// When an endpoint last answered: silence on one plane is none while the other speaks.
    #[serde(skip)]
    data_answered_at: Option<Timestamp>,
    /// When its API last answered.
    #[serde(skip)]
    answered_at: Option<Timestamp>,
    /// The last acts under way rest on long silence alone.
    #[serde(skip)]
    rests_on_silence: bool,
    /// Since when every look at the endpoints fails.
    data_failing_since: Option<Timestamp>,
    burst: Option<Burst>,
    /// An answer that is still to come.
    pending: Option<Timestamp>,
    voted_at: Option<Timestamp>,
    #[serde(skip)]
    disputed_at: Option<Timestamp>,
    nodes_down: bool,
    front: bool,
    blocked: bool,
    asked: bool,
    ejections: u32,
    ejected_at: Option<Timestamp>,
    quarantined_until: Option<Timestamp>,
    ramping_since: Option<Timestamp>,
    #[serde(skip)]
    hard_in_a_row: u32,
    #[serde(skip)]
    calls: VecDeque<(Timestamp, bool)>,
}

/// An answer that was asked for and did not come within this time is not waited for any more.
const LOST: Duration = Duration::from_secs(60);
/// After this long without another ejection, half of them are forgotten.
const FORGIVE: Duration = Duration::from_secs(3_600);
/// A ramp begins with this share.
const RAMP_FROM: f64 = 0.1;

/// From how long a silence on the last acts may begin: they take a time-out themselves.
fn soon(thresholds: &Thresholds) -> Duration {
    thresholds.silence.saturating_sub(thresholds.check_timeout)
}

fn span(from: Timestamp, to: Timestamp) -> Duration {
    // A clock that was set back makes no time pass.
    (to - from).to_std().unwrap_or_default()
}

impl Machine {
    /// A machine in a stored state, or [`Health::Unknown`] for a new instance.
    #[must_use]
    pub fn new(state: Health, since: Timestamp) -> Self {
        let blocked = state == Health::Blocked;
        let state = if blocked { Health::Healthy } else { state };
        Self {
            state,
            before: Health::Healthy,
            since,
            good_in_a_row: 0,
            good_since: None,
            failing_since: None,
            all_refused: false,
            data_answered_at: None,
            answered_at: None,
            rests_on_silence: false,
            data_failing_since: None,
            burst: None,
            pending: None,
            voted_at: None,
            disputed_at: None,
            nodes_down: false,
            front: false,
            blocked,
            asked: false,
            ejections: 0,
            ejected_at: None,
            quarantined_until: None,
            ramping_since: None,
            hard_in_a_row: 0,
            calls: VecDeque::new(),
        }
    }

    /// The state as everybody else sees it.
    #[must_use]
    pub fn health(&self) -> Health {
        let lives = matches!(
            self.state,
            Health::Healthy | Health::Degraded | Health::Suspect | Health::Recovering | Health::Unknown
        );
        if self.blocked && lives { Health::Blocked } else { self.state }
    }

    /// Since when.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Since when every look at the panel's API fails.
    #[must_use]
    pub fn failing_since(&self) -> Option<Timestamp> {
        self.failing_since
    }

    /// Whether a burst of looks found neither plane alive: enough for a vote, though not for the verdict.
    #[must_use]
    pub fn sees_it_dead(&self) -> bool {
        matches!(self.state, Health::Unreachable | Health::Down) && self.failing_since.is_some()
    }

    /// Until when it takes no keys after it came back.
    #[must_use]
    pub fn quarantined_until(&self) -> Option<Timestamp> {
        self.quarantined_until
    }

    /// How far it is back: 0 takes nothing, below 1 it fills up to that share of its group's mean load.
    #[must_use]
    pub fn ramp(&self, thresholds: &Thresholds, now: Timestamp) -> f64 {
        if self.state != Health::Recovering {
            return 1.0;
        }
        let Some(since) = self.ramping_since else { return 0.0 };
        let part = span(since, now).as_secs_f64() / thresholds.ramp.as_secs_f64().max(1.0);
        RAMP_FROM + (1.0 - RAMP_FROM) * part.min(1.0)
    }

    /// Takes in what was seen.
    pub fn on(&mut self, event: Event, thresholds: &Thresholds, now: Timestamp) -> Step {
        let before = self.health();
        let mut step = Step::default();
        if self.pending.is_some_and(|since| span(since, now) > LOST) {
            (self.pending, self.burst) = (None, None);
        }
        match event {
            Event::Quick(seen) => self.quick(seen, thresholds, now, &mut step),
            Event::Confirmation(seen) => self.confirmation(seen, thresholds, now, &mut step),
            Event::Detailed { nodes_down } => {
                self.nodes_down = nodes_down;
                self.front = false;
                if self.state == Health::Unknown {
                    self.enter(self.well(thresholds, now), now);
                }
                self.good(thresholds, now);
            }
            Event::Data(data) => {
                self.pending = None;
                self.data(data, thresholds, now, &mut step);
            }
            Event::LastActs { reference, control, data } => {
                self.pending = None;
                self.last_acts((reference, control, data), thresholds, now, &mut step);
            }
            Event::Call { good } => self.call(good, thresholds, now, &mut step),
            Event::Vote => self.voted_at = Some(now),
            Event::Dissent => self.disputed_at = Some(now),
            Event::Blocked(blocked) => self.blocked = blocked,
            Event::Tick => {}
        }
        self.time_passes(thresholds, now);
        if step.wish.is_some() {
            self.pending = Some(now);
        }
        let after = self.health();
        if before != after {
            step.changed = Some((before, after));
        }
        step
    }

    fn enter(&mut self, state: Health, now: Timestamp) {
        if self.state != state {
            self.state = state;
            self.since = now;
        }
    }

    /// Healthy or degraded, as its parts say.
    fn well(&self, thresholds: &Thresholds, now: Timestamp) -> Health {
        let recent = self.calls.iter().filter(|(at, _)| span(*at, now) <= thresholds.degraded_window);
        let (good, all) =
            recent.fold((0_u32, 0_u32), |(good, all), (_, is_good)| (good + u32::from(*is_good), all + 1));
        let failing =
            all >= thresholds.degraded_calls && f64::from(good) < thresholds.degraded_below * f64::from(all);
        if self.nodes_down || self.front || failing { Health::Degraded } else { Health::Healthy }
    }

    fn quick(&mut self, seen: Seen, thresholds: &Thresholds, now: Timestamp, step: &mut Step) {
        match seen {
            Seen::Local => {}
            Seen::Good => {
                self.front = false;
                self.good(thresholds, now);
            }
            Seen::Front => {
                self.front = true;
                self.good(thresholds, now);
            }
            Seen::Foreign => self.foreign(now),
            Seen::Refused | Seen::Silent | Seen::Broken => self.failed(seen, thresholds, now, step),
        }
    }

    /// The panel lives.
    fn good(&mut self, thresholds: &Thresholds, now: Timestamp) {
        self.failing_since = None;
        self.data_failing_since = None;
        self.answered_at = Some(now);
        (self.burst, self.pending, self.voted_at) = (None, None, None);
        self.hard_in_a_row = 0;
        self.asked = false;
        self.good_in_a_row = self.good_in_a_row.saturating_add(1);
        let good_since = *self.good_since.get_or_insert(now);
        let risen = self.good_in_a_row >= thresholds.rise && span(good_since, now) >= thresholds.rise_span;
        match self.state {
            // Only a detailed check says that a new instance serves.
            Health::Unknown | Health::Blocked => {}
            Health::Healthy | Health::Degraded => self.enter(self.well(thresholds, now), now),
            // One success among the confirmations cancels the doubt.
            Health::Suspect => {
                let back = match self.before {
                    Health::Recovering | Health::Misconfigured => self.before,
                    _ => self.well(thresholds, now),
                };
                self.enter(back, now);
            }
            Health::Unreachable | Health::ControlDown | Health::Misconfigured => {
                // What was lost on its way back is still on its way back.
                if risen && self.quarantined_until.is_some() {
                    self.enter(Health::Recovering, now);
                } else if risen {
                    self.enter(self.well(thresholds, now), now);
                }
            }
            Health::Down => {
                let quarantine = thresholds.quarantine * self.ejections.max(1);
                self.quarantined_until = Some(now + quarantine.min(thresholds.quarantine_most));
                self.ramping_since = None;
                self.enter(Health::Recovering, now);
            }
            Health::Recovering => {
                let quarantined = self.quarantined_until.is_some_and(|until| now < until);
                if risen && !quarantined && self.ramping_since.is_none() {
                    self.ramping_since = Some(now);
                }
            }
        }
    }

    /// It lives, and does not know us.
    fn foreign(&mut self, now: Timestamp) {
        (self.burst, self.pending) = (None, None);
        (self.good_in_a_row, self.good_since) = (0, None);
        self.failing_since = None;
        self.enter(Health::Misconfigured, now);
    }

    fn failed(&mut self, seen: Seen, thresholds: &Thresholds, now: Timestamp, step: &mut Step) {
        (self.good_in_a_row, self.good_since) = (0, None);
        self.all_refused = seen == Seen::Refused && (self.failing_since.is_none() || self.all_refused);
        // Silence begins when the look was sent, not when it was given up.
        let sent = if seen == Seen::Silent { now - thresholds.check_timeout } else { now };
        let sent = self.answered_at.map_or(sent, |answered| sent.max(answered.min(now)));
        self.failing_since.get_or_insert(sent);
        let idle = self.burst.is_none() && self.pending.is_none();
        match self.state {
            Health::Unknown | Health::Down | Health::Blocked => {}
            Health::Healthy | Health::Degraded | Health::Recovering | Health::Misconfigured => {
                self.doubt(now, step);
            }
            Health::Suspect if idle => self.doubt(now, step),
            Health::Suspect => {}
            Health::Unreachable | Health::ControlDown => {
                // Who has been silent for long enough has its endpoints looked at by the last acts.
                let dead = self.state == Health::Unreachable && self.silence_convicts(thresholds, now);
                if idle && dead {
                    self.rests_on_silence = true;
                    step.wish = Some(Wish::LastActs);
                } else if idle {
                    step.wish = Some(Wish::Data);
                }
            }
        }
    }

    /// How long nothing of it has answered, on either plane.
    fn silent_for(&self, now: Timestamp) -> Duration {
        let Some(failing) = self.failing_since else { return Duration::ZERO };
        span(self.data_answered_at.map_or(failing, |answered| answered.max(failing)), now)
    }

    /// Whether it has been silent for so long that no second voter is needed. Silence may be of the way there: whoever
    /// hears nothing convicts nobody whom another one hears.
    fn silence_convicts(&self, thresholds: &Thresholds, now: Timestamp) -> bool {
        let disputed = self.disputed_at.is_some_and(|at| span(at, now) <= thresholds.quorum_window);
        self.silent_for(now) >= soon(thresholds) && !disputed
    }

    fn doubt(&mut self, now: Timestamp, step: &mut Step) {
        if self.failing_since.is_none() {
            self.failing_since = Some(now);
            self.all_refused = true;
        }
        if self.state != Health::Suspect {
            self.before = self.state;
            self.enter(Health::Suspect, now);
        }
        self.burst = Some(Burst::default());
        step.wish = Some(Wish::Confirm);
    }

    fn confirmation(&mut self, seen: Seen, thresholds: &Thresholds, now: Timestamp, step: &mut Step) {
        // A sign of life counts whenever it comes.
        if matches!(seen, Seen::Good | Seen::Front | Seen::Foreign) {
            return self.quick(seen, thresholds, now, step);
        }
        let Some(mut burst) = self.burst else { return };
        match seen {
            Seen::Good | Seen::Front | Seen::Foreign => {}
            Seen::Local => burst.void += 1,
            Seen::Refused | Seen::Silent | Seen::Broken => {
                burst.failed += 1;
                self.all_refused &= seen == Seen::Refused;
            }
        }
        if burst.failed + burst.void < thresholds.confirmations {
            // The endpoints are looked at beside the last two, so that no time is lost.
            if burst.failed + 2 == thresholds.confirmations && burst.void == 0 {
                step.wish = Some(Wish::Data);
            }
            self.burst = Some(burst);
            return;
        }
        self.burst = None;
        self.pending = None;
        if burst.void > 0 {
            // Our own path failed meanwhile: the burst proves nothing, and the next check begins anew.
            self.failing_since = None;
            self.enter(self.before, now);
        } else if let Some(data) = burst.data {
            self.data(data, thresholds, now, step);
        } else {
            step.wish = Some(Wish::Data);
        }
    }

    fn data(&mut self, data: Data, thresholds: &Thresholds, now: Timestamp, step: &mut Step) {
        let dead = matches!(data, Data::Refused | Data::Silent);
        if !dead && data != Data::Local {
            self.data_failing_since = None;
        }
        if data == Data::Alive {
            self.data_answered_at = Some(now);
        }
        if let Some(burst) = &mut self.burst {
            // Not confirmed yet. Our own trouble is looked past: the end of the burst looks again.
            burst.data = (data != Data::Local).then_some(data);
            return;
        }
        if self.state == Health::Misconfigured {
            if dead {
                let since = *self.data_failing_since.get_or_insert(now);
                step.ask = !self.asked && span(since, now) >= thresholds.misconfigured_ask;
                self.asked |= step.ask;
            }
            return;
        }
        // Whoever answered meanwhile is not judged.
        if self.failing_since.is_none() {
            return;
        }
        if matches!(self.state, Health::Down | Health::Unknown) {
            return;
        }
        match data {
            Data::Local => {}
            Data::Alive | Data::Unobservable => self.enter(Health::ControlDown, now),
            Data::Refused | Data::Silent => {
                self.data_failing_since.get_or_insert(now);
                self.enter(Health::Unreachable, now);
                let voted = self.voted_at.is_some_and(|at| span(at, now) <= thresholds.quorum_window);
                let refused = self.all_refused && data == Data::Refused;
                let silent = self.silence_convicts(thresholds, now);
                if voted || refused || silent {
                    self.rests_on_silence = !voted && !refused;
                    step.wish = Some(Wish::LastActs);
                }
            }
        }
    }

    fn last_acts(
        &mut self,
        (reference, control, data): (bool, Seen, Data),
        thresholds: &Thresholds,
        now: Timestamp,
        step: &mut Step,
    ) {
        if self.failing_since.is_none() || self.state != Health::Unreachable {
            return;
        }
        if !reference {
            step.own_path = true;
            return;
        }
        match control {
            Seen::Good | Seen::Front | Seen::Foreign => self.quick(control, thresholds, now, step),
            Seen::Local => {}
            Seen::Refused | Seen::Silent | Seen::Broken => match data {
                Data::Local => {}
                Data::Alive | Data::Unobservable => {
                    self.data(data, thresholds, now, step);
                }
                // They took less time than a silent look takes: the next check goes on.
                Data::Refused | Data::Silent
                    if self.rests_on_silence && self.silent_for(now) < thresholds.silence => {}
                Data::Refused | Data::Silent => {
                    self.ejections = self.ejections.saturating_add(1);
                    self.ejected_at = Some(now);
                    self.enter(Health::Down, now);
                }
            },
        }
    }

    fn call(&mut self, good: bool, thresholds: &Thresholds, now: Timestamp, step: &mut Step) {
        self.calls.push_back((now, good));
        while self.calls.front().is_some_and(|(at, _)| span(*at, now) > thresholds.degraded_window) {
            self.calls.pop_front();
        }
        self.hard_in_a_row = if good { 0 } else { self.hard_in_a_row.saturating_add(1) };
        let usable = matches!(self.state, Health::Healthy | Health::Degraded | Health::Recovering);
        if usable && self.hard_in_a_row >= thresholds.hard_errors {
            self.hard_in_a_row = 0;
            self.doubt(now, step);
        }
    }

    fn time_passes(&mut self, thresholds: &Thresholds, now: Timestamp) {
        match self.state {
            Health::Healthy | Health::Degraded => self.enter(self.well(thresholds, now), now),
            Health::Recovering => {
                let ramped = self.ramping_since.is_some_and(|since| span(since, now) >= thresholds.ramp);
                if ramped {
                    (self.ramping_since, self.quarantined_until) = (None, None);
                    self.enter(self.well(thresholds, now), now);
                }
            }
            _ => {}
        }
        if self.ejected_at.is_some_and(|at| span(at, now) >= FORGIVE) && self.state != Health::Down {
            self.ejections /= 2;
            self.ejected_at = (self.ejections > 0).then_some(now);
        }
    }
}
