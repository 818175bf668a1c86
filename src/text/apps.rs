//! Which app for which device, and how to set it up: data, from a file that operators can replace.
//!
//! The file names its systems and, for each, apps in the order of recommendation, with steps in every language. See
//! `locales/apps.yaml` for its form; it is the one built in. Telegram's buttons open only web addresses, so the one-tap
//! import links of apps (`hiddify://…`) are for web pages; in chat people copy their key.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::Lang;

const BUILT_IN: &str = include_str!("../../locales/apps.yaml");

/// Where the key goes in an import link.
const IMPORT_PLACES: [&str; 3] = ["{url}", "{raw_url}", "{base64url}"];

/// What a device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Android.
    Android,
    /// iPhone, iPad.
    Ios,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
    /// Linux.
    Linux,
}

/// The text names no system.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a system is one of android, ios, windows, macos, linux")]
pub struct UnknownSystem;

impl System {
    /// All of them, the most common first.
    pub const ALL: [Self; 5] = [Self::Android, Self::Ios, Self::Windows, Self::Macos, Self::Linux];

    /// The word in the file and in callbacks.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Windows => "windows",
            Self::Macos => "macos",
            Self::Linux => "linux",
        }
    }
}

impl FromStr for System {
    type Err = UnknownSystem;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|system| system.code() == text).ok_or(UnknownSystem)
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An app that takes keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Short name for callbacks: 1 to 16 of `a-z` and `0-9`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where people get it: a store or a download page.
    pub download: String,
    /// Another place to get it, for when the first is closed to them.
    #[serde(default)]
    pub download_other: Option<String>,
    /// A one-tap import link with `{url}` (percent-encoded), `{raw_url}`, `{base64url}` and `{name}` in it.
    #[serde(default)]
    pub import: Option<String>,
    /// What to do, by language.
    pub steps: BTreeMap<String, Vec<String>>,
}

impl App {
    /// What to do, in `lang`.
    #[must_use]
    pub fn steps(&self, lang: Lang) -> &[String] {
        self.steps.get(lang.code()).or_else(|| self.steps.get(Lang::En.code())).map_or(&[], Vec::as_slice)
    }

    /// The link that puts the key behind `url` into the app with one tap, if it has such links.
    #[must_use]
    pub fn import_link(&self, url: &str, name: &str) -> Option<String> {
        let template = self.import.as_ref()?;
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        // In a path or fragment a plus is a plus, so a space is always written as %20.
        let encoded = |text: &str| encoded(text).replace('+', "%20");
        Some(
            template
                .replace("{url}", &encoded(url))
                .replace("{base64url}", &URL_SAFE_NO_PAD.encode(url))
                .replace("{name}", &encoded(name))
                .replace("{raw_url}", url),
        )
    }
}

/// All apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apps {
    systems: BTreeMap<System, Vec<App>>,
}

/// Why a file of apps cannot be used: every mistake, each with its place.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the apps file cannot be used:\n{}", .0.iter().map(|mistake| format!("- {mistake}")).collect::<Vec<_>>().join("\n"))]
pub struct InvalidApps(pub Vec<String>);

impl Apps {
    /// The apps built into the program.
    #[must_use]
    pub fn built_in() -> Self {
        BUILT_IN.parse().expect("the built-in file is tested")
    }

    /// The apps for a system, the recommended one first; never empty.
    #[must_use]
    pub fn on(&self, system: System) -> &[App] {
        self.systems.get(&system).map_or(&[], Vec::as_slice)
    }

    /// One app.
    #[must_use]
    pub fn find(&self, system: System, id: &str) -> Option<&App> {
        self.on(system).iter().find(|app| app.id == id)
    }
}

impl FromStr for Apps {
    type Err = InvalidApps;

    /// Reads a file and reports all its mistakes together.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let file: BTreeMap<String, Vec<serde_yaml_ng::Value>> = serde_yaml_ng::from_str(text)
            .map_err(|error| InvalidApps(vec![format!("it is no list of apps by system: {error}")]))?;
        let mut mistakes = Vec::new();
        let mut systems = BTreeMap::new();
        for (code, entries) in file {
            let Ok(system) = code.parse::<System>() else {
                mistakes.push(format!("{code}: no such system; write android, ios, windows, macos or linux"));
                continue;
            };
            let mut apps = Vec::new();
            for (place, entry) in entries.into_iter().enumerate() {
                let place = format!("{code}, app {}", place + 1);
                match serde_yaml_ng::from_value::<App>(entry) {
                    Ok(app) => {
                        mistakes.extend(app.mistakes().into_iter().map(|what| format!("{place}: {what}")));
                        apps.push(app);
                    }
                    Err(error) => mistakes.push(format!("{place}: {error}")),
                }
            }
            let mut seen = HashSet::new();
            for app in apps.iter().filter(|app| !seen.insert(app.id.as_str())) {
                mistakes.push(format!("{code}: the id {} stands there twice", app.id));
            }
            systems.insert(system, apps);
        }
        for system in System::ALL {
            if systems.get(&system).is_none_or(Vec::is_empty)
                && !mistakes.iter().any(|m| m.starts_with(system.code()))
            {
                mistakes.push(format!("{system}: no app; give at least one"));
            }
        }
        if mistakes.is_empty() { Ok(Self { systems }) } else { Err(InvalidApps(mistakes)) }
    }
}

impl App {
    fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let plain = self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !plain || !(1..=16).contains(&self.id.len()) {
            mistakes.push(format!("the id {:?} must be 1 to 16 letters a-z or digits", self.id));
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 32 {
            mistakes.push("the name must have 1 to 32 characters".into());
        }
        for address in [Some(&self.download), self.download_other.as_ref()].into_iter().flatten() {
            let web = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
            if !web {
                mistakes
                    .push(format!("{address:?} is no web address; Telegram opens only https:// and http://"));
            }
        }
        let has_place = |import: &String| IMPORT_PLACES.iter().any(|place| import.contains(place));
        if !self.import.as_ref().is_none_or(has_place) {
            mistakes.push("import must have {url}, {raw_url} or {base64url} where the key goes".into());
        }
        for lang in Lang::ALL {
            match self.steps.get(lang.code()) {
                Some(steps) if (1..=8).contains(&steps.len()) => {
                    if steps.iter().any(|step| step.trim().is_empty() || step.chars().count() > 300) {
                        mistakes.push(format!("each step in {lang} must have 1 to 300 characters"));
                    }
                }
                Some(_) => mistakes.push(format!("give 1 to 8 steps in {lang}")),
                None => mistakes.push(format!("the steps in {lang} are missing")),
            }
        }
        for code in self.steps.keys().filter(|code| code.parse::<Lang>().is_err()) {
            mistakes.push(format!("steps in {code:?}: no such language; write en, ru, fa"));
        }
        mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_serves_every_system() {
        let apps = Apps::built_in();
        for system in System::ALL {
            assert!(apps.on(system).len() >= 2, "{system} has an alternative");
            assert!(apps.on(system).iter().all(|app| apps.find(system, &app.id) == Some(app)));
        }
    }

    #[test]
    fn a_key_goes_into_each_app_with_one_tap() {
        let apps = Apps::built_in();
        let link = |system, id| {
            apps.find(system, id)
                .unwrap()
                .import_link("https://vpn.example.com/sub/a+b?x=1", "My key")
                .unwrap()
        };
        insta::assert_snapshot!(link(System::Android, "v2rayng"), @"v2rayng://install-sub?url=https%3A%2F%2Fvpn.example.com%2Fsub%2Fa%2Bb%3Fx%3D1&name=My%20key");
        insta::assert_snapshot!(link(System::Windows, "hiddify"), @"hiddify://import/https://vpn.example.com/sub/a+b?x=1#My%20key");
        insta::assert_snapshot!(link(System::Ios, "shadowrocket"), @"shadowrocket://add/sub://aHR0cHM6Ly92cG4uZXhhbXBsZS5jb20vc3ViL2ErYj94PTE?remark=My%20key");
    }

    #[test]
    fn all_mistakes_of_a_file_are_told_at_once() {
        let mistakes = |text: &str| text.parse::<Apps>().unwrap_err().to_string();
        insta::assert_snapshot!(mistakes("- no\n- map"), @"
        the apps file cannot be used:
        - it is no list of apps by system: invalid type: sequence, expected a map
        ");
        insta::assert_snapshot!(mistakes("
symbian: []
ios: []
macos: [{ id: a, name: A }]
linux: [{ id: a, name: A, download: 'https://a.example', colour: red, steps: {} }]
windows:
  - { id: a, name: A, download: 'https://a.example', steps: { en: [x], ru: [x], fa: [x] } }
  - { id: a, name: A, download: 'https://a.example', steps: { en: [x], ru: [x], fa: [x] } }
android:
  - { id: A b, name: '', download: 'market://x', import: 'x://y', steps: { en: [], ru: [''], de: [x] } }
"), @r#"
        the apps file cannot be used:
        - android, app 1: the id "A b" must be 1 to 16 letters a-z or digits
        - android, app 1: the name must have 1 to 32 characters
        - android, app 1: "market://x" is no web address; Telegram opens only https:// and http://
        - android, app 1: import must have {url}, {raw_url} or {base64url} where the key goes
        - android, app 1: give 1 to 8 steps in en
        - android, app 1: each step in ru must have 1 to 300 characters
        - android, app 1: the steps in fa are missing
        - android, app 1: steps in "de": no such language; write en, ru, fa
        - linux, app 1: unknown field `colour`, expected one of `id`, `name`, `download`, `download_other`, `import`, `steps`
        - macos, app 1: missing field `download`
        - symbian: no such system; write android, ios, windows, macos or linux
        - windows: the id a stands there twice
        - ios: no app; give at least one
        "#);
    }
}
