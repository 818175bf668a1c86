//! What the checks of a while found, summed up.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::{InstanceId, Timestamp};

/// Checks are summed up over this long.
pub const SLOT: Duration = Duration::from_secs(300);

/// The beginning of the five minutes that `now` lies in.
#[must_use]
pub fn slot_of(now: Timestamp) -> Timestamp {
    let seconds = now.timestamp();
    let width = SLOT.as_secs().cast_signed();
    // Rounding towards the epoch stays within what a timestamp can say.
    Timestamp::from_timestamp(seconds - seconds.rem_euclid(width), 0).unwrap_or(now)
}

/// What checks found. What fails on our own path is no check at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Quick checks of the panel.
    pub checks: u32,
    /// Those that found it well.
    pub good: u32,
    /// Looks at the endpoints.
    pub data_checks: u32,
    /// Those that found one that answers.
    pub data_good: u32,
    /// How long the good checks of the panel took together, in milliseconds.
    pub latency_sum_ms: u64,
    /// How long the slowest of them took.
    pub latency_max_ms: u32,
}

impl Tally {
    /// A quick check ended: it took so long, or failed.
    pub fn check(&mut self, good: Option<Duration>) {
        self.checks = self.checks.saturating_add(1);
        if let Some(took) = good {
            let millis = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
            self.good = self.good.saturating_add(1);
            self.latency_sum_ms = self.latency_sum_ms.saturating_add(millis.into());
            self.latency_max_ms = self.latency_max_ms.max(millis);
        }
    }

    /// The endpoints were looked at.
    pub fn data_check(&mut self, good: bool) {
        self.data_checks = self.data_checks.saturating_add(1);
        self.data_good = self.data_good.saturating_add(u32::from(good));
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            checks: self.checks.saturating_add(other.checks),
            good: self.good.saturating_add(other.good),
            data_checks: self.data_checks.saturating_add(other.data_checks),
            data_good: self.data_good.saturating_add(other.data_good),
            latency_sum_ms: self.latency_sum_ms.saturating_add(other.latency_sum_ms),
            latency_max_ms: self.latency_max_ms.max(other.latency_max_ms),
        }
    }

    /// The share of the checks that found the panel well, from 0 to 1; `None`: it was never looked at.
    #[must_use]
    pub fn uptime(&self) -> Option<f64> {
        (self.checks > 0).then(|| f64::from(self.good) / f64::from(self.checks))
    }

    /// How long a good check took on average.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        let mean = self.latency_sum_ms.checked_div(self.good.into())?;
        Some(Duration::from_millis(mean))
    }
}

/// Sums that are not stored yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(BTreeMap<(Timestamp, InstanceId), Tally>);

impl History {
    /// The sum that a check of now belongs to.
    pub fn now(&mut self, id: &InstanceId, now: Timestamp) -> &mut Tally {
        self.0.entry((slot_of(now), id.clone())).or_default()
    }

    /// All sums of an instance together.
    #[must_use]
    pub fn of(&self, id: &InstanceId) -> Tally {
        let own = self.0.iter().filter(|((_, of), _)| of == id);
        own.fold(Tally::default(), |sum, (_, tally)| sum.and(*tally))
    }

    /// Takes the sums of slots that began before `slot`.
    #[must_use]
    pub fn take_before(&mut self, slot: Timestamp) -> Vec<(InstanceId, Timestamp, Tally)> {
        let whole: Vec<_> = self.0.keys().take_while(|(began, _)| *began < slot).cloned().collect();
        let take = |key: (Timestamp, InstanceId)| {
            let tally = self.0.remove(&key)?;
            Some((key.1, key.0, tally))
        };
        whole.into_iter().filter_map(take).collect()
    }

    /// Gives back what could not be stored.
    pub fn give_back(&mut self, id: InstanceId, slot: Timestamp, tally: Tally) {
        let sum = self.0.entry((slot, id)).or_default();
        *sum = sum.and(tally);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn what_is_whole_is_taken_once_and_what_is_not_goes_on() {
        let id: InstanceId = "de1".parse().unwrap();
        let mut history = History::default();
        history.now(&id, at(299)).check(None);
        history.now(&id, at(300)).check(Some(Duration::from_millis(80)));
        assert_eq!(history.take_before(slot_of(at(299))), []);
        let taken = history.take_before(slot_of(at(301)));
        let failed = Tally { checks: 1, ..Tally::default() };
        assert_eq!(taken, [(id.clone(), at(0), failed)]);
        assert_eq!(history.take_before(slot_of(at(301))), []);
        history.give_back(id.clone(), at(0), failed);
        history.now(&id, at(10)).data_check(true);
        let both = Tally { data_checks: 1, data_good: 1, ..failed };
        assert_eq!(history.take_before(at(300)), [(id, at(0), both)]);
    }

    #[test]
    fn a_panel_that_was_never_looked_at_has_no_uptime() {
        let mut tally = Tally::default();
        assert_eq!((tally.uptime(), tally.latency()), (None, None));
        tally.check(None);
        assert_eq!((tally.uptime(), tally.latency()), (Some(0.0), None));
        tally.check(Some(Duration::from_millis(100)));
        tally.check(Some(Duration::from_millis(200)));
        assert_eq!(tally.latency(), Some(Duration::from_millis(150)));
        assert_eq!(tally.latency_max_ms, 200);
    }
}
