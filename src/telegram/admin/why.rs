//! Why a key is where it is, and what would be chosen now.

use super::press::AdminPress;
use super::{back, button, person, show};
use crate::domain::{ConfigId, UserId};
use crate::service::keys::KeyError;
use crate::telegram::{HandlerResult, Screen, Visit};
use crate::text;
use crate::text::admin::why as words;

/// The only key of a person, or: which?
pub async fn of_person(visit: &Visit, user: UserId) -> HandlerResult {
    let t = &visit.t;
    let keys = visit.desk.keys.of(user).await?;
    match keys.as_slice() {
        [] => person::card(visit, user, None).await,
        [only] => key(visit, only.config).await,
        several => {
            let of = |key: &crate::service::keys::KeyView| {
                button(text::button::key(t, key.number), AdminPress::Why(key.config))
            };
            let screen = Screen::new(words::choose(t))
                .grid(3, several.iter().take(person::KEYS).map(of))
                .row([back(t, AdminPress::Person(user))]);
            show(visit, "why", screen).await
        }
    }
}

/// Why a key is where it is.
pub async fn key(visit: &Visit, config: ConfigId) -> HandlerResult {
    let (t, desk) = (&visit.t, &visit.desk);
    desk.core.placer.refresh(&desk.core.store).await?;
    let (Some(view), Some(why)) = (desk.keys.view(config).await?, desk.explain.why(config).await?) else {
        return super::key::refuse(visit, None, KeyError::NotFound).await;
    };
    let screen = Screen::new(words::key(t, view.number, &why)).row([back(t, AdminPress::Key(config))]);
    show(visit, "why", screen).await
}
