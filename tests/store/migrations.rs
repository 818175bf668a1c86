//! The schema: up, down, by several at once, and with rows in it.

use karvan::store::StoreError;
use rstest::rstest;

use crate::db::{Kind, at};
use crate::world::{add, id, key, plan, seen};

#[rstest]
#[tokio::test]
async fn the_schema_goes_down_to_nothing_and_up_again_with_rows_in_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.blank().await else { return };
    let store = &db.store;
    let steps = store.migration_status().await.unwrap();
    assert!(steps.len() >= 4 && steps.iter().all(|(_, applied)| !applied), "{steps:?}");
    store.migrate_up().await.unwrap();
    assert!(store.migration_status().await.unwrap().iter().all(|(_, applied)| *applied));

    add(store, "de1", 10).await;
    key(store, 7).await;
    let operation = store.claim_operations("w", at(0), 9).await.unwrap().remove(0);
    plan(store, &operation, "de1").await;
    store.record(None, "key-made", "key 1", serde_json::json!({}), at(0)).await.unwrap();

    store.migrate_down(u32::try_from(steps.len()).unwrap()).await.unwrap();
    assert!(store.migration_status().await.unwrap().iter().all(|(_, applied)| !applied));
    let tables = match kind {
        Kind::Sqlite => {
            "SELECT CAST(count(*) AS TEXT) FROM sqlite_master WHERE type = 'table' AND \
                         name NOT IN ('seaql_migrations', 'sqlite_sequence')"
        }
        Kind::Postgres => {
            "SELECT count(*)::text FROM information_schema.tables WHERE \
                           table_schema = 'public' AND table_name <> 'seaql_migrations'"
        }
    };
    assert_eq!(db.peek(tables).await.as_deref(), Some("0"));

    store.migrate_up().await.unwrap();
    assert_eq!(store.instance(&id("de1")).await.unwrap(), None);
    store.saw_person(&seen(7, None), at(0)).await.unwrap();
}

#[tokio::test]
async fn processes_that_start_at_once_migrate_once() {
    let Some(db) = Kind::Postgres.blank().await else { return };
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let store = db.again().await;
        starting.spawn(async move { store.migrate_up().await });
    }
    while let Some(result) = starting.join_next().await {
        result.unwrap().unwrap();
    }
    assert!(db.store.migration_status().await.unwrap().iter().all(|(_, applied)| *applied));
}

#[rstest]
#[tokio::test]
async fn migrating_again_changes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    db.store.migrate_up().await.unwrap();
    assert_eq!(db.store.instances().await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_step_that_ends_in_the_middle_leaves_nothing_behind(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.blank().await else { return };
    // In the way of the third step, behind its first table.
    db.tamper("CREATE TABLE batches (stray INTEGER)").await;
    db.store.migrate_up().await.unwrap_err();
    db.tamper("DROP TABLE batches").await;
    db.store.migrate_up().await.unwrap();
    assert!(db.store.migration_status().await.unwrap().iter().all(|(_, applied)| *applied));
}

#[rstest]
#[tokio::test]
async fn a_database_of_a_newer_version_is_not_taken_for_an_empty_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    db.tamper("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)").await;
    assert!(db.store.migration_status().await.is_err());
    assert!(db.store.migrate_up().await.is_err());
}

#[tokio::test]
async fn a_database_that_cannot_be_had_is_told_without_its_password() {
    let key = karvan::store::SecretKey::generate(&mut rand::rng());
    let secrets = karvan::store::Secrets::new(key, Vec::new());
    let open = |url: &'static str| karvan::store::Store::open(url, secrets.clone());
    assert!(matches!(open("mysql://root:hunter2@localhost/x").await, Err(StoreError::Url)));
    // What the database's own library says of such an address repeats all of it.
    for url in ["postgres://root:hunter2@:5x/y", "postgres://root:hunter2@h/y?sslmode=odd"] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, StoreError::Url), "{error:?}");
    }
    for url in ["sqlite:///nowhere/at/all/karvan.db", "postgres://root:hunter2@127.0.0.1:1/x"] {
        let error = open(url).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
}

#[rstest]
#[tokio::test]
async fn a_store_answers_until_it_is_closed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    db.store.ping().await.unwrap();
    assert_eq!(db.store.is_sqlite(), kind == Kind::Sqlite);
    let other = db.store.clone();
    db.store.clone().close().await.unwrap();
    assert!(other.ping().await.is_err());
    assert!(other.set_setting("x", "y").await.is_err());
}
