//! A server is gone: its users are served elsewhere, with the same secrets.

use karvan::domain::ConfigId;
use karvan::domain::incident::Kind;
use karvan::domain::instance::Health;
use sim::marzban::{Behind, Door, DoorFault, Fault};

use crate::world::{INBOUND, World};

/// `EVACUATE_AFTER` and the time to move a handful.
const LEAVES: u64 = 25;

/// Everybody who was on `a` is served by the others, with the secrets of before.
async fn assert_left(world: &World, keys: &[ConfigId], before: &[String]) {
    assert_eq!(world.spread().await[0], 0, "somebody is left");
    for (config, uuid) in keys.iter().zip(before) {
        assert_eq!(world.uuid(*config).await, *uuid, "the secrets are the same");
        assert!(world.panel(&world.place_of(*config).await).serves(uuid), "{config} is served");
    }
    world.assert_all_serve(keys).await;
}

async fn secrets(world: &World, keys: &[ConfigId]) -> Vec<String> {
    let mut secrets = Vec::new();
    for config in keys {
        secrets.push(world.uuid(*config).await);
    }
    secrets
}

#[tokio::test]
async fn refused_on_both_planes() {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(6).await;
    let before = secrets(&world, &keys).await;
    assert_eq!(world.spread().await, [2, 2, 2]);
    world.panel("a").kill_all();
    let down = world.until("a", Health::Down, 15).await;
    assert!(down >= 6, "one refusal is a doubt, not a verdict: {down} s");
    world.lives(15).await;
    assert_eq!(world.spread().await, [2, 2, 2], "a restart would move nobody");
    world.lives(LEAVES - 15).await;
    assert_left(&world, &keys, &before).await;
    assert_eq!(world.spread().await, [0, 3, 3]);

    // It returns: who left stays away, and the old accounts serve on for clients that never fetch.
    world.panel("a").revive();
    world.until("a", Health::Recovering, 6).await;
    world.lives(60).await;
    assert_eq!(world.spread().await, [0, 3, 3]);
    let lingering = before.iter().filter(|uuid| world.panel("a").serves(uuid)).count();
    assert_eq!(lingering, 2);
    let told = world.timeline(Kind::Instance, "a").await;
    for expected in ["down", "planned", "done", "recovering"] {
        assert!(told.contains(&expected), "{expected} in {told:?}");
    }
    assert_eq!(world.incidents().await, 1, "one message");
}

#[tokio::test]
async fn a_black_hole() {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(3).await;
    let before = secrets(&world, &keys).await;
    world.panel("a").vanish();
    let down = world.until("a", Health::Down, 75).await;
    assert!(down >= 45, "silence alone must last: {down} s");
    world.lives(LEAVES).await;
    assert_left(&world, &keys, &before).await;
}

#[tokio::test]
async fn frozen_whole_and_thawed() {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(3).await;
    let before = secrets(&world, &keys).await;
    world.panel("a").set_fault(Fault::Frozen);
    world.panel("a").set_data_fault(DoorFault::Silent);
    world.until("a", Health::Down, 75).await;
    world.lives(LEAVES).await;
    assert_left(&world, &keys, &before).await;
    world.panel("a").revive();
    world.until("a", Health::Recovering, 10).await;
    world.lives(120).await;
    world.assert_all_serve(&keys).await;
    assert_eq!(world.spread().await.iter().sum::<u32>(), 3, "nobody is counted twice");
}

#[tokio::test]
async fn a_dead_core_under_a_living_panel() {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(3).await;
    let before = secrets(&world, &keys).await;
    world.panel("a").set_core(false);
    world.until("a", Health::Down, 90).await;
    world.lives(LEAVES).await;
    assert_left(&world, &keys, &before).await;
}

#[tokio::test]
async fn a_dead_origin_behind_a_living_network() {
    let world = World::of(&["a", "b", "c"]).await;
    let origin = world.panel("a").door(INBOUND).address();
    let front = Door::open(Behind::Cdn { to: origin, tls: None }).unwrap();
    world.panel("a").set_host(INBOUND, "127.0.0.1", front.address().port());
    let keys = world.keys(3).await;
    let before = secrets(&world, &keys).await;
    world.panel("a").kill_all();
    world.until("a", Health::Down, 90).await;
    assert!(front.serves(), "the network lives");
    world.lives(LEAVES).await;
    assert_left(&world, &keys, &before).await;
}

#[tokio::test]
async fn one_of_two() {
    let world = World::of(&["a", "b"]).await;
    let keys = world.keys(4).await;
    let before = secrets(&world, &keys).await;
    world.panel("a").kill_all();
    world.until("a", Health::Down, 15).await;
    world.lives(LEAVES).await;
    assert_left(&world, &keys, &before).await;
    assert!(!world.panics().await, "one of two may go");
}

#[tokio::test]
async fn a_flapping_server_moves_nobody_twice() {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(3).await;
    for _ in 0..8 {
        world.panel("a").kill_all();
        world.lives(14).await;
        world.panel("a").revive();
        world.lives(10).await;
    }
    world.assert_all_serve(&keys).await;
    for config in &keys {
        let key = world.core.store.key(*config).await.unwrap().unwrap();
        assert!(key.accounts.len() <= 2, "{config} was moved more than once: {:?}", key.accounts);
    }
    assert!(world.incidents().await <= 1, "one message for all of it");
}
