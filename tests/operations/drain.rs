//! Everybody leaves an instance by hand: it is closed, nobody is cut off, and it is empty in the end.

use std::time::Duration;

use karvan::domain::instance::{AdminState, Health};
use karvan::domain::operation::Cause;
use karvan::domain::{Clock, ConfigId, InstanceId, UserId};
use karvan::panel::{PanelError, Trouble};
use karvan::service::drain::{Drains, Phase};
use karvan::service::keys::Ask;
use karvan::service::migration::{BatchState, PlanError, Scope, To};
use karvan::store::health::Check;

use crate::memory::{ADMIN, Spec, World, id};

const HOUR: Duration = Duration::from_secs(3600);

/// Two instances, with a key for each of `count` people on the first.
async fn keys_on_de1(specs: &[Spec], count: i64) -> (World, Vec<ConfigId>) {
    let world = World::of(specs).await;
    let mut keys = Vec::new();
    for number in 0..count {
        let owner = UserId(6000 + number);
        world.meets(owner).await;
        let region = Some("de".parse().unwrap());
        keys.push(world.keys.issue(&World::asks(owner), owner, region).await.unwrap().config);
    }
    world.settle().await;
    for key in &keys {
        assert_eq!(world.place_of(*key).await.as_deref(), Some("de1"));
        world.core.store.set_wanted_region(*key, None).await.unwrap();
    }
    (world, keys)
}

fn two() -> [Spec; 2] {
    [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)]
}

fn admin() -> Ask {
    Ask { by: ADMIN, cause: Cause::Batch, update_id: None, screen: None }
}

async fn begins(world: &World) -> Drains {
    let drains = Drains::new(world.core.clone());
    let plan =
        world.migrations.preview(&Scope::Instance(id("de1")), &To::Automatic).await.unwrap().fingerprint;
    drains.start(&admin(), &id("de1"), &To::Automatic, plan).await.unwrap();
    drains
}

async fn admin_state(world: &World, of: &InstanceId) -> AdminState {
    world.core.store.instance(of).await.unwrap().unwrap().admin_state
}

async fn told(world: &World) -> usize {
    let letters = world.core.store.due_letters(world.clock.now(), 100).await.unwrap();
    let ours = letters.iter().filter(|stored| stored.letter.chat == ADMIN.0);
    ours.filter(|stored| stored.letter.notice["notice"] == "drained").count()
}

#[tokio::test]
async fn i17_a_client_that_never_fetches_works_a_day_after_a_drain() {
    let (world, keys) = keys_on_de1(&two(), 8).await;
    let old = world.core.store.credentials(keys[0]).await.unwrap().unwrap();
    let drains = begins(&world).await;
    world.settle().await;
    let course = drains.course(&id("de1")).await.unwrap();
    assert_eq!((course.phase, course.left, course.lingering), (Phase::Lingering, 0, 8));
    assert_eq!(course.lingers_until, Some(world.clock.now() + Duration::from_secs(48 * 3600)));
    assert_eq!(admin_state(&world, &id("de1")).await, AdminState::Cordoned);
    world.passes(24 * HOUR).await;
    drains.tick().await.unwrap();
    assert!(world.panel("de1").serves(&old), "the old account still serves whoever never fetched");
    assert!(world.panel("nl1").serves(&old));
    assert_eq!(told(&world).await, 0);
    world.passes(25 * HOUR).await;
    drains.tick().await.unwrap();
    drains.tick().await.unwrap();
    assert!(!world.panel("de1").serves(&old));
    assert_eq!(drains.course(&id("de1")).await.unwrap().phase, Phase::Drained);
    assert_eq!(told(&world).await, 1, "told once");
    world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn it_is_closed_for_good_also_when_maintenance_would_have_opened_it() {
    let (world, _) = keys_on_de1(&two(), 1).await;
    let now = world.clock.now();
    // One that is over takes keys again; one that goes on would in an hour.
    for until in [now - HOUR, now + HOUR] {
        let state = AdminState::Maintenance { until: Some(until) };
        world.core.store.set_admin_state(&id("de1"), state, now).await.unwrap();
        let drains = Drains::new(world.core.clone());
        let plan = world.migrations.preview(&Scope::Instance(id("de1")), &To::Automatic).await.unwrap();
        let other = drains.start(&admin(), &id("de1"), &To::Automatic, plan.fingerprint ^ 1).await;
        assert!(matches!(other, Err(PlanError::Changed)));
        assert_eq!(admin_state(&world, &id("de1")).await, state, "what was not shown changes nothing");
        if until > now {
            drains.start(&admin(), &id("de1"), &To::Automatic, plan.fingerprint).await.unwrap();
            assert_eq!(admin_state(&world, &id("de1")).await, AdminState::Cordoned);
        }
    }
}

#[tokio::test]
async fn it_can_be_paused_gone_on_with_and_stopped() {
    let (world, keys) = keys_on_de1(&two(), 6).await;
    let drains = begins(&world).await;
    assert!(drains.turn(ADMIN, &id("de1"), BatchState::Paused).await.unwrap());
    world.settle().await;
    let course = drains.course(&id("de1")).await.unwrap();
    assert_eq!((course.phase, course.left), (Phase::Paused, 6));
    assert!(drains.turn(ADMIN, &id("de1"), BatchState::Running).await.unwrap());
    assert_eq!(drains.course(&id("de1")).await.unwrap().phase, Phase::Moving);
    assert!(drains.turn(ADMIN, &id("de1"), BatchState::Cancelled).await.unwrap());
    world.settle().await;
    let course = drains.course(&id("de1")).await.unwrap();
    assert_eq!((course.phase, course.left, course.lingering), (Phase::Left, 6, 0));
    assert!(!drains.turn(ADMIN, &id("de1"), BatchState::Running).await.unwrap(), "it has ended");
    // The rest may be moved by another one.
    begins(&world).await;
    world.settle().await;
    let course = drains.course(&id("de1")).await.unwrap();
    assert_eq!((course.phase, course.left, course.lingering), (Phase::Lingering, 0, 6));
    world.passes(49 * HOUR).await;
    world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn who_finds_no_room_waits_for_it_and_moves_then() {
    let specs = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 4, 1.0)];
    let (world, keys) = keys_on_de1(&specs, 6).await;
    let drains = begins(&world).await;
    world.settle().await;
    let course = drains.course(&id("de1")).await.unwrap();
    assert_eq!((course.phase, course.left, course.lingering), (Phase::Moving, 2, 4));
    let mut instance = world.core.store.instance(&id("nl1")).await.unwrap().unwrap();
    instance.max_users = 100;
    world.core.store.edit_instance(&instance, None, world.clock.now()).await.unwrap();
    world.passes(Duration::from_secs(120)).await;
    let course = drains.course(&id("de1")).await.unwrap();
    assert_eq!((course.phase, course.left, course.lingering), (Phase::Lingering, 0, 6));
    world.passes(49 * HOUR).await;
    world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn finishing_now_lets_go_of_what_lingers_and_says_who_loses() {
    let (world, keys) = keys_on_de1(&two(), 5).await;
    let drains = begins(&world).await;
    world.settle().await;
    // One app still goes through the old account.
    let key = world.core.store.key(keys[2]).await.unwrap().unwrap();
    let old = key.lingering().next().unwrap();
    world.clock.advance(Duration::from_secs(600));
    let (store, now) = (&world.core.store, world.clock.now());
    store.saw_account(old.id, &old.account, 1 << 20, None, Some(now), now).await.unwrap();
    let losers = drains.losers(&id("de1")).await.unwrap();
    assert_eq!((losers.accounts, losers.owners.as_slice(), losers.kept), (5, &[UserId(6002)][..], 0));
    assert_eq!(drains.finish(ADMIN, &id("de1")).await.unwrap(), 5);
    assert_eq!(drains.finish(ADMIN, &id("de1")).await.unwrap(), 0, "once");
    world.passes(Duration::from_secs(120)).await;
    assert_eq!(drains.course(&id("de1")).await.unwrap().phase, Phase::Drained);
    drains.tick().await.unwrap();
    assert_eq!(told(&world).await, 1);
    assert!(world.panel("de1").names().is_empty());
    world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn an_old_account_is_kept_while_the_new_place_is_in_trouble() {
    let (world, _) = keys_on_de1(&two(), 3).await;
    let drains = begins(&world).await;
    world.settle().await;
    world.panel("nl1").set_down(Some(PanelError::Unavailable(Trouble::Refused)));
    let down = Check {
        health: Health::Down,
        latency_ms: None,
        version: None,
        users_active: None,
        core_started: None,
        problem: Some("refused".to_owned()),
    };
    world.core.store.record_check(&id("nl1"), &down, world.clock.now()).await.unwrap();
    let losers = drains.losers(&id("de1")).await.unwrap();
    assert_eq!((losers.accounts, losers.kept), (0, 3));
    assert_eq!(drains.finish(ADMIN, &id("de1")).await.unwrap(), 0);
    world.settle().await;
    assert_eq!(world.panel("de1").names().len(), 3);
}
