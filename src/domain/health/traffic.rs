//! When much less passes through an instance than a week ago at the same hour: perhaps it is blocked where people are.
//!
//! Days differ and so do hours, but one hour is much like the same hour a week before. What fewer people use less is no
//! sign of anything, so the comparison is by person; and only hours that were watched without a gap are compared.

use chrono::{DurationRound, TimeDelta};

use crate::domain::Timestamp;
use crate::domain::quota::{Bytes, GIB};

/// The hour that an hour is compared with lies this far back.
pub const WEEK: TimeDelta = TimeDelta::days(7);
/// Readings further apart leave a gap. Panels are read twice a minute.
const GAP: TimeDelta = TimeDelta::minutes(3);
/// Fewer people may do as they like.
const PEOPLE: u32 = 5;
/// Less than this in an hour says nothing.
const LEAST: Bytes = GIB;
/// A fall to one part in so many is suspicious.
const FALL: Bytes = 4;

/// The beginning of the hour that `now` lies in.
#[must_use]
pub fn hour_of(now: Timestamp) -> Timestamp {
    now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)
}

/// What passed in an hour that was watched without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Bytes of all worker servers together.
    pub bytes: Bytes,
    /// Keys that had their account there at its end.
    pub users: u32,
}

impl Passed {
    /// How many percent of the usual passed, if that is suspiciously little; `before` is the same hour a week ago.
    #[must_use]
    pub fn fell_to(self, before: Self) -> Option<u32> {
        if self.users < PEOPLE || before.users < PEOPLE || before.bytes < LEAST {
            return None;
        }
        // More people use more, but what a few new ones bring in an hour is not known: they are not counted on.
        let people = u128::from(self.users.min(before.users));
        let usual = u128::from(before.bytes) * people / u128::from(before.users);
        let suspicious = u128::from(self.bytes) * u128::from(FALL) <= usual;
        suspicious.then(|| u32::try_from(u128::from(self.bytes) * 100 / usual.max(1)).unwrap_or(100))
    }
}

/// The hour that goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hour {
    /// Since when there was no gap, if that is not later than its beginning.
    whole_from: Option<Timestamp>,
    last: Option<Timestamp>,
    bytes: Bytes,
}

impl Hour {
    /// So many bytes more had passed at `now`. The hour that thereby ended, with all that passed in it, if it was
    /// watched whole.
    pub fn add(&mut self, grown: Bytes, now: Timestamp) -> Option<(Timestamp, Bytes)> {
        let last = self.last.replace(now);
        let Some(last) = last.filter(|last| *last <= now && now - *last <= GAP) else {
            // What grew in a gap may be of any hour.
            *self = Self { whole_from: None, last: Some(now), bytes: 0 };
            return None;
        };
        let (hour, before) = (hour_of(now), hour_of(last));
        if hour == before {
            self.bytes = self.bytes.saturating_add(grown);
            return None;
        }
        // What grew over the turn of the hour counts as of the new one: half a minute of sixty.
        let ended = self.whole_from.map(|from| (from, self.bytes));
        *self = Self { whole_from: Some(hour), last: Some(now), bytes: grown };
        ended
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_timestamp(1_790_000_000 - 1_790_000_000 % 3_600 + 60 * minutes, 0).unwrap()
    }

    #[rstest]
    #[case(Passed { bytes: 25 * GIB, users: 100 }, Passed { bytes: 100 * GIB, users: 100 }, Some(25), "a quarter")]
    #[case(Passed { bytes: 26 * GIB, users: 100 }, Passed { bytes: 100 * GIB, users: 100 }, None, "a little more")]
    #[case(Passed { bytes: 12 * GIB, users: 50 }, Passed { bytes: 100 * GIB, users: 100 }, Some(24), "of half the people")]
    #[case(Passed { bytes: 25 * GIB, users: 50 }, Passed { bytes: 100 * GIB, users: 100 }, None, "half left")]
    #[case(Passed { bytes: 0, users: 100 }, Passed { bytes: GIB, users: 5 }, Some(0), "nothing")]
    #[case(Passed { bytes: 0, users: 4 }, Passed { bytes: 9 * GIB, users: 90 }, None, "nearly everybody left")]
    #[case(Passed { bytes: 0, users: 90 }, Passed { bytes: 9 * GIB, users: 4 }, None, "few were there")]
    #[case(Passed { bytes: 0, users: 90 }, Passed { bytes: GIB - 1, users: 90 }, None, "a quiet hour")]
    fn a_fall_is_by_person(
        #[case] now: Passed,
        #[case] before: Passed,
        #[case] percent: Option<u32>,
        #[case] why: &str,
    ) {
        assert_eq!(now.fell_to(before), percent, "{why}");
    }

    #[test]
    fn only_an_hour_that_was_watched_whole_is_told() {
        let mut hour = Hour::default();
        let mut ended = Vec::new();
        for minute in 30..=181 {
            // Nothing was read from 2:10 to 2:20.
            if !(130..140).contains(&minute) {
                ended.extend(hour.add(10, at(minute)));
            }
        }
        assert_eq!(ended, [(at(60), 600)]);
        assert_eq!(hour.add(10, at(0)), None, "the clock was set back");
    }
}
