//! What somebody changed on a panel, and what admins say about it.

use karvan::domain::incident::{Entry, Kind};
use karvan::domain::key::Wish;
use karvan::domain::quota::GIB;
use karvan::domain::reconcile::Question;
use karvan::domain::{ConfigId, Credentials};
use karvan::panel::{AccountStatus, Call, Panel, Wanted};
use karvan::service::reconcile::Answer;

use crate::memory::{self, ADMIN, Spec, id};
use crate::world::{APART, World};

/// Another bot extends a key: kept, told, and not undone.
async fn extended() -> (World, ConfigId) {
    let (world, keys) = World::with_keys(3).await;
    world
        .by_hand("de1", keys[1], |account| {
            account.expires_at = account.expires_at.map(|end| end + chrono::TimeDelta::days(60));
            account.data_limit = account.data_limit.map(|limit| limit + 50 * GIB);
        })
        .await;
    for _ in 0..3 {
        let pass = world.pass("de1").await;
        assert_eq!(pass.plan.questions, [Question::Favour { count: 1 }]);
        assert!(pass.plan.changes_nothing());
        world.clock.advance(APART);
    }
    let told = world.incident(Kind::Reconcile, "de1/changed").await.expect("admins are told");
    assert_eq!(told.last(), Some(&Entry::AccountsChanged { count: 1 }));
    (world, keys[1])
}

#[tokio::test]
async fn what_another_bot_gave_is_kept_until_an_admin_takes_it_over() {
    let (world, key) = extended().await;
    let shown = world.shown("de1", key).await;
    assert_eq!(shown.data_limit, Some(150 * GIB), "still there");
    let done = world.reconciler.answer(ADMIN, &id("de1"), Answer::TakeOver).await.unwrap();
    assert_eq!(done, Ok(1));
    world.rests().await;
    let config = world.core.store.key(key).await.unwrap().unwrap().config;
    assert_eq!((config.expires_at, config.data_limit), (shown.expires_at, Some(150 * GIB)));
    assert!(world.pass("de1").await.found.is_clean());
}

#[tokio::test]
async fn or_puts_it_back() {
    let (world, key) = extended().await;
    let done = world.reconciler.answer(ADMIN, &id("de1"), Answer::PutBack).await.unwrap();
    assert_eq!(done, Ok(1));
    world.rests().await;
    let (shown, config) = (world.shown("de1", key).await, world.core.store.key(key).await.unwrap().unwrap());
    assert_eq!(shown.data_limit, Some(100 * GIB));
    assert_eq!(shown.expires_at.unwrap().timestamp(), config.config.expires_at.unwrap().timestamp());
    assert!(world.pass("de1").await.found.is_clean());
}

/// An answer counts for what was asked, not for what came after.
#[tokio::test]
async fn an_answer_counts_for_what_was_seen() {
    let (world, _) = extended().await;
    let fresh = world.core.store.keys_of(karvan::domain::UserId(2_001)).await.unwrap()[0];
    world.by_hand("de1", fresh, |account| account.data_limit = None).await;
    let done = world.reconciler.answer(ADMIN, &id("de1"), Answer::TakeOver).await.unwrap();
    assert_eq!(done, Ok(1), "the second one was not asked about yet");
}

/// A suspended key that somebody lets serve again is a favour too, and may be put back.
#[tokio::test]
async fn a_suspended_key_that_was_enabled_is_asked_about() {
    let (world, keys) = World::with_keys(2).await;
    world.memory.keys.suspend(&memory::World::admin_asks(), keys[0]).await.unwrap();
    world.rests().await;
    world.by_hand("de1", keys[0], |account| account.enabled = true).await;
    assert_eq!(world.pass("de1").await.plan.questions, [Question::Favour { count: 1 }]);
    assert_eq!(world.shown("de1", keys[0]).await.status, AccountStatus::Active);
    world.reconciler.answer(ADMIN, &id("de1"), Answer::PutBack).await.unwrap().unwrap();
    world.rests().await;
    assert_eq!(world.shown("de1", keys[0]).await.status, AccountStatus::Disabled);
}

/// What harms a key's owner is put right at once.
#[tokio::test]
async fn what_was_cut_is_put_right() {
    let (world, keys) = World::with_keys(4).await;
    world.by_hand("de1", keys[0], |account| account.enabled = false).await;
    world.by_hand("de1", keys[1], |account| account.data_limit = Some(GIB)).await;
    world.by_hand("de1", keys[2], |account| account.expires_at = world.far(-20)).await;
    world
        .by_hand("de1", keys[3], |account| account.credentials = Credentials::generate(&mut rand::rng()))
        .await;
    let acted = world.acts("de1").await;
    assert_eq!(acted.repaired, 4);
    for key in &keys {
        assert!(world.works(*key).await, "{key}");
        assert_eq!(world.shown("de1", *key).await.data_limit, Some(100 * GIB));
    }
    assert!(world.pass("de1").await.found.is_clean());
}

/// A key whose panel decides: its changes are taken over, for better or worse.
#[tokio::test]
async fn where_the_panel_decides_its_word_is_taken_over() {
    let (world, keys) = World::with_keys(3).await;
    world.db.tamper("UPDATE configs SET authority = 'panel'").await;
    world.by_hand("de1", keys[0], |account| account.data_limit = Some(GIB)).await;
    world.by_hand("de1", keys[1], |account| account.enabled = false).await;
    world.by_hand("de1", keys[2], |account| account.expires_at = None).await;
    let pass = world.pass("de1").await;
    assert_eq!(pass.acted.unwrap().taken_over, 3);
    assert!(pass.plan.questions.is_empty());
    let config = async |key| world.core.store.key(key).await.unwrap().unwrap().config;
    assert_eq!(config(keys[0]).await.data_limit, Some(GIB));
    assert_eq!(config(keys[1]).await.wish, Wish::Suspended);
    assert_eq!(config(keys[2]).await.expires_at, None);
    assert!(world.pass("de1").await.found.is_clean());
}

/// An adopted account has a name of its own: it is asked for by it.
#[tokio::test]
async fn an_adopted_account_is_found_by_its_name() {
    let (world, keys) = World::with_keys(2).await;
    let (old, credentials) =
        (world.account(keys[0]).await, world.core.store.credentials(keys[0]).await.unwrap().unwrap());
    let shown = world.shown("de1", keys[0]).await;
    let adopted = Wanted {
        name: karvan::domain::AccountName::stored("vova".to_owned()),
        credentials,
        enabled: true,
        expires_at: None,
        data_limit: shown.data_limit,
        note: "old customer".to_owned(),
    };
    world.panel("de1").create(&adopted, Call::BACKGROUND).await.unwrap();
    world.panel("de1").lose(&old);
    let sql = format!("UPDATE assignments SET account = 'vova' WHERE account = '{old}'");
    world.db.tamper(&sql).await;
    world.db.tamper(&format!("UPDATE configs SET authority = 'panel' WHERE id = {}", keys[0])).await;
    let pass = world.pass("de1").await;
    assert!(pass.found.missing.is_empty(), "{:?}", pass.found);
    assert_eq!(pass.acted.unwrap().taken_over, 1, "its end");
    assert!(world.pass("de1").await.found.is_clean());
}

/// What a key used elsewhere lowers what it may use here: nobody changed that by hand, and it is written anew.
#[tokio::test]
async fn what_is_used_elsewhere_is_no_change_by_hand() {
    let specs = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];
    let world = World::of(&specs).await;
    let key = world.keys(1).await[0];
    let from = world.place_of(key).await.unwrap();
    world.memory.keys.move_to(&memory::World::admin_asks(), key, None).await.unwrap();
    world.rests().await;
    let to = world.place_of(key).await.unwrap();
    let left = world.core.store.key(key).await.unwrap().unwrap().lingering().next().unwrap().account.clone();
    world.panel(&from).add_traffic(&left, 20 * GIB);
    world.clock.advance(APART);
    world.watch.sample().await.unwrap();
    let pass = world.pass(&to).await;
    assert_eq!((pass.acted.unwrap().repaired, pass.plan.questions.len()), (1, 0));
    assert_eq!(world.shown(&to, key).await.data_limit, Some(80 * GIB));
    // And on top of that somebody gives more.
    world.by_hand(&to, key, |account| account.data_limit = Some(95 * GIB)).await;
    assert_eq!(world.pass(&to).await.plan.questions, [Question::Favour { count: 1 }]);
    world.reconciler.answer(ADMIN, &id(&to), Answer::TakeOver).await.unwrap().unwrap();
    world.rests().await;
    let config = world.core.store.key(key).await.unwrap().unwrap().config;
    assert_eq!(config.data_limit, Some(115 * GIB), "over all accounts");
}
