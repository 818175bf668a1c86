//! Telegram's HTML subset, parsed as Telegram parses it: into plain text and entities, with its own refusals.
//!
//! The grammar, the accepted tags and the wording follow `parse_html` in TDLib's `td/telegram/MessageEntity.cpp`; the
//! list of tags is <https://core.telegram.org/bots/api#html-style>. Offsets in refusals are bytes of the source,
//! offsets of entities are UTF-16 units of the text. Markdown modes are deliberately absent: asking for one is refused.

use serde_json::{Value, json};

/// A text as a person reads it, with its marked parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formatted {
    /// The text without any markup.
    pub text: String,
    /// Marked parts, by start, longer first.
    pub entities: Vec<Entity>,
}

/// A marked part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Telegram's word for the kind: `bold`, `code`, `text_link`, …
    pub kind: String,
    /// Start, in UTF-16 units.
    pub offset: usize,
    /// Length, in UTF-16 units.
    pub length: usize,
    /// Target of a `text_link`, language of a `pre`, id of a `custom_emoji`.
    pub extra: Option<String>,
}

impl Entity {
    /// The entity as Telegram writes it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut entity = json!({"type": self.kind, "offset": self.offset, "length": self.length});
        let key = match self.kind.as_str() {
            "text_link" => "url",
            "pre" => "language",
            "custom_emoji" => "custom_emoji_id",
            _ => return entity,
        };
        if let Some(extra) = &self.extra {
            entity[key] = json!(extra);
        }
        entity
    }
}

impl Formatted {
    /// A text without markup, in which commands and addresses are found as Telegram finds them.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut formatted = Self { text: cleaned(text), entities: Vec::new() };
        formatted.trim();
        formatted.detect();
        formatted
    }

    /// Parses a text in Telegram's HTML.
    ///
    /// # Errors
    /// What is wrong and where, in Telegram's words.
    pub fn html(source: &str) -> Result<Self, String> {
        let mut formatted =
            Parser { source: source.as_bytes(), at: 0, units: 0, text: Vec::new() }.parse()?;
        formatted.trim();
        formatted.detect();
        Ok(formatted)
    }

    /// A text with the entities that the bot gave beside it.
    #[must_use]
    pub fn with_entities(text: &str, given: &[Value]) -> Self {
        let entity = |value: &Value| {
            let kind = value["type"].as_str()?.to_owned();
            let extra = ["url", "language", "custom_emoji_id"].iter().find_map(|key| value[*key].as_str());
            Some(Entity {
                kind,
                offset: usize::try_from(value["offset"].as_u64()?).ok()?,
                length: usize::try_from(value["length"].as_u64()?).ok()?,
                extra: extra.map(str::to_owned),
            })
        };
        let mut formatted = Self { text: cleaned(text), entities: given.iter().filter_map(entity).collect() };
        formatted.trim();
        formatted.detect();
        formatted
    }

    /// Length as Telegram counts it: UTF-16 units after parsing.
    #[must_use]
    pub fn units(&self) -> usize {
        self.text.encode_utf16().count()
    }

    /// The entities as Telegram writes them.
    #[must_use]
    pub fn entities_json(&self) -> Value {
        self.entities.iter().map(Entity::to_json).collect()
    }

    /// Cuts white space at both ends and the entities with it.
    fn trim(&mut self) {
        let head = self.text.len() - self.text.trim_start().len();
        let skipped = self.text[..head].encode_utf16().count();
        self.text = self.text.trim().to_owned();
        let units = self.units();
        self.entities.retain_mut(|entity| {
            let start = entity.offset.saturating_sub(skipped);
            let end = (entity.offset + entity.length).saturating_sub(skipped).min(units);
            (entity.offset, entity.length) = (start, end.saturating_sub(start));
            entity.length > 0
        });
        self.entities.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    }

    /// Marks commands and bare addresses outside of code and links.
    fn detect(&mut self) {
        let mut found = Vec::new();
        let mut offset = 0;
        for word in self.text.split_inclusive(char::is_whitespace) {
            let bare = word.trim_end().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '»']);
            let kind = if is_command(bare) {
                Some("bot_command")
            } else if bare.starts_with("https://") || bare.starts_with("http://") || bare.starts_with("t.me/")
            {
                Some("url")
            } else {
                None
            };
            let length = bare.encode_utf16().count();
            let taken =
                |entity: &Entity| offset < entity.offset + entity.length && entity.offset < offset + length;
            let blocks = |kind: &str| matches!(kind, "code" | "pre" | "text_link" | "url" | "bot_command");
            if let Some(kind) = kind.filter(|_| !self.entities.iter().any(|e| blocks(&e.kind) && taken(e))) {
                found.push(Entity { kind: kind.to_owned(), offset, length, extra: None });
            }
            offset += word.encode_utf16().count();
        }
        self.entities.extend(found);
        self.entities.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    }
}

fn is_command(word: &str) -> bool {
    let Some(name) = word.strip_prefix('/') else { return false };
    let (name, bot) = name.split_once('@').unwrap_or((name, "bot"));
    let word = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (1..=32).contains(&name.len()) && word(name) && !bot.is_empty() && word(bot)
}

/// Carriage returns vanish and other control characters become spaces, as in TDLib's `clean_input_string`.
fn cleaned(text: &str) -> String {
    text.chars().filter(|c| *c != '\r').map(clean_char).collect()
}

fn clean_char(c: char) -> char {
    if c.is_ascii_control() && c != '\n' { ' ' } else { c }
}

/// A tag that was opened: its name, its argument, and where the text stood (UTF-16 units).
struct Open {
    tag: String,
    argument: Option<String>,
    offset: usize,
}

struct Parser<'a> {
    source: &'a [u8],
    at: usize,
    units: usize,
    text: Vec<u8>,
}

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

impl Parser<'_> {
    fn parse(mut self) -> Result<Formatted, String> {
        let mut open: Vec<Open> = Vec::new();
        let mut entities = Vec::new();
        while let Some(next) = self.peek(0) {
            if next == b'&' && self.entity_char() {
                continue;
            }
            match next {
                b'<' if self.peek(1) == Some(b'/') => self.end_tag(&mut open, &mut entities)?,
                b'<' => {
                    let tag = self.start_tag()?;
                    open.push(tag);
                }
                byte => {
                    self.at += 1;
                    match byte {
                        b'\r' => continue,
                        0..32 | 127 if byte != b'\n' => self.text.push(b' '),
                        _ => self.text.push(byte),
                    }
                    // One unit for each first byte of a character, two for those outside the basic plane.
                    self.units += usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0);
                }
            }
        }
        if let Some(left) = open.last() {
            return Err(format!("Can't find end tag corresponding to start tag \"{}\"", left.tag));
        }
        let text = String::from_utf8_lossy(&self.text).into_owned();
        Ok(Formatted { text, entities: merged(entities) })
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.get(self.at + ahead).copied()
    }

    /// A character reference at the cursor: consumed and appended when it is one that Telegram knows.
    fn entity_char(&mut self) -> bool {
        let Some((character, length)) = decode(&self.source[self.at..]) else { return false };
        self.at += length;
        let mut buffer = [0; 4];
        self.text.extend_from_slice(clean_char(character).encode_utf8(&mut buffer).as_bytes());
        self.units += character.len_utf16();
        true
    }

    fn slice(&self, from: usize, to: usize) -> String {
        String::from_utf8_lossy(&self.source[from..to]).into_owned()
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&test) {
            self.at += 1;
        }
    }

    fn start_tag(&mut self) -> Result<Open, String> {
        let begin = self.at;
        self.at += 1;
        self.skip_while(|c| !c.is_ascii_whitespace() && c != b'>');
        if self.peek(0).is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        let tag = self.slice(begin + 1, self.at).to_lowercase();
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = None;
        loop {
            self.skip_while(|c| c.is_ascii_whitespace());
            match self.peek(0) {
                Some(b'>') => break,
                None => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
                Some(_) => {}
            }
            let (name, value) = self.attribute(&tag, begin)?;
            match (tag.as_str(), name.as_str(), value) {
                ("a", "href", Some(value)) | ("tg-emoji", "emoji-id", Some(value)) => argument = Some(value),
                ("code", "class", Some(value)) => {
                    argument = value.strip_prefix("language-").map(str::to_owned);
                }
                ("span", "class", Some(value)) => argument = value.strip_prefix("tg-").map(str::to_owned),
                ("blockquote", "expandable", _) => argument = Some("expandable".to_owned()),
                _ => {}
            }
        }
        self.at += 1;
        if tag == "span" && argument.as_deref() != Some("spoiler") {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        Ok(Open { tag, argument, offset: self.units })
    }

    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, Option<String>), String> {
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        let start = self.at;
        self.skip_while(|c| !c.is_ascii_whitespace() && c != b'=' && c != b'>');
        let name = self.slice(start, self.at);
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.skip_while(|c| c.is_ascii_whitespace());
        if self.peek(0) != Some(b'=') {
            return if self.peek(0).is_none() { Err(unclosed()) } else { Ok((name, None)) };
        }
        self.at += 1;
        self.skip_while(|c| c.is_ascii_whitespace());
        let value = match self.peek(0) {
            None => return Err(unclosed()),
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                let mut value = Vec::new();
                while let Some(byte) = self.peek(0).filter(|byte| *byte != quote) {
                    if let Some((character, length)) = decode(&self.source[self.at..]) {
                        value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        self.at += length;
                    } else {
                        value.push(byte);
                        self.at += 1;
                    }
                }
                self.at += usize::from(self.peek(0).is_some());
                String::from_utf8_lossy(&value).into_owned()
            }
            Some(_) => {
                let start = self.at;
                self.skip_while(|c| c.is_ascii_alphanumeric() || c == b'.' || c == b'-');
                if !self.peek(0).is_some_and(|c| c.is_ascii_whitespace() || c == b'>') {
                    return Err(format!("Unexpected end of name token at byte offset {start}"));
                }
                self.slice(start, self.at).to_lowercase()
            }
        };
        if self.peek(0).is_none() { Err(unclosed()) } else { Ok((name, Some(value))) }
    }

    fn end_tag(&mut self, open: &mut Vec<Open>, entities: &mut Vec<Entity>) -> Result<(), String> {
        let begin = self.at;
        let Some(started) = open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        self.skip_while(|c| !c.is_ascii_whitespace() && c != b'>');
        let name = self.slice(begin + 2, self.at).to_lowercase();
        self.skip_while(|c| c.is_ascii_whitespace());
        if self.peek(0) != Some(b'>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !name.is_empty() && name != started.tag {
            let expected = &started.tag;
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{name}>\""
            ));
        }
        if self.units > started.offset {
            let inner = self.text_since(started.offset);
            entities.extend(entity_of(started, self.units, &inner));
        }
        Ok(())
    }

    /// The text from a UTF-16 offset to its present end: what an `<a>` without `href` links to.
    fn text_since(&self, offset: usize) -> String {
        let units: Vec<u16> = String::from_utf8_lossy(&self.text).encode_utf16().skip(offset).collect();
        String::from_utf16_lossy(&units)
    }
}

fn entity_of(started: Open, end: usize, inner: &str) -> Option<Entity> {
    let Open { tag, argument, offset } = started;
    let (kind, extra) = match tag.as_str() {
        "b" | "strong" => ("bold", None),
        "i" | "em" => ("italic", None),
        "s" | "strike" | "del" => ("strikethrough", None),
        "u" | "ins" => ("underline", None),
        "tg-spoiler" | "span" => ("spoiler", None),
        "tg-emoji" => ("custom_emoji", argument),
        "pre" => ("pre", None),
        "code" => ("code", argument),
        "blockquote" if argument.is_some() => ("expandable_blockquote", None),
        "blockquote" => ("blockquote", None),
        // A link whose address is not one is no refusal: the text stays, the link is left out.
        _ => ("text_link", Some(super::link::checked(argument.as_deref().unwrap_or(inner)).ok()?)),
    };
    Some(Entity { kind: kind.to_owned(), offset, length: end - offset, extra })
}

/// `<pre><code class="language-x">` is one `pre` with a language; a `code` with nothing around it has none.
fn merged(entities: Vec<Entity>) -> Vec<Entity> {
    let mut out: Vec<Entity> = Vec::new();
    for mut entity in entities {
        if entity.kind == "pre"
            && let Some(inner) = out.iter().position(|code| {
                code.kind == "code" && (code.offset, code.length) == (entity.offset, entity.length)
            })
        {
            entity.extra = out.remove(inner).extra;
        }
        out.push(entity);
    }
    for entity in out.iter_mut().filter(|entity| entity.kind == "code") {
        entity.extra = None;
    }
    out
}

/// A character reference at the start of `source`, with its length in bytes.
fn decode(source: &[u8]) -> Option<(char, usize)> {
    if source.first() != Some(&b'&') {
        return None;
    }
    let named = [("&lt", '<'), ("&gt", '>'), ("&amp", '&'), ("&quot", '"')];
    let (character, mut length) = if source.get(1) == Some(&b'#') {
        let hex = source.get(2) == Some(&b'x');
        let (start, radix) = if hex { (3, 16) } else { (2, 10) };
        let digits = source[start..].iter().take(8).take_while(|c| (**c as char).is_digit(radix)).count();
        let number = std::str::from_utf8(&source[start..start + digits]).ok()?;
        (char::from_u32(u32::from_str_radix(number, radix).ok()?).filter(|c| *c != '\0')?, start + digits)
    } else {
        let word = 1 + source[1..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let (name, character) = named.into_iter().find(|(name, _)| name.as_bytes() == &source[..word])?;
        (character, name.len())
    };
    length += usize::from(source.get(length) == Some(&b';'));
    Some((character, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Part = (String, usize, usize, Option<String>);

    fn parts(source: &str) -> (String, Vec<Part>) {
        let parsed = Formatted::html(source).unwrap();
        let entities = parsed.entities.into_iter().map(|e| (e.kind, e.offset, e.length, e.extra));
        (parsed.text, entities.collect())
    }

    fn entity(kind: &str, offset: usize, length: usize) -> Part {
        (kind.to_owned(), offset, length, None)
    }

    #[test]
    fn nested_tags_become_entities_in_utf16_units() {
        let (text, entities) = parts("⚡🔑 <b>Key <i>one</i></b> &lt;ok&gt; &#x1F511;&#33;");
        assert_eq!(text, "⚡🔑 Key one <ok> 🔑!");
        assert_eq!(entities, [entity("bold", 4, 7), entity("italic", 8, 3)]);
    }

    #[test]
    fn links_code_and_quotes_keep_their_arguments() {
        let (text, entities) = parts(
            "<a href=\"https://example.com/?a=1&amp;b=2\">x</a><pre><code class=\"language-rust\">y</code></pre>\
             <blockquote expandable>z</blockquote><span class='tg-spoiler'>s</span>",
        );
        assert_eq!(text, "xyzs");
        assert_eq!(entities[0].3.as_deref(), Some("https://example.com/?a=1&b=2"));
        assert_eq!((entities[1].0.as_str(), entities[1].3.as_deref()), ("pre", Some("rust")));
        assert_eq!(entities[2..], [entity("expandable_blockquote", 2, 1), entity("spoiler", 3, 1)]);
    }

    #[test]
    fn white_space_at_the_ends_is_cut_and_entities_move_with_it() {
        assert_eq!(parts("\n  <b> hi</b> \n"), ("hi".to_owned(), vec![entity("bold", 0, 2)]));
        assert_eq!(parts("<b>  </b>").0, "");
    }

    #[test]
    fn what_does_not_parse_is_refused_in_telegrams_words() {
        let refused = |source: &str| Formatted::html(source).unwrap_err();
        assert_eq!(refused("a <div>b</div>"), "Unsupported start tag \"div\" at byte offset 2");
        assert_eq!(refused("<b>x"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(refused("x</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(
            refused("<b>x</i>"),
            "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""
        );
        assert_eq!(refused("1 <2"), "Unclosed start tag at byte offset 2");
        assert_eq!(refused("1 < 2"), "Unsupported start tag \"\" at byte offset 2");
        assert_eq!(refused("<span>x</span>"), "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
        assert_eq!(refused("<a href=\"x"), "Unclosed start tag \"a\" at byte offset 0");
        assert_eq!(refused("<br>"), "Unsupported start tag \"br\" at byte offset 0");
    }

    #[test]
    fn unknown_references_stay_as_they_are() {
        assert_eq!(parts("a &nbsp; &ampere; & b").0, "a &nbsp; &ampere; & b");
    }

    #[test]
    fn commands_and_addresses_are_found_but_not_in_code() {
        let found = Formatted::plain("/start see https://example.com/x.").entities;
        assert_eq!((found[0].kind.as_str(), found[0].length), ("bot_command", 6));
        assert_eq!((found[1].kind.as_str(), found[1].offset, found[1].length), ("url", 11, 21));
        assert_eq!(Formatted::html("<code>https://example.com</code>").unwrap().entities.len(), 1);
    }
}
