//! Owners of keys are told in time, once for each mark: `WARN_DAYS` before the end, at the end, at `WARN_PERCENT` of the
//! traffic. What was told stands in the database with the letter that tells it; see [`crate::store::told`].
//!
//! Whoever passes several marks at once, such as after a pause of the service, hears of the nearest only. A mark that
//! lay before the key was made is no news: who took a key for a day knows that it ends tomorrow.

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::told::{Mark, Untold};

use super::Core;
use super::notice::{Lane, Letter, Notice, Warning};

/// Keys told of in one look at a mark.
const AT_ONCE: u64 = 200;
/// Keys that ended longer ago are not told of any more, such as those that were imported.
const STALE: TimeDelta = TimeDelta::days(3);
/// For traffic, keys are looked at whose use was read this lately: there must be several looks in it.
const READ: TimeDelta = TimeDelta::hours(6);

/// Words to owners of keys. Cheap to clone.
#[derive(Clone)]
pub struct Warnings {
    core: Core,
}

impl Warnings {
    /// Words about the keys of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Looks once at all marks. How many owners were told.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<u64, StoreError> {
        let care = &self.core.policy.care;
        let mut days = care.warn_days.clone();
        days.sort_unstable();
        days.dedup();
        let mut percents = care.warn_percent.clone();
        percents.sort_unstable_by(|a, b| b.cmp(a));
        percents.dedup();
        // From the strongest to the weakest: who is told of one has been told of those behind it.
        let time: Vec<Mark> = [Mark::Ended].into_iter().chain(days.into_iter().map(Mark::Days)).collect();
        let traffic: Vec<Mark> = percents.into_iter().map(Mark::Percent).collect();
        let told = self.along(&time).await? + self.along(&traffic).await?;
        if told > 0 {
            self.core.signals.mail.notify_one();
        }
        Ok(told)
    }

    async fn along(&self, marks: &[Mark]) -> Result<u64, StoreError> {
        let (store, now) = (&self.core.store, self.core.clock.now());
        let mut told = 0;
        for (index, mark) in marks.iter().enumerate() {
            store.forget_told(*mark, now).await?;
            let since = match mark {
                Mark::Percent(_) => now - READ,
                Mark::Days(_) | Mark::Ended => now - STALE,
            };
            for key in store.untold(*mark, since, now, AT_ONCE).await? {
                let warning = self.warning(*mark, &key, now).await?;
                let letter = warning.map(|warning| {
                    let notice = Notice::Warning { config: key.config, warning };
                    Letter { chat: key.owner.0, lane: Lane::Notice, slot: None, notice, screen: None }
                        .stored(now)
                });
                let speaks = letter.is_some();
                let fresh = store.tell_once(key.config, *mark, &marks[index + 1..], letter, now).await?;
                told += u64::from(fresh && speaks);
            }
        }
        Ok(told)
    }

    /// What is said of a mark; `None`: it is no news.
    async fn warning(&self, mark: Mark, key: &Untold, now: Timestamp) -> Result<Option<Warning>, StoreError> {
        Ok(match mark {
            Mark::Ended => Some(Warning::Ended),
            Mark::Days(days) => key.expires_at.and_then(|at| {
                let is_news = at - TimeDelta::days(i64::from(days)) > key.created_at;
                let left = (at - now + TimeDelta::hours(12)).num_days().max(1);
                let days = u32::try_from(left).unwrap_or(u32::MAX);
                is_news.then_some(Warning::EndsSoon { at, days })
            }),
            Mark::Percent(percent) if percent >= 100 => Some(Warning::Exhausted),
            Mark::Percent(_) => {
                let Some(whole) = self.core.store.key(key.config).await? else { return Ok(None) };
                key.data_limit.filter(|limit| *limit > 0).map(|limit| {
                    let used = whole.used_total().min(limit);
                    let percent = u128::from(used) * 100 / u128::from(limit);
                    let percent = u32::try_from(percent).unwrap_or(100);
                    Warning::Traffic { percent, left: limit - used }
                })
            }
        })
    }
}
