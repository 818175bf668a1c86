//! The one state behind its lock, and the bell that rings when it changes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::faults::Reach;
use super::world::World;
use crate::clock::SimClock;

/// What server, webhook and actors share.
pub(crate) struct Hub {
    world: Mutex<World>,
    changed: watch::Sender<()>,
    pub clock: SimClock,
    pub url: String,
    pub patience: Duration,
    pub webhook_retry: Duration,
    /// How Telegram should be reachable.
    pub reach: watch::Sender<Reach>,
    /// How it is: follows `reach` once the listener has obeyed.
    pub settled: watch::Sender<Reach>,
    pub stop: CancellationToken,
}

impl Hub {
    pub(crate) fn new(world: World, clock: SimClock, url: String, options: &super::Options) -> Self {
        Self {
            world: Mutex::new(world),
            changed: watch::Sender::new(()),
            clock,
            url,
            patience: options.patience,
            webhook_retry: options.webhook_retry,
            reach: watch::Sender::new(Reach::Open),
            settled: watch::Sender::new(Reach::Open),
            stop: CancellationToken::new(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Looks without changing anything.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the world and wakes all that wait for it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let out = change(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_replace(());
        out
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Waits until `find` finds something, at most so long.
    pub(crate) async fn wait<T>(
        &self,
        patience: Duration,
        mut find: impl FnMut(&World) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changes();
        let search = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = self.look(&mut find) {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(patience, search).await.ok().flatten()
    }
}
