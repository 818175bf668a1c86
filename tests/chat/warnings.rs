//! What the owners of keys are told in time, and what their card says of their server.

use std::time::Duration;

use karvan::domain::ConfigId;
use karvan::domain::instance::Health;
use karvan::service::warnings::Warnings;

use crate::world::{World, reads};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn the_owner_is_told_in_time_with_a_way_to_the_card() {
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    world.settles().await;
    let warnings = Warnings::new(world.core.clone());
    for days in [27, 2, 1] {
        world.passes(days * DAY);
        warnings.tick().await.unwrap();
        warnings.tick().await.unwrap();
        world.rests().await;
    }
    alice.expect("Your key's time is over").await;
    let told = alice.messages().iter().filter(|message| message.text.contains("ends in")).count();
    assert_eq!(told, 2, "{}", alice.transcript());
    insta::assert_snapshot!(reads(&alice), @"
    Alice: /start
    Karvan: 🎉 Your key is ready!
      🌍 🇩🇪 Germany

      Which device is it for?
      [🤖 Android] [🍏 iPhone, iPad]
      [🪟 Windows] [💻 Mac] [🐧 Linux]
      [🔑 My key]
    Karvan: 👋 How is it going, does your key work?
      [👍 It works] [👎 It doesn't]
    Karvan: ⏳ Your key ends in 3 days, on 21 Dec 2026, 12:00.

      Ask for more time before that, and it goes on without a break. Nothing has to be set up anew.
      [🔑 My key]
      [💬 Write to support ↗]
    Karvan: ⏳ Your key ends in 24 hours, on 21 Dec 2026, 12:00.

      Ask for more time before that, and it goes on without a break. Nothing has to be set up anew.
      [🔑 My key]
      [💬 Write to support ↗]
    Karvan: ⌛ Your key's time is over.

      Ask for more time: the same key will work again, with nothing to set up anew.
      [🔑 My key]
      [💬 Write to support ↗]
    ");
    alice.click("My key").await;
    alice.expect("Its time is over").await;
}

#[tokio::test]
async fn it_is_told_in_the_owners_language() {
    let world = World::open().await;
    let (boris, sara) = (world.person(1002, "Борис", "ru"), world.person(1003, "سارا", "fa"));
    for person in [&boris, &sara] {
        person.send("/start").await;
        person.expect_button("⚡").await;
        person.click("⚡").await;
        person.expect("🎉").await;
    }
    world.settles().await;
    world.passes(27 * DAY);
    Warnings::new(world.core.clone()).tick().await.unwrap();
    world.rests().await;
    let read = |person: &sim::telegram::Actor| crate::world::plain(&person.last_message().unwrap().text);
    insta::assert_snapshot!(read(&boris), @"
    ⏳ До конца вашего ключа 3 дня: он действует до 21 дек. 2026, 12:00.

    Попросите продлить его заранее, и он будет работать без перерыва. Настраивать заново ничего не нужно.
    ");
    insta::assert_snapshot!(read(&sara), @"
    ⏳ ۳ روز تا پایان کلید شما مانده است؛ تا ۳۰ آذر ۱۴۰۵، ساعت ۱۲:۰۰ کار می‌کند.

    پیش از آن زمان بیشتری بخواهید تا بی‌وقفه ادامه پیدا کند. لازم نیست چیزی از نو تنظیم شود.
    ");
}

#[tokio::test]
async fn the_card_says_that_the_server_has_trouble_and_we_are_on_it() {
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    world.settles().await;
    let now = world.core.clock.now();
    let all = async |health| {
        for (id, _) in &world.panels {
            world.core.store.set_health(id, health, serde_json::Value::Null, None, now).await.unwrap();
        }
    };
    all(Health::Unreachable).await;
    alice.send("/key").await;
    alice.expect("Your server has trouble; we are on it").await;
    all(Health::ControlDown).await;
    alice.send("/key").await;
    alice.expect("Works").await;
}

#[tokio::test]
async fn who_opens_the_card_of_a_dead_server_is_served_elsewhere_at_once() {
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    world.settles().await;
    let place = async || {
        let key = world.core.store.key(ConfigId(1)).await.unwrap().unwrap();
        key.primary().unwrap().instance.clone()
    };
    let home = place().await;
    let now = world.core.clock.now();
    world.core.store.set_health(&home, Health::Down, serde_json::Value::Null, None, now).await.unwrap();
    alice.send("/key").await;
    alice.expect("moved your key to a better server").await;
    assert_ne!(place().await, home, "{}", alice.transcript());
}
