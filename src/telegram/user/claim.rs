//! A key from before: somebody sends its link, or the key itself.

use teloxide::types::Message;

use super::{screens, show};
use crate::domain::claim::Claimed;
use crate::service::claim::Claim;
use crate::telegram::callback::Callback;
use crate::telegram::visit::PATIENCE;
use crate::telegram::{Button, HandlerResult, Screen, Visit};
use crate::text;

/// Looks whose it is, and says what came of it. The message with the secret is deleted.
pub async fn claim(visit: Visit, message: Message, claimed: Claimed) -> HandlerResult {
    let (visit, t) = (&visit, &visit.t);
    if let Err(error) = visit.desk.tg.delete(visit.chat, i64::from(message.id.0)).await {
        tracing::warn!("a message with a secret stays: {error}");
    }
    let looking = visit.desk.claims.claim(visit.user(), &claimed);
    tokio::pin!(looking);
    let came = match tokio::time::timeout(PATIENCE, &mut looking).await {
        Ok(came) => came?,
        Err(_) => {
            show(visit, "claim", Screen::new(text::claim::looking(t))).await?;
            looking.await?
        }
    };
    let screen = Screen::new(text::claim::came(t, came));
    let screen = match came {
        Claim::Yours(config) | Claim::Already(config) => {
            screen.row([Button::press(text::button::my_key(t), Callback::Key(config))])
        }
        Claim::Unknown | Claim::Later | Claim::TooOften => screen.row(screens::contact(t, &visit.desk.about)),
    };
    show(visit, "claim", screen.row([screens::menu(t)])).await
}
