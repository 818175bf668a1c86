//! What the database alone must decide when many want the same at once.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::poll;
use karvan::domain::instance::Counters;
use karvan::domain::key::{Role, Wish};
use karvan::domain::operation::{Kind as What, Operation, Outcome};
use karvan::domain::{BatchId, ConfigId, UserId};
use karvan::store::Store;
use karvan::store::batches::{BatchState, NewBatch};
use karvan::store::operations::{Begun, KeyChange, NewOperation, Planned, Switch};
use karvan::store::outbox::NewLetter;
use rstest::rstest;
use tokio::task::JoinSet;

use crate::db::{Db, Kind, at};
use crate::world::{add, id, key, operation, plan};

/// `count` operations, each of a key of its own, claimed and without a target.
async fn waiting(store: &Store, count: i64) -> Vec<Operation> {
    for owner in 1..=count {
        key(store, owner).await;
    }
    store.claim_operations("w", at(0), 1000).await.unwrap()
}

async fn counters(db: &Db, instance: &str) -> Counters {
    let all = db.store.counters().await.unwrap();
    let counters = all.iter().find(|(at, _)| *at == id(instance)).unwrap().1;
    let rows = db.store.counted(&id(instance)).await.unwrap();
    assert_eq!((counters.active, counters.reserved, counters.lingering), rows, "counters are counts of rows");
    counters
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_at_once_never_pass_the_cap(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 120).await;
    db.store.set_foreign(&id("de1"), 20, at(0)).await.unwrap();
    let operations = waiting(&db.store, 300).await;
    assert_eq!(operations.len(), 300);
    // Two processes, each with connections of its own.
    let other = db.again().await;
    let mut planning = JoinSet::new();
    for (number, operation) in operations.into_iter().enumerate() {
        let store = if number % 2 == 0 { db.store.clone() } else { other.clone() };
        planning.spawn(async move { plan(&store, &operation, "de1").await });
    }
    let results = planning.join_all().await;
    let planned = results.iter().filter(|result| matches!(result, Planned::Yes(_))).count();
    let full = results.iter().filter(|result| **result == Planned::Full).count();
    assert_eq!((planned, full), (100, 200));
    assert_eq!(counters(&db, "de1").await, Counters { reserved: 100, foreign: 20, ..Counters::default() });
}

#[rstest]
#[tokio::test]
async fn operations_that_ended_are_forgotten_and_no_others(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    let operations = waiting(store, 4).await;
    for (operation, ends) in operations.iter().zip([10, 11, 12]) {
        store.end_operation(operation, Outcome::Cancelled, &[], at(ends)).await.unwrap();
    }
    assert_eq!(store.forget_operations(at(12), 1).await.unwrap(), 1, "no more than was allowed");
    assert_eq!(store.forget_operations(at(12), 100).await.unwrap(), 1, "the third is too young");
    assert_eq!(store.forget_operations(at(100), 100).await.unwrap(), 1);
    assert_eq!(store.forget_operations(at(100), 100).await.unwrap(), 0);
    assert!(store.operation(operations[3].id).await.unwrap().unwrap().ended.is_none());
    assert!(store.operation(operations[2].id).await.unwrap().is_none());
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_never_hold_the_same_operation(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    for owner in 1..=120 {
        key(&db.store, owner).await;
    }
    let mut claiming = JoinSet::new();
    for worker in 0..12 {
        let store = db.again().await;
        claiming.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let taken = store.claim_operations(&format!("w{worker}"), at(1), 7).await.unwrap();
                if taken.is_empty() {
                    return mine;
                }
                mine.extend(taken.iter().map(|operation| operation.id));
            }
        });
    }
    let all: Vec<_> = claiming.join_all().await.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "none was taken twice");
    // A worker that skipped what another had locked may have left it; the next look takes it.
    let left = db.store.claim_operations("last", at(1), 1000).await.unwrap();
    assert_eq!(distinct.len() + left.len(), 120);
    assert!(left.iter().all(|operation| !distinct.contains(&operation.id)));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_has_one_open_operation_and_one_per_update(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    let config = served(&db, 7).await;
    let mut asking = JoinSet::new();
    for press in 0..20 {
        let store = db.store.clone();
        asking.spawn(async move {
            let mut new = operation(What::Move);
            new.update_id = Some(1000 + press % 4);
            store.begin_operation(config, &new, at(2)).await.unwrap()
        });
    }
    let begun = asking.join_all().await;
    let fresh = begun.iter().filter(|begun| matches!(begun, Begun::Fresh(..))).count();
    assert_eq!(fresh, 1, "{begun:?}");
    assert_eq!(db.store.open_operations().await.unwrap(), 1);
}

/// A key with a working account on `de1`.
async fn served(db: &Db, owner: i64) -> ConfigId {
    let config = key(&db.store, owner).await;
    let mut claimed = db.store.claim_operations("w", at(0), 1000).await.unwrap();
    claimed.retain(|operation| operation.config == config);
    switch(db, &claimed[0], "de1").await;
    config
}

/// Plans an operation and switches to its target.
async fn switch(db: &Db, operation: &Operation, target: &str) {
    let planned = plan(&db.store, operation, target).await;
    assert!(matches!(planned, Planned::Yes(_)), "{planned:?}");
    let planned = db.store.operation(operation.id).await.unwrap().unwrap();
    let switch = Switch {
        operation: &planned,
        used: 5,
        limit: None,
        link: None,
        links: &[],
        unsettled: None,
        linger_until: at(1000),
        letters: Vec::new(),
    };
    assert!(db.store.switch(&switch, at(1)).await.unwrap());
    assert!(!db.store.switch(&switch, at(1)).await.unwrap(), "a switch happens once");
}

#[rstest]
#[tokio::test]
async fn counters_follow_a_key_through_its_life(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    add(&db.store, "nl1", 10).await;
    let config = served(&db, 7).await;
    assert_eq!(counters(&db, "de1").await, Counters { active: 1, ..Counters::default() });

    db.store.begin_operation(config, &operation(What::Move), at(2)).await.unwrap();
    let claimed = db.store.claim_operations("w", at(60), 9).await.unwrap();
    switch(&db, &claimed[0], "nl1").await;
    assert_eq!(counters(&db, "de1").await, Counters { lingering: 1, ..Counters::default() });
    assert_eq!(counters(&db, "nl1").await, Counters { active: 1, ..Counters::default() });

    let over = db.store.lingering_over(at(1000), 9).await.unwrap();
    assert_eq!(over.iter().map(|account| account.role).collect::<Vec<_>>(), [Role::Lingering]);
    assert!(db.store.release_account(&over[0], "lingered", at(1001)).await.unwrap());
    assert!(!db.store.release_account(&over[0], "lingered", at(1001)).await.unwrap(), "let go once");
    assert_eq!(counters(&db, "de1").await, Counters::default());
    let tombstone = db.store.claim_tombstones("w", at(1002), 9).await.unwrap().remove(0);
    db.store.tombstone_used(tombstone.id, 7).await.unwrap();
    for _ in 0..2 {
        db.store.tombstone_gone(tombstone.id, at(1003)).await.unwrap();
    }
    let key = db.store.key(config).await.unwrap().unwrap();
    assert_eq!((key.config.used_before, key.used_total()), (7, 12), "what it used is added once");
}

/// Locks must be taken in one order whoever takes them, or the database ends one of the two with an error.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wish_and_the_executor_never_wait_for_each_other_in_a_circle(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 1000).await;
    let operations = waiting(&db.store, 150).await;
    let mut both = JoinSet::new();
    for operation_ in operations {
        let (store, other) = (db.store.clone(), db.store.clone());
        let config = operation_.config;
        both.spawn(async move {
            plan(&store, &operation_, "de1").await;
        });
        both.spawn(async move {
            let change = KeyChange { wish: Some(Wish::Revoked), ..KeyChange::default() };
            let new = operation(What::Revoke);
            other.change_key(config, &change, false, &new, &[], at(2)).await.unwrap();
        });
    }
    both.join_all().await;
    counters(&db, "de1").await;
}

/// A set of moves away from `de1`, begun by an update.
async fn begin_set(store: &Store, keys: &[ConfigId], update_id: i64) -> Option<BatchId> {
    let (source, operation) =
        (id("de1"), NewOperation { update_id: Some(update_id), ..operation(What::Move) });
    let new = NewBatch { by: UserId(1), source: Some(&source), target: None, keys, operation: &operation };
    let letter = |batch| NewLetter {
        chat: 1,
        lane: 0,
        slot: Some(format!("batch:{batch}")),
        notice: serde_json::json!({ "begun": batch }),
        screen: None,
        not_before: at(2),
    };
    store.begin_batch(&new, letter, at(2)).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn a_set_begins_whole_or_not_at_all(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    const LETTERS: &str = "SELECT CAST(count(*) AS text) FROM outbox";
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 100).await;
    let mut begun = 0;
    // Whoever begins it stops each time one step later, whatever that step is.
    for steps in 0.. {
        let keys = [served(&db, 3 * steps + 1).await, served(&db, 3 * steps + 2).await];
        let mut beginning = Box::pin(begin_set(&db.store, &keys, steps));
        let mut ended = false;
        for _ in 0..steps {
            ended = poll!(beginning.as_mut()).is_ready();
            if ended {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(beginning);
        let set = begin_set(&db.store, &keys, steps).await.unwrap();
        assert_eq!(begin_set(&db.store, &keys, steps).await, Some(set), "one update begins one set");
        assert_eq!(begin_set(&db.store, &keys, -1).await, None, "something works on all of these");
        let all = db.store.recent_batches(100).await.unwrap();
        begun += 1;
        assert_eq!(all.len(), begun, "after {steps} steps");
        assert!(all.iter().all(|set| set.total == 2), "after {steps} steps: {all:?}");
        assert_eq!(db.store.batch_counts(set).await.unwrap().open, 2);
        assert_eq!(db.peek(LETTERS).await, Some(begun.to_string()), "each is told of once");
        if ended {
            return;
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_cancelled_set_leaves_nobody_in_line(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    let config = served(&db, 7).await;
    let batch = begin_set(&db.store, &[config], 70).await.unwrap();
    let claimed = db.store.claim_operations("w", at(60), 9).await.unwrap();
    db.store.wait_for_room(&claimed[0], 1, at(90), &[], at(60)).await.unwrap();
    assert_eq!(db.store.waiting(9).await.unwrap().len(), 1);
    assert!(db.store.set_batch_state(batch, BatchState::Cancelled, at(61)).await.unwrap());
    assert!(!db.store.set_batch_state(batch, BatchState::Cancelled, at(61)).await.unwrap());
    let counts = db.store.batch_counts(batch).await.unwrap();
    assert_eq!((counts.open, counts.cancelled, counts.done), (0, 1, 0));
    let ended = db.store.operation(claimed[0].id).await.unwrap().unwrap().ended;
    assert_eq!(ended, Some((at(61), Outcome::Cancelled)));
    assert_eq!(db.store.waiting(9).await.unwrap(), [], "who does not go waits for no place");
}
