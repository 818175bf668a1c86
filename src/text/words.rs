//! All languages, loaded once.

use std::sync::Arc;

use chrono_tz::Tz;
use fluent::FluentValue;
use i18n_embed::LanguageLoader;
use i18n_embed::fluent::FluentLanguageLoader;
use rust_embed::RustEmbed;

use super::{Html, Lang, html, number};

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Locales;

/// All languages.
#[derive(Clone)]
pub struct Words {
    languages: [T; 3],
}

/// One language, and the time zone dates are shown in. Cheap to clone.
#[derive(Clone)]
pub struct T(Arc<Inner>);

struct Inner {
    lang: Lang,
    zone: Tz,
    loader: FluentLanguageLoader,
}

impl Words {
    /// The languages built into the program, with dates in `zone`.
    #[must_use]
    pub fn load(zone: Tz) -> Self {
        let base = FluentLanguageLoader::new("karvan", Lang::En.identifier());
        base.load_languages(&Locales, &Lang::ALL.map(Lang::identifier))
            .expect("the locales are part of the program and tested");
        // Fluent's own isolates would surround every number and code, and be copied with them.
        base.set_use_isolating(false);
        base.with_bundles_mut(|bundle| {
            let language = bundle.locales.first().map(|locale| locale.language.as_str());
            match language {
                Some("ru") => bundle.set_formatter(Some(|value, _| written(Lang::Ru, value))),
                Some("fa") => bundle.set_formatter(Some(|value, _| written(Lang::Fa, value))),
                _ => bundle.set_formatter(Some(|value, _| written(Lang::En, value))),
            }
        });
        let language = |lang: Lang| {
            let loader = base.select_languages(&[lang.identifier()]);
            T(Arc::new(Inner { lang, zone, loader }))
        };
        Self { languages: Lang::ALL.map(language) }
    }

    /// One language.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &T {
        match lang {
            Lang::En => &self.languages[0],
            Lang::Ru => &self.languages[1],
            Lang::Fa => &self.languages[2],
        }
    }
}

impl T {
    /// The language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.0.lang
    }

    /// Where the reader's days begin.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.0.zone
    }

    pub(super) fn loader(&self) -> &FluentLanguageLoader {
        &self.0.loader
    }
}

fn written(lang: Lang, value: &FluentValue) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(number::decimal(lang, number.value, 2)),
        FluentValue::String(_) | FluentValue::Custom(_) | FluentValue::None | FluentValue::Error => None,
    }
}

/// What can stand in a message's place for an argument.
pub trait Slot {
    /// Within HTML.
    fn html(self, t: &T) -> FluentValue<'static>;
    /// Within plain text.
    fn plain(self, t: &T) -> FluentValue<'static>;
}

impl Slot for &str {
    fn html(self, t: &T) -> FluentValue<'static> {
        html::embed_html(t, self).into()
    }
    fn plain(self, t: &T) -> FluentValue<'static> {
        html::embed(t, self).into()
    }
}

impl Slot for &String {
    fn html(self, t: &T) -> FluentValue<'static> {
        self.as_str().html(t)
    }
    fn plain(self, t: &T) -> FluentValue<'static> {
        self.as_str().plain(t)
    }
}

impl Slot for String {
    fn html(self, t: &T) -> FluentValue<'static> {
        self.as_str().html(t)
    }
    fn plain(self, t: &T) -> FluentValue<'static> {
        self.as_str().plain(t)
    }
}

impl Slot for Html {
    fn html(self, _: &T) -> FluentValue<'static> {
        self.into_string().into()
    }
    fn plain(self, _: &T) -> FluentValue<'static> {
        self.to_plain().into()
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Slot for $number {
            fn html(self, _: &T) -> FluentValue<'static> {
                self.into()
            }
            fn plain(self, _: &T) -> FluentValue<'static> {
                self.into()
            }
        }
    )+};
}
numbers!(u8, u16, u32, u64, usize, i32, i64, f64);
