//! What is written about the settings agrees with [`VARIABLES`], the one list of them.

use std::collections::BTreeMap;

use karvan::settings::{Need, Settings, VARIABLES};

const EXAMPLE: &str = include_str!("../.env.example");
const README: &str = include_str!("../README.md");

/// A setting as `.env.example` explains it.
struct Explained {
    name: String,
    value: String,
    /// Whether the line would be read as it stands.
    active: bool,
    comment: String,
}

/// Each block of lines between empty ones that ends with an assignment.
fn explained() -> Vec<Explained> {
    let blocks = EXAMPLE.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .filter_map(|block| {
            let lines: Vec<&str> = block.trim().lines().collect();
            let (last, comments) = lines.split_last()?;
            let active = !last.starts_with('#');
            let (name, value) = last.trim_start_matches("# ").split_once('=')?;
            let named = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            let words = comments.iter().map(|line| line.trim_start_matches('#').trim());
            let comment = words.collect::<Vec<_>>().join(" ");
            named.then(|| Explained { name: name.to_owned(), value: value.to_owned(), active, comment })
        })
        .collect()
}

#[test]
fn the_example_file_explains_each_setting() {
    let explained = explained();
    let names: Vec<&str> = explained.iter().map(|setting| setting.name.as_str()).collect();
    let listed: Vec<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(names, listed, ".env.example and VARIABLES list the same settings in the same order");
    for (setting, variable) in explained.iter().zip(VARIABLES) {
        let Explained { name, value, active, comment } = setting;
        assert!(comment.contains(variable.meaning), "{name}: says what it means\n{comment}");
        assert!(comment.contains(&format!("Expected: {}.", variable.expected)), "{name}: {comment}");
        if *active {
            // What everybody must or should fill in stands there empty, with an example above.
            assert_eq!(value, "", "{name}");
            assert!(variable.default.is_none(), "{name} has a default, so it need not be filled in");
            if variable.secret {
                assert!(comment.contains(&format!("Example: {}", variable.example)), "{name}: {comment}");
            }
        } else {
            assert_eq!(value, variable.example, "{name}: the example");
            let default = format!("Default: {}", variable.default.unwrap_or("none"));
            assert!(comment.ends_with(&default), "{name}: {comment:?} ends with {default:?}");
        }
    }
}

#[test]
fn a_copied_example_file_lacks_only_the_two_secrets() {
    let read: BTreeMap<String, String> =
        dotenvy::from_read_iter(EXAMPLE.as_bytes()).map(|line| line.expect("a readable line")).collect();
    let mistakes = Settings::read(&read, Need::Run).unwrap_err().0;
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(mistakes[0].starts_with("TELOXIDE_TOKEN is missing"), "{mistakes:?}");
    assert!(mistakes[1].starts_with("SECRET_KEY is missing"), "{mistakes:?}");
}

#[test]
fn every_example_of_the_file_can_be_uncommented() {
    let assignments = explained().into_iter().filter(|setting| !setting.active);
    let text: String = assignments.map(|setting| format!("{}={}\n", setting.name, setting.value)).collect();
    let read: BTreeMap<String, String> =
        dotenvy::from_read_iter(text.as_bytes()).map(|line| line.expect("a readable line")).collect();
    assert!(read.len() > 15, "{read:?}");
    Settings::read(&read, Need::Database).unwrap();
}

#[test]
fn the_readme_lists_each_setting_with_its_default() {
    let rows: Vec<&str> = README.lines().filter(|line| line.starts_with("| `")).collect();
    for variable in VARIABLES {
        let head = format!("| `{}` |", variable.name);
        let row = rows.iter().find(|row| row.starts_with(&head));
        let row = row.unwrap_or_else(|| panic!("README's table has no row for {}", variable.name));
        if let Some(default) = variable.default {
            assert!(row.contains(&format!("`{default}`")), "{}: default {default} in {row}", variable.name);
        }
    }
    let capital = |c: char| c.is_ascii_uppercase() || c == '_' || c == '`';
    let named = rows.iter().filter_map(|row| row.trim_start_matches("| ").split(" |").next());
    for name in named.filter(|name| name.contains('_') && name.chars().all(capital)) {
        let known = VARIABLES.iter().any(|variable| format!("`{}`", variable.name) == name);
        assert!(known, "README's table has {name}, which is no setting");
    }
}
