//! What cannot be an accident is asked about.

use karvan::domain::incident::{Entry, Kind};
use karvan::domain::reconcile::Question;
use karvan::service::reconcile::Answer;

use crate::memory::{ADMIN, id};
use crate::world::{APART, World};

#[tokio::test]
async fn an_emptied_panel_is_asked_about_and_left_as_it_is() {
    let (world, keys) = World::with_keys(30).await;
    for key in &keys {
        world.loses("de1", *key).await;
    }
    for _ in 0..3 {
        let pass = world.pass("de1").await;
        assert_eq!(pass.plan.questions, [Question::Missing { count: 30, of: 30 }]);
        assert!(pass.plan.changes_nothing());
        world.clock.advance(APART);
    }
    assert!(world.panel("de1").names().is_empty(), "nothing is made again unasked");
    let told = world.incident(Kind::Reconcile, "de1").await.expect("admins are told");
    assert_eq!((told.last(), told.affected), (Some(&Entry::Missing { count: 30 }), 30));
    let made = world.reconciler.answer(ADMIN, &id("de1"), Answer::MakeAgain).await.unwrap();
    assert_eq!(made, Ok(30));
    world.rests().await;
    world.assert_quiet(&keys).await;
    for key in keys {
        assert!(world.works(key).await);
    }
    world.clock.advance(APART);
    assert_eq!(world.reconciler.tick().await.unwrap().len(), 1, "it looks whether all is right now");
    assert!(world.incident(Kind::Reconcile, "de1").await.is_none(), "and then it is over");
}

/// The only key of a panel that lost it: nobody can tell that from an emptied panel.
#[tokio::test]
async fn the_only_account_is_not_made_again_unasked_either() {
    let (world, keys) = World::with_keys(1).await;
    world.loses("de1", keys[0]).await;
    assert_eq!(world.acts("de1").await.created, 0);
    assert!(world.panel("de1").names().is_empty());
}

/// Restored from a backup: the latest keys are missing, keys long gone are back. Asked first; then all is right.
#[tokio::test]
async fn a_panel_restored_from_a_backup_is_asked_about() {
    let (world, keys) = World::with_keys(20).await;
    for key in &keys[15..] {
        world.loses("de1", *key).await;
    }
    let back = world.strays("de1", &keys[..4]).await;
    world.by_hand("de1", keys[2], |account| account.expires_at = None).await;
    world.pass("de1").await;
    world.clock.advance(APART);
    let pass = world.pass("de1").await;
    assert_eq!(pass.plan.questions, [Question::Missing { count: 5, of: 20 }]);
    assert!(pass.plan.changes_nothing(), "nor is anything deleted or put right on it");
    assert!(back.iter().all(|name| world.has("de1", name)));
    let done = world.reconciler.answer(ADMIN, &id("de1"), Answer::Restored).await.unwrap();
    assert_eq!(done, Ok(6), "five made again, one put right");
    world.rests().await;
    // And the strays go, one each run: there are few accounts.
    for _ in 0..6 {
        world.pass("de1").await;
        world.clock.advance(APART);
    }
    world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn strays_go_a_hundredth_a_run() {
    let (world, keys) = World::with_keys(150).await;
    let strays = world.strays("de1", &keys).await;
    world.pass("de1").await;
    world.clock.advance(APART);
    let left = || strays.iter().filter(|name| world.has("de1", name)).count();
    for expected in [147, 145, 143] {
        let acted = world.acts("de1").await;
        assert!((2..=3).contains(&acted.deleted), "1 % of what bears our mark: {acted:?}");
        assert_eq!(left(), expected);
        world.clock.advance(APART);
    }
    for key in keys {
        assert!(world.works(key).await, "no key was touched");
    }
}

#[tokio::test]
async fn the_wrong_panel_gets_no_new_keys_and_is_left_alone() {
    use karvan::domain::instance::AdminState;
    use karvan::service::fleet::Fleet;
    let (world, keys) = World::with_keys(10).await;
    for key in &keys {
        world.loses("de1", *key).await;
    }
    world.pass("de1").await;
    let done = world.reconciler.answer(ADMIN, &id("de1"), Answer::WrongPanel).await.unwrap();
    assert_eq!(done, Ok(0));
    let instance = world.core.store.instance(&id("de1")).await.unwrap().unwrap();
    assert_eq!(instance.admin_state, AdminState::Cordoned);
    world.clock.advance(APART);
    assert!(world.reconciler.tick().await.unwrap().is_empty(), "not even counted");
    assert!(world.panel("de1").names().is_empty());
    // Put right and opened again: compared as ever.
    Fleet::new(world.core.clone()).set_admin_state(Some(ADMIN), &id("de1"), AdminState::Open).await.unwrap();
    world.clock.advance(APART);
    let passes = world.reconciler.tick().await.unwrap();
    assert_eq!(passes.len(), 1);
    assert_eq!(passes[0].plan.questions, [Question::Missing { count: 10, of: 10 }]);
}
