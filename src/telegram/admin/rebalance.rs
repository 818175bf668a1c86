//! Evening out the load: preview, begin, pause, stop, take back. Progress stands in a message of its own, which is
//! edited as it goes on.

use super::press::{AdminPress, Turn};
use super::{button, headed, show};
use crate::domain::BatchId;
use crate::service::rebalance::{Course, Rebalance, RebalanceError};
use crate::store::batches::BatchState;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Desk, HandlerResult, Screen, Visit};
use crate::text::admin::{button as label, migrate as migrate_words, rebalance as words};
use crate::text::{self, Html, T};

/// How even the load is, and what a run would do.
pub async fn preview(visit: &Visit, head: Option<Html>) -> HandlerResult {
    let (desk, t) = (&visit.desk, &visit.t);
    let preview = over(desk).preview().await?;
    let instances = desk.core.store.instances().await?;
    let names = instances.into_iter().map(|instance| (instance.id, instance.name)).collect();
    let mut screen = Screen::new(words::preview(t, &names, &preview, desk.core.clock.now()));
    if preview.may_run() {
        let moves = preview.moves();
        screen = screen.row([button(words::run(t, moves), AdminPress::RebalanceRun(moves))]);
    }
    if let Some(latest) = &preview.latest {
        screen = with_turns(t, screen, latest);
        if latest.takes_back > 0 && preview.hindrance.is_none() {
            let press = AdminPress::RebalanceBack(latest.run.batch);
            screen = screen.row([button(words::take_back(t, latest.takes_back), press)]);
        }
    }
    let screen = screen.row([button(text::button::refresh(t), AdminPress::Rebalance), menu(t)]);
    show(visit, "rebalance", headed(screen, head)).await
}

fn over(desk: &Desk) -> Rebalance {
    Rebalance::new(desk.core.clone())
}

/// What can be done about a run.
fn with_turns(t: &T, screen: Screen, course: &Course) -> Screen {
    let turn = |label: String, turn| button(label, AdminPress::RebalanceTurn(course.run.batch, turn));
    match course.run.state {
        BatchState::Running => {
            screen.row([turn(label::pause(t), Turn::Pause), turn(label::stop(t), Turn::Stop)])
        }
        BatchState::Paused => {
            screen.row([turn(label::go_on(t), Turn::GoOn), turn(label::stop(t), Turn::Stop)])
        }
        BatchState::Cancelled | BatchState::Done => screen,
    }
}

/// How far a run is, as the message of whoever began it.
fn progress(t: &T, course: &Course) -> Screen {
    let screen = with_turns(t, Screen::new(words::progress(t, course)), course);
    match course.run.state {
        BatchState::Running => {
            let look = AdminPress::RebalanceTurn(course.run.batch, Turn::Look);
            screen.row([button(text::button::refresh(t), look)])
        }
        BatchState::Paused => screen,
        BatchState::Cancelled | BatchState::Done => {
            screen.row([button(words::look(t), AdminPress::Rebalance)])
        }
    }
}

/// The message about a run; `None`: that set of moves is none.
///
/// # Errors
/// The database.
pub async fn render(desk: &Desk, t: &T, batch: BatchId) -> Result<Option<Screen>, crate::store::StoreError> {
    Ok(over(desk).course(batch).await?.map(|course| progress(t, &course)))
}

/// Begins what was previewed with so many moves, or takes back what a run moved.
pub async fn begin(visit: &Visit, admin: Admin, what: Begin) -> HandlerResult {
    let (desk, t) = (&visit.desk, &visit.t);
    let begun = match what {
        Begin::Moves(shown) => over(desk).run(Some(admin.id()), Some(shown)).await,
        Begin::Back(batch) => over(desk).take_back(admin.id(), batch).await,
    };
    let head = match begun {
        Ok(_) => words::started(t),
        Err(RebalanceError::Store(error)) => return Err(error.into()),
        Err(error) => words::refused(t, &error, desk.core.clock.now()),
    };
    preview(visit, Some(head)).await
}

/// What a button begins.
#[derive(Debug, Clone, Copy)]
pub enum Begin {
    /// What was previewed, with so many moves.
    Moves(u32),
    /// The way back of a run.
    Back(BatchId),
}

/// Pauses a run, goes on with it, stops it or looks at it, on its own message or on the screen of the preview.
pub async fn turn(visit: &Visit, admin: Admin, batch: BatchId, turn: Turn) -> HandlerResult {
    let (desk, t) = (&visit.desk, &visit.t);
    let changed = match turn.state() {
        Some(state) => over(desk).set_state(admin.id(), batch, state).await?,
        None => true,
    };
    visit.answer((!changed).then(|| migrate_words::ended(t)));
    let own = desk.core.store.sent_message(&format!("batch:{batch}")).await?;
    if own.is_none_or(|(_, message)| Some(message) != visit.pressed_message()) {
        return preview(visit, None).await;
    }
    match render(desk, t, batch).await? {
        Some(screen) => Ok(visit.amend(&screen).await?),
        None => Ok(()),
    }
}
