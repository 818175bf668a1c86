//! The only way to ask for the time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A moment in UTC, never finer than a microsecond: PostgreSQL keeps no more, and both databases must agree.
pub type Timestamp = DateTime<Utc>;

/// Tells the time. Services hold an `Arc<dyn Clock>`, so that tests can run a fleet through days in a moment.
pub trait Clock: Send + Sync {
    /// Now, in UTC, cut to microseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}

/// The machine's clock, corrected by another one that several machines share.
#[derive(Debug, Default)]
pub struct CorrectedClock {
    machine: SystemClock,
    ahead_us: AtomicI64,
}

impl CorrectedClock {
    /// The machine's time, as it is.
    #[must_use]
    pub fn machine(&self) -> Timestamp {
        self.machine.now()
    }

    /// How far the shared clock is ahead of the machine's.
    #[must_use]
    pub fn ahead(&self) -> TimeDelta {
        TimeDelta::microseconds(self.ahead_us.load(Ordering::Relaxed))
    }

    /// The shared clock is so far ahead of the machine's.
    pub fn correct(&self, ahead: TimeDelta) {
        self.ahead_us.store(ahead.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
    }
}

impl Clock for CorrectedClock {
    fn now(&self) -> Timestamp {
        self.machine() + self.ahead()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().expect("no holder of this lock can panic");
        *now += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no holder of this lock can panic")
    }
}
