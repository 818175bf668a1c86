//! Who did what.

use std::collections::BTreeMap;

use super::press::AdminPress;
use super::{button, show};
use crate::domain::UserId;
use crate::store::audit::Entry;
use crate::telegram::user::screens::menu;
use crate::telegram::{HandlerResult, Screen, Visit};
use crate::text::admin::{audit as words, button as label, person_name};

/// Entries on a page.
const PAGE: usize = 12;

/// A page of the record, newest first, older than `before`.
pub async fn page(visit: &Visit, before: Option<i64>) -> HandlerResult {
    let (t, store) = (&visit.t, &visit.desk.core.store);
    let entries = store.audit(PAGE as u64 + 1, before).await?;
    let shown = &entries[..entries.len().min(PAGE)];
    let mut people = BTreeMap::new();
    for user in shown.iter().flat_map(named) {
        if let Some(person) = store.person(user).await? {
            people.insert(user, person);
        }
    }
    let older = (entries.len() > PAGE).then(|| shown.last()).flatten();
    let older = older.map(|entry| button(label::older(t), AdminPress::Audit(Some(entry.id))));
    let screen = Screen::new(words::page(t, shown, |user| person_name(t, user, people.get(&user))))
        .row(older)
        .row([menu(t)]);
    show(visit, "audit", screen).await
}

/// The people an entry names.
fn named(entry: &Entry) -> impl Iterator<Item = UserId> {
    let subject = entry.subject.strip_prefix("user ").and_then(|id| id.parse().ok());
    entry.actor.into_iter().chain(subject)
}
