//! The links of a panel, and through which exit each of them leads.

use super::press::AdminPress;
use super::{back, button, headed, nodes, show};
use crate::domain::InstanceId;
use crate::service::links::exits::{Leads, Seen, Word, assign, links_of};
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::exit_links as words;

/// Links with a button each.
const SHOWN: usize = 40;

/// All links of a panel.
pub async fn list(visit: &Visit, id: &InstanceId, head: Option<Html>) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return nodes::refuse(visit, None, error).await,
    };
    let (t, core) = (&visit.t, &visit.desk.core);
    let links = links_of(core, id).await?;
    let buttons = links
        .iter()
        .flatten()
        .take(SHOWN)
        .map(|link| button(words::label(link), AdminPress::ExitLink(id.clone(), link.number)));
    let screen = Screen::new(words::list(t, &view.instance.name, links.as_deref()))
        .grid(1, buttons)
        .row([back(t, AdminPress::Exits(id.clone()))]);
    show(visit, "exit-links", headed(screen, head)).await
}

/// Where does this link lead?
pub async fn one(visit: &Visit, id: &InstanceId, number: u32) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return nodes::refuse(visit, None, error).await,
    };
    let t = &visit.t;
    let Some(link) = find(visit, id, number).await? else {
        return list(visit, id, Some(words::gone(t))).await;
    };
    let to = |exit| AdminPress::ExitLinkIs(id.clone(), number, exit);
    let exits = view.nodes.iter().take(SHOWN).map(|node| button(node.name.clone(), to(Some(node.id))));
    let clear = matches!(link.leads, Leads::Said(_))
        .then(|| button(words::clear_label(t), AdminPress::ExitLinkClear(id.clone(), number)));
    let screen = Screen::new(words::one(t, &view.instance.name, &link))
        .grid(2, exits)
        .row([button(words::none_label(t), to(None))])
        .row(clear)
        .row([back(t, AdminPress::ExitLinks(id.clone()))]);
    show(visit, "exit-link", screen).await
}

/// It leads through this exit, or through none.
pub async fn is(
    visit: &Visit,
    admin: Admin,
    id: &InstanceId,
    number: u32,
    exit: Option<i64>,
) -> HandlerResult {
    let word = match exit {
        None => Word::None,
        Some(node) => {
            let nodes = visit.desk.core.store.nodes_of(id).await?;
            match nodes.into_iter().find(|known| known.id == node) {
                Some(node) => Word::Exit(node.name),
                None => return one(visit, id, number).await,
            }
        }
    };
    say(visit, admin, id, number, &word).await
}

/// What its address and name say counts again.
pub async fn clear(visit: &Visit, admin: Admin, id: &InstanceId, number: u32) -> HandlerResult {
    say(visit, admin, id, number, &Word::Nothing).await
}

async fn say(visit: &Visit, admin: Admin, id: &InstanceId, number: u32, word: &Word) -> HandlerResult {
    let taken = assign(&visit.desk.core, Some(admin.id()), id, number, word).await?;
    let head = if taken { words::said(&visit.t) } else { words::gone(&visit.t) };
    list(visit, id, Some(head)).await
}

async fn find(visit: &Visit, id: &InstanceId, number: u32) -> anyhow::Result<Option<Seen>> {
    let links = links_of(&visit.desk.core, id).await?.unwrap_or_default();
    Ok(links.into_iter().find(|link| link.number == number))
}
