//! Through which exit each link of a panel leads.

use crate::service::links::exits::{Leads, Seen};

use super::super::{Html, T, html, plain, say};
use super::panel::fitting;

/// Above the buttons of a panel's links; `None`: there are none to show.
#[must_use]
pub fn list(t: &T, name: &str, links: Option<&[Seen]>) -> Html {
    let title = say!(t, "exit-links-title", name = name);
    let Some(links) = links else { return Html::paragraphs([title, say!(t, "exit-links-none")]) };
    let head = [title, say!(t, "exit-links-about")];
    let rows = links.iter().map(|link| row(t, link));
    let rows = fitting(head.iter().cloned(), rows, |hidden| say!(t, "nodes-exit-more", count = hidden));
    let rows = Html::lines(rows.into_iter().skip(head.len()));
    Html::paragraphs(head.into_iter().chain([rows]))
}

/// A link on a button.
#[must_use]
pub fn label(link: &Seen) -> String {
    let sign = if link.leads == Leads::Unknown { "❔" } else { "🔗" };
    format!("{sign} {}", called(link))
}

/// One link, and the question where it leads.
#[must_use]
pub fn one(t: &T, name: &str, link: &Seen) -> Html {
    Html::paragraphs([
        say!(t, "exit-links-title", name = name),
        row(t, link),
        say!(t, "exit-link-ask", link = &called(link)),
    ])
}

/// An admin's word was taken.
#[must_use]
pub fn said(t: &T) -> Html {
    say!(t, "exit-link-said")
}

/// The link is not there any more.
#[must_use]
pub fn gone(t: &T) -> Html {
    say!(t, "exit-link-gone")
}

/// Through no exit.
#[must_use]
pub fn none_label(t: &T) -> String {
    plain!(t, "button-exit-link-none")
}

/// What address and name say counts again.
#[must_use]
pub fn clear_label(t: &T) -> String {
    plain!(t, "button-exit-link-clear")
}

/// What a link is called; one without a name by its address.
fn called(link: &Seen) -> String {
    let name = html::name(&link.sign.remark);
    if name.is_empty() { link.sign.address.clone() } else { name }
}

fn row(t: &T, link: &Seen) -> Html {
    let (name, address) = (&called(link), Html::code(t, &link.sign.address));
    match &link.leads {
        Leads::Unknown => say!(t, "exit-link-unknown", link = name, address = address),
        Leads::Found(exits) => {
            let exits = Html::list(t, exits.iter().map(String::as_str));
            say!(t, "exit-link-found", link = name, address = address, exits = exits)
        }
        Leads::Said(Some(exit)) => {
            say!(t, "exit-link-is", link = name, address = address, exit = exit)
        }
        Leads::Said(None) => say!(t, "exit-link-is-none", link = name, address = address),
    }
}
