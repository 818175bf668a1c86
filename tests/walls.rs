//! The walls of the house, as the map in `src/lib.rs` draws them: a floor knows only the floors beneath it, and some
//! crates have one place.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each floor of the library with those it may know besides itself.
const FLOORS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("panel", &["domain"]),
    ("service", &["store", "panel", "domain"]),
    ("text", &["service", "store", "panel", "domain"]),
    ("settings", &["text", "service", "store", "domain"]),
    ("telegram", &["text", "service", "store", "panel", "domain"]),
    ("http", &["text", "service", "store", "domain"]),
    ("task", &["service", "domain"]),
    ("app", &["telegram", "http", "task", "settings", "text", "service", "store", "panel", "domain"]),
    ("cli", &["app", "telegram", "http", "task", "settings", "text", "service", "store", "panel", "domain"]),
];

/// What is written in the places it names (a floor or a file) and nowhere else.
const PLACES: [(&str, &[&str]); 16] = [
    ("sea_orm", &["store"]),
    ("migration::Migrator", &["store"]),
    ("teloxide", &["telegram"]),
    ("dptree", &["telegram"]),
    ("reqwest", &["panel", "telegram", "task/beacon.rs"]),
    ("axum", &["http"]),
    ("hyper_util", &["http"]),
    ("tower", &["http"]),
    ("maud", &["http"]),
    ("fluent", &["text"]),
    ("i18n_embed", &["text"]),
    ("sim::", &["cli/demo.rs"]),
    // Time comes from the clock, so that a test can make it pass.
    ("Utc::now", &["domain/clock.rs"]),
    ("Local::now", &[]),
    ("SystemTime::now", &[]),
    ("thread::sleep", &[]),
];

/// What the pure floor does without.
const IMPURE: [&str; 9] = [
    "tokio",
    "async fn",
    ".await",
    "Instant::now",
    "rand::rng()",
    "std::fs",
    "std::env",
    "std::net",
    "println!",
];

/// A source file: its path below `src`, and its lines without comments.
struct Source {
    path: String,
    code: String,
}

impl Source {
    fn floor(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// How many `super::` lead from this file's module to the root of the crate.
    fn depth(&self) -> usize {
        let folders = self.path.matches('/').count();
        if self.path.ends_with("/mod.rs") { folders } else { folders + 1 }
    }

    /// The floors it names: `crate::x`, each of `crate::{x, y::z}`, and `super::` up to the root.
    fn floors_named(&self) -> BTreeSet<String> {
        let up = "super::".repeat(self.depth());
        let mut named = BTreeSet::new();
        for root in ["crate::", up.as_str()] {
            for (at, _) in self.code.match_indices(root) {
                // One `super::` more would be above the root: then this is the tail of a longer path, or of a name.
                let before = self.code[..at].chars().next_back();
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                    continue;
                }
                named.extend(heads(&self.code[at + root.len()..]));
            }
        }
        named
    }
}

/// The first names of a path or of a braced list of paths.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(list) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                found.push(word(&list[start..at]));
                start = at + 1;
            }
            '}' => {
                found.push(word(&list[start..at]));
                break;
            }
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// Lines without comments. A `//` in a string cuts the line short, which hides nothing that is a path.
fn without_comments(text: &str) -> String {
    let code = text.lines().map(|line| match line.find("//") {
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // Tests in a file of their own may do what they must to test.
            if path.ends_with("tests.rs") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = without_comments(&std::fs::read_to_string(&path).unwrap());
                found.push(Source { path: path.strip_prefix(&root).unwrap().display().to_string(), code });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What is wrong in a file.
fn breaches(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let path = &source.path;
    if let Some((floor, below)) = FLOORS.iter().find(|(floor, _)| *floor == source.floor()) {
        for named in source.floors_named() {
            let is_floor = FLOORS.iter().any(|(other, _)| *other == named);
            if is_floor && named != *floor && !below.contains(&named.as_str()) {
                wrong.push(format!("{path}: {floor} knows {named}, which is not beneath it"));
            }
        }
    }
    for (what, places) in PLACES {
        let at_home = places.iter().any(|place| source.floor() == *place || path == place);
        if !at_home && contains_path(&source.code, what) {
            wrong.push(format!("{path}: {what} belongs to {places:?}"));
        }
    }
    if source.floor() == "domain" {
        for what in IMPURE.into_iter().filter(|what| source.code.contains(what)) {
            wrong.push(format!("{path}: {what} in the pure floor"));
        }
    }
    wrong
}

/// Whether `what` begins a path in `code`: neither the tail of a longer name nor of a longer path of ours.
fn contains_path(code: &str, what: &str) -> bool {
    let whole = |at: usize| {
        let before = &code[..at];
        let after = code[at + what.len()..].chars().next();
        let joined = |c: char| c.is_alphanumeric() || c == '_';
        let tail = before.chars().next_back().is_some_and(joined)
            || (what.ends_with(':') || what == "migration::Migrator") && before.ends_with("::");
        !tail && (what.ends_with(':') || !after.is_some_and(joined))
    };
    code.match_indices(what).any(|(at, _)| whole(at))
}

#[test]
fn every_floor_knows_only_those_beneath() {
    let sources = sources();
    assert!(sources.len() > 100, "the sources were found");
    let outside: Vec<_> = sources
        .iter()
        .filter(|source| FLOORS.iter().all(|(floor, _)| *floor != source.floor()))
        .map(|source| source.path.as_str())
        .collect();
    assert_eq!(outside, ["lib.rs", "main.rs"], "every file belongs to a floor of the map");
    let wrong: Vec<String> = sources.iter().flat_map(breaches).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_map_names_each_floor() {
    let map = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (floor, _) in FLOORS {
        assert!(map.contains(&format!("//! - [`{floor}`]")), "{floor} in the map");
        assert!(map.contains(&format!("pub mod {floor};")), "{floor} is a module");
    }
}

/// The walls would be worth nothing if a breach could hide.
#[test]
fn breaches_are_seen() {
    let seen = |path: &str, code: &str| {
        breaches(&Source { path: path.to_owned(), code: without_comments(code) }).len()
    };
    assert_eq!(seen("domain/key.rs", "use crate::store::Store;"), 1);
    assert_eq!(
        seen("domain/key.rs", "use crate::{\n    domain::Key,\n    store::{Store, keys},\n    text,\n};"),
        2
    );
    assert_eq!(seen("domain/key.rs", "fn f() -> super::super::panel::Node {}"), 1);
    assert_eq!(seen("domain/placement/mirror.rs", "use super::super::super::service::Core;"), 1);
    assert_eq!(seen("domain/placement/mirror.rs", "use super::super::quota;"), 0);
    assert_eq!(seen("store/mod.rs", "use super::panel::Node;"), 1);
    assert_eq!(seen("store/mod.rs", "// crate::panel is above\nuse crate::domain::Key;"), 0);
    assert_eq!(seen("service/keys.rs", "let x: sea_orm::DbErr = e; use crate::text::T;"), 2);
    assert_eq!(seen("service/keys.rs", "use super::migration::Plan;"), 0);
    assert_eq!(seen("text/key.rs", "use teloxide::types::Message;"), 1);
    assert_eq!(seen("telegram/desk.rs", "use crate::cli; let now = chrono::Utc::now();"), 2);
    assert_eq!(seen("domain/clock.rs", "async fn f() { tokio::time::sleep(d).await }"), 3);
    assert_eq!(seen("cli/demo.rs", "use sim::telegram::Telegram;"), 0);
    assert_eq!(seen("cli/run.rs", "use sim::telegram::Telegram;"), 1);
}
