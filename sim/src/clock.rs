//! The time a simulated world lives in: the wall clock, or one that a test moves by hand.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A clock shared by all that hold a clone of it. Times are cut to microseconds, which is what the panels store.
#[derive(Clone, Default)]
pub struct SimClock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl SimClock {
    /// The wall clock.
    #[must_use]
    pub fn real() -> Self {
        Self(None)
    }

    /// A clock that stands at `start` until it is moved.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(start.trunc_subsecs(6)))))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Some(hand) => *hand.lock().unwrap_or_else(PoisonError::into_inner),
            None => wall().trunc_subsecs(6),
        }
    }

    /// Moves a manual clock forward. A real clock moves by itself and ignores this.
    pub fn advance(&self, by: Duration) {
        if let Some(hand) = &self.0 {
            let mut now = hand.lock().unwrap_or_else(PoisonError::into_inner);
            *now += TimeDelta::from_std(by).expect("tests don't jump hundreds of millions of years");
        }
    }

    /// Sets a manual clock; never backwards. A real clock ignores this.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        if let Some(hand) = &self.0 {
            let mut now = hand.lock().unwrap_or_else(PoisonError::into_inner);
            *now = (*now).max(to.trunc_subsecs(6));
        }
    }
}

impl fmt::Debug for SimClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "SimClock(manual)" } else { "SimClock(real)" })
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the simulation reads the wall clock")]
fn wall() -> DateTime<Utc> {
    Utc::now()
}
