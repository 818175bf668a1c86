//! Invitations.

use crate::domain::Timestamp;
use crate::domain::person::Invite;

use super::super::{Html, T, plain, say, time};
use super::button;

/// All invitations; buttons below take them back.
#[must_use]
pub fn list(t: &T, invites: &[Invite], now: Timestamp) -> Html {
    const SHOWN: usize = 30;
    if invites.is_empty() {
        return say!(t, "invite-none");
    }
    let rows = invites.iter().take(SHOWN).map(|invite| row(t, invite, now));
    Html::paragraphs([say!(t, "invite-list"), Html::lines(rows)])
}

fn row(t: &T, invite: &Invite, now: Timestamp) -> Html {
    let code = Html::code(t, &invite.code);
    if invite.revoked {
        say!(t, "invite-row-revoked", code = code)
    } else if invite.expires_at.is_some_and(|end| end <= now) {
        say!(t, "invite-row-expired", code = code)
    } else {
        let limits = limits(t, invite);
        say!(t, "invite-row", code = code, used = invite.used, uses = invite.max_uses, limits = limits)
    }
}

fn limits(t: &T, invite: &Invite) -> Html {
    let usual = || plain!(t, "invite-limits-default");
    match (invite.days, invite.gb) {
        (None, None) => Html::escape(&usual()),
        (days, gb) => say!(
            t,
            "invite-limits",
            days = days.map_or_else(usual, |days| time::span(t, chrono::TimeDelta::days(days.into()))),
            traffic = gb.map_or_else(usual, |gb| button::traffic(t, gb)),
        ),
    }
}

/// For how many people?
#[must_use]
pub fn ask_uses(t: &T) -> Html {
    say!(t, "invite-ask-uses")
}

/// For how long?
#[must_use]
pub fn ask_days(t: &T) -> Html {
    say!(t, "invite-ask-days")
}

/// With how much traffic?
#[must_use]
pub fn ask_traffic(t: &T) -> Html {
    say!(t, "invite-ask-traffic")
}

/// It is ready. `link` opens the bot with it.
#[must_use]
pub fn made(t: &T, invite: &Invite, link: &str) -> Html {
    say!(
        t,
        "invite-made",
        link = Html::code(t, link),
        code = Html::code(t, &invite.code),
        uses = invite.max_uses,
        limits = limits(t, invite),
    )
}

/// It is taken back, or was gone before; a toast.
#[must_use]
pub fn revoked(t: &T, now: bool) -> String {
    if now { plain!(t, "invite-revoked") } else { plain!(t, "invite-revoked-before") }
}
