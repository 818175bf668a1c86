//! Accounts that live on a panel already become keys of the people they belong to. Nothing on the panel changes.
//!
//! Whose an account is, its name or its note tells; see [`crate::domain::adoption`]. What is not certain is shown and not
//! taken: its owner can claim it.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

use crate::domain::adoption::{Whose, whose};
use crate::domain::reconcile::Mark;
use crate::domain::{AccountName, Credentials, InstanceId, UserId};
use crate::panel::{Account, AccountStatus, Panel, PanelError};
use crate::store::StoreError;
use crate::store::adoption::{Adopted, Adoptee};

use super::Core;
use super::pace::Class;
use super::panels::NoPanel;

/// Accounts on a page: the most that panels give.
const PAGE: u32 = 100;

/// Why accounts are not adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// No such instance.
    #[error("no instance {0}")]
    NotFound(InstanceId),
    /// Its panel does not answer as it should.
    #[error("the panel cannot be read")]
    Panel(#[from] PanelError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NoPanel> for AdoptError {
    fn from(error: NoPanel) -> Self {
        match error {
            NoPanel::NotFound(id) => Self::NotFound(id),
            NoPanel::Settings(_, error) => Self::Panel(error),
            NoPanel::Store(error) => Self::Store(error),
        }
    }
}

/// Whose the accounts on a panel are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Accounts that would be taken, and whose.
    pub take: Vec<(AccountName, UserId)>,
    /// How many of their owners the bot does not know yet.
    pub strangers: usize,
    /// A bare number, and the bot knows nobody of that id.
    pub doubtful: Vec<(AccountName, UserId)>,
    /// Several ids: which, a person must say.
    pub unclear: Vec<(AccountName, Vec<UserId>)>,
    /// Accounts that say nothing of their owner.
    pub nobodys: usize,
    /// Accounts that are keys already, adopted or our own.
    pub keys: usize,
    /// Accounts that bear the mark of a Karvan, and are none of our keys.
    pub marked: usize,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Keys that were made.
    pub adopted: u32,
    /// Accounts that somebody else took meanwhile.
    pub overtaken: u32,
}

/// The secrets of a key whose account serves these. Panels give each protocol secrets of its own; a key has one of each
/// kind. The account keeps what it has: only one that is made for the key elsewhere, after a move, has these alone.
pub(super) fn credentials(uuid: Option<Uuid>, password: Option<&String>) -> Credentials {
    let mut credentials = Credentials::generate(&mut StdRng::from_rng(&mut rand::rng()));
    if let Some(uuid) = uuid {
        credentials.uuid = uuid;
    }
    if let Some(password) = password {
        credentials.password.clone_from(password);
    }
    credentials
}

/// An account as its panel shows it, as a key of `owner`'s.
pub(super) fn adoptee(account: &Account, owner: UserId) -> Adoptee {
    Adoptee {
        owner,
        account: account.name.clone(),
        credentials: credentials(
            account.credentials.uuids.first().copied(),
            account.credentials.passwords.first(),
        ),
        enabled: account.status != AccountStatus::Disabled,
        expires_at: account.expires_at,
        data_limit: account.data_limit,
        used: account.used,
        link: account.subscription_url.clone(),
        online_at: account.online_at,
    }
}

/// Adopts accounts. Cheap to clone.
#[derive(Clone)]
pub struct Adoption {
    core: Core,
}

impl Adoption {
    /// Adoption into `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Whose the accounts on a panel are. Changes nothing.
    ///
    /// # Errors
    /// See [`AdoptError`].
    pub async fn preview(&self, id: &InstanceId) -> Result<Preview, AdoptError> {
        Ok(self.sort(id).await?.0)
    }

    /// Takes over what is certain. Twice does nothing more.
    ///
    /// # Errors
    /// See [`AdoptError`]; what was taken until then stays so.
    pub async fn apply(&self, by: Option<UserId>, id: &InstanceId) -> Result<Done, AdoptError> {
        let (preview, accounts) = self.sort(id).await?;
        let mut done = Done::default();
        for (name, owner) in &preview.take {
            let Some(account) = accounts.get(name) else { continue };
            match self.take(id, account, *owner, by).await? {
                Adopted::Made(_) => done.adopted += 1,
                Adopted::Already(..) => done.overtaken += 1,
                Adopted::NoInstance => return Err(AdoptError::NotFound(id.clone())),
            }
        }
        let detail = serde_json::json!({ "count": done.adopted });
        let now = self.core.clock.now();
        self.core.store.record(by, "accounts-adopted", &format!("instance {id}"), detail, now).await?;
        self.core.placer.refresh(&self.core.store).await?;
        tracing::info!(
            instance.id = id.as_str(),
            adopted = done.adopted,
            "adopted accounts of instance {id}"
        );
        Ok(done)
    }

    /// Makes one account a key of `owner`'s.
    pub(super) async fn take(
        &self,
        id: &InstanceId,
        account: &Account,
        owner: UserId,
        by: Option<UserId>,
    ) -> Result<Adopted, StoreError> {
        self.core.store.adopt(id, &adoptee(account, owner), by, self.core.clock.now()).await
    }

    async fn sort(&self, id: &InstanceId) -> Result<(Preview, BTreeMap<AccountName, Account>), AdoptError> {
        let accounts = self.read_all(id).await?;
        let keys = self.core.store.accounts_of_keys(id).await?;
        let prefix = self.core.installation.prefix();
        let (mut preview, mut bare) = (Preview::default(), Vec::new());
        for (name, account) in &accounts {
            let mark = Mark::read(account.note.as_deref(), &self.core.installation, id);
            if keys.contains_key(name) {
                preview.keys += 1;
            } else if mark != Mark::None || name.as_str().starts_with(&prefix) {
                // Another Karvan's, or our own from another time: the reconciler speaks about these.
                preview.marked += 1;
            } else {
                match whose(name.as_str(), account.note.as_deref()) {
                    Whose::Nobody => preview.nobodys += 1,
                    Whose::Unclear(users) => preview.unclear.push((name.clone(), users)),
                    Whose::One { user, marked: true } => preview.take.push((name.clone(), user)),
                    Whose::One { user, marked: false } => bare.push((name.clone(), user)),
                }
            }
        }
        let asked: Vec<UserId> = bare.iter().chain(&preview.take).map(|(_, user)| *user).collect();
        let known = self.core.store.known_people(&asked).await?;
        preview.strangers = preview.take.iter().filter(|(_, user)| !known.contains(user)).count();
        for (name, user) in bare {
            let list = if known.contains(&user) { &mut preview.take } else { &mut preview.doubtful };
            list.push((name, user));
        }
        preview.take.sort();
        Ok((preview, accounts))
    }

    /// All accounts of an instance's panel, by name.
    async fn read_all(&self, id: &InstanceId) -> Result<BTreeMap<AccountName, Account>, AdoptError> {
        let panel = self.core.panels.of(id).await?;
        Ok(self.read_panel(id, &*panel).await?)
    }

    /// All accounts of a panel, by name.
    ///
    /// # Errors
    /// How it fails.
    pub(super) async fn read_panel(
        &self,
        id: &InstanceId,
        panel: &dyn Panel,
    ) -> Result<BTreeMap<AccountName, Account>, PanelError> {
        let (mut accounts, mut offset) = (BTreeMap::new(), 0);
        loop {
            let page = self.page(id, panel, offset).await?;
            accounts.extend(page.accounts.into_iter().map(|account| (account.name.clone(), account)));
            offset += PAGE;
            if offset >= page.total {
                return Ok(accounts);
            }
        }
    }

    /// The first account of a panel that is the one.
    ///
    /// # Errors
    /// See [`AdoptError`].
    pub(super) async fn find(
        &self,
        id: &InstanceId,
        is_the_one: impl Fn(&Account) -> bool,
    ) -> Result<Option<Account>, AdoptError> {
        let panel = self.core.panels.of(id).await?;
        let mut offset = 0;
        loop {
            let page = self.page(id, &*panel, offset).await?;
            if let Some(account) = page.accounts.into_iter().find(&is_the_one) {
                return Ok(Some(account));
            }
            offset += PAGE;
            if offset >= page.total {
                return Ok(None);
            }
        }
    }

    async fn page(
        &self,
        id: &InstanceId,
        panel: &dyn Panel,
        offset: u32,
    ) -> Result<crate::panel::Page, PanelError> {
        let turn = self.core.panels.pace().turn(id, Class::Background).await;
        let answer = panel.list("", offset, PAGE).await;
        turn.done(&answer);
        answer
    }
}
