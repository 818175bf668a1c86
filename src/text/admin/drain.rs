//! Everybody away from a panel: how far it is, and what finishing it at once would cost.

use crate::domain::Timestamp;
use crate::service::drain::{Course, Losers, Phase};

use super::super::{Html, T, number, plain, say, time};
use super::migrate;

/// Which panel?
#[must_use]
pub fn which(t: &T) -> Html {
    say!(t, "drain-which")
}

/// There is no panel of that name.
#[must_use]
pub fn unknown(t: &T) -> Html {
    say!(t, "drain-unknown")
}

/// How far it is.
#[must_use]
pub fn course(t: &T, course: &Course, now: Timestamp) -> Html {
    let name = course.instance.name.as_str();
    let head = match course.phase {
        Phase::None => say!(t, "drain-none", name = name),
        Phase::Moving => say!(t, "drain-moving", name = name),
        Phase::Paused => say!(t, "drain-paused", name = name),
        Phase::Left => say!(t, "drain-left", name = name),
        Phase::Lingering => say!(t, "drain-lingering", name = name),
        Phase::Drained => say!(t, "drain-drained", name = name),
    };
    let moves = match (&course.moves, course.phase) {
        (None, _) | (Some(_), Phase::Lingering | Phase::Drained) => Html::default(),
        (Some(moves), _) => migrate::figures(t, moves, now),
    };
    let some = |of: u32, words: Html| if of == 0 { Html::default() } else { words };
    let rest = Html::lines([
        some(course.left, say!(t, "drain-row-left", count = course.left)),
        match course.lingers_until {
            Some(until) if course.lingering > 0 => {
                say!(t, "drain-row-lingering", count = course.lingering, until = time::date_time(t, until))
            }
            _ => Html::default(),
        },
        some(course.asleep, say!(t, "drain-row-asleep", count = course.asleep)),
    ]);
    Html::paragraphs([head, moves, rest])
}

/// Let go of everything at once? What that means.
#[must_use]
pub fn finish_ask(t: &T, name: &str, losers: &Losers) -> Html {
    if losers.accounts == 0 {
        return Html::paragraphs([say!(t, "drain-finish-nothing"), kept(t, losers)]);
    }
    let users = losers.owners.len();
    Html::paragraphs([
        say!(t, "drain-finish-ask", name = name, count = losers.accounts),
        match users {
            0 => say!(t, "drain-finish-nobody"),
            count => say!(t, "drain-finish-users", count = count),
        },
        kept(t, losers),
    ])
}

/// Asked a second time: who loses. `names`: the first of them.
#[must_use]
pub fn finish_sure(t: &T, losers: &Losers, names: Vec<Html>) -> Html {
    if losers.owners.is_empty() {
        return say!(t, "drain-finish-sure-nobody");
    }
    let more = losers.owners.len().saturating_sub(names.len());
    let more = (more > 0).then(|| say!(t, "drain-finish-more", count = more));
    let rows = names.into_iter().map(|name| say!(t, "drain-finish-row", name = name)).chain(more);
    let rows = Html::lines(rows);
    Html::paragraphs([say!(t, "drain-finish-sure", count = losers.owners.len()), rows])
}

fn kept(t: &T, losers: &Losers) -> Html {
    if losers.kept == 0 { Html::default() } else { say!(t, "drain-finish-kept", count = losers.kept) }
}

/// They were let go of.
#[must_use]
pub fn finished(t: &T, gone: u32) -> Html {
    say!(t, "drain-finished", count = number::whole(t, gone.into()))
}

/// Nothing of a panel serves any more.
#[must_use]
pub fn drained(t: &T, name: &str) -> Html {
    say!(t, "drain-drained", name = name)
}

/// What stands on the button that leads to it.
#[must_use]
pub fn look_label(t: &T) -> String {
    plain!(t, "button-drain-look")
}

/// What stands on the button that moves whoever is left.
#[must_use]
pub fn rest_label(t: &T) -> String {
    plain!(t, "button-drain-rest")
}

/// What stands on the button that ends it at once.
#[must_use]
pub fn finish_label(t: &T) -> String {
    plain!(t, "button-drain-finish")
}

/// Yes to that.
#[must_use]
pub fn finish_yes_label(t: &T) -> String {
    plain!(t, "button-drain-finish-yes")
}
