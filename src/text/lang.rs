//! The languages, and which of them a person most likely reads.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// A language that all messages exist in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
    /// Persian.
    Fa,
}

/// The text names no language we speak.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a language is one of en, ru, fa")]
pub struct UnknownLanguage;

impl Lang {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::En, Self::Ru, Self::Fa];

    /// The code, as stored: `en`, `ru` or `fa`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::Fa => "fa",
        }
    }

    /// The language's name in itself, with a sign that people know it by.
    #[must_use]
    pub fn native_name(self) -> &'static str {
        match self {
            Self::En => "🇬🇧 English",
            Self::Ru => "🇷🇺 Русский",
            Self::Fa => "🇮🇷 فارسی",
        }
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub fn is_rtl(self) -> bool {
        match self {
            Self::Fa => true,
            Self::En | Self::Ru => false,
        }
    }

    /// The language for what Telegram calls a user's `language_code` (an IETF tag such as `pt-br`), or `None` when
    /// it is neither one of ours nor akin to one. Akin: most of its speakers read ours.
    #[must_use]
    pub fn from_telegram(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "en" => Some(Self::En),
            "ru" | "uk" | "be" | "kk" | "ky" | "uz" | "tg" | "tk" | "tt" | "ba" | "cv" | "ce" | "hy" => {
                Some(Self::Ru)
            }
            "fa" | "prs" | "ps" | "ckb" | "mzn" | "glk" | "azb" => Some(Self::Fa),
            _ => None,
        }
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        self.code().parse().expect("each code is a language identifier")
    }
}

impl FromStr for Lang {
    type Err = UnknownLanguage;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|lang| lang.code() == text).ok_or(UnknownLanguage)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("en-US", Some(Lang::En))]
    #[case("ru", Some(Lang::Ru))]
    #[case("uk", Some(Lang::Ru))]
    #[case("kk", Some(Lang::Ru))]
    #[case("fa-IR", Some(Lang::Fa))]
    #[case("prs", Some(Lang::Fa))]
    #[case("pt-br", None)]
    #[case("", None)]
    fn a_telegram_code_finds_its_language(#[case] code: &str, #[case] lang: Option<Lang>) {
        assert_eq!(Lang::from_telegram(code), lang);
    }

    #[test]
    fn codes_are_read_back() {
        for lang in Lang::ALL {
            assert_eq!(lang.code().parse(), Ok(lang));
        }
        assert_eq!("de".parse::<Lang>(), Err(UnknownLanguage));
    }
}
