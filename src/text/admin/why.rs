//! Why a key is where it is, and what would be chosen now.

use crate::domain::InstanceId;
use crate::domain::placement::{Explanation, Reason, Refusal, Refusals, Row, Standing, Step, Strategy};
use crate::service::explain::{Placed, Why};

use super::super::{Html, T, number, plain, say, time};

/// The most rows of a list: a fleet of a thousand panels fits into no message.
const SHOWN: usize = 25;

/// Whose key?
#[must_use]
pub fn ask(t: &T) -> Html {
    say!(t, "why-ask")
}

/// Which of a person's keys?
#[must_use]
pub fn choose(t: &T) -> Html {
    say!(t, "why-choose")
}

/// Where a key is and why, and what would be chosen now.
#[must_use]
pub fn key(t: &T, number: u32, why: &Why) -> Html {
    let placed = match &why.placed {
        Some(placed) => {
            let name = name(&why.now.rows, &placed.instance);
            let since = time::date_time(t, placed.at);
            Html::lines([
                say!(t, "why-placed", number = number, name = name, date = since),
                say!(t, "why-reason"),
                because(t, placed, &why.now.rows),
            ])
        }
        None => say!(t, "why-nowhere", number = number),
    };
    Html::paragraphs([placed, next(t, &why.now)])
}

fn because(t: &T, placed: &Placed, rows: &[Row]) -> Html {
    if placed.reason.get("stays").is_some() {
        return say!(t, "why-reason-stays");
    }
    if let Some(from) = placed.reason.get("evened_out_from").and_then(serde_json::Value::as_str) {
        let from = from.parse().ok().map(|id| name(rows, &id).to_owned());
        return say!(t, "why-reason-evened-out", from = from.unwrap_or_default());
    }
    // Written by this version or an earlier one, whose form may be unknown.
    let Ok(reason) = serde_json::from_value::<Reason>(placed.reason.clone()) else {
        return say!(t, "why-reason-unknown");
    };
    let head = match reason.step {
        Step::Wanted => say!(t, "why-reason-asked"),
        Step::Forced => say!(t, "why-reason-forced"),
        Step::Usual => say!(t, "why-reason-least"),
        Step::BeyondSpill => Html::lines([say!(t, "why-step-beyond-spill"), say!(t, "why-reason-least")]),
        Step::OffTurn => Html::lines([say!(t, "why-step-off-turn"), say!(t, "why-reason-least")]),
        Step::BeyondRamp => Html::lines([say!(t, "why-step-beyond-ramp"), say!(t, "why-reason-least")]),
        Step::Suspect => Html::lines([say!(t, "why-step-suspect"), say!(t, "why-reason-least")]),
    };
    let best = reason.best.iter().map(|standing| {
        let chosen = standing.instance == placed.instance;
        candidate(t, name(rows, &standing.instance), standing, reason.strategy, chosen)
    });
    let refused = match refusals(t, &reason.refused) {
        Some(reasons) => say!(t, "why-refused", reasons = reasons),
        None => Html::default(),
    };
    Html::lines([head].into_iter().chain(best).chain([refused]))
}

/// How many panels were left out for what; `None` when none was.
pub(super) fn refusals(t: &T, refused: &Refusals) -> Option<Html> {
    let rows: Vec<_> = refused
        .iter()
        .map(|(refusal, count)| say!(t, "why-refused-row", reason = out(t, refusal), count = count))
        .collect();
    (!rows.is_empty()).then(|| Html::row(t, rows))
}

/// How every panel stands for the next key.
#[must_use]
pub fn next(t: &T, now: &Explanation) -> Html {
    let strategy = now.outcome.as_ref().map_or(Strategy::default(), |reason| reason.strategy);
    let mut rows: Vec<_> = now
        .rows
        .iter()
        .take(SHOWN)
        .map(|row| {
            let chosen = now.chosen.as_ref() == Some(&row.standing.instance);
            match row.refusal {
                Some(refusal) if !chosen => say!(
                    t,
                    "why-candidate-out",
                    name = row.name.as_str(),
                    taken = row.standing.taken,
                    cap = row.standing.cap,
                    reason = out(t, refusal),
                ),
                _ => candidate(t, &row.name, &row.standing, strategy, chosen),
            }
        })
        .collect();
    if now.rows.len() > SHOWN {
        rows.push(say!(t, "nodes-exit-more", count = now.rows.len() - SHOWN));
    }
    if now.chosen.is_none() {
        rows.push(say!(t, "why-none"));
    }
    Html::lines([say!(t, "why-now")].into_iter().chain(rows))
}

/// A panel's name, or its short one when it is not in the fleet any more.
fn name<'a>(rows: &'a [Row], instance: &'a InstanceId) -> &'a str {
    let row = rows.iter().find(|row| row.standing.instance == *instance);
    row.map_or(instance.as_str(), |row| row.name.as_str())
}

fn candidate(t: &T, name: &str, standing: &Standing, strategy: Strategy, chosen: bool) -> Html {
    let (taken, cap) = (standing.taken, standing.cap);
    let load = score(t, standing.score, strategy);
    if chosen {
        say!(t, "why-candidate-chosen", name = name, taken = taken, cap = cap, load = load)
    } else {
        say!(t, "why-candidate", name = name, taken = taken, cap = cap, load = load)
    }
}

/// What was compared: a share such as `42.1%`, or an older formula's plain number.
fn score(t: &T, score: f64, strategy: Strategy) -> String {
    match strategy {
        Strategy::Exact | Strategy::Capacity => {
            plain!(t, "unit-percent", amount = number::decimal(t.lang(), score * 100.0, 1))
        }
        Strategy::MarzbanLoad | Strategy::RoundRobin => number::decimal(t.lang(), score, 1),
    }
}

fn out(t: &T, refusal: Refusal) -> Html {
    match refusal {
        Refusal::Unknown => say!(t, "why-out-unknown"),
        Refusal::Observed => say!(t, "why-out-observed"),
        Refusal::AdminClosed => say!(t, "why-out-closed"),
        Refusal::Health => say!(t, "why-out-health"),
        Refusal::Region => say!(t, "why-out-region"),
        Refusal::Tag => say!(t, "why-out-tag"),
        Refusal::ProtocolMissing => say!(t, "why-out-protocol"),
        Refusal::Excluded => say!(t, "why-out-excluded"),
        Refusal::Full => say!(t, "why-out-full"),
        Refusal::Ramping => say!(t, "why-out-ramping"),
        Refusal::Degraded => say!(t, "why-out-degraded"),
        Refusal::Suspect => say!(t, "why-out-suspect"),
        Refusal::Tier => say!(t, "why-out-tier"),
        Refusal::Provider => say!(t, "why-out-provider"),
    }
}
