//! All languages say the same things, and nothing that Telegram would refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use fluent_syntax::unicode::unescape_unicode_to_string;

const LANGUAGES: [&str; 3] = ["en", "ru", "fa"];

/// One message of one language.
#[derive(Default)]
struct Message {
    variables: BTreeSet<String>,
    /// Every way it may read: one text for each choice of plural.
    readings: Vec<String>,
    /// The choices it makes, as `variable: categories`.
    choices: Vec<(String, Vec<String>)>,
}

type Locale = BTreeMap<String, Message>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn locale(language: &str) -> Locale {
    let path = root().join("locales").join(language).join("karvan.ftl");
    let text = std::fs::read_to_string(&path).expect("each language has its file");
    let resource = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
    let mut messages = Locale::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let mut read = Message { readings: vec![String::new()], ..Message::default() };
                pattern(message.value.as_ref().expect("a message has a text"), &mut read);
                let again = messages.insert(message.id.name.clone(), read);
                assert!(again.is_none(), "{language}: {} stands there twice", message.id.name);
            }
            Entry::Junk { content } => panic!("{language}: cannot be read: {content}"),
            Entry::Term(_) => panic!("{language}: terms are not used"),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
        }
    }
    messages
}

fn pattern(text: &Pattern<String>, into: &mut Message) {
    for element in &text.elements {
        match element {
            PatternElement::TextElement { value } => into.push(value),
            PatternElement::Placeable { expression } => expression_in(expression, into),
        }
    }
}

fn expression_in(expression: &Expression<String>, into: &mut Message) {
    match expression {
        Expression::Inline(inline) => inline_in(inline, into),
        Expression::Select { selector, variants } => {
            let InlineExpression::VariableReference { id } = selector else { panic!("an odd choice") };
            into.variables.insert(id.name.clone());
            let categories = variants.iter().map(|variant| match &variant.key {
                fluent_syntax::ast::VariantKey::Identifier { name } => name.clone(),
                fluent_syntax::ast::VariantKey::NumberLiteral { value } => value.clone(),
            });
            into.choices.push((id.name.clone(), categories.collect()));
            let before = std::mem::take(&mut into.readings);
            for variant in variants {
                let mut branch = Message { readings: before.clone(), ..Message::default() };
                pattern(&variant.value, &mut branch);
                into.readings.extend(branch.readings);
                into.variables.extend(branch.variables);
                into.choices.extend(branch.choices);
            }
        }
    }
}

fn inline_in(inline: &InlineExpression<String>, into: &mut Message) {
    match inline {
        InlineExpression::StringLiteral { value } => into.push(&unescape_unicode_to_string(value)),
        InlineExpression::NumberLiteral { value } => into.push(value),
        InlineExpression::VariableReference { id } => {
            into.variables.insert(id.name.clone());
            // Where something will stand: no letter, and no sign that means anything.
            into.push("•");
        }
        InlineExpression::FunctionReference { arguments: CallArguments { .. }, .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => panic!("functions and references are not used"),
        InlineExpression::Placeable { expression } => expression_in(expression, into),
    }
}

impl Message {
    fn push(&mut self, text: &str) {
        for reading in &mut self.readings {
            reading.push_str(text);
        }
    }
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    let english = locale("en");
    assert!(english.len() > 300);
    for language in ["ru", "fa"] {
        let other = locale(language);
        let missing: Vec<_> = english.keys().filter(|key| !other.contains_key(*key)).collect();
        let surplus: Vec<_> = other.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && surplus.is_empty(), "{language} lacks {missing:?}, has {surplus:?}");
        for (key, message) in &other {
            assert_eq!(message.variables, english[key].variables, "{language}: {key}");
        }
    }
}

#[test]
fn plurals_have_the_categories_of_their_language() {
    // Unicode CLDR, cardinal; fractions are not counted with here, so Russian does without `other`.
    let categories = [("en", vec!["one", "other"]), ("ru", vec!["one", "few", "many"]), ("fa", vec![])];
    for (language, plural) in categories {
        for (key, message) in locale(language) {
            for (variable, choice) in &message.choices {
                let numbered = choice.iter().all(|category| category.parse::<u32>().is_ok());
                assert!(numbered || *choice == plural, "{language}: {key}: ${variable} has {choice:?}");
            }
        }
    }
}

#[test]
fn every_message_is_said_somewhere() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let code: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    // Countries are looked up by code.
    let unused: Vec<_> = locale("en")
        .into_keys()
        .filter(|key| !key.starts_with("region-") && !code.contains(&format!("\"{key}\"")))
        .collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

#[test]
fn nothing_is_left_untranslated() {
    // Signs alone, and what Russians write in Latin letters.
    let alike = |language: &str, key: &str, text: &str| {
        !text.chars().any(char::is_alphabetic)
            || (language == "ru"
                && (key.starts_with("device-") || matches!(key, "person-card" | "person-username")))
    };
    let english = locale("en");
    for language in ["ru", "fa"] {
        for (key, message) in locale(language) {
            let same = message.readings == english[&key].readings;
            let plain = without_tags(&message.readings[0]);
            assert!(!same || alike(language, &key, &plain), "{language}: {key} is still English");
        }
    }
    // And each in its own script: a Persian or Russian message has letters of it.
    for (language, own) in [("ru", 'а'..='я'), ("fa", '\u{0621}'..='\u{06cc}')] {
        for (key, message) in locale(language) {
            let plain = without_tags(&message.readings[0]);
            let written = plain.to_lowercase().chars().any(|c| own.contains(&c));
            assert!(
                written || alike(language, &key, &plain),
                "{language}: {key} has no letter of its language"
            );
        }
    }
}

fn without_tags(html: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => plain.push(other),
            _ => {}
        }
    }
    plain
}

#[test]
fn every_reading_is_html_that_telegram_takes() {
    for language in LANGUAGES {
        for (key, message) in locale(language) {
            for reading in &message.readings {
                if let Err(what) = well_formed(reading) {
                    panic!("{language}: {key}: {what}");
                }
            }
        }
    }
    assert!(well_formed("<b>a</b> &amp; <code>x</code>").is_ok());
    for bad in ["<b>a", "a</b>", "<b><i>x</b></i>", "<u>x</u>", "a & b", "1 < 2"] {
        assert!(well_formed(bad).is_err(), "{bad}");
    }
}

/// The tags we use, closed in order; `&` only as an entity.
fn well_formed(html: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&']) {
        let tail = &rest[at..];
        if tail.starts_with('&') {
            let entity =
                ["&amp;", "&lt;", "&gt;", "&quot;"].into_iter().find(|entity| tail.starts_with(*entity));
            rest = &tail[entity.ok_or("a bare &")?.len()..];
            continue;
        }
        let end = tail.find('>').ok_or("a tag without its end")?;
        let tag = &tail[..=end];
        match tag {
            "<b>" | "<i>" | "<code>" => open.push(tag),
            "</b>" | "</i>" | "</code>" => {
                let last = open.pop().ok_or("an end without its tag")?;
                if last.trim_start_matches('<') != tag.trim_start_matches("</") {
                    return Err(format!("{last} ends with {tag}"));
                }
            }
            other => return Err(format!("an odd tag {other}")),
        }
        rest = &tail[end + 1..];
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} stay open")) }
}

#[test]
fn nothing_is_longer_than_telegram_or_a_thumb_takes() {
    for language in LANGUAGES {
        for (key, message) in locale(language) {
            for reading in &message.readings {
                let length = without_tags(reading).encode_utf16().count();
                let most = match key.split('-').next() {
                    // Longer labels are cut on a phone.
                    Some("button" | "device") => 40,
                    Some("command") => 64,
                    _ if key.ends_with("-label") => 40,
                    // Messages are put together from several: each leaves room.
                    _ => 1024,
                };
                assert!(length <= most, "{language}: {key} has {length} characters");
            }
        }
    }
    // Toasts: answerCallbackQuery takes 200 characters.
    let toasts = [
        "user-language-changed",
        "user-menu-old-toast",
        "user-button-foreign",
        "user-slow-down",
        "admin-done",
        "request-settled",
        "migrate-ended",
        "invite-revoked",
        "invite-revoked-before",
    ];
    for language in LANGUAGES {
        let messages = locale(language);
        for key in toasts {
            assert!(messages[key].readings.iter().all(|text| text.encode_utf16().count() <= 200), "{key}");
        }
    }
}

#[test]
fn chat_avoids_the_jargon() {
    let jargon = ["cordon", "drain", "instance", "assignment", "tombstone", "failover", "evacuate"];
    for (key, message) in locale("en") {
        for reading in &message.readings {
            // What a command is called is no word of the chat.
            let lower = reading.to_lowercase().replace("/drain", "");
            let found = jargon.iter().find(|word| lower.contains(**word));
            assert!(found.is_none(), "{key} says {found:?}");
        }
    }
}

#[test]
fn latin_with_signs_is_set_apart_in_persian() {
    // In a Persian sentence `/key` would be shown as `key/`, and `30d` as `d30`, but for the isolates around them.
    for (key, message) in locale("fa") {
        for reading in &message.readings {
            let mut outside = String::new();
            let mut depth = 0;
            for character in reading.chars() {
                match character {
                    '\u{2066}' => depth += 1,
                    '\u{2069}' => depth -= 1,
                    other if depth == 0 => outside.push(other),
                    _ => {}
                }
                assert!((0..=1).contains(&depth), "{key}: the isolates do not match");
            }
            assert_eq!(depth, 0, "{key}: an isolate stays open");
            let outside = outside.replace("</", "");
            let bare = ["://", "<code>", "/k", "/s", "/n", "/a", "/h", "/u", "/m", "/i", "/w"];
            let found = bare.iter().find(|sign| outside.contains(**sign));
            assert!(found.is_none(), "{key}: {found:?} stands bare");
        }
    }
}

#[test]
fn persian_is_typed_as_persian() {
    // Arabic kaf, yeh and digits look alike but are others: searching and reading aloud would fail.
    for (key, message) in locale("fa") {
        for reading in &message.readings {
            let odd = reading.chars().find(|c| matches!(c, 'ك' | 'ي' | '\u{660}'..='\u{669}' | '?' | ';'));
            let odd = odd.filter(|c| !matches!(c, '?') || !reading.contains("http"));
            assert!(odd.is_none(), "{key} has {odd:?}");
        }
    }
}
