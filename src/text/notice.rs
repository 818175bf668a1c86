//! What people are told unasked.

use crate::domain::Region;

use super::{Html, T, key, say};

/// A key is served from another place. `asked`: its owner wished it. `same_link`: nothing to copy anew.
#[must_use]
pub fn moved(t: &T, region: Option<&Region>, asked: bool, same_link: bool) -> Html {
    let location = key::place_or_none(t, region);
    let head = if asked {
        say!(t, "notice-moved-asked", location = location)
    } else {
        say!(t, "notice-moved", location = location)
    };
    let link = if same_link { say!(t, "notice-moved-same-link") } else { say!(t, "notice-moved-new-link") };
    Html::paragraphs([head, link])
}

/// What an admin changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// More days or traffic.
    Extended,
    /// Paused.
    Suspended,
    /// Serves again.
    Resumed,
    /// Taken away.
    Revoked,
    /// Traffic from zero.
    TrafficReset,
}

/// An admin changed a key.
#[must_use]
pub fn changed(t: &T, changed: Changed) -> Html {
    match changed {
        Changed::Extended => say!(t, "notice-extended"),
        Changed::Suspended => say!(t, "notice-suspended"),
        Changed::Resumed => say!(t, "notice-resumed"),
        Changed::Revoked => say!(t, "notice-revoked"),
        Changed::TrafficReset => say!(t, "notice-traffic-reset"),
    }
}

/// A wish was given up, for a reason in the reader's words or for none that they could use.
#[must_use]
pub fn wish_failed(t: &T, reason: Option<Html>) -> Html {
    let reason = reason.map(|reason| say!(t, "notice-wish-failed-reason", reason = reason));
    Html::paragraphs([say!(t, "notice-wish-failed"), reason.unwrap_or_default()])
}
