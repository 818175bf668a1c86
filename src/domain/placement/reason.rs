//! Why a key went where it went. Stored with the assignment, with the numbers of the moment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Strategy, Urgency};
use crate::domain::InstanceId;

/// Why an instance was not taken: the first that holds, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is no such instance.
    Unknown,
    /// We only look at it.
    Observed,
    /// The admins closed it to new keys.
    AdminClosed,
    /// Its health allows none.
    Health,
    /// In another location.
    Region,
    /// Lacks a label asked for.
    Tag,
    /// Does not speak the protocol asked for.
    ProtocolMissing,
    /// Unsettled for this config, tried already, or the source of the move.
    Excluded,
    /// At its cap.
    Full,
    /// New or just back, and as full as it may be by now.
    Ramping,
    /// Degraded: takes every second key, and this was another's turn.
    Degraded,
    /// In doubt: taken only when nothing else is left.
    Suspect,
    /// In a tier whose turn it was not.
    Tier,
    /// At the provider that was to be avoided.
    Provider,
}

impl Refusal {
    /// All of them, in the order in which they are looked for.
    pub const ALL: [Self; 14] = [
        Self::Unknown,
        Self::Observed,
        Self::AdminClosed,
        Self::Health,
        Self::Region,
        Self::Tag,
        Self::ProtocolMissing,
        Self::Excluded,
        Self::Full,
        Self::Ramping,
        Self::Degraded,
        Self::Suspect,
        Self::Tier,
        Self::Provider,
    ];

    /// The short machine word it is stored as.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Observed => "observed",
            Self::AdminClosed => "admin_closed",
            Self::Health => "health",
            Self::Region => "region",
            Self::Tag => "tag",
            Self::ProtocolMissing => "protocol_missing",
            Self::Excluded => "excluded",
            Self::Full => "full",
            Self::Ramping => "ramping",
            Self::Degraded => "degraded",
            Self::Suspect => "suspect",
            Self::Tier => "tier",
            Self::Provider => "provider",
        }
    }
}

/// How many instances were refused for which reason. A fixed table, so that counting allocates nothing; stored as the
/// list of those that occurred.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(Refusal, u32)>", into = "Vec<(Refusal, u32)>")]
pub struct Refusals([u32; Refusal::ALL.len()]);

impl Refusals {
    /// How many for this reason.
    #[must_use]
    pub fn of(&self, refusal: Refusal) -> u32 {
        self.0[refusal as usize]
    }

    /// Those that occurred, in the order of [`Refusal::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Refusal, u32)> + '_ {
        Refusal::ALL.into_iter().map(|refusal| (refusal, self.of(refusal))).filter(|(_, count)| *count > 0)
    }

    pub(super) fn add(&mut self, refusal: Refusal, count: u32) {
        let cell = &mut self.0[refusal as usize];
        *cell = cell.saturating_add(count);
    }

    pub(super) fn take(&mut self, refusal: Refusal) {
        let cell = &mut self.0[refusal as usize];
        *cell = cell.saturating_sub(1);
    }
}

impl From<Vec<(Refusal, u32)>> for Refusals {
    fn from(list: Vec<(Refusal, u32)>) -> Self {
        let mut refusals = Self::default();
        for (refusal, count) in list {
            refusals.add(refusal, count);
        }
        refusals
    }
}

impl From<Refusals> for Vec<(Refusal, u32)> {
    fn from(refusals: Refusals) -> Self {
        refusals.iter().collect()
    }
}

/// The ways in which a place is looked for, each only when those above it found none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Healthy instances (degraded ones for every second config) of the first tier that has not spilled.
    Usual,
    /// The same with every tier past its spill mark: up to the caps.
    BeyondSpill,
    /// Degraded instances although it was not their turn: nobody waits while one of them works.
    OffTurn,
    /// Ramping instances beyond what they may fill, quarantine excepted: likewise.
    BeyondRamp,
    /// Suspect instances.
    Suspect,
    /// The instance was asked for by name.
    Wanted,
    /// An admin insisted.
    Forced,
}

/// An instance's numbers at the moment of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Which.
    pub instance: InstanceId,
    /// What was compared: the load with one more key, or the older formulas' measure.
    pub score: f64,
    /// Own active and reserved plus foreign users, before this key.
    pub load: u32,
    /// Places taken of the cap, before this key.
    pub taken: u32,
    /// The cap.
    pub cap: u32,
}

/// How many standings a decision remembers.
pub(super) const SHORTLISTED: usize = 5;

/// The best few candidates, the chosen one first. Stored in place, so that deciding allocates nothing.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Standing>", into = "Vec<Standing>")]
pub struct Shortlist([Option<Standing>; SHORTLISTED]);

impl Shortlist {
    /// The standings, best first.
    pub fn iter(&self) -> impl Iterator<Item = &Standing> {
        self.0.iter().flatten()
    }

    pub(super) fn set(&mut self, place: usize, standing: Standing) {
        self.0[place] = Some(standing);
    }
}

impl fmt::Debug for Shortlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl From<Vec<Standing>> for Shortlist {
    fn from(list: Vec<Standing>) -> Self {
        let mut shortlist = Self::default();
        for (place, standing) in list.into_iter().take(SHORTLISTED).enumerate() {
            shortlist.set(place, standing);
        }
        shortlist
    }
}

impl From<Shortlist> for Vec<Standing> {
    fn from(shortlist: Shortlist) -> Self {
        shortlist.0.into_iter().flatten().collect()
    }
}

/// Why, with the numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What was minimised.
    pub strategy: Strategy,
    /// The way that found it.
    pub step: Step,
    /// The chosen instance's tier.
    pub tier: u16,
    /// Who asked.
    pub urgency: Urgency,
    /// The chosen instance and the next best.
    pub best: Shortlist,
    /// How many others were refused for what. Empty when the instance was asked for by name.
    pub refused: Refusals,
}

impl Reason {
    /// The chosen instance's numbers.
    #[must_use]
    pub fn chosen(&self) -> Option<&Standing> {
        self.best.iter().next()
    }
}

/// A place taken in the mirror. It must be settled once: [`confirm`](super::Mirror::confirm),
/// [`refused`](super::Mirror::refused) or [`release`](super::Mirror::release).
#[derive(Debug, Clone, PartialEq)]
#[must_use = "the place is held in the mirror until it is confirmed, refused or released"]
pub struct Decision {
    /// Where.
    pub instance: InstanceId,
    /// Why.
    pub reason: Reason,
}

/// Nobody can take the key now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no instance has a place for this key")]
pub struct NoPlace {
    /// How many instances were refused for what.
    pub refused: Refusals,
}

impl NoPlace {
    /// The one reason, when an instance was asked for by name or all were refused for the same.
    #[must_use]
    pub fn sole(&self) -> Option<Refusal> {
        let mut kinds = self.refused.iter();
        kinds.next().map(|(refusal, _)| refusal).filter(|_| kinds.next().is_none())
    }
}
