//! What went wrong, in plain words, with what to do.

use crate::domain::key::Standing;
use crate::domain::{InstanceId, Region};

use super::{Html, T, region, say};

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
    /// No access yet.
    no_access = "error-key-access",
    /// The key is gone. Also for somebody else's: no stranger learns that it exists.
    not_found = "error-key-not-found",
    /// It is so already.
    unchanged = "error-key-unchanged",
    /// No traffic left, so no move.
    nothing_left = "error-key-nothing-left",
    /// Another wish is being carried out.
    busy = "error-key-busy",
    /// The panel cannot be asked now.
    silent = "error-key-silent",
}

/// As many keys as allowed.
#[must_use]
pub fn too_many(t: &T, limit: u32) -> Html {
    say!(t, "error-key-too-many", limit = limit)
}

/// The key does not serve, so the wish makes no sense.
#[must_use]
pub fn ended(t: &T, standing: Standing) -> Html {
    match standing {
        Standing::Live => say!(t, "error-key-live"),
        Standing::Suspended => say!(t, "error-key-ended-suspended"),
        Standing::Expired => say!(t, "error-key-ended-expired"),
        Standing::Exhausted => say!(t, "error-key-ended-exhausted"),
        Standing::Revoked => say!(t, "error-key-ended-revoked"),
    }
}

/// A location that is not offered.
#[must_use]
pub fn no_location(t: &T, region: &Region) -> Html {
    say!(t, "error-key-location", location = region::label(t, region))
}

/// An instance that takes no keys.
#[must_use]
pub fn no_instance(t: &T, instance: &InstanceId) -> Html {
    say!(t, "error-key-instance", instance = Html::code(t, instance.as_str()))
}
