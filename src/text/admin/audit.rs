//! The record of what was done.

use crate::store::audit::Entry;

use super::super::{Html, T, say, time};

/// A page of the record, newest first. `name` tells who somebody is.
#[must_use]
pub fn page(t: &T, entries: &[Entry], name: impl Fn(crate::domain::UserId) -> Html) -> Html {
    if entries.is_empty() {
        return say!(t, "audit-none");
    }
    let row = |entry: &Entry| {
        let who = entry.actor.map_or_else(|| say!(t, "admin-service"), &name);
        say!(
            t,
            "audit-row",
            when = time::date_time(t, entry.at),
            who = who,
            what = action(t, &entry.action),
            subject = Html::code(t, &entry.subject),
        )
    };
    Html::paragraphs([say!(t, "audit-title"), Html::lines(entries.iter().map(row))])
}

/// What was done, by its stable word; a word we do not know is shown as it is.
fn action(t: &T, word: &str) -> Html {
    match word {
        "instance-added" => say!(t, "audit-instance-added"),
        "instance-edited" => say!(t, "audit-instance-edited"),
        "instance-state" => say!(t, "audit-instance-state"),
        "instance-removed" => say!(t, "audit-instance-removed"),
        "key-changed" => say!(t, "audit-key-changed"),
        "access-granted" => say!(t, "audit-access-granted"),
        "access-denied" => say!(t, "audit-access-denied"),
        "invite-made" => say!(t, "audit-invite-made"),
        "invite-used" => say!(t, "audit-invite-used"),
        "invite-revoked" => say!(t, "audit-invite-revoked"),
        "moves-started" => say!(t, "audit-moves-started"),
        "moves-changed" => say!(t, "audit-moves-changed"),
        other => Html::code(t, other),
    }
}
