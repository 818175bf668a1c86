//! How often somebody may ask: a bucket for each, in a memory that never grows.
//!
//! The generic cell rate algorithm (ITU-T I.371): a bucket is the moment at which it will be full again. Askers share
//! the buckets by a hash that is drawn at each start, so nobody can choose whose bucket they share.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Timestamp;

/// Buckets. Two of a hundred thousand askers seldom meet in one, and what they then share is generous.
const BUCKETS: usize = 1 << 16;

/// How often each may ask.
#[derive(Debug)]
pub struct Limit {
    /// When each bucket is full again, in milliseconds since 1970.
    full_at: Box<[AtomicI64]>,
    hasher: RandomState,
    /// Milliseconds that one more takes.
    each: i64,
    /// Milliseconds that a bucket holds.
    depth: i64,
}

impl Limit {
    /// `burst` at once, then `per_minute`.
    #[must_use]
    pub fn new(burst: u32, per_minute: u32) -> Self {
        let each = 60_000 / i64::from(per_minute.max(1));
        let full_at = (0..BUCKETS).map(|_| AtomicI64::new(0)).collect();
        Self { full_at, hasher: RandomState::new(), each, depth: each * i64::from(burst) }
    }

    /// Takes one for `who`; `false`: too often.
    pub fn take(&self, who: impl Hash, now: Timestamp) -> bool {
        let bucket = self.bucket(who);
        let now = now.timestamp_millis();
        let mut full_at = bucket.load(Ordering::Relaxed);
        loop {
            let next = full_at.max(now) + self.each;
            if next - now > self.depth {
                return false;
            }
            match bucket.compare_exchange_weak(full_at, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(current) => full_at = current,
            }
        }
    }

    fn bucket(&self, who: impl Hash) -> &AtomicI64 {
        let hash = self.hasher.hash_one(who);
        &self.full_at[usize::try_from(hash % BUCKETS as u64).expect("below the number of buckets")]
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_burst_then_a_pace() {
        let limit = Limit::new(5, 60);
        let start: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let taken = |now| (0..100).filter(|_| limit.take("alice", now)).count();
        assert_eq!(taken(start), 5);
        assert_eq!(taken(start), 0);
        assert_eq!(taken(start + TimeDelta::seconds(2)), 2);
        assert_eq!(taken(start + TimeDelta::hours(1)), 5, "it never holds more");
        assert_eq!(taken(start - TimeDelta::hours(1)), 0, "a clock that goes back gives nothing");
    }

    #[test]
    fn one_does_not_eat_what_another_has() {
        let limit = Limit::new(3, 1);
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        while limit.take(1, now) {}
        let served = (2..1_000).filter(|who| limit.take(who, now)).count();
        assert!(served > 900, "{served}");
    }
}
