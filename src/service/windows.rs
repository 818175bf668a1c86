//! Planned maintenance: begun and ended by a loop, by the clock, told to the admins.
//!
//! Within it the instance's state is *maintenance*: no new keys, no alarm, no evacuation. Whatever the loop does stands in
//! one transaction with its letters, so a crash begins or ends nothing twice; a start after a long stop ends what is
//! over, and says of what it slept through that it never was.

use crate::domain::window::Window;
use crate::domain::{InstanceId, Timestamp, UserId, WindowId};
use crate::store::StoreError;
use crate::store::outbox::NewLetter;

use super::Core;
use super::incidents::Incidents;
use super::notice::{Lane, Letter, MaintenanceNews, Notice};

/// Why a maintenance cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanWindowError {
    /// No such instance.
    #[error("no instance {0}")]
    NotFound(InstanceId),
    /// Another one is planned for that time.
    #[error("another maintenance is planned for that time")]
    Overlaps(Box<Window>),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// Planned maintenance over the services.
#[derive(Clone)]
pub struct Windows {
    core: Core,
}

impl Windows {
    /// Planned maintenance over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Plans one; what is due already begins at once.
    ///
    /// # Errors
    /// `NotFound`, `Overlaps`, the database.
    pub async fn plan(
        &self,
        by: UserId,
        instance: &InstanceId,
        (starts_at, ends_at): (Timestamp, Timestamp),
    ) -> Result<Window, PlanWindowError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let window = match store.plan_window(instance, (starts_at, ends_at), by, now).await? {
            Some(Ok(window)) => window,
            Some(Err(other)) => return Err(PlanWindowError::Overlaps(Box::new(other))),
            None => return Err(PlanWindowError::NotFound(instance.clone())),
        };
        let detail = serde_json::json!({ "starts_at": starts_at, "ends_at": ends_at });
        let subject = format!("instance {instance}");
        store.record(Some(by), "maintenance-planned", &subject, detail, now).await?;
        self.tick().await?;
        Ok(window)
    }

    /// What goes on and what is to come, in order.
    ///
    /// # Errors
    /// The database.
    pub async fn open(&self) -> Result<Vec<Window>, StoreError> {
        self.core.store.windows().await
    }

    /// Gives one up, or ends it before its time. `None`: it is over, or never was.
    ///
    /// # Errors
    /// The database.
    pub async fn cancel(&self, by: UserId, id: WindowId) -> Result<Option<Window>, StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let Some(window) = store.window(id).await?.filter(|window| window.ended_at.is_none()) else {
            return Ok(None);
        };
        let news =
            if window.began_at.is_some() { MaintenanceNews::EndedEarly } else { MaintenanceNews::Cancelled };
        let mut letters = self.letters(id, news, now).await?;
        // Who did it knows it.
        letters.retain(|letter| letter.chat != by.0);
        if !store.end_window(id, &letters, now).await? {
            return Ok(None);
        }
        let subject = format!("instance {}", window.instance);
        store.record(Some(by), "maintenance-cancelled", &subject, serde_json::Value::Null, now).await?;
        self.changed().await?;
        Ok(Some(window))
    }

    /// Begins and ends what is due. May run twice, or in two processes.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        for window in store.windows().await? {
            let (id, over) = (window.id, window.ends_at <= now);
            let done = match window.began_at {
                Some(_) if over => {
                    let letters = self.letters(id, MaintenanceNews::Ended, now).await?;
                    store.end_window(id, &letters, now).await?
                }
                None if over => {
                    let letters = self.letters(id, MaintenanceNews::Missed, now).await?;
                    store.end_window(id, &letters, now).await?
                }
                None if window.starts_at <= now => {
                    let letters = self.letters(id, MaintenanceNews::Began, now).await?;
                    store.begin_window(&window, &letters, now).await?
                }
                Some(_) | None => false,
            };
            if done {
                tracing::info!(instance.id = window.instance.as_str(), over, "planned maintenance");
                self.changed().await?;
            }
        }
        Ok(())
    }

    async fn changed(&self) -> Result<(), StoreError> {
        self.core.placer.refresh(&self.core.store).await?;
        self.core.signals.work.notify_one();
        self.core.signals.mail.notify_one();
        Ok(())
    }

    /// To wherever alerts go, though it is none: whoever is on duty reads there. One message for each maintenance.
    async fn letters(
        &self,
        window: WindowId,
        news: MaintenanceNews,
        now: Timestamp,
    ) -> Result<Vec<NewLetter>, StoreError> {
        let chats = Incidents::new(self.core.clone()).chats().await?;
        let letter = |chat| {
            let notice = Notice::Maintenance { window, news };
            let slot = Some(format!("window:{window}:{chat}"));
            Letter { chat, lane: Lane::Notice, slot, notice, screen: None }.stored(now)
        };
        Ok(chats.into_iter().map(letter).collect())
    }
}
