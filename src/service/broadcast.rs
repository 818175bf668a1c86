//! What an admin writes to many people at once.
//!
//! A letter for each of them lies in the outbox from the moment it begins, so nothing but the courier has to go on: a
//! restart changes nothing, and what is more urgent overtakes. A loop tells the admin how far it is.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::domain::broadcast::{Audience, Broadcast, Tally};
use crate::domain::{BroadcastId, Region, UserId};
use crate::store::StoreError;
use crate::store::broadcasts::{KeysThere, NewBroadcast, Place, Recipients};

use super::Core;
use super::notice::{Lane, Letter, Notice};

/// After a stop, what was on its way arrives or not within this time: then the figures are final.
const STRAGGLERS: TimeDelta = TimeDelta::seconds(15);

/// How far a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The message.
    pub broadcast: Broadcast,
    /// How many people got it.
    pub tally: Tally,
}

/// Messages to many people.
#[derive(Clone)]
pub struct Broadcasts {
    core: Core,
}

impl Broadcasts {
    /// Messages over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// The locations in which keys may be.
    ///
    /// # Errors
    /// The database.
    pub async fn regions(&self) -> Result<BTreeSet<Region>, StoreError> {
        let instances = self.core.store.instances().await?;
        let exits = instances.iter().flat_map(|instance| self.core.placer.places_of(&instance.id));
        Ok(exits.chain(instances.iter().map(|instance| instance.region.clone())).collect())
    }

    /// How many people would get a message now.
    ///
    /// # Errors
    /// The database.
    pub async fn count(&self, audience: &Audience) -> Result<u64, StoreError> {
        let recipients = self.recipients(audience).await?;
        self.core.store.count_recipients(&recipients, self.core.clock.now()).await
    }

    async fn recipients(&self, audience: &Audience) -> Result<Recipients, StoreError> {
        Ok(match audience {
            Audience::Everybody => Recipients::Everybody,
            Audience::WithKey => Recipients::WithKey,
            Audience::WithoutKey => Recipients::WithoutKey,
            Audience::Instance(id) => {
                Recipients::Of(vec![Place { instance: id.clone(), keys: KeysThere::All }])
            }
            Audience::Region(region) => Recipients::Of(self.places(region).await?),
        })
    }

    /// Where the keys of a location are: see [`Placer::place_of`](super::placer::Placer::place_of).
    async fn places(&self, region: &Region) -> Result<Vec<Place>, StoreError> {
        let mut places = Vec::new();
        for instance in self.core.store.instances().await? {
            let mut others = self.core.placer.places_of(&instance.id);
            let has_exit_there = others.contains(region);
            others.retain(|other| other != region && *other != instance.region);
            let keys = if instance.region != *region {
                if !has_exit_there {
                    continue;
                }
                KeysThere::Wanted(region.clone())
            } else if others.is_empty() {
                KeysThere::All
            } else {
                KeysThere::NotWanted(others)
            };
            places.push(Place { instance: instance.id, keys });
        }
        Ok(places)
    }

    /// Sends `text`, in Telegram's HTML, to everybody of `audience`. The same update sends it once. `None`: there is
    /// nobody.
    ///
    /// # Errors
    /// The database.
    pub async fn begin(
        &self,
        by: UserId,
        update_id: i64,
        audience: &Audience,
        text: &str,
    ) -> Result<Option<BroadcastId>, StoreError> {
        let now = self.core.clock.now();
        let new = NewBroadcast {
            by,
            update_id,
            audience: audience.clone(),
            recipients: self.recipients(audience).await?,
            text: text.to_owned(),
        };
        let each = |broadcast| {
            let notice = Notice::Broadcast { broadcast };
            Letter { chat: by.0, lane: Lane::Bulk, slot: None, notice, screen: None }.stored(now)
        };
        let progress = |broadcast| letter(by, Lane::Reply, broadcast).stored(now);
        let begun = self.core.store.begin_broadcast(&new, each, progress, now).await?;
        self.core.signals.mail.notify_one();
        Ok(begun)
    }

    /// How far a message is; `None`: there is no such message.
    ///
    /// # Errors
    /// The database.
    pub async fn progress(&self, id: BroadcastId) -> Result<Option<Progress>, StoreError> {
        let Some(broadcast) = self.core.store.broadcast(id).await? else { return Ok(None) };
        let tally = self.core.store.broadcast_tally(id).await?;
        Ok(Some(Progress { broadcast, tally }))
    }

    /// The latest messages, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn recent(&self, limit: u32) -> Result<Vec<Progress>, StoreError> {
        let mut all = Vec::new();
        for broadcast in self.core.store.recent_broadcasts(u64::from(limit)).await? {
            let tally = self.core.store.broadcast_tally(broadcast.id).await?;
            all.push(Progress { broadcast, tally });
        }
        Ok(all)
    }

    /// Nobody else gets it. `false`: it had ended.
    ///
    /// # Errors
    /// The database.
    pub async fn stop(&self, by: UserId, id: BroadcastId) -> Result<bool, StoreError> {
        let (store, now) = (&self.core.store, self.core.clock.now());
        let Some(broadcast) = store.broadcast(id).await? else { return Ok(false) };
        let last = letter(broadcast.by, Lane::Notice, id).stored(now + STRAGGLERS);
        store.stop_broadcast(id, by, &last, now).await
    }

    /// Tells how far messages are that go out, if that has changed, and which of them went out to all. May run twice, or
    /// in two processes.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<(), StoreError> {
        let (store, now) = (&self.core.store, self.core.clock.now());
        for (broadcast, told) in store.running_broadcasts().await? {
            let tally = store.broadcast_tally(broadcast.id).await?;
            let done = tally.waiting == 0;
            if done || tally.ended() != told {
                let letter = letter(broadcast.by, Lane::Notice, broadcast.id).stored(now);
                store.tell_broadcast(broadcast.id, tally.ended(), done, &letter, now).await?;
                self.core.signals.mail.notify_one();
            }
        }
        Ok(())
    }
}

/// The one message that tells how far it is: edited as it goes on.
fn letter(to: UserId, lane: Lane, broadcast: BroadcastId) -> Letter {
    let notice = Notice::BroadcastProgress { broadcast };
    Letter { chat: to.0, lane, slot: Some(format!("broadcast:{broadcast}")), notice, screen: None }
}
