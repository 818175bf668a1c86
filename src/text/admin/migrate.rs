//! Many moves at once: whose, where to, preview, progress.

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::service::migration::{BatchState, Plan, PlanError, Progress};

use super::super::{Html, T, number, plain, say, time, user};

/// Whose keys?
#[must_use]
pub fn scope(t: &T) -> Html {
    say!(t, "migrate-scope")
}

/// Where to? `source`: a panel's or a person's name.
#[must_use]
pub fn target(t: &T, source: Html) -> Html {
    say!(t, "migrate-target", source = source)
}

/// What would happen. `closes`: the source takes no new keys from the start on.
#[must_use]
pub fn preview(t: &T, source: &Html, plan: &Plan, closes: bool) -> Html {
    let head = say!(t, "migrate-preview", source = source.clone(), count = plan.moves.len());
    let targets = plan
        .per_target
        .iter()
        .map(|(_, name, count)| say!(t, "migrate-preview-target", name = name, count = *count));
    let rest = Html::lines([
        match plan.stranded {
            0 => Html::default(),
            count => say!(t, "migrate-preview-stranded", count = count),
        },
        match plan.skipped {
            0 => Html::default(),
            count => say!(t, "migrate-preview-skipped", count = count),
        },
        if closes { say!(t, "migrate-preview-closed", source = source.clone()) } else { Html::default() },
    ]);
    Html::paragraphs([head, Html::lines(targets), rest])
}

/// Why moves cannot start.
#[must_use]
pub fn refused(t: &T, error: &PlanError) -> Html {
    match error {
        PlanError::Empty => say!(t, "migrate-empty"),
        PlanError::NotFound => say!(t, "migrate-not-found"),
        PlanError::Changed => say!(t, "migrate-changed"),
        PlanError::Store(_) => user::failed(t),
    }
}

/// They have begun.
#[must_use]
pub fn started(t: &T) -> Html {
    say!(t, "migrate-started")
}

/// The question that a button answers is not open any more.
#[must_use]
pub fn over(t: &T) -> Html {
    say!(t, "migrate-over")
}

/// How far it is; this message is edited as it goes on.
#[must_use]
pub fn progress(t: &T, progress: &Progress, now: Timestamp) -> Html {
    let head = match progress.state {
        BatchState::Running => say!(t, "migrate-progress-running"),
        BatchState::Paused => say!(t, "migrate-progress-paused"),
        BatchState::Cancelled => say!(t, "migrate-progress-cancelled"),
        BatchState::Done => say!(t, "migrate-progress-done"),
    };
    let (source, target) = route(t, progress);
    let head = Html::lines([head, say!(t, "migrate-progress-route", source = source, target = target)]);
    Html::paragraphs([head, figures(t, progress, now)])
}

/// How many are done, wait and were given up, and how long it takes.
#[must_use]
pub(super) fn figures(t: &T, progress: &Progress, now: Timestamp) -> Html {
    let done = say!(
        t,
        "migrate-progress-bar",
        bar = number::bar(progress.done.into(), progress.total.into()),
        percent = number::percent(t, number::share(progress.done.into(), progress.total.into())),
        done = progress.done,
        total = progress.total,
    );
    let counts = Html::lines([
        match progress.waiting {
            0 => Html::default(),
            count => say!(t, "migrate-progress-waiting", count = count),
        },
        match progress.cancelled {
            0 => Html::default(),
            count => say!(t, "migrate-progress-given-up", count = count),
        },
        took(t, progress, now),
    ]);
    Html::lines([done, counts])
}

fn route(t: &T, progress: &Progress) -> (Html, Html) {
    let end = |end: &Option<crate::domain::InstanceId>| {
        end.as_ref().map_or_else(|| say!(t, "migrate-progress-any"), |id| Html::code(t, id.as_str()))
    };
    (end(&progress.source), end(&progress.target))
}

/// How long it took, or, once a twentieth is done, will take.
fn took(t: &T, progress: &Progress, now: Timestamp) -> Html {
    if let Some(ended) = progress.ended_at {
        return say!(t, "migrate-progress-took", span = time::span(t, ended - progress.started_at));
    }
    let ended = progress.done.saturating_add(progress.cancelled);
    let early = u64::from(ended) * 20 < u64::from(progress.total);
    if progress.state != BatchState::Running || ended == 0 || early {
        return Html::default();
    }
    let elapsed = (now - progress.started_at).num_seconds().max(0);
    let left = i64::from(progress.total.saturating_sub(ended));
    let seconds = elapsed.saturating_mul(left) / i64::from(ended);
    say!(t, "migrate-progress-left", span = time::span(t, TimeDelta::seconds(seconds)))
}

/// It has ended before; a toast.
#[must_use]
pub fn ended(t: &T) -> String {
    plain!(t, "migrate-ended")
}

/// The latest sets of moves, below the question whose keys shall move.
#[must_use]
pub fn recent(t: &T, recent: &[Progress]) -> Html {
    if recent.is_empty() {
        return Html::default();
    }
    let row = |progress: &Progress| {
        let (source, target) = route(t, progress);
        say!(
            t,
            "migrate-recent-row",
            when = time::date(t, progress.started_at),
            source = source,
            target = target,
            done = progress.done,
            total = progress.total,
        )
    };
    Html::lines([say!(t, "migrate-recent")].into_iter().chain(recent.iter().map(row)))
}
