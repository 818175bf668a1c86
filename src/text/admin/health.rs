//! The whole fleet at a glance.

use crate::domain::Timestamp;
use crate::domain::instance::Health;
use crate::domain::placement::Explanation;
use crate::service::fleet::InstanceView;

use super::super::{Html, T, say, time};
use super::{panel, why};

/// How the fleet is doing: the troubled first. `waiting`: keys that wait for room. `next`: what the next key would get.
#[must_use]
pub fn overview(
    t: &T,
    instances: &[InstanceView],
    waiting: usize,
    next: &Explanation,
    now: Timestamp,
) -> Html {
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
    let head = Html::lines([say!(t, "health-title"), verdict]);
    let foot = Html::lines([
        if waiting == 0 { Html::default() } else { say!(t, "health-waiting", count = waiting) },
        next_key(t, next),
    ]);
    let rows = bad.iter().chain(&well).map(|view| row(t, view, now)).collect::<Vec<_>>();
    let rows = panel::fitting([head, foot.clone()], rows.into_iter(), |hidden| {
        say!(t, "nodes-exit-more", count = hidden)
    });
    let (head, rows) = rows.split_at(2);
    Html::paragraphs(head[..1].iter().chain(rows).cloned().chain([foot]))
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

/// Everything that is known of a panel, in a few lines.
fn row(t: &T, view: &InstanceView, now: Timestamp) -> Html {
    let report = &view.health;
    let title = say!(
        t,
        "health-row",
        health = panel::health(t, report.health),
        name = &view.instance.name,
        taken = view.counters.taken(),
        cap = view.instance.max_users,
    );
    let title = if view.instance.admin_state.accepts(now) {
        title
    } else {
        let state = panel::admin_state(t, view.instance.admin_state, now);
        say!(t, "nodes-row-state", row = title, state = state)
    };
    let detail = say!(
        t,
        "health-detail",
        since = time::date_time(t, report.since),
        ours = view.counters.active,
        foreign = view.counters.foreign,
    );
    let version = report.version.as_deref().map(|version| {
        say!(t, "nodes-card-version", kind = panel::kind(view.instance.kind), version = version)
    });
    let checked = panel::checked(t, view, now);
    let looked = match version {
        Some(version) if !checked.is_empty() => {
            say!(t, "nodes-row-state", row = checked, state = version)
        }
        Some(version) => version,
        None => checked,
    };
    Html::lines([title, detail, looked, panel::problem(t, report.problem.as_deref())])
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
