//! What holds for every fleet, every request and every history.

use proptest::prelude::*;
use proptest::strategy::Strategy as Arbitrarily;

use super::{Candidate, Mirror, NodeFacts, Policy, Request, Row, Standing, Strategy, pour};
use crate::domain::instance::{AdminState, Counters, Health, Mode, Weight};
use crate::domain::{InstanceId, Region, Timestamp};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn id(number: usize) -> InstanceId {
    format!("s{number:03}").parse().unwrap()
}

fn region(number: usize) -> Region {
    ["de", "nl", "fi"][number % 3].parse().unwrap()
}

fn any_health() -> impl Arbitrarily<Value = Health> {
    prop_oneof![
        5 => Just(Health::Healthy),
        2 => Just(Health::Degraded),
        2 => Just(Health::Suspect),
        1 => Just(Health::Recovering),
        1 => prop::sample::select(vec![
            Health::Unknown, Health::Unreachable, Health::ControlDown, Health::Down, Health::Misconfigured,
            Health::Blocked,
        ]),
    ]
}

fn any_admin_state() -> impl Arbitrarily<Value = AdminState> {
    prop_oneof![
        6 => Just(AdminState::Open),
        1 => Just(AdminState::Cordoned),
        1 => Just(AdminState::Maintenance { until: None }),
        1 => Just(AdminState::Maintenance { until: Some(NOW) }),
    ]
}

prop_compose! {
    fn any_candidate()(
        (place, tier, cap) in (0usize..3, 1u16..3, 0u32..12),
        weight in prop::sample::select(vec![0.01, 0.5, 1.0, 2.0, 100.0]),
        health in any_health(),
        admin_state in any_admin_state(),
        observed in prop::bool::weighted(0.1),
        ramp in prop_oneof![4 => Just(1.0), 1 => 0.0f64..1.0, 1 => Just(0.0), 1 => any::<f64>()],
        rate_share in prop_oneof![3 => Just(None), 1 => any::<f64>().prop_map(Some)],
        (provider, tag) in (0usize..3, any::<bool>()),
        (coefficient, traffic) in (any::<f64>(), any::<f64>()),
        exit in proptest::option::weighted(0.3, 0usize..4),
    ) -> Candidate {
        Candidate {
            id: id(0),
            name: String::new(),
            region: region(place),
            provider: [None, Some("a".to_owned()), Some("b".to_owned())][provider].clone(),
            tags: if tag { vec!["fast".to_owned()] } else { Vec::new() },
            protocols: if tag { vec!["vless".to_owned()] } else { Vec::new() },
            mode: if observed { Mode::Observe } else { Mode::Manage },
            admin_state,
            health,
            priority: tier,
            weight: Weight::try_from(weight).unwrap(),
            preference: Weight::ONE,
            max_users: cap,
            ramp,
            rate_share,
            nodes: vec![NodeFacts {
                connected: true,
                hidden: false,
                usage_coefficient: coefficient,
                traffic_gb_recent: traffic,
                active_users: 0,
            }],
            exits: exit.map(region).into_iter().collect(),
        }
    }
}

prop_compose! {
    fn any_counters()(active in 0u32..5, reserved in 0u32..2, lingering in 0u32..2, foreign in 0u32..4) -> Counters {
        Counters { active, reserved, lingering, foreign }
    }
}

type Fleet = Vec<(Candidate, Counters)>;

prop_compose! {
    fn any_fleet()(mut fleet in proptest::collection::vec((any_candidate(), any_counters()), 0..14)) -> Fleet {
        for (number, (candidate, _)) in fleet.iter_mut().enumerate() {
            candidate.id = id(number);
        }
        fleet
    }
}

/// A request that owns what it names.
#[derive(Debug, Clone)]
struct Wish {
    region: Option<Region>,
    exclude: Vec<InstanceId>,
    provider: bool,
    tags: Vec<String>,
    protocol: bool,
    tie: u64,
}

impl Wish {
    fn request(&self) -> Request<'_> {
        Request {
            region: self.region.clone(),
            exclude: &self.exclude,
            prefer_not_provider: self.provider.then_some("a"),
            tags: &self.tags,
            protocol: self.protocol.then_some("trojan"),
            tie: self.tie,
            ..Request::default()
        }
    }
}

prop_compose! {
    fn any_wish()(
        place in proptest::option::of(0usize..4),
        exclude in proptest::collection::vec(0usize..16, 0..4),
        provider in prop::bool::weighted(0.2),
        tag in prop::bool::weighted(0.2),
        protocol in prop::bool::weighted(0.2),
        tie in 0u64..2,
    ) -> Wish {
        let tags = if tag { vec!["fast".to_owned()] } else { Vec::new() };
        Wish { region: place.map(region), exclude: exclude.into_iter().map(id).collect(), provider, tags, protocol, tie }
    }
}

fn any_strategy() -> impl Arbitrarily<Value = Strategy> {
    prop::sample::select(vec![
        Strategy::Exact,
        Strategy::MarzbanLoad,
        Strategy::Capacity,
        Strategy::RoundRobin,
    ])
}

fn mirror_of(fleet: &Fleet, seed: u64, strategy: Strategy) -> Mirror {
    let mut mirror = Mirror::new(seed, Policy { strategy, ..Policy::default() });
    let counters: Vec<_> =
        fleet.iter().map(|(candidate, counters)| (candidate.id.clone(), *counters)).collect();
    mirror.refresh(fleet.iter().map(|(candidate, _)| candidate.clone()).collect(), &counters);
    mirror
}

/// Whether an instance may be given at all: the rules that no step relaxes, written down a second time.
fn may_take(candidate: &Candidate, counters: Counters, wish: &Wish) -> bool {
    let living =
        matches!(candidate.health, Health::Healthy | Health::Recovering | Health::Degraded | Health::Suspect);
    let in_place = wish
        .region
        .as_ref()
        .is_none_or(|region| *region == candidate.region || candidate.exits.contains(region));
    let speaks = !wish.protocol || candidate.protocols.is_empty();
    let labelled = wish.tags.iter().all(|tag| candidate.tags.contains(tag));
    let ramped = candidate.ramp.is_finite() && candidate.ramp > 0.0;
    living
        && candidate.mode == Mode::Manage
        && candidate.admin_state.accepts(NOW)
        && in_place
        && speaks
        && labelled
        && ramped
        && !wish.exclude.contains(&candidate.id)
        && counters.taken() < candidate.max_users
}

/// The exact load with one more key, from its definition (bandwidth left out).
fn load_of(candidate: &Candidate, counters: Counters) -> f64 {
    f64::from(counters.active + counters.reserved + counters.foreign + 1)
        / (f64::from(candidate.max_users) * candidate.weight.get())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Never closed, observed, dead, elsewhere, excluded, in quarantine or full; and nobody is refused while one may
    /// take them (so more capacity never makes anyone unplaced). Over a history of choices, with each strategy.
    #[test]
    fn a_place_is_given_where_one_may_be_and_nowhere_else(
        fleet in any_fleet(), wishes in proptest::collection::vec(any_wish(), 1..30), strategy in any_strategy(),
    ) {
        let mut mirror = mirror_of(&fleet, 7, strategy);
        for wish in &wishes {
            let counters = |candidate: &Candidate| mirror.counters(&candidate.id).unwrap();
            let able: Vec<&InstanceId> = fleet
                .iter()
                .filter(|(candidate, _)| may_take(candidate, counters(candidate), wish))
                .map(|(candidate, _)| &candidate.id)
                .collect();
            match mirror.choose(&wish.request(), NOW) {
                Ok(decision) => {
                    prop_assert!(able.contains(&&decision.instance));
                    let best: Vec<&Standing> = decision.reason.best.iter().collect();
                    prop_assert_eq!(&best[0].instance, &decision.instance);
                    prop_assert!(best.is_sorted_by(|a, b| a.score <= b.score));
                    prop_assert!(best.iter().all(|standing| standing.score.is_finite()));
                }
                Err(_) => prop_assert!(able.is_empty(), "refused although {able:?} may take it"),
            }
        }
    }

    /// The usual choice is the exact minimum of its definition, and ties alone are the seed's.
    #[test]
    fn the_usual_choice_is_the_least_loaded(mut fleet in any_fleet(), wish in any_wish(), seed in any::<u64>()) {
        for (candidate, _) in &mut fleet {
            (candidate.health, candidate.ramp, candidate.rate_share) = (Health::Healthy, 1.0, None);
            candidate.priority = 1;
        }
        let wish = Wish { provider: false, ..wish };
        let able = fleet.iter().filter(|(candidate, counters)| may_take(candidate, *counters, &wish));
        let stands = |candidate: &Candidate| wish.region.as_ref().is_none_or(|at| *at == candidate.region);
        // Those that stand there go before those of which only an exit leads there.
        let least = able
            .map(|(candidate, counters)| (!stands(candidate), load_of(candidate, *counters)))
            .min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
            .map(|(_, load)| load);
        let mut mirror = mirror_of(&fleet, seed, Strategy::Exact);
        let chosen = mirror.choose(&wish.request(), NOW).ok();
        prop_assert_eq!(chosen.map(|decision| decision.reason.chosen().unwrap().score), least);
    }

    /// The counts taken from sums are those of looking at each instance, and the rows of an explanation agree.
    #[test]
    fn every_instance_is_accounted_for(
        fleet in any_fleet(), before in proptest::collection::vec(any_wish(), 0..20), wish in any_wish(),
    ) {
        let mut mirror = mirror_of(&fleet, 7, Strategy::Exact);
        for wish in &before {
            let _ = mirror.choose(&wish.request(), NOW).map(|_taken| ());
        }
        let request = wish.request();
        let explanation = mirror.explain(&request, NOW);
        let found = mirror.find(&request);
        prop_assert_eq!(
            mirror.count_refusals(&request, found.as_ref()),
            mirror.scan_refusals(&request, found.as_ref())
        );
        prop_assert_eq!(explanation.rows.len(), fleet.len());
        let candidates: Vec<&Row> = explanation.rows.iter().filter(|row| row.refusal.is_none()).collect();
        match &explanation.outcome {
            Ok(reason) => {
                let shown = reason.best.iter().map(|standing| &standing.instance);
                let listed = candidates.iter().take(5).map(|row| &row.standing.instance);
                prop_assert!(shown.eq(listed));
                let refused: u32 = reason.refused.iter().map(|(_, count)| count).sum();
                prop_assert_eq!(refused as usize + candidates.len(), fleet.len());
            }
            Err(_) => prop_assert!(candidates.is_empty()),
        }
        // What is explained is what is done.
        prop_assert_eq!(mirror.choose(&request, NOW).ok().map(|decision| decision.instance), explanation.chosen);
    }

    /// I14: the same seed and trace give the same plan, in whatever order the instances are told.
    #[test]
    fn the_same_trace_gives_the_same_plan(
        fleet in any_fleet(), wishes in proptest::collection::vec(any_wish(), 1..30), strategy in any_strategy(),
        seed in any::<u64>(),
    ) {
        let mut turned = fleet.clone();
        turned.reverse();
        let (mut one, mut other) = (mirror_of(&fleet, seed, strategy), mirror_of(&turned, seed, strategy));
        for wish in &wishes {
            prop_assert_eq!(one.choose(&wish.request(), NOW), other.choose(&wish.request(), NOW));
            let targets = one.targets(&wish.request(), NOW, 0.95);
            prop_assert_eq!(pour(&targets, 9, 1.25), pour(&other.targets(&wish.request(), NOW, 0.95), 9, 1.25));
        }
    }

    /// More capacity never makes anyone unplaced: an instance added, or a cap raised.
    #[test]
    fn more_capacity_never_makes_anyone_unplaced(
        fleet in any_fleet(), (extra, counters) in (any_candidate(), any_counters()),
        raised in any::<prop::sample::Index>(), wish in any_wish(),
    ) {
        let placed = |fleet: &Fleet| mirror_of(fleet, 7, Strategy::Exact).choose(&wish.request(), NOW).is_ok();
        if placed(&fleet) {
            let mut more = fleet.clone();
            more.push((Candidate { id: id(fleet.len()), ..extra }, counters));
            prop_assert!(placed(&more));
            let mut higher = fleet.clone();
            higher[raised.index(fleet.len())].0.max_users += 5;
            prop_assert!(placed(&higher));
        }
    }

    /// I5, and the sums that decide: over any history of choices and settlements the mirror is what a new one would be
    /// that was told the same counts, and no cap is passed.
    #[test]
    fn the_sums_follow_every_change(
        mut fleet in any_fleet(), last in any_wish(),
        acts in proptest::collection::vec((0u8..6, 0usize..14, any_counters(), any_wish()), 0..40),
    ) {
        // A rate is measured against the load of its moment, which a new mirror could not know.
        for (candidate, _) in &mut fleet {
            candidate.rate_share = None;
        }
        let mut mirror = mirror_of(&fleet, 7, Strategy::Exact);
        let mut held: Vec<InstanceId> = Vec::new();
        for (act, number, counters, wish) in acts {
            match (act, held.pop()) {
                (0, Some(id)) => mirror.confirm(&id, counters),
                (1, Some(id)) => mirror.refused(&id, counters),
                (2, Some(id)) => mirror.release(&id),
                (3, Some(id)) => mirror.settle(&id, true),
                (4, top) => {
                    held.extend(top);
                    mirror.full(&id(number));
                }
                (_, top) => {
                    held.extend(top);
                    let room = |mirror: &Mirror, id: &InstanceId| {
                        mirror.counters(id).unwrap().taken() <= mirror.candidate(id).unwrap().max_users
                    };
                    if let Ok(decision) = mirror.choose(&wish.request(), NOW) {
                        prop_assert!(room(&mirror, &decision.instance));
                        held.push(decision.instance);
                    }
                }
            }
        }
        let told: Fleet =
            fleet.iter().map(|(candidate, _)| (candidate.clone(), mirror.counters(&candidate.id).unwrap())).collect();
        let mut anew = mirror_of(&told, 7, Strategy::Exact);
        prop_assert_eq!(mirror.choose(&last.request(), NOW), anew.choose(&last.request(), NOW));
    }

    /// A plan for many never names a closed, dead or suspect target and stays below the mark.
    #[test]
    fn targets_are_open_and_below_the_mark(fleet in any_fleet(), wish in any_wish(), n in 0u32..80) {
        let mirror = mirror_of(&fleet, 7, Strategy::Exact);
        let plan = pour(&mirror.targets(&wish.request(), NOW, 0.95), n, 1.25);
        let placed: u32 = plan.quotas.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(placed + plan.stranded, n);
        for (target, count) in plan.quotas {
            let (candidate, counters) = fleet.iter().find(|(candidate, _)| candidate.id == target).unwrap();
            prop_assert!(may_take(candidate, *counters, &wish) && candidate.health != Health::Suspect);
            prop_assert!(f64::from(counters.taken() + count) <= 0.95 * f64::from(candidate.max_users));
        }
    }
}
