//! People, their keys, invitations, moves and the record, as admins see them.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::instance::AdminState;
use karvan::domain::operation::Cause;
use karvan::service::core::AccessMode;
use karvan::service::fleet::{Edit, Fleet};
use karvan::service::keys::{Ask, Keys};
use sim::marzban::Fault;
use sim::telegram::Person;

use crate::world::{ADMIN, Spec, Start, World, reads, timeless};

/// One panel with room, so that nothing is left to chance.
fn one_panel() -> Start {
    Start { panels: vec![Spec("de1", "de", 100)], ..Start::default() }
}

#[tokio::test]
async fn a_person_is_found_and_their_key_cared_for() {
    let world = World::with(one_panel()).await;
    let boss = world.admin().await;
    let alice = world.telegram.person(Person::new(1001, "Al<b>ice").username("Alice_A"));
    world.first_key(&alice).await;
    boss.send("/user").await;
    boss.expect("Whom?").await;
    boss.send("@nobody").await;
    boss.expect("I don't know this person").await;
    boss.send("@alice_a").await;
    boss.expect_button("Key 1").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /user
    Boss: @nobody
    Boss: @alice_a
    Karvan: 👤 Al<b>ice
      id: 1001
      Telegram: @Alice_A
      Access: not asked yet
      Here since 21 Nov 2026, last seen just now

      🔑 1 · 🟢 Works · 🇩🇪 Germany · 0 GB of 100 GB
      [🔑 Key 1]
      [🎁 Give a key] [🚚 Move]
      [✅ Let in]
      [🏠 Menu]
    ");
    boss.click("Key 1").await;
    boss.expect_button("More time").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /user
    Boss: @nobody
    Boss: @alice_a
    Karvan: 🔑 Key 1
      🟢 Works

      🌍 Location: 🇩🇪 Germany (chosen automatically)
      📊 ░░░░░░░░░░ 0%
      0 GB of 100 GB used
      📅 Until 21 Dec 2026 (30 days left)
      🕓 Updated just now

      👤 Al<b>ice (1001)
      🖥 Panel: DE1 (de1)
      [🎁 More time or traffic] [0️⃣ Traffic from zero]
      [⏸ Pause] [🚚 Move]
      [💡 Why there?] [🚫 Take away]
      [🔄 Refresh] [‹ Back]
    ");

    boss.click("More time").await;
    boss.expect("How much more?").await;
    boss.click("+30 days").await;
    boss.expect("60 days left").await;
    alice.expect("Your key has got more time or traffic").await;
    boss.click("More time").await;
    boss.expect("How much more?").await;
    boss.send("lots").await;
    boss.expect("send days such as 30d").await;
    boss.send("-10d").await;
    boss.expect("50 days left").await;
    boss.click("More time").await;
    boss.expect("How much more?").await;
    boss.click("+50 GB").await;
    boss.expect("of 150 GB").await;

    boss.click("Pause").await;
    boss.expect("⏸ Paused").await;
    alice.expect("The admin has paused your key").await;
    boss.click("Resume").await;
    boss.expect("🟢 Works").await;
    let account = world.panel("de1").usernames()[0].clone();
    world.panel("de1").set_used_traffic(&account, 5 << 30);
    boss.click("Traffic from zero").await;
    boss.expect("Done").await;
    boss.click("Take away").await;
    boss.expect("Take this key away for good?").await;
    boss.click("Yes, take it away").await;
    boss.expect("Last question").await;
    boss.click("for good").await;
    alice.expect("taken this key away").await;
    world.passes(Duration::from_secs(5));
    boss.send("/user 1001").await;
    boss.expect("No keys").await;
    world.rests().await;
}

#[tokio::test]
async fn the_cards_in_russian_and_persian() {
    let world = World::with(Start { admins: vec![2, 3], ..one_panel() }).await;
    let alice = world.alice();
    world.first_key(&alice).await;
    for (id, language) in [(2, "ru"), (3, "fa")] {
        let boss = world.person(id, "Boss", language);
        let mut read = String::new();
        boss.send("/help").await;
        boss.expect("/nodes").await;
        world.rests().await;
        read.push_str(&reads(&boss));
        boss.send("/user 1001").await;
        boss.expect_button("🎁").await;
        world.rests().await;
        read.push_str(&reads(&boss));
        boss.click("🔑").await;
        boss.expect_button("💡").await;
        world.rests().await;
        read.push_str(&reads(&boss));
        boss.click("💡").await;
        boss.expect("✅").await;
        world.rests().await;
        read.push_str(&reads(&boss));
        boss.send("/migrate de1").await;
        boss.expect_button("✨").await;
        boss.click("✨").await;
        boss.expect("🪑").await;
        world.rests().await;
        read.push_str(&reads(&boss));
        boss.send("/health").await;
        boss.expect("🩺").await;
        boss.send("/audit").await;
        boss.expect("📜").await;
        world.rests().await;
        read.push_str(&reads(&boss));
        match language {
            "ru" => insta::assert_snapshot!(timeless(&read), @"
            Boss: /help
            Karvan: 🛠 Для администраторов

              /nodes – панели: список, настройки, без новых ключей, перенести всех
              /addnode – добавить панель
              /health – как дела у панелей и куда попадёт следующий ключ
              /alerts – оповещения: что идёт и что было
              /user – человек и его ключи: поиск по id или @имени
              /migrate – перенести ключи человека или целой панели
              /drain – освободить панель: как идёт, пауза, закончить сейчас
              /simulate – что, если панель пропадёт, и надолго ли хватит места
              /maintenance – запланировать обслуживание
              /rebalance – насколько ровна нагрузка; перенести ключи, чтобы выровнять
              /reconcile – чем панель отличается от базы
              /adopt – аккаунты, которые уже есть на панели: взять под управление
              /restore – после восстановления из копии: что произойдёт, и продолжить
              /broadcast – сообщение всем людям или части из них
              /invite – приглашения
              /stats – люди, ключи и трафик, с графиком
              /why – почему ключ именно там
              /audit – кто что делал

              Сами вы пользуетесь ботом как все: /start, /key.
              [🖥 Панели] [➕ Добавить панель]
              [🏠 Меню]
            Boss: /help
            Boss: /user 1001
            Karvan: 👤 Alice
              id: 1001
              Доступ: ещё не просил(а)
              С нами с 21 нояб. 2026, последний раз: только что

              🔑 1 · 🟢 Работает · 🇩🇪 Германия · 0 ГБ из 100 ГБ
              [🔑 Ключ 1]
              [🎁 Выдать ключ] [🚚 Перенести]
              [✅ Пустить]
              [🏠 Меню]
            Boss: /help
            Boss: /user 1001
            Karvan: 🔑 Ключ 1
              🟢 Работает

              🌍 Локация: 🇩🇪 Германия (выбрана автоматически)
              📊 ░░░░░░░░░░ 0 %
              Использовано 0 ГБ из 100 ГБ
              📅 До 21 дек. 2026 (осталось: 30 дней)
              🕓 Обновлено только что

              👤 Alice (1001)
              🖥 Панель: DE1 (de1)
              [🎁 Добавить срок, трафик] [0️⃣ Трафик с нуля]
              [⏸ Приостановить] [🚚 Перенести]
              [💡 Почему там?] [🚫 Отозвать]
              [🔄 Обновить] [‹ Назад]
            Boss: /help
            Boss: /user 1001
            Karvan: 💡 Ключ 1 на DE1 с 21 нояб. 2026, 12:00.
              Почему там
              Она была наименее загружена из тех, что могли принять ключ:
              ✅ DE1: 0 из 100, загрузка 1 %

              Что было бы выбрано сейчас
              ✅ DE1: 1 из 100, загрузка 2 %
              [‹ Назад]
            Boss: /help
            Boss: /user 1001
            Boss: /migrate de1
            Karvan: 🚚 DE1: 0 ключей переедут.
              Связь не прервётся: старое место работает, пока не заработает новое.

              🪑 Не хватает места: 1. Они подождут.
              🚪 DE1 больше не будет принимать новые ключи.
              [‹ Назад] [✖️ Отмена]
            Boss: /help
            Boss: /user 1001
            Boss: /migrate de1
            Boss: /health
            Boss: /audit
            Karvan: 📜 Пока ничего.
              [🏠 Меню]
            "),
            _ => insta::assert_snapshot!(timeless(&read), @"
            Boss: /help
            Karvan: 🛠 برای مدیران

              ⟨/nodes⟩ – پنل‌ها: فهرست، تنظیمات، بدون کلید تازه، انتقال همه
              ⟨/addnode⟩ – افزودن پنل
              ⟨/health⟩ – وضعیت پنل‌ها و جای کلید بعدی
              ⟨/alerts⟩ – هشدارها: آنچه هست و آنچه بود
              ⟨/user⟩ – یک نفر و کلیدهایش: با شناسه یا @نام
              ⟨/migrate⟩ – انتقال کلیدهای یک نفر یا یک پنل کامل
              ⟨/drain⟩ – خالی‌کردن پنل: پیشرفت، توقف، پایان فوری
              ⟨/simulate⟩ – اگر پنلی از دست برود، و تا کی جا هست
              ⟨/maintenance⟩ – برنامه‌ریزی نگهداری
              ⟨/rebalance⟩ – بار چقدر یکسان است؛ جابه‌جایی کلیدها برای یکسان کردن آن
              ⟨/reconcile⟩ – تفاوت پنل با پایگاه داده
              ⟨/adopt⟩ – حساب‌هایی که از قبل روی پنل هستند: تحویل گرفتن
              ⟨/restore⟩ – پس از بازگردانی پشتیبان: چه خواهد شد، و ادامهٔ کار
              ⟨/broadcast⟩ – پیام به همه یا گروهی از کاربران
              ⟨/invite⟩ – دعوت‌نامه‌ها
              ⟨/stats⟩ – کاربران، کلیدها و ترافیک، با نمودار
              ⟨/why⟩ – چرا کلید آنجاست
              ⟨/audit⟩ – چه کسی چه کرد

              خودتان هم مثل بقیه از ربات استفاده می‌کنید: ⟨/start⟩ و ⟨/key⟩.
              [🖥 پنل‌ها] [➕ افزودن پنل]
              [🏠 منو]
            Boss: /help
            Boss: /user 1001
            Karvan: 👤 ⟨Alice⟩
              شناسه: ⟨1001⟩
              دسترسی: هنوز درخواست نداده
              از ۳۰ آبان ۱۴۰۵ اینجاست، آخرین بار: همین حالا

              🔑 ۱ · 🟢 کار می‌کند · 🇩🇪 آلمان · ۰ گیگابایت از ۱۰۰ گیگابایت
              [🔑 کلید ۱]
              [🎁 دادن کلید] [🚚 انتقال]
              [✅ قبول]
              [🏠 منو]
            Boss: /help
            Boss: /user 1001
            Karvan: 🔑 کلید ۱
              🟢 کار می‌کند

              🌍 مکان: 🇩🇪 آلمان (انتخاب خودکار)
              📊 ░░░░░░░░░░ ۰٪
              ۰ گیگابایت از ۱۰۰ گیگابایت مصرف شده
              📅 تا ۳۰ آذر ۱۴۰۵ (۳۰ روز مانده)
              🕓 به‌روزشده: همین حالا

              👤 ⟨Alice⟩ (⟨1001⟩)
              🖥 پنل: ⟨DE1⟩ (⟨de1⟩)
              [🎁 زمان یا حجم بیشتر] [0️⃣ حجم از صفر]
              [⏸ توقف] [🚚 انتقال]
              [💡 چرا آنجا؟] [🚫 پس گرفتن]
              [🔄 تازه‌سازی] [‹ بازگشت]
            Boss: /help
            Boss: /user 1001
            Karvan: 💡 کلید ۱ از ۳۰ آبان ۱۴۰۵، ساعت ۱۲:۰۰ روی ⟨DE1⟩ است.
              چرا آنجا
              از میان پنل‌هایی که می‌توانستند کلید را بگیرند، کم‌بارترین بود:
              ✅ ⟨DE1⟩: ۰ از ۱۰۰، بار ۱٪

              الان کدام انتخاب می‌شد
              ✅ ⟨DE1⟩: ۱ از ۱۰۰، بار ۲٪
              [‹ بازگشت]
            Boss: /help
            Boss: /user 1001
            Boss: /migrate de1
            Karvan: 🚚 ⟨DE1⟩: ۰ کلید جابه‌جا می‌شود.
              کسی قطع نمی‌شود؛ جای قبلی تا وقتی جای تازه کار کند فعال است.

              🪑 برای ۱ کلید جا نیست و منتظر می‌مانند.
              🚪 ⟨DE1⟩ از این به بعد کلید تازه نمی‌گیرد.
              [‹ بازگشت] [✖️ انصراف]
            Boss: /help
            Boss: /user 1001
            Boss: /migrate de1
            Boss: /health
            Boss: /audit
            Karvan: 📜 هنوز چیزی نیست.
              [🏠 منو]
            "),
        }
    }
    world.rests().await;
}

#[tokio::test]
async fn a_button_pressed_twice_has_its_effect_once() {
    let world = World::with(one_panel()).await;
    let boss = world.admin().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    boss.send("/user 1001").await;
    boss.expect_button("Key 1").await;
    boss.click("Key 1").await;
    boss.expect_button("More time").await;
    boss.click("More time").await;
    boss.expect("How much more?").await;
    boss.tap("+30 days");
    boss.tap("+30 days");
    boss.tap("+30 days");
    boss.expect("days left").await;
    world.rests().await;
    boss.expect("60 days left").await;
    // And so does a key that is given.
    boss.click("Back").await;
    boss.expect_button("Give a key").await;
    boss.click("Give a key").await;
    boss.expect("For how long?").await;
    boss.click("7 days").await;
    boss.expect("How much traffic?").await;
    boss.tap("10 GB");
    boss.tap("10 GB");
    boss.expect("Key 2").await;
    world.rests().await;
    assert_eq!(world.keys_of(&alice).await, 2);
    alice.expect("Your key is ready").await;
}

#[tokio::test]
async fn access_is_given_and_taken() {
    let world = World::with(Start { access: AccessMode::Approve, ..one_panel() }).await;
    let boss = world.admin().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("🙋").await;
    boss.send("/user 1001").await;
    boss.expect("Access: not asked yet").await;
    boss.click("Let in").await;
    boss.expect("Access: yes").await;
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    boss.click("Take access away").await;
    boss.expect("Access: refused").await;
    alice.send("/start").await;
    alice.expect("said no").await;
    boss.click("Let in").await;
    boss.expect("Access: yes").await;
    world.rests().await;
}

#[tokio::test]
async fn a_key_is_moved_and_the_reason_can_be_asked() {
    let world = World::open().await;
    let boss = world.admin().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    boss.send("/why").await;
    boss.expect("Whose key?").await;
    boss.send("1001").await;
    boss.expect("What would be chosen now").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /why
    Boss: 1001
    Karvan: 💡 Key 1 has been on DE1 since 21 Nov 2026, 12:00.
      Why there
      It was the least loaded of those that could take the key:
      ✅ DE1: 0 of 100, load 1%
      ▫️ NL1: 0 of 100, load 1%

      What would be chosen now
      ✅ NL1: 0 of 100, load 1%
      ▫️ DE1: 1 of 100, load 2%
      [‹ Back]
    ");
    boss.click("Back").await;
    boss.expect_button("Move").await;
    boss.click("Move").await;
    boss.expect("Where shall this key go?").await;
    let (to, name) = if world.panel("de1").usernames().is_empty() { ("de1", "DE1") } else { ("nl1", "NL1") };
    boss.click(name).await;
    alice.expect("moved your key").await;
    boss.click("Refresh").await;
    boss.expect(&format!("Panel: {name}")).await;
    assert_eq!(world.panel(to).usernames().len(), 1);
    boss.click("Why there?").await;
    boss.expect("It was asked for by name").await;
    // Already there: kindly refused.
    boss.press_data(&format!("A:vt:1:{to}:{}", 0)).await;
    world.rests().await;
}

#[tokio::test]
async fn a_whole_panel_moves_away_with_a_preview_and_a_progress_bar() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 10)], ..Start::default() }).await;
    let boss = world.admin().await;
    let people: Vec<_> = (0..3).map(|n| world.person(2000 + n, &format!("P{n}"), "en")).collect();
    for person in &people {
        world.first_key(person).await;
    }
    // Nowhere to go.
    boss.send("/nodes").await;
    boss.expect_button("DE1").await;
    boss.click("DE1").await;
    boss.expect_button("Move everyone away").await;
    boss.click("Move everyone away").await;
    boss.expect("Where to?").await;
    boss.click("Automatically").await;
    boss.expect("3 keys find no room").await;
    assert!(!boss.buttons().iter().any(|label| label.contains("Start")), "{:?}", boss.buttons());
    // A second panel comes.
    let panel = second_panel(&world).await;
    boss.click("Back").await;
    boss.expect_button("Move everyone away").await;
    boss.click("Move everyone away").await;
    boss.expect_button("Amsterdam").await;
    boss.click("Amsterdam").await;
    boss.expect("3 keys move").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /nodes
    Karvan: 🚚 DE1: 3 keys move.
      Nobody is cut off: the old place works until the new one does.

      ➡️ Amsterdam: 3

      🚪 DE1 takes no new keys from now on.
      [▶️ Start]
      [‹ Back] [✖️ Cancel]
    ");
    // Things change meanwhile: nothing is done, and the plan is shown anew.
    let keys = Keys::new(world.core.clone());
    let paused = world.core.store.keys_of(UserId(people[2].id())).await.unwrap()[0];
    let ask = Ask { by: UserId(ADMIN), cause: Cause::Admin, update_id: None, screen: None };
    keys.suspend(&ask, paused).await.unwrap();
    world.settles().await;
    boss.click("Start").await;
    boss.expect("Things have changed").await;
    boss.expect("2 keys move").await;
    let open = || async {
        let view = Fleet::new(world.core.clone()).view(&"de1".parse().unwrap()).await.unwrap();
        view.instance.admin_state == AdminState::Open
    };
    assert!(open().await);
    boss.tap("Start");
    boss.tap("Start");
    boss.expect("The move has begun").await;
    boss.expect("Moving keys").await;
    for person in &people[..2] {
        person.expect("moved your key").await;
    }
    world.settles().await;
    assert_eq!(panel.usernames().len(), 2);
    // The message is brought up to date at most every ten seconds.
    world.passes(Duration::from_secs(11));
    boss.expect("Moving keys: done").await;
    assert!(!open().await);
    boss.send("/migrate").await;
    boss.expect("Lately").await;
    boss.send("nowhere").await;
    boss.expect("I don't know this person").await;
    world.rests().await;
}

/// A panel that was not there at the beginning.
async fn second_panel(world: &World) -> sim::marzban::Marzban {
    use karvan::service::fleet::Draft;

    let options = sim::marzban::Options { clock: world.clock.clone(), ..Default::default() };
    let (username, password) = options.admin.clone();
    let panel = sim::marzban::Marzban::start(options).await.unwrap();
    panel.set_subscription_url_prefix("https://nl1.example");
    let draft = Draft {
        id: Some("nl1".parse().unwrap()),
        name: "Amsterdam".into(),
        note: String::new(),
        kind: karvan::domain::instance::PanelKind::Marzban,
        mode: karvan::domain::instance::Mode::Manage,
        base_url: panel.url().parse().unwrap(),
        username,
        password: password.into(),
        region: "nl".parse().unwrap(),
        provider: None,
        tags: vec![],
        priority: 1,
        weight: karvan::domain::instance::Weight::ONE,
        max_users: 50,
        connection: Default::default(),
    };
    Fleet::new(world.core.clone()).add(None, &draft).await.unwrap();
    world.checks().await;
    panel
}

#[tokio::test]
async fn moves_can_be_paused_and_stopped() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 10)], ..Start::default() }).await;
    let boss = world.admin().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    let panel = second_panel(&world).await;
    panel.set_fault(Fault::Slow(Duration::from_secs(2)));
    boss.send("/migrate 1001").await;
    boss.expect_button("Amsterdam").await;
    boss.click("Amsterdam").await;
    boss.expect("1 key moves").await;
    boss.click("Start").await;
    boss.expect("Moving keys").await;
    boss.click("Pause").await;
    boss.expect("Moving keys: paused").await;
    boss.click("Go on").await;
    boss.expect_button("Stop for good").await;
    boss.click("Stop for good").await;
    boss.expect("Moving keys: stopped").await;
    panel.heal();
    world.settles().await;
    // Whatever came of it, the key serves.
    alice.send("/key").await;
    alice.expect("🟢 Works").await;
}

#[tokio::test]
async fn an_invitation_is_made_passed_on_and_taken_back() {
    let world = World::with(Start { access: AccessMode::Invite, ..one_panel() }).await;
    let boss = world.admin().await;
    boss.send("/invite").await;
    boss.expect("There are no invitations yet").await;
    boss.click("New invitation").await;
    boss.expect("For how many people?").await;
    boss.click("5 people").await;
    boss.expect("How long").await;
    boss.click("90 days").await;
    boss.expect("How much traffic").await;
    boss.tap("As usual");
    boss.tap("As usual");
    boss.expect("The invitation is ready").await;
    world.rests().await;
    let link = boss.copy_from("Copy the link");
    let code = link.rsplit("inv_").next().unwrap().to_owned();
    world.rests().await;
    insta::assert_snapshot!(reads(&boss).replace(&code, "CODE"), @"
    Boss: /start
    Boss: /invite
    Karvan: 💌 The invitation is ready. Send this link on:
      https://t.me/karvan_bot?start=inv_CODE

      Or the code: CODE
      For 5 people: 90 days, as usual
      [📋 Copy the link ⧉]
      [‹ Back] [🏠 Menu]
    ");
    let alice = world.alice();
    alice.send(&format!("/start inv_{code}")).await;
    alice.expect("Welcome!").await;
    boss.click("Back").await;
    boss.expect("1 of 5 used").await;
    boss.click(&format!("Take back {code}")).await;
    boss.expect("taken back").await;
    let bob = world.person(1002, "Bob", "en");
    bob.send(&format!("/start inv_{code}")).await;
    bob.expect("This invitation is over").await;
    boss.send("/audit").await;
    boss.expect("took an invitation back").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss).replace(&code, "CODE"), @"
    Boss: /start
    Boss: /invite
    Boss: /audit
    Karvan: 📜 Who did what

      21 Nov 2026, 12:00 · Boss (1) · took an invitation back
      21 Nov 2026, 12:00 · Alice (1001) · used an invitation
      21 Nov 2026, 12:00 · Boss (1) · made an invitation
      [🏠 Menu]
    ");
    world.rests().await;
}

#[tokio::test]
async fn the_record_is_read_page_by_page() {
    let world = World::with(one_panel()).await;
    let boss = world.admin().await;
    boss.send("/audit").await;
    boss.expect("Nothing yet").await;
    let fleet = Fleet::new(world.core.clone());
    let id = "de1".parse().unwrap();
    for cap in 100..130 {
        fleet.edit(Some(UserId(ADMIN)), &id, Edit::MaxUsers(cap)).await.unwrap();
        world.passes(Duration::from_secs(60));
    }
    boss.send("/audit").await;
    boss.expect("changed a panel").await;
    let first = boss.last_message().unwrap().text;
    boss.click("Older").await;
    boss.expect_that("older entries", |message| message.text.contains("changed") && message.text != first)
        .await;
    boss.click("Older").await;
    world.rests().await;
    assert!(!boss.buttons().iter().any(|label| label.contains("Older")), "{:?}", boss.buttons());
    assert!(first.contains("Boss"));
}

#[tokio::test]
async fn admins_get_their_own_help_and_commands() {
    let world = World::with(one_panel()).await;
    let boss = world.admin().await;
    world.telegram.expect_call(|call| call.is("setMyCommands") && call.ok).await;
    boss.send("/help").await;
    boss.expect("For admins").await;
    world.rests().await;
    insta::assert_snapshot!(reads(&boss), @"
    Boss: /start
    Boss: /help
    Karvan: 🛠 For admins

      /nodes – panels: list, settings, no new keys, move everyone away
      /addnode – add a panel
      /health – how the fleet is doing, and where the next key goes
      /alerts – what goes on, and what was
      /user – a person and their keys: find by id or @name
      /migrate – move keys of a person or of a whole panel
      /drain – empty a panel: how far it is, pause, finish now
      /simulate – what if a panel were lost, and how long there is room
      /maintenance – plan maintenance
      /rebalance – how even the load is; move keys to even it out
      /reconcile – what differs between a panel and the database
      /adopt – accounts that live on a panel already: take them over
      /restore – after a backup was restored: what would happen, and go on
      /broadcast – a message to all people, or to some
      /invite – invitations
      /stats – people, keys and traffic, with a chart
      /why – why a key is where it is
      /audit – who did what

      With your own account you use the bot like everybody else: /start, /key.
      [🖥 Panels] [➕ Add a panel]
      [🏠 Menu]
    ");
    boss.send("/frobnicate").await;
    boss.expect("I don't know this command").await;
    world.rests().await;
    let commands: Vec<_> = boss.commands().into_iter().map(|(name, _)| name).collect();
    assert!(commands.contains(&"nodes".to_owned()), "{commands:?}");
}

#[tokio::test]
async fn what_was_typed_is_not_kept_in_the_database() {
    let world = World::with(Start { panels: vec![], ..Start::default() }).await;
    let boss = world.admin().await;
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    boss.send("https://127.0.0.1:1/hidden-way").await;
    boss.expect("2.").await;
    boss.send("admin").await;
    boss.expect("3.").await;
    boss.send("correct-horse-battery").await;
    boss.expect("Nobody listens").await;
    world.rests().await;
    let files = world.database_files();
    assert!(!files.is_empty());
    for bytes in files {
        for secret in ["correct-horse-battery", "hidden-way"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in the database in the open");
        }
    }
}
