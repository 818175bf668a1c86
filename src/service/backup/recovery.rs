//! What comes after a backup was restored: nothing acts, until a person has read what would happen and says so.
//!
//! The database is older than the world. What was under way when it was made may long be done; what has been sent may
//! still stand there as unsent. Operations and deletions may safely go on: each step reads the panel first, and finds what
//! is done. Messages and updates may not: they would be sent and done twice. So they are dropped, unless told otherwise.

use crate::domain::InstanceId;
use crate::domain::Timestamp;
use crate::domain::UserId;
use crate::domain::operation::Kind;
use crate::domain::reconcile::Question;
use crate::service::Core;
use crate::service::incidents::Incidents;
use crate::service::notice::{Lane, Letter, Notice};
use crate::service::reconcile::Reconciler;
use crate::store::StoreError;
use crate::store::backup::HOLD;
pub use crate::store::recovery::Messages;

/// What would happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Since when nothing acts.
    pub since: Timestamp,
    /// When the backup was made; `None`: something else holds everything.
    pub made_at: Option<Timestamp>,
    /// Operations that would go on, by kind.
    pub operations: Vec<(Kind, u64)>,
    /// Accounts that would be deleted.
    pub tombstones: u64,
    /// Messages that were not sent when the backup was made.
    pub messages: u64,
    /// Updates that were not handled then.
    pub updates: u64,
    /// What each panel shows, by id.
    pub panels: Vec<(InstanceId, Compared)>,
}

/// How a panel differs from the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// It does not answer.
    Silent,
    /// It was compared.
    Seen {
        /// Accounts that shall be there.
        expected: u32,
        /// Those of them that are not.
        missing: u32,
        /// Accounts with our mark that the backup does not know: made since, and left alone.
        newer: u32,
    },
}

/// What comes after a restore. Cheap to clone.
#[derive(Clone)]
pub struct Recovery {
    core: Core,
}

impl Recovery {
    /// Recovery of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// What would happen if everything went on; `None`: nothing holds it. Panels are only read.
    ///
    /// # Errors
    /// The database.
    pub async fn outlook(&self) -> Result<Option<Outlook>, StoreError> {
        let store = &self.core.store;
        let Some(flag) = store.flag(HOLD).await?.filter(|flag| flag.raised) else { return Ok(None) };
        let waiting = store.waiting_work(flag.since).await?;
        let mut panels = Vec::new();
        let reconciler = Reconciler::new(self.core.clone());
        for instance in store.instances().await? {
            panels.push((instance.id.clone(), compared(&reconciler, &instance.id).await));
        }
        Ok(Some(Outlook {
            since: flag.since,
            made_at: flag.facts.get("made_at").and_then(|at| at.as_str()?.parse().ok()),
            operations: waiting.operations,
            tombstones: waiting.tombstones,
            messages: waiting.messages,
            updates: waiting.updates,
            panels,
        }))
    }

    /// Tells the admins that everything is held. Alerts that were written since then are sent all the same.
    ///
    /// # Errors
    /// The database.
    pub async fn tell(&self) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let letter = |chat| {
            let slot = Some(format!("held:{chat}"));
            Letter { chat, lane: Lane::Alert, slot, notice: Notice::Held, screen: None }.stored(now)
        };
        let chats = Incidents::new(self.core.clone()).chats().await?;
        let letters: Vec<_> = chats.into_iter().map(letter).collect();
        self.core.store.post(&letters, now).await
    }

    /// Everything goes on. `false`: nothing held it.
    ///
    /// # Errors
    /// The database.
    pub async fn release(&self, by: Option<UserId>, messages: Messages) -> Result<bool, StoreError> {
        let released = self.core.store.release(by, messages, self.core.clock.now()).await?;
        self.core.signals.work.notify_waiters();
        self.core.signals.mail.notify_one();
        Ok(released)
    }
}

async fn compared(reconciler: &Reconciler, id: &InstanceId) -> Compared {
    match reconciler.preview(id).await {
        Ok(pass) => {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let newer = pass.plan.questions.iter().find_map(|question| match question {
                Question::NewerThanUs { count } => Some(*count),
                _ => None,
            });
            Compared::Seen {
                expected: number(pass.found.expected),
                missing: number(pass.plan.create.len() + pass.plan.ask_missing.len()),
                newer: newer.unwrap_or_default(),
            }
        }
        Err(_) => Compared::Silent,
    }
}
