//! What is suggested, begun, carried out, stopped and taken back.

use std::collections::BTreeSet;

use karvan::domain::incident::Entry;
use karvan::domain::{Clock, Timestamp};
use karvan::service::core::RebalanceMode::{Auto, Off, Suggest};
use karvan::service::rebalance::RebalanceError;
use karvan::store::batches::BatchState;

use crate::memory::{ADMIN, World, id};
use crate::town::{DAY, HOUR, MINUTE, Town};

#[tokio::test]
async fn uneven_load_is_suggested_once_and_nobody_moves() {
    let (town, keys) = Town::uneven(Suggest).await;
    town.tick().await;
    town.passes(5 * MINUTE, MINUTE).await;
    assert_eq!(town.told().await, None, "two looks are no reason");
    town.passes(5 * MINUTE, MINUTE).await;
    // 12 more than 40, of 46 on average.
    assert_eq!(town.told().await, Some(Entry::Uneven { spread_percent: 26, moves: 5 }));
    town.passes(2 * DAY, HOUR).await;
    assert_eq!(town.on(&keys, "de1").await, 12);
    assert_eq!(town.open().await, None);
    let letters = town.core.store.due_letters(town.clock.now(), 1000).await.unwrap();
    let alerts = letters.iter().filter(|due| due.letter.notice["notice"] == "incident");
    assert_eq!(alerts.count(), 1, "one message, whatever goes on");
}

#[tokio::test]
async fn what_evens_out_by_itself_is_told_to_be_over() {
    let (town, _) = Town::uneven(Suggest).await;
    town.lasts().await;
    assert!(town.told().await.is_some());
    town.panel("de2").set_foreign(50);
    town.watch.check_all().await.unwrap();
    town.passes(10 * MINUTE, 5 * MINUTE).await;
    assert_eq!(town.told().await, None);
}

#[tokio::test]
async fn switched_off_nobody_looks_but_an_admin_may_begin() {
    let (town, keys) = Town::uneven(Off).await;
    town.lasts().await;
    town.passes(DAY, HOUR).await;
    assert_eq!((town.told().await, town.open().await), (None, None));
    let batch = town.begin().await;
    town.ends(batch, 4 * DAY).await;
    assert_eq!(town.on(&keys, "de2").await, 5);
}

#[tokio::test]
async fn the_preview_says_what_a_run_then_does() {
    let (town, keys) = Town::uneven(Suggest).await;
    let preview = town.rebalance.preview().await.unwrap();
    assert!(preview.may_run());
    assert_eq!((preview.moves(), preview.even.0, preview.uneven.len()), (5, 0, 1));
    let uneven = &preview.uneven[0];
    assert_eq!(uneven.plan.lower_bound, 5);
    assert!((uneven.plan.before - 12.0 / 46.0).abs() < 1e-9 && uneven.plan.after < 0.08);
    // Four within the first day, the fifth at the beginning of the second.
    assert_eq!(uneven.takes, chrono::TimeDelta::hours(25));
    let began = town.clock.now();
    let batch = town.begin().await;
    let course = town.ends(batch, 3 * DAY).await;
    assert_eq!((course.run.state, course.done, course.given_up), (BatchState::Done, 5, 0));
    let took = course.run.ended_at.unwrap() - began;
    assert!(took <= uneven.takes + chrono::TimeDelta::hours(1), "took {took}");
    assert_eq!(town.on(&keys, "de2").await, 5);
    let after = town.rebalance.preview().await.unwrap();
    assert!(after.uneven.is_empty() && (after.even.1 - uneven.plan.after).abs() < 1e-9, "{after:?}");
    town.assert_quiet(&keys).await;
}

#[tokio::test]
async fn it_begins_by_itself_where_that_is_wished_and_keeps_to_its_budget() {
    let (town, keys) = Town::uneven(Auto).await;
    town.tick().await;
    town.passes(5 * MINUTE, 5 * MINUTE).await;
    assert_eq!(town.open().await, None);
    town.passes(5 * MINUTE, 5 * MINUTE).await;
    let batch = town.open().await.unwrap();
    assert!(town.course(batch).await.run.automatic);
    assert_eq!(town.told().await, Some(Entry::EveningOut { done: 0, total: 5 }));
    // Looks every minute for a day: never two within an hour, never five within a day.
    let mut moved: Vec<Timestamp> = Vec::new();
    while town.open().await.is_some() {
        town.clock.advance(3 * MINUTE);
        town.tick().await;
        let there = town.on(&keys, "de2").await;
        assert!(there <= moved.len() + 1, "two at once");
        if there > moved.len() {
            moved.push(town.clock.now());
        }
        assert!(moved.len() <= 5);
    }
    assert_eq!(moved.len(), 5);
    for pair in moved.windows(2) {
        assert!(pair[1] - pair[0] >= chrono::TimeDelta::minutes(57), "{pair:?}");
    }
    assert!(moved[4] - moved[0] >= chrono::TimeDelta::minutes(23 * 60 + 57));
    assert_eq!(town.told().await, None, "and the admins know that it is over");
    town.assert_quiet(&keys).await;
}

#[tokio::test]
async fn who_is_online_stays() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    let busy: BTreeSet<_> = keys[..9].iter().copied().collect();
    for _ in 0..4 * 24 * 6 {
        for key in &busy {
            town.uses(*key).await;
        }
        town.clock.advance(10 * MINUTE - MINUTE);
        town.tick().await;
    }
    // Three could go; for a day nobody else could, and so it is over.
    assert_eq!(town.on(&keys, "de2").await, 3);
    for key in &busy {
        assert_eq!(town.place_of(*key).await.as_deref(), Some("de1"));
    }
    let course = town.course(batch).await;
    assert_eq!((course.run.state, course.done), (BatchState::Done, 3));
}

#[tokio::test]
async fn nobody_is_moved_who_was_moved_this_week_or_came_today() {
    let (town, keys) = Town::uneven(Suggest).await;
    for key in &keys[..4] {
        for there in ["nl1", "de1"] {
            town.keys.move_to(&World::admin_asks(), *key, Some(id(there))).await.unwrap();
            town.settle().await;
        }
    }
    // These were just given a new account, as after a reset.
    for key in &keys[4..6] {
        let owner = town.core.store.key(*key).await.unwrap().unwrap().config.owner;
        town.keys.rotate(&World::asks(owner), *key).await.unwrap();
    }
    town.settle().await;
    assert_eq!(town.on(&keys, "de1").await, 12);
    let batch = town.begin().await;
    town.passes(23 * HOUR, 30 * MINUTE).await;
    assert_eq!(town.course(batch).await.done, 4);
    for key in &keys[..6] {
        assert_eq!(town.place_of(*key).await.as_deref(), Some("de1"), "{key} was disturbed");
    }
}

#[tokio::test]
async fn paused_it_waits_and_cancelled_it_ends() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    town.passes(90 * MINUTE, 10 * MINUTE).await;
    let done = town.on(&keys, "de2").await;
    assert!((1..=2).contains(&done), "{done}");
    assert!(town.rebalance.set_state(ADMIN, batch, BatchState::Paused).await.unwrap());
    town.passes(6 * HOUR, HOUR).await;
    assert_eq!(town.on(&keys, "de2").await, done);
    assert!(
        matches!(town.rebalance.run(Some(ADMIN), None).await, Err(RebalanceError::Open(open)) if open == batch)
    );
    assert!(town.rebalance.set_state(ADMIN, batch, BatchState::Running).await.unwrap());
    town.passes(20 * MINUTE, 10 * MINUTE).await;
    assert_eq!(town.on(&keys, "de2").await, done + 1);
    assert!(town.rebalance.set_state(ADMIN, batch, BatchState::Cancelled).await.unwrap());
    assert!(!town.rebalance.set_state(ADMIN, batch, BatchState::Running).await.unwrap());
    town.passes(6 * HOUR, HOUR).await;
    assert_eq!(town.on(&keys, "de2").await, done + 1);
    assert_eq!(town.told().await, None, "who stopped it is not asked again the same day");
    town.assert_quiet(&keys).await;
}

#[tokio::test]
async fn what_was_moved_is_taken_back_but_not_what_moved_on() {
    let (town, keys) = Town::uneven(Suggest).await;
    let first = town.begin().await;
    assert!(matches!(town.rebalance.take_back(ADMIN, first).await, Err(RebalanceError::Even)));
    let course = town.ends(first, 3 * DAY).await;
    assert_eq!(course.takes_back, 5);
    let mut moved = Vec::new();
    for key in &keys {
        if town.place_of(*key).await.as_deref() == Some("de2") {
            moved.push(*key);
        }
    }
    // One of them went elsewhere since.
    town.keys.move_to(&World::admin_asks(), moved[0], Some(id("nl1"))).await.unwrap();
    town.settle().await;
    town.clock.advance(DAY);
    let back = town.rebalance.take_back(ADMIN, first).await.unwrap();
    let course = town.ends(back, 3 * DAY).await;
    assert_eq!((course.done, course.run.back_of), (4, Some(first)));
    assert_eq!(course.takes_back, 0, "there is no way back from the way back");
    assert_eq!(town.place_of(moved[0]).await.as_deref(), Some("nl1"));
    assert_eq!(town.on(&keys, "de1").await, 11);
    town.assert_quiet(&keys).await;
}

#[tokio::test]
async fn a_person_who_waits_comes_first_and_may_undo_it() {
    let (town, keys) = Town::uneven(Suggest).await;
    let batch = town.begin().await;
    town.rebalance.tick().await.unwrap();
    // Begun and not sent: its owner asks for another location.
    let open =
        town.core.store.rebalanced_since(town.clock.now() - chrono::TimeDelta::hours(1)).await.unwrap();
    assert_eq!(open.len(), 1);
    let mut chosen = None;
    for key in &keys {
        let key = town.core.store.key(*key).await.unwrap().unwrap();
        if key.operation.is_some() {
            chosen = Some(key.config);
        }
    }
    let config = chosen.unwrap();
    let ask = World::asks(config.owner);
    town.keys.relocate(&ask, config.id, Some("nl".parse().unwrap())).await.unwrap();
    let claimed = town.core.store.claim_operations("w", town.clock.now(), 1).await.unwrap().remove(0);
    assert!(claimed.person_waits && claimed.config == config.id);
    town.core.store.put_off(&claimed, town.clock.now()).await.unwrap();
    town.settle().await;
    assert_eq!(town.place_of(config.id).await.as_deref(), Some("nl1"));
    let course = town.course(batch).await;
    assert_eq!((course.done, course.given_up), (0, 1));
    town.world.assert_counted().await;
}
