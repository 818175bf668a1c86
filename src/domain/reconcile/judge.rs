//! What differs.

use std::collections::BTreeMap;

use crate::domain::key::{Authority, Role};
use crate::domain::{AccountName, AssignmentId, ConfigId, Timestamp};

use super::look::{Limits, Look, Mark, Ours, Shown};

/// An account of ours that nothing justifies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stray {
    /// Since when it has been seen.
    pub since: Timestamp,
    /// Its name.
    pub account: AccountName,
    /// The key in whose name it was made.
    pub config: ConfigId,
}

/// An account that shall be there and is not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// Whose.
    pub config: ConfigId,
    /// The row.
    pub assignment: AssignmentId,
    /// Its name.
    pub account: AccountName,
}

/// How an account differs from what it shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Nobody changed it: what it shall allow has moved on since it was written.
    Behind,
    /// Somebody changed its secrets, or made it allow less.
    Against,
    /// Somebody made it allow more in some respect.
    Favour,
}

/// An account that is not as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub config: ConfigId,
    /// The row.
    pub assignment: AssignmentId,
    /// Its name.
    pub account: AccountName,
    /// Who decides about its limits.
    pub authority: Authority,
    /// How it differs.
    pub change: Change,
    /// What the panel has it allow.
    pub shown: Limits,
}

/// What differs between a panel and the database; each list in the order of its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many accounts that count shall be there, of those that can be judged.
    pub expected: usize,
    /// How many accounts with our mark the panel shows.
    pub marked: usize,
    /// Ours, and nothing justifies them.
    pub strays: Vec<Stray>,
    /// Ours by their mark, but this database never gave their name out.
    pub unknown: Vec<AccountName>,
    /// Our prefix, another's mark.
    pub another: Vec<AccountName>,
    /// Our prefix, no mark, and nothing that justifies them.
    pub unmarked: Vec<AccountName>,
    /// Accounts that count, and are not there.
    pub missing: Vec<Missing>,
    /// Accounts left behind by a move that are gone before their time.
    pub lost: Vec<Missing>,
    /// Accounts that are not as they shall be.
    pub changed: Vec<Changed>,
}

impl Findings {
    /// Whether all is as it shall be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let Self { expected: _, marked: _, strays, unknown, another, unmarked, missing, lost, changed } =
            self;
        strays.is_empty()
            && unknown.is_empty()
            && another.is_empty()
            && unmarked.is_empty()
            && missing.is_empty()
            && lost.is_empty()
            && changed.is_empty()
    }
}

/// Compares what a panel shows with what shall be there. The order in which either is given does not matter.
#[must_use]
pub fn judge(look: &Look) -> Findings {
    let shown: BTreeMap<&AccountName, &Shown> =
        look.shown.iter().map(|shown| (&shown.account, shown)).collect();
    let ours: BTreeMap<&AccountName, &Ours> = look.ours.iter().map(|ours| (&ours.account, ours)).collect();
    let mut found = Findings {
        expected: ours.values().filter(|ours| counts(ours) && !ours.in_motion).count(),
        marked: shown.values().filter(|shown| shown.mark == Mark::Ours).count(),
        ..Findings::default()
    };
    for (name, account) in &shown {
        if ours.contains_key(name) || look.accounted.contains(*name) {
            continue;
        }
        match (account.mark, account.given_to) {
            (Mark::Ours, Some(config)) => found.strays.push(Stray {
                since: look.strays_since.get(*name).copied().unwrap_or(look.at),
                account: (*name).clone(),
                config,
            }),
            (Mark::Ours, None) => found.unknown.push((*name).clone()),
            (Mark::Another, _) => found.another.push((*name).clone()),
            (Mark::None, _) => found.unmarked.push((*name).clone()),
        }
    }
    for (name, ours) in ours.iter().filter(|(_, ours)| !ours.in_motion) {
        let missing =
            || Missing { config: ours.config, assignment: ours.assignment, account: (*name).clone() };
        match shown.get(name) {
            None if counts(ours) => found.missing.push(missing()),
            None => found.lost.push(missing()),
            // Somebody else says that it is theirs too: who is right, a person must say.
            Some(shown) if shown.mark == Mark::Another && ours.authority == Authority::Karvan => {
                found.another.push((*name).clone());
            }
            Some(shown) => found.changed.extend(change_of(ours, shown).map(|change| Changed {
                config: ours.config,
                assignment: ours.assignment,
                account: (*name).clone(),
                authority: ours.authority,
                change,
                shown: shown.limits,
            })),
        }
    }
    found.another.sort();
    found
}

/// Whether a key depends on the account.
fn counts(ours: &Ours) -> bool {
    match ours.role {
        Role::Primary | Role::Standby => true,
        Role::Lingering => false,
    }
}

/// How an account differs from what it shall be, if it does.
///
/// Only an account that counts is held to its limits: one left behind serves for hours yet, and what is left over all is
/// no more than what it may use.
fn change_of(ours: &Ours, shown: &Shown) -> Option<Change> {
    // The panel's own accounts keep the secrets that they came with.
    let wrong_secrets = !shown.right_secrets && ours.authority == Authority::Karvan;
    if !counts(ours) {
        return None;
    }
    let (limits, wanted) = (&shown.limits, &ours.wanted);
    if limits.are(wanted) {
        return wrong_secrets.then_some(Change::Against);
    }
    if !ours.synced {
        return Some(Change::Behind);
    }
    // Its own quota as it was last written.
    let written = Limits { data_limit: written_limit(ours, limits), ..*wanted };
    if !limits.are(&written) {
        let favour = limits.allow_more_than(&written);
        return Some(if favour { Change::Favour } else { Change::Against });
    }
    if wrong_secrets {
        return Some(Change::Against);
    }
    is_far(wanted.data_limit, limits.data_limit).then_some(Change::Behind)
}

/// The quota that the panel was told last. Where that is not known, what it shows is believed as long as the use of the
/// key's other accounts explains it: those are counted against the quota, and nobody writes it anew each time.
fn written_limit(ours: &Ours, shown: &Limits) -> Option<u64> {
    match (ours.wanted.data_limit, ours.written, shown.data_limit) {
        (None, _, _) => None,
        (Some(_), Some(written), _) => Some(written),
        (Some(wanted), None, Some(shown)) if shown >= wanted && shown - wanted <= ours.used_elsewhere => {
            Some(shown)
        }
        (Some(wanted), None, _) => Some(wanted),
    }
}

/// Whether a quota is so far from what it shall be that it is worth a request: by a hundredth.
fn is_far(wanted: Option<u64>, shown: Option<u64>) -> bool {
    match (wanted, shown) {
        (Some(wanted), Some(shown)) => wanted.abs_diff(shown) > wanted.max(shown) / 100,
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    }
}
