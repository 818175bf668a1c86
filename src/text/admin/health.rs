//! The whole fleet at a glance.

use crate::domain::Timestamp;
use crate::domain::instance::Health;
use crate::service::fleet::InstanceView;

use super::super::{Html, T, say};
use super::panel;

/// How the fleet is doing: the troubled first. `waiting`: keys that wait for room. `next`: where the next key goes.
#[must_use]
pub fn overview(
    t: &T,
    instances: &[InstanceView],
    waiting: u32,
    next: Option<&InstanceView>,
    now: Timestamp,
) -> Html {
    const SHOWN: usize = 40;
    if instances.is_empty() {
        return say!(t, "nodes-none");
    }
    let is_well = |view: &&InstanceView| matches!(view.health.health, Health::Healthy);
    let (well, bad): (Vec<_>, Vec<_>) = instances.iter().partition(is_well);
    let verdict = if bad.is_empty() {
        say!(t, "health-all-well", count = instances.len())
    } else {
        say!(t, "health-some-bad", bad = bad.len(), count = instances.len())
    };
    let mut rows: Vec<_> = bad.iter().chain(&well).take(SHOWN).map(|view| row(t, view, now)).collect();
    if instances.len() > SHOWN {
        rows.push(say!(t, "nodes-exit-more", count = instances.len() - SHOWN));
    }
    let waiting = if waiting == 0 { Html::default() } else { say!(t, "health-waiting", count = waiting) };
    let next = match next {
        Some(view) => say!(
            t,
            "health-next",
            name = &view.instance.name,
            taken = view.counters.taken(),
            cap = view.instance.max_users,
        ),
        None => say!(t, "health-next-none"),
    };
    let head = Html::lines([say!(t, "health-title"), verdict]);
    Html::paragraphs([head, Html::lines(rows), Html::lines([waiting, next])])
}

fn row(t: &T, view: &InstanceView, now: Timestamp) -> Html {
    let row = say!(
        t,
        "health-row",
        health = panel::health(t, view.health.health),
        name = &view.instance.name,
        taken = view.counters.taken(),
        cap = view.instance.max_users,
    );
    if view.instance.admin_state.accepts(now) {
        row
    } else {
        let state = panel::admin_state(t, view.instance.admin_state, now);
        say!(t, "nodes-row-state", row = row, state = state)
    }
}
