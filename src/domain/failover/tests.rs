//! Properties of plans, and the stories they were made for. `KARVAN_SEEDS` runs more cases than the default.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use proptest::test_runner::Config;
use rstest::rstest;

use super::*;
use crate::domain::instance::{AdminState, Weight};

pub(in crate::domain) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn id(number: usize) -> InstanceId {
    format!("s{number:03}").parse().unwrap()
}

fn candidate(number: usize) -> Candidate {
    Candidate {
        id: id(number),
        name: String::new(),
        region: "de".parse().unwrap(),
        provider: None,
        tags: Vec::new(),
        protocols: Vec::new(),
        mode: Mode::Manage,
        admin_state: AdminState::Open,
        health: Health::Healthy,
        priority: 1,
        weight: Weight::ONE,
        preference: Weight::ONE,
        max_users: 1000,
        ramp: 1.0,
        rate_share: None,
        nodes: Vec::new(),
        exits: Vec::new(),
    }
}

fn with(active: u32) -> Counters {
    Counters { active, ..Counters::default() }
}

fn key(number: i64, activity: Activity) -> Evacuee {
    Evacuee { config: ConfigId(number), activity, barred: Vec::new(), left_on: Vec::new() }
}

fn keys(count: i64) -> Vec<Evacuee> {
    let class = |n: i64| match n % 5 {
        0 => Activity::Active,
        1 | 2 => Activity::Today,
        _ => Activity::Rest,
    };
    (0..count).map(|n| key(n, class(n))).collect()
}

/// Cases of a property: the default keeps the suite quick.
pub(in crate::domain) fn cases() -> Config {
    let seeds = std::env::var("KARVAN_SEEDS").ok().and_then(|text| text.parse().ok());
    Config::with_cases(seeds.unwrap_or(10_000))
}

prop_compose! {
    fn any_member()(
        max_users in prop::sample::select(vec![0u32, 10, 40, 100, 300]),
        active in 0u32..120,
        lingering in 0u32..10,
        foreign in prop::sample::select(vec![0u32, 0, 5, 400]),
        region in prop::sample::select(vec!["de", "de", "nl"]),
        provider in prop::sample::select(vec![None, Some("a"), Some("b")]),
        tagged in prop::bool::weighted(0.2),
        priority in prop::sample::select(vec![1u16, 1, 2]),
        weight in prop::sample::select(vec![1.0, 2.0, 0.5]),
        health in prop::sample::select(vec![
            Health::Healthy, Health::Healthy, Health::Healthy, Health::Degraded, Health::Suspect, Health::Down,
            Health::Recovering, Health::Misconfigured,
        ]),
        ramp in prop::sample::select(vec![1.0, 1.0, 0.0, 0.4]),
        open in prop::bool::weighted(0.9),
        managed in prop::bool::weighted(0.95),
    ) -> (Candidate, Counters) {
        let candidate = Candidate {
            max_users,
            region: region.parse().unwrap(),
            provider: provider.map(ToOwned::to_owned),
            tags: if tagged { vec!["gold".to_owned()] } else { Vec::new() },
            priority,
            weight: Weight::try_from(weight).unwrap(),
            health,
            ramp: if health == Health::Recovering { ramp } else { 1.0 },
            admin_state: if open { AdminState::Open } else { AdminState::Cordoned },
            mode: if managed { Mode::Manage } else { Mode::Observe },
            ..candidate(0)
        };
        (candidate, Counters { active, reserved: 0, lingering, foreign })
    }
}

prop_compose! {
    pub(in crate::domain) fn any_fleet()(members in prop::collection::vec(any_member(), 1..9)) -> Vec<(Candidate, Counters)> {
        members.into_iter().enumerate().map(|(n, (candidate, counters))| (Candidate { id: id(n), ..candidate }, counters)).collect()
    }
}

prop_compose! {
    /// Some keys are barred from an instance, some have an account on one.
    pub(in crate::domain) fn any_keys()(
        parts in prop::collection::vec(
            (prop::sample::select(vec![Activity::Active, Activity::Today, Activity::Rest]), 0usize..60, 0usize..60),
            0..150,
        ),
    ) -> Vec<Evacuee> {
        let near = |n: usize| (n < 9).then(|| id(n));
        let make = |(n, (activity, barred, left)): (usize, &(Activity, usize, usize))| Evacuee {
            config: ConfigId(n as i64),
            activity: *activity,
            barred: near(*barred).into_iter().collect(),
            left_on: near(*left).map(|id| (id, AssignmentId(n as i64))).into_iter().collect(),
        };
        parts.iter().enumerate().map(make).collect()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn each_key_goes_once_and_nowhere_it_must_not(fleet in any_fleet(), keys in any_keys()) {
        let source = Source::of(&fleet[0].0);
        let limits = Limits::default();
        let plan = plan(&source, &fleet, keys.clone(), limits, NOW);
        let known: HashMap<&InstanceId, &(Candidate, Counters)> = fleet.iter().map(|m| (&m.0.id, m)).collect();
        let by_config: HashMap<ConfigId, &Evacuee> = keys.iter().map(|key| (key.config, key)).collect();
        let mut seen = HashSet::new();
        let mut intake: HashMap<&InstanceId, u32> = HashMap::new();
        for way in &plan.moves {
            prop_assert!(seen.insert(way.config), "twice: {}", way.config);
            let (candidate, _) = known[&way.target];
            let evacuee = by_config[&way.config];
            prop_assert!(takes(candidate, &source, NOW), "{} takes nobody", way.target);
            prop_assert!(!evacuee.barred.contains(&way.target));
            let here = evacuee.left_on.iter().find(|(on, _)| *on == way.target).map(|(_, account)| *account);
            prop_assert_eq!(way.back_to, here, "an account there is taken back, and only that");
            if way.back_to.is_none() {
                *intake.entry(&way.target).or_default() += 1;
            }
        }
        for config in &plan.stranded {
            prop_assert!(seen.insert(*config), "moved and stranded: {}", config);
        }
        prop_assert_eq!(seen.len(), keys.len());
        for (target, count) in &intake {
            let (candidate, counters) = known[*target];
            prop_assert!(*count <= room(*counters, candidate.max_users, limits.stop_at), "{} above 95 %", target);
        }
        let total: u32 = plan.per_target.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(total as usize, plan.moves.len());
        prop_assert!(plan.moves.is_sorted_by_key(|way| way.activity), "the urgent first");
        // Nobody is stranded whom a target with room would take.
        for config in &plan.stranded {
            for (candidate, counters) in &fleet {
                let evacuee = by_config[config];
                let may = takes(candidate, &source, NOW) && candidate.ramp >= 1.0 && candidate.capacity() > 0.0
                    && !evacuee.barred.contains(&candidate.id)
                    && !evacuee.left_on.iter().any(|(on, _)| *on == candidate.id);
                let used = intake.get(&candidate.id).copied().unwrap_or(0);
                prop_assert!(!may || used >= room(*counters, candidate.max_users, limits.stop_at) || !evacuee.barred.is_empty() || !evacuee.left_on.is_empty(),
                    "{} is stranded beside room on {}", config, candidate.id);
            }
        }
    }

    #[test]
    fn i14_the_same_input_in_any_order_gives_the_same_plan(
        fleet in any_fleet(), keys in any_keys(), turn in 0usize..150,
    ) {
        let source = Source::of(&fleet[0].0);
        let first = plan(&source, &fleet, keys.clone(), Limits::default(), NOW);
        let (mut keys, mut turned) = (keys, fleet.clone());
        if !keys.is_empty() {
            let turn = turn % keys.len();
            keys.rotate_left(turn);
        }
        turned.reverse();
        prop_assert_eq!(first, plan(&source, &turned, keys, Limits::default(), NOW));
    }

    #[test]
    fn nobody_leaves_the_location_while_it_has_room(loads in prop::collection::vec(0u32..900, 2..12), n in 1i64..400) {
        let mut fleet: Vec<(Candidate, Counters)> =
            loads.iter().enumerate().map(|(i, &load)| (candidate(i + 1), with(load))).collect();
        fleet.push((candidate(0), with(n as u32)));
        fleet.push((Candidate { region: "nl".parse().unwrap(), ..candidate(900) }, with(0)));
        let source = Source::of(&candidate(0));
        let plan = plan(&source, &fleet, keys(n), Limits::default(), NOW);
        let near: u32 = loads.iter().map(|&load| room(with(load), 1000, 0.9)).sum();
        let away = plan.per_target.iter().find(|(target, _)| *target == id(900)).map_or(0, |(_, count)| *count);
        prop_assert!(away == 0 || away <= (n as u32).saturating_sub(near));
    }
}

#[test]
fn the_urgent_are_spread_over_all_targets() {
    let mut fleet: Vec<_> = (1..50)
        .map(|n| (Candidate { max_users: 10_000, ..candidate(n) }, with(4750 + 10 * n as u32)))
        .collect();
    fleet.push((candidate(0), with(5000)));
    let plan = plan(&Source::of(&candidate(0)), &fleet, keys(5000), Limits::default(), NOW);
    assert_eq!((plan.moves.len(), plan.stranded.len()), (5000, 0));
    assert_eq!(plan.classes, [1000, 2000, 2000]);
    let most = plan.per_target.iter().map(|(_, count)| *count).max().unwrap();
    assert!(most <= 128, "1.25 of the fair share of 102: {most}");
    let active: Vec<_> = plan.moves.iter().take(1000).collect();
    assert!(active.iter().all(|way| way.activity == Activity::Active));
    for (target, count) in &plan.per_target {
        let of_them = active.iter().filter(|way| way.target == *target).count();
        assert!(of_them.abs_diff(*count as usize / 5) <= 1, "{target} serves {of_them} active of {count}");
    }
}

#[test]
fn another_provider_goes_first_where_it_can_carry_it() {
    let hosted = |n, by: &str| Candidate { provider: Some(by.to_owned()), ..candidate(n) };
    let fleet = vec![
        (hosted(0, "a"), with(100)),
        (hosted(1, "a"), with(0)),
        (hosted(2, "b"), with(300)),
        (hosted(3, "c"), with(300)),
    ];
    let all = plan(&Source::of(&fleet[0].0), &fleet, keys(100), Limits::default(), NOW);
    assert_eq!(all.per_target, [(id(2), 50), (id(3), 50)], "although 1 is empty");
    let fleet = vec![
        (hosted(0, "a"), with(100)),
        (hosted(1, "a"), with(0)),
        (hosted(2, "a"), with(0)),
        (hosted(3, "b"), with(0)),
    ];
    let all = plan(&Source::of(&fleet[0].0), &fleet, keys(99), Limits::default(), NOW);
    assert_eq!(all.per_target, [(id(1), 33), (id(2), 33), (id(3), 33)], "one must not take all");
}

#[test]
fn survivors_keep_a_twentieth_of_their_cap_and_the_rest_waits() {
    let small = |n| Candidate { max_users: 100, ..candidate(n) };
    let fleet = vec![(small(0), with(90)), (small(1), with(60)), (small(2), with(80))];
    let plan = plan(&Source::of(&small(0)), &fleet, keys(90), Limits::default(), NOW);
    assert_eq!(plan.per_target, [(id(1), 35), (id(2), 15)]);
    assert_eq!(plan.stranded.len(), 40);
    // 18 of the 90 are active, 36 were today: all of the active go.
    let moved: Vec<_> = plan.moves.iter().filter(|way| way.activity == Activity::Active).collect();
    assert_eq!(moved.len(), 18);
}

#[rstest]
#[case(None, None, Activity::Rest)]
#[case(Some(-60), Some(-30), Activity::Active)]
#[case(Some(-3600), Some(-3500), Activity::Active)]
#[case(Some(-3600), Some(-30), Activity::Today)]
#[case(Some(-20_000), Some(-20_000), Activity::Today)]
#[case(Some(-90_000), Some(-30), Activity::Rest)]
fn activity_is_judged_by_the_last_reading(
    #[case] online: Option<i64>,
    #[case] seen: Option<i64>,
    #[case] expected: Activity,
) {
    let at = |seconds| NOW + TimeDelta::seconds(seconds);
    assert_eq!(Activity::of(online.map(at), seen.map(at), NOW), expected);
}
