//! What people are told. Typed, stored, and put into words only when it is sent, in the reader's language.

use serde::{Deserialize, Serialize};

use crate::domain::instance::Health;
use crate::domain::quota::Bytes;
use crate::domain::{
    BatchId, BroadcastId, ConfigId, IncidentId, InstanceId, OperationId, Region, Timestamp, UserId, WindowId,
};
use crate::store::outbox::NewLetter;

/// Something to tell one chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// A key that was asked for is there.
    KeyReady {
        /// The key.
        config: ConfigId,
    },
    /// No place yet: the key will come by itself.
    KeyWaits {
        /// The key.
        config: ConfigId,
        /// The operation that waits.
        operation: OperationId,
    },
    /// A key is served from another place now. Without links of our own the link has changed too.
    KeyMoved {
        /// The key.
        config: ConfigId,
        /// Whether its owner asked for it.
        asked: bool,
    },
    /// A key left a dead instance, and its app did not fetch since: the app must be told to.
    UpdateApp {
        /// The key.
        config: ConfigId,
        /// When it was served elsewhere.
        since: Timestamp,
    },
    /// Links have another address, and no app of the key found it by itself.
    NewAddress {
        /// The key.
        config: ConfigId,
        /// Since when.
        since: Timestamp,
    },
    /// New secrets and a new link: every device must be set up again.
    KeyReset {
        /// The key.
        config: ConfigId,
    },
    /// An admin changed the key.
    KeyChanged {
        /// The key.
        config: ConfigId,
        /// How.
        change: Change,
    },
    /// A wish cannot be had and was given up; the key stays as it was.
    WishFailed {
        /// The key.
        config: ConfigId,
        /// Why, as a short machine word.
        problem: String,
    },
    /// A while after a first key: did it work?
    DidItWork {
        /// The key.
        config: ConfigId,
    },
    /// To the admins: somebody asks for access.
    AccessRequested {
        /// Who.
        user: UserId,
    },
    /// Access was granted.
    AccessGranted,
    /// Access was refused.
    AccessDenied,
    /// To the admin who started it: how far a set of moves is.
    BatchProgress {
        /// The set.
        batch: BatchId,
    },
    /// To one of many people: what an admin wrote to all of them.
    Broadcast {
        /// Which message.
        broadcast: BroadcastId,
    },
    /// To the admin who wrote it: how far a message to many people is.
    BroadcastProgress {
        /// Which message.
        broadcast: BroadcastId,
    },
    /// To the admins: an incident, as it is when this is sent.
    Incident {
        /// Which.
        incident: IncidentId,
        /// Only a progress bar moves: the edit may wait.
        progress: bool,
    },
    /// To the admins: the chat for alerts cannot be reached.
    AlertChatLost,
    /// To the admins: how the last day was.
    Summary {
        /// Its figures.
        summary: Summary,
    },
    /// To the owner of a key, once: its time or traffic ends.
    Warning {
        /// The key.
        config: ConfigId,
        /// What.
        warning: Warning,
    },
    /// To the admins: an instance needs a person.
    InstanceProblem {
        /// Which.
        instance: InstanceId,
        /// What, as a short machine word.
        problem: String,
    },
    /// To the admin who began it: an instance is drained.
    Drained {
        /// Which.
        instance: InstanceId,
    },
    /// To the admins: what became of a planned maintenance.
    Maintenance {
        /// Which.
        window: WindowId,
        /// What.
        news: MaintenanceNews,
    },
    /// To the admins: after a restore nothing acts before one of them says so.
    Held,
    /// To the admins: keys wait for room.
    NoRoom {
        /// Where, if only there.
        region: Option<Region>,
    },
}

/// What the owner of a key should know in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Warning {
    /// Its time ends.
    EndsSoon {
        /// When.
        at: Timestamp,
        /// How long that is from when this was found.
        days: u32,
    },
    /// Its time is over.
    Ended,
    /// Most of its traffic is used.
    Traffic {
        /// How much of it, in percent.
        percent: u32,
        /// How much is left.
        left: Bytes,
    },
    /// Its traffic is used up.
    Exhausted,
}

/// How a day was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// When it ended.
    pub until: Timestamp,
    /// Keys that serve.
    pub keys: u64,
    /// Keys that were made.
    pub new: u64,
    /// Keys that ended.
    pub ended: u64,
    /// Moves that were done.
    pub moves: u64,
    /// Keys that wait for room.
    pub waiting: u64,
    /// Panels.
    pub panels: u64,
    /// How many of the checks were good, in hundredths of a percent; `None`: there were none.
    pub uptime: Option<u32>,
    /// Incidents that began.
    pub incidents: u64,
    /// The names of panels that are in trouble now, with their state.
    pub trouble: Vec<(String, Health)>,
}

/// What became of a planned maintenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceNews {
    /// It began.
    Began,
    /// It ended in its time.
    Ended,
    /// An admin ended it before its time.
    EndedEarly,
    /// An admin gave it up before it began.
    Cancelled,
    /// Its whole time passed while nothing ran that could have begun it.
    Missed,
}

/// What an admin changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// More days or more traffic.
    Extended,
    /// Paused.
    Suspended,
    /// Serves again.
    Resumed,
    /// Taken away.
    Revoked,
    /// Traffic counted from zero again.
    TrafficReset,
}

/// How urgent a message is. Lower goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The answer to what a person just did.
    Reply,
    /// Somebody must act.
    Alert,
    /// Good to know.
    Notice,
    /// To everybody.
    Bulk,
}

/// A notice on its way to a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The chat; a user's id is the id of their private chat.
    pub chat: i64,
    /// How urgent.
    pub lane: Lane,
    /// A newer letter of the same slot replaces an unsent older one, and edits a sent one.
    pub slot: Option<String>,
    /// What.
    pub notice: Notice,
    /// The screen number of the menu that waits for this answer: if it still stands there, it is edited in place.
    pub screen: Option<i64>,
}

impl Letter {
    /// The letter as it is stored, to be sent from `not_before` on.
    #[must_use]
    pub fn stored(&self, not_before: Timestamp) -> NewLetter {
        NewLetter {
            chat: self.chat,
            lane: self.lane.number(),
            slot: self.slot.clone(),
            notice: serde_json::to_value(&self.notice).expect("a notice has only text keys"),
            screen: self.screen,
            not_before,
        }
    }
}

impl Lane {
    /// The lane as it is stored: lower goes first.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Reply => 0,
            Self::Alert => 1,
            Self::Notice => 2,
            Self::Bulk => 3,
        }
    }
}
