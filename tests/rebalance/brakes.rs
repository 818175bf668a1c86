//! What stands against it.

use std::time::Duration;

use karvan::domain::instance::{AdminState, Health};
use karvan::domain::{Clock, InstanceId};
use karvan::panel::{PanelError, Trouble};
use karvan::service::core::RebalanceMode::{Auto, Suggest};
use karvan::service::failover::Failover;
use karvan::service::rebalance::{Hindrance, RebalanceError};
use karvan::store::batches::BatchState;
use karvan::store::flags::{EVACUATIONS_PAUSED, HOLD, PANIC};
use karvan::store::health::Check;
use rstest::rstest;
use serde_json::json;

use crate::memory::{ADMIN, id};
use crate::town::{DAY, HOUR, MINUTE, Town};

async fn mark(town: &Town, instance: &InstanceId, health: Health) {
    let check = Check {
        health,
        latency_ms: None,
        version: None,
        users_active: None,
        core_started: None,
        problem: None,
    };
    town.core.store.record_check(instance, &check, town.clock.now()).await.unwrap();
    town.core.placer.refresh(&town.core.store).await.unwrap();
}

#[rstest]
#[case(PANIC, Hindrance::Panic)]
#[case(EVACUATIONS_PAUSED, Hindrance::Paused)]
#[case(HOLD, Hindrance::Hold)]
#[tokio::test]
async fn nothing_begins_while_a_flag_is_raised_nor_just_after(
    #[case] flag: &str,
    #[case] expected: Hindrance,
) {
    let (town, keys) = Town::uneven(Auto).await;
    let store = &town.core.store;
    store.raise_flag(flag, json!({}), town.clock.now()).await.unwrap();
    town.lasts().await;
    town.passes(HOUR, 5 * MINUTE).await;
    assert_eq!(town.open().await, None);
    let refused = town.rebalance.run(Some(ADMIN), None).await;
    assert!(matches!(refused, Err(RebalanceError::Hindered(why)) if why == expected), "{refused:?}");
    store.lower_flag(flag, json!({}), town.clock.now()).await.unwrap();
    let until = town.clock.now() + chrono::TimeDelta::minutes(10);
    let refused = town.rebalance.run(Some(ADMIN), None).await;
    let expected = Hindrance::Aftermath { until };
    assert!(matches!(refused, Err(RebalanceError::Hindered(why)) if why == expected), "{refused:?}");
    town.passes(10 * MINUTE, 5 * MINUTE).await;
    assert_eq!(town.open().await, None, "what was seen before counts for nothing");
    town.passes(10 * MINUTE, 5 * MINUTE).await;
    assert!(town.open().await.is_some());
    assert!(town.on(&keys, "de1").await >= 11);
}

#[tokio::test]
async fn panic_midway_stops_what_was_begun_and_not_sent() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    town.rebalance.tick().await.unwrap();
    assert_eq!(town.course(batch).await.under_way, 1);
    let store = &town.core.store;
    store.raise_flag(PANIC, json!({}), town.clock.now()).await.unwrap();
    town.passes(2 * DAY, HOUR).await;
    assert_eq!(town.on(&keys, "de1").await, 12, "not even the one that was begun");
    assert_eq!(town.course(batch).await.under_way, 1);
    store.lower_flag(PANIC, json!({}), town.clock.now()).await.unwrap();
    town.settle().await;
    assert_eq!(town.on(&keys, "de1").await, 11, "it goes on");
    town.passes(9 * MINUTE, MINUTE).await;
    assert_eq!(town.on(&keys, "de1").await, 11, "and nothing new begins yet");
    town.ends(batch, 4 * DAY).await;
    assert_eq!(town.on(&keys, "de2").await, 5);
    town.assert_quiet(&keys).await;
}

#[tokio::test]
async fn an_evacuation_comes_first() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    town.passes(70 * MINUTE, 10 * MINUTE).await;
    let before = town.on(&keys, "de2").await;
    assert!(before >= 1);
    // The one that fills up dies: its keys leave, and the run begins nothing.
    let failover = Failover::new(town.core.clone());
    town.panel("de2").set_down(Some(PanelError::Unavailable(Trouble::Refused)));
    mark(&town, &id("de2"), Health::Down).await;
    town.clock.advance(Duration::from_secs(21));
    failover.tick().await.unwrap();
    let refused = town.rebalance.take_back(ADMIN, batch).await;
    assert!(matches!(refused, Err(RebalanceError::Hindered(Hindrance::Evacuation))), "{refused:?}");
    for _ in 0..5 {
        town.tick().await;
        failover.tick().await.unwrap();
    }
    assert_eq!(town.on(&keys, "de2").await, 0);
    let begun = town.course(batch).await;
    // Back, but the evacuation has just ended.
    town.panel("de2").set_down(None);
    mark(&town, &id("de2"), Health::Healthy).await;
    town.passes(9 * MINUTE, MINUTE).await;
    let now = town.course(batch).await;
    assert_eq!((now.done, now.under_way, now.given_up), (begun.done, begun.under_way, begun.given_up));
    town.passes(2 * HOUR, 10 * MINUTE).await;
    assert!(town.on(&keys, "de2").await >= 1, "then it goes on");
}

#[tokio::test]
async fn a_move_whose_target_dies_is_given_up_and_the_key_stays_well() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    town.panel("de2").set_down(Some(PanelError::Unclear(Trouble::Timeout)));
    town.tick().await;
    for _ in 0..20 {
        town.clock.advance(Duration::from_secs(15));
        town.settle().await;
    }
    let course = town.course(batch).await;
    assert_eq!((course.done, course.given_up, course.under_way), (0, 1, 0));
    assert_eq!(town.on(&keys, "de1").await, 12);
    for key in &keys {
        assert!(town.works(*key).await);
    }
    town.panel("de2").set_down(None);
    assert!(town.rebalance.set_state(ADMIN, batch, BatchState::Cancelled).await.unwrap());
    town.assert_quiet(&keys).await;
}

#[tokio::test]
async fn nothing_goes_to_or_from_what_was_closed_meanwhile() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    town.admits("de2", AdminState::Cordoned).await;
    town.passes(5 * HOUR, 30 * MINUTE).await;
    assert_eq!(town.on(&keys, "de1").await, 12);
    town.admits("de2", AdminState::Open).await;
    town.ends(batch, 4 * DAY).await;
    assert_eq!(town.on(&keys, "de2").await, 5);
}

#[tokio::test]
async fn what_began_by_itself_stops_when_that_is_not_wished_any_more() {
    let (town, keys) = Town::uneven(Auto).await;
    town.lasts().await;
    let batch = town.open().await.unwrap();
    let moved = town.on(&keys, "de2").await;
    let (other, _) = Town::uneven(Suggest).await;
    let mut core = town.core.clone();
    core.policy = other.core.policy.clone();
    karvan::service::rebalance::Rebalance::new(core).tick().await.unwrap();
    assert_eq!(town.course(batch).await.run.state, BatchState::Cancelled);
    town.passes(20 * HOUR, HOUR).await;
    assert!(town.on(&keys, "de2").await <= moved + 1);
    assert_eq!(town.open().await, None, "and it does not begin again the same day");
}

#[tokio::test]
async fn a_plan_that_grew_is_shown_again() {
    let (town, _) = Town::uneven(Suggest).await;
    let refused = town.rebalance.run(Some(ADMIN), Some(0)).await;
    assert!(refused.is_ok(), "a few more are no other plan");
    let (town, _) = Town::uneven(Suggest).await;
    town.panel("de1").set_foreign(100);
    town.watch.check_all().await.unwrap();
    let refused = town.rebalance.run(Some(ADMIN), Some(5)).await;
    assert!(matches!(refused, Err(RebalanceError::Changed)), "{refused:?}");
}
