//! Evening out the load: how uneven a group is, which moves make it even, and how fast they may go.
//!
//! # The measure
//!
//! ```text
//! level  = (own active + own reserved + foreign) / (max_users × weight)
//! spread = (greatest level − least level) / mean level
//! ```
//!
//! within a [`Group`]: the instances of one location, pool (the same labels) and tier that are healthy, open and fully
//! in. A group of fewer than [`LEAST_MEAN`] users an instance is left alone: there one user is a large share, and
//! newcomers even it out by themselves.
//!
//! # The plan
//!
//! With `t` an instance's fair share, the band is `t ± 4 %` (and at least the whole numbers around `t`, so that it can
//! be reached). What lies above the band is surplus, what is missing below it deficit, and no plan can do with fewer
//! moves than the greater of the two sums. [`plan`] makes exactly so many: surplus goes to the deepest deficits, then
//! to the emptiest; deficits that are left are filled from the fullest. Deficits alone count too, or an empty new
//! instance would never be filled. The whole target is computed once: a loop that sheds load on what it saw a minute
//! ago moves ten times as many and does not settle.
//!
//! # The pace
//!
//! At most 1 % of the keys an hour and 5 % a day ([`Budget`]), a few at a time for each instance. It begins when the
//! spread was above 10 % in three looks ([`Looks`]) and ends at 8 %.
//!
//! Absent on purpose: which keys go (a question to the database), other locations, time, words.

mod pace;
mod plan;
mod run;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::instance::{Counters, Health, Mode};
use super::placement::{Candidate, room};
use super::{InstanceId, Region, Timestamp};

pub use pace::{Budget, Looks};
pub use plan::{Plan, Shift, plan};
pub use run::{Leg, Part};

/// A group with a smaller mean of users an instance is left alone.
pub const LEAST_MEAN: f64 = 20.0;
/// A spread above this, in [`Looks::ENOUGH`] looks, is worth moving keys.
pub const START: f64 = 0.10;
/// A spread up to this is even enough.
pub const STOP: f64 = 0.08;
/// The share of its cap up to which an instance is filled: what is left is for those who come by themselves.
const STOP_AT: f64 = 0.95;

/// An instance within its group.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Which.
    pub instance: InstanceId,
    /// Users that count as load: own active and reserved, and foreign.
    pub users: u32,
    /// Of these, keys of ours that could leave.
    pub own: u32,
    /// Places left.
    pub room: u32,
    /// `max_users × weight`; above zero.
    pub capacity: f64,
}

impl Member {
    /// How full it is, in shares of its capacity.
    #[must_use]
    pub fn level(&self) -> f64 {
        f64::from(self.users) / self.capacity
    }
}

/// What the members of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupKey {
    /// The location.
    pub region: Region,
    /// The tier.
    pub tier: u16,
    /// The labels, sorted.
    pub pool: Vec<String>,
}

/// Instances among which keys may be moved to even out the load.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// By id; at least two.
    pub members: Vec<Member>,
}

impl Group {
    /// All users.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.members.iter().map(|member| u64::from(member.users)).sum()
    }

    /// The spread: 0 when all are equally full.
    #[must_use]
    pub fn spread(&self) -> f64 {
        spread(&self.members)
    }
}

/// `(max − min) / mean` of the members' levels.
fn spread(members: &[Member]) -> f64 {
    let capacity: f64 = members.iter().map(|member| member.capacity).sum();
    let users: f64 = members.iter().map(|member| f64::from(member.users)).sum();
    let levels = || members.iter().map(Member::level);
    let most = levels().fold(f64::NEG_INFINITY, f64::max);
    let least = levels().fold(f64::INFINITY, f64::min);
    if users > 0.0 && capacity > 0.0 { (most - least) / (users / capacity) } else { 0.0 }
}

/// Whether keys may be moved to and from it to even out the load.
fn takes_part(candidate: &Candidate, now: Timestamp) -> bool {
    candidate.health == Health::Healthy
        && candidate.mode == Mode::Manage
        && candidate.admin_state.accepts(now)
        && candidate.ramp >= 1.0
        && candidate.capacity() > 0.0
}

/// The groups of a fleet that have enough users and more than one member, in order.
#[must_use]
pub fn groups(fleet: &[(Candidate, Counters)], now: Timestamp) -> Vec<Group> {
    let mut groups: BTreeMap<GroupKey, Vec<Member>> = BTreeMap::new();
    for (candidate, counters) in fleet.iter().filter(|(candidate, _)| takes_part(candidate, now)) {
        let mut pool = candidate.tags.clone();
        pool.sort_unstable();
        let key = GroupKey { region: candidate.region.clone(), tier: candidate.priority, pool };
        groups.entry(key).or_default().push(Member {
            instance: candidate.id.clone(),
            users: counters.load(),
            own: counters.active,
            room: room(*counters, candidate.max_users, STOP_AT),
            capacity: candidate.capacity(),
        });
    }
    let groups = groups.into_iter().map(|(key, mut members)| {
        members.sort_by(|a, b| a.instance.cmp(&b.instance));
        members.dedup_by(|a, b| a.instance == b.instance);
        Group { key, members }
    });
    let enough = |group: &Group| {
        group.members.len() > 1 && group.users() as f64 >= LEAST_MEAN * group.members.len() as f64
    };
    groups.filter(enough).collect()
}
