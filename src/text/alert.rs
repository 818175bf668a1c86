//! What admins are told unasked.

use crate::domain::Region;
use crate::service::migration::{BatchState, Progress};

use super::{Html, T, error, number, region, say};

/// A panel needs a person. `problem` is the short machine word of its failure.
#[must_use]
pub fn instance(t: &T, name: &str, problem: &str) -> Html {
    say!(t, "alert-instance", name = name, problem = error::problem(t, problem))
}

/// Keys wait for room, everywhere or in one location.
#[must_use]
pub fn no_room(t: &T, region: Option<&Region>) -> Html {
    match region {
        Some(region) => say!(t, "alert-no-room-in", location = region::label(t, region)),
        None => say!(t, "alert-no-room"),
    }
}

/// How far a set of moves is.
#[must_use]
pub fn batch(t: &T, progress: &Progress) -> Html {
    let (done, total) = (u64::from(progress.done), u64::from(progress.total));
    let title = match progress.state {
        BatchState::Running => say!(t, "migrate-progress-running"),
        BatchState::Paused => say!(t, "migrate-progress-paused"),
        BatchState::Cancelled => say!(t, "migrate-progress-cancelled"),
        BatchState::Done => say!(t, "migrate-progress-done"),
    };
    let bar = say!(
        t,
        "migrate-progress-bar",
        bar = number::bar(done, total),
        percent = number::percent(t, number::share(done, total)),
        done = progress.done,
        total = progress.total,
    );
    let waiting = if progress.waiting > 0 {
        say!(t, "migrate-progress-waiting", count = progress.waiting)
    } else {
        Html::default()
    };
    Html::lines([title, bar, waiting])
}
