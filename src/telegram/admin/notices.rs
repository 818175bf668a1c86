//! What admins are told unasked.

use super::press::AdminPress;
use super::{button, migrate};
use crate::service::migration::PlanError;
use crate::service::notice::Notice;
use crate::store::StoreError;
use crate::telegram::{Desk, Screen};
use crate::text::{self, T};

/// A notice to admins as a message; `None` when it says nothing any more, or is not for them.
///
/// # Errors
/// The database.
pub async fn render(desk: &Desk, t: &T, notice: &Notice) -> Result<Option<Screen>, StoreError> {
    Ok(match notice {
        Notice::BatchProgress { batch } => match super::rebalance::render(desk, t, *batch).await? {
            Some(screen) => Some(screen),
            None => match desk.migrations.progress(*batch).await {
                Ok(progress) => Some(migrate::progress(t, &progress, desk.core.clock.now())),
                Err(PlanError::Store(error)) => return Err(error),
                Err(_) => None,
            },
        },
        Notice::Broadcast { broadcast } => super::broadcast::message(desk, *broadcast).await?,
        Notice::BroadcastProgress { broadcast } => super::broadcast::render(desk, t, *broadcast).await?,
        Notice::Incident { incident, .. } => super::incidents::render(desk, t, *incident).await?,
        Notice::AlertChatLost => Some(Screen::new(text::incident::chat_lost(t))),
        Notice::Summary { summary } => Some(Screen::new(text::summary::summary(t, summary))),
        Notice::InstanceProblem { instance, problem } => {
            let known = desk.core.store.instance(instance).await?;
            known.map(|known| {
                let card = button(text::admin::button::list(t), AdminPress::Panel(known.id));
                Screen::new(text::alert::instance(t, &known.name, problem)).row([card])
            })
        }
        Notice::Drained { instance } => super::drain::drained(desk, t, instance).await?,
        Notice::Maintenance { window, news } => super::windows::render(desk, t, *window, *news).await?,
        Notice::Held => super::recovery::held(desk, t).await?,
        Notice::NoRoom { region } => Some(Screen::new(text::alert::no_room(t, region.as_ref()))),
        _ => None,
    })
}
