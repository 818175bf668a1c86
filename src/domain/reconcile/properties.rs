//! What must hold whatever a panel shows.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::key::{Authority, Role};
use crate::domain::{AccountName, AssignmentId, ConfigId, Timestamp};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn name(number: i64) -> AccountName {
    AccountName::stored(format!("kabcdef{number:05}"))
}

fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![6 => Just(Mark::Ours), 1 => Just(Mark::Another), 1 => Just(Mark::None)]
}

fn limits() -> impl Strategy<Value = Limits> {
    let end = prop::option::of((0..3i64).prop_map(|day| at(day * 86_400)));
    let quota = prop::option::of(prop::sample::select(vec![1_000u64, 1_005, 2_000, 9_000]));
    (any::<bool>(), end, quota).prop_map(|(enabled, expires_at, data_limit)| Limits {
        enabled,
        expires_at,
        data_limit,
    })
}

/// What may be true of one account name.
#[derive(Debug, Clone)]
struct Case {
    shown: Option<(Mark, bool, bool)>,
    shows: Option<Limits>,
    ours: Option<(Role, Authority, bool, bool)>,
    wants: Limits,
    written: Option<u64>,
    elsewhere: u64,
    accounted: bool,
    since: Option<i64>,
}

fn case() -> impl Strategy<Value = Case> {
    let role = prop::sample::select(vec![Role::Primary, Role::Primary, Role::Lingering]);
    let authority = prop::sample::select(vec![Authority::Karvan, Authority::Karvan, Authority::Panel]);
    let ours = prop::option::weighted(0.7, (role, authority, any::<bool>(), prop::bool::weighted(0.2)));
    let shown = (mark(), prop::bool::weighted(0.9), prop::bool::weighted(0.9));
    (
        prop::option::weighted(0.9, shown),
        prop::option::weighted(0.4, limits()),
        ours,
        limits(),
        prop::option::of(prop::sample::select(vec![1_000u64, 2_000])),
        prop::sample::select(vec![0u64, 500, 5_000]),
        prop::bool::weighted(0.1),
        prop::option::of(0..1_200i64),
    )
        .prop_map(|(shown, shows, ours, wants, written, elsewhere, accounted, since)| Case {
            shown,
            shows,
            ours,
            wants,
            written,
            elsewhere,
            accounted,
            since,
        })
}

fn look_of(cases: &[Case]) -> Look {
    let now = at(1_200);
    let mut look = Look {
        shown: Vec::new(),
        ours: Vec::new(),
        accounted: BTreeSet::new(),
        strays_since: [].into(),
        at: now,
    };
    for (number, case) in (1..).zip(cases) {
        let account = name(number);
        if let Some((mark, right_secrets, known)) = case.shown {
            look.shown.push(Shown {
                account: account.clone(),
                mark,
                limits: case.shows.unwrap_or(case.wants),
                right_secrets,
                given_to: known.then_some(ConfigId(number)),
            });
        }
        if let Some((role, authority, synced, in_motion)) = case.ours {
            look.ours.push(Ours {
                assignment: AssignmentId(number),
                config: ConfigId(number),
                account: account.clone(),
                role,
                authority,
                wanted: case.wants,
                written: case.written,
                used_elsewhere: case.elsewhere,
                synced,
                in_motion,
            });
        }
        if case.accounted {
            look.accounted.insert(account.clone());
        }
        if let Some(since) = case.since {
            look.strays_since.insert(account, now - Duration::from_secs(since.unsigned_abs()));
        }
    }
    look
}

fn planned(look: &Look) -> Plan {
    plan(look, &judge(look), &Brakes::default())
}

/// The panel and the database after the plan was carried out.
fn carried_out(look: &Look, plan: &Plan) -> Look {
    let mut after = look.clone();
    for stray in &plan.delete {
        after.shown.retain(|shown| shown.account != stray.account);
    }
    for missing in &plan.create {
        let ours = after.ours.iter_mut().find(|ours| ours.account == missing.account).unwrap();
        (ours.synced, ours.written) = (true, ours.wanted.data_limit);
        after.shown.push(Shown {
            account: missing.account.clone(),
            mark: Mark::Ours,
            limits: ours.wanted,
            right_secrets: true,
            given_to: Some(missing.config),
        });
    }
    for lost in &plan.forget {
        after.ours.retain(|ours| ours.account != lost.account);
    }
    for changed in &plan.repair {
        let ours = after.ours.iter_mut().find(|ours| ours.account == changed.account).unwrap();
        (ours.synced, ours.written) = (true, ours.wanted.data_limit);
        let shown = after.shown.iter_mut().find(|shown| shown.account == changed.account).unwrap();
        (shown.limits, shown.right_secrets) = (ours.wanted, true);
    }
    for changed in &plan.take_over {
        let ours = after.ours.iter_mut().find(|ours| ours.account == changed.account).unwrap();
        (ours.wanted, ours.written, ours.synced) = (changed.shown, changed.shown.data_limit, true);
    }
    after
}

proptest! {
    // Fleets large enough for the brakes to bite take their time.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Neither deletes nor creates pass the brakes, and while so much is missing that people are asked, nothing is
    /// changed.
    #[test]
    fn nothing_passes_the_brakes(cases in prop::collection::vec(case(), 0..400)) {
        let look = look_of(&cases);
        let plan = planned(&look);
        let marked = look.shown.iter().filter(|shown| shown.mark == Mark::Ours).count();
        prop_assert!(plan.delete.len() <= (marked / 100).max(1));
        let due = |ours: &&Ours| ours.role == Role::Primary && !ours.in_motion;
        let expected = look.ours.iter().filter(due).count();
        prop_assert!(plan.create.len() <= (expected / 20).clamp(1, 50));
        prop_assert!(plan.repair.len() + plan.take_over.len() <= 100);
        if !plan.ask_missing.is_empty() {
            prop_assert!(plan.changes_nothing());
            let question = Question::Missing { count: plan.ask_missing.len() as u32, of: expected as u32 };
            prop_assert!(plan.questions.contains(&question));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// I18: whatever is found, nothing is deleted but what bears this installation's and this instance's mark, that
    /// nothing accounts for, that this database gave out and that was seen for long enough.
    #[test]
    fn i18_only_our_own_leftovers_are_deleted(cases in prop::collection::vec(case(), 0..60)) {
        let look = look_of(&cases);
        for stray in planned(&look).delete {
            let shown = look.shown.iter().find(|shown| shown.account == stray.account).unwrap();
            prop_assert_eq!(shown.mark, Mark::Ours);
            prop_assert!(shown.given_to.is_some());
            prop_assert!(!look.accounted.contains(&stray.account));
            prop_assert!(look.ours.iter().all(|ours| ours.account != stray.account));
            let since = look.strays_since[&stray.account];
            prop_assert!(look.at - since >= chrono::TimeDelta::seconds(600));
        }
    }

    /// R3: what is in motion is not judged.
    #[test]
    fn what_is_in_motion_is_left_to_what_moves_it(cases in prop::collection::vec(case(), 0..60)) {
        let look = look_of(&cases);
        let plan = planned(&look);
        for ours in look.ours.iter().filter(|ours| ours.in_motion) {
            let name = &ours.account;
            prop_assert!(plan.delete.iter().all(|it| it.account != *name));
            prop_assert!(plan.create.iter().chain(&plan.forget).all(|it| it.account != *name));
            let changed = plan.repair.iter().chain(&plan.take_over).chain(&plan.keep);
            prop_assert!(changed.into_iter().all(|it| it.account != *name));
        }
    }

    /// What somebody gave a key of ours is neither taken back nor taken over unasked.
    #[test]
    fn what_favours_a_user_is_kept(cases in prop::collection::vec(case(), 0..60)) {
        let look = look_of(&cases);
        for changed in planned(&look).repair {
            let ours = look.ours.iter().find(|ours| ours.account == changed.account).unwrap();
            let told = Limits { data_limit: changed.shown.data_limit, ..ours.wanted };
            let given = changed.shown.allow_more_than(&told);
            prop_assert!(!(given && ours.synced && ours.authority == Authority::Karvan));
        }
    }

    /// The order in which a panel and a database list things decides nothing.
    #[test]
    fn order_decides_nothing(
        (cases, seed) in (prop::collection::vec(case(), 0..60), any::<u64>()),
    ) {
        use rand::SeedableRng;
        use rand::seq::SliceRandom;
        let look = look_of(&cases);
        let mut shuffled = look.clone();
        let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
        shuffled.shown.shuffle(&mut rng);
        shuffled.ours.shuffle(&mut rng);
        prop_assert_eq!(planned(&look), planned(&shuffled));
    }

    /// Once carried out, a plan leaves less and less to do, and then nothing: what is left is for people.
    #[test]
    fn runs_come_to_an_end(cases in prop::collection::vec(case(), 0..60)) {
        let mut look = look_of(&cases);
        for _ in 0..=cases.len() {
            let plan = planned(&look);
            if plan.changes_nothing() {
                break;
            }
            look = carried_out(&look, &plan);
        }
        prop_assert!(planned(&look).changes_nothing());
    }

    /// A panel that shows exactly what shall be there is left alone.
    #[test]
    fn what_is_right_is_left_alone(cases in prop::collection::vec(case(), 0..60)) {
        let mut look = look_of(&cases);
        look.shown = look.ours.iter().map(|ours| Shown {
            account: ours.account.clone(),
            mark: Mark::Ours,
            limits: ours.wanted,
            right_secrets: true,
            given_to: Some(ours.config),
        }).collect();
        prop_assert!(judge(&look).is_clean());
        prop_assert_eq!(planned(&look), Plan::default());
    }
}

#[test]
fn one_of_many_is_made_again_and_all_or_many_are_asked_about() {
    let brakes = Brakes::default();
    for (missing, expected, ask) in [
        (0, 0, false),
        (0, 5, false),
        (1, 1, true),
        (1, 2, false),
        (2, 10, true),
        (5, 100, false),
        (6, 100, true),
        (50, 5_000, false),
        (51, 5_000, true),
    ] {
        assert_eq!(brakes.must_ask(missing, expected), ask, "{missing} of {expected}");
    }
}

#[test]
fn use_elsewhere_is_no_change_by_somebody() {
    let wants = Limits { enabled: true, expires_at: None, data_limit: Some(1_000) };
    let ours = |written, elsewhere| Case {
        shown: Some((Mark::Ours, true, true)),
        shows: Some(Limits { data_limit: Some(1_500), ..wants }),
        ours: Some((Role::Primary, Authority::Karvan, true, false)),
        wants,
        written,
        elsewhere,
        accounted: false,
        since: None,
    };
    let change = |case: Case| judge(&look_of(&[case])).changed.first().map(|changed| changed.change);
    assert_eq!(change(ours(Some(1_500), 500)), Some(Change::Behind), "written so, and used elsewhere since");
    assert_eq!(change(ours(Some(1_000), 500)), Some(Change::Favour), "somebody gave more");
    assert_eq!(change(ours(None, 500)), Some(Change::Behind), "unknown, but explained");
    assert_eq!(change(ours(None, 499)), Some(Change::Favour), "unknown, and not explained");
    let near = Case { shows: Some(Limits { data_limit: Some(1_005), ..wants }), ..ours(Some(1_005), 5) };
    assert_eq!(change(near), None, "not worth a request");
}
