//! What admins are told unasked.

use crate::domain::Region;

use super::super::{Html, T, error, region, say};

/// A panel needs a person. `problem`: the short machine word that is stored.
#[must_use]
pub fn instance(t: &T, name: &str, problem: &str) -> Html {
    say!(t, "alert-instance", name = name, problem = error::problem(t, problem))
}

/// Keys wait for room.
#[must_use]
pub fn no_room(t: &T, region: Option<&Region>) -> Html {
    match region {
        Some(region) => say!(t, "alert-no-room-in", location = region::label(t, region)),
        None => say!(t, "alert-no-room"),
    }
}
