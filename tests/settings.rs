//! What is written about settings is true.

use std::collections::BTreeMap;

use karvan::settings::{Need, Settings, VARIABLES};

const EXAMPLE: &str = include_str!("../.env.example");
const README: &str = include_str!("../README.md");

/// The variables that a line of the example sets, or would set if its `#` were taken away.
fn named() -> Vec<&'static str> {
    let lines = EXAMPLE.lines().map(|line| line.trim_start_matches("# "));
    let named = lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name);
    named.filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_')).collect()
}

#[test]
fn the_example_names_each_setting_once_in_the_order_of_the_list() {
    let listed: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(named(), listed);
}

#[test]
fn the_example_tells_each_default() {
    for variable in VARIABLES {
        let set = format!("\n{}=", variable.name);
        let commented = format!("\n# {}=", variable.name);
        let at = EXAMPLE.find(&set).or_else(|| EXAMPLE.find(&commented)).expect("named");
        let block = &EXAMPLE[EXAMPLE[..at].rfind("\n\n").expect("a block each")..=at];
        if let Some(default) = variable.default {
            assert!(block.contains(&format!("# Default: {default}\n")), "{}: {block}", variable.name);
        }
        assert!(block.contains(variable.expected), "{}: {block}", variable.name);
    }
}

#[test]
fn a_copy_of_the_example_lacks_only_what_it_asks_for() {
    let set: BTreeMap<String, String> = EXAMPLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let missing = Settings::read(&set, Need::Run).expect_err("the token and the key are to be filled in");
    assert_eq!(missing.0.len(), 2, "{missing}");
}

#[test]
fn the_readme_tells_of_each_setting() {
    for variable in VARIABLES {
        assert!(README.contains(&format!("| `{}` |", variable.name)), "{}", variable.name);
    }
}
