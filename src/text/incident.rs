//! An incident as admins read it, perhaps woken at night: what happened, who is affected, what was done, what is asked
//! of them, and the timeline.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::incident::{Entry, Incident, Line, WENT_BACK};
use crate::domain::{InstanceId, Timestamp, UserId};

use super::{Html, T, error, html, number, plain, region, say, time};

/// Lines of a timeline that are shown.
const LINES: usize = 14;
/// Of these, the first ones: how it began.
const FIRST: usize = 3;

/// An incident, with what its numbers stand for.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// The panels' names.
    pub panels: &'a BTreeMap<InstanceId, String>,
    /// The admins' names.
    pub people: &'a BTreeMap<UserId, String>,
    /// An admin stopped all moves away from dead panels for now.
    pub paused: bool,
    /// Now.
    pub now: Timestamp,
}

/// The message of an incident.
#[must_use]
pub fn alert(t: &T, shown: &Shown<'_>) -> Html {
    let incident = shown.incident;
    let lasted = incident.closed_at.map(|end| end - incident.opened_at);
    let since = match lasted {
        None => say!(t, "alert-since", since = time::date_time(t, incident.opened_at)),
        Some(lasted) => say!(
            t,
            "alert-lasted",
            since = time::date_time(t, incident.opened_at),
            span = time::span(t, lasted)
        ),
    };
    let affected = match incident.affected {
        0 => Html::default(),
        count => say!(t, "alert-affected", count = count),
    };
    let doing = shown.evacuation(t);
    Html::paragraphs([
        Html::lines([shown.title(t).bold(), since]),
        Html::lines([shown.meaning(t), affected, doing]),
        shown.asked(t),
        shown.timeline(t),
        Html::lines([shown.acknowledged(t), shown.muted(t)]),
    ])
}

/// An incident in two lines, for a list.
#[must_use]
pub fn row(t: &T, shown: &Shown<'_>) -> Html {
    let incident = shown.incident;
    let when = match incident.closed_at {
        None => say!(t, "alert-since", since = time::date_time(t, incident.opened_at)),
        Some(end) => say!(
            t,
            "alert-lasted",
            since = time::date_time(t, incident.opened_at),
            span = time::span(t, end - incident.opened_at)
        ),
    };
    let worst = shown.worst(t);
    let done = shown.evacuation(t);
    Html::lines([worst, when, done, shown.acknowledged(t)])
}

/// Several incidents: those that go on, then those that ended.
#[must_use]
pub fn list(t: &T, open: &[Shown<'_>], closed: &[Shown<'_>]) -> Html {
    if open.is_empty() && closed.is_empty() {
        return say!(t, "alerts-none");
    }
    let mut pieces = vec![say!(t, "alerts-title")];
    if open.is_empty() {
        pieces.push(say!(t, "alerts-quiet"));
    } else {
        pieces.push(say!(t, "alerts-open", count = open.len()));
        pieces.extend(open.iter().map(|shown| row(t, shown)));
    }
    if !closed.is_empty() {
        pieces.push(say!(t, "alerts-closed"));
        pieces.extend(closed.iter().map(|shown| row(t, shown)));
    }
    let mut fitting: Vec<Html> = Vec::new();
    let mut length = 0;
    for piece in pieces {
        length += piece.telegram_len() + 2;
        if length > Html::MAX_TEXT - 100 {
            break;
        }
        fitting.push(piece);
    }
    Html::paragraphs(fitting)
}

/// The title in plain words: for buttons, and machines that pass it on.
#[must_use]
pub fn title(t: &T, shown: &Shown<'_>) -> String {
    shown.title(t).to_plain()
}

/// Everybody is to leave: really?
#[must_use]
pub fn evacuate_confirm(t: &T, name: &str, keys: u32) -> Html {
    say!(t, "alert-evacuate-confirm", name = name, count = keys)
}

/// A toast: there is no other address for links.
#[must_use]
pub fn address_none(t: &T) -> String {
    plain!(t, "alert-address-none")
}

/// A toast: nobody is there.
#[must_use]
pub fn evacuate_empty(t: &T) -> String {
    plain!(t, "alert-evacuate-empty")
}

/// A toast: another admin takes care of it already.
#[must_use]
pub fn acknowledged_before(t: &T) -> String {
    plain!(t, "alert-acknowledged-before")
}

/// A toast: it is so already.
#[must_use]
pub fn nothing_changed(t: &T) -> String {
    plain!(t, "alert-nothing-changed")
}

/// A toast: this incident is over.
#[must_use]
pub fn over(t: &T) -> String {
    plain!(t, "alert-over")
}

/// The chat for alerts cannot be reached, so its admins read this.
#[must_use]
pub fn chat_lost(t: &T) -> Html {
    say!(t, "alert-chat-lost")
}

impl Shown<'_> {
    fn panel(&self, t: &T, id: &InstanceId) -> Html {
        Html::piece(t, self.panels.get(id).map_or(id.as_str(), String::as_str))
    }

    /// What the incident is about.
    fn name(&self, t: &T) -> Html {
        match &self.incident.instance {
            Some(id) => self.panel(t, id),
            None => Html::piece(t, &self.incident.subject),
        }
    }

    fn person(&self, t: &T, id: UserId) -> Html {
        match self.people.get(&id).map(|name| html::name(name)) {
            Some(name) if !name.is_empty() => Html::piece(t, &name),
            _ => Html::code(t, &id.to_string()),
        }
    }

    fn title(&self, t: &T) -> Html {
        let name = self.name(t);
        match self.incident.state() {
            None | Some(Entry::Suspected) => say!(t, "alert-title-suspected", name = name),
            Some(entry) => self.title_of(t, entry),
        }
    }

    /// The title of the state that was the worst: what an incident that is over was about.
    fn worst(&self, t: &T) -> Html {
        let rank = |entry: &Entry| match entry {
            Entry::Down { .. } | Entry::PanicEntered { .. } => 5,
            Entry::Unreachable
            | Entry::Misconfigured { .. }
            | Entry::Blocked { .. }
            | Entry::BlockedFrom { .. } => 4,
            Entry::Suspected | Entry::Recovering => 1,
            Entry::Recovered { .. } | Entry::Over | Entry::NoLongerWatched => 0,
            Entry::PanicLeft { .. }
            | Entry::NodeBack { .. }
            | Entry::EndpointBack { .. }
            | Entry::CapacityBack
            | Entry::CertificateRenewed
            | Entry::Reconciled
            | Entry::EvenedOut { .. } => 0,
            Entry::EveningOut { .. } => 2,
            _ => 3,
        };
        let states = self.incident.timeline.iter().map(|(_, entry)| entry).filter(|entry| entry.is_state());
        match states.max_by_key(|entry| rank(entry)) {
            Some(entry) => self.title_of(t, entry).bold(),
            None => self.title(t).bold(),
        }
    }

    fn title_of(&self, t: &T, entry: &Entry) -> Html {
        let name = self.name(t);
        match entry {
            Entry::Suspected => say!(t, "alert-title-suspected", name = name),
            Entry::ControlDown => say!(t, "alert-title-control-down", name = name),
            Entry::Unreachable => say!(t, "alert-title-unreachable", name = name),
            Entry::Down { .. } => say!(t, "alert-title-down", name = name),
            Entry::Misconfigured { .. } => say!(t, "alert-title-misconfigured", name = name),
            Entry::PerhapsBlocked { .. } | Entry::TrafficFell { .. } => {
                say!(t, "alert-title-perhaps-blocked", name = name)
            }
            Entry::Blocked { .. } | Entry::BlockedFrom { .. } => {
                say!(t, "alert-title-blocked", name = name)
            }
            Entry::Recovering => say!(t, "alert-title-recovering", name = name),
            Entry::Recovered { .. } => say!(t, "alert-title-recovered", name = name),
            Entry::NoLongerWatched => say!(t, "alert-title-unwatched", name = name),
            Entry::PanicEntered { own_path: true, .. } => say!(t, "alert-title-own-path"),
            Entry::PanicEntered { bad, total, .. } => {
                say!(t, "alert-title-panic", bad = *bad, total = *total)
            }
            Entry::PanicLeft { .. } => say!(t, "alert-title-panic-left"),
            Entry::CertificateEnds { days } if *days < 0 => {
                say!(t, "alert-title-certificate-ended", name = name)
            }
            Entry::CertificateEnds { days } => {
                say!(t, "alert-title-certificate", name = name, span = days_left(t, *days))
            }
            Entry::CertificateRenewed => say!(t, "alert-title-certificate-renewed", name = name),
            Entry::NodeError { node, .. } => say!(t, "alert-title-node", name = name, node = node),
            Entry::NodeBack { node } => say!(t, "alert-title-node-back", name = name, node = node),
            Entry::EndpointSilent { address, .. } => {
                say!(t, "alert-title-endpoint", address = Html::code(t, address))
            }
            Entry::EndpointBack { address } => {
                say!(t, "alert-title-endpoint-back", address = Html::code(t, address))
            }
            Entry::CapacityLow { region: None, .. } => say!(t, "alert-title-capacity"),
            Entry::CapacityLow { region: Some(region), .. } => {
                say!(t, "alert-title-capacity-in", location = region::label(t, region))
            }
            Entry::CapacityBack => say!(t, "alert-title-capacity-back"),
            Entry::ForeignMark { .. } => say!(t, "alert-title-foreign-mark", name = name),
            Entry::Missing { .. } => say!(t, "alert-title-missing", name = name),
            Entry::Strays { .. } => say!(t, "alert-title-strays", name = name),
            Entry::AccountsChanged { .. } => say!(t, "alert-title-accounts-changed", name = name),
            Entry::Reconciled => say!(t, "alert-title-reconciled", name = name),
            Entry::Uneven { .. } => say!(t, "alert-title-uneven"),
            Entry::EveningOut { .. } => say!(t, "alert-title-evening-out"),
            Entry::EvenedOut { .. } => say!(t, "alert-title-evened-out"),
            Entry::LinksFall { .. } => say!(t, "alert-title-links", name = name),
            Entry::SystemTrouble { problem } if problem == WENT_BACK => say!(t, "alert-title-hold"),
            Entry::SystemTrouble { .. } => say!(t, "alert-title-system", name = name),
            _ => say!(t, "alert-title-over", name = name),
        }
    }

    /// What it means for users, and what the service does about it by itself.
    fn meaning(&self, t: &T) -> Html {
        if !self.incident.is_open() {
            return Html::default();
        }
        match self.incident.state() {
            Some(Entry::ControlDown) => say!(t, "alert-meaning-control-down"),
            Some(Entry::Unreachable) => say!(t, "alert-meaning-unreachable"),
            Some(Entry::Down { refused: true }) => say!(t, "alert-meaning-down-refused"),
            Some(Entry::Down { refused: false }) => say!(t, "alert-meaning-down-silent"),
            Some(Entry::Misconfigured { problem }) => {
                say!(t, "alert-meaning-misconfigured", problem = error::problem(t, problem))
            }
            Some(Entry::PerhapsBlocked { users }) => say!(t, "alert-meaning-perhaps-blocked", count = *users),
            Some(Entry::TrafficFell { percent }) => {
                say!(t, "alert-meaning-traffic-fell", share = number::percent(t, u64::from(*percent)))
            }
            Some(Entry::Blocked { .. } | Entry::BlockedFrom { .. }) => say!(t, "alert-meaning-blocked"),
            Some(Entry::Recovering) => say!(t, "alert-meaning-recovering"),
            Some(Entry::PanicEntered { own_path: true, .. }) => say!(t, "alert-meaning-own-path"),
            Some(Entry::PanicEntered { .. }) => say!(t, "alert-meaning-panic"),
            Some(Entry::CertificateEnds { .. }) => say!(t, "alert-meaning-certificate"),
            Some(Entry::NodeError { message, .. }) => {
                say!(t, "alert-meaning-node", message = Html::piece(t, &html::name(message)))
            }
            Some(Entry::EndpointSilent { panels, .. }) => {
                // A fleet of hundreds would fill the message.
                const NAMED: usize = 8;
                let names = panels.iter().map(|id| self.panels.get(id).map_or(id.as_str(), String::as_str));
                let more = (panels.len() > NAMED).then_some("…");
                let panels = Html::list(t, names.take(NAMED).chain(more));
                say!(t, "alert-meaning-endpoint", panels = panels)
            }
            Some(Entry::CapacityLow { waiting, .. }) => say!(t, "alert-meaning-capacity", count = *waiting),
            Some(Entry::ForeignMark { count }) => say!(t, "alert-meaning-foreign-mark", count = *count),
            Some(Entry::Missing { count }) => say!(t, "alert-meaning-missing", count = *count),
            Some(Entry::Strays { count }) => say!(t, "alert-meaning-strays", count = *count),
            Some(Entry::AccountsChanged { count }) => {
                say!(t, "alert-meaning-accounts-changed", count = *count)
            }
            Some(Entry::Uneven { spread_percent, moves }) => say!(
                t,
                "alert-meaning-uneven",
                spread = number::percent(t, u64::from(*spread_percent)),
                count = *moves
            ),
            Some(Entry::EveningOut { done, total }) => {
                Html::lines([say!(t, "alert-meaning-evening-out"), bar(t, *done, *total)])
            }
            Some(Entry::LinksFall { now, usual }) => {
                say!(t, "alert-meaning-links", count = *now, usual = *usual)
            }
            Some(Entry::SystemTrouble { problem }) if problem == WENT_BACK => say!(t, "alert-meaning-hold"),
            Some(Entry::SystemTrouble { problem }) => say!(t, "alert-meaning-system", problem = problem),
            _ => Html::default(),
        }
    }

    /// How far everybody has left.
    fn evacuation(&self, t: &T) -> Html {
        match self.incident.evacuation() {
            Some(Entry::EvacuationPlanned { total, .. }) => bar(t, 0, *total),
            Some(Entry::EvacuationProgress { done, total }) => bar(t, *done, *total),
            Some(Entry::EvacuationDone { moved, .. }) => say!(t, "alert-done", count = *moved),
            Some(Entry::EvacuationPaused { .. }) => say!(t, "alert-paused"),
            Some(Entry::EvacuationCancelled { left }) => say!(t, "alert-cancelled", count = *left),
            _ => Html::default(),
        }
    }

    /// How many keys found no place when the moves were planned.
    fn stranded(&self) -> u32 {
        let mut lines = self.incident.timeline.iter().rev().map(|(_, entry)| entry);
        let found = lines.find_map(|entry| match entry {
            Entry::EvacuationPlanned { stranded, .. } | Entry::EvacuationDone { stranded, .. } => {
                Some(*stranded)
            }
            _ => None,
        });
        found.unwrap_or(0)
    }

    /// What is asked of whoever reads it.
    fn asked(&self, t: &T) -> Html {
        let incident = self.incident;
        if !incident.is_open() {
            return Html::default();
        }
        if self.paused && matches!(incident.evacuation(), Some(Entry::EvacuationPaused { by: Some(_) })) {
            return say!(t, "alert-asks-resume");
        }
        if incident.asks_to_evacuate() {
            return say!(t, "alert-asks-evacuate");
        }
        match incident.state() {
            Some(Entry::Down { .. }) if self.stranded() > 0 => {
                say!(t, "alert-asks-room", count = self.stranded())
            }
            Some(Entry::Down { .. }) => say!(t, "alert-asks-down"),
            Some(Entry::ControlDown) => say!(t, "alert-asks-control-down"),
            Some(Entry::Unreachable) => say!(t, "alert-asks-unreachable"),
            Some(Entry::Misconfigured { .. }) => say!(t, "alert-asks-misconfigured"),
            Some(
                Entry::PerhapsBlocked { .. }
                | Entry::TrafficFell { .. }
                | Entry::Blocked { .. }
                | Entry::BlockedFrom { .. },
            ) => say!(t, "alert-asks-blocked"),
            Some(Entry::PanicEntered { own_path: true, .. }) => say!(t, "alert-asks-own-path"),
            Some(Entry::PanicEntered { .. }) => say!(t, "alert-asks-panic"),
            Some(Entry::CertificateEnds { .. }) => say!(t, "alert-asks-certificate"),
            Some(Entry::NodeError { .. }) => say!(t, "alert-asks-node"),
            Some(Entry::EndpointSilent { .. }) => say!(t, "alert-asks-endpoint"),
            Some(Entry::CapacityLow { .. }) => say!(t, "alert-asks-capacity"),
            Some(Entry::ForeignMark { .. }) => say!(t, "alert-asks-foreign-mark"),
            Some(Entry::Missing { .. }) => say!(t, "alert-asks-missing"),
            Some(Entry::Strays { .. } | Entry::AccountsChanged { .. }) => say!(t, "alert-asks-reconcile"),
            Some(Entry::Uneven { .. }) => say!(t, "alert-asks-uneven"),
            Some(Entry::LinksFall { .. }) => say!(t, "alert-asks-links"),
            Some(Entry::SystemTrouble { problem }) if problem == WENT_BACK => say!(t, "alert-asks-hold"),
            Some(Entry::SystemTrouble { .. }) => say!(t, "alert-asks-system"),
            _ => say!(t, "alert-asks-nothing"),
        }
    }

    fn acknowledged(&self, t: &T) -> Html {
        match self.incident.acknowledged {
            Some((by, at)) => {
                say!(t, "alert-acknowledged", who = self.person(t, by), clock = time::clock(t, at))
            }
            None => Html::default(),
        }
    }

    fn muted(&self, t: &T) -> Html {
        match self.incident.muted {
            Some((by, until)) if self.incident.is_muted(self.now) => {
                say!(t, "alert-muted", who = self.person(t, by), clock = time::clock(t, until))
            }
            _ => Html::default(),
        }
    }

    fn timeline(&self, t: &T) -> Html {
        let known: Vec<&Line> =
            self.incident.timeline.iter().filter(|(_, entry)| *entry != Entry::Unknown).collect();
        let written = |line: &&Line| {
            let words = self.line(t, &line.1);
            say!(t, "alert-line", clock = time::clock_seconds(t, line.0), words = words)
        };
        if known.len() <= LINES {
            return Html::lines(known.iter().map(written));
        }
        let (first, rest) = known.split_at(FIRST);
        let hidden = rest.len() - (LINES - FIRST);
        let more = say!(t, "alert-line-more", count = hidden);
        let (first, last) = (first.iter().map(written), rest[hidden..].iter().map(written));
        Html::lines(first.chain([more]).chain(last))
    }

    fn line(&self, t: &T, entry: &Entry) -> Html {
        match entry {
            Entry::Suspected => say!(t, "alert-line-suspected"),
            Entry::ControlDown => say!(t, "alert-line-control-down"),
            Entry::Unreachable => say!(t, "alert-line-unreachable"),
            Entry::Down { refused: true } => say!(t, "alert-line-down-refused"),
            Entry::Down { refused: false } => say!(t, "alert-line-down-silent"),
            Entry::Misconfigured { .. } => say!(t, "alert-line-misconfigured"),
            Entry::PerhapsBlocked { users } => say!(t, "alert-line-perhaps-blocked", count = *users),
            Entry::TrafficFell { percent } => {
                say!(t, "alert-line-traffic-fell", share = number::percent(t, u64::from(*percent)))
            }
            Entry::Blocked { .. } => say!(t, "alert-line-blocked"),
            Entry::BlockedFrom { vantages, problem } => {
                let how = match problem.as_str() {
                    "refused" => say!(t, "alert-vantage-refused"),
                    "stalled" => say!(t, "alert-vantage-stalled"),
                    "origin-dead" => say!(t, "alert-vantage-origin-dead"),
                    _ => say!(t, "alert-vantage-silent"),
                };
                let names = Html::list(t, vantages.iter().map(String::as_str));
                say!(t, "alert-line-blocked-from", vantages = names, how = how)
            }
            Entry::Recovering => say!(t, "alert-line-recovering"),
            Entry::Recovered { after_s } => {
                let after = TimeDelta::seconds(i64::try_from(*after_s).unwrap_or(0));
                say!(t, "alert-line-recovered", span = time::span(t, after))
            }
            Entry::NoLongerWatched => say!(t, "alert-line-unwatched"),
            Entry::EvacuationPlanned { total, per_target, stranded } => {
                self.planned(t, *total, per_target, *stranded)
            }
            Entry::EvacuationProgress { done, total } => {
                say!(t, "alert-line-progress", done = *done, total = *total)
            }
            Entry::EvacuationDone { moved, stranded: 0, stayed: 0 } => {
                say!(t, "alert-line-done", count = *moved)
            }
            Entry::EvacuationDone { moved, stranded, stayed } => {
                say!(t, "alert-line-done-but", count = *moved, left = *stranded + *stayed)
            }
            Entry::EvacuationPaused { by: None } => say!(t, "alert-line-paused"),
            Entry::EvacuationPaused { by: Some(by) } => {
                say!(t, "alert-line-paused-by", who = self.person(t, *by))
            }
            Entry::EvacuationResumed { by: None } => say!(t, "alert-line-resumed"),
            Entry::EvacuationResumed { by: Some(by) } => {
                say!(t, "alert-line-resumed-by", who = self.person(t, *by))
            }
            Entry::EvacuationCancelled { left } => say!(t, "alert-line-cancelled", count = *left),
            Entry::AskEvacuate => say!(t, "alert-line-ask"),
            Entry::Cordoned { by } => say!(t, "alert-line-cordoned", who = self.person(t, *by)),
            Entry::Opened { by } => say!(t, "alert-line-opened", who = self.person(t, *by)),
            Entry::PanicEntered { own_path: true, .. } => say!(t, "alert-line-own-path"),
            Entry::PanicEntered { bad, total, .. } => {
                say!(t, "alert-line-panic", bad = *bad, total = *total)
            }
            Entry::PanicLeft { by: None } => say!(t, "alert-line-panic-left"),
            Entry::PanicLeft { by: Some(by) } => {
                say!(t, "alert-line-panic-left-by", who = self.person(t, *by))
            }
            Entry::CertificateEnds { days } if *days < 0 => say!(t, "alert-line-certificate-ended"),
            Entry::CertificateEnds { days } => {
                say!(t, "alert-line-certificate", span = days_left(t, *days))
            }
            Entry::CertificateRenewed => say!(t, "alert-line-certificate-renewed"),
            Entry::NodeError { node, .. } => say!(t, "alert-line-node", node = node),
            Entry::NodeBack { node } => say!(t, "alert-line-node-back", node = node),
            Entry::EndpointSilent { .. } => say!(t, "alert-line-endpoint"),
            Entry::EndpointBack { .. } => say!(t, "alert-line-endpoint-back"),
            Entry::CapacityLow { waiting, .. } => say!(t, "alert-line-capacity", count = *waiting),
            Entry::CapacityBack => say!(t, "alert-line-capacity-back"),
            Entry::ForeignMark { count } => say!(t, "alert-line-foreign-mark", count = *count),
            Entry::Missing { count } => say!(t, "alert-line-missing", count = *count),
            Entry::Strays { count } => say!(t, "alert-line-strays", count = *count),
            Entry::AccountsChanged { count } => say!(t, "alert-line-accounts-changed", count = *count),
            Entry::Reconciled => say!(t, "alert-line-reconciled"),
            Entry::Uneven { spread_percent, .. } => {
                say!(t, "alert-line-uneven", spread = number::percent(t, u64::from(*spread_percent)))
            }
            Entry::EveningOut { done, total } => {
                say!(t, "alert-line-evening-out", done = *done, total = *total)
            }
            Entry::EvenedOut { moved, spread_percent } => say!(
                t,
                "alert-line-evened-out",
                count = *moved,
                spread = number::percent(t, u64::from(*spread_percent))
            ),
            Entry::LinksFall { now, usual } => say!(t, "alert-line-links", count = *now, usual = *usual),
            Entry::LinksMoved { by, to } => {
                say!(t, "alert-line-links-moved", who = self.person(t, *by), name = Html::piece(t, to))
            }
            Entry::SystemTrouble { problem } if problem == WENT_BACK => say!(t, "alert-line-hold"),
            Entry::SystemTrouble { problem } => say!(t, "alert-line-system", problem = problem),
            Entry::Over | Entry::Unknown => say!(t, "alert-line-over"),
        }
    }

    fn planned(&self, t: &T, total: u32, per_target: &[(InstanceId, u32)], stranded: u32) -> Html {
        // A fleet of hundreds would fill the message.
        const NAMED: usize = 4;
        let head = say!(t, "alert-line-planned", count = total);
        let named = per_target.iter().take(NAMED);
        let targets = named.map(|(id, count)| {
            let count = number::whole(t, u64::from(*count));
            say!(t, "alert-line-target", name = self.panel(t, id), count = count)
        });
        let mut targets: Vec<Html> = targets.collect();
        if per_target.len() > NAMED {
            targets.push(say!(t, "alert-line-target-more", count = per_target.len() - NAMED));
        }
        let head = if targets.is_empty() {
            head
        } else {
            say!(t, "alert-line-planned-to", line = head, targets = Html::row(t, targets))
        };
        match stranded {
            0 => head,
            count => say!(t, "alert-line-stranded", line = head, count = count),
        }
    }
}

/// No time to put into words: it ends today.
fn days_left(t: &T, days: i64) -> String {
    match days {
        0 => plain!(t, "alert-today"),
        days => time::span(t, TimeDelta::days(days)),
    }
}

fn bar(t: &T, done: u32, total: u32) -> Html {
    let bar = number::bar(u64::from(done), u64::from(total));
    say!(t, "alert-moving", bar = bar, done = done, total = total)
}
