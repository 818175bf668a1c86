//! What an admin writes to many people at once: to whom, and how far it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BroadcastId, InstanceId, Region, Timestamp, UserId};

/// To whom. In all of them people who blocked the bot and people who were refused are left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Everybody who spoke to the bot.
    Everybody,
    /// Whoever has a key that works.
    WithKey,
    /// Whoever has none.
    WithoutKey,
    /// Whoever has a key that works in this location.
    Region(Region),
    /// Whoever has a key that works on this instance.
    Instance(InstanceId),
}

/// The text names no audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names no group of people")]
pub struct UnknownAudience;

// One short spelling, for rows, dialogues and buttons alike: `all`, `with`, `without`, `in-de`, `on-de001`.
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("all"),
            Self::WithKey => f.write_str("with"),
            Self::WithoutKey => f.write_str("without"),
            Self::Region(region) => write!(f, "in-{region}"),
            Self::Instance(id) => write!(f, "on-{id}"),
        }
    }
}

impl FromStr for Audience {
    type Err = UnknownAudience;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => return Ok(Self::Everybody),
            "with" => return Ok(Self::WithKey),
            "without" => return Ok(Self::WithoutKey),
            _ => {}
        }
        let region = text.strip_prefix("in-").and_then(|code| code.parse().ok()).map(Self::Region);
        let instance = || text.strip_prefix("on-").and_then(|id| id.parse().ok()).map(Self::Instance);
        region.or_else(instance).ok_or(UnknownAudience)
    }
}

impl TryFrom<String> for Audience {
    type Error = UnknownAudience;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

/// Where a message to many people stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BroadcastState {
    /// It goes out.
    Running,
    /// An admin stopped it: nobody else gets it.
    Stopped,
    /// Nobody is left to get it.
    Done,
}

/// How many people got a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Got it.
    pub sent: u64,
    /// Blocked the bot, or are not on Telegram any more.
    pub blocked: u64,
    /// Telegram refused it.
    pub failed: u64,
    /// Will not get it, because it was stopped.
    pub left: u64,
    /// Will get it.
    pub waiting: u64,
}

impl Tally {
    /// How many it was for.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ended() + self.waiting
    }

    /// With how many nothing happens any more.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.sent + self.blocked + self.failed + self.left
    }
}

/// A message to many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// The row.
    pub id: BroadcastId,
    /// Who wrote it.
    pub by: UserId,
    /// To whom.
    pub audience: Audience,
    /// What, in Telegram's HTML.
    pub text: String,
    /// Where it stands.
    pub state: BroadcastState,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was done or stopped.
    pub ended_at: Option<Timestamp>,
}
