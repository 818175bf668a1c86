//! The fewest moves that bring a group into its band.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::{Group, Member, STOP, spread};
use crate::domain::InstanceId;

/// How far an instance may be from its fair share on either side.
const HALF: f64 = STOP / 2.0;

/// So many keys from one instance to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// From here.
    pub from: InstanceId,
    /// To there.
    pub to: InstanceId,
    /// So many.
    pub count: u32,
}

/// The moves that even a group out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// From whom to whom; nobody both gives and takes.
    pub shifts: Vec<Shift>,
    /// No plan that brings every instance into its band can do with fewer moves.
    pub lower_bound: u32,
    /// The spread now.
    pub before: f64,
    /// The spread when all is done.
    pub after: f64,
}

impl Plan {
    /// How many keys move.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.shifts.iter().map(|shift| shift.count).sum()
    }
}

/// The fewest and the most users that an instance shall have.
#[derive(Debug, Clone, Copy)]
struct Band {
    low: u32,
    high: u32,
}

/// The band around each member's fair share. The whole numbers around the share always belong to it: so the lows
/// together are never more, and the highs together never fewer, than there are users, and the bands can be reached.
fn bands(members: &[Member]) -> Vec<Band> {
    let capacity: f64 = members.iter().map(|member| member.capacity).sum();
    let users: f64 = members.iter().map(|member| f64::from(member.users)).sum();
    let band = |member: &Member| {
        let share = users * member.capacity / capacity;
        let low = ((1.0 - HALF) * share).ceil().min(share.floor());
        let high = ((1.0 + HALF) * share).floor().max(share.ceil());
        Band { low: low as u32, high: high as u32 }
    };
    members.iter().map(band).collect()
}

/// An instance by how full it is; equals by their order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Level(f64, usize);

impl Eq for Level {}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Level {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

/// The fewest moves after which every member of `group` is in its band, as far as its keys and places allow.
///
/// - moves = lower bound, unless foreign users (whom we cannot move) or full instances stand against it, then fewer;
/// - nobody gives more than it has of ours or takes more than it has room for; nobody gives and takes;
/// - a plan for the outcome of a plan is empty, unless something stood against it;
/// - the same group gives the same plan.
#[must_use]
pub fn plan(group: &Group) -> Plan {
    let members = &group.members;
    let bands = bands(members);
    let over = |at: usize| members[at].users.saturating_sub(bands[at].high);
    let under = |at: usize| bands[at].low.saturating_sub(members[at].users);
    let all = 0..members.len();
    let surplus: u32 = all.clone().map(over).sum();
    let deficit: u32 = all.clone().map(under).sum();
    // What each must give or take, within what it can.
    let mut gives: Vec<u32> = all.clone().map(|at| over(at).min(members[at].own)).collect();
    let mut takes: Vec<u32> = all.clone().map(|at| under(at).min(members[at].room)).collect();
    let level = |at: usize, change: f64| (f64::from(members[at].users) + change) / members[at].capacity;
    let given: u32 = gives.iter().sum();
    let taken: u32 = takes.iter().sum();
    if given > taken {
        // The emptiest take what is left of the surplus, one by one, up to their own bands.
        let most = |at: usize| {
            let to_band = bands[at].high.saturating_sub(members[at].users);
            if over(at) > 0 { 0 } else { to_band.min(members[at].room) }
        };
        spread_out(&mut takes, given - taken, most, |at, count| -level(at, f64::from(count) + 1.0));
    } else {
        // The fullest give what is missing, down to their own bands.
        let most = |at: usize| {
            let to_band = members[at].users.saturating_sub(bands[at].low);
            if under(at) > 0 { 0 } else { to_band.min(members[at].own) }
        };
        spread_out(&mut gives, taken - given, most, |at, count| level(at, -f64::from(count)));
    }
    let shifts = pair(members, gives, takes);
    let mut after = members.clone();
    for shift in &shifts {
        for member in &mut after {
            if member.instance == shift.from {
                member.users -= shift.count;
            } else if member.instance == shift.to {
                member.users += shift.count;
            }
        }
    }
    Plan { shifts, lower_bound: surplus.max(deficit), before: spread(members), after: spread(&after) }
}

/// Adds `n` to `counts` one by one where `rank` is greatest, each up to its `most`.
fn spread_out(counts: &mut [u32], n: u32, most: impl Fn(usize) -> u32, rank: impl Fn(usize, u32) -> f64) {
    let open = (0..counts.len()).filter(|&at| counts[at] < most(at));
    let mut queue: BinaryHeap<Level> = open.map(|at| Level(rank(at, counts[at]), at)).collect();
    for _ in 0..n {
        let Some(Level(_, at)) = queue.pop() else { return };
        counts[at] += 1;
        if counts[at] < most(at) {
            queue.push(Level(rank(at, counts[at]), at));
        }
    }
}

/// Pairs those who give with those who take: who gives most with who takes most, so that there are few pairs. What one
/// side lacks stays where it is.
fn pair(members: &[Member], gives: Vec<u32>, takes: Vec<u32>) -> Vec<Shift> {
    let queue = |counts: Vec<u32>| -> BinaryHeap<(u32, std::cmp::Reverse<usize>)> {
        let some = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        some.map(|(at, count)| (count, std::cmp::Reverse(at))).collect()
    };
    let (mut gives, mut takes) = (queue(gives), queue(takes));
    let mut shifts = Vec::new();
    while let (Some((give, from)), Some((take, to))) = (gives.pop(), takes.pop()) {
        let count = give.min(take);
        shifts.push(Shift {
            from: members[from.0].instance.clone(),
            to: members[to.0].instance.clone(),
            count,
        });
        if give > count {
            gives.push((give - count, from));
        }
        if take > count {
            takes.push((take - count, to));
        }
    }
    shifts
}
