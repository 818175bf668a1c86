//! What each wish brings about, and what it does when panels fail.

use std::time::Duration;

use karvan::domain::key::{Role, Standing, Wish};
use karvan::domain::quota::GIB;
use karvan::domain::{Clock, ConfigId, UserId};
use karvan::panel::fake::{Fault, Verb};
use karvan::panel::{PanelError, Trouble};
use karvan::service::keys::{Ask, KeyError, Repair};
use karvan::service::migration::{Scope, To};

use crate::memory::{ADMIN, ALICE, Spec, World, id};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

async fn notices(world: &World, user: UserId) -> Vec<String> {
    let letters = world.core.store.due_letters(world.clock.now(), 100).await.unwrap();
    let ours = letters.iter().filter(|stored| stored.letter.chat == user.0);
    ours.map(|stored| stored.letter.notice["notice"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_key_is_issued_once_and_works() {
    let world = World::three().await;
    let key = world.key().await;
    assert!(world.works(key).await);
    assert_eq!(notices(&world, ALICE).await, ["key_ready"]);
    let view = world.keys.view(key).await.unwrap().unwrap();
    assert_eq!((view.standing, view.data_limit, view.used), (Standing::Live, Some(100 * GIB), 0));
    assert!(view.link.unwrap().starts_with("https://"));
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn the_same_update_and_a_second_tap_make_one_key() {
    let world = World::three().await;
    let ask = Ask { update_id: Some(77), ..World::asks(ALICE) };
    let first = world.keys.issue(&ask, ALICE, None).await.unwrap();
    let again = world.keys.issue(&ask, ALICE, None).await.unwrap();
    let tap = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    assert_eq!((first.config, first.config), (again.config, tap.config));
    assert!(first.fresh && !again.fresh && !tap.fresh);
    // Whoever is about to say that it takes a while looks once more whether it still does.
    assert!(!world.keys.settled(first.operation, Duration::ZERO).await);
    world.settle().await;
    assert!(world.keys.settled(first.operation, Duration::ZERO).await);
    // The update comes a third time, after all is done.
    let late = world.keys.issue(&ask, ALICE, None).await.unwrap();
    assert_eq!(late.config, first.config);
    world.settle().await;
    world.assert_quiet(&[first.config]).await;
}

#[tokio::test]
async fn a_person_has_only_so_many_keys() {
    let world = World::three().await;
    for _ in 0..3 {
        world.key().await;
    }
    let refused = world.keys.issue(&World::asks(ALICE), ALICE, None).await;
    assert!(matches!(refused, Err(KeyError::TooMany { limit: 3 })));
}

#[tokio::test]
async fn a_dead_panel_costs_seconds_because_another_serves() {
    let world = World::three().await;
    for name in ["de1", "nl1"] {
        world.panel(name).set_down(Some(PanelError::Unavailable(Trouble::Refused)));
    }
    let key = world.key().await;
    assert_eq!(world.place_of(key).await.as_deref(), Some("fi1"));
    assert!(world.works(key).await);
}

#[tokio::test]
async fn with_every_panel_dead_the_key_arrives_by_itself_later() {
    let world = World::three().await;
    for panel in world.panels.values() {
        panel.set_down(Some(PanelError::Unclear(Trouble::Timeout)));
    }
    let asked = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    world.settle().await;
    assert!(!world.ended(asked.operation).await);
    assert_eq!(notices(&world, ALICE).await, ["key_waits"]);
    for panel in world.panels.values() {
        panel.set_down(None);
    }
    world.passes(5 * MINUTE).await;
    assert!(world.works(asked.config).await);
    assert!(notices(&world, ALICE).await.contains(&"key_ready".to_owned()));
    world.assert_quiet(&[asked.config]).await;
}

#[tokio::test]
async fn an_unclear_create_leaves_no_ghost_when_another_panel_serves() {
    let world = World::three().await;
    // Executed there, but nobody told us.
    for panel in world.panels.values() {
        panel.next_of(Verb::Create, Fault::LoseAcknowledgement(Trouble::Cut));
    }
    let key = world.key().await;
    world.passes(10 * MINUTE).await;
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn a_frozen_panel_that_thaws_leaves_no_ghost() {
    let world = World::three().await;
    for name in ["de1", "nl1", "fi1"] {
        world.panel(name).freeze();
    }
    let asked = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    world.settle().await;
    world.panel("fi1").thaw();
    world.passes(5 * MINUTE).await;
    assert_eq!(world.place_of(asked.config).await.as_deref(), Some("fi1"));
    // The others execute what they had received, an hour later.
    world.passes(HOUR).await;
    for name in ["de1", "nl1"] {
        world.panel(name).thaw();
    }
    world.passes(10 * MINUTE).await;
    assert!(world.works(asked.config).await);
    world.assert_quiet(&[asked.config]).await;
}

#[tokio::test]
async fn a_move_keeps_secrets_quota_and_a_working_old_account() {
    let world = World::three().await;
    let key = world.key().await;
    let before = world.core.store.credentials(key).await.unwrap();
    let source = world.place_of(key).await.unwrap();
    let account = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().account.clone();
    world.panel(&source).add_traffic(&account, 30 * GIB);
    let asked = world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    assert!(world.ended(asked.operation).await);
    assert_ne!(world.place_of(key).await.unwrap(), source);
    // I3: the same secrets; R5: the new account may use what is left.
    assert_eq!(world.core.store.credentials(key).await.unwrap(), before);
    let now = world.core.store.key(key).await.unwrap().unwrap();
    let target = now.primary().unwrap();
    let shown = world.panels[&target.instance].account(&target.account).unwrap();
    assert_eq!(shown.data_limit, Some(70 * GIB));
    assert_eq!(now.used_total(), 30 * GIB);
    // I17: whoever never fetches again is still served by the old account, for as long as LINGER says.
    world.passes(24 * HOUR).await;
    assert!(world.panel(&source).serves(before.as_ref().unwrap()));
    world.passes(25 * HOUR).await;
    assert!(!world.panel(&source).serves(before.as_ref().unwrap()));
    let end = world.core.store.key(key).await.unwrap().unwrap();
    assert_eq!(end.used_total(), 30 * GIB, "what was used before the move still counts");
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn going_back_takes_the_old_account_up_again() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    let accounts: usize = world.panels.values().map(|panel| panel.names().len()).sum();
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    world.keys.move_to(&World::admin_asks(), key, Some(id(&home))).await.unwrap();
    world.settle().await;
    assert_eq!(world.place_of(key).await.unwrap(), home);
    let now: usize = world.panels.values().map(|panel| panel.names().len()).sum();
    assert_eq!(now, accounts + 1, "the account left at home serves again, the other one lingers");
    world.passes(49 * HOUR).await;
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn a_reset_makes_new_secrets_and_leaves_nothing_behind() {
    let world = World::three().await;
    let key = world.key().await;
    let before = world.core.store.credentials(key).await.unwrap().unwrap();
    let home = world.place_of(key).await.unwrap();
    world.keys.rotate(&World::asks(ALICE), key).await.unwrap();
    world.settle().await;
    let after = world.core.store.credentials(key).await.unwrap().unwrap();
    assert!(before.uuid != after.uuid && before.password != after.password);
    assert!(world.panels.values().all(|panel| !panel.serves(&before)), "the old secrets are dead everywhere");
    assert_eq!(world.place_of(key).await.unwrap(), home);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn a_reset_also_kills_what_a_move_left_behind() {
    let world = World::three().await;
    let key = world.key().await;
    let before = world.core.store.credentials(key).await.unwrap().unwrap();
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    world.keys.rotate(&World::asks(ALICE), key).await.unwrap();
    world.settle().await;
    assert!(world.panels.values().all(|panel| !panel.serves(&before)));
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn suspension_reaches_accounts_left_behind_and_resuming_brings_them_back() {
    let world = World::three().await;
    let key = world.key().await;
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    world.keys.suspend(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(!world.works(key).await, "no account serves");
    let again = world.keys.suspend(&World::admin_asks(), key).await;
    assert!(matches!(again, Err(KeyError::NothingToChange)));
    world.keys.resume(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(world.works(key).await);
}

#[tokio::test]
async fn an_extension_is_carried_to_a_panel_that_was_away() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    world.panel(&home).set_down(Some(PanelError::Unclear(Trouble::Timeout)));
    world.keys.extend(&World::admin_asks(), key, Some(30), Some(50)).await.unwrap();
    world.settle().await;
    // What was bought counts at once, whatever the panel says.
    let view = world.keys.view(key).await.unwrap().unwrap();
    assert_eq!(view.data_limit, Some(150 * GIB));
    world.panel(&home).set_down(None);
    world.passes(5 * MINUTE).await;
    let primary = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
    let shown = world.panel(&home).account(&primary.account).unwrap();
    assert_eq!(shown.data_limit, Some(150 * GIB));
    assert_eq!(shown.expires_at.map(|at| at.timestamp()), view.expires_at.map(|at| at.timestamp()));
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn traffic_reset_gives_the_whole_quota_again() {
    let world = World::three().await;
    let key = world.key().await;
    let primary = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
    world.panels[&primary.instance].add_traffic(&primary.account, 60 * GIB);
    world.passes(10 * MINUTE).await;
    world.watch.sample().await.unwrap();
    assert_eq!(world.keys.view(key).await.unwrap().unwrap().used, 60 * GIB);
    world.keys.reset_traffic(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert_eq!(world.keys.view(key).await.unwrap().unwrap().used, 0);
    let shown = world.panels[&primary.instance].account(&primary.account).unwrap();
    assert_eq!(shown.data_limit, Some(160 * GIB), "what the panel counted plus the whole quota");
}

#[tokio::test]
async fn a_revoked_key_leaves_no_account() {
    let world = World::three().await;
    let key = world.key().await;
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(world.panels.values().all(|panel| panel.names().is_empty()));
    world.assert_quiet(&[key]).await;
    let refused = world.keys.rotate(&World::asks(ALICE), key).await;
    assert!(matches!(refused, Err(KeyError::Ended(Standing::Revoked))));
}

#[tokio::test]
async fn revoking_in_the_middle_of_a_move_ends_both() {
    let world = World::three().await;
    let key = world.key().await;
    for panel in world.panels.values() {
        panel.next_of(Verb::Create, Fault::Late);
    }
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.executor.round().await.unwrap();
    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    for panel in world.panels.values() {
        panel.land();
    }
    world.passes(10 * MINUTE).await;
    assert!(world.panels.values().all(|panel| panel.names().is_empty()));
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn of_wishes_during_a_move_the_latest_comes_next() {
    let world = World::three().await;
    let key = world.key().await;
    for panel in world.panels.values() {
        panel.next_of(Verb::Create, Fault::Fail(PanelError::Unclear(Trouble::Timeout)));
    }
    let home = world.place_of(key).await.unwrap();
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.executor.round().await.unwrap();
    let before = world.core.store.credentials(key).await.unwrap().unwrap();
    world.keys.relocate(&World::asks(ALICE), key, Some(home[..2].parse().unwrap())).await.unwrap();
    world.keys.rotate(&World::asks(ALICE), key).await.unwrap();
    world.passes(10 * MINUTE).await;
    let after = world.core.store.credentials(key).await.unwrap().unwrap();
    assert_ne!(before.uuid, after.uuid, "the reset was the latest wish");
    assert!(world.works(key).await);
    world.passes(50 * HOUR).await;
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn limits_changed_while_an_account_is_made_are_in_it() {
    let world = World::three().await;
    let key = world.key().await;
    for panel in world.panels.values() {
        panel.next_of(Verb::Create, Fault::Fail(PanelError::Unclear(Trouble::Timeout)));
    }
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.executor.round().await.unwrap();
    world.keys.extend(&World::admin_asks(), key, None, Some(11)).await.unwrap();
    world.passes(5 * MINUTE).await;
    let now = world.core.store.key(key).await.unwrap().unwrap();
    for account in &now.accounts {
        let shown = world.panels[&account.instance].account(&account.account).unwrap();
        assert_eq!(shown.data_limit, Some(111 * GIB), "{:?}", account.role);
    }
}

#[tokio::test]
async fn with_all_full_the_rest_wait_and_are_served_when_there_is_room() {
    let world = World::of(&[Spec("de1", "de", 2, 1.0), Spec("nl1", "nl", 1, 1.0)]).await;
    let mut keys = Vec::new();
    for person in 2000..2005 {
        world.meets(UserId(person)).await;
        let ask = World::asks(UserId(person));
        keys.push(world.keys.issue(&ask, UserId(person), None).await.unwrap().config);
    }
    world.settle().await;
    let mut served = Vec::new();
    for key in &keys {
        served.push(world.works(*key).await);
    }
    assert_eq!(served, [true, true, true, false, false]);
    assert_eq!(notices(&world, UserId(2003)).await, ["key_waits"]);
    world.assert_counted().await;
    // Somebody leaves: the first in line is served, the second still waits.
    world.keys.revoke(&World::admin_asks(), keys[0]).await.unwrap();
    world.passes(2 * MINUTE).await;
    assert!(world.works(keys[3]).await && !world.works(keys[4]).await);
    world.assert_counted().await;
}

#[tokio::test]
async fn three_hundred_at_once_share_by_weight() {
    let world =
        World::of(&[Spec("a", "de", 400, 1.0), Spec("b", "de", 400, 1.0), Spec("c", "de", 400, 2.0)]).await;
    let world = std::sync::Arc::new(world);
    let mut tasks = Vec::new();
    for person in 0..300 {
        let world = world.clone();
        tasks.push(tokio::spawn(async move {
            let user = UserId(10_000 + person);
            world.meets(user).await;
            world.keys.issue(&World::asks(user), user, None).await.unwrap().config
        }));
    }
    let mut keys = Vec::new();
    for task in tasks {
        keys.push(task.await.unwrap());
    }
    world.settle().await;
    world.assert_quiet(&keys).await;
    for (instance, counters) in world.core.store.counters().await.unwrap() {
        let share = if instance.as_str() == "c" { 150 } else { 75 };
        assert!(counters.active.abs_diff(share) <= 1, "{instance} has {} of {share}", counters.active);
    }
}

#[tokio::test]
async fn foreign_users_of_a_panel_count() {
    let world = World::of(&[Spec("a", "de", 1000, 1.0), Spec("b", "de", 1000, 1.0)]).await;
    world.panel("a").set_foreign(900);
    world.watch.check_all().await.unwrap();
    let mut keys = Vec::new();
    for person in 0..120 {
        let user = UserId(10_000 + person);
        world.meets(user).await;
        keys.push(world.keys.issue(&World::asks(user), user, None).await.unwrap().config);
    }
    world.settle().await;
    assert_eq!(world.panel("a").names().len(), 0, "it carries 900 already");
    assert_eq!(world.panel("b").names().len(), 120);
}

#[tokio::test]
async fn a_refresh_repairs_what_somebody_broke() {
    let world = World::three().await;
    let key = world.key().await;
    let fine = world.keys.refresh(&World::asks(ALICE), key).await.unwrap();
    assert_eq!(fine.state, Repair::Fine);
    let primary = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
    world.panels[&primary.instance].lose(&primary.account);
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn({
        let (executor, stop) = (world.executor.clone(), stop.clone());
        async move { executor.run(stop).await }
    });
    let repaired = world.keys.refresh(&World::asks(ALICE), key).await.unwrap();
    assert_eq!(repaired.state, Repair::Repaired);
    stop.cancel();
    running.await.unwrap();
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn somebody_elses_account_of_our_name_is_never_touched() {
    let world = World::of(&[Spec("de1", "de", 10, 1.0)]).await;
    let asked = world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    let name = karvan::domain::AccountName::new(&world.core.installation, asked.config, 1);
    let theirs = karvan::panel::Wanted {
        name: name.clone(),
        credentials: karvan::domain::Credentials::generate(&mut rand::rng()),
        enabled: true,
        expires_at: None,
        data_limit: None,
        note: "somebody else's".to_owned(),
    };
    world.panel("de1").put(theirs.clone());
    world.settle().await;
    assert!(world.works(asked.config).await);
    assert!(world.panel("de1").serves(&theirs.credentials));
    world.keys.revoke(&World::admin_asks(), asked.config).await.unwrap();
    world.passes(5 * MINUTE).await;
    assert_eq!(world.panel("de1").names(), [name.as_str()], "only theirs is left");
}

#[tokio::test]
async fn a_whole_panel_moves_and_tells_how_far_it_is() {
    let world = World::three().await;
    let mut keys = Vec::new();
    for person in 0..30 {
        let user = UserId(10_000 + person);
        world.meets(user).await;
        keys.push(world.keys.issue(&World::asks(user), user, None).await.unwrap().config);
    }
    world.settle().await;
    let scope = Scope::Instance(id("de1"));
    let plan = world.migrations.preview(&scope, &To::Automatic).await.unwrap();
    assert_eq!((plan.moves.len(), plan.stranded, plan.skipped), (10, 0, 0));
    let wrong =
        world.migrations.start(&World::admin_asks(), &scope, &To::Automatic, plan.fingerprint + 1).await;
    assert!(wrong.is_err());
    let ask = Ask { update_id: Some(70), ..World::admin_asks() };
    let batch = world.migrations.start(&ask, &scope, &To::Automatic, plan.fingerprint).await.unwrap();
    let again = world.migrations.start(&ask, &scope, &To::Automatic, plan.fingerprint).await.unwrap();
    assert_eq!(again, batch, "handled once more, it goes on with what it began");
    world.settle().await;
    let progress = world.migrations.progress(batch).await.unwrap();
    assert_eq!((progress.total, progress.done, progress.cancelled), (10, 10, 0));
    assert!(notices(&world, ADMIN).await.contains(&"batch_progress".to_owned()));
    for key in &keys {
        assert_ne!(world.place_of(*key).await.as_deref(), Some("de1"));
        assert!(world.works(*key).await);
    }
    let left = world.core.store.key(keys[0]).await.unwrap().unwrap();
    assert!(left.accounts.iter().all(|account| account.role != Role::Standby));
    world.passes(49 * HOUR).await;
    world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn an_ended_key_keeps_its_place_for_a_while_and_comes_back_when_renewed() {
    let world = World::three().await;
    let key = world.key().await;
    world.passes(31 * 24 * HOUR).await;
    assert_eq!(world.keys.view(key).await.unwrap().unwrap().standing, Standing::Expired);
    assert!(world.place_of(key).await.is_some(), "a day after its end it still has its place");
    world.passes(3 * 24 * HOUR).await;
    assert!(world.place_of(key).await.is_none(), "after KEEP_ENDED the place is free");
    assert!(world.panels.values().all(|panel| panel.names().is_empty()));
    world.keys.extend(&World::admin_asks(), key, Some(30), None).await.unwrap();
    world.settle().await;
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn what_may_still_land_is_looked_at_again() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    // The pause is sent to a panel that sleeps; meanwhile the admin thinks better of it.
    world.panel(&home).freeze();
    world.keys.suspend(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    world.keys.resume(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    // It wakes and executes all it had received, in whatever order.
    world.panel(&home).thaw();
    world.passes(10 * MINUTE).await;
    let now = world.core.store.key(key).await.unwrap().unwrap();
    assert_eq!(now.config.wish, Wish::Active);
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn nobody_elses_key_can_be_touched() {
    let world = World::three().await;
    let key: ConfigId = world.key().await;
    let mallory = UserId(6666);
    world.meets(mallory).await;
    let ask = World::asks(mallory);
    assert!(matches!(world.keys.rotate(&ask, key).await, Err(KeyError::NotYours)));
    assert!(matches!(world.keys.relocate(&ask, key, None).await, Err(KeyError::NotYours)));
    assert!(matches!(world.keys.links(&ask, key).await, Err(KeyError::NotYours)));
    assert!(matches!(world.keys.diagnose(&ask, key).await, Err(KeyError::NotYours)));
}

#[tokio::test]
async fn whoever_meets_a_silent_panel_may_leave_at_once() {
    let world = World::three().await;
    let key = world.key().await;
    let home = world.place_of(key).await.unwrap();
    let well = world.keys.relocate(&World::asks(ALICE), key, None).await;
    assert!(matches!(well, Err(KeyError::ThereAlready)), "a key that is well stays");
    world.panel(&home).freeze();
    let refreshed = world.keys.refresh(&World::asks(ALICE), key).await.unwrap();
    assert_eq!((refreshed.state, refreshed.better), (Repair::Silent, true));
    // No check has confirmed it yet, but the person has seen it.
    world.keys.relocate(&World::asks(ALICE), key, None).await.unwrap();
    world.settle().await;
    assert_ne!(world.place_of(key).await.unwrap(), home);
    assert!(world.works(key).await);
}
