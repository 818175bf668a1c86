//! What is certain is taken over, and nothing on the panel changes.

use karvan::domain::instance::Mode;
use karvan::domain::key::{Authority, Wish};
use karvan::domain::person::Admission;
use karvan::domain::{AccountName, Clock, UserId};
use karvan::panel::Wanted;
use karvan::service::adoption::{Adoption, Done};
use karvan::service::failover::Failover;
use karvan::service::fleet::{Edit, Fleet};
use karvan::service::keys::Keys;
use karvan::service::reconcile::{Pace, Reconciler};
use karvan::store::flags::MOVE_ADOPTED;
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ALICE, World, id};
use crate::{account, world, writes};

const BOB: UserId = UserId(123_456_789);

#[rstest]
#[tokio::test]
async fn what_is_certain_becomes_a_key_and_nothing_on_the_panel_changes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((db, world)) = world(kind).await else { return };
    let panel = world.panel("de1");
    let bobs = account("user_123456789", "");
    panel.put(bobs.clone());
    // A bare number: of somebody the bot knows, of nobody it knows; two numbers; no number.
    world.meets(UserId(7_654_321)).await;
    panel.put(account("7654321", "paid"));
    panel.put(account("8888888", ""));
    panel.put(account("u1", "tg:1111111 or tg:2222222"));
    panel.put(account("vip", "the boss"));
    let own = world.key().await;
    let (before, adoption) = (writes(&world), Adoption::new(world.core.clone()));

    let preview = adoption.preview(&id("de1")).await.unwrap();
    let names = |list: &[(AccountName, UserId)]| -> Vec<String> {
        list.iter().map(|(name, user)| format!("{name} {user}")).collect()
    };
    assert_eq!(names(&preview.take), ["7654321 7654321", "user_123456789 123456789"]);
    assert_eq!(names(&preview.doubtful), ["8888888 8888888"]);
    assert_eq!((preview.unclear.len(), preview.nobodys, preview.strangers), (1, 1, 1));
    assert_eq!(preview.keys, usize::from(world.place_of(own).await.as_deref() == Some("de1")));
    assert!(db.store.person(BOB).await.unwrap().is_none(), "looking makes nobody");

    let done = adoption.apply(None, &id("de1")).await.unwrap();
    assert_eq!(done, Done { adopted: 2, overtaken: 0 });
    assert_eq!(writes(&world), before, "nothing on the panel changes");
    let again = adoption.apply(None, &id("de1")).await.unwrap();
    assert_eq!(again, Done::default(), "twice does nothing more");

    let person = db.store.person(BOB).await.unwrap().unwrap();
    assert_eq!(person.admission, Admission::Granted);
    let keys = db.store.keys_of(BOB).await.unwrap();
    assert_eq!(keys.len(), 1);
    let key = db.store.key(keys[0]).await.unwrap().unwrap();
    assert_eq!((key.config.authority, key.config.wish), (Authority::Panel, Wish::Active));
    assert_eq!((key.config.expires_at, key.config.data_limit), (bobs.expires_at, bobs.data_limit));
    assert_eq!(key.primary().unwrap().account, bobs.name);
    assert_eq!(db.store.credentials(keys[0]).await.unwrap().unwrap(), bobs.credentials);
    let view = Keys::new(world.core.clone()).view(keys[0]).await.unwrap().unwrap();
    assert!(view.link.is_some(), "its owner finds the link in the chat");
    world.assert_counted().await;
}

#[rstest]
#[tokio::test]
async fn two_panels_may_have_accounts_of_the_same_name(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    let adoption = Adoption::new(world.core.clone());
    for name in ["de1", "nl1"] {
        world.panel(name).put(account("user_123456789", ""));
        assert_eq!(adoption.apply(None, &id(name)).await.unwrap().adopted, 1, "{name}");
    }
    assert_eq!(db.store.keys_of(BOB).await.unwrap().len(), 2);
    world.assert_counted().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_adopt_at_once_make_one_key(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    for number in 0..5 {
        world.panel("de1").put(account(&format!("user_12345678{number}"), ""));
    }
    let here = Adoption::new(world.core.clone());
    let there = Adoption::new(world.replica(db.again().await, 9));
    let de1 = id("de1");
    let (a, b) = tokio::join!(here.apply(None, &de1), there.apply(None, &de1));
    assert_eq!(a.unwrap().adopted + b.unwrap().adopted, 5);
    for number in 0..5 {
        let user = UserId(123_456_780 + number);
        assert_eq!(db.store.keys_of(user).await.unwrap().len(), 1, "{user}");
    }
    world.assert_counted().await;
}

#[tokio::test]
async fn a_panel_that_is_only_watched_can_be_adopted_from() {
    let (_db, world) = world(Kind::Sqlite).await.unwrap();
    let fleet = Fleet::new(world.core.clone());
    fleet.edit(None, &id("de1"), Edit::Mode(Mode::Observe)).await.unwrap();
    world.panel("de1").put(account("tg_123456789", ""));
    let before = writes(&world);
    let done = Adoption::new(world.core.clone()).apply(None, &id("de1")).await.unwrap();
    assert_eq!(done.adopted, 1);
    world.passes(std::time::Duration::from_secs(86_400)).await;
    assert_eq!(writes(&world), before);
}

/// The panel goes on deciding: what an operator changes there holds here.
#[rstest]
#[tokio::test]
async fn what_the_panel_changes_is_taken_over(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    let bobs = account("user_123456789", "");
    world.panel("de1").put(bobs.clone());
    Adoption::new(world.core.clone()).apply(None, &id("de1")).await.unwrap();
    let config = db.store.keys_of(BOB).await.unwrap()[0];
    world.panel("de1").put(Wanted { data_limit: Some(20 << 30), ..bobs });
    let before = writes(&world);
    let reconciler = Reconciler::new(world.core.clone());
    for _ in 0..2 {
        world.clock.advance(std::time::Duration::from_secs(3600));
        world.watch.check_all().await.unwrap();
        reconciler.run(&id("de1"), Pace::Waited).await.unwrap();
    }
    let key = db.store.key(config).await.unwrap().unwrap();
    assert_eq!(key.config.data_limit, Some(20 << 30));
    assert_eq!(writes(&world), before, "the panel is not written to");
    let names = world.panel("de1").names();
    assert_eq!(names, ["user_123456789"], "nor is it cleaned of what is not ours");
}

/// Off a dead panel the service's own keys are moved by themselves, adopted ones only if the operator wishes it.
#[rstest]
#[tokio::test]
async fn nobody_adopted_is_moved_unasked(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(false, true)] wished: bool,
) {
    let Some((db, world)) = world(kind).await else { return };
    world.panel("de1").put(account("user_123456789", ""));
    Adoption::new(world.core.clone()).apply(None, &id("de1")).await.unwrap();
    if wished {
        db.store.raise_flag(MOVE_ADOPTED, serde_json::Value::Null, world.clock.now()).await.unwrap();
    }
    let now = world.clock.now() + chrono::TimeDelta::days(2);
    let (de1, nl1) = (id("de1"), id("nl1"));
    let store = &db.store;
    let count = usize::from(wished);
    assert_eq!(store.left_behind_on(&de1, now).await.unwrap(), count as u64);
    assert_eq!(store.evacuees_unasked(&de1, now).await.unwrap().len(), count);
    assert_eq!(store.movable(&de1, &nl1, None, 10, now).await.unwrap().len(), count);
    // An admin who asks for it moves everybody.
    assert_eq!(store.evacuees(&de1, now).await.unwrap().len(), 1);
    let plan = Failover::new(world.core.clone()).plan(&de1, now).await.unwrap();
    assert_eq!(plan.moves.len() + plan.stranded.len(), 1);
}

/// Whoever asks for another place gets it, with the same secrets, and the old account serves on.
#[tokio::test]
async fn its_owner_may_move_it() {
    let (db, world) = world(Kind::Sqlite).await.unwrap();
    let bobs = account("user_123456789", "");
    world.panel("de1").put(bobs.clone());
    Adoption::new(world.core.clone()).apply(None, &id("de1")).await.unwrap();
    let config = db.store.keys_of(BOB).await.unwrap()[0];
    world.keys.move_to(&World::admin_asks(), config, Some(id("nl1"))).await.unwrap();
    world.settle().await;
    assert_eq!(world.place_of(config).await.as_deref(), Some("nl1"));
    assert!(world.panel("nl1").serves(&bobs.credentials));
    assert!(world.panel("de1").serves(&bobs.credentials), "the old account lingers");
    assert_ne!(world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap().config, config);
    world.settle().await;
    world.assert_counted().await;
}
