//! The panels: list, card, live test, open or closed, keys on them, out of the fleet.

use chrono::TimeDelta;

use super::press::{AdminPress, Opening};
use super::{back, button, headed, patiently, show};
use crate::domain::InstanceId;
use crate::domain::instance::Instance;
use crate::service::fleet::{FleetError, InstanceView};
use crate::store::StoreError;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Button, HandlerResult, Screen, Visit};
use crate::text::admin::{button as label, panel};
use crate::text::{self, Html, T};

/// Panels with a button each on one screen.
const PAGE: usize = 24;
/// Keys with a button each on one screen.
const KEYS: u32 = 10;

/// All panels, with buttons from the `from`th on.
pub async fn list(visit: &Visit, from: u32, head: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let views = visit.desk.fleet.list().await?;
    let from = (from as usize).min(views.len().saturating_sub(1)) / PAGE * PAGE;
    let of = |view: &InstanceView| {
        let name = format!("{} {}", panel::icon(view.health.health), view.instance.name);
        button(name, AdminPress::Panel(view.instance.id.clone()))
    };
    let page = views.iter().skip(from).take(PAGE).map(of);
    let turn = |to: usize| AdminPress::Panels(u32::try_from(to).unwrap_or(u32::MAX));
    let previous = (from > 0).then(|| button(label::previous(t), turn(from.saturating_sub(PAGE))));
    let next = (views.len() > from + PAGE).then(|| button(label::next(t), turn(from + PAGE)));
    let test = (!views.is_empty()).then(|| button(label::test_all(t), AdminPress::HealthTest));
    let screen = Screen::new(panel::list(t, &views, visit.desk.core.clock.now()))
        .grid(2, page)
        .row(previous.into_iter().chain(next))
        .row([button(label::add(t), AdminPress::Add)].into_iter().chain(test))
        .row([menu(t)]);
    show(visit, "panels", headed(screen, head)).await
}

/// A panel's card.
pub async fn card(visit: &Visit, id: &InstanceId, head: Option<Html>) -> HandlerResult {
    match visit.desk.fleet.view(id).await {
        Ok(view) => show(visit, "panel", headed(card_screen(visit, &view), head)).await,
        Err(error) => refuse(visit, None, error).await,
    }
}

fn card_screen(visit: &Visit, view: &InstanceView) -> Screen {
    let t = &visit.t;
    let now = visit.desk.core.clock.now();
    let id = || view.instance.id.clone();
    let open = if view.instance.admin_state.accepts(now) {
        button(label::cordon(t), AdminPress::Open(id(), Opening::Closed))
    } else {
        button(label::open(t), AdminPress::Open(id(), Opening::Open))
    };
    Screen::new(panel::card(t, view, now))
        .row([button(label::test(t), AdminPress::Test(id())), button(label::edit(t), AdminPress::Edit(id()))])
        .row([open, button(label::maintenance(t), AdminPress::Maintenance(id()))])
        .row([
            button(label::keys_here(t), AdminPress::KeysOn(id(), 0)),
            button(label::exits(t), AdminPress::Exits(id())),
        ])
        .row([
            button(label::drain(t), AdminPress::Drain(id())),
            button(label::remove(t), AdminPress::Remove(id(), 0)),
        ])
        .row([back(t, AdminPress::Panels(0))])
}

/// Why the fleet refuses, with the way on. What is ours is no refusal.
pub(super) async fn refuse(visit: &Visit, id: Option<&InstanceId>, error: FleetError) -> HandlerResult {
    if let FleetError::Store(error) = error {
        return Err(error.into());
    }
    let t = &visit.t;
    let way = match (&error, id) {
        (FleetError::InUse { .. }, Some(id)) => Some(button(label::drain(t), AdminPress::Drain(id.clone()))),
        (FleetError::AlreadyThere(other), _) => {
            Some(button(label::list(t), AdminPress::Panel(other.clone())))
        }
        _ => None,
    };
    let to = match (&error, id) {
        (FleetError::NotFound(_), _) | (_, None) => AdminPress::Panels(0),
        (_, Some(id)) => AdminPress::Panel(id.clone()),
    };
    show(visit, "panel-refused", Screen::new(panel::refused(t, &error)).row(way).row([back(t, to)])).await
}

/// The panel that somebody names, by its short name or its name.
///
/// # Errors
/// The database.
pub(super) async fn find(visit: &Visit, name: &str) -> Result<Option<Instance>, StoreError> {
    let is = |known: &str| known.to_lowercase() == name.to_lowercase();
    let instances = visit.desk.core.store.instances().await?;
    Ok(instances.into_iter().find(|instance| is(instance.id.as_str()) || is(&instance.name)))
}

/// Asks a panel now.
pub async fn test(visit: &Visit, id: &InstanceId) -> HandlerResult {
    let t = &visit.t;
    match patiently(visit, panel::testing(t), visit.desk.fleet.test(id)).await? {
        Ok(found) => {
            let screen = Screen::new(panel::tested(t, &found)).row([
                button(text::button::try_again(t), AdminPress::Test(id.clone())),
                back(t, AdminPress::Panel(id.clone())),
            ]);
            show(visit, "panel-test", screen).await
        }
        Err(error) => refuse(visit, None, error).await,
    }
}

/// New keys, or none, or maintenance.
pub async fn open(visit: &Visit, admin: Admin, id: &InstanceId, opening: Opening) -> HandlerResult {
    let now = visit.desk.core.clock.now();
    let state = opening.state(now);
    if let Err(error) = visit.desk.fleet.set_admin_state(Some(admin.id()), id, state).await {
        return refuse(visit, None, error).await;
    }
    match visit.desk.fleet.view(id).await {
        Ok(view) => {
            let head = panel::state_changed(&visit.t, &view.instance.name, state, now);
            show(visit, "panel", card_screen(visit, &view).headed(head)).await
        }
        Err(error) => refuse(visit, None, error).await,
    }
}

/// Maintenance for how long?
pub async fn maintenance(visit: &Visit, id: &InstanceId) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return refuse(visit, None, error).await,
    };
    let t = &visit.t;
    let lasting =
        |span: TimeDelta, opening| button(label::lasting(t, span), AdminPress::Open(id.clone(), opening));
    let (planned, windows) = super::windows::planned_for(visit, id).await?;
    let screen = Screen::new(Html::paragraphs([panel::maintenance_choose(t, &view.instance.name), planned]))
        .row([
            lasting(TimeDelta::minutes(15), Opening::Quarter),
            lasting(TimeDelta::minutes(60), Opening::Hour),
        ])
        .row([button(label::until_opened(t), AdminPress::Open(id.clone(), Opening::Forever))])
        .grid(1, windows)
        .row([back(t, AdminPress::Panel(id.clone()))]);
    show(visit, "panel-maintenance", screen).await
}

/// The keys on a panel, a page of them.
pub async fn keys_on(visit: &Visit, id: &InstanceId, from: u32) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return refuse(visit, None, error).await,
    };
    let (page, total) = match visit.desk.fleet.keys_on(id, from, KEYS).await {
        Ok(page) => page,
        Err(error) => return refuse(visit, Some(id), error).await,
    };
    let t = &visit.t;
    let mut buttons = Vec::new();
    for (config, owner) in page {
        let person = visit.desk.core.store.person(owner).await?;
        let name = person.map_or_else(|| owner.to_string(), |person| person.first_name);
        buttons.push(button(label::person(t, &name), AdminPress::Key(config)));
    }
    let screen = Screen::new(panel::keys(t, &view.instance.name, total))
        .grid(2, buttons)
        .row(turns(t, id, from, total))
        .row([back(t, AdminPress::Panel(id.clone()))]);
    show(visit, "panel-keys", screen).await
}

fn turns(t: &T, id: &InstanceId, from: u32, total: u32) -> Vec<Button> {
    let previous = AdminPress::KeysOn(id.clone(), from.saturating_sub(KEYS));
    let next = AdminPress::KeysOn(id.clone(), from.saturating_add(KEYS));
    let mut row = Vec::new();
    if from > 0 {
        row.push(button(label::previous(t), previous));
    }
    if total > from.saturating_add(KEYS) {
        row.push(button(label::next(t), next));
    }
    row
}

/// Out of the fleet. Asked twice: `yes` is how often the admin said so.
pub async fn remove(visit: &Visit, admin: Admin, id: &InstanceId, yes: u8) -> HandlerResult {
    let fleet = &visit.desk.fleet;
    let view = match fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return refuse(visit, None, error).await,
    };
    let (t, name) = (&visit.t, view.instance.name.as_str());
    if yes >= 2 {
        return match fleet.remove(Some(admin.id()), id).await {
            Ok(()) => list(visit, 0, Some(panel::removed(t, name))).await,
            Err(error) => refuse(visit, Some(id), error).await,
        };
    }
    // Nobody is asked twice for what would then be refused.
    let counters = view.counters;
    let keys = counters.active + counters.reserved + counters.lingering;
    let leftovers = u32::try_from(visit.desk.core.store.tombstones_on(id).await?).unwrap_or(u32::MAX);
    if keys > 0 || leftovers > 0 {
        return refuse(visit, Some(id), FleetError::InUse { keys, leftovers }).await;
    }
    let (words, go_on) = match yes {
        0 => (panel::remove_confirm(t, name), label::remove_yes(t)),
        _ => (panel::remove_sure(t, name), label::sure(t)),
    };
    let screen = Screen::new(words).row([
        button(go_on, AdminPress::Remove(id.clone(), yes + 1)),
        back(t, AdminPress::Panel(id.clone())),
    ]);
    show(visit, "panel-remove", screen).await
}
