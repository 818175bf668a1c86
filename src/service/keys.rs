//! Everything a key's owner or an admin may wish for a key.
//!
//! A wish changes the database at once and leaves an operation behind; what comes of it reaches people as a
//! [`Notice`]. Wishes are state, not a queue: the same wish again shows the open operation, another
//! replaces it while nothing was sent, and else waits as the one next (the latest wins).

use std::time::Duration;

use chrono::{Days, TimeDelta};

use crate::domain::health::complaints::Said;
use crate::domain::instance::Health;
use crate::domain::key::{Assignment, Standing, Wish};
use crate::domain::operation::{Cause, Kind};
use crate::domain::placement::Request;
use crate::domain::quota::{self, Bytes, GIB};
use crate::domain::{ConfigId, Credentials, InstanceId, OperationId, Region, Timestamp, UserId};
use crate::panel::AccountStatus;
use crate::store::keys::Key;
use crate::store::operations::{Begun, KeyChange, NewKey, NewOperation};

use super::Core;
use super::access::{AccessDesk, AccessState};
use super::failover::Failover;
use super::health::complaints;
use super::notice::{Change, Lane, Letter, Notice};
use super::pace::Class;

/// How long a person waits for a repair before it goes on in the background.
const PATIENCE: Duration = Duration::from_secs(6);

/// Who wishes, and how they are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Who presses.
    pub by: UserId,
    /// As what.
    pub cause: Cause,
    /// The update that carries the wish: handled twice, it has its effect once.
    pub update_id: Option<i64>,
    /// The menu screen that waits for the result.
    pub screen: Option<i64>,
}

/// A wish that is being carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The operation.
    pub operation: OperationId,
    /// The key.
    pub config: ConfigId,
    /// `false`: the same wish was under way already.
    pub fresh: bool,
}

/// Why a wish is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The person may not have a key.
    #[error("this person may not have a key")]
    NoAccess(AccessState),
    /// The person has as many keys as allowed.
    #[error("this person has {limit} keys already")]
    TooMany {
        /// How many are allowed.
        limit: u32,
    },
    /// No such key.
    #[error("no such key")]
    NotFound,
    /// Somebody else's key.
    #[error("somebody else's key")]
    NotYours,
    /// The key does not serve, so this makes no sense.
    #[error("the key does not serve")]
    Ended(Standing),
    /// It is so already.
    #[error("nothing to change")]
    NothingToChange,
    /// The key is where it shall go.
    #[error("the key is there already")]
    ThereAlready,
    /// The server of the key leads there too: nothing moves, and the key's links take the other exit first.
    #[error("the server of the key leads to {0} too")]
    SameServer(Region),
    /// No instance is there.
    #[error("no instance in {0}")]
    NoSuchLocation(Region),
    /// No such instance, or it takes no keys.
    #[error("instance {0} takes no keys")]
    NoSuchInstance(InstanceId),
    /// The traffic is used up, so a move would give it away again.
    #[error("no traffic left")]
    NothingLeft,
    /// The panel that serves the key cannot be asked now.
    #[error("the panel cannot be asked now")]
    PanelSilent,
    /// The database.
    #[error("the database failed")]
    Store(#[from] crate::store::StoreError),
}

/// A key as it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyView {
    /// The key.
    pub config: ConfigId,
    /// The owner's first, second … key.
    pub number: u32,
    /// Whose it is.
    pub owner: UserId,
    /// What its limits mean now.
    pub standing: Standing,
    /// What is being done to it.
    pub preparing: Option<Preparing>,
    /// Where its traffic leaves the network now.
    pub region: Option<Region>,
    /// The instance that serves it, with its name.
    pub instance: Option<(InstanceId, String)>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How much it may use over all.
    pub data_limit: Option<Bytes>,
    /// How much it used over all accounts.
    pub used: Bytes,
    /// The link that people put into their app. A secret.
    pub link: Option<String>,
    /// Whether it is ours, and so stays the same when the key moves.
    pub link_stays: bool,
    /// When traffic was last read.
    pub updated_at: Option<Timestamp>,
    /// The location its owner chose; `None` is automatic.
    pub wanted_region: Option<Region>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Accounts left behind that still serve.
    pub lingering: u32,
    /// How its server is.
    pub server: Server,
}

/// How the server of a key is, as far as its owner is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Nothing is known against it.
    Good,
    /// Its users are cut off, or may be.
    Trouble,
}

impl Server {
    /// What the health of its instance means for a key.
    pub(super) fn of(health: Health) -> Self {
        match health {
            Health::Unreachable | Health::Down | Health::Blocked => Self::Trouble,
            Health::Unknown
            | Health::Healthy
            | Health::Degraded
            | Health::Suspect
            | Health::ControlDown
            | Health::Misconfigured
            | Health::Recovering => Self::Good,
        }
    }
}

/// What is being done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preparing {
    /// What.
    pub kind: Kind,
    /// It waits for room.
    pub waits_for_room: bool,
    /// Since when.
    pub since: Timestamp,
}

/// Where a key may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The code.
    pub region: Region,
    /// A new key would find a place there now.
    pub open: bool,
}

/// What a refresh found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// What came of it.
    pub state: Repair,
    /// A location where the key would be better off, if its instance is in trouble.
    pub better: bool,
}

/// What came of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// All was well.
    Fine,
    /// Something was wrong and is right again.
    Repaired,
    /// The panel does not answer; it is repaired as soon as it does.
    Silent,
}

/// What may be wrong with a key that "does not work".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its limits.
    pub standing: Standing,
    /// Whether the account is on its panel as it shall be; `None` when the panel cannot be asked.
    pub account_right: Option<bool>,
    /// Whether its server is well.
    pub server_well: bool,
    /// The last traffic.
    pub online_at: Option<Timestamp>,
    /// Who fetched it last; `None` when links are not ours.
    pub fetched: Option<Fetched>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Traffic left.
    pub left: Option<Bytes>,
    /// What to try, best first.
    pub advice: Vec<Advice>,
}

/// Who fetched a key last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Nobody ever.
    Never,
    /// An app.
    Last {
        /// By its own name.
        app: String,
        /// When.
        at: Timestamp,
        /// Whether the key is still where it was then.
        current: bool,
    },
}

/// What to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Ask for more time or traffic.
    Renew,
    /// Update the subscription in the app: it knows only what was.
    UpdateApp,
    /// Refresh, and update the subscription in the app.
    Refresh,
    /// Another location.
    OtherLocation,
    /// New secrets.
    Reset,
    /// A person.
    Contact,
}

/// Wishes for keys.
#[derive(Clone)]
pub struct Keys {
    core: Core,
}

impl Keys {
    /// Wishes over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// A key for `owner`, in `region` or wherever there is most room.
    ///
    /// # Errors
    /// `NoAccess`, `TooMany`, `NoSuchLocation`.
    pub async fn issue(&self, ask: &Ask, owner: UserId, region: Option<Region>) -> Result<Asked, KeyError> {
        let person = self.core.store.person(owner).await?;
        let admission = person.as_ref().map(|person| person.admission);
        match AccessDesk::new(self.core.clone()).state_of(owner, admission) {
            AccessState::Granted => {}
            other => return Err(KeyError::NoAccess(other)),
        }
        self.known(region.as_ref())?;
        let policy = &self.core.policy;
        let days = person.as_ref().and_then(|person| person.granted_days).or(policy.default_days);
        let gb = person.as_ref().and_then(|person| person.granted_gb).or(policy.default_gb);
        self.begin_key(ask, owner, region, days, gb, policy.max_keys_per_user).await
    }

    /// A key that an admin gives, with limits of its own; access is granted along the way.
    ///
    /// # Errors
    /// `NotFound` when the person never spoke to the bot.
    pub async fn give(
        &self,
        ask: &Ask,
        owner: UserId,
        days: Option<u32>,
        gb: Option<u32>,
    ) -> Result<Asked, KeyError> {
        AccessDesk::new(self.core.clone()).let_in(ask.by, owner).await?;
        let asked = self.begin_key(ask, owner, None, days, gb, u32::MAX).await?;
        self.record(ask, "key-given", asked, serde_json::json!({ "days": days, "gb": gb })).await?;
        Ok(asked)
    }

    async fn begin_key(
        &self,
        ask: &Ask,
        owner: UserId,
        region: Option<Region>,
        days: Option<u32>,
        gb: Option<u32>,
        limit: u32,
    ) -> Result<Asked, KeyError> {
        let now = self.core.clock.now();
        let new = NewKey {
            owner,
            credentials: Credentials::generate(&mut rand::rng()),
            expires_at: days.map(|days| now + Days::new(u64::from(days))),
            data_limit: gb.map(|gb| u64::from(gb).saturating_mul(GIB)),
            wanted_region: region.clone(),
            limit,
        };
        let operation = NewOperation { region, ..self.operation(ask, Kind::Issue) };
        let begun = self.core.store.begin_key(&new, &operation, &[], now).await?;
        self.asked(begun, limit)
    }

    /// New secrets and a new link.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`, `Ended`, `NothingLeft`.
    pub async fn rotate(&self, ask: &Ask, config: ConfigId) -> Result<Asked, KeyError> {
        let key = self.serving(ask, config).await?;
        let credentials = Some(Credentials::generate(&mut rand::rng()));
        let kind = if key.primary().is_some() { Kind::Rotate } else { Kind::Issue };
        let asked = self.begin(config, NewOperation { credentials, ..self.operation(ask, kind) }).await?;
        if ask.cause == Cause::Owner {
            complaints::heard(&self.core, ask.by, &key, Said::Reset).await?;
        }
        Ok(asked)
    }

    /// Another location; `None` is automatic.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`, `Ended`, `NoSuchLocation`, `ThereAlready`, `SameServer`, `NothingLeft`.
    pub async fn relocate(
        &self,
        ask: &Ask,
        config: ConfigId,
        region: Option<Region>,
    ) -> Result<Asked, KeyError> {
        let key = self.serving(ask, config).await?;
        self.known(region.as_ref())?;
        self.core.store.set_wanted_region(config, region.as_ref()).await?;
        if let (Some(region), Some(primary), None) = (&region, key.primary(), &key.operation) {
            let place = |wanted| self.core.placer.place_of(&primary.instance, wanted);
            if place(Some(region)).as_ref() == Some(region) {
                let was_there = place(key.config.wanted_region.as_ref()).as_ref() == Some(region);
                return Err(if was_there {
                    KeyError::ThereAlready
                } else {
                    KeyError::SameServer(region.clone())
                });
            }
        }
        if region.is_none() && self.is_best_place(&key) {
            return Err(KeyError::ThereAlready);
        }
        self.begin(config, NewOperation { region, ..self.operation(ask, moving(&key)) }).await
    }

    /// Another instance; `None` is the best one. For admins.
    ///
    /// # Errors
    /// `NotFound`, `Ended`, `NoSuchInstance`, `ThereAlready`, `NothingLeft`.
    pub async fn move_to(
        &self,
        ask: &Ask,
        config: ConfigId,
        instance: Option<InstanceId>,
    ) -> Result<Asked, KeyError> {
        let key = self.serving(ask, config).await?;
        if let Some(instance) = &instance {
            if self.core.placer.region_of(instance).is_none() {
                return Err(KeyError::NoSuchInstance(instance.clone()));
            }
            if key.primary().is_some_and(|primary| primary.instance == *instance) {
                return Err(KeyError::ThereAlready);
            }
        }
        let detail = serde_json::json!({ "to": instance });
        let operation = NewOperation { wanted: instance, ..self.operation(ask, moving(&key)) };
        let asked = self.begin(config, operation).await?;
        self.record(ask, "key-moved", asked, detail).await?;
        Ok(asked)
    }

    /// Records an admin's wish, once.
    async fn record(
        &self,
        ask: &Ask,
        action: &str,
        asked: Asked,
        detail: serde_json::Value,
    ) -> Result<(), KeyError> {
        if asked.fresh {
            let subject = format!("key {}", asked.config);
            self.core.store.record(Some(ask.by), action, &subject, detail, self.core.clock.now()).await?;
        }
        Ok(())
    }

    /// More (or with negative numbers less) time and traffic, counted from the later of now and the present end. A key
    /// without an end or a limit keeps having none, unless it is given one: `days` or `gb` then count from now or zero.
    ///
    /// # Errors
    /// `NotFound`, `Ended(Revoked)`, `NothingToChange`.
    pub async fn extend(
        &self,
        ask: &Ask,
        config: ConfigId,
        days: Option<i32>,
        gb: Option<i32>,
    ) -> Result<Asked, KeyError> {
        let key = self.not_revoked(config).await?;
        let now = self.core.clock.now();
        let mut change = KeyChange::default();
        if let Some(days) = days.filter(|days| *days != 0) {
            let from = key.config.expires_at.map_or(now, |end| end.max(now));
            change.expires_at = Some(Some((from + TimeDelta::days(i64::from(days))).max(now)));
        }
        if let Some(gb) = gb.filter(|gb| *gb != 0) {
            let more = i64::from(gb).saturating_mul(GIB.cast_signed());
            let limit = key.config.data_limit.unwrap_or(0).saturating_add_signed(more);
            // Zero would mean unlimited to a panel; one byte says that nothing is left.
            change.data_limit = Some(Some(limit.max(1)));
        }
        if change.expires_at.is_none() && change.data_limit.is_none() {
            return Err(KeyError::NothingToChange);
        }
        self.change(ask, &key, &change, false, Change::Extended).await
    }

    /// Traffic counted from zero again.
    ///
    /// # Errors
    /// `NotFound`, `Ended(Revoked)`.
    pub async fn reset_traffic(&self, ask: &Ask, config: ConfigId) -> Result<Asked, KeyError> {
        let key = self.not_revoked(config).await?;
        self.change(ask, &key, &KeyChange::default(), true, Change::TrafficReset).await
    }

    /// Pauses a key.
    ///
    /// # Errors
    /// `NotFound`, `Ended(Revoked)`, `NothingToChange`.
    pub async fn suspend(&self, ask: &Ask, config: ConfigId) -> Result<Asked, KeyError> {
        self.wish(ask, config, Wish::Suspended, Change::Suspended).await
    }

    /// Lets a paused key serve again.
    ///
    /// # Errors
    /// `NotFound`, `Ended(Revoked)`, `NothingToChange`.
    pub async fn resume(&self, ask: &Ask, config: ConfigId) -> Result<Asked, KeyError> {
        self.wish(ask, config, Wish::Active, Change::Resumed).await
    }

    /// Takes a key away for good.
    ///
    /// # Errors
    /// `NotFound`, `NothingToChange`.
    pub async fn revoke(&self, ask: &Ask, config: ConfigId) -> Result<Asked, KeyError> {
        self.wish(ask, config, Wish::Revoked, Change::Revoked).await
    }

    async fn wish(&self, ask: &Ask, config: ConfigId, wish: Wish, told: Change) -> Result<Asked, KeyError> {
        let key = self.not_revoked(config).await?;
        if key.config.wish == wish {
            return Err(KeyError::NothingToChange);
        }
        let change = KeyChange { wish: Some(wish), ..KeyChange::default() };
        self.change(ask, &key, &change, false, told).await
    }

    /// Changes the key at once, tells its owner, and begins what carries it to the panels.
    async fn change(
        &self,
        ask: &Ask,
        key: &Key,
        change: &KeyChange,
        reset_traffic: bool,
        told: Change,
    ) -> Result<Asked, KeyError> {
        let now = self.core.clock.now();
        let revoked = change.wish == Some(Wish::Revoked);
        // A key that ended long ago lost its account; renewed, it gets a new one.
        let placed = key.primary().is_some() || key.operation.is_some();
        let kind = match (revoked, placed) {
            (true, _) => Kind::Revoke,
            (false, true) => Kind::Sync,
            (false, false) if change.wish == Some(Wish::Suspended) => Kind::Sync,
            (false, false) => Kind::Issue,
        };
        let operation = NewOperation { person_waits: false, ..self.operation(ask, kind) };
        let notice = Notice::KeyChanged { config: key.config.id, change: told };
        let letter =
            Letter { chat: key.config.owner.0, lane: Lane::Notice, slot: None, notice, screen: None };
        let letters = [letter.stored(now)];
        let begun = self
            .core
            .store
            .change_key(key.config.id, change, reset_traffic, &operation, &letters, now)
            .await?;
        let subject = format!("key {}", key.config.id);
        let detail = serde_json::json!({ "owner": key.config.owner, "change": told });
        self.core.store.record(Some(ask.by), "key-changed", &subject, detail, now).await?;
        self.core.signals.mail.notify_one();
        self.asked(begun, u32::MAX)
    }

    /// Looks at the key's account on its panel and repairs it. Takes up to 5 s.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`, `Ended`.
    pub async fn refresh(&self, ask: &Ask, config: ConfigId) -> Result<Refreshed, KeyError> {
        let key = self.own(ask, config).await?;
        // On a dead instance there is nothing to look at: the key is served elsewhere, now.
        if let Some(operation) = self.rescue(&key).await? {
            let served = self.settled(operation, PATIENCE).await
                && self.core.store.operation(operation).await?.is_some_and(|row| row.ended.is_some());
            let state = if served { Repair::Repaired } else { Repair::Silent };
            return Ok(Refreshed { state, better: !served && self.has_better_place(&key) });
        }
        let (state, server_well) = match key.primary() {
            None => (Repair::Silent, true),
            Some(primary) => {
                let state = match self.look(&key, primary).await? {
                    Some(true) => Repair::Fine,
                    Some(false) => self.repair(ask, &key).await?,
                    None => Repair::Silent,
                };
                (state, self.core.placer.serves(&primary.instance))
            }
        };
        let trouble = state == Repair::Silent || !server_well;
        Ok(Refreshed { state, better: trouble && self.has_better_place(&key) })
    }

    /// Begins to serve a key elsewhere if its instance is dead: whoever asks does not wait for their turn.
    async fn rescue(&self, key: &Key) -> Result<Option<OperationId>, KeyError> {
        let failover = Failover::new(self.core.clone());
        Ok(failover.serve_now(key.config.id, Some(key.config.owner)).await?)
    }

    /// A person looks at a key of theirs. If its instance is dead they are served elsewhere from now on.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`.
    pub async fn looked_at(&self, ask: &Ask, config: ConfigId) -> Result<(), KeyError> {
        let key = self.own(ask, config).await?;
        self.rescue(&key).await?;
        Ok(())
    }

    /// Lets an operation put the account right, and waits a little for it.
    async fn repair(&self, ask: &Ask, key: &Key) -> Result<Repair, KeyError> {
        self.core.store.mark_unsynced(key.config.id).await?;
        let operation = NewOperation { person_waits: true, ..self.operation(ask, Kind::Sync) };
        let asked = self.begin(key.config.id, operation).await?;
        let done = self.settled(asked.operation, PATIENCE).await;
        Ok(if done { Repair::Repaired } else { Repair::Silent })
    }

    /// All keys of a person that were not taken away, oldest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn of(&self, owner: UserId) -> Result<Vec<KeyView>, KeyError> {
        let mut views = Vec::new();
        for config in self.core.store.keys_of(owner).await? {
            views.extend(self.view(config).await?);
        }
        Ok(views)
    }

    /// One key.
    ///
    /// # Errors
    /// `Store`.
    pub async fn view(&self, config: ConfigId) -> Result<Option<KeyView>, KeyError> {
        let Some(key) = self.core.store.key(config).await? else { return Ok(None) };
        let used = key.used_total();
        let primary = key.primary();
        let instance = match primary {
            Some(primary) => self.core.store.instance(&primary.instance).await?,
            None => None,
        };
        let health = match primary {
            Some(primary) => self.core.store.health_of(&primary.instance).await?,
            None => None,
        };
        let links = &self.core.links;
        let link = match primary {
            Some(_) if links.are_ours() => links.link(config, key.config.link_epoch),
            Some(primary) => self.core.store.panel_link(primary.id).await?,
            None => None,
        };
        let preparing = match &key.operation {
            Some(operation) => Some(Preparing {
                kind: operation.kind,
                waits_for_room: self.core.store.place_in_line(operation.id).await?.is_some(),
                since: operation.created_at,
            }),
            None => None,
        };
        Ok(Some(KeyView {
            config,
            number: key.config.number,
            owner: key.config.owner,
            standing: key.config.standing(used, self.core.clock.now()),
            preparing,
            region: instance.as_ref().map(|instance| {
                let place = self.core.placer.place_of(&instance.id, key.config.wanted_region.as_ref());
                place.unwrap_or_else(|| instance.region.clone())
            }),
            instance: instance.map(|instance| (instance.id, instance.name)),
            expires_at: key.config.expires_at,
            data_limit: key.config.data_limit,
            used,
            link,
            link_stays: links.are_ours(),
            updated_at: primary.and_then(|primary| primary.used_at),
            wanted_region: key.config.wanted_region.clone(),
            created_at: key.config.created_at,
            lingering: u32::try_from(key.lingering().count()).unwrap_or(u32::MAX),
            server: health.map_or(Server::Good, |report| Server::of(report.health)),
        }))
    }

    /// The bare share links, read from the panel. Takes up to 5 s.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`, `Ended`, `PanelSilent`.
    pub async fn links(&self, ask: &Ask, config: ConfigId) -> Result<Vec<String>, KeyError> {
        let key = self.own(ask, config).await?;
        let primary = key.primary().ok_or(KeyError::PanelSilent)?;
        match self.core.panels.account(primary, Class::Foreground).await {
            Some(Ok(Some(account))) if !account.links.is_empty() => Ok(account.links),
            _ => Err(KeyError::PanelSilent),
        }
    }

    /// Where keys can be, by code.
    ///
    /// # Errors
    /// `Store`.
    pub async fn locations(&self) -> Result<Vec<Location>, KeyError> {
        let now = self.core.clock.now();
        let regions = self.core.placer.regions().into_iter();
        Ok(regions
            .map(|region| Location { open: self.core.placer.has_room(Some(&region), now), region })
            .collect())
    }

    /// What may be wrong. Takes up to 5 s.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`.
    pub async fn diagnose(&self, ask: &Ask, config: ConfigId) -> Result<Diagnosis, KeyError> {
        let mut key = self.own(ask, config).await?;
        if let Some(operation) = self.rescue(&key).await? {
            self.settled(operation, PATIENCE).await;
            key = self.own(ask, config).await?;
        }
        let standing = key.config.standing(key.used_total(), self.core.clock.now());
        let account_right = match key.primary() {
            Some(primary) => self.look(&key, primary).await?,
            None => None,
        };
        // What was just read counts too.
        let key = self.own(ask, config).await?;
        let server_well = account_right.is_some()
            && key.primary().is_some_and(|primary| self.core.placer.serves(&primary.instance));
        if standing == Standing::Live && account_right == Some(true) && server_well {
            complaints::heard(&self.core, ask.by, &key, Said::Fails).await?;
        }
        let fetched = self.fetched(&key).await?;
        let stale = matches!(fetched, Some(Fetched::Last { current: false, .. }));
        let mut advice = match standing {
            Standing::Expired | Standing::Exhausted => vec![Advice::Renew, Advice::Contact],
            Standing::Suspended | Standing::Revoked => vec![Advice::Contact],
            Standing::Live if !server_well => vec![Advice::OtherLocation, Advice::Refresh, Advice::Contact],
            Standing::Live => vec![Advice::Refresh, Advice::OtherLocation, Advice::Reset, Advice::Contact],
        };
        if standing == Standing::Live && stale {
            advice.insert(0, Advice::UpdateApp);
        }
        Ok(Diagnosis {
            fetched,
            standing,
            account_right,
            server_well,
            online_at: self.core.store.last_online(config).await?,
            expires_at: key.config.expires_at,
            left: quota::left(key.config.data_limit, key.used_total()),
            advice,
        })
    }

    /// Who fetched a key last, if links are ours.
    async fn fetched(&self, key: &Key) -> Result<Option<Fetched>, KeyError> {
        if !self.core.links.are_ours() {
            return Ok(None);
        }
        let last = self.core.store.fetches_of(key.config.id).await?.into_iter().next();
        Ok(Some(last.map_or(Fetched::Never, |last| Fetched::Last {
            current: key.primary().is_none_or(|primary| primary.generation == last.generation),
            app: last.app,
            at: last.at,
        })))
    }

    /// A person's word on whether the key works.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`.
    pub async fn verdict(&self, ask: &Ask, config: ConfigId, works: bool) -> Result<(), KeyError> {
        let key = self.own(ask, config).await?;
        let instance = key.primary().map(|primary| primary.instance.clone());
        let action = if works { "key-works" } else { "key-fails" };
        let detail = serde_json::json!({ "instance": instance });
        let subject = format!("key {config}");
        self.core.store.record(Some(ask.by), action, &subject, detail, self.core.clock.now()).await?;
        Ok(())
    }

    /// Waits until the operation has ended or stands on the waitlist, but no longer than `patience` after a first look;
    /// whether it has. Without patience it only looks.
    pub async fn settled(&self, operation: OperationId, patience: Duration) -> bool {
        let mut news = self.core.signals.settled();
        let under_way = async || self.core.store.is_under_way(operation).await.unwrap_or(false);
        if !under_way().await {
            return true;
        }
        let settled = async {
            loop {
                // Lagging behind means that many ended: look again. The sender lives as long as we do.
                while let Ok(id) = news.recv().await {
                    if id == operation {
                        break;
                    }
                }
                if !under_way().await {
                    return;
                }
            }
        };
        tokio::time::timeout(patience, settled).await.is_ok()
    }

    /// Reads the account that counts: `Some(true)` it is as it shall be, `None` its panel does not answer.
    async fn look(&self, key: &Key, primary: &Assignment) -> Result<Option<bool>, KeyError> {
        let now = self.core.clock.now();
        let Some(answer) = self.core.panels.account(primary, Class::Foreground).await else {
            return Ok(None);
        };
        match answer {
            Ok(Some(account)) => {
                let link = account.subscription_url.as_deref();
                let (used, online_at) = (account.used, account.online_at);
                self.core.store.saw_account(primary.id, &primary.account, used, link, online_at, now).await?;
                let credentials = self.core.store.credentials(key.config.id).await?;
                let enabled = account.status != AccountStatus::Disabled;
                let right = credentials.is_some_and(|credentials| account.credentials.are(&credentials))
                    && enabled == (key.config.wish == Wish::Active)
                    && account.expires_at.map(|at| at.timestamp())
                        == key.config.expires_at.map(|at| at.timestamp())
                    && account.data_limit.is_some() == key.config.data_limit.is_some()
                    && !account.links.is_empty();
                Ok(Some(right))
            }
            Ok(None) => Ok(Some(false)),
            Err(_) => {
                self.core.signals.look_at(&primary.instance);
                Ok(None)
            }
        }
    }

    /// A wish as an operation.
    fn operation(&self, ask: &Ask, kind: Kind) -> NewOperation {
        NewOperation {
            kind,
            cause: ask.cause,
            asked_by: Some(ask.by),
            update_id: ask.update_id,
            screen: ask.screen,
            person_waits: kind.places() && ask.screen.is_some(),
            region: None,
            wanted: None,
            credentials: None,
            batch: None,
            not_before: self.core.clock.now(),
        }
    }

    async fn begin(&self, config: ConfigId, operation: NewOperation) -> Result<Asked, KeyError> {
        let begun = self.core.store.begin_operation(config, &operation, self.core.clock.now()).await?;
        self.asked(begun, u32::MAX)
    }

    fn asked(&self, begun: Begun, limit: u32) -> Result<Asked, KeyError> {
        self.core.signals.work.notify_one();
        match begun {
            Begun::Fresh(operation, config) | Begun::Next(operation, config) => {
                Ok(Asked { operation, config, fresh: true })
            }
            Begun::Same(operation, config) => Ok(Asked { operation, config, fresh: false }),
            Begun::TooMany => Err(KeyError::TooMany { limit }),
            Begun::NotFound => Err(KeyError::NotFound),
        }
    }

    /// The key, if whoever asks may touch it.
    async fn own(&self, ask: &Ask, config: ConfigId) -> Result<Key, KeyError> {
        let key = self.not_revoked(config).await?;
        match ask.cause {
            Cause::Owner if key.config.owner != ask.by => Err(KeyError::NotYours),
            Cause::Owner
            | Cause::Admin
            | Cause::Batch
            | Cause::Service
            | Cause::Failover
            | Cause::Rebalance => Ok(key),
        }
    }

    async fn not_revoked(&self, config: ConfigId) -> Result<Key, KeyError> {
        let key = self.core.store.key(config).await?.ok_or(KeyError::NotFound)?;
        match key.config.wish {
            Wish::Revoked => Err(KeyError::Ended(Standing::Revoked)),
            Wish::Active | Wish::Suspended => Ok(key),
        }
    }

    /// The key, if it serves and so can move.
    async fn serving(&self, ask: &Ask, config: ConfigId) -> Result<Key, KeyError> {
        let key = self.own(ask, config).await?;
        match key.config.standing(key.used_total(), self.core.clock.now()) {
            Standing::Live => Ok(key),
            Standing::Exhausted => Err(KeyError::NothingLeft),
            other => Err(KeyError::Ended(other)),
        }
    }

    fn known(&self, region: Option<&Region>) -> Result<(), KeyError> {
        match region {
            Some(region) if !self.core.placer.regions().contains(region) => {
                Err(KeyError::NoSuchLocation(region.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether an automatic choice would leave the key where it is.
    fn is_best_place(&self, key: &Key) -> bool {
        key.operation.is_none()
            && key.primary().is_some_and(|primary| {
                self.core.placer.is_well(&primary.instance)
                    && !self.core.signals.is_in_doubt(&primary.instance)
            })
    }

    /// Whether the key could be served elsewhere.
    fn has_better_place(&self, key: &Key) -> bool {
        let exclude: Vec<InstanceId> =
            key.primary().map(|primary| primary.instance.clone()).into_iter().collect();
        let request = Request { exclude: &exclude, ..Request::default() };
        self.core.placer.explain(&request, self.core.clock.now()).chosen.is_some()
    }
}

/// A move, or for a key without an account its first place.
fn moving(key: &Key) -> Kind {
    if key.primary().is_some() { Kind::Move } else { Kind::Issue }
}
