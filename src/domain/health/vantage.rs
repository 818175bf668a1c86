//! What is seen from inside a country, by vantages that the operator has there: whether users' addresses can be reached.
//!
//! An instance is blocked for an audience when at least [`QUORUM`] vantages, each for [`AGREE`] without a break, reach
//! none of its addresses that answer from here. One vantage is not enough: its own provider may be the reason. What does
//! not answer from here either is an outage, and none of this concern. A vantage that has not reported of late says
//! nothing. It is over when no vantage misses it and one reaches it, for as long.
//!
//! Once an admin has said that it is not blocked, what was missed until then is not held against it any more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::super::Timestamp;

/// So many vantages must agree.
pub const QUORUM: usize = 2;
/// For so long without a break.
pub const AGREE: TimeDelta = TimeDelta::minutes(5);
/// How often a vantage looks.
pub const EVERY: Duration = Duration::from_secs(60);
/// What was seen counts for so long: two looks may be lost.
pub const FRESH: TimeDelta = TimeDelta::minutes(3);

/// What a vantage is to look at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// Seconds from look to look.
    pub every_s: u64,
    /// The addresses.
    pub targets: Vec<Target>,
}

/// An address that users connect to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Its number here.
    pub id: i64,
    /// What it is, as its checker wrote it.
    pub spec: serde_json::Value,
}

/// What a vantage found. What proves nothing, it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// An entry for each address.
    pub found: Vec<Finding>,
}

/// What was found of one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The address.
    pub id: i64,
    /// Whether users can use it from there.
    pub reached: bool,
    /// How it was, as a short machine word: `ok`, `silent`, `refused`, `origin-dead`, `stalled`.
    pub word: String,
    /// How many bytes went to and fro.
    #[serde(default)]
    pub bytes: u64,
}

impl Finding {
    /// Whether its word is one that may be stored and shown: it comes from outside.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        ["ok", "silent", "refused", "origin-dead", "stalled"].contains(&self.word.as_str())
            && (self.word == "ok") == self.reached
    }
}

/// How an address looks from a vantage, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Whose look it is.
    pub vantage: String,
    /// The address.
    pub endpoint: i64,
    /// Whether users can use it from there.
    pub reached: bool,
    /// How the last look was.
    pub word: String,
    /// Since when every look found the same, without a break.
    pub since: Timestamp,
    /// The last look.
    pub at: Timestamp,
    /// An admin has said that this proves nothing.
    pub overruled: bool,
}

/// How an instance looks from a vantage that reported of late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Whose look it is.
    pub vantage: String,
    /// Whether it reaches any of the instance's addresses.
    pub reaches: bool,
    /// Since when.
    pub since: Timestamp,
}

/// How an instance looks from each vantage, in the order of their names; whoever has not reported of late says nothing.
#[must_use]
pub fn outlooks(sights: &[Sight], now: Timestamp) -> Vec<Outlook> {
    let mut outlooks: BTreeMap<&str, Outlook> = BTreeMap::new();
    for sight in sights.iter().filter(|sight| now - sight.at <= FRESH) {
        let Sight { vantage, reached: reaches, since, .. } = sight.clone();
        match outlooks.get_mut(&*sight.vantage) {
            None => {
                outlooks.insert(&sight.vantage, Outlook { vantage, reaches, since });
            }
            // One address that is reached makes the difference, from the first moment on; without one it is since the
            // last was missed.
            Some(known) if known.reaches == reaches => {
                known.since = if reaches { known.since.min(since) } else { known.since.max(since) };
            }
            Some(known) if reaches => (known.reaches, known.since) = (true, since),
            Some(_) => {}
        }
    }
    outlooks.into_values().collect()
}

/// What the vantages say together of an instance that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// An audience cannot reach it.
    Blocked {
        /// Who says so, in order.
        vantages: Vec<String>,
        /// How it fails, as most of their looks have it.
        word: String,
    },
    /// Everybody who looks reaches it.
    Open,
    /// Neither is certain.
    Unsure,
}

/// What one vantage makes of an instance.
enum View<'a> {
    /// It reaches one of the addresses, since then.
    Reaches(Timestamp),
    /// It reaches none, since then.
    Misses(Timestamp, Vec<&'a str>),
}

/// Judges an instance by what vantages saw of its addresses; `here` are those that answer from here.
#[must_use]
pub fn judge(sights: &[Sight], here: &BTreeSet<i64>, now: Timestamp) -> Verdict {
    let mut by_vantage: BTreeMap<&str, Vec<&Sight>> = BTreeMap::new();
    for sight in sights.iter().filter(|sight| now - sight.at <= FRESH) {
        by_vantage.entry(&sight.vantage).or_default().push(sight);
    }
    let views = by_vantage.into_iter().filter_map(|(vantage, sights)| Some((vantage, view(&sights, here)?)));
    let (mut blocked, mut words, mut misses, mut reaches) = (Vec::new(), Vec::new(), false, false);
    for (vantage, view) in views {
        match view {
            View::Reaches(since) => reaches |= now - since >= AGREE,
            View::Misses(since, how) => {
                misses = true;
                if now - since >= AGREE {
                    blocked.push(vantage.to_owned());
                    words.extend(how);
                }
            }
        }
    }
    if blocked.len() >= QUORUM {
        return Verdict::Blocked { vantages: blocked, word: most(&words).to_owned() };
    }
    if reaches && !misses { Verdict::Open } else { Verdict::Unsure }
}

/// `None`: its looks prove nothing.
fn view<'a>(sights: &[&'a Sight], here: &BTreeSet<i64>) -> Option<View<'a>> {
    let reached = sights.iter().filter(|sight| sight.reached).map(|sight| sight.since).min();
    if let Some(since) = reached {
        return Some(View::Reaches(since));
    }
    let counts = |sight: &&&'a Sight| here.contains(&sight.endpoint) && !sight.overruled;
    let missed: Vec<&'a Sight> = sights.iter().filter(counts).copied().collect();
    // Since the last of them was missed, none is reached.
    let since = missed.iter().map(|sight| sight.since).max()?;
    Some(View::Misses(since, missed.iter().map(|sight| sight.word.as_str()).collect()))
}

/// The word that stands there most often.
fn most<'a>(words: &[&'a str]) -> &'a str {
    let count = |word: &str| words.iter().filter(|other| **other == word).count();
    words.iter().max_by_key(|word| count(word)).copied().unwrap_or("silent")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        chrono::Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
    }

    fn at(minutes_ago: i64) -> Timestamp {
        now() - TimeDelta::minutes(minutes_ago)
    }

    fn sight(vantage: &str, endpoint: i64, reached: bool, minutes: i64) -> Sight {
        let word = if reached { "ok" } else { "silent" }.to_owned();
        let since = at(minutes);
        Sight { vantage: vantage.to_owned(), endpoint, reached, word, since, at: at(0), overruled: false }
    }

    #[test]
    fn one_address_that_is_reached_is_enough_and_old_reports_say_nothing() {
        let old = Sight { at: at(4), ..sight("ir-3", 1, false, 9) };
        let sights = [
            sight("ir-2", 1, false, 9),
            sight("ir-2", 2, false, 4),
            sight("ir-1", 1, false, 2),
            sight("ir-1", 2, true, 7),
            sight("ir-1", 3, true, 8),
            old,
        ];
        let outlook = |vantage: &str, reaches, minutes| Outlook {
            vantage: vantage.to_owned(),
            reaches,
            since: at(minutes),
        };
        assert_eq!(outlooks(&sights, now()), [outlook("ir-1", true, 8), outlook("ir-2", false, 4)]);
    }

    /// The address 1 answers from here.
    fn verdict(sights: &[Sight]) -> Verdict {
        judge(sights, &BTreeSet::from([1]), now())
    }

    fn is_blocked(sights: &[Sight]) -> bool {
        matches!(verdict(sights), Verdict::Blocked { .. })
    }

    #[test]
    fn two_vantages_that_miss_what_we_see_for_five_minutes_are_believed() {
        let both = [sight("ir-1", 1, false, 5), sight("ir-2", 1, false, 9)];
        let vantages = vec!["ir-1".to_owned(), "ir-2".to_owned()];
        assert_eq!(verdict(&both), Verdict::Blocked { vantages, word: "silent".to_owned() });
        // A third one elsewhere that reaches it changes nothing: it is about an audience.
        let third = [both[0].clone(), both[1].clone(), sight("tr-1", 1, true, 60)];
        assert!(is_blocked(&third));
    }

    #[test]
    fn one_vantage_is_not_enough_however_much_it_misses() {
        let one = [sight("ir-1", 1, false, 60), sight("ir-1", 2, false, 60)];
        assert_eq!(judge(&one, &BTreeSet::from([1, 2]), now()), Verdict::Unsure);
    }

    #[test]
    fn five_minutes_mean_five_minutes_for_each() {
        assert!(!is_blocked(&[sight("ir-1", 1, false, 4), sight("ir-2", 1, false, 9)]));
    }

    #[test]
    fn what_we_do_not_see_ourselves_is_an_outage() {
        let both = [sight("ir-1", 1, false, 9), sight("ir-2", 1, false, 9)];
        assert_eq!(judge(&both, &BTreeSet::new(), now()), Verdict::Unsure);
        assert_eq!(judge(&both, &BTreeSet::from([2]), now()), Verdict::Unsure);
    }

    #[test]
    fn old_reports_do_not_count() {
        let mut both = [sight("ir-1", 1, false, 60), sight("ir-2", 1, false, 60)];
        both[1].at = at(4);
        assert!(!is_blocked(&both));
        both[1].at = at(3);
        assert!(is_blocked(&both));
    }

    #[test]
    fn who_reaches_one_address_is_served() {
        let one = sight("ir-2", 2, true, 0);
        assert!(!is_blocked(&[sight("ir-1", 1, false, 9), sight("ir-2", 1, false, 9), one]));
    }

    #[test]
    fn none_is_reached_only_since_the_last_one_was_missed() {
        let here = BTreeSet::from([1, 2]);
        let missed = |minutes| {
            [sight("ir-1", 1, false, 60), sight("ir-1", 2, false, minutes), sight("ir-2", 1, false, 60)]
        };
        assert!(matches!(judge(&missed(5), &here, now()), Verdict::Blocked { .. }));
        assert_eq!(judge(&missed(4), &here, now()), Verdict::Unsure);
    }

    #[test]
    fn what_an_admin_overruled_counts_no_more() {
        let mut both = [sight("ir-1", 1, false, 60), sight("ir-2", 1, false, 60)];
        both[0].overruled = true;
        assert!(!is_blocked(&both));
    }

    #[test]
    fn it_is_over_when_nobody_misses_it_and_somebody_reaches_it() {
        assert_eq!(verdict(&[sight("ir-1", 1, true, 5)]), Verdict::Open);
        assert_eq!(verdict(&[sight("ir-1", 1, true, 4)]), Verdict::Unsure, "not yet");
        assert_eq!(verdict(&[sight("ir-1", 1, true, 9), sight("ir-2", 1, false, 0)]), Verdict::Unsure);
        assert_eq!(verdict(&[]), Verdict::Unsure, "silence is no good news");
    }

    #[test]
    fn words_from_outside_are_known_ones() {
        let finding = |word: &str, reached| Finding { id: 1, reached, word: word.to_owned(), bytes: 0 };
        assert!(finding("ok", true).is_sound() && finding("stalled", false).is_sound());
        assert!(!finding("ok", false).is_sound() && !finding("silent", true).is_sound());
        assert!(!finding("<b>", false).is_sound());
    }

    fn any_sight() -> impl Strategy<Value = Sight> {
        ((0..3_usize), 1..4_i64, any::<bool>(), 0..12_i64, 0..6_i64, any::<bool>()).prop_map(
            |(vantage, endpoint, reached, since, old, overruled)| Sight {
                at: at(old),
                since: at(since + old),
                overruled,
                ..sight(["a", "b", "c"][vantage], endpoint, reached, 0)
            },
        )
    }

    proptest! {
        /// Whatever is reported: no verdict without two who miss, for long enough, an address that we see.
        #[test]
        fn no_block_without_its_proofs(
            sights in prop::collection::vec(any_sight(), 0..12),
            here in prop::collection::btree_set(1..4_i64, 0..3),
        ) {
            if let Verdict::Blocked { vantages, .. } = judge(&sights, &here, now()) {
                prop_assert!(vantages.len() >= QUORUM);
                for vantage in &vantages {
                    let theirs = || {
                        sights.iter().filter(|sight| sight.vantage == *vantage && now() - sight.at <= FRESH)
                    };
                    prop_assert!(theirs().all(|sight| !sight.reached));
                    prop_assert!(theirs().any(|sight| here.contains(&sight.endpoint)
                        && !sight.overruled
                        && now() - sight.since >= AGREE));
                }
            }
        }
    }
}
