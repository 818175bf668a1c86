//! How many there are of what, and when it came.

use karvan::domain::UserId;
use karvan::domain::health::traffic::Passed;
use karvan::store::stats::Held;
use rstest::rstest;

use crate::db::{Kind, at};
use crate::world::{add, id, key, seen, serve};

#[rstest]
#[tokio::test]
async fn keys_people_and_traffic_are_counted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    assert_eq!(store.count_people().await.unwrap(), (0, 0));
    assert_eq!(store.keys_held(at(0)).await.unwrap(), []);
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    for user in 1..=4 {
        key(store, user).await;
    }
    store.saw_person(&seen(5, None), at(0)).await.unwrap();
    store.set_blocked(UserId(5), true).await.unwrap();
    for operation in store.claim_operations("w", at(0), 3).await.unwrap() {
        let there = if operation.config.0 <= 2 { "de1" } else { "nl1" };
        serve(store, &operation, there).await;
    }
    db.tamper("UPDATE configs SET wanted_region = 'fi' WHERE owner = 2").await;
    assert_eq!(store.count_people().await.unwrap(), (5, 1));
    assert_eq!(store.count_live_keys(at(10)).await.unwrap(), 4, "one of them has no place yet");
    let mut held = store.keys_held(at(10)).await.unwrap();
    held.sort_by_key(|held| (held.instance.clone(), held.wanted.clone()));
    let one = |instance, wanted: Option<&str>| Held {
        instance: id(instance),
        wanted: wanted.map(|code| code.parse().unwrap()),
        keys: 1,
    };
    assert_eq!(held, [one("de1", None), one("de1", Some("fi")), one("nl1", None)]);
    // Their time is over.
    assert_eq!(store.count_live_keys(at(2 * 86_400)).await.unwrap(), 0);
    assert_eq!(store.keys_held(at(2 * 86_400)).await.unwrap(), []);

    assert_eq!(store.keys_made_since(at(0)).await.unwrap(), vec![at(0); 4]);
    assert!(store.keys_made_since(at(1)).await.unwrap().is_empty());

    for (panel, hour, bytes) in [("de1", 0, 5), ("nl1", 0, 6), ("de1", 3600, 7), ("de1", -3600, 8)] {
        store.add_traffic(&id(panel), at(hour), Passed { bytes, users: 1 }).await.unwrap();
    }
    let mut passed = store.traffic_since(at(0)).await.unwrap();
    passed.sort_unstable();
    assert_eq!(passed, [(at(0), 5), (at(0), 6), (at(3600), 7)]);
}
