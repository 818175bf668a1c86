//! A panel held against the database: preview, confirm, and the answers to what only a person can decide.

use std::str::FromStr as _;

use super::press::AdminPress;
use super::{back, button, claim, headed, key, nodes, patiently, show};
use crate::domain::InstanceId;
use crate::domain::reconcile::Question;
use crate::service::fleet::FleetError;
use crate::service::reconcile::{Answer, Hands, Pace, Pass, ReconcileError, Reconciler};
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::reconcile as words;

/// Which panel? Or the one named behind the command.
pub async fn command(visit: &Visit, name: &str) -> HandlerResult {
    match InstanceId::from_str(name) {
        Ok(id) => preview(visit, &id, None).await,
        Err(_) => which(visit).await,
    }
}

/// Which panel?
pub async fn which(visit: &Visit) -> HandlerResult {
    key::which(visit, "reconcile", None, words::which(&visit.t), AdminPress::ReconcilePanel).await
}

/// Reads a panel, and shows what would be done about it.
pub async fn preview(visit: &Visit, id: &InstanceId, head: Option<Html>) -> HandlerResult {
    let reconciler = Reconciler::new(visit.desk.core.clone());
    let looked = patiently(visit, words::reading(&visit.t), reconciler.preview(id)).await?;
    match looked {
        Ok(pass) => shown(visit, id, &pass, head).await,
        Err(error) => failed(visit, id, error).await,
    }
}

async fn shown(visit: &Visit, id: &InstanceId, pass: &Pass, head: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let instance = visit.desk.core.store.instance(id).await?;
    let name = instance.map_or_else(|| id.to_string(), |instance| instance.name);
    let mut screen = Screen::new(words::preview(t, &name, pass));
    let answer = |answer| {
        let press = AdminPress::ReconcileAnswer { id: id.clone(), answer, screen: 0 };
        button(words::label(t, answer), press)
    };
    if pass.hands == Hands::Free && !pass.plan.changes_nothing() {
        let press = AdminPress::ReconcileGo { id: id.clone(), screen: 0 };
        screen = screen.row([button(words::go(t), press)]);
    }
    for question in &pass.plan.questions {
        screen = match question {
            _ if !matches!(pass.hands, Hands::Free | Hands::LeftAlone) => screen,
            Question::Missing { .. } => screen
                .row([answer(Answer::MakeAgain)])
                .row([answer(Answer::Restored)])
                .row([answer(Answer::WrongPanel)]),
            Question::Favour { .. } => screen.row([answer(Answer::TakeOver), answer(Answer::PutBack)]),
            Question::ManagedTwice { .. } | Question::NewerThanUs { .. } => screen,
        };
    }
    let screen = screen
        .row([button(words::look(t), AdminPress::ReconcilePanel(id.clone()))])
        .row([back(t, AdminPress::Reconcile), menu(t)]);
    show(visit, "reconcile", headed(screen, head)).await
}

/// Does what was previewed; the panel is read anew.
pub async fn go(visit: &Visit, _: Admin, id: &InstanceId, screen: i64) -> HandlerResult {
    if !claim(visit, screen).await? {
        return Ok(());
    }
    let reconciler = Reconciler::new(visit.desk.core.clone());
    let done = patiently(visit, words::reading(&visit.t), reconciler.run(id, Pace::Waited)).await?;
    match done {
        Ok(pass) => {
            let head = match pass.acted {
                Some(acted) => words::acted(&visit.t, acted),
                None => words::bound(&visit.t, pass.hands),
            };
            preview(visit, id, Some(head)).await
        }
        Err(error) => failed(visit, id, error).await,
    }
}

/// An answer to what only a person can decide.
pub async fn answer(
    visit: &Visit,
    admin: Admin,
    id: &InstanceId,
    answer: Answer,
    screen: i64,
) -> HandlerResult {
    if !claim(visit, screen).await? {
        return Ok(());
    }
    let reconciler = Reconciler::new(visit.desk.core.clone());
    let answering = reconciler.answer(admin.id(), id, answer);
    match patiently(visit, words::reading(&visit.t), answering).await? {
        Ok(Ok(count)) => preview(visit, id, Some(words::answered(&visit.t, answer, count))).await,
        Ok(Err(hands)) => preview(visit, id, Some(words::bound(&visit.t, hands))).await,
        Err(error) => failed(visit, id, error).await,
    }
}

async fn failed(visit: &Visit, id: &InstanceId, error: ReconcileError) -> HandlerResult {
    let t = &visit.t;
    match error {
        ReconcileError::NotFound(id) => nodes::refuse(visit, None, FleetError::NotFound(id)).await,
        ReconcileError::Panel(error) => {
            let again = button(words::look(t), AdminPress::ReconcilePanel(id.clone()));
            let screen = Screen::new(words::unread(t, error.word()))
                .row([again])
                .row([back(t, AdminPress::Reconcile), menu(t)]);
            show(visit, "reconcile", screen).await
        }
        ReconcileError::Store(error) => Err(error.into()),
    }
}
