//! The exits of a panel: hide, show, connect anew; and its core, restarted.

use super::press::{AdminPress, ExitDeed};
use super::{back, button, claim, headed, nodes, patiently, show, vitals};
use crate::domain::InstanceId;
use crate::domain::instance::NodeStatus;
use crate::service::fleet::InstanceView;
use crate::store::health::StoredNode;
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::{button as label, exits as words};

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
