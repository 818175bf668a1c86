//! The brake: when too much turns bad at once, the trouble is our own, and nobody is moved.

use serde::{Deserialize, Serialize};

use super::Thresholds;
use crate::domain::instance::Health;
use crate::domain::{InstanceId, Timestamp};

/// What the brake needs to know of an instance in service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub instance: InstanceId,
    /// Its state.
    pub health: Health,
    /// Since when every look at it fails, or since when it is in its state.
    pub bad_since: Timestamp,
    /// Nobody is left on it.
    pub evacuated: bool,
}

impl Standing {
    /// Whether it is bad: a doubt counts, since many doubts at once are the first sign of our own trouble.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        matches!(self.health, Health::Suspect | Health::Unreachable | Health::ControlDown | Health::Down)
    }
}

/// Whether nothing is moved by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panic {
    /// Since when, while it lasts.
    pub since: Option<Timestamp>,
    /// Since when few enough are bad.
    pub calm_since: Option<Timestamp>,
    /// When an admin ended it: what was bad before is no reason to begin anew.
    pub resumed_at: Option<Timestamp>,
    /// Our own path fails.
    pub own_path: bool,
    /// How many were bad when it began, of how many.
    pub bad: u32,
    /// Instances in service when it began.
    pub total: u32,
}

/// Fewer instances than this are too few to tell by their share.
const FEW: usize = 3;

impl Panic {
    /// Looks at the fleet. `reference`: whether the reference probes pass, if they were asked.
    #[must_use]
    pub fn next(
        &self,
        fleet: &[Standing],
        reference: Option<bool>,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Self {
        let mut next = self.clone();
        let total = fleet.len();
        let window = |at: Timestamp| (now - at).to_std().unwrap_or_default() <= thresholds.panic_window;
        let after = |at: Timestamp| self.resumed_at.is_none_or(|resumed| at > resumed);
        let became = fleet.iter().filter(|one| one.is_bad() && window(one.bad_since) && after(one.bad_since));
        let became = became.count();
        let few = total <= FEW && became >= 2;
        let many = total > FEW && became >= FEW && became as f64 >= thresholds.panic_enter * total as f64;
        let own_path = reference == Some(false);
        if self.since.is_none() {
            if few || many || own_path {
                next.since = Some(now);
                next.calm_since = None;
                next.own_path = own_path;
                next.bad = u32::try_from(became).unwrap_or(u32::MAX);
                next.total = u32::try_from(total).unwrap_or(u32::MAX);
            }
            return next;
        }
        if let Some(passes) = reference {
            next.own_path = !passes;
        }
        let left = fleet.iter().filter(|one| !one.evacuated);
        let (bad, all) =
            left.fold((0_usize, 0_usize), |(bad, all), one| (bad + usize::from(one.is_bad()), all + 1));
        let calm = (bad as f64) < thresholds.panic_leave * all as f64 || bad == 0;
        if !calm || next.own_path {
            next.calm_since = None;
            return next;
        }
        let since = *next.calm_since.get_or_insert(now);
        if (now - since).to_std().unwrap_or_default() >= thresholds.panic_window {
            next.since = None;
            next.calm_since = None;
        }
        next
    }

    /// An admin says that things may move.
    #[must_use]
    pub fn resumed(&self, now: Timestamp) -> Self {
        Self { since: None, calm_since: None, resumed_at: Some(now), own_path: false, ..self.clone() }
    }
}
