//! The exits of a panel: hide, show, connect anew, where they leave the network; and its core, restarted.

use teloxide::types::Message;

use super::dialogue::AdminStep;
use super::press::{AdminPress, ExitDeed};
use super::{addnode, back, button, claim, headed, nodes, patiently, show, value, vitals};
use crate::domain::instance::NodeStatus;
use crate::domain::{InstanceId, Region};
use crate::service::fleet::InstanceView;
use crate::store::health::StoredNode;
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::admin::{Misfit, button as label, exits as words, invalid};
use crate::text::{self, Html};

/// Exits with a button each.
const SHOWN: usize = 40;

/// All exits of a panel.
pub async fn list(visit: &Visit, id: &InstanceId, head: Option<Html>) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return nodes::refuse(visit, None, error).await,
    };
    let t = &visit.t;
    let icon = |status| match status {
        NodeStatus::Connected => "🟢",
        NodeStatus::Connecting => "🟠",
        NodeStatus::Error => "🔴",
        NodeStatus::Disabled => "⚪",
    };
    let buttons = view.nodes.iter().take(SHOWN).map(|node| {
        let name = format!("{} {}", icon(node.status), node.name);
        button(name, AdminPress::Exit(id.clone(), node.id))
    });
    let screen = Screen::new(words::list(t, &view.instance.name, view.nodes.len()))
        .grid(2, buttons)
        .row([button(label::exit_links(t), AdminPress::ExitLinks(id.clone()))])
        .row([button(label::core_restart(t), AdminPress::RestartCore(id.clone(), 0))])
        .row([back(t, AdminPress::HealthOf(id.clone()))]);
    show(visit, "exits", headed(screen, head)).await
}

/// An exit of a panel, if it is there.
async fn find(
    visit: &Visit,
    id: &InstanceId,
    node: i64,
) -> anyhow::Result<Option<(InstanceView, StoredNode)>> {
    let Ok(view) = visit.desk.fleet.view(id).await else { return Ok(None) };
    let found = view.nodes.iter().find(|known| known.id == node).cloned();
    Ok(found.map(|node| (view, node)))
}

/// One exit.
pub async fn one(visit: &Visit, id: &InstanceId, node: i64, head: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let Some((view, node)) = find(visit, id, node).await? else {
        return list(visit, id, Some(words::gone(t))).await;
    };
    let core = &visit.desk.core;
    let facts = core.panels.looks().facts(id, &core.policy.care.health, core.clock.now());
    let rate = facts.and_then(|facts| facts.rates.get(&node.name).copied());
    let press = |label, deed| button(label, AdminPress::ExitDo(id.clone(), node.id, deed));
    let hide = if node.hidden {
        press(label::exit_show(t), ExitDeed::Show)
    } else {
        press(label::exit_hide(t), ExitDeed::Hide)
    };
    let reconnect = node.remote_id.map(|_| press(label::exit_reconnect(t), ExitDeed::Reconnect));
    let title = Html::piece(t, &view.instance.name).bold();
    let screen = Screen::new(Html::lines([title, words::row(t, &node, rate)]))
        .row([hide].into_iter().chain(reconnect))
        .row([button(label::exit_region(t), AdminPress::ExitRegion(id.clone(), node.id))])
        .row([back(t, AdminPress::Exits(id.clone()))]);
    show(visit, "exit", headed(screen, head)).await
}

/// Something about an exit.
pub async fn deed(visit: &Visit, admin: Admin, id: &InstanceId, node: i64, deed: ExitDeed) -> HandlerResult {
    let (t, fleet, by) = (&visit.t, &visit.desk.fleet, Some(admin.id()));
    let Some((_, found)) = find(visit, id, node).await? else {
        return list(visit, id, Some(words::gone(t))).await;
    };
    let head = match deed {
        ExitDeed::Hide | ExitDeed::Show => {
            let hide = deed == ExitDeed::Hide;
            fleet.hide_node(by, id, &found, hide).await?;
            words::hidden(t, &found.name, hide)
        }
        ExitDeed::Reconnect => match fleet.reconnect_node(by, id, &found).await {
            Ok(done) => words::reconnected(t, &found.name, &done),
            Err(error) => return nodes::refuse(visit, None, error).await,
        },
    };
    one(visit, id, node, Some(head)).await
}

/// Where does it leave the network? `wrong`: why the last answer did not fit.
pub async fn region_ask(
    visit: &Visit,
    talk: &Talk,
    id: &InstanceId,
    node: i64,
    wrong: Option<Misfit>,
) -> HandlerResult {
    let t = &visit.t;
    let Some((view, node)) = find(visit, id, node).await? else {
        return list(visit, id, Some(words::gone(t))).await;
    };
    talk.update(Step::Admin(AdminStep::ExitRegion { panel: id.clone(), exit: node.id })).await?;
    let at_home = &view.instance.region;
    let is = |region| AdminPress::ExitRegionIs(id.clone(), node.id, region);
    let places = addnode::places(visit, None).await?.into_iter().filter(|region| region != at_home);
    let places = places.map(|region| button(text::region::label(t, &region), is(Some(region))));
    let home = button(words::region_home_label(t, at_home), is(None));
    let screen = Screen::new(words::region_ask(t, &node.name))
        .row([home])
        .grid(2, places)
        .row([button(text::button::cancel(t), AdminPress::Leave)]);
    show(visit, "exit-region", headed(screen, wrong.map(|why| invalid(t, why)))).await
}

/// It was typed.
pub async fn region_typed(
    visit: &Visit,
    admin: Admin,
    talk: &Talk,
    id: &InstanceId,
    node: i64,
    message: &Message,
) -> HandlerResult {
    match value::region(message.text().unwrap_or_default()) {
        Ok(region) => {
            talk.exit().await?;
            region_is(visit, admin, id, node, Some(region)).await
        }
        Err(why) => region_ask(visit, talk, id, node, Some(why)).await,
    }
}

/// There; `None`: where its panel stands.
pub async fn region_is(
    visit: &Visit,
    admin: Admin,
    id: &InstanceId,
    node: i64,
    region: Option<Region>,
) -> HandlerResult {
    let t = &visit.t;
    let Some((view, found)) = find(visit, id, node).await? else {
        return list(visit, id, Some(words::gone(t))).await;
    };
    let region = region.filter(|region| *region != view.instance.region);
    visit.desk.fleet.set_node_region(Some(admin.id()), id, &found, region.as_ref()).await?;
    let place = region.unwrap_or(view.instance.region);
    let ours = visit.desk.core.links.are_ours();
    one(visit, id, node, Some(words::region_is(t, &found.name, &place, ours))).await
}

/// Restart the core? `yes` is how often the admin said so.
pub async fn restart_ask(visit: &Visit, id: &InstanceId, yes: u8) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return nodes::refuse(visit, None, error).await,
    };
    let (t, name) = (&visit.t, view.instance.name.as_str());
    let (text, go_on) = match yes {
        0 => {
            let press = AdminPress::RestartCore(id.clone(), 1);
            (words::restart_ask(t, name), button(label::core_restart_yes(t), press))
        }
        _ => {
            let keys = view.counters.active.saturating_add(view.counters.lingering);
            let press = AdminPress::RestartNow { id: id.clone(), screen: 0 };
            (words::restart_sure(t, name, keys), button(label::sure(t), press))
        }
    };
    let screen = Screen::new(text).row([go_on, back(t, AdminPress::Exits(id.clone()))]);
    show(visit, "core-restart", screen).await
}

/// Restarts the core, once for each time it was asked.
pub async fn restart(visit: &Visit, admin: Admin, id: &InstanceId, screen: i64) -> HandlerResult {
    if !claim(visit, screen).await? {
        return Ok(());
    }
    let t = &visit.t;
    let name = match visit.desk.fleet.view(id).await {
        Ok(view) => view.instance.name,
        Err(error) => return nodes::refuse(visit, None, error).await,
    };
    let restart = visit.desk.fleet.restart_core(Some(admin.id()), id);
    match patiently(visit, words::restarting(t), restart).await? {
        Ok(done) => vitals::of(visit, id, Some(words::restarted(t, &name, &done))).await,
        Err(error) => nodes::refuse(visit, None, error).await,
    }
}
