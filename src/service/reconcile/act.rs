//! Doing what was decided, and what admins answer.
//!
//! Each step is one transaction that looks once more whether it still makes sense, so a pass may be repeated, overlap
//! with another one or end in the middle.

use crate::domain::incident::{Entry, Kind};
use crate::domain::instance::AdminState;
use crate::domain::key::Role;
use crate::domain::reconcile::{Changed, Missing, Plan};
use crate::domain::{InstanceId, UserId};
use crate::store::StoreError;
use crate::store::reconcile::Sighting;

use super::super::fleet::{Fleet, FleetError};
use super::super::incidents::Incidents;
use super::tell::Topic;
use super::{Hands, Pace, Pass, ReconcileError, Reconciler};

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Acted {
    /// Strays that are being deleted.
    pub deleted: u32,
    /// Accounts that are being made again.
    pub created: u32,
    /// Rows of accounts left behind that were gone.
    pub forgotten: u32,
    /// Accounts that are being put right.
    pub repaired: u32,
    /// Changes taken over.
    pub taken_over: u32,
}

/// What an admin answers to what only a person can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Make the missing accounts again.
    MakeAgain,
    /// This is not the panel we think: no new keys, and hands off.
    WrongPanel,
    /// The panel is in an older state: make the missing accounts again, and put right what differs.
    Restored,
    /// What was changed for the users' good is theirs.
    TakeOver,
    /// What was changed for the users' good is put back.
    PutBack,
}

impl Answer {
    /// The word in the audit log.
    fn word(self) -> &'static str {
        match self {
            Self::MakeAgain => "reconcile-make-again",
            Self::WrongPanel => "reconcile-wrong-panel",
            Self::Restored => "reconcile-restored",
            Self::TakeOver => "reconcile-take-over",
            Self::PutBack => "reconcile-put-back",
        }
    }
}

impl Reconciler {
    /// Carries out what was decided.
    pub(super) async fn act(&self, id: &InstanceId, plan: &Plan) -> Result<Acted, StoreError> {
        let store = &self.core.store;
        let now = self.core.clock.now();
        let mut acted = Acted::default();
        for stray in &plan.delete {
            acted.deleted += u32::from(store.bury_stray(id, stray, now).await?);
        }
        for lost in &plan.forget {
            acted.forgotten += u32::from(self.forget(id, lost).await?);
        }
        acted.created = self.make_again(&plan.create, None).await?;
        acted.repaired = self.put_right(&plan.repair, None).await?;
        acted.taken_over = self.take_over(&plan.take_over, None).await?;
        if acted != Acted::default() {
            tracing::info!(instance.id = id.as_str(), ?acted, "put a panel right");
            self.core.signals.work.notify_one();
        }
        Ok(acted)
    }

    async fn forget(&self, id: &InstanceId, lost: &Missing) -> Result<bool, StoreError> {
        let turn = self.core.placer.turn().await;
        let forgotten = self.core.store.forget_lost(lost, self.core.clock.now()).await?;
        if forgotten {
            self.core.placer.left(id, Role::Lingering);
        }
        drop(turn);
        Ok(forgotten)
    }

    async fn make_again(&self, missing: &[Missing], by: Option<UserId>) -> Result<u32, StoreError> {
        let mut count = 0;
        for one in missing {
            count += u32::from(self.core.store.make_again(one, by, self.core.clock.now()).await?);
        }
        Ok(count)
    }

    async fn put_right(&self, changed: &[Changed], by: Option<UserId>) -> Result<u32, StoreError> {
        let mut count = 0;
        for one in changed {
            count += u32::from(self.core.store.put_right(one, by, self.core.clock.now()).await?);
        }
        Ok(count)
    }

    async fn take_over(&self, changed: &[Changed], by: Option<UserId>) -> Result<u32, StoreError> {
        let mut count = 0;
        for one in changed {
            count += u32::from(self.core.store.take_over(one, by, self.core.clock.now()).await?);
        }
        Ok(count)
    }

    /// Does what an admin answered, and says about how many accounts.
    ///
    /// The panel is read anew: what is done is what the answer means now. An answer about changes counts for those that
    /// the service had seen when it asked.
    ///
    /// # Errors
    /// `NotFound`, `Panel`, the database; [`Hands`] that may not do anything there.
    pub async fn answer(
        &self,
        by: UserId,
        id: &InstanceId,
        answer: Answer,
    ) -> Result<Result<u32, Hands>, ReconcileError> {
        if answer == Answer::WrongPanel {
            self.core.store.leave_alone(id, true).await?;
            let fleet = Fleet::new(self.core.clone());
            match fleet.set_admin_state(Some(by), id, AdminState::Cordoned).await {
                Ok(()) => {}
                Err(FleetError::Store(error)) => return Err(error.into()),
                Err(_) => return Err(ReconcileError::NotFound(id.clone())),
            }
            self.recorded(by, id, answer, 0).await?;
            let incidents = Incidents::new(self.core.clone());
            incidents.close(Kind::Reconcile, &Topic::Missing.subject(id), Entry::Cordoned { by }).await?;
            return Ok(Ok(0));
        }
        let Pass { plan, found, hands, .. } = self.compare(id, Pace::Waited).await?;
        match hands {
            // Whoever says what happened to a panel says that it is ours again. What came of it is seen by the next look.
            Hands::Free | Hands::LeftAlone => self.core.store.leave_alone(id, false).await?,
            Hands::Observed | Hands::NotWell | Hands::Held => return Ok(Err(hands)),
        }
        let by_admin = Some(by);
        let mut count = 0;
        match answer {
            Answer::MakeAgain => count += self.make_again(&found.missing, by_admin).await?,
            Answer::Restored => {
                count += self.make_again(&found.missing, by_admin).await?;
                count += self.put_right(&found.changed, by_admin).await?;
            }
            Answer::TakeOver | Answer::PutBack => {
                let asked = self.core.store.sightings(id, Sighting::Favour).await?;
                let about: Vec<Changed> =
                    plan.keep.into_iter().filter(|one| asked.contains_key(&one.account)).collect();
                count += match answer {
                    Answer::TakeOver => self.take_over(&about, by_admin).await?,
                    _ => self.put_right(&about, by_admin).await?,
                };
            }
            Answer::WrongPanel => {}
        }
        self.core.signals.work.notify_one();
        self.recorded(by, id, answer, count).await?;
        Ok(Ok(count))
    }

    async fn recorded(
        &self,
        by: UserId,
        id: &InstanceId,
        answer: Answer,
        count: u32,
    ) -> Result<(), StoreError> {
        let detail = serde_json::json!({ "accounts": count });
        let subject = format!("instance {id}");
        self.core.store.record(Some(by), answer.word(), &subject, detail, self.core.clock.now()).await
    }
}
