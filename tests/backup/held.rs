//! I20: after a restore nothing is written to a panel or sent before a person says so.

use std::time::Duration;

use karvan::domain::Clock;
use karvan::service::backup::recovery::{Compared, Messages, Recovery};
use karvan::service::executor::Executor;
use karvan::service::keys::Keys;
use karvan::service::notice::{Lane, Letter, Notice};
use karvan::service::reconcile::{Pace, Reconciler};
use karvan::store::inbox::Received;
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ADMIN, ALICE, World, id};
use crate::{backup, restored, world};

/// How many writes the panels have seen.
fn writes(world: &World) -> usize {
    let wrote = |panel: &karvan::panel::fake::FakePanel| {
        panel.arrived().iter().filter(|arrived| arrived.verb.writes()).count()
    };
    world.panels.values().map(|panel| wrote(panel)).sum()
}

#[rstest]
#[tokio::test]
async fn nothing_is_written_or_sent_before_a_person_says_so(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((db, world)) = world(kind).await else { return };
    let (kept, gone) = (world.key().await, world.key().await);
    // Under way when the backup is made: a key that waits for its first account, one that is taken away, a message.
    world.keys.revoke(&World::asks(ALICE), gone).await.unwrap();
    let wished = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    let letter =
        Letter { chat: ALICE.0, lane: Lane::Reply, slot: None, notice: Notice::AccessGranted, screen: None };
    let store = &world.core.store;
    store.post(&[letter.stored(world.clock.now())], world.clock.now()).await.unwrap();
    let update = Received { update_id: 5, chat_key: ALICE.0, raw: "{}".to_owned() };
    store.receive(&[update], world.clock.now()).await.unwrap();
    let file = backup(store).await;

    world.clock.advance(Duration::from_secs(61));
    let Some(there) = restored(&db, &file, kind).await else { return };
    let core = world.replica(there.store.clone(), 9);
    let (executor, recovery) = (Executor::new(core.clone(), "after"), Recovery::new(core.clone()));
    let reconciler = Reconciler::new(core.clone());
    let before = writes(&world);
    recovery.tell().await.unwrap();

    // An admin reads what would happen.
    let outlook = recovery.outlook().await.unwrap().expect("everything is held");
    assert_eq!(outlook.made_at, Some(crate::db::at(0)));
    assert_eq!(outlook.operations.iter().map(|(_, count)| count).sum::<u64>() + outlook.tombstones, 2);
    assert_eq!((outlook.messages > 1, outlook.updates), (true, 1));
    assert_eq!(outlook.panels.len(), 2);
    assert!(outlook.panels.iter().all(|(_, compared)| matches!(compared, Compared::Seen { newer: 0, .. })));

    // Hours pass; everything that acts by itself has its turns, and people wish for things.
    let watch = karvan::service::watch::Watch::new(core.clone());
    Keys::new(core.clone()).extend(&World::admin_asks(), kept, Some(1), None).await.ok();
    for _ in 0..5 {
        world.clock.advance(Duration::from_secs(3600));
        watch.check_all().await.unwrap();
        for _ in 0..3 {
            core.placer.refresh(&core.store).await.unwrap();
            executor.round().await.unwrap();
        }
        executor.bury_due().await.unwrap();
        executor.upkeep().await.unwrap();
        for name in ["de1", "nl1"] {
            drop(reconciler.run(&id(name), Pace::Waited).await);
        }
    }
    assert_eq!(writes(&world), before, "no panel was written to");
    let due = there.store.due_letters(world.clock.now(), 100).await.unwrap();
    let others: Vec<_> = due.iter().filter(|stored| stored.letter.notice["notice"] != "held").collect();
    assert!(others.is_empty(), "nothing is sent but the word that everything is held: {others:?}");

    // The admin says so: what was under way ends, once.
    assert!(recovery.release(Some(ADMIN), Messages::Drop).await.unwrap());
    assert!(
        !recovery.release(Some(ADMIN), Messages::Drop).await.unwrap(),
        "there is nothing to release twice"
    );
    assert_eq!(recovery.outlook().await.unwrap(), None);
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(3600));
        watch.check_all().await.unwrap();
        for _ in 0..20 {
            core.placer.refresh(&core.store).await.unwrap();
            executor.round().await.unwrap();
        }
        executor.bury_due().await.unwrap();
        executor.upkeep().await.unwrap();
    }
    assert!(writes(&world) > before);
    let key = there.store.key(wished.config).await.unwrap().unwrap();
    assert!(key.primary().is_some() && key.operation.is_none(), "the key that was wished for is there");
    let credentials = there.store.credentials(kept).await.unwrap().unwrap();
    assert!(world.panels.values().any(|panel| panel.serves(&credentials)), "who had a key has it");
    let credentials = there.store.credentials(gone).await.unwrap().unwrap();
    assert!(!world.panels.values().any(|panel| panel.serves(&credentials)), "the one taken away is gone");
    let waits = there.store.due_letters(world.clock.now(), 100).await.unwrap();
    assert!(waits.iter().all(|stored| stored.letter.notice["notice"] != "access_granted"), "{waits:?}");
    assert_eq!(there.store.unfinished_updates().await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn what_waited_is_sent_if_the_admin_wishes_it(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    let letter =
        Letter { chat: 5, lane: Lane::Notice, slot: None, notice: Notice::AccessGranted, screen: None };
    let store = &world.core.store;
    store.post(&[letter.stored(world.clock.now())], world.clock.now()).await.unwrap();
    let file = backup(store).await;
    let Some(there) = restored(&db, &file, kind).await else { return };
    let recovery = Recovery::new(world.replica(there.store.clone(), 9));
    assert!(recovery.release(None, Messages::Send).await.unwrap());
    let due = there.store.due_letters(world.clock.now(), 100).await.unwrap();
    assert!(due.iter().any(|stored| stored.letter.notice["notice"] == "access_granted"), "{due:?}");
}
