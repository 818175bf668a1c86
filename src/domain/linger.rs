//! When an account that a move left behind has served long enough before its time is over.
//!
//! It serves for apps that have not fetched the key's link since the move. Once all of them have, it serves nobody. Of
//! an app only its name is known, so two devices with the same one look alike; that is why a fetch alone proves nothing,
//! and the account must have been out of use for a day as well: a second device that never fetches shows there.

use chrono::TimeDelta;

use super::Timestamp;

/// An app that did not fetch for so long is taken for gone.
pub const SEEN: TimeDelta = TimeDelta::days(14);
/// What an app fetched is in use only once it connects anew.
pub const SETTLED: TimeDelta = TimeDelta::minutes(10);
/// Whoever uses the key at all, uses it once in so long.
pub const QUIET: TimeDelta = TimeDelta::days(1);

/// The moments that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enough {
    /// The present one.
    pub now: Timestamp,
    /// Apps that fetched since then are in use, and at least one is.
    pub seen_since: Timestamp,
    /// All of them have the new links, and had them by then.
    pub fetched_before: Timestamp,
    /// Nobody used the old account since then.
    pub quiet_since: Timestamp,
}

impl Enough {
    /// What counts at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now, seen_since: now - SEEN, fetched_before: now - SETTLED, quiet_since: now - QUIET }
    }
}
