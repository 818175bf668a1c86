//! What of links is kept, on both databases alike.

use karvan::domain::link::Link;
use karvan::domain::{AssignmentId, ConfigId};
use karvan::store::links::{Copy, Fetch};
use karvan::store::{SecretKey, Secrets, StoreError};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rstest::rstest;

use crate::db::{Db, Kind, at};
use crate::memory::{Spec, World};

fn chance(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

async fn key(db: &Db) -> (ConfigId, AssignmentId) {
    let world = World::on(db.store.clone(), &[Spec("de1", "de", 10, 1.0)]).await;
    let key = world.key().await;
    (key, db.store.key(key).await.unwrap().unwrap().primary().unwrap().id)
}

/// I19: links are signed by a secret of their own, which a new `SECRET_KEY` only seals anew.
#[rstest]
#[tokio::test]
async fn links_are_signed_for_ever(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let mut starting = tokio::task::JoinSet::new();
    for seed in 0..8 {
        let store = db.store.clone();
        starting.spawn(async move { store.link_key(&mut chance(seed)).await.unwrap() });
    }
    let link = Link { config: ConfigId(5), epoch: 1 };
    let tokens: Vec<String> = starting.join_all().await.iter().map(|key| key.token(link)).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "all who start at once sign alike");
    let another = SecretKey::generate(&mut rand::rng());
    let rotated = db.with(Secrets::new(another.clone(), vec![db.key.clone()])).await;
    let signed = rotated.link_key(&mut chance(99)).await.unwrap();
    assert_eq!(signed.read(&tokens[0]), Some(link), "another SECRET_KEY changes no link");
    let wrong = db.with(Secrets::new(another, Vec::new())).await;
    assert!(
        matches!(wrong.link_key(&mut chance(1)).await, Err(StoreError::Secret(_))),
        "and never a new one"
    );
    let stored = db.store.setting("link-key").await.unwrap().unwrap();
    assert!(stored.starts_with("v1."), "sealed: {stored}");
}

#[rstest]
#[tokio::test]
async fn what_was_good_is_kept_sealed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let (_, account) = key(&db).await;
    assert!(!db.store.has_last_good(account).await.unwrap());
    let copy = |body: &str| Copy {
        content_type: Some("text/yaml".to_owned()),
        headers: vec![("routing".to_owned(), "x".to_owned())],
        body: body.to_owned(),
    };
    db.store.keep_copy(account, "clash", &copy("proxies: geheim"), at(1)).await.unwrap();
    db.store.keep_links(account, &["vless://geheim".to_owned()], at(2)).await.unwrap();
    let kept = db.store.last_good(account).await.unwrap().unwrap();
    assert_eq!(kept.links, ["vless://geheim"]);
    assert!(
        kept.copy == Some(("clash".to_owned(), copy("proxies: geheim"))),
        "links leave the copy as it is"
    );
    db.store.keep_copy(account, "base64", &copy("later"), at(3)).await.unwrap();
    db.store.keep_links(account, &[], at(4)).await.unwrap();
    let kept = db.store.last_good(account).await.unwrap().unwrap();
    assert!(kept.copy == Some(("base64".to_owned(), copy("later"))) && kept.links.len() == 1);
    let row = "SELECT COALESCE(links, '') || COALESCE(copy, '') FROM last_good";
    let row = db.peek(row).await.unwrap();
    assert!(row.contains("v1.") && !row.contains("geheim") && !row.contains("later"));
    // What is too large is not kept, and what was stays.
    db.store.keep_copy(account, "clash", &copy(&"x".repeat(600 << 10)), at(5)).await.unwrap();
    assert_eq!(db.store.last_good(account).await.unwrap().unwrap().copy.unwrap().0, "base64");
}

#[rstest]
#[tokio::test]
async fn fetches_are_counted_and_the_last_one_is_known(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let (config, _) = key(&db).await;
    let fetch = |app: &str, domain: &str, generation, seconds| Fetch {
        config,
        app: app.to_owned(),
        domain: domain.to_owned(),
        generation,
        at: at(seconds),
    };
    let first = [
        fetch("Happ", "a", 1, 10),
        fetch("Happ", "a", 2, 30),
        fetch("Happ", "b", 1, 20),
        fetch("SFA", "a", 1, 5),
    ];
    db.store.record_fetches(&first).await.unwrap();
    db.store.record_fetches(&[fetch("SFA", "b", 3, 4000)]).await.unwrap();
    db.store.record_fetches(&[]).await.unwrap();
    let seen = db.store.fetches_of(config).await.unwrap();
    assert_eq!(seen, [fetch("SFA", "b", 3, 4000), fetch("Happ", "a", 2, 30)]);
    let hours = db.store.fetches_by_domain(at(-3600)).await.unwrap();
    let counts: Vec<(&str, u64)> = hours.iter().map(|(domain, _, count)| (domain.as_str(), *count)).collect();
    assert_eq!(counts.len(), 3, "{counts:?}");
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 5);
    assert!(counts.contains(&("a", 3)));
    db.store.forget_fetches(at(3599)).await.unwrap();
    assert_eq!(db.store.fetches_by_domain(at(-3600)).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_epoch_is_only_ever_raised(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let (config, _) = key(&db).await;
    let epoch = async || db.store.key(config).await.unwrap().unwrap().config.link_epoch;
    db.store.raise_link_epoch(config, 4).await.unwrap();
    assert_eq!(epoch().await, 4);
    db.store.raise_link_epoch(config, 2).await.unwrap();
    assert_eq!(epoch().await, 4);
    assert_eq!(db.store.linked(config).await.unwrap().unwrap().config.link_epoch, 4);
    assert!(db.store.linked(ConfigId(9999)).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn an_instance_takes_what_was_remembered_of_it_along(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let world = World::on(db.store.clone(), &[Spec("de1", "de", 10, 1.0), Spec("nl1", "nl", 10, 1.0)]).await;
    let key = world.key().await;
    let primary = db.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
    db.store.keep_links(primary.id, &["vless://x".to_owned()], at(1)).await.unwrap();
    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    world.executor.bury_due().await.unwrap();
    assert_eq!(db.store.remove_instance(&primary.instance).await.unwrap(), Ok(()));
    assert!(db.store.last_good(primary.id).await.unwrap().is_none());
}
