//! Telegram away, floods, crashes, duplicates: nothing lost, nothing doubled.

use std::time::Duration;

use sim::marzban::{Fault as PanelFault, Matcher};
use sim::telegram::{Fault, Reach};

use crate::world::{Spec, Start, World};

fn one_panel() -> Start {
    Start { panels: vec![Spec("de1", "de", 10)], ..Start::default() }
}

#[tokio::test]
async fn an_update_that_comes_twice_has_its_effect_once() {
    let world = World::with(Start { max_keys: 3, ..Start::default() }).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.telegram.duplicate_next_update();
    alice.tap("⚡");
    alice.expect("Your key is ready").await;
    world.rests().await;
    assert_eq!((world.keys_of(&alice).await, world.accounts()), (1, 1));
}

#[tokio::test]
async fn several_buttons_at_once_make_one_key_and_end_on_one_screen() {
    let world = World::with(Start { max_keys: 3, ..Start::default() }).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    for _ in 0..4 {
        alice.tap("⚡");
    }
    alice.expect("Your key is ready").await;
    world.rests().await;
    assert_eq!((world.keys_of(&alice).await, world.accounts()), (1, 1));
    assert_eq!(alice.messages().iter().filter(|message| message.by_bot).count(), 1, "{}", alice.transcript());
    for label in ["Android", "My key", "Windows", "Mac"] {
        alice.tap(label);
    }
    world.rests().await;
    alice.expect_button("Copy").await;
    assert_eq!(alice.messages().iter().filter(|message| message.by_bot).count(), 1, "{}", alice.transcript());
}

#[tokio::test]
async fn telegram_away_at_the_start_only_delays() {
    let mut world = World::asleep(Start::default()).await;
    world.telegram.set_reach(Reach::Refused).await;
    let alice = world.alice();
    alice.send("/start").await;
    world.starts();
    world.core.store.ping().await.unwrap();
    world.telegram.set_reach(Reach::Open).await;
    alice.expect_button("⚡").await;
    alice.click("⚡").await;
    alice.expect("Your key is ready").await;
    world.telegram.expect_call(|call| call.is("setMyCommands") && call.ok).await;
}

#[tokio::test]
async fn telegram_away_for_a_while_loses_and_doubles_nothing() {
    let world = World::with(one_panel()).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.panel("de1").set_fault(PanelFault::Slow(Duration::from_millis(800)));
    alice.tap("⚡");
    // The press is in the database; then the line is cut while the key is made.
    world.telegram.quiet().await;
    world.telegram.set_reach(Reach::Refused).await;
    let mut reach = 0;
    while world.accounts() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        reach += 1;
        assert!(reach < 500, "the key is made without Telegram");
    }
    alice.tap("Help");
    world.telegram.set_reach(Reach::Open).await;
    for _ in 0..20 {
        world.passes(Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    alice.expect("Your key is ready").await;
    alice.expect("How it works").await;
    world.rests().await;
    assert_eq!(world.accounts(), 1);
    // Whichever came first, each came once.
    let count = |words: &str| alice.messages().iter().filter(|message| message.text.contains(words)).count();
    assert!(count("Your key is ready") <= 1 && count("How it works") <= 1, "{}", alice.transcript());
    alice.send("/key").await;
    alice.expect("Works").await;
}

#[tokio::test]
async fn a_retry_after_is_honoured_and_nothing_is_lost() {
    let world = World::open().await;
    let alice = world.alice();
    world.telegram.flood_next("sendMessage", 1);
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.telegram.flood_next("editMessageText", 1);
    alice.click("⚡").await;
    alice.expect("Your key is ready").await;
    world.telegram.flood_next("editMessageText", 600);
    alice.tap("Android");
    // Ten minutes are too long to stand and wait: the update is put back until then, and others are served.
    world.telegram.expect_call(|call| call.description.ends_with("retry after 600")).await;
    let bob = world.person(1002, "Bob", "en");
    bob.send("/start").await;
    bob.expect_button("⚡").await;
    world.leaves_unfinished(1).await;
}

#[tokio::test]
async fn a_cut_connection_after_an_edit_is_no_trouble() {
    let world = World::open().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.telegram.inject("editMessageText", None, 1, Fault::DropAfter);
    alice.click("⚡").await;
    alice.expect("Your key is ready").await;
    world.passes(Duration::from_secs(40));
    world.rests().await;
    assert_eq!(alice.messages().iter().filter(|message| message.by_bot).count(), 1, "{}", alice.transcript());
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_where_it_was() {
    let mut world = World::with(one_panel()).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    let create = Matcher { method: Some("POST".to_owned()), path: "/api/user".to_owned() };
    world.panel("de1").set_fault_for(create, PanelFault::HoldAck);
    alice.tap("⚡");
    let mut waited = 0;
    while world.accounts() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        waited += 1;
        assert!(waited < 500, "the account is made");
    }
    world.dies();
    world.panel("de1").heal();
    world.passes(Duration::from_secs(120));
    world.starts();
    alice.expect("Your key is ready").await;
    for _ in 0..5 {
        world.passes(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.rests().await;
    assert_eq!((world.keys_of(&alice).await, world.accounts()), (1, 1));
}

#[tokio::test]
async fn an_orderly_stop_takes_a_moment() {
    let mut world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    world.stops().await;
    alice.tap("My key");
    world.starts();
    alice.expect("Works").await;
}

#[tokio::test]
async fn who_blocked_the_bot_is_left_alone_until_they_come_back() {
    let world = World::with(one_panel()).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.panel("de1").set_fault(PanelFault::Slow(Duration::from_millis(500)));
    alice.click("⚡").await;
    alice.block_bot();
    world.rests().await;
    world.passes(Duration::from_secs(11 * 60));
    world.rests().await;
    let refused = world.telegram.calls().into_iter().filter(|call| !call.ok).count();
    assert!(refused <= 2, "not tried again and again: {refused}");
    assert!(world.core.store.person(karvan::domain::UserId(1001)).await.unwrap().unwrap().blocked_bot);
    alice.send("/start").await;
    alice.expect("Good to see you").await;
    assert!(!world.core.store.person(karvan::domain::UserId(1001)).await.unwrap().unwrap().blocked_bot);
}
