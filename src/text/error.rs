//! What went wrong, in plain words, with what to do.

use crate::domain::key::Standing;
use crate::panel::PanelError;
use crate::service::access::AccessState;
use crate::service::keys::KeyError;

use super::{Html, T, access, region, say, user};

/// Why a wish for a key is refused.
#[must_use]
pub fn key(t: &T, error: &KeyError) -> Html {
    match error {
        KeyError::NoAccess(AccessState::Requested) => access::asked_before(t),
        KeyError::NoAccess(AccessState::Denied) => access::denied(t),
        KeyError::NoAccess(AccessState::NeedsInvite) => access::invite_needed(t),
        KeyError::NoAccess(AccessState::Closed) => access::closed(t),
        KeyError::NoAccess(AccessState::MayAsk | AccessState::Granted) => say!(t, "error-key-access"),
        KeyError::TooMany { limit } => say!(t, "error-key-too-many", limit = *limit),
        // Somebody else's key is told like none at all: no stranger learns that it exists.
        KeyError::NotFound | KeyError::NotYours => say!(t, "error-key-not-found"),
        KeyError::Ended(standing) => ended(t, *standing),
        KeyError::NothingToChange => say!(t, "error-key-unchanged"),
        KeyError::ThereAlready => say!(t, "error-key-there"),
        KeyError::SameServer(region) => {
            say!(t, "error-key-same-server", location = region::label(t, region))
        }
        KeyError::NoSuchLocation(region) => {
            say!(t, "error-key-location", location = region::label(t, region))
        }
        KeyError::NoSuchInstance(instance) => {
            say!(t, "error-key-instance", instance = Html::code(t, instance.as_str()))
        }
        KeyError::NothingLeft => nothing_left(t),
        KeyError::PanelSilent => say!(t, "error-key-silent"),
        KeyError::Store(_) => user::failed(t),
    }
}

/// No traffic left, so no move.
pub(super) fn nothing_left(t: &T) -> Html {
    say!(t, "error-key-nothing-left")
}

/// The key does not serve, so the wish makes no sense.
fn ended(t: &T, standing: Standing) -> Html {
    match standing {
        Standing::Live => say!(t, "error-key-live"),
        Standing::Suspended => say!(t, "error-key-ended-suspended"),
        Standing::Expired => say!(t, "error-key-ended-expired"),
        Standing::Exhausted => say!(t, "error-key-ended-exhausted"),
        Standing::Revoked => say!(t, "error-key-ended-revoked"),
    }
}

/// How a panel failed, for admins: what to look at.
#[must_use]
pub fn panel(t: &T, error: &PanelError) -> Html {
    problem(t, error.word())
}

/// The same from the short machine word that is stored.
#[must_use]
pub fn problem(t: &T, word: &str) -> Html {
    match word {
        "no-inbounds" => say!(t, "error-panel-no-inbounds"),
        "refused" => say!(t, "error-panel-refused"),
        "dns" => say!(t, "error-panel-dns"),
        "unreachable" => say!(t, "error-panel-unreachable"),
        "timeout" => say!(t, "error-panel-timeout"),
        "cut" => say!(t, "error-panel-cut"),
        "certificate" => say!(t, "error-panel-certificate"),
        "proxy" => say!(t, "error-panel-proxy"),
        "server-error" => say!(t, "error-panel-server-error"),
        "too-many" => say!(t, "error-panel-too-many"),
        "foreign" => say!(t, "error-panel-foreign"),
        "garbled" => say!(t, "error-panel-garbled"),
        "too-late" | "busy" => say!(t, "error-panel-busy"),
        "unauthorised" => say!(t, "error-panel-unauthorised"),
        "forbidden" => say!(t, "error-panel-forbidden"),
        "invalid" => say!(t, "error-panel-invalid"),
        "conflict" => say!(t, "error-panel-conflict"),
        "not-found" => say!(t, "error-panel-not-found"),
        "exists" => say!(t, "error-panel-exists"),
        "settings" => say!(t, "error-panel-settings"),
        "core-stopped" => say!(t, "error-panel-core-stopped"),
        other => say!(t, "error-panel-unknown", word = other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lang, Words};
    use super::*;
    use crate::panel::Trouble;

    #[test]
    fn every_failure_of_a_panel_has_words() {
        let troubles = [
            Trouble::Refused,
            Trouble::Dns,
            Trouble::Unreachable,
            Trouble::Timeout,
            Trouble::Cut,
            Trouble::Certificate,
            Trouble::Proxy,
            Trouble::Server(500),
            Trouble::TooMany,
            Trouble::Foreign(200),
            Trouble::Garbled,
            Trouble::TooLate,
            Trouble::Busy,
        ];
        let mut errors = vec![
            PanelError::NotFound,
            PanelError::Exists { ours: false },
            PanelError::Unauthorised,
            PanelError::Forbidden,
            PanelError::Invalid(String::new()),
            PanelError::Conflict(String::new()),
            PanelError::Settings(String::new()),
        ];
        errors.extend(troubles.map(PanelError::Unclear));
        let words = Words::load(chrono_tz::UTC);
        for lang in Lang::ALL {
            for error in &errors {
                let t = words.of(lang);
                let unknown = say!(t, "error-panel-unknown", word = error.word());
                assert_ne!(panel(t, error), unknown, "{lang}: {}", error.word());
            }
        }
    }
}
