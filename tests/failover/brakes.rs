//! What stands against moving anybody: each of these failed with its rule taken out.

use std::time::Duration;

use karvan::domain::Clock;
use karvan::domain::instance::{AdminState, FailoverMode, Health};
use karvan::service::failover::What;
use karvan::store::evacuations::{BegunEvacuation, NewEvacuation};
use karvan::store::flags::{EVACUATIONS_PAUSED, HOLD, PANIC};
use rstest::rstest;
use serde_json::json;

use crate::db::Kind;
use crate::fleet::{BY, EVACUATE_AFTER, Fleet};
use crate::memory::{Spec, id};

#[rstest]
#[tokio::test]
async fn i1_every_live_key_on_a_dead_instance_has_an_operation(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::of(kind, &[Spec("de1", "de", 30, 1.0), Spec("nl1", "nl", 10, 1.0)]).await else {
        return;
    };
    let keys = fleet.keys_on("de1", 25).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    fleet.tick().await;
    for key in &keys {
        let key = fleet.world.core.store.key(*key).await.unwrap().unwrap();
        assert!(key.operation.is_some(), "{} is forgotten", key.config.id);
    }
    // And again once some are moved: who was stranded is not.
    fleet.rest(&fleet.world.executor).await.unwrap();
    for key in &keys {
        let key = fleet.world.core.store.key(*key).await.unwrap().unwrap();
        let served = key.primary().unwrap().instance == id("nl1");
        assert!(served || key.operation.is_some(), "{} is forgotten", key.config.id);
    }
    fleet.world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn i10_nothing_moves_by_itself_while_a_flag_is_raised(
    #[values(PANIC, EVACUATIONS_PAUSED, HOLD)] flag: &str,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 4).await;
    let store = &fleet.world.core.store;
    store.raise_flag(flag, json!({}), fleet.world.clock.now()).await.unwrap();
    fleet.dies("de1").await;
    assert!(fleet.passes(Duration::from_secs(120)).await.is_empty());
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [4, 0, 0]);
    assert_eq!(store.open_operations().await.unwrap(), 0, "not even planned");
    // The transaction itself refuses a plan that was made before the flag.
    let since = store.health_of(&id("de1")).await.unwrap().unwrap().since;
    let plan = fleet.failover.plan(&id("de1"), fleet.world.clock.now()).await.unwrap();
    assert_eq!(plan.moves.len(), 4);
    let new = NewEvacuation {
        source: &id("de1"),
        down_since: Some(since),
        by: None,
        batch: None,
        incident: None,
        plan: &plan,
        at_once: 1,
        installation: &fleet.world.core.installation,
    };
    let begun = store.begin_evacuation(&new, fleet.world.clock.now()).await.unwrap();
    assert_eq!(begun, BegunEvacuation::Stopped);
    store.lower_flag(flag, json!({}), fleet.world.clock.now()).await.unwrap();
    fleet.passes(Duration::from_secs(1)).await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
}

#[rstest]
#[tokio::test]
async fn i10_a_flag_raised_midway_holds_before_the_next_write(
    #[values(PANIC, EVACUATIONS_PAUSED)] flag: &str,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 6).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    fleet.tick().await;
    let store = &fleet.world.core.store;
    let now = fleet.world.clock.now();
    // Claimed before the flag: the write is refused all the same.
    let claimed = store.claim_operations("w", now, 1).await.unwrap().remove(0);
    store.raise_flag(flag, json!({}), now).await.unwrap();
    assert!(!store.authorise_target_write(&claimed, claimed.revision, now).await.unwrap());
    assert!(store.is_held(&claimed).await.unwrap());
    store.put_off(&claimed, now).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [6, 0, 0]);
    assert!(fleet.world.panels.values().all(|panel| panel.names().len() != 1));
    // Who asks by name is served while it is only a pause, and not in panic.
    fleet.failover.serve_now(keys[0], None).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    let served = fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0] == 5;
    assert_eq!(served, flag == EVACUATIONS_PAUSED);
    assert!(fleet.failover.resume(BY).await.unwrap());
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
}

#[rstest]
#[tokio::test]
async fn in_panic_an_admin_may_evacuate_by_hand(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 6).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    fleet.tick().await;
    fleet.world.core.store.raise_flag(PANIC, json!({}), fleet.world.clock.now()).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 6);
    fleet.failover.evacuate(BY, &id("de1")).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
}

#[rstest]
#[tokio::test]
async fn i11_no_other_state_evacuates(
    #[values(
        Health::Unknown,
        Health::Degraded,
        Health::Suspect,
        Health::Unreachable,
        Health::ControlDown,
        Health::Misconfigured,
        Health::Blocked,
        Health::Recovering
    )]
    health: Health,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 3).await;
    fleet.mark("de1", health).await;
    fleet.world.clock.advance(Duration::from_secs(3600));
    assert!(fleet.rest(&fleet.world.executor).await.unwrap().is_empty());
    assert_eq!(fleet.failover.serve_now(keys[0], None).await.unwrap(), None);
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [3, 0, 0]);
}

#[rstest]
#[tokio::test]
async fn i11_maintenance_evacuates_nobody(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 3).await;
    let until = fleet.world.clock.now() + Duration::from_secs(900);
    let store = &fleet.world.core.store;
    let state = AdminState::Maintenance { until: Some(until) };
    store.set_admin_state(&id("de1"), state, fleet.world.clock.now()).await.unwrap();
    fleet.dies("de1").await;
    assert!(fleet.passes(Duration::from_secs(600)).await.is_empty());
    assert_eq!(fleet.failover.serve_now(keys[0], None).await.unwrap(), None);
    // Announced until then, and dead after it.
    fleet.passes(Duration::from_secs(330)).await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
}

#[rstest]
#[case(FailoverMode::Ask, vec![What::Ask])]
#[case(FailoverMode::Off, vec![])]
#[tokio::test]
async fn an_instance_may_be_left_by_hand_only(
    #[case] mode: FailoverMode,
    #[case] told: Vec<What>,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 3).await;
    let store = &fleet.world.core.store;
    let mut instance = store.instance(&id("de1")).await.unwrap().unwrap();
    instance.care.failover = Some(mode);
    store.edit_instance(&instance, None, fleet.world.clock.now()).await.unwrap();
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    let first: Vec<What> = fleet.failover.tick().await.unwrap().into_iter().map(|event| event.what).collect();
    assert_eq!(first, told);
    assert!(fleet.failover.tick().await.unwrap().is_empty(), "asked once");
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 3);
    fleet.failover.evacuate(BY, &id("de1")).await.unwrap();
    fleet.rest(&fleet.world.executor).await.unwrap();
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await[0], 0);
}

#[rstest]
#[tokio::test]
async fn one_evacuation_at_a_time_in_a_small_fleet(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::of(
        kind,
        &[
            Spec("de1", "de", 100, 1.0),
            Spec("de2", "de", 100, 1.0),
            Spec("de3", "de", 100, 1.0),
            Spec("de4", "de", 100, 1.0),
        ],
    )
    .await
    else {
        return;
    };
    let first = fleet.keys_on("de1", 3).await;
    let second = fleet.keys_on("de2", 3).await;
    fleet.dies("de1").await;
    fleet.dies("de2").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    assert!(matches!(fleet.tick().await[..], [What::Planned { total: 3, .. }]));
    assert!(fleet.tick().await.is_empty(), "the second waits for the first");
    fleet.rest(&fleet.world.executor).await.unwrap();
    let both = [first, second].concat();
    assert_eq!(fleet.spread(&both, ["de1", "de2", "de3", "de4"]).await, [0, 0, 3, 3]);
}

#[rstest]
#[tokio::test]
async fn i15_a_paused_old_leader_changes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 8).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    let store = &fleet.world.core.store;
    // The old leader has looked and planned, and is paused before it writes.
    let since = store.health_of(&id("de1")).await.unwrap().unwrap().since;
    let stale = fleet.failover.plan(&id("de1"), fleet.world.clock.now()).await.unwrap();
    let new = NewEvacuation {
        source: &id("de1"),
        down_since: Some(since),
        by: None,
        batch: None,
        incident: None,
        plan: &stale,
        at_once: 1,
        installation: &fleet.world.core.installation,
    };
    let old = store.claim_operations("old", fleet.world.clock.now(), 10).await.unwrap();
    assert!(old.is_empty());
    // Another one plans and carries out.
    fleet.rest(&fleet.world.executor).await.unwrap();
    let before = fleet.spread(&keys, ["de1", "nl1", "fi1"]).await;
    // The old one wakes: nobody is there any more.
    let begun = store.begin_evacuation(&new, fleet.world.clock.now()).await.unwrap();
    assert!(matches!(begun, BegunEvacuation::Yes { begun: 0, .. }), "{begun:?}");
    // And once the instance has returned and died anew, its plan is for an outage that is over.
    fleet.returns("de1").await;
    fleet.passes(Duration::from_secs(60)).await;
    fleet.dies("de1").await;
    let begun = store.begin_evacuation(&new, fleet.world.clock.now()).await.unwrap();
    assert_eq!(begun, BegunEvacuation::NotDown);
    assert_eq!(store.open_operations().await.unwrap(), 0);
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, before);
    fleet.world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn i15_a_paused_old_worker_sends_and_switches_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(fleet) = Fleet::three(kind).await else { return };
    let keys = fleet.keys_on("de1", 2).await;
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    fleet.tick().await;
    let store = &fleet.world.core.store;
    let old = store.claim_operations("old", fleet.world.clock.now(), 10).await.unwrap();
    assert_eq!(old.len(), 2);
    // Its claims run out, another worker takes over, and the instance returns before that one begins.
    fleet.world.clock.advance(Duration::from_secs(31));
    fleet.returns("de1").await;
    fleet.rest(&fleet.world.executor).await.unwrap();
    for operation in &old {
        let now = fleet.world.clock.now();
        assert!(!store.authorise_target_write(operation, operation.revision, now).await.unwrap());
    }
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [2, 0, 0]);
    fleet.assert_quiet(&keys).await;
}
