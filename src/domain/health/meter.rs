//! How much traffic passes now, from a panel's running totals.
//!
//! Marzban tells the sum over the last 30 days, in steps: it writes its counters down every half minute, and once an hour
//! the oldest hour drops out. So only what a total grew by counts, over some minutes; a reading that is smaller than the
//! one before says nothing.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::quota::Bytes;

/// The rate is of this long.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Of less than this nothing is told: the panel's own steps would show.
const LEAST: TimeDelta = TimeDelta::minutes(1);

/// The growth of a total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meter {
    last: Option<Bytes>,
    grown: Bytes,
    readings: VecDeque<(Timestamp, Bytes)>,
}

impl Meter {
    /// The panel showed this total at `now`; what it grew by since the reading before.
    pub fn read(&mut self, total: Bytes, now: Timestamp) -> Bytes {
        let grown = self.last.replace(total).map_or(0, |last| total.saturating_sub(last));
        self.grown = self.grown.saturating_add(grown);
        // A clock that was set back begins anew.
        if self.readings.back().is_some_and(|(at, _)| *at > now) {
            self.readings.clear();
        }
        self.readings.push_back((now, self.grown));
        while self.readings.get(1).is_some_and(|(at, _)| now - *at >= WINDOW) {
            self.readings.pop_front();
        }
        grown
    }

    /// Bytes a second, over the last minutes; `None`: not watched for long enough.
    #[must_use]
    pub fn rate(&self) -> Option<Bytes> {
        let ((from, before), (to, grown)) = (self.readings.front()?, self.readings.back()?);
        let span = *to - *from;
        let seconds = u64::try_from(span.num_seconds()).ok().filter(|_| span >= LEAST)?;
        Some((grown - before) / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_rate_is_what_the_total_grew_by() {
        let mut meter = Meter::default();
        meter.read(1_000_000, at(0));
        assert_eq!(meter.rate(), None);
        meter.read(1_030_000, at(30));
        assert_eq!(meter.rate(), None, "half a minute is one step of the panel's");
        meter.read(1_060_000, at(60));
        assert_eq!(meter.rate(), Some(1_000));
    }

    #[test]
    fn an_hour_that_drops_out_is_no_traffic_and_old_traffic_is_forgotten() {
        let mut meter = Meter::default();
        for minute in 0..30 {
            let total = if minute < 15 { 9_000_000 + 60_000 * minute } else { 1_000_000 };
            meter.read(u64::try_from(total).unwrap(), at(60 * minute));
        }
        assert_eq!(meter.rate(), Some(0));
        meter.read(1_600_000, at(30 * 60));
        assert_eq!(meter.rate(), Some(1_000), "ten minutes");
        meter.read(1_600_000, at(0));
        assert_eq!(meter.rate(), None, "the clock was set back");
    }
}
