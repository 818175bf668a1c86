//! How our accounts are called on a panel, and how we know them again.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{ConfigId, InstanceId};

/// RFC 4648 base32 in lower case: no digit that looks like a letter.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// This installation's id: six random base32 characters, made at the first start and kept for ever. It tells our
/// accounts from those of another Karvan on the same panel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InstallationId(String);

impl InstallationId {
    /// A new id from `rng`.
    pub fn generate(rng: &mut impl Rng) -> Self {
        Self((0..6).map(|_| char::from(BASE32[rng.random_range(0..BASE32.len())])).collect())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What each of our account names begins with.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("k{}", self.0)
    }

    /// The note that marks an account of this installation on `instance`.
    #[must_use]
    pub fn mark(&self, instance: &InstanceId) -> String {
        format!("karvan:{}:{instance}", self.0)
    }
}

/// The text is no installation id.
#[derive(Debug, thiserror::Error)]
#[error("an installation id has six characters a-z or 2-7")]
pub struct InvalidInstallationId;

impl FromStr for InstallationId {
    type Err = InvalidInstallationId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = text.len() == 6 && text.bytes().all(|b| BASE32.contains(&b));
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidInstallationId) }
    }
}

/// An account's name on a panel: `k`, the installation, the config number and the generation in base 36. Never used
/// again, at most 32 characters, lower case, no `_`: valid on every panel kind, and unique even on a MySQL panel that
/// ignores case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountName(String);

impl AccountName {
    /// The name of `config`'s account number `generation`. One digit before them says how long the config's number is,
    /// so that no two pairs make the same name.
    #[must_use]
    pub fn new(installation: &InstallationId, config: ConfigId, generation: u32) -> Self {
        let config = base36(config.0.unsigned_abs());
        let generation = base36(u64::from(generation));
        let length = base36(config.len() as u64);
        Self(format!("{}{length}{config}{generation}", installation.prefix()))
    }

    /// A name read back from the database or a panel.
    #[must_use]
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    /// The config and the generation of a name that [`AccountName::new`] made; `None` for any other name.
    #[must_use]
    pub fn parts(&self, installation: &InstallationId) -> Option<(ConfigId, u32)> {
        let rest = self.0.strip_prefix(&installation.prefix())?;
        let length = usize::try_from(rest.chars().next()?.to_digit(36)?).ok()?;
        let (config, generation) = rest[1..].split_at_checked(length)?;
        let config = ConfigId(i64::from_str_radix(config, 36).ok()?);
        let generation = u32::from_str_radix(generation, 36).ok()?;
        // Only one way of writing it is ours.
        (Self::new(installation, config, generation) == *self).then_some((config, generation))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `number` in base 36, lower case, without leading zeros.
fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).expect("below 36");
        digits.push(char::from_digit(digit, 36).expect("below 36"));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_are_valid_everywhere_and_never_meet(
            (a, b) in (1..i64::MAX, 1..i64::MAX), (g, h) in (0..u32::MAX, 0..u32::MAX),
        ) {
            let installation: InstallationId = "ab23cd".parse().unwrap();
            let name = AccountName::new(&installation, ConfigId(a), g);
            let text = name.as_str();
            prop_assert!((3..=32).contains(&text.len()), "{text}");
            prop_assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            let other = AccountName::new(&installation, ConfigId(b), h);
            prop_assert_eq!(name == other, (a, g) == (b, h));
            prop_assert_eq!(name.parts(&installation), Some((ConfigId(a), g)));
        }

        #[test]
        fn no_other_name_has_parts(rest in "[a-zA-Z0-9é]{0,12}") {
            let installation: InstallationId = "ab23cd".parse().unwrap();
            let name = AccountName::stored(format!("kab23cd{rest}"));
            if let Some((config, generation)) = name.parts(&installation) {
                prop_assert_eq!(AccountName::new(&installation, config, generation), name);
            }
        }
    }
}
