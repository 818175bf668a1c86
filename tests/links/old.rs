//! Panels' own links, pointed here: they live on.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karvan::domain::{AccountName, ConfigId, Credentials, UserId};
use karvan::panel::{PanelError, Trouble, Wanted};
use karvan::service::adoption::Adoption;
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{Spec, World, id};
use crate::town::{CLASH, Town, V2RAY};

const TWO: [Spec; 2] = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];
const BOB: UserId = UserId(123_456_789);
const NAME: &str = "user_123456789";
/// What everything that is not there gets, without its date.
const NOTHING: &str = "HTTP/1.1 404 Not Found\ncontent-length: 0\n\n";

/// A link as the panel writes it: the name, when, and ten letters that only the panel can judge.
fn token(name: &str, signature: &str) -> String {
    format!("{}{signature}", URL_SAFE_NO_PAD.encode(format!("{name},1700000000")))
}

/// A town in which Bob's account lived on `de1` before.
async fn adopted(kind: Kind) -> Option<(Town, ConfigId)> {
    let town = Town::on(kind, &TWO).await?;
    town.world.panel("de1").put(Wanted {
        name: AccountName::stored(NAME.to_owned()),
        credentials: Credentials::generate(&mut rand::rng()),
        enabled: true,
        expires_at: None,
        data_limit: None,
        note: String::new(),
    });
    Adoption::new(town.world.core.clone()).apply(None, &id("de1")).await.unwrap();
    let key = town.world.core.store.keys_of(BOB).await.unwrap()[0];
    Some((town, key))
}

/// An answer to a request of `from`, without its date.
async fn raw(town: &Town, path: &str, from: &str) -> String {
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nuser-agent: {V2RAY}\r\nx-forwarded-for: {from}\r\n\r\n");
    let answer = town.raw_one(request.as_bytes()).await;
    let lines = answer.split("\r\n").filter(|line| !line.to_lowercase().starts_with("date:"));
    lines.collect::<Vec<_>>().join("\n")
}

#[rstest]
#[tokio::test]
async fn an_old_link_is_verified_once_and_served_from_wherever_the_key_is(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((town, key)) = adopted(kind).await else { return };
    let old = format!("/sub/{}", token(NAME, "abcdefghij"));
    let got = town.fetch(&old, V2RAY).await;
    assert!(got.is_usable() && got.links()[0].contains("@de1.example:443"), "{got:?}");
    assert_eq!(town.asked("de1"), 2, "whether the link is its own, and for the keys");
    assert_eq!(got.header("profile-web-page-url"), town.link(key).await, "apps learn the link of ours");
    assert!(town.fetch(&old, CLASH).await.body.contains("proxies:"));
    let head = town.ask("HEAD", &old, &[("user-agent", V2RAY)]).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let page = town.ask("GET", &old, &[("user-agent", "Mozilla/5.0"), ("accept", "text/html")]).await;
    assert!(page.headers.contains_key("content-security-policy"), "a browser gets the page");
    town.passes(20);
    let before = town.asked("de1");
    assert!(town.fetch(&old, V2RAY).await.is_usable());
    assert_eq!(town.asked("de1"), before + 1, "verified once");

    // The key is served elsewhere by now, and its first panel is gone for good.
    town.world.keys.move_to(&World::admin_asks(), key, Some(id("nl1"))).await.unwrap();
    town.world.settle().await;
    town.world.panel("de1").set_down(Some(PanelError::Unavailable(Trouble::Refused)));
    town.passes(20);
    let got = town.fetch(&old, V2RAY).await;
    assert!(got.links()[0].contains("@nl1.example:443"), "{got:?}");
    // A process that never saw the link knows it as well.
    let elsewhere = town.another_door().await;
    assert!(elsewhere.fetch(&old, V2RAY).await.links()[0].contains("@nl1.example:443"));

    // A reset ends it, as it ends our own.
    let ours = town.path(key).await;
    town.world.keys.rotate(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    town.passes(20);
    for path in [&old, &ours] {
        assert_eq!(raw(&town, path, "192.0.2.1").await, NOTHING, "{path}");
    }
}

#[tokio::test]
async fn a_link_that_is_known_goes_on_without_the_database() {
    let (town, _) = adopted(Kind::Sqlite).await.unwrap();
    let old = format!("/sub/{}", token(NAME, "abcdefghij"));
    assert!(town.fetch(&old, V2RAY).await.is_usable());
    town.world.core.store.clone().close().await.unwrap();
    town.passes(3);
    assert!(town.fetch(&old, V2RAY).await.is_usable());
    let other = format!("/sub/{}", token(NAME, "klmnopqrst"));
    let got = town.fetch(&other, V2RAY).await;
    assert_eq!((got.status, got.header("retry-after")), (503, "30"), "nobody can say whether it is one");
}

#[tokio::test]
async fn a_wrong_old_link_costs_little_and_looks_like_any_other() {
    let (town, key) = adopted(Kind::Sqlite).await.unwrap();
    let right = format!("/sub/{}", token(NAME, "abcdefghij"));
    let path = town.path(key).await;
    // Of an account that is no key: no panel is asked.
    let nobodys = format!("/sub/{}", token("somebody", "abcdefghij"));
    assert_eq!(raw(&town, &nobodys, "192.0.2.1").await, NOTHING);
    assert_eq!(town.asked("de1"), 0);
    // Of an account whose panel says that it did not write this.
    town.world.panel("de1").lose(&AccountName::stored(NAME.to_owned()));
    for guess in 0..100 {
        let wrong = format!("/sub/{}", token(NAME, &format!("guess{guess:05}")));
        assert_eq!(raw(&town, &wrong, &format!("198.51.100.{guess}")).await, NOTHING);
    }
    assert_eq!(town.asked("de1"), 10, "whoever guesses, from wherever, asks us and not the panel");
    assert_eq!(raw(&town, &right, "192.0.2.1").await, NOTHING);
    assert_ne!(town.fetch(&path, V2RAY).await.status, 404, "our own link is in nobody's way");
}

#[tokio::test]
async fn one_address_asks_the_database_only_so_often() {
    let (town, _) = adopted(Kind::Sqlite).await.unwrap();
    town.world.core.store.clone().close().await.unwrap();
    let mut asked = 0;
    for guess in 0..200 {
        let wrong = format!("/sub/{}", token(&format!("user{guess}"), "abcdefghij"));
        asked += usize::from(town.fetch(&wrong, V2RAY).await.status == 503);
    }
    assert_eq!(asked, 120, "each of these was a question");
}
