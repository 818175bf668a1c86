//! Many keys at once, worked on by two processes at once.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::panel::fake::Verb;
use karvan::service::core::Core;
use karvan::service::executor::Executor;
use karvan::service::keys::Keys;
use rstest::rstest;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::db::Kind;
use crate::memory::{Spec, World};
use crate::world;

/// Runs an executor as a process does, with its mirror refreshed before each look.
fn start(core: &Core, name: &str, stop: &CancellationToken) -> tokio::task::JoinHandle<()> {
    let (executor, stop) = (Executor::new(core.clone(), name), stop.clone());
    tokio::spawn(async move { executor.run(stop).await })
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_between_two_executors_get_one_place_each(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let specs = [Spec("a", "de", 30, 1.0), Spec("b", "de", 30, 1.0), Spec("c", "de", 30, 1.0)];
    let Some((db, world)) = world(kind, &specs).await else { return };
    let other = world.replica(db.again().await, 8);
    for core in [&world.core, &other] {
        core.placer.refresh(&core.store).await.unwrap();
    }
    // Both ask and both work at the same time.
    let stop = CancellationToken::new();
    let running = [start(&world.core, "one", &stop), start(&other, "two", &stop)];
    let mut asking = JoinSet::new();
    for person in 0..100 {
        let user = UserId(20_000 + person);
        world.meets(user).await;
        let keys = Keys::new(if person % 2 == 0 { world.core.clone() } else { other.clone() });
        asking.spawn(async move { keys.issue(&World::asks(user), user, None).await.unwrap() });
    }
    let asked = asking.join_all().await;
    // Whichever process ends an operation, this one sees it in the row at the latest.
    let settled = async {
        for one in &asked {
            while !world.keys.settled(one.operation, Duration::from_millis(50)).await {}
        }
    };
    tokio::time::timeout(Duration::from_secs(120), settled).await.expect("all end or wait");
    stop.cancel();
    for task in running {
        task.await.unwrap();
    }
    let mut keys = Vec::new();
    for one in &asked {
        let key = world.core.store.key(one.config).await.unwrap().unwrap();
        assert!(key.accounts.len() <= 1, "{:?}", key.accounts);
        if !key.accounts.is_empty() {
            keys.push(one.config);
            assert!(world.works(one.config).await);
        }
    }
    assert_eq!(keys.len(), 90, "every place is taken, and none twice");
    let created: usize = world
        .panels
        .values()
        .map(|panel| panel.arrived().iter().filter(|call| call.verb == Verb::Create).count())
        .sum();
    assert_eq!(created, 90, "each account was asked for once");
    assert_eq!(world.core.store.waiting(100).await.unwrap().len(), 10);
    world.assert_quiet(&keys).await;

    // Five leave; whoever waited longest comes in, whichever process gives the place.
    for key in keys.iter().take(5) {
        world.keys.revoke(&World::admin_asks(), *key).await.unwrap();
    }
    world.passes(Duration::from_secs(120)).await;
    assert_eq!(world.core.store.waiting(100).await.unwrap().len(), 5);
    world.assert_counted().await;
}
