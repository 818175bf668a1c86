//! What a button sends back to us: one enum, written in at most 64 bytes.
//!
//! Old messages keep old buttons, and anybody can forge what a button sends: the text is parsed into a value or refused,
//! and the services check whose key it is. Ids only; never a word, a link or a right.

use std::fmt;
use std::str::FromStr;

use super::admin::press::AdminPress;
use crate::domain::{ConfigId, Region, UserId};
use crate::text::Lang;
use crate::text::apps::System;

/// Telegram takes 1 to 64 bytes.
pub const LONGEST: usize = 64;

/// What a button sends back to us.
///
/// `have` says how many keys the person had when the button was shown, and `screen` is the number of the screen it stood
/// on (set by [`Screen::stamped`](super::screen::Screen::stamped)): a button pressed twice has its effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    /// The menu.
    Home,
    /// Away with this message.
    Close,
    /// Leave whatever was being asked.
    Cancel,
    /// What the bot can do.
    Help,
    /// Choose a language.
    Languages,
    /// This language.
    Speak(Lang),
    /// Ask the admins for access.
    AskAccess,
    /// All keys of the person.
    Keys,
    /// A new key, here or wherever there is most room.
    GetKey {
        /// How many keys the person had.
        have: u32,
        /// Where.
        region: Option<Region>,
    },
    /// A key's card.
    Key(ConfigId),
    /// Which device is it for?
    Devices(ConfigId),
    /// The app for a device; the first is the recommended one.
    App {
        /// The key to set up.
        config: ConfigId,
        /// The device.
        system: System,
        /// Which of the apps.
        app: u8,
    },
    /// All apps for a device.
    Apps {
        /// The key to set up.
        config: ConfigId,
        /// The device.
        system: System,
    },
    /// Where could the key lead?
    Locations(ConfigId),
    /// Lead it there.
    Relocate {
        /// The key.
        config: ConfigId,
        /// Where; `None` is automatic.
        region: Option<Region>,
        /// The screen it stands on.
        screen: i64,
    },
    /// Check the account and repair it.
    Refresh(ConfigId),
    /// What is rarely needed.
    More(ConfigId),
    /// Make a new link? Asks first.
    ResetAsk(ConfigId),
    /// Make a new link.
    Reset {
        /// The key.
        config: ConfigId,
        /// The screen it stands on.
        screen: i64,
    },
    /// The bare keys.
    Links(ConfigId),
    /// The link as a picture.
    Qr(ConfigId),
    /// It does not work.
    Broken(ConfigId),
    /// It works, or does not: the answer to our question after a first key.
    Verdict {
        /// The key.
        config: ConfigId,
        /// Whether it works.
        works: bool,
    },
    /// For admins: let a person in, with limits of their own or the defaults.
    Grant {
        /// Who.
        user: UserId,
        /// How long their keys last.
        days: Option<u32>,
        /// How much their keys may use, in GiB.
        gb: Option<u32>,
    },
    /// For admins: with which limits?
    GrantChoices(UserId),
    /// For admins: the card of a request again.
    GrantCard(UserId),
    /// For admins: yes after all, where the answer had been no.
    GrantAfterAll(UserId),
    /// For admins: no.
    Deny(UserId),
    /// For admins: everything else.
    Admin(AdminPress),
}

/// The text comes from no button of ours, or from one of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no button of this version sends that")]
pub struct UnknownCallback;

impl Callback {
    /// Whether only admins may press it.
    #[must_use]
    pub fn is_for_admins(&self) -> bool {
        matches!(
            self,
            Self::Grant { .. }
                | Self::GrantChoices(_)
                | Self::GrantCard(_)
                | Self::GrantAfterAll(_)
                | Self::Deny(_)
                | Self::Admin(_)
        )
    }
}

/// `-` stands for none.
fn opt<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "-".into(), ToString::to_string)
}

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("m"),
            Self::Close => f.write_str("x"),
            Self::Cancel => f.write_str("c"),
            Self::Help => f.write_str("h"),
            Self::Languages => f.write_str("la"),
            Self::Speak(lang) => write!(f, "sp:{lang}"),
            Self::AskAccess => f.write_str("aa"),
            Self::Keys => f.write_str("ks"),
            Self::GetKey { have, region } => write!(f, "g:{have}:{}", opt(region.as_ref())),
            Self::Key(config) => write!(f, "k:{config}"),
            Self::Devices(config) => write!(f, "d:{config}"),
            Self::App { config, system, app } => write!(f, "a:{config}:{system}:{app}"),
            Self::Apps { config, system } => write!(f, "as:{config}:{system}"),
            Self::Locations(config) => write!(f, "l:{config}"),
            Self::Relocate { config, region, screen } => {
                write!(f, "to:{config}:{}:{screen}", opt(region.as_ref()))
            }
            Self::Refresh(config) => write!(f, "r:{config}"),
            Self::More(config) => write!(f, "mo:{config}"),
            Self::ResetAsk(config) => write!(f, "ra:{config}"),
            Self::Reset { config, screen } => write!(f, "rs:{config}:{screen}"),
            Self::Links(config) => write!(f, "b:{config}"),
            Self::Qr(config) => write!(f, "q:{config}"),
            Self::Broken(config) => write!(f, "t:{config}"),
            Self::Verdict { config, works } => write!(f, "v:{config}:{}", u8::from(*works)),
            Self::Grant { user, days, gb } => {
                write!(f, "ok:{user}:{}:{}", opt(days.as_ref()), opt(gb.as_ref()))
            }
            Self::GrantChoices(user) => write!(f, "oc:{user}"),
            Self::GrantCard(user) => write!(f, "or:{user}"),
            Self::GrantAfterAll(user) => write!(f, "oa:{user}"),
            Self::Deny(user) => write!(f, "no:{user}"),
            Self::Admin(press) => write!(f, "A:{press}"),
        }
    }
}

/// The parts of callback data, taken one after the other.
pub(super) struct Parts<'a>(std::str::Split<'a, char>);

impl<'a> Parts<'a> {
    /// The parts of `text`.
    pub(super) fn of(text: &'a str) -> Self {
        Self(text.split(':'))
    }

    /// The next part.
    pub(super) fn next<T: FromStr>(&mut self) -> Result<T, UnknownCallback> {
        self.0.next().and_then(|part| part.parse().ok()).ok_or(UnknownCallback)
    }

    /// The next part, where `-` stands for none.
    pub(super) fn next_opt<T: FromStr>(&mut self) -> Result<Option<T>, UnknownCallback> {
        match self.0.next() {
            Some("-") => Ok(None),
            Some(part) => part.parse().map(Some).map_err(|_| UnknownCallback),
            None => Err(UnknownCallback),
        }
    }

    /// `value`, if nothing is left over.
    pub(super) fn end<T>(mut self, value: T) -> Result<T, UnknownCallback> {
        if self.0.next().is_none() { Ok(value) } else { Err(UnknownCallback) }
    }
}

impl FromStr for Callback {
    type Err = UnknownCallback;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(press) = text.strip_prefix("A:") {
            return press.parse().map(Self::Admin);
        }
        let mut parts = Parts::of(text);
        let tag: String = parts.next()?;
        let callback = match tag.as_str() {
            "m" => Self::Home,
            "x" => Self::Close,
            "c" => Self::Cancel,
            "h" => Self::Help,
            "la" => Self::Languages,
            "sp" => Self::Speak(parts.next()?),
            "aa" => Self::AskAccess,
            "ks" => Self::Keys,
            "g" => Self::GetKey { have: parts.next()?, region: parts.next_opt()? },
            "k" => Self::Key(parts.next()?),
            "d" => Self::Devices(parts.next()?),
            "a" => Self::App { config: parts.next()?, system: parts.next()?, app: parts.next()? },
            "as" => Self::Apps { config: parts.next()?, system: parts.next()? },
            "l" => Self::Locations(parts.next()?),
            "to" => {
                Self::Relocate { config: parts.next()?, region: parts.next_opt()?, screen: parts.next()? }
            }
            "r" => Self::Refresh(parts.next()?),
            "mo" => Self::More(parts.next()?),
            "ra" => Self::ResetAsk(parts.next()?),
            "rs" => Self::Reset { config: parts.next()?, screen: parts.next()? },
            "b" => Self::Links(parts.next()?),
            "q" => Self::Qr(parts.next()?),
            "t" => Self::Broken(parts.next()?),
            "v" => Self::Verdict { config: parts.next()?, works: parts.next::<u8>()? == 1 },
            "ok" => Self::Grant { user: parts.next()?, days: parts.next_opt()?, gb: parts.next_opt()? },
            "oc" => Self::GrantChoices(parts.next()?),
            "or" => Self::GrantCard(parts.next()?),
            "oa" => Self::GrantAfterAll(parts.next()?),
            "no" => Self::Deny(parts.next()?),
            _ => return Err(UnknownCallback),
        };
        parts.end(callback)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn config() -> impl Strategy<Value = ConfigId> {
        (1..=i64::MAX).prop_map(ConfigId)
    }

    fn user() -> impl Strategy<Value = UserId> {
        (1..=i64::MAX).prop_map(UserId)
    }

    fn region() -> impl Strategy<Value = Option<Region>> {
        prop::option::of("[a-z]{2}".prop_map(|code| code.parse().unwrap()))
    }

    fn any_callback() -> impl Strategy<Value = Callback> {
        let screen = 0..=i64::MAX;
        let system = || prop::sample::select(System::ALL.to_vec());
        let limit = || prop::option::of(any::<u32>());
        prop_oneof![
            prop::sample::select(vec![
                Callback::Home,
                Callback::Close,
                Callback::Cancel,
                Callback::Help,
                Callback::Languages,
                Callback::AskAccess,
                Callback::Keys,
            ]),
            prop::sample::select(Lang::ALL.to_vec()).prop_map(Callback::Speak),
            (any::<u32>(), region()).prop_map(|(have, region)| Callback::GetKey { have, region }),
            (
                prop::sample::select(vec![
                    Callback::Key,
                    Callback::Devices,
                    Callback::Locations,
                    Callback::Refresh,
                    Callback::More,
                    Callback::ResetAsk,
                    Callback::Links,
                    Callback::Qr,
                    Callback::Broken,
                ]),
                config()
            )
                .prop_map(|(of, config): (fn(ConfigId) -> Callback, _)| of(config)),
            (config(), system(), any::<u8>()).prop_map(|(config, system, app)| Callback::App {
                config,
                system,
                app
            }),
            (config(), system()).prop_map(|(config, system)| Callback::Apps { config, system }),
            (config(), region(), screen.clone()).prop_map(|(config, region, screen)| Callback::Relocate {
                config,
                region,
                screen
            }),
            (config(), screen).prop_map(|(config, screen)| Callback::Reset { config, screen }),
            (config(), any::<bool>()).prop_map(|(config, works)| Callback::Verdict { config, works }),
            (user(), limit(), limit()).prop_map(|(user, days, gb)| Callback::Grant { user, days, gb }),
            (
                prop::sample::select(vec![
                    Callback::GrantChoices,
                    Callback::GrantCard,
                    Callback::GrantAfterAll,
                    Callback::Deny
                ]),
                user()
            )
                .prop_map(|(of, user): (fn(UserId) -> Callback, _)| of(user)),
        ]
    }

    proptest! {
        #[test]
        fn callbacks_survive_telegram(callback in any_callback()) {
            let data = callback.to_string();
            prop_assert!((1..=LONGEST).contains(&data.len()), "{data}");
            prop_assert_eq!(data.parse::<Callback>(), Ok(callback));
        }

        #[test]
        fn nothing_forged_makes_it_panic(data in any::<String>()) {
            let _ = data.parse::<Callback>();
        }
    }

    #[test]
    fn half_a_button_is_none() {
        for data in ["", "k", "k:", "k:x", "k:1:2", "to:1:nl", "zz:1", "sp:de", "A:", "g:-1:nl"] {
            assert_eq!(data.parse::<Callback>(), Err(UnknownCallback), "{data}");
        }
    }
}
