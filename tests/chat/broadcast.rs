//! A message to many people, from the question to the last of them.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::operation::Cause;
use karvan::service::broadcast::Broadcasts;
use karvan::service::keys::{Ask, Keys};
use karvan::service::notice::{Lane, Letter, Notice};
use sim::telegram::{Action, Actor, Fault};

use crate::world::{ADMIN, World, reads};

/// So many people, who have spoken to the bot.
async fn people(world: &World, count: i64) -> Vec<Actor> {
    let mut all = Vec::new();
    for number in 0..count {
        let person = world.person(2000 + number, "Somebody", "en");
        person.send("/start").await;
        all.push(person);
    }
    for person in &all {
        person.expect_button("⚡").await;
    }
    world.rests().await;
    all
}

/// The admin is ready to send `text` to everybody.
async fn written(boss: &Actor, text: &str) {
    boss.send("/broadcast").await;
    boss.click("everybody").await;
    boss.expect("Write the message").await;
    boss.send(text).await;
    boss.expect("This is what people will see").await;
}

/// The loop looks, and what it has to say is said.
async fn a_look(world: &World) {
    world.passes(Duration::from_secs(10));
    Broadcasts::new(world.core.clone()).tick().await.unwrap();
    world.rests().await;
}

/// How often Telegram took a message with this text for a person.
fn arrived(world: &World, person: &Actor, text: &str) -> usize {
    let sent = world.telegram.calls_of("sendMessage").into_iter();
    let to_them = sent.filter(|call| call.ok && call.chat == Some(person.id()));
    to_them.filter(|call| call.params["text"].as_str().is_some_and(|said| said.contains(text))).count()
}

/// The next `times` tries to write to a person fail in Telegram.
fn fails(world: &World, person: &Actor, times: usize, status: u16, why: &str) {
    let fault = Fault::Answer { status, description: why.to_owned(), retry_after: None };
    world.telegram.inject("sendMessage", Some(person.id()), times, fault);
}

#[tokio::test]
async fn an_admin_writes_to_everybody() {
    let world = World::open().await;
    let boss = world.admin().await;
    let all = people(&world, 5).await;
    all[1].block_bot();
    world.rests().await;
    all[2].deactivate();
    boss.send("/broadcast").await;
    boss.click("everybody").await;
    boss.expect("Write the message").await;
    boss.send_html(
        "<b>Maintenance</b> at 22:00 &amp; <a href=\"https://status.example/?a=1&amp;b=2\">why</a> &lt;3",
    )
    .await;
    boss.expect("This is what people will see").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /broadcast
    Boss: Maintenance at 22:00 & why <3
    Karvan: Maintenance at 22:00 & why <3
    Karvan: 👆 This is what people will see.

      It goes to 5 people (everybody). Another text? Just send it.
      [📣 Send to 5 people]
      [✏️ Write it anew] [✖️ Cancel]
    ");
    fails(&world, &all[3], 1, 400, "Bad Request: MESSAGE_ODD");
    // Pressed twice.
    let (first, second) = (boss.tap("Send to 5"), boss.tap("Send to 5"));
    assert!(boss.answer(&first).await.is_some() && boss.answer(&second).await.is_some());
    boss.expect("It goes out").await;
    all[4].expect("Maintenance").await;
    world.rests().await;
    a_look(&world).await;
    boss.expect("Message to people: sent").await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /broadcast
    Boss: Maintenance at 22:00 & why <3
    Karvan: Maintenance at 22:00 & why <3
    Karvan: 📣 It goes out. A message below shows how far it is.
      [🏠 Menu]
    Karvan: ✅ Message to people: sent
      everybody

      ▓▓▓▓▓▓▓▓▓▓ 100%
      3 of 5 got it
      🚫 1 blocked the bot or left Telegram
      ⚠️ 1 not taken by Telegram
      ⏱ Took 10 seconds
    Karvan: Maintenance at 22:00 & why <3
    ");
    let got = all[0].expect("Maintenance").await;
    assert_eq!(got.text, "Maintenance at 22:00 & why <3");
    let kinds: Vec<&str> = got.entities.iter().map(|entity| entity.kind.as_str()).collect();
    assert_eq!(kinds, ["bold", "text_link"]);
    assert_eq!(got.entities[1].extra.as_deref(), Some("https://status.example/?a=1&b=2"));
    let times: Vec<usize> = all.iter().map(|person| arrived(&world, person, "Maintenance")).collect();
    assert_eq!(times, [1, 0, 0, 0, 1]);
    assert_eq!(arrived(&world, &boss, "Maintenance"), 2, "the admin, as a preview and as one of them");
    boss.send("/audit").await;
    boss.expect("Boss (1) · wrote to many people · message no. 1").await;
    boss.send("/broadcast").await;
    boss.expect("everybody, 3 of 5").await;
    // Who is not on Telegram any more is not written to again.
    boss.expect_button("everybody: 4").await;
}

#[tokio::test]
async fn a_message_can_be_left_at_each_step() {
    let world = World::open().await;
    let boss = world.admin().await;
    let alice = people(&world, 1).await.remove(0);
    boss.send("/broadcast").await;
    boss.click("everybody").await;
    boss.expect("Write the message").await;
    assert_eq!(boss.click("Cancel").await.text(), "Nothing was sent.");
    boss.expect("For admins").await;
    boss.send("not for anybody").await;
    boss.expect("I understand buttons best").await;
    written(&boss, "a first text").await;
    let Action::Data(old) = boss.expect_button("Send to").await.button("Send to").unwrap().action.clone()
    else {
        panic!("it sends something to us");
    };
    boss.click("Write it anew").await;
    boss.expect("Write the message").await;
    boss.send("another text").await;
    boss.expect("This is what people will see").await;
    boss.send("a better text").await;
    boss.expect_that("the preview", |message| message.text == "a better text").await;
    world.rests().await;
    assert_eq!(boss.press_data(&old).await.text.unwrap(), "This menu is out of date");
    assert_eq!(boss.click("Cancel").await.text(), "Nothing was sent.");
    boss.expect("For admins").await;
    assert_eq!(boss.press_data(&old).await.text.unwrap(), "This menu is out of date");
    world.rests().await;
    for text in ["not for anybody", "a first text", "another text", "a better text"] {
        assert_eq!(arrived(&world, &alice, text), 0, "{text}");
    }
    assert_eq!(world.core.store.recent_broadcasts(1).await.unwrap(), []);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_kindly() {
    let world = World::open().await;
    let boss = world.admin().await;
    let alice = people(&world, 1).await.remove(0);
    boss.send("/broadcast").await;
    boss.click("everybody").await;
    boss.expect("Write the message").await;
    boss.send_document("photo.png", b"not really").await;
    boss.expect("This can only be text").await;
    boss.send(&"x".repeat(4097)).await;
    boss.expect("4,097 characters of at most 4,096").await;
    world.rests().await;
    world.telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities: odd");
    boss.send("odd").await;
    boss.expect("Telegram does not take this message").await;
    assert_eq!(boss.press_data("A:st:everywhere").await.text.unwrap(), "This menu is out of date");
    assert_eq!(boss.press_data("A:sx:77:x").await.text.unwrap(), "This has ended already.");
    for data in ["A:s", "A:st:all", "A:ss:1", "A:sx:1:x"] {
        assert_eq!(alice.press_data(data).await.text.unwrap(), "This button is not for you", "{data}");
    }
    alice.send("/broadcast").await;
    alice.expect("I don't know this command").await;
    world.rests().await;
    assert_eq!(world.core.store.recent_broadcasts(1).await.unwrap(), []);
}

#[tokio::test]
async fn whatever_restarts_everybody_gets_it_once() {
    let mut world = World::open().await;
    let boss = world.admin().await;
    let all = people(&world, 4).await;
    written(&boss, "Once for all").await;
    fails(&world, &all[2], 1, 502, "Bad Gateway");
    fails(&world, &all[3], 2, 502, "Bad Gateway");
    boss.click("Send to 5").await;
    boss.expect("goes out").await;
    all[1].expect("Once for all").await;
    world.rests().await;
    world.stops().await;
    world.passes(Duration::from_secs(5));
    let left = world.core.store.due_letters(world.core.clock.now(), 99).await.unwrap();
    let lanes: Vec<_> = left.iter().map(|one| (one.letter.chat, one.letter.lane)).collect();
    let bulk = Lane::Bulk.number();
    assert_eq!(lanes, [(all[2].id(), bulk), (all[3].id(), bulk)], "whatever else there is goes first");
    world.starts();
    all[2].expect("Once for all").await;
    world.rests().await;
    world.dies();
    world.starts();
    world.passes(Duration::from_secs(60));
    all[3].expect("Once for all").await;
    world.rests().await;
    a_look(&world).await;
    a_look(&world).await;
    let progress = boss.expect("5 of 5 got it").await;
    assert!(progress.text.contains("Message to people: sent") && progress.buttons.is_empty());
    let told = boss.messages().into_iter().filter(|message| message.text.contains("got it")).count();
    assert_eq!(told, 1, "one message, edited as it goes on");
    for person in &all {
        assert_eq!(arrived(&world, person, "Once for all"), 1);
    }
}

#[tokio::test]
async fn a_message_is_stopped_for_those_who_have_not_got_it() {
    let world = World::open().await;
    let boss = world.admin().await;
    let all = people(&world, 3).await;
    written(&boss, "No, wait").await;
    fails(&world, &all[2], 2, 502, "Bad Gateway");
    boss.click("Send to 4").await;
    all[1].expect("No, wait").await;
    world.rests().await;
    a_look(&world).await;
    boss.expect("3 of 4 got it").await;
    assert_eq!(boss.click("Stop").await.text(), "");
    boss.expect("Message to people: stopped").await;
    // A letter that a process had in its hands at that moment.
    let broadcast = world.core.store.recent_broadcasts(1).await.unwrap().remove(0).id;
    let notice = Notice::Broadcast { broadcast };
    let held = Letter { chat: all[2].id(), lane: Lane::Bulk, slot: None, notice, screen: None };
    let now = world.core.clock.now();
    world.core.store.post(&[held.stored(now)], now).await.unwrap();
    world.passes(Duration::from_secs(120));
    a_look(&world).await;
    let told = boss.expect("1 person does not get it any more").await;
    assert!(told.text.contains("3 of 4 got it") && told.buttons.is_empty(), "{}", told.text);
    assert_eq!(boss.press_data_on(told.id, "A:sx:1:x").await.text.unwrap(), "This has ended already.");
    assert_eq!(arrived(&world, &all[2], "No, wait"), 0);
    boss.send("/audit").await;
    boss.expect("stopped a message to many people").await;
}

#[tokio::test]
async fn how_far_it_is_is_told_every_ten_seconds_at_most() {
    let world = World::open().await;
    let boss = world.admin().await;
    let all = people(&world, 1).await;
    written(&boss, "Slowly").await;
    boss.click("Send to 2").await;
    all[0].expect("Slowly").await;
    world.rests().await;
    let progress = boss.expect("Message to people: goes out").await;
    let edits = || {
        let edits = world.telegram.calls_of("editMessageText").into_iter();
        edits.filter(|call| call.params["message_id"].as_i64() == Some(progress.id)).count()
    };
    let broadcast = world.core.store.recent_broadcasts(1).await.unwrap().remove(0).id;
    for _ in 0..40 {
        world.passes(Duration::from_secs(1));
        let letter = Letter {
            chat: ADMIN,
            lane: Lane::Notice,
            slot: Some(format!("broadcast:{broadcast}")),
            notice: Notice::BroadcastProgress { broadcast },
            screen: None,
        };
        let now = world.core.clock.now();
        world.core.store.post(&[letter.stored(now)], now).await.unwrap();
        world.core.signals.mail.notify_one();
        world.rests().await;
    }
    assert!((3..=5).contains(&edits()), "{} edits in 40 s", edits());
}

#[tokio::test]
async fn the_people_of_one_location_or_panel_are_written_to() {
    let world = World::open().await;
    let boss = world.admin().await;
    let all = people(&world, 3).await;
    let keys = Keys::new(world.core.clone());
    for (person, region) in all.iter().zip(["de", "nl"]) {
        let owner = UserId(person.id());
        let ask = Ask { by: owner, cause: Cause::Owner, update_id: None, screen: None };
        keys.issue(&ask, owner, Some(region.parse().unwrap())).await.unwrap();
    }
    world.settles().await;
    world.rests().await;
    boss.send("/broadcast").await;
    boss.expect_button("with a working key: 2").await;
    boss.expect_button("without a working key: 2").await;
    boss.click("One location").await;
    boss.click("Netherlands").await;
    boss.expect("1 person (with a key in 🇳🇱 Netherlands)").await;
    boss.send("To the Dutch").await;
    boss.click("Send to 1 person").await;
    all[1].expect("To the Dutch").await;
    boss.send("/broadcast").await;
    boss.click("One panel").await;
    boss.click("DE1").await;
    boss.expect("1 person (with a key on DE1)").await;
    boss.send("To the first panel").await;
    boss.click("Send to 1 person").await;
    all[0].expect("To the first panel").await;
    world.rests().await;
    let times = |text: &str| all.iter().map(|person| arrived(&world, person, text)).collect::<Vec<_>>();
    assert_eq!(times("To the Dutch"), [0, 1, 0]);
    assert_eq!(times("To the first panel"), [1, 0, 0]);
    // Nobody is there any more.
    world.passes(Duration::from_secs(40 * 86_400));
    boss.press_data("A:st:in-nl").await;
    boss.expect("There is nobody to write to: with a key in 🇳🇱 Netherlands").await;
}

#[tokio::test]
async fn it_reads_well_in_other_languages() {
    let mut read = String::new();
    for (language, everybody, send, done) in
        [("ru", "всем", "Отправить", "закончена"), ("fa", "همه", "ارسال به", "فرستاده شد")]
    {
        let world = World::open().await;
        let boss = world.person(ADMIN, "Boss", language);
        boss.send("/start").await;
        let all = people(&world, 1).await;
        fails(&world, &all[0], 1, 400, "Bad Request: MESSAGE_ODD");
        boss.send("/broadcast").await;
        boss.click(everybody).await;
        boss.expect("✍️").await;
        boss.send("👋").await;
        boss.expect_button(send).await;
        world.rests().await;
        read.push_str(&reads(&boss));
        boss.click(send).await;
        world.rests().await;
        a_look(&world).await;
        boss.expect(done).await;
        boss.send("/broadcast").await;
        boss.expect_button("📍").await;
        world.rests().await;
        read.push_str(&reads(&boss));
    }
    insta::assert_snapshot!(read, @"
    Boss: /start
    Boss: /broadcast
    Boss: 👋
    Karvan: 👋
    Karvan: 👆 Так это увидят люди.

      Получателей: 2 (всем). Нужен другой текст? Просто пришлите его.
      [📣 Отправить: 2 человека]
      [✏️ Написать заново] [✖️ Отмена]
    Boss: /start
    Boss: /broadcast
    Boss: 👋
    Karvan: 👋
    Karvan: ✅ Рассылка: закончена
      всем

      ▓▓▓▓▓▓▓▓▓▓ 100 %
      Получили 1 из 2
      ⚠️ Не принято Telegram: 1
      ⏱ Заняло: 10 секунд
    Karvan: 👋
    Boss: /broadcast
    Karvan: 📣 Рассылка

      Кому отправить? Тех, кто заблокировал бота или кому отказано, не считаем.

      Недавно
      21 нояб. 2026: всем, 1 из 2
      [👥 всем: 2]
      [👥 у кого есть рабочий ключ: 0]
      [👥 у кого нет рабочего ключа: 2]
      [📍 Одна локация] [🖥 Одна панель]
      [🏠 Меню]
    Boss: /start
    Boss: /broadcast
    Boss: 👋
    Karvan: 👋
    Karvan: 👆 مردم این را می‌بینند.

      برای ۲ نفر (همه) فرستاده می‌شود. متن دیگری می‌خواهید؟ همان را بفرستید.
      [📣 ارسال به ۲ نفر]
      [✏️ نوشتن دوباره] [✖️ انصراف]
    Boss: /start
    Boss: /broadcast
    Boss: 👋
    Karvan: 👋
    Karvan: ✅ پیام همگانی: فرستاده شد
      همه

      ▓▓▓▓▓▓▓▓▓▓ ۱۰۰٪
      ۱ از ۲ نفر دریافت کردند
      ⚠️ تلگرام ۱ پیام را نپذیرفت
      ⏱ ۱۰ ثانیه طول کشید
    Karvan: 👋
    Boss: /broadcast
    Karvan: 📣 پیام همگانی

      برای چه کسانی؟ کسانی که ربات را مسدود کرده‌اند یا رد شده‌اند حساب نمی‌شوند.

      به‌تازگی
      ۳۰ آبان ۱۴۰۵: همه، ۱ از ۲
      [👥 همه: ۲]
      [👥 دارندگان کلید فعال: ۰]
      [👥 بدون کلید فعال: ۲]
      [📍 یک مکان] [🖥 یک پنل]
      [🏠 منو]
    ");
}
