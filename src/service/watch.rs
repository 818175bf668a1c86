//! Looking at the instances: what the checks find decides who gets new keys, how many foreign users count, and when a
//! request of unknown fate can no longer land.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::domain::instance::{Counters, Instance, Node};
use crate::domain::{AssignmentId, InstanceId, Timestamp};
use crate::panel::{Overview, PanelError};
use crate::store::health::{Check, StoredNode};

use super::Core;
use super::fleet::FleetError;
use super::health::{besides, rounds::Judge};

/// No call takes longer, so what was sent this long before a good check began was received before it.
const LONGEST_CALL: Duration = Duration::from_secs(15);
/// How long after a good check a request that was received before may still be executed.
const SETTLES_AFTER: Duration = Duration::from_secs(60);
/// Instances looked at at once.
const AT_ONCE: usize = 16;
/// Accounts read in one sampling of an instance.
const SAMPLE: u64 = 40;
/// A twentieth of the half minute between two samplings: reading use never takes more of a panel's time.
const SAMPLE_BUDGET: Duration = Duration::from_millis(1_500);
/// Use is read again after this.
const SAMPLE_AGE: Duration = Duration::from_secs(300);

/// Looks at the instances.
#[derive(Clone)]
pub struct Watch {
    core: Core,
}

impl Watch {
    /// Looks at the instances of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Looks at every instance once, several at a time.
    ///
    /// # Errors
    /// The database.
    pub async fn check_all(&self) -> Result<usize, FleetError> {
        let instances = self.core.store.instances().await?;
        let count = instances.len();
        let mut checks = JoinSet::new();
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        for instance in instances {
            let (watch, at_once) = (self.clone(), at_once.clone());
            checks.spawn(async move {
                let _one = at_once.acquire().await;
                watch.check_instance(&instance).await.map(drop)
            });
        }
        while let Some(check) = checks.join_next().await {
            check.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        }
        self.core.placer.refresh(&self.core.store).await?;
        Ok(count)
    }

    /// Looks at one instance now.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn check(&self, id: &InstanceId) -> Result<Result<Overview, PanelError>, FleetError> {
        let found = self.look(id).await?;
        self.core.placer.refresh(&self.core.store).await?;
        Ok(found)
    }

    /// The same, where many are looked at one after the other: placement hears of it with its next refresh.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn look(&self, id: &InstanceId) -> Result<Result<Overview, PanelError>, FleetError> {
        let instance = self.core.store.instance(id).await?.ok_or_else(|| FleetError::NotFound(id.clone()))?;
        self.check_instance(&instance).await
    }

    async fn check_instance(&self, instance: &Instance) -> Result<Result<Overview, PanelError>, FleetError> {
        let id = &instance.id;
        let began = self.core.clock.now();
        let counted = self.core.store.counters_of(id).await?.unwrap_or_default();
        let mut certificate = None;
        let found = match self.core.panels.of(id).await {
            Ok(panel) => {
                let found = panel.check().await;
                certificate = panel.certificate_ends_at();
                found
            }
            Err(super::panels::NoPanel::Settings(_, error)) => Err(error),
            Err(super::panels::NoPanel::NotFound(id)) => return Err(FleetError::NotFound(id)),
            Err(super::panels::NoPanel::Store(error)) => return Err(error.into()),
        };
        self.record(instance, &found, began, counted).await?;
        besides::certificate(&self.core, instance, certificate).await?;
        self.core.signals.checked(id);
        Ok(found)
    }

    /// Stores what a check found that began when the database had `counted`.
    async fn record(
        &self,
        instance: &Instance,
        found: &Result<Overview, PanelError>,
        began: Timestamp,
        counted: Counters,
    ) -> Result<(), FleetError> {
        let id = &instance.id;
        let now = self.core.clock.now();
        let store = &self.core.store;
        let health = Judge::new(self.core.clone()).detailed(id, found).await?;
        let check = match found {
            Ok(overview) => Check {
                health,
                latency_ms: u32::try_from(overview.latency.as_millis()).ok(),
                version: Some(overview.version.clone()),
                users_active: Some(overview.users_active),
                core_started: Some(overview.core_started),
                problem: (!overview.core_started).then(|| "core-stopped".to_owned()),
            },
            Err(error) => Check {
                health,
                latency_ms: None,
                version: None,
                users_active: None,
                core_started: None,
                problem: Some(error.word().to_owned()),
            },
        };
        // The state of an instance is the leader's to store.
        if self.core.leader.is_leader() {
            store.record_check(id, &check, now).await?;
        }
        if let Ok(overview) = found {
            let before = store.nodes_of(id).await?;
            if !are_as(&before, &overview.nodes) {
                store.replace_nodes(id, &overview.nodes, now).await?;
            }
            besides::nodes(&self.core, instance, &before, &overview.nodes).await?;
            let counters = store.counters_of(id).await?.unwrap_or_default();
            let buried = u32::try_from(store.tombstones_on(id).await?).unwrap_or(u32::MAX);
            let foreign = foreign(overview.users_active, [counted, counters], buried);
            if foreign != counters.foreign {
                store.set_foreign(id, foreign, now).await?;
            }
            // Only a check that began after a request could have timed out proves that the panel is awake again.
            let settles_at = now + SETTLES_AFTER;
            store.instance_seen_well(id, began - LONGEST_CALL, settles_at).await?;
        }
        Ok(())
    }

    /// Looks at instances that failed real calls.
    ///
    /// # Errors
    /// The database.
    pub async fn check_doubted(&self) -> Result<usize, FleetError> {
        let doubted = self.core.signals.take_doubted();
        let count = doubted.len();
        for id in doubted {
            match self.check(&id).await {
                Ok(_) | Err(FleetError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    /// Reads the use of accounts that were read longest ago, on each instance that answers, within a duty of 5 % of its
    /// time.
    ///
    /// # Errors
    /// The database.
    pub async fn sample(&self) -> Result<usize, FleetError> {
        let mut read = 0;
        for instance in self.core.store.instances().await? {
            if self.core.placer.serves(&instance.id) {
                read += self.sample_instance(&instance.id).await?;
            }
        }
        Ok(read)
    }

    /// Accounts that are older than our own links: what is given when their panel does not answer.
    async fn remember_links(
        &self,
        id: AssignmentId,
        links: &[String],
        now: Timestamp,
    ) -> Result<(), FleetError> {
        let store = &self.core.store;
        if self.core.links.are_ours() && !store.has_last_good(id).await? {
            store.keep_links(id, links, now).await?;
        }
        Ok(())
    }

    async fn sample_instance(&self, id: &InstanceId) -> Result<usize, FleetError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let Ok(panel) = self.core.panels.of(id).await else { return Ok(0) };
        let began = std::time::Instant::now();
        let mut read = 0;
        for account in store.stalest_accounts(id, now - SAMPLE_AGE, SAMPLE).await? {
            if began.elapsed() > SAMPLE_BUDGET {
                break;
            }
            let turn = self.core.panels.pace().turn(id, super::pace::Class::Background).await;
            let answer = panel.get(&account.account, crate::panel::Call::BACKGROUND).await;
            turn.done(&answer);
            match answer {
                Ok(Some(shown)) => {
                    if read == 0 {
                        Judge::new(self.core.clone()).note_endpoints(id, &shown.links).await?;
                    }
                    let link = shown.subscription_url.as_deref();
                    store
                        .saw_account(account.id, &account.account, shown.used, link, shown.online_at, now)
                        .await?;
                    self.remember_links(account.id, &shown.links, now).await?;
                    read += 1;
                }
                Ok(None) => {
                    // Not made again unasked: the panel may have been emptied or restored on purpose.
                    tracing::warn!(instance.id = id.as_str(), "an account of ours is missing on its panel");
                    store.saw_account(account.id, &account.account, account.used, None, None, now).await?;
                }
                Err(error) => {
                    tracing::debug!(instance.id = id.as_str(), problem = error.word(), "sampling stopped");
                    break;
                }
            }
        }
        Ok(read)
    }
}

/// How many of a panel's users are not ours, by our counts before and after it was asked. It holds our accounts that
/// serve; whether it held those that are being made, or are still to be deleted, nobody knows: as long as what was known
/// of strangers can be true, it is. Else a burst of new keys would look like strangers who come and go.
fn foreign(users: u32, counted: [Counters; 2], buried: u32) -> u32 {
    let serve = |counters: Counters| counters.active.saturating_add(counters.lingering);
    let least = counted.map(serve).into_iter().min().unwrap_or_default();
    let made = counted.map(|counters| serve(counters).saturating_add(counters.reserved));
    let most = made.into_iter().max().unwrap_or_default().saturating_add(buried);
    let [_, now] = counted;
    now.foreign.clamp(users.saturating_sub(most), users.saturating_sub(least))
}

/// Whether a check saw the worker servers as they are stored.
fn are_as(stored: &[StoredNode], seen: &[Node]) -> bool {
    let known = |node: &Node| stored.iter().any(|stored| stored.is_as(node));
    stored.len() == seen.len() && seen.iter().all(known)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    // Nothing is under way: the panel's number says it.
    #[case(950, (50, 0), (50, 0), 0, 7, 900)]
    #[case(50, (50, 0), (50, 0), 0, 7, 0)]
    // Fewer than ours: some were deleted there.
    #[case(40, (50, 0), (50, 0), 0, 0, 0)]
    // Eight are being made, of which the panel may have any number.
    #[case(950, (50, 8), (50, 8), 0, 900, 900)]
    #[case(953, (50, 8), (50, 8), 0, 900, 900)]
    #[case(958, (50, 8), (50, 8), 0, 900, 900)]
    // Five were made after it had counted.
    #[case(951, (50, 8), (56, 2), 0, 900, 900)]
    // More came than we make, and more went than we deleted.
    #[case(970, (50, 8), (50, 8), 0, 900, 912)]
    #[case(940, (50, 8), (50, 8), 0, 900, 890)]
    // Two are to be deleted, and may be gone already.
    #[case(952, (50, 0), (50, 0), 2, 900, 900)]
    #[case(950, (50, 0), (50, 0), 2, 900, 900)]
    fn strangers_are_who_is_certainly_not_ours(
        #[case] users: u32,
        #[case] before: (u32, u32),
        #[case] after: (u32, u32),
        #[case] buried: u32,
        #[case] known: u32,
        #[case] expected: u32,
    ) {
        let counters = |(active, reserved)| Counters { active, reserved, lingering: 0, foreign: known };
        assert_eq!(foreign(users, [counters(before), counters(after)], buried), expected);
    }
}
