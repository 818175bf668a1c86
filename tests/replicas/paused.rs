//! R4: a process that stops in the middle of an operation, while another takes over and ends it, changes nothing when it
//! goes on.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use karvan::domain::key::Wish;
use karvan::domain::operation::Outcome;
use karvan::domain::{AccountName, Clock, ConfigId};
use karvan::service::executor::{Executor, Fuse};
use karvan::store::operations::{Placement, Planned, Switch};
use rstest::rstest;
use tokio::sync::oneshot;

use crate::db::Kind;
use crate::memory::{ALICE, World, id};
use crate::{THREE, world};

/// A fuse that holds the process at `point`, the first time; how to know that it is held, and how to let it go on.
fn gate(point: &'static str) -> (Fuse, oneshot::Receiver<()>, mpsc::Sender<()>) {
    let (reached, held) = oneshot::channel();
    let (open, opened) = mpsc::channel();
    let once = Mutex::new(Some((reached, opened)));
    let fuse: Fuse = Arc::new(move |at| {
        if at == point
            && let Some((reached, opened)) = once.lock().unwrap().take()
        {
            reached.send(()).unwrap();
            tokio::task::block_in_place(|| opened.recv()).unwrap();
        }
        false
    });
    (fuse, held, open)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Issue,
    Move,
    Rotate,
    Extend,
    Revoke,
}

/// Where a process may be held while it works on an act: before and after each effect.
fn points(act: Act) -> &'static [&'static str] {
    match act {
        Act::Issue | Act::Move | Act::Rotate => {
            &["plan", "planned", "authorise", "authorised", "answered", "switch", "switched"]
        }
        Act::Extend => &["authorise account", "authorised account", "answered account", "end"],
        Act::Revoke => &["release", "authorise delete", "authorised delete", "answered delete", "buried"],
    }
}

async fn begin(world: &World, act: Act, key: Option<ConfigId>) -> ConfigId {
    let (owner, admin) = (World::asks(ALICE), World::admin_asks());
    let key = || key.expect("the story began with a key");
    let asked = match act {
        Act::Issue => world.keys.issue(&owner, ALICE, None).await,
        Act::Move => world.keys.move_to(&admin, key(), None).await,
        Act::Rotate => world.keys.rotate(&owner, key()).await,
        Act::Extend => world.keys.extend(&admin, key(), Some(3), Some(3)).await,
        Act::Revoke => world.keys.revoke(&admin, key()).await,
    };
    asked.unwrap().config
}

/// All that a stale process might spoil: the rows of a key, the counters, the accounts, the writes that succeeded.
async fn everything(world: &World, config: ConfigId) -> String {
    let store = &world.core.store;
    let key = store.key(config).await.unwrap();
    let counters = store.counters().await.unwrap();
    let mut panels = Vec::new();
    for panel in world.panels.values() {
        let written = panel.arrived().iter().filter(|call| call.verb.writes() && call.succeeded).count();
        panels.push((panel.names(), written));
    }
    format!("{key:#?}\n{counters:?}\n{panels:?}")
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r4_a_process_that_was_paused_changes_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(Act::Issue, Act::Move, Act::Rotate, Act::Extend, Act::Revoke)] act: Act,
) {
    for point in points(act).iter().copied() {
        let Some((db, world)) = world(kind, &THREE).await else { return };
        let key = if act == Act::Issue { None } else { Some(world.key().await) };
        let config = begin(&world, act, key).await;
        let slow = world.replica(db.again().await, 8);
        slow.placer.refresh(&slow.store).await.unwrap();
        let (fuse, held, open) = gate(point);
        let slow = Executor::new(slow, "slow").with_fuse(fuse);
        let working = tokio::spawn(async move { slow.round().await });
        tokio::time::timeout(Duration::from_secs(30), held).await.expect("the point is met").unwrap();

        // Its claims run out; another process ends what it had begun.
        for _ in 0..5 {
            world.passes(Duration::from_secs(60)).await;
        }
        let end = world.core.store.key(config).await.unwrap().unwrap();
        assert!(end.operation.is_none(), "{act:?} at {point}: {:?}", end.operation);
        assert_eq!(world.works(config).await, end.config.wish == Wish::Active, "{act:?} at {point}");
        let before = everything(&world, config).await;

        open.send(()).unwrap();
        let woken = tokio::time::timeout(Duration::from_secs(30), working).await.expect("it goes on");
        woken.unwrap().unwrap();
        assert_eq!(everything(&world, config).await, before, "{act:?} at {point}");
        world.passes(Duration::from_secs(49 * 3600)).await;
        world.passes(Duration::from_secs(300)).await;
        assert_eq!(world.works(config).await, end.config.wish == Wish::Active, "{act:?} at {point}");
        world.assert_quiet(&[config]).await;
    }
}

/// The same, while the other process still works: only the epoch tells them apart.
#[rstest]
#[tokio::test]
async fn r4_with_an_older_epoch_nothing_is_written(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((_db, world)) = world(kind, &THREE).await else { return };
    let (store, now) = (&world.core.store, world.clock.now());
    let key = world.key().await;
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    let stale = store.claim_operations("slow", now, 9).await.unwrap().remove(0);
    let elsewhere = if world.place_of(key).await.unwrap() == "de1" { "nl1" } else { "de1" };
    let placement = Placement {
        instance: id(elsewhere),
        takes_place: true,
        back_to: None,
        reason: serde_json::Value::Null,
    };
    let name = |generation| AccountName::new(&world.core.installation, key, generation);
    let planned = store.plan_operation(&stale, &placement, name, now).await.unwrap();
    assert!(matches!(planned, Planned::Yes(_)), "{planned:?}");
    let stale = store.operation(stale.id).await.unwrap().unwrap();
    let later = now + Duration::from_secs(31);
    let held = store.claim_operations("other", later, 9).await.unwrap();
    assert_eq!(held.len(), 1, "the claim ran out");
    let before = everything(&world, key).await;

    let revision = store.key(key).await.unwrap().unwrap().config.revision;
    assert!(!store.authorise_target_write(&stale, revision, later).await.unwrap());
    let primary = store.key(key).await.unwrap().unwrap().primary().unwrap().id;
    assert!(!store.authorise_account_write(primary, Some(&stale), revision, later).await.unwrap());
    let switch = Switch {
        operation: &stale,
        used: 0,
        limit: None,
        link: None,
        links: &[],
        unsettled: None,
        linger_until: later,
        letters: Vec::new(),
    };
    assert!(!store.switch(&switch, later).await.unwrap());
    assert!(!store.end_operation(&stale, Outcome::Cancelled, &[], later).await.unwrap());
    assert!(!store.release_all(&stale, &[], later).await.unwrap());
    assert_eq!(store.plan_operation(&stale, &placement, name, later).await.unwrap(), Planned::Stale);
    store.target_write_failed(&stale, None, "timeout", later).await.unwrap();
    store.keep_target(&stale, later, &[], later).await.unwrap();
    store.wait_for_room(&stale, 1, later, &[], later).await.unwrap();
    store.rename_target(&stale, name, later).await.unwrap();
    store.put_off(&stale, later).await.unwrap();
    assert_eq!(everything(&world, key).await, before);
    assert!(store.authorise_target_write(&held[0], revision, later).await.unwrap(), "the holder goes on");

    // The key changes: what was made of the older revision is neither sent nor switched to.
    world.keys.extend(&World::admin_asks(), key, Some(3), None).await.unwrap();
    assert!(!store.authorise_target_write(&held[0], revision, later).await.unwrap());
    assert!(!store.authorise_account_write(primary, None, revision, later).await.unwrap());
    let switch = Switch { operation: &held[0], ..switch };
    assert!(!store.switch(&switch, later).await.unwrap());
}
