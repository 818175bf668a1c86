//! Everything that goes in comes out, from each kind of database to each; what is not whole is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use karvan::domain::UserId;
use karvan::store::StoreError;
use karvan::store::backup::BackupError;
use rstest::rstest;

use crate::db::{Kind, at};
use crate::memory::{ALICE, World};
use crate::tables::{contents, fill};
use crate::{backup, restored, verify, world};

#[rstest]
#[tokio::test]
async fn every_table_goes_from_one_kind_to_the_other_and_back(
    #[values(Kind::Sqlite, Kind::Postgres)] by_way_of: Kind,
) {
    let Some(db) = Kind::Sqlite.fresh().await else { return };
    let tables = verify(&db.store, &backup(&db.store).await).unwrap().manifest;
    fill(&db, &tables).await;
    let before = contents(&db, &tables).await;
    assert!(
        before.len() > 25 && before.values().all(|rows| rows.len() == 3),
        "each table has rows: {before:?}"
    );

    let file = backup(&db.store).await;
    assert_eq!(verify(&db.store, &file).unwrap().rows, 3 * before.len() as u64);
    let Some(there) = restored(&db, &file, by_way_of).await else { return };
    let there_file = backup(&there.store).await;
    let Some(back) = restored(&there, &there_file, Kind::Sqlite).await else { return };
    for (place, db) in [("there", &there), ("back", &back)] {
        let mut after = contents(db, &tables).await;
        // The one row that a restore adds: nothing acts.
        after.get_mut("flags").unwrap().retain(|row| !row.iter().flatten().any(|cell| cell == "hold"));
        for (table, rows) in &before {
            assert_eq!(after.get(table), Some(rows), "{table} {place}");
        }
        assert!(db.store.held().await.unwrap());
    }
}

#[rstest]
#[tokio::test]
async fn secrets_open_with_the_same_key_wherever_they_are(
    #[values(Kind::Sqlite, Kind::Postgres)] from: Kind,
    #[values(Kind::Sqlite, Kind::Postgres)] to: Kind,
) {
    let Some((db, world)) = world(from).await else { return };
    db.store.check_secret_key().await.unwrap();
    let key = world.key().await;
    let Some(there) = restored(&db, &backup(&db.store).await, to).await else { return };
    there.store.check_secret_key().await.unwrap();
    let (here, there) = (&db.store, &there.store);
    assert_eq!(there.credentials(key).await.unwrap(), here.credentials(key).await.unwrap());
    let primary = here.key(key).await.unwrap().unwrap().primary().unwrap().id;
    let link = here.panel_link(primary).await.unwrap();
    assert!(link.is_some());
    assert_eq!(there.panel_link(primary).await.unwrap(), link);
    let (ours, theirs) = (here.key(key).await.unwrap().unwrap(), there.key(key).await.unwrap().unwrap());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
}

/// Keys are made and places taken without a pause: in whatever moment the backup is made, the counters in it are counts
/// of the rows in it.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_of_one_moment(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    for user in 2000..2060 {
        world.meets(UserId(user)).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let load = async {
        let mut made = 0;
        for user in 2000..2060 {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            world.keys.issue(&World::asks(UserId(user)), UserId(user), None).await.unwrap();
            world.executor.round().await.unwrap();
            made += 1;
        }
        assert!(made > 1, "there was load");
    };
    let backups = async {
        let mut files = Vec::new();
        for _ in 0..6 {
            files.push(backup(&db.store).await);
        }
        stop.store(true, Ordering::Relaxed);
        files
    };
    let ((), files) = tokio::join!(load, backups);
    for file in files {
        let there = restored(&db, &file, Kind::Sqlite).await.unwrap();
        for (instance, counters) in there.store.counters().await.unwrap() {
            let counted = there.store.counted(&instance).await.unwrap();
            assert_eq!((counters.active, counters.reserved, counters.lingering), counted, "{instance}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_whole_is_refused_and_touches_nothing() {
    let (db, world) = world(Kind::Sqlite).await.unwrap();
    world.key().await;
    let file = backup(&db.store).await;
    let there = Kind::Sqlite.blank().await.unwrap();
    let there = karvan::store::Store::open(&there.url, db.store.secrets().clone()).await.unwrap();
    for length in [0, 20, file.len() / 2, file.len() - 1] {
        let cut = &file[..length];
        assert!(verify(&db.store, cut).is_err(), "{length} of {}", file.len());
        // Even who does not look first gets all or nothing.
        there.restore(cut, false, at(0)).await.unwrap_err();
    }
    for place in [30, file.len() / 3, file.len() - 20] {
        let mut changed = file.clone();
        changed[place] ^= 4;
        assert!(verify(&db.store, &changed).is_err(), "byte {place}");
        there.restore(changed.as_slice(), false, at(0)).await.unwrap_err();
    }
    assert!(there.migration_status().await.unwrap().iter().all(|(_, applied)| !applied), "nothing was made");

    let stranger = Kind::Sqlite.blank().await.unwrap();
    let error = verify(&stranger.store, &file).unwrap_err();
    assert!(matches!(&error, BackupError::WrongKey { needed } if *needed == db.key.id()), "{error:?}");
    assert!(matches!(verify(&db.store, b"SQLite format 3 and so on, and on"), Err(BackupError::NotOurs)));
}

#[rstest]
#[tokio::test]
async fn a_full_database_is_replaced_only_when_told(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, old)) = world(kind).await else { return };
    let key = old.key().await;
    let file = backup(&db.store).await;
    old.meets(UserId(77)).await;
    let refused = db.store.restore(file.as_slice(), false, at(60)).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty(_))), "{refused:?}");
    assert!(db.store.person(UserId(77)).await.unwrap().is_some(), "nothing was touched");
    let half = db.store.restore(&file[..file.len() - 5], true, at(60)).await;
    assert!(half.is_err());
    assert!(db.store.person(UserId(77)).await.unwrap().is_some(), "half a file replaces nothing");

    let loaded = db.store.restore(file.as_slice(), true, at(60)).await.unwrap();
    assert!(loaded.replaced);
    assert!(db.store.person(UserId(77)).await.unwrap().is_none());
    assert!(db.store.key(key).await.unwrap().is_some());
    assert!(db.store.migration_status().await.unwrap().iter().all(|(_, applied)| *applied));
}

#[tokio::test]
async fn nobody_else_may_be_connected() {
    let Some((db, _world)) = world(Kind::Postgres).await else { return };
    let file = backup(&db.store).await;
    let other = db.again().await;
    let refused = db.store.restore(file.as_slice(), true, at(60)).await;
    assert!(matches!(refused, Err(BackupError::NotAlone(1..))), "{refused:?}");
    other.close().await.unwrap();
    db.store.restore(file.as_slice(), true, at(60)).await.unwrap();
}

/// The panels hold accounts of keys that were made after the backup. Their names are never given out again.
#[rstest]
#[tokio::test]
async fn no_name_that_a_panel_may_know_is_given_to_another_key(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((db, world)) = world(kind).await else { return };
    world.key().await;
    let file = backup(&db.store).await;
    let since = world.key().await;
    let since = world.core.store.key(since).await.unwrap().unwrap();

    let Some(there) = restored(&db, &file, kind).await else { return };
    there.store.release(None, karvan::store::recovery::Messages::Drop, at(90)).await.unwrap();
    let after = world.replica(there.store.clone(), 9);
    let asked = karvan::service::keys::Keys::new(after.clone())
        .issue(&World::asks(ALICE), ALICE, None)
        .await
        .unwrap();
    assert!(asked.config > since.config.id, "{:?} after {:?}", asked.config, since.config.id);
    let executor = karvan::service::executor::Executor::new(after.clone(), "after");
    for _ in 0..50 {
        after.placer.refresh(&after.store).await.unwrap();
        if executor.round().await.unwrap().is_idle() {
            break;
        }
    }
    let key = after.store.key(asked.config).await.unwrap().unwrap();
    assert_ne!(key.primary().unwrap().account, since.primary().unwrap().account);
    let credentials = db.store.credentials(since.config.id).await.unwrap().unwrap();
    assert!(world.panels.values().any(|panel| panel.serves(&credentials)), "the key made since still works");
}

#[rstest]
#[tokio::test]
async fn a_backup_of_a_newer_schema_is_refused(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    db.tamper("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)").await;
    let file = backup(&db.store).await;
    let there = Kind::Sqlite.blank().await.unwrap();
    let there = karvan::store::Store::open(&there.url, db.store.secrets().clone()).await.unwrap();
    assert!(matches!(there.restore(file.as_slice(), false, at(0)).await, Err(BackupError::Newer)));
}

/// A backup made before the last steps of the schema were there is brought up to today.
#[rstest]
#[tokio::test]
async fn a_backup_of_an_older_schema_is_brought_up(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    db.store.migrate_down(1).await.unwrap();
    db.tamper(
        "INSERT INTO users (id, first_name, admission, blocked_bot, created_at, last_seen_at) VALUES \
         (7, 'Old', 'open', false, '2026-11-21T12:00:00+00:00', '2026-11-21T12:00:00+00:00')",
    )
    .await;
    let file = backup(&db.store).await;
    let Some(there) = restored(&db, &file, kind).await else { return };
    assert!(there.store.migration_status().await.unwrap().iter().all(|(_, applied)| *applied));
    let name = there.peek("SELECT first_name FROM users WHERE id = 7").await;
    assert_eq!(name.as_deref(), Some("Old"));
}

#[test]
fn what_is_wrong_says_what_to_do() {
    let said = |error: BackupError| error.to_string();
    assert!(said(BackupError::WrongKey { needed: "1a2b3c4d".into() }).contains("SECRET_KEY_PREVIOUS"));
    assert!(said(BackupError::NotAlone(2)).contains("stop every"));
    assert!(said(BackupError::Store(StoreError::Silent)).contains("no database"));
}
