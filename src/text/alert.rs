//! What admins are told unasked.

use crate::domain::Region;

use super::{Html, T, error, region, say};

/// A panel needs a person. `problem` is the short machine word of its failure.
#[must_use]
pub fn instance(t: &T, name: &str, problem: &str) -> Html {
    say!(t, "alert-instance", name = name, problem = error::problem(t, problem))
}

/// Keys wait for room, everywhere or in one location.
#[must_use]
pub fn no_room(t: &T, region: Option<&Region>) -> Html {
    match region {
        Some(region) => say!(t, "alert-no-room-in", location = region::label(t, region)),
        None => say!(t, "alert-no-room"),
    }
}
