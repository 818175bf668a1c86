//! Why a key is where it is, and what would be chosen now.

use crate::domain::Timestamp;

use super::super::{Html, T, number, say, time};

/// Why an instance was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Because {
    /// It was asked for by name.
    Asked,
    /// Of several it was the least loaded; the load is a share of what it may carry.
    LeastLoaded(f64),
    /// No other could take the key.
    Only,
    /// The reason was not kept.
    Unknown,
}

/// Why an instance cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out {
    /// At its cap.
    Full,
    /// Takes no new keys.
    Closed,
    /// Not well.
    Health,
    /// In another location.
    Region,
    /// Only watched.
    Observed,
    /// Another tier has room.
    Tier,
    /// Without a label that is needed.
    Tags,
    /// An earlier request to it may still land.
    Unsettled,
    /// Anything else.
    Other,
}

/// An instance that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Its name.
    pub name: String,
    /// Its load as a share of what it may carry, or why it is out.
    pub verdict: Result<f64, Out>,
    /// It would be chosen.
    pub chosen: bool,
}

/// Whose key?
#[must_use]
pub fn ask(t: &T) -> Html {
    say!(t, "why-ask")
}

/// Where a key is and why, and what would be chosen now. `placed`: the panel's name, since when, why.
#[must_use]
pub fn key(t: &T, number: u32, placed: Option<(&str, Timestamp, Because)>, now: &[Looked]) -> Html {
    let placed = match placed {
        Some((name, since, because)) => Html::lines([
            say!(t, "why-placed", number = number, name = name, date = time::date_time(t, since)),
            Html::lines([say!(t, "why-reason"), reason(t, because)]),
        ]),
        None => say!(t, "why-nowhere", number = number),
    };
    Html::paragraphs([placed, candidates(t, now)])
}

fn reason(t: &T, because: Because) -> Html {
    match because {
        Because::Asked => say!(t, "why-reason-asked"),
        Because::LeastLoaded(load) => say!(t, "why-reason-least", load = share(t, load)),
        Because::Only => say!(t, "why-reason-only"),
        Because::Unknown => say!(t, "why-reason-unknown"),
    }
}

/// What would be chosen now.
#[must_use]
pub fn candidates(t: &T, looked: &[Looked]) -> Html {
    const SHOWN: usize = 30;
    let mut rows: Vec<_> = looked.iter().take(SHOWN).map(|looked| row(t, looked)).collect();
    if looked.len() > SHOWN {
        rows.push(say!(t, "nodes-exit-more", count = looked.len() - SHOWN));
    }
    if !looked.iter().any(|looked| looked.chosen) {
        rows.push(say!(t, "why-none"));
    }
    Html::lines([say!(t, "why-now")].into_iter().chain(rows))
}

fn row(t: &T, looked: &Looked) -> Html {
    let name = looked.name.as_str();
    match looked.verdict {
        Ok(load) if looked.chosen => say!(t, "why-candidate-chosen", name = name, load = share(t, load)),
        Ok(load) => say!(t, "why-candidate", name = name, load = share(t, load)),
        Err(out) => say!(t, "why-candidate-out", name = name, reason = out_of(t, out)),
    }
}

fn out_of(t: &T, out: Out) -> Html {
    match out {
        Out::Full => say!(t, "why-out-full"),
        Out::Closed => say!(t, "why-out-closed"),
        Out::Health => say!(t, "why-out-health"),
        Out::Region => say!(t, "why-out-region"),
        Out::Observed => say!(t, "why-out-observe"),
        Out::Tier => say!(t, "why-out-tier"),
        Out::Tags => say!(t, "why-out-tags"),
        Out::Unsettled => say!(t, "why-out-unsettled"),
        Out::Other => say!(t, "why-out-other"),
    }
}

/// A load such as 0.4213 as `42.1%`.
fn share(t: &T, load: f64) -> String {
    super::super::plain!(t, "unit-percent", amount = number::decimal(t.lang(), load * 100.0, 1))
}
