//! One instance in the mirror, and the sums over a group of them.

use std::ops::Range;

use super::strategy::{node_measure, sane};
use super::tree::NEVER;
use super::{Candidate, Refusal, Standing, Strategy};
use crate::domain::instance::{Counters, Health, Mode};
use crate::domain::{InstanceId, Timestamp};

/// What an instance's state means for new keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Healthy,
    Degraded,
    Suspect,
    Closed(Refusal),
}

/// How many classes are open.
pub(super) const OPEN_CLASSES: usize = 3;

impl Class {
    /// With `forced`, what the admins decided is left out.
    pub(super) fn of(candidate: &Candidate, forced: bool, now: Timestamp) -> Self {
        if candidate.mode == Mode::Observe {
            return Self::Closed(Refusal::Observed);
        }
        if !forced && !candidate.admin_state.accepts(now) {
            return Self::Closed(Refusal::AdminClosed);
        }
        match candidate.health {
            Health::Healthy | Health::Recovering => Self::Healthy,
            Health::Degraded => Self::Degraded,
            Health::Suspect => Self::Suspect,
            Health::Unknown
            | Health::Unreachable
            | Health::ControlDown
            | Health::Down
            | Health::Misconfigured
            | Health::Blocked => Self::Closed(Refusal::Health),
        }
    }

    /// Its place among the open classes.
    pub(super) fn index(self) -> Option<usize> {
        match self {
            Self::Healthy => Some(0),
            Self::Degraded => Some(1),
            Self::Suspect => Some(2),
            Self::Closed(_) => None,
        }
    }
}

/// One instance in the mirror. What a decision reads stands in place, in two cache lines; the rest is elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    id: InstanceId,
    pub(super) candidate: Box<Candidate>,
    max_users: u32,
    /// `max_users × weight`, and above zero.
    capacity: f64,
    pub(super) ramp: f64,
    rate_share: Option<f64>,
    pub(super) class: Class,
    /// Index into the mirror's tiers and regions.
    pub(super) tier: usize,
    pub(super) region: usize,
    /// Its place in the fixed order that breaks ties.
    pub(super) rank: u32,
    /// As the database last said.
    pub(super) counters: Counters,
    /// Own decisions not settled yet: those since the last turn of the page, and those before.
    pub(super) in_flight: [u32; 2],
    /// When round-robin last took it.
    pub(super) turn: u64,
    /// The load when the current `rate_share` was measured.
    pub(super) rate_base: u32,
}

impl Slot {
    pub(super) fn new(mut candidate: Candidate, counters: Counters) -> Self {
        candidate.ramp = sane(candidate.ramp, 1.0, 0.0);
        candidate.rate_share = candidate.rate_share.filter(|share| share.is_finite() && *share >= 0.0);
        Self {
            id: candidate.id.clone(),
            max_users: candidate.max_users,
            capacity: candidate.capacity().max(f64::MIN_POSITIVE),
            ramp: candidate.ramp,
            rate_share: candidate.rate_share,
            candidate: Box::new(candidate),
            class: Class::Closed(Refusal::Unknown),
            tier: 0,
            region: 0,
            rank: 0,
            counters,
            in_flight: [0, 0],
            turn: 0,
            rate_base: counters.load(),
        }
    }

    /// Takes over what only this process knows from the same instance's slot before a refresh.
    pub(super) fn inherit(&mut self, before: &Self) {
        self.in_flight = before.in_flight;
        self.turn = before.turn;
        if self.rate_share == before.rate_share {
            self.rate_base = before.rate_base;
        } else {
            self.rate_base = self.load();
        }
    }

    pub(super) fn id(&self) -> &InstanceId {
        &self.id
    }

    fn in_flight(&self) -> u32 {
        self.in_flight[0].saturating_add(self.in_flight[1])
    }

    /// One decision is settled; which one does not matter, the oldest is taken.
    pub(super) fn settle(&mut self) {
        let page = usize::from(self.in_flight[1] > 0);
        self.in_flight[page] = self.in_flight[page].saturating_sub(1);
    }

    /// The counters with the decisions in flight as reservations.
    pub(super) fn counters(&self) -> Counters {
        Counters { reserved: self.counters.reserved.saturating_add(self.in_flight()), ..self.counters }
    }

    pub(super) fn load(&self) -> u32 {
        self.counters().load()
    }

    pub(super) fn is_full(&self) -> bool {
        self.counters().taken() >= self.max_users
    }

    /// Whether it takes its full share, and so tells the others of its group how full they may be.
    pub(super) fn is_steady(&self) -> bool {
        self.ramp >= 1.0
    }

    /// The load by users with one more key.
    pub(super) fn user_load(&self) -> f64 {
        (f64::from(self.load()) + 1.0) / self.capacity
    }

    /// What `strategy` compares; finite and not negative for an instance with a cap.
    pub(super) fn score(&self, strategy: Strategy) -> f64 {
        let score = match strategy {
            Strategy::Exact => {
                // Between two samples of the rate each newcomer adds a user's share of the capacity: a figure that
                // stood still would draw every newcomer to the instance with the least traffic.
                let since = f64::from(self.load()) + 1.0 - f64::from(self.rate_base);
                let by_rate = self.rate_share.map_or(0.0, |share| share + since.max(0.0) / self.capacity);
                self.user_load().max(by_rate)
            }
            Strategy::MarzbanLoad => {
                let serving = self.candidate.nodes.iter().filter(|node| node.serves());
                let least = serving.map(|node| node_measure(node, self.load())).min_by(f64::total_cmp);
                least.unwrap_or_else(|| f64::from(self.load()) * 100.0)
            }
            Strategy::Capacity => {
                let share = f64::from(self.load()) / f64::from(self.max_users.max(1));
                share / (self.candidate.preference.get() * self.candidate.weight.get())
            }
            Strategy::RoundRobin => self.turn as f64,
        };
        // A cap of none has no finite load; it is full as well, so the number is only shown.
        // A negative zero added to zero is zero: the order of bits below needs it so.
        score.min(f64::MAX) + 0.0
    }

    /// Its key in the tree: the score (the bits of a float that is not negative are ordered as it is), then the fixed
    /// order of ties, then where to find it.
    pub(super) fn key(&self, strategy: Strategy, at: usize) -> u128 {
        if matches!(self.class, Class::Closed(_)) || self.is_full() {
            return NEVER;
        }
        u128::from(self.score(strategy).to_bits()) << 64 | u128::from(self.rank) << 32 | at as u128
    }

    pub(super) fn standing(&self, strategy: Strategy) -> Standing {
        let counters = self.counters();
        Standing {
            instance: self.id().clone(),
            score: self.score(strategy),
            load: counters.load(),
            taken: counters.taken(),
            cap: self.max_users,
        }
    }
}

/// Sums over the open instances of one tier, in one region or in all.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Where the slots of each class lie.
    pub(super) spans: [Range<usize>; OPEN_CLASSES],
    /// How many of each class are at their cap.
    pub(super) full: [u32; OPEN_CLASSES],
    /// Load and caps of those that take new keys in the usual way (healthy and degraded).
    pub(super) load: u64,
    pub(super) cap: u64,
    /// Load and capacity of those that are fully ramped.
    pub(super) steady_load: u64,
    pub(super) steady_capacity: f64,
}

impl Tally {
    pub(super) fn members(&self, class: usize) -> u32 {
        self.spans[class].len() as u32
    }

    /// Counts a slot that lies at `at`, the next one of its class.
    pub(super) fn count(&mut self, slot: &Slot, at: usize) {
        let Some(class) = slot.class.index() else { return };
        let span = &mut self.spans[class];
        let start = if span.start == span.end { at } else { span.start };
        *span = start..at + 1;
        self.full[class] += u32::from(slot.is_full());
        if class < 2 {
            self.load += u64::from(slot.load());
            self.cap += u64::from(slot.max_users);
        }
        if slot.is_steady() {
            self.steady_load += u64::from(slot.load());
            self.steady_capacity += slot.candidate.capacity();
        }
    }

    /// Follows a slot's change of counts.
    pub(super) fn follow(&mut self, slot: &Slot, load_before: u32, full_before: bool) {
        let Some(class) = slot.class.index() else { return };
        self.full[class] = self.full[class] + u32::from(slot.is_full()) - u32::from(full_before);
        let (before, after) = (u64::from(load_before), u64::from(slot.load()));
        if class < 2 {
            self.load = self.load + after - before;
        }
        if slot.is_steady() {
            self.steady_load = self.steady_load + after - before;
        }
    }

    /// Whether it is as full as a tier may be before the next opens. An empty tier is.
    pub(super) fn is_spilled(&self, spill_at: f64) -> bool {
        self.cap == 0 || self.load as f64 >= spill_at * self.cap as f64
    }

    /// The mean load of the steady ones, in users per capacity; `None` when there is none to compare with.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.steady_capacity > 0.0).then(|| self.steady_load as f64 / self.steady_capacity)
    }
}
