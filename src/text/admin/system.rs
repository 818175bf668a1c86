//! The service itself, as admins read it.

use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::health::vantage::FRESH;
use crate::service::loops::{Loop, Outcome};
use crate::service::system::System;
use crate::store::vantages::Vantage;

use super::super::{Html, T, html, number, plain, say, time};
use super::panel;

/// What runs, what waits, what went wrong.
#[must_use]
pub fn overview(t: &T, system: &System, now: Timestamp) -> Html {
    let took = panel::latency(t, system.database);
    let head = Html::lines([
        say!(t, "system-title"),
        say!(t, "system-version", version = system.version),
        match system.started_at {
            Some(at) => {
                say!(t, "system-since", since = time::date_time(t, at), span = time::span(t, now - at))
            }
            None => Html::default(),
        },
        if system.is_sqlite {
            say!(t, "system-sqlite", took = took)
        } else {
            say!(t, "system-postgres", took = took)
        },
        match system.memory {
            Some(memory) => say!(t, "system-memory", size = number::bytes(t, memory)),
            None => Html::default(),
        },
    ]);
    let mut lines = vec![head];
    if let Some(replicas) = &system.replicas {
        lines.push(match replicas.leads {
            Some(true) => say!(t, "system-replicas-this", count = replicas.count),
            Some(false) => say!(t, "system-replicas-another", count = replicas.count),
            None => say!(t, "system-replicas-nobody", count = replicas.count),
        });
        if !replicas.drift.is_empty() {
            lines.push(say!(t, "system-drift", names = replicas.drift.join(", ")));
        }
        if replicas.unknown > 0 {
            lines.push(say!(t, "system-unknown", count = replicas.unknown));
        }
    }
    lines.extend(system.vantages.iter().map(|one| vantage(t, one, now)));
    if system.on_hold {
        lines.push(say!(t, "system-hold"));
    }
    let head = Html::lines(lines);
    let queues = &system.queues;
    let waiting = say!(
        t,
        "system-queues",
        operations = queues.operations,
        waiting = queues.waiting,
        letters = queues.letters,
        updates = queues.updates,
        leftovers = queues.leftovers,
    );
    if system.loops.is_empty() {
        return Html::paragraphs([head, waiting]);
    }
    // What went wrong is read first.
    let (bad, well): (Vec<_>, Vec<_>) = system.loops.iter().partition(|one| one.failures > 0);
    let rows: Vec<_> = bad.into_iter().chain(well).map(|one| row(t, one, now)).collect();
    let rows = panel::fitting([head, waiting], rows.into_iter(), |hidden| {
        say!(t, "nodes-exit-more", count = hidden)
    });
    let (head, rows) = rows.split_at(2);
    let loops = Html::lines([say!(t, "system-loops")].into_iter().chain(rows.iter().cloned()));
    Html::paragraphs(head.iter().cloned().chain([loops]))
}

/// What reports every minute and has not of late says nothing.
fn vantage(t: &T, vantage: &Vantage, now: Timestamp) -> Html {
    let name = Html::code(t, &vantage.name);
    match vantage.seen_at {
        None => say!(t, "system-vantage-never", name = name),
        Some(at) if now - at <= FRESH => say!(t, "system-vantage", name = name, ago = time::ago(t, at, now)),
        Some(at) => say!(t, "system-vantage-silent", name = name, ago = time::ago(t, at, now)),
    }
}

fn row(t: &T, one: &Loop, now: Timestamp) -> Html {
    let name = Html::code(t, one.name);
    let row = match one.last {
        None => say!(t, "system-loop-never", name = name),
        Some(_) if one.period.is_none() && one.running => say!(t, "system-loop-always", name = name),
        Some((_, None)) => say!(t, "system-loop-running", name = name),
        Some((at, Some(took))) => {
            say!(t, "system-loop", name = name, ago = time::ago(t, at, now), took = length(t, took))
        }
    };
    let row = match one.next.filter(|at| *at > now) {
        Some(at) => say!(t, "system-loop-next", row = row, span = time::span(t, at - now)),
        None => row,
    };
    let problem = one.problem.as_ref().map(|(at, outcome)| {
        let what = match outcome {
            Outcome::Failed(error) => Html::piece(t, &html::name(error)),
            Outcome::Panicked | Outcome::Done => say!(t, "system-loop-panic"),
        };
        say!(t, "system-loop-failed", count = one.failures, ago = time::ago(t, *at, now), what = what)
    });
    Html::lines([row].into_iter().chain(problem))
}

fn length(t: &T, took: Duration) -> String {
    if took < Duration::from_secs(10) {
        panel::latency(t, took)
    } else {
        plain!(t, "span-seconds", count = took.as_secs())
    }
}
