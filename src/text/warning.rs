//! What the owner of a key is told once: its time or traffic ends, and what to do.

use chrono::TimeDelta;

use crate::service::notice::Warning;

use super::{Html, T, number, say, time};

/// A key's time or traffic ends.
#[must_use]
pub fn warning(t: &T, number: u32, warning: &Warning) -> Html {
    let (news, advice) = match warning {
        Warning::EndsSoon { at, days } => {
            let span = time::span(t, TimeDelta::days(i64::from(*days)));
            let news = say!(t, "warn-ends-soon", span = span, date = time::date_time(t, *at));
            (news, say!(t, "warn-ask-soon"))
        }
        Warning::Ended => (say!(t, "warn-ended"), say!(t, "warn-ask-over")),
        Warning::Traffic { percent, left } => {
            let percent = number::percent(t, u64::from(*percent));
            let news = say!(t, "warn-traffic", percent = percent, left = number::bytes(t, *left));
            (news, say!(t, "warn-ask-traffic"))
        }
        Warning::Exhausted => (say!(t, "warn-exhausted"), say!(t, "warn-ask-exhausted")),
    };
    // Those with one key only know it as "the key".
    let which = if number > 1 { say!(t, "warn-which", number = number) } else { Html::default() };
    Html::paragraphs([Html::lines([news, which]), advice])
}
