//! Three hundred people at once.

use std::sync::Arc;

use karvan::domain::operation::Cause;
use karvan::domain::{InstanceId, UserId};
use karvan::service::fleet::Edit;
use karvan::service::keys::Ask;

use crate::install::{Install, Spec, until};
use crate::world::World;

/// A panel answers so many requests at once; a real one jams not far beyond.
const IN_FLIGHT: usize = 8;

async fn world(specs: &[Spec]) -> Arc<World> {
    Arc::new(World::of(Install::new(specs).await).await)
}

fn assert_shares(loads: &[usize], shares: &[usize]) {
    for (load, share) in loads.iter().zip(shares) {
        assert!(load.abs_diff(*share) <= 1, "{loads:?} instead of {shares:?}");
    }
}

fn assert_gentle(world: &World) {
    for (id, panel) in &world.install.panels {
        let peak = panel.in_flight_peak();
        assert!(peak <= IN_FLIGHT, "{peak} requests at once on {id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_at_once_get_one_key_each_by_weight() {
    let world = world(&[Spec("de1", 400, 1.0), Spec("de2", 400, 1.0), Spec("de3", 400, 2.0)]).await;
    let running = world.runs();
    let keys = world.ask(1001..1301).await;
    world.leaves_open(0).await;
    drop(running);
    assert_eq!(world.loads().iter().sum::<usize>(), 300, "one account each: {:?}", world.loads());
    assert_shares(&world.loads(), &[75, 75, 150]);
    assert_gentle(&world);
    world.assert_quiet(&keys).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_find_no_room_wait_their_turn() {
    let world = world(&[Spec("de1", 50, 1.0), Spec("de2", 50, 1.0), Spec("de3", 100, 2.0)]).await;
    let running = world.runs();
    let keys = world.ask(1001..1301).await;
    let line = async || world.core.store.waiting(300).await.unwrap();
    until("100 wait", async || {
        line().await.len() == 100
            && world.core.store.counters().await.unwrap().iter().all(|(_, counters)| counters.reserved == 0)
    })
    .await;
    assert_eq!(world.loads(), [50, 50, 100]);
    world.assert_counted().await;
    let waited = line().await;

    // Thirty leave: those who have waited longest come.
    let mut gone = Vec::new();
    for key in &keys {
        if gone.len() < 30 && world.place_of(*key).await.is_some() {
            let admin = Ask { by: UserId(1), cause: Cause::Admin, update_id: None, screen: None };
            world.keys.revoke(&admin, *key).await.unwrap();
            gone.push(*key);
        }
    }
    until("thirty of them are served", async || {
        line().await.len() == 70 && world.core.store.open_operations().await.unwrap() == 70
    })
    .await;
    assert_eq!(world.loads(), [50, 50, 100]);
    assert_eq!(line().await, waited[30..], "first come, first served");
    world.assert_counted().await;

    // The last panel gets more room than they need.
    let roomier: InstanceId = "de3".parse().unwrap();
    world.fleet.edit(None, &roomier, Edit::MaxUsers(300)).await.unwrap();
    world.leaves_open(0).await;
    drop(running);
    assert_eq!(world.loads(), [50, 50, 170]);
    assert_gentle(&world);
    world.assert_quiet(&keys).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_full_of_strangers_gets_its_fair_share_only() {
    let install =
        Install::new(&[Spec("de1", 1500, 1.0), Spec("de2", 1500, 1.0), Spec("de3", 1500, 1.0)]).await;
    for (id, strangers) in [("de1", 900), ("de2", 850), ("de3", 800)] {
        install.panel(id).add_foreign_users(strangers);
    }
    let world = Arc::new(World::of(install).await);
    let running = world.runs();
    let keys = world.ask(1001..1301).await;
    world.leaves_open(0).await;
    drop(running);
    // 950 on each, strangers included.
    assert_shares(&world.loads(), &[50, 100, 150]);
    assert_gentle(&world);
    world.assert_quiet(&keys).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_with_nine_hundred_strangers_is_left_to_them() {
    let install =
        Install::new(&[Spec("de1", 1000, 1.0), Spec("de2", 1000, 1.0), Spec("de3", 1000, 1.0)]).await;
    install.panel("de2").add_foreign_users(900);
    let world = Arc::new(World::of(install).await);
    let running = world.runs();
    let keys = world.ask(1001..1101).await;
    world.leaves_open(0).await;
    drop(running);
    assert_shares(&world.loads(), &[50, 0, 50]);
    world.assert_quiet(&keys).await;
}
