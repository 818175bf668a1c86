//! A key's card, and what can be done with it.

use crate::domain::operation::Cause;
use crate::domain::{ConfigId, Region};
use crate::service::keys::{KeyView, Server};
use crate::telegram::menu::Taken;
use crate::telegram::{HandlerResult, Screen, Visit};
use crate::text;
use crate::text::user::Work;

use super::{gone, own, refuse, screens, show, start};

/// The person's key, or all of them.
pub async fn mine(visit: Visit) -> HandlerResult {
    let keys = visit.desk.keys.of(visit.user()).await?;
    match keys.as_slice() {
        [] => start::home(visit).await,
        [only] => card(visit, only.config).await,
        _ => list(visit).await,
    }
}

/// All keys of the person.
pub async fn list(visit: Visit) -> HandlerResult {
    let keys = visit.desk.keys.of(visit.user()).await?;
    let screen = screens::list(&visit.t, &keys, visit.desk.core.policy.max_keys_per_user);
    show(&visit, "keys", screen).await
}

/// A key's card.
pub async fn card(visit: Visit, config: ConfigId) -> HandlerResult {
    match card_screen(&visit, config).await? {
        Some(screen) => show(&visit, "key", screen).await,
        None => gone(&visit).await,
    }
}

async fn card_screen(visit: &Visit, config: ConfigId) -> anyhow::Result<Option<Screen>> {
    let keys = visit.desk.keys.of(visit.user()).await?;
    let view = keys.iter().find(|view| view.config == config);
    if view.is_some_and(|view| view.server == Server::Trouble) {
        visit.desk.keys.looked_at(&visit.ask(Cause::Owner, None), config).await?;
    }
    Ok(view.map(|view| card_of(visit, view, screens::count(&keys))))
}

fn card_of(visit: &Visit, view: &KeyView, have: u32) -> Screen {
    let core = &visit.desk.core;
    screens::card(&visit.t, view, have, core.policy.max_keys_per_user, &visit.desk.about, core.clock.now())
}

/// Where could the key lead?
pub async fn locations(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    let places = visit.desk.keys.locations().await?;
    show(&visit, "locations", screens::locations(&visit.t, &view, &places)).await
}

/// Lead it there. The button works once: of two presses the second finds its screen gone.
pub async fn relocate(
    visit: Visit,
    (config, region, seen): (ConfigId, Option<Region>, i64),
) -> HandlerResult {
    let screen = match visit.take_screen(Some(seen)).await? {
        Taken::Screen(screen) => screen,
        Taken::Pending => return Ok(()),
        Taken::Stale => return stale(visit, config).await,
    };
    match visit.desk.keys.relocate(&visit.ask(Cause::Owner, Some(screen)), config, region).await {
        Ok(asked) => {
            visit.await_result(asked, screen, Work::Move).await?;
            Ok(())
        }
        Err(error) => refuse(&visit, Some(config), error).await,
    }
}

/// Checks the account and repairs it; nothing that the person holds changes.
pub async fn refresh(visit: Visit, config: ConfigId) -> HandlerResult {
    let ask = visit.ask(Cause::Owner, None);
    let found = visit.with_patience(Work::Check, visit.desk.keys.refresh(&ask, config)).await?;
    match found {
        Ok(found) => {
            let Some(screen) = card_screen(&visit, config).await? else { return gone(&visit).await };
            let head = text::key::refreshed(&visit.t, &found);
            show(&visit, "key", screen.headed(head)).await
        }
        Err(error) => refuse(&visit, Some(config), error).await,
    }
}

/// What is needed seldom.
pub async fn more(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    show(&visit, "more", screens::more(&visit.t, &view)).await
}

/// Make a new link? Asks first.
pub async fn reset_ask(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    show(&visit, "reset", screens::reset_confirm(&visit.t, &view)).await
}

/// Makes a new link. The button works once.
pub async fn reset(visit: Visit, (config, seen): (ConfigId, i64)) -> HandlerResult {
    let screen = match visit.take_screen(Some(seen)).await? {
        Taken::Screen(screen) => screen,
        Taken::Pending => return Ok(()),
        Taken::Stale => return stale(visit, config).await,
    };
    match visit.desk.keys.rotate(&visit.ask(Cause::Owner, Some(screen)), config).await {
        Ok(asked) => {
            visit.await_result(asked, screen, Work::Reset).await?;
            Ok(())
        }
        Err(error) => refuse(&visit, Some(config), error).await,
    }
}

/// The bare keys.
pub async fn links(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    let ask = visit.ask(Cause::Owner, None);
    match visit.with_patience(Work::Any, visit.desk.keys.links(&ask, config)).await? {
        Ok(links) => show(&visit, "links", screens::links(&visit.t, &view, &links)).await,
        Err(error) => refuse(&visit, Some(config), error).await,
    }
}

/// The link as a picture, a message of its own.
pub async fn qr(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    let Some(link) = &view.link else {
        let back = screens::back(&visit.t, crate::telegram::callback::Callback::Key(config));
        return show(&visit, "qr", Screen::new(text::key::link_none(&visit.t)).row([back])).await;
    };
    let png = text::qr::png(link)?;
    // One picture of the key stands at a time: an older one might show a link that is no more.
    let (desk, chat, slot) = (&visit.desk, visit.chat, format!("qr:{}", visit.chat));
    let older = desk.core.store.sent_message(&slot).await?;
    let message = visit.photo(png, &screens::qr(&visit.t)).await?;
    desk.core.store.remember_message(&slot, chat, message, desk.core.clock.now()).await?;
    if let Some((_, older)) = older {
        desk.tg.delete(chat, older).await?;
    }
    Ok(())
}

/// It does not work: everything is checked, and told in plain words.
pub async fn broken(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    let ask = visit.ask(Cause::Owner, None);
    match visit.with_patience(Work::Check, visit.desk.keys.diagnose(&ask, config)).await? {
        Ok(found) => {
            let now = visit.desk.core.clock.now();
            let screen = screens::diagnosis(&visit.t, &view, &found, &visit.desk.about, now);
            show(&visit, "broken", screen).await
        }
        Err(error) => refuse(&visit, Some(config), error).await,
    }
}

/// It works, or does not: the answer to our question.
pub async fn verdict(visit: Visit, (config, works): (ConfigId, bool)) -> HandlerResult {
    if let Err(error) = visit.desk.keys.verdict(&visit.ask(Cause::Owner, None), config, works).await {
        return refuse(&visit, None, error).await;
    }
    if !works {
        return broken(visit, config).await;
    }
    let key = crate::telegram::Button::press(
        text::button::my_key(&visit.t),
        crate::telegram::callback::Callback::Key(config),
    );
    visit.amend(&Screen::new(text::key::works_yes(&visit.t)).row([key])).await?;
    Ok(())
}

/// The button of a screen that is gone: the key as it is now.
async fn stale(visit: Visit, config: ConfigId) -> HandlerResult {
    match card_screen(&visit, config).await? {
        Some(screen) => {
            let screen = screen.headed(text::user::menu_old(&visit.t));
            show(&visit, "key", screen).await
        }
        None => gone(&visit).await,
    }
}
