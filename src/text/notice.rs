//! What people are told unasked.

use crate::domain::Region;
use crate::service::notice::Change;

use super::{Html, T, error, key, say};

/// What a move means for the link that the owner holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkAfter {
    /// It is ours and stays: nothing to copy anew.
    Same,
    /// There is a new one, and the old one goes on for a while.
    New,
    /// There is a new one, and the server of the old one is not there.
    NewOnly,
}

/// A key is served from another place. `asked`: its owner wished it.
#[must_use]
pub fn moved(t: &T, region: Option<&Region>, asked: bool, link: LinkAfter) -> Html {
    let location = key::place_or_none(t, region);
    let head = if asked {
        say!(t, "notice-moved-asked", location = location)
    } else {
        say!(t, "notice-moved", location = location)
    };
    let link = match link {
        LinkAfter::Same => say!(t, "notice-moved-same-link"),
        LinkAfter::New => say!(t, "notice-moved-new-link"),
        LinkAfter::NewOnly => say!(t, "notice-moved-new-link-only"),
    };
    Html::paragraphs([head, link])
}

/// A key left a dead server, and its app did not fetch since. `app`: the one that fetched last, by its own name.
#[must_use]
pub fn update_app(t: &T, app: Option<&str>) -> Html {
    let steps = match app.filter(|app| *app != "other" && *app != "Mozilla") {
        Some(app) => say!(t, "notice-update-app-named", app = app),
        None => say!(t, "notice-update-app"),
    };
    Html::paragraphs([say!(t, "notice-server-failed"), steps])
}

/// Links have another address.
#[must_use]
pub fn new_address(t: &T) -> Html {
    say!(t, "notice-new-address")
}

/// An admin changed a key.
#[must_use]
pub fn changed(t: &T, change: Change) -> Html {
    match change {
        Change::Extended => say!(t, "notice-extended"),
        Change::Suspended => say!(t, "notice-suspended"),
        Change::Resumed => say!(t, "notice-resumed"),
        Change::Revoked => say!(t, "notice-revoked"),
        Change::TrafficReset => say!(t, "notice-traffic-reset"),
    }
}

/// A wish was given up, for a reason that is stored as a short machine word.
#[must_use]
pub fn wish_failed(t: &T, problem: &str) -> Html {
    let reason = match problem {
        "nothing-left" => error::nothing_left(t),
        _ => Html::default(),
    };
    Html::paragraphs([say!(t, "notice-wish-failed"), reason])
}
