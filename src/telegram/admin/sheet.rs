//! What was answered so far about a panel that is being added. Pure.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::domain::Region;
use crate::domain::instance::{AdminState, BaseUrl, Connection, Instance, Mode, PanelKind, Weight};
use crate::service::fleet::{Draft, Edit};
use crate::text::admin::addnode::Question;

/// What was answered so far. It is kept between two messages, sealed like every step of a conversation.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Where its API is.
    pub address: Option<BaseUrl>,
    /// The login.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Where its traffic leaves the network.
    pub region: Option<Region>,
    /// What people call it.
    pub name: Option<String>,
    /// At most so many keys.
    pub cap: Option<u32>,
    /// What the test of address and login found.
    pub test: Test,
    /// The operator's remark.
    pub note: String,
    /// Who hosts it.
    pub provider: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Tier.
    pub priority: u16,
    /// Share within the tier.
    pub weight: Weight,
    /// How it is reached.
    pub connection: Connection,
}

/// What the test of address and login found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Not tested since the last change.
    Due,
    /// It works.
    Good,
    /// It failed, with this short machine word; `accepted`: the admin goes on all the same.
    Bad {
        /// The word.
        problem: String,
        /// Go on.
        accepted: bool,
    },
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A question.
    Ask(Question),
    /// The test.
    Test,
    /// All is answered.
    Review,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            address: None,
            username: None,
            password: None,
            region: None,
            name: None,
            cap: None,
            test: Test::Due,
            note: String::new(),
            provider: None,
            tags: Vec::new(),
            priority: 1,
            weight: Weight::ONE,
            connection: Connection::default(),
        }
    }
}

/// Secrets never reach a log.
impl fmt::Debug for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sheet(…)")
    }
}

impl Sheet {
    /// What comes next: what is missing to test it, the test, what is missing to save it.
    #[must_use]
    pub fn next(&self) -> Next {
        if self.address.is_none() {
            Next::Ask(Question::Address)
        } else if self.username.is_none() {
            Next::Ask(Question::Username)
        } else if self.password.is_none() {
            Next::Ask(Question::Password)
        } else if matches!(self.test, Test::Due | Test::Bad { accepted: false, .. }) {
            Next::Test
        } else if self.region.is_none() {
            Next::Ask(Question::Region)
        } else if self.name.is_none() {
            Next::Ask(Question::Name)
        } else if self.cap.is_none() {
            Next::Ask(Question::Cap)
        } else {
            Next::Review
        }
    }

    /// Forgets the answer to a question, to ask it again. A login is forgotten whole: a password belongs to its name.
    pub fn forget(&mut self, question: Question) {
        match question {
            Question::Address => self.address = None,
            Question::Username | Question::Password => {
                self.username = None;
                self.password = None;
            }
            Question::Region => self.region = None,
            Question::Name => self.name = None,
            Question::Cap => self.cap = None,
        }
        if matches!(question, Question::Address | Question::Username | Question::Password) {
            self.test = Test::Due;
        }
    }

    /// Takes in one field. What changes the way to the panel makes the test due again.
    pub fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Name(name) => self.name = Some(name),
            Edit::Note(note) => self.note = note,
            Edit::BaseUrl(address) => {
                self.address = Some(address);
                self.test = Test::Due;
            }
            Edit::Login(username, password) => {
                self.username = Some(username);
                self.password = Some(password.expose_secret().to_owned());
                self.test = Test::Due;
            }
            Edit::Region(region) => self.region = Some(region),
            Edit::Provider(provider) => self.provider = provider,
            Edit::Tags(tags) => self.tags = tags,
            Edit::Priority(priority) => self.priority = priority,
            Edit::Weight(weight) => self.weight = weight,
            Edit::MaxUsers(cap) => self.cap = Some(cap),
            Edit::Connection(connection) => {
                self.connection = connection;
                self.test = Test::Due;
            }
            // A new panel is there to be used.
            Edit::Mode(_) => {}
        }
    }

    /// The panel as far as it can be tested; `None` while address or login is missing.
    #[must_use]
    pub fn to_test(&self) -> Option<Draft> {
        let unknown: Region = "zz".parse().expect("two letters");
        self.drafted(
            self.name.clone().unwrap_or_default(),
            self.region.clone().unwrap_or(unknown),
            self.cap.unwrap_or(1),
        )
    }

    /// The panel as it may be shown; `None` while address or login is missing.
    #[must_use]
    pub fn to_show(&self) -> Option<Instance> {
        let draft = self.to_test()?;
        Some(Instance {
            id: "draft".parse().expect("a valid id"),
            name: draft.name,
            note: draft.note,
            kind: draft.kind,
            mode: draft.mode,
            base_url: draft.base_url,
            username: draft.username,
            region: draft.region,
            provider: draft.provider,
            tags: draft.tags,
            admin_state: AdminState::Open,
            priority: draft.priority,
            weight: draft.weight,
            max_users: draft.max_users,
            connection: draft.connection,
            care: crate::domain::instance::Care::default(),
        })
    }

    /// The panel, once all is answered.
    #[must_use]
    pub fn draft(&self) -> Option<Draft> {
        self.drafted(self.name.clone()?, self.region.clone()?, self.cap?)
    }

    fn drafted(&self, name: String, region: Region, max_users: u32) -> Option<Draft> {
        Some(Draft {
            id: None,
            name,
            note: self.note.clone(),
            kind: PanelKind::Marzban,
            mode: Mode::Manage,
            base_url: self.address.clone()?,
            username: self.username.clone()?,
            password: SecretString::from(self.password.clone()?),
            region,
            provider: self.provider.clone(),
            tags: self.tags.clone(),
            priority: self.priority,
            weight: self.weight,
            max_users,
            connection: self.connection.clone(),
        })
    }

    /// A location that the host's name hints at: `de1.example.com`, `vpn.example.nl`.
    #[must_use]
    pub fn hinted_region(&self) -> Option<Region> {
        hinted(self.address.as_ref()?.as_str())
    }
}

fn hinted(address: &str) -> Option<Region> {
    // Endings of countries that people take for their sound.
    const SOUNDS: [&str; 14] =
        ["ai", "cc", "co", "fm", "gg", "io", "ly", "me", "sh", "so", "to", "tv", "ws", "pw"];
    let host = url::Url::parse(address).ok()?.host_str()?.to_ascii_lowercase();
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return None;
    }
    let (names, ending) = host.rsplit_once('.')?;
    // `de1`, `fi-2`: two letters with something behind them; `co` alone is no country.
    let stem = |name: &str| name.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
    let named = names.split('.').map(|name| (name, stem(name)));
    let named = named.filter(|(name, stem)| stem.len() == 2 && name.len() > 2).map(|(_, stem)| stem).next();
    let ending = (ending.len() == 2 && !SOUNDS.contains(&ending)).then(|| ending.to_owned());
    let code = named.or(ending)?;
    let code = if code == "uk" { "gb" } else { code.as_str() };
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://vpn.example.de:8000", Some("de"))]
    #[case("https://nl1.example.com", Some("nl"))]
    #[case("https://fi-2.example.com", Some("fi"))]
    #[case("https://panel.example.co.uk", Some("gb"))]
    #[case("https://vpn.example.io", None)]
    #[case("https://vpn1.example.com", None)]
    #[case("http://10.0.0.1:8000", None)]
    #[case("http://[::1]:8000", None)]
    #[case("http://localhost:8000", None)]
    fn names_hint_at_locations(#[case] address: &str, #[case] code: Option<&str>) {
        assert_eq!(hinted(address).as_ref().map(Region::code), code);
    }

    #[test]
    fn a_change_of_the_way_is_tested_again() {
        let mut sheet = Sheet { test: Test::Good, ..Sheet::default() };
        sheet.apply(Edit::Name("Frankfurt".into()));
        assert_eq!(sheet.test, Test::Good);
        sheet.apply(Edit::BaseUrl("https://vpn1.example.com".parse().unwrap()));
        assert_eq!((&sheet.test, sheet.next()), (&Test::Due, Next::Ask(Question::Username)));
        sheet.apply(Edit::Login("admin".into(), "secret".into()));
        assert_eq!(sheet.next(), Next::Test);
        sheet.test = Test::Bad { problem: "refused".into(), accepted: true };
        assert_eq!(sheet.next(), Next::Ask(Question::Region));
        assert!(sheet.draft().is_none());
        assert!(!format!("{sheet:?}").contains("secret"));
        sheet.forget(Question::Password);
        assert_eq!(sheet.next(), Next::Ask(Question::Username));
    }
}
