//! What an older system knew is taken in: its panels as instances, its people, and the accounts that live on the panels as
//! keys of the people they belong to. Nothing on a panel changes.
//!
//! Each panel is read, because an account is what its panel says it is: its secrets, its limits, its use. Of a panel that
//! cannot be read, only those accounts are taken of which the tables hold the secret: they can be moved elsewhere with it,
//! and once the panel is back, what it says counts. Twice does nothing more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use secrecy::SecretString;

use crate::domain::instance::{AdminState, Care, Connection, Instance, Mode, PanelKind, Weight};
use crate::domain::older::{LeftOut, OldAccount, OldPanel, Older, Place, Why};
use crate::domain::reconcile::Mark;
use crate::domain::{AccountName, InstanceId, Region, UserId};
use crate::panel::{Account, Panel, PanelError};
use crate::store::StoreError;
use crate::store::adoption::Adoptee;
use crate::store::older::{Bringing, TakenIn};

use super::Core;
use super::adoption::{Adoption, adoptee, credentials};
use super::fleet::FleetError;
use super::panels::NoPanel;
use super::watch::Watch;

/// The cap of a panel whose row has none: that of panels added by hand.
const CAP: u32 = 1000;

/// What the tables leave open.
pub struct Terms<'a> {
    /// What may be done on the panels that are new.
    pub mode: Mode,
    /// Where those are that do not say.
    pub region: Option<Region>,
    /// The password of an instance that stands in the variable of this name, if it is set.
    pub password: &'a (dyn Fn(&str) -> Option<SecretString> + Sync),
}

/// Why nothing is taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Somebody else added a panel at the same time.
    #[error("another instance of the same id or address came meanwhile; nothing was taken in, do it again")]
    Overtaken,
    /// The instances cannot be looked at.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A panel of the tables, and the instance that it is or becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub place: Place,
    /// The instance.
    pub id: InstanceId,
    /// Its name.
    pub name: String,
    /// Whether it is in the fleet already, and stays as it is.
    pub known: bool,
}

/// What would be taken in.
#[derive(Default)]
pub struct Preview {
    /// The panels.
    pub panels: Vec<Found>,
    /// Accounts that become keys, and whose.
    pub take: Vec<(InstanceId, AccountName, UserId)>,
    /// Accounts that are their owner's keys already.
    pub already: usize,
    /// People who become known to the bot, if it does not know them.
    pub people: usize,
    /// Rows that were switched off there.
    pub switched_off: usize,
    /// Rows that are left out.
    pub left_out: Vec<LeftOut>,
    bringing: Bringing,
}

/// Takes in what an older system knew.
#[derive(Clone)]
pub struct Import {
    core: Core,
    adoption: Adoption,
}

/// A panel as it was read.
struct Seen {
    id: InstanceId,
    /// By name in lower case: panels tell no cases apart. `None`: it cannot be read.
    accounts: Option<BTreeMap<String, Account>>,
    keys: BTreeMap<AccountName, UserId>,
}

impl Import {
    /// Imports into `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { adoption: Adoption::new(core.clone()), core }
    }

    /// What would be taken in. Changes nothing, neither here nor on a panel.
    ///
    /// # Errors
    /// The database.
    pub async fn preview(&self, older: &Older, terms: &Terms<'_>) -> Result<Preview, ImportError> {
        let mut preview = Preview {
            switched_off: older.switched_off,
            left_out: older.left_out.clone(),
            people: older.people.len(),
            ..Preview::default()
        };
        preview.bringing.people.clone_from(&older.people);
        let mut fleet = self.core.store.instances().await?;
        let mut seen = BTreeMap::new();
        for panel in &older.panels {
            if let Err(why) = self.look_at(panel, terms, &mut fleet, &mut seen, &mut preview).await? {
                preview.left_out.push(LeftOut { place: panel.place.clone(), why });
            }
        }
        let mut owners = BTreeMap::new();
        for account in &older.accounts {
            match self.account(account, &seen, &mut owners) {
                Ok(Some((id, adoptee))) => {
                    preview.take.push((id.clone(), adoptee.account.clone(), adoptee.owner));
                    preview.bringing.accounts.push((id, adoptee));
                }
                Ok(None) => preview.already += 1,
                Err(why) => preview.left_out.push(LeftOut { place: account.place.clone(), why }),
            }
        }
        Ok(preview)
    }

    /// Takes it in, all or nothing.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub async fn apply(&self, by: Option<UserId>, preview: &Preview) -> Result<TakenIn, ImportError> {
        let now = self.core.clock.now();
        let taken = self.core.store.take_in(&preview.bringing, by, now).await?;
        let taken = taken.ok_or(ImportError::Overtaken)?;
        let TakenIn { instances, people, keys, .. } = taken;
        let detail = serde_json::json!({ "instances": instances, "people": people, "keys": keys });
        self.core.store.record(by, "tables-imported", "older tables", detail, now).await?;
        for (instance, _) in &preview.bringing.instances {
            // What it answers decides about its health; that it cannot be reached is no reason not to keep it.
            drop(Watch::new(self.core.clone()).check(&instance.id).await?);
        }
        self.core.placer.refresh(&self.core.store).await?;
        self.core.signals.work.notify_one();
        tracing::info!(instances, people, keys, "took in tables of an older system");
        Ok(taken)
    }

    /// Which instance a panel is or becomes, and what lives there.
    async fn look_at(
        &self,
        old: &OldPanel,
        terms: &Terms<'_>,
        fleet: &mut Vec<Instance>,
        seen: &mut BTreeMap<Place, Arc<Seen>>,
        preview: &mut Preview,
    ) -> Result<Result<(), Why>, ImportError> {
        if let Some(known) = fleet.iter().find(|instance| instance.base_url == old.base_url).cloned() {
            // Two tables may describe the same panel.
            let again = seen.values().find(|seen| seen.id == known.id).cloned();
            let panel = match &again {
                Some(again) => again.clone(),
                None => {
                    preview.panels.push(Found {
                        place: old.place.clone(),
                        id: known.id.clone(),
                        name: known.name.clone(),
                        known: true,
                    });
                    let driver = match self.core.panels.of(&known.id).await {
                        Ok(driver) => Ok(driver),
                        Err(NoPanel::Settings(_, error)) => Err(error),
                        Err(NoPanel::NotFound(id)) => return Err(FleetError::NotFound(id).into()),
                        Err(NoPanel::Store(error)) => return Err(error.into()),
                    };
                    self.read(&known.id, old, driver, preview).await?
                }
            };
            seen.insert(old.place.clone(), panel);
            return Ok(Ok(()));
        }
        let (instance, password) = match draft(old, terms, fleet) {
            Ok(draft) => draft,
            Err(why) => return Ok(Err(why)),
        };
        preview.panels.push(Found {
            place: old.place.clone(),
            id: instance.id.clone(),
            name: instance.name.clone(),
            known: false,
        });
        let driver = self.core.panels.connect(&instance, password.clone());
        let panel = self.read(&instance.id, old, driver, preview).await?;
        seen.insert(old.place.clone(), panel);
        fleet.push(instance.clone());
        preview.bringing.instances.push((instance, password));
        Ok(Ok(()))
    }

    async fn read(
        &self,
        id: &InstanceId,
        old: &OldPanel,
        driver: Result<Arc<dyn Panel>, PanelError>,
        preview: &mut Preview,
    ) -> Result<Arc<Seen>, ImportError> {
        let accounts = match driver {
            Ok(driver) => self.adoption.read_panel(id, &*driver).await,
            Err(error) => Err(error),
        };
        let accounts = match accounts {
            Ok(accounts) => {
                let lower = |(name, account): (AccountName, _)| (name.as_str().to_lowercase(), account);
                Some(accounts.into_iter().map(lower).collect())
            }
            Err(error) => {
                let why = Why::PanelFails(error.to_string());
                preview.left_out.push(LeftOut { place: old.place.clone(), why });
                None
            }
        };
        let keys = self.core.store.accounts_of_keys(id).await?;
        Ok(Arc::new(Seen { id: id.clone(), accounts, keys }))
    }

    /// The account of a row as it becomes a key. `None`: it is its owner's key already.
    fn account(
        &self,
        old: &OldAccount,
        seen: &BTreeMap<Place, Arc<Seen>>,
        owners: &mut BTreeMap<(InstanceId, AccountName), UserId>,
    ) -> Result<Option<(InstanceId, Adoptee)>, Why> {
        let (panel, found) = place_of(old, seen)?;
        let taken = match found {
            Some(account) => adoptee(account, old.owner),
            // The panel cannot be read: what the row holds is enough to serve its owner elsewhere.
            None => from_row(old).ok_or(Why::Unread)?,
        };
        if let Some(owner) = panel.keys.get(&taken.account) {
            return if *owner == old.owner { Ok(None) } else { Err(Why::Taken(*owner)) };
        }
        let note = found.and_then(|account| account.note.as_deref());
        let mark = Mark::read(note, &self.core.installation, &panel.id);
        if mark != Mark::None || taken.account.as_str().starts_with(&self.core.installation.prefix()) {
            return Err(Why::Marked(panel.id.clone()));
        }
        let here = (panel.id.clone(), taken.account.clone());
        match owners.insert(here.clone(), old.owner) {
            None => Ok(Some((panel.id.clone(), taken))),
            // Two tables may name the same account.
            Some(owner) if owner == old.owner => Ok(None),
            Some(owner) => {
                owners.insert(here, owner);
                Err(Why::TwoOwners(owner))
            }
        }
    }
}

/// The panel of a row's account, and the account there if the panel can be read.
fn place_of<'a>(
    old: &OldAccount,
    seen: &'a BTreeMap<Place, Arc<Seen>>,
) -> Result<(&'a Seen, Option<&'a Account>), Why> {
    if let Some(place) = &old.panel {
        let panel = seen.get(place).ok_or(Why::PanelLeftOut)?;
        return match &panel.accounts {
            None => Ok((panel, None)),
            Some(accounts) => {
                let account = find(old, accounts).ok_or_else(|| Why::NotThere(panel.id.to_string()))?;
                Ok((panel, Some(account)))
            }
        };
    }
    let mut ids = BTreeSet::new();
    let all: Vec<&Seen> = seen.values().map(|seen| &**seen).filter(|seen| ids.insert(&seen.id)).collect();
    let there = |seen: &'a Seen| Some((seen, find(old, seen.accounts.as_ref()?)?));
    let mut found = all.iter().filter_map(|seen| there(seen));
    match (found.next(), found.next()) {
        (Some((panel, account)), None) => Ok((panel, Some(account))),
        (Some(_), Some(_)) => Err(Why::OnSeveral),
        (None, _) => match all.as_slice() {
            [only] if only.accounts.is_none() => Ok((only, None)),
            _ => Err(Why::NotThere("any of the panels that can be read".to_owned())),
        },
    }
}

/// By name, or by the id that it serves where the row has no name.
fn find<'a>(old: &OldAccount, accounts: &'a BTreeMap<String, Account>) -> Option<&'a Account> {
    match (&old.name, old.uuid) {
        (Some(name), _) => accounts.get(&name.to_lowercase()),
        (None, Some(uuid)) => accounts.values().find(|account| account.credentials.uuids.contains(&uuid)),
        (None, None) => None,
    }
}

/// What a row alone says of an account, if that is enough to serve it elsewhere.
fn from_row(old: &OldAccount) -> Option<Adoptee> {
    Some(Adoptee {
        owner: old.owner,
        account: AccountName::stored(old.name.clone()?),
        credentials: credentials(Some(old.uuid?), None),
        enabled: true,
        expires_at: old.expires_at,
        data_limit: old.data_limit,
        used: old.used,
        link: None,
        online_at: None,
    })
}

/// The instance that a panel becomes, and its password.
fn draft(old: &OldPanel, terms: &Terms<'_>, fleet: &[Instance]) -> Result<(Instance, SecretString), Why> {
    let region = old.region.clone().or_else(|| terms.region.clone()).ok_or(Why::NoRegion)?;
    let id = free_id(old, &region, fleet);
    let username = old.username.clone().ok_or(Why::NoLogin)?;
    let variable = format!("{}_PASSWORD", id.as_str().to_uppercase().replace('-', "_"));
    let password = (terms.password)(&variable).or_else(|| old.password.clone().map(SecretString::from));
    let password = password.ok_or(Why::NoPassword(variable))?;
    let instance = Instance {
        name: old.name.clone().unwrap_or_else(|| id.to_string()),
        id,
        note: String::new(),
        kind: PanelKind::Marzban,
        mode: terms.mode,
        base_url: old.base_url.clone(),
        username,
        region,
        provider: None,
        tags: Vec::new(),
        // What took no new keys there takes none here.
        admin_state: if old.active { AdminState::Open } else { AdminState::Cordoned },
        priority: old.priority.unwrap_or(1),
        weight: old.weight.unwrap_or(Weight::ONE),
        max_users: old.max_users.unwrap_or(CAP),
        connection: Connection::default(),
        care: Care::default(),
    };
    Ok((instance, password))
}

/// The id that the panel had, if it can be one here, or the first free one of its location.
fn free_id(old: &OldPanel, region: &Region, fleet: &[Instance]) -> InstanceId {
    let free = |id: &InstanceId| fleet.iter().all(|instance| instance.id != *id);
    let had = old.place.id.to_lowercase().parse().ok();
    let made = (1..=999).filter_map(|number| format!("{region}{number:03}").parse().ok());
    let mut ids = had.into_iter().chain(made).filter(free);
    ids.next().expect("nobody has 999 instances in one location")
}
