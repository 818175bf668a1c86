//! Where settings come from: the environment's variables over those of the file `.env` in the working directory.
//!
//! A line of the file that cannot be read is a mistake like any other: passed over in silence, `ADMIN_IDS=1, 2` would
//! mean that nobody is admin. What such a line says is never repeated, because it may be secret.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::{Mistakes, Need, Settings, VARIABLES};

const FILE: &str = ".env";

/// The variables a command runs with. Has no `Debug`: they are full of secrets.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    unreadable: Vec<String>,
}

impl Environment {
    /// Reads the file, then the environment.
    #[must_use]
    pub fn load() -> Self {
        let mut environment = match std::fs::read_to_string(FILE) {
            Ok(text) => Self::of_file(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => Self {
                unreadable: vec![format!("the file {FILE} cannot be read ({error}): check who owns it")],
                ..Self::default()
            },
        };
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(environment.variables.insert(name, value)),
                Err(_) if VARIABLES.iter().any(|variable| variable.name == name) => {
                    environment.unreadable.push(format!("{name}: expected a text in UTF-8"));
                }
                Err(_) => {}
            }
        }
        environment
    }

    fn of_file(text: &str) -> Self {
        let mut environment = Self::default();
        let text = text.trim_start_matches('\u{feff}');
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            match item {
                Ok((name, value)) => drop(environment.variables.insert(name, value)),
                Err(dotenvy::Error::LineParse(line, _)) => {
                    environment.unreadable.push(unreadable(text, &line));
                }
                Err(_) => environment.unreadable.push(format!("the file {FILE} cannot be read")),
            }
        }
        environment
    }

    /// A variable's value; empty is unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The settings for a command that needs `need`.
    ///
    /// # Errors
    /// All mistakes together.
    pub fn settings(&self, need: Need) -> Result<Settings, Mistakes> {
        let mut mistakes = self.unreadable.clone();
        match Settings::read(&self.variables, need) {
            Ok(settings) if mistakes.is_empty() => return Ok(settings),
            Ok(_) => {}
            Err(Mistakes(more)) => mistakes.extend(more),
        }
        Err(Mistakes(mistakes))
    }
}

/// Where a line is that cannot be read, and what to do. `line` is all of it, or its value, maybe with what follows.
fn unreadable(text: &str, line: &str) -> String {
    let said = line.lines().next().unwrap_or_default();
    let fits = |other: &&(usize, &str)| {
        let value = other.1.split_once('=').map(|(_, value)| value.trim_start());
        !other.1.trim_start().starts_with('#')
            && (other.1.starts_with(said) || value.is_some_and(|value| value.starts_with(said)))
    };
    let found = (1..).zip(text.lines()).collect::<Vec<_>>().iter().find(fits).copied();
    let place = found.map_or_else(|| FILE.to_owned(), |(number, _)| format!("{FILE}, line {number}"));
    // Shown only if it is surely a name, and not a secret on a line of its own.
    let plain = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let name = found.and_then(|(_, line)| line.split_once('=')).map(|(name, _)| name);
    let name = name.map(|name| name.trim().trim_start_matches("export ").trim()).filter(plain);
    format!(
        "{place}: cannot be read; write {}='…', with the value in single quotes if it has spaces, quotes, # or $ in it",
        name.unwrap_or("NAME")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_is_a_mistake_and_is_not_repeated() {
        let environment = Environment::of_file(
            "# a comment\nADMIN_IDS=1, 2\nACCESS=open\nhunter2 hunter3\nSUPPORT_CONTACT='Ask us, please'\n",
        );
        assert_eq!(environment.get("ACCESS"), Some("open"));
        assert_eq!(environment.get("SUPPORT_CONTACT"), Some("Ask us, please"));
        let told = environment.settings(Need::Database).unwrap_err().to_string();
        assert!(told.contains(".env, line 2: cannot be read; write ADMIN_IDS='…'"), "{told}");
        assert!(told.contains(".env, line 4: cannot be read; write NAME='…'"), "{told}");
        assert!(!told.contains("hunter"), "{told}");
    }

    #[test]
    fn a_quotation_that_never_ends_is_a_mistake() {
        let told = Environment::of_file("ACCESS=open\nSUPPORT_CONTACT=Don't ask\nDEFAULT_DAYS=3\n");
        let told = told.settings(Need::Database).unwrap_err().to_string();
        assert!(told.contains("line 2") && told.contains("SUPPORT_CONTACT"), "{told}");
    }

    #[test]
    fn a_file_from_another_editor_is_read_alike() {
        let environment = Environment::of_file("\u{feff}ACCESS=open\r\nDEFAULT_DAYS=3\r\n");
        assert_eq!(environment.get("ACCESS"), Some("open"));
        assert_eq!(environment.settings(Need::Database).unwrap().policy.default_days, Some(3));
    }
}
