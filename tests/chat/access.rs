//! Who may have a key.

use karvan::domain::UserId;
use karvan::service::access::AccessDesk;
use karvan::service::core::AccessMode;
use sim::telegram::{Group, Person};

use crate::world::{ADMIN, Start, World, reads};

fn approve() -> Start {
    Start { access: AccessMode::Approve, ..Start::default() }
}

#[tokio::test]
async fn a_request_reaches_the_admins_and_one_of_them_decides() {
    let world = World::with(Start { admins: vec![ADMIN, 2], ..approve() }).await;
    let (boss, second) = (world.admin().await, world.person(2, "Second", "ru"));
    second.send("/start").await;
    second.expect_button("⚡").await;
    let alice = world.telegram.person(Person::new(1001, "Al<b>ice").username("alice"));
    alice.send("/start").await;
    alice.expect_button("🙋").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Al<b>ice: /start
    Karvan: 👋 Hello, Al<b>ice!

      Keys here are for people the admin knows. Tap the button, and the admin gets your request.
      [🙋 Ask for access]
      [🌐 Language] [❓ Help]
    ");
    alice.tap("🙋");
    alice.tap("🙋");
    alice.expect("with the admin").await;
    boss.expect("asks for access").await;
    second.expect_button("✅").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @r"
    Boss: /start
    Karvan: 👋 Hello, Boss!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
      [🖥 Panels] [🩺 Health]
    Karvan: 🙋 Al<b>ice asks for access.
      id: 1001 · @alice
      [✅ Let in] [❌ Refuse]
      [✅ With limits…]
    ");
    insta::assert_snapshot!(reads(&second), @r"
    Second: /start
    Karvan: 👋 Здравствуйте, Second!

      До вашего ключа к открытому интернету одно нажатие.
      [⚡ Получить ключ]
      [🌐 Язык] [❓ Помощь]
      [🖥 Панели] [🩺 Состояние]
    Karvan: 🙋 Al<b>ice просит доступ.
      id: 1001 · @alice
      [✅ Пустить] [❌ Отказать]
      [✅ С лимитами…]
    ");
    // Two admins at once: one effect.
    boss.tap("✅ Let in");
    second.tap("❌");
    alice
        .expect_that("an answer", |message| {
            message.text.contains("You are in") || message.text.contains("said no")
        })
        .await;
    world.rests().await;
    let both = [boss.transcript(), second.transcript()];
    assert!(both.iter().all(|chat| !chat.contains("❌ Отказать")), "{both:?}");
    let told = alice
        .messages()
        .iter()
        .filter(|m| m.text.contains("You are in") || m.text.contains("said no"))
        .count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn an_admin_lets_somebody_in_with_limits_of_their_own() {
    let world = World::with(approve()).await;
    let boss = world.admin().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("🙋").await;
    alice.click("🙋").await;
    boss.expect_button("With limits").await;
    boss.click("With limits").await;
    boss.expect("How long and how much").await;
    insta::assert_snapshot!(reads(&boss), @r"
    Boss: /start
    Karvan: 👋 Hello, Boss!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
      [🖥 Panels] [🩺 Health]
    Karvan: ⚙️ How long and how much may Alice have?
      id: 1001
      [7 days · 10 GB] [30 days · 30 GB]
      [30 days · 100 GB] [90 days · 200 GB]
      [180 days · 500 GB] [365 days · 1,000 GB]
      [‹ Back]
    ");
    boss.click("7 days").await;
    boss.expect("was let in").await;
    alice.expect("You are in").await;
    alice.click("⚡").await;
    alice.expect_button("Android").await;
    alice.click("My key").await;
    alice.expect("10 GB").await;
    alice.expect("7 days left").await;
}

#[tokio::test]
async fn a_refusal_is_told_kindly() {
    let world = World::with(approve()).await;
    let boss = world.admin().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("🙋").await;
    alice.click("🙋").await;
    boss.expect_button("❌").await;
    boss.click("❌").await;
    alice.expect("said no").await;
    boss.expect("was refused").await;
    // No way around it.
    alice.press_data("g:0:-").await;
    alice.expect("said no").await;
    world.rests().await;
    assert_eq!(world.accounts(), 0);
}

#[tokio::test]
async fn requests_go_to_the_alert_chat_where_only_admins_decide() {
    let world = World::with(Start { alert_chat: Some(-100_500), ..approve() }).await;
    let group = world.telegram.group(Group { id: -100_500, title: "Alerts".to_owned(), ..Group::default() });
    let boss = world.person(ADMIN, "Boss", "en").in_group(&group);
    let stranger = world.person(1009, "Mallory", "en").in_group(&group);
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("🙋").await;
    alice.click("🙋").await;
    boss.expect_button("✅").await;
    let click = stranger.click("✅ Let in").await;
    assert_eq!(click.text(), "This button is not for you");
    boss.send("/start@karvan_bot").await;
    boss.click("✅ Let in").await;
    alice.expect("You are in").await;
    world.rests().await;
    insta::assert_snapshot!(group.transcript(), @r"
    Karvan: ✅ Alice was let in.
      id: 1001
    Boss: /start@karvan_bot
    ");
}

#[tokio::test]
async fn an_invitation_opens_the_door_as_often_as_it_says() {
    let world = World::with(Start { access: AccessMode::Invite, ..Start::default() }).await;
    let desk = AccessDesk::new(world.core.clone());
    world.admin().await;
    let invite = desk.make_invite(UserId(ADMIN), 2, Some(14), None).await.unwrap();
    let (alice, bob, eve) = (world.alice(), world.person(1002, "Bob", "en"), world.person(1003, "Eve", "en"));
    alice.send("/start").await;
    alice.expect("need an invitation").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 👋 Hello! You need an invitation. Open the invitation link you were given, or send me its code.
      [💬 Write to support ↗]
      [🌐 Language] [❓ Help]
    ");
    alice.send("/start inv_wrong234").await;
    alice.expect("don't know this invitation").await;
    alice.send(&format!("/start inv_{}", invite.code)).await;
    alice.expect("Welcome").await;
    alice.click("⚡").await;
    alice.expect_button("Android").await;
    alice.click("My key").await;
    alice.expect("14 days left").await;
    bob.send(&format!("https://t.me/karvan_bot?start=inv_{}", invite.code)).await;
    bob.expect("Welcome").await;
    eve.send(&format!("/start inv_{}", invite.code)).await;
    eve.expect("used up").await;
    alice.send(&format!("/start inv_{}", invite.code)).await;
    alice.expect("give it to a friend").await;
    world.rests().await;
    assert_eq!(world.accounts(), 1);
}

#[tokio::test]
async fn when_nobody_new_is_taken_it_is_said_kindly() {
    let world = World::with(Start { access: AccessMode::Closed, ..Start::default() }).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect("No new people").await;
    alice.press_data("g:0:-").await;
    alice.press_data("aa").await;
    world.rests().await;
    assert_eq!(world.accounts(), 0);
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 👋 Hello! No new people are taken right now. Please come back later.
      [💬 Write to support ↗]
      [🌐 Language] [❓ Help]
    ");
}

#[tokio::test]
async fn a_bot_without_admins_explains_how_to_become_one() {
    let world = World::with(Start { admins: vec![], ..Start::default() }).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect("ADMIN_IDS=1001").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 👋 Hello, Alice!

      Your key to an open internet is one tap away.

      🛠 This bot has no admin yet. If it is yours, put this line into its .env file and start it again:

      ADMIN_IDS=1001
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
    ");
    alice.send("/id").await;
    alice.expect("Your Telegram id: 1001").await;
}

#[tokio::test]
async fn the_commands_shown_fit_the_role_and_the_language() {
    let world = World::open().await;
    world.telegram.expect_call(|call| call.is("setMyCommands") && call.ok).await;
    let (boss, boris) = (world.admin().await, world.person(1002, "Борис", "ru"));
    boris.send("/start").await;
    boris.expect_button("⚡").await;
    world.rests().await;
    let names =
        |commands: Vec<(String, String)>| commands.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert!(names(boss.commands()).contains(&"nodes".to_owned()));
    assert_eq!(names(boris.commands()), ["start", "key", "help", "language"]);
    assert!(boris.commands().iter().any(|(_, words)| words == "Помощь"), "{:?}", boris.commands());
}
