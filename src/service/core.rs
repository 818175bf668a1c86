//! What all services share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

use crate::domain::account::InstallationId;
use crate::domain::health::Thresholds;
use crate::domain::instance::FailoverMode;
use crate::domain::{Clock, InstanceId, OperationId};
use crate::store::Store;

use super::leader::Leader;
use super::links::LinkBook;
use super::loops::Loops;
use super::panels::Panels;
use super::placer::Placer;

/// The rules that operators set.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who may have a key.
    pub access: AccessMode,
    /// How long a new key lasts; `None` for ever.
    pub default_days: Option<u32>,
    /// How much a new key may use, in GiB; `None` unlimited.
    pub default_gb: Option<u32>,
    /// How many live keys a person may have.
    pub max_keys_per_user: u32,
    /// How long an account left behind by a move goes on serving.
    pub linger: Duration,
    /// How long an ended key keeps its account and its place.
    pub keep_ended: Duration,
    /// The admins' Telegram ids.
    pub admins: Vec<crate::domain::UserId>,
    /// Where alerts go instead of to each admin.
    pub alert_chat: Option<i64>,
    /// The topic of that chat.
    pub alert_topic: Option<i32>,
    /// How the fleet is looked after.
    pub care: Care,
}

/// How the fleet is looked after.
#[derive(Debug, Clone)]
pub struct Care {
    /// When an instance is in which state.
    pub health: Thresholds,
    /// Whether keys leave a dead instance by themselves.
    pub failover: FailoverMode,
    /// How long after `Down` those leave who do not ask.
    pub evacuate_after: Duration,
    /// Whether the load is evened out.
    pub rebalance: RebalanceMode,
    /// This process's uplink: votes of one uplink count as one.
    pub vantage: String,
    /// Public addresses that prove that our own path works: `host:port`, or http(s) addresses.
    pub anchors: Vec<String>,
    /// How many days before its end the owner of a key is told, each once.
    pub warn_days: Vec<u32>,
    /// At which shares of the traffic, in percent, the owner of a key is told, each once.
    pub warn_percent: Vec<u32>,
    /// When the daily summary is sent: minutes after midnight in the time zone of the service; `None` never.
    pub summary_at: Option<u32>,
    /// Where days begin and end.
    pub zone: chrono_tz::Tz,
}

impl Default for Care {
    fn default() -> Self {
        Self {
            health: Thresholds::default(),
            failover: FailoverMode::Auto,
            evacuate_after: Duration::from_secs(20),
            rebalance: RebalanceMode::Suggest,
            vantage: "main".to_owned(),
            anchors: Vec::new(),
            warn_days: vec![3, 1],
            warn_percent: vec![80, 100],
            summary_at: Some(9 * 60),
            zone: chrono_tz::UTC,
        }
    }
}

/// Whether the load is evened out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebalanceMode {
    /// Never.
    Off,
    /// Admins are asked.
    Suggest,
    /// By itself.
    Auto,
}

impl std::str::FromStr for RebalanceMode {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "suggest" => Ok(Self::Suggest),
            "auto" => Ok(Self::Auto),
            _ => Err("off, suggest or auto"),
        }
    }
}

/// Who may have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessMode {
    /// Admins approve each request.
    Approve,
    /// Only with an invitation.
    Invite,
    /// Anybody.
    Open,
    /// Nobody new.
    Closed,
}

impl std::str::FromStr for AccessMode {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "approve" => Ok(Self::Approve),
            "invite" => Ok(Self::Invite),
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            _ => Err("approve, invite, open or closed"),
        }
    }
}

/// What all services share. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The rules.
    pub policy: Arc<Policy>,
    /// The panels.
    pub panels: Arc<Panels>,
    /// Where keys go.
    pub placer: Arc<Placer>,
    /// Who we are on the panels.
    pub installation: InstallationId,
    /// What wakes the loops.
    pub signals: Arc<Signals>,
    /// How our links are written.
    pub links: Arc<LinkBook>,
    /// Which of several processes plans.
    pub leader: Arc<Leader>,
}

impl Core {
    /// The same for whoever plans: its transactions fail once another process leads.
    #[must_use]
    pub fn planning(&self) -> Self {
        let Some(fence) = self.leader.fence() else { return self.clone() };
        Self { store: self.store.fenced(fence), ..self.clone() }
    }
}

/// What wakes the loops before their time. A lost signal costs a wait, never an effect: all loops look by themselves.
#[derive(Debug)]
pub struct Signals {
    /// There is something for the executor.
    pub work: Notify,
    /// An update came in.
    pub update: Notify,
    /// There is something to send.
    pub mail: Notify,
    /// An instance failed a real call and should be looked at.
    pub doubt: Notify,
    /// Instances in doubt, and whether they are being checked.
    doubted: Mutex<BTreeMap<InstanceId, bool>>,
    /// An operation ended, or was put on the waitlist.
    settled: broadcast::Sender<OperationId>,
    /// How the loops do.
    pub loops: Loops,
    /// Whether Telegram answers; `None`: nobody asked it yet.
    telegram: Mutex<Option<bool>>,
    /// The bot's user name, once Telegram told it.
    bot: Mutex<Option<String>>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            work: Notify::new(),
            update: Notify::new(),
            mail: Notify::new(),
            doubt: Notify::new(),
            doubted: Mutex::default(),
            settled: broadcast::Sender::new(1024),
            loops: Loops::default(),
            telegram: Mutex::default(),
            bot: Mutex::default(),
        }
    }
}

impl Signals {
    /// An operation ended, or was put on the waitlist.
    pub fn operation_settled(&self, id: OperationId) {
        // Nobody listening is fine.
        let _ = self.settled.send(id);
    }

    /// An instance failed a real call: it is to be checked soon.
    pub fn look_at(&self, id: &InstanceId) {
        self.doubted.lock().expect("never poisoned").insert(id.clone(), false);
        self.doubt.notify_one();
    }

    /// The instances that are to be checked now. They stay in doubt until [`Signals::checked`].
    #[must_use]
    pub fn take_doubted(&self) -> Vec<InstanceId> {
        let mut doubted = self.doubted.lock().expect("never poisoned");
        let waiting = doubted.iter_mut().filter(|(_, being_checked)| !**being_checked);
        waiting.map(|(id, being_checked)| (*being_checked = true, id.clone()).1).collect()
    }

    /// An instance was checked: what the check found is stored, and the doubt is over.
    pub fn checked(&self, id: &InstanceId) {
        self.doubted.lock().expect("never poisoned").remove(id);
    }

    /// Whether an instance failed a real call and was not checked since.
    #[must_use]
    pub fn is_in_doubt(&self, id: &InstanceId) -> bool {
        self.doubted.lock().expect("never poisoned").contains_key(id)
    }

    /// Telegram answers, or does not.
    pub fn telegram_is(&self, answers: bool) {
        *self.telegram.lock().expect("never poisoned") = Some(answers);
    }

    /// Whether Telegram answers; `None`: nobody asked it yet.
    #[must_use]
    pub fn telegram_answers(&self) -> Option<bool> {
        *self.telegram.lock().expect("never poisoned")
    }

    /// What the bot is called, such as `example_bot`.
    pub fn bot_is(&self, username: String) {
        *self.bot.lock().expect("never poisoned") = Some(username);
    }

    /// The bot's user name; `None`: Telegram never told it.
    #[must_use]
    pub fn bot(&self) -> Option<String> {
        self.bot.lock().expect("never poisoned").clone()
    }

    /// Hears of operations from now on.
    #[must_use]
    pub fn settled(&self) -> broadcast::Receiver<OperationId> {
        self.settled.subscribe()
    }
}
