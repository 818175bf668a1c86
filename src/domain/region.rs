//! Where traffic leaves the network.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where traffic leaves the network: an ISO 3166-1 alpha-2 code in lower case, such as `nl`. Made only by `FromStr`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// The text is no region code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a location is a two-letter country code such as de or nl")]
pub struct InvalidRegion;

impl Region {
    /// The code, such as `nl`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The country's flag as a pair of regional indicator symbols (Unicode UTS #51).
    #[must_use]
    pub fn flag(&self) -> String {
        const REGIONAL_INDICATOR_A: u32 = 0x1F1E6;
        let symbol = |byte: u8| char::from_u32(REGIONAL_INDICATOR_A + u32::from(byte - b'a'));
        self.0.bytes().filter_map(symbol).collect()
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_lowercase();
        let valid = code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
        if valid { Ok(Self(code)) } else { Err(InvalidRegion) }
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidRegion;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_its_flag() {
        let region: Region = "NL".parse().unwrap();
        assert_eq!((region.code(), region.flag().as_str()), ("nl", "🇳🇱"));
        assert_eq!("nld".parse::<Region>(), Err(InvalidRegion));
        assert_eq!("é".parse::<Region>(), Err(InvalidRegion));
    }
}
