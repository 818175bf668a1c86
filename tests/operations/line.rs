//! Who waits for a place, who comes first, and sets of moves that are paused or given up meanwhile.

use std::time::Duration;

use karvan::domain::instance::Instance;
use karvan::domain::key::{Standing, Wish};
use karvan::domain::quota::GIB;
use karvan::domain::{BatchId, Clock, ConfigId, UserId};
use karvan::service::migration::{Scope, To};
use karvan::store::batches::BatchState;

use crate::memory::{ADMIN, ALICE, Spec, World, id};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

async fn asks_for_a_key(world: &World, person: i64) -> ConfigId {
    let user = UserId(person);
    world.meets(user).await;
    world.keys.issue(&World::asks(user), user, None).await.unwrap().config
}

async fn set_cap(world: &World, name: &str, max_users: u32) {
    let store = &world.core.store;
    let instance = store.instance(&id(name)).await.unwrap().unwrap();
    let changed = Instance { max_users, ..instance };
    assert!(store.edit_instance(&changed, None, world.clock.now()).await.unwrap());
}

#[tokio::test]
async fn a_newcomer_does_not_take_the_place_of_who_waits() {
    let world = World::of(&[Spec("de1", "de", 1, 1.0)]).await;
    let first = asks_for_a_key(&world, 1).await;
    world.settle().await;
    let second = asks_for_a_key(&world, 2).await;
    world.settle().await;
    world.clock.advance(Duration::from_secs(5));
    // A place appears, and somebody asks before anybody who waits was looked at.
    set_cap(&world, "de1", 2).await;
    let third = asks_for_a_key(&world, 3).await;
    world.settle().await;
    let works = [world.works(first).await, world.works(second).await, world.works(third).await];
    assert_eq!(works, [true, true, false]);
    set_cap(&world, "de1", 3).await;
    world.passes(MINUTE).await;
    assert!(world.works(third).await, "and then it is the newcomer's turn");
}

#[tokio::test]
async fn with_room_for_all_a_newcomer_does_not_wait_for_who_waits() {
    let world = World::of(&[Spec("de1", "de", 1, 1.0)]).await;
    asks_for_a_key(&world, 1).await;
    asks_for_a_key(&world, 2).await;
    world.settle().await;
    set_cap(&world, "de1", 9).await;
    let third = asks_for_a_key(&world, 3).await;
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.executor.round().await.unwrap();
    assert!(world.works(third).await);
}

#[tokio::test]
async fn who_waits_for_another_place_keeps_nobody_out() {
    let world = World::of(&[Spec("de1", "de", 2, 1.0), Spec("nl1", "nl", 1, 1.0)]).await;
    let mut keys = Vec::new();
    for region in ["de", "nl"] {
        let asked =
            world.keys.issue(&World::asks(ALICE), ALICE, Some(region.parse().unwrap())).await.unwrap();
        world.settle().await;
        keys.push(asked.config);
    }
    // Away from de1, where nl1 is full: it waits, and de1 has the one place that is left.
    world.keys.move_to(&World::admin_asks(), keys[0], None).await.unwrap();
    world.settle().await;
    assert_eq!(world.core.store.waiting(9).await.unwrap().len(), 1);
    let newcomer = asks_for_a_key(&world, 3).await;
    world.settle().await;
    assert_eq!(world.place_of(newcomer).await.as_deref(), Some("de1"));
}

/// A key on `de1`, and a set that is to move it, on the waitlist because all others are full.
async fn set_that_waits(world: &World) -> (ConfigId, BatchId) {
    let key = world.key().await;
    let home = id(&world.place_of(key).await.unwrap());
    let scope = Scope::Instance(home.clone());
    let plan = world.migrations.preview(&scope, &To::Automatic).await.unwrap();
    let ask = World::admin_asks();
    let batch = world.migrations.start(&ask, &scope, &To::Automatic, plan.fingerprint).await.unwrap();
    for (_, panel) in world.panels.iter().filter(|(instance, _)| **instance != home) {
        panel.set_foreign(100);
    }
    world.watch.check_all().await.unwrap();
    world.settle().await;
    assert_eq!(world.core.store.waiting(9).await.unwrap().len(), 1);
    (key, batch)
}

/// All others have room again.
async fn room_again(world: &World) {
    for panel in world.panels.values() {
        panel.set_foreign(0);
    }
    world.watch.check_all().await.unwrap();
}

#[tokio::test]
async fn a_paused_set_stays_paused_when_there_is_room() {
    let world = World::three().await;
    let (key, batch) = set_that_waits(&world).await;
    let home = world.place_of(key).await.unwrap();
    assert!(world.migrations.set_state(ADMIN, batch, BatchState::Paused).await.unwrap());
    room_again(&world).await;
    // Whoever wakes it: the waitlist, time, or somebody by name.
    let operation = world.core.store.key(key).await.unwrap().unwrap().operation.unwrap();
    world.core.store.wake_operations(&[operation.id], world.clock.now()).await.unwrap();
    world.passes(10 * MINUTE).await;
    assert_eq!(world.place_of(key).await.unwrap(), home);
    assert!(world.migrations.set_state(ADMIN, batch, BatchState::Running).await.unwrap());
    world.passes(MINUTE).await;
    assert_ne!(world.place_of(key).await.unwrap(), home);
}

#[tokio::test]
async fn a_set_paused_while_a_worker_holds_it_is_not_put_off_into_running() {
    let world = World::three().await;
    let (_, batch) = set_that_waits(&world).await;
    world.clock.advance(MINUTE);
    let now = world.clock.now();
    let held = world.core.store.claim_operations("w", now, 9).await.unwrap();
    assert_eq!(held.len(), 1);
    assert!(world.migrations.set_state(ADMIN, batch, BatchState::Paused).await.unwrap());
    world.core.store.put_off(&held[0], now).await.unwrap();
    assert_eq!(world.core.store.claim_operations("w", now, 9).await.unwrap(), []);
}

#[tokio::test]
async fn giving_up_a_set_begins_what_its_keys_asked_for_since() {
    let world = World::three().await;
    let (key, batch) = set_that_waits(&world).await;
    world.keys.extend(&World::admin_asks(), key, None, Some(11)).await.unwrap();
    assert!(world.migrations.set_state(ADMIN, batch, BatchState::Cancelled).await.unwrap());
    world.settle().await;
    let now = world.core.store.key(key).await.unwrap().unwrap();
    let primary = now.primary().unwrap();
    let shown = world.panels[&primary.instance].account(&primary.account).unwrap();
    assert_eq!(shown.data_limit, Some(111 * GIB), "what was bought reaches the panel");

    let world = World::three().await;
    let (key, batch) = set_that_waits(&world).await;
    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    assert!(world.migrations.set_state(ADMIN, batch, BatchState::Cancelled).await.unwrap());
    world.passes(5 * MINUTE).await;
    assert_eq!(world.core.store.key(key).await.unwrap().unwrap().config.wish, Wish::Revoked);
    assert!(world.panels.values().all(|panel| panel.names().is_empty()), "the revoked key is gone");
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn an_exhausted_key_gives_its_place_back_and_comes_back_when_there_is_more() {
    let world = World::three().await;
    let (lost, saved) = (world.key().await, world.key().await);
    for key in [lost, saved] {
        let primary = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
        world.panels[&primary.instance].add_traffic(&primary.account, 100 * GIB);
    }
    world.passes(HOUR).await;
    world.watch.sample().await.unwrap();
    assert_eq!(world.keys.view(lost).await.unwrap().unwrap().standing, Standing::Exhausted);
    world.passes(48 * HOUR).await;
    assert!(world.works(saved).await || world.place_of(saved).await.is_some(), "two days later both stay");
    world.keys.extend(&World::admin_asks(), saved, None, Some(10)).await.unwrap();
    world.passes(48 * HOUR).await;
    assert!(world.place_of(lost).await.is_none(), "after KEEP_ENDED the place is free");
    assert!(world.place_of(saved).await.is_some() && world.works(saved).await);
    world.assert_counted().await;
    world.keys.reset_traffic(&World::admin_asks(), lost).await.unwrap();
    world.settle().await;
    assert!(world.works(lost).await);
    assert_eq!(world.keys.view(lost).await.unwrap().unwrap().used, 0);
    world.assert_quiet(&[lost, saved]).await;
}

#[tokio::test]
async fn what_ends_is_free_for_the_next_choice_at_once() {
    let world = World::of(&[Spec("de1", "de", 10, 1.0)]).await;
    let key = world.key().await;
    world.core.placer.refresh(&world.core.store).await.unwrap();
    assert_eq!(world.core.placer.room(&id("de1")), 9);
    world.keys.revoke(&World::asks(ALICE), key).await.unwrap();
    // A round alone: the mirror is not refreshed.
    world.executor.round().await.unwrap();
    assert_eq!(world.core.placer.room(&id("de1")), 10);
    world.core.placer.refresh(&world.core.store).await.unwrap();
    assert_eq!(world.core.placer.room(&id("de1")), 10);
}
