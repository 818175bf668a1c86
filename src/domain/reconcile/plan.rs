//! What is done about it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::AccountName;
use crate::domain::key::Authority;

use super::judge::{Change, Changed, Findings, Missing, Stray};
use super::look::Look;

/// How far one run may go by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brakes {
    /// A stray must have been seen for this long.
    pub seen_apart: Duration,
    /// Strays deleted in one run: this part of a hundred of our accounts there, and at least one …
    pub delete_percent: usize,
    /// … but never more than this.
    pub delete_at_most: usize,
    /// More missing than this part of a hundred of those that shall be there (and more than one) is no accident …
    pub missing_percent: usize,
    /// … nor are more than this.
    pub missing_at_most: usize,
    /// Accounts put right or taken over in one run.
    pub repair_at_most: usize,
}

impl Default for Brakes {
    fn default() -> Self {
        Self {
            seen_apart: Duration::from_secs(600),
            delete_percent: 1,
            delete_at_most: 100,
            missing_percent: 5,
            missing_at_most: 50,
            repair_at_most: 100,
        }
    }
}

impl Brakes {
    /// How many strays one run may delete, with so many of our accounts on the panel.
    #[must_use]
    pub fn deletes(&self, marked: usize) -> usize {
        (marked * self.delete_percent / 100).clamp(1, self.delete_at_most.max(1))
    }

    /// How many of `expected` accounts may be made again unasked.
    #[must_use]
    pub fn creates(&self, expected: usize) -> usize {
        (expected * self.missing_percent / 100).clamp(1, self.missing_at_most.max(1))
    }

    /// Whether so much is missing that people must be asked: too many, or all there were.
    #[must_use]
    pub fn must_ask(&self, missing: usize, expected: usize) -> bool {
        missing > self.creates(expected) || (missing > 0 && missing >= expected)
    }
}

/// What only a person can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ask")]
pub enum Question {
    /// Many are missing: make them again, or is this the wrong panel, or an old state of it?
    Missing {
        /// How many are missing.
        count: u32,
        /// Of how many.
        of: u32,
    },
    /// Somebody gave keys more than they were sold: take it over, or put it back?
    Favour {
        /// How many keys.
        count: u32,
    },
    /// Another installation, or another entry of this one, has accounts of ours there: who shall manage the panel?
    ManagedTwice {
        /// How many accounts.
        count: u32,
    },
    /// Accounts of ours that this database does not know: is it older than the panel?
    NewerThanUs {
        /// How many accounts.
        count: u32,
    },
}

/// What one run does about a panel. Each list is in the order in which it is worked off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Strays to delete now.
    pub delete: Vec<Stray>,
    /// Strays that must be seen once more, or wait for the next run.
    pub wait: Vec<Stray>,
    /// Accounts to make again.
    pub create: Vec<Missing>,
    /// Rows of accounts left behind that are gone.
    pub forget: Vec<Missing>,
    /// Accounts to put right.
    pub repair: Vec<Changed>,
    /// Changes to take over from the panel.
    pub take_over: Vec<Changed>,
    /// Changes that stay as they are until somebody has said a word.
    pub keep: Vec<Changed>,
    /// Accounts that stay missing until somebody has said a word.
    pub ask_missing: Vec<Missing>,
    /// What only a person can decide.
    pub questions: Vec<Question>,
    /// Accounts with our prefix and no mark: left alone, worth a word.
    pub unmarked: Vec<AccountName>,
}

impl Plan {
    /// Whether nothing would be changed anywhere.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let Self { delete, create, forget, repair, take_over, .. } = self;
        delete.is_empty()
            && create.is_empty()
            && forget.is_empty()
            && repair.is_empty()
            && take_over.is_empty()
    }
}

/// Decides what one run does about what was found.
///
/// Never deletes what does not bear our mark or was not seen for long enough, never deletes or creates past the brakes,
/// and changes nothing at all on a panel that lacks so much that it may not be the one we think.
#[must_use]
pub fn plan(look: &Look, found: &Findings, brakes: &Brakes) -> Plan {
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    let mut plan = Plan { unmarked: found.unmarked.clone(), ..Plan::default() };
    if !found.another.is_empty() {
        plan.questions.push(Question::ManagedTwice { count: count(found.another.len()) });
    }
    if !found.unknown.is_empty() {
        plan.questions.push(Question::NewerThanUs { count: count(found.unknown.len()) });
    }
    let mut strays = found.strays.clone();
    strays.sort();
    if brakes.must_ask(found.missing.len(), found.expected) {
        plan.ask_missing = found.missing.clone();
        plan.wait = strays;
        let (missing, of) = (count(found.missing.len()), count(found.expected));
        plan.questions.push(Question::Missing { count: missing, of });
        return plan;
    }
    plan.create = found.missing.clone();
    plan.forget = found.lost.clone();
    let allowed = brakes.deletes(found.marked);
    for stray in strays {
        let old = (look.at - stray.since).to_std().is_ok_and(|age| age >= brakes.seen_apart);
        if old && plan.delete.len() < allowed { &mut plan.delete } else { &mut plan.wait }.push(stray);
    }
    for changed in &found.changed {
        let room = plan.repair.len() + plan.take_over.len() < brakes.repair_at_most;
        match (changed.authority, changed.change) {
            (Authority::Karvan, Change::Favour) => plan.keep.push(changed.clone()),
            _ if !room => {}
            (Authority::Karvan, Change::Against) | (_, Change::Behind) => plan.repair.push(changed.clone()),
            (Authority::Panel, Change::Against | Change::Favour) => plan.take_over.push(changed.clone()),
        }
    }
    if !plan.keep.is_empty() {
        plan.questions.push(Question::Favour { count: count(plan.keep.len()) });
    }
    plan
}
