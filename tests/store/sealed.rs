//! Secrets at rest: bound to their key and their row; and rows that cannot be what we wrote.

use karvan::domain::instance::Instance;
use karvan::store::{SecretError, SecretKey, Secrets, StoreError};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rstest::rstest;
use secrecy::ExposeSecret;

use crate::db::{Kind, at};
use crate::world::{add, id, instance, key, seen};

fn chance() -> StdRng {
    StdRng::from_os_rng()
}

fn another_key() -> SecretKey {
    SecretKey::generate(&mut rand::rng())
}

#[rstest]
#[tokio::test]
async fn another_secret_key_is_refused_by_name(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    db.store.check_secret_key().await.unwrap();
    db.again().await.check_secret_key().await.unwrap();

    let wrong = db.with(Secrets::new(another_key(), Vec::new())).await;
    let error = wrong.check_secret_key().await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Secret(SecretError::WrongKey { needed }) if *needed == db.key.id()),
        "{error:?}"
    );
    assert!(!error.is_transient());
    // The refusal changed nothing: the right key is still the right one, and so it is as a previous one.
    db.again().await.check_secret_key().await.unwrap();
    let rotated = db.with(Secrets::new(another_key(), vec![db.key.clone()])).await;
    rotated.check_secret_key().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_installation_keeps_its_id(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = db.store.clone();
        starting.spawn(async move { store.installation(&mut chance()).await.unwrap() });
    }
    let ids = starting.join_all().await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(db.again().await.installation(&mut chance()).await.unwrap(), ids[0]);
}

#[rstest]
#[tokio::test]
async fn a_secret_moved_to_another_row_does_not_open(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    add(&db.store, "nl1", 10).await;
    let (one, two) = (key(&db.store, 1).await, key(&db.store, 2).await);
    assert_ne!(db.store.credentials(one).await.unwrap(), db.store.credentials(two).await.unwrap());
    db.store.set_dialogue(1, "{}", at(0)).await.unwrap();
    db.store.set_dialogue(2, "{}", at(0)).await.unwrap();

    db.tamper("UPDATE instances SET password = (SELECT password FROM instances WHERE id = 'nl1')").await;
    db.tamper("UPDATE configs SET credentials = (SELECT credentials FROM configs WHERE owner = 2)").await;
    db.tamper("UPDATE dialogues SET state = (SELECT state FROM dialogues WHERE chat_id = 2)").await;

    fn damaged<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
        assert!(matches!(result, Err(StoreError::Secret(SecretError::Damaged))), "{result:?}");
    }
    damaged(&db.store.password(&id("de1")).await.map(|_| ()));
    damaged(&db.store.credentials(one).await);
    damaged(&db.store.dialogue(1).await);
    let password = db.store.password(&id("nl1")).await.unwrap().unwrap();
    assert_eq!(password.expose_secret(), "hunter2-nl1");
    assert!(db.store.credentials(two).await.unwrap().is_some());
    assert_eq!(db.store.dialogue(2).await.unwrap().as_deref(), Some("{}"));
}

#[rstest]
#[tokio::test]
async fn no_secret_stands_in_a_row(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    let config = key(&db.store, 1).await;
    let credentials = db.store.credentials(config).await.unwrap().unwrap();
    db.store.set_dialogue(1, r#"{"password":"hunter2"}"#, at(0)).await.unwrap();
    let rows = [
        "SELECT password || connection FROM instances",
        "SELECT credentials FROM configs",
        "SELECT state FROM dialogues",
    ];
    for query in rows {
        let stored = db.peek(query).await.unwrap();
        assert!(stored.starts_with("v1."), "{query}");
        let secrets = ["hunter2", "hush", "sesame", &credentials.password, &credentials.uuid.to_string()];
        assert!(secrets.iter().all(|secret| !stored.contains(secret)), "{query}");
    }
}

/// Which table and column a read complains about.
fn complaint<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (&'static str, String, &'static str) {
    match result {
        Err(StoreError::Corrupt { table, row, column }) => (table, row, column),
        other => panic!("a bad row is an error, not {other:?}"),
    }
}

#[rstest]
#[tokio::test]
async fn a_bad_row_is_an_error_that_names_it(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let columns = [
        ("kind = 'xray'", "kind"),
        ("mode = 'MANAGE'", "mode"),
        ("base_url = 'vpn1.example.com'", "base_url"),
        ("region = 'germany'", "region"),
        (r#"tags = '{"not":"a list"}'"#, "tags"),
        (r#"admin_state = '{"state":"asleep"}'"#, "admin_state"),
        ("priority = -1", "priority"),
        ("weight = 0", "weight"),
        ("max_users = -5", "max_users"),
    ];
    for (number, (change, column)) in columns.into_iter().enumerate() {
        let name = format!("de{number}");
        add(&db.store, &name, 10).await;
        db.tamper(&format!("UPDATE instances SET {change} WHERE id = '{name}'")).await;
        assert_eq!(complaint(db.store.instance(&id(&name)).await), ("instances", name, column));
    }
    assert_eq!(complaint(db.store.instances().await).0, "instances");

    db.store.saw_person(&seen(5, None), at(0)).await.unwrap();
    db.tamper("UPDATE users SET admission = 'perhaps'").await;
    let expected = ("users", "5".to_owned(), "admission");
    assert_eq!(complaint(db.store.person(karvan::domain::UserId(5)).await), expected);

    let config = key(&db.store, 6).await;
    db.tamper("UPDATE configs SET wish = 'maybe'").await;
    assert_eq!(complaint(db.store.key(config).await), ("configs", config.to_string(), "wish"));
    db.tamper("UPDATE configs SET wish = 'active'").await;
    db.tamper("UPDATE operations SET state = 'lost'").await;
    assert_eq!(complaint(db.store.claim_operations("w", at(0), 9).await).2, "state");
}

#[rstest]
#[tokio::test]
async fn an_instance_comes_back_as_it_was_given(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    add(&db.store, "de1", 10).await;
    let stored: Instance = db.again().await.instance(&id("de1")).await.unwrap().unwrap();
    assert_eq!(stored, instance("de1", 10));
    let printed = format!("{stored:?} {:?}", db.store);
    assert!(!printed.contains("hush") && !printed.contains(&db.key.expose()));
}
