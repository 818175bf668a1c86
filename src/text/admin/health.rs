//! The whole fleet at a glance.

use std::collections::BTreeMap;

use crate::domain::health::Tally;
use crate::domain::instance::Health;
use crate::domain::placement::Explanation;
use crate::domain::{InstanceId, Timestamp};
use crate::service::fleet::InstanceView;

use super::super::{Html, T, say};
use super::{panel, vitals, why};

/// What is shown of the whole fleet.
#[derive(Debug, Clone, Copy)]
pub struct Fleet<'a> {
    /// All panels.
    pub all: &'a [InstanceView],
    /// Those on this page, the troubled first.
    pub page: &'a [&'a InstanceView],
    /// What checks found in a day.
    pub uptimes: &'a BTreeMap<InstanceId, Tally>,
    /// Keys that wait for room.
    pub waiting: usize,
    /// What the next key would get.
    pub next: &'a Explanation,
    /// Now.
    pub now: Timestamp,
}

/// The panels in the order in which they are shown: the troubled first.
#[must_use]
pub fn order(instances: &[InstanceView]) -> Vec<&InstanceView> {
    let (well, bad): (Vec<_>, Vec<_>) = instances.iter().partition(|view| is_well(view));
    bad.into_iter().chain(well).collect()
}

fn is_well(view: &InstanceView) -> bool {
    view.health.health == Health::Healthy
}

/// How the fleet is doing, a line for each panel.
#[must_use]
pub fn overview(t: &T, fleet: &Fleet<'_>) -> Html {
    let count = fleet.all.len();
    if count == 0 {
        return say!(t, "nodes-none");
    }
    let bad = fleet.all.iter().filter(|view| !is_well(view)).count();
    let verdict = if bad == 0 {
        say!(t, "health-all-well", count = count)
    } else {
        say!(t, "health-some-bad", bad = bad, count = count)
    };
    let head = Html::lines([say!(t, "health-title"), verdict]);
    let foot = Html::lines([
        if fleet.waiting == 0 { Html::default() } else { say!(t, "health-waiting", count = fleet.waiting) },
        next_key(t, fleet.next),
    ]);
    let legend = say!(t, "health-legend");
    let rows = fleet.page.iter().map(|view| row(t, view, fleet.uptimes.get(&view.instance.id), fleet.now));
    let rows = panel::fitting([head, legend.clone(), foot.clone()], rows, |hidden| {
        say!(t, "nodes-exit-more", count = hidden)
    });
    let (head, rows) = rows.split_at(3);
    Html::paragraphs([head[0].clone(), Html::lines(rows.iter().cloned()), legend, foot])
}

/// What the next key would get, in a sentence.
fn next_key(t: &T, next: &Explanation) -> Html {
    let chosen = next.rows.iter().find(|row| Some(&row.standing.instance) == next.chosen.as_ref());
    match (chosen, &next.outcome) {
        (Some(row), _) => {
            say!(t, "health-next", name = &row.name, taken = row.standing.taken, cap = row.standing.cap,)
        }
        (None, Err(none)) => {
            let reasons = why::refusals(t, &none.refused);
            let reasons = reasons.map(|reasons| say!(t, "health-refused", reasons = reasons));
            Html::lines([say!(t, "health-next-none"), reasons.unwrap_or_default()])
        }
        (None, Ok(_)) => say!(t, "health-next-none"),
    }
}

/// A panel in a line: state, load, how quickly it answers, how much of the day it answered.
fn row(t: &T, view: &InstanceView, uptime: Option<&Tally>, now: Timestamp) -> Html {
    let row = say!(
        t,
        "health-row",
        health = panel::health(t, view.health.health),
        name = &view.instance.name,
        taken = view.counters.taken(),
        cap = view.instance.max_users,
    );
    let row = match uptime.and_then(Tally::latency) {
        Some(latency) => say!(t, "nodes-row-latency", row = row, latency = panel::latency(t, latency)),
        None => row,
    };
    let row = match uptime.filter(|tally| tally.checks > 0) {
        Some(tally) => say!(t, "health-row-uptime", row = row, uptime = vitals::uptime(t, tally)),
        None => row,
    };
    if view.instance.admin_state.accepts(now) {
        row
    } else {
        let state = panel::admin_state(t, view.instance.admin_state, now);
        say!(t, "nodes-row-state", row = row, state = state)
    }
}

/// All panels are being asked.
#[must_use]
pub fn checking(t: &T) -> Html {
    say!(t, "health-checking")
}

/// All panels were asked.
#[must_use]
pub fn checked(t: &T, good: usize, count: usize) -> Html {
    say!(t, "health-checked", good = good, count = count)
}
