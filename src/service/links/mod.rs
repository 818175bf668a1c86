//! What a link answers, whatever becomes of the panels.
//!
//! A link is ours for life: its token names the key, and the answer comes from wherever the key's account is now. The
//! panel is asked in the client's own name, so that each app gets its format; what it said last is given when it is
//! silent ([`copies`]). Who fetched and when is written a little later ([`seen`]).
//!
//! Absent on purpose: HTTP, and every word that a person reads.

pub mod addresses;
pub mod book;
mod copies;
pub mod exits;
mod network;
mod seen;
pub mod told;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use moka::future::Cache;

use crate::domain::key::Standing;
use crate::domain::link::Link;
use crate::domain::{ConfigId, Region, Timestamp};
use crate::store::StoreError;
use crate::store::links::{Fetch, Linked};

use super::Core;
use super::keys::Server;
use copies::Copies;
use seen::Seen;

pub use book::{Addresses, LinkBook};
pub use copies::Served;
pub use network::{InvalidNetwork, Network, client};

/// How long what is known of a key holds. A wish takes effect here no later than this.
const KNOWN: TimeDelta = TimeDelta::seconds(2);
/// A database that does not answer within this time is away, if something is known without it: apps give up after ten
/// seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what was known holds then, before the database is asked again.
const RETRY: TimeDelta = TimeDelta::seconds(5);
/// Keys of which something is known.
const KEYS: u64 = 100_000;
/// Letters of an app's name that are remembered.
const APP_NAME: usize = 32;

/// The key behind a link, as it was a moment ago.
#[derive(Debug, Clone)]
pub struct Known {
    /// The key.
    pub key: Linked,
    /// When it was read.
    at: Timestamp,
}

/// What a client gets.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Its keys.
    Keys(Arc<Served>),
    /// Word that the key does not serve, and why.
    Ended(Standing),
    /// Word that the key has no place yet.
    Preparing,
    /// Nothing: it is to keep what it has, and to come again.
    Nothing,
}

/// Links, answered. Clones share all they know.
#[derive(Clone)]
pub struct Links {
    core: Core,
    keys: Cache<ConfigId, Arc<Known>>,
    copies: Arc<Copies>,
    seen: Arc<Seen>,
}

impl Links {
    /// Links over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        let keys = Cache::builder().max_capacity(KEYS).build();
        Self { core, keys, copies: Arc::default(), seen: Arc::default() }
    }

    /// What all services share.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// The key behind a link whose token is ours. `None`: there is none such, or the link was reset. While the database
    /// is away, what was known last holds.
    ///
    /// # Errors
    /// The database, of a key that was not asked for lately.
    pub async fn key(&self, link: Link) -> Result<Option<Arc<Known>>, StoreError> {
        let now = self.core.clock.now();
        let known = self.keys.get(&link.config).await;
        // A link that is newer than what is known was made a moment ago.
        let holds = |known: &Arc<Known>| now - known.at < KNOWN && known.key.config.link_epoch >= link.epoch;
        let known = match known {
            Some(known) if holds(&known) => Some(known),
            Some(stale) => match soon(self.look(link)).await {
                Ok(found) => found,
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "a key cannot be looked up; what was known holds");
                    let still = Arc::new(Known { at: now + RETRY - KNOWN, ..(*stale).clone() });
                    self.keys.insert(link.config, still.clone()).await;
                    Some(still)
                }
            },
            None => self.look(link).await?,
        };
        Ok(known.filter(|known| known.key.config.link_epoch == link.epoch))
    }

    /// Reads a key.
    async fn look(&self, link: Link) -> Result<Option<Arc<Known>>, StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let found = store.linked(link.config).await?;
        let known = match found {
            Some(mut key) => {
                if key.config.link_epoch < link.epoch {
                    store.raise_link_epoch(link.config, link.epoch).await?;
                    key.config.link_epoch = link.epoch;
                    tracing::info!(
                        config.id = link.config.0,
                        "a link is newer than its row: the row is raised"
                    );
                }
                Some(Arc::new(Known { key, at: now }))
            }
            None => None,
        };
        if let Some(known) = &known {
            self.keys.insert(link.config, known.clone()).await;
        }
        Ok(known)
    }

    /// What the limits of a key mean now.
    #[must_use]
    pub fn standing(&self, known: &Known) -> Standing {
        known.key.config.standing(known.key.used, self.core.clock.now())
    }

    /// What a client that calls itself `agent` gets, having come by the address `origin`.
    pub async fn answer(&self, known: &Known, agent: &str, origin: &str) -> Answer {
        let key = &known.key;
        let answer = match (self.standing(known), &key.primary) {
            (Standing::Live, Some(primary)) => {
                let region = key.config.wanted_region.as_ref();
                let served = self.copies.of(&self.core, &self.seen, primary, region, agent).await;
                served.map_or(Answer::Nothing, Answer::Keys)
            }
            (Standing::Live, None) => Answer::Preparing,
            (ended, _) => Answer::Ended(ended),
        };
        let generation = match &answer {
            Answer::Keys(served) => served.generation,
            Answer::Ended(_) | Answer::Preparing | Answer::Nothing => 0,
        };
        self.seen.fetched(Fetch {
            config: key.config.id,
            app: app_of(agent),
            domain: origin.to_owned(),
            generation,
            at: self.core.clock.now(),
        });
        answer
    }

    /// How the server of a key is; where it is not known, nothing is held against it.
    #[must_use]
    pub fn server(&self, known: &Known) -> Server {
        let primary = known.key.primary.as_ref();
        let health = primary.and_then(|primary| self.core.placer.health(&primary.instance));
        health.map_or(Server::Good, Server::of)
    }

    /// Where a key's traffic leaves the network.
    #[must_use]
    pub fn region(&self, known: &Known) -> Option<Region> {
        let wanted = known.key.config.wanted_region.as_ref();
        known.key.primary.as_ref().and_then(|primary| self.core.placer.place_of(&primary.instance, wanted))
    }

    /// Writes who fetched, and what panels answered. How many fetches.
    ///
    /// # Errors
    /// The database; what could not be written is kept for the next time.
    pub async fn write(&self) -> Result<usize, StoreError> {
        self.seen.write(&self.core.store, self.core.clock.now()).await
    }
}

/// What the database says, if it does so in time.
async fn soon<T>(ask: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, ask).await.unwrap_or(Err(StoreError::Silent))
}

/// An app by its own name: what stands before the version.
fn app_of(agent: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = agent.chars().take_while(plain).take(APP_NAME).collect();
    if name.is_empty() { "other".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_its_name() {
        assert_eq!(app_of("v2rayNG/1.8.19"), "v2rayNG");
        assert_eq!(app_of("ClashMeta"), "ClashMeta");
        assert_eq!(app_of("Mozilla/5.0 (Windows NT 10.0)"), "Mozilla");
        assert_eq!(app_of("<script>"), "other");
        assert_eq!(app_of(&"x".repeat(500)).len(), APP_NAME);
    }
}
