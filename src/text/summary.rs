//! How the last day was, for admins: short, and a line when all was quiet.

use crate::service::notice::Summary;

use super::admin::panel;
use super::{Html, T, number, say, time};

/// The daily summary.
#[must_use]
pub fn summary(t: &T, day: &Summary) -> Html {
    let date = time::date(t, day.until);
    if day.incidents == 0
        && day.trouble.is_empty()
        && day.waiting == 0
        && day.new + day.ended + day.moves == 0
    {
        return say!(t, "summary-quiet", date = date, keys = day.keys, panels = day.panels);
    }
    let some = |count: u64, words: fn(&T, u64) -> Html| {
        if count == 0 { Html::default() } else { words(t, count) }
    };
    let uptime = day.uptime.map(|share| {
        let share = number::decimal(t.lang(), f64::from(share) / 100.0, 2);
        say!(t, "summary-uptime", share = super::plain!(t, "unit-percent", amount = share))
    });
    let figures = Html::lines([
        say!(t, "summary-keys", keys = day.keys, new = day.new, ended = day.ended),
        some(day.moves, |t, count| say!(t, "summary-moves", count = count)),
        some(day.waiting, |t, count| say!(t, "summary-waiting", count = count)),
        uptime.unwrap_or_default(),
        some(day.incidents, |t, count| say!(t, "summary-incidents", count = count)),
    ]);
    let trouble = day.trouble.iter().map(|(name, health)| {
        say!(t, "nodes-row-state", row = Html::piece(t, name), state = panel::health(t, *health))
    });
    let trouble = if day.trouble.is_empty() {
        Html::default()
    } else {
        Html::lines([say!(t, "summary-trouble")].into_iter().chain(trouble))
    };
    Html::paragraphs([say!(t, "summary-title", date = date), figures, trouble])
}
