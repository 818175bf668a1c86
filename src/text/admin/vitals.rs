//! One panel's health: what comes next, what each check found, how it was.

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::health::certificate::days_left;
use crate::domain::health::vantage::Outlook;
use crate::domain::health::{Seen, Tally};
use crate::service::health::detail::{Detail, Next};
use crate::store::endpoints::StoredEndpoint;

use super::super::{Html, T, number, plain, region, say, time};
use super::{exits, panel};

/// Endpoints shown on one screen.
const ENDPOINTS: usize = 12;
/// What did not answer for so long proves nothing.
const OBSERVABLE: TimeDelta = TimeDelta::days(1);

/// Everything that is known of a panel's health.
#[must_use]
pub fn detail(t: &T, detail: &Detail, now: Timestamp) -> Html {
    let view = &detail.view;
    let (instance, report) = (&view.instance, &view.health);
    let title = say!(
        t,
        "nodes-card-title",
        name = &instance.name,
        id = Html::code(t, instance.id.as_str()),
        location = region::label(t, &instance.region),
    );
    let state = Html::lines([
        say!(
            t,
            "nodes-card-health",
            health = panel::health(t, report.health),
            since = time::date_time(t, report.since),
        ),
        panel::problem(t, report.problem.as_deref()),
        next(t, &detail.next, now),
    ]);
    let (counters, cap) = (&view.counters, instance.max_users);
    let room = Html::lines([
        say!(
            t,
            "nodes-card-room",
            bar = number::bar(counters.taken().into(), cap.into()),
            taken = counters.taken(),
            cap = cap,
        ),
        match detail.complaints {
            0 => Html::default(),
            count => say!(t, "vitals-complaints", count = count),
        },
    ]);
    let head = [title, state, room, checks(t, detail, now), history(t, &detail.history)];
    let rates = detail.facts.as_ref().map(|facts| &facts.rates);
    let rows = view.nodes.iter().map(|node| {
        let rate = rates.and_then(|rates| rates.get(&node.name)).copied();
        exits::row(t, node, rate)
    });
    let rows =
        panel::fitting(head.iter().cloned(), rows, |hidden| say!(t, "nodes-exit-more", count = hidden));
    let rows: Vec<_> = rows.into_iter().skip(head.len()).collect();
    let exits = if rows.is_empty() {
        Html::default()
    } else {
        Html::lines([say!(t, "nodes-exits")].into_iter().chain(rows))
    };
    Html::paragraphs(head.into_iter().chain([exits]))
}

fn next(t: &T, next: &Next, now: Timestamp) -> Html {
    let clock = |at: Timestamp| time::clock_seconds(t, at);
    match next {
        Next::Check(Some(at)) if *at - now >= TimeDelta::seconds(1) => {
            say!(t, "vitals-next-check", span = time::span(t, *at - now))
        }
        Next::Check(_) => say!(t, "vitals-next-check-soon"),
        Next::FirstCheck => say!(t, "vitals-next-first"),
        Next::Maintenance(None) => say!(t, "vitals-next-maintenance"),
        Next::Maintenance(Some(until)) => {
            say!(t, "vitals-next-maintenance-until", until = time::date_time(t, *until))
        }
        Next::Confirming => say!(t, "vitals-next-confirming"),
        Next::Watched => say!(t, "vitals-next-watched"),
        Next::Stay => say!(t, "vitals-next-stay"),
        Next::LeaveAt(at) => say!(t, "vitals-next-leave", at = clock(*at)),
        Next::Leaving(left) => say!(t, "vitals-next-leaving", count = *left),
        Next::Paused(left) => say!(t, "vitals-next-paused", count = *left),
        Next::Brake => say!(t, "vitals-next-brake"),
        Next::Ask => say!(t, "vitals-next-ask"),
        Next::Off => say!(t, "vitals-next-off"),
        Next::Empty => say!(t, "vitals-next-empty"),
        Next::Settings => say!(t, "vitals-next-settings"),
        Next::Blocked => say!(t, "vitals-next-blocked"),
        Next::Quarantine(until) => say!(t, "vitals-next-quarantine", at = clock(*until)),
        Next::Ramp(share) => {
            say!(t, "vitals-next-ramp", percent = number::percent(t, u64::from(*share)))
        }
    }
}

fn checks(t: &T, detail: &Detail, now: Timestamp) -> Html {
    let quick = detail.facts.as_ref().and_then(|facts| facts.quick);
    let panel = match quick {
        Some((at, found)) => {
            say!(t, "vitals-panel", found = seen(t, found), ago = time::ago(t, at, now))
        }
        None => say!(t, "vitals-panel-never"),
    };
    let looked = panel::checked(t, &detail.view, now);
    let addresses = if detail.endpoints.is_empty() {
        vec![say!(t, "vitals-endpoint-none")]
    } else {
        let rows = detail.endpoints.iter().take(ENDPOINTS).map(|one| endpoint(t, one, now));
        let hidden = detail.endpoints.len().saturating_sub(ENDPOINTS);
        let more = (hidden > 0).then(|| say!(t, "nodes-exit-more", count = hidden));
        [say!(t, "vitals-addresses")].into_iter().chain(rows).chain(more).collect()
    };
    let outlooks = detail.outlooks.iter().map(|one| outlook(t, one));
    let certificate = detail.view.health.certificate_ends_at.map(|ends_at| certificate(t, ends_at, now));
    let head = [say!(t, "vitals-checks"), panel, looked];
    Html::lines(head.into_iter().chain(addresses).chain(outlooks).chain(certificate))
}

fn seen(t: &T, seen: Seen) -> Html {
    match seen {
        Seen::Good => say!(t, "vitals-seen-good"),
        Seen::Refused => say!(t, "vitals-seen-refused"),
        Seen::Silent => say!(t, "vitals-seen-silent"),
        Seen::Broken => say!(t, "vitals-seen-broken"),
        Seen::Foreign => say!(t, "vitals-seen-foreign"),
        Seen::Front => say!(t, "vitals-seen-front"),
        Seen::Local => say!(t, "vitals-seen-local"),
    }
}

fn endpoint(t: &T, endpoint: &StoredEndpoint, now: Timestamp) -> Html {
    // What comes behind is for the check alone.
    let shown = endpoint.address.split(['?', '#']).next().unwrap_or_default();
    let address = Html::code(t, shown);
    let Some(checked_at) = endpoint.checked_at else {
        return say!(t, "vitals-endpoint-new", address = address);
    };
    let ago = time::ago(t, checked_at, now);
    match endpoint.problem.as_deref() {
        None => say!(t, "vitals-endpoint-up", address = address, ago = ago),
        Some(_) if endpoint.good_at.is_none_or(|at| now - at > OBSERVABLE) => {
            say!(t, "vitals-endpoint-unseen", address = address)
        }
        Some(word) => {
            let problem = match word {
                "refused" => say!(t, "vitals-endpoint-refused"),
                "origin-dead" => say!(t, "vitals-endpoint-origin-dead"),
                _ => say!(t, "vitals-endpoint-silent"),
            };
            say!(t, "vitals-endpoint-down", address = address, problem = problem, ago = ago)
        }
    }
}

fn outlook(t: &T, outlook: &Outlook) -> Html {
    let since = time::date_time(t, outlook.since);
    let vantage = Html::code(t, &outlook.vantage);
    if outlook.reaches {
        say!(t, "vitals-outlook-reaches", vantage = vantage, since = since)
    } else {
        say!(t, "vitals-outlook-misses", vantage = vantage, since = since)
    }
}

fn certificate(t: &T, ends_at: Timestamp, now: Timestamp) -> Html {
    let date = time::date(t, ends_at);
    if days_left(ends_at, now) < 0 {
        say!(t, "vitals-certificate-ended", date = date)
    } else {
        say!(t, "vitals-certificate", date = date, span = time::span(t, ends_at - now))
    }
}

fn history(t: &T, history: &[Tally; 3]) -> Html {
    if history.iter().all(|tally| tally.checks == 0) {
        return Html::default();
    }
    let [day, week, month] = history.map(|tally| uptime(t, &tally));
    let slowest = Html::piece(t, &panel::latency_text(t, history[0].latency_max_ms.into()));
    Html::lines([
        say!(t, "vitals-history", day = day, week = week, month = month),
        match history[0].latency() {
            Some(mean) => say!(t, "vitals-latency", mean = panel::latency(t, mean), most = slowest),
            None => Html::default(),
        },
    ])
}

/// How much of the time a panel answered, rounded down: `100%` means all of it.
#[must_use]
pub fn uptime(t: &T, tally: &Tally) -> String {
    match tally.uptime() {
        None => plain!(t, "vitals-history-none"),
        Some(share) => {
            let percent = (share * 10_000.0).floor() / 100.0;
            plain!(t, "unit-percent", amount = number::decimal(t.lang(), percent, 2))
        }
    }
}

/// A panel is being looked at.
#[must_use]
pub fn checking(t: &T) -> Html {
    say!(t, "vitals-checking")
}

/// There is no such panel.
#[must_use]
pub fn not_found(t: &T, name: &str) -> Html {
    say!(t, "health-not-found", name = name)
}

/// Blocked for some people?
#[must_use]
pub fn blocked_ask(t: &T, name: &str) -> Html {
    say!(t, "vitals-blocked-ask", name = name)
}

/// It is marked, or not any more.
#[must_use]
pub fn blocked_done(t: &T, name: &str, blocked: bool) -> Html {
    if blocked {
        say!(t, "vitals-blocked-done", name = name)
    } else {
        say!(t, "vitals-unblocked-done", name = name)
    }
}
