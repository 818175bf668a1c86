//! When each panel is counted and passed over, and the audit of the counters.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use futures::stream::{self, StreamExt};

use crate::domain::instance::{AdminState, Health, Instance};
use crate::domain::{InstanceId, Timestamp};
use crate::store::StoreError;
use crate::store::reconcile::{Corrected, Reconciliation, Sighting};

use super::{Pace, Pass, ReconcileError, Reconciler};

/// A panel's accounts are counted this often.
const COUNT_EVERY: Duration = Duration::from_secs(600);
/// All of them are read this often, whatever the counts say.
const PASS_EVERY: Duration = Duration::from_secs(86_400);
/// Panels read at once.
const AT_ONCE: usize = 8;

impl Reconciler {
    /// Counts the panels whose turn it is, and passes over those where something may differ. To be called every minute
    /// or so.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<Vec<Pass>, StoreError> {
        let health = self.core.store.health().await?;
        let well = |id: &InstanceId| {
            health
                .iter()
                .any(|(of, report)| of == id && matches!(report.health, Health::Healthy | Health::Degraded))
        };
        let mut instances = self.core.store.instances().await?;
        instances.retain(|instance| well(&instance.id));
        let looks = stream::iter(instances).map(|instance| async move {
            let id = instance.id.clone();
            (id, self.look_at(&instance).await)
        });
        let mut passes = Vec::new();
        let mut looks = looks.buffer_unordered(AT_ONCE);
        while let Some((id, look)) = looks.next().await {
            match look {
                Ok(pass) => passes.extend(pass),
                Err(ReconcileError::Store(error)) => return Err(error),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::debug!(instance.id = id.as_str(), error, "a panel was not compared");
                }
            }
        }
        Ok(passes)
    }

    /// Counts one panel if it is its turn, and passes over it if something may differ.
    async fn look_at(&self, instance: &Instance) -> Result<Option<Pass>, ReconcileError> {
        let (id, store) = (&instance.id, &self.core.store);
        let now = self.core.clock.now();
        let mut known = store.reconciliation(id).await?;
        if known.left_alone {
            if instance.admin_state != AdminState::Open {
                return Ok(None);
            }
            // Opened again: whatever was wrong with it, an admin has put it right.
            store.leave_alone(id, false).await?;
            known.passed_at = None;
        }
        if !is_due(known.counted_at, COUNT_EVERY, id, now)
            || !store.take_count(id, known.counted_at, now).await?
        {
            return Ok(None);
        }
        if !self.may_differ(id, &known, now).await? {
            return Ok(None);
        }
        self.run(id, Pace::Background).await.map(Some)
    }

    /// Whether a full pass is worth it.
    async fn may_differ(
        &self,
        id: &InstanceId,
        known: &Reconciliation,
        now: Timestamp,
    ) -> Result<bool, ReconcileError> {
        let store = &self.core.store;
        if is_due(known.passed_at, PASS_EVERY, id, now)
            || !store.sightings(id, Sighting::Stray).await?.is_empty()
        {
            return Ok(true);
        }
        let Ok(panel) = self.core.panels.of(id).await else { return Ok(false) };
        let prefix = self.core.installation.prefix();
        let total = self.call(id, Pace::Background, panel.list(&prefix, 0, 1)).await?.total;
        let expected = i64::try_from(store.expected_on(id, &prefix).await?).unwrap_or(i64::MAX);
        Ok(i64::from(total) - expected != known.explained)
    }

    /// Holds the counters against the rows that they count, and puts them right.
    ///
    /// # Errors
    /// The database.
    pub async fn audit(&self) -> Result<Vec<Corrected>, StoreError> {
        let corrected = self.core.store.audit_counters(self.core.clock.now()).await?;
        for Corrected { instance, stood, counted } in &corrected {
            let instance = instance.as_str();
            tracing::error!(
                instance.id = instance,
                ?stood,
                ?counted,
                "counters were wrong and are put right"
            );
        }
        if !corrected.is_empty() {
            self.core.placer.refresh(&self.core.store).await?;
        }
        self.tell_corrected(&corrected).await?;
        Ok(corrected)
    }
}

/// Whether it is time again: a period after the last time, give or take a tenth, so that panels and processes do not
/// march in step.
fn is_due(last: Option<Timestamp>, every: Duration, id: &InstanceId, now: Timestamp) -> bool {
    let Some(last) = last else { return true };
    let mut hasher = DefaultHasher::new();
    (id, last).hash(&mut hasher);
    let share = (hasher.finish() % 1_000) as f64 / 1_000.0;
    now >= last + every.mul_f64(0.9 + 0.2 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_a_period_apart_give_or_take_a_tenth() {
        let last = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        let every = Duration::from_secs(600);
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..100 {
            let id: InstanceId = format!("s{number:03}").parse().unwrap();
            assert!(is_due(None, every, &id, last));
            let due =
                (0..).find(|second| is_due(Some(last), every, &id, last + Duration::from_secs(*second)));
            let due = due.unwrap();
            assert!((540..=660).contains(&due), "{due}");
            seen.insert(due);
        }
        assert!(seen.len() > 30, "spread over the time: {seen:?}");
    }
}
