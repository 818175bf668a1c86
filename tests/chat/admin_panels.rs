//! Panels, as admins look after them in the chat.

use karvan::domain::UserId;
use karvan::domain::instance::AdminState;
use karvan::service::fleet::Fleet;
use karvan::service::keys::{Ask, Keys};
use sim::clock::SimClock;
use sim::marzban::{self, Fault, Inbound, Marzban};
use sim::telegram::{Actor, Group};

use crate::world::{ADMIN, Spec, Start, World, plain, reads, timeless};

/// A panel that is not in the fleet yet.
async fn new_panel(clock: &SimClock) -> Marzban {
    let options =
        marzban::Options { name: "new".into(), clock: clock.clone(), ..marzban::Options::default() };
    Marzban::start(options).await.unwrap()
}

/// Its login.
fn login() -> (String, String) {
    marzban::Options::default().admin
}

/// What a chat reads like, without what is drawn by chance.
fn calm(person: &Actor, panel: &Marzban) -> String {
    let port = panel.url().rsplit(':').next().unwrap().to_owned();
    timeless(&plain(&person.transcript())).replace(&port, "8000")
}

async fn fills_in(boss: &Actor, panel: &Marzban) {
    let (username, password) = login();
    boss.send(&panel.url()).await;
    boss.expect("2.").await;
    boss.send(&username).await;
    boss.expect("3.").await;
    boss.send(&password).await;
}

#[tokio::test]
async fn a_panel_is_added_and_serves_the_next_key() {
    let world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let panel = new_panel(&world.clock).await;
    let boss = world.admin().await;
    boss.send("/nodes").await;
    boss.expect_button("Add a panel").await;
    boss.click("Add a panel").await;
    boss.expect("The panel's address").await;
    fills_in(&boss, &panel).await;
    boss.expect_button("Go on").await;
    // The password is nowhere to be read any more.
    assert!(!boss.transcript().contains(&login().1));
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, &panel), @"
    Boss: /start
    Boss: /nodes
    Boss: http://127.0.0.1:8000
    Boss: admin
    Karvan: 🔒 Password received, your message is deleted.

      ✅ The panel answers well (—)
      Version 0.8.4
      Users: 0 active of 0
      Ways in: Shadowsocks TCP (shadowsocks/tcp/none), Trojan Websocket (trojan/ws/none), VLESS TCP REALITY (vless/tcp/reality), VMess Websocket (vmess/ws/none), VMess TCP (vmess/tcp/none)
      Exits: 1 of 1 connected
      [▶️ Go on] [⚙️ Advanced]
      [🔁 Try again] [✖️ Cancel]
    ");
    boss.click("Go on").await;
    boss.expect("In which country").await;
    boss.click("Germany").await;
    boss.expect("What shall people call it").await;
    boss.click("Germany 1").await;
    boss.expect("How many keys").await;
    boss.click("300").await;
    boss.expect("Save this panel?").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, &panel), @"
    Boss: /start
    Boss: /nodes
    Boss: http://127.0.0.1:8000
    Boss: admin
    Karvan: ➕ Germany 1 · 🇩🇪 Germany
      Address: http://127.0.0.1:8000
      Login: admin
      Places at most: 300
      Order: 1, share: 1

      ✅ Tested: it works.

      Save this panel? It takes new keys at once.
      [💾 Save]
      [Name] [Location] [Places at most]
      [⚙️ Advanced] [✖️ Cancel]
    ");
    boss.click("Save").await;
    boss.expect("is in the fleet").await;
    boss.click("Germany 1").await;
    boss.expect("Our keys: 0").await;
    world.checks().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    assert_eq!(panel.usernames().len(), 1);
    let views = Fleet::new(world.core.clone()).list().await.unwrap();
    assert_eq!((views[0].instance.id.as_str(), views[0].instance.max_users), ("de001", 300));
    // The same panel twice is refused before anything else is asked.
    boss.send("/addpanel").await;
    boss.expect("The panel's address").await;
    boss.send(&format!("{}/", panel.url())).await;
    boss.expect("in the fleet already, as de001").await;
    world.rests().await;
}

#[tokio::test]
async fn the_same_questions_in_russian_and_persian() {
    let world = World::with(Start { panels: vec![], admins: vec![2, 3], ..Start::default() }).await;
    let panel = new_panel(&world.clock).await;
    for (id, language) in [(2, "ru"), (3, "fa")] {
        let boss = world.person(id, "Boss", language);
        let mut read = String::new();
        let mut keep = |boss: &Actor| read.push_str(&calm(boss, &panel));
        boss.send("/addnode").await;
        boss.expect("https://vpn1.example.com:8000").await;
        world.rests().await;
        keep(&boss);
        boss.send(&panel.url()).await;
        boss.expect_that("the second question", |m| m.text.contains("2.") || m.text.contains("۲.")).await;
        boss.send(&login().0).await;
        boss.expect_that("the third question", |m| m.text.contains("3.") || m.text.contains("۳.")).await;
        boss.send(&login().1).await;
        boss.expect_button("▶️").await;
        world.rests().await;
        keep(&boss);
        boss.click("▶️").await;
        boss.expect_button("🇳🇱").await;
        world.rests().await;
        keep(&boss);
        boss.click("🇳🇱").await;
        boss.expect_that("the fifth question", |m| m.text.contains("5.") || m.text.contains("۵.")).await;
        boss.send("Amsterdam").await;
        boss.expect_that("the sixth question", |m| m.text.contains("6.") || m.text.contains("۶.")).await;
        boss.send("۲۰۰").await;
        boss.expect_button("💾").await;
        world.rests().await;
        keep(&boss);
        boss.click("⚙️").await;
        boss.expect_button("SHA-256").await;
        world.rests().await;
        keep(&boss);
        boss.click("✖️").await;
        boss.expect_button("➕").await;
        match language {
            "ru" => insta::assert_snapshot!(read, @"
            Boss: /addnode
            Karvan: ➕ Новая панель

              Я спрошу несколько вещей, проверю панель, и вы решите. До этого ничего не сохраняется.

              1. Адрес панели, с портом и путём, если он есть. Например:
              https://vpn1.example.com:8000
              [✖️ Отмена]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Karvan: 🔒 Пароль получен, сообщение удалено.

              ✅ Панель отвечает хорошо (—)
              Версия 0.8.4
              Пользователей: 0 активных из 0
              Входы: Shadowsocks TCP (shadowsocks/tcp/none), Trojan Websocket (trojan/ws/none), VLESS TCP REALITY (vless/tcp/reality), VMess Websocket (vmess/ws/none), VMess TCP (vmess/tcp/none)
              Выходы: 1 из 1 на связи
              [▶️ Продолжить] [⚙️ Дополнительно]
              [🔁 Попробовать ещё раз] [✖️ Отмена]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Karvan: 4. В какой она стране? Нажмите или отправьте двухбуквенный код, например de.
              [🇩🇪 Германия] [🇳🇱 Нидерланды]
              [🇫🇮 Финляндия] [🇸🇪 Швеция]
              [🇫🇷 Франция] [🇬🇧 Великобритания]
              [🇵🇱 Польша] [🇺🇸 США]
              [🇹🇷 Турция] [🇰🇿 Казахстан]
              [✖️ Отмена]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Boss: Amsterdam
            Boss: ۲۰۰
            Karvan: ➕ Amsterdam · 🇳🇱 Нидерланды
              Адрес: http://127.0.0.1:8000
              Логин: admin
              Мест, не больше: 200
              Очередь: 1, доля: 1

              ✅ Проверена: работает.

              Сохранить панель? Она сразу начнёт принимать ключи.
              [💾 Сохранить]
              [Название] [Локация] [Мест, не больше]
              [⚙️ Дополнительно] [✖️ Отмена]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Boss: Amsterdam
            Boss: ۲۰۰
            Karvan: ⚙️ Дополнительно

              Большинству панелей это не нужно.

              Прокси до панели: не задано
              Дополнительные заголовки: не задано
              Свой центр сертификации (PEM): не задано
              Отпечаток сертификата (SHA-256): не задано
              Соединяться с хост:порт: не задано
              Имя для TLS (SNI): не задано
              Предъявляемый сертификат с ключом (PEM): не задано
              Какие inbounds выдавать: не задано
              Очередь (меньше – раньше): 1
              Доля новых ключей: 1
              Метки: не задано
              Хостинг: не задано
              Заметка: не задано
              [Прокси до панели]
              [Дополнительные заголовки]
              [Свой центр сертификации (PEM)]
              [Отпечаток сертификата (SHA-256)]
              [Соединяться с хост:порт]
              [Имя для TLS (SNI)]
              [Предъявляемый сертификат с ключом (PEM)]
              [Какие inbounds выдавать]
              [Очередь (меньше – раньше)] [Доля новых ключей]
              [Метки] [Хостинг]
              [Заметка]
              [▶️ Продолжить] [✖️ Отмена]
            "),
            _ => insta::assert_snapshot!(read, @"
            Boss: /addnode
            Karvan: ➕ پنل تازه

              چند چیز می‌پرسم، پنل را آزمایش می‌کنم و شما تصمیم می‌گیرید. تا آن موقع چیزی ذخیره نمی‌شود.

              ۱. نشانی پنل، با پورت و مسیر اگر دارد. مثلاً:
              ⟨https://vpn1.example.com:8000⟩
              [✖️ انصراف]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Karvan: 🔒 رمز رسید و پیام شما پاک شد.

              ✅ پنل خوب جواب می‌دهد (—)
              نسخهٔ 0.8.4
              کاربران: ۰ فعال از ۰
              ورودی‌ها: ⟨Shadowsocks TCP (shadowsocks/tcp/none)⟩، ⟨Trojan Websocket (trojan/ws/none)⟩، ⟨VLESS TCP REALITY (vless/tcp/reality)⟩، ⟨VMess Websocket (vmess/ws/none)⟩، ⟨VMess TCP (vmess/tcp/none)⟩
              خروجی‌ها: ۱ از ۱ وصل
              [▶️ ادامه] [⚙️ پیشرفته]
              [🔁 دوباره امتحان کن] [✖️ انصراف]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Karvan: ۴. در کدام کشور است؟ یکی را بزنید یا کد دوحرفی‌اش را بفرستید، مثل ⟨de⟩.
              [🇩🇪 آلمان] [🇳🇱 هلند]
              [🇫🇮 فنلاند] [🇸🇪 سوئد]
              [🇫🇷 فرانسه] [🇬🇧 بریتانیا]
              [🇵🇱 لهستان] [🇺🇸 آمریکا]
              [🇹🇷 ترکیه] [🇰🇿 قزاقستان]
              [✖️ انصراف]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Boss: Amsterdam
            Boss: ۲۰۰
            Karvan: ➕ ⟨Amsterdam⟩ · 🇳🇱 هلند
              نشانی: ⟨http://127.0.0.1:8000⟩
              کاربر: ⟨admin⟩
              بیشترین جا: ۲۰۰
              نوبت: ۱، سهم: ۱

              ✅ آزمایش شد و کار می‌کند.

              این پنل ذخیره شود؟ فوراً کلید تازه می‌گیرد.
              [💾 ذخیره]
              [نام] [مکان] [بیشترین جا]
              [⚙️ پیشرفته] [✖️ انصراف]
            Boss: /addnode
            Boss: http://127.0.0.1:8000
            Boss: admin
            Boss: Amsterdam
            Boss: ۲۰۰
            Karvan: ⚙️ پیشرفته

              بیشتر پنل‌ها به این‌ها نیازی ندارند.

              پروکسی تا پنل: تنظیم نشده
              سرآیندهای اضافه: تنظیم نشده
              ⟨مرجع گواهی خودتان (PEM)⟩: تنظیم نشده
              ⟨اثر انگشت گواهی (SHA-256)⟩: تنظیم نشده
              اتصال به میزبان:پورت: تنظیم نشده
              ⟨نام برای TLS (SNI)⟩: تنظیم نشده
              ⟨گواهی برای نشان دادن، با کلیدش (PEM)⟩: تنظیم نشده
              ورودی‌های قابل ارائه: تنظیم نشده
              نوبت (کمتر، زودتر): ۱
              سهم از کلیدهای تازه: ۱
              برچسب‌ها: تنظیم نشده
              شرکت میزبان: تنظیم نشده
              یادداشت: تنظیم نشده
              [پروکسی تا پنل]
              [سرآیندهای اضافه]
              [مرجع گواهی خودتان (PEM)]
              [اثر انگشت گواهی (SHA-256)]
              [اتصال به میزبان:پورت]
              [نام برای TLS (SNI)]
              [گواهی برای نشان دادن، با کلیدش (PEM)]
              [ورودی‌های قابل ارائه]
              [نوبت (کمتر، زودتر)] [سهم از کلیدهای تازه]
              [برچسب‌ها] [شرکت میزبان]
              [یادداشت]
              [▶️ ادامه] [✖️ انصراف]
            "),
        }
    }
    world.rests().await;
    assert!(Fleet::new(world.core.clone()).list().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_new_panel_is_said_in_plain_words() {
    let world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let panel = new_panel(&world.clock).await;
    let boss = world.admin().await;
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    for (typed, why) in [
        ("vpn1.example.com", "must begin with https://"),
        ("https://a:b@vpn1.example.com", "leave user name and password out"),
    ] {
        boss.send(typed).await;
        boss.expect(why).await;
    }
    boss.send_picture(b"\x89PNG", "").await;
    boss.expect("it is empty").await;
    boss.send(&panel.url()).await;
    boss.expect("2.").await;
    boss.send("admin").await;
    boss.expect("3.").await;
    boss.send("/wrong-password").await;
    boss.expect("refuses this user name or password").await;
    assert!(!boss.transcript().contains("wrong-password"));
    // Another login, then another trouble each.
    boss.click("Another login").await;
    boss.expect("2.").await;
    boss.send(&login().0).await;
    boss.expect("3.").await;
    panel.set_inbounds(vec![]);
    boss.send(&login().1).await;
    boss.expect("no inbounds").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, &panel), @"
    Boss: /start
    Boss: /addnode
    Boss: vpn1.example.com
    Boss: https://a:b@vpn1.example.com
    Boss: [photo]
    Boss: http://127.0.0.1:8000
    Boss: admin
    Boss: admin
    Karvan: 🔒 Password received, your message is deleted.

      ✅ The panel answers well (—)
      Version 0.8.4
      Users: 0 active of 0
      Exits: 1 of 1 connected

      ⚠️ The panel has no inbounds: keys made here would be empty. Set some up in the panel first.

      Change something and try again. Or save it as it is: it gets keys as soon as it answers well.
      [🔁 Try again] [⚙️ Advanced]
      [✏️ Another address] [✏️ Another login]
      [💾 Save anyway] [✖️ Cancel]
    ");
    panel.set_inbounds(Inbound::defaults(2000));
    panel.set_fault(Fault::Refuse);
    boss.click("Try again").await;
    boss.expect("Nobody listens").await;
    // It may be saved all the same, and gets keys once it answers.
    boss.click("Save anyway").await;
    boss.expect("In which country").await;
    boss.send("xyz").await;
    boss.expect("two-letter country code").await;
    boss.send("FI").await;
    boss.expect("What shall people call it").await;
    boss.send("Helsinki <1>").await;
    boss.expect("How many keys").await;
    boss.send("0").await;
    boss.expect("a whole number from 1").await;
    boss.send("50").await;
    boss.expect("Save it as it is?").await;
    boss.click("Save").await;
    boss.expect("is in the fleet").await;
    panel.heal();
    world.checks().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    assert_eq!(panel.usernames().len(), 1);
    world.rests().await;
}

#[tokio::test]
async fn the_raw_trap_is_shown_before_it_bites() {
    let world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let panel = new_panel(&world.clock).await;
    let raw = Inbound::defaults(2100).swap_remove(0).with_network("raw");
    panel.set_inbounds(vec![raw]);
    let boss = world.admin().await;
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    fills_in(&boss, &panel).await;
    boss.expect("is REALITY with the network called \"raw\"").await;
    world.rests().await;
}

#[tokio::test]
async fn a_restart_in_mid_dialogue_changes_nothing_and_late_buttons_are_told_so() {
    let mut world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let panel = new_panel(&world.clock).await;
    let boss = world.admin().await;
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    fills_in(&boss, &panel).await;
    boss.expect_button("Go on").await;
    world.rests().await;
    world.dies();
    world.starts();
    boss.click("Go on").await;
    boss.expect("In which country").await;
    world.dies();
    boss.send("nl").await;
    world.starts();
    boss.expect("What shall people call it").await;
    boss.send("Amsterdam").await;
    boss.expect("How many keys").await;
    boss.click("100").await;
    let review = boss.expect("Save this panel?").await;
    // Pressed twice: one panel.
    boss.tap("Save");
    boss.tap("Save");
    boss.expect("is in the fleet").await;
    world.rests().await;
    boss.expect("is in the fleet").await;
    assert_eq!(Fleet::new(world.core.clone()).list().await.unwrap().len(), 1);
    // A button of the form that is over, and forged ones.
    let late = boss.press_data_on(review.id, "A:as:999").await;
    assert_eq!(late.text.as_deref(), Some("This menu is out of date"));
    boss.press_data("A:ar:nl").await;
    boss.expect("This form is over").await;
    for forged in ["A:zz", "A:p:DROP TABLE", "A:ef:nl001:q", "A:p:", "A:gk:1:2:3"] {
        assert!(boss.press_data(forged).await.text.unwrap().contains("out of date"), "{forged}");
    }
    boss.press_data("A:p:gone1").await;
    boss.expect("not in the fleet any more").await;
    // Any command leaves a question: what is typed later is not taken for its answer.
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    boss.send("/key").await;
    boss.expect_button("Get a key").await;
    boss.send(&panel.url()).await;
    boss.expect("I understand buttons best").await;
    world.rests().await;
}

#[tokio::test]
async fn a_new_panel_may_need_more_than_an_address() {
    let world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let options = marzban::Options {
        clock: world.clock.clone(),
        path_prefix: "/hidden-way".to_owned(),
        ..marzban::Options::default()
    };
    let panel = Marzban::start(options).await.unwrap();
    let boss = world.admin().await;
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    boss.send(&format!("{}/dashboard/", panel.url())).await;
    boss.expect("2.").await;
    boss.send(&login().0).await;
    boss.expect("3.").await;
    boss.send(&login().1).await;
    boss.expect_button("Advanced").await;
    boss.click("Advanced").await;
    boss.expect("Extra headers: not set").await;
    boss.click("Extra headers").await;
    boss.expect("Send the new value").await;
    boss.send("no header at all").await;
    boss.expect("one header a line is needed").await;
    boss.send("X-Gate: open sesame").await;
    boss.expect("Extra headers: set").await;
    boss.click("Share").await;
    boss.expect("Now: 1").await;
    boss.send("2,5").await;
    boss.expect("Share of new keys: 2.5").await;
    assert!(!boss.transcript().contains("sesame"));
    boss.click("Go on").await;
    // What changes the way is tested again.
    boss.expect("The panel answers well").await;
    boss.click("Go on").await;
    boss.expect("In which country").await;
    boss.click("Finland").await;
    boss.expect("What shall people call it").await;
    boss.click("Finland 1").await;
    boss.expect("How many keys").await;
    boss.click("100").await;
    boss.expect("Save this panel?").await;
    // The path is often a secret of its own.
    assert!(!boss.last_message().unwrap().text.contains("hidden-way"));
    boss.click("Save").await;
    boss.expect("is in the fleet").await;
    let instance = world.core.store.instance(&"fi001".parse().unwrap()).await.unwrap().unwrap();
    assert!(instance.base_url.as_str().ends_with("/hidden-way"));
    assert_eq!(instance.connection.headers, [("X-Gate".to_owned(), "open sesame".to_owned())]);
    world.rests().await;
}

#[tokio::test]
async fn every_field_of_a_panel_can_be_changed() {
    let world = World::open().await;
    let boss = world.admin().await;
    boss.send("/nodes").await;
    boss.expect_button("DE1").await;
    boss.click("DE1").await;
    boss.expect_button("Edit").await;
    boss.click("Edit").await;
    boss.expect("What shall be changed").await;
    for (field, name, value) in [
        ("n", "Name", "Frankfurt <1>"),
        ("c", "Places", "1"),
        ("w", "Share", "2,5"),
        ("i", "Order", "3"),
        ("h", "Hosting", "Hetzner"),
        ("t", "Labels", "fast, cheap"),
    ] {
        boss.press_data(&format!("A:ef:de1:{field}")).await;
        boss.expect(name).await;
        boss.send(value).await;
        boss.expect("Saved").await;
    }
    boss.press_data("A:er:de1:fi").await;
    boss.expect("Finland").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, world.panel("de1")), @"
    Boss: /start
    Boss: /nodes
    Boss: Frankfurt <1>
    Boss: 1
    Boss: 2,5
    Boss: 3
    Boss: Hetzner
    Boss: fast, cheap
    Karvan: 💾 Saved.

      🖥 Frankfurt <1> (de1)
      🇫🇮 Finland

      🟢 works · since 21 Nov 2026, 12:00
      Checked just now, answered in —
      ✅ takes new keys

      👥 ░░░░░░░░░░ 0 of 1 places
      Our keys: 0, being made: 0, moved away but still served: 0, not ours: 0
      Order: 3, share: 2.5

      Marzban 0.8.4
      Address: http://127.0.0.1:8000
      Login: admin
      Hosted by: Hetzner
      Labels: fast, cheap

      Exits
      🟢 Master · 127.0.0.1 · 0 GB in 30 days
      [🔎 Test now] [✏️ Edit]
      [🚪 No new keys] [🛠 Maintenance]
      [👥 Keys here] [🛰 Exits]
      [🚚 Move everyone away] [🗑 Remove]
      [‹ Back]
    ");
    let instance = world.core.store.instance(&"de1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((instance.name.as_str(), instance.max_users, instance.priority), ("Frankfurt <1>", 1, 3));
    assert_eq!((instance.tags, instance.region.code()), (vec!["fast".to_owned(), "cheap".to_owned()], "fi"));
    world.rests().await;
}

#[tokio::test]
async fn a_secret_is_deleted_where_it_was_typed_and_shown_nowhere() {
    let world = World::open().await;
    let boss = world.admin().await;
    boss.press_data("A:ef:de1:p").await;
    boss.expect("I delete your message").await;
    boss.send("/another-secret").await;
    boss.expect("Saved").await;
    assert!(!boss.transcript().contains("another-secret"));
    boss.click("Test now").await;
    boss.expect("refuses this user name or password").await;
    boss.press_data("A:em:de1").await;
    boss.expect("Proxy to the panel: not set").await;
    boss.click("Proxy").await;
    boss.expect("Send the new value").await;
    boss.send("somewhere").await;
    boss.expect("a proxy address is needed").await;
    boss.send("socks5://user:pass@127.0.0.1:1080").await;
    boss.expect("Saved").await;
    let id = "de1".parse().unwrap();
    let proxy = || async { world.core.store.instance(&id).await.unwrap().unwrap().connection.proxy };
    assert_eq!(proxy().await.as_deref(), Some("socks5://user:pass@127.0.0.1:1080"));
    boss.press_data("A:em:de1").await;
    boss.expect("Proxy to the panel: set").await;
    assert!(!boss.transcript().contains("user:pass"));
    boss.press_data("A:ec:de1:x").await;
    boss.expect("Saved").await;
    assert_eq!(proxy().await, None);
    boss.press_data("A:ef:de1:m").await;
    boss.expect("is it only watched").await;
    boss.click("👁").await;
    boss.expect("only watched: no keys").await;
    world.rests().await;
}

#[tokio::test]
async fn a_panel_is_closed_kept_for_maintenance_opened_and_removed() {
    let world = World::open().await;
    let boss = world.admin().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    let fleet = Fleet::new(world.core.clone());
    let id = "de1".parse().unwrap();
    let state = || async { fleet.view(&id).await.unwrap().instance.admin_state };
    boss.send("/panels").await;
    boss.expect_button("DE1").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, world.panel("de1")), @"
    Boss: /start
    Boss: /panels
    Karvan: 🖥 Panels: 2, keys: 1

      🟢 DE1 🇩🇪 · 1 of 100 · —
      🟢 NL1 🇳🇱 · 0 of 100 · —
      [🟢 DE1] [🟢 NL1]
      [➕ Add a panel] [🔎 Test all now]
      [🏠 Menu]
    ");
    boss.click("DE1").await;
    boss.expect_button("No new keys").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, world.panel("de1")), @"
    Boss: /start
    Boss: /panels
    Karvan: 🖥 DE1 (de1)
      🇩🇪 Germany

      🟢 works · since 21 Nov 2026, 12:00
      Checked just now, answered in —
      ✅ takes new keys

      👥 ▓░░░░░░░░░ 1 of 100 places
      Our keys: 1, being made: 0, moved away but still served: 0, not ours: 0
      Order: 1, share: 1

      Marzban 0.8.4
      Address: http://127.0.0.1:8000
      Login: admin

      Exits
      🟢 Master · 127.0.0.1 · 0 GB in 30 days
      [🔎 Test now] [✏️ Edit]
      [🚪 No new keys] [🛠 Maintenance]
      [👥 Keys here] [🛰 Exits]
      [🚚 Move everyone away] [🗑 Remove]
      [‹ Back]
    ");
    boss.click("No new keys").await;
    boss.expect("DE1 takes no new keys").await;
    assert_eq!(state().await, AdminState::Cordoned);
    boss.click("Take new keys").await;
    boss.expect("DE1 takes new keys again").await;
    boss.click("Maintenance").await;
    boss.expect("How long is DE1").await;
    boss.click("15 minutes").await;
    boss.expect("maintenance until").await;
    assert!(!state().await.accepts(world.core.clock.now()));
    boss.click("Take new keys").await;
    boss.expect("takes new keys again").await;
    boss.click("Keys here").await;
    boss.expect_button("Alice").await;
    boss.click("Alice").await;
    boss.expect_button("Take away").await;
    // In use: refused, with what to do.
    boss.send("/nodes").await;
    boss.expect_button("DE1").await;
    boss.click("DE1").await;
    boss.expect_button("Remove").await;
    boss.click("Remove").await;
    boss.expect("still in use: 1 key").await;
    boss.expect_button("Move everyone away").await;
    // Another one is asked about twice and goes.
    boss.send("/nodes").await;
    boss.expect_button("NL1").await;
    boss.click("NL1").await;
    boss.expect_button("Remove").await;
    boss.click("Remove").await;
    boss.expect("Remove NL1 from the fleet?").await;
    boss.click("Yes, remove it").await;
    boss.expect("Last question").await;
    boss.click("for good").await;
    boss.expect("NL1 is removed").await;
    assert_eq!(fleet.list().await.unwrap().len(), 1);
    world.rests().await;
}

#[tokio::test]
async fn health_says_what_is_known_and_what_the_next_key_would_get() {
    let world = World::open().await;
    let boss = world.admin().await;
    world.panel("nl1").add_foreign_users(7);
    world.checks().await;
    boss.send("/health").await;
    boss.expect("All 2 panels work").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, world.panel("de1")), @"
    Boss: /start
    Boss: /health
    Karvan: 🩺 How the fleet is doing
      🟢 All 2 panels work.

      🟢 works · DE1 · 0 of 100
      🟢 works · NL1 · 7 of 100

      ⏱ how much of the last 24 hours the panel answered. A tap on a panel shows everything about it.

      ➡️ The next key goes to DE1: 0 of 100 places are taken there.
      [🟢 DE1] [🟢 NL1]
      [🔎 Test all now] [⚙️ The service]
      [🖥 Panels] [🏠 Menu]
    ");
    world.panel("de1").set_fault(Fault::Refuse);
    boss.click("Test all now").await;
    boss.expect("1 of 2 answered well").await;
    world.rests().await;
    insta::assert_snapshot!(calm(&boss, world.panel("de1")), @"
    Boss: /start
    Boss: /health
    Karvan: 🔎 Asked just now: 1 of 2 answered well.

      🩺 How the fleet is doing
      🔴 1 of 2 panels needs a look.

      🟠 perhaps in trouble · DE1 · 0 of 100
      🟢 works · NL1 · 7 of 100

      ⏱ how much of the last 24 hours the panel answered. A tap on a panel shows everything about it.

      ➡️ The next key goes to NL1: 7 of 100 places are taken there.
      [🟠 DE1] [🟢 NL1]
      [🔎 Test all now] [⚙️ The service]
      [🖥 Panels] [🏠 Menu]
    ");
    let fleet = Fleet::new(world.core.clone());
    for id in ["de1", "nl1"] {
        fleet.set_admin_state(None, &id.parse().unwrap(), AdminState::Cordoned).await.unwrap();
    }
    boss.send("/health").await;
    boss.expect("The next key would have to wait").await;
    boss.expect("Left out: takes no new keys").await;
    world.rests().await;
}

#[tokio::test]
async fn strangers_learn_nothing_of_admins_and_groups_nothing_of_panels() {
    let world = World::with(Start { alert_chat: Some(-100_500), ..Start::default() }).await;
    let mallory = world.person(1009, "Mallory", "en");
    mallory.send("/nonsense").await;
    mallory.expect("I don't know this command").await;
    world.rests().await;
    let unknown = mallory.last_message().unwrap();
    for command in ["/nodes", "/addnode", "/health", "/user 1", "/migrate", "/invite", "/why 1", "/audit"] {
        mallory.send(command).await;
        world.rests().await;
        let answer = mallory.last_message().unwrap();
        assert_eq!(
            (answer.text, answer.buttons),
            (unknown.text.clone(), unknown.buttons.clone()),
            "{command}"
        );
    }
    for data in ["A:n:0", "A:p:de1", "A:rm:de1:2", "A:uw:1", "A:kd:1:x:1", "A:a", "A:as:1", "A:is:1:1"] {
        assert_eq!(mallory.press_data(data).await.text.unwrap(), "This button is not for you", "{data}");
    }
    let group = world.telegram.group(Group { id: -100_500, title: "Alerts".to_owned(), ..Group::default() });
    let boss = world.person(ADMIN, "Boss", "en").in_group(&group);
    boss.send("/nodes").await;
    let told = boss.press_data_on(1, "A:p:de1").await.text.unwrap();
    assert!(told.contains("only in a private chat"), "{told}");
    world.rests().await;
    assert!(!group.transcript().contains("DE1"), "{}", group.transcript());
    assert_eq!(Fleet::new(world.core.clone()).list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_alert_leads_to_its_panel() {
    use karvan::service::notice::{Lane, Letter, Notice};

    let world = World::open().await;
    let boss = world.admin().await;
    let now = world.core.clock.now();
    let notice = Notice::InstanceProblem { instance: "de1".parse().unwrap(), problem: "unauthorised".into() };
    let letter = Letter { chat: ADMIN, lane: Lane::Alert, slot: None, notice, screen: None };
    world.core.store.post(&[letter.stored(now)], now).await.unwrap();
    world.core.signals.mail.notify_one();
    boss.expect("The panel refuses this user name").await;
    boss.click("Panels").await;
    boss.expect("Our keys: 0").await;
    world.rests().await;
}

#[tokio::test]
async fn a_thousand_panels_still_fit() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 10)], ..Start::default() }).await;
    let store = &world.core.store;
    let base = store.instance(&"de1".parse().unwrap()).await.unwrap().unwrap();
    for number in 2..=120 {
        let mut instance = base.clone();
        instance.id = format!("de{number}").parse().unwrap();
        instance.name = format!("Frankfurt number {number}");
        instance.base_url = format!("https://vpn{number}.example.com").parse().unwrap();
        assert!(store.add_instance(&instance, &"x".to_owned().into(), world.core.clock.now()).await.unwrap());
    }
    let boss = world.admin().await;
    for command in ["/nodes", "/health", "/migrate"] {
        boss.send(command).await;
        world.rests().await;
        assert!(!boss.transcript().contains("Something broke"), "{}", boss.transcript());
    }
    boss.send("/nodes").await;
    boss.expect_button("Next").await;
    boss.click("Next").await;
    boss.expect_button("Previous").await;
    let keys = Keys::new(world.core.clone());
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    let ask = Ask {
        by: UserId(ADMIN),
        cause: karvan::domain::operation::Cause::Admin,
        update_id: None,
        screen: None,
    };
    let asked = keys.give(&ask, UserId(1001), None, None).await.unwrap();
    assert!(keys.settled(asked.operation, std::time::Duration::from_secs(5)).await);
    boss.send("/why 1001").await;
    boss.expect("What would be chosen now").await;
    assert!(reads(&boss).contains("and 95 more"), "{}", reads(&boss));
    world.rests().await;
}

#[tokio::test]
async fn a_password_is_deleted_however_quick_its_admin_is() {
    let world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let boss = world.admin().await;
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    boss.send("http://127.0.0.1:1").await;
    boss.expect("2.").await;
    boss.send("admin").await;
    boss.expect("3.").await;
    for _ in 0..30 {
        boss.press(1, "zz");
    }
    boss.send("correct-horse").await;
    boss.expect("Nobody listens").await;
    world.rests().await;
    assert!(!boss.transcript().contains("correct-horse"), "{}", boss.transcript());
}
