//! Ids that do not mix.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

number_id!(
    /// A person: their Telegram user id, which is also the id of their private chat.
    UserId
);
number_id!(
    /// A key: what a user owns.
    ConfigId
);
number_id!(
    /// A config's account on one instance.
    AssignmentId
);
number_id!(
    /// A durable intent.
    OperationId
);
number_id!(
    /// An account that must still be deleted.
    TombstoneId
);
number_id!(
    /// A set of moves that were asked for together, such as a migration of a whole panel.
    BatchId
);

/// An instance's short name such as `s001` or `de-1`: 1 to 16 of `a-z`, `0-9` and `-`, beginning with a letter.
/// It stands in callback data and account notes, so it stays short and plain. Shared, so that a copy allocates nothing:
/// each placement decision names several instances.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceId(Arc<str>);

/// The text is no instance id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an instance id has 1 to 16 letters a-z, digits or dashes and begins with a letter, such as de001")]
pub struct InvalidInstanceId;

impl InstanceId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstanceId {
    type Err = InvalidInstanceId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if plain && begins && text.len() <= 16 { Ok(Self(text.into())) } else { Err(InvalidInstanceId) }
    }
}

impl TryFrom<String> for InstanceId {
    type Error = InvalidInstanceId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<InstanceId> for String {
    fn from(id: InstanceId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
