//! The walls of the house: a floor knows only the floors beneath it, and some crates live on one floor only.

use std::fs;
use std::path::{Path, PathBuf};

/// Each floor with those it must not name.
const ABOVE: [(&str, &[&str]); 6] = [
    ("domain", &["store", "panel", "service", "text", "telegram", "task", "cli", "app", "settings"]),
    ("panel", &["store", "service", "text", "telegram", "task", "cli", "app", "settings"]),
    ("store", &["service", "text", "telegram", "task", "cli", "app", "settings"]),
    ("service", &["text", "telegram", "task", "cli", "app", "settings"]),
    ("text", &["telegram", "task", "cli", "app", "settings"]),
    ("telegram", &["task", "cli", "app", "settings"]),
];

/// Crates with the only floors that may name them.
const HOMES: [(&str, &[&str]); 3] =
    [("sea_orm", &["store"]), ("teloxide", &["telegram"]), ("reqwest", &["panel", "telegram"])];

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).expect("a text");
                found.push((entry, text));
            }
        }
    }
    found
}

/// The floor that a file is on.
fn floor(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("below src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Lines of code: comments may speak of anything.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn a_floor_knows_only_the_floors_beneath_it() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let Some((_, above)) = ABOVE.iter().find(|(name, _)| *name == floor(&path)) else { continue };
        for line in code(&text) {
            for name in *above {
                if line.contains(&format!("crate::{name}::")) || line.contains(&format!("use crate::{name};"))
                {
                    broken.push(format!("{}: {line}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn some_crates_live_on_one_floor_only() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        for (name, homes) in HOMES {
            let named = code(&text).any(|line| line.contains(&format!("{name}::")));
            if named && !homes.contains(&floor(&path).as_str()) {
                broken.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn there_is_something_to_look_at() {
    assert!(sources().len() > 60);
}
