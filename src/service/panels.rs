//! The panels of the fleet, connected once and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;

use crate::domain::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::key::Assignment;
use crate::panel::probe::Probe;
use crate::panel::{Account, Call, Panel, PanelError};
use crate::store::{Store, StoreError};

use super::health::Looks;
use super::pace::{Class, Pace};

/// Makes a driver for an instance. Injected, so that tests can put a model in a panel's place.
pub type Connector = Arc<dyn Fn(&Instance, SecretString) -> Result<Arc<dyn Panel>, PanelError> + Send + Sync>;

/// Why there is no driver for an instance.
#[derive(Debug, thiserror::Error)]
pub enum NoPanel {
    /// No such instance.
    #[error("no instance {0}")]
    NotFound(InstanceId),
    /// Its settings cannot be used.
    #[error("instance {0} cannot be connected")]
    Settings(InstanceId, #[source] PanelError),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// The panels of the fleet.
pub struct Panels {
    store: Store,
    connector: Connector,
    connected: Mutex<HashMap<InstanceId, Arc<dyn Panel>>>,
    pace: Pace,
    looks: Looks,
    probe: Option<Arc<dyn Probe>>,
}

impl Panels {
    /// The panels that `store` describes, connected by `connector`.
    #[must_use]
    pub fn new(store: Store, connector: Connector) -> Self {
        Self {
            store,
            connector,
            connected: Mutex::default(),
            pace: Pace::default(),
            looks: Looks::default(),
            probe: None,
        }
    }

    /// The same, asked at another pace than real panels bear.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The same, with what looks at endpoints and anchors. Without it, none can be observed.
    #[must_use]
    pub fn with_probe(mut self, probe: Arc<dyn Probe>) -> Self {
        self.probe = Some(probe);
        self
    }

    /// What looks at endpoints and anchors.
    #[must_use]
    pub fn probe(&self) -> Option<Arc<dyn Probe>> {
        self.probe.clone()
    }

    /// What this process saw of them.
    #[must_use]
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// The driver of an instance.
    ///
    /// # Errors
    /// See [`NoPanel`].
    pub async fn of(&self, id: &InstanceId) -> Result<Arc<dyn Panel>, NoPanel> {
        if let Some(panel) = self.connected.lock().expect("never poisoned").get(id) {
            return Ok(panel.clone());
        }
        let instance = self.store.instance(id).await?.ok_or_else(|| NoPanel::NotFound(id.clone()))?;
        let password = self.store.password(id).await?.ok_or_else(|| NoPanel::NotFound(id.clone()))?;
        let panel =
            self.connect(&instance, password).map_err(|error| NoPanel::Settings(id.clone(), error))?;
        // Two that connected at once keep the first: it may hold a login already.
        let mut connected = self.connected.lock().expect("never poisoned");
        Ok(connected.entry(id.clone()).or_insert(panel).clone())
    }

    /// Reads an account from its panel, in its turn. `None`: the panel cannot be connected.
    pub async fn account(
        &self,
        account: &Assignment,
        class: Class,
    ) -> Option<Result<Option<Account>, PanelError>> {
        let panel = self.of(&account.instance).await.ok()?;
        let call = match class {
            Class::Foreground => Call::FOREGROUND,
            Class::Background => Call::BACKGROUND,
        };
        let turn = self.pace.turn(&account.instance, class).await;
        let answer = panel.get(&account.account, call).await;
        turn.done(&answer);
        Some(answer)
    }

    /// How fast panels are asked.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// A driver for settings that are not stored.
    ///
    /// # Errors
    /// The settings cannot be used.
    pub fn connect(&self, instance: &Instance, password: SecretString) -> Result<Arc<dyn Panel>, PanelError> {
        (self.connector)(instance, password)
    }

    /// The settings of an instance changed: its driver is made anew.
    pub fn forget(&self, id: &InstanceId) {
        self.connected.lock().expect("never poisoned").remove(id);
    }
}
