//! Greeting, menu, and the small answers of a chat.

use crate::domain::UserId;

use super::{Html, T, html, plain, say};

/// To whom a greeting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greeting {
    /// May have a key, and has none.
    First,
    /// Has a key.
    Back,
    /// May ask for access.
    MayAsk,
}

/// The answer to `/start`. Those who wait, were refused or need an invitation get theirs from [`super::access`].
#[must_use]
pub fn hello(t: &T, name: &str, greeting: Greeting) -> Html {
    let name = html::name(name);
    match greeting {
        Greeting::First => say!(t, "user-hello", name = name),
        Greeting::Back => say!(t, "user-hello-back", name = name),
        Greeting::MayAsk => say!(t, "user-hello-ask", name = name),
    }
}

/// Which language? Shown to people who may not read this one, so the buttons are in theirs.
#[must_use]
pub fn language_choose(t: &T) -> Html {
    say!(t, "user-language-choose")
}

/// The new language's first word; a toast.
#[must_use]
pub fn language_changed(t: &T) -> String {
    plain!(t, "user-language-changed")
}

/// A person's own id.
#[must_use]
pub fn id(t: &T, user: UserId) -> Html {
    say!(t, "user-id", id = Html::code(t, &user.to_string()))
}

/// To whoever starts a bot without admins: how to become one.
#[must_use]
pub fn setup_no_admins(t: &T, user: UserId) -> Html {
    say!(t, "user-setup-no-admins", line = Html::code(t, &format!("ADMIN_IDS={user}")))
}

/// What somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Something.
    Any,
    /// A first key.
    Key,
    /// Another location.
    Move,
    /// A new link.
    Reset,
    /// A check.
    Check,
}

/// Shown when a wish takes longer than a second.
#[must_use]
pub fn working(t: &T, work: Work) -> Html {
    match work {
        Work::Any => say!(t, "user-working"),
        Work::Key => say!(t, "user-working-key"),
        Work::Move => say!(t, "user-working-move"),
        Work::Reset => say!(t, "user-working-reset"),
        Work::Check => say!(t, "user-working-check"),
    }
}

/// The answer to words that mean nothing here.
#[must_use]
pub fn text_unknown(t: &T) -> Html {
    say!(t, "user-text-unknown")
}

/// The answer to a very long message.
#[must_use]
pub fn text_long(t: &T) -> Html {
    say!(t, "user-text-long")
}

/// The answer to a command that does not exist, or not for this person.
#[must_use]
pub fn command_unknown(t: &T) -> Html {
    say!(t, "user-command-unknown")
}

/// The answer to a picture, a sticker, a voice message.
#[must_use]
pub fn media_unknown(t: &T) -> Html {
    say!(t, "user-media-unknown")
}

/// Above a new menu, after a button of an old one.
#[must_use]
pub fn menu_old(t: &T) -> Html {
    say!(t, "user-menu-old")
}

/// The same as a toast.
#[must_use]
pub fn menu_old_toast(t: &T) -> String {
    plain!(t, "user-menu-old-toast")
}

/// A toast for a forged button, or one of somebody else's message.
#[must_use]
pub fn button_foreign(t: &T) -> String {
    plain!(t, "user-button-foreign")
}

/// A toast for too many presses.
#[must_use]
pub fn slow_down(t: &T) -> String {
    plain!(t, "user-slow-down")
}

/// In a group: what may be shown only in private.
#[must_use]
pub fn private_only(t: &T) -> Html {
    say!(t, "user-private-only")
}

/// Something of ours failed.
#[must_use]
pub fn failed(t: &T) -> Html {
    say!(t, "user-failed")
}
