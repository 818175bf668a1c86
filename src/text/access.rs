//! Who may have a key: what is said to those who ask.

use chrono::TimeDelta;

use crate::domain::UserId;
use crate::domain::quota::GIB;
use crate::service::access::{AccessState, Redeemed};

use super::user::{self, Greeting};
use super::{Html, T, html, number, plain, say, time};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $key:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(t: &T) -> Html {
            say!(t, $key)
        }
    )+};
}

words! {
    /// The request is on its way.
    asked = "access-asked",
    /// It was before, and has no answer yet.
    asked_before = "access-asked-before",
    /// Yes.
    granted = "access-granted",
    /// No.
    denied = "access-denied",
    /// Nobody new is taken.
    closed = "access-closed",
    /// Only with an invitation.
    invite_needed = "access-invite-needed",
}

/// The answer to `/start`, whatever may come of it. `has_key`: the person has one already.
#[must_use]
pub fn welcome(t: &T, name: &str, state: AccessState, has_key: bool) -> Html {
    match state {
        AccessState::Granted if has_key => user::hello(t, name, Greeting::Back),
        AccessState::Granted => user::hello(t, name, Greeting::First),
        AccessState::MayAsk => user::hello(t, name, Greeting::MayAsk),
        AccessState::Requested => asked_before(t),
        AccessState::Denied => denied(t),
        AccessState::NeedsInvite => invite_needed(t),
        AccessState::Closed => closed(t),
    }
}

/// What came of an invitation.
#[must_use]
pub fn redeemed(t: &T, redeemed: Redeemed) -> Html {
    match redeemed {
        Redeemed::Welcome => say!(t, "access-invite-welcome"),
        Redeemed::AlreadyIn => say!(t, "access-invite-already"),
        Redeemed::Unknown => say!(t, "access-invite-unknown"),
        Redeemed::UsedUp => say!(t, "access-invite-used-up"),
        Redeemed::Expired => say!(t, "access-invite-expired"),
    }
}

/// What was decided about a person who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Nothing yet.
    Open,
    /// Nothing yet; the limits are being chosen.
    Choosing,
    /// Yes.
    Granted,
    /// No.
    Denied,
}

/// To the admins: who asks, and what was decided.
#[must_use]
pub fn card(t: &T, name: &str, username: Option<&str>, user: UserId, decided: Decided) -> Html {
    let name = html::name(name);
    let id = Html::code(t, &user.to_string());
    let id = match username {
        Some(username) => Html::trusted(format!("{id} · {}", html::embed_html(t, &format!("@{username}")))),
        None => id,
    };
    match decided {
        Decided::Open => say!(t, "request-card", name = name, id = id),
        Decided::Choosing => say!(t, "request-limits", name = name, id = id),
        Decided::Granted => say!(t, "request-granted", name = name, id = id),
        Decided::Denied => say!(t, "request-denied", name = name, id = id),
    }
}

/// A toast: another admin was quicker.
#[must_use]
pub fn decided_before(t: &T) -> String {
    plain!(t, "request-settled")
}

/// On a button: let them in with the usual limits.
#[must_use]
pub fn grant(t: &T) -> String {
    plain!(t, "button-admin-approve")
}

/// On a button: refuse.
#[must_use]
pub fn deny(t: &T) -> String {
    plain!(t, "button-admin-deny")
}

/// On a button: let them in with other limits.
#[must_use]
pub fn limits(t: &T) -> String {
    plain!(t, "button-admin-approve-with")
}

/// On a button: so many days and so much traffic.
#[must_use]
pub fn choice(t: &T, days: u32, gb: u32) -> String {
    let span = time::span(t, TimeDelta::days(i64::from(days)));
    plain!(t, "request-choice", span = span, size = number::bytes(t, u64::from(gb) * GIB))
}
