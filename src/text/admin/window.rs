//! Planned maintenance.

use crate::domain::Timestamp;
use crate::domain::window::{Misfit, Window};
use crate::service::notice::MaintenanceNews;

use super::super::{Html, T, plain, say, time};

/// All that is planned, with what people call the panels.
#[must_use]
pub fn list(t: &T, planned: &[(Window, String)], now: Timestamp) -> Html {
    let rows = if planned.is_empty() { say!(t, "maintenance-none") } else { rows(t, planned, now) };
    Html::paragraphs([say!(t, "maintenance-title"), rows, say!(t, "maintenance-hint")])
}

/// A line for each.
#[must_use]
pub fn rows(t: &T, planned: &[(Window, String)], now: Timestamp) -> Html {
    let row = |(window, name): &(Window, String)| {
        let (name, end) = (name.as_str(), time::date_time(t, window.ends_at));
        if window.began_at.is_some() || window.starts_at <= now {
            say!(t, "maintenance-row-now", name = name, end = end)
        } else {
            say!(
                t,
                "maintenance-row",
                name = name,
                start = time::date_time(t, window.starts_at),
                span = time::span(t, window.ends_at - window.starts_at)
            )
        }
    };
    Html::lines(planned.iter().map(row))
}

/// When, and for how long?
#[must_use]
pub fn ask(t: &T, name: &str, now: Timestamp) -> Html {
    say!(t, "maintenance-ask", name = name, clock = time::clock(t, now))
}

/// Why what was typed does not fit.
#[must_use]
pub fn misfit(t: &T, misfit: Misfit) -> Html {
    match misfit {
        Misfit::Start => say!(t, "maintenance-misfit-start"),
        Misfit::NoSuchTime => say!(t, "maintenance-misfit-no-such-time"),
        Misfit::Past => say!(t, "maintenance-misfit-past"),
        Misfit::TooFar => say!(t, "maintenance-misfit-far"),
        Misfit::Duration => say!(t, "maintenance-misfit-duration"),
        Misfit::Length => say!(t, "maintenance-misfit-length"),
    }
}

/// Another one is planned for that time.
#[must_use]
pub fn overlaps(t: &T, other: &Window) -> Html {
    say!(
        t,
        "maintenance-overlaps",
        start = time::date_time(t, other.starts_at),
        end = time::date_time(t, other.ends_at)
    )
}

/// There is no panel of that name.
#[must_use]
pub fn unknown(t: &T, name: &str) -> Html {
    say!(t, "simulate-unknown", name = name)
}

/// It is planned.
#[must_use]
pub fn planned(t: &T, name: &str, window: &Window) -> Html {
    say!(
        t,
        "maintenance-planned",
        name = name,
        start = time::date_time(t, window.starts_at),
        end = time::date_time(t, window.ends_at)
    )
}

/// It was given up, or, if it had begun, ended.
#[must_use]
pub fn cancelled(t: &T, had_begun: bool) -> Html {
    if had_begun { say!(t, "maintenance-ended") } else { say!(t, "maintenance-cancelled") }
}

/// It is over, or never was.
#[must_use]
pub fn over(t: &T) -> Html {
    say!(t, "maintenance-over")
}

/// What became of one.
#[must_use]
pub fn news(t: &T, name: &str, window: &Window, news: MaintenanceNews) -> Html {
    let end = time::date_time(t, window.ends_at);
    match news {
        MaintenanceNews::Began => say!(t, "maintenance-news-began", name = name, end = end),
        MaintenanceNews::Ended => say!(t, "maintenance-news-ended", name = name),
        MaintenanceNews::EndedEarly => say!(t, "maintenance-news-ended-early", name = name),
        MaintenanceNews::Cancelled => {
            let start = time::date_time(t, window.starts_at);
            say!(t, "maintenance-news-cancelled", name = name, start = start)
        }
        MaintenanceNews::Missed => say!(t, "maintenance-news-missed", name = name, end = end),
    }
}

/// What stands on the button that plans one.
#[must_use]
pub fn new_label(t: &T) -> String {
    plain!(t, "button-maintenance-new")
}

/// What stands on the button that gives one up, or ends it.
#[must_use]
pub fn cancel_label(t: &T, name: &str, window: &Window) -> String {
    let (name, clock) = (name, time::clock(t, window.starts_at));
    if window.began_at.is_some() {
        plain!(t, "button-maintenance-end", name = name)
    } else {
        plain!(t, "button-maintenance-cancel", name = name, clock = clock)
    }
}
