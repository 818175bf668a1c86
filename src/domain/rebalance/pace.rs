//! When to begin, when to stop, and how fast to go.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{START, STOP};
use crate::domain::Timestamp;

/// What the last looks at a group found: an hour of rush must not move anybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// Looks in a row that found the spread above [`START`].
    pub uneven: u8,
    /// When the last one was.
    pub at: Option<Timestamp>,
}

impl Looks {
    /// So many looks in a row decide.
    pub const ENOUGH: u8 = 3;
    /// Between two looks. One that comes sooner changes nothing.
    pub const APART: TimeDelta = TimeDelta::minutes(5);

    /// Another look found `spread`.
    #[must_use]
    pub fn look(self, spread: f64, now: Timestamp) -> Self {
        // A tenth of the time between is forgiven: loops are not exact.
        if self.at.is_some_and(|at| now < at + Self::APART - TimeDelta::seconds(30)) {
            return self;
        }
        let in_a_row = self.at.is_some_and(|at| now < at + Self::APART * 3);
        let before = if in_a_row { self.uneven } else { 0 };
        let uneven = if spread > START { before.saturating_add(1) } else { 0 };
        Self { uneven, at: Some(now) }
    }

    /// Whether the group was uneven for long enough.
    #[must_use]
    pub fn is_due(self) -> bool {
        self.uneven >= Self::ENOUGH
    }

    /// Whether what was begun may end early.
    #[must_use]
    pub fn is_even(spread: f64) -> bool {
        spread <= STOP
    }
}

/// How many keys may be moved in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In an hour.
    pub hourly: u32,
    /// In a day.
    pub daily: u32,
}

impl Budget {
    /// Moves under way to or from one instance at once.
    pub const IN_FLIGHT: u32 = 2;
    /// A key with traffic since then is not moved.
    pub const IDLE: TimeDelta = TimeDelta::minutes(10);
    /// A key that was moved since then is not moved again.
    pub const REST: TimeDelta = TimeDelta::days(7);
    /// An account younger than this stays: who just set up a device is not disturbed.
    pub const SETTLED: TimeDelta = TimeDelta::days(1);
    /// Nothing is evened out for so long after an evacuation or a panic.
    pub const AFTERMATH: TimeDelta = TimeDelta::minutes(10);
    /// After a run, nothing is begun or suggested by itself for so long: whoever stopped it meant it.
    pub const BETWEEN_RUNS: TimeDelta = TimeDelta::days(1);
    /// A run that found nobody to move for so long is over.
    pub const PATIENCE: TimeDelta = TimeDelta::days(1);

    /// 1 % of `users` an hour and 5 % a day; at least one.
    #[must_use]
    pub fn of(users: u64) -> Self {
        let share = |percent: u64| u32::try_from(users * percent / 100).unwrap_or(u32::MAX).max(1);
        Self { hourly: share(1), daily: share(5) }
    }

    /// How many may begin now, when `hour` began in the last hour, `day` in the last day, and the last one at `last`.
    /// They are spread over the hour, not begun all at its start.
    #[must_use]
    pub fn left(self, hour: u32, day: u32, last: Option<Timestamp>, now: Timestamp) -> u32 {
        let allowed = self.hourly.saturating_sub(hour).min(self.daily.saturating_sub(day));
        let Some(last) = last else { return allowed.min(1) };
        // How many of the hour's even steps lie between the last one and now.
        let since = u64::try_from((now - last).num_seconds()).unwrap_or(0);
        let steps = since * u64::from(self.hourly) / 3600;
        allowed.min(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// How long `moves` take.
    #[must_use]
    pub fn duration(self, moves: u32) -> TimeDelta {
        // A last full day's share is done within its first hours.
        let days = moves.saturating_sub(1) / self.daily;
        let rest = moves - days * self.daily;
        TimeDelta::days(i64::from(days)) + TimeDelta::seconds(i64::from(rest) * 3600 / i64::from(self.hourly))
    }
}
