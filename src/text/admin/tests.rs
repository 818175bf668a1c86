//! What admins read, in three languages, over a fleet whose names try to break out.

use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;

use crate::domain::health::vantage::Outlook;
use crate::domain::health::{Seen, Tally};
use crate::domain::instance::{
    AdminState, BaseUrl, Connection, Counters, Health, HealthReport, Instance, Mode, NodeStatus, PanelKind,
    Weight,
};
use crate::domain::key::Standing;
use crate::domain::person::{Admission, Invite, Person};
use crate::domain::placement::{
    Explanation, NoPlace, Reason, Refusal, Row, Standing as Place, Step, Strategy, Urgency,
};
use crate::domain::quota::GIB;
use crate::domain::{BatchId, ConfigId, Timestamp, UserId};
use crate::panel::{Inbound, Inspection, Overview, PanelError, Trouble, Warning};
use crate::service::explain::{Placed, Why};
use crate::service::fleet::{Draft, InstanceView};
use crate::service::health::Facts;
use crate::service::health::detail::{Detail, Next};
use crate::service::keys::{KeyView, Server};
use crate::service::loops::{Loop, Outcome};
use crate::service::migration::{BatchState, Plan, Progress};
use crate::service::system::{Queues, Replicas, System};
use crate::store::endpoints::StoredEndpoint;
use crate::store::health::StoredNode;
use crate::store::vantages::Vantage;

use super::super::{Html, Lang, T, Words};
use super::*;

/// What `write` reads like in each language. Rust refuses direction marks in literals: they are shown as brackets.
fn all(write: impl Fn(&T) -> Html) -> String {
    let words = Words::load(chrono_tz::UTC);
    let shown = |lang| {
        let html = write(words.of(lang));
        assert!(html.telegram_len() <= Html::MAX_TEXT, "{lang}: too long");
        html.into_string().replace(['\u{2066}', '\u{2068}'], "⟨").replace('\u{2069}', "⟩")
    };
    Lang::ALL.map(shown).join("\n———\n")
}

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn view() -> InstanceView {
    InstanceView {
        instance: Instance {
            care: crate::domain::instance::Care::default(),
            id: "de1".parse().unwrap(),
            name: "Frankfurt <1>".into(),
            note: "paid until May".into(),
            kind: PanelKind::Marzban,
            mode: Mode::Manage,
            base_url: "https://vpn1.example.com:8000/secret-path".parse().unwrap(),
            username: "admin".into(),
            region: "de".parse().unwrap(),
            provider: None,
            tags: vec!["fast".into(), "cheap".into()],
            admin_state: AdminState::Open,
            priority: 1,
            weight: Weight::try_from(2.5).unwrap(),
            max_users: 1500,
            connection: Connection { proxy: Some("socks5://u:p@10.0.0.1".into()), ..Connection::default() },
        },
        counters: Counters { active: 900, reserved: 3, lingering: 12, foreign: 340 },
        health: HealthReport {
            health: Health::Misconfigured,
            since: now() - TimeDelta::hours(5),
            checked_at: Some(now() - TimeDelta::seconds(20)),
            last_good_at: Some(now() - TimeDelta::hours(6)),
            latency_ms: Some(180),
            version: Some("0.8.4".into()),
            users_active: Some(1240),
            problem: Some("unauthorised".into()),
            certificate_ends_at: None,
        },
        nodes: vec![StoredNode {
            id: 1,
            name: "Master".into(),
            address: "127.0.0.1".into(),
            remote_id: None,
            status: NodeStatus::Connected,
            message: None,
            usage_coefficient: 1.0,
            hidden: false,
            traffic: Some(1200 * GIB),
            region: None,
        }],
    }
}

/// The fleet at a glance, watched for a day.
fn glance(t: &T, all: &[InstanceView], waiting: usize, next: &Explanation) -> Html {
    let page = health::order(all);
    let day = Tally { checks: 17_280, good: 17_279, latency_sum_ms: 17_279 * 180, ..Tally::default() };
    let uptimes = [(all[0].instance.id.clone(), day)].into();
    let fleet = health::Fleet { all, page: &page, uptimes: &uptimes, waiting, next, now: now() };
    health::overview(t, &fleet)
}

fn person() -> Person {
    Person {
        id: UserId(12_345_678),
        first_name: "Eve</b> \u{202e}\n& co".into(),
        username: Some("eve".into()),
        language: None,
        telegram_language: None,
        admission: Admission::Granted,
        granted_days: None,
        granted_gb: None,
        blocked_bot: false,
        created_at: now() - TimeDelta::days(60),
        last_seen_at: now() - TimeDelta::minutes(4),
    }
}

fn key() -> KeyView {
    KeyView {
        config: ConfigId(7),
        number: 1,
        owner: UserId(12_345_678),
        standing: Standing::Live,
        preparing: None,
        region: Some("nl".parse().unwrap()),
        instance: Some(("nl1".parse().unwrap(), "Amsterdam".into())),
        expires_at: None,
        data_limit: None,
        used: 3 * GIB,
        link: None,
        link_stays: false,
        updated_at: None,
        wanted_region: None,
        created_at: now(),
        lingering: 1,
        server: Server::Good,
    }
}

#[test]
fn a_panel_shows_all_but_its_secrets() {
    let card = all(|t| panel::card(t, &view(), now()));
    for secret in ["secret-path", "socks5", "u:p"] {
        assert!(!card.contains(secret));
    }
    insta::assert_snapshot!(card, @"
    🖥 <b>Frankfurt &lt;1&gt;</b> (<code>de1</code>)
    🇩🇪 Germany

    🔧 settings don't fit · since 21 Nov 2026, 07:00
    ⚠️ The panel refuses this user name or password.
    Checked just now, no good answer
    ✅ takes new keys

    👥 ▓▓▓▓▓▓▓▓░░ 1,255 of 1,500 places
    Our keys: 900, being made: 3, moved away but still served: 12, not ours: 340
    Order: 1, share: 2.5

    Marzban 0.8.4
    Address: <code>https://vpn1.example.com:8000/…</code>
    Login: <code>admin</code>
    Labels: fast, cheap
    📝 paid until May

    <b>Exits</b>
    🟢 Master · <code>127.0.0.1</code> · 1.2 TB in 30 days
    ———
    🖥 <b>Frankfurt &lt;1&gt;</b> (<code>de1</code>)
    🇩🇪 Германия

    🔧 настройки не подходят · с 21 нояб. 2026, 07:00
    ⚠️ Панель не принимает это имя или пароль.
    Проверена только что, хорошего ответа нет
    ✅ принимает новые ключи

    👥 ▓▓▓▓▓▓▓▓░░ 1 255 из 1 500 мест
    Наших ключей: 900, готовятся: 3, переехали, но ещё работают: 12, чужих: 340
    Очередь: 1, доля: 2,5

    Marzban 0.8.4
    Адрес: <code>https://vpn1.example.com:8000/…</code>
    Логин: <code>admin</code>
    Метки: fast, cheap
    📝 paid until May

    <b>Выходы</b>
    🟢 Master · <code>127.0.0.1</code> · 1,2 ТБ за 30 дней
    ———
    🖥 <b>⟨Frankfurt &lt;1&gt;⟩</b> (⟨<code>de1</code>⟩)
    🇩🇪 آلمان

    🔧 تنظیمات درست نیست · از ۳۰ آبان ۱۴۰۵، ساعت ۰۷:۰۰
    ⚠️ پنل این نام کاربری یا رمز را قبول نمی‌کند.
    بررسی: همین حالا، بدون پاسخ درست
    ✅ کلید تازه می‌گیرد

    👥 ▓▓▓▓▓▓▓▓░░ ۱٬۲۵۵ از ۱٬۵۰۰ جا
    کلیدهای ما: ۹۰۰، در حال ساخت: ۳، رفته ولی هنوز فعال: ۱۲، غیر از ما: ۳۴۰
    نوبت: ۱، سهم: ۲٫۵

    ⟨Marzban⟩ 0.8.4
    نشانی: ⟨<code>https://vpn1.example.com:8000/…</code>⟩
    کاربر: ⟨<code>admin</code>⟩
    برچسب‌ها: ⟨fast⟩، ⟨cheap⟩
    📝 ⟨paid until May⟩

    <b>خروجی‌ها</b>
    🟢 ⟨Master⟩ · ⟨<code>127.0.0.1</code>⟩ · ۱٫۲ ترابایت در ۳۰ روز
    ");
}

#[test]
fn the_fleet_at_a_glance() {
    let closed = InstanceView {
        instance: Instance { admin_state: AdminState::Cordoned, ..view().instance },
        health: HealthReport { health: Health::Healthy, ..view().health },
        ..view()
    };
    let both = [view(), closed.clone()];
    insta::assert_snapshot!(all(|t| panel::list(t, &both, now())), @"
    🖥 <b>Panels</b>: 2, keys: 1,800

    🔧 <b>Frankfurt &lt;1&gt;</b> 🇩🇪 · 1,255 of 1,500
    🟢 <b>Frankfurt &lt;1&gt;</b> 🇩🇪 · 1,255 of 1,500 · 🚪 no new keys
    ———
    🖥 <b>Панели</b>: 2, ключей: 1 800

    🔧 <b>Frankfurt &lt;1&gt;</b> 🇩🇪 · 1 255 из 1 500
    🟢 <b>Frankfurt &lt;1&gt;</b> 🇩🇪 · 1 255 из 1 500 · 🚪 без новых ключей
    ———
    🖥 <b>پنل‌ها</b>: ۲، کلیدها: ۱٬۸۰۰

    🔧 <b>⟨Frankfurt &lt;1&gt;⟩</b> 🇩🇪 · ۱٬۲۵۵ از ۱٬۵۰۰
    🟢 <b>⟨Frankfurt &lt;1&gt;⟩</b> 🇩🇪 · ۱٬۲۵۵ از ۱٬۵۰۰ · 🚪 بدون کلید تازه
    ");
    let refused = vec![(Refusal::Full, 1), (Refusal::AdminClosed, 2)].into();
    let none = Explanation { chosen: None, outcome: Err(NoPlace { refused }), rows: vec![] };
    insta::assert_snapshot!(all(|t| glance(t, &both, 2, &none)), @"
    🩺 <b>How the fleet is doing</b>
    🔴 1 of 2 panels needs a look.

    🔧 settings don't fit · Frankfurt &lt;1&gt; · 1,255 of 1,500 · 180 ms · ⏱ 99.99%
    🟢 works · Frankfurt &lt;1&gt; · 1,255 of 1,500 · 180 ms · ⏱ 99.99% · 🚪 no new keys

    ⏱ how much of the last 24 hours the panel answered. A tap on a panel shows everything about it.

    🪑 2 keys wait for a free place.
    🪑 The next key would have to wait: no panel takes keys right now.
    Left out: takes no new keys (2), full (1)
    ———
    🩺 <b>Как дела у панелей</b>
    🔴 Требуют внимания: 1 из 2.

    🔧 настройки не подходят · Frankfurt &lt;1&gt; · 1 255 из 1 500 · 180 мс · ⏱ 99,99 %
    🟢 работает · Frankfurt &lt;1&gt; · 1 255 из 1 500 · 180 мс · ⏱ 99,99 % · 🚪 без новых ключей

    ⏱ сколько из последних 24 часов панель отвечала. Нажмите на панель, чтобы увидеть о ней всё.

    🪑 Ждут свободного места: 2.
    🪑 Следующему ключу придётся ждать: сейчас ни одна панель не принимает ключи.
    Не подошли: не принимает новые ключи (2), мест нет (1)
    ———
    🩺 <b>وضعیت پنل‌ها</b>
    🔴 ۱ پنل از ۲ پنل توجه لازم دارد.

    🔧 تنظیمات درست نیست · ⟨Frankfurt &lt;1&gt;⟩ · ۱٬۲۵۵ از ۱٬۵۰۰ · ۱۸۰ میلی‌ثانیه · ⏱ ۹۹٫۹۹٪
    🟢 کار می‌کند · ⟨Frankfurt &lt;1&gt;⟩ · ۱٬۲۵۵ از ۱٬۵۰۰ · ۱۸۰ میلی‌ثانیه · ⏱ ۹۹٫۹۹٪ · 🚪 بدون کلید تازه

    ⏱ یعنی پنل در چند درصدِ ۲۴ ساعت گذشته جواب داده است. برای دیدن همه‌چیز روی هر پنل بزنید.

    🪑 ۲ کلید منتظر جای خالی است.
    🪑 کلید بعدی باید صبر کند؛ الان هیچ پنلی کلید نمی‌گیرد.
    کنار رفتند: کلید تازه نمی‌گیرد (۲)، پر است (۱)
    ");
    // Many panels still fit into a message.
    let many = vec![view(); 300];
    all(|t| panel::list(t, &many, now()));
    all(|t| glance(t, &many, 0, &none));
}

#[test]
fn a_panel_is_reviewed_before_it_is_saved() {
    let draft = Draft {
        id: None,
        name: "Frankfurt".into(),
        note: String::new(),
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: "http://vpn1.example.com:8000".parse::<BaseUrl>().unwrap(),
        username: "admin".into(),
        password: SecretString::from("hidden"),
        region: "de".parse().unwrap(),
        provider: None,
        tags: vec![],
        priority: 1,
        weight: Weight::ONE,
        max_users: 500,
        connection: Connection::default(),
    };
    let inbound = Inbound {
        tag: "VLESS".into(),
        protocol: "vless".into(),
        network: "raw".into(),
        security: "reality".into(),
    };
    let good = Ok(Inspection {
        overview: Overview {
            version: "0.8.4".into(),
            core_started: true,
            users_active: 7,
            users_total: 9,
            latency: Duration::from_millis(85),
            nodes: vec![],
        },
        inbounds: vec![inbound],
        sudo: true,
        warnings: vec![Warning::RealityRaw { tag: "VLESS".into() }, Warning::PlainHttp],
    });
    insta::assert_snapshot!(all(|t| Html::paragraphs([
        addnode::tested(t, &good),
        addnode::review(t, &draft, None),
        addnode::review(t, &draft, Some("refused")),
    ])), @r#"
    ✅ <b>The panel answers well</b> (85 ms)
    Version 0.8.4
    Users: 7 active of 9
    Ways in: VLESS (vless/raw/reality)

    ⚠️ The inbound <code>VLESS</code> is REALITY with the network called "raw": new keys cannot connect until the core restarts. Call it "tcp" in the panel's core settings.
    ⚠️ The address is plain http://: the panel's password crosses the network in the open. Use https:// or a tunnel.

    ➕ <b>Frankfurt</b> · 🇩🇪 Germany
    Address: <code>http://vpn1.example.com:8000</code>
    Login: <code>admin</code>
    Places at most: 500
    Order: 1, share: 1

    ✅ Tested: it works.

    Save this panel? It takes new keys at once.

    ➕ <b>Frankfurt</b> · 🇩🇪 Germany
    Address: <code>http://vpn1.example.com:8000</code>
    Login: <code>admin</code>
    Places at most: 500
    Order: 1, share: 1

    ⚠️ The test failed. Nobody listens at that address and port. Check the port, and that the panel runs.

    Save it as it is? It gets keys as soon as it answers well.
    ———
    ✅ <b>Панель отвечает хорошо</b> (85 мс)
    Версия 0.8.4
    Пользователей: 7 активных из 9
    Входы: VLESS (vless/raw/reality)

    ⚠️ Inbound <code>VLESS</code>: REALITY с сетью "raw". Новые ключи не подключатся до перезапуска ядра. Назовите её "tcp" в настройках ядра панели.
    ⚠️ Адрес без шифрования (http://): пароль панели идёт по сети открыто. Используйте https:// или туннель.

    ➕ <b>Frankfurt</b> · 🇩🇪 Германия
    Адрес: <code>http://vpn1.example.com:8000</code>
    Логин: <code>admin</code>
    Мест, не больше: 500
    Очередь: 1, доля: 1

    ✅ Проверена: работает.

    Сохранить панель? Она сразу начнёт принимать ключи.

    ➕ <b>Frankfurt</b> · 🇩🇪 Германия
    Адрес: <code>http://vpn1.example.com:8000</code>
    Логин: <code>admin</code>
    Мест, не больше: 500
    Очередь: 1, доля: 1

    ⚠️ Проверка не прошла. По этому адресу и порту никто не отвечает. Проверьте порт и запущена ли панель.

    Сохранить так? Ключи пойдут, когда панель хорошо ответит.
    ———
    ✅ <b>پنل خوب جواب می‌دهد</b> (۸۵ میلی‌ثانیه)
    نسخهٔ 0.8.4
    کاربران: ۷ فعال از ۹
    ورودی‌ها: ⟨VLESS (vless/raw/reality)⟩

    ⚠️ ورودی ⟨<code>VLESS</code>⟩ از نوع REALITY با شبکهٔ "raw" است؛ کلیدهای تازه تا راه‌اندازی دوبارهٔ هسته وصل نمی‌شوند. در تنظیمات هستهٔ پنل نامش را "tcp" کنید.
    ⚠️ نشانی رمزنگاری ندارد (⟨http://⟩)؛ رمز پنل آشکارا از شبکه می‌گذرد. از ⟨https://⟩ یا تونل استفاده کنید.

    ➕ <b>⟨Frankfurt⟩</b> · 🇩🇪 آلمان
    نشانی: ⟨<code>http://vpn1.example.com:8000</code>⟩
    کاربر: ⟨<code>admin</code>⟩
    بیشترین جا: ۵۰۰
    نوبت: ۱، سهم: ۱

    ✅ آزمایش شد و کار می‌کند.

    این پنل ذخیره شود؟ فوراً کلید تازه می‌گیرد.

    ➕ <b>⟨Frankfurt⟩</b> · 🇩🇪 آلمان
    نشانی: ⟨<code>http://vpn1.example.com:8000</code>⟩
    کاربر: ⟨<code>admin</code>⟩
    بیشترین جا: ۵۰۰
    نوبت: ۱، سهم: ۱

    ⚠️ آزمایش ناموفق بود. در این نشانی و پورت چیزی گوش نمی‌دهد. پورت را بررسی کنید و ببینید پنل روشن است.

    همین‌طور ذخیره شود؟ همین که خوب جواب دهد کلید می‌گیرد.
    "#);
    let bad = Err(PanelError::Unavailable(Trouble::Refused));
    insta::assert_snapshot!(all(|t| addnode::tested(t, &bad)), @"
    ❌ <b>The panel cannot be used like this</b>
    Nobody listens at that address and port. Check the port, and that the panel runs.

    Change something and try again. Or save it as it is: it gets keys as soon as it answers well.
    ———
    ❌ <b>Так с панелью работать не получится</b>
    По этому адресу и порту никто не отвечает. Проверьте порт и запущена ли панель.

    Измените что-нибудь и проверьте снова. Или сохраните так: ключи пойдут, когда панель хорошо ответит.
    ———
    ❌ <b>با این وضع نمی‌شود از پنل استفاده کرد</b>
    در این نشانی و پورت چیزی گوش نمی‌دهد. پورت را بررسی کنید و ببینید پنل روشن است.

    چیزی را عوض کنید و دوباره آزمایش کنید. یا همین‌طور ذخیره کنید؛ همین که خوب جواب دهد کلید می‌گیرد.
    ");
}

#[test]
fn people_and_their_keys() {
    insta::assert_snapshot!(all(|t| person::card(t, &person(), &[key()], now())), @"
    👤 <b>Eve&lt;/b&gt; &amp; co</b>
    id: <code>12345678</code>
    Telegram: @eve
    Access: yes
    Here since 22 Sep 2026, last seen 4 minutes ago

    🔑 1 · 🟢 Works · 🇳🇱 Netherlands · 3 GB used, no limit
    ———
    👤 <b>Eve&lt;/b&gt; &amp; co</b>
    id: <code>12345678</code>
    Telegram: @eve
    Доступ: есть
    С нами с 22 сент. 2026, последний раз: 4 минуты назад

    🔑 1 · 🟢 Работает · 🇳🇱 Нидерланды · 3 ГБ, без ограничений
    ———
    👤 <b>⟨Eve&lt;/b&gt; &amp; co⟩</b>
    شناسه: ⟨<code>12345678</code>⟩
    تلگرام: ⟨@eve⟩
    دسترسی: دارد
    از ۳۱ شهریور ۱۴۰۵ اینجاست، آخرین بار: ۴ دقیقه پیش

    🔑 ۱ · 🟢 کار می‌کند · 🇳🇱 هلند · ۳ گیگابایت مصرف شده، نامحدود
    ");
    insta::assert_snapshot!(all(|t| person::key_card(t, &key(), Some(&person()), now())), @"
    🔑 <b>Key 1</b>
    🟢 Works

    🌍 Location: 🇳🇱 Netherlands (chosen automatically)
    📊 Traffic: 3 GB used, no limit
    📅 No end date

    👤 Eve&lt;/b&gt; &amp; co (<code>12345678</code>)
    🖥 Panel: Amsterdam (<code>nl1</code>)
    🕰 Old accounts that still serve: 1
    ———
    🔑 <b>Ключ 1</b>
    🟢 Работает

    🌍 Локация: 🇳🇱 Нидерланды (выбрана автоматически)
    📊 Трафик: 3 ГБ, без ограничений
    📅 Бессрочный

    👤 Eve&lt;/b&gt; &amp; co (<code>12345678</code>)
    🖥 Панель: Amsterdam (<code>nl1</code>)
    🕰 Старых аккаунтов, что ещё работают: 1
    ———
    🔑 <b>کلید ۱</b>
    🟢 کار می‌کند

    🌍 مکان: 🇳🇱 هلند (انتخاب خودکار)
    📊 حجم: ۳ گیگابایت مصرف شده، نامحدود
    📅 بدون تاریخ پایان

    👤 ⟨Eve&lt;/b&gt; &amp; co⟩ (⟨<code>12345678</code>⟩)
    🖥 پنل: ⟨Amsterdam⟩ (⟨<code>nl1</code>⟩)
    🕰 حساب‌های قدیمی که هنوز کار می‌کنند: ۱
    ");
}

#[test]
fn moves_from_preview_to_end() {
    let plan = Plan {
        moves: vec![(ConfigId(1), "nl1".parse().unwrap()), (ConfigId(2), "nl1".parse().unwrap())],
        per_target: vec![("nl1".parse().unwrap(), "Amsterdam".into(), 2)],
        stranded: 1,
        waiting: vec![ConfigId(3)],
        skipped: 3,
        fingerprint: 1,
    };
    insta::assert_snapshot!(all(|t| migrate::preview(t, &Html::escape("Frankfurt"), &plan, true)), @"
    🚚 <b>Frankfurt</b>: 2 keys move.
    Nobody is cut off: the old place works until the new one does.

    ➡️ Amsterdam: 2

    🪑 1 key finds no room and will wait for it.
    ⏭ Staying: 3. These keys don't work now, or something else is being done to them.
    🚪 Frankfurt takes no new keys from now on.
    ———
    🚚 <b>Frankfurt</b>: 2 ключа переедут.
    Связь не прервётся: старое место работает, пока не заработает новое.

    ➡️ Amsterdam: 2

    🪑 Не хватает места: 1. Они подождут.
    ⏭ Останутся: 3. Эти ключи сейчас не работают, или с ними уже что-то делается.
    🚪 Frankfurt больше не будет принимать новые ключи.
    ———
    🚚 <b>Frankfurt</b>: ۲ کلید جابه‌جا می‌شود.
    کسی قطع نمی‌شود؛ جای قبلی تا وقتی جای تازه کار کند فعال است.

    ⬅️ ⟨Amsterdam⟩: ۲

    🪑 برای ۱ کلید جا نیست و منتظر می‌مانند.
    ⏭ ۳ کلید می‌ماند؛ الان فعال نیستند یا کار دیگری رویشان در جریان است.
    🚪 Frankfurt از این به بعد کلید تازه نمی‌گیرد.
    ");
    let progress = Progress {
        batch: BatchId(1),
        by: UserId(1),
        source: Some("de1".parse().unwrap()),
        target: None,
        total: 5000,
        done: 1240,
        cancelled: 2,
        waiting: 40,
        state: BatchState::Running,
        started_at: now() - TimeDelta::minutes(4),
        ended_at: None,
    };
    insta::assert_snapshot!(all(|t| migrate::progress(t, &progress, now())), @"
    🚚 <b>Moving keys</b>
    <code>de1</code> ➡️ several

    ▓▓░░░░░░░░ 24%
    1,240 of 5,000 moved
    🪑 40 wait for a turn or for room
    ⏭ 2 given up
    ⏱ About 12 minutes left
    ———
    🚚 <b>Переносим ключи</b>
    <code>de1</code> ➡️ несколько

    ▓▓░░░░░░░░ 24 %
    Перенесено 1 240 из 5 000
    🪑 Ждут очереди или места: 40
    ⏭ Отменено: 2
    ⏱ Осталось примерно: 12 минут
    ———
    🚚 <b>در حال انتقال کلیدها</b>
    ⟨<code>de1</code>⟩ ⬅️ چند پنل

    ▓▓░░░░░░░░ ۲۴٪
    ۱٬۲۴۰ از ۵٬۰۰۰ جابه‌جا شده
    🪑 ۴۰ در انتظار نوبت یا جا
    ⏭ ۲ لغو شده
    ⏱ حدود ۱۲ دقیقه مانده
    ");
}

#[test]
fn an_invitation_is_made() {
    let invite = Invite {
        code: "ab23cd45".into(),
        max_uses: 5,
        used: 0,
        days: Some(30),
        gb: None,
        expires_at: None,
        revoked: false,
        created_at: now(),
    };
    insta::assert_snapshot!(all(|t| invite::made(t, &invite, "https://t.me/karvan_bot?start=inv_ab23cd45")), @"
    💌 <b>The invitation is ready.</b> Send this link on:
    <code>https://t.me/karvan_bot?start=inv_ab23cd45</code>

    Or the code: <code>ab23cd45</code>
    For 5 people: 30 days, as usual
    ———
    💌 <b>Приглашение готово.</b> Отправьте эту ссылку:
    <code>https://t.me/karvan_bot?start=inv_ab23cd45</code>

    Или код: <code>ab23cd45</code>
    На 5 человек: 30 дней, как обычно
    ———
    💌 <b>دعوت‌نامه آماده است.</b> این لینک را بفرستید:
    ⟨<code>https://t.me/karvan_bot?start=inv_ab23cd45</code>⟩

    یا کد: ⟨<code>ab23cd45</code>⟩
    برای ۵ نفر: ۳۰ روز، مثل همیشه
    ");
}

#[test]
fn the_reason_of_a_placement() {
    let standing = |id: &str, score, taken| Place {
        instance: id.parse().unwrap(),
        score,
        load: taken,
        taken,
        cap: 1500,
    };
    let row = |id: &str, name: &str, refusal| Row {
        standing: standing(id, 0.4213, 632),
        name: name.into(),
        region: "nl".parse().unwrap(),
        tier: 1,
        weight: 1.0,
        health: Health::Healthy,
        ramp: 1.0,
        refusal,
    };
    let reason = Reason {
        strategy: Strategy::Exact,
        step: Step::BeyondSpill,
        tier: 1,
        urgency: Urgency::Newcomer,
        best: vec![standing("nl1", 0.4, 600), standing("gone", 0.45, 675)].into(),
        refused: vec![(Refusal::Full, 3), (Refusal::AdminClosed, 1)].into(),
    };
    let why = Why {
        placed: Some(Placed {
            instance: "nl1".parse().unwrap(),
            at: now(),
            reason: serde_json::to_value(&reason).unwrap(),
        }),
        now: Explanation {
            chosen: Some("nl1".parse().unwrap()),
            outcome: Ok(reason),
            rows: vec![row("nl1", "Amsterdam", None), row("de1", "Frankfurt <1>", Some(Refusal::Tier))],
        },
    };
    insta::assert_snapshot!(all(|t| why::key(t, 1, &why)), @"
    💡 <b>Key 1</b> has been on Amsterdam since 21 Nov 2026, 12:00.
    <b>Why there</b>
    All panels were nearly full, so they were filled up to their limits.
    It was the least loaded of those that could take the key:
    ✅ <b>Amsterdam</b>: 600 of 1,500, load 40%
    ▫️ gone: 675 of 1,500, load 45%
    Left out then: takes no new keys (1), full (3)

    <b>What would be chosen now</b>
    ✅ <b>Amsterdam</b>: 632 of 1,500, load 42.1%
    ✖️ Frankfurt &lt;1&gt;: 632 of 1,500, its turn comes later
    ———
    💡 <b>Ключ 1</b> на Amsterdam с 21 нояб. 2026, 12:00.
    <b>Почему там</b>
    Все панели были почти полны, поэтому их заполняли до предела.
    Она была наименее загружена из тех, что могли принять ключ:
    ✅ <b>Amsterdam</b>: 600 из 1 500, загрузка 40 %
    ▫️ gone: 675 из 1 500, загрузка 45 %
    Не подошли тогда: не принимает новые ключи (1), мест нет (3)

    <b>Что было бы выбрано сейчас</b>
    ✅ <b>Amsterdam</b>: 632 из 1 500, загрузка 42,1 %
    ✖️ Frankfurt &lt;1&gt;: 632 из 1 500, её очередь позже
    ———
    💡 <b>کلید ۱</b> از ۳۰ آبان ۱۴۰۵، ساعت ۱۲:۰۰ روی ⟨Amsterdam⟩ است.
    <b>چرا آنجا</b>
    همهٔ پنل‌ها تقریباً پر بودند، پس تا سقف پر شدند.
    از میان پنل‌هایی که می‌توانستند کلید را بگیرند، کم‌بارترین بود:
    ✅ <b>⟨Amsterdam⟩</b>: ۶۰۰ از ۱٬۵۰۰، بار ۴۰٪
    ▫️ ⟨gone⟩: ۶۷۵ از ۱٬۵۰۰، بار ۴۵٪
    آن موقع کنار رفتند: کلید تازه نمی‌گیرد (۱)، پر است (۳)

    <b>الان کدام انتخاب می‌شد</b>
    ✅ <b>⟨Amsterdam⟩</b>: ۶۳۲ از ۱٬۵۰۰، بار ۴۲٫۱٪
    ✖️ ⟨Frankfurt &lt;1&gt;⟩: ۶۳۲ از ۱٬۵۰۰، نوبتش دیرتر است
    ");
    let stays = Placed { reason: serde_json::json!({ "stays": "nl1" }), ..why.placed.clone().unwrap() };
    let english = |why: &Why| all(|t| why::key(t, 1, why)).split("\n———").next().unwrap().to_owned();
    let first = |text: &str| text.lines().nth(2).unwrap().to_owned();
    let of = |placed| first(&english(&Why { placed, ..why.clone() }));
    insta::assert_snapshot!(of(Some(stays.clone())), @"The key stayed where it was, only its link is new.");
    insta::assert_snapshot!(of(Some(Placed { reason: serde_json::json!({ "older": 1 }), ..stays })), @"The reason was not kept.");
}

#[test]
fn one_panels_health_is_told_in_depth() {
    let mut panel = view();
    panel.health.certificate_ends_at = Some(now() + TimeDelta::days(9));
    panel.nodes.push(StoredNode {
        id: 2,
        name: "Berlin <b>".into(),
        remote_id: Some(7),
        status: NodeStatus::Error,
        message: Some("[Errno 111] <refused>".into()),
        usage_coefficient: 1.5,
        hidden: true,
        ..panel.nodes[0].clone()
    });
    let endpoint = |address: &str, good: Option<i64>, problem: Option<&str>| StoredEndpoint {
        id: 1,
        address: address.into(),
        spec: serde_json::Value::Null,
        good_at: good.map(|hours| now() - TimeDelta::hours(hours)),
        checked_at: Some(now() - TimeDelta::minutes(2)),
        problem: problem.map(str::to_owned),
    };
    let day = Tally {
        checks: 17_280,
        good: 17_279,
        latency_sum_ms: 17_279 * 180,
        latency_max_ms: 2_900,
        ..Tally::default()
    };
    let facts = Facts {
        quick: Some((now() - TimeDelta::seconds(4), Seen::Foreign)),
        rates: [("Master".to_owned(), 1_562_500)].into(),
        ..Facts::default()
    };
    let detail = Detail {
        view: panel,
        facts: Some(facts),
        endpoints: vec![
            endpoint("tls://vpn1.example.com:443?sni=vpn1.example.com", Some(0), None),
            endpoint("tcp://192.0.2.7:8443", Some(3), Some("refused")),
            endpoint("wss://cdn.example.com:443", Some(1), Some("origin-dead")),
            endpoint("tcp://192.0.2.8:1", None, Some("silent")),
        ],
        outlooks: vec![
            Outlook { vantage: "ir-1".into(), reaches: true, since: now() - TimeDelta::hours(3) },
            Outlook { vantage: "ir-2".into(), reaches: false, since: now() - TimeDelta::minutes(6) },
        ],
        history: [day, day, Tally::default()],
        complaints: 3,
        next: Next::Settings,
    };
    insta::assert_snapshot!(all(|t| vitals::detail(t, &detail, now())), @"
    🖥 <b>Frankfurt &lt;1&gt;</b> (<code>de1</code>)
    🇩🇪 Germany

    🔧 settings don't fit · since 21 Nov 2026, 07:00
    ⚠️ The panel refuses this user name or password.
    👉 Keys stay. Check address, login and certificate of the panel.

    👥 ▓▓▓▓▓▓▓▓░░ 1,255 of 1,500 places
    🙋 Said within a day that it does not work, or made a new link: 3 people

    <b>Checks</b>
    Panel: something answers, but not to us (just now)
    Checked just now, no good answer
    Addresses in users' links:
    🟢 <code>tls://vpn1.example.com:443</code> answers (2 minutes ago)
    🔴 <code>tcp://192.0.2.7:8443</code> refuses connections (2 minutes ago)
    🔴 <code>wss://cdn.example.com:443</code> has a living front, but a dead server behind it (2 minutes ago)
    ⚪ <code>tcp://192.0.2.8:1</code> did not answer from here in a day, so it proves nothing
    🛰 Reached from <code>ir-1</code> since 21 Nov 2026, 09:00
    🚧 Not reached from <code>ir-2</code> since 21 Nov 2026, 11:54
    📜 Certificate until 30 Nov 2026: 9 days left

    <b>Answered</b>: 99.99% in 24 hours, 99.99% in 7 days, – in 30 days
    Answers within 180 ms on average, 2,900 ms at most

    <b>Exits</b>
    🟢 Master · <code>127.0.0.1</code> · 12.5 Mbit/s · 1.2 TB in 30 days
    🔴 Berlin &lt;b&gt; · <code>127.0.0.1</code> · ×1.5 · 1.2 TB in 30 days · hidden
    ⚠️ [Errno 111] &lt;refused&gt;
    ———
    🖥 <b>Frankfurt &lt;1&gt;</b> (<code>de1</code>)
    🇩🇪 Германия

    🔧 настройки не подходят · с 21 нояб. 2026, 07:00
    ⚠️ Панель не принимает это имя или пароль.
    👉 Ключи остаются. Проверьте адрес, логин и сертификат панели.

    👥 ▓▓▓▓▓▓▓▓░░ 1 255 из 1 500 мест
    🙋 За сутки сказали, что не работает, или сбросили ссылку: 3 человека

    <b>Проверки</b>
    Панель: что-то отвечает, но не нам (только что)
    Проверена только что, хорошего ответа нет
    Адреса в ссылках пользователей:
    🟢 <code>tls://vpn1.example.com:443</code> отвечает (2 минуты назад)
    🔴 <code>tcp://192.0.2.7:8443</code> отклоняет соединения (2 минуты назад)
    🔴 <code>wss://cdn.example.com:443</code> жив снаружи, но сервер за ним мёртв (2 минуты назад)
    ⚪ <code>tcp://192.0.2.8:1</code> сутки не отвечал отсюда, поэтому ничего не доказывает
    🛰 Из <code>ir-1</code> доступна с 21 нояб. 2026, 09:00
    🚧 Из <code>ir-2</code> недоступна с 21 нояб. 2026, 11:54
    📜 Сертификат до 30 нояб. 2026: осталось 9 дней

    <b>Отвечала</b>: 99,99 % за 24 часа, 99,99 % за 7 дней, – за 30 дней
    Отвечает в среднем за 180 мс, самое долгое 2 900 мс

    <b>Выходы</b>
    🟢 Master · <code>127.0.0.1</code> · 12,5 Мбит/с · 1,2 ТБ за 30 дней
    🔴 Berlin &lt;b&gt; · <code>127.0.0.1</code> · ×1,5 · 1,2 ТБ за 30 дней · скрыт
    ⚠️ [Errno 111] &lt;refused&gt;
    ———
    🖥 <b>⟨Frankfurt &lt;1&gt;⟩</b> (⟨<code>de1</code>⟩)
    🇩🇪 آلمان

    🔧 تنظیمات درست نیست · از ۳۰ آبان ۱۴۰۵، ساعت ۰۷:۰۰
    ⚠️ پنل این نام کاربری یا رمز را قبول نمی‌کند.
    👉 کلیدها می‌مانند. نشانی، نام کاربری و گواهی پنل را بررسی کنید.

    👥 ▓▓▓▓▓▓▓▓░░ ۱٬۲۵۵ از ۱٬۵۰۰ جا
    🙋 در یک روز ۳ نفر گفته‌اند که کار نمی‌کند یا لینک تازه ساخته‌اند

    <b>بررسی‌ها</b>
    پنل: چیزی جواب می‌دهد، ولی نه به ما (همین حالا)
    بررسی: همین حالا، بدون پاسخ درست
    نشانی‌ها در لینک کاربران:
    🟢 ⟨<code>tls://vpn1.example.com:443</code>⟩ جواب می‌دهد (۲ دقیقه پیش)
    🔴 ⟨<code>tcp://192.0.2.7:8443</code>⟩ اتصال را رد می‌کند (۲ دقیقه پیش)
    🔴 ⟨<code>wss://cdn.example.com:443</code>⟩ از بیرون زنده است، ولی سرور پشت آن از کار افتاده (۲ دقیقه پیش)
    ⚪ ⟨<code>tcp://192.0.2.8:1</code>⟩ یک روز است از اینجا جواب نداده، پس چیزی را ثابت نمی‌کند
    🛰 از ⟨<code>ir-1</code>⟩ در دسترس است، از ۳۰ آبان ۱۴۰۵، ساعت ۰۹:۰۰
    🚧 از ⟨<code>ir-2</code>⟩ در دسترس نیست، از ۳۰ آبان ۱۴۰۵، ساعت ۱۱:۵۴
    📜 گواهی تا ۹ آذر ۱۴۰۵؛ ۹ روز مانده

    <b>پاسخ‌گویی</b>: ۹۹٫۹۹٪ در ۲۴ ساعت، ۹۹٫۹۹٪ در ۷ روز، – در ۳۰ روز
    میانگین پاسخ ۱۸۰ میلی‌ثانیه، بیشترین ۲٬۹۰۰ میلی‌ثانیه

    <b>خروجی‌ها</b>
    🟢 ⟨Master⟩ · ⟨<code>127.0.0.1</code>⟩ · ۱۲٫۵ مگابیت بر ثانیه · ۱٫۲ ترابایت در ۳۰ روز
    🔴 ⟨Berlin &lt;b&gt;⟩ · ⟨<code>127.0.0.1</code>⟩ · ×۱٫۵ · ۱٫۲ ترابایت در ۳۰ روز · پنهان
    ⚠️ ⟨[Errno 111] &lt;refused&gt;⟩
    ");
    let at = now() + TimeDelta::seconds(3);
    let nexts = [
        Next::Check(None),
        Next::Check(Some(at)),
        Next::FirstCheck,
        Next::Maintenance(None),
        Next::Maintenance(Some(at)),
        Next::Confirming,
        Next::Watched,
        Next::Stay,
        Next::LeaveAt(at),
        Next::Leaving(5),
        Next::Paused(5),
        Next::Brake,
        Next::Ask,
        Next::Off,
        Next::Empty,
        Next::Blocked,
        Next::Quarantine(at),
        Next::Ramp(40),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for next in nexts {
        let text = all(|t| vitals::detail(t, &Detail { next: next.clone(), ..detail.clone() }, now()));
        assert!(seen.insert(text), "{next:?} has words of its own");
    }
}

#[test]
fn the_service_tells_of_itself() {
    let one = |name, period: Option<u64>| Loop {
        name,
        period: period.map(Duration::from_secs),
        running: false,
        runs: 40,
        failures: 0,
        panics: 0,
        last: Some((now() - TimeDelta::seconds(20), Some(Duration::from_millis(3)))),
        next: Some(now() + TimeDelta::seconds(10)),
        problem: None,
    };
    let failed = Outcome::Failed("the database <failed>".into());
    let vantage = |name: &str, seconds: Option<i64>| Vantage {
        name: name.to_owned(),
        created_at: now() - TimeDelta::days(1),
        seen_at: seconds.map(|seconds| now() - TimeDelta::seconds(seconds)),
    };
    let system = System {
        version: "1.2.3",
        started_at: Some(now() - TimeDelta::days(3)),
        is_sqlite: true,
        database: Duration::from_millis(2),
        memory: Some(31 << 20),
        replicas: None,
        vantages: vec![vantage("ir-1", Some(30)), vantage("ir-2", Some(600)), vantage("ir-3", None)],
        on_hold: false,
        queues: Queues { operations: 2, waiting: 1, letters: 12, updates: 0, leftovers: 1_400 },
        loops: vec![
            one("failover", Some(30)),
            Loop { running: true, last: Some((now(), None)), next: None, ..one("health", None) },
            Loop { failures: 2, problem: Some((now(), failed)), ..one("sample", Some(30)) },
            Loop { last: None, next: None, ..one("summary", Some(30)) },
            Loop {
                failures: 1,
                panics: 1,
                problem: Some((now() - TimeDelta::hours(1), Outcome::Panicked)),
                ..one("upkeep", Some(1))
            },
        ],
    };
    insta::assert_snapshot!(all(|t| system::overview(t, &system, now())), @"
    ⚙️ <b>The service itself</b>
    Karvan 1.2.3
    Runs since 18 Nov 2026, 12:00: 3 days
    Database: SQLite, answers in 2 ms
    Memory: 31 MB
    🛰 <code>ir-1</code> reported just now
    ⚠️ The vantage <code>ir-2</code> last reported 10 minutes ago. Does karvan probe run there?
    ⚪ The vantage <code>ir-3</code> has not reported yet

    <b>Waiting</b>
    Work on keys: 2
    Keys without room: 1
    Messages to be sent: 12
    Updates to be handled: 0
    Accounts to be deleted: 1,400

    <b>In the background</b>
    ✅ <code>sample</code> · just now, took 3 ms · again in 10 seconds
    ⚠️ failed 2 times, last just now: the database &lt;failed&gt;
    ✅ <code>upkeep</code> · just now, took 3 ms · again in 10 seconds
    ⚠️ failed 1 time, last 1 hour ago: a fault in the program; it was caught
    ✅ <code>failover</code> · just now, took 3 ms · again in 10 seconds
    ✅ <code>health</code> runs all the time
    ⚪ <code>summary</code> has not run yet
    ———
    ⚙️ <b>Сама служба</b>
    Версия: Karvan 1.2.3
    Работает с 18 нояб. 2026, 12:00: 3 дня
    База данных: SQLite, отвечает за 2 мс
    Память: 31 МБ
    🛰 <code>ir-1</code>: отчёт только что
    ⚠️ Наблюдатель <code>ir-2</code>: последний отчёт 10 минут назад. Работает ли там karvan probe?
    ⚪ Наблюдатель <code>ir-3</code> ещё не присылал отчётов

    <b>Ждут</b>
    Работа с ключами: 2
    Ключи без места: 1
    Сообщения к отправке: 12
    Необработанные обновления: 0
    Аккаунты к удалению: 1 400

    <b>В фоне</b>
    ✅ <code>sample</code> · только что, заняло 3 мс · снова через 10 секунд
    ⚠️ неудач: 2, последняя только что: the database &lt;failed&gt;
    ✅ <code>upkeep</code> · только что, заняло 3 мс · снова через 10 секунд
    ⚠️ неудач: 1, последняя 1 час назад: ошибка в программе, она перехвачена
    ✅ <code>failover</code> · только что, заняло 3 мс · снова через 10 секунд
    ✅ <code>health</code> работает постоянно
    ⚪ <code>summary</code> ещё не запускался
    ———
    ⚙️ <b>خود سرویس</b>
    کاروان 1.2.3
    در حال کار از ۲۷ آبان ۱۴۰۵، ساعت ۱۲:۰۰؛ ۳ روز
    پایگاه داده: ⟨SQLite⟩، پاسخ در ۲ میلی‌ثانیه
    حافظه: ۳۱ مگابایت
    🛰 گزارش ⟨<code>ir-1</code>⟩: همین حالا
    ⚠️ آخرین گزارش ناظر ⟨<code>ir-2</code>⟩: ۱۰ دقیقه پیش. آیا karvan probe آنجا کار می‌کند؟
    ⚪ ناظر ⟨<code>ir-3</code>⟩ هنوز گزارشی نداده است

    <b>در انتظار</b>
    کارهای کلیدها: ۲
    کلیدهای بی‌جا: ۱
    پیام‌های آمادهٔ ارسال: ۱۲
    پیام‌های رسیدهٔ بررسی‌نشده: ۰
    حساب‌های حذف‌نشده: ۱٬۴۰۰

    <b>در پس‌زمینه</b>
    ✅ ⟨<code>sample</code>⟩ · همین حالا، در ۳ میلی‌ثانیه · بار بعد ۱۰ ثانیه دیگر
    ⚠️ ۲ بار ناموفق، آخرین همین حالا: ⟨the database &lt;failed&gt;⟩
    ✅ ⟨<code>upkeep</code>⟩ · همین حالا، در ۳ میلی‌ثانیه · بار بعد ۱۰ ثانیه دیگر
    ⚠️ ۱ بار ناموفق، آخرین ۱ ساعت پیش: خطایی در برنامه که مهار شد
    ✅ ⟨<code>failover</code>⟩ · همین حالا، در ۳ میلی‌ثانیه · بار بعد ۱۰ ثانیه دیگر
    ✅ ⟨<code>health</code>⟩ همیشه در حال کار است
    ⚪ ⟨<code>summary</code>⟩ هنوز اجرا نشده
    ");
}

#[test]
fn the_service_tells_of_its_processes_and_of_a_hold() {
    let replicas = Replicas { count: 3, leads: Some(false), drift: vec!["ACCESS".to_owned()], unknown: 2 };
    let system = System {
        version: "1.2.3",
        started_at: None,
        is_sqlite: false,
        database: Duration::from_millis(2),
        memory: None,
        replicas: Some(replicas),
        vantages: Vec::new(),
        on_hold: true,
        queues: Queues::default(),
        loops: Vec::new(),
    };
    let told = all(|t| system::overview(t, &system, now()));
    assert_eq!((told.matches("ACCESS").count(), told.matches('⛔').count()), (3, 3), "{told}");
    assert!(told.contains("Processes: 3 · another one leads"), "{told}");
    assert!(told.contains("Work that only a newer version knows: 2"), "{told}");
}
