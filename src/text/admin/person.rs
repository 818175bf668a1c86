//! A person and their keys, as admins see them.

use crate::domain::key::Standing;
use crate::domain::person::{Admission, Person};
use crate::domain::{Timestamp, UserId};
use crate::service::keys::{KeyError, KeyView};

use super::super::{Html, T, error, html, key, number, say, time};
use super::panel;

/// Whom?
#[must_use]
pub fn ask(t: &T) -> Html {
    say!(t, "person-ask")
}

/// Nobody of that name or id.
#[must_use]
pub fn not_found(t: &T) -> Html {
    say!(t, "person-not-found")
}

/// A person and their keys; buttons below open the keys.
#[must_use]
pub fn card(t: &T, person: &Person, keys: &[KeyView], now: Timestamp) -> Html {
    let who = Html::lines([
        say!(
            t,
            "person-card",
            name = html::name(&person.first_name),
            id = Html::code(t, &person.id.to_string())
        ),
        person
            .username
            .as_deref()
            .map(|username| say!(t, "person-username", username = format!("@{username}")))
            .unwrap_or_default(),
        match person.admission {
            Admission::None => say!(t, "person-access-none"),
            Admission::Requested => say!(t, "person-access-requested"),
            Admission::Granted => say!(t, "person-access-granted"),
            Admission::Denied => say!(t, "person-access-denied"),
        },
        say!(
            t,
            "person-since",
            date = time::date(t, person.created_at),
            ago = time::ago(t, person.last_seen_at, now),
        ),
        if person.blocked_bot { say!(t, "person-blocked") } else { Html::default() },
    ]);
    if keys.is_empty() {
        return Html::paragraphs([who, say!(t, "person-keys-none")]);
    }
    let rows = keys.iter().map(|key| key_row(t, key));
    let mut pieces =
        panel::fitting([who], rows, |hidden| say!(t, "nodes-exit-more", count = hidden)).into_iter();
    let who = pieces.next().unwrap_or_default();
    Html::paragraphs([who, Html::lines(pieces)])
}

fn key_row(t: &T, view: &KeyView) -> Html {
    let number = view.number;
    let state = key::state(t, view.standing, view.preparing);
    let location = key::place_or_none(t, view.region.as_ref());
    let used = number::bytes(t, view.used);
    match view.data_limit {
        Some(limit) => say!(
            t,
            "person-key-row",
            number = number,
            state = state,
            location = location,
            used = used,
            limit = number::bytes(t, limit),
        ),
        None => say!(
            t,
            "person-key-row-unlimited",
            number = number,
            state = state,
            location = location,
            used = used,
        ),
    }
}

/// A key with what its owner does not see: whose it is, and on which panel.
#[must_use]
pub fn key_card(t: &T, view: &KeyView, owner: Option<&Person>, now: Timestamp) -> Html {
    let name = owner.map(|owner| html::name(&owner.first_name)).filter(|name| !name.is_empty());
    let id = Html::code(t, &view.owner.to_string());
    let panel = match &view.instance {
        Some((instance, name)) => {
            say!(t, "person-key-panel", name = name, id = Html::code(t, instance.as_str()))
        }
        None => say!(t, "person-key-panel-none"),
    };
    let lingering = match view.lingering {
        0 => Html::default(),
        count => say!(t, "person-key-lingering", count = count),
    };
    let owner = say!(t, "person-key-owner", name = name.unwrap_or_else(|| "?".into()), id = id);
    Html::paragraphs([key::card(t, view, true, now), Html::lines([owner, panel, lingering])])
}

/// How much more?
#[must_use]
pub fn extend(t: &T) -> Html {
    say!(t, "person-extend")
}

/// Take the key away for good?
#[must_use]
pub fn revoke_confirm(t: &T) -> Html {
    say!(t, "person-revoke-confirm")
}

/// Asked a second time: there is no way back.
#[must_use]
pub fn revoke_sure(t: &T) -> Html {
    say!(t, "person-revoke-sure")
}

/// Where shall the key go?
#[must_use]
pub fn move_choose(t: &T) -> Html {
    say!(t, "person-move-choose")
}

/// Why an admin's wish for a key is refused.
#[must_use]
pub fn refused(t: &T, error: &KeyError) -> Html {
    match error {
        KeyError::NotFound | KeyError::NotYours | KeyError::Ended(Standing::Revoked) => {
            say!(t, "person-key-gone")
        }
        KeyError::Ended(standing) => {
            say!(t, "person-key-ended", state = key::state(t, *standing, None))
        }
        KeyError::NothingLeft => say!(t, "person-key-empty"),
        other => error::key(t, other),
    }
}

/// A wish is under way. `fresh`: it was not before.
#[must_use]
pub fn asked(t: &T, fresh: bool) -> Html {
    if fresh { say!(t, "person-asked") } else { say!(t, "person-asked-before") }
}

/// A new key for how long?
#[must_use]
pub fn give_days(t: &T, id: UserId, person: Option<&Person>) -> Html {
    say!(t, "person-give-choose", name = super::person_name(t, id, person))
}

/// And how much traffic?
#[must_use]
pub fn give_traffic(t: &T) -> Html {
    say!(t, "person-give-traffic")
}
