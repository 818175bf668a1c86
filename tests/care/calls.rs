//! What real calls teach between two checks.

use karvan::domain::UserId;
use karvan::domain::instance::Health;
use karvan::domain::operation::Cause;
use karvan::service::keys::Ask;
use sim::marzban::Fault;

use crate::world::World;

/// Gives a key more time, which its panel is to learn at once: one real call.
async fn writes(world: &World, config: karvan::domain::ConfigId) {
    let admin = Ask { by: UserId(1), cause: Cause::Admin, update_id: None, screen: None };
    world.keys.extend(&admin, config, Some(1), None).await.unwrap();
    world.executor.round().await.unwrap();
}

#[tokio::test]
async fn hard_errors_in_a_row_bring_a_check_at_once() {
    let world = World::of(&["a", "b"]).await;
    let keys = world.keys(6).await;
    let mut of_a = Vec::new();
    for config in &keys {
        if world.place_of(*config).await == "a" {
            of_a.push(*config);
        }
    }
    assert_eq!(of_a.len(), 3);
    // Everything that was due is done; from here on the clock stands still.
    while world.rounds.tick().await.unwrap() > 0 {}
    world.panel("a").set_fault(Fault::Errors { percent: 100, status: 502, seed: 1 });
    for config in &of_a[..2] {
        writes(&world, *config).await;
    }
    assert_eq!(world.rounds.tick().await.unwrap(), 0, "two errors are nothing special");
    assert_eq!(world.health("a").await, Health::Healthy);
    writes(&world, of_a[2]).await;
    assert!(world.rounds.tick().await.unwrap() > 0, "the third brings a check before its time");
    assert_eq!(world.health("a").await, Health::Suspect);
    assert_eq!(world.health("b").await, Health::Healthy);
    // The checks decide, not the calls: it is well again, and was never told of.
    world.panel("a").revive();
    world.until("a", Health::Healthy, 10).await;
    assert_eq!(world.incidents().await, 0);
}

#[tokio::test]
async fn a_panel_that_says_no_is_no_dead_panel() {
    let world = World::of(&["a"]).await;
    let keys = world.keys(3).await;
    while world.rounds.tick().await.unwrap() > 0 {}
    world.panel("a").set_fault(Fault::Errors { percent: 100, status: 422, seed: 1 });
    for config in &keys {
        writes(&world, *config).await;
    }
    assert_eq!(world.rounds.tick().await.unwrap(), 0, "an answer is an answer");
    assert_eq!(world.health("a").await, Health::Healthy);
}
