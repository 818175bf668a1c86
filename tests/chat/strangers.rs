//! What people send that nobody expects: forged buttons, floods, novels, pictures.

use crate::world::{World, reads};

#[tokio::test]
async fn a_forged_button_gets_nothing_and_learns_nothing() {
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    let before = world.panel("de1").usernames();
    let forged = [
        "k:1",
        "q:1",
        "b:1",
        "r:1",
        "t:1",
        "d:1",
        "a:1:android:0",
        "as:1:ios",
        "l:1",
        "mo:1",
        "ra:1",
        "v:1:1",
        "v:1:0",
    ];
    for (data, id) in forged.into_iter().zip(2000..) {
        let mallory = world.person(id, "Mallory", "en");
        mallory.send("/start").await;
        mallory.expect_button("⚡").await;
        mallory.press_data(data).await;
        mallory.expect("This key is gone").await;
    }
    let mallory = world.person(1009, "Mallory", "en");
    mallory.send("/start").await;
    mallory.expect_button("⚡").await;
    for screen in 0..5 {
        mallory.press_data(&format!("rs:1:{screen}")).await;
    }
    for data in ["ok:1009:-:-", "no:1001", "oc:1001", "A:h"] {
        let answer = mallory.press_data(data).await;
        assert_eq!(answer.text.as_deref(), Some("This button is not for you"), "{data}");
    }
    world.rests().await;
    assert_eq!(world.panel("de1").usernames(), before);
    let leaked = world.telegram.transcript().replace(&alice.transcript(), "");
    assert!(!leaked.contains("de1.example") && !leaked.contains("vless"), "{leaked}");
}

#[tokio::test]
async fn garbage_gets_a_fresh_menu() {
    let world = World::open().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    for data in ["zzz", "k:", "k:abc", "g:0", "🤷", "to:1:nl:1:1"] {
        let answer = alice.press_data(data).await;
        assert_eq!(answer.text.as_deref(), Some("This menu is out of date"), "{data}");
    }
    alice.expect("out of date. Here is a fresh one").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: This menu is out of date. Here is a fresh one 👇

      👋 Hello, Alice!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
    ");
}

#[tokio::test]
async fn a_button_of_a_message_that_is_gone_still_works() {
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    alice.press_data_on(4_000, "k:1").await;
    alice.expect("Works").await;
}

#[tokio::test]
async fn novels_pictures_and_unknown_commands_get_a_kind_hint() {
    let world = World::open().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    alice.send("What is <b>this</b>?").await;
    alice.expect("I understand buttons best").await;
    alice.send("/nodes").await;
    alice.expect("don't know this command").await;
    let picture = alice.send_document("photo.png", b"not really").await;
    alice.expect("can only read buttons").await;
    alice.edit(picture, "changed").await;
    // 40,000 characters arrive in pieces of 4096.
    for _ in 0..10 {
        alice.send(&"x".repeat(4096)).await;
    }
    alice.expect("too long for me").await;
    world.rests().await;
    let mine = alice.messages().into_iter().filter(|message| message.by_bot).collect::<Vec<_>>();
    assert_eq!(mine.len(), 1, "one menu, however much was written");
    insta::assert_snapshot!(mine[0].text, @r"
    That message is too long for me. Here is the menu 👇

    👋 Hello, Alice!

    Your key to an open internet is one tap away.
    ");
}

#[tokio::test]
async fn a_flood_is_answered_once_and_holds_up_nobody_else() {
    let world = World::open().await;
    let (mallory, alice) = (world.person(1009, "Mallory", "en"), world.alice());
    mallory.send("/start").await;
    mallory.expect_button("⚡").await;
    for _ in 0..60 {
        mallory.tap("Help");
    }
    world.first_key(&alice).await;
    world.rests().await;
    let slow = world.telegram.calls_of("answerCallbackQuery").len();
    assert_eq!(slow, 61, "every press is answered");
    assert_eq!(mallory.messages().iter().filter(|message| message.by_bot).count(), 1);
}
