//! Accounts that lived on a panel before, in the chat of the admins: whose they are, and the word that takes them over.

use karvan::domain::instance::Mode;
use karvan::domain::{AccountName, Credentials, InstanceId};
use karvan::panel::{Call, Wanted};
use karvan::service::fleet::{Edit, Fleet};
use sim::marzban::{Fault, Marzban};

use crate::world::{Spec, Start, World, plain};

/// An account that somebody else made on a panel.
pub async fn stands(world: &World, panel: &str, name: &str, note: &str) -> Wanted {
    let wanted = Wanted {
        name: AccountName::stored(name.to_owned()),
        credentials: Credentials::generate(&mut rand::rng()),
        enabled: true,
        expires_at: Some(world.core.clock.now() + chrono::TimeDelta::days(20)),
        data_limit: Some(50 << 30),
        note: note.to_owned(),
    };
    let panel = world.core.panels.of(&panel.parse().unwrap()).await.unwrap();
    panel.create(&wanted, Call::BACKGROUND).await.unwrap();
    wanted
}

/// What was written to a panel, logins aside.
pub fn writes(panel: &Marzban) -> usize {
    let wrote = |method: &str, path: &str| method != "GET" && path != "/api/admin/token";
    panel.requests().iter().filter(|request| wrote(&request.method, &request.path)).count()
}

#[tokio::test]
async fn what_is_certain_is_taken_over_with_one_tap_and_the_panel_is_left_as_it_is() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 100)], ..Start::default() }).await;
    let (boss, alice) = (world.admin().await, world.person(123_456_789, "Alice", "en"));
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    for (name, note) in [
        ("user_123456789", "paid until May"),
        ("ivan", "tg:7654321"),
        ("8888888", ""),
        ("two", "tg:1111111 or tg:2222222"),
        ("vip", "the boss"),
    ] {
        stands(&world, "de1", name, note).await;
    }
    let de1: InstanceId = "de1".parse().unwrap();
    Fleet::new(world.core.clone()).edit(None, &de1, Edit::Mode(Mode::Observe)).await.unwrap();
    let before = writes(world.panel("de1"));

    boss.send("/adopt").await;
    boss.expect("Accounts that live on a panel already").await;
    boss.click("DE1").await;
    boss.expect_button("Take over what is certain").await;
    world.rests().await;
    insta::assert_snapshot!(plain(&boss.transcript()), @r"
    Boss: /start
    Boss: /adopt
    Karvan: 📥 Accounts on DE1

      ✅ with a certain owner: 2
      ▫️ of them new to the bot: 1
      ❔ with a bare number of nobody the bot knows: 1
      ❔ with several numbers: 1
      ▫️ that do not tell whose they are: 1

      ivan → 7654321
      user_123456789 → 123456789

      8888888 → 8888888?
      two → 1111111 / 2222222?

      Only the first are taken over. Nothing on the panel changes, and it goes on deciding about their limits.
      [📥 Take over what is certain]
      [‹ Back] [🏠 Menu]
    ");
    assert_eq!(world.keys_of(&alice).await, 0, "looking takes nothing");

    // An impatient thumb.
    boss.tap("Take over");
    boss.tap("Take over");
    boss.expect("Taken over: 2").await;
    world.rests().await;
    insta::assert_snapshot!(boss.last_message().unwrap().text, @"
    ✅ Taken over: 2

    📥 Accounts on DE1

    ✅ with a certain owner: 0
    ❔ with a bare number of nobody the bot knows: 1
    ❔ with several numbers: 1
    ▫️ that do not tell whose they are: 1
    🔑 keys already: 2

    8888888 → 8888888?
    two → 1111111 / 2222222?

    Only the first are taken over. Nothing on the panel changes, and it goes on deciding about their limits.
    ");
    assert_eq!(writes(world.panel("de1")), before, "nothing on the panel changes");

    // Its owner finds the key in the chat, as it is.
    alice.send("/start").await;
    alice.click("My key").await;
    alice.expect("20 days left").await;
    alice.expect("50 GB").await;
    // Nobody else has the command.
    alice.send("/adopt").await;
    world.rests().await;
    assert!(!alice.transcript().contains("live on a panel"), "{}", alice.transcript());
}

#[tokio::test]
async fn a_panel_that_cannot_be_read_is_said_so_and_asked_again() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 100)], ..Start::default() }).await;
    let boss = world.admin().await;
    stands(&world, "de1", "user_7654321", "").await;
    world.panel("de1").set_fault(Fault::Refuse);
    boss.send("/adopt de1").await;
    boss.expect("The panel cannot be read").await;
    world.panel("de1").heal();
    boss.click("Compare now").await;
    boss.expect("with a certain owner: 1").await;
    boss.send("/adopt xx9").await;
    boss.expect("not in the fleet").await;
}
