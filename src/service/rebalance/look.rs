//! Every five minutes: is a group uneven, and for long enough?

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::rebalance::{Budget, Group, Looks, Part, Plan, plan};
use crate::service::core::RebalanceMode;
use crate::service::incidents::{Incidents, Report};
use crate::store::StoreError;
use crate::store::batches::BatchState;
use crate::store::rebalances::NewRun;

use super::{Rebalance, RebalanceError};

/// The numbers of a suggestion are brought up to date this often.
const SUGGEST_AGAIN: TimeDelta = TimeDelta::hours(1);
/// The subject of the incident: there is one for the whole fleet.
pub(super) const FLEET: &str = "fleet";

impl Rebalance {
    /// Looks, when it is time to.
    pub(super) async fn look(&self, now: Timestamp) -> Result<(), StoreError> {
        let mode = self.core.policy.care.rebalance;
        if mode == RebalanceMode::Off || !self.is_time(now) {
            return Ok(());
        }
        if self.hindrance(now).await?.is_some() {
            // What is uneven in a crisis says nothing of the time after it.
            self.memory.lock().expect("never poisoned").looks.clear();
            return Ok(());
        }
        let groups = self.groups(now).await?;
        let due = self.due(&groups, now);
        let latest = self.core.store.latest_rebalance().await?;
        let rests = latest.is_some_and(|run| {
            matches!(run.state, BatchState::Running | BatchState::Paused)
                || run.ended_at.is_some_and(|ended| now < ended + Budget::BETWEEN_RUNS)
        });
        if rests {
            return Ok(());
        }
        let due: Vec<(&Group, Plan)> =
            due.into_iter().map(|group| (group, plan(group))).filter(|(_, plan)| plan.moves() > 0).collect();
        if due.is_empty() {
            if groups.iter().all(|group| Looks::is_even(group.spread())) {
                self.even(&groups).await?;
            }
            return Ok(());
        }
        match mode {
            RebalanceMode::Off => Ok(()),
            RebalanceMode::Suggest => self.suggest(&due, now).await,
            RebalanceMode::Auto => self.begin_by_itself(&due).await,
        }
    }

    fn is_time(&self, now: Timestamp) -> bool {
        let mut memory = self.memory.lock().expect("never poisoned");
        let is_time = memory.looked_at.is_none_or(|at| now >= at + Looks::APART);
        if is_time {
            memory.looked_at = Some(now);
        }
        is_time
    }

    /// Remembers the look, and says which groups were uneven for long enough.
    fn due<'a>(&self, groups: &'a [Group], now: Timestamp) -> Vec<&'a Group> {
        let mut memory = self.memory.lock().expect("never poisoned");
        let before = std::mem::take(&mut memory.looks);
        memory.looks = groups
            .iter()
            .map(|group| {
                let looks = before.get(&group.key).copied().unwrap_or_default();
                (group.key.clone(), looks.look(group.spread(), now))
            })
            .collect::<BTreeMap<_, _>>();
        groups.iter().filter(|group| memory.looks[&group.key].is_due()).collect()
    }

    /// Tells the admins, on one incident.
    async fn suggest(&self, due: &[(&Group, Plan)], now: Timestamp) -> Result<(), StoreError> {
        let incidents = Incidents::new(self.core.clone());
        let told = self.memory.lock().expect("never poisoned").suggested_at;
        let open = incidents.open_of(Kind::Load, FLEET).await?.is_some();
        if open && told.is_some_and(|told| now < told + SUGGEST_AGAIN) {
            return Ok(());
        }
        let moves = due.iter().map(|(_, plan)| plan.moves()).sum();
        let spread = due.iter().map(|(_, plan)| plan.before).fold(0.0, f64::max);
        let entry = Entry::Uneven { spread_percent: percent(spread), moves };
        self.report(entry, moves).await?;
        self.memory.lock().expect("never poisoned").suggested_at = Some(now);
        Ok(())
    }

    async fn begin_by_itself(&self, due: &[(&Group, Plan)]) -> Result<(), StoreError> {
        let parts: Vec<Part> = due.iter().map(|(group, plan)| Part::of(group, plan)).collect();
        let total = parts.iter().map(Part::moves).sum();
        match self.begin(NewRun { by: None, parts, back_of: None }).await {
            Ok(_) => self.report(Entry::EveningOut { done: 0, total }, total).await,
            // Another process was first, or something came between: the next look is the retry.
            Err(RebalanceError::Open(_) | RebalanceError::Hindered(_)) => Ok(()),
            Err(RebalanceError::Store(error)) => Err(error),
            Err(RebalanceError::Even | RebalanceError::Changed | RebalanceError::NotFound) => Ok(()),
        }
    }

    /// It became even by itself: what was suggested is over.
    async fn even(&self, groups: &[Group]) -> Result<(), StoreError> {
        let spread_percent = percent(groups.iter().map(Group::spread).fold(0.0, f64::max));
        let incidents = Incidents::new(self.core.clone());
        if incidents.open_of(Kind::Load, FLEET).await?.is_some() {
            incidents.close(Kind::Load, FLEET, Entry::EvenedOut { moved: 0, spread_percent }).await?;
        }
        Ok(())
    }

    pub(super) async fn report(&self, entry: Entry, affected: u32) -> Result<(), StoreError> {
        let report = Report {
            kind: Kind::Load,
            subject: FLEET.to_owned(),
            instance: None,
            severity: Severity::Info,
            affected: Some(affected),
            entry,
        };
        Incidents::new(self.core.clone()).report(&report).await?;
        Ok(())
    }
}

/// A share in whole percents.
pub(super) fn percent(share: f64) -> u32 {
    (share * 100.0).round().clamp(0.0, 100_000.0) as u32
}
