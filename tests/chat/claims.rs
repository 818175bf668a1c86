//! People who have a key of a panel from before, and send it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karvan::service::core::AccessMode;
use karvan::service::fleet::{Edit, Fleet};
use sim::marzban::{Fault, Matcher};
use sim::telegram::Actor;

use crate::adoption::{stands, writes};
use crate::world::{Start, World, reads};

/// Only who is let in gets a new key.
async fn closed() -> World {
    World::with(Start { access: AccessMode::Approve, ..Start::default() }).await
}

/// Sends what holds a secret; the message is gone afterwards.
async fn sends(person: &Actor, text: &str, answer: &str) {
    let mark = person.mark();
    let message = person.send(text).await;
    person.expect_since(mark, answer).await;
    assert!(person.message(message).is_none(), "whoever sees such a message can use the key");
}

#[tokio::test]
async fn an_old_link_and_a_bare_key_become_their_owners_as_they_are() {
    let world = closed().await;
    let (alice, bob) = (world.alice(), world.person(1002, "Bob", "en"));
    for (panel, name) in [("de1", "vip"), ("nl1", "gold")] {
        stands(&world, panel, name, "").await;
    }
    for person in [&alice, &bob] {
        person.send("/start").await;
        person.expect_button("🙋").await;
    }
    let before = writes(world.panel("de1")) + writes(world.panel("nl1"));
    let link = world.panel("de1").user("vip").unwrap().subscription_url;
    sends(&alice, &format!("Hello! This is my link: {link}"), "This key is yours now").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: ✅ This key is yours now

      It goes on working as it is. From now on I look after it: you see its days and traffic here, and tell me when it does not work.
      I deleted your message, because whoever sees such a link can use it.
      [🔑 My key]
      [🏠 Menu]
    ");
    alice.click("My key").await;
    alice.expect("20 days left").await;

    let bare = world.panel("nl1").user("gold").unwrap().links[0].clone();
    sends(&bob, &bare, "This key is yours now").await;
    sends(&bob, &bare, "This key is yours already").await;
    // Once: who finds the link elsewhere gets nothing by it, and learns nothing.
    sends(&bob, &link, "I do not know this key").await;
    assert_eq!((world.keys_of(&alice).await, world.keys_of(&bob).await), (1, 1));
    let after = writes(world.panel("de1")) + writes(world.panel("nl1"));
    assert_eq!(after, before, "nothing on the panels changes");
}

#[tokio::test]
async fn what_no_panel_knows_gets_a_kind_word_and_guessing_an_end() {
    let world = closed().await;
    let alice = world.alice();
    let vip = stands(&world, "de1", "vip", "").await;
    let token = |name: &str| format!("{}abcdefghij", URL_SAFE_NO_PAD.encode(format!("{name},1700000000")));
    for wrong in [
        format!("https://de1.example/sub/{}", token("nobody")),
        // The right name, and a signature that the panel did not write.
        format!("https://de1.example/sub/{}", token("vip")),
        format!("vless://{}@de1.example:443", uuid::Uuid::new_v4()),
        "https://de1.example/sub/0123456789abcdef0123456789".to_owned(),
    ] {
        sends(&alice, &wrong, "I do not know this key").await;
    }
    // While a panel is silent nobody is told that their key is none.
    world.panel("de1").set_fault(Fault::Refuse);
    let right = format!("vless://{}@de1.example:443", vip.credentials.uuid);
    sends(&alice, &right, "I cannot check this key at the moment").await;
    world.panel("de1").heal();
    sends(&alice, &right, "many attempts").await;
    world.passes(std::time::Duration::from_secs(3601));
    sends(&alice, &right, "This key is yours now").await;
}

/// A search reads whole panels: whatever people send, one is searched at a time, nobody's chat waits for it, and all get
/// their answer.
#[tokio::test]
async fn one_search_at_a_time() {
    let world = closed().await;
    // Two panels under two names: where a key leads is asked first.
    let nl1 = "nl1".parse().unwrap();
    let url = world.panel("nl1").url().replace("127.0.0.1", "localhost");
    let fleet = Fleet::new(world.core.clone());
    fleet.edit(None, &nl1, Edit::BaseUrl(url.parse().unwrap())).await.unwrap();
    let panels = [("de1", "127.0.0.1"), ("nl1", "localhost")];
    let mut people = Vec::new();
    for (number, (panel, host)) in (0..).zip(panels) {
        let account = stands(&world, panel, &format!("old{number}"), "").await;
        let person = world.person(2000 + number, "P", "en");
        people.push((person, format!("vless://{}@{host}:443", account.credentials.uuid)));
    }
    let lists = Matcher::new("GET", "/api/users");
    for (panel, _) in panels {
        world.panel(panel).set_fault_for(lists.clone(), Fault::HoldAck);
        world.panel(panel).clear_requests();
    }
    for (person, key) in &people {
        person.send(key).await;
    }
    for (person, _) in &people {
        person.expect("I am asking the panels").await;
    }
    let reading = || {
        let asked = panels.map(|(panel, _)| world.panel(panel).requests());
        asked.iter().flatten().filter(|request| request.path == "/api/users").count()
    };
    world.leaves_unfinished(0).await;
    assert_eq!(reading(), 1);
    for (panel, _) in panels {
        world.panel(panel).set_fault_for(lists.clone(), Fault::None);
    }
    for (person, _) in &people {
        person.expect("This key is yours now").await;
    }
    assert_eq!(reading(), 2);
}
