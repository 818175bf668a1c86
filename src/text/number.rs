//! Numbers, sizes and bars as the reader writes them (Unicode CLDR: separators and digits).

use crate::domain::quota::{Bytes, GIB};

use super::{Lang, T, plain};

const KIB: Bytes = 1 << 10;
const MIB: Bytes = 1 << 20;
const TIB: Bytes = 1 << 40;

/// `value` with at most `places` decimals, trailing zeros left out, thousands grouped.
#[must_use]
pub fn decimal(lang: Lang, value: f64, places: usize) -> String {
    let (group, point) = match lang {
        Lang::En => (',', '.'),
        Lang::Ru => ('\u{a0}', ','),
        Lang::Fa => ('\u{66c}', '\u{66b}'),
    };
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut written = String::new();
    if value < 0.0 && (fraction.len() + whole.trim_matches('0').len()) > 0 {
        written.push('\u{2212}');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            written.push(group);
        }
        written.push(digit);
    }
    if !fraction.is_empty() {
        written.push(point);
        written.push_str(fraction);
    }
    digits(lang, &written)
}

/// A whole number, thousands grouped.
#[must_use]
pub fn whole(t: &T, value: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "nobody reads the sixteenth digit")]
    decimal(t.lang(), value as f64, 0)
}

/// `text` with its digits in the reader's script, such as ۲۰۲۶.
#[must_use]
pub fn digits(lang: Lang, text: &str) -> String {
    match lang {
        Lang::En | Lang::Ru => text.to_owned(),
        Lang::Fa => text.chars().map(persian_digit).collect(),
    }
}

fn persian_digit(character: char) -> char {
    const PERSIAN_ZERO: u32 = 0x06f0;
    character.to_digit(10).and_then(|digit| char::from_u32(PERSIAN_ZERO + digit)).unwrap_or(character)
}

/// `text` with Persian and Arabic digits written as `0` to `9`.
#[must_use]
pub fn latin_digits(text: &str) -> String {
    let latin = |character: char| {
        let zero = match character {
            '\u{6f0}'..='\u{6f9}' => 0x6f0,
            '\u{660}'..='\u{669}' => 0x660,
            _ => return character,
        };
        char::from_digit(u32::from(character) - zero, 10).unwrap_or(character)
    };
    text.chars().map(latin).collect()
}

/// What people type as a number, in whatever digits: `۱۲`, `١٢`, `1 200`.
#[must_use]
pub fn parse_whole(text: &str) -> Option<u64> {
    let mut plain = String::new();
    for character in text.trim().chars() {
        match character {
            '0'..='9' => plain.push(character),
            '\u{6f0}'..='\u{6f9}' => plain.push(char::from_digit(u32::from(character) - 0x6f0, 10)?),
            '\u{660}'..='\u{669}' => plain.push(char::from_digit(u32::from(character) - 0x660, 10)?),
            ' ' | '\u{a0}' | '\u{202f}' | ',' | '\u{66c}' => {}
            _ => return None,
        }
    }
    plain.parse().ok()
}

/// A size as people buy it: a gibibyte is called a gigabyte. At most one decimal below a hundred.
#[must_use]
pub fn bytes(t: &T, size: Bytes) -> String {
    let amount = |unit: Bytes| {
        #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
        let amount = size as f64 / unit as f64;
        decimal(t.lang(), amount, if amount < 100.0 { 1 } else { 0 })
    };
    match size {
        0 => plain!(t, "unit-gb", amount = amount(GIB)),
        1..MIB => plain!(t, "unit-kb", amount = amount(KIB)),
        MIB..GIB => plain!(t, "unit-mb", amount = amount(MIB)),
        GIB..TIB => plain!(t, "unit-gb", amount = amount(GIB)),
        TIB.. => plain!(t, "unit-tb", amount = amount(TIB)),
    }
}

/// How quickly traffic passes, from bytes a second, in the bits that networks are sold by.
#[must_use]
pub fn rate(t: &T, bytes: Bytes) -> String {
    const KILO: u64 = 1_000;
    const MEGA: u64 = 1_000_000;
    const GIGA: u64 = 1_000_000_000;
    let bits = bytes.saturating_mul(8);
    let amount = |unit: u64| {
        #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
        let amount = bits as f64 / unit as f64;
        decimal(t.lang(), amount, if amount < 100.0 { 1 } else { 0 })
    };
    match bits {
        0..MEGA => plain!(t, "unit-kbits", amount = amount(KILO)),
        MEGA..GIGA => plain!(t, "unit-mbits", amount = amount(MEGA)),
        GIGA.. => plain!(t, "unit-gbits", amount = amount(GIGA)),
    }
}

/// How much of `whole` `part` is, in whole percent rounded down: 100 % means all of it. Nothing of nothing is all.
#[must_use]
pub fn share(part: u64, whole: u64) -> u64 {
    if whole == 0 { 100 } else { (u128::from(part) * 100 / u128::from(whole)).min(100) as u64 }
}

/// A percentage, such as `40%` or `۴۰٪`.
#[must_use]
pub fn percent(t: &T, share: u64) -> String {
    plain!(t, "unit-percent", amount = whole(t, share))
}

/// `▓▓▓░░░░░░░`: ten blocks, one lit as soon as there is anything, all only when it is everything.
#[must_use]
pub fn bar(part: u64, whole: u64) -> String {
    const BLOCKS: usize = 10;
    let lit = match share(part, whole) {
        100 => BLOCKS,
        _ if part == 0 => 0,
        share => (share as usize / BLOCKS).clamp(1, BLOCKS - 1),
    };
    "▓".repeat(lit) + &"░".repeat(BLOCKS - lit)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::Words;
    use super::*;

    #[rstest]
    #[case(0.0, "0", "0", "۰")]
    #[case(1234.5, "1,234.5", "1\u{a0}234,5", "۱٬۲۳۴٫۵")]
    #[case(1_000_000.0, "1,000,000", "1\u{a0}000\u{a0}000", "۱٬۰۰۰٬۰۰۰")]
    #[case(-7.25, "−7.25", "−7,25", "−۷٫۲۵")]
    #[case(-0.001, "0", "0", "۰")]
    fn numbers_as_they_are_written(#[case] n: f64, #[case] en: &str, #[case] ru: &str, #[case] fa: &str) {
        assert_eq!(Lang::ALL.map(|lang| decimal(lang, n, 2)), [en, ru, fa]);
    }

    #[rstest]
    #[case(0, "0 GB", "0 ГБ", "۰ گیگابایت")]
    #[case(700 << 10, "700 KB", "700 КБ", "۷۰۰ کیلوبایت")]
    #[case(GIB - 1, "1,024 MB", "1\u{a0}024 МБ", "۱٬۰۲۴ مگابایت")]
    #[case(GIB * 25 / 2, "12.5 GB", "12,5 ГБ", "۱۲٫۵ گیگابایت")]
    #[case(GIB * 50, "50 GB", "50 ГБ", "۵۰ گیگابایت")]
    #[case(TIB * 3 / 2, "1.5 TB", "1,5 ТБ", "۱٫۵ ترابایت")]
    fn sizes_as_people_buy_them(#[case] n: Bytes, #[case] en: &str, #[case] ru: &str, #[case] fa: &str) {
        let words = Words::load(chrono_tz::UTC);
        assert_eq!(Lang::ALL.map(|lang| bytes(words.of(lang), n)), [en, ru, fa]);
    }

    #[rstest]
    #[case(0, 50, "░░░░░░░░░░")]
    #[case(1, 1000, "▓░░░░░░░░░")]
    #[case(25, 50, "▓▓▓▓▓░░░░░")]
    #[case(49, 50, "▓▓▓▓▓▓▓▓▓░")]
    #[case(50, 50, "▓▓▓▓▓▓▓▓▓▓")]
    #[case(u64::MAX, u64::MAX, "▓▓▓▓▓▓▓▓▓▓")]
    fn a_bar_is_full_only_at_the_end(#[case] part: u64, #[case] whole: u64, #[case] expected: &str) {
        assert_eq!(bar(part, whole), expected);
    }

    #[rstest]
    #[case("30", Some(30))]
    #[case(" ۱۲ ", Some(12))]
    #[case("٣٠", Some(30))]
    #[case("1 200", Some(1200))]
    #[case("-1", None)]
    #[case("", None)]
    fn numbers_as_they_are_typed(#[case] text: &str, #[case] number: Option<u64>) {
        assert_eq!(parse_whole(text), number);
    }
}
