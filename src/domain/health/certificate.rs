//! A certificate that ends: who is told when.

use chrono::TimeDelta;

use crate::domain::Timestamp;

/// So many whole days before the end, and on its last day, admins are told, each once.
const TOLD_AT: [i64; 3] = [14, 3, 0];

/// Whole days until a certificate ends; below zero: it has ended.
#[must_use]
pub fn days_left(ends_at: Timestamp, now: Timestamp) -> i64 {
    (ends_at - now).num_seconds().div_euclid(TimeDelta::days(1).num_seconds())
}

/// How near the end is: the number of steps of [`TOLD_AT`] that are reached, one more when it has ended. Zero: far.
#[must_use]
pub fn nearness(days_left: i64) -> usize {
    TOLD_AT.iter().filter(|days| days_left <= **days).count() + usize::from(days_left < 0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(TimeDelta::days(15), 15, 0)]
    #[case(TimeDelta::days(15) - TimeDelta::seconds(1), 14, 1)]
    #[case(TimeDelta::days(4), 4, 1)]
    #[case(TimeDelta::days(3), 3, 2)]
    #[case(TimeDelta::days(1), 1, 2)]
    #[case(TimeDelta::hours(23), 0, 3)]
    #[case(TimeDelta::seconds(-1), -1, 4)]
    #[case(TimeDelta::days(-30), -30, 4)]
    fn the_end_comes_nearer(#[case] left: TimeDelta, #[case] days: i64, #[case] near: usize) {
        let now = Timestamp::from_timestamp(1_790_000_000, 0).unwrap();
        assert_eq!(days_left(now + left, now), days);
        assert_eq!(nearness(days), near);
    }
}
