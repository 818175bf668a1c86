//! Whose an account is that somebody else made: a Telegram id in its name or its note.
//!
//! An id that is marked as one (`tg:123456789`, `user_123456789`) counts for more than a bare number, which may as well be
//! a telephone number, a date or a counter. Where two ids stand side by side, nobody can tell which one is meant. What is
//! not certain is shown to a person and not taken.

use super::UserId;

/// Whose an account is, as far as its name and its note tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// There is no id in either.
    Nobody,
    /// This person's. A bare number is believed only of people whom the bot knows.
    One {
        /// Who.
        user: UserId,
        /// The id is marked as one.
        marked: bool,
    },
    /// One of these; which, a person must say.
    Unclear(Vec<UserId>),
}

/// What may stand before an id and says that it is one; the longer ones first.
const MARKS: [&str; 11] = [
    "telegram_id",
    "telegramid",
    "telegram",
    "chat_id",
    "chatid",
    "user_id",
    "userid",
    "tgid",
    "user",
    "tg",
    "id",
];
/// Digits of an id that stands alone: shorter ones are counters, longer ones telephone numbers and times.
const BARE: std::ops::RangeInclusive<usize> = 6..=10;
/// Digits of an id that is marked.
const MARKED: std::ops::RangeInclusive<usize> = 5..=13;

/// Reads a name and a note.
#[must_use]
pub fn whose(name: &str, note: Option<&str>) -> Whose {
    let (mut marked, mut bare) = (Vec::new(), Vec::new());
    for text in [note.unwrap_or_default(), name] {
        for (before, digits) in numbers(text) {
            let is_marked = is_mark(before) && MARKED.contains(&digits.len());
            let Some(id) = id(digits) else { continue };
            if is_marked {
                marked.push(id);
            } else if BARE.contains(&digits.len()) {
                bare.push(id);
            }
        }
    }
    let certain = !marked.is_empty();
    let mut found = if certain { marked } else { bare };
    found.sort_unstable_by_key(|user| user.0);
    found.dedup();
    match found.as_slice() {
        [] => Whose::Nobody,
        [user] => Whose::One { user: *user, marked: certain },
        _ => Whose::Unclear(found),
    }
}

/// An id does not begin with a zero.
fn id(digits: &str) -> Option<UserId> {
    if digits.starts_with('0') { None } else { digits.parse().ok().map(UserId) }
}

/// All runs of digits, with what stands before each.
fn numbers(text: &str) -> Vec<(&str, &str)> {
    let (mut found, mut start) = (Vec::new(), None);
    for (at, byte) in text.bytes().enumerate().chain([(text.len(), b' ')]) {
        match (byte.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push((&text[..from], &text[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Whether what stands before a number says that it is an id: one of [`MARKS`], with `:`, `=`, `_`, `-`, `#`, a space or
/// nothing between, and no letter before it.
fn is_mark(before: &str) -> bool {
    let before = before.to_lowercase();
    let before = before.trim_end_matches([':', '=', '_', '-', '#', ' ', '/', '@', '(', '[', '"', '\'']);
    let whole = |mark: &str| {
        before.strip_suffix(mark).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
    };
    MARKS.iter().any(|mark| whole(mark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn marked(user: i64) -> Whose {
        Whose::One { user: UserId(user), marked: true }
    }

    fn bare(user: i64) -> Whose {
        Whose::One { user: UserId(user), marked: false }
    }

    #[rstest]
    #[case("user_123456789", None, marked(123_456_789))]
    #[case("tg123456789", None, marked(123_456_789))]
    #[case("tg_123456789_2", None, marked(123_456_789))]
    #[case("ali", Some("tg:987654321"), marked(987_654_321))]
    #[case("ali", Some("Telegram ID: 987654321, paid"), marked(987_654_321))]
    #[case("ali", Some("chat_id=5000000000 (6 months)"), marked(5_000_000_000))]
    #[case("user_123456789", Some("tg:123456789"), marked(123_456_789))]
    #[case("123456789", None, bare(123_456_789))]
    #[case("123456789_1", None, bare(123_456_789))]
    #[case("vip-123456789", None, bare(123_456_789))]
    // A mark outweighs a bare number beside it.
    #[case("order7654321", Some("tg:123456789"), marked(123_456_789))]
    #[case("ali", None, Whose::Nobody)]
    #[case("ali_42", Some("2026"), Whose::Nobody)]
    // A telephone number, a number with a leading zero.
    #[case("989121234567", None, Whose::Nobody)]
    #[case("09121234567", None, Whose::Nobody)]
    // Half a word is no mark.
    #[case("valid123456789", None, bare(123_456_789))]
    #[case("1234567_7654321", None, Whose::Unclear(vec![UserId(1_234_567), UserId(7_654_321)]))]
    #[case("user_1234567", Some("tg:7654321"), Whose::Unclear(vec![UserId(1_234_567), UserId(7_654_321)]))]
    fn an_id_is_found_where_people_write_it(
        #[case] name: &str,
        #[case] note: Option<&str>,
        #[case] expected: Whose,
    ) {
        assert_eq!(whose(name, note), expected);
    }

    proptest! {
        #[test]
        fn nothing_that_people_write_makes_it_panic(name in any::<String>(), note in any::<Option<String>>()) {
            let _ = whose(&name, note.as_deref());
        }
    }
}
