//! What people do: their first key, its card, and what to do when it does not work.
//!
//! - [`start`]: greeting, help, language, invitations, everything that is no button.
//! - [`setup`]: from one tap to a working key on a device.
//! - [`claim`]: a key from before, whose link or secret somebody sends.
//! - [`key`]: a key's card and what can be done with it.
//! - [`screens`]: what all of these look like. [`refusal`]: why something cannot be had.

pub mod claim;
pub mod key;
pub mod refusal;
pub mod screens;
pub mod setup;
pub mod start;

use crate::domain::ConfigId;
use crate::service::keys::{KeyError, KeyView};

use super::{HandlerResult, Screen, Visit};

/// The person's own key; `None` when there is none of that number, or it is somebody else's.
async fn own(visit: &Visit, config: ConfigId) -> Result<Option<KeyView>, KeyError> {
    let view = visit.desk.keys.view(config).await?;
    Ok(view.filter(|view| view.owner == visit.user()))
}

/// Shows why a wish cannot be had, with the way back to the key.
async fn refuse(visit: &Visit, config: Option<ConfigId>, error: KeyError) -> HandlerResult {
    let screen = refusal::screen(visit, config, error)?;
    visit.show("refusal", screen).await?;
    Ok(())
}

/// Shows that a key is not there (or not this person's: no stranger learns that it exists).
async fn gone(visit: &Visit) -> HandlerResult {
    refuse(visit, None, KeyError::NotFound).await
}

/// Shows a screen as the menu.
async fn show(visit: &Visit, view: &str, screen: Screen) -> HandlerResult {
    visit.show(view, screen).await?;
    Ok(())
}
