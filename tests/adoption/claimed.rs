//! People who send the link or the key they have: it becomes theirs, once. And a panel's own link lives on.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karvan::domain::person::Admission;
use karvan::domain::{UserId, claim};
use karvan::panel::{PanelError, Trouble};
use karvan::service::adoption::Adoption;
use karvan::service::claim::{Claim, Claims, digest};
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ALICE, World, id};
use crate::{account, world, writes};

const BOB: UserId = UserId(123_456_789);
const EVE: UserId = UserId(6_666_666);

/// A link as the panel writes it.
fn token(name: &str) -> String {
    format!("{}abcdefghij", URL_SAFE_NO_PAD.encode(format!("{name},1700000000")))
}

async fn claims(world: &World, user: UserId, text: &str) -> Claim {
    let claimed = claim::read(text).expect("a key");
    Claims::new(world.core.clone()).claim(user, &claimed).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn who_has_the_link_or_the_key_gets_it_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    for person in [BOB, EVE] {
        world.meets(person).await;
    }
    let (vip, gold) = (account("vip", "the boss"), account("gold", ""));
    world.panel("nl1").put(vip);
    world.panel("de1").put(gold.clone());
    let before = writes(&world);

    let link = format!("https://nl1.example/sub/{}", token("vip"));
    let Claim::Yours(key) = claims(&world, BOB, &link).await else { panic!("the panel confirms it") };
    assert_eq!(claims(&world, BOB, &link).await, Claim::Already(key));
    assert_eq!(claims(&world, EVE, &link).await, Claim::Unknown, "once");
    assert_eq!(db.store.keys_of(BOB).await.unwrap(), [key]);
    assert_eq!(db.store.person(BOB).await.unwrap().unwrap().admission, Admission::Granted);
    assert_eq!(db.store.person(EVE).await.unwrap().unwrap().admission, Admission::None);

    let secret = gold.credentials.uuid;
    // Where it leads is no proof and no address: only panels of the fleet are asked.
    let text = format!("this one: vless://{secret}@elsewhere.example:443?type=tcp#x");
    assert!(matches!(claims(&world, EVE, &text).await, Claim::Yours(_)));
    assert_eq!(claims(&world, BOB, &text).await, Claim::Unknown);
    assert_eq!(writes(&world), before, "nothing on the panels changes");
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn what_no_panel_confirms_is_nobodys(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    world.panel("de1").put(account("vip", ""));
    // A link to an account that is not there, an id that nobody serves, a token that no panel writes.
    for text in [
        format!("https://de1.example/sub/{}", token("nobody")),
        format!("vless://{}@de1.example:443", uuid::Uuid::new_v4()),
        "https://de1.example/sub/0123456789abcdef0123456789".to_owned(),
    ] {
        assert_eq!(claims(&world, ALICE, &text).await, Claim::Unknown, "{text}");
    }
    // Alice's own key from here is not Eve's, whatever she sends.
    world.meets(EVE).await;
    let own = world.key().await;
    let credentials = db.store.credentials(own).await.unwrap().unwrap();
    let stolen = format!("vless://{}@de1.example:443", credentials.uuid);
    assert_eq!(claims(&world, EVE, &stolen).await, Claim::Unknown);
    assert_eq!(claims(&world, ALICE, &stolen).await, Claim::Already(own));
}

#[rstest]
#[tokio::test]
async fn guessing_comes_to_an_end(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((_db, world)) = world(kind).await else { return };
    world.meets(EVE).await;
    let mut answers = Vec::new();
    for number in 0..7 {
        let link = format!("https://de1.example/sub/{}", token(&format!("user{number}")));
        answers.push(claims(&world, EVE, &link).await);
    }
    assert_eq!(answers.iter().filter(|answer| **answer == Claim::TooOften).count(), 2, "{answers:?}");
    let link = format!("https://de1.example/sub/{}", token("other"));
    assert_eq!(claims(&world, ALICE, &link).await, Claim::Unknown, "each person for themselves");
    world.clock.advance(Duration::from_secs(3601));
    assert_eq!(claims(&world, EVE, &link).await, Claim::Unknown, "an hour later it is forgotten");
}

#[tokio::test]
async fn a_panel_that_is_silent_is_asked_later() {
    let (_db, world) = world(Kind::Sqlite).await.unwrap();
    world.panel("de1").put(account("vip", ""));
    world.panel("de1").set_down(Some(PanelError::Unclear(Trouble::Timeout)));
    let link = format!("https://de1.example/sub/{}", token("vip"));
    assert_eq!(claims(&world, ALICE, &link).await, Claim::Later);
    world.panel("de1").set_down(None);
    assert!(matches!(claims(&world, ALICE, &link).await, Claim::Yours(_)));
}

/// A panel's own link, pointed here, is verified once; from then on it works also when that panel is gone, until the key's
/// link is reset.
#[rstest]
#[tokio::test]
async fn an_old_link_lives_on_without_its_panel(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    let bobs = account("user_123456789", "");
    world.panel("de1").put(bobs.clone());
    Adoption::new(world.core.clone()).apply(None, &id("de1")).await.unwrap();
    let key = db.store.keys_of(BOB).await.unwrap()[0];
    let (old, never) = (token("user_123456789"), token("somebody_else"));
    let links = Claims::new(world.core.clone());
    assert_eq!(links.old_link(&never).await.unwrap(), None, "no key has such an account");
    let link = links.old_link(&old).await.unwrap().expect("the panel confirms it");
    assert_eq!(link.config, key);
    let stored = db.peek("SELECT digest FROM old_links").await.unwrap();
    assert_eq!(stored, digest(&old));
    assert!(!stored.contains(&old) && stored.len() == 64, "only a digest is kept");

    // Bob is served elsewhere by now, and his first panel is gone for good.
    world.keys.move_to(&World::admin_asks(), key, Some(id("nl1"))).await.unwrap();
    world.settle().await;
    world.panel("de1").set_down(Some(PanelError::Unavailable(Trouble::Refused)));
    assert_eq!(links.old_link(&old).await.unwrap(), Some(link));
    assert_eq!(world.place_of(key).await.as_deref(), Some("nl1"));
    // One that was never verified cannot be any more.
    let second = format!("{}abcdefghij", URL_SAFE_NO_PAD.encode("user_123456789,1700000001"));
    assert_eq!(links.old_link(&second).await.unwrap(), None);

    // A reset ends it, as it ends our own: the epoch is not the key's any more.
    world.keys.rotate(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    let now = db.store.key(key).await.unwrap().unwrap().config.link_epoch;
    assert_ne!(links.old_link(&old).await.unwrap().map(|link| link.epoch), Some(now));
}
