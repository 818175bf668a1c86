//! Evening out the load, in the chat.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::instance::AdminState;
use karvan::domain::operation::Cause;
use karvan::service::keys::{Ask, Keys};
use karvan::service::rebalance::Rebalance;
use karvan::store::people::Seen;
use sim::telegram::Actor;

use crate::world::{Spec, Start, World, plain, timeless};

/// Users of others on each panel: they count and never move.
const FOREIGN: u32 = 40;

/// Two panels in Germany: 46 users on one of them, six of them ours; 40 on the other. Two days after.
async fn uneven() -> (World, Actor) {
    let start = Start { panels: vec![Spec("de1", "de", 200), Spec("de2", "de", 200)], ..Start::default() };
    let world = World::with(start).await;
    let boss = world.admin().await;
    opens(&world, "de2", AdminState::Cordoned).await;
    let keys = Keys::new(world.core.clone());
    for number in 0..6 {
        let owner = UserId(5000 + number);
        let seen = Seen { id: owner, first_name: "P".to_owned(), username: None, telegram_language: None };
        world.core.store.saw_person(&seen, world.core.clock.now()).await.unwrap();
        let ask = Ask { by: owner, cause: Cause::Owner, update_id: None, screen: None };
        keys.issue(&ask, owner, None).await.unwrap();
    }
    world.settles().await;
    opens(&world, "de2", AdminState::Open).await;
    world.passes(Duration::from_secs(2 * 86_400));
    let now = world.core.clock.now();
    for (id, _) in &world.panels {
        world.core.store.set_foreign(id, FOREIGN, now).await.unwrap();
    }
    world.rests().await;
    (world, boss)
}

async fn opens(world: &World, id: &str, state: AdminState) {
    let core = &world.core;
    core.store.set_admin_state(&id.parse().unwrap(), state, core.clock.now()).await.unwrap();
    core.placer.refresh(&core.store).await.unwrap();
}

/// An hour passes, with a look of the loop and the work that comes of it.
async fn an_hour(world: &World, rebalance: &Rebalance) {
    world.passes(Duration::from_secs(3600));
    rebalance.tick().await.unwrap();
    world.settles().await;
    world.passes(Duration::from_secs(120));
    rebalance.tick().await.unwrap();
    world.passes(Duration::from_secs(20));
    world.rests().await;
}

fn read(boss: &Actor) -> String {
    timeless(&plain(&boss.transcript()))
}

#[tokio::test]
async fn uneven_load_is_seen_evened_out_and_taken_back() {
    let (world, boss) = uneven().await;
    let rebalance = Rebalance::new(world.core.clone());
    boss.send("/rebalance").await;
    boss.expect("differ by 14").await;
    world.rests().await;
    insta::assert_snapshot!(read(&boss), @"
    Boss: /start
    Karvan: 👋 Hello, Boss!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
      [🖥 Panels] [🩺 Health]
    Boss: /rebalance
    Karvan: ⚖️ Load

      🇩🇪 Germany: panels differ by 14%
      Emptiest DE2 (40), fullest DE1 (46)
      🚚 2 moves make it 5%; no plan does with fewer than 2. About 2 hours.
      DE1 ➡️ DE2: 2

      2 keys move within 2 hours: at most 1 % an hour and 5 % a day, only keys that nobody uses at the moment, none twice in a week. Owners are told when their link changes; the old one works on for a while.
      [⚖️ Even out: 2 moves]
      [🔄 Refresh] [🏠 Menu]
    ");
    boss.click("Even out: 2").await;
    boss.expect("It has begun").await;
    for _ in 0..3 {
        an_hour(&world, &rebalance).await;
    }
    assert_eq!(world.panel("de2").usernames().len(), 2);
    boss.expect("Evening out the load: done").await;
    boss.send("/rebalance").await;
    boss.click("Move 2 back").await;
    boss.expect("Taking moves back").await;
    for _ in 0..3 {
        an_hour(&world, &rebalance).await;
    }
    insta::assert_snapshot!(read(&boss), @"
    Boss: /start
    Karvan: 👋 Hello, Boss!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
      [🖥 Panels] [🩺 Health]
    Boss: /rebalance
    Karvan: ✅ Evening out the load: done
      🗓 since 23 Nov 2026, 12:00
      ▓▓▓▓▓▓▓▓▓▓ 100%
      2 of 2 moved
      ⏱ Took 2 hours
      [⚖️ The load]
    Boss: /rebalance
    Karvan: ▶️ It has begun. A message below shows how it goes on.

      ⚖️ Load

      ↩️ Taking moves back
      🗓 since 23 Nov 2026, 15:07
      ░░░░░░░░░░ 0%
      0 of 2 moved
      ⏱ About 2 hours left

      ✅ One location is even enough: its panels differ by 5%.
      [⏸ Pause] [⏹ Stop for good]
      [🔄 Refresh] [🏠 Menu]
    Karvan: ✅ Evening out the load: done
      🗓 since 23 Nov 2026, 15:07
      ▓▓▓▓▓▓▓▓▓▓ 100%
      2 of 2 moved
      ⏱ Took 2 hours
      [⚖️ The load]
    ");
}

#[tokio::test]
async fn it_is_paused_resumed_and_stopped() {
    let (world, boss) = uneven().await;
    boss.send("/rebalance").await;
    boss.click("Even out: 2").await;
    boss.expect("It has begun").await;
    world.rests().await;
    boss.click("Pause").await;
    boss.expect("paused").await;
    boss.click("Go on").await;
    boss.expect("Evening out the load").await;
    boss.click("Stop").await;
    boss.expect("stopped").await;
    world.rests().await;
    let run = world.core.store.latest_rebalance().await.unwrap().unwrap();
    assert!(run.ended_at.is_some());
    assert_eq!(world.panel("de2").usernames().len(), 0);
}

#[tokio::test]
async fn in_panic_it_says_why_nothing_moves() {
    let (world, boss) = uneven().await;
    let store = &world.core.store;
    boss.send("/rebalance").await;
    boss.expect_button("Even out: 2").await;
    store.raise_flag("panic", serde_json::json!({}), world.core.clock.now()).await.unwrap();
    boss.click("Even out: 2").await;
    boss.expect("the brake is on").await;
    world.rests().await;
    assert!(store.latest_rebalance().await.unwrap().is_none());
}
