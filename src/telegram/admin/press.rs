//! What the admins' buttons send back.

use std::fmt;
use std::str::FromStr;

use crate::telegram::callback::UnknownCallback;

/// What an admin's button sends back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminPress {
    /// What admins can do.
    Help,
}

impl fmt::Display for AdminPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Help => f.write_str("h"),
        }
    }
}

impl FromStr for AdminPress {
    type Err = UnknownCallback;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "h" => Ok(Self::Help),
            _ => Err(UnknownCallback),
        }
    }
}
