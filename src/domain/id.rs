//! Ids that do not mix.

use std::fmt;
use std::str::FromStr;

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
    /// A planned maintenance.
    WindowId
);
number_id!(
    /// A message to many people.
    BroadcastId
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
    /// One outage, from the first doubt to recovery.
    IncidentId
);
number_id!(
    /// A set of moves that were asked for together, such as a migration of a whole panel.
    BatchId
);

/// An instance's short name such as `s001` or `de-1`: 1 to 16 of `a-z`, `0-9` and `-`, beginning with a letter.
/// It stands in callback data and account notes, so it stays short and plain, and is kept in place: each placement
/// decision names several, and must neither allocate nor touch memory elsewhere.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceId([u8; InstanceId::LONGEST]); // padded with zeros, which order as the end of a text does

/// The text is no instance id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an instance id has 1 to 16 letters a-z, digits or dashes and begins with a letter, such as de001")]
pub struct InvalidInstanceId;

impl InstanceId {
    /// How long an id may be, in bytes.
    pub const LONGEST: usize = 16;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(Self::LONGEST);
        str::from_utf8(&self.0[..end]).expect("made of ASCII letters, digits and dashes")
    }
}

impl fmt::Debug for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InstanceId").field(&self.as_str()).finish()
    }
}

impl FromStr for InstanceId {
    type Err = InvalidInstanceId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if !plain || !begins || text.len() > Self::LONGEST {
            return Err(InvalidInstanceId);
        }
        let mut padded = [0; Self::LONGEST];
        padded[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self(padded))
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
        id.as_str().to_owned()
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_id_is_its_text() {
        for text in ["a", "de-1", "s001", "abcdefghijklmnop"] {
            let id: InstanceId = text.parse().unwrap();
            assert_eq!((id.as_str(), id.to_string().as_str()), (text, text));
            assert_eq!(serde_json::to_value(&id).unwrap(), text);
            assert_eq!(format!("{id:?}"), format!("InstanceId({text:?})"));
        }
        for text in ["", "1a", "-a", "A", "a b", "a\0", "ä", "abcdefghijklmnopq"] {
            assert_eq!(text.parse::<InstanceId>(), Err(InvalidInstanceId), "{text:?}");
        }
    }

    #[test]
    fn instance_ids_are_ordered_as_their_texts() {
        let mut texts = ["b", "a-1", "a", "a1", "ab", "abcdefghijklmnop", "a-"];
        let mut ids = texts.map(|text| text.parse::<InstanceId>().unwrap());
        texts.sort_unstable();
        ids.sort_unstable();
        assert_eq!(ids.each_ref().map(InstanceId::as_str), texts);
    }
}
