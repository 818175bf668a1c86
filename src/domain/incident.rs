//! An incident: one trouble, from the first doubt to its end, told in one message that is edited as it goes on.
//!
//! What happened is kept typed ([`Entry`]), a line of the [`Incident::timeline`] each, and put into words only when it
//! is sent. The rules here are pure: which entry is news, which only moves a progress bar, which asks for a person, and
//! how a timeline grows ([`push`]) without ever growing over [`LONGEST_TIMELINE`].

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{IncidentId, InstanceId, Region, Timestamp, UserId};

/// An incident of the same subject that begins again within this time is the same one, in the same message: who flaps
/// is told once.
pub const SAME_AGAIN: TimeDelta = TimeDelta::minutes(10);
/// How long the *mute* button keeps an incident quiet.
pub const MUTE: TimeDelta = TimeDelta::hours(1);
/// The trouble of a database that went back in time, see [`Entry::SystemTrouble`].
pub const WENT_BACK: &str = "went-back";
/// More lines than this are not kept: what flaps for a night must not make a row of megabytes.
pub const LONGEST_TIMELINE: usize = 60;
/// Of these the first ones are always kept: how it began.
const KEPT_FIRST: usize = 10;

/// What is in trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An instance; the subject is its id.
    Instance,
    /// An address in users' links, such as a relay of several instances; the subject is its `host:port`.
    Endpoint,
    /// An exit of an instance; the subject is `instance/name`.
    Node,
    /// The brake: so much is bad at once that nothing moves by itself; the subject is `fleet`.
    Panic,
    /// No room; the subject is the location, or `fleet`.
    Capacity,
    /// A certificate that ends; the subject is the instance's id.
    Certificate,
    /// Panel and database differ; the subject is the instance's id.
    Reconcile,
    /// The panel answers, but not to us; the subject is the instance's id.
    Misconfigured,
    /// Users of an audience cannot reach an instance that lives; the subject is its id.
    Blocked,
    /// One of our addresses that people fetch their keys by; the subject is its host.
    Links,
    /// The load is uneven; the subject is `fleet`.
    Load,
    /// The service itself; the subject says which part.
    System,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look when there is time.
    Warning,
    /// People are cut off, or may be soon.
    Critical,
}

/// What happened: one line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Entry {
    /// One check failed. Alone it is told to nobody.
    Suspected,
    /// The panel's API does not answer; users are served, as far as can be seen.
    ControlDown,
    /// Neither the API nor the users' addresses answer, but that is not confirmed.
    Unreachable,
    /// Confirmed dead.
    Down {
        /// It refuses connections, in place of silence.
        refused: bool,
    },
    /// The panel answers, but not to us.
    Misconfigured {
        /// Why, as a short machine word such as `unauthorised`.
        problem: String,
    },
    /// Users report that it does not work, although it lives.
    PerhapsBlocked {
        /// How many different users.
        users: u32,
    },
    /// Much less passes than a week ago at the same hour, although it lives.
    TrafficFell {
        /// How many percent of the usual.
        percent: u32,
    },
    /// Confirmed by an admin or by looks from elsewhere: an audience cannot reach it.
    Blocked {
        /// How many different users reported it.
        users: u32,
    },
    /// Vantages inside a country cannot reach it, and we can.
    BlockedFrom {
        /// Who says so.
        vantages: Vec<String>,
        /// How it fails there, as a short machine word such as `silent` or `stalled`.
        problem: String,
    },
    /// It answers again, and is watched for a while.
    Recovering,
    /// Well again.
    Recovered {
        /// Seconds from the first doubt.
        after_s: u64,
    },
    /// It leaves the service's care: taken into maintenance, or deleted.
    NoLongerWatched,
    /// Everybody leaves.
    EvacuationPlanned {
        /// Keys that leave or wait for room.
        total: u32,
        /// How many go where.
        per_target: Vec<(InstanceId, u32)>,
        /// How many find no place.
        stranded: u32,
    },
    /// So many of all are served elsewhere.
    EvacuationProgress {
        /// Served elsewhere.
        done: u32,
        /// All.
        total: u32,
    },
    /// Nobody is left to be moved.
    EvacuationDone {
        /// Served elsewhere.
        moved: u32,
        /// No place was found for them.
        stranded: u32,
        /// Not moved: ended or moved otherwise meanwhile.
        stayed: u32,
    },
    /// Moves stop for now.
    EvacuationPaused {
        /// Who stopped them; `None`: the brake.
        by: Option<UserId>,
    },
    /// Moves go on.
    EvacuationResumed {
        /// Who let them; `None`: the service itself.
        by: Option<UserId>,
    },
    /// Moves stopped for good: so many stay.
    EvacuationCancelled {
        /// Keys that stay.
        left: u32,
    },
    /// Everybody could be moved away, but only when an admin says so.
    AskEvacuate,
    /// Takes no new keys, by an admin.
    Cordoned {
        /// Who.
        by: UserId,
    },
    /// Takes new keys again, by an admin.
    Opened {
        /// Who.
        by: UserId,
    },
    /// So much is bad at once that nothing moves by itself.
    PanicEntered {
        /// Instances that are bad.
        bad: u32,
        /// All in service.
        total: u32,
        /// Our own path seems to be the trouble.
        own_path: bool,
    },
    /// The brake is off.
    PanicLeft {
        /// Who took it off; `None`: the evidence did.
        by: Option<UserId>,
    },
    /// A certificate ends in so many days; below one it has ended.
    CertificateEnds {
        /// Days.
        days: i64,
    },
    /// A new certificate.
    CertificateRenewed,
    /// An exit does not serve.
    NodeError {
        /// Its name.
        node: String,
        /// What the panel says of it.
        message: String,
    },
    /// An exit serves again.
    NodeBack {
        /// Its name.
        node: String,
    },
    /// An address in users' links does not answer although the panel does.
    EndpointSilent {
        /// Its `host:port`.
        address: String,
        /// The panels whose links name it.
        panels: Vec<InstanceId>,
    },
    /// It answers again.
    EndpointBack {
        /// Its `host:port`.
        address: String,
    },
    /// Keys wait for room.
    CapacityLow {
        /// Where, if only there.
        region: Option<Region>,
        /// How many wait.
        waiting: u32,
    },
    /// Nobody waits any more.
    CapacityBack,
    /// Accounts that look like ours bear the mark of another installation: the panel is managed twice.
    ForeignMark {
        /// How many.
        count: u32,
    },
    /// Accounts that should be there are not, too many to make them anew unasked.
    Missing {
        /// How many.
        count: u32,
    },
    /// Accounts of ours that nothing justifies, too many to delete them unasked.
    Strays {
        /// How many.
        count: u32,
    },
    /// Somebody changed accounts of ours in the users' favour; they are left so.
    AccountsChanged {
        /// How many.
        count: u32,
    },
    /// Panel and database agree again.
    Reconciled,
    /// Load is uneven, and could be evened out.
    Uneven {
        /// Spread in percent.
        spread_percent: u32,
        /// Moves that would even it out.
        moves: u32,
    },
    /// The load is being evened out: so many of all moved.
    EveningOut {
        /// Moved.
        done: u32,
        /// All.
        total: u32,
    },
    /// Evening out is over.
    EvenedOut {
        /// Moved.
        moved: u32,
        /// Spread in percent, the greatest of all groups that took part.
        spread_percent: u32,
    },
    /// Most of those who fetched by one of our addresses do no more.
    LinksFall {
        /// Fetches in the last full hour.
        now: u64,
        /// Fetches in an hour as they were usual.
        usual: u64,
    },
    /// An admin gave new links another address.
    LinksMoved {
        /// Who.
        by: UserId,
        /// Its host.
        to: String,
    },
    /// A part of the service fails.
    SystemTrouble {
        /// Which, as a short machine word.
        problem: String,
    },
    /// It is over, and there is nothing to add.
    Over,
    /// Written by a newer version that runs beside this one; not told.
    #[serde(other)]
    Unknown,
}

impl Entry {
    /// Whether it may open a message. A suspicion alone does not: most are gone a second later.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !matches!(self, Self::Suspected)
    }

    /// Whether it only moves a progress bar: such edits may wait.
    #[must_use]
    pub fn is_progress(&self) -> bool {
        matches!(self, Self::EvacuationProgress { .. } | Self::EveningOut { .. })
    }

    /// Whether it is of the same sort as `other`, whatever its numbers: the newer one then stands in its place.
    #[must_use]
    fn replaces(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A line of a timeline.
pub type Line = (Timestamp, Entry);

/// Adds what happened at `now`. `false`: the last line says the same, and nothing changed.
///
/// An entry of the same sort as the last one stands in its place, since the older time where it merely counts on
/// (progress keeps the newer time). Beyond [`LONGEST_TIMELINE`] lines the middle goes, never the beginning.
pub fn push(timeline: &mut Vec<Line>, entry: Entry, now: Timestamp) -> bool {
    match timeline.last_mut() {
        Some((_, last)) if *last == entry => return false,
        Some((at, last)) if entry.replaces(last) => {
            if entry.is_progress() {
                *at = now;
            }
            *last = entry;
        }
        _ => timeline.push((now, entry)),
    }
    if timeline.len() > LONGEST_TIMELINE {
        timeline.remove(KEPT_FIRST);
    }
    true
}

/// One trouble, from the first doubt to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// The row.
    pub id: IncidentId,
    /// What is in trouble …
    pub kind: Kind,
    /// … and which of them. One incident at most is open for each kind and subject.
    pub subject: String,
    /// The instance it is about, if it is about one.
    pub instance: Option<InstanceId>,
    /// How bad it was at its worst.
    pub severity: Severity,
    /// The first doubt.
    pub opened_at: Timestamp,
    /// The last line.
    pub updated_at: Timestamp,
    /// Its end.
    pub closed_at: Option<Timestamp>,
    /// How many keys or people it affects.
    pub affected: u32,
    /// Whether it was told to the admins: a suspicion that passes is not.
    pub is_told: bool,
    /// What else is known of it.
    pub facts: serde_json::Value,
    /// What happened, oldest first.
    pub timeline: Vec<Line>,
    /// Who takes care of it, and since when.
    pub acknowledged: Option<(UserId, Timestamp)>,
    /// Who wants no new messages of it, and until when.
    pub muted: Option<(UserId, Timestamp)>,
}

impl Incident {
    /// Whether it goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether no new message of it is wanted at `now`.
    #[must_use]
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted.is_some_and(|(_, until)| until > now)
    }

    /// The latest line.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.timeline.last().map(|(_, entry)| entry)
    }

    /// The latest state of the subject itself: what it is, not what was done about it.
    #[must_use]
    pub fn state(&self) -> Option<&Entry> {
        self.timeline.iter().rev().map(|(_, entry)| entry).find(|entry| entry.is_state())
    }

    /// The latest line of an evacuation, if there is one under way or over.
    #[must_use]
    pub fn evacuation(&self) -> Option<&Entry> {
        let is_evacuation = |entry: &&Entry| {
            matches!(
                entry,
                Entry::EvacuationPlanned { .. }
                    | Entry::EvacuationProgress { .. }
                    | Entry::EvacuationDone { .. }
                    | Entry::EvacuationPaused { .. }
                    | Entry::EvacuationResumed { .. }
                    | Entry::EvacuationCancelled { .. }
            )
        };
        self.timeline.iter().rev().map(|(_, entry)| entry).find(is_evacuation)
    }

    /// Whether an admin was asked to move everybody away, and nothing has come of it yet.
    #[must_use]
    pub fn asks_to_evacuate(&self) -> bool {
        let mut since = self.timeline.iter().rev().map(|(_, entry)| entry);
        let decisive = since.find(|entry| {
            matches!(
                entry,
                Entry::AskEvacuate
                    | Entry::EvacuationPlanned { .. }
                    | Entry::Recovering
                    | Entry::Recovered { .. }
            )
        });
        self.is_open() && matches!(decisive, Some(Entry::AskEvacuate))
    }
}

impl Entry {
    /// Whether it says what the subject is, not what was done about it.
    #[must_use]
    pub fn is_state(&self) -> bool {
        match self {
            Self::Suspected
            | Self::ControlDown
            | Self::Unreachable
            | Self::Down { .. }
            | Self::Misconfigured { .. }
            | Self::PerhapsBlocked { .. }
            | Self::TrafficFell { .. }
            | Self::Blocked { .. }
            | Self::BlockedFrom { .. }
            | Self::Recovering
            | Self::Recovered { .. }
            | Self::NoLongerWatched
            | Self::PanicEntered { .. }
            | Self::PanicLeft { .. }
            | Self::CertificateEnds { .. }
            | Self::CertificateRenewed
            | Self::NodeError { .. }
            | Self::NodeBack { .. }
            | Self::EndpointSilent { .. }
            | Self::EndpointBack { .. }
            | Self::CapacityLow { .. }
            | Self::CapacityBack
            | Self::ForeignMark { .. }
            | Self::Missing { .. }
            | Self::Strays { .. }
            | Self::AccountsChanged { .. }
            | Self::Reconciled
            | Self::Uneven { .. }
            | Self::EveningOut { .. }
            | Self::EvenedOut { .. }
            | Self::LinksFall { .. }
            | Self::SystemTrouble { .. }
            | Self::Over => true,
            Self::LinksMoved { .. }
            | Self::EvacuationPlanned { .. }
            | Self::EvacuationProgress { .. }
            | Self::EvacuationDone { .. }
            | Self::EvacuationPaused { .. }
            | Self::EvacuationResumed { .. }
            | Self::EvacuationCancelled { .. }
            | Self::AskEvacuate
            | Self::Cordoned { .. }
            | Self::Opened { .. }
            | Self::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn progress(done: u32) -> Entry {
        Entry::EvacuationProgress { done, total: 100 }
    }

    #[test]
    fn the_same_line_twice_is_one_line() {
        let mut timeline = Vec::new();
        assert!(push(&mut timeline, Entry::ControlDown, at(0)));
        assert!(!push(&mut timeline, Entry::ControlDown, at(5)), "nothing new");
        assert_eq!(timeline, [(at(0), Entry::ControlDown)]);
    }

    #[test]
    fn progress_stands_in_its_own_place() {
        let mut timeline = Vec::new();
        assert!(push(&mut timeline, Entry::Down { refused: true }, at(0)));
        assert!(push(&mut timeline, progress(10), at(10)));
        assert!(push(&mut timeline, progress(60), at(20)));
        assert_eq!(timeline, [(at(0), Entry::Down { refused: true }), (at(20), progress(60))]);
    }

    #[test]
    fn numbers_that_change_keep_the_time_it_began() {
        let mut timeline = Vec::new();
        let low = |waiting| Entry::CapacityLow { region: None, waiting };
        push(&mut timeline, low(1), at(0));
        push(&mut timeline, low(7), at(60));
        assert_eq!(timeline, [(at(0), low(7))]);
    }

    #[test]
    fn a_night_of_flapping_keeps_its_beginning_and_its_end() {
        let mut timeline = Vec::new();
        push(&mut timeline, Entry::Unreachable, at(-1));
        for round in 0..500 {
            push(&mut timeline, Entry::Suspected, at(2 * round));
            push(&mut timeline, Entry::Recovered { after_s: 1 }, at(2 * round + 1));
        }
        assert_eq!(timeline.len(), LONGEST_TIMELINE);
        assert_eq!(timeline[0], (at(-1), Entry::Unreachable));
        assert_eq!(timeline.last().unwrap().0, at(999));
        assert!(timeline.is_sorted_by_key(|(at, _)| *at));
    }

    #[test]
    fn lines_survive_the_database() {
        let lines = [
            (at(0), Entry::Down { refused: false }),
            (
                at(1),
                Entry::EvacuationPlanned {
                    total: 5,
                    per_target: vec![("nl1".parse().unwrap(), 3)],
                    stranded: 2,
                },
            ),
            (at(2), Entry::CapacityLow { region: Some("de".parse().unwrap()), waiting: 2 }),
        ];
        let stored = serde_json::to_value(&lines).unwrap();
        assert_eq!(stored[0][1], serde_json::json!({ "what": "down", "refused": false }));
        assert_eq!(serde_json::from_value::<Vec<Line>>(stored).unwrap(), lines);
    }
}
