//! Many keys at once: how many go where.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::domain::InstanceId;
use crate::domain::instance::Counters;

/// An instance that can take some of many keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Which.
    pub instance: InstanceId,
    /// Own active and reserved plus foreign users.
    pub load: u32,
    /// How many it may take before the next group is asked; at most `room`.
    pub room_before_spill: u32,
    /// How many it may take at all.
    pub room: u32,
    /// `max_users × weight`; one that is not above zero takes none.
    pub capacity: f64,
}

/// How many keys go where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the targets given; each at most once and more than none.
    pub quotas: Vec<(InstanceId, u32)>,
    /// How many found no place.
    pub stranded: u32,
}

/// The places left below `stop_at` (such as 0.95) of a cap.
#[must_use]
pub fn room(counters: Counters, max_users: u32, stop_at: f64) -> u32 {
    // A float that is not in the range becomes the nearest bound, NaN none.
    let most = (f64::from(max_users) * stop_at).floor() as u32;
    most.min(max_users).saturating_sub(counters.taken())
}

/// Spreads `n` keys so that the loads rise to one level, exactly by counts: each key goes where `(load + 1) / capacity`
/// is least.
///
/// - never above a target's `room`; all placed and stranded make `n`;
/// - no target takes more than `intake_cap` (such as 1.25) times its fair share while others can take the rest: a
///   pure water-fill chases the emptiest instance, which then is the last to finish (5,000 keys on 49 targets take
///   29.8 s so, 13.0 s with 1.25, at a spread of 7 %);
/// - nobody is stranded while there is room;
/// - the same input gives the same plan.
#[must_use]
pub fn waterfill(targets: &[Target], n: u32, intake_cap: f64) -> Plan {
    pour_into(targets, &mut vec![0; targets.len()], n, intake_cap, |target| target.room).into_plan(targets, n)
}

/// Spreads `n` keys over groups in order of preference: each is filled to where it spills, then each to its room.
/// Otherwise as [`waterfill`].
#[must_use]
pub fn pour(groups: &[Vec<Target>], n: u32, intake_cap: f64) -> Plan {
    let mut given: Vec<Vec<u32>> = groups.iter().map(|targets| vec![0; targets.len()]).collect();
    let mut left = n;
    let limits: [fn(&Target) -> u32; 2] =
        [|target| target.room_before_spill.min(target.room), |target| target.room];
    for limit in limits {
        for (targets, given) in groups.iter().zip(&mut given) {
            left -= pour_into(targets, given, left, intake_cap, limit).placed;
        }
    }
    let quotas = groups.iter().zip(&given).flat_map(|(targets, given)| quotas(targets, given)).collect();
    Plan { quotas, stranded: left }
}

struct Poured<'a> {
    given: &'a [u32],
    placed: u32,
}

impl Poured<'_> {
    fn into_plan(self, targets: &[Target], n: u32) -> Plan {
        Plan { quotas: quotas(targets, self.given).collect(), stranded: n - self.placed }
    }
}

fn quotas<'a>(targets: &'a [Target], given: &'a [u32]) -> impl Iterator<Item = (InstanceId, u32)> + 'a {
    let taken = targets.iter().zip(given).filter(|(_, given)| **given > 0);
    taken.map(|(target, given)| (target.instance.clone(), *given))
}

/// Adds up to `n` keys to what the targets were given, first within the intake cap, then within the limits alone.
fn pour_into<'a>(
    targets: &[Target],
    given: &'a mut [u32],
    n: u32,
    intake_cap: f64,
    limit: impl Fn(&Target) -> u32,
) -> Poured<'a> {
    let usable = |target: &Target| target.capacity.is_finite() && target.capacity > 0.0;
    let hard: Vec<u32> =
        targets.iter().map(|target| if usable(target) { limit(target) } else { 0 }).collect();
    let whole: f64 = targets.iter().zip(&hard).filter(|(_, hard)| **hard > 0).map(|(t, _)| t.capacity).sum();
    let soft: Vec<u32> = targets
        .iter()
        .zip(&hard)
        .zip(given.iter())
        .map(|((target, hard), given)| {
            let share = (intake_cap.max(1.0) * f64::from(n) * target.capacity / whole).ceil();
            let share = if share.is_finite() { share as u32 } else { u32::MAX };
            given.saturating_add(share).min(*hard)
        })
        .collect();
    let mut left = n;
    for limits in [soft, hard] {
        left -= raise(targets, given, &limits, left);
    }
    Poured { given, placed: n - left }
}

/// Adds up to `n` keys one by one where the load with one more is least, ties to the earlier target; returns how many.
///
/// The level is found by bisection first and only the rest is poured one by one, so a million keys on a thousand
/// targets cost a few thousand steps; the outcome is the same.
fn raise(targets: &[Target], given: &mut [u32], limits: &[u32], n: u32) -> u32 {
    let floor = |at: usize, given: &[u32]| f64::from(targets[at].load) + f64::from(given[at]);
    let open: Vec<usize> = (0..targets.len()).filter(|&at| given[at] < limits[at]).collect();
    // How many a target takes up to a level.
    let takes = |at: usize, level: f64, given: &[u32]| -> u32 {
        let more = (level * targets[at].capacity).floor() - floor(at, given);
        (more.max(0.0) as u32).min(limits[at] - given[at])
    };
    let total = |level: f64, given: &[u32]| -> u64 {
        open.iter().map(|&at| u64::from(takes(at, level, given))).sum()
    };
    let highest = open.iter().map(|&at| (floor(at, given) + f64::from(n) + 2.0) / targets[at].capacity);
    let (mut low, mut high) = (0.0, highest.fold(0.0, f64::max));
    for _ in 0..64 {
        let middle = low + (high - low) / 2.0;
        if total(middle, given) <= u64::from(n) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut placed = 0;
    for &at in &open {
        // One less than the arithmetic says: a product that was rounded up must not take what another should have.
        let more = takes(at, low, given).saturating_sub(1);
        given[at] += more;
        placed += more;
    }

    let cost = |at: usize, given: &[u32]| ((floor(at, given) + 1.0) / targets[at].capacity).to_bits();
    let room = open.iter().copied().filter(|&at| given[at] < limits[at]);
    let mut queue: BinaryHeap<Reverse<(u64, usize)>> =
        room.map(|at| Reverse((cost(at, given), at))).collect();
    while placed < n {
        let Some(Reverse((_, at))) = queue.pop() else { break };
        given[at] += 1;
        placed += 1;
        if given[at] < limits[at] {
            queue.push(Reverse((cost(at, given), at)));
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(number: usize, load: u32, room: u32, capacity: f64) -> Target {
        let instance = format!("s{number:03}").parse().unwrap();
        Target { instance, load, room_before_spill: room / 2, room, capacity }
    }

    prop_compose! {
        fn any_targets()(
            parts in proptest::collection::vec((0u32..300, 0u32..200, prop::sample::select(vec![0.5, 100.0, 300.0, 777.7])), 0..12),
        ) -> Vec<Target> {
            parts.iter().enumerate().map(|(i, &(load, room, capacity))| target(i, load, room, capacity)).collect()
        }
    }

    /// The definition, one key at a time.
    fn one_by_one(targets: &[Target], limits: &[u32], given: &mut [u32], mut n: u32) -> u32 {
        while n > 0 {
            let cost = |at: &usize| (f64::from(targets[*at].load + given[*at]) + 1.0) / targets[*at].capacity;
            let open = (0..targets.len()).filter(|&at| given[at] < limits[at]);
            let Some(at) = open.min_by(|a, b| cost(a).total_cmp(&cost(b))) else { break };
            given[at] += 1;
            n -= 1;
        }
        n
    }

    fn given(plan: &Plan, target: &Target) -> u32 {
        plan.quotas.iter().find(|(id, _)| *id == target.instance).map_or(0, |(_, count)| *count)
    }

    proptest! {
        #[test]
        fn bisection_pours_as_one_by_one(targets in any_targets(), n in 0u32..1500) {
            let limits: Vec<u32> = targets.iter().map(|target| target.room).collect();
            let (mut fast, mut slow) = (vec![0; targets.len()], vec![0; targets.len()]);
            let placed = raise(&targets, &mut fast, &limits, n);
            let left = one_by_one(&targets, &limits, &mut slow, n);
            prop_assert_eq!((fast, n - placed), (slow, left));
        }

        #[test]
        fn a_plan_places_all_it_can_and_nothing_above_the_room(
            targets in any_targets(), n in 0u32..3000, factor in prop::sample::select(vec![0.0, 1.0, 1.25, 4.0, f64::NAN]),
        ) {
            let plan = waterfill(&targets, n, factor);
            let placed: u32 = plan.quotas.iter().map(|(_, count)| count).sum();
            let room: u32 = targets.iter().map(|target| target.room).sum();
            prop_assert_eq!(placed, n.min(room));
            prop_assert_eq!(plan.stranded, n - placed);
            for target in &targets {
                prop_assert!(given(&plan, target) <= target.room);
            }
            prop_assert_eq!(&plan, &waterfill(&targets, n, factor));
            // The groups' planner with one group places as many.
            prop_assert_eq!(pour(&[targets], n, factor).stranded, plan.stranded);
        }

        #[test]
        fn a_later_group_is_used_only_when_the_first_has_spilled(
            first in any_targets(), second in any_targets(), n in 0u32..2000,
        ) {
            let second: Vec<Target> = second
                .into_iter()
                .enumerate()
                .map(|(i, target)| Target { instance: format!("t{i:03}").parse().unwrap(), ..target })
                .collect();
            let plan = pour(&[first.clone(), second.clone()], n, 1.25);
            let used = |targets: &[Target]| targets.iter().map(|target| given(&plan, target)).sum::<u32>();
            let before_spill: u32 = first.iter().map(|target| target.room_before_spill).sum();
            if used(&second) > 0 {
                prop_assert!(used(&first) >= before_spill);
            }
            for target in first.iter().chain(&second) {
                prop_assert!(given(&plan, target) <= target.room);
            }
            let room: u32 = first.iter().chain(&second).map(|target| target.room).sum();
            prop_assert_eq!(plan.stranded, n.saturating_sub(room));
        }

        #[test]
        fn nobody_takes_more_than_the_intake_cap_when_all_have_room(loads in proptest::collection::vec(0u32..200, 1..40), n in 1u32..5000) {
            let targets: Vec<Target> = loads.iter().enumerate().map(|(i, &load)| target(i, load, 10_000, 1000.0)).collect();
            let most = (1.25 * f64::from(n) / targets.len() as f64).ceil() as u32;
            for (_, count) in waterfill(&targets, n, 1.25).quotas {
                prop_assert!(count <= most);
            }
        }
    }

    #[test]
    fn room_stops_below_the_cap() {
        let counters = Counters { active: 80, reserved: 3, lingering: 5, foreign: 2 };
        assert_eq!(room(counters, 100, 0.95), 5);
        assert_eq!(room(counters, 100, f64::NAN), 0);
        assert_eq!(room(counters, 100, 7.0), 10);
    }
}
