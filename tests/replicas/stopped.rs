//! A process that was stopped in the middle of what it did, with all that it held in the database.

use std::time::Duration;

use karvan::store::outbox::NewLetter;
use karvan::store::{Secrets, Store};
use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use tokio::sync::oneshot;

use crate::db::{Kind, at};

/// Transactions of one process that wait for each other.
const QUEUE: usize = 6;
/// One may hold for 8 s, and who has waited for it for as long again; all of them one after another would hold it for 48 s.
const BOUND: Duration = Duration::from_secs(30);

fn letter() -> NewLetter {
    let slot = Some("incident:1".to_owned());
    NewLetter { chat: 1, lane: 1, slot, notice: serde_json::json!({}), screen: None, not_before: at(0) }
}

#[tokio::test]
async fn what_a_stopped_process_holds_and_waits_for_is_let_go() {
    let Some(db) = Kind::Postgres.fresh().await else { return };
    let raw = Database::connect(&db.url).await.unwrap();
    let busy = raw.begin().await.unwrap();
    let slot = "SELECT pg_advisory_xact_lock(hashtextextended('incident:1', 0))";
    busy.execute_unprepared(slot).await.unwrap();

    let (url, key) = (db.url.clone(), db.key.clone());
    let (stop, stopped) = oneshot::channel::<()>();
    let process = std::thread::spawn(move || {
        let process = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        process.block_on(async move {
            let store = Store::open(&url, Secrets::new(key, Vec::new())).await.unwrap();
            for _ in 0..QUEUE {
                let store = store.clone();
                tokio::spawn(async move { store.post(&[letter()], at(0)).await });
            }
            stopped.await.unwrap();
        });
        // Nothing of it goes on now, and nothing of it is closed.
        process
    });
    let waiting = "SELECT count(*)::text FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event = 'advisory'";
    while db.peek(waiting).await.unwrap() != QUEUE.to_string() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(()).unwrap();
    let process = process.join().unwrap();
    busy.rollback().await.unwrap();

    // Another process writes to the same slot.
    let written = async { while db.store.post(&[letter()], at(1)).await.is_err() {} };
    assert!(tokio::time::timeout(BOUND, written).await.is_ok(), "it still holds, or waits to hold");
    assert_eq!(db.peek("SELECT count(*)::text FROM outbox").await.as_deref(), Some("1"));
    process.shutdown_background();
}
