//! A key as admins see it, and what they do to it.

use teloxide::types::Message;

use super::dialogue::AdminStep;
use super::press::{AdminPress, Deed};
use super::{back, button, claim, headed, show, value};
use crate::domain::key::Standing;
use crate::domain::operation::Cause;
use crate::domain::{ConfigId, InstanceId};
use crate::service::keys::{Asked, KeyError, KeyView};
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::user::screens::menu;
use crate::telegram::visit::PATIENCE;
use crate::telegram::{Admin, Button, HandlerResult, Screen, Visit};
use crate::text::admin::{self, button as label, person as words};
use crate::text::{self, Html, T};

/// Days to add with a tap.
const DAYS: [u16; 3] = [7, 30, 90];
/// GiB to add with a tap.
const GB: [u16; 3] = [10, 50, 100];

/// A key's card.
pub async fn card(visit: &Visit, config: ConfigId, head: Option<Html>) -> HandlerResult {
    let Some(view) = visit.desk.keys.view(config).await? else {
        return refuse(visit, None, KeyError::NotFound).await;
    };
    let owner = visit.desk.core.store.person(view.owner).await?;
    let words = words::key_card(&visit.t, &view, owner.as_ref(), visit.desk.core.clock.now());
    show(visit, "admin-key", headed(buttons(&visit.t, &view, Screen::new(words)), head)).await
}

fn buttons(t: &T, view: &KeyView, screen: Screen) -> Screen {
    let config = view.config;
    let to_person = back(t, AdminPress::Person(view.owner));
    if view.standing == Standing::Revoked {
        return screen.row([to_person]);
    }
    let deed = |label: String, deed| button(label, AdminPress::Do { config, deed, screen: 0 });
    let pause = match view.standing {
        Standing::Suspended => deed(label::resume(t), Deed::Resume),
        _ => deed(label::suspend(t), Deed::Suspend),
    };
    screen
        .row([
            button(label::extend(t), AdminPress::Extend(config)),
            deed(label::reset_traffic(t), Deed::Reset),
        ])
        .row([pause, button(label::move_key(t), AdminPress::Move(config))])
        .row([
            button(label::why(t), AdminPress::Why(config)),
            button(label::revoke(t), AdminPress::Revoke(config, 0)),
        ])
        .row([button(text::button::refresh(t), AdminPress::Key(config)), to_person])
}

/// Why a wish is refused, with the way on. What is ours is no refusal.
pub(super) async fn refuse(visit: &Visit, config: Option<ConfigId>, error: KeyError) -> HandlerResult {
    let t = &visit.t;
    let error = match error {
        KeyError::Store(error) => return Err(error.into()),
        other => other,
    };
    let way = config.map_or_else(|| menu(t), |config| back(t, AdminPress::Key(config)));
    show(visit, "admin-key", Screen::new(words::refused(t, &error)).row([way])).await
}

/// A wish was taken: the key's card, with whether it is done yet.
pub(super) async fn carried(visit: &Visit, asked: Asked) -> HandlerResult {
    let done = visit.desk.keys.settled(asked.operation, PATIENCE).await;
    visit.desk.core.signals.mail.notify_one();
    let t = &visit.t;
    let head = if done { Html::escape(&admin::done(t)) } else { words::asked(t, asked.fresh) };
    card(visit, asked.config, Some(head)).await
}

async fn answer(visit: &Visit, config: ConfigId, asked: Result<Asked, KeyError>) -> HandlerResult {
    match asked {
        Ok(asked) => carried(visit, asked).await,
        Err(error) => refuse(visit, Some(config), error).await,
    }
}

/// How much more?
pub async fn extend_ask(visit: &Visit, talk: &Talk, config: ConfigId, head: Option<Html>) -> HandlerResult {
    talk.update(Step::Admin(AdminStep::Extend(config))).await?;
    let t = &visit.t;
    let by = |days, gb| AdminPress::ExtendBy { config, days, gb, screen: 0 };
    let screen = Screen::new(words::extend(t))
        .row(DAYS.map(|days| button(label::extend_days(t, days.into()), by(days, 0))))
        .row(GB.map(|gb| button(label::extend_gb(t, gb.into()), by(0, gb))))
        .row([back(t, AdminPress::Key(config))]);
    show(visit, "admin-extend", headed(screen, head)).await
}

/// So much more, by a button that works once.
pub async fn extend(
    visit: &Visit,
    _: Admin,
    config: ConfigId,
    days: u16,
    gb: u16,
    seen: i64,
) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let some = |number: u16| Some(i32::from(number)).filter(|number| *number > 0);
    more(visit, config, some(days), some(gb)).await
}

/// So much more (or less), as typed.
pub async fn extend_typed(
    visit: &Visit,
    _: Admin,
    talk: &Talk,
    config: ConfigId,
    message: &Message,
) -> HandlerResult {
    match value::extension(message.text().unwrap_or_default()) {
        Ok((days, gb)) => {
            talk.exit().await?;
            more(visit, config, days, gb).await
        }
        Err(why) => extend_ask(visit, talk, config, Some(admin::invalid(&visit.t, why))).await,
    }
}

async fn more(visit: &Visit, config: ConfigId, days: Option<i32>, gb: Option<i32>) -> HandlerResult {
    let asked = visit.desk.keys.extend(&visit.ask(Cause::Admin, None), config, days, gb).await;
    answer(visit, config, asked).await
}

/// What needs no more words. The button works once.
pub async fn deed(visit: &Visit, _: Admin, config: ConfigId, deed: Deed, seen: i64) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let (keys, ask) = (&visit.desk.keys, visit.ask(Cause::Admin, None));
    let asked = match deed {
        Deed::Reset => keys.reset_traffic(&ask, config).await,
        Deed::Suspend => keys.suspend(&ask, config).await,
        Deed::Resume => keys.resume(&ask, config).await,
        Deed::Revoke => keys.revoke(&ask, config).await,
    };
    answer(visit, config, asked).await
}

/// Take it away for good? Asked twice: `yes` is how often the admin said so.
pub async fn revoke_ask(visit: &Visit, config: ConfigId, yes: u8) -> HandlerResult {
    let t = &visit.t;
    let (words, go_on) = match yes {
        0 => (words::revoke_confirm(t), button(label::revoke_yes(t), AdminPress::Revoke(config, 1))),
        _ => {
            let deed = AdminPress::Do { config, deed: Deed::Revoke, screen: 0 };
            (words::revoke_sure(t), button(label::sure(t), deed))
        }
    };
    show(visit, "admin-revoke", Screen::new(words).row([go_on, back(t, AdminPress::Key(config))])).await
}

/// Where to?
pub async fn move_ask(visit: &Visit, config: ConfigId) -> HandlerResult {
    let t = &visit.t;
    let Some(view) = visit.desk.keys.view(config).await? else {
        return refuse(visit, None, KeyError::NotFound).await;
    };
    let here = view.instance.map(|(id, _)| id);
    let to = |to| AdminPress::MoveTo { config, to, screen: 0 };
    let screen = Screen::new(words::move_choose(t))
        .row([button(label::automatic(t), to(None))])
        .grid(2, targets(visit, here.as_ref(), |id| to(Some(id))).await?)
        .row([back(t, AdminPress::Key(config))]);
    show(visit, "admin-move", screen).await
}

/// A button for each panel but one.
pub(super) async fn targets(
    visit: &Visit,
    but: Option<&InstanceId>,
    press: impl Fn(InstanceId) -> AdminPress,
) -> anyhow::Result<Vec<Button>> {
    /// Telegram takes 100 buttons.
    const MOST: usize = 80;
    let views = visit.desk.fleet.list().await?;
    let others = views.into_iter().filter(|view| Some(&view.instance.id) != but).take(MOST);
    Ok(others
        .map(|view| {
            let flag = view.instance.region.flag();
            button(format!("{flag} {}", view.instance.name), press(view.instance.id))
        })
        .collect())
}

/// Which panel? A button for each.
pub(super) async fn which(
    visit: &Visit,
    view: &str,
    head: Option<Html>,
    question: Html,
    press: impl Fn(InstanceId) -> AdminPress,
) -> HandlerResult {
    let panels = targets(visit, None, press).await?;
    let screen = Screen::new(question).grid(2, panels).row([menu(&visit.t)]);
    show(visit, view, headed(screen, head)).await
}

/// There, or wherever is best. The button works once.
pub async fn move_to(
    visit: &Visit,
    _: Admin,
    config: ConfigId,
    to: Option<InstanceId>,
    seen: i64,
) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let asked = visit.desk.keys.move_to(&visit.ask(Cause::Admin, None), config, to).await;
    answer(visit, config, asked).await
}
