//! Holding panels against the database.
//!
//! A cheap count of each panel every few minutes, and a full pass when the counts differ, while something waits to be
//! seen again, and daily. What a pass finds and does is decided in [`crate::domain::reconcile`]; here it is gathered
//! ([`gather`]), carried out in small steps that each look once more ([`act`]), and told ([`tell`]).
//!
//! Nothing is ever created or deleted from here: what is missing is made again by an operation, what is too much gets a
//! tombstone, and the executor does both as it does everything else.

mod act;
mod gather;
mod rounds;
mod tell;

use crate::domain::instance::{Health, Mode};
use crate::domain::reconcile::{Brakes, Findings, Plan, judge, plan};
use crate::domain::{InstanceId, Timestamp};
use crate::panel::PanelError;
use crate::store::reconcile::Sighting;
use crate::store::{StoreError, flags};

use super::Core;

pub use act::{Acted, Answer};
pub use gather::Pace;

/// Holds panels against the database.
#[derive(Clone)]
pub struct Reconciler {
    core: Core,
    brakes: Brakes,
}

/// Why a panel cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// No such instance.
    #[error("no instance {0}")]
    NotFound(InstanceId),
    /// Its panel does not answer as it should.
    #[error("the panel cannot be read")]
    Panel(#[from] PanelError),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// Why nothing is changed on a panel, whatever is found there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hands {
    /// Nothing forbids it.
    Free,
    /// The instance is only watched.
    Observed,
    /// The instance is not well: what it shows may not be what is.
    NotWell,
    /// An admin said that this is not the panel we think.
    LeftAlone,
    /// The fleet is in panic, or nothing acts until an admin confirms.
    Held,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Of which panel.
    pub instance: InstanceId,
    /// What differs.
    pub found: Findings,
    /// What there is to do about it.
    pub plan: Plan,
    /// Whether it may be done.
    pub hands: Hands,
    /// What was done; `None`: it was only looked at.
    pub acted: Option<Acted>,
    /// By how much the panel's count may differ from ours from now on without being news.
    explained: i64,
    /// When it was looked at, less how long a stray must have been seen.
    seen_before: Timestamp,
}

impl Pass {
    /// Strays that were seen for long enough and must wait all the same, because one run deletes only a few.
    #[must_use]
    pub fn overdue(&self) -> usize {
        self.plan.wait.iter().filter(|stray| stray.since <= self.seen_before).count()
    }
}

impl Reconciler {
    /// Holds the panels of `core` against its database.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core, brakes: Brakes::default() }
    }

    /// What would be done about a panel. Changes nothing, and remembers nothing.
    ///
    /// # Errors
    /// `NotFound`, `Panel`, the database.
    pub async fn preview(&self, id: &InstanceId) -> Result<Pass, ReconcileError> {
        self.compare(id, Pace::Waited).await
    }

    /// Compares a panel and does what the brakes allow, if nothing forbids it.
    ///
    /// # Errors
    /// `NotFound`, `Panel`, the database.
    pub async fn run(&self, id: &InstanceId, pace: Pace) -> Result<Pass, ReconcileError> {
        let mut pass = self.compare(id, pace).await?;
        let now = self.core.clock.now();
        let store = &self.core.store;
        let strays: Vec<_> = pass.found.strays.iter().map(|stray| stray.account.clone()).collect();
        store.saw(id, Sighting::Stray, &strays, now).await?;
        let kept: Vec<_> = pass.plan.keep.iter().map(|changed| changed.account.clone()).collect();
        store.saw(id, Sighting::Favour, &kept, now).await?;
        if pass.hands == Hands::Free {
            pass.acted = Some(self.act(id, &pass.plan).await?);
        }
        self.tell(&pass).await?;
        store.passed(id, pass.explained, now).await?;
        Ok(pass)
    }

    /// Gathers, and decides.
    async fn compare(&self, id: &InstanceId, pace: Pace) -> Result<Pass, ReconcileError> {
        let gathered = self.gather(id, pace).await?;
        let found = judge(&gathered.look);
        let plan = plan(&gathered.look, &found, &self.brakes);
        let explained = gathered.explained(&found, &plan);
        let hands = self.hands(id).await?;
        let seen_before = gathered.look.at - self.brakes.seen_apart;
        Ok(Pass { instance: id.clone(), found, plan, hands, acted: None, explained, seen_before })
    }

    /// Whether anything may be done about a panel now.
    async fn hands(&self, id: &InstanceId) -> Result<Hands, ReconcileError> {
        let store = &self.core.store;
        let instance = store.instance(id).await?.ok_or_else(|| ReconcileError::NotFound(id.clone()))?;
        let health = store.health_of(id).await?.map_or(Health::Unknown, |report| report.health);
        let held = store.is_raised(flags::HOLD).await? || store.is_raised(flags::PANIC).await?;
        Ok(match instance.mode {
            _ if held => Hands::Held,
            Mode::Observe => Hands::Observed,
            Mode::Manage if !matches!(health, Health::Healthy | Health::Degraded) => Hands::NotWell,
            Mode::Manage if store.reconciliation(id).await?.left_alone => Hands::LeftAlone,
            Mode::Manage => Hands::Free,
        })
    }
}
