//! Who may have a key: what is said to those who ask.

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
    /// The invitation is good.
    invite_welcome = "access-invite-welcome",
    /// The person had access before.
    invite_already = "access-invite-already",
    /// No such code.
    invite_unknown = "access-invite-unknown",
    /// Used as often as it may.
    invite_used_up = "access-invite-used-up",
    /// Over, or taken back.
    invite_expired = "access-invite-expired",
}
