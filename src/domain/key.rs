//! A key (in code: a config): what a user owns, wherever its account lives.

use serde::{Deserialize, Serialize};

use super::quota::Bytes;
use super::{AccountName, AssignmentId, ConfigId, InstanceId, Region, Timestamp, UserId};

/// Who decides a key's expiry, quota and status when panel and database differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Authority {
    /// Made by us: the panel is repaired.
    Karvan,
    /// Adopted: the panel's change is taken over.
    Panel,
}

/// What was wished for a key, whatever the panels say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// Serves.
    Active,
    /// Paused by an admin.
    Suspended,
    /// Taken away for good.
    Revoked,
}

/// What a key's limits mean at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Serves.
    Live,
    /// Paused by an admin.
    Suspended,
    /// Its time is over.
    Expired,
    /// Its traffic is used up.
    Exhausted,
    /// Taken away.
    Revoked,
}

/// A key. Its credentials are kept apart and opened only where they are sent or shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The row.
    pub id: ConfigId,
    /// Whose it is.
    pub owner: UserId,
    /// The owner's first, second … key.
    pub number: u32,
    /// Grows with each change of wish, expiry or quota. A switch succeeds only for the revision it sent.
    pub revision: i64,
    /// Grows with each reset of the link.
    pub link_epoch: u32,
    /// Who decides.
    pub authority: Authority,
    /// What was wished.
    pub wish: Wish,
    /// When it ends; `None` never.
    pub expires_at: Option<Timestamp>,
    /// How much it may use over all; `None` is unlimited.
    pub data_limit: Option<Bytes>,
    /// What accounts that are gone had used, in bytes. Below zero after traffic was reset: what the accounts that live
    /// had used until then does not count.
    pub used_before: i64,
    /// The location its owner chose; `None` is automatic.
    pub wanted_region: Option<Region>,
    /// The number of the last account made for it.
    pub generation: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Config {
    /// What the limits mean at `now`, with `used_total` over all accounts.
    #[must_use]
    pub fn standing(&self, used_total: Bytes, now: Timestamp) -> Standing {
        match self.wish {
            Wish::Revoked => Standing::Revoked,
            Wish::Suspended => Standing::Suspended,
            Wish::Active if self.expires_at.is_some_and(|end| end <= now) => Standing::Expired,
            Wish::Active if self.data_limit.is_some_and(|limit| used_total >= limit) => Standing::Exhausted,
            Wish::Active => Standing::Live,
        }
    }
}

/// What an account is to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one that counts.
    Primary,
    /// Left behind by a move, still serving clients that have not fetched since.
    Lingering,
    /// Kept ready elsewhere.
    Standby,
}

/// A request whose fate is not known: it may still be executed by a panel that slept.
///
/// It is *settled* 60 s after the later of its time-out and the first good detailed check after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsettled {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it can no longer land; unknown until the panel was seen well again.
    pub settles_at: Option<Timestamp>,
}

impl Unsettled {
    /// Whether the request may still land at `now`.
    #[must_use]
    pub fn is_open(self, now: Timestamp) -> bool {
        self.settles_at.is_none_or(|at| at > now)
    }
}

/// A config's account on one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The row.
    pub id: AssignmentId,
    /// Whose account.
    pub config: ConfigId,
    /// Where.
    pub instance: InstanceId,
    /// Its name there.
    pub account: AccountName,
    /// What it is to the key.
    pub role: Role,
    /// The number in its name.
    pub generation: u32,
    /// What it had used when it was last read.
    pub used: Bytes,
    /// When that was.
    pub used_at: Option<Timestamp>,
    /// The revision its panel was last seen to carry.
    pub synced_revision: i64,
    /// A write to it that may still land.
    pub unsettled: Option<Unsettled>,
    /// When a lingering account is deleted.
    pub linger_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}
