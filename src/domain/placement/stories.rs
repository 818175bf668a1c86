//! The rules one by one, with numbers that can be checked by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::domain::instance::{AdminState, Counters, Health, Mode, Weight};
use crate::domain::{InstanceId, Region, Timestamp};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn id(name: &str) -> InstanceId {
    name.parse().unwrap()
}

fn candidate(name: &str) -> Candidate {
    Candidate {
        id: id(name),
        name: name.to_owned(),
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

fn weighted(name: &str, weight: f64) -> Candidate {
    Candidate { weight: Weight::try_from(weight).unwrap(), ..candidate(name) }
}

fn active(active: u32) -> Counters {
    Counters { active, ..Counters::default() }
}

fn mirror(fleet: &[(Candidate, Counters)]) -> Mirror {
    mirror_by(Strategy::Exact, fleet)
}

fn mirror_by(strategy: Strategy, fleet: &[(Candidate, Counters)]) -> Mirror {
    let mut mirror = Mirror::new(1, Policy { strategy, ..Policy::default() });
    tell(&mut mirror, fleet);
    mirror
}

fn tell(mirror: &mut Mirror, fleet: &[(Candidate, Counters)]) {
    let counters: Vec<_> =
        fleet.iter().map(|(candidate, counters)| (candidate.id.clone(), *counters)).collect();
    mirror.refresh(fleet.iter().map(|(candidate, _)| candidate.clone()).collect(), &counters);
}

fn next(mirror: &mut Mirror, tie: u64) -> Option<String> {
    let request = Request { tie, ..Request::default() };
    mirror.choose(&request, NOW).ok().map(|decision| decision.instance.to_string())
}

/// Who gets how many of `n` keys, of the configs 0, 1, 2 …
fn intake(mirror: &mut Mirror, n: u64) -> BTreeMap<String, u32> {
    let mut intake = BTreeMap::new();
    for tie in 0..n {
        if let Some(name) = next(mirror, tie) {
            *intake.entry(name).or_default() += 1;
        }
    }
    intake
}

fn counts<const N: usize>(expected: [(&str, u32); N]) -> BTreeMap<String, u32> {
    expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

#[test]
fn three_hundred_keys_on_weights_one_one_two() {
    let fleet =
        [weighted("a", 1.0), weighted("b", 1.0), weighted("c", 2.0)].map(|c| (c, Counters::default()));
    assert_eq!(intake(&mut mirror(&fleet), 300), counts([("a", 75), ("b", 75), ("c", 150)]));
    // Within one of its share at any moment, whatever breaks the ties.
    for seed in 0..20 {
        let mut mirror = Mirror::new(seed, Policy::default());
        tell(&mut mirror, &fleet);
        let mut given = BTreeMap::<String, f64>::new();
        for n in 1..=300u64 {
            *given.entry(next(&mut mirror, n).unwrap()).or_default() += 1.0;
            for (name, share) in [("a", 0.25), ("b", 0.25), ("c", 0.5)] {
                let taken = given.get(name).copied().unwrap_or_default();
                assert!((taken - share * n as f64).abs() <= 1.0, "{name} has {taken} of {n}");
            }
        }
    }
}

#[test]
fn foreign_users_are_load_and_take_places() {
    let foreign = Counters { foreign: 900, ..Counters::default() };
    let fleet = [(candidate("a"), foreign), (candidate("b"), active(0)), (candidate("c"), active(0))];
    assert_eq!(intake(&mut mirror(&fleet), 300), counts([("b", 150), ("c", 150)]));
    // All that the three hold, and not one more: 100 + 1,000 + 1,000.
    assert_eq!(intake(&mut mirror(&fleet), 3000), counts([("a", 100), ("b", 1000), ("c", 1000)]));
}

#[test]
fn lingering_accounts_take_places_and_are_no_load() {
    let lingering = Counters { lingering: 998, ..Counters::default() };
    let fleet = [(candidate("a"), lingering), (candidate("b"), active(500))];
    assert_eq!(intake(&mut mirror(&fleet), 10), counts([("a", 2), ("b", 8)]));
}

#[test]
fn the_next_tier_opens_at_ninety_percent_of_the_first() {
    let second = Candidate { priority: 2, ..candidate("b") };
    let fleet = [(candidate("a"), active(0)), (second, active(0))];
    let mut mirror = mirror(&fleet);
    assert_eq!(intake(&mut mirror, 900), counts([("a", 900)]));
    assert_eq!(intake(&mut mirror, 900), counts([("b", 900)]));
    // Both have spilled: the first fills to its cap, then the second.
    assert_eq!(intake(&mut mirror, 150), counts([("a", 100), ("b", 50)]));
    let decision = mirror.choose(&Request::default(), NOW).unwrap();
    assert_eq!((decision.reason.step, decision.reason.tier), (Step::BeyondSpill, 2));
    assert_eq!(decision.reason.refused.of(Refusal::Full), 1);
}

#[test]
fn foreign_users_spill_a_tier_as_ours_do() {
    let foreign = Counters { foreign: 900, ..Counters::default() };
    let fleet = [(candidate("a"), foreign), (Candidate { priority: 2, ..candidate("b") }, active(0))];
    assert_eq!(next(&mut mirror(&fleet), 0).as_deref(), Some("b"));
}

#[test]
fn a_degraded_instance_takes_every_second_key() {
    let degraded = Candidate { health: Health::Degraded, ..candidate("a") };
    let fleet = [(degraded.clone(), active(0)), (candidate("b"), active(500))];
    assert_eq!(intake(&mut mirror(&fleet), 100), counts([("a", 50), ("b", 50)]));
    // And all of them when nothing else is left: nobody waits while it works.
    let mut alone = mirror(&[(degraded, active(0))]);
    assert_eq!(intake(&mut alone, 100), counts([("a", 100)]));
    let off_turn = alone.choose(&Request { tie: 1, ..Request::default() }, NOW).unwrap();
    assert_eq!(off_turn.reason.step, Step::OffTurn);
}

#[test]
fn a_suspect_instance_is_the_last_resort() {
    let suspect = Candidate { health: Health::Suspect, ..candidate("a") };
    let nearly_full = Candidate { priority: 9, max_users: 2, ..candidate("b") };
    let fleet = [(suspect, active(0)), (nearly_full, active(0))];
    assert_eq!(intake(&mut mirror(&fleet), 5), counts([("a", 3), ("b", 2)]));
}

#[test]
fn a_ramping_instance_fills_to_its_part_of_the_mean() {
    let ramping = Candidate { ramp: 0.1, health: Health::Recovering, ..candidate("a") };
    let fleet = [(ramping, active(0)), (candidate("b"), active(400)), (candidate("c"), active(400))];
    // The mean rises from 400 to nearly 500 with those 200 keys; a tenth of it is 48.
    assert_eq!(intake(&mut mirror(&fleet), 200)["a"], 47);
    // A fleet that is all new does not stand still.
    let new = Candidate { ramp: 0.1, ..candidate("a") };
    assert_eq!(intake(&mut mirror(&[(new, active(0))]), 100), counts([("a", 100)]));
    // Quarantine takes nothing, whatever else there is.
    let quarantined = Candidate { ramp: 0.0, health: Health::Recovering, ..candidate("a") };
    let refused = mirror(&[(quarantined, active(0))]).choose(&Request::default(), NOW).unwrap_err();
    assert_eq!(refused.sole(), Some(Refusal::Ramping));
}

#[test]
fn bandwidth_counts_where_it_is_the_larger_share_and_makes_no_herd() {
    let busy = |name: &str, share| Candidate { rate_share: Some(share), ..candidate(name) };
    let fleet = [(busy("a", 0.5), active(100)), (candidate("b"), active(300))];
    assert_eq!(intake(&mut mirror(&fleet), 100), counts([("b", 100)]));
    // Both bound by bandwidth: the difference of 1 % is 10 keys, the rest is shared, although no new sample comes.
    let fleet = [(busy("a", 0.50), active(0)), (busy("b", 0.51), active(0))];
    let mut mirror = mirror(&fleet);
    let mut intake = intake(&mut mirror, 110);
    assert_eq!(intake.remove("a").unwrap().abs_diff(60), 0);
    tell(&mut mirror, &fleet);
    assert_eq!(mirror.counters(&id("b")).unwrap().reserved, 50);
}

#[test]
fn no_place_says_why() {
    let fleet = [
        (Candidate { mode: Mode::Observe, ..candidate("a") }, active(0)),
        (Candidate { admin_state: AdminState::Cordoned, ..candidate("b") }, active(0)),
        (Candidate { health: Health::Down, ..candidate("c") }, active(0)),
        (candidate("d"), active(1000)),
        (Candidate { region: "nl".parse().unwrap(), ..candidate("e") }, active(0)),
        (candidate("f"), active(0)),
    ];
    let mut mirror = mirror(&fleet);
    let exclude = [id("f")];
    let request = Request { region: Some("de".parse().unwrap()), exclude: &exclude, ..Request::default() };
    let refused: Vec<_> = mirror.choose(&request, NOW).unwrap_err().refused.iter().collect();
    let reasons = [
        Refusal::Observed,
        Refusal::AdminClosed,
        Refusal::Health,
        Refusal::Region,
        Refusal::Excluded,
        Refusal::Full,
    ];
    assert_eq!(refused, reasons.map(|refusal| (refusal, 1)));
    assert_eq!(mirror.open_regions(&request, NOW), ["nl".parse().unwrap()]);
}

#[test]
fn an_exit_leads_where_no_instance_can_be_taken() {
    let nl: Region = "nl".parse().unwrap();
    let leads = |name: &str| Candidate { exits: vec![nl.clone()], ..candidate(name) };
    let stands = Candidate { region: nl.clone(), max_users: 1, ..candidate("d") };
    let fleet =
        [(candidate("a"), active(0)), (leads("b"), active(9)), (leads("c"), active(7)), (stands, active(0))];
    let mut mirror = mirror(&fleet);
    let request = Request { region: Some(nl.clone()), ..Request::default() };
    let taken: Vec<InstanceId> = (0..3).map(|_| mirror.choose(&request, NOW).unwrap().instance).collect();
    assert_eq!(taken, ["d", "c", "c"].map(id), "the one that stands there, then the emptier of the others");
    let excluded = [id("b"), id("c")];
    assert!(
        mirror.choose(&Request { exclude: &excluded, ..request }, NOW).is_err(),
        "the others lead elsewhere"
    );
    assert_eq!(mirror.offered().into_iter().collect::<Vec<_>>(), ["de".parse().unwrap(), nl]);
}

#[test]
fn an_instance_asked_for_by_name_must_still_be_open_and_have_room() {
    let cordoned = Candidate { admin_state: AdminState::Cordoned, ..candidate("b") };
    let dead = Candidate { admin_state: AdminState::Cordoned, health: Health::Down, ..candidate("c") };
    let fleet = [
        (candidate("a"), active(999)),
        (cordoned, active(0)),
        (dead, active(0)),
        (candidate("d"), active(0)),
    ];
    let mut mirror = mirror(&fleet);
    let mut ask = |name: &str, force_closed| {
        let request = Request { wanted: Some(id(name)), force_closed, ..Request::default() };
        mirror.choose(&request, NOW).map(|decision| decision.reason.step).map_err(|none| none.sole().unwrap())
    };
    assert_eq!(ask("a", false), Ok(Step::Wanted));
    assert_eq!(ask("a", true), Err(Refusal::Full));
    assert_eq!(ask("b", false), Err(Refusal::AdminClosed));
    assert_eq!(ask("b", true), Ok(Step::Forced));
    assert_eq!(ask("c", true), Err(Refusal::Health));
    assert_eq!(ask("z", true), Err(Refusal::Unknown));
    assert_eq!(mirror.counters(&id("b")).unwrap().reserved, 1);
}

#[test]
fn an_evacuee_goes_to_another_provider_where_possible() {
    let at =
        |name: &str, provider: &str| Candidate { provider: Some(provider.to_owned()), ..candidate(name) };
    let fleet = [(at("a", "x"), active(0)), (Candidate { max_users: 501, ..at("b", "y") }, active(500))];
    let mut mirror = mirror(&fleet);
    let request = Request { prefer_not_provider: Some("x"), urgency: Urgency::Evacuee, ..Request::default() };
    let first = mirror.choose(&request, NOW).unwrap();
    // The tier has not spilled (501 of 1,501), so the other provider is taken although it is the fuller.
    assert_eq!((first.instance, first.reason.refused.of(Refusal::Provider)), (id("b"), 1));
    assert_eq!(mirror.choose(&request, NOW).unwrap().instance, id("a"));
}

#[test]
fn maintenance_ends_by_itself() {
    let until = NOW + Duration::from_secs(60);
    let closed = Candidate { admin_state: AdminState::Maintenance { until: Some(until) }, ..candidate("a") };
    let mut mirror = mirror(&[(closed, active(0))]);
    assert_eq!(mirror.choose(&Request::default(), NOW).unwrap_err().sole(), Some(Refusal::AdminClosed));
    assert!(mirror.choose(&Request::default(), until).is_ok());
}

#[test]
fn decisions_in_flight_outlive_a_refresh_and_are_settled_once() {
    let fleet = [(candidate("a"), active(5)), (candidate("b"), active(9))];
    let mut mirror = mirror(&fleet);
    assert_eq!(intake(&mut mirror, 4), counts([("a", 4)]));
    tell(&mut mirror, &fleet);
    assert_eq!(
        mirror.counters(&id("a")).unwrap(),
        Counters { active: 5, reserved: 4, ..Counters::default() }
    );
    mirror.release(&id("a"));
    mirror.settle(&id("a"), true);
    mirror.confirm(&id("a"), Counters { active: 5, reserved: 2, ..Counters::default() });
    mirror.refused(&id("a"), active(1000));
    assert_eq!(mirror.counters(&id("a")).unwrap(), active(1000));
    mirror.correct(&id("a"), active(5));
    assert_eq!(mirror.counters(&id("a")).unwrap(), active(5));
}

#[test]
fn a_decision_whose_caller_was_cut_off_is_forgotten() {
    let fleet = [(candidate("a"), active(0))];
    let mut mirror = mirror(&fleet);
    let _ = next(&mut mirror, 0);
    for _ in 0..59 {
        tell(&mut mirror, &fleet);
    }
    assert_eq!(mirror.counters(&id("a")).unwrap().reserved, 1);
    for _ in 0..61 {
        tell(&mut mirror, &fleet);
    }
    assert_eq!(mirror.counters(&id("a")).unwrap().reserved, 0);
}

#[test]
fn the_older_formulas_by_their_numbers() {
    let node = |connected, usage_coefficient, traffic_gb_recent| NodeFacts {
        connected,
        hidden: false,
        usage_coefficient,
        traffic_gb_recent,
        active_users: 0,
    };
    // a: min(3 × 100 × 2 + 10, 3 × 100 + 400) = 610; its dead node of 0 does not count. b: 5 × 100 + 90 = 590.
    let a = Candidate {
        nodes: vec![node(true, 2.0, 10.0), node(true, 1.0, 400.0), node(false, 0.0, 0.0)],
        ..candidate("a")
    };
    let b = Candidate { nodes: vec![node(true, 1.0, 90.0)], ..candidate("b") };
    let mut marzban = mirror_by(Strategy::MarzbanLoad, &[(a, active(3)), (b, active(5))]);
    let decision = marzban.choose(&Request::default(), NOW).unwrap();
    let scores: Vec<f64> = decision.reason.best.iter().map(|standing| standing.score).collect();
    assert_eq!((decision.instance, scores), (id("b"), vec![590.0, 610.0]));

    // a: (50 / 1000) / (1 × 1) = 0.05; b: (90 / 1000) / (2 × 1) = 0.045.
    let b = Candidate { preference: Weight::try_from(2.0).unwrap(), ..candidate("b") };
    let mut capacity = mirror_by(Strategy::Capacity, &[(candidate("a"), active(50)), (b, active(90))]);
    assert_eq!(next(&mut capacity, 0).as_deref(), Some("b"));

    let fleet = ["a", "b", "c"].map(|name| (candidate(name), active(name.len() as u32 * 7)));
    let mut turns = mirror_by(Strategy::RoundRobin, &fleet);
    let first: Vec<_> = (0..3).map(|tie| next(&mut turns, tie)).collect();
    tell(&mut turns, &fleet);
    assert_eq!((0..3).map(|tie| next(&mut turns, tie)).collect::<Vec<_>>(), first);
    assert_eq!(intake(&mut turns, 30), counts([("a", 10), ("b", 10), ("c", 10)]));
}

#[test]
fn a_node_that_costs_nothing_comes_first_whatever_the_sign_of_its_zero() {
    let free = NodeFacts {
        connected: true,
        hidden: false,
        usage_coefficient: -0.0,
        traffic_gb_recent: -0.0,
        active_users: 0,
    };
    let costly = NodeFacts { traffic_gb_recent: 5.0, ..free };
    let fleet = [("a", costly), ("b", free)]
        .map(|(name, node)| (Candidate { nodes: vec![node], ..candidate(name) }, active(7)));
    assert_eq!(next(&mut mirror_by(Strategy::MarzbanLoad, &fleet), 0).as_deref(), Some("b"));
    assert_eq!(
        preferred_node(&[NodeFacts { usage_coefficient: 0.0, ..costly }, free], Strategy::MarzbanLoad),
        Some(1)
    );
}

#[test]
fn replicas_break_ties_differently_and_each_the_same_way() {
    let fleet = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| (candidate(name), active(0)));
    let firsts = |seeds: std::ops::Range<u64>| -> Vec<String> {
        let first = |seed| {
            let mut mirror = Mirror::new(seed, Policy::default());
            tell(&mut mirror, &fleet);
            next(&mut mirror, 0).unwrap()
        };
        seeds.map(first).collect()
    };
    assert_eq!(firsts(0..32), firsts(0..32));
    let mut distinct = firsts(0..32);
    distinct.sort();
    distinct.dedup();
    assert!(distinct.len() >= 6, "only {distinct:?} of eight come first");
}

#[test]
fn a_reason_survives_its_row() {
    let fleet = [(candidate("a"), active(0)), (candidate("b"), active(1000)), (candidate("c"), active(3))];
    let reason = mirror(&fleet).choose(&Request::default(), NOW).unwrap().reason;
    let stored = serde_json::to_value(&reason).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({
            "strategy": "exact", "step": "usual", "tier": 1, "urgency": "newcomer",
            "best": [
                { "instance": "a", "score": 0.001, "load": 0, "taken": 0, "cap": 1000 },
                { "instance": "c", "score": 0.004, "load": 3, "taken": 3, "cap": 1000 },
            ],
            "refused": [["full", 1]],
        })
    );
    assert_eq!(serde_json::from_value::<Reason>(stored).unwrap(), reason);
}
