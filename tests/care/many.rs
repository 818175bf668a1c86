//! Several at once, and what happens while everybody leaves.

use karvan::domain::incident::Kind;
use karvan::domain::instance::Health;

use crate::world::{Spec, World};

#[tokio::test]
async fn all_at_once_is_a_panic_and_moves_nobody() {
    let world = World::of(&["a", "b", "c", "d"]).await;
    let keys = world.keys(4).await;
    for (_, panel) in &world.panels {
        panel.kill_all();
    }
    world.lives(90).await;
    assert!(world.panics().await);
    assert_eq!(world.spread().await, [1, 1, 1, 1]);
    assert!(!world.timeline(Kind::Panic, "fleet").await.is_empty(), "admins are told");
    for (_, panel) in &world.panels {
        panel.revive();
    }
    world.lives(200).await;
    assert!(!world.panics().await, "it ends by itself");
    assert_eq!(world.spread().await, [1, 1, 1, 1]);
    world.assert_all_serve(&keys).await;
}

#[tokio::test]
async fn half_of_fifty_is_a_panic() {
    let names: Vec<String> = (0..50).map(|number| format!("p{number:02}")).collect();
    let world = World::of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let keys = world.keys(10).await;
    let before = world.spread().await;
    for name in &names[..25] {
        world.panel(name).kill_all();
    }
    world.lives(50).await;
    assert!(world.panics().await);
    assert_eq!(world.spread().await, before);
    for name in &names[..25] {
        world.panel(name).revive();
    }
    world.lives(10).await;
    world.assert_all_serve(&keys).await;
}

#[tokio::test]
async fn it_returns_while_everybody_leaves() {
    let world = World::of(&["a", "b", "c"]).await;
    let keys = world.keys(9).await;
    world.panel("a").kill_all();
    world.until("a", Health::Down, 15).await;
    // The plan is made, and nothing of it begun, when the instance returns.
    world.watches(22).await;
    assert_eq!(world.core.store.open_operations().await.unwrap(), 3);
    world.panel("a").revive();
    world.watches(8).await;
    assert_eq!(world.health("a").await, Health::Recovering);
    world.lives(30).await;
    assert_eq!(world.spread().await, [3, 3, 3], "whoever had not begun stays");
    assert_eq!(world.core.store.open_operations().await.unwrap(), 0);
    world.assert_all_serve(&keys).await;
    assert!(world.timeline(Kind::Instance, "a").await.contains(&"cancelled"));
}

#[tokio::test]
async fn a_target_dies_while_everybody_arrives() {
    let world = World::of(&["a", "b", "c", "d", "e", "f", "g", "h"]).await;
    let keys = world.keys(16).await;
    world.panel("a").kill_all();
    world.until("a", Health::Down, 15).await;
    world.watches(22).await;
    assert_eq!(world.core.store.open_operations().await.unwrap(), 2);
    // Everybody's new home is dead before they arrive.
    let mut targets = Vec::new();
    for config in &keys {
        let key = world.core.store.key(*config).await.unwrap().unwrap();
        targets.extend(
            key.operation.and_then(|operation| operation.target).map(|target| target.instance.to_string()),
        );
    }
    let dead = targets.first().expect("a plan names targets").clone();
    world.panel(&dead).kill_all();
    world.lives(90).await;
    let spread = world.spread().await;
    assert_eq!((spread[0], spread.iter().sum::<u32>()), (0, 16));
    world.assert_all_serve(&keys).await;
    for config in &keys {
        let place = world.place_of(*config).await;
        assert!(place != "a" && place != dead, "{config} is on {place}");
    }
    assert!(!world.panics().await, "two of eight are no panic");
}

#[tokio::test]
async fn there_is_no_room_for_all() {
    let small = |name: &str| Spec { max_users: 4, ..Spec::of(name) };
    let world = World::with(&[small("a"), small("b"), small("c")]).await;
    let keys = world.keys(9).await;
    let secrets = world.uuid(keys[0]).await;
    world.panel("a").kill_all();
    world.until("a", Health::Down, 15).await;
    world.lives(60).await;
    let spread = world.spread().await;
    assert!(spread[1] <= 4 && spread[2] <= 4, "no cap is exceeded: {spread:?}");
    assert_eq!(spread.iter().sum::<u32>(), 9, "nobody is lost");
    assert!(spread[0] >= 1, "there is room for two of three at most: {spread:?}");
    assert!(world.timeline(Kind::Instance, "a").await.contains(&"planned"));
    world.panel("a").revive();
    world.lives(60).await;
    world.assert_all_serve(&keys).await;
    assert_eq!(world.uuid(keys[0]).await, secrets);
}
