//! How quickly one person may act.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::domain::UserId;

/// Actions at once.
const BURST: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// The time in which the burst comes back, one by one.
const REFILL: Duration = Duration::from_secs(10);
/// A person who is too quick is told so once in this time.
const REMINDER: Duration = Duration::from_secs(10);

/// What to do with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Welcome,
    /// Too quick: say so.
    TooQuick,
    /// Too quick, and told so a moment ago: say nothing.
    Ignored,
}

/// How quickly each person may act. Cheap to clone.
#[derive(Clone)]
pub struct Limiter {
    actions: Arc<DefaultKeyedRateLimiter<UserId>>,
    reminders: Arc<DefaultKeyedRateLimiter<UserId>>,
}

impl Default for Limiter {
    fn default() -> Self {
        let every = |period: Duration| Quota::with_period(period).expect("not zero");
        let actions = RateLimiter::keyed(every(REFILL / BURST.get()).allow_burst(BURST));
        let reminders = RateLimiter::keyed(every(REMINDER));
        Self { actions: Arc::new(actions), reminders: Arc::new(reminders) }
    }
}

impl Limiter {
    /// One action of `user`.
    #[must_use]
    pub fn act(&self, user: UserId) -> Verdict {
        if self.actions.check_key(&user).is_ok() {
            Verdict::Welcome
        } else if self.reminders.check_key(&user).is_ok() {
            Verdict::TooQuick
        } else {
            Verdict::Ignored
        }
    }

    /// Forgets people who have done nothing for a while.
    pub fn tidy(&self) {
        self.actions.retain_recent();
        self.reminders.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_answered_once_and_holds_up_nobody_else() {
        let limiter = Limiter::default();
        let verdicts = (0..30).map(|_| limiter.act(UserId(1))).collect::<Vec<_>>();
        let count = |verdict| verdicts.iter().filter(|given| **given == verdict).count();
        assert!(count(Verdict::Welcome) >= 20);
        assert_eq!(count(Verdict::TooQuick), 1);
        assert_eq!(limiter.act(UserId(2)), Verdict::Welcome);
    }
}
