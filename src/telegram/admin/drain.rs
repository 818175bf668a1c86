//! Everybody away from a panel: begun as any other move of many keys, then watched here until nothing of it serves.

use super::press::{AdminPress, DrainDeed};
use super::{back, button, key, migrate, nodes, show};
use crate::domain::InstanceId;
use crate::service::drain::{Course, Drains, Phase};
use crate::service::migration::{BatchState, PlanError};
use crate::store::StoreError;
use crate::telegram::dialogue::Talk;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Button, Desk, HandlerResult, Screen, Visit};
use crate::text::admin::{button as label, drain as words, migrate as moving, person_name};
use crate::text::{self, Html, T};

/// Owners named on one screen.
const NAMES: usize = 10;

/// Which panel? Or the one named behind the command.
pub async fn command(visit: &Visit, talk: &Talk, name: &str) -> HandlerResult {
    if name.is_empty() {
        return which(visit, None).await;
    }
    match nodes::find(visit, name).await? {
        Some(instance) => open(visit, talk, instance.id).await,
        None => which(visit, Some(words::unknown(&visit.t))).await,
    }
}

async fn which(visit: &Visit, head: Option<Html>) -> HandlerResult {
    key::which(visit, "drain", head, words::which(&visit.t), AdminPress::Drain).await
}

/// How far it is, or, if it has not begun: where shall the keys go?
pub async fn open(visit: &Visit, talk: &Talk, id: InstanceId) -> HandlerResult {
    match Drains::new(visit.desk.core.clone()).course(&id).await {
        Ok(course) if course.phase == Phase::None => migrate::of_panel(visit, talk, id, true).await,
        Ok(course) => show(visit, "drain", card(visit, &course)).await,
        Err(PlanError::Store(error)) => Err(error.into()),
        Err(_) => which(visit, Some(words::unknown(&visit.t))).await,
    }
}

fn card(visit: &Visit, course: &Course) -> Screen {
    let t = &visit.t;
    let id = || course.instance.id.clone();
    let deed = |label: String, deed| button(label, AdminPress::DrainDo(id(), deed));
    let mut screen = Screen::new(words::course(t, course, visit.desk.core.clock.now()));
    screen = match course.phase {
        Phase::Moving => {
            screen.row([deed(label::pause(t), DrainDeed::Pause), deed(label::stop(t), DrainDeed::Stop)])
        }
        Phase::Paused => {
            screen.row([deed(label::go_on(t), DrainDeed::GoOn), deed(label::stop(t), DrainDeed::Stop)])
        }
        Phase::Left => screen.row([deed(words::rest_label(t), DrainDeed::Rest)]),
        Phase::None | Phase::Lingering | Phase::Drained => screen,
    };
    let finish = (course.lingering > 0).then(|| deed(words::finish_label(t), DrainDeed::FinishAsk));
    screen
        .row(finish)
        .row([deed(text::button::refresh(t), DrainDeed::Look)])
        .row([back(t, AdminPress::Panel(id())), menu(t)])
}

/// What stands on the button that leads here.
#[must_use]
pub(super) fn look_label(t: &T) -> String {
    words::look_label(t)
}

/// A button of the card.
pub async fn deed(
    visit: &Visit,
    admin: Admin,
    talk: &Talk,
    id: InstanceId,
    deed: DrainDeed,
) -> HandlerResult {
    let drains = Drains::new(visit.desk.core.clone());
    let state = match deed {
        DrainDeed::Look => return open(visit, talk, id).await,
        DrainDeed::Rest => return migrate::of_panel(visit, talk, id, true).await,
        DrainDeed::FinishAsk => return ask(visit, &id, false).await,
        DrainDeed::FinishSure => return ask(visit, &id, true).await,
        DrainDeed::Finish => {
            let gone = drains.finish(admin.id(), &id).await?;
            return again(visit, &id, words::finished(&visit.t, gone)).await;
        }
        DrainDeed::Pause => BatchState::Paused,
        DrainDeed::GoOn => BatchState::Running,
        DrainDeed::Stop => BatchState::Cancelled,
    };
    if drains.turn(admin.id(), &id, state).await? {
        open(visit, talk, id).await
    } else {
        again(visit, &id, Html::piece(&visit.t, &moving::ended(&visit.t))).await
    }
}

async fn again(visit: &Visit, id: &InstanceId, head: Html) -> HandlerResult {
    match Drains::new(visit.desk.core.clone()).course(id).await {
        Ok(course) => show(visit, "drain", card(visit, &course).headed(head)).await,
        Err(PlanError::Store(error)) => Err(error.into()),
        Err(_) => which(visit, Some(words::unknown(&visit.t))).await,
    }
}

/// Asked twice before anything is let go of; the second time it says who loses.
async fn ask(visit: &Visit, id: &InstanceId, sure: bool) -> HandlerResult {
    let desk = &visit.desk;
    let Some(instance) = desk.core.store.instance(id).await? else {
        return which(visit, Some(words::unknown(&visit.t))).await;
    };
    let (t, losers) = (&visit.t, Drains::new(desk.core.clone()).losers(id).await?);
    let mut names = Vec::new();
    for owner in losers.owners.iter().take(NAMES) {
        let person = desk.core.store.person(*owner).await?;
        names.push(person_name(t, *owner, person.as_ref()));
    }
    let deed = |label: String, deed| -> Button { button(label, AdminPress::DrainDo(id.clone(), deed)) };
    let (words, go_on) = if sure {
        (words::finish_sure(t, &losers, names), deed(label::sure(t), DrainDeed::Finish))
    } else {
        let words = words::finish_ask(t, &instance.name, &losers);
        (words, deed(words::finish_yes_label(t), DrainDeed::FinishSure))
    };
    let screen = Screen::new(words)
        .row((losers.accounts > 0).then_some(go_on))
        .row([back(t, AdminPress::Drain(id.clone())), menu(t)]);
    show(visit, "drain", screen).await
}

/// To whoever began it: nothing of it serves any more. `None`: the panel is not there any more either.
///
/// # Errors
/// The database.
pub(super) async fn drained(desk: &Desk, t: &T, id: &InstanceId) -> Result<Option<Screen>, StoreError> {
    let Some(instance) = desk.core.store.instance(id).await? else { return Ok(None) };
    let card = button(label::list(t), AdminPress::Panel(instance.id));
    Ok(Some(Screen::new(words::drained(t, &instance.name)).row([card])))
}
