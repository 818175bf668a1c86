//! What would be if instances were lost, and how long there is room.
//!
//! A loss is simulated with the very planner of [`failover`](super::failover), so what is shown is what would be done:
//! for several losses one after the other, each on the counts that the one before leaves behind, and none into another
//! lost one.
//!
//! A location grows by the keys made in the last [`LOOK_BACK`] that still have an account there, less those from before
//! that ended since; moves between locations are no growth. At that pace it is full after `room / growth`.

use chrono::TimeDelta;

use super::failover::{Evacuee, Limits, Plan, Source, plan};
use super::instance::{Counters, Health};
use super::placement::Candidate;
use super::{InstanceId, Region, Timestamp};

/// How far back growth is looked at.
pub const LOOK_BACK: TimeDelta = TimeDelta::days(14);
/// Nobody plans further ahead; a pace of today says nothing of then.
pub const HORIZON: TimeDelta = TimeDelta::days(365);

/// An instance that is lost, with the live keys on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Which.
    pub instance: InstanceId,
    /// Whose account is there.
    pub keys: Vec<Evacuee>,
}

/// Who would go where. `losses` are told in their order; one that is not in the fleet loses nobody.
#[must_use]
pub fn simulate(
    fleet: &[(Candidate, Counters)],
    losses: &[Loss],
    limits: Limits,
    now: Timestamp,
) -> Vec<(InstanceId, Plan)> {
    let mut fleet = fleet.to_vec();
    for (candidate, _) in &mut fleet {
        if losses.iter().any(|loss| loss.instance == candidate.id) {
            candidate.health = Health::Down;
        }
    }
    let mut plans = Vec::with_capacity(losses.len());
    for loss in losses {
        let source = fleet.iter().find(|(candidate, _)| candidate.id == loss.instance);
        let Some(source) = source.map(|(candidate, _)| Source::of(candidate)) else { continue };
        let planned = plan(&source, &fleet, loss.keys.clone(), limits, now);
        for way in &planned.moves {
            let target = fleet.iter_mut().find(|(candidate, _)| candidate.id == way.target);
            let Some((_, counters)) = target else { continue };
            counters.active = counters.active.saturating_add(1);
            if way.back_to.is_some() {
                counters.lingering = counters.lingering.saturating_sub(1);
            }
        }
        plans.push((loss.instance.clone(), planned));
    }
    plans
}

/// How a location fills.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// Which.
    pub region: Region,
    /// Places that are taken.
    pub taken: u32,
    /// Places for new keys that are left.
    pub room: u32,
    /// Keys that come, less those that end, a day.
    pub per_day: f64,
    /// When it is full at that pace; `None`: it does not grow, or not within [`HORIZON`].
    pub full_in: Option<TimeDelta>,
}

impl Location {
    /// The location with `room` left that grew by `grown` keys within `over`.
    #[must_use]
    pub fn new(region: Region, taken: u32, room: u32, grown: i64, over: TimeDelta) -> Self {
        // Of a fleet that is hours old, nobody knows a pace: a day is the least.
        let days = over.clamp(TimeDelta::days(1), LOOK_BACK).as_seconds_f64() / 86_400.0;
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 keys")]
        let per_day = grown as f64 / days;
        let full_in = if room == 0 {
            Some(TimeDelta::zero())
        } else if per_day > 0.0 {
            let days = f64::from(room) / per_day;
            // Whole days: the pace is no better known.
            (days <= HORIZON.as_seconds_f64() / 86_400.0).then(|| TimeDelta::days(days.floor() as i64))
        } else {
            None
        };
        Self { region, taken, room, per_day, full_in }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::failover::tests::{NOW, any_fleet, any_keys, cases};
    use super::super::placement::room;
    use super::*;

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn one_loss_is_what_failover_plans(fleet in any_fleet(), keys in any_keys()) {
            let lost = fleet[0].0.id.clone();
            let loss = Loss { instance: lost.clone(), keys: keys.clone() };
            let simulated = simulate(&fleet, &[loss], Limits::default(), NOW);
            // When it comes true, the checks have found it down.
            let mut real = fleet.clone();
            real[0].0.health = Health::Down;
            let planned = plan(&Source::of(&real[0].0), &real, keys, Limits::default(), NOW);
            prop_assert_eq!(simulated, vec![(lost, planned)]);
        }

        #[test]
        fn several_losses_never_fill_a_survivor_beyond_its_stop_nor_each_other(
            fleet in any_fleet(), keys in any_keys(), more in any_keys(),
        ) {
            if fleet.len() < 3 {
                return Ok(());
            }
            // Keys have one home: those of the second loss are others.
            let more: Vec<Evacuee> = more
                .into_iter()
                .map(|key| Evacuee { config: crate::domain::ConfigId(key.config.0 + 1000), left_on: Vec::new(), ..key })
                .collect();
            let keys: Vec<Evacuee> = keys.into_iter().map(|key| Evacuee { left_on: Vec::new(), ..key }).collect();
            let losses = [
                Loss { instance: fleet[0].0.id.clone(), keys: keys.clone() },
                Loss { instance: fleet[1].0.id.clone(), keys: more.clone() },
            ];
            let plans = simulate(&fleet, &losses, Limits::default(), NOW);
            prop_assert_eq!(plans.len(), 2);
            let mut intake: HashMap<InstanceId, u32> = HashMap::new();
            for ((_, plan), count) in plans.iter().zip([keys.len(), more.len()]) {
                prop_assert_eq!(plan.moves.len() + plan.stranded.len(), count);
                for (target, count) in &plan.per_target {
                    *intake.entry(target.clone()).or_default() += count;
                }
            }
            for (target, count) in intake {
                prop_assert!(losses.iter().all(|loss| loss.instance != target), "into a lost one");
                let (candidate, counters) = fleet.iter().find(|(of, _)| of.id == target).unwrap();
                prop_assert!(count <= room(*counters, candidate.max_users, Limits::default().stop_at));
            }
        }
    }

    #[rstest]
    #[case(140, 100, 14, Some(10))]
    #[case(14, 100, 14, Some(100))]
    #[case(0, 100, 14, None)]
    #[case(-5, 100, 14, None)]
    #[case(-5, 0, 14, Some(0))]
    #[case(10, 35, 2, Some(7))]
    // Six hours are counted as a day, and a year ahead is too far.
    #[case(10, 35, 0, Some(3))]
    #[case(1, 100, 14, None)]
    fn a_location_is_full_when_its_pace_says(
        #[case] grown: i64,
        #[case] room: u32,
        #[case] over: i64,
        #[case] days: Option<i64>,
    ) {
        let over = TimeDelta::days(over) + TimeDelta::hours(if over == 0 { 6 } else { 0 });
        let location = Location::new("de".parse().unwrap(), 10, room, grown, over);
        assert_eq!(location.full_in, days.map(TimeDelta::days), "{location:?}");
    }
}
