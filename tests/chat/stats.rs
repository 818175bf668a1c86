//! How all of it grows, in the chat.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::health::traffic::Passed;
use karvan::domain::operation::Cause;
use karvan::domain::quota::GIB;
use karvan::service::keys::{Ask, Keys};

use crate::world::{World, plain};

/// A person with a key in a location.
async fn owner(world: &World, id: i64, region: &str) {
    let person = world.person(id, "Somebody", "en");
    person.send("/start").await;
    person.expect_button("⚡").await;
    let by = UserId(id);
    let ask = Ask { by, cause: Cause::Owner, update_id: None, screen: None };
    Keys::new(world.core.clone()).issue(&ask, by, Some(region.parse().unwrap())).await.unwrap();
}

#[tokio::test]
async fn an_admin_sees_how_all_of_it_grows() {
    let world = World::open().await;
    let boss = world.admin().await;
    boss.send("/stats").await;
    boss.expect("There is nothing to show yet").await;
    for id in 3000..3003 {
        owner(&world, id, "de").await;
    }
    world.settles().await;
    boss.send("/stats").await;
    boss.expect("not known yet").await;
    boss.click("Close").await;
    boss.expect_gone("not known yet").await;

    world.passes(Duration::from_secs(10 * 86_400));
    owner(&world, 3003, "nl").await;
    world.settles().await;
    world.rests().await;
    let core = &world.core;
    core.store.set_blocked(UserId(3001), true).await.unwrap();
    let hour = Duration::from_secs(3600);
    for (panel, back, gb) in [("de1", 1, 5), ("nl1", 1, 6), ("de1", 2, 3), ("de1", 24 * 9, 100)] {
        let passed = Passed { bytes: gb * GIB, users: 3 };
        core.store
            .add_traffic(&panel.parse().unwrap(), core.clock.now() - hour * back, passed)
            .await
            .unwrap();
    }
    boss.send("/stats").await;
    let month = boss.expect("The last 30 days").await;
    insta::assert_snapshot!(plain(&month.text), @"
    📊 The last 30 days
    👥 5 people, 1 blocked the bot
    🔑 4 keys work
    🟦 New keys: 4
    🟩 Traffic: 114 GB
    Only hours that were watched without a gap are counted; on 2 of 30 days there were some.

    Working keys by location
    🇩🇪 Germany: 3 (75%)
    🇳🇱 Netherlands: 1 (25%)

    By panel
    DE1: 3 (75%)
    NL1: 1 (25%)
    ");
    let picture = month.picture.clone().unwrap();
    assert_eq!(picture.size, Some((1200, 840)));
    assert!(world.telegram.file(&picture.file).unwrap().len() > 5_000);
    assert_eq!(month.labels(), [vec!["7 days", "✅ 30 days", "90 days"], vec!["✖️ Close"]]);

    boss.click("7 days").await;
    let week = boss.expect("The last 7 days").await;
    assert!(week.text.contains("New keys: 1\n🟩 Traffic: 14 GB\n"), "{}", week.text);
    assert!(week.picture.is_some());
    boss.expect_gone("The last 30 days").await;
    world.rests().await;
    let charts = boss.messages().into_iter().filter(|message| message.picture.is_some()).count();
    assert_eq!(charts, 1, "one picture stands");

    let mallory = world.person(1009, "Mallory", "en");
    mallory.send("/stats").await;
    mallory.expect("I don't know this command").await;
    assert_eq!(mallory.press_data("A:ds:30").await.text.unwrap(), "This button is not for you");
    assert_eq!(boss.press_data("A:ds:31").await.text.unwrap(), "This menu is out of date");
    world.rests().await;
}
