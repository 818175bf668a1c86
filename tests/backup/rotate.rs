//! The change to another `SECRET_KEY`, while everybody goes on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use karvan::domain::ConfigId;
use karvan::domain::link::Link;
use karvan::panel::{PanelError, Trouble};
use karvan::store::inbox::Received;
use karvan::store::sealed::{Cursor, PLACES, Resealed};
use karvan::store::{SecretError, SecretKey, Secrets, Store, StoreError};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rstest::rstest;
use secrecy::ExposeSecret;

use crate::db::{Db, Kind, at};
use crate::memory::{ALICE, World, id};
use crate::world;

/// A world in which every place that holds sealed values holds some. The key it tells is live.
async fn sealed_everywhere(kind: Kind) -> Option<(Db, World, ConfigId)> {
    let (db, world) = world(kind).await?;
    let store = &db.store;
    store.check_secret_key().await.unwrap();
    let (key, reset) = (world.key().await, world.key().await);
    // New secrets of a key on their way to a panel.
    for panel in world.panels.values() {
        panel.set_down(Some(PanelError::Unclear(Trouble::Timeout)));
    }
    world.keys.rotate(&World::asks(ALICE), reset).await.unwrap();
    store.set_dialogue(ALICE.0, "a word", at(0)).await.unwrap();
    let update = Received { update_id: 5, chat_key: 5, raw: "{}".to_owned() };
    store.receive(&[update], at(0)).await.unwrap();
    store.link_key(&mut StdRng::seed_from_u64(1)).await.unwrap();
    Some((db, world, key))
}

/// What a reader gets who knows nothing of all this.
async fn read(store: &Store, key: ConfigId) -> Vec<String> {
    let account = store.key(key).await.unwrap().unwrap().primary().unwrap().id;
    // A new one is only made where there is none.
    let link_key = store.link_key(&mut StdRng::seed_from_u64(2)).await.unwrap();
    let link = Link { config: key, epoch: 0 };
    vec![
        store.password(&id("de1")).await.unwrap().unwrap().expose_secret().to_owned(),
        format!("{:?}", store.instance(&id("de1")).await.unwrap().unwrap().connection),
        serde_json::to_string(&store.credentials(key).await.unwrap()).unwrap(),
        store.panel_link(account).await.unwrap().unwrap(),
        store.dialogue(ALICE.0).await.unwrap().unwrap(),
        link_key.token(link),
    ]
}

fn key() -> SecretKey {
    SecretKey::generate(&mut rand::rng())
}

/// Once over everything.
async fn pass(store: &Store) -> Resealed {
    let (mut cursor, mut sum) = (Cursor::default(), Resealed::default());
    while let Some(some) = store.reseal(&mut cursor, 2).await.unwrap() {
        sum.add(some);
    }
    sum
}

#[rstest]
#[tokio::test]
async fn every_place_that_holds_secrets_is_listed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, _world, _key)) = sealed_everywhere(kind).await else { return };
    let found: BTreeSet<String> = db.store.find_sealed().await.unwrap().into_keys().collect();
    let listed: BTreeSet<String> =
        PLACES.iter().map(|place| format!("{}.{}", place.table, place.column)).collect();
    let unknown: Vec<_> = found.difference(&listed).collect();
    assert!(unknown.is_empty(), "sealed, and not listed in store/sealed.rs: {unknown:?}");
    // What this story seals is all there is to seal, but for what comes with links.
    let untold: Vec<_> = listed.difference(&found).filter(|place| !place.starts_with("last_good.")).collect();
    assert!(untold.is_empty(), "this story must seal something there: {untold:?}");
}

/// The code itself, for what no story comes by: whatever is sealed is sealed for a place that is listed.
#[test]
fn whatever_the_code_seals_is_sealed_for_a_listed_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut files): (Vec<PathBuf>, Vec<PathBuf>) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let mut places = BTreeSet::new();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "rs"));
    for file in files.iter().filter(|file| !file.ends_with("secrets.rs")) {
        let code = std::fs::read_to_string(file).unwrap();
        let code = code.split("#[cfg(test)]").next().unwrap();
        // `"table.column:{…}"`, as every sealed value's identity is written.
        for (start, _) in code.match_indices('"') {
            let Some((head, rest)) = code[start + 1..].split_once(':') else { continue };
            let name =
                |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if let Some((table, column)) = head.split_once('.')
                && name(table)
                && name(column)
                && rest.starts_with('{')
            {
                places.insert(head.to_owned());
            }
        }
        let seals = code.contains(".seal(") || code.contains(".seal_for(");
        let in_store = file.components().any(|part| part.as_os_str() == "store");
        assert!(!seals || in_store, "{} seals outside of the store", file.display());
    }
    assert!(places.len() >= 7, "the places were found: {places:?}");
    for place in places {
        let listed = PLACES.iter().any(|known| format!("{}.{}", known.table, known.column) == place);
        assert!(listed, "{place} is sealed, and not listed in store/sealed.rs");
    }
}

#[rstest]
#[tokio::test]
async fn everything_opens_before_meanwhile_and_after(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world, config)) = sealed_everywhere(kind).await else { return };
    let before = read(&db.store, config).await;
    let new = key();
    let both = db.with(Secrets::new(new.clone(), vec![db.key.clone()])).await;
    both.check_secret_key().await.unwrap();
    let left = both.sealed_otherwise().await.unwrap();
    assert_eq!(left.len(), PLACES.iter().filter(|place| place.table != "last_good").count(), "{left:?}");
    assert!(left.iter().all(|left| left.by_key.keys().eq([&db.key.id()])));

    // It stops in the middle, as a process that is killed does.
    let mut cursor = Cursor::default();
    for _ in 0..3 {
        both.reseal(&mut cursor, 2).await.unwrap().unwrap();
    }
    assert_eq!(read(&both, config).await, before);
    assert!(!both.finish_rotation().await.unwrap(), "something is left");
    db.again().await.check_secret_key().await.expect("the old key is still the right one");

    // And begins again; the bot goes on meanwhile, here with a new key for Alice and another word.
    let other = world.replica(both.clone(), 9);
    let asked = karvan::service::keys::Keys::new(other);
    asked.extend(&World::admin_asks(), config, Some(1), None).await.unwrap();
    both.set_dialogue(77, "new", at(1)).await.unwrap();
    let done = pass(&both).await;
    assert!(done.changed > 0 && done.unknown.is_empty() && done.damaged.is_empty(), "{done:?}");
    assert_eq!(pass(&both).await.changed, 0, "the second time nothing is left");
    assert!(both.finish_rotation().await.unwrap());
    assert_eq!(read(&both, config).await, before);

    // The old key can go.
    let alone = db.with(Secrets::new(new.clone(), Vec::new())).await;
    alone.check_secret_key().await.unwrap();
    assert_eq!(read(&alone, config).await, before);
    assert!(alone.sealed_otherwise().await.unwrap().is_empty());
    for (place, keys) in alone.find_sealed().await.unwrap() {
        assert_eq!(keys, [new.id()], "{place}");
    }
    let old = db.again().await.check_secret_key().await.unwrap_err();
    assert!(matches!(old, StoreError::Secret(SecretError::WrongKey { .. })), "{old:?}");
}

#[rstest]
#[tokio::test]
async fn a_key_that_is_missing_is_named(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, _world, _key)) = sealed_everywhere(kind).await else { return };
    // An earlier change was not brought to its end: one value is still sealed with a third key.
    let third = key();
    let value = Secrets::new(third.clone(), Vec::new()).seal("dialogues.state:1001", b"old");
    db.tamper(&format!("UPDATE dialogues SET state = '{value}'")).await;
    db.tamper("UPDATE assignments SET subscription_url = 'v1.' || substr(subscription_url, 4, 8) || '.AAAA'")
        .await;
    let both = db.with(Secrets::new(key(), vec![db.key.clone()])).await;
    let done = pass(&both).await;
    assert_eq!(done.unknown.keys().collect::<Vec<_>>(), [&third.id()]);
    assert!(!done.damaged.is_empty() && done.damaged.iter().all(|what| what.starts_with("assignments.")));
    assert!(!both.finish_rotation().await.unwrap());
    // Another value than the right one's is no way out either.
    let wrong = db.with(Secrets::new(key(), vec![key()])).await;
    let error = wrong.check_secret_key().await.unwrap_err();
    assert!(matches!(&error, StoreError::Secret(SecretError::WrongKey { needed }) if *needed == db.key.id()));
}

/// Who writes between the read and the change of a value wins.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_meanwhile_is_not_lost(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    for chat in 1..=40 {
        db.store.set_dialogue(chat, "before", at(0)).await.unwrap();
    }
    let both = db.with(Secrets::new(key(), vec![db.key.clone()])).await;
    let writer = both.clone();
    let writing = tokio::spawn(async move {
        for chat in (1..=40).rev() {
            writer.set_dialogue(chat, "after", at(1)).await.unwrap();
        }
    });
    let mut done = pass(&both).await;
    writing.await.unwrap();
    done.add(pass(&both).await);
    for chat in 1..=40 {
        assert_eq!(both.dialogue(chat).await.unwrap().as_deref(), Some("after"), "{chat}");
    }
    assert!(both.finish_rotation().await.unwrap(), "{done:?}");
}
