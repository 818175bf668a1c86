//! The record of what was done.

use serde_json::Value;

use crate::domain::UserId;
use crate::store::audit::Entry;

use super::super::{Html, T, say, time};

/// A page of the record, newest first. `name` tells who somebody is.
#[must_use]
pub fn page(t: &T, entries: &[Entry], name: impl Fn(UserId) -> Html) -> Html {
    if entries.is_empty() {
        return say!(t, "audit-none");
    }
    let row = |entry: &Entry| {
        let when = time::date_time(t, entry.at);
        let who = entry.actor.map_or_else(|| say!(t, "admin-service"), &name);
        let what = action(t, entry);
        // Who did something to themselves is named once.
        let own = entry.actor.is_some_and(|actor| entry.subject == format!("user {actor}"));
        match subject(t, &entry.subject, &name).filter(|_| !own) {
            Some(subject) => say!(t, "audit-row", when = when, who = who, what = what, subject = subject),
            None => say!(t, "audit-row-bare", when = when, who = who, what = what),
        }
    };
    Html::paragraphs([say!(t, "audit-title"), Html::lines(entries.iter().map(row))])
}

/// What was done, by its stable word; a word we do not know is shown as it is.
fn action(t: &T, entry: &Entry) -> Html {
    let detail = |key: &str| entry.detail.get(key).and_then(Value::as_str).unwrap_or_default();
    match entry.action.as_str() {
        "instance-added" => say!(t, "audit-instance-added"),
        "instance-edited" => say!(t, "audit-instance-edited"),
        "instance-state" => match detail("state") {
            "open" => say!(t, "audit-panel-open"),
            "maintenance" => say!(t, "audit-panel-maintenance"),
            _ => say!(t, "audit-panel-cordoned"),
        },
        "instance-removed" => say!(t, "audit-instance-removed"),
        "key-changed" => match detail("change") {
            "suspended" => say!(t, "audit-key-suspended"),
            "resumed" => say!(t, "audit-key-resumed"),
            "revoked" => say!(t, "audit-key-revoked"),
            "traffic_reset" => say!(t, "audit-key-traffic"),
            _ => say!(t, "audit-key-extended"),
        },
        "key-given" => say!(t, "audit-key-given"),
        "key-moved" => say!(t, "audit-key-moved"),
        "key-works" => say!(t, "audit-key-works"),
        "key-fails" => say!(t, "audit-key-fails"),
        "access-granted" => say!(t, "audit-access-granted"),
        "access-denied" => say!(t, "audit-access-denied"),
        "invite-made" => say!(t, "audit-invite-made"),
        "invite-used" => say!(t, "audit-invite-used"),
        "invite-revoked" => say!(t, "audit-invite-revoked"),
        "moves-started" => say!(t, "audit-moves-started"),
        "moves-changed" => say!(t, "audit-moves-changed"),
        "maintenance-planned" => say!(t, "audit-maintenance-planned"),
        "maintenance-cancelled" => say!(t, "audit-maintenance-cancelled"),
        "rebalance-started" => say!(t, "audit-rebalance-started"),
        "rebalance-changed" => say!(t, "audit-rebalance-changed"),
        "broadcast-started" => say!(t, "audit-broadcast-started"),
        "broadcast-stopped" => say!(t, "audit-broadcast-stopped"),
        "drain-finished" => say!(t, "audit-drain-finished"),
        "incident-acknowledged" => say!(t, "audit-incident-acknowledged"),
        "incident-muted" => say!(t, "audit-incident-muted"),
        "incident-unmuted" => say!(t, "audit-incident-unmuted"),
        "evacuation-started" => say!(t, "audit-evacuation-started"),
        "evacuations-paused" => say!(t, "audit-evacuations-paused"),
        "evacuations-resumed" => say!(t, "audit-evacuations-resumed"),
        "evacuation-stopped" => say!(t, "audit-evacuation-stopped"),
        "accounts-adopted" => say!(t, "audit-accounts-adopted"),
        "key-claimed" => say!(t, "audit-key-claimed"),
        "hold-released" => say!(t, "audit-hold-released"),
        other => Html::code(t, other),
    }
}

/// To what it was done, from words such as `key 12`; `None` where the deed says it all.
fn subject(t: &T, subject: &str, name: impl Fn(UserId) -> Html) -> Option<Html> {
    let (kind, id) = subject.split_once(' ')?;
    let code = || Html::code(t, id);
    Some(match kind {
        "instance" => say!(t, "audit-subject-panel", id = code()),
        "key" => say!(t, "audit-subject-key", id = code()),
        "batch" => say!(t, "audit-subject-moves", id = code()),
        "incident" => say!(t, "audit-subject-incident", id = code()),
        "broadcast" => say!(t, "audit-subject-broadcast", id = code()),
        "user" => id.parse().map_or_else(|_| code(), name),
        _ => Html::code(t, subject),
    })
}
