//! What time alone makes due.

use crate::domain::key::Assignment;
use crate::store::flags::HOLD;

use super::place::finds_place;
use super::{Executor, Stopped};

/// Accounts looked at in one round.
const AT_ONCE: u64 = 32;
/// Accounts of ended keys let go in one round.
const ENDED_AT_ONCE: u64 = 1_000;

impl Executor {
    /// Lets go of accounts whose linger is over, looks at accounts whose last write is settled by now, and wakes as many
    /// of the waitlist as there is room for; how many were taken up.
    ///
    /// # Errors
    /// The fuse, or the database.
    pub async fn upkeep(&self) -> Result<usize, Stopped> {
        let now = self.now();
        let mut count = 0;
        if self.core.store.is_raised(HOLD).await? {
            return Ok(0);
        }
        for account in self.core.store.lingering_over(now, AT_ONCE).await? {
            self.at("linger over")?;
            let turn = self.core.placer.turn().await;
            let released = self.core.store.release_account(&account, "linger over", now).await?;
            count += self.left(&account, released);
            drop(turn);
        }
        for account in self.core.store.settled_accounts(now, AT_ONCE).await? {
            count += usize::from(self.verify(&account).await?);
        }
        count += self.wake_waiting().await?;
        Ok(count)
    }

    /// Lets go of the accounts of keys that ended long ago; how many there were. They are searched for among all keys, and
    /// kept their place for days: once a minute is soon enough.
    ///
    /// # Errors
    /// The fuse, or the database.
    pub async fn release_ended(&self) -> Result<usize, Stopped> {
        let (now, mut count) = (self.now(), 0);
        if self.core.store.is_raised(HOLD).await? {
            return Ok(0);
        }
        let before = now - self.core.policy.keep_ended;
        for account in self.core.store.ended_long_ago(before, ENDED_AT_ONCE).await? {
            self.at("ended")?;
            let turn = self.core.placer.turn().await;
            let released = self.core.store.release_ended(&account, before, now).await?;
            count += self.left(&account, released);
            drop(turn);
        }
        Ok(count)
    }

    /// The place of an account that was let go is free at once for the next choice; how many were let go.
    fn left(&self, account: &Assignment, released: bool) -> usize {
        if released {
            self.core.placer.left(&account.instance, account.role);
        }
        usize::from(released)
    }

    /// Wakes as many of the waitlist as find a place now, in their order: more would race each other, and the last in
    /// line might win.
    async fn wake_waiting(&self) -> Result<usize, Stopped> {
        let store = &self.core.store;
        let waiting = store.waiting(AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let (now, mut draft) = (self.now(), self.core.placer.draft());
        let mut woken = Vec::new();
        for one in waiting {
            let operation = one.operation;
            if finds_place(&mut draft, one, now) {
                woken.push(operation);
            }
        }
        if !woken.is_empty() {
            store.wake_operations(&woken, now).await?;
            self.core.signals.work.notify_one();
        }
        Ok(0)
    }
}
