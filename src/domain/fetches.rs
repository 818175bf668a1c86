//! Whether people still reach us by an address, seen from how many fetch by it.
//!
//! Apps fetch every hour or so by themselves, so that an address that is blocked for most of its users loses most of
//! its fetches at once. The last full hour is held against two measures, because either alone misleads: the median of
//! the day before (nights are quiet; one hour of a rush moves it little) and the same hour of the day before (yesterday
//! may have been odd).

/// An address with fewer fetches an hour proves nothing.
pub const LEAST: u64 = 20;
/// Full hours that are held against each other: the last one, and the day before it.
pub const HOURS: usize = 25;
/// So much of what is usual may be missing, in percent.
const FALL: u64 = 70;
/// So much of what was usual must be back, in percent, for the trouble to be over.
const BACK: u64 = 50;

/// So few of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fall {
    /// Fetches of the last full hour.
    pub now: u64,
    /// Fetches of an hour as they were usual.
    pub usual: u64,
}

impl Fall {
    /// How much is missing, in percent, rounded up.
    #[must_use]
    pub fn percent(self) -> u64 {
        100 - (self.now * 100 / self.usual.max(1)).min(100)
    }
}

/// Whether an address lost most of its fetches. `hours` are full hours, the oldest first, the last one at the end.
#[must_use]
pub fn fallen(hours: &[u64; HOURS]) -> Option<Fall> {
    let [yesterday, .., now] = *hours;
    let mut before = *hours;
    let before = &mut before[..HOURS - 1];
    before.sort_unstable();
    // A young address has no yesterday: its median is low, and it waits until it has one.
    let usual = before[before.len() / 2].min(yesterday);
    let fall = Fall { now, usual };
    // Compared exactly: `percent` is for reading, and rounds in favour of a fall.
    (usual >= LEAST && now * 100 <= usual * (100 - FALL)).then_some(fall)
}

/// Whether an address that had `usual` fetches an hour has enough of them again.
#[must_use]
pub fn is_back(usual: u64, now: u64) -> bool {
    now * 100 >= usual * BACK
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_block_is_seen_after_one_full_hour() {
        let mut hours = [100; HOURS];
        assert_eq!(fallen(&hours), None);
        hours[HOURS - 1] = 29;
        assert_eq!(fallen(&hours), Some(Fall { now: 29, usual: 100 }));
        assert_eq!(fallen(&hours).unwrap().percent(), 71);
        hours[HOURS - 1] = 31;
        assert_eq!(fallen(&hours), None);
        assert!(is_back(100, 50) && !is_back(100, 49));
    }

    #[test]
    fn nights_and_odd_days_are_no_blocks() {
        // Every night few fetch.
        let mut nightly = [100; HOURS];
        nightly[0] = 20;
        nightly[HOURS - 1] = 15;
        assert_eq!(fallen(&nightly), None, "so it was yesterday");
        // Yesterday at this hour everybody came at once.
        let mut odd = [30; HOURS];
        odd[0] = 3_000;
        odd[HOURS - 1] = 29;
        assert_eq!(fallen(&odd), None);
        let mut few = [19; HOURS];
        few[HOURS - 1] = 0;
        assert_eq!(fallen(&few), None, "nineteen prove nothing");
    }

    proptest! {
        #[test]
        fn what_holds_its_level_is_never_called_fallen(level in 0..10_000_u64, wave in prop::collection::vec(80..120_u64, HOURS)) {
            let hours: [u64; HOURS] = std::array::from_fn(|hour| level * wave[hour] / 100);
            prop_assert_eq!(fallen(&hours), None);
        }

        #[test]
        fn what_is_called_fallen_lost_most(hours in prop::array::uniform25(0..1_000_u64)) {
            if let Some(Fall { now, usual }) = fallen(&hours) {
                prop_assert!(usual >= LEAST && now * 10 <= usual * 3);
            }
        }
    }
}
