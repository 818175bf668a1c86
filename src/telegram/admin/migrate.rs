//! Many keys at once: whose, where to, what would happen, and how far it is.

use std::str::FromStr as _;

use super::dialogue::{AdminStep, For, Whose};
use super::press::{AdminPress, Turn};
use super::{back, button, claim, headed, key, nodes, person, show};
use crate::domain::operation::Cause;
use crate::domain::{BatchId, InstanceId, UserId};
use crate::service::drain::Drains;
use crate::service::fleet::FleetError;
use crate::service::migration::{BatchState, PlanError, Progress, Scope, To};
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::admin::{button as label, migrate as words, panel_name, person_name};
use crate::text::{self, Html, T};

/// Sets of moves shown below the question.
const RECENT: u32 = 3;

/// Whose keys?
pub async fn whose(visit: &Visit, talk: &Talk) -> HandlerResult {
    ask_whose(visit, talk, None).await
}

async fn ask_whose(visit: &Visit, talk: &Talk, head: Option<Html>) -> HandlerResult {
    talk.update(Step::Admin(AdminStep::Whom(For::Migrate))).await?;
    let t = &visit.t;
    let recent = visit.desk.migrations.recent(RECENT).await?;
    let panels = key::targets(visit, None, AdminPress::MigratePanel).await?;
    let screen = Screen::new(Html::paragraphs([words::scope(t), words::recent(t, &recent)]))
        .grid(2, panels)
        .row([button(text::button::cancel(t), AdminPress::Leave)]);
    show(visit, "migrate", headed(screen, head)).await
}

/// A panel's short name or a person, named behind the command.
pub async fn named(visit: &Visit, _: Admin, talk: &Talk, name: &str) -> HandlerResult {
    if let Ok(id) = InstanceId::from_str(name)
        && visit.desk.core.store.instance(&id).await?.is_some()
    {
        return of_panel(visit, talk, id, false).await;
    }
    match visit.desk.core.store.find_person(name).await? {
        Some(person) => of_person(visit, talk, person.id).await,
        None => ask_whose(visit, talk, Some(words::refused(&visit.t, &PlanError::NotFound))).await,
    }
}

/// All keys of a panel. `from_card`: the way back leads to its card.
pub async fn of_panel(visit: &Visit, talk: &Talk, id: InstanceId, from_card: bool) -> HandlerResult {
    targets(visit, talk, Whose::Panel { id, from_card }).await
}

/// A person's keys.
pub async fn of_person(visit: &Visit, talk: &Talk, user: UserId) -> HandlerResult {
    targets(visit, talk, Whose::Person(user)).await
}

/// Where to?
pub async fn targets(visit: &Visit, talk: &Talk, whose: Whose) -> HandlerResult {
    let Some(source) = source(visit, &whose).await? else { return gone(visit, talk, &whose).await };
    talk.update(Step::Admin(AdminStep::MigrateTo(whose.clone()))).await?;
    let t = &visit.t;
    let here = match &whose {
        Whose::Panel { id, .. } => Some(id),
        Whose::Person(_) => None,
    };
    let to = |id| AdminPress::MigrateTo(Some(id));
    let screen = Screen::new(words::target(t, source))
        .row([button(label::automatic(t), AdminPress::MigrateTo(None))])
        .grid(2, key::targets(visit, here, to).await?)
        .row([way_back(t, &whose)]);
    show(visit, "migrate", screen).await
}

fn way_back(t: &T, whose: &Whose) -> crate::telegram::Button {
    match whose {
        Whose::Panel { id, from_card: true } => back(t, AdminPress::Panel(id.clone())),
        Whose::Panel { .. } => back(t, AdminPress::Migrate),
        Whose::Person(user) => back(t, AdminPress::Person(*user)),
    }
}

/// What people call it; `None` when it is not there any more.
async fn source(visit: &Visit, whose: &Whose) -> anyhow::Result<Option<Html>> {
    let store = &visit.desk.core.store;
    Ok(match whose {
        Whose::Panel { id, .. } => {
            store.instance(id).await?.map(|instance| panel_name(&visit.t, &instance.name))
        }
        Whose::Person(user) => {
            let person = store.person(*user).await?;
            person.map(|person| person_name(&visit.t, *user, Some(&person)))
        }
    })
}

async fn gone(visit: &Visit, talk: &Talk, whose: &Whose) -> HandlerResult {
    talk.exit().await?;
    match whose {
        Whose::Panel { id, .. } => nodes::refuse(visit, None, FleetError::NotFound(id.clone())).await,
        Whose::Person(user) => person::card(visit, *user, None).await,
    }
}

/// A target was chosen.
pub async fn chosen(visit: &Visit, talk: &Talk, step: Step, to: Option<InstanceId>) -> HandlerResult {
    match step {
        Step::Admin(AdminStep::MigrateTo(whose) | AdminStep::MigrateStart { whose, .. }) => {
            preview(visit, talk, whose, to, None).await
        }
        Step::Idle | Step::Admin(_) => over(visit).await,
    }
}

/// What would happen.
pub async fn preview(
    visit: &Visit,
    talk: &Talk,
    whose: Whose,
    to: Option<InstanceId>,
    head: Option<Html>,
) -> HandlerResult {
    let Some(source) = source(visit, &whose).await? else { return gone(visit, talk, &whose).await };
    let t = &visit.t;
    let plan = match visit.desk.migrations.preview(&scope(&whose), &target(to.clone())).await {
        Ok(plan) => plan,
        Err(error) => return refuse(visit, talk, &whose, error).await,
    };
    let closes = matches!(whose, Whose::Panel { .. });
    let way_back = way_back(t, &whose);
    talk.update(Step::Admin(AdminStep::MigrateStart { whose, to })).await?;
    let start = AdminPress::MigrateStart { plan: plan.fingerprint, screen: 0 };
    let start = (!plan.moves.is_empty()).then(|| button(label::start(t), start));
    let screen = Screen::new(words::preview(t, &source, &plan, closes))
        .row(start)
        .row([way_back, button(text::button::cancel(t), AdminPress::Leave)]);
    show(visit, "migrate", headed(screen, head)).await
}

fn scope(whose: &Whose) -> Scope {
    match whose {
        Whose::Panel { id, .. } => Scope::Instance(id.clone()),
        Whose::Person(user) => Scope::Owner(*user),
    }
}

fn target(to: Option<InstanceId>) -> To {
    to.map_or(To::Automatic, To::Instance)
}

async fn refuse(visit: &Visit, talk: &Talk, whose: &Whose, error: PlanError) -> HandlerResult {
    if let PlanError::Store(error) = error {
        return Err(error.into());
    }
    talk.exit().await?;
    let t = &visit.t;
    show(visit, "migrate", Screen::new(words::refused(t, &error)).row([way_back(t, whose), menu(t)])).await
}

/// Starts what was previewed. The button works once, and only while the plan is the one that was shown with it.
pub async fn start(visit: &Visit, _: Admin, talk: &Talk, step: Step, plan: u64, seen: i64) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let Step::Admin(AdminStep::MigrateStart { whose, to }) = step else { return over(visit).await };
    let desk = &visit.desk;
    let ask = visit.ask(Cause::Batch, None);
    let to_go = target(to.clone());
    let begun = match &whose {
        Whose::Panel { id, .. } => Drains::new(desk.core.clone()).start(&ask, id, &to_go, plan).await,
        Whose::Person(_) => desk.migrations.start(&ask, &scope(&whose), &to_go, plan).await,
    };
    match begun {
        Ok(_) => {
            desk.core.signals.mail.notify_one();
            let t = &visit.t;
            let look = match &whose {
                Whose::Panel { id, .. } => {
                    Some(button(super::drain::look_label(t), AdminPress::Drain(id.clone())))
                }
                Whose::Person(_) => None,
            };
            let screen = Screen::new(words::started(t))
                .row(look)
                .row([button(label::list(t), AdminPress::Panels(0)), menu(t)]);
            // The question ends after its answer stands there: until then it may be handled once more.
            show(visit, "migrate", screen).await?;
            Ok(talk.exit().await?)
        }
        Err(PlanError::Changed) => changed(visit, talk, whose, to).await,
        Err(error) => refuse(visit, talk, &whose, error).await,
    }
}

/// The plan is another one now: shown anew, and nothing was done.
async fn changed(visit: &Visit, talk: &Talk, whose: Whose, to: Option<InstanceId>) -> HandlerResult {
    let head = words::refused(&visit.t, &PlanError::Changed);
    preview(visit, talk, whose, to, Some(head)).await
}

async fn over(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let screen = Screen::new(words::over(t)).row([button(label::move_key(t), AdminPress::Migrate), menu(t)]);
    show(visit, "migrate", screen).await
}

/// How far a set is, with what can be done about it.
#[must_use]
pub(super) fn progress(t: &T, progress: &Progress, now: crate::domain::Timestamp) -> Screen {
    let turn = |label: String, turn| button(label, AdminPress::Batch(progress.batch, turn));
    let screen = Screen::new(words::progress(t, progress, now));
    match progress.state {
        BatchState::Running => screen
            .row([turn(label::pause(t), Turn::Pause), turn(label::stop(t), Turn::Stop)])
            .row([turn(text::button::refresh(t), Turn::Look)]),
        BatchState::Paused => {
            screen.row([turn(label::go_on(t), Turn::GoOn), turn(label::stop(t), Turn::Stop)])
        }
        BatchState::Cancelled | BatchState::Done => screen,
    }
}

/// Pauses a set, goes on with it, stops it, or looks at it. Its message is not the menu.
pub async fn turn(visit: &Visit, admin: Admin, batch: BatchId, turn: Turn) -> HandlerResult {
    let migrations = &visit.desk.migrations;
    let changed = match turn.state() {
        Some(state) => migrations.set_state(admin.id(), batch, state).await?,
        None => true,
    };
    visit.answer((!changed).then(|| words::ended(&visit.t)));
    match migrations.progress(batch).await {
        Ok(found) => Ok(visit.amend(&progress(&visit.t, &found, visit.desk.core.clock.now())).await?),
        Err(PlanError::Store(error)) => Err(error.into()),
        Err(_) => Ok(()),
    }
}
