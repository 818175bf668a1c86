//! What a link says besides keys: lines in the list of an app, and a line above it.

use crate::domain::key::Standing;

use super::{T, plain};

/// The key does not serve: why, and what to do. A line each.
#[must_use]
pub fn ended(t: &T, standing: Standing, contact: Option<&str>) -> Vec<String> {
    let (state, advice) = match standing {
        Standing::Live => return Vec::new(),
        Standing::Suspended => (plain!(t, "key-state-suspended"), plain!(t, "key-ended-suspended")),
        Standing::Expired => (plain!(t, "key-state-expired"), plain!(t, "key-ended-expired")),
        Standing::Exhausted => (plain!(t, "key-state-exhausted"), plain!(t, "key-ended-exhausted")),
        Standing::Revoked => (plain!(t, "key-state-revoked"), plain!(t, "key-ended-revoked")),
    };
    let contact = contact.map(|contact| plain!(t, "link-contact", contact = contact));
    [state, advice].into_iter().chain(contact).collect()
}

/// The key has no place yet.
#[must_use]
pub fn preparing(t: &T) -> Vec<String> {
    vec![plain!(t, "key-busy-issue"), plain!(t, "link-preparing")]
}

/// The key's server has trouble.
#[must_use]
pub fn trouble(t: &T) -> String {
    plain!(t, "link-trouble")
}

/// Where a contact is reached on the web: `@name` on Telegram, an address as it is; `None` for anything else.
#[must_use]
pub fn address_of_contact(contact: &str) -> Option<String> {
    let contact = contact.trim();
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some(name) = contact.strip_prefix('@') {
        return plain(name).then(|| format!("https://t.me/{name}"));
    }
    let web = contact.starts_with("https://") || contact.starts_with("http://");
    (web && contact.is_ascii() && !contact.contains(' ')).then(|| contact.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Lang, Words};
    use super::*;

    #[test]
    fn an_app_shows_what_became_of_the_key() {
        let words = Words::load(chrono_tz::UTC);
        let all = |standing| {
            let lines = Lang::ALL.map(|lang| ended(words.of(lang), standing, Some("@help")).join("\n"));
            // Rust refuses direction marks in a literal, so they are shown as brackets.
            lines.join("\n").replace('\u{2068}', "⟨").replace('\u{2069}', "⟩")
        };
        insta::assert_snapshot!(all(Standing::Expired), @r"
        ⌛ Its time is over
        Ask for more time: the same key will work again, with nothing to set up anew.
        Write to: @help
        ⌛ Срок закончился
        Попросите продлить: заработает тот же ключ, настраивать заново ничего не нужно.
        Напишите: @help
        ⌛ مهلتش تمام شده
        تمدید بخواهید؛ همین کلید دوباره کار می‌کند و لازم نیست چیزی را از نو تنظیم کنید.
        پیام بدهید به: ⟨@help⟩
        ");
        assert_eq!(ended(words.of(Lang::En), Standing::Suspended, None).len(), 2);
    }

    #[test]
    fn a_contact_may_be_an_address() {
        assert_eq!(address_of_contact("@my_help").as_deref(), Some("https://t.me/my_help"));
        assert_eq!(address_of_contact(" https://a.example/x ").as_deref(), Some("https://a.example/x"));
        assert_eq!(address_of_contact("call 123"), None);
        assert_eq!(address_of_contact("@a b"), None);
    }
}
