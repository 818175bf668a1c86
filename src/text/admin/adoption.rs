//! Accounts that live on a panel already: whose they are, and what is taken over.

use super::super::{Html, T, number, plain, say};
use crate::service::adoption::{Done, Preview};

/// Accounts that are named of each sort.
const NAMED: usize = 8;

/// Which panel?
#[must_use]
pub fn which(t: &T) -> Html {
    say!(t, "adopt-which")
}

/// Whose the accounts are.
#[must_use]
pub fn preview(t: &T, name: &str, preview: &Preview) -> Html {
    let Preview { take, strangers, doubtful, unclear, nobodys, keys, marked } = preview;
    let count = |of: usize| number::whole(t, u64::try_from(of).unwrap_or(u64::MAX));
    let some = |of: usize, words: Html| if of == 0 { Html::default() } else { words };
    let names = |names: Vec<String>| {
        let shown = names.iter().take(NAMED).map(|name| Html::code(t, name));
        let more = names.len().saturating_sub(NAMED);
        let rest = some(more, say!(t, "adopt-more", count = count(more)));
        Html::lines(shown.chain([rest]))
    };
    let rows = Html::lines([
        say!(t, "adopt-take", count = count(take.len())),
        some(*strangers, say!(t, "adopt-strangers", count = count(*strangers))),
        some(doubtful.len(), say!(t, "adopt-doubtful", count = count(doubtful.len()))),
        some(unclear.len(), say!(t, "adopt-unclear", count = count(unclear.len()))),
        some(*nobodys, say!(t, "adopt-nobodys", count = count(*nobodys))),
        some(*keys, say!(t, "adopt-keys", count = count(*keys))),
        some(*marked, say!(t, "adopt-marked", count = count(*marked))),
    ]);
    let certain = take.iter().map(|(account, user)| format!("{account} → {user}")).collect();
    let open = doubtful.iter().map(|(account, user)| format!("{account} → {user}?"));
    let open = open.chain(unclear.iter().map(|(account, users)| {
        let users: Vec<String> = users.iter().map(ToString::to_string).collect();
        format!("{account} → {}?", users.join(" / "))
    }));
    Html::paragraphs([
        say!(t, "adopt-title", name = name),
        rows,
        names(certain),
        names(open.collect()),
        say!(t, "adopt-explained"),
    ])
}

/// What was done.
#[must_use]
pub fn done(t: &T, done: Done) -> Html {
    say!(t, "adopt-done", count = number::whole(t, u64::from(done.adopted)))
}

/// The panel does not answer as it should.
#[must_use]
pub fn unread(t: &T, problem: &str) -> Html {
    say!(t, "adopt-unread", problem = super::super::error::problem(t, problem))
}

/// All accounts are being read.
#[must_use]
pub fn reading(t: &T) -> Html {
    say!(t, "reconcile-reading")
}

/// What stands on the button that takes over what is certain.
#[must_use]
pub fn go(t: &T) -> String {
    plain!(t, "button-adopt-go")
}
