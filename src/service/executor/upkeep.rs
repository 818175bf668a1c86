//! What time alone makes due.

use super::{Executor, Stopped};

/// Accounts looked at in one round.
const AT_ONCE: u64 = 32;

impl Executor {
    /// Lets go of accounts whose linger is over and of those of keys that ended long ago, looks at accounts whose last
    /// write is settled by now, and wakes as many of the waitlist as there may be room for; how many were taken up.
    ///
    /// # Errors
    /// The fuse, or the database.
    pub async fn upkeep(&self) -> Result<usize, Stopped> {
        let now = self.now();
        let mut count = 0;
        for account in self.core.store.lingering_over(now, AT_ONCE).await? {
            self.at("linger over")?;
            count += usize::from(self.core.store.release_account(&account, "linger over", now).await?);
        }
        for account in self.core.store.ended_long_ago(now - self.core.policy.keep_ended, AT_ONCE).await? {
            self.at("ended")?;
            count += usize::from(self.core.store.release_account(&account, "ended", now).await?);
        }
        for account in self.core.store.settled_accounts(now, AT_ONCE).await? {
            self.verify(&account).await?;
            count += 1;
        }
        count += self.wake_waiting().await?;
        Ok(count)
    }

    /// Wakes those of the waitlist for whom there is a place now, in their order.
    async fn wake_waiting(&self) -> Result<usize, Stopped> {
        let waiting = self.core.store.waiting(AT_ONCE).await?;
        let mut woken = Vec::new();
        for (id, region) in waiting {
            if self.core.placer.has_room(region.as_ref(), self.now()) {
                woken.push(id);
            }
        }
        if !woken.is_empty() {
            self.core.store.wake_operations(&woken, self.now()).await?;
            self.core.signals.work.notify_one();
        }
        Ok(0)
    }
}
