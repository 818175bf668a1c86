//! What an entry is known by, so that an admin can say once whose it is.
//!
//! Panels write into remarks what differs from account to account and from day to day: the account's name, what is left
//! of its traffic and time, the day it ends. A sign leaves that out, so the word given on one account's entry holds for
//! all. What cannot be told from a name, such as bare days (`29`), stays: that entry is then another one tomorrow, and
//! one that nobody has spoken of is never hidden.

use sha2::{Digest, Sha256};

use super::Entry;

/// Stands for what was left out.
const GAP: char = '…';
/// What amounts are counted in, as panels write them behind a number.
const UNITS: [&str; 13] = ["b", "kb", "mb", "gb", "tb", "pb", "kib", "mib", "gib", "tib", "day", "days", "d"];

/// What an entry is known by in the subscription of any account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sign {
    /// Where it leads, such as `nl.example.com:443`.
    pub address: String,
    /// What it is called, without what belongs to one account.
    pub remark: String,
}

impl Sign {
    /// The sign of an entry that stands in the subscription of `account`.
    #[must_use]
    pub fn of(entry: &Entry, account: &str) -> Self {
        Self { address: entry.address(), remark: without_amounts(&without(entry.remark.trim(), account)) }
    }

    /// A short number for it, the same in every process.
    #[must_use]
    pub fn number(&self) -> u32 {
        let digest = Sha256::new().chain_update(&self.address).chain_update([0]).chain_update(&self.remark);
        digest.finalize().iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
    }
}

/// `text` without `name`, where that stands as a word of its own.
fn without(text: &str, name: &str) -> String {
    if name.is_empty() {
        return text.to_owned();
    }
    let (mut rest, mut kept) = (text, String::new());
    while let Some(at) = rest.find(name) {
        let (before, behind) = (&rest[..at], &rest[at + name.len()..]);
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside = touches(before.chars().next_back().or_else(|| kept.chars().next_back()))
            || touches(behind.chars().next());
        kept.push_str(before);
        if inside {
            kept.push_str(name);
        } else {
            kept.push(GAP);
        }
        rest = behind;
    }
    kept + rest
}

/// `text` without amounts (`12.3 GB`, `29d`) and days of the calendar (`2026-12-31`).
fn without_amounts(text: &str) -> String {
    let (mut rest, mut kept) = (text, String::new());
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        kept.push_str(&rest[..at]);
        let found = &rest[at..];
        let within_word = kept.ends_with(char::is_alphanumeric);
        let number = prefix(found, |c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '/'));
        let behind = &found[number.len()..];
        let blank = prefix(behind, |c| c == ' ');
        let unit = prefix(&behind[blank.len()..], char::is_alphanumeric);
        let is_amount = UNITS.contains(&unit.to_lowercase().as_str());
        let is_day = number.matches(['-', '/']).count() == 2 && number.len() >= 8;
        let gone = match () {
            () if within_word => 0,
            () if is_amount => number.len() + blank.len() + unit.len(),
            () if is_day => number.len(),
            () => 0,
        };
        if gone > 0 {
            kept.push(GAP);
            rest = &found[gone..];
        } else {
            kept.push_str(number);
            rest = behind;
        }
    }
    kept + rest
}

/// The longest beginning of `text` of such characters.
fn prefix(text: &str, is: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !is(c)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn sign(remark: &str, account: &str) -> String {
        Sign::of(&Entry::new(remark, "nl.example.com", Some(443)), account).remark
    }

    #[rstest]
    #[case("🚀 Marz (kab12cd_1) [VLESS - tcp]", "🚀 Marz (…) [VLESS - tcp]")]
    #[case("NL-1 | 12.34 GB", "NL-1 | …")]
    #[case("NL-1 | 812 MB left, 29d", "NL-1 | … left, …")]
    #[case("until 2026-12-31", "until …")]
    #[case("NL-12", "NL-12")]
    #[case("10gb1", "10gb1")]
    #[case("node1 5GB", "node1 …")]
    #[case("", "")]
    fn what_belongs_to_one_account_is_left_out(#[case] remark: &str, #[case] left: &str) {
        assert_eq!(sign(remark, "kab12cd_1"), left);
    }

    #[test]
    fn a_short_name_is_not_found_within_words() {
        assert_eq!(sign("node de (de)", "de"), "node … (…)");
        assert_eq!(sign("NL", ""), "NL");
    }

    #[test]
    fn each_sign_has_its_number() {
        let of = |remark: &str, host: &str| Sign::of(&Entry::new(remark, host, None), "").number();
        assert_eq!(of("a", "b"), of("a", "b"));
        assert_ne!(of("a", "b"), of("b", "a"));
        assert_ne!(of("a", "bc"), of("ca", "b"));
    }
}
