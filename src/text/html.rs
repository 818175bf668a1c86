//! Text that Telegram's HTML mode will take.
//!
//! Made only by escaping, or from our own messages. In a Persian sentence, Latin pieces (codes, links, names) stand in
//! Unicode isolates (UAX #9), or they would tear it apart. The marks stay outside of `<code>`, so they are not copied.

use std::fmt;

use super::{T, plain};

/// First strong isolate: the piece finds its own direction.
const FSI: char = '\u{2068}';
/// Left-to-right isolate.
const LRI: char = '\u{2066}';
/// Pop directional isolate.
const PDI: char = '\u{2069}';

/// Text in Telegram's HTML (<https://core.telegram.org/bots/api#html-style>), safe to send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// The longest text Telegram takes, in UTF-16 units after the tags are taken out.
    pub const MAX_TEXT: usize = 4096;
    /// The longest caption of a picture, likewise.
    pub const MAX_CAPTION: usize = 1024;

    /// A message of our own, which is HTML already.
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }

    /// Whatever somebody wrote, to be shown as it is.
    #[must_use]
    pub fn escape(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for character in text.chars().filter(|character| is_harmless(*character)) {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                other => html.push(other),
            }
        }
        Self(html)
    }

    /// A code, a link, a key: set apart, copied with a tap, and left-to-right whatever stands around it.
    #[must_use]
    pub fn code(t: &T, text: &str) -> Self {
        let code = format!("<code>{}</code>", Self::escape(text).0);
        Self(if t.lang().is_rtl() { format!("{LRI}{code}{PDI}") } else { code })
    }

    /// Whatever somebody wrote, to stand in a line of its own or beside others: escaped, and set apart if it runs
    /// against the language.
    #[must_use]
    pub fn piece(t: &T, text: &str) -> Self {
        Self(embed_html(t, text))
    }

    /// Pieces in a row, with the language's comma between.
    #[must_use]
    pub fn list<'a>(t: &T, pieces: impl IntoIterator<Item = &'a str>) -> Self {
        Self::row(t, pieces.into_iter().map(|piece| Self::piece(t, piece)))
    }

    /// The same of pieces that are HTML already.
    #[must_use]
    pub fn row(t: &T, pieces: impl IntoIterator<Item = Self>) -> Self {
        Self::join(pieces, &plain!(t, "common-list-separator"))
    }

    /// In bold.
    #[must_use]
    pub fn bold(self) -> Self {
        Self(format!("<b>{}</b>", self.0))
    }

    /// Pieces one below the other; empty ones are left out.
    #[must_use]
    pub fn lines(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self::join(pieces, "\n")
    }

    /// Pieces with an empty line between; empty ones are left out.
    #[must_use]
    pub fn paragraphs(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self::join(pieces, "\n\n")
    }

    fn join(pieces: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let full = pieces.into_iter().map(|piece| piece.0).filter(|piece| !piece.is_empty());
        Self(full.collect::<Vec<_>>().join(between))
    }

    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, taken out.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is read, without tags: for toasts, logs of tests, and lengths.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let mut plain = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some(start) = rest.find('<') {
            plain.push_str(&rest[..start]);
            rest = rest[start..].find('>').map_or("", |end| &rest[start + end + 1..]);
        }
        plain.push_str(rest);
        plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    /// Its length as Telegram counts it: UTF-16 units without the tags.
    #[must_use]
    pub fn telegram_len(&self) -> usize {
        self.to_plain().encode_utf16().count()
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` from outside, fit to stand in a sentence of `t`'s language: without control characters, and set apart if it
/// runs the other way.
pub(super) fn embed(t: &T, text: &str) -> String {
    let text: String = text.chars().filter(|character| is_harmless(*character)).collect();
    let foreign = if t.lang().is_rtl() { text.chars().any(is_ltr) } else { text.chars().any(is_rtl) };
    if foreign { format!("{FSI}{text}{PDI}") } else { text }
}

/// The same as HTML.
pub(super) fn embed_html(t: &T, text: &str) -> String {
    let text = embed(t, text);
    // The isolates that `embed` put there are not harmless to `escape`, so the rest is escaped between them.
    match text.strip_prefix(FSI).and_then(|inner| inner.strip_suffix(PDI)) {
        Some(inner) => format!("{FSI}{}{PDI}", Html::escape(inner).0),
        None => Html::escape(&text).0,
    }
}

/// A person's own name, short and on one line: Telegram lets people put line breaks, direction marks and jokes there.
#[must_use]
pub fn name(text: &str) -> String {
    const LONGEST: usize = 48;
    let word = |text: &str| text.chars().filter(|c| is_harmless(*c)).collect::<String>();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).map(word);
    let name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if name.chars().count() <= LONGEST {
        name
    } else {
        name.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}

/// Not a control character, and not one that turns the text around it.
fn is_harmless(character: char) -> bool {
    let turns =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !turns && (character == '\n' || !character.is_control())
}

fn is_rtl(character: char) -> bool {
    matches!(character, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

fn is_ltr(character: char) -> bool {
    character.is_alphabetic() && !is_rtl(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Lang, Words};
    use super::*;

    proptest! {
        #[test]
        fn what_people_write_cannot_break_out(text in any::<String>()) {
            let html = Html::escape(&text);
            prop_assert!(!html.as_str().contains(['<', '>', '"']));
            let shown: String = text.chars().filter(|c| is_harmless(*c)).collect();
            prop_assert_eq!(html.to_plain(), shown);
        }

        #[test]
        fn names_stay_on_one_short_line(text in any::<String>()) {
            let name = name(&text);
            prop_assert!(name.chars().count() <= 48 && !name.contains('\n'));
        }
    }

    #[test]
    fn latin_pieces_are_set_apart_in_persian_only() {
        let words = Words::load(chrono_tz::UTC);
        let (en, fa) = (words.of(Lang::En), words.of(Lang::Fa));
        assert_eq!(embed(en, "Anna"), "Anna");
        assert_eq!(embed(en, "سارا"), "\u{2068}سارا\u{2069}");
        assert_eq!(embed(fa, "سارا"), "سارا");
        assert_eq!(embed(fa, "Anna"), "\u{2068}Anna\u{2069}");
        assert_eq!(Html::code(fa, "a<b").as_str(), "\u{2066}<code>a&lt;b</code>\u{2069}");
        assert_eq!(Html::code(en, "a<b").to_plain(), "a<b");
    }

    #[test]
    fn a_name_that_would_turn_the_text_is_tamed() {
        assert_eq!(name("  Eve \u{202e}\n\n Mallory\u{7} "), "Eve Mallory");
    }
}
