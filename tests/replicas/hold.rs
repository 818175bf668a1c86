//! I20: while all is on hold, nothing is written to a panel and nothing is sent, but for the alert that says so.

use std::time::Duration;

use karvan::domain::Clock;
use karvan::domain::incident::{Entry, Kind as What, Severity};
use karvan::service::incidents::{Incidents, Report};
use karvan::store::flags::HOLD;
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ALICE, World};
use crate::{THREE, world};

/// How many requests that write arrived at any panel.
fn writes(world: &World) -> usize {
    world.panels.values().map(|panel| panel.arrived().iter().filter(|call| call.verb.writes()).count()).sum()
}

async fn due(world: &World) -> Vec<i32> {
    let letters = world.core.store.due_letters(world.clock.now(), 100).await.unwrap();
    letters.into_iter().map(|due| due.letter.lane).collect()
}

#[rstest]
#[tokio::test]
async fn i20_on_hold_nothing_is_written_and_nothing_is_sent(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((_db, world)) = world(kind, &THREE).await else { return };
    let store = &world.core.store;
    let (old, gone) = (world.key().await, world.key().await);
    world.keys.revoke(&World::admin_asks(), gone).await.unwrap();
    assert!(!due(&world).await.is_empty(), "letters wait");
    let waiting = store.waiting_letters().await.unwrap();
    let before = writes(&world);
    store.raise_flag(HOLD, serde_json::json!({}), world.clock.now()).await.unwrap();

    // Wishes of people, of admins, of time: each is taken, and none is carried out.
    world.keys.move_to(&World::admin_asks(), old, None).await.unwrap();
    world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    for _ in 0..3 {
        world.executor.round().await.unwrap();
        world.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(writes(&world), before, "no panel is written to");
    assert!(due(&world).await.is_empty(), "what waited is not sent");

    // But that it is so, somebody has to hear.
    let report = Report {
        kind: What::System,
        subject: "database".to_owned(),
        instance: None,
        severity: Severity::Critical,
        affected: None,
        entry: Entry::SystemTrouble { problem: "went-back".to_owned() },
    };
    Incidents::new(world.core.clone()).report(&report).await.unwrap();
    assert_eq!(due(&world).await, [1], "the alert");
    let ids: Vec<i64> =
        store.due_letters(world.clock.now(), 9).await.unwrap().iter().map(|due| due.id).collect();
    let now = world.clock.now();
    assert_eq!(store.claim_letters(&ids, "w", now, now + Duration::from_secs(60)).await.unwrap().len(), 1);

    store.lower_flag(HOLD, serde_json::json!({}), world.clock.now()).await.unwrap();
    world.settle().await;
    assert!(writes(&world) > before);
    assert!(due(&world).await.len() as u64 >= waiting);
    assert!(store.tombstones_left().await.unwrap() <= 1, "only what lingers is left");
}

/// What was claimed before is stopped before its next write.
#[rstest]
#[tokio::test]
async fn i20_a_hold_is_met_before_the_next_write(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((_db, world)) = world(kind, &THREE).await else { return };
    let (store, now) = (&world.core.store, world.clock.now());
    let key = world.key().await;
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    let claimed = store.claim_operations("w", now, 1).await.unwrap().remove(0);
    store.raise_flag(HOLD, serde_json::json!({}), now).await.unwrap();
    let revision = store.key(key).await.unwrap().unwrap().config.revision;
    let account = store.key(key).await.unwrap().unwrap().primary().unwrap().id;
    assert!(!store.authorise_target_write(&claimed, revision, now).await.unwrap());
    assert!(!store.authorise_account_write(account, Some(&claimed), revision, now).await.unwrap());
    assert!(!store.authorise_account_write(account, None, revision, now).await.unwrap());
    store.lower_flag(HOLD, serde_json::json!({}), now).await.unwrap();
    assert!(store.authorise_account_write(account, None, revision, now).await.unwrap());
    assert!(store.authorise_target_write(&claimed, revision, now).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn i20_a_hold_is_met_before_the_next_delete(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((_db, world)) = world(kind, &THREE).await else { return };
    let (store, now) = (&world.core.store, world.clock.now());
    let key = world.key().await;
    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    let operation = store.claim_operations("w", now, 1).await.unwrap().remove(0);
    store.release_all(&operation, &[], now).await.unwrap();
    let claimed = store.claim_tombstones("w", now, 9).await.unwrap();
    assert_eq!(claimed.len(), 1);
    store.raise_flag(HOLD, serde_json::json!({}), now).await.unwrap();
    assert!(!store.authorise_delete(claimed[0].id, "w", now).await.unwrap());
    let later = now + Duration::from_secs(3600);
    assert!(store.claim_tombstones("w", later, 9).await.unwrap().is_empty());
    store.lower_flag(HOLD, serde_json::json!({}), now).await.unwrap();
    assert!(store.authorise_delete(claimed[0].id, "w", now).await.unwrap());
}
