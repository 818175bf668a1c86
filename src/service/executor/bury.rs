//! Deleting accounts that are no more a key's.

use std::time::Duration;

use crate::domain::reconcile::Mark;
use crate::panel::Call;
use crate::store::tombstones::Tombstone;

use super::super::pace::Class;
use super::{Executor, Leaving, Stopped, backoff, no_panel_word, still_open};

/// Tombstones worked on in one round.
const AT_ONCE: u64 = 32;
/// When a tombstone whose panel was not seen well since is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

impl Executor {
    /// Deletes what is due; how many were taken up.
    ///
    /// # Errors
    /// The fuse, or the database.
    pub async fn bury_due(&self) -> Result<usize, Stopped> {
        if !self.core.leader.is_certain() {
            return Ok(0);
        }
        let due = self.core.store.claim_tombstones(&self.worker, self.now(), AT_ONCE).await?;
        let count = due.len();
        for tombstone in due {
            self.bury(&tombstone).await?;
        }
        Ok(count)
    }

    /// Reads what the account used, deletes it, and retires the tombstone once nothing can bring the account back.
    async fn bury(&self, tombstone: &Tombstone) -> Result<(), Stopped> {
        let now = self.now();
        let panel = match self.core.panels.of(&tombstone.instance).await {
            Ok(panel) => panel,
            Err(error) => return self.stays(tombstone, no_panel_word(&error)).await,
        };
        let turn = self.core.panels.pace().turn(&tombstone.instance, Class::Background).await;
        let answer = panel.get(&tombstone.account, Call::BACKGROUND).await;
        self.called(&tombstone.instance, turn, &answer);
        let shown = match answer {
            Ok(shown) => shown,
            Err(error) => return self.stays(tombstone, error.word()).await,
        };
        let mut unsettled = tombstone.unsettled;
        if let Some(account) = shown {
            let note = account.note.as_deref();
            if Mark::read(note, &self.core.installation, &tombstone.instance) != Mark::Ours {
                tracing::error!(
                    instance.id = tombstone.instance.as_str(),
                    "an account of ours lost its mark on the panel and is left alone"
                );
                self.core.store.tombstone_gone(tombstone.id, now).await?;
                return Ok(());
            }
            self.core.store.tombstone_used(tombstone.id, account.used).await?;
            let turn = self.core.panels.pace().turn(&tombstone.instance, Class::Background).await;
            self.at("authorise delete")?;
            let leaving = Leaving::now(self);
            let sent_at = leaving.sent_at;
            if !self.core.store.authorise_delete(tombstone.id, &self.worker, sent_at).await? {
                return Ok(());
            }
            self.at("authorised delete")?;
            let call = Call::BACKGROUND.send_by(leaving.send_by(self));
            let answer = panel.delete(&tombstone.account, call).await;
            self.called(&tombstone.instance, turn, &answer);
            self.at("answered delete")?;
            match answer {
                Ok(deleted) => unsettled = still_open(unsettled, deleted.settled, sent_at),
                Err(error) => {
                    let open = still_open(unsettled, error.is_settled(), sent_at);
                    let tombstone = Tombstone { unsettled: open, ..tombstone.clone() };
                    return self.stays(&tombstone, error.word()).await;
                }
            }
        }
        match unsettled.filter(|unsettled| unsettled.is_open(now)) {
            None => self.core.store.tombstone_gone(tombstone.id, now).await?,
            Some(open) => {
                let next_at = open.settles_at.unwrap_or(now + LOOK_AGAIN);
                self.core.store.tombstone_stays(tombstone, unsettled, true, next_at, now).await?;
            }
        }
        self.at("buried")?;
        Ok(())
    }

    async fn stays(&self, tombstone: &Tombstone, problem: &str) -> Result<(), Stopped> {
        let instance = tombstone.instance.as_str();
        tracing::debug!(instance.id = instance, problem, "an account cannot be deleted yet");
        let next_at = self.now() + backoff(tombstone.attempts, tombstone.id.0);
        self.core.store.tombstone_stays(tombstone, tombstone.unsettled, false, next_at, self.now()).await?;
        Ok(())
    }
}
