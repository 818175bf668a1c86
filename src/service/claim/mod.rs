//! People who have a key of a panel from before: they send its link or the key itself, and it becomes theirs, once; and
//! the panel's own links live on.
//!
//! Nothing that a person sends is believed before the panel has confirmed it: a link by answering it, a key by an account
//! that serves this secret. What is asked is always a panel of the fleet, never an address that somebody sent.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::domain::claim::{Claimed, Proof};
use crate::domain::instance::Instance;
use crate::domain::link::Link;
use crate::domain::{AccountName, ConfigId, InstanceId, UserId};
use crate::panel::{Account, Call, PanelError, old_link};
use crate::store::StoreError;
use crate::store::adoption::Adopted;

use super::Core;
use super::adoption::{AdoptError, Adoption};

/// Attempts of one person in [`WINDOW`].
const ATTEMPTS: u64 = 5;
/// See [`ATTEMPTS`].
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// A panel answers a link within this time, or does not count now.
const PATIENCE: Duration = Duration::from_secs(5);
/// For looking through all accounts of all panels: large ones take a second for a hundred.
const SEARCH: Duration = Duration::from_secs(300);
/// People whose keys are searched for at once: each reads whole panels.
const SEARCHERS: usize = 1;
/// Panels' own links that a process knows by heart.
const KNOWN: u64 = 50_000;
/// How we call ourselves when we ask a panel whether a link counts.
const AGENT: &str = "karvan";

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is this person's key now.
    Yours(ConfigId),
    /// It was before.
    Already(ConfigId),
    /// No panel knows it, or it is somebody else's: no more is told.
    Unknown,
    /// Not every panel could be asked.
    Later,
    /// Too often.
    TooOften,
}

/// Claims and old links. Clones share the line of those who search, and what is known by heart.
#[derive(Clone)]
pub struct Claims {
    core: Core,
    searchers: Arc<Semaphore>,
    /// Links that were verified, by the digest of their token: what one stands for never changes.
    known: Cache<String, Link>,
}

/// What stands for a link, or another token, where it must not stand itself.
#[must_use]
pub fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whose account a token says that it is of, if a panel may have written it; others need not be looked up.
#[must_use]
pub fn owner(token: &str) -> Option<AccountName> {
    old_link::owner(token)
}

/// What asking the panels came to.
enum Found {
    /// An account of this instance.
    Account(InstanceId, Box<Account>),
    /// None has it.
    Nowhere,
    /// None that answered has it.
    Unsure,
}

impl Claims {
    /// Claims on the fleet of `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        let known = Cache::builder().max_capacity(KNOWN).build();
        Self { core, searchers: Arc::new(Semaphore::new(SEARCHERS)), known }
    }

    /// Somebody says that a key is theirs.
    ///
    /// # Errors
    /// The database.
    pub async fn claim(&self, user: UserId, claimed: &Claimed) -> Result<Claim, StoreError> {
        let (store, now) = (&self.core.store, self.core.clock.now());
        if !store.may_claim(user, ATTEMPTS, now - WINDOW, now).await? {
            return Ok(Claim::TooOften);
        }
        let found = match &claimed.proof {
            Proof::Link { token, url } => self.by_link(token, url, claimed.host.as_deref()).await?,
            Proof::Uuid(_) | Proof::Password(_) => {
                // Who waits in line longer than a search takes asks again.
                let Ok(Ok(_turn)) = tokio::time::timeout(SEARCH, self.searchers.acquire()).await else {
                    return Ok(Claim::Later);
                };
                let search = self.by_secret(&claimed.proof, claimed.host.as_deref());
                tokio::time::timeout(SEARCH, search).await.unwrap_or(Ok(Found::Unsure))?
            }
        };
        let (instance, account) = match found {
            Found::Account(instance, account) => (instance, account),
            Found::Nowhere => return Ok(Claim::Unknown),
            Found::Unsure => return Ok(Claim::Later),
        };
        // Accounts of ours are keys, and have owners; those of another Karvan are not ours to give.
        if account.note.as_deref().is_some_and(|note| note.starts_with("karvan:"))
            && store.keys_named(account.name.as_str()).await?.is_empty()
        {
            return Ok(Claim::Unknown);
        }
        let adopted = Adoption::new(self.core.clone()).take(&instance, &account, user, None).await?;
        let (answer, config) = match adopted {
            Adopted::Made(config) => (Claim::Yours(config), config),
            Adopted::Already(config, owner) if owner == user => (Claim::Already(config), config),
            Adopted::Already(..) | Adopted::NoInstance => return Ok(Claim::Unknown),
        };
        if let Proof::Link { token, .. } = &claimed.proof {
            store.remember_old_link(&digest(token), config, &instance, now).await?;
        }
        if answer == Claim::Yours(config) {
            let detail = serde_json::json!({ "instance": instance });
            store.record(Some(user), "key-claimed", &format!("key {config}"), detail, now).await?;
            self.core.placer.refresh(store).await?;
            tracing::info!(config.id = config.0, instance.id = instance.as_str(), "a key was claimed");
        }
        Ok(answer)
    }

    /// The link of ours that a panel's own one stands for. It is verified with its panel once; afterwards the panel may
    /// be gone.
    ///
    /// # Errors
    /// The database.
    pub async fn old_link(&self, token: &str) -> Result<Option<Link>, StoreError> {
        // What no panel writes costs no question.
        let Some(name) = owner(token) else { return Ok(None) };
        match self.verified(token).await? {
            Some(link) => Ok(Some(link)),
            None => self.verify(token, &name).await,
        }
    }

    /// A panel's own link that this process knows by heart. Costs nothing, and holds while the database is away.
    pub async fn by_heart(&self, token: &str) -> Option<Link> {
        self.known.get(&digest(token)).await
    }

    /// A panel's own link that was verified at some time.
    ///
    /// # Errors
    /// The database.
    pub async fn verified(&self, token: &str) -> Result<Option<Link>, StoreError> {
        let digest = digest(token);
        let link = self.core.store.old_link(&digest).await?;
        if let Some(link) = link {
            self.known.insert(digest, link).await;
        }
        Ok(link)
    }

    /// Asks the panels where keys have an account of that name whether one of them wrote the link.
    ///
    /// # Errors
    /// The database.
    pub async fn verify(&self, token: &str, name: &AccountName) -> Result<Option<Link>, StoreError> {
        let store = &self.core.store;
        for (at, config, _) in store.keys_named(name.as_str()).await? {
            let url = format!("https://old.invalid/sub/{token}");
            if self.answers(&at, &url).await.is_ok() {
                store.remember_old_link(&digest(token), config, &at, self.core.clock.now()).await?;
                tracing::info!(config.id = config.0, "a panel's own link lives on here");
                return self.verified(token).await;
            }
        }
        Ok(None)
    }

    /// Whether a panel confirms a link.
    async fn answers(&self, id: &InstanceId, url: &str) -> Result<(), PanelError> {
        let panel = self.core.panels.of(id).await.map_err(|_| PanelError::NotFound)?;
        panel.subscription(url, AGENT, PATIENCE).await.map(drop)
    }

    async fn by_link(&self, token: &str, url: &str, host: Option<&str>) -> Result<Found, StoreError> {
        let Some(name) = owner(token) else { return Ok(Found::Nowhere) };
        let mut silent = false;
        for instance in self.instances(host).await? {
            match self.answers(&instance.id, url).await {
                Ok(()) => {}
                Err(error) => {
                    silent |= error.is_transient();
                    continue;
                }
            }
            let Ok(panel) = self.core.panels.of(&instance.id).await else { continue };
            match panel.get(&name, Call::FOREGROUND).await {
                Ok(Some(account)) => return Ok(Found::Account(instance.id, Box::new(account))),
                Ok(None) => {}
                Err(_) => silent = true,
            }
        }
        Ok(if silent { Found::Unsure } else { Found::Nowhere })
    }

    /// All instances; first those that the link leads to, which most likely know it.
    async fn instances(&self, host: Option<&str>) -> Result<Vec<Instance>, StoreError> {
        let mut instances = self.core.store.instances().await?;
        instances.sort_by_key(|instance| host_of(instance).as_deref() != host);
        Ok(instances)
    }

    async fn by_secret(&self, proof: &Proof, host: Option<&str>) -> Result<Found, StoreError> {
        let mut silent = false;
        for instance in self.instances(host).await? {
            match Adoption::new(self.core.clone()).find(&instance.id, |account| serves(account, proof)).await
            {
                Ok(Some(account)) => return Ok(Found::Account(instance.id, Box::new(account))),
                Ok(None) | Err(AdoptError::NotFound(_)) => {}
                Err(AdoptError::Panel(_)) => silent = true,
                Err(AdoptError::Store(error)) => return Err(error),
            }
        }
        Ok(if silent { Found::Unsure } else { Found::Nowhere })
    }
}

/// Whether an account serves the secret that somebody sent.
fn serves(account: &Account, proof: &Proof) -> bool {
    match proof {
        Proof::Uuid(uuid) => account.credentials.uuids.contains(uuid),
        Proof::Password(password) => account.credentials.passwords.contains(password),
        Proof::Link { .. } => false,
    }
}

/// The name under which an instance is reached.
fn host_of(instance: &Instance) -> Option<String> {
    let url = url::Url::parse(instance.base_url.as_str()).ok()?;
    url.host_str().map(str::to_ascii_lowercase)
}
