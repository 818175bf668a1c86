//! One panel's health, with what an admin may do about it.

use chrono::TimeDelta;

use super::press::{AdminPress, Opening};
use super::{back, button, headed, nodes, patiently, show};
use crate::domain::InstanceId;
use crate::domain::instance::Health;
use crate::service::fleet::FleetError;
use crate::service::health::detail::{Detail, detail};
use crate::service::health::rounds::{Judge, Rounds};
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::{button as label, panel, vitals as words};

/// The panel named behind the command, by its short name or its name.
pub async fn named(visit: &Visit, name: &str) -> HandlerResult {
    let instances = visit.desk.core.store.instances().await?;
    let is = |known: &str| known.to_lowercase() == name.to_lowercase();
    let found = instances.iter().find(|instance| is(instance.id.as_str()) || is(&instance.name));
    match found {
        Some(instance) => of(visit, &instance.id, None).await,
        None => {
            let t = &visit.t;
            let screen = Screen::new(words::not_found(t, name)).row([back(t, AdminPress::Health)]);
            show(visit, "health-of", screen).await
        }
    }
}

/// One panel's health.
pub async fn of(visit: &Visit, id: &InstanceId, head: Option<Html>) -> HandlerResult {
    match detail(&visit.desk.core, id).await {
        Ok(detail) => show(visit, "health-of", headed(screen(visit, &detail), head)).await,
        Err(error) => nodes::refuse(visit, None, error).await,
    }
}

fn screen(visit: &Visit, detail: &Detail) -> Screen {
    let t = &visit.t;
    let now = visit.desk.core.clock.now();
    let view = &detail.view;
    let id = || view.instance.id.clone();
    let open = if view.instance.admin_state.accepts(now) {
        button(label::cordon(t), AdminPress::HealthOpen(id(), Opening::Closed))
    } else {
        button(label::open(t), AdminPress::HealthOpen(id(), Opening::Open))
    };
    let maintenance = |minutes, opening| {
        let words = label::maintenance_for(t, TimeDelta::minutes(minutes));
        button(words, AdminPress::HealthOpen(id(), opening))
    };
    let blocked = if view.health.health == Health::Blocked {
        button(label::unblocked(t), AdminPress::Blocked(id(), false))
    } else {
        button(label::blocked(t), AdminPress::BlockedAsk(id()))
    };
    Screen::new(words::detail(t, detail, now))
        .row([
            button(label::check(t), AdminPress::HealthCheck(id())),
            button(label::exits(t), AdminPress::Exits(id())),
        ])
        .row([open, button(label::drain(t), AdminPress::Drain(id()))])
        .row([maintenance(15, Opening::Quarter), maintenance(60, Opening::Hour)])
        .row([blocked, button(label::panel(t), AdminPress::Panel(id()))])
        .row([back(t, AdminPress::Health)])
}

/// Looks at a panel now.
pub async fn check(visit: &Visit, id: &InstanceId) -> HandlerResult {
    let rounds = Rounds::new(visit.desk.core.clone());
    patiently(visit, words::checking(&visit.t), rounds.look_now(id)).await??;
    of(visit, id, None).await
}

/// New keys, or none, or maintenance.
pub async fn open(visit: &Visit, admin: Admin, id: &InstanceId, opening: Opening) -> HandlerResult {
    let now = visit.desk.core.clock.now();
    let state = opening.state(now);
    if let Err(error) = visit.desk.fleet.set_admin_state(Some(admin.id()), id, state).await {
        return nodes::refuse(visit, None, error).await;
    }
    let name = name(visit, id).await?;
    of(visit, id, Some(panel::state_changed(&visit.t, &name, state, now))).await
}

async fn name(visit: &Visit, id: &InstanceId) -> anyhow::Result<String> {
    let instance = visit.desk.core.store.instance(id).await?;
    Ok(instance.map_or_else(|| id.to_string(), |instance| instance.name))
}

/// Blocked for some people?
pub async fn blocked_ask(visit: &Visit, id: &InstanceId) -> HandlerResult {
    let t = &visit.t;
    let screen = Screen::new(words::blocked_ask(t, &name(visit, id).await?)).row([
        button(label::confirm(t), AdminPress::Blocked(id.clone(), true)),
        back(t, AdminPress::HealthOf(id.clone())),
    ]);
    show(visit, "health-blocked", screen).await
}

/// It is, or is not any more.
pub async fn blocked(visit: &Visit, admin: Admin, id: &InstanceId, blocked: bool) -> HandlerResult {
    let core = &visit.desk.core;
    if core.store.instance(id).await?.is_none() {
        return nodes::refuse(visit, None, FleetError::NotFound(id.clone())).await;
    }
    Judge::new(core.clone()).set_blocked(admin.id(), id, blocked).await?;
    let name = name(visit, id).await?;
    of(visit, id, Some(words::blocked_done(&visit.t, &name, blocked))).await
}
