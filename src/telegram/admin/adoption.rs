//! Accounts that live on a panel already: whose they are, and the word that takes over what is certain.

use std::str::FromStr as _;

use super::press::AdminPress;
use super::{back, button, claim, headed, key, nodes, patiently, show};
use crate::domain::InstanceId;
use crate::service::adoption::{AdoptError, Adoption};
use crate::service::fleet::FleetError;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::adoption as words;

/// Which panel? Or the one named behind the command.
pub async fn command(visit: &Visit, name: &str) -> HandlerResult {
    match InstanceId::from_str(name) {
        Ok(id) => preview(visit, &id, None).await,
        Err(_) => which(visit).await,
    }
}

/// Which panel?
pub async fn which(visit: &Visit) -> HandlerResult {
    key::which(visit, "adopt", None, words::which(&visit.t), AdminPress::AdoptPanel).await
}

/// Reads all accounts of a panel, and shows whose they are.
pub async fn preview(visit: &Visit, id: &InstanceId, head: Option<Html>) -> HandlerResult {
    let adoption = Adoption::new(visit.desk.core.clone());
    let found = patiently(visit, words::reading(&visit.t), adoption.preview(id)).await?;
    let found = match found {
        Ok(found) => found,
        Err(error) => return failed(visit, id, error).await,
    };
    let t = &visit.t;
    let instance = visit.desk.core.store.instance(id).await?;
    let name = instance.map_or_else(|| id.to_string(), |instance| instance.name);
    let mut screen = Screen::new(words::preview(t, &name, &found));
    if !found.take.is_empty() {
        screen = screen.row([button(words::go(t), AdminPress::AdoptGo { id: id.clone(), screen: 0 })]);
    }
    let screen = screen.row([back(t, AdminPress::Adopt), menu(t)]);
    show(visit, "adopt", headed(screen, head)).await
}

/// Takes over what is certain; the panel is read anew.
pub async fn go(visit: &Visit, admin: Admin, id: &InstanceId, screen: i64) -> HandlerResult {
    if !claim(visit, screen).await? {
        return Ok(());
    }
    let adoption = Adoption::new(visit.desk.core.clone());
    match patiently(visit, words::reading(&visit.t), adoption.apply(Some(admin.id()), id)).await? {
        Ok(done) => preview(visit, id, Some(words::done(&visit.t, done))).await,
        Err(error) => failed(visit, id, error).await,
    }
}

async fn failed(visit: &Visit, id: &InstanceId, error: AdoptError) -> HandlerResult {
    let t = &visit.t;
    match error {
        AdoptError::NotFound(id) => nodes::refuse(visit, None, FleetError::NotFound(id)).await,
        AdoptError::Panel(error) => {
            let again = button(crate::text::admin::reconcile::look(t), AdminPress::AdoptPanel(id.clone()));
            let screen = Screen::new(words::unread(t, error.word()))
                .row([again])
                .row([back(t, AdminPress::Adopt), menu(t)]);
            show(visit, "adopt", screen).await
        }
        AdoptError::Store(error) => Err(error.into()),
    }
}
