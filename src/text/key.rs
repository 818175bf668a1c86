//! A key: its card, and what is done with it.

use crate::domain::key::Standing;
use crate::domain::operation::Kind;
use crate::domain::quota::Bytes;
use crate::domain::{Region, Timestamp};
use crate::service::keys::{KeyView, Preparing, Refreshed, Repair, Server};

use super::{Html, T, number, region, say, time};

/// The card. The link is not on it: it stands where it is asked for. `several`: its owner has more than one.
#[must_use]
pub fn card(t: &T, key: &KeyView, several: bool, now: Timestamp) -> Html {
    let title = if several { say!(t, "key-title-number", number = key.number) } else { say!(t, "key-title") };
    let head = Html::lines([title, felt(t, key)]);
    if key.standing == Standing::Revoked {
        return Html::paragraphs([head, say!(t, "key-ended-revoked")]);
    }
    let figures = Html::lines([
        location(t, key),
        traffic(t, key.used, key.data_limit),
        until(t, key.expires_at, now),
        key.updated_at.map(|at| say!(t, "key-updated", ago = time::ago(t, at, now))).unwrap_or_default(),
    ]);
    let advice = match key.standing {
        Standing::Live | Standing::Revoked => Html::default(),
        Standing::Suspended => say!(t, "key-ended-suspended"),
        Standing::Expired => say!(t, "key-ended-expired"),
        Standing::Exhausted => say!(t, "key-ended-exhausted"),
    };
    Html::paragraphs([head, figures, advice])
}

/// A key's state as its owner feels it.
fn felt(t: &T, key: &KeyView) -> Html {
    match (key.standing, key.preparing, key.server) {
        (Standing::Live, None, Server::Trouble) => say!(t, "key-state-trouble"),
        _ => state(t, key.standing, key.preparing),
    }
}

/// A key's state in a line.
#[must_use]
pub fn state(t: &T, standing: Standing, preparing: Option<Preparing>) -> Html {
    let kind = preparing.map(|preparing| preparing.kind);
    match (standing, kind) {
        (_, Some(Kind::Revoke)) => say!(t, "key-busy-revoke"),
        (Standing::Live, None) => say!(t, "key-state-live"),
        (Standing::Live, Some(_)) if preparing.is_some_and(|preparing| preparing.waits_for_room) => {
            say!(t, "key-busy-room")
        }
        (Standing::Live, Some(Kind::Issue)) => say!(t, "key-busy-issue"),
        (Standing::Live, Some(Kind::Move)) => say!(t, "key-busy-move"),
        (Standing::Live, Some(Kind::Rotate)) => say!(t, "key-busy-rotate"),
        (Standing::Live, Some(Kind::Sync)) => say!(t, "key-busy-sync"),
        (Standing::Suspended, _) => say!(t, "key-state-suspended"),
        (Standing::Expired, _) => say!(t, "key-state-expired"),
        (Standing::Exhausted, _) => say!(t, "key-state-exhausted"),
        (Standing::Revoked, _) => say!(t, "key-state-revoked"),
    }
}

fn location(t: &T, key: &KeyView) -> Html {
    let place = match &key.region {
        Some(region) if key.wanted_region.is_none() => {
            say!(t, "key-wanted-automatic", location = region::label(t, region))
        }
        region => place_or_none(t, region.as_ref()),
    };
    say!(t, "key-location", location = place)
}

/// The traffic bar with its figures.
#[must_use]
pub fn traffic(t: &T, used: Bytes, limit: Option<Bytes>) -> Html {
    match limit {
        Some(limit) => say!(
            t,
            "key-traffic",
            bar = number::bar(used, limit),
            percent = number::percent(t, number::share(used, limit)),
            used = number::bytes(t, used),
            limit = number::bytes(t, limit),
        ),
        None => say!(t, "key-traffic-unlimited", used = number::bytes(t, used)),
    }
}

/// When it ends, or ended.
#[must_use]
pub fn until(t: &T, expires_at: Option<Timestamp>, now: Timestamp) -> Html {
    match expires_at {
        Some(end) if end > now => {
            say!(t, "key-until", date = time::date(t, end), left = time::span(t, end - now))
        }
        Some(end) => say!(t, "key-until-over", date = time::date(t, end)),
        None => say!(t, "key-until-never"),
    }
}

/// Above the buttons of several keys.
#[must_use]
pub fn list(t: &T, keys: &[KeyView]) -> Html {
    let row = |key: &KeyView| {
        let location = place_or_none(t, key.region.as_ref());
        let state = felt(t, key);
        say!(t, "key-list-row", number = key.number, location = location, state = state)
    };
    Html::paragraphs([say!(t, "key-list"), Html::lines(keys.iter().map(row))])
}

/// The person has no key.
#[must_use]
pub fn none(t: &T) -> Html {
    say!(t, "key-none")
}

/// A first key is there.
#[must_use]
pub fn ready(t: &T, region: Option<&Region>) -> Html {
    say!(t, "key-ready", location = place_or_none(t, region))
}

pub(super) fn place_or_none(t: &T, region: Option<&Region>) -> Html {
    region.map_or_else(|| say!(t, "key-location-none"), |region| Html::escape(&region::label(t, region)))
}

/// No room: the key will come by itself. `serves`: it works elsewhere meanwhile. `elsewhere`: buttons below offer
/// locations with room.
#[must_use]
pub fn waits(t: &T, serves: bool, elsewhere: bool) -> Html {
    let news = if serves { say!(t, "key-waits-move") } else { say!(t, "key-waits") };
    let other = if elsewhere { say!(t, "key-waits-elsewhere") } else { Html::default() };
    Html::paragraphs([news, other])
}

/// A while after a first key: did it work?
#[must_use]
pub fn works_question(t: &T) -> Html {
    say!(t, "key-works-question")
}

/// It did.
#[must_use]
pub fn works_yes(t: &T) -> Html {
    say!(t, "key-works-yes")
}

/// What becomes of the link when a key changes its location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkAfter {
    /// There is no key yet.
    First,
    /// It stays.
    Same,
    /// It changes with the panel.
    New,
}

/// Which location?
#[must_use]
pub fn location_choose(t: &T, link: LinkAfter) -> Html {
    match link {
        LinkAfter::First => say!(t, "key-location-choose-first"),
        LinkAfter::Same => say!(t, "key-location-choose"),
        LinkAfter::New => say!(t, "key-location-choose-relink"),
    }
}

/// What a refresh found.
#[must_use]
pub fn refreshed(t: &T, found: &Refreshed) -> Html {
    let state = match found.state {
        Repair::Fine => say!(t, "key-refresh-fine"),
        Repair::Repaired => say!(t, "key-refresh-repaired"),
        Repair::Silent => say!(t, "key-refresh-silent"),
    };
    Html::lines([state, if found.better { say!(t, "key-refresh-better") } else { Html::default() }])
}

/// What is needed seldom.
#[must_use]
pub fn more(t: &T) -> Html {
    say!(t, "key-more")
}

/// A new link?
#[must_use]
pub fn reset_confirm(t: &T) -> Html {
    say!(t, "key-reset-confirm")
}

/// It is there.
#[must_use]
pub fn reset_done(t: &T) -> Html {
    say!(t, "key-reset-done")
}

/// The bare keys, as many as a message holds.
#[must_use]
pub fn links(t: &T, links: &[String]) -> Html {
    // Room for the line that tells how many did not fit.
    const SPARE: usize = 100;
    let head = say!(t, "key-links");
    let mut length = head.telegram_len() + SPARE;
    let mut pieces = vec![head];
    for (shown, link) in links.iter().enumerate() {
        let piece = Html::code(t, link);
        length += piece.telegram_len() + 2;
        if length > Html::MAX_TEXT {
            pieces.push(say!(t, "key-links-more", count = links.len() - shown));
            break;
        }
        pieces.push(piece);
    }
    Html::paragraphs(pieces)
}

/// Below the QR code.
#[must_use]
pub fn qr(t: &T) -> Html {
    say!(t, "key-qr")
}

/// There is no link yet.
#[must_use]
pub fn link_none(t: &T) -> Html {
    say!(t, "key-link-none")
}

/// The link by itself, to be copied with a tap, for links too long for a copy button.
#[must_use]
pub fn link(t: &T, link: &str) -> Html {
    say!(t, "guide-key-tap", link = Html::code(t, link))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::{Lang, Words};
    use super::*;
    use crate::domain::quota::GIB;
    use crate::domain::{ConfigId, UserId};

    fn all(write: impl Fn(&T) -> Html) -> String {
        let words = Words::load(chrono_tz::Europe::Berlin);
        Lang::ALL.map(|lang| write(words.of(lang)).into_string()).join("\n———\n")
    }

    #[test]
    fn a_card_reads_well_in_every_language() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let key = KeyView {
            config: ConfigId(7),
            number: 2,
            owner: UserId(1),
            standing: Standing::Live,
            preparing: None,
            region: Some("de".parse().unwrap()),
            instance: None,
            expires_at: Some(now + TimeDelta::days(23)),
            data_limit: Some(50 * GIB),
            used: GIB * 25 / 2,
            link: None,
            link_stays: false,
            updated_at: Some(now - TimeDelta::minutes(3)),
            wanted_region: None,
            created_at: now,
            lingering: 0,
            server: Server::Good,
        };
        insta::assert_snapshot!(all(|t| super::card(t, &key, false, now)), @"
        🔑 <b>Your key</b>
        🟢 Works

        🌍 Location: 🇩🇪 Germany (chosen automatically)
        📊 ▓▓░░░░░░░░ 25%
        12.5 GB of 50 GB used
        📅 Until 14 Dec 2026 (23 days left)
        🕓 Updated 3 minutes ago
        ———
        🔑 <b>Ваш ключ</b>
        🟢 Работает

        🌍 Локация: 🇩🇪 Германия (выбрана автоматически)
        📊 ▓▓░░░░░░░░ 25 %
        Использовано 12,5 ГБ из 50 ГБ
        📅 До 14 дек. 2026 (осталось: 23 дня)
        🕓 Обновлено 3 минуты назад
        ———
        🔑 <b>کلید شما</b>
        🟢 کار می‌کند

        🌍 مکان: 🇩🇪 آلمان (انتخاب خودکار)
        📊 ▓▓░░░░░░░░ ۲۵٪
        ۱۲٫۵ گیگابایت از ۵۰ گیگابایت مصرف شده
        📅 تا ۲۳ آذر ۱۴۰۵ (۲۳ روز مانده)
        🕓 به‌روزشده: ۳ دقیقه پیش
        ");
        let over = KeyView { standing: Standing::Expired, expires_at: Some(now - TimeDelta::days(1)), ..key };
        insta::assert_snapshot!(all(|t| super::card(t, &over, true, now)), @"
        🔑 <b>Key 2</b>
        ⌛ Its time is over

        🌍 Location: 🇩🇪 Germany (chosen automatically)
        📊 ▓▓░░░░░░░░ 25%
        12.5 GB of 50 GB used
        📅 Ended on 20 Nov 2026
        🕓 Updated 3 minutes ago

        Ask for more time: the same key will work again, with nothing to set up anew.
        ———
        🔑 <b>Ключ 2</b>
        ⌛ Срок закончился

        🌍 Локация: 🇩🇪 Германия (выбрана автоматически)
        📊 ▓▓░░░░░░░░ 25 %
        Использовано 12,5 ГБ из 50 ГБ
        📅 Закончился 20 нояб. 2026
        🕓 Обновлено 3 минуты назад

        Попросите продлить: заработает тот же ключ, настраивать заново ничего не нужно.
        ———
        🔑 <b>کلید ۲</b>
        ⌛ مهلتش تمام شده

        🌍 مکان: 🇩🇪 آلمان (انتخاب خودکار)
        📊 ▓▓░░░░░░░░ ۲۵٪
        ۱۲٫۵ گیگابایت از ۵۰ گیگابایت مصرف شده
        📅 در ۲۹ آبان ۱۴۰۵ تمام شد
        🕓 به‌روزشده: ۳ دقیقه پیش

        تمدید بخواهید؛ همین کلید دوباره کار می‌کند و لازم نیست چیزی را از نو تنظیم کنید.
        ");
    }

    #[test]
    fn many_bare_keys_fit_into_one_message() {
        let words = Words::load(chrono_tz::UTC);
        let many: Vec<_> =
            (0..40).map(|n| format!("vless://{}@host:443?n={n}#a&b", "x".repeat(180))).collect();
        for lang in Lang::ALL {
            let html = links(words.of(lang), &many);
            assert!(html.telegram_len() <= Html::MAX_TEXT);
            assert!(html.to_plain().contains(&many[0]) && !html.to_plain().contains(&many[39]));
        }
    }
}
