//! The database's part: of two who begin one does, no more is begun than was planned, and there is room for each.

use std::time::Duration;

use karvan::domain::Clock;
use karvan::service::core::RebalanceMode::Suggest;
use karvan::service::rebalance::Rebalance;
use karvan::store::rebalances::{BegunRun, NewMoves};
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{Spec, World, id};
use crate::town::{DAY, Town};

async fn town(kind: Kind, room: u32) -> Option<(crate::db::Db, Town, Vec<karvan::domain::ConfigId>)> {
    let db = kind.fresh().await?;
    let specs = [Spec("de1", "de", 200, 1.0), Spec("de2", "de", room, 1.0), Spec("nl1", "nl", 200, 1.0)];
    let world = World::on(db.store.clone(), &specs).await;
    let (town, keys) = Town::around(world, Suggest).await;
    Some((db, town, keys))
}

#[rstest]
#[tokio::test]
async fn of_two_processes_one_begins(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, town, _)) = town(kind, 200).await else { return };
    let other = Rebalance::new(town.replica(db.again().await, 8));
    let (one, two) = tokio::join!(town.rebalance.run(None, None), other.run(None, None));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
}

#[rstest]
#[tokio::test]
async fn two_processes_carry_out_one_plan(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, town, keys)) = town(kind, 200).await else { return };
    let other = Rebalance::new(town.replica(db.again().await, 8));
    let batch = town.begin().await;
    for _ in 0..3 * 24 * 3 {
        let (one, two) = tokio::join!(town.rebalance.tick(), other.tick());
        one.unwrap();
        two.unwrap();
        town.settle().await;
        if town.open().await.is_none() {
            break;
        }
        town.clock.advance(Duration::from_secs(1200));
    }
    let course = town.course(batch).await;
    assert_eq!((course.done, course.given_up), (5, 0));
    assert_eq!(town.on(&keys, "de2").await, 5);
    town.assert_quiet(&keys).await;
}

#[rstest]
#[tokio::test]
async fn no_more_is_begun_than_was_planned_or_fits(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((_db, town, keys)) = town(kind, 200).await else { return };
    let batch = town.begin().await;
    let store = &town.core.store;
    let now = town.clock.now();
    let (from, to) = (id("de1"), id("de2"));
    // Who would leave if it died is the same question.
    assert_eq!(store.left_behind_on(&from, now).await.unwrap(), 12);
    assert_eq!(store.movable(&from, &to, None, 100, now).await.unwrap().len(), 12);
    let new = NewMoves { batch, from: &from, to: &to, keys: &keys, installation: &town.core.installation };
    assert_eq!(store.begin_rebalance_moves(&new, now).await.unwrap(), 5, "all that was planned");
    assert_eq!(store.begin_rebalance_moves(&new, now).await.unwrap(), 0);
    let back = NewMoves { from: &to, to: &from, ..new };
    assert_eq!(store.begin_rebalance_moves(&back, now).await.unwrap(), 0, "no part of the plan");
    let counters = store.counters().await.unwrap();
    let reserved = counters.iter().find(|(instance, _)| *instance == to).unwrap().1.reserved;
    assert_eq!(reserved, 5);
    assert!(matches!(
        store
            .begin_rebalance(
                &karvan::store::rebalances::NewRun { by: None, parts: Vec::new(), back_of: None },
                now
            )
            .await
            .unwrap(),
        BegunRun::Open(open) if open == batch
    ));
    town.settle().await;
    town.clock.advance(DAY);
    assert_eq!(store.moved_by(batch).await.unwrap().len(), 5);
    assert_eq!(store.rebalance(batch).await.unwrap().unwrap().parts[0].left(), 0);
}
