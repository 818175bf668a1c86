//! Planned maintenance begins and ends by itself, once, and leaves an instance as it was.

use std::time::Duration;

use karvan::domain::instance::AdminState;
use karvan::domain::{Clock, Timestamp};
use karvan::service::windows::{PlanWindowError, Windows};
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ADMIN, Spec, World, id};

const HOUR: Duration = Duration::from_secs(3600);

async fn state(world: &World) -> AdminState {
    world.core.store.instance(&id("de1")).await.unwrap().unwrap().admin_state
}

async fn is(world: &World, state: AdminState) {
    world.core.store.set_admin_state(&id("de1"), state, world.clock.now()).await.unwrap();
}

/// What admins are told next; it is delivered then.
async fn news(world: &World) -> Vec<String> {
    let store = &world.core.store;
    let now = world.clock.now();
    let mut told = Vec::new();
    for stored in store.due_letters(now, 100).await.unwrap() {
        if stored.letter.notice["notice"] == "maintenance" {
            told.push(stored.letter.notice["news"].as_str().unwrap().to_owned());
            store.letter_sent(&stored, Some(7), now).await.unwrap();
        }
    }
    told
}

/// From in an hour to in two hours.
fn soon(world: &World) -> (Timestamp, Timestamp) {
    let now = world.clock.now();
    (now + HOUR, now + 2 * HOUR)
}

async fn world(kind: Kind) -> Option<World> {
    let specs = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];
    match kind {
        Kind::Sqlite => Some(World::of(&specs).await),
        Kind::Postgres => Some(World::on(kind.fresh().await?.store, &specs).await),
    }
}

#[rstest]
#[tokio::test]
async fn it_begins_and_ends_by_the_clock_and_is_told_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(AdminState::Open, AdminState::Cordoned)] before: AdminState,
) {
    let Some(world) = world(kind).await else { return };
    is(&world, before).await;
    // Two processes look at the same moment.
    let (one, other) = (Windows::new(world.core.clone()), Windows::new(world.core.clone()));
    let window = one.plan(ADMIN, &id("de1"), soon(&world)).await.unwrap();
    assert_eq!((state(&world).await, news(&world).await.len()), (before, 0));
    world.clock.advance(HOUR);
    let (a, b) = tokio::join!(one.tick(), other.tick());
    a.and(b).unwrap();
    assert!(matches!(state(&world).await, AdminState::Maintenance { .. }));
    assert!(!state(&world).await.accepts(world.clock.now()));
    assert_eq!(news(&world).await, ["began"]);
    world.clock.advance(HOUR);
    if before == AdminState::Cordoned {
        assert!(!state(&world).await.accepts(world.clock.now()), "not even until the end is seen");
    }
    let (a, b) = tokio::join!(one.tick(), other.tick());
    a.and(b).unwrap();
    assert_eq!((state(&world).await, news(&world).await), (before, vec!["ended".to_owned()]));
    one.tick().await.unwrap();
    assert!(one.open().await.unwrap().is_empty() && news(&world).await.is_empty());
    assert!(one.cancel(ADMIN, window.id).await.unwrap().is_none(), "it is over");
    // An instance with a past may leave the fleet.
    world.core.store.remove_instance(&id("de1")).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_an_admin_decides_meanwhile_stays() {
    let world = world(Kind::Sqlite).await.unwrap();
    let windows = Windows::new(world.core.clone());
    windows.plan(ADMIN, &id("de1"), soon(&world)).await.unwrap();
    world.clock.advance(HOUR);
    windows.tick().await.unwrap();
    is(&world, AdminState::Cordoned).await;
    world.clock.advance(HOUR);
    windows.tick().await.unwrap();
    assert_eq!(state(&world).await, AdminState::Cordoned);
    // And a longer maintenance than the planned one goes on after it.
    let (start, end) = soon(&world);
    let longer = AdminState::Maintenance { until: Some(end + HOUR) };
    is(&world, longer).await;
    windows.plan(ADMIN, &id("de1"), (start, end)).await.unwrap();
    for _ in 0..2 {
        world.clock.advance(HOUR);
        windows.tick().await.unwrap();
        assert_eq!(state(&world).await, longer);
    }
}

#[tokio::test]
async fn what_was_slept_through_never_was_and_what_had_begun_ends_late() {
    let world = world(Kind::Sqlite).await.unwrap();
    let windows = Windows::new(world.core.clone());
    windows.plan(ADMIN, &id("de1"), soon(&world)).await.unwrap();
    world.clock.advance(3 * HOUR);
    windows.tick().await.unwrap();
    assert_eq!((state(&world).await, news(&world).await), (AdminState::Open, vec!["missed".to_owned()]));
    // The process stops within one and comes back long after.
    windows.plan(ADMIN, &id("de1"), soon(&world)).await.unwrap();
    world.clock.advance(HOUR);
    windows.tick().await.unwrap();
    world.clock.advance(24 * HOUR);
    let again = Windows::new(world.core.clone());
    again.tick().await.unwrap();
    assert_eq!((state(&world).await, news(&world).await), (AdminState::Open, vec!["ended".to_owned()]));
}

#[tokio::test]
async fn it_can_be_taken_back_ended_early_and_not_planned_twice() {
    let world = world(Kind::Sqlite).await.unwrap();
    let windows = Windows::new(world.core.clone());
    let (start, end) = soon(&world);
    let first = windows.plan(ADMIN, &id("de1"), (start, end)).await.unwrap();
    let twice = windows.plan(ADMIN, &id("de1"), (end - HOUR / 2, end + HOUR)).await;
    assert!(matches!(twice, Err(PlanWindowError::Overlaps(other)) if other.id == first.id));
    windows.plan(ADMIN, &id("de1"), (end, end + HOUR)).await.unwrap();
    windows.plan(ADMIN, &id("nl1"), (start, end)).await.unwrap();
    let unknown = windows.plan(ADMIN, &id("zz9"), (start, end)).await;
    assert!(matches!(unknown, Err(PlanWindowError::NotFound(_))));
    assert_eq!(windows.open().await.unwrap().len(), 3);
    windows.cancel(ADMIN, first.id).await.unwrap().unwrap();
    world.clock.advance(HOUR);
    windows.tick().await.unwrap();
    assert_eq!(state(&world).await, AdminState::Open, "it was taken back");
    // What is due begins at once, and is ended before its time.
    let now = world.clock.now();
    let due = windows.plan(ADMIN, &id("de1"), (now, now + HOUR / 2)).await.unwrap();
    assert_eq!(state(&world).await, AdminState::Maintenance { until: Some(now + HOUR / 2) });
    windows.cancel(ADMIN, due.id).await.unwrap().unwrap();
    assert_eq!(state(&world).await, AdminState::Open);
}
