//! What a process does because there may be others: it shows that it is there, takes part in the election, corrects its
//! clock by the database's, and takes over what the dead left unfinished.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::Core;
use super::incidents::{Incidents, Report};
use super::leader::Look;
use crate::domain::incident::{Entry, Kind, Severity, WENT_BACK};
use crate::domain::{CorrectedClock, Timestamp};
use crate::store::replicas::Replica;
use crate::store::{StoreError, flags};

/// What a database that went back is called in its incident.
const DATABASE: &str = "database";
/// How often is looked what is due.
const TICK: Duration = Duration::from_millis(250);
/// How often a process shows that it is there.
const BEAT: Duration = Duration::from_secs(5);
/// Who was not there for so long is gone.
pub const FRESH: Duration = Duration::from_secs(15);
/// A database that does not answer within this time is none.
const PATIENCE: Duration = Duration::from_secs(4);
/// After a failure is looked again.
const AGAIN: Duration = Duration::from_secs(1);
/// A question that took longer says nothing of the clock.
const PROMPT: TimeDelta = TimeDelta::seconds(1);
/// Clocks that differ by less agree.
const AGREES: TimeDelta = TimeDelta::milliseconds(250);
/// At a stop the lease is given back within this time, or left to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// One of several processes.
#[derive(Clone)]
pub struct Member {
    core: Core,
    clock: Option<Arc<CorrectedClock>>,
    /// A fingerprint of each setting that all should share.
    settings: BTreeMap<String, String>,
    started_at: Timestamp,
}

impl Member {
    /// A process over `core`, whose clock is corrected if it can be.
    #[must_use]
    pub fn new(core: Core, clock: Option<Arc<CorrectedClock>>, settings: BTreeMap<String, String>) -> Self {
        let started_at = core.clock.now();
        Self { core, clock, settings, started_at }
    }

    /// Takes part until `stop`; then the lease is given back at once.
    pub async fn run(self, stop: CancellationToken) {
        let mut look_at = tokio::time::Instant::now();
        let (mut beat_at, mut drifts) = (look_at, BTreeSet::new());
        while !stop.is_cancelled() {
            let now = tokio::time::Instant::now();
            if look_at <= now {
                look_at = now + self.look().await;
            }
            if beat_at <= now {
                beat_at = now + BEAT;
                let beat = tokio::time::timeout(PATIENCE, self.beat(&mut drifts)).await;
                match beat {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(error = format!("{error:#}"), "no heartbeat"),
                    Err(_) => tracing::debug!("no heartbeat: the database does not answer"),
                }
            }
            // Who could not renew stops by itself, whether or not anything answers.
            self.core.leader.settle();
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                () = stop.cancelled() => {}
            }
        }
        let leader = &self.core.leader;
        match tokio::time::timeout(FAREWELL, leader.resign(&self.core.store)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = format!("{error:#}"), "the lease ends by itself"),
            Err(_) => tracing::warn!("the lease ends by itself: the database does not answer"),
        }
    }

    /// One look at the lease; how long to wait before the next.
    async fn look(&self) -> Duration {
        let leader = &self.core.leader;
        match tokio::time::timeout(PATIENCE, leader.look(&self.core.store)).await {
            Ok(Ok(Look::Leading { since_now })) => {
                if since_now {
                    tracing::info!(epoch = leader.epoch(), "this process leads now");
                    self.core.signals.work.notify_one();
                }
                leader.next_look()
            }
            Ok(Ok(Look::Following)) => leader.next_look(),
            Ok(Ok(Look::WentBack { seen, found })) => {
                if let Err(error) = self.hold(seen, found).await {
                    // Still in doubt, so nothing is taken up.
                    tracing::error!(error = format!("{error:#}"), "the hold cannot be stored yet");
                }
                AGAIN
            }
            Ok(Err(error)) => {
                tracing::warn!(error = format!("{error:#}"), "the database does not answer");
                AGAIN
            }
            Err(_) => {
                leader.doubts();
                tracing::warn!("the database does not answer");
                AGAIN
            }
        }
    }

    /// The database went back in time: nothing acts before an admin says so.
    async fn hold(&self, seen: Timestamp, found: Option<Timestamp>) -> Result<(), StoreError> {
        let (core, now) = (&self.core, self.core.clock.now());
        let facts = serde_json::json!({ "why": "went-back", "seen": seen, "found": found });
        core.store.raise_flag(flags::HOLD, facts, now).await?;
        core.leader.is_held_back();
        tracing::error!(%seen, ?found, "the database went back in time: nothing acts before an admin says so");
        let report = Report {
            kind: Kind::System,
            subject: DATABASE.to_owned(),
            instance: None,
            severity: Severity::Critical,
            affected: None,
            entry: Entry::SystemTrouble { problem: WENT_BACK.to_owned() },
        };
        Incidents::new(core.clone()).report(&report).await.map(drop)
    }

    /// Shows that this process is there, and sees who else is.
    async fn beat(&self, drifts: &mut BTreeSet<String>) -> Result<(), StoreError> {
        let core = &self.core;
        self.correct().await?;
        let now = core.clock.now();
        let me = Replica {
            id: core.leader.me().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vantage: core.policy.care.vantage.clone(),
            settings: self.settings.clone(),
            started_at: self.started_at,
            seen_at: now,
        };
        core.store.beat(&me, now).await?;
        let all = core.store.replicas(FRESH, now).await?;
        core.leader.shared_by(all.len());
        core.panels.pace().share(core.leader.replicas());
        if core.leader.is_leader() {
            if !core.store.is_raised(flags::HOLD).await? {
                Incidents::new(core.clone()).close(Kind::System, DATABASE, Entry::Over).await?;
            }
            let alive: Vec<String> = all.iter().map(|replica| replica.id.clone()).collect();
            let left = core.store.take_over_from_the_dead(&alive, now).await?;
            if left > 0 {
                tracing::info!(left, "goes on with what another process had begun");
                core.signals.update.notify_one();
                core.signals.mail.notify_one();
            }
        }
        let found = drift(&all);
        if found != *drifts {
            if !found.is_empty() {
                let names = found.iter().cloned().collect::<Vec<_>>().join(", ");
                tracing::warn!(settings = names, "processes that share the database have different settings");
            }
            *drifts = found;
        }
        Ok(())
    }

    /// Corrects the clock by the database's, which all processes share.
    async fn correct(&self) -> Result<(), StoreError> {
        let Some(clock) = &self.clock else { return Ok(()) };
        let before = clock.machine();
        let there = self.core.store.database_time(before).await?;
        let took = clock.machine() - before;
        let ahead = there - (before + took / 2);
        if took <= PROMPT && (ahead - clock.ahead()).abs() > AGREES {
            tracing::warn!(
                ahead_ms = ahead.num_milliseconds(),
                "the clock of this machine is corrected by the database's"
            );
            clock.correct(ahead);
        }
        Ok(())
    }
}

/// What processes that are gone had begun is handled again at once; who is alone takes all that was begun by others
/// before it began itself.
///
/// # Errors
/// The database.
pub async fn take_over_from_the_dead(core: &Core) -> Result<(), StoreError> {
    let now = core.clock.now();
    let mut alive = Vec::new();
    if core.leader.is_elected() {
        alive.push(core.leader.me().to_owned());
        alive.extend(core.store.replicas(FRESH, now).await?.into_iter().map(|replica| replica.id));
    }
    core.store.take_over_from_the_dead(&alive, now).await.map(drop)
}

/// The settings in which processes differ that should not.
#[must_use]
pub fn drift(all: &[Replica]) -> BTreeSet<String> {
    let names: BTreeSet<&String> = all.iter().flat_map(|replica| replica.settings.keys()).collect();
    let differ = |name: &&String| {
        let mut values = all.iter().map(|replica| replica.settings.get(*name));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    names.into_iter().filter(differ).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica(id: &str, settings: &[(&str, &str)]) -> Replica {
        let settings = settings.iter().map(|(name, print)| ((*name).to_owned(), (*print).to_owned()));
        Replica {
            id: id.to_owned(),
            version: "1".to_owned(),
            vantage: "main".to_owned(),
            settings: settings.collect(),
            started_at: Timestamp::UNIX_EPOCH,
            seen_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn only_settings_that_differ_are_named() {
        let same = [("ACCESS", "aa"), ("LINGER", "bb")];
        assert!(drift(&[]).is_empty());
        assert!(drift(&[replica("a", &same), replica("b", &same)]).is_empty());
        let all = [replica("a", &same), replica("b", &[("ACCESS", "cc"), ("LINGER", "bb")])];
        assert_eq!(drift(&all).into_iter().collect::<Vec<_>>(), ["ACCESS"]);
        let all = [replica("a", &same), replica("b", &[("ACCESS", "aa")])];
        assert_eq!(drift(&all).into_iter().collect::<Vec<_>>(), ["LINGER"]);
    }
}
