//! From /start to a copied key.

use std::time::Duration;

use karvan::service::fleet::{Edit, Fleet};
use sim::marzban::Fault;

use crate::world::{Spec, Start, World, reads};

#[tokio::test]
async fn three_taps_from_start_to_a_copied_key() {
    let world = World::open().await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 👋 Hello, Alice!

      Your key to an open internet is one tap away.
      [⚡ Get a key]
      [🌐 Language] [❓ Help]
    ");
    alice.click("⚡").await;
    alice.expect("ready").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🎉 Your key is ready!
      🌍 🇩🇪 Germany

      Which device is it for?
      [🤖 Android] [🍏 iPhone, iPad]
      [🪟 Windows] [💻 Mac] [🐧 Linux]
      [🔑 My key]
    ");
    alice.click("Android").await;
    alice.expect_button("Copy").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🤖 Android: v2rayNG

      1. Install the app and open it.
      2. Copy your key here, then tap + at the top and “Import from clipboard”.
      3. Tap ⋮ at the top and “Update subscription”.
      4. Tap a line, then the round button at the bottom to connect.

      Your key (tap it to copy):
      https://de1.example/sub/…

      Not in your country's store? Choose another app below.
      [📋 Copy the key ⧉]
      [⬇️ Download v2rayNG ↗]
      [⬇️ Other download ↗]
      [🧩 Other apps] [📱 Another device]
      [🔑 My key]
    ");
    let copied = alice.click("Copy").await.copied.unwrap();
    assert!(copied.starts_with("https://de1.example/sub/"), "{copied}");
    world.rests().await;
    assert_eq!((world.accounts(), world.keys_of(&alice).await), (1, 1));
    // One message from beginning to end, and every card of the way leads on.
    assert_eq!(alice.messages().iter().filter(|message| message.by_bot).count(), 1);
}

#[tokio::test]
async fn the_same_in_russian() {
    let world = World::open().await;
    let boris = world.person(1002, "Борис", "uk");
    world_to_app(&boris).await;
    insta::assert_snapshot!(reads(&boris), @r"
    Борис: /start
    Karvan: 🤖 Android: v2rayNG

      1. Установите приложение и откройте его.
      2. Скопируйте здесь ключ, нажмите + вверху и «Импорт из буфера обмена».
      3. Нажмите ⋮ вверху и «Обновить подписку».
      4. Выберите строку и нажмите круглую кнопку внизу, чтобы подключиться.

      Ваш ключ (нажмите, чтобы скопировать):
      https://de1.example/sub/…

      Нет в магазине вашей страны? Выберите ниже другое приложение.
      [📋 Скопировать ключ ⧉]
      [⬇️ Скачать v2rayNG ↗]
      [⬇️ Скачать иначе ↗]
      [🧩 Другие приложения] [📱 Другое устройство]
      [🔑 Мой ключ]
    ");
    boris.click("Мой ключ").await;
    boris.expect("Работает").await;
    insta::assert_snapshot!(reads(&boris), @r"
    Борис: /start
    Karvan: 🔑 Ваш ключ
      🟢 Работает

      🌍 Локация: 🇩🇪 Германия (выбрана автоматически)
      📊 ░░░░░░░░░░ 0 %
      Использовано 0 ГБ из 100 ГБ
      📅 До 21 дек. 2026 (осталось: 30 дней)
      🕓 Обновлено только что
      [📋 Скопировать ключ ⧉] [📱 Настроить устройство]
      [🌍 Локация] [🔄 Обновить]
      [🛟 Не работает]
      [⋯ Ещё]
      [🏠 Меню]
    ");
}

#[tokio::test]
async fn the_same_in_persian() {
    let world = World::open().await;
    let sara = world.person(1003, "Sara", "fa");
    world_to_app(&sara).await;
    insta::assert_snapshot!(reads(&sara), @r"
    Sara: /start
    Karvan: 🤖 اندروید: ⟨v2rayNG⟩

      ۱. برنامه را نصب و باز کنید.
      ۲. ⟨کلید را از همین‌جا کپی کنید، بعد + بالای صفحه و «Import from clipboard» را بزنید.⟩
      ۳. ⟨دکمهٔ ⋮ بالای صفحه و «Update subscription» را بزنید.⟩
      ۴. یک سطر را انتخاب کنید و برای اتصال دکمهٔ گرد پایین را بزنید.

      کلید شما (برای کپی، روی آن بزنید):
      ⟨https://de1.example/sub/…

      در فروشگاه کشور شما نیست؟ از دکمه‌های پایین برنامهٔ دیگری انتخاب کنید.
      [📋 کپی کلید ⧉]
      [⬇️ دانلود ⟨v2rayNG⟩ ↗]
      [⬇️ دانلود از جای دیگر ↗]
      [🧩 برنامه‌های دیگر] [📱 دستگاه دیگر]
      [🔑 کلید من]
    ");
    sara.click("🔑").await;
    sara.expect_button("🌍").await;
    insta::assert_snapshot!(reads(&sara), @r"
    Sara: /start
    Karvan: 🔑 کلید شما
      🟢 کار می‌کند

      🌍 مکان: 🇩🇪 آلمان (انتخاب خودکار)
      📊 ░░░░░░░░░░ ۰٪
      ۰ گیگابایت از ۱۰۰ گیگابایت مصرف شده
      📅 تا ۳۰ آذر ۱۴۰۵ (۳۰ روز مانده)
      🕓 به‌روزشده: همین حالا
      [📋 کپی کلید ⧉] [📱 راه‌اندازی دستگاه]
      [🌍 مکان] [🔄 تازه‌سازی]
      [🛟 کار نمی‌کند]
      [⋯ بیشتر]
      [🏠 منو]
    ");
}

async fn world_to_app(person: &sim::telegram::Actor) {
    person.send("/start").await;
    person.expect_button("⚡").await;
    person.click("⚡").await;
    person.expect_button("🤖").await;
    person.click("🤖").await;
    person.expect_button("📋").await;
}

#[tokio::test]
async fn a_slow_panel_shows_that_we_work_and_the_key_comes_into_the_same_message() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 10)], ..Start::default() }).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.panel("de1").set_fault(Fault::Slow(Duration::from_millis(1500)));
    alice.click("⚡").await;
    alice.expect("Making your key").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: ⏳ Making your key. It takes a few seconds.

      You can close the chat: the key will come here by itself.
      [🔑 My key]
    ");
    alice.expect("Your key is ready").await;
    world.rests().await;
    assert_eq!(alice.messages().iter().filter(|message| message.by_bot).count(), 1);
}

#[tokio::test]
async fn a_key_that_comes_late_does_not_disturb_another_screen() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 10)], ..Start::default() }).await;
    let alice = world.alice();
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    world.panel("de1").set_fault(Fault::Slow(Duration::from_millis(1500)));
    alice.click("⚡").await;
    alice.expect("Making your key").await;
    alice.send("/help").await;
    alice.expect("How it works").await;
    alice.expect("Your key is ready").await;
    // The result is a message of its own; the help stands.
    alice.expect("How it works").await;
    alice.click("Android").await;
    alice.expect_button("Copy").await;
    world.rests().await;
}

#[tokio::test]
async fn when_all_is_full_people_wait_and_are_served_as_soon_as_there_is_room() {
    let world = World::with(Start { panels: vec![Spec("de1", "de", 1)], ..Start::default() }).await;
    let (alice, bob) = (world.alice(), world.person(1002, "Bob", "en"));
    world.first_key(&alice).await;
    bob.send("/start").await;
    bob.expect_button("⚡").await;
    bob.click("⚡").await;
    bob.expect("in the queue").await;
    insta::assert_snapshot!(reads(&bob), @r"
    Bob: /start
    Karvan: 🪑 All places are taken right now.

      You are in the queue. As soon as a place is free, your key comes here by itself.
      [🔑 My key] [🏠 Menu]
    ");
    bob.click("My key").await;
    bob.expect("Waits for a free place").await;
    insta::assert_snapshot!(reads(&bob), @r"
    Bob: /start
    Karvan: 🔑 Your key
      🪑 Waits for a free place

      🌍 Location: not decided yet
      📊 ░░░░░░░░░░ 0%
      0 GB of 100 GB used
      📅 Until 21 Dec 2026 (30 days left)
      [🌍 Location] [🔄 Refresh]
      [🏠 Menu]
    ");
    let fleet = Fleet::new(world.core.clone());
    fleet.edit(None, &"de1".parse().unwrap(), Edit::MaxUsers(2)).await.unwrap();
    world.passes(Duration::from_secs(60));
    bob.expect("Your key is ready").await;
    world.rests().await;
    assert_eq!(world.accounts(), 2);
}

#[tokio::test]
async fn ten_minutes_later_we_ask_whether_it_works() {
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    world.passes(Duration::from_secs(11 * 60));
    alice.expect("does your key work").await;
    insta::assert_snapshot!(reads(&alice), @r"
    Alice: /start
    Karvan: 🎉 Your key is ready!
      🌍 🇩🇪 Germany

      Which device is it for?
      [🤖 Android] [🍏 iPhone, iPad]
      [🪟 Windows] [💻 Mac] [🐧 Linux]
      [🔑 My key]
    Karvan: 👋 How is it going, does your key work?
      [👍 It works] [👎 It doesn't]
    ");
    alice.click("👍").await;
    alice.expect("Wonderful").await;
    world.rests().await;

    let bob = world.person(1002, "Bob", "en");
    world.first_key(&bob).await;
    world.passes(Duration::from_secs(11 * 60));
    bob.expect("does your key work").await;
    bob.click("👎").await;
    bob.expect("I have checked your key").await;
    insta::assert_snapshot!(reads(&bob), @r"
    Bob: /start
    Karvan: 🎉 Your key is ready!
      🌍 🇳🇱 Netherlands

      Which device is it for?
      [🤖 Android] [🍏 iPhone, iPad]
      [🪟 Windows] [💻 Mac] [🐧 Linux]
      [🔑 My key]
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
}
