//! A message to many people: to whom, what they read, a look at it, and how far it is.

use teloxide::types::Message;
use teloxide::utils::render::Renderer;

use super::dialogue::AdminStep;
use super::press::{AdminPress, BroadcastDeed};
use super::{button, claim, headed, key, show};
use crate::domain::BroadcastId;
use crate::domain::broadcast::{Audience, BroadcastState};
use crate::service::broadcast::{Broadcasts, Progress};
use crate::store::StoreError;
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::menu::ShowError;
use crate::telegram::tg::TgError;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Button, Desk, HandlerResult, Screen, Visit};
use crate::text::admin::{broadcast as words, button as label};
use crate::text::{self, Html, T};

/// Messages shown below the question.
const RECENT: u32 = 3;
/// Locations with a button each: Telegram takes 100.
const REGIONS: usize = 80;

fn broadcasts(desk: &Desk) -> Broadcasts {
    Broadcasts::new(desk.core.clone())
}

/// To whom?
pub async fn whom(visit: &Visit) -> HandlerResult {
    let (t, all) = (&visit.t, broadcasts(&visit.desk));
    let mut groups = Vec::new();
    for audience in [Audience::Everybody, Audience::WithKey, Audience::WithoutKey] {
        let count = all.count(&audience).await?;
        groups.push(button(words::group(t, &audience, count), AdminPress::BroadcastTo(audience)));
    }
    let mut recent = Vec::new();
    for progress in all.recent(RECENT).await? {
        recent.push((audience(&visit.desk, t, &progress.broadcast.audience).await?, progress));
    }
    let screen = Screen::new(Html::paragraphs([words::whom(t), words::recent(t, &recent)]))
        .grid(1, groups)
        .row([
            button(words::region_label(t), AdminPress::BroadcastRegions),
            button(words::panel_label(t), AdminPress::BroadcastPanels),
        ])
        .row([menu(t)]);
    show(visit, "broadcast", screen).await
}

/// To those of which location?
pub async fn regions(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let regions = broadcasts(&visit.desk).regions().await?;
    let to = |region: crate::domain::Region| {
        button(text::region::label(t, &region), AdminPress::BroadcastTo(Audience::Region(region)))
    };
    let screen = Screen::new(words::which_region(t))
        .grid(2, regions.into_iter().take(REGIONS).map(to))
        .row([super::back(t, AdminPress::Broadcast)]);
    show(visit, "broadcast", screen).await
}

/// To those of which panel?
pub async fn panels(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let to = |id| AdminPress::BroadcastTo(Audience::Instance(id));
    let screen = Screen::new(words::which_panel(t))
        .grid(2, key::targets(visit, None, to).await?)
        .row([super::back(t, AdminPress::Broadcast)]);
    show(visit, "broadcast", screen).await
}

/// What shall they read? `wrong`: why the last answer did not fit.
pub async fn ask(visit: &Visit, talk: &Talk, to: Audience, wrong: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let count = broadcasts(&visit.desk).count(&to).await?;
    let name = audience(&visit.desk, t, &to).await?;
    if count == 0 {
        talk.exit().await?;
        let screen = Screen::new(words::nobody(t, name)).row([super::back(t, AdminPress::Broadcast)]);
        return show(visit, "broadcast", screen).await;
    }
    talk.update(Step::Admin(AdminStep::BroadcastText(to))).await?;
    let screen = Screen::new(words::ask(t, name, count))
        .row([super::back(t, AdminPress::Broadcast), button(text::button::cancel(t), AdminPress::Leave)]);
    show(visit, "broadcast", headed(screen, wrong)).await
}

/// It was written: shown as people will see it, and below that how many they are.
pub async fn typed(visit: &Visit, talk: &Talk, to: Audience, message: &Message) -> HandlerResult {
    let t = &visit.t;
    let Some(written) = formatted(message) else {
        return ask(visit, talk, to, Some(words::only_text(t))).await;
    };
    let length = written.telegram_len();
    if length > Html::MAX_TEXT {
        return ask(visit, talk, to, Some(words::too_long(t, length, Html::MAX_TEXT))).await;
    }
    match visit.say(&Screen::new(written.clone())).await {
        Ok(_) => {}
        Err(ShowError::Telegram(TgError::Refused(_))) => {
            return ask(visit, talk, to, Some(words::refused(t))).await;
        }
        Err(error) => return Err(error.into()),
    }
    let count = broadcasts(&visit.desk).count(&to).await?;
    let name = audience(&visit.desk, t, &to).await?;
    let text = written.into_string();
    talk.update(Step::Admin(AdminStep::BroadcastSend { audience: to.clone(), text })).await?;
    let screen = Screen::new(words::preview(t, name, count))
        .row([button(words::send_label(t, count), AdminPress::BroadcastSend { screen: 0 })])
        .row([
            button(words::rewrite_label(t), AdminPress::BroadcastTo(to)),
            button(text::button::cancel(t), AdminPress::Leave),
        ]);
    show(visit, "broadcast", screen).await
}

/// A message's text with its formatting, in Telegram's HTML; `None`: it is something else.
fn formatted(message: &Message) -> Option<Html> {
    let text = message.text()?;
    let html = Renderer::new(text, message.entities().unwrap_or_default()).as_html();
    Some(Html::trusted(html))
}

/// Sends what was previewed. The button works once.
pub async fn send(visit: &Visit, admin: Admin, talk: &Talk, step: Step, seen: i64) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let t = &visit.t;
    let Step::Admin(AdminStep::BroadcastSend { audience: to, text }) = step else {
        let again = button(label::broadcast(t), AdminPress::Broadcast);
        return show(visit, "broadcast", Screen::new(words::over(t)).row([again, menu(t)])).await;
    };
    let begun = broadcasts(&visit.desk).begin(admin.id(), visit.update_id, &to, &text).await?;
    let words = match begun {
        Some(_) => words::started(t),
        None => words::nobody(t, audience(&visit.desk, t, &to).await?),
    };
    show(visit, "broadcast", Screen::new(words).row([menu(t)])).await?;
    Ok(talk.exit().await?)
}

/// Stops one, or looks at it. Its message is not the menu.
pub async fn deed(visit: &Visit, admin: Admin, id: BroadcastId, deed: BroadcastDeed) -> HandlerResult {
    let stopped = match deed {
        BroadcastDeed::Look => true,
        BroadcastDeed::Stop => broadcasts(&visit.desk).stop(admin.id(), id).await?,
    };
    visit.answer((!stopped).then(|| words::ended(&visit.t)));
    match render(&visit.desk, &visit.t, id).await? {
        Some(screen) => Ok(visit.amend(&screen).await?),
        None => Ok(()),
    }
}

/// What one of many people reads. `None`: it was stopped before they got it.
///
/// # Errors
/// The database.
pub(super) async fn message(desk: &Desk, id: BroadcastId) -> Result<Option<Screen>, StoreError> {
    let broadcast = desk.core.store.broadcast(id).await?;
    let goes_out = broadcast.filter(|broadcast| broadcast.state != BroadcastState::Stopped);
    Ok(goes_out.map(|broadcast| Screen::new(Html::trusted(broadcast.text))))
}

/// How far one is, with what can be done about it.
///
/// # Errors
/// The database.
pub(super) async fn render(desk: &Desk, t: &T, id: BroadcastId) -> Result<Option<Screen>, StoreError> {
    let Some(progress) = broadcasts(desk).progress(id).await? else { return Ok(None) };
    let name = audience(desk, t, &progress.broadcast.audience).await?;
    Ok(Some(Screen::new(words::progress(t, name, &progress)).row(turns(t, &progress))))
}

fn turns(t: &T, progress: &Progress) -> Vec<Button> {
    let turn = |label: String, deed| button(label, AdminPress::BroadcastDo(progress.broadcast.id, deed));
    match progress.broadcast.state {
        BroadcastState::Running => {
            vec![
                turn(label::stop(t), BroadcastDeed::Stop),
                turn(text::button::refresh(t), BroadcastDeed::Look),
            ]
        }
        BroadcastState::Stopped | BroadcastState::Done => Vec::new(),
    }
}

/// What a group of people is called.
async fn audience(desk: &Desk, t: &T, audience: &Audience) -> Result<Html, StoreError> {
    let panel = match audience {
        Audience::Instance(id) => desk.core.store.instance(id).await?.map(|instance| instance.name),
        Audience::Everybody | Audience::WithKey | Audience::WithoutKey | Audience::Region(_) => None,
    };
    Ok(words::audience(t, audience, panel.as_deref()))
}
