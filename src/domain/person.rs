//! People who speak to the bot, and how they get in.

use serde::{Deserialize, Serialize};

use super::{Timestamp, UserId};

/// What was decided about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// Nothing yet.
    None,
    /// The person has asked.
    Requested,
    /// May have keys.
    Granted,
    /// May not.
    Denied,
}

/// A person who spoke to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Telegram's id.
    pub id: UserId,
    /// As they call themselves on Telegram. May hold anything.
    pub first_name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// The language they chose.
    pub language: Option<String>,
    /// The language of their Telegram.
    pub telegram_language: Option<String>,
    /// What was decided.
    pub admission: Admission,
    /// How long their keys last, if that was decided for them.
    pub granted_days: Option<u32>,
    /// How much their keys may use, in GiB, if that was decided for them.
    pub granted_gb: Option<u32>,
    /// They blocked the bot: nothing can be sent.
    pub blocked_bot: bool,
    /// When they came.
    pub created_at: Timestamp,
    /// When they last did something.
    pub last_seen_at: Timestamp,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// What is typed or stands in the link: 8 base32 characters in lower case.
    pub code: String,
    /// How often it may be used.
    pub max_uses: u32,
    /// How often it was.
    pub used: u32,
    /// How long a key made with it lasts; `None` takes the default.
    pub days: Option<u32>,
    /// How much such a key may use, in GiB; `None` takes the default.
    pub gb: Option<u32>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Taken back.
    pub revoked: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What came of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// The person may have keys now.
    Welcome,
    /// The person had access before; the invitation was not used.
    AlreadyIn,
    /// No such code.
    Unknown,
    /// Used as often as it may.
    UsedUp,
    /// Over, or taken back.
    Expired,
}

/// A decision about a person, carried out only if nobody decided before.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionChange<'a> {
    /// It holds only for a person in one of these states.
    pub from: &'a [Admission],
    /// The state after it.
    pub to: Admission,
    /// Who decided.
    pub by: Option<UserId>,
    /// How long their keys last; `None` takes the default.
    pub days: Option<u32>,
    /// How much their keys may use, in GiB; `None` takes the default.
    pub gb: Option<u32>,
}
