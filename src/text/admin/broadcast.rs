//! A message to many people: what the admin who writes it reads.

use crate::domain::broadcast::{Audience, BroadcastState};
use crate::service::broadcast::Progress;

use super::super::{Html, T, number, plain, region, say, time};

/// To whom?
#[must_use]
pub fn whom(t: &T) -> Html {
    say!(t, "broadcast-whom")
}

/// Of which location?
#[must_use]
pub fn which_region(t: &T) -> Html {
    say!(t, "broadcast-which-region")
}

/// Of which panel?
#[must_use]
pub fn which_panel(t: &T) -> Html {
    say!(t, "broadcast-which-panel")
}

/// A group of people. `panel`: what its panel is called, if that is still there.
#[must_use]
pub fn audience(t: &T, audience: &Audience, panel: Option<&str>) -> Html {
    match audience {
        Audience::Everybody => say!(t, "broadcast-everybody"),
        Audience::WithKey => say!(t, "broadcast-with-key"),
        Audience::WithoutKey => say!(t, "broadcast-without-key"),
        Audience::Region(code) => say!(t, "broadcast-in-region", location = region::label(t, code)),
        Audience::Instance(id) => say!(t, "broadcast-on-panel", name = panel.unwrap_or(id.as_str())),
    }
}

/// What stands on the button of a group of so many people.
#[must_use]
pub fn group(t: &T, group: &Audience, count: u64) -> String {
    let name = audience(t, group, None);
    plain!(t, "button-broadcast-group", name = name, count = count)
}

/// What shall they read?
#[must_use]
pub fn ask(t: &T, audience: Html, count: u64) -> Html {
    say!(t, "broadcast-ask", audience = audience, count = count)
}

/// There is nobody.
#[must_use]
pub fn nobody(t: &T, audience: Html) -> Html {
    say!(t, "broadcast-nobody", audience = audience)
}

/// Not a text.
#[must_use]
pub fn only_text(t: &T) -> Html {
    say!(t, "broadcast-only-text")
}

/// Longer than Telegram takes.
#[must_use]
pub fn too_long(t: &T, length: usize, most: usize) -> Html {
    say!(t, "broadcast-too-long", length = length, most = most)
}

/// Telegram does not take it.
#[must_use]
pub fn refused(t: &T) -> Html {
    say!(t, "broadcast-refused")
}

/// Below the message as people will see it.
#[must_use]
pub fn preview(t: &T, audience: Html, count: u64) -> Html {
    say!(t, "broadcast-preview", audience = audience, count = count)
}

/// It goes out.
#[must_use]
pub fn started(t: &T) -> Html {
    say!(t, "broadcast-started")
}

/// Nothing was sent; a toast.
#[must_use]
pub fn cancelled(t: &T) -> String {
    plain!(t, "broadcast-cancelled")
}

/// The question that a button answers is not open any more.
#[must_use]
pub fn over(t: &T) -> Html {
    say!(t, "broadcast-over")
}

/// It has ended before; a toast.
#[must_use]
pub fn ended(t: &T) -> String {
    plain!(t, "broadcast-ended")
}

/// How far it is; this message is edited as it goes on.
#[must_use]
pub fn progress(t: &T, audience: Html, progress: &Progress) -> Html {
    let (broadcast, tally) = (&progress.broadcast, &progress.tally);
    let head = match broadcast.state {
        BroadcastState::Running => say!(t, "broadcast-running"),
        BroadcastState::Stopped => say!(t, "broadcast-stopped"),
        BroadcastState::Done => say!(t, "broadcast-done"),
    };
    let total = tally.total();
    let bar = say!(
        t,
        "broadcast-bar",
        bar = number::bar(tally.ended(), total),
        percent = number::percent(t, number::share(tally.ended(), total)),
        sent = tally.sent,
        total = total,
    );
    let some = |count: u64, line: fn(&T, u64) -> Html| match count {
        0 => Html::default(),
        count => line(t, count),
    };
    let rest = Html::lines([
        some(tally.blocked, |t, count| say!(t, "broadcast-blocked", count = count)),
        some(tally.failed, |t, count| say!(t, "broadcast-failed", count = count)),
        some(tally.left, |t, count| say!(t, "broadcast-left", count = count)),
        match broadcast.ended_at {
            Some(ended) => {
                say!(t, "migrate-progress-took", span = time::span(t, ended - broadcast.created_at))
            }
            None => Html::default(),
        },
    ]);
    Html::paragraphs([Html::lines([head, audience]), Html::lines([bar, rest])])
}

/// The latest messages, each with the name of its group.
#[must_use]
pub fn recent(t: &T, recent: &[(Html, Progress)]) -> Html {
    if recent.is_empty() {
        return Html::default();
    }
    let row = |(audience, progress): &(Html, Progress)| {
        say!(
            t,
            "broadcast-recent-row",
            when = time::date(t, progress.broadcast.created_at),
            audience = audience.clone(),
            sent = progress.tally.sent,
            total = progress.tally.total(),
        )
    };
    Html::lines([say!(t, "broadcast-recent")].into_iter().chain(recent.iter().map(row)))
}

/// What stands on the button that chooses a location.
#[must_use]
pub fn region_label(t: &T) -> String {
    plain!(t, "button-broadcast-region")
}

/// What stands on the button that chooses a panel.
#[must_use]
pub fn panel_label(t: &T) -> String {
    plain!(t, "button-broadcast-panel")
}

/// What stands on the button that sends it to so many people.
#[must_use]
pub fn send_label(t: &T, count: u64) -> String {
    plain!(t, "button-broadcast-send", count = count)
}

/// What stands on the button for another text.
#[must_use]
pub fn rewrite_label(t: &T) -> String {
    plain!(t, "button-broadcast-rewrite")
}
