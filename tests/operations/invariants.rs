//! What always holds, each rule with the test that fails when it is taken out. The others of the list in
//! `docs/INVARIANTS.md` are guarded by the stories, the crash stories and the tests of the store.

use std::time::Duration;

use karvan::domain::key::Role;
use karvan::domain::quota::GIB;
use karvan::domain::{Clock, ConfigId};
use karvan::panel::fake::{Fault, Verb};
use karvan::panel::{PanelError, Trouble};
use karvan::service::executor::Executor;
use karvan::service::keys::Ask;

use crate::memory::{ALICE, World, id};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Whether the account that counts stands on its panel.
async fn stands(world: &World, config: ConfigId) -> bool {
    let key = world.core.store.key(config).await.unwrap().unwrap();
    let primary = key.primary().expect("the key has a place");
    world.panels[&primary.instance].account(&primary.account).is_some()
}

/// The panels but one.
fn others<'a>(world: &'a World, home: &str) -> impl Iterator<Item = &'a karvan::panel::fake::FakePanel> {
    let home = id(home);
    world.panels.iter().filter(move |(instance, _)| **instance != home).map(|(_, panel)| &**panel)
}

#[tokio::test]
async fn i1_a_key_counts_only_where_its_account_stands() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    for panel in others(&world, &home) {
        for _ in 0..4 {
            panel.next_of(Verb::Create, Fault::Fail(PanelError::Unclear(Trouble::Timeout)));
        }
    }
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    for _ in 0..12 {
        world.settle().await;
        assert!(stands(&world, key).await);
        world.clock.advance(Duration::from_secs(5));
    }
    world.passes(10 * MINUTE).await;
    assert_ne!(world.place_of(key).await.unwrap(), home, "in the end it moves");
    assert!(stands(&world, key).await);
}

#[tokio::test]
async fn i1_a_key_renewed_meanwhile_keeps_its_account() {
    let world = World::three().await;
    let key = world.key().await;
    world.clock.advance(40 * 24 * HOUR);
    let now = world.clock.now();
    let before = now - world.core.policy.keep_ended;
    let ended = world.core.store.ended_long_ago(before, 9).await.unwrap();
    assert_eq!(ended.len(), 1);
    // Whoever looked is slow; meanwhile an admin renews the key.
    world.keys.extend(&World::admin_asks(), key, Some(30), None).await.unwrap();
    world.settle().await;
    assert!(!world.core.store.release_ended(&ended[0], before, now).await.unwrap());
    assert!(stands(&world, key).await);
}

#[tokio::test]
async fn i3_secrets_and_limits_survive_every_move() {
    let world = World::three().await;
    let key = world.key().await;
    let secrets = world.core.store.credentials(key).await.unwrap().unwrap();
    let expires_at = world.core.store.key(key).await.unwrap().unwrap().config.expires_at;
    for moves in 1..=3_u64 {
        world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
        world.settle().await;
        let now = world.core.store.key(key).await.unwrap().unwrap();
        let primary = now.primary().unwrap();
        let panel = &world.panels[&primary.instance];
        let shown = panel.account(&primary.account).unwrap();
        assert!(shown.credentials.are(&secrets));
        assert_eq!((now.config.expires_at, shown.expires_at), (expires_at, expires_at));
        let left = 100 * GIB - (moves - 1) * GIB;
        assert_eq!(shown.data_limit, Some(left), "R5: what is left, after {moves} moves");
        panel.add_traffic(&primary.account, GIB);
        world.passes(49 * HOUR).await;
    }
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn i7_what_is_given_up_holds_no_place() {
    let world = World::three().await;
    let key = world.key().await;
    for panel in world.panels.values() {
        panel.next_of(Verb::Create, Fault::Fail(PanelError::Unclear(Trouble::Timeout)));
    }
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.executor.round().await.unwrap();
    let reserved = async || {
        let counters = world.core.store.counters().await.unwrap();
        counters.iter().map(|(_, counters)| counters.reserved).sum::<u32>()
    };
    assert_eq!(reserved().await, 1, "the move holds a place");
    world.assert_counted().await;
    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert_eq!(reserved().await, 0);
    world.assert_counted().await;
}

#[tokio::test]
async fn i8_nothing_is_deleted_before_its_switch_and_its_linger() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    let account = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().account.clone();
    let deleted = || {
        let arrived = world.panel(&home).arrived();
        arrived.iter().any(|call| call.verb == Verb::Delete && call.account == account.as_str())
    };
    for panel in others(&world, &home) {
        panel.freeze();
    }
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.passes(72 * HOUR).await;
    assert!(!deleted() && world.works(key).await, "not switched: the account is the key's only one");
    for panel in others(&world, &home) {
        panel.thaw();
    }
    world.passes(5 * MINUTE).await;
    assert_ne!(world.place_of(key).await.unwrap(), home);
    world.passes(47 * HOUR).await;
    assert!(!deleted(), "its linger is not over");
    world.passes(2 * HOUR).await;
    assert!(deleted());
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn i8_an_account_that_lingers_anew_is_not_let_go_by_who_looked_before() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    world.clock.advance(48 * HOUR);
    let over = world.core.store.lingering_over(world.clock.now(), 9).await.unwrap();
    assert_eq!(over.len(), 1);
    // Whoever looked is slow; meanwhile the key goes home and away again.
    for target in [home.as_str(), if home == "de1" { "nl1" } else { "de1" }] {
        world.keys.move_to(&World::admin_asks(), key, Some(id(target))).await.unwrap();
        world.core.placer.refresh(&world.core.store).await.unwrap();
        world.executor.round().await.unwrap();
        assert_eq!(world.place_of(key).await.as_deref(), Some(target));
    }
    let now = world.clock.now();
    assert!(!world.core.store.release_account(&over[0], "linger over", now).await.unwrap());
    let lingering = world.core.store.key(key).await.unwrap().unwrap();
    assert!(lingering.accounts.iter().any(|account| account.id == over[0].id));
}

#[tokio::test]
async fn i13_an_update_extends_a_key_once_whatever_is_under_way() {
    for busy in [false, true] {
        let world = World::three().await;
        let key = world.key().await;
        let home = world.place_of(key).await.unwrap();
        if busy {
            for panel in others(&world, &home) {
                panel.freeze();
            }
            world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
            world.settle().await;
        }
        let before = world.core.store.key(key).await.unwrap().unwrap().config.expires_at.unwrap();
        let ask = Ask { update_id: Some(9), ..World::admin_asks() };
        for again in 0..3 {
            world.keys.extend(&ask, key, Some(30), None).await.unwrap();
            if again > 0 {
                world.settle().await;
            }
            let now = world.core.store.key(key).await.unwrap().unwrap().config.expires_at.unwrap();
            assert_eq!((now - before).num_days(), 30, "busy: {busy}, told {} times", again + 1);
        }
    }
}

#[tokio::test]
async fn r1_any_process_goes_on_where_another_stopped() {
    let world = World::three().await;
    let asked = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    // A process for each step, each of which dies before the next one.
    for step in ["planned", "authorised", "answered"] {
        let fuse = std::sync::Arc::new(move |at: &'static str| at == step);
        let died = world.work(&world.dying(step, fuse)).await;
        assert!(died.is_err(), "{step}");
        world.clock.advance(Duration::from_secs(31));
    }
    // The last one never saw the others: it has the database only.
    let fresh = world.replica(world.core.store.clone(), 99);
    fresh.placer.refresh(&fresh.store).await.unwrap();
    Executor::new(fresh, "last").round().await.unwrap();
    assert!(world.ended(asked.operation).await && world.works(asked.config).await);
    world.passes(5 * MINUTE).await;
    world.assert_quiet(&[asked.config]).await;
}

#[tokio::test]
async fn r5_what_was_used_until_the_last_moment_counts() {
    let world = World::three().await;
    let key = world.key().await;
    let primary = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    // Nobody samples the account that lingers: only the read just before its delete sees this.
    world.panels[&primary.instance].add_traffic(&primary.account, 7 * GIB);
    world.passes(49 * HOUR).await;
    assert!(world.panels[&primary.instance].account(&primary.account).is_none());
    let end = world.core.store.key(key).await.unwrap().unwrap();
    assert_eq!(end.used_total(), 7 * GIB);
    assert!(end.accounts.iter().all(|account| account.role == Role::Primary));
}

#[tokio::test]
async fn r6_a_reset_takes_a_new_name_in_the_same_place() {
    let world = World::three().await;
    let key = world.key().await;
    let mut names = vec![world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone()];
    let room = world.core.store.counters().await.unwrap();
    for _ in 0..3 {
        world.keys.rotate(&World::asks(ALICE), key).await.unwrap();
        world.passes(5 * MINUTE).await;
        names.push(world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone());
    }
    assert!(names.iter().all(|account| account.instance == names[0].instance));
    let distinct: std::collections::BTreeSet<_> =
        names.iter().map(|account| account.account.as_str()).collect();
    assert_eq!(distinct.len(), 4, "a name is never used again: {names:?}");
    assert_eq!(world.core.store.counters().await.unwrap(), room);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn r5_a_key_with_nothing_left_does_not_move() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    let account = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().account.clone();
    let asked = world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    // It uses the rest before anything is done for it.
    world.panel(&home).add_traffic(&account, 100 * GIB);
    world.clock.advance(HOUR);
    world.watch.sample().await.unwrap();
    world.settle().await;
    assert!(world.ended(asked.operation).await);
    assert_eq!(world.place_of(key).await.unwrap(), home);
    let accounts: usize = world.panels.values().map(|panel| panel.names().len()).sum();
    assert_eq!(accounts, 1, "no account with a quota of its own was made");
}

#[tokio::test]
async fn r3_no_instance_is_used_while_something_may_still_land_there() {
    let world = World::three().await;
    // The first panel asked will execute it some time; meanwhile another one serves.
    let asked = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    let died = world.work(&world.dying("first", std::sync::Arc::new(|at| at == "planned"))).await;
    assert!(died.is_err());
    let planned = world.core.store.operation(asked.operation).await.unwrap().unwrap();
    let first = planned.target.unwrap().instance;
    world.panels[&first].next_of(Verb::Create, Fault::Late);
    world.clock.advance(Duration::from_secs(31));
    world.settle().await;
    let home = world.place_of(asked.config).await.unwrap();
    assert_ne!(home, first.as_str());

    let there = || world.panels[&first].arrived().iter().filter(|call| call.verb == Verb::Create).count();
    let before = there();
    world.keys.move_to(&World::admin_asks(), asked.config, Some(first.clone())).await.unwrap();
    world.settle().await;
    assert_eq!((there(), world.place_of(asked.config).await.as_deref()), (before, Some(home.as_str())));
    // It lands, is found and deleted; from then on the key may go there.
    world.panels[&first].land();
    world.passes(10 * MINUTE).await;
    assert_eq!(world.place_of(asked.config).await.as_deref(), Some(first.as_str()));
    world.passes(49 * HOUR).await;
    world.assert_quiet(&[asked.config]).await;
}
