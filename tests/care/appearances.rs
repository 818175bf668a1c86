//! What looks like death and is none: nobody is moved.

use std::time::Duration;

use karvan::domain::ConfigId;
use karvan::domain::incident::Kind;
use karvan::domain::instance::Health;
use sim::marzban::{Behind, Door, DoorFault, Fault};

use crate::world::{INBOUND, Spec, World};

/// Longer than any verdict and evacuation takes.
const LONG: u64 = 120;

async fn three() -> (World, Vec<ConfigId>) {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(3).await;
    (world, keys)
}

/// Nobody was moved, nobody is being moved, and nothing was declared dead.
async fn assert_stayed(world: &World, keys: &[ConfigId]) {
    assert_eq!(world.spread().await, vec![1; world.panels.len()]);
    assert_eq!(world.core.store.open_operations().await.unwrap(), 0);
    for (id, _) in &world.panels {
        let subject = world.timeline(Kind::Instance, id.as_str()).await;
        assert!(!subject.contains(&"down") && !subject.contains(&"planned"), "{id}: {subject:?}");
        assert_ne!(world.health(id.as_str()).await, Health::Down);
    }
    for config in keys {
        let key = world.core.store.key(*config).await.unwrap().unwrap();
        assert_eq!(key.accounts.len(), 1, "an account was made elsewhere: {:?}", key.accounts);
    }
}

/// `a` is in `state` for long, nobody is moved, and it is healthy again when it is healed.
async fn is_only(world: &World, keys: &[ConfigId], state: Health, heal: impl FnOnce(&World)) {
    world.until("a", state, 30).await;
    world.lives(LONG).await;
    assert_eq!(world.health("a").await, state);
    assert_stayed(world, keys).await;
    heal(world);
    world.until("a", Health::Healthy, 40).await;
    world.lives(30).await;
    assert_stayed(world, keys).await;
    world.assert_all_serve(keys).await;
    assert!(!world.panics().await);
}

#[tokio::test]
async fn the_api_is_dead_and_users_are_served() {
    let (world, keys) = three().await;
    world.panel("a").kill_api();
    is_only(&world, &keys, Health::ControlDown, |world| world.panel("a").revive()).await;
    assert_eq!(world.timeline(Kind::Instance, "a").await.first(), Some(&"suspected"));
    assert!(world.timeline(Kind::Instance, "a").await.contains(&"control-down"));
}

#[tokio::test]
async fn a_panel_frozen_and_thawed() {
    let (world, keys) = three().await;
    world.panel("a").set_fault(Fault::Frozen);
    is_only(&world, &keys, Health::ControlDown, |world| world.panel("a").revive()).await;
}

#[tokio::test]
async fn a_slow_panel() {
    let (world, keys) = three().await;
    world.panel("a").set_fault(Fault::Slow(Duration::from_millis(60)));
    world.lives(LONG).await;
    assert_eq!(world.health("a").await, Health::Healthy, "slow is not dead");
    world.panel("a").set_fault(Fault::Slow(Duration::from_secs(2)));
    is_only(&world, &keys, Health::ControlDown, |world| world.panel("a").revive()).await;
}

#[tokio::test]
async fn a_front_answers_502() {
    let (world, keys) = three().await;
    world.panel("a").set_fault(Fault::Errors { percent: 100, status: 502, seed: 1 });
    is_only(&world, &keys, Health::ControlDown, |world| world.panel("a").revive()).await;
}

#[tokio::test]
async fn a_front_asks_for_humanity() {
    let (world, keys) = three().await;
    world.panel("a").set_fault(Fault::HtmlChallenge);
    is_only(&world, &keys, Health::Degraded, |world| world.panel("a").revive()).await;
}

#[tokio::test]
async fn the_password_was_changed() {
    let (world, keys) = three().await;
    world.panel("a").set_admin_password("another");
    is_only(&world, &keys, Health::Misconfigured, |world| {
        world.panel("a").set_admin_password("admin-password");
    })
    .await;
}

#[tokio::test]
async fn another_program_answers() {
    let (world, keys) = three().await;
    world.panel("a").set_fault(Fault::NotThePanel);
    is_only(&world, &keys, Health::Misconfigured, |world| world.panel("a").revive()).await;
}

#[tokio::test]
async fn a_restart_of_twenty_seconds() {
    let (world, keys) = three().await;
    world.panel("a").kill_all();
    world.lives(20).await;
    world.panel("a").revive();
    world.lives(LONG).await;
    assert_eq!(world.spread().await, [1, 1, 1]);
    for config in &keys {
        assert_eq!(world.core.store.key(*config).await.unwrap().unwrap().accounts.len(), 1);
    }
    world.assert_all_serve(&keys).await;
}

#[tokio::test]
async fn a_relay_that_only_users_reach() {
    let world = World::of(&["a", "b", "c"]).await;
    let relay = Door::open(Behind::Relay { to: world.panel("a").door(INBOUND).address() }).unwrap();
    relay.set_fault(DoorFault::BlackHole);
    world.panel("a").set_host(INBOUND, "127.0.0.1", relay.address().port());
    let keys = world.keys(3).await;
    // What never answered from here proves nothing when it does not answer.
    world.panel("a").kill_api();
    is_only(&world, &keys, Health::ControlDown, |world| world.panel("a").revive()).await;
}

#[tokio::test]
async fn a_relay_that_two_share_is_dead() {
    let world = World::of(&["a", "b", "c"]).await;
    let relay = Door::open(Behind::WebSocket { path: "/ws".to_owned(), tls: None }).unwrap();
    for name in ["a", "b"] {
        world.panel(name).set_host(INBOUND, "127.0.0.1", relay.address().port());
    }
    let keys = world.keys(3).await;
    relay.set_fault(DoorFault::Refuse);
    world.lives(LONG + 80).await;
    assert_stayed(&world, &keys).await;
    assert_eq!(world.health("a").await, Health::Healthy);
    assert!(world.incidents().await <= 1, "one alert for the relay, none for those behind it");
    assert!(!world.panics().await);
}

#[tokio::test]
async fn our_tunnel_to_a_panel_is_dead() {
    let tunnelled = Spec { tunnelled: true, ..Spec::of("a") };
    let world = World::with(&[tunnelled, Spec::of("b"), Spec::of("c")]).await;
    let keys = world.keys(3).await;
    world.tunnels[0].set_fault(DoorFault::Refuse);
    world.lives(LONG).await;
    assert_stayed(&world, &keys).await;
    world.tunnels[0].set_fault(DoorFault::None);
    world.lives(40).await;
    assert_eq!(world.health("a").await, Health::Healthy);
    assert_stayed(&world, &keys).await;
}

#[tokio::test]
async fn names_cannot_be_resolved() {
    let (world, keys) = three().await;
    world.names_fail(true);
    world.lives(LONG).await;
    assert_stayed(&world, &keys).await;
    world.names_fail(false);
    world.lives(60).await;
    for name in ["a", "b", "c"] {
        assert_eq!(world.health(name).await, Health::Healthy, "{name}");
    }
    assert_stayed(&world, &keys).await;
}

#[tokio::test]
async fn our_own_uplink_is_dead() {
    let (world, keys) = three().await;
    world.cut_off(true);
    for (_, panel) in &world.panels {
        panel.vanish();
    }
    world.lives(100).await;
    assert_stayed(&world, &keys).await;
    world.cut_off(false);
    for (_, panel) in &world.panels {
        panel.revive();
    }
    world.lives(200).await;
    for name in ["a", "b", "c"] {
        assert_eq!(world.health(name).await, Health::Healthy, "{name}");
    }
    assert_stayed(&world, &keys).await;
    assert!(!world.panics().await, "what began by our own fault ends by itself");
}
