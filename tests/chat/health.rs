//! How the fleet is doing, as an admin reads it, and what an admin does about it.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::incident::{Entry, Kind, Severity};
use karvan::domain::instance::{AdminState, Health, NodeStatus};
use karvan::service::health::complaints;
use karvan::service::incidents::{Incidents, Report};
use karvan::service::keys::{Ask, Keys};
use sim::marzban::{Fault, NodeSpec};

use crate::world::{ADMIN, Spec, Start, World, plain, timeless};

impl World {
    async fn state(&self, id: &str) -> AdminState {
        self.core.store.instance(&id.parse().unwrap()).await.unwrap().unwrap().admin_state
    }

    async fn health_of(&self, id: &str) -> Health {
        self.core.store.health_of(&id.parse().unwrap()).await.unwrap().unwrap().health
    }

    fn posts(&self, id: &str, path: &str) -> usize {
        let seen = self.panel(id).requests();
        seen.iter().filter(|request| request.method == "POST" && request.path == path).count()
    }
}

#[tokio::test]
async fn a_panel_is_looked_at_in_depth() {
    let world = World::open().await;
    let boss = world.admin().await;
    let berlin = NodeSpec { usage_coefficient: 1.5, ..NodeSpec::new("Berlin", "192.0.2.7") };
    let berlin = world.panel("de1").add_node(&berlin);
    world.clock.advance(Duration::from_secs(2));
    world.checks().await;
    boss.send("/health").await;
    boss.expect("All 2 panels work").await;
    boss.click("DE1").await;
    boss.expect("Exits").await;
    world.rests().await;
    insta::assert_snapshot!(timeless(&plain(&boss.transcript())), @"
    Boss: /start
    Boss: /health
    Karvan: 🖥 DE1 (de1)
      🇩🇪 Germany

      🟢 works · since 21 Nov 2026, 12:00
      ➡️ It is looked at every few seconds.

      👥 ░░░░░░░░░░ 0 of 100 places

      Checks
      Panel: it answers (just now)
      Checked just now, answered in —
      No address of users is known yet: it comes with the first keys.

      Exits
      🟢 Berlin · 192.0.2.7 · ×1.5 · 0 GB in 30 days
      🟢 Master · 127.0.0.1 · 0 GB in 30 days
      [🔎 Check now] [🛰 Exits]
      [🚪 No new keys] [🚚 Move everyone away]
      [🛠 15 minutes] [🛠 60 minutes]
      [🚧 Mark as blocked] [🖥 The panel]
      [‹ Back]
    ");
    // An exit dies, and the address of the panel too.
    world.panel("de1").set_node(berlin, false);
    world.clock.advance(Duration::from_secs(11));
    boss.click("Check now").await;
    boss.expect("Connection refused").await;
    world.panel("de1").set_fault(Fault::Refuse);
    boss.click("Check now").await;
    boss.expect("nobody listens there").await;
    boss.expect("known within seconds").await;
    boss.send("/health nl1").await;
    boss.expect("NL1 (nl1)").await;
    boss.send("/health nowhere").await;
    boss.expect("There is no panel called nowhere").await;
    world.rests().await;
}

#[tokio::test]
async fn what_an_admin_does_about_it_is_done_at_once() {
    let world = World::open().await;
    let boss = world.admin().await;
    boss.send("/health de1").await;
    boss.click("No new keys").await;
    boss.expect("takes no new keys. Those on it stay").await;
    assert_eq!(world.state("de1").await, AdminState::Cordoned);
    boss.click("Take new keys").await;
    boss.expect("takes new keys again").await;
    boss.click("🛠 15 minutes").await;
    boss.expect("no alarm until").await;
    assert!(matches!(world.state("de1").await, AdminState::Maintenance { until: Some(_) }));
    boss.click("Take new keys").await;
    boss.expect("takes new keys again").await;
    boss.click("Mark as blocked").await;
    boss.expect("All admins are told").await;
    assert_eq!(world.health_of("de1").await, Health::Healthy);
    boss.click("✅ Yes").await;
    boss.expect("DE1 is marked as blocked").await;
    boss.expect("DE1 is blocked for some people").await;
    assert_eq!(world.health_of("de1").await, Health::Blocked);
    // New keys go elsewhere.
    let alice = world.alice();
    world.first_key(&alice).await;
    assert_eq!((world.panel("de1").usernames().len(), world.panel("nl1").usernames().len()), (0, 1));
    boss.click("Not blocked any more").await;
    boss.expect("is not marked as blocked any more").await;
    boss.expect("DE1 works again").await;
    assert_eq!(world.health_of("de1").await, Health::Healthy);
    boss.click("Move everyone away").await;
    boss.expect_button("Automatically").await;
    world.rests().await;
}

#[tokio::test]
async fn exits_are_hidden_connected_anew_and_the_core_restarted_when_asked_twice() {
    let world = World::open().await;
    let boss = world.admin().await;
    let berlin = world.panel("de1").add_node(&NodeSpec::new("Berlin", "192.0.2.7"));
    world.clock.advance(Duration::from_secs(2));
    world.checks().await;
    boss.send("/health de1").await;
    boss.click("Exits").await;
    boss.click("Berlin").await;
    boss.click("Hide").await;
    boss.expect("Berlin is hidden").await;
    boss.click("Show again").await;
    boss.expect("Berlin counts again").await;
    boss.click("Connect anew").await;
    boss.expect("connects to Berlin anew").await;
    boss.expect_button("🌍 Location").await;
    boss.click("🌍 Location").await;
    boss.expect("Where does Berlin leave the network").await;
    boss.send("somewhere").await;
    boss.expect("two letters").await;
    boss.send("nl").await;
    boss.expect("Berlin leaves in 🇳🇱 Netherlands").await;
    boss.click("🌍 Location").await;
    boss.click("Where its panel stands").await;
    boss.expect("Berlin leaves in 🇩🇪 Germany").await;
    assert_eq!(world.posts("de1", &format!("/api/node/{berlin}/reconnect")), 1);
    world.checks().await;
    boss.click("Back").await;
    boss.click("Restart the core").await;
    boss.expect("cut off for some seconds").await;
    boss.click("Yes, restart").await;
    boss.expect("Last question").await;
    assert_eq!(world.posts("de1", "/api/core/restart"), 0);
    boss.click("Yes, for good").await;
    boss.expect("The core of DE1 was restarted").await;
    assert_eq!(world.posts("de1", "/api/core/restart"), 1);
    let nodes = world.core.store.nodes_of(&"de1".parse().unwrap()).await.unwrap();
    assert!(nodes.iter().all(|node| node.status == NodeStatus::Connected && !node.hidden));
    world.rests().await;
}

#[tokio::test]
async fn an_admin_says_through_which_exit_a_link_leads() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 100)], ..Start::default() }).await;
    let boss = world.admin().await;
    world.panel("de1").add_node(&NodeSpec::new("Berlin", "192.0.2.7"));
    world.clock.advance(Duration::from_secs(2));
    world.checks().await;
    boss.send("/nodes").await;
    boss.click("DE1").await;
    boss.click("Exits").await;
    boss.click("Links and exits").await;
    boss.expect("they come with the first key").await;
    let alice = world.alice();
    world.first_key(&alice).await;
    boss.click("Back").await;
    boss.click("Links and exits").await;
    let all = boss.expect("Links of DE1").await;
    assert!(all.text.contains("127.0.0.1:") && all.text.contains("→ Master"), "{}", all.text);
    let key = world.core.store.keys_of(UserId(alice.id())).await.unwrap()[0];
    let secret = world.core.store.credentials(key).await.unwrap().unwrap().uuid.to_string();
    assert!(!all.text.contains(&secret), "nothing secret");
    boss.click("🔗 ").await;
    boss.expect("Through which exit does").await;
    boss.click("Berlin").await;
    boss.expect("Saved").await;
    let said = boss.expect("→ Berlin (you said so)").await.text;
    assert_eq!(said.matches("you said so").count(), 1, "{said}");
    let said = world.core.store.assigned_links(&"de1".parse().unwrap()).await.unwrap();
    assert_eq!(said.iter().map(|(_, node)| node.as_deref()).collect::<Vec<_>>(), [Some("Berlin")]);
    boss.click("🔗 ").await;
    boss.click("Through none of them").await;
    boss.expect("through no exit (you said so)").await;
    boss.click("🔗 ").await;
    boss.click("As its address or name says").await;
    boss.expect("Saved").await;
    assert!(world.core.store.assigned_links(&"de1".parse().unwrap()).await.unwrap().is_empty());
    world.rests().await;
    assert!(!boss.transcript().contains(&secret));
}

#[tokio::test]
async fn many_panels_are_shown_page_by_page() {
    let names: Vec<String> = (0..23).map(|number| format!("de{number:02}")).collect();
    let panels = names.iter().map(|name| Spec(name.clone().leak(), "de", 100)).collect();
    let world = World::with(Start { panels, ..Start::default() }).await;
    let boss = world.admin().await;
    world.panel("de22").set_fault(Fault::Refuse);
    world.checks().await;
    boss.send("/health").await;
    let first = boss.expect("1 of 23 panels").await.text;
    assert!(first.contains("DE22") && first.contains("DE18") && !first.contains("DE19"), "{first}");
    boss.click("Next").await;
    let second = boss.expect("DE21").await.text;
    assert!(!second.contains("DE18") && second.contains("DE19"), "{second}");
    boss.click("Previous").await;
    boss.expect("DE00").await;
    world.rests().await;
}

#[tokio::test]
async fn people_who_say_that_it_does_not_work_raise_a_suspicion_and_move_nobody() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 100)], ..Start::default() }).await;
    let boss = world.admin().await;
    let keys = Keys::new(world.core.clone());
    let ask = |user| Ask {
        by: user,
        cause: karvan::domain::operation::Cause::Owner,
        update_id: None,
        screen: None,
    };
    let mut all = Vec::new();
    for number in 0..6 {
        let person = world.person(2000 + number, "Somebody", "en");
        world.first_key(&person).await;
        let user = UserId(person.id());
        let config = world.core.store.keys_of(user).await.unwrap()[0];
        all.push((user, config));
    }
    world.settles().await;
    world.checks().await;
    let complain = async |count: usize| {
        for (user, config) in &all[..count] {
            keys.diagnose(&ask(*user), *config).await.unwrap();
        }
        complaints::look(&world.core).await.unwrap();
        world.rests().await;
    };
    complain(4).await;
    complain(4).await;
    assert!(!boss.transcript().contains("perhaps blocked"), "the same four twice are four");
    // A fifth resets the link, as people do when nothing helps.
    keys.rotate(&ask(all[5].0), all[5].1).await.unwrap();
    world.settles().await;
    complain(4).await;
    boss.expect("DE1: perhaps blocked").await;
    boss.expect("Nobody is moved").await;
    boss.expect_button("Move everyone away").await;
    assert_eq!(world.core.store.open_operations().await.unwrap(), 0);
    assert!(world.core.store.evacuations().await.unwrap().is_empty());
    boss.send("/health de1").await;
    boss.expect("made a new link: 5 people").await;
    // Nobody complains any more.
    world.passes(Duration::from_secs(3700));
    complaints::look(&world.core).await.unwrap();
    world.rests().await;
    assert!(world.core.store.open_incidents().await.unwrap().is_empty());
    assert_eq!(ADMIN, boss.id());
}

#[tokio::test]
async fn the_service_tells_of_itself() {
    let world = World::open().await;
    let boss = world.admin().await;
    boss.send("/health").await;
    boss.click("The service").await;
    let text = boss.expect("The service itself").await.text;
    for part in ["Karvan 0.", "Database: SQLite", "Memory: ", "Messages to be sent: "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let mallory = world.person(1009, "Mallory", "en");
    mallory.send("/health system").await;
    boss.send("/health system").await;
    boss.expect("The service itself").await;
    world.rests().await;
    assert!(!mallory.transcript().contains("Database"));
}

#[tokio::test]
async fn a_dead_address_with_a_living_panel_is_told_in_the_admins_language() {
    let world = World::with(Start { admins: vec![ADMIN, 2, 3], ..Start::default() }).await;
    let boss = world.admin().await;
    let (boris, sara) = (world.person(2, "Борис", "ru"), world.person(3, "سارا", "fa"));
    for person in [&boris, &sara] {
        person.send("/start").await;
        person.expect_button("⚡").await;
    }
    let address = || "relay.example:443".to_owned();
    let panels = vec!["de1".parse().unwrap(), "nl1".parse().unwrap()];
    let incidents = Incidents::new(world.core.clone());
    let report = Report {
        kind: Kind::Endpoint,
        subject: address(),
        instance: None,
        severity: Severity::Critical,
        affected: Some(42),
        entry: Entry::EndpointSilent { address: address(), panels },
    };
    incidents.report(&report).await.unwrap();
    let texts = [
        boss.expect("relay.example").await.text,
        boris.expect("relay.example").await.text,
        sara.expect("relay.example").await.text,
    ];
    insta::assert_snapshot!(plain(&texts.join("\n———\n")), @"
    🔴 The address relay.example:443 in users' links does not answer
    since 21 Nov 2026, 12:00

    Links of DE1, NL1 lead there, and those panels themselves live. Nobody is moved.
    👥 42 keys are affected.

    👉 See to the relay, the firewall or the inbound behind this address. If it is gone for good, move everyone away: /nodes

    12:00:12 the address does not answer
    ———
    🔴 Адрес relay.example:443 из ссылок пользователей не отвечает
    с 21 нояб. 2026, 12:00

    Туда ведут ссылки панелей: DE1, NL1. Сами панели живы. Никого не переносим.
    👥 Затронуто: 42 ключа.

    👉 Проверьте ретранслятор, файрвол или inbound за этим адресом. Если его больше не будет, перенесите всех: /nodes

    12:00:12 адрес не отвечает
    ———
    🔴 نشانی ⟨relay.example:443⟩ در لینک کاربران جواب نمی‌دهد
    از ۳۰ آبان ۱۴۰۵، ساعت ۱۲:۰۰

    لینک‌های ⟨DE1⟩، ⟨NL1⟩ به آنجا می‌روند و خود آن پنل‌ها زنده‌اند. کسی جابه‌جا نمی‌شود.
    👥 ۴۲ کلید درگیر است.

    👉 رله، فایروال یا ورودیِ پشت این نشانی را بررسی کنید. اگر دیگر برنمی‌گردد، همه را جابه‌جا کنید: ⟨/nodes⟩

    ⟨۱۲:۰۰:۱۲⟩ نشانی جواب نمی‌دهد
    ");
    incidents.close(Kind::Endpoint, &address(), Entry::EndpointBack { address: address() }).await.unwrap();
    boss.expect("answers again").await;
    world.rests().await;
}
