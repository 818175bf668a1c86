//! Who may have a key: what is said to those who ask.

use crate::service::access::{AccessState, Redeemed};

use super::user::{self, Greeting};
use super::{Html, T, say};

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
