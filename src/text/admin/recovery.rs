//! Backups, and what comes after one was restored.

use super::super::{Html, T, number, plain, say, time};
use crate::domain::Timestamp;
use crate::domain::operation::Kind;
use crate::service::backup::Made;
use crate::service::backup::recovery::{Compared, Outlook};

/// Panels that are named.
const NAMED: usize = 12;

/// What stands below a backup that is sent.
#[must_use]
pub fn parcel(t: &T, made: &Made) -> Html {
    say!(
        t,
        "backup-parcel",
        when = time::date_time(t, made.at),
        rows = number::whole(t, made.rows),
        size = number::bytes(t, made.bytes)
    )
}

/// Everything is held.
#[must_use]
pub fn held(t: &T, since: Timestamp) -> Html {
    say!(t, "hold-held", when = time::date_time(t, since))
}

/// What would happen if everything went on.
#[must_use]
pub fn outlook(t: &T, outlook: &Outlook) -> Html {
    let Outlook { since, made_at, operations, tombstones, messages, updates, panels } = outlook;
    let whole = |count: u64| number::whole(t, count);
    let head = match made_at {
        Some(made_at) => {
            say!(t, "hold-title", when = time::date_time(t, *since), made = time::date_time(t, *made_at))
        }
        None => held(t, *since),
    };
    let operations = operations
        .iter()
        .map(|(kind, count)| say!(t, "hold-operations", what = doing(t, *kind), count = whole(*count)));
    let rest = [
        say!(t, "hold-tombstones", count = whole(*tombstones)),
        say!(t, "hold-messages", count = whole(*messages)),
        say!(t, "hold-updates", count = whole(*updates)),
    ];
    let named = panels.iter().take(NAMED).map(|(id, compared)| match compared {
        Compared::Silent => say!(t, "hold-panel-silent", id = id.as_str()),
        Compared::Seen { expected, missing, newer } => say!(
            t,
            "hold-panel",
            id = id.as_str(),
            expected = whole(u64::from(*expected)),
            missing = whole(u64::from(*missing)),
            newer = whole(u64::from(*newer))
        ),
    });
    Html::paragraphs([
        head,
        Html::lines(operations.chain(rest)),
        Html::lines(named),
        say!(t, "hold-explained"),
    ])
}

fn doing(t: &T, kind: Kind) -> Html {
    match kind {
        Kind::Issue => say!(t, "hold-kind-issue"),
        Kind::Move => say!(t, "hold-kind-move"),
        Kind::Rotate => say!(t, "hold-kind-rotate"),
        Kind::Sync => say!(t, "hold-kind-sync"),
        Kind::Revoke => say!(t, "hold-kind-revoke"),
    }
}

/// Nothing is held.
#[must_use]
pub fn nothing(t: &T) -> Html {
    say!(t, "hold-nothing")
}

/// Panels are being read.
#[must_use]
pub fn reading(t: &T) -> Html {
    say!(t, "hold-reading")
}

/// Everything goes on.
#[must_use]
pub fn released(t: &T) -> Html {
    say!(t, "hold-released")
}

/// What stands on the button that shows what would happen.
#[must_use]
pub fn look(t: &T) -> String {
    plain!(t, "button-hold-look")
}

/// What stands on the button that lets everything go on, without old messages.
#[must_use]
pub fn go(t: &T) -> String {
    plain!(t, "button-hold-go")
}

/// What stands on the button that lets everything go on, old messages included.
#[must_use]
pub fn go_and_send(t: &T) -> String {
    plain!(t, "button-hold-send")
}
