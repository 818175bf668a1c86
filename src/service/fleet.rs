//! The instances: described, tried out, opened, closed, looked at.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::domain::instance::{
    AdminState, BaseUrl, Connection, Counters, Health, HealthReport, Instance, Mode, PanelKind, Weight,
};
use crate::domain::{ConfigId, InstanceId, Region, UserId};
use crate::panel::{Inspection, Panel, PanelError};
use crate::store::StoreError;
use crate::store::health::StoredNode;

use super::Core;
use super::incidents::Incidents;
use super::panels::NoPanel;
use super::watch::Watch;

/// An instance that is not in the fleet yet.
#[derive(Clone)]
pub struct Draft {
    /// Its short name; made up when there is none.
    pub id: Option<InstanceId>,
    /// What people read.
    pub name: String,
    /// The operator's remark.
    pub note: String,
    /// The software.
    pub kind: PanelKind,
    /// What we may do there.
    pub mode: Mode,
    /// Where its API is.
    pub base_url: BaseUrl,
    /// The login.
    pub username: String,
    /// Its password.
    pub password: SecretString,
    /// Where its traffic leaves the network.
    pub region: Region,
    /// Who hosts it.
    pub provider: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Tier.
    pub priority: u16,
    /// Share within the tier.
    pub weight: Weight,
    /// The cap.
    pub max_users: u32,
    /// How it is reached.
    pub connection: Connection,
}

/// One field of an instance, changed.
#[derive(Clone)]
pub enum Edit {
    /// What people read.
    Name(String),
    /// The operator's remark.
    Note(String),
    /// Where its API is.
    BaseUrl(BaseUrl),
    /// The login and its password.
    Login(String, SecretString),
    /// Where its traffic leaves the network.
    Region(Region),
    /// Who hosts it.
    Provider(Option<String>),
    /// Free labels.
    Tags(Vec<String>),
    /// Tier.
    Priority(u16),
    /// Share within the tier.
    Weight(Weight),
    /// The cap. May be below what is there: then nothing new comes until there is room again.
    MaxUsers(u32),
    /// How it is reached.
    Connection(Connection),
    /// What we may do there.
    Mode(Mode),
}

/// Why the fleet refuses a change.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// No such instance.
    #[error("no instance {0}")]
    NotFound(InstanceId),
    /// The short name is taken.
    #[error("the id {0} is taken")]
    IdTaken(InstanceId),
    /// The same panel is in the fleet already.
    #[error("this panel is in the fleet already, as {0}")]
    AlreadyThere(InstanceId),
    /// Keys live there, or accounts must still be deleted there.
    #[error("{keys} keys live there, {leftovers} accounts must still be deleted there")]
    InUse {
        /// Primary and lingering accounts and open operations.
        keys: u32,
        /// Tombstones.
        leftovers: u32,
    },
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// An instance as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceView {
    /// As its operator described it.
    pub instance: Instance,
    /// Its exact counts.
    pub counters: Counters,
    /// What the checks found.
    pub health: HealthReport,
    /// Its worker servers.
    pub nodes: Vec<StoredNode>,
}

/// The instances.
#[derive(Clone)]
pub struct Fleet {
    core: Core,
}

impl Fleet {
    /// The fleet over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// All instances, by id.
    ///
    /// # Errors
    /// The database.
    pub async fn list(&self) -> Result<Vec<InstanceView>, FleetError> {
        let store = &self.core.store;
        let (counters, health, nodes) =
            (store.counters().await?, store.health().await?, store.nodes().await?);
        let views = store.instances().await?.into_iter().map(|instance| {
            let id = &instance.id;
            let counters = counters.iter().find(|(of, _)| of == id).map(|(_, counters)| *counters);
            let health = health.iter().find(|(of, _)| of == id).map(|(_, report)| report.clone());
            let nodes = nodes.iter().filter(|(of, _)| of == id).map(|(_, node)| node.clone()).collect();
            InstanceView {
                counters: counters.unwrap_or_default(),
                health: health.unwrap_or_else(|| self.never_checked()),
                nodes,
                instance,
            }
        });
        Ok(views.collect())
    }

    /// One instance.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn view(&self, id: &InstanceId) -> Result<InstanceView, FleetError> {
        let all = self.list().await?;
        all.into_iter().find(|view| view.instance.id == *id).ok_or_else(|| FleetError::NotFound(id.clone()))
    }

    /// Whether `password` is the one that is stored for an instance.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn is_password(&self, id: &InstanceId, password: &SecretString) -> Result<bool, FleetError> {
        let stored = self.core.store.password(id).await?.ok_or_else(|| FleetError::NotFound(id.clone()))?;
        let (stored, given) = (stored.expose_secret().as_bytes(), password.expose_secret().as_bytes());
        Ok(stored.ct_eq(given).into())
    }

    /// Looks at a panel that is not in the fleet yet. Takes up to 20 s. What would not work stands in the inspection's
    /// warnings.
    ///
    /// # Errors
    /// How the panel failed.
    pub async fn try_out(&self, draft: &Draft) -> Result<Inspection, PanelError> {
        let id = draft.id.clone().unwrap_or_else(|| "draft".parse().expect("a valid id"));
        let panel = self.core.panels.connect(&draft.instance(id), draft.password.clone())?;
        panel.inspect().await
    }

    /// Looks at an instance of the fleet now, and records what was found.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn test(&self, id: &InstanceId) -> Result<Result<Inspection, PanelError>, FleetError> {
        if let Err(error) = Watch::new(self.core.clone()).check(id).await? {
            return Ok(Err(error));
        }
        match self.core.panels.of(id).await {
            Ok(panel) => Ok(panel.inspect().await),
            Err(NoPanel::Settings(_, error)) => Ok(Err(error)),
            Err(NoPanel::NotFound(id)) => Err(FleetError::NotFound(id)),
            Err(NoPanel::Store(error)) => Err(error.into()),
        }
    }

    /// Takes an instance into the fleet, and looks at it at once.
    ///
    /// # Errors
    /// `IdTaken`, `AlreadyThere`, the database.
    pub async fn add(&self, by: Option<UserId>, draft: &Draft) -> Result<InstanceId, FleetError> {
        let store = &self.core.store;
        if let Some(other) = store.instance_at(draft.base_url.as_str()).await? {
            return Err(FleetError::AlreadyThere(other));
        }
        let id = match &draft.id {
            Some(id) => id.clone(),
            None => self.free_id(&draft.region).await?,
        };
        let now = self.core.clock.now();
        if !store.add_instance(&draft.instance(id.clone()), &draft.password, now).await? {
            return Err(FleetError::IdTaken(id));
        }
        let detail = serde_json::json!({ "name": draft.name, "region": draft.region });
        store.record(by, "instance-added", &format!("instance {id}"), detail, now).await?;
        // What it answers decides whether it takes keys; that it cannot be reached is no reason not to keep it.
        drop(Watch::new(self.core.clone()).check(&id).await?);
        self.core.signals.work.notify_one();
        Ok(id)
    }

    /// The first free id of a location: `de001`, `de002` …
    ///
    /// # Errors
    /// The database.
    pub async fn free_id(&self, region: &Region) -> Result<InstanceId, FleetError> {
        let taken: Vec<_> =
            self.core.store.instances().await?.into_iter().map(|instance| instance.id).collect();
        let ids = (1..=999).map(|number| format!("{region}{number:03}"));
        let free = ids.filter_map(|id| id.parse().ok()).find(|id| !taken.contains(id));
        Ok(free.expect("nobody has 999 instances in one location"))
    }

    /// Changes an instance, and looks at it again.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyThere`, the database.
    pub async fn edit(&self, by: Option<UserId>, id: &InstanceId, edit: Edit) -> Result<(), FleetError> {
        let store = &self.core.store;
        let mut instance = store.instance(id).await?.ok_or_else(|| FleetError::NotFound(id.clone()))?;
        let field = edit.field();
        let mut password = None;
        match edit {
            Edit::Name(name) => instance.name = name,
            Edit::Note(note) => instance.note = note,
            Edit::BaseUrl(base_url) => match store.instance_at(base_url.as_str()).await? {
                Some(other) if other != *id => return Err(FleetError::AlreadyThere(other)),
                _ => instance.base_url = base_url,
            },
            Edit::Login(username, secret) => {
                instance.username = username;
                password = Some(secret);
            }
            Edit::Region(region) => instance.region = region,
            Edit::Provider(provider) => instance.provider = provider,
            Edit::Tags(tags) => instance.tags = tags,
            Edit::Priority(priority) => instance.priority = priority,
            Edit::Weight(weight) => instance.weight = weight,
            Edit::MaxUsers(max_users) => instance.max_users = max_users,
            Edit::Connection(connection) => instance.connection = connection,
            Edit::Mode(mode) => instance.mode = mode,
        }
        let now = self.core.clock.now();
        if !store.edit_instance(&instance, password.as_ref(), now).await? {
            return Err(FleetError::NotFound(id.clone()));
        }
        let detail = serde_json::json!({ "field": field });
        store.record(by, "instance-edited", &format!("instance {id}"), detail, now).await?;
        self.core.panels.forget(id);
        self.core.signals.look_at(id);
        self.core.placer.refresh(store).await?;
        self.core.signals.work.notify_one();
        Ok(())
    }

    /// Opens or closes an instance for new keys.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn set_admin_state(
        &self,
        by: Option<UserId>,
        id: &InstanceId,
        state: AdminState,
    ) -> Result<(), FleetError> {
        let store = &self.core.store;
        let now = self.core.clock.now();
        if !store.set_admin_state(id, state, now).await? {
            return Err(FleetError::NotFound(id.clone()));
        }
        let detail = serde_json::json!(state);
        store.record(by, "instance-state", &format!("instance {id}"), detail, now).await?;
        self.core.placer.refresh(store).await?;
        self.core.signals.work.notify_one();
        Ok(())
    }

    /// Offers an exit to users, or leaves it out. `false`: there is none of that number.
    ///
    /// # Errors
    /// The database.
    pub async fn hide_node(
        &self,
        by: Option<UserId>,
        id: &InstanceId,
        node: &StoredNode,
        hidden: bool,
    ) -> Result<bool, FleetError> {
        let store = &self.core.store;
        let changed = store.hide_node(id, node.id, hidden).await?;
        if changed {
            let action = if hidden { "node-hidden" } else { "node-shown" };
            self.record_node(by, action, id, &node.name).await?;
            self.core.placer.refresh(store).await?;
        }
        Ok(changed)
    }

    /// Says where an exit leaves the network; `None`: where its instance does. `false`: there is none of that number.
    ///
    /// # Errors
    /// The database.
    pub async fn set_node_region(
        &self,
        by: Option<UserId>,
        id: &InstanceId,
        node: &StoredNode,
        region: Option<&Region>,
    ) -> Result<bool, FleetError> {
        let store = &self.core.store;
        let changed = store.set_node_region(id, node.id, region).await?;
        if changed {
            let detail = serde_json::json!({ "node": node.name, "region": region });
            let now = self.core.clock.now();
            store.record(by, "node-location", &format!("instance {id}"), detail, now).await?;
            self.core.placer.refresh(store).await?;
            self.core.signals.work.notify_one();
        }
        Ok(changed)
    }

    /// Lets the panel connect to one of its worker servers anew. How that went, the next check tells.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn reconnect_node(
        &self,
        by: Option<UserId>,
        id: &InstanceId,
        node: &StoredNode,
    ) -> Result<Result<(), PanelError>, FleetError> {
        let Some(remote_id) = node.remote_id else { return Ok(Err(PanelError::NotFound)) };
        let done = match self.panel(id).await? {
            Ok(panel) => panel.reconnect_node(remote_id).await,
            Err(error) => Err(error),
        };
        if done.is_ok() {
            self.record_node(by, "node-reconnected", id, &node.name).await?;
        }
        Ok(done)
    }

    /// Restarts the core of a panel: every connection through it is cut for a moment.
    ///
    /// # Errors
    /// `NotFound`, the database.
    pub async fn restart_core(
        &self,
        by: Option<UserId>,
        id: &InstanceId,
    ) -> Result<Result<(), PanelError>, FleetError> {
        let done = match self.panel(id).await? {
            Ok(panel) => panel.restart_core().await,
            Err(error) => Err(error),
        };
        // An unclear answer may hide a restart: it is on record either way.
        let outcome = done.as_ref().map_or_else(PanelError::word, |()| "done");
        let detail = serde_json::json!({ "outcome": outcome });
        let now = self.core.clock.now();
        self.core.store.record(by, "core-restarted", &format!("instance {id}"), detail, now).await?;
        Ok(done)
    }

    async fn panel(&self, id: &InstanceId) -> Result<Result<Arc<dyn Panel>, PanelError>, FleetError> {
        match self.core.panels.of(id).await {
            Ok(panel) => Ok(Ok(panel)),
            Err(NoPanel::Settings(_, error)) => Ok(Err(error)),
            Err(NoPanel::NotFound(id)) => Err(FleetError::NotFound(id)),
            Err(NoPanel::Store(error)) => Err(error.into()),
        }
    }

    async fn record_node(
        &self,
        by: Option<UserId>,
        action: &str,
        id: &InstanceId,
        node: &str,
    ) -> Result<(), FleetError> {
        let detail = serde_json::json!({ "node": node });
        let now = self.core.clock.now();
        self.core.store.record(by, action, &format!("instance {id}"), detail, now).await?;
        Ok(())
    }

    /// Takes an instance out of the fleet, once nothing of ours is left there.
    ///
    /// # Errors
    /// `NotFound`, `InUse`, the database.
    pub async fn remove(&self, by: Option<UserId>, id: &InstanceId) -> Result<(), FleetError> {
        let store = &self.core.store;
        if store.instance(id).await?.is_none() {
            return Err(FleetError::NotFound(id.clone()));
        }
        if let Err(used) = store.remove_instance(id).await? {
            let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
            return Err(FleetError::InUse { keys: narrow(used.keys), leftovers: narrow(used.leftovers) });
        }
        let now = self.core.clock.now();
        let subject = format!("instance {id}");
        store.record(by, "instance-removed", &subject, serde_json::json!({}), now).await?;
        Incidents::new(self.core.clone()).unwatch(id).await?;
        self.core.panels.forget(id);
        self.core.placer.refresh(store).await?;
        Ok(())
    }

    /// The keys an instance serves, in pages of `limit`, with their number in all.
    ///
    /// # Errors
    /// The database.
    pub async fn keys_on(
        &self,
        id: &InstanceId,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<(ConfigId, UserId)>, u32), FleetError> {
        let (page, total) = self.core.store.keys_on(id, u64::from(offset), u64::from(limit)).await?;
        Ok((page, u32::try_from(total).unwrap_or(u32::MAX)))
    }

    fn never_checked(&self) -> HealthReport {
        HealthReport {
            health: Health::Unknown,
            since: self.core.clock.now(),
            checked_at: None,
            last_good_at: None,
            latency_ms: None,
            version: None,
            users_active: None,
            problem: None,
            certificate_ends_at: None,
        }
    }
}

impl Draft {
    /// The instance that this will be.
    fn instance(&self, id: InstanceId) -> Instance {
        Instance {
            id,
            name: self.name.clone(),
            note: self.note.clone(),
            kind: self.kind,
            mode: self.mode,
            base_url: self.base_url.clone(),
            username: self.username.clone(),
            region: self.region.clone(),
            provider: self.provider.clone(),
            tags: self.tags.clone(),
            admin_state: AdminState::Open,
            priority: self.priority,
            weight: self.weight,
            max_users: self.max_users,
            connection: self.connection.clone(),
            care: crate::domain::instance::Care::default(),
        }
    }
}

impl Edit {
    /// The field's name, for the record; the value may be secret.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Note(_) => "note",
            Self::BaseUrl(_) => "address",
            Self::Login(..) => "login",
            Self::Region(_) => "location",
            Self::Provider(_) => "provider",
            Self::Tags(_) => "tags",
            Self::Priority(_) => "priority",
            Self::Weight(_) => "weight",
            Self::MaxUsers(_) => "cap",
            Self::Connection(_) => "connection",
            Self::Mode(_) => "mode",
        }
    }
}
