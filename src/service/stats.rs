//! How all of it grows: figures over some days, from what is kept anyway.
//!
//! Of traffic only hours are kept that were watched without a gap, so a day may have none; it is then not known, which is
//! something else than nothing.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::domain::quota::Bytes;
use crate::domain::{InstanceId, Region, Timestamp};
use crate::store::StoreError;

use super::Core;

/// Figures over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// The days, oldest first; the last is today.
    pub days: Vec<Day>,
    /// People who spoke to the bot.
    pub people: u64,
    /// How many of them blocked it.
    pub blocked: u64,
    /// Keys that work now.
    pub keys: u64,
    /// How many of them are in which location, most first.
    pub regions: Vec<(Region, u64)>,
    /// How many of them are on which panel, by what people call it, most first.
    pub panels: Vec<(String, u64)>,
}

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: NaiveDate,
    /// Keys made on it.
    pub new_keys: u64,
    /// What passed, as far as it was watched; `None`: not an hour of it was.
    pub traffic: Option<Bytes>,
}

impl Stats {
    /// Keys made in that time.
    #[must_use]
    pub fn new_keys(&self) -> u64 {
        self.days.iter().map(|day| day.new_keys).sum()
    }

    /// What passed in that time, as far as it was watched.
    #[must_use]
    pub fn traffic(&self) -> Option<Bytes> {
        self.days.iter().filter_map(|day| day.traffic).reduce(Bytes::saturating_add)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys == 0 && self.new_keys() == 0 && self.traffic().is_none()
    }
}

/// The figures of the last `days` days, today included.
///
/// # Errors
/// The database.
pub async fn stats(core: &Core, days: u32) -> Result<Stats, StoreError> {
    let (store, now, zone) = (&core.store, core.clock.now(), core.policy.care.zone);
    let (dates, from) = calendar(days, now, zone);
    let made = store.keys_made_since(from).await?;
    let passed = store.traffic_since(from).await?;
    let (people, blocked) = store.count_people().await?;
    let instances = store.instances().await?;
    let named: BTreeMap<&InstanceId, _> = instances.iter().map(|one| (&one.id, one)).collect();
    let (mut regions, mut panels) = (BTreeMap::new(), BTreeMap::new());
    for held in store.keys_held(now).await? {
        let Some(instance) = named.get(&held.instance) else { continue };
        let place = core.placer.place_of(&held.instance, held.wanted.as_ref());
        *regions.entry(place.unwrap_or_else(|| instance.region.clone())).or_default() += held.keys;
        *panels.entry(held.instance).or_default() += held.keys;
    }
    let panels = panels.into_iter().map(|(id, keys)| (named[&id].name.clone(), keys));
    Ok(Stats {
        days: by_day(&dates, zone, &made, &passed),
        people,
        blocked,
        keys: store.count_live_keys(now).await?,
        regions: most_first(regions.into_iter().collect()),
        panels: most_first(panels.collect()),
    })
}

fn most_first<K: Ord>(mut counts: Vec<(K, u64)>) -> Vec<(K, u64)> {
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// The last days, and when the first of them began.
fn calendar(days: u32, now: Timestamp, zone: Tz) -> (Vec<NaiveDate>, Timestamp) {
    let today = now.with_timezone(&zone).date_naive();
    let first = today - Days::new(u64::from(days.saturating_sub(1)));
    let dates: Vec<NaiveDate> = first.iter_days().take(days as usize).collect();
    // Where clocks go forward at midnight, that day begins later than this by the hour that there is not.
    let midnight = first.and_time(NaiveTime::MIN);
    let from = midnight.and_local_timezone(zone).earliest();
    (dates, from.map_or_else(|| midnight.and_utc(), |from| from.to_utc()))
}

/// What fell on which day.
fn by_day(dates: &[NaiveDate], zone: Tz, made: &[Timestamp], passed: &[(Timestamp, Bytes)]) -> Vec<Day> {
    let mut days: BTreeMap<NaiveDate, Day> =
        dates.iter().map(|date| (*date, Day { date: *date, new_keys: 0, traffic: None })).collect();
    let date = |moment: &Timestamp| moment.with_timezone(&zone).date_naive();
    for moment in made {
        if let Some(day) = days.get_mut(&date(moment)) {
            day.new_keys += 1;
        }
    }
    for (hour, bytes) in passed {
        if let Some(day) = days.get_mut(&date(hour)) {
            day.traffic = Some(day.traffic.unwrap_or_default().saturating_add(*bytes));
        }
    }
    days.into_values().collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(day: u32, hour: u32) -> Timestamp {
        chrono::Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap()
    }

    #[test]
    fn a_day_is_one_of_the_operators_clock() {
        let zone = chrono_tz::Asia::Tehran; // three and a half hours ahead
        let (dates, from) = calendar(3, at(20, 22), zone);
        let days: Vec<String> = dates.iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2026-11-19", "2026-11-20", "2026-11-21"]);
        assert_eq!(from, at(18, 20) + chrono::TimeDelta::minutes(30));
        let made = [at(18, 20), at(18, 21), at(20, 20), at(20, 21), at(20, 22)];
        let passed = [(at(18, 21), 5), (at(19, 3), 7), (at(20, 21), 9)];
        let found = by_day(&dates, zone, &made, &passed);
        let figures: Vec<_> = found.iter().map(|day| (day.new_keys, day.traffic)).collect();
        assert_eq!(figures, [(1, Some(12)), (1, None), (2, Some(9))]);
    }

    #[test]
    fn a_day_that_begins_at_one_begins() {
        // In Beirut clocks go from midnight to one on the last Sunday of March.
        let zone = chrono_tz::Asia::Beirut;
        let now = chrono::Utc.with_ymd_and_hms(2026, 3, 29, 12, 0, 0).unwrap();
        let (dates, from) = calendar(1, now, zone);
        assert_eq!(dates.len(), 1);
        assert!(from <= now && now - from < chrono::TimeDelta::hours(24));
    }
}
