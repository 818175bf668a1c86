//! What was gathered of one panel.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::account::InstallationId;
use crate::domain::key::{Authority, Role};
use crate::domain::quota::Bytes;
use crate::domain::{AccountName, AssignmentId, ConfigId, InstanceId, Timestamp};

/// Whose an account is, as its note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// Of this installation on this instance.
    Ours,
    /// Of another installation, or of another instance of this one: the panel is managed twice.
    Another,
    /// Nobody's.
    None,
}

impl Mark {
    /// Reads a note. The mark stands first; a word for the operator's eye may follow.
    #[must_use]
    pub fn read(note: Option<&str>, installation: &InstallationId, instance: &InstanceId) -> Self {
        let first = note.and_then(|note| note.split([' ', '\n']).next()).unwrap_or_default();
        if first == installation.mark(instance) {
            Self::Ours
        } else if first.starts_with("karvan:") {
            Self::Another
        } else {
            Self::None
        }
    }
}

/// What an account allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Serves, or is paused.
    pub enabled: bool,
    /// When it ends; `None` never. Panels know whole seconds.
    pub expires_at: Option<Timestamp>,
    /// How much it may use on its panel; `None` is unlimited.
    pub data_limit: Option<Bytes>,
}

impl Limits {
    /// Whether both mean the same to a panel.
    #[must_use]
    pub fn are(&self, other: &Self) -> bool {
        self.enabled == other.enabled && self.end() == other.end() && self.data_limit == other.data_limit
    }

    /// Whether these allow more than `other` in any respect.
    #[must_use]
    pub fn allow_more_than(&self, other: &Self) -> bool {
        let later = self.end().unwrap_or(i64::MAX) > other.end().unwrap_or(i64::MAX);
        let larger = self.data_limit.unwrap_or(u64::MAX) > other.data_limit.unwrap_or(u64::MAX);
        (self.enabled && !other.enabled) || later || larger
    }

    /// The end as a panel keeps it.
    fn end(&self) -> Option<i64> {
        self.expires_at.map(|at| at.timestamp().max(1))
    }
}

/// An account that a panel shows under our prefix, or that was asked for by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub account: AccountName,
    /// Whose it is.
    pub mark: Mark,
    /// What it allows.
    pub limits: Limits,
    /// Whether it serves the secrets of the key it is an account of. Means nothing for an account that is none's.
    pub right_secrets: bool,
    /// The key in whose name it was made, if this database gave that name out.
    pub given_to: Option<ConfigId>,
}

/// An account that shall be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// The row.
    pub assignment: AssignmentId,
    /// Whose.
    pub config: ConfigId,
    /// Its name.
    pub account: AccountName,
    /// What it is to its key.
    pub role: Role,
    /// Who decides about its limits.
    pub authority: Authority,
    /// What it shall allow by now.
    pub wanted: Limits,
    /// The quota that was last written to it, if that is known. It differs from what is wanted by now when other
    /// accounts of the key were used meanwhile.
    pub written: Option<Bytes>,
    /// How much of what its key used passed through other accounts: no quota that was ever written differs by more from
    /// what is wanted by now.
    pub used_elsewhere: Bytes,
    /// Whether the panel is known to carry the key's present revision.
    pub synced: bool,
    /// Something works on its key, a request to it may still land, or it is newer than the look: no judgement.
    pub in_motion: bool,
}

/// All that was gathered of one panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What the panel shows, in any order.
    pub shown: Vec<Shown>,
    /// What shall be there, in any order.
    pub ours: Vec<Ours>,
    /// Names that open operations or tombstones account for.
    pub accounted: BTreeSet<AccountName>,
    /// Since when each stray has been seen without a break.
    pub strays_since: BTreeMap<AccountName, Timestamp>,
    /// When the look was taken.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_installations_mark_for_this_instance_is_ours() {
        let installation: InstallationId = "ab23cd".parse().unwrap();
        let read = |note| Mark::read(note, &installation, &"de1".parse().unwrap());
        assert_eq!(read(Some("karvan:ab23cd:de1 tg:5")), Mark::Ours);
        assert_eq!(read(Some("karvan:ab23cd:de1")), Mark::Ours);
        for another in ["karvan:ab23cd:de11", "karvan:ab23cd:nl1 tg:5", "karvan:zz23cd:de1", "karvan:"] {
            assert_eq!(read(Some(another)), Mark::Another, "{another}");
        }
        for none in [None, Some(""), Some("vip karvan:ab23cd:de1"), Some("Karvan:ab23cd:de1")] {
            assert_eq!(read(none), Mark::None, "{none:?}");
        }
    }

    #[test]
    fn more_is_later_larger_or_enabled() {
        let at = |second| Timestamp::from_timestamp(second, 0);
        let base = Limits { enabled: true, expires_at: at(100), data_limit: Some(10) };
        assert!(!base.allow_more_than(&base));
        assert!(Limits { expires_at: at(101), ..base }.allow_more_than(&base));
        assert!(Limits { expires_at: None, ..base }.allow_more_than(&base));
        assert!(Limits { data_limit: Some(11), expires_at: at(1), ..base }.allow_more_than(&base));
        assert!(Limits { data_limit: None, ..base }.allow_more_than(&base));
        assert!(base.allow_more_than(&Limits { enabled: false, ..base }));
        assert!(!Limits { enabled: false, expires_at: at(99), data_limit: Some(9) }.allow_more_than(&base));
    }
}
