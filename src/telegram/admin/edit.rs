//! A panel's fields, changed one at a time by buttons and typed values.

use secrecy::SecretString;
use teloxide::types::Message;

use super::dialogue::AdminStep;
use super::nodes::{self, refuse};
use super::press::AdminPress;
use super::value::{self, Beside};
use super::{addnode, back, button, delete, show};
use crate::domain::instance::Mode;
use crate::domain::{InstanceId, Region};
use crate::service::fleet::{Edit, InstanceView};
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::panel::{self, Field};
use crate::text::admin::{self, Misfit, button as label};

/// What everybody changes now and then.
const COMMON: [Field; 12] = [
    Field::Name,
    Field::Region,
    Field::Cap,
    Field::Weight,
    Field::Priority,
    Field::Mode,
    Field::Address,
    Field::Username,
    Field::Password,
    Field::Provider,
    Field::Tags,
    Field::Note,
];
/// How the panel is reached: most need none of it.
pub(super) const CONNECTION: [Field; 8] = [
    Field::Proxy,
    Field::Headers,
    Field::Ca,
    Field::Fingerprint,
    Field::ConnectTo,
    Field::Sni,
    Field::ClientCertificate,
    Field::Inbounds,
];

/// Which field?
pub async fn choose(visit: &Visit, id: &InstanceId) -> HandlerResult {
    fields(visit, id, &COMMON).await
}

/// Which of those that few need?
pub async fn more(visit: &Visit, id: &InstanceId) -> HandlerResult {
    fields(visit, id, &CONNECTION).await
}

async fn fields(visit: &Visit, id: &InstanceId, fields: &[Field]) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return refuse(visit, None, error).await,
    };
    let t = &visit.t;
    let of = |field: &Field| button(label::field(t, *field), AdminPress::EditField(id.clone(), *field));
    let common = fields == COMMON;
    let more = common.then(|| button(label::advanced(t), AdminPress::EditMore(id.clone())));
    let to = if common { AdminPress::Panel(id.clone()) } else { AdminPress::Edit(id.clone()) };
    let name = &view.instance.name;
    let words = if common {
        panel::edit_choose(t, name)
    } else {
        let values = fields.iter().map(|field| (*field, field.value(t, &view.instance)));
        Html::paragraphs([panel::edit_choose(t, name), admin::addnode::advanced(t, values)])
    };
    let screen = Screen::new(words)
        .grid(if common { 2 } else { 1 }, fields.iter().map(of))
        .row(more)
        .row([back(t, to)]);
    show(visit, "panel-edit", screen).await
}

/// The new value, please. `wrong`: why the last one did not fit.
pub async fn ask(
    visit: &Visit,
    talk: &Talk,
    id: &InstanceId,
    field: Field,
    wrong: Option<Misfit>,
) -> HandlerResult {
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => return refuse(visit, None, error).await,
    };
    let t = &visit.t;
    if field == Field::Mode {
        let of = |words: String, manage| button(words, AdminPress::EditMode(id.clone(), manage));
        let screen = Screen::new(panel::mode_choose(t, &view.instance.name))
            .row([of(label::mode_use(t), true), of(label::mode_observe(t), false)])
            .row([back(t, AdminPress::Edit(id.clone()))]);
        return show(visit, "panel-edit", screen).await;
    }
    talk.update(Step::Admin(AdminStep::Edit { panel: id.clone(), field })).await?;
    let words = panel::edit_ask(t, field, Some(&view.instance));
    let words = Html::paragraphs([wrong.map(|why| admin::invalid(t, why)).unwrap_or_default(), words]);
    let regions = match field {
        Field::Region => addnode::places(visit, None).await?,
        _ => Vec::new(),
    };
    let region = |region: &Region| {
        button(crate::text::region::label(t, region), AdminPress::EditRegion(id.clone(), region.clone()))
    };
    let clearable = value::clear(field, &view.instance.connection).is_some();
    let clear = clearable.then(|| button(label::clear(t), AdminPress::EditClear(id.clone(), field)));
    let screen = Screen::new(words)
        .grid(2, regions.iter().map(region))
        .row(clear.into_iter().chain([button(crate::text::button::cancel(t), AdminPress::Leave)]));
    show(visit, "panel-edit", screen).await
}

/// The new value came. A message with a secret is deleted before anything else.
pub async fn typed(
    visit: &Visit,
    admin: Admin,
    talk: &Talk,
    id: &InstanceId,
    field: Field,
    message: &Message,
) -> HandlerResult {
    if field.is_secret() {
        delete(visit, message).await;
    }
    let view = match visit.desk.fleet.view(id).await {
        Ok(view) => view,
        Err(error) => {
            talk.exit().await?;
            return refuse(visit, None, error).await;
        }
    };
    let store = &visit.desk.core.store;
    let password = match field {
        // A new user name goes with the password there is.
        Field::Username => store.password(id).await?.unwrap_or_default(),
        _ => SecretString::default(),
    };
    let beside =
        Beside { username: &view.instance.username, password, connection: &view.instance.connection };
    match value::read(field, message.text().unwrap_or_default(), &beside) {
        Ok(edit) => {
            talk.exit().await?;
            save(visit, admin, &view, edit).await
        }
        Err(why) => ask(visit, talk, id, field, Some(why)).await,
    }
}

/// No value any more.
pub async fn clear(visit: &Visit, admin: Admin, id: &InstanceId, field: Field) -> HandlerResult {
    with_view(visit, admin, id, |view| value::clear(field, &view.instance.connection)).await
}

/// This location.
pub async fn region(visit: &Visit, admin: Admin, id: &InstanceId, region: Region) -> HandlerResult {
    with_view(visit, admin, id, |_| Some(Edit::Region(region))).await
}

/// Use it, or only watch.
pub async fn mode(visit: &Visit, admin: Admin, id: &InstanceId, manage: bool) -> HandlerResult {
    let mode = if manage { Mode::Manage } else { Mode::Observe };
    with_view(visit, admin, id, |_| Some(Edit::Mode(mode))).await
}

async fn with_view(
    visit: &Visit,
    admin: Admin,
    id: &InstanceId,
    edit: impl FnOnce(&InstanceView) -> Option<Edit>,
) -> HandlerResult {
    match visit.desk.fleet.view(id).await {
        Ok(view) => match edit(&view) {
            Some(edit) => save(visit, admin, &view, edit).await,
            None => choose(visit, id).await,
        },
        Err(error) => refuse(visit, None, error).await,
    }
}

async fn save(visit: &Visit, admin: Admin, view: &InstanceView, edit: Edit) -> HandlerResult {
    let id = &view.instance.id;
    let below = matches!(&edit, Edit::MaxUsers(cap) if *cap < view.counters.taken());
    match visit.desk.fleet.edit(Some(admin.id()), id, edit).await {
        Ok(()) => nodes::card(visit, id, Some(panel::edit_saved(&visit.t, below))).await,
        Err(error) => refuse(visit, Some(id), error).await,
    }
}
