//! How even the load is, what would make it even, and how far that is.

use std::collections::BTreeMap;

use crate::domain::rebalance::{Group, GroupKey};
use crate::domain::{InstanceId, Timestamp};
use crate::service::rebalance::{Course, Hindrance, Preview, RebalanceError, Uneven};
use crate::store::batches::BatchState;

use super::super::{Html, T, number, plain, region, say, time, user};

/// Groups that are told one by one: a fleet of hundreds fits into no message.
const GROUPS: usize = 8;
/// Pairs of panels that are named of each group.
const PAIRS: usize = 4;

/// What people call the panels.
pub type Names = BTreeMap<InstanceId, String>;

/// How even the load is, and what a run would do.
#[must_use]
pub fn preview(t: &T, names: &Names, preview: &Preview, now: Timestamp) -> Html {
    let (even, greatest) = preview.even;
    let rest = match (even, preview.uneven.len()) {
        (0, 0) => say!(t, "rebalance-none"),
        (0, _) => Html::default(),
        _ => say!(t, "rebalance-even", count = even, spread = share(t, greatest)),
    };
    let shown = preview.uneven.iter().take(GROUPS).map(|uneven| uneven_group(t, names, uneven));
    let more = match preview.uneven.len().saturating_sub(GROUPS) {
        0 => Html::default(),
        count => say!(t, "rebalance-more", count = count),
    };
    let is_open = preview.latest.as_ref().is_some_and(Course::is_open);
    let rules = if preview.moves() > 0 && !is_open {
        say!(t, "rebalance-rules", count = preview.moves(), span = time::span(t, preview.takes()))
    } else {
        Html::default()
    };
    let against = preview.hindrance.map(|why| hindrance(t, why, now)).unwrap_or_default();
    let latest = preview.latest.as_ref().map(|course| progress(t, course)).unwrap_or_default();
    Html::paragraphs(
        [say!(t, "rebalance-title"), latest].into_iter().chain(shown).chain([more, rest, rules, against]),
    )
}

fn uneven_group(t: &T, names: &Names, uneven: &Uneven) -> Html {
    let Uneven { group, plan, takes } = uneven;
    let head = say!(
        t,
        "rebalance-group",
        place = place(t, &group.key),
        spread = share(t, plan.before),
        least = extreme(t, names, group, false),
        most = extreme(t, names, group, true)
    );
    if plan.moves() == 0 {
        return Html::lines([head, say!(t, "rebalance-stuck")]);
    }
    let name = |id: &InstanceId| Html::piece(t, names.get(id).map_or(id.as_str(), String::as_str));
    let shown = plan.shifts.iter().take(PAIRS);
    let pairs = shown.map(|pair| {
        say!(t, "rebalance-pair", from = name(&pair.from), to = name(&pair.to), count = pair.count)
    });
    let more = match plan.shifts.len().saturating_sub(PAIRS) {
        0 => Html::default(),
        count => say!(t, "rebalance-pairs-more", count = count),
    };
    let moves = say!(
        t,
        "rebalance-moves",
        count = plan.moves(),
        bound = plan.lower_bound,
        spread = share(t, plan.after),
        span = time::span(t, *takes)
    );
    Html::lines([head, moves].into_iter().chain(pairs).chain([more]))
}

/// A panel at one end of the scale, with how many users it has.
fn extreme(t: &T, names: &Names, group: &Group, most: bool) -> Html {
    let by_level = |a: &&crate::domain::rebalance::Member, b: &&crate::domain::rebalance::Member| {
        a.level().total_cmp(&b.level())
    };
    let member = match most {
        true => group.members.iter().max_by(by_level),
        false => group.members.iter().min_by(by_level),
    };
    let Some(member) = member else { return Html::default() };
    let name = names.get(&member.instance).map_or(member.instance.as_str(), String::as_str);
    say!(t, "rebalance-panel", name = Html::piece(t, name), count = member.users)
}

/// A location, with the labels that set the group apart.
fn place(t: &T, key: &GroupKey) -> Html {
    let location = region::label(t, &key.region);
    if key.pool.is_empty() {
        return say!(t, "rebalance-place", location = location);
    }
    let labels = Html::list(t, key.pool.iter().map(String::as_str));
    say!(t, "rebalance-place-labels", location = location, labels = labels)
}

fn share(t: &T, spread: f64) -> String {
    number::percent(t, (spread * 100.0).round().clamp(0.0, 100_000.0) as u64)
}

/// Why nothing may begin now.
#[must_use]
pub fn hindrance(t: &T, why: Hindrance, now: Timestamp) -> Html {
    match why {
        Hindrance::Panic => say!(t, "rebalance-not-panic"),
        Hindrance::Hold => say!(t, "rebalance-not-hold"),
        Hindrance::Paused => say!(t, "rebalance-not-paused"),
        Hindrance::Evacuation => say!(t, "rebalance-not-evacuation"),
        // No shorter than a minute: "in 0 s" helps nobody.
        Hindrance::Aftermath { until } => {
            say!(
                t,
                "rebalance-not-yet",
                span = time::span(t, (until - now).max(chrono::TimeDelta::minutes(1)))
            )
        }
    }
}

/// Why a run cannot begin.
#[must_use]
pub fn refused(t: &T, error: &RebalanceError, now: Timestamp) -> Html {
    match error {
        RebalanceError::Even => say!(t, "rebalance-nothing"),
        RebalanceError::Hindered(why) => hindrance(t, *why, now),
        RebalanceError::Open(_) => say!(t, "rebalance-open"),
        RebalanceError::Changed => say!(t, "rebalance-changed"),
        RebalanceError::NotFound => say!(t, "rebalance-unknown"),
        RebalanceError::Store(_) => user::failed(t),
    }
}

/// It has begun.
#[must_use]
pub fn started(t: &T) -> Html {
    say!(t, "rebalance-started")
}

/// How far a run is; this message is edited as it goes on.
#[must_use]
pub fn progress(t: &T, course: &Course) -> Html {
    let run = &course.run;
    let head = match (run.state, run.back_of.is_some()) {
        (BatchState::Running, false) => say!(t, "rebalance-running"),
        (BatchState::Running, true) => say!(t, "rebalance-running-back"),
        (BatchState::Paused, _) => say!(t, "rebalance-paused"),
        (BatchState::Cancelled, _) => say!(t, "rebalance-cancelled"),
        (BatchState::Done, _) => say!(t, "rebalance-done"),
    };
    let total = run.total();
    let bar = say!(
        t,
        "migrate-progress-bar",
        bar = number::bar(course.done.into(), total.into()),
        percent = number::percent(t, number::share(course.done.into(), total.into())),
        done = course.done,
        total = total,
    );
    let time = match run.ended_at {
        Some(ended) => say!(t, "migrate-progress-took", span = time::span(t, ended - run.created_at)),
        None if run.state == BatchState::Running && course.left > chrono::TimeDelta::zero() => {
            say!(t, "migrate-progress-left", span = time::span(t, course.left))
        }
        None => Html::default(),
    };
    let given_up = match course.given_up {
        0 => Html::default(),
        count => say!(t, "migrate-progress-given-up", count = count),
    };
    let since = say!(t, "rebalance-since", when = time::date_time(t, run.created_at));
    Html::lines([head, since, bar, given_up, time])
}

/// What stands on the button that begins so many moves.
#[must_use]
pub fn run(t: &T, moves: u32) -> String {
    plain!(t, "button-rebalance-run", count = moves)
}

/// What stands on the button that takes so many moves back.
#[must_use]
pub fn take_back(t: &T, moves: u32) -> String {
    plain!(t, "button-rebalance-back", count = moves)
}

/// What stands on the button that leads here.
#[must_use]
pub fn look(t: &T) -> String {
    plain!(t, "button-rebalance-look")
}
