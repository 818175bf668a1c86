//! How all of it grows: a chart, a message of its own.

use super::press::{AdminPress, Period};
use super::{button, show as show_menu};
use crate::service::stats::stats;
use crate::telegram::callback::Callback;
use crate::telegram::user::screens::menu;
use crate::telegram::{Button, HandlerResult, Screen, Visit};
use crate::text;
use crate::text::admin::stats as words;

/// The chart over such a time.
pub async fn show(visit: &Visit, period: Period) -> HandlerResult {
    let t = &visit.t;
    let found = stats(&visit.desk.core, period.days()).await?;
    if found.is_empty() {
        return show_menu(visit, "stats", Screen::new(words::nothing(t)).row([menu(t)])).await;
    }
    let other =
        |other: Period| button(words::days_label(t, other.days(), other == period), AdminPress::Stats(other));
    let caption = Screen::new(words::caption(t, &found))
        .row(Period::ALL.iter().copied().map(other))
        .row([Button::press(text::button::close(t), Callback::Close)]);
    visit.photo(text::chart::png(t, &found.days), &caption).await?;
    Ok(())
}

/// The same over another time, in place of the one that was pressed.
pub async fn again(visit: &Visit, period: Period) -> HandlerResult {
    show(visit, period).await?;
    if let Some(message) = visit.pressed_message() {
        visit.desk.tg.delete(visit.chat, message).await?;
    }
    Ok(())
}
