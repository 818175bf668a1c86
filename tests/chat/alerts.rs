//! Incidents as admins read them: one message for each, edited as it goes on, with buttons.

use std::time::Duration;

use karvan::domain::incident::{Entry, Kind, Severity};
use karvan::domain::instance::Health;
use karvan::domain::{InstanceId, UserId};
use karvan::service::incidents::{Incidents, Report};
use karvan::service::notice::{Lane, Letter, Notice};
use karvan::store::flags;
use karvan::telegram::pacer::Limits;
use sim::telegram::{Actor, Group};

use crate::world::{ADMIN, Start, World, reads};

const SECOND: Duration = Duration::from_secs(1);

fn down() -> Entry {
    Entry::Down { refused: true }
}

impl World {
    fn incidents(&self) -> Incidents {
        Incidents::new(self.core.clone())
    }

    /// Something happens to `de1`.
    async fn happens(&self, entry: Entry) {
        self.happens_to(&"de1".parse().unwrap(), entry).await;
    }

    async fn happens_to(&self, id: &InstanceId, entry: Entry) {
        let severity = if entry == down() { Severity::Critical } else { Severity::Warning };
        let report = Report {
            kind: Kind::Instance,
            subject: id.to_string(),
            instance: Some(id.clone()),
            severity,
            affected: Some(42),
            entry,
        };
        self.incidents().report(&report).await.unwrap();
    }

    async fn panics(&self, entry: Entry) {
        let report = Report {
            kind: Kind::Panic,
            subject: "fleet".to_owned(),
            instance: None,
            severity: Severity::Critical,
            affected: None,
            entry,
        };
        self.incidents().report(&report).await.unwrap();
    }
}

fn planned() -> Entry {
    Entry::EvacuationPlanned { total: 42, per_target: vec![("nl1".parse().unwrap(), 40)], stranded: 2 }
}

/// How many messages of the bot hold these words.
fn count(person: &Actor, words: &str) -> usize {
    person.messages().iter().filter(|message| message.by_bot && message.text.contains(words)).count()
}

#[tokio::test]
async fn an_outage_is_one_message_that_tells_everything() {
    let world = World::open().await;
    let boss = world.admin().await;
    world.happens(Entry::Suspected).await;
    world.rests().await;
    assert_eq!(count(&boss, "DE1"), 0, "a suspicion alone is told to nobody");
    world.clock.advance(8 * SECOND);
    world.happens(down()).await;
    boss.expect("DE1 is down").await;
    insta::assert_snapshot!(boss.last_message().unwrap().text, @"
    ⛔ DE1 is down
    since 21 Nov 2026, 12:00

    The server refuses connections to the panel and to its users' addresses. This was checked several times.
    👥 42 keys are affected.

    👉 Nothing is urgent for you. When you can, see why the server is down.

    12:00:12 a check failed
    12:00:20 down: connections refused
    ");
    world.clock.advance(20 * SECOND);
    world.happens(planned()).await;
    boss.expect("0 of 42").await;
    world.rests().await;
    world.clock.advance(15 * SECOND);
    world.happens(Entry::EvacuationProgress { done: 21, total: 42 }).await;
    boss.expect("21 of 42").await;
    world.clock.advance(30 * SECOND);
    world.happens(Entry::EvacuationDone { moved: 40, stranded: 2, stayed: 0 }).await;
    boss.expect("40 keys were moved").await;
    world.clock.advance(120 * SECOND);
    world.happens(Entry::Recovering).await;
    boss.expect("answers again").await;
    world.clock.advance(30 * SECOND);
    world.incidents().recovered(Kind::Instance, "de1").await.unwrap();
    boss.expect("DE1 works again").await;
    world.rests().await;
    insta::assert_snapshot!(boss.last_message().unwrap().text, @"
    ✅ DE1 works again
    since 21 Nov 2026, 12:00, lasted 3 minutes

    👥 42 keys are affected.
    🚚 40 keys were moved to other panels.

    12:00:12 a check failed
    12:00:20 down: connections refused
    12:00:40 42 keys to be moved: NL1 40; no place for 2
    12:00:55 21 of 42 moved
    12:01:25 40 moved, 2 stayed
    12:03:25 answers again, is being watched
    12:03:55 works again, after 3 minutes
    ");
    assert_eq!(count(&boss, "DE1"), 1, "one message from the beginning to the end\n{}", boss.transcript());
    // It flaps: the same message goes on.
    world.clock.advance(60 * SECOND);
    world.happens(down()).await;
    boss.expect("DE1 is down").await;
    assert_eq!(count(&boss, "DE1"), 1);
    // An hour later it is another one.
    world.incidents().recovered(Kind::Instance, "de1").await.unwrap();
    boss.expect("DE1 works again").await;
    world.rests().await;
    world.passes(3600 * SECOND);
    world.happens(down()).await;
    boss.expect_that("a second message", |message| message.text.contains("DE1 is down")).await;
    assert_eq!(count(&boss, "DE1"), 2);
}

#[tokio::test]
async fn it_is_read_in_three_languages() {
    let world = World::with(Start { admins: vec![ADMIN, 2, 3], ..Start::default() }).await;
    let boss = world.admin().await;
    let (boris, sara) = (world.person(2, "Борис", "ru"), world.person(3, "سارا", "fa"));
    for person in [&boris, &sara] {
        person.send("/start").await;
        person.expect_button("⚡").await;
    }
    world.happens(Entry::ControlDown).await;
    world.clock.advance(20 * SECOND);
    world.happens(down()).await;
    world.clock.advance(20 * SECOND);
    world.happens(planned()).await;
    boss.expect_button("I take care of it").await;
    boss.click("I take care of it").await;
    for person in [&boss, &boris, &sara] {
        person.expect("✋ ").await;
    }
    world.rests().await;
    let read = |person: &Actor| crate::world::plain(&person.last_message().unwrap().text);
    insta::assert_snapshot!(read(&boss), @"
    ⛔ DE1 is down
    since 21 Nov 2026, 12:00

    The server refuses connections to the panel and to its users' addresses. This was checked several times.
    👥 42 keys are affected.
    🚚 Everyone is being moved to other panels:
    ░░░░░░░░░░ 0 of 42

    👉 2 keys find no place. Add a panel or raise the number of places on one: /nodes

    12:00:12 panel silent, users served
    12:00:32 down: connections refused
    12:00:52 42 keys to be moved: NL1 40; no place for 2

    ✋ Boss takes care of it (since 12:00).
    ");
    insta::assert_snapshot!(read(&boris), @"
    ⛔ DE1 не работает
    с 21 нояб. 2026, 12:00

    Сервер отвергает соединения и с панелью, и с адресами пользователей. Проверено несколько раз.
    👥 Затронуто: 42 ключа.
    🚚 Всех переносим на другие панели:
    ░░░░░░░░░░ 0 из 42

    👉 2 ключам не нашлось места. Добавьте панель или увеличьте число мест: /nodes

    12:00:12 панель молчит, ключи работают
    12:00:32 не работает: соединения отвергаются
    12:00:52 переносим 42 ключа: NL1 40; без места: 2

    ✋ Занимается Boss (с 12:00).
    ");
    insta::assert_snapshot!(read(&sara), @"
    ⛔ ⟨DE1⟩ از کار افتاده است
    از ۳۰ آبان ۱۴۰۵، ساعت ۱۲:۰۰

    سرور اتصال به پنل و به نشانی‌های کاربران را رد می‌کند. این چند بار بررسی شده است.
    👥 ۴۲ کلید درگیر است.
    🚚 همه در حال انتقال به پنل‌های دیگرند:
    ░░░░░░░░░░ ۰ از ۴۲

    👉 برای ۲ کلید جا پیدا نشد. پنلی اضافه کنید یا تعداد جاها را بیشتر کنید: ⟨/nodes⟩

    ⟨۱۲:۰۰:۱۲⟩ پنل ساکت، کلیدها برقرار
    ⟨۱۲:۰۰:۳۲⟩ از کار افتاد: اتصال رد می‌شود
    ⟨۱۲:۰۰:۵۲⟩ ۴۲ کلید منتقل می‌شود: ⟨NL1⟩ ۴۰؛ ۲ بدون جا

    ✋ ⟨Boss⟩ پیگیر است (از ساعت ۱۲:۰۰).
    ");
}

#[tokio::test]
async fn what_one_admin_presses_all_admins_see() {
    let world = World::with(Start { admins: vec![ADMIN, 2], ..Start::default() }).await;
    let boss = world.admin().await;
    let eve = world.person(2, "Eve <b>", "en");
    eve.send("/start").await;
    eve.expect_button("⚡").await;
    world.happens(down()).await;
    eve.expect("DE1 is down").await;
    boss.expect("DE1 is down").await;
    eve.click("I take care of it").await;
    boss.expect("✋ Eve <b> takes care of it").await;
    eve.click("Mute for 1 hour").await;
    boss.expect("Eve <b> has muted it").await;
    boss.expect_button("Unmute").await;
    boss.click("No new keys").await;
    eve.expect("no new keys, says Boss").await;
    world.rests().await;
    let de1 = world.core.store.instance(&"de1".parse().unwrap()).await.unwrap().unwrap();
    assert!(!de1.admin_state.accepts(world.core.clock.now()));
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Karvan: 👋 Hello, Boss!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
      [🖥 Panels] [🩺 Health]
    Karvan: ⛔ DE1 is down
      since 21 Nov 2026, 12:00

      The server refuses connections to the panel and to its users' addresses. This was checked several times.
      👥 42 keys are affected.

      👉 Nothing is urgent for you. When you can, see why the server is down.

      12:00:12 down: connections refused
      12:00:12 no new keys, says Boss

      ✋ Eve <b> takes care of it (since 12:00).
      🔕 Eve <b> has muted it until 13:00.
      [🔔 Unmute]
    ");
    assert_eq!(count(&eve, "DE1"), 1);
}

#[tokio::test]
async fn everybody_is_moved_away_only_when_the_admin_says_so_twice() {
    let world = World::open().await;
    let (boss, alice) = (world.admin().await, world.alice());
    world.first_key(&alice).await;
    world.settles().await;
    let store = &world.core.store;
    let config = store.keys_of(UserId(alice.id())).await.unwrap()[0];
    let place = async || store.key(config).await.unwrap().unwrap().primary().unwrap().instance.clone();
    let id = place().await;
    let name = id.as_str().to_uppercase();
    let now = world.core.clock.now();
    store.set_health(&id, Health::Unreachable, serde_json::Value::Null, None, now).await.unwrap();
    world.happens_to(&id, Entry::Unreachable).await;
    boss.expect(&format!("{name} cannot be reached")).await;
    boss.click("Move everyone away now").await;
    boss.expect(&format!("Move everyone away from {name}? 1 key goes")).await;
    boss.click("Back").await;
    boss.expect_gone("Move everyone away from").await;
    assert!(store.evacuations().await.unwrap().is_empty());
    boss.click("Move everyone away now").await;
    boss.click("Yes, move everyone").await;
    boss.expect("no new keys, says Boss").await;
    world.settles().await;
    assert_ne!(place().await, id, "the key is served elsewhere");
}

#[tokio::test]
async fn the_brake_is_taken_off_with_a_tap() {
    let world = World::open().await;
    let boss = world.admin().await;
    let now = world.core.clock.now();
    world.core.store.raise_flag(flags::PANIC, serde_json::Value::Null, now).await.unwrap();
    world.panics(Entry::PanicEntered { bad: 3, total: 5, own_path: false }).await;
    boss.expect("3 of 5 panels failed at once").await;
    insta::assert_snapshot!(boss.last_message().unwrap().text, @"
    🛑 3 of 5 panels failed at once: nobody is moved
    since 21 Nov 2026, 12:00

    When so many fail at the same time, it may be our own network or an attack. So the emergency brake is on: moving away from dead panels has stopped. Links and everything else go on.

    👉 Are those panels really dead? Then take the brake off with the button below. If not, wait: it goes off by itself.

    12:00:12 3 of 5 panels bad: brake on
    ");
    boss.click("Take the brake off").await;
    world.rests().await;
    assert!(!world.core.store.is_raised(flags::PANIC).await.unwrap());
}

#[tokio::test]
async fn a_group_gets_alerts_in_its_topic_and_admins_when_it_is_lost() {
    let start = Start {
        admins: vec![ADMIN, 2],
        alert_chat: Some(-100_500),
        alert_topic: Some(7),
        ..Start::default()
    };
    let world = World::with(start).await;
    let boss = world.admin().await;
    let eve = world.person(2, "Eve", "en");
    eve.send("/start").await;
    eve.expect_button("⚡").await;
    let group = world.telegram.group(Group {
        id: -100_500,
        title: "Alerts".to_owned(),
        topics: vec![(7, "Fleet".to_owned())],
        members: vec![ADMIN, 2],
        ..Group::default()
    });
    group.add_bot(ADMIN, false);
    let there = boss.in_group(&group).in_topic(7);
    world.happens(down()).await;
    there.expect("DE1 is down").await;
    world.telegram.expect_call(|call| call.is("sendMessage") && call.params["message_thread_id"] == 7).await;
    there.click("I take care of it").await;
    there.expect("✋ Boss takes care of it").await;
    world.rests().await;
    assert_eq!((count(&boss, "DE1"), count(&eve, "DE1")), (0, 0));
    // Somebody throws the bot out.
    group.kick_bot(2);
    world.happens(planned()).await;
    boss.expect("The group for alerts cannot be written to").await;
    boss.expect("0 of 42").await;
    eve.expect("0 of 42").await;
    world.clock.advance(60 * SECOND);
    world.happens(Entry::EvacuationDone { moved: 42, stranded: 0, stayed: 0 }).await;
    boss.expect("42 keys were moved").await;
    world.panics(Entry::PanicEntered { bad: 3, total: 5, own_path: true }).await;
    eve.expect("Our own network").await;
    world.rests().await;
    assert_eq!(count(&boss, "The group for alerts"), 1, "said once\n{}", boss.transcript());
    assert_eq!(count(&boss, "DE1"), 1);
    // The bot is back: the first message shows it, and the next incident goes to the group alone.
    group.add_bot(2, false);
    world.clock.advance(60 * SECOND);
    world.panics(Entry::PanicLeft { by: None }).await;
    there.expect("brake is off").await;
    world.rests().await;
    world.happens(Entry::Recovering).await;
    there.expect("DE1 answers again").await;
    world.passes(3600 * SECOND);
    world.incidents().close(Kind::Instance, "de1", Entry::Over).await.unwrap();
    world.passes(3600 * SECOND);
    world.happens(Entry::ControlDown).await;
    there.expect("the panel is silent").await;
    world.rests().await;
    assert_eq!(count(&boss, "the panel is silent"), 0);
}

#[tokio::test]
async fn a_topic_that_was_deleted_loses_no_alert() {
    let start = Start { alert_chat: Some(-100_500), alert_topic: Some(8), ..Start::default() };
    let world = World::with(start).await;
    let boss = world.admin().await;
    let group = world.telegram.group(Group {
        id: -100_500,
        title: "Alerts".to_owned(),
        topics: vec![(7, "Fleet".to_owned())],
        members: vec![ADMIN],
        ..Group::default()
    });
    group.add_bot(ADMIN, false);
    world.happens(down()).await;
    boss.expect("The group for alerts cannot be written to").await;
    boss.expect("DE1 is down").await;
}

#[tokio::test]
async fn alerts_lists_what_goes_on_and_what_was() {
    let world = World::open().await;
    let boss = world.admin().await;
    boss.send("/alerts").await;
    boss.expect("No alerts so far").await;
    world.happens(down()).await;
    world.clock.advance(20 * SECOND);
    world.happens(planned()).await;
    world.clock.advance(20 * SECOND);
    world.happens(Entry::EvacuationDone { moved: 40, stranded: 2, stayed: 0 }).await;
    world.clock.advance(300 * SECOND);
    world.incidents().recovered(Kind::Instance, "de1").await.unwrap();
    world.panics(Entry::PanicEntered { bad: 3, total: 5, own_path: false }).await;
    world.rests().await;
    boss.send("/alerts").await;
    let list = boss.expect("Going on: 1").await;
    insta::assert_snapshot!(list.text, @"
    🚨 Alerts

    🔴 Going on: 1

    🛑 3 of 5 panels failed at once: nobody is moved
    since 21 Nov 2026, 12:05

    Over

    ⛔ DE1 is down
    since 21 Nov 2026, 12:00, lasted 5 minutes
    🚚 40 keys were moved to other panels.
    ");
    boss.click_on(list.id, "3 of 5 panels failed").await;
    boss.expect("Are those panels really dead?").await;
    boss.click("Back").await;
    boss.expect("Going on: 1").await;
}

#[tokio::test]
async fn old_buttons_of_an_incident_that_is_over_do_nothing() {
    let world = World::open().await;
    let boss = world.admin().await;
    world.happens(down()).await;
    boss.expect("DE1 is down").await;
    let message = boss.last_message().unwrap().id;
    world.incidents().recovered(Kind::Instance, "de1").await.unwrap();
    boss.expect("DE1 works again").await;
    world.rests().await;
    let answer = boss.press_data_on(message, "A:zd:1:y").await;
    assert!(answer.text.as_deref().is_some_and(|text| text.contains("This is over")), "{answer:?}");
    assert!(world.core.store.evacuations().await.unwrap().is_empty());
    let stranger = world.person(1009, "Mallory", "en");
    stranger.send("/start").await;
    stranger.press_data("A:zd:1:a").await;
    world.rests().await;
    assert_eq!(world.core.store.closed_incidents(1).await.unwrap()[0].acknowledged, None);
}

#[tokio::test]
async fn telegram_away_delays_an_alert_and_loses_none() {
    let world = World::open().await;
    let boss = world.admin().await;
    world.telegram.inject(
        "sendMessage",
        Some(ADMIN),
        2,
        sim::telegram::Fault::Answer {
            status: 502,
            description: "Bad Gateway".to_owned(),
            retry_after: None,
        },
    );
    world.happens(down()).await;
    for _ in 0..20 {
        world.passes(5 * SECOND);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    boss.expect("DE1 is down").await;
    assert_eq!(count(&boss, "DE1"), 1);
}

#[tokio::test]
async fn i16_an_alert_overtakes_the_mass_on_its_way_through_telegram() {
    let world = World::with(Start { limits: Limits::TELEGRAM, ..Start::default() }).await;
    let boss = world.admin().await;
    let now = world.core.clock.now();
    let mass: Vec<_> = (0..300)
        .map(|user| {
            let notice = Notice::AccessGranted;
            Letter { chat: 50_000 + user, lane: Lane::Bulk, slot: None, notice, screen: None }.stored(now)
        })
        .collect();
    for user in 0..300 {
        let person = world.person(50_000 + user, "Somebody", "en");
        person.unblock_bot();
    }
    world.core.store.post(&mass, now).await.unwrap();
    world.core.signals.mail.notify_one();
    let bulk = || {
        let calls = world.telegram.calls_of("sendMessage");
        calls.iter().filter(|call| call.chat.is_some_and(|chat| chat >= 50_000)).count()
    };
    world.telegram.expect_call(|call| call.chat.is_some_and(|chat| chat >= 50_000)).await;
    let before = bulk();
    world.happens(down()).await;
    boss.expect("DE1 is down").await;
    let overtaken_by = bulk() - before;
    assert!(overtaken_by <= 40, "{overtaken_by} of the mass went before the alert");
    assert!(world.core.store.waiting_letters().await.unwrap() > 100, "the mass still waits");
}
