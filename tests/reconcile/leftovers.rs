//! What stands on a panel and should not, and what should and does not.

use karvan::domain::AccountName;
use karvan::domain::incident::{Entry, Kind};
use karvan::domain::quota::GIB;
use karvan::domain::reconcile::Question;
use karvan::store::flags;

use crate::memory::{self, Spec, id};
use crate::world::{APART, WHILE, World};

/// I18: whatever stands on a panel, and however long it is looked at, nothing is deleted without this installation's and
/// this instance's mark.
#[tokio::test]
async fn i18_without_our_mark_nothing_is_ever_deleted() {
    let (world, keys) = World::with_keys(3).await;
    let notes =
        ["", "tg:5", "karvan:abcdef:de11", "karvan:abcdef:nl1", "karvan:zzzzzz:de1", "vip karvan:abcdef:de1"];
    let mut foreign = Vec::new();
    for note in notes {
        let name = world.gone_name(keys[0]).await;
        world.puts("de1", &name, note);
        foreign.push(name);
    }
    let elsewhere = AccountName::stored("someone".to_owned());
    world.puts("de1", &elsewhere, &world.mark(&id("de1")));
    for _ in 0..5 {
        let acted = world.acts("de1").await;
        assert_eq!(acted.deleted, 0);
        world.clock.advance(APART);
    }
    assert!(foreign.iter().all(|name| world.has("de1", name)), "all still there");
    assert!(world.has("de1", &elsewhere), "another prefix is not even looked at");
    let pass = world.pass("de1").await;
    assert_eq!(pass.plan.questions, [Question::ManagedTwice { count: 3 }]);
    let told = world.incident(Kind::Reconcile, "de1/twice").await.expect("admins are told");
    assert_eq!(told.last(), Some(&Entry::ForeignMark { count: 3 }));
    assert_eq!(pass.plan.unmarked.len(), 3);
}

/// I18, the second look: a mark that is gone by the time of the delete keeps the account.
#[tokio::test]
async fn i18_the_mark_is_read_again_just_before_the_delete() {
    let (world, keys) = World::with_keys(1).await;
    let stray = world.strays("de1", &keys).await.remove(0);
    world.pass("de1").await;
    world.clock.advance(APART);
    let pass = world.reconciler.run(&id("de1"), karvan::service::reconcile::Pace::Waited).await.unwrap();
    assert_eq!(pass.acted.unwrap().deleted, 1);
    world.puts("de1", &stray, "somebody's now");
    world.rests().await;
    assert!(world.has("de1", &stray));
}

/// I4: after quiet and one reconcile, our accounts on each panel are the primary and lingering ones there.
#[tokio::test]
async fn i4_ghosts_go_and_lost_ones_return() {
    let specs = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];
    let world = World::of(&specs).await;
    let keys = world.keys(40).await;
    let moved = keys[0];
    let from = world.place_of(moved).await.unwrap();
    world.memory.keys.move_to(&memory::World::admin_asks(), moved, None).await.unwrap();
    world.rests().await;
    assert_ne!(world.place_of(moved).await.unwrap(), from);
    // The account it left behind is gone before its time, another one that counts is gone, and a ghost stands there.
    let key = world.core.store.key(moved).await.unwrap().unwrap();
    world.panel(&from).lose(&key.lingering().next().unwrap().account);
    let mut there = Vec::new();
    for key in &keys[1..] {
        if world.place_of(*key).await.unwrap() == from {
            there.push(*key);
        }
    }
    world.loses(&from, there[0]).await;
    world.strays(&from, &there[1..2]).await;
    for name in ["de1", "nl1"] {
        world.pass(name).await;
    }
    world.clock.advance(APART);
    for name in ["de1", "nl1"] {
        world.pass(name).await;
    }
    world.assert_quiet(&keys).await;
    for name in ["de1", "nl1"] {
        let pass = world.pass(name).await;
        assert!(pass.found.is_clean() && pass.plan.changes_nothing(), "{pass:?}");
    }
}

#[tokio::test]
async fn a_stray_is_deleted_once_it_was_seen_for_ten_minutes() {
    let (world, keys) = World::with_keys(2).await;
    let stray = world.strays("de1", &keys[..1]).await.remove(0);
    assert_eq!(world.acts("de1").await.deleted, 0, "seen once");
    world.clock.advance(WHILE);
    assert_eq!(world.acts("de1").await.deleted, 0, "seen again too soon");
    world.clock.advance(APART);
    assert_eq!(world.acts("de1").await.deleted, 1);
    assert!(!world.has("de1", &stray));
    world.assert_quiet(&keys).await;
}

/// A stray that was not there in between begins anew.
#[tokio::test]
async fn a_stray_must_be_seen_without_a_break() {
    let (world, keys) = World::with_keys(2).await;
    let stray = world.strays("de1", &keys[..1]).await.remove(0);
    world.pass("de1").await;
    world.clock.advance(APART);
    world.panel("de1").lose(&stray);
    world.pass("de1").await;
    world.puts("de1", &stray, &world.mark(&id("de1")));
    assert_eq!(world.acts("de1").await.deleted, 0);
    assert!(world.has("de1", &stray));
}

/// What a stray used was counted when its key let go of it.
#[tokio::test]
async fn a_stray_costs_its_key_no_traffic() {
    let (world, keys) = World::with_keys(1).await;
    let stray = world.strays("de1", &keys).await.remove(0);
    world.panel("de1").add_traffic(&stray, 7 * GIB);
    world.pass("de1").await;
    world.clock.advance(APART);
    assert_eq!(world.acts("de1").await.deleted, 1);
    let view = world.memory.keys.view(keys[0]).await.unwrap().unwrap();
    assert_eq!(view.used, 0);
}

/// A name that this database never gave out: the panel is newer, as when a database was put back by hand. There a
/// person's key may hang on it.
#[tokio::test]
async fn what_this_database_never_made_is_left_alone_and_told() {
    let (world, keys) = World::with_keys(2).await;
    let key = world.core.store.key(keys[0]).await.unwrap().unwrap();
    let installation = world.installation();
    let later = AccountName::new(installation, keys[0], key.config.generation + 1);
    let unknown = AccountName::new(installation, karvan::domain::ConfigId(9_999), 1);
    for name in [&later, &unknown] {
        world.puts("de1", name, &world.mark(&id("de1")));
    }
    world.pass("de1").await;
    world.clock.advance(APART);
    let pass = world.pass("de1").await;
    assert_eq!(pass.plan.questions, [Question::NewerThanUs { count: 2 }]);
    assert!(world.has("de1", &later) && world.has("de1", &unknown));
}

/// One of many that is gone is made again: same name, same secrets, and what it had used stays used.
#[tokio::test]
async fn a_lost_account_is_made_again_with_what_is_left() {
    let (world, keys) = World::with_keys(3).await;
    let before = world.shown("de1", keys[1]).await;
    world.panel("de1").add_traffic(&before.name, 30 * GIB);
    world.clock.advance(APART);
    world.watch.sample().await.unwrap();
    world.loses("de1", keys[1]).await;
    let acted = world.acts("de1").await;
    assert_eq!(acted.created, 1);
    let after = world.shown("de1", keys[1]).await;
    assert_eq!((after.credentials, after.expires_at), (before.credentials, before.expires_at));
    assert_eq!(after.data_limit, Some(70 * GIB), "R5: what is left of 100 GiB");
    let view = world.memory.keys.view(keys[1]).await.unwrap().unwrap();
    assert_eq!(view.used, 30 * GIB);
    world.assert_quiet(&keys).await;
}

/// R3: what an operation works on, or a request may still reach, is not judged.
#[tokio::test]
async fn what_is_in_motion_is_not_judged() {
    let (world, keys) = World::with_keys(20).await;
    world.loses("de1", keys[0]).await;
    // A write to it whose fate is unknown.
    world.panel("de1").freeze();
    world.memory.keys.extend(&memory::World::admin_asks(), keys[0], Some(5), None).await.unwrap();
    world.settle().await;
    world.panel("de1").thaw();
    let pass = world.reconciler.preview(&id("de1")).await.unwrap();
    assert!(pass.found.is_clean(), "{:?}", pass.found);
}

#[tokio::test]
async fn an_account_without_a_key_in_the_making_is_accounted_for() {
    let (world, keys) = World::with_keys(1).await;
    // Its create lands, the answer is lost, and nobody has looked since: the operation accounts for it.
    let fault = karvan::panel::fake::Fault::LoseAcknowledgement(karvan::panel::Trouble::Timeout);
    world.panel("de1").next_of(karvan::panel::fake::Verb::Create, fault);
    let ask = memory::World::asks(memory::ALICE);
    let asked = world.memory.keys.issue(&ask, memory::ALICE, None).await.unwrap();
    world.executor.round().await.unwrap();
    assert!(!world.ended(asked.operation).await);
    assert_eq!(world.panel("de1").names().len(), 2);
    world.clock.advance(APART);
    let pass = world.reconciler.preview(&id("de1")).await.unwrap();
    assert!(pass.found.strays.is_empty(), "{:?}", pass.found);
    assert_eq!(keys.len(), 1);
}

/// Held, in panic, only watched or unwell: everything is seen and nothing is done.
#[tokio::test]
async fn with_hands_bound_it_only_looks() {
    use karvan::domain::instance::Mode;
    use karvan::service::fleet::{Edit, Fleet};
    use karvan::service::reconcile::Hands;
    let (world, keys) = World::with_keys(20).await;
    let stray = world.strays("de1", &keys[..1]).await.remove(0);
    world.pass("de1").await;
    world.loses("de1", keys[3]).await;
    world.clock.advance(APART);
    let (store, now) = (&world.core.store, world.clock.as_ref());
    for flag in [flags::HOLD, flags::PANIC] {
        use karvan::domain::Clock;
        store.raise_flag(flag, serde_json::json!({}), now.now()).await.unwrap();
        let pass = world.pass("de1").await;
        assert_eq!((pass.hands, pass.acted), (Hands::Held, None), "{flag}");
        assert_eq!((pass.plan.delete.len(), pass.plan.create.len()), (1, 1), "but it is seen");
        store.lower_flag(flag, serde_json::json!({}), now.now()).await.unwrap();
    }
    let fleet = Fleet::new(world.core.clone());
    fleet.edit(None, &id("de1"), Edit::Mode(Mode::Observe)).await.unwrap();
    let pass = world.pass("de1").await;
    assert_eq!((pass.hands, pass.acted), (Hands::Observed, None));
    fleet.edit(None, &id("de1"), Edit::Mode(Mode::Manage)).await.unwrap();
    assert!(world.has("de1", &stray));
    let acted = world.acts("de1").await;
    assert_eq!((acted.deleted, acted.created), (1, 1), "and then it is done");
}
