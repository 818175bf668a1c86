//! The daily summary: once a day at `SUMMARY_AT`, also over a restart, and late rather than never.

use chrono::{TimeDelta, Timelike};

use crate::domain::instance::Health;
use crate::store::StoreError;

use super::Core;
use super::incidents::Incidents;
use super::notice::{Lane, Letter, Notice, Summary};

/// Panels in trouble that are named.
const NAMED: usize = 10;

/// The daily summary. Cheap to clone.
#[derive(Clone)]
pub struct Summaries {
    core: Core,
}

impl Summaries {
    /// Summaries of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Tells the summary if it is due. Whether it was told.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<bool, StoreError> {
        let Some(at) = self.core.policy.care.summary_at else { return Ok(false) };
        let now = self.core.clock.now();
        let local = now.with_timezone(&self.core.policy.care.zone);
        let minute = local.hour() * 60 + local.minute();
        // The day that was last to be told.
        let day = if minute >= at { local.date_naive() } else { local.date_naive() - TimeDelta::days(1) };
        let day = day.to_string();
        if !self.core.store.summary_is_due(&day).await? {
            return Ok(false);
        }
        let summary = self.gather().await?;
        let chats = Incidents::new(self.core.clone()).chats().await?;
        let letter = |chat| {
            let notice = Notice::Summary { summary: summary.clone() };
            Letter { chat, lane: Lane::Notice, slot: None, notice, screen: None }.stored(now)
        };
        let letters: Vec<_> = chats.into_iter().map(letter).collect();
        let told = self.core.store.post_summary(&day, &letters, now).await?;
        self.core.signals.mail.notify_one();
        Ok(told)
    }

    /// How the last day was.
    ///
    /// # Errors
    /// The database.
    pub async fn gather(&self) -> Result<Summary, StoreError> {
        let (store, now) = (&self.core.store, self.core.clock.now());
        let since = now - TimeDelta::days(1);
        let day = store.day_since(since, now).await?;
        let instances = store.instances().await?;
        let mut trouble = Vec::new();
        for (id, report) in store.health().await? {
            let bad = !matches!(report.health, Health::Healthy | Health::Unknown | Health::Recovering);
            if let Some(instance) = instances.iter().find(|instance| instance.id == id && bad) {
                trouble.push((instance.name.clone(), report.health));
            }
        }
        trouble.truncate(NAMED);
        let (checks, good) = day.checks;
        // Hundredths of a percent, rounded down: 100 % means all of them.
        let uptime = (checks > 0).then(|| u32::try_from(good.min(checks) * 10_000 / checks).unwrap_or(0));
        Ok(Summary {
            until: now,
            keys: day.keys,
            new: day.new,
            ended: day.ended,
            moves: day.moves,
            waiting: day.waiting,
            panels: instances.len() as u64,
            uptime,
            incidents: store.incidents_since(since).await?.len() as u64,
            trouble,
        })
    }
}
