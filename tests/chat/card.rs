//! A key's card and what can be done with it.

use std::time::Duration;

use sim::marzban::Fault;
use sim::telegram::Actor;

use crate::world::{Spec, Start, World, reads};

/// Presses one button after the other, each as soon as it is there.
async fn presses(person: &Actor, labels: &[&str]) {
    for label in labels {
        person.expect_button(label).await;
        person.click(label).await;
    }
}

async fn card(world: &World) -> Actor {
    let alice = world.alice();
    world.first_key(&alice).await;
    alice.click("My key").await;
    alice.expect("Works").await;
    alice
}

#[tokio::test]
async fn the_card_shows_what_matters_and_leads_everywhere() {
    let world = World::open().await;
    let alice = card(&world).await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🔑 Your key
      🟢 Works

      🌍 Location: 🇩🇪 Germany (chosen automatically)
      📊 ░░░░░░░░░░ 0%
      0 GB of 100 GB used
      📅 Until 21 Dec 2026 (30 days left)
      🕓 Updated just now
      [📋 Copy the key ⧉] [📱 Set up a device]
      [🌍 Location] [🔄 Refresh]
      [🛟 It doesn't work]
      [⋯ More]
      [🏠 Menu]
    ");
    alice.click("More").await;
    alice.expect("for apps that cannot take a link").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: ⋯ More

      Reset link: if somebody else has your link. Every device must be set up again.
      Keys without a link: for apps that cannot take a link.
      QR code: to show the key to another device.
      [🔐 Reset link]
      [📄 Keys without a link] [🔳 QR code]
      [‹ Back]
    ");
    alice.click("QR").await;
    let picture = alice.expect("Scan this").await;
    assert!(picture.picture.is_some());
    alice.press_data("q:1").await;
    world.rests().await;
    let pictures = alice.messages().iter().filter(|message| message.picture.is_some()).count();
    assert_eq!(pictures, 1, "pressed twice, one picture stands\n{}", alice.transcript());
    alice.click("Close").await;
    alice.expect_gone("Scan this").await;
    alice.click("Keys without a link").await;
    let bare = alice.expect("Tap one to copy it").await;
    assert!(bare.codes().iter().any(|code| code.starts_with("vless://")), "{bare:?}");
    alice.click("Back").await;
    alice.expect("for apps that cannot take a link").await;
    alice.click("Back").await;
    alice.expect("Works").await;
    alice.click("Set up a device").await;
    alice.expect_button("Windows").await;
    alice.click("Windows").await;
    alice.expect_button("Copy").await;
    alice.click("Other apps").await;
    alice.expect("which app?").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🪟 Windows: which app? The first one is our advice.
      [Hiddify] [v2rayN]
      [Happ] [Karing]
      [Clash Verge] [FlClash]
      [‹ Back]
    ");
}

#[tokio::test]
async fn another_location_is_a_move_that_leaves_the_old_account_serving() {
    let world = World::open().await;
    let alice = card(&world).await;
    alice.click("Location").await;
    alice.expect("Where shall your key lead").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🌍 Where shall your key lead?

      You will get a new link for the new location.
      [✨ The best one, automatically]
      [✅ 🇩🇪 Germany] [🇳🇱 Netherlands]
      [‹ Back]
    ");
    alice.click("Netherlands").await;
    alice.expect("in its new location").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: ✅ Your key is in its new location.
      🌍 🇳🇱 Netherlands

      Your link is new: copy it into your app. The old one still works for a while.
      [📋 Copy the key ⧉]
      [📱 Set up a device]
      [🔑 My key] [🏠 Menu]
    ");
    assert!(alice.copy_from("Copy").starts_with("https://nl1.example/sub/"));
    world.rests().await;
    assert_eq!((world.panel("de1").usernames().len(), world.panel("nl1").usernames().len()), (1, 1));
    // It is there already.
    presses(&alice, &["My key", "Location", "Netherlands"]).await;
    alice.expect("there already").await;
}

#[tokio::test]
async fn a_new_link_is_asked_twice_and_made_once() {
    let world = World::open().await;
    let alice = card(&world).await;
    let before = alice.copy_from("Copy");
    presses(&alice, &["More", "Reset link"]).await;
    alice.expect("Make a new link?").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🔐 Make a new link?

      The old one stops working at once, on every device. Each must be set up again with the new link.
      [🔐 Yes, reset it]
      [‹ Back]
    ");
    for _ in 0..3 {
        alice.tap("Yes, reset it");
    }
    alice.expect("Your new link is ready").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🔐 Your new link is ready.

      The old one works no more. Set up each device again with the new one.
      [📋 Copy the key ⧉]
      [📱 Set up a device]
      [🔑 My key] [🏠 Menu]
    ");
    let after = alice.copy_from("Copy");
    assert_ne!(before, after);
    // One reset: the old account is gone, one new one is there.
    world.passes(Duration::from_secs(120));
    let audit = world.core.store.keys_of(karvan::domain::UserId(alice.id())).await.unwrap();
    let config = world.core.store.key(audit[0]).await.unwrap().unwrap().config;
    assert_eq!(config.link_epoch, 1, "three presses, one new link");
}

#[tokio::test]
async fn refresh_tells_what_it_found() {
    let world = World::open().await;
    let alice = card(&world).await;
    alice.click("Refresh").await;
    alice.expect("All is well").await;
    let account = world.panel("de1").usernames()[0].clone();
    world.panel("de1").delete_user(&account);
    alice.click("Refresh").await;
    alice.expect("now it is right again").await;
    assert_eq!(world.panel("de1").usernames().len(), 1);
    world.panel("de1").set_fault(Fault::Refuse);
    alice.click("Refresh").await;
    alice.expect("does not answer right now").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🌧 The server does not answer right now. We check it all the time, and your key is repaired as soon as it is back.
      💡 Another location would serve you better now.

      🔑 Your key
      🟢 Works

      🌍 Location: 🇩🇪 Germany (chosen automatically)
      📊 ░░░░░░░░░░ 0%
      0 GB of 100 GB used
      📅 Until 21 Dec 2026 (30 days left)
      🕓 Updated just now
      [📋 Copy the key ⧉] [📱 Set up a device]
      [🌍 Location] [🔄 Refresh]
      [🛟 It doesn't work]
      [⋯ More]
      [🏠 Menu]
    ");
}

#[tokio::test]
async fn it_does_not_work_is_answered_with_what_is_wrong_and_what_to_do() {
    let world = World::open().await;
    let alice = card(&world).await;
    alice.click("It doesn't work").await;
    alice.expect("I have checked your key").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🔎 I have checked your key

      ✅ Time left: 30 days
      ✅ Traffic left: 100 GB
      ✅ The key is set up on the server as it should be
      ✅ The server is fine
      🕓 Never used so far

      💡 What to do
      1. Tap 🔄 Refresh, then update the key in your app and connect again.
      2. Try another location. Some are blocked for some networks.
      3. Reset the link, and set up your device again.
      4. If nothing helps, write to us: @karvan_help
      [🔄 Refresh]
      [🌍 Location]
      [🔐 Reset link]
      [💬 Write to support ↗]
      [‹ Back]
    ");
    alice.click("Back").await;
    world.panel("de1").set_fault(Fault::Refuse);
    alice.expect("Works").await;
    alice.click("It doesn't work").await;
    alice.expect("The server has trouble").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🔎 I have checked your key

      ✅ Time left: 30 days
      ✅ Traffic left: 100 GB
      ❔ The server does not say how your key is
      ⚠️ The server has trouble right now
      🕓 Never used so far

      💡 What to do
      1. Try another location. Some are blocked for some networks.
      2. Tap 🔄 Refresh, then update the key in your app and connect again.
      3. If nothing helps, write to us: @karvan_help
      [🌍 Location]
      [🔄 Refresh]
      [💬 Write to support ↗]
      [‹ Back]
    ");
}

#[tokio::test]
async fn a_key_whose_time_is_over_says_so_and_shows_a_way_on() {
    let world = World::open().await;
    let alice = card(&world).await;
    world.passes(Duration::from_secs(31 * 86_400));
    alice.send("/key").await;
    alice.expect("Its time is over").await;
    world.rests().await;
    insta::assert_snapshot!(alice.last_message().unwrap().text, @r"
    🔑 Your key
    ⌛ Its time is over

    🌍 Location: 🇩🇪 Germany (chosen automatically)
    📊 ░░░░░░░░░░ 0%
    0 GB of 100 GB used
    📅 Ended on 21 Dec 2026
    🕓 Updated 21 Nov 2026

    Ask for more time: the same key will work again, with nothing to set up anew.
    ");
    assert_eq!(alice.last_message().unwrap().labels(), [["💬 Write to support"], ["🏠 Menu"]]);
}

#[tokio::test]
async fn several_keys_up_to_the_limit() {
    let world = World::with(Start { max_keys: 2, ..Start::default() }).await;
    let alice = card(&world).await;
    alice.click("One more key").await;
    alice.expect("Your key is ready").await;
    alice.send("/key").await;
    alice.expect("Your keys").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Alice: /key
    Karvan: 🔑 Your keys

      Key 1 · 🇩🇪 Germany · 🟢 Works
      Key 2 · 🇳🇱 Netherlands · 🟢 Works
      [🔑 Key 1] [🔑 Key 2]
      [🏠 Menu]
    ");
    assert_eq!(world.keys_of(&alice).await, 2);
    // A button of an older screen makes no third one.
    alice.press_data("g:2:-").await;
    alice.expect("that is all one person can have").await;
    assert_eq!(world.keys_of(&alice).await, 2);
}

#[tokio::test]
async fn the_language_is_the_persons_choice_and_stays() {
    let world = World::open().await;
    let alice = card(&world).await;
    alice.send("/language").await;
    alice.expect("Choose your language").await;
    let click = alice.click("Русский").await;
    assert_eq!(click.text(), "✅ Теперь говорю по-русски.");
    alice.expect("Рады").await;
    alice.send("/help").await;
    alice.expect("Как это устроено").await;
}

#[tokio::test]
async fn a_full_location_is_waited_for_and_others_are_offered() {
    let panels = vec![Spec("de1", "de", 50), Spec("nl1", "nl", 1), Spec("fi1", "fi", 5)];
    let world = World::with(Start { panels, ..Start::default() }).await;
    let bob = world.person(1002, "Bob", "en");
    world.first_key(&bob).await;
    presses(&bob, &["My key", "Location", "Netherlands"]).await;
    bob.expect("new location").await;
    world.rests().await;
    let alice = card(&world).await;
    alice.click("Location").await;
    alice.expect("Where shall").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🌍 Where shall your key lead?

      You will get a new link for the new location.
      [✨ The best one, automatically]
      [✅ 🇩🇪 Germany] [🇫🇮 Finland]
      [🇳🇱 Netherlands · full]
      [‹ Back]
    ");
    alice.click("full").await;
    alice.expect("moves as soon as a place is free").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🪑 There is no room there right now.

      Your key goes on working where it is, and moves as soon as a place is free.

      Don't want to wait? There is room here:
      [🇫🇮 Finland]
      [🔑 My key] [🏠 Menu]
    ");
    alice.click("Finland").await;
    alice.expect("in its new location").await;
    world.rests().await;
}
