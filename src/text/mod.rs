//! Every word a person reads: languages, numbers, dates, guides.
//!
//! Messages are functions with typed arguments, so whoever sends them holds no words. The words stand in
//! `locales/<language>/karvan.ftl` (Fluent); keys and arguments are checked at compile time against English, and
//! `tests/locales.rs` holds the other languages to the same keys and arguments.
//!
//! - [`Words`] holds all languages, [`T`] one of them: cheap to clone, handed to every function here.
//! - [`Html`] is text that Telegram will take. Whatever users or panels wrote is escaped on the way in.
//! - [`number`], [`time`], [`region`]: how figures, dates and countries look to the reader.
//! - [`apps`]: which app for which device, and the steps, from a file that operators can replace.
//! - [`button`], [`user`], [`key`], [`help`], [`access`], [`claim`], [`error`], [`notice`], [`command`]: what the chat says.
//! - [`page`]: what the page behind a link says.
//! - [`warning`]: what owners of keys are told once.
//! - [`admin`], [`alert`], [`incident`], [`summary`]: what admins read; [`chart`] is what they look at.
//!
//! Absent on purpose: who gets which message when, and anything of Telegram's but its HTML.

pub mod access;
pub mod admin;
pub mod alert;
pub mod apps;
pub mod button;
pub mod chart;
pub mod claim;
pub mod command;
pub mod error;
pub mod guide;
pub mod help;
mod html;
pub mod incident;
pub mod key;
mod lang;
pub mod link;
pub mod notice;
pub mod number;
pub mod page;
pub mod qr;
pub mod region;
pub mod summary;
pub mod time;
pub mod user;
pub mod warning;
mod words;

pub use html::Html;
pub use lang::{Lang, UnknownLanguage};
pub use words::{Slot, T, Words};

/// A message as [`Html`]: strings given to it are escaped, [`Html`] goes in as it is, numbers are written as the
/// reader writes them.
macro_rules! say {
    ($t:expr, $id:literal $(,)?) => {
        $crate::text::Html::trusted(i18n_embed_fl::fl!($t.loader(), $id))
    };
    ($t:expr, $id:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::text::Html::trusted(i18n_embed_fl::fl!(
            $t.loader(), $id, $($name = $crate::text::Slot::html($value, $t)),+
        ))
    };
}

/// A message as plain text, for buttons, toasts and lists of commands.
macro_rules! plain {
    ($t:expr, $id:literal $(,)?) => {
        i18n_embed_fl::fl!($t.loader(), $id)
    };
    ($t:expr, $id:literal, $($name:ident = $value:expr),+ $(,)?) => {
        i18n_embed_fl::fl!($t.loader(), $id, $($name = $crate::text::Slot::plain($value, $t)),+)
    };
}

pub(crate) use {plain, say};
