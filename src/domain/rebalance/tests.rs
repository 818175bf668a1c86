use std::collections::HashMap;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::instance::AdminState;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn member(number: usize, users: u32, capacity: f64) -> Member {
    let instance = format!("s{number:03}").parse().unwrap();
    Member { instance, users, own: users, room: u32::MAX, capacity }
}

fn group(members: Vec<Member>) -> Group {
    Group { key: GroupKey { region: "de".parse().unwrap(), tier: 1, pool: Vec::new() }, members }
}

fn flat(users: &[u32]) -> Group {
    group(users.iter().enumerate().map(|(at, users)| member(at, *users, 1000.0)).collect())
}

/// The group when all moves are made.
fn after(group: &Group, plan: &Plan) -> Group {
    let mut group = group.clone();
    for shift in &plan.shifts {
        for member in &mut group.members {
            if member.instance == shift.from {
                (member.users, member.own) = (member.users - shift.count, member.own - shift.count);
                member.room = member.room.saturating_add(shift.count);
            }
            if member.instance == shift.to {
                (member.users, member.own) = (member.users + shift.count, member.own + shift.count);
                member.room -= shift.count;
            }
        }
    }
    group
}

prop_compose! {
    /// Weighted instances with at least 20 users as their fair share, however unlike they are now.
    fn any_group()(
        parts in proptest::collection::vec((0u32..4000, prop::sample::select(vec![1.0, 1.5, 2.0, 4.0])), 2..24),
    ) -> Group {
        let mut members: Vec<Member> =
            parts.iter().enumerate().map(|(at, &(users, weight))| member(at, users, weight * 1000.0)).collect();
        let capacity: f64 = members.iter().map(|member| member.capacity).sum();
        let least = (20.0 * capacity / 1000.0).ceil() as u32;
        let users: u32 = members.iter().map(|member| member.users).sum();
        members[0].users += least.saturating_sub(users);
        members[0].own = members[0].users;
        group(members)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_plan_is_the_shortest_way_into_the_band(group in any_group()) {
        let plan = plan(&group);
        prop_assert!(f64::from(plan.moves()) <= f64::from(plan.lower_bound) * 1.02);
        prop_assert_eq!(plan.moves(), plan.lower_bound);
        let evened = after(&group, &plan);
        prop_assert_eq!(evened.users(), group.users());
        // A fair share of 20 users makes one user 5 %, and so a spread of 10 %.
        prop_assert!(evened.spread() <= START + 1e-9, "{}", evened.spread());
        prop_assert!((evened.spread() - plan.after).abs() < 1e-9);
        prop_assert!(super::plan(&evened).shifts.is_empty());
        let mut role: HashMap<&InstanceId, &str> = HashMap::new();
        for shift in &plan.shifts {
            prop_assert!(shift.count > 0);
            prop_assert_eq!(*role.entry(&shift.from).or_insert("gives"), "gives");
            prop_assert_eq!(*role.entry(&shift.to).or_insert("takes"), "takes");
        }
        // Few pairs: each makes one side whole.
        prop_assert!(plan.shifts.len() < group.members.len());
    }

    #[test]
    fn nobody_gives_what_is_not_ours_or_takes_beyond_its_room(
        group in any_group(),
        limits in proptest::collection::vec((0u32..3000, 0u32..1500), 24),
    ) {
        let mut group = group;
        for (member, (own, room)) in group.members.iter_mut().zip(limits) {
            member.own = member.own.min(own);
            member.room = room;
        }
        let plan = plan(&group);
        prop_assert!(plan.moves() <= plan.lower_bound);
        prop_assert!(plan.after <= plan.before + 1e-9);
        for member in &group.members {
            let sum = |of: fn(&Shift) -> &InstanceId| -> u32 {
                plan.shifts.iter().filter(|s| *of(s) == member.instance).map(|s| s.count).sum()
            };
            prop_assert!(sum(|s| &s.from) <= member.own);
            prop_assert!(sum(|s| &s.to) <= member.room);
        }
    }

    #[test]
    fn members_of_a_group_are_alike_and_every_move_stays_within(
        fleet in proptest::collection::vec(
            (0u32..400, prop::sample::select(vec!["de", "nl"]), 1u16..3, prop::bool::ANY, 0u8..6), 0..20),
    ) {
        let fleet: Vec<(Candidate, Counters)> = fleet.iter().enumerate().map(|(at, &(active, region, tier, vip, state))| {
            let mut candidate = candidate(at, region, tier);
            if vip {
                candidate.tags = vec!["vip".into(), "a".into()];
            }
            match state {
                0 => candidate.health = Health::Degraded,
                1 => candidate.admin_state = AdminState::Cordoned,
                2 => candidate.ramp = 0.5,
                _ => {}
            }
            (candidate, Counters { active, ..Counters::default() })
        }).collect();
        let home: HashMap<InstanceId, &Candidate> = fleet.iter().map(|(c, _)| (c.id.clone(), c)).collect();
        for group in groups(&fleet, NOW) {
            prop_assert!(group.users() as f64 / group.members.len() as f64 >= LEAST_MEAN);
            for shift in plan(&group).shifts {
                let (from, to) = (home[&shift.from], home[&shift.to]);
                prop_assert_eq!(&from.region, &to.region);
                prop_assert_eq!(from.priority, to.priority);
                prop_assert_eq!(&from.tags, &to.tags);
                for end in [from, to] {
                    prop_assert_eq!(end.health, Health::Healthy);
                    prop_assert!(end.admin_state.accepts(NOW) && end.ramp >= 1.0);
                }
            }
        }
    }
}

proptest! {
    // Each case is a day or two of looks.
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_budget_holds_in_every_hour_and_day(users in 1u64..100_000, step in 20i64..4000) {
        let budget = Budget::of(users);
        let mut begun: Vec<Timestamp> = Vec::new();
        for tick in 0..400 {
            let now = NOW + TimeDelta::seconds(step * tick);
            let within = |span| begun.iter().rev().take_while(|at| **at > now - span).count() as u32;
            let (hour, day) = (within(TimeDelta::hours(1)), within(TimeDelta::days(1)));
            let more = budget.left(hour, day, begun.last().copied(), now).min(50);
            begun.extend(std::iter::repeat_n(now, more as usize));
            prop_assert!(hour + more <= budget.hourly && day + more <= budget.daily);
        }
        prop_assert!(!begun.is_empty());
    }
}

fn candidate(number: usize, region: &str, tier: u16) -> Candidate {
    let instance = crate::domain::instance::Instance {
        id: format!("s{number:03}").parse().unwrap(),
        name: String::new(),
        note: String::new(),
        kind: crate::domain::instance::PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: "https://vpn.example.com".parse().unwrap(),
        username: String::new(),
        region: region.parse().unwrap(),
        provider: None,
        tags: Vec::new(),
        admin_state: AdminState::Open,
        priority: tier,
        weight: crate::domain::instance::Weight::ONE,
        max_users: 1000,
        connection: Default::default(),
        care: Default::default(),
    };
    Candidate::of(&instance, Health::Healthy)
}

#[test]
fn surplus_goes_to_the_deepest_deficit() {
    let plan = plan(&flat(&[130, 100, 70]));
    // The band is 96 to 104.
    assert_eq!(plan.moves(), 26);
    assert_eq!(
        plan.shifts,
        [Shift { from: "s000".parse().unwrap(), to: "s002".parse().unwrap(), count: 26 }]
    );
    assert!((plan.before - 0.6).abs() < 1e-9 && (plan.after - 0.08).abs() < 1e-9);
}

#[test]
fn an_empty_new_instance_is_filled_although_nobody_has_a_surplus() {
    // One among thirty: each other is only 3.4 % above the mean.
    let mut users = [100; 30];
    users[7] = 0;
    let plan = plan(&flat(&users));
    assert!(plan.shifts.iter().all(|shift| shift.to.as_str() == "s007"));
    // The band of 96.7 begins at 92.8.
    assert_eq!(plan.moves(), 93);
}

#[test]
fn small_and_even_groups_are_left_alone() {
    assert!(plan(&flat(&[100, 104, 97])).shifts.is_empty());
    let small = [(candidate(0, "de", 1), 30), (candidate(1, "de", 1), 5)];
    let fleet: Vec<_> =
        small.into_iter().map(|(c, active)| (c, Counters { active, ..Counters::default() })).collect();
    assert!(groups(&fleet, NOW).is_empty());
}

#[test]
fn only_what_lasts_counts() {
    let minutes = |minutes| NOW + TimeDelta::minutes(minutes);
    let mut looks = Looks::default();
    for at in [0, 5, 6, 7] {
        looks = looks.look(0.2, minutes(at));
    }
    assert!(!looks.is_due(), "looks that come too soon count for nothing: {looks:?}");
    assert!(looks.look(0.2, minutes(10)).is_due());
    let calmed = looks.look(0.09, minutes(10)).look(0.2, minutes(15)).look(0.2, minutes(20));
    assert!(!calmed.is_due());
    assert!(!looks.look(0.2, minutes(60)).is_due(), "an hour without a look begins anew");
}

#[test]
fn how_long_it_takes() {
    let budget = Budget::of(10_000);
    assert_eq!(budget, Budget { hourly: 100, daily: 500 });
    assert_eq!(budget.duration(50), TimeDelta::minutes(30));
    assert_eq!(budget.duration(500), TimeDelta::hours(5));
    assert_eq!(budget.duration(1100), TimeDelta::hours(49));
}
