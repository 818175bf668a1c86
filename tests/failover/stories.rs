//! What becomes of the keys when an instance dies, and what does not.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::incident::{self, Entry};
use karvan::domain::instance::Health;
use karvan::domain::operation::Cause;
use karvan::panel::fake::{Fault, Verb};
use karvan::panel::{PanelError, Trouble};
use karvan::service::failover::What;
use karvan::service::incidents::Incidents;
use karvan::service::keys::{Ask, Repair};
use rstest::rstest;

use crate::db::Kind;
use crate::fleet::{BY, EVACUATE_AFTER, Fleet};
use crate::memory::{Spec, World, id};

fn owner(number: i64) -> UserId {
    UserId(5000 + number)
}

#[rstest]
#[tokio::test]
async fn one_of_three_dies_and_everybody_is_served_elsewhere(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 20).await;
    let secrets = fleet.world.core.store.credentials(keys[0]).await.unwrap().unwrap();
    let account = fleet.world.panel("de1").names()[0].clone();
    fleet.world.panel("de1").add_traffic(&karvan::domain::AccountName::stored(account), 5 << 30);
    fleet.world.watch.sample().await.unwrap();
    fleet.world.clock.advance(Duration::from_secs(301));
    fleet.world.watch.sample().await.unwrap();
    fleet.dies("de1").await;
    assert!(fleet.tick().await.is_empty(), "a restart of the panel moves nobody");
    fleet.world.settle().await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [20, 0, 0]);

    let events = fleet.passes(EVACUATE_AFTER).await;
    let [What::Planned { total: 20, stranded: 0, per_target }, What::Done { moved: 20, stayed: 0 }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(per_target.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [10, 10]);
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [0, 10, 10]);
    assert_eq!(fleet.world.core.store.credentials(keys[0]).await.unwrap().unwrap(), secrets);
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(fleet.letters(owner(number as i64), "key_moved").await, 1, "{key}: told once");
    }
    // The quota travels: one has 95 GiB left where it is now, all others their 100.
    let (mut whole, mut less) = (0, 0);
    for name in ["nl1", "fi1"] {
        for account in fleet.world.panel(name).names() {
            let shown =
                fleet.world.panel(name).account(&karvan::domain::AccountName::stored(account)).unwrap();
            match shown.data_limit.unwrap() >> 30 {
                100 => whole += 1,
                95 => less += 1,
                other => panic!("{other} GiB"),
            }
        }
    }
    assert_eq!((whole, less), (19, 1));

    // The admins read of it in one message: its beginning and its end.
    let incidents = Incidents::new(fleet.world.core.clone());
    let incident = incidents.open_of(incident::Kind::Instance, "de1").await.unwrap().unwrap();
    let lines: Vec<&Entry> = incident.timeline.iter().map(|(_, entry)| entry).collect();
    let [Entry::EvacuationPlanned { total: 20, .. }, Entry::EvacuationDone { moved: 20, .. }] = lines[..]
    else {
        panic!("{lines:?}")
    };
    assert_eq!((incident.affected, fleet.letters(BY, "incident").await), (20, 1));

    // It returns: what was left there goes on serving until its linger is over, and nobody moves back.
    fleet.returns("de1").await;
    assert!(fleet.passes(Duration::from_secs(3600)).await.is_empty());
    assert_eq!(fleet.world.panel("de1").names().len(), 20);
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [0, 10, 10]);
    fleet.assert_quiet(&keys).await;
    assert!(fleet.world.panel("de1").names().is_empty());
    let used = fleet.world.core.store.key(keys[0]).await.unwrap().unwrap();
    let total: u64 = used.used_total();
    assert!(total == 0 || total == 5 << 30, "what was used stays counted: {total}");
}

#[rstest]
#[tokio::test]
async fn an_instance_that_returns_midway_keeps_whoever_has_not_begun(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 12).await;
    // The others do not answer for now, so that some moves have begun and none is done.
    for name in ["nl1", "fi1"] {
        for _ in 0..2 {
            fleet.world.panel(name).next_of(Verb::Create, Fault::LoseAcknowledgement(Trouble::Cut));
        }
    }
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    assert!(matches!(fleet.tick().await[..], [What::Planned { total: 12, .. }]));
    let counters = fleet.world.core.store.counters().await.unwrap();
    assert_eq!(counters.iter().map(|(_, counters)| counters.reserved).sum::<u32>(), 12, "places are held");
    // Four creates go out and are not acknowledged, all others have not begun.
    let claimed = fleet.world.core.store.claim_operations("w", now(&fleet), 100).await.unwrap();
    for operation in claimed.iter().filter(|operation| operation.target.is_some()).take(4) {
        let store = &fleet.world.core.store;
        assert!(store.authorise_target_write(operation, operation.revision, now(&fleet)).await.unwrap());
    }
    for operation in &claimed {
        fleet.world.core.store.put_off(operation, now(&fleet)).await.unwrap();
    }
    fleet.returns("de1").await;
    let events = fleet.tick().await;
    assert_eq!(events, [What::Cancelled { left: 8 }]);
    fleet.rest(&fleet.world.executor).await.unwrap();
    fleet.passes(Duration::from_secs(120)).await;
    assert_eq!(
        fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0],
        8,
        "what had begun ends, the others stay"
    );
    fleet.assert_quiet(&keys).await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 8);
}

fn now(fleet: &Fleet) -> karvan::domain::Timestamp {
    use karvan::domain::Clock;
    fleet.world.clock.now()
}

#[rstest]
#[tokio::test]
async fn a_target_that_dies_midway_is_left_as_well(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::of(
        kind,
        &[
            Spec("de1", "de", 100, 1.0),
            Spec("de2", "de", 100, 1.0),
            Spec("de3", "de", 100, 1.0),
            Spec("nl1", "nl", 100, 1.0),
        ],
    )
    .await
    else {
        return;
    };
    let keys = fleet.keys_on("de1", 10).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    assert!(matches!(fleet.tick().await[..], [What::Planned { total: 10, .. }]));
    // de2 takes two and dies with the acknowledgements; it was to take five.
    for _ in 0..2 {
        fleet.world.panel("de2").next_of(Verb::Create, Fault::LoseAcknowledgement(Trouble::Cut));
    }
    for _ in 0..3 {
        fleet
            .world
            .panel("de2")
            .next_of(Verb::Create, Fault::Fail(PanelError::Unavailable(Trouble::Refused)));
    }
    fleet.world.executor.round().await.unwrap();
    fleet.dies("de2").await;
    fleet.passes(Duration::from_secs(120)).await;
    let spread = fleet.spread(&keys, ["de1", "de2", "de3", "nl1"]).await;
    assert_eq!(spread, [0, 0, 10, 0], "the other one of the same location has room");
    fleet.returns("de1").await;
    fleet.returns("de2").await;
    fleet.assert_quiet(&keys).await;
}

#[rstest]
#[tokio::test]
async fn who_asks_is_served_at_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 3).await;
    let ask = Ask { by: owner(1), cause: Cause::Owner, update_id: None, screen: Some(1) };
    fleet.dies("de1").await;
    let refresh = fleet.world.keys.refresh(&ask, keys[1]);
    let work = async {
        while fleet.world.place_of(keys[1]).await.as_deref() == Some("de1") {
            fleet.world.settle().await;
            tokio::task::yield_now().await;
        }
    };
    let (refreshed, ()) = tokio::join!(refresh, work);
    assert_eq!(refreshed.unwrap().state, Repair::Repaired);
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 2, "the others wait for their turn");
    // Asking before the plan and being in it are the same move.
    let operation = fleet.failover.serve_now(keys[2], Some(owner(2))).await.unwrap().unwrap();
    assert_eq!(fleet.failover.serve_now(keys[2], Some(owner(2))).await.unwrap(), Some(operation));
    let events = fleet.passes(EVACUATE_AFTER).await;
    assert!(
        matches!(events[..], [What::Planned { total: 1, .. }, What::Done { moved: 1, .. }]),
        "{events:?}"
    );
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
    for number in 0..3 {
        assert_eq!(fleet.letters(owner(number), "key_moved").await, 1);
    }
    fleet.returns("de1").await;
    fleet.assert_quiet(&keys).await;
}

#[rstest]
#[tokio::test]
async fn who_asks_while_the_plan_waits_is_hurried(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 5).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    fleet.tick().await;
    let operation = fleet.failover.serve_now(keys[4], Some(owner(4))).await.unwrap().unwrap();
    let first = fleet.world.core.store.claim_operations("w", now(&fleet), 1).await.unwrap().remove(0);
    assert_eq!((first.id, first.person_waits), (operation, true));
    fleet.world.core.store.put_off(&first, now(&fleet)).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
}

#[rstest]
#[tokio::test]
async fn a_full_fleet_strands_the_rest_and_serves_them_when_room_appears(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::of(kind, &[Spec("de1", "de", 20, 1.0), Spec("nl1", "nl", 20, 1.0)]).await else {
        return;
    };
    let keys = fleet.keys_on("de1", 20).await;
    let others = {
        let mut keys = Vec::new();
        for number in 0..9 {
            let user = UserId(8000 + number);
            fleet.world.meets(user).await;
            keys.push(fleet.world.keys.issue(&World::asks(user), user, None).await.unwrap().config);
        }
        fleet.world.settle().await;
        keys
    };
    fleet.dies("de1").await;
    let events = fleet.passes(EVACUATE_AFTER).await;
    // nl1 stops at 19 of 20.
    let [What::Planned { total: 20, stranded: 10, .. }, ..] = &events[..] else { panic!("{events:?}") };
    assert_eq!(fleet.spread(&keys, ["de1", "nl1"]).await, [10, 10]);
    let newcomer = UserId(9000);
    fleet.world.meets(newcomer).await;
    let asked = fleet.world.keys.issue(&World::asks(newcomer), newcomer, None).await.unwrap();
    fleet.world.settle().await;
    assert_eq!(
        fleet.world.place_of(asked.config).await.as_deref(),
        Some("nl1"),
        "the last place is for who asks"
    );
    // Two leave: evacuees come before anybody new, and again one place is kept.
    for key in &others[..2] {
        fleet.world.keys.revoke(&World::admin_asks(), *key).await.unwrap();
    }
    fleet.passes(Duration::from_secs(60)).await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1"]).await, [9, 11]);
    // It returns before there is room for all: they stay, and nothing is left half-done.
    fleet.returns("de1").await;
    let events = fleet.passes(Duration::from_secs(30)).await;
    assert!(events.contains(&What::Cancelled { left: 9 }), "{events:?}");
    let mut all: Vec<_> = keys.clone();
    all.extend(&others);
    all.push(asked.config);
    fleet.passes(Duration::from_secs(49 * 3600)).await;
    fleet.passes(Duration::from_secs(600)).await;
    fleet.world.assert_quiet(&all).await;
}

#[rstest]
#[tokio::test]
async fn an_account_left_behind_is_taken_back_instead_of_made_anew(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::of(
        kind,
        &[Spec("de1", "de", 100, 1.0), Spec("de2", "de", 100, 1.0), Spec("de3", "de", 100, 1.0)],
    )
    .await
    else {
        return;
    };
    let keys = fleet.keys_on("de2", 1).await;
    fleet.world.keys.move_to(&World::admin_asks(), keys[0], Some(id("de1"))).await.unwrap();
    fleet.world.settle().await;
    let accounts = fleet.world.panel("de2").names();
    fleet.dies("de1").await;
    fleet.passes(EVACUATE_AFTER).await;
    assert_eq!(fleet.world.place_of(keys[0]).await.as_deref(), Some("de2"));
    assert_eq!(fleet.world.panel("de2").names(), accounts, "the same account");
    fleet.returns("de1").await;
    fleet.assert_quiet(&keys).await;
}

#[rstest]
#[tokio::test]
async fn ended_keys_stay_and_a_renewed_one_leaves(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 3).await;
    fleet.world.keys.suspend(&World::admin_asks(), keys[0]).await.unwrap();
    fleet.world.keys.extend(&World::admin_asks(), keys[1], Some(-40), None).await.unwrap();
    fleet.world.settle().await;
    fleet.dies("de1").await;
    fleet.passes(EVACUATE_AFTER).await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 2, "only the live one leaves");
    // Renewed while the instance is dead: its limits can be brought nowhere, and it leaves as well.
    fleet.world.keys.extend(&World::admin_asks(), keys[1], Some(30), None).await.unwrap();
    fleet.passes(Duration::from_secs(60)).await;
    assert_ne!(fleet.world.place_of(keys[1]).await.as_deref(), Some("de1"));
    fleet.world.keys.resume(&World::admin_asks(), keys[0]).await.unwrap();
    fleet.passes(Duration::from_secs(60)).await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
    fleet.returns("de1").await;
    fleet.assert_quiet(&keys).await;
}

#[rstest]
#[tokio::test]
async fn a_wish_that_waits_for_room_comes_after_the_rescue(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::of(
        kind,
        &[Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 1, 1.0), Spec("fi1", "fi", 100, 1.0)],
    )
    .await
    else {
        return;
    };
    let other = fleet.keys_on("nl1", 1).await[0];
    let user = UserId(7000);
    fleet.world.meets(user).await;
    let key =
        fleet.world.keys.issue(&World::asks(user), user, Some("de".parse().unwrap())).await.unwrap().config;
    fleet.world.settle().await;
    fleet.world.keys.relocate(&World::asks(user), key, Some("nl".parse().unwrap())).await.unwrap();
    fleet.world.settle().await;
    assert_eq!(fleet.world.place_of(key).await.as_deref(), Some("de1"), "nl is full");
    fleet.dies("de1").await;
    fleet.passes(EVACUATE_AFTER).await;
    assert_eq!(fleet.world.place_of(key).await.as_deref(), Some("fi1"), "a working key elsewhere first");
    fleet.world.keys.revoke(&World::admin_asks(), other).await.unwrap();
    fleet.passes(Duration::from_secs(120)).await;
    assert_eq!(fleet.world.place_of(key).await.as_deref(), Some("nl1"), "and then where it was asked for");
}

#[rstest]
#[tokio::test]
async fn an_admin_may_evacuate_what_is_not_down_and_stop_again(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 6).await;
    fleet.mark("de1", Health::Blocked).await;
    assert!(fleet.passes(Duration::from_secs(60)).await.is_empty());
    let batch = fleet.failover.evacuate(BY, &id("de1")).await.unwrap();
    assert_eq!(fleet.failover.finish(BY, batch).await.unwrap(), 6);
    fleet.world.settle().await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [6, 0, 0]);
    fleet.world.assert_counted().await;
    fleet.failover.evacuate(BY, &id("de1")).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [0, 3, 3]);
}
