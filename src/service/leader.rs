//! Which of several processes plans.
//!
//! All serve, look at panels, execute and send; one plans: failover, rebalancing, reconciling, reminders, and whatever
//! else must not be thought of twice. It holds the lease ([`crate::store::leases`]), renews it, and stops acting well
//! before it would end: who cannot renew has stopped when another one may begin. What it plans is fenced by the epoch
//! besides, so that even one who slept in the middle of a transaction changes nothing when it wakes.
//!
//! Each process remembers the latest renewal that it saw. A database that knows only of an earlier one was put back from
//! a copy: what it says of panels and people may be long past, and nothing acts on it before an admin says so.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::domain::{Clock, Timestamp};
use crate::store::leases::{Fence, Lease};
use crate::store::{Store, StoreError};

/// How long things take, from the longest to the shortest.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The lease lasts so long after its last renewal.
    pub lasts: Duration,
    /// Its holder acts so long after the last renewal.
    pub acts: Duration,
    /// Its holder renews it this often.
    pub renews: Duration,
    /// All others look for it this often.
    pub looks: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            lasts: Duration::from_secs(15),
            acts: Duration::from_secs(10),
            renews: Duration::from_secs(5),
            looks: Duration::from_secs(1),
        }
    }
}

/// What a look at the lease found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// This process plans; `since_now`: from this look on.
    Leading {
        /// It did not before.
        since_now: bool,
    },
    /// Another one does, or soon will.
    Following,
    /// The database went back in time: it knew of a later renewal once.
    WentBack {
        /// The latest renewal that this process saw.
        seen: Timestamp,
        /// The one that the database knows of.
        found: Option<Timestamp>,
    },
}

/// Which of several processes plans, as this one knows.
pub struct Leader {
    me: String,
    /// `None`: it is alone with its database, and always leads.
    election: Option<Election>,
    changed: watch::Sender<bool>,
    replicas: AtomicU32,
}

struct Election {
    clock: Arc<dyn Clock>,
    terms: Terms,
    fence: Fence,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    epoch: Option<i64>,
    /// By both clocks: one goes on while the machine sleeps, the other cannot be set back.
    acts_until: Option<(Timestamp, Instant)>,
    /// The last look at the database succeeded, and it had not gone back.
    certain: bool,
    /// The latest renewal that was seen, and its epoch.
    latest: Option<(Timestamp, i64)>,
    /// The database went back, and that is not held back yet.
    back: Option<Look>,
}

impl Leader {
    /// A process that is alone with its database, under the name that its claims bear.
    #[must_use]
    pub fn alone(me: impl Into<String>) -> Self {
        Self { me: me.into(), election: None, changed: watch::Sender::new(true), replicas: AtomicU32::new(1) }
    }

    /// One of several processes. It leads nothing before it has the lease.
    #[must_use]
    pub fn elected(me: impl Into<String>, clock: Arc<dyn Clock>, terms: Terms) -> Self {
        let election = Election { clock, terms, fence: Fence::default(), state: Mutex::default() };
        Self {
            me: me.into(),
            election: Some(election),
            changed: watch::Sender::new(false),
            replicas: AtomicU32::new(1),
        }
    }

    /// What names this process in claims and leases.
    #[must_use]
    pub fn me(&self) -> &str {
        &self.me
    }

    /// Whether there may be others.
    #[must_use]
    pub fn is_elected(&self) -> bool {
        self.election.is_some()
    }

    /// Whether this process plans now.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.election.as_ref().is_none_or(Election::acts)
    }

    /// Whether the database may be believed: it was there when it was looked at last, and had not gone back in time.
    /// Without that nothing is taken up.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.election.as_ref().is_none_or(|election| election.state().certain)
    }

    /// The epoch of this process's lease.
    #[must_use]
    pub fn epoch(&self) -> Option<i64> {
        self.election.as_ref().and_then(|election| election.state().epoch).filter(|_| self.is_leader())
    }

    /// The same, for the transactions of whoever plans; `None`: there is nobody to be fenced off.
    #[must_use]
    pub fn fence(&self) -> Option<Fence> {
        self.election.as_ref().map(|election| election.fence.clone())
    }

    /// Whether this process plans, now and on each change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<bool> {
        self.changed.subscribe()
    }

    /// How many processes share the work, this one included.
    #[must_use]
    pub fn replicas(&self) -> u32 {
        self.replicas.load(Ordering::Relaxed)
    }

    /// So many share the work.
    pub fn shared_by(&self, replicas: usize) {
        self.replicas.store(u32::try_from(replicas).unwrap_or(1).max(1), Ordering::Relaxed);
    }

    /// How long to wait before the next look.
    #[must_use]
    pub fn next_look(&self) -> Duration {
        let terms = self.election.as_ref().map_or_else(Terms::default, |election| election.terms);
        if self.is_leader() { terms.renews } else { terms.looks }
    }

    /// Takes the lease if it is free, or renews it.
    ///
    /// # Errors
    /// The database: then this process takes up nothing until a look succeeds.
    pub async fn look(&self, store: &Store) -> Result<Look, StoreError> {
        let Some(election) = &self.election else { return Ok(Look::Leading { since_now: false }) };
        let looked = self.look_at(election, store).await;
        if looked.is_err() {
            self.doubts();
        }
        self.settle();
        looked
    }

    async fn look_at(&self, election: &Election, store: &Store) -> Result<Look, StoreError> {
        // Taken before anything is asked: the lease is renewed at this moment or later.
        let (now, began) = (election.clock.now(), Instant::now());
        let found = store.lease().await?;
        if let Some(back) = election.compare(found.as_ref()) {
            election.steps_down();
            return Ok(back);
        }
        let taken = store.take_lease(&self.me, election.terms.lasts, now).await?;
        let before = election.acts();
        let mut state = election.state();
        state.certain = true;
        let Some(Lease { epoch, renewed_at, .. }) = taken else {
            drop(state);
            election.steps_down();
            return Ok(Look::Following);
        };
        state.latest = Some((renewed_at, epoch));
        state.epoch = Some(epoch);
        state.acts_until = Some((now + election.terms.acts, began + election.terms.acts));
        drop(state);
        election.fence.set(Some(epoch));
        Ok(Look::Leading { since_now: !before })
    }

    /// A look failed, or is not answered: nothing is taken up until one succeeds.
    pub fn doubts(&self) {
        if let Some(election) = &self.election {
            election.state().certain = false;
        }
        self.settle();
    }

    /// What a database that went back says is held back by a flag now, so that it may be gone on with what does not act.
    pub fn is_held_back(&self) {
        if let Some(election) = &self.election {
            let mut state = election.state();
            (state.certain, state.back) = (true, None);
        }
    }

    /// Lets those know who wait for a change.
    pub fn settle(&self) {
        let leads = self.is_leader();
        if let Some(election) = self.election.as_ref().filter(|_| !leads) {
            election.fence.set(None);
        }
        self.changed.send_if_modified(|before| std::mem::replace(before, leads) != leads);
    }

    /// Plans no more, and lets another one begin at once.
    ///
    /// # Errors
    /// The database; the lease then ends by itself.
    pub async fn resign(&self, store: &Store) -> Result<(), StoreError> {
        let Some(election) = &self.election else { return Ok(()) };
        election.steps_down();
        self.settle();
        store.release_lease(&self.me).await
    }
}

impl Election {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock can panic")
    }

    fn acts(&self) -> bool {
        let now = (self.clock.now(), Instant::now());
        self.state().acts_until.is_some_and(|until| now.0 < until.0 && now.1 < until.1)
    }

    fn steps_down(&self) {
        self.fence.set(None);
        let mut state = self.state();
        (state.epoch, state.acts_until) = (None, None);
    }

    /// Holds what the database knows against what this process saw.
    fn compare(&self, found: Option<&Lease>) -> Option<Look> {
        let mut state = self.state();
        if let Some(back) = &state.back {
            return Some(back.clone());
        }
        let known = found.map(|lease| (lease.renewed_at, lease.epoch));
        let latest = std::mem::replace(&mut state.latest, known);
        let (seen, epoch) = latest?;
        if known.is_some_and(|known| known.0 >= seen && known.1 >= epoch) {
            return None;
        }
        state.certain = false;
        state.back = Some(Look::WentBack { seen, found: known.map(|known| known.0) });
        state.back.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_alone_always_leads() {
        let leader = Leader::alone("me");
        assert!(leader.is_leader() && leader.is_certain() && *leader.changes().borrow());
        assert!(leader.fence().is_none() && leader.epoch().is_none());
    }

    #[test]
    fn one_of_several_leads_nothing_before_it_is_elected() {
        let leader = Leader::elected("me", Arc::new(crate::domain::SystemClock), Terms::default());
        assert!(!leader.is_leader() && !leader.is_certain() && !*leader.changes().borrow());
    }
}
