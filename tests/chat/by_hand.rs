//! What admins do by hand: empty a panel, ask what if, plan maintenance.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::instance::AdminState;
use karvan::service::drain::Drains;
use karvan::service::executor::Executor;
use karvan::service::windows::Windows;
use sim::telegram::Actor;

use crate::world::{ADMIN, Spec, Start, World};

const HOUR: Duration = Duration::from_secs(3600);

/// Three people with a key each on `de1`, and a second panel beside it.
async fn three_keys(beside: u32) -> (World, Actor, Vec<Actor>) {
    let start = Start { panels: vec![Spec("de1", "de", 100), Spec("nl1", "nl", beside)], ..Start::default() };
    let world = World::with(start).await;
    let boss = world.admin().await;
    world
        .core
        .store
        .set_admin_state(&"nl1".parse().unwrap(), AdminState::Cordoned, world.core.clock.now())
        .await
        .unwrap();
    world.core.placer.refresh(&world.core.store).await.unwrap();
    let people: Vec<Actor> = (0..3).map(|n| world.person(2000 + n, &format!("P{n}"), "en")).collect();
    for person in &people {
        world.first_key(person).await;
    }
    world
        .core
        .store
        .set_admin_state(&"nl1".parse().unwrap(), AdminState::Open, world.core.clock.now())
        .await
        .unwrap();
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.rests().await;
    (world, boss, people)
}

async fn state(world: &World) -> AdminState {
    world.core.store.instance(&"de1".parse().unwrap()).await.unwrap().unwrap().admin_state
}

#[tokio::test]
async fn a_panel_is_emptied_watched_and_finished_early() {
    let (world, boss, people) = three_keys(100).await;
    boss.send("/drain").await;
    boss.expect("Which one?").await;
    boss.click("DE1").await;
    boss.expect("Where to?").await;
    boss.click("Automatically").await;
    boss.expect("DE1: 3 keys move").await;
    boss.expect("takes no new keys from now on").await;
    boss.click("Start").await;
    boss.expect("The move has begun").await;
    assert_eq!(state(&world).await, AdminState::Cordoned);
    world.settles().await;
    for person in &people {
        person.expect("moved your key").await;
    }
    boss.send("/drain DE1").await;
    boss.expect("DE1: everybody has moved").await;
    boss.expect("3 old accounts work on").await;
    assert_eq!(world.panel("de1").usernames().len(), 3);
    boss.click("Finish now").await;
    boss.expect("3 old accounts stop").await;
    boss.click("Yes, finish").await;
    boss.expect("This cannot be taken back").await;
    assert_eq!(world.panel("de1").usernames().len(), 3, "asked twice");
    boss.click("Yes, for good").await;
    boss.expect("Let go of: 3").await;
    let executor = Executor::new(world.core.clone(), "upkeep");
    while !executor.round().await.unwrap().is_idle() {}
    assert!(world.panel("de1").usernames().is_empty());
    boss.click("Refresh").await;
    boss.expect("DE1 is empty").await;
    Drains::new(world.core.clone()).tick().await.unwrap();
    world.rests().await;
    let told = boss.messages().into_iter().filter(|message| message.by_bot);
    assert_eq!(told.filter(|message| message.text.contains("DE1 is empty")).count(), 2, "card and message");
}

#[tokio::test]
async fn what_if_is_told_and_changes_nothing() {
    let (world, boss, _) = three_keys(2).await;
    boss.send("/simulate").await;
    boss.expect("This panel cannot be lost").await;
    boss.expect("DE1: 2 of 3 keys would wait").await;
    boss.expect("Netherlands: 2, not filling up").await;
    boss.click("DE1").await;
    boss.expect("If lost: DE1").await;
    boss.expect("2 of 3 keys would find no room").await;
    boss.expect("NL1: 1").await;
    boss.send("/simulate down de1 NL1").await;
    boss.expect("3 of 3 keys would find no room").await;
    boss.send("/simulate down xx9").await;
    boss.expect("I know no panel called xx9").await;
    world.rests().await;
    assert_eq!(world.panel("de1").usernames().len(), 3);
    assert_eq!(state(&world).await, AdminState::Open);
    // Nobody else learns of it.
    let alice = world.alice();
    world.first_key(&alice).await;
    alice.send("/simulate").await;
    alice.press_data("A:sm").await;
    alice.press_data("A:dd:de1:y").await;
    alice.press_data("A:mn:de1").await;
    world.rests().await;
    assert!(!alice.transcript().contains("What if"), "{}", alice.transcript());
}

#[tokio::test]
async fn maintenance_is_planned_begins_ends_and_is_taken_back() {
    let (world, boss, _) = three_keys(100).await;
    boss.send("/maintenance").await;
    boss.expect("Nothing is planned").await;
    boss.click("DE1").await;
    boss.expect_button("Plan").await;
    boss.click("Plan").await;
    boss.expect("when, and for how long").await;
    boss.send("tonight").await;
    boss.expect("I don't understand the beginning").await;
    boss.send("22:30 2").await;
    boss.expect("I don't understand the duration").await;
    boss.send("2026-11-01 22:30 2h").await;
    boss.expect("That time is over already").await;
    // In whatever digits.
    boss.send("۲۲:۳۰ 2h").await;
    boss.expect("Planned: DE1, from 21 Nov 2026, 22:30 to 22 Nov 2026, 00:30").await;
    boss.send("/maintenance de1 23:00 1h").await;
    boss.expect("Another maintenance of this panel is planned").await;
    boss.send("/maintenance zz9 23:00 1h").await;
    boss.expect("I know no panel called zz9").await;
    assert_eq!(state(&world).await, AdminState::Open);
    let windows = Windows::new(world.core.clone());
    let planned = windows.open().await.unwrap();
    let [window] = &planned[..] else { panic!("{planned:?}") };
    assert_eq!(window.by, UserId(ADMIN));
    let ahead = (window.starts_at - world.core.clock.now()).to_std().unwrap();
    world.passes(ahead);
    windows.tick().await.unwrap();
    boss.expect("DE1: maintenance has begun").await;
    assert_eq!(state(&world).await, AdminState::Maintenance { until: Some(window.ends_at) });
    world.passes(2 * HOUR);
    windows.tick().await.unwrap();
    boss.expect("DE1: maintenance is over").await;
    assert_eq!(state(&world).await, AdminState::Open);
    boss.send("/maintenance DE1 now 1h").await;
    boss.expect("Planned: DE1").await;
    assert!(matches!(state(&world).await, AdminState::Maintenance { .. }));
    boss.expect_button("End now: DE1").await;
    boss.click("End now: DE1").await;
    boss.expect("It has ended").await;
    assert_eq!(state(&world).await, AdminState::Open);
}
