//! A panel held against the database, in the chat.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::instance::AdminState;
use sim::telegram::Actor;

use crate::world::{Spec, Start, World, plain, timeless};

/// One panel with four keys, a while ago.
async fn four_keys() -> (World, Actor) {
    let start = Start { panels: vec![Spec("de1", "de", 100)], ..Start::default() };
    let world = World::with(start).await;
    let boss = world.admin().await;
    let people: Vec<Actor> = (1..=4).map(|n| world.person(2_000 + n, "P", "en")).collect();
    for person in &people {
        world.first_key(person).await;
    }
    world.rests().await;
    world.passes(Duration::from_secs(60));
    (world, boss)
}

fn read(boss: &Actor) -> String {
    timeless(&plain(&boss.transcript()))
}

#[tokio::test]
async fn an_emptied_panel_is_looked_at_decided_about_and_filled_again() {
    let (world, boss) = four_keys().await;
    boss.send("/reconcile").await;
    boss.expect("Compare a panel").await;
    boss.click("DE1").await;
    boss.expect("All is as it should be").await;
    world.panel("de1").wipe();
    boss.click("Compare now").await;
    boss.expect("Missing").await;
    world.rests().await;
    insta::assert_snapshot!(read(&boss), @"
    Boss: /start
    Boss: /reconcile
    Karvan: 🧮 DE1 and the database

      ❗️ Missing: 4 of 4 accounts. That is too many for an accident, so nothing is changed on this panel until you decide:
      • Was it emptied by mistake? Make the missing again: same keys, same links.
      • Was it restored from a backup? The missing are made again, and what differs is put right.
      • Is it another panel than you think? Then it gets no new keys and is left alone.
      [➕ Make the missing again]
      [⏪ Panel was restored: put all right]
      [🚫 Wrong panel: hands off]
      [🔎 Compare now]
      [‹ Back] [🏠 Menu]
    ");
    assert_eq!(world.accounts(), 0, "looking changes nothing");
    boss.click("Make the missing again").await;
    boss.expect("Begun: 4").await;
    world.settles().await;
    world.passes(Duration::from_secs(60));
    assert_eq!(world.accounts(), 4);
    boss.click("Compare now").await;
    boss.expect("All is as it should be").await;
}

#[tokio::test]
async fn the_wrong_panel_is_left_alone() {
    let (world, boss) = four_keys().await;
    world.panel("de1").wipe();
    boss.send("/reconcile de1").await;
    boss.expect("Missing").await;
    boss.click("Wrong panel").await;
    boss.expect("hands off").await;
    world.rests().await;
    let panel = world.core.store.instance(&"de1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(panel.admin_state, AdminState::Cordoned);
    assert_eq!(world.accounts(), 0);
}

#[tokio::test]
async fn one_lost_account_is_put_right_with_one_tap() {
    let (world, boss) = four_keys().await;
    let keys = world.core.store.keys_of(UserId(2_001)).await.unwrap();
    let account = world.core.store.key(keys[0]).await.unwrap().unwrap().primary().unwrap().account.clone();
    world.panel("de1").delete_user(account.as_str());
    boss.send("/reconcile de1").await;
    boss.expect("Missing, will be made again: 1").await;
    boss.click("Put it right").await;
    boss.expect("Begun: 1").await;
    world.settles().await;
    assert_eq!(world.accounts(), 4);
}
