//! Planned maintenance: listed, planned, given up.

use teloxide::types::Message;

use super::dialogue::AdminStep;
use super::press::AdminPress;
use super::{button, headed, key, nodes, show};
use crate::domain::window::{self, Window};
use crate::domain::{InstanceId, WindowId};
use crate::service::notice::MaintenanceNews;
use crate::service::windows::{PlanWindowError, Windows};
use crate::store::StoreError;
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Button, Desk, HandlerResult, Screen, Visit};
use crate::text::admin::{button as label, window as words};
use crate::text::{self, Html, T, number};

/// Windows with a button each.
const BUTTONS: usize = 20;

/// All that is planned; or what is typed behind the command: a panel, and then when and for how long.
pub async fn command(visit: &Visit, admin: Admin, talk: &Talk, rest: &str) -> HandlerResult {
    let (name, when) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if name.is_empty() {
        return list(visit, None).await;
    }
    let Some(instance) = nodes::find(visit, name).await? else {
        return list(visit, Some(words::unknown(&visit.t, name))).await;
    };
    if when.trim().is_empty() {
        return nodes::maintenance(visit, &instance.id).await;
    }
    plan(visit, admin, talk, &instance.id, when).await
}

/// All that is planned.
pub async fn list(visit: &Visit, head: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let planned = named(&visit.desk, None).await?;
    let panels = key::targets(visit, None, AdminPress::Maintenance).await?;
    let screen = Screen::new(words::list(t, &planned, visit.desk.core.clock.now()))
        .grid(1, planned.iter().take(BUTTONS).map(|one| cancel_button(t, one)))
        .grid(2, panels)
        .row([menu(t)]);
    show(visit, "maintenance", headed(screen, head)).await
}

fn cancel_button(t: &T, (window, name): &(Window, String)) -> Button {
    button(words::cancel_label(t, name, window), AdminPress::WindowCancel(window.id))
}

/// What is planned, of one panel or all, with what people call it.
async fn named(desk: &Desk, only: Option<&InstanceId>) -> Result<Vec<(Window, String)>, StoreError> {
    let instances = desk.core.store.instances().await?;
    let mut windows = Windows::new(desk.core.clone()).open().await?;
    windows.retain(|window| only.is_none_or(|id| window.instance == *id));
    let name = |window: &Window| {
        let known = instances.iter().find(|instance| instance.id == window.instance);
        known.map_or_else(|| window.instance.to_string(), |instance| instance.name.clone())
    };
    Ok(windows.into_iter().map(|window| (window.clone(), name(&window))).collect())
}

/// What is planned for one panel, for the screen that asks how long a maintenance shall last: words and buttons.
///
/// # Errors
/// The database.
pub(super) async fn planned_for(visit: &Visit, id: &InstanceId) -> Result<(Html, Vec<Button>), StoreError> {
    let t = &visit.t;
    let planned = named(&visit.desk, Some(id)).await?;
    let mut buttons: Vec<Button> = planned.iter().take(BUTTONS).map(|one| cancel_button(t, one)).collect();
    buttons.push(button(words::new_label(t), AdminPress::WindowNew(id.clone())));
    Ok((words::rows(t, &planned, visit.desk.core.clock.now()), buttons))
}

/// When, and for how long? `wrong`: why the last answer did not fit.
pub async fn ask(visit: &Visit, talk: &Talk, id: &InstanceId, wrong: Option<Html>) -> HandlerResult {
    let Some(instance) = visit.desk.core.store.instance(id).await? else {
        talk.exit().await?;
        return list(visit, Some(words::unknown(&visit.t, id.as_str()))).await;
    };
    talk.update(Step::Admin(AdminStep::Window(id.clone()))).await?;
    let t = &visit.t;
    let screen = Screen::new(words::ask(t, &instance.name, visit.desk.core.clock.now()))
        .row([button(text::button::cancel(t), AdminPress::Leave)]);
    show(visit, "maintenance", headed(screen, wrong)).await
}

/// It was typed.
pub async fn typed(
    visit: &Visit,
    admin: Admin,
    talk: &Talk,
    id: &InstanceId,
    message: &Message,
) -> HandlerResult {
    plan(visit, admin, talk, id, message.text().unwrap_or_default()).await
}

async fn plan(visit: &Visit, admin: Admin, talk: &Talk, id: &InstanceId, when: &str) -> HandlerResult {
    let (t, now) = (&visit.t, visit.desk.core.clock.now());
    let span = match window::read(&number::latin_digits(when), t.zone(), now) {
        Ok(span) => span,
        Err(misfit) => return ask(visit, talk, id, Some(words::misfit(t, misfit))).await,
    };
    match Windows::new(visit.desk.core.clone()).plan(admin.id(), id, span).await {
        Ok(window) => {
            talk.exit().await?;
            let instance = visit.desk.core.store.instance(id).await?;
            let name = instance.map_or_else(|| id.to_string(), |instance| instance.name);
            list(visit, Some(words::planned(t, &name, &window))).await
        }
        Err(PlanWindowError::Overlaps(other)) => ask(visit, talk, id, Some(words::overlaps(t, &other))).await,
        Err(PlanWindowError::NotFound(id)) => {
            talk.exit().await?;
            list(visit, Some(words::unknown(t, id.as_str()))).await
        }
        Err(PlanWindowError::Store(error)) => Err(error.into()),
    }
}

/// Gives one up, or ends it.
pub async fn cancel(visit: &Visit, admin: Admin, id: WindowId) -> HandlerResult {
    let cancelled = Windows::new(visit.desk.core.clone()).cancel(admin.id(), id).await?;
    let head = match cancelled {
        Some(window) => words::cancelled(&visit.t, window.began_at.is_some()),
        None => words::over(&visit.t),
    };
    list(visit, Some(head)).await
}

/// To the admins: what became of one. `None`: its panel is not there any more.
///
/// # Errors
/// The database.
pub(super) async fn render(
    desk: &Desk,
    t: &T,
    id: WindowId,
    news: MaintenanceNews,
) -> Result<Option<Screen>, StoreError> {
    let store = &desk.core.store;
    let Some(window) = store.window(id).await? else { return Ok(None) };
    let Some(instance) = store.instance(&window.instance).await? else { return Ok(None) };
    let card = button(label::list(t), AdminPress::Panel(instance.id.clone()));
    Ok(Some(Screen::new(words::news(t, &instance.name, &window, news)).row([card])))
}
