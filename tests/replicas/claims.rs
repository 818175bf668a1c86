//! Updates and letters are worked on by one process at a time, and by another one when it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use karvan::store::inbox::Received;
use karvan::store::outbox::NewLetter;
use karvan::store::replicas::Replica;
use rstest::rstest;

use crate::db::{Kind, at};

fn letter(chat: i64, text: &str) -> NewLetter {
    let notice = serde_json::json!({ "text": text });
    NewLetter { chat, lane: 2, slot: None, notice, screen: None, not_before: at(0) }
}

/// I13 across processes: whoever looks at the same time, one begins an update.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i13_of_many_processes_one_begins_an_update(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let updates: Vec<_> = (0..40)
        .map(|number| Received { update_id: number, chat_key: number, raw: "{}".to_owned() })
        .collect();
    db.store.receive(&updates, at(0)).await.unwrap();
    let mut processes = tokio::task::JoinSet::new();
    for name in ["a", "b", "c"] {
        let store = db.again().await;
        processes.spawn(async move {
            let mut begun = Vec::new();
            for undone in store.undone_updates(&BTreeSet::new(), at(0), 100).await.unwrap() {
                let id = undone.update.update_id;
                if store.begin_update(id, name, at(0), at(30)).await.unwrap() {
                    begun.push(id);
                }
            }
            begun
        });
    }
    let mut all: Vec<i64> = processes.join_all().await.concat();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>(), "each by one process");
}

/// Three processes send what waits: each letter once, and those of a chat in their order.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn letters_are_sent_once_and_in_their_order(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    const CHATS: i64 = 6;
    const EACH: i64 = 5;
    let Some(db) = kind.fresh().await else { return };
    for number in 0..EACH {
        let letters: Vec<_> = (1..=CHATS).map(|chat| letter(chat, &number.to_string())).collect();
        db.store.post(&letters, at(0)).await.unwrap();
    }
    let sent = std::sync::Arc::new(std::sync::Mutex::new(BTreeMap::<i64, Vec<i64>>::new()));
    let mut processes = tokio::task::JoinSet::new();
    for name in ["a", "b", "c"] {
        let (store, sent) = (db.again().await, sent.clone());
        processes.spawn(async move {
            while store.waiting_letters().await.unwrap() > 0 {
                let due = store.due_letters(at(1), 100).await.unwrap();
                // One of each chat at a time, as the courier takes them.
                let mut chats = BTreeSet::new();
                let next: Vec<_> = due.into_iter().filter(|due| chats.insert(due.letter.chat)).collect();
                let ids: Vec<_> = next.iter().map(|due| due.id).collect();
                let taken = store.claim_letters(&ids, name, at(1), at(61)).await.unwrap();
                for due in next.iter().filter(|due| taken.contains(&due.id)) {
                    sent.lock().unwrap().entry(due.letter.chat).or_default().push(due.id);
                    tokio::task::yield_now().await;
                    store.letter_sent(due, None, at(2)).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(60), processes.join_all()).await.expect("all are sent");
    for (chat, letters) in sent.lock().unwrap().iter() {
        assert_eq!(letters.len(), usize::try_from(EACH).unwrap(), "chat {chat}: each once");
        assert!(letters.is_sorted(), "chat {chat}: in order: {letters:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_chat_is_one_process_s_while_it_sends(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    store.post(&[letter(1, "first"), letter(1, "second")], at(0)).await.unwrap();
    let ids: Vec<i64> = store.due_letters(at(1), 9).await.unwrap().iter().map(|due| due.id).collect();
    let taken = async |id, who, now| {
        !store.claim_letters(&[id], who, at(now), at(now + 60)).await.unwrap().is_empty()
    };
    assert!(taken(ids[0], "a", 1).await);
    assert!(!taken(ids[0], "b", 2).await, "it is a's");
    assert!(!taken(ids[1], "b", 2).await, "and so is its chat");
    assert!(taken(ids[1], "a", 2).await);
    assert!(store.due_letters(at(3), 9).await.unwrap().is_empty());
    // The process dies. Somebody notices, or the time runs out.
    assert_eq!(store.take_over_from_the_dead(&["a".to_owned()], at(3)).await.unwrap(), 0);
    assert_eq!(store.take_over_from_the_dead(&["b".to_owned()], at(3)).await.unwrap(), 2);
    assert!(taken(ids[0], "b", 4).await);
    assert_eq!(store.due_letters(at(65), 9).await.unwrap().len(), 2, "a minute is enough for any send");
}

#[rstest]
#[tokio::test]
async fn who_ends_in_order_leaves_nothing_to_wait_for(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    store.receive(&[Received { update_id: 1, chat_key: 1, raw: "{}".to_owned() }], at(0)).await.unwrap();
    store.post(&[letter(1, "first")], at(0)).await.unwrap();
    assert!(store.begin_update(1, "a", at(0), at(30)).await.unwrap());
    let due = store.due_letters(at(0), 9).await.unwrap();
    store.claim_letters(&[due[0].id], "a", at(0), at(60)).await.unwrap();
    store.farewell("a", at(1)).await.unwrap();
    assert_eq!(store.undone_updates(&BTreeSet::new(), at(1), 9).await.unwrap().len(), 1);
    assert_eq!(store.due_letters(at(1), 9).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn who_was_there_lately_is_known(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    let now = store.database_time(at(0)).await.unwrap();
    let replica = |id: &str| Replica {
        id: id.to_owned(),
        version: "1".to_owned(),
        vantage: "main".to_owned(),
        settings: BTreeMap::from([("ACCESS".to_owned(), "aa".to_owned())]),
        started_at: now,
        seen_at: now,
    };
    store.beat(&replica("a"), now - Duration::from_secs(60)).await.unwrap();
    store.beat(&replica("b"), now).await.unwrap();
    let fresh = async || {
        let all = store.replicas(Duration::from_secs(15), now).await.unwrap();
        all.into_iter().map(|replica| replica.id).collect::<Vec<_>>()
    };
    assert_eq!(fresh().await, ["b"]);
    store.beat(&replica("a"), now).await.unwrap();
    assert_eq!(fresh().await, ["a", "b"], "it is back");
    store.farewell("b", now).await.unwrap();
    assert_eq!(fresh().await, ["a"]);
}

/// A newer version runs beside this one: what only it knows is left to it, and holds up nothing else.
#[rstest]
#[tokio::test]
async fn kinds_that_only_a_newer_version_knows_are_skipped_and_counted(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((db, world)) = crate::world(kind, &crate::THREE).await else { return };
    let key = world.key().await;
    world.keys.move_to(&crate::memory::World::admin_asks(), key, None).await.unwrap();
    db.tamper("UPDATE operations SET kind = 'teleport' WHERE ended_at IS NULL").await;
    let (store, now) = (&world.core.store, karvan::domain::Clock::now(&*world.clock));
    assert_eq!(store.unknown_operations().await.unwrap(), 1);
    assert!(store.claim_operations("w", now, 9).await.unwrap().is_empty());
    assert!(store.key(key).await.unwrap().unwrap().operation.is_none(), "and the key can be looked at");
    // Others are served meanwhile.
    let bob = karvan::domain::UserId(77);
    world.meets(bob).await;
    let asked = world.keys.issue(&crate::memory::World::asks(bob), bob, None).await.unwrap();
    world.settle().await;
    assert!(world.works(asked.config).await);
    assert_eq!(store.unknown_operations().await.unwrap(), 1, "untouched");
}
