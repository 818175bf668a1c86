//! Everybody leaves an instance that an admin wants empty: closed to new keys, all keys moved by the one executor, and
//! what they left behind waited for or let go of at once.
//!
//! Where a drain stands is read from the rows each time: the latest set of moves from there, who still has an account
//! there, what lingers. So it may be asked by anybody at any moment, and a crash loses nothing. Moves are begun, paused
//! and stopped by [`super::migration`]; lingering accounts are deleted by the executor, also those whose time an admin
//! ends.

use crate::domain::instance::{AdminState, Health, Instance};
use crate::domain::{BatchId, InstanceId, Timestamp, UserId};
use crate::store::StoreError;
use crate::store::drains::LeftBehind;

use super::Core;
use super::fleet::{Fleet, FleetError};
use super::health::is_trouble;
use super::keys::Ask;
use super::migration::{BatchState, Migrations, PlanError, Progress, Scope, To};
use super::notice::{Lane, Letter, Notice};

/// How often a plan is made anew because keys came while the instance was being closed.
const TRIES: u32 = 3;

/// Where a drain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The instance takes keys, or nobody ever moved its keys away.
    None,
    /// Keys move.
    Moving,
    /// An admin stopped it for now.
    Paused,
    /// No move goes on, and keys that serve are left.
    Left,
    /// All have moved; accounts left behind still serve whoever did not fetch since.
    Lingering,
    /// Nothing of it serves any more.
    Drained,
}

/// How far a drain is.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The instance.
    pub instance: Instance,
    /// Where it stands.
    pub phase: Phase,
    /// The latest set of moves from there.
    pub moves: Option<Progress>,
    /// Keys that serve and still have their account there.
    pub left: u32,
    /// Keys that do not serve now (over, used up, paused): they stay until they end or are renewed.
    pub asleep: u32,
    /// Accounts left behind that go on serving.
    pub lingering: u32,
    /// When the last of them is let go of.
    pub lingers_until: Option<Timestamp>,
}

/// Who would lose what if lingering accounts were let go of at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losers {
    /// Accounts that stop.
    pub accounts: u32,
    /// Owners whose app still used such an account after the move, by id: their app works again once it has fetched the
    /// link.
    pub owners: Vec<UserId>,
    /// Accounts that stay, since the place their key moved to is in trouble now.
    pub kept: u32,
}

/// Drains over the services.
#[derive(Clone)]
pub struct Drains {
    core: Core,
    migrations: Migrations,
}

impl Drains {
    /// Drains over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { migrations: Migrations::new(core.clone()), core }
    }

    /// Closes an instance and begins what was previewed with [`Migrations::preview`].
    ///
    /// # Errors
    /// As [`Migrations::start`].
    pub async fn start(
        &self,
        ask: &Ask,
        instance: &InstanceId,
        to: &To,
        fingerprint: u64,
    ) -> Result<BatchId, PlanError> {
        if let Some(begun) = self.migrations.begun_by(ask).await? {
            return Ok(begun);
        }
        let scope = Scope::Instance(instance.clone());
        if self.migrations.preview(&scope, to).await?.fingerprint != fingerprint {
            return Err(PlanError::Changed);
        }
        self.close(ask.by, instance).await?;
        // Keys that came between the preview and the closing move too.
        for _ in 0..TRIES {
            let plan = self.migrations.preview(&scope, to).await?;
            match self.migrations.start(ask, &scope, to, plan.fingerprint).await {
                Err(PlanError::Changed) => {}
                other => return other,
            }
        }
        Err(PlanError::Changed)
    }

    /// No new keys, now and after a maintenance that has an end.
    async fn close(&self, by: UserId, id: &InstanceId) -> Result<(), PlanError> {
        let instance = self.core.store.instance(id).await?.ok_or(PlanError::NotFound)?;
        if !opens_by_itself(instance.admin_state) {
            return Ok(());
        }
        let fleet = Fleet::new(self.core.clone());
        match fleet.set_admin_state(Some(by), id, AdminState::Cordoned).await {
            Ok(()) => Ok(()),
            Err(FleetError::Store(error)) => Err(error.into()),
            Err(_) => Err(PlanError::NotFound),
        }
    }

    /// How far the drain of an instance is.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn course(&self, id: &InstanceId) -> Result<Course, PlanError> {
        let store = &self.core.store;
        let instance = store.instance(id).await?.ok_or(PlanError::NotFound)?;
        let now = self.core.clock.now();
        let moves = match store.latest_drain(id).await? {
            Some(batch) => Some(self.migrations.progress(batch.id).await?),
            None => None,
        };
        let (live, all) = store.at_home(id, now).await?;
        let left_behind = store.left_behind_accounts(id).await?;
        let lingers_until = left_behind.iter().map(|account| account.until).max();
        let phase = match moves.as_ref().map(|moves| moves.state) {
            Some(BatchState::Running) => Phase::Moving,
            Some(BatchState::Paused) => Phase::Paused,
            _ if instance.admin_state.accepts(now) => Phase::None,
            None => Phase::None,
            Some(BatchState::Cancelled | BatchState::Done) if live > 0 => Phase::Left,
            Some(BatchState::Cancelled | BatchState::Done) if !left_behind.is_empty() => Phase::Lingering,
            Some(BatchState::Cancelled | BatchState::Done) => Phase::Drained,
        };
        Ok(Course {
            instance,
            phase,
            moves,
            left: narrow(live),
            asleep: narrow(all.saturating_sub(live)),
            lingering: narrow(left_behind.len() as u64),
            lingers_until,
        })
    }

    /// Pauses, goes on with or stops the moves. `false`: none goes on.
    ///
    /// # Errors
    /// The database.
    pub async fn turn(&self, by: UserId, id: &InstanceId, state: BatchState) -> Result<bool, PlanError> {
        match self.core.store.latest_drain(id).await? {
            Some(batch) => self.migrations.set_state(by, batch.id, state).await,
            None => Ok(false),
        }
    }

    /// Who would lose what if everything that lingers there were let go of now.
    ///
    /// # Errors
    /// The database.
    pub async fn losers(&self, id: &InstanceId) -> Result<Losers, PlanError> {
        let (go, kept) = self.split(id).await?;
        let linger = self.core.policy.linger;
        let used = |account: &&LeftBehind| account.online_at.is_some_and(|at| at > account.until - linger);
        let mut owners: Vec<UserId> = go.iter().filter(used).map(|account| account.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        Ok(Losers { accounts: narrow(go.len() as u64), owners, kept: narrow(kept.len() as u64) })
    }

    /// What lingers there is let go of now, but for accounts whose keys would be served nowhere: how many go.
    ///
    /// # Errors
    /// The database.
    pub async fn finish(&self, by: UserId, id: &InstanceId) -> Result<u32, PlanError> {
        let (go, _) = self.split(id).await?;
        let accounts: Vec<_> = go.iter().map(|account| account.account).collect();
        let now = self.core.clock.now();
        let ended = narrow(self.core.store.end_linger(&accounts, now).await?);
        if ended > 0 {
            let detail = serde_json::json!({ "accounts": ended });
            let subject = format!("instance {id}");
            self.core.store.record(Some(by), "drain-finished", &subject, detail, now).await?;
            self.core.signals.work.notify_one();
        }
        Ok(ended)
    }

    /// What lingers there: what may go, and what is all that a key has while its new place is in trouble.
    async fn split(&self, id: &InstanceId) -> Result<(Vec<LeftBehind>, Vec<LeftBehind>), StoreError> {
        let store = &self.core.store;
        let health = store.health().await?;
        let serves = |home: &InstanceId| {
            let report = health.iter().find(|(of, _)| of == home).map(|(_, report)| report.health);
            !is_trouble(report.unwrap_or(Health::Unknown))
        };
        let accounts = store.left_behind_accounts(id).await?;
        Ok(accounts.into_iter().partition(|account| account.now_on.as_ref().is_some_and(serves)))
    }

    /// Tells whoever began it of each drain that has come to its end. May run twice.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<(), StoreError> {
        for batch in self.core.store.drains_to_tell().await? {
            let Some(id) = &batch.source else { continue };
            let newest = self.core.store.latest_drain(id).await?.is_some_and(|latest| latest.id == batch.id);
            let phase = match self.course(id).await {
                Ok(course) => course.phase,
                Err(PlanError::Store(error)) => return Err(error),
                Err(_) => Phase::None,
            };
            let (end, tells) = match phase {
                _ if !newest => ("another-began", false),
                Phase::None => ("opened", false),
                Phase::Drained => ("drained", true),
                Phase::Moving | Phase::Paused | Phase::Left | Phase::Lingering => continue,
            };
            let now = self.core.clock.now();
            let letter = || {
                let notice = Notice::Drained { instance: id.clone() };
                Letter { chat: batch.by.0, lane: Lane::Notice, slot: None, notice, screen: None }.stored(now)
            };
            let letters: Vec<_> = tells.then(letter).into_iter().collect();
            if self.core.store.drain_told(batch.id, end, &letters, now).await? && tells {
                tracing::info!(instance.id = id.as_str(), "instance {id} is drained");
                self.core.signals.mail.notify_one();
            }
        }
        Ok(())
    }
}

/// Whether it takes new keys, or will without anybody saying so.
fn opens_by_itself(state: AdminState) -> bool {
    match state {
        AdminState::Open | AdminState::Maintenance { until: Some(_) } => true,
        AdminState::Cordoned | AdminState::Maintenance { until: None } => false,
    }
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
