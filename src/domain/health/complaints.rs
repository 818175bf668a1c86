//! When many people say that an instance does not work although it looks well from here: perhaps it is blocked where
//! they are.
//!
//! Some complain every day, whatever the server does. So it takes several different people, and many more than usual on
//! the same instance. Complaints never move anybody by themselves: they can be forged.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Complaints of this long count together.
pub const WINDOW: TimeDelta = TimeDelta::hours(1);
/// What is usual is the mean of this long before.
pub const WEEK: TimeDelta = TimeDelta::days(7);
/// At least so many different people.
const PEOPLE: u32 = 5;
/// And so many times as many as usual.
const TIMES_USUAL: u32 = 4;

/// What a person did that hints at trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// "It doesn't work", where everything looks well from here.
    Fails,
    /// A new link, as many try when nothing else helps.
    Reset,
}

/// What people said of an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// Different people within the last [`WINDOW`].
    pub users: u32,
    /// Complaints in the [`WEEK`] before, each person once an hour at most.
    pub in_week_before: u32,
}

impl Heard {
    /// Whether it is so many that admins are told.
    #[must_use]
    pub fn is_suspicious(self) -> bool {
        let hours = WEEK.num_seconds() / WINDOW.num_seconds();
        let (users, before) = (i64::from(self.users), i64::from(self.in_week_before));
        self.users >= PEOPLE && users * hours >= i64::from(TIMES_USUAL) * before
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(4, 0, false, "few")]
    #[case(5, 0, true, "several, where nobody ever complained")]
    #[case(5, 210, true, "five against 1.25 an hour")]
    #[case(5, 211, false, "that many are usual")]
    #[case(40, 1_680, true, "forty against ten an hour")]
    #[case(39, 1_680, false, "not four times as many")]
    fn it_takes_several_people_and_more_than_usual(
        #[case] users: u32,
        #[case] in_week_before: u32,
        #[case] suspicious: bool,
        #[case] why: &str,
    ) {
        assert_eq!(Heard { users, in_week_before }.is_suspicious(), suspicious, "{why}");
    }
}
