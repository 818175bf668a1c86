//! Why something cannot be had, and the way on.

use crate::domain::ConfigId;
use crate::service::keys::KeyError;
use crate::telegram::callback::Callback;
use crate::telegram::{Button, Screen, Visit};
use crate::text;

use super::screens;

/// The refusal as a screen.
///
/// # Errors
/// The database.
pub fn screen(visit: &Visit, config: Option<ConfigId>, error: KeyError) -> anyhow::Result<Screen> {
    let t = &visit.t;
    if let KeyError::NoAccess(state) = error {
        return Ok(screens::outside(visit, state));
    }
    // What is ours is no refusal.
    let error = match error {
        KeyError::Store(error) => return Err(error.into()),
        other => other,
    };
    let gone = matches!(error, KeyError::NotFound | KeyError::NotYours);
    let screen = Screen::new(text::error::key(t, &error));
    Ok(match config {
        Some(config) if !gone => screen.row([Button::press(text::button::back(t), Callback::Key(config))]),
        _ => screen.row([
            Button::press(text::button::my_keys(t), Callback::Keys),
            Button::press(text::button::menu(t), Callback::Home),
        ]),
    })
}
