//! How it works, and what may be wrong when it does not.

use crate::domain::Timestamp;
use crate::domain::key::Standing;
use crate::service::keys::{Advice, Diagnosis, Fetched};

use super::{Html, T, number, say, time};

/// How it works. `contact`: whom to write to, such as `@support`.
#[must_use]
pub fn user(t: &T, contact: Option<&str>) -> Html {
    let contact = contact.map(|contact| say!(t, "help-contact", contact = contact));
    Html::paragraphs([say!(t, "help-user"), contact.unwrap_or_default()])
}

/// The findings in plain words, and what to do.
#[must_use]
pub fn check(t: &T, found: &Diagnosis, contact: Option<&str>, now: Timestamp) -> Html {
    let mut lines = Vec::new();
    if found.standing == Standing::Suspended {
        lines.push(say!(t, "help-suspended"));
    }
    lines.push(match found.expires_at {
        None => say!(t, "help-time-unlimited"),
        Some(end) if end > now => say!(t, "help-time-left", left = time::span(t, end - now)),
        Some(end) => say!(t, "help-time-over", date = time::date(t, end)),
    });
    lines.push(match found.left {
        None => say!(t, "help-traffic-unlimited"),
        Some(0) => say!(t, "help-traffic-over"),
        Some(left) => say!(t, "help-traffic-left", left = number::bytes(t, left)),
    });
    // Of a key that is over, its account and server mean nothing to its owner.
    if found.standing == Standing::Live {
        lines.push(match found.account_right {
            Some(true) => say!(t, "help-account-right"),
            Some(false) => say!(t, "help-account-wrong"),
            None => say!(t, "help-account-unknown"),
        });
        lines.push(if found.server_well {
            say!(t, "help-server-well")
        } else {
            say!(t, "help-server-trouble")
        });
    }
    lines.push(match found.online_at {
        Some(at) => say!(t, "help-online-at", ago = time::ago(t, at, now)),
        None => say!(t, "help-online-never"),
    });
    lines.extend(match &found.fetched {
        None => None,
        Some(Fetched::Never) => Some(say!(t, "help-fetched-never")),
        Some(Fetched::Last { app, at, current: true }) => {
            Some(say!(t, "help-fetched-at", app = app.as_str(), ago = time::ago(t, *at, now)))
        }
        Some(Fetched::Last { app, at, current: false }) => {
            Some(say!(t, "help-fetched-before", app = app.as_str(), ago = time::ago(t, *at, now)))
        }
    });
    let advice = found.advice.iter().enumerate().map(|(index, advice)| {
        let step = advise(t, *advice, contact);
        say!(t, "guide-step", number = index + 1, step = step)
    });
    let mut advice: Vec<_> = advice.collect();
    if !advice.is_empty() {
        advice.insert(0, say!(t, "help-advice"));
    }
    Html::paragraphs([say!(t, "help-check"), Html::lines(lines), Html::lines(advice)])
}

fn advise(t: &T, advice: Advice, contact: Option<&str>) -> Html {
    match (advice, contact) {
        (Advice::Renew, _) => say!(t, "help-advice-renew"),
        (Advice::UpdateApp, _) => say!(t, "help-advice-update"),
        (Advice::Refresh, _) => say!(t, "help-advice-refresh"),
        (Advice::OtherLocation, _) => say!(t, "help-advice-location"),
        (Advice::Reset, _) => say!(t, "help-advice-reset"),
        (Advice::Contact, Some(contact)) => say!(t, "help-advice-contact", contact = contact),
        (Advice::Contact, None) => say!(t, "help-advice-contact-admin"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::{Lang, Words};
    use super::*;
    use crate::domain::quota::GIB;

    #[test]
    fn a_check_tells_what_is_wrong_and_what_to_do() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let found = Diagnosis {
            standing: Standing::Live,
            account_right: None,
            server_well: false,
            online_at: Some(now - TimeDelta::hours(5)),
            fetched: None,
            expires_at: Some(now + TimeDelta::days(3)),
            left: Some(7 * GIB),
            advice: vec![Advice::OtherLocation, Advice::Contact],
        };
        let words = Words::load(chrono_tz::UTC);
        let read = Lang::ALL.map(|lang| check(words.of(lang), &found, Some("@helper"), now).into_string());
        // Rust refuses direction marks in a literal, so they are shown as brackets.
        let read = read.map(|text| text.replace('\u{2068}', "⟨").replace('\u{2069}', "⟩"));
        insta::assert_snapshot!(read.join("\n———\n"), @"
        🔎 <b>I have checked your key</b>

        ✅ Time left: 3 days
        ✅ Traffic left: 7 GB
        ❔ The server does not say how your key is
        ⚠️ The server has trouble right now
        🕓 Last used 5 hours ago

        💡 <b>What to do</b>
        1. Try another location. Some are blocked for some networks.
        2. If nothing helps, write to us: @helper
        ———
        🔎 <b>Я проверил ваш ключ</b>

        ✅ Осталось времени: 3 дня
        ✅ Осталось трафика: 7 ГБ
        ❔ Сервер сейчас не говорит, что с ключом
        ⚠️ У сервера сейчас неполадки
        🕓 Последний раз в сети: 5 часов назад

        💡 <b>Что делать</b>
        1. Попробуйте другую локацию. В некоторых сетях отдельные локации заблокированы.
        2. Если ничего не помогло, напишите нам: @helper
        ———
        🔎 <b>کلیدتان را بررسی کردم</b>

        ✅ زمان باقی‌مانده: ۳ روز
        ✅ حجم باقی‌مانده: ۷ گیگابایت
        ❔ سرور دربارهٔ کلیدتان چیزی نمی‌گوید
        ⚠️ سرور الان مشکل دارد
        🕓 آخرین استفاده: ۵ ساعت پیش

        💡 <b>چه کنیم</b>
        ۱. مکان دیگری را امتحان کنید. بعضی مکان‌ها در بعضی شبکه‌ها بسته‌اند.
        ۲. اگر هیچ‌کدام کمک نکرد، به ما پیام بدهید: ⟨@helper⟩
        ");
    }
}
