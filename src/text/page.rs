//! What the page behind a link says, as plain text.

use crate::domain::key::Standing;
use crate::domain::quota::Bytes;
use crate::domain::{Region, Timestamp};

use super::apps::System;
use super::button::labels;
use super::{T, button, number, plain, region, time};

labels! {
    /// Above everything, and the tab's name.
    title = "page-title",
    /// Names the choice of languages, for those who hear the page.
    language = "page-language",
    /// Over the bar.
    traffic = "page-traffic",
    /// Over the days.
    term = "page-term",
    /// Over the location.
    location = "page-location",
    /// The location is not decided yet.
    location_none = "key-location-none",
    /// Over the steps.
    connect = "page-connect",
    /// Beside the app that we recommend.
    advice = "page-advice",
    /// Another place to get an app.
    get_elsewhere = "page-get-elsewhere",
    /// One tap puts the key into the app.
    add = "page-add",
    /// Over the steps by hand.
    by_hand = "page-by-hand",
    /// Over the steps of an app that has no tap.
    steps = "page-steps",
    /// When the tap does nothing.
    by_hand_hint = "page-by-hand-hint",
    /// Other devices than the one at hand.
    other_devices = "page-other-devices",
    /// The device is not known.
    which_device = "guide-device-choose",
    /// Over the link.
    link = "page-link",
    /// What the link is for.
    link_hint = "page-link-hint",
    /// Takes the link along.
    copy = "page-copy",
    /// It was taken along.
    copied = "page-copied",
    /// Over the QR code.
    qr = "page-qr",
    /// What the QR code is for.
    qr_hint = "page-qr-hint",
    /// What the picture is, for those who hear the page.
    qr_picture = "page-qr-picture",
    /// Who has the address has the key.
    secret = "page-secret",
    /// Writes to whoever helps.
    support = "page-support",
    /// The same device's other apps.
    other_apps = "page-other-apps",
}

/// How a key is doing, as its owner feels it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feeling {
    /// It serves.
    Works,
    /// It should, but its server does not.
    Trouble,
    /// It is being made, or waits for room.
    Waits,
    /// It serves no more.
    Ended(Standing),
}

/// How the key is, in one line.
#[must_use]
pub fn state(t: &T, feeling: Feeling) -> String {
    match feeling {
        Feeling::Works | Feeling::Ended(Standing::Live) => plain!(t, "page-state-works"),
        Feeling::Trouble => plain!(t, "page-state-trouble"),
        Feeling::Waits => plain!(t, "page-state-waits"),
        Feeling::Ended(Standing::Suspended) => plain!(t, "page-state-suspended"),
        Feeling::Ended(Standing::Expired) => plain!(t, "page-state-expired"),
        Feeling::Ended(Standing::Exhausted) => plain!(t, "page-state-exhausted"),
        Feeling::Ended(Standing::Revoked) => plain!(t, "page-state-revoked"),
    }
}

/// What its owner should do, if anything.
#[must_use]
pub fn what_to_do(t: &T, feeling: Feeling) -> Option<String> {
    Some(match feeling {
        Feeling::Works | Feeling::Ended(Standing::Live) => return None,
        Feeling::Trouble => plain!(t, "page-do-trouble"),
        Feeling::Waits => plain!(t, "page-do-waits"),
        Feeling::Ended(Standing::Suspended) => plain!(t, "key-ended-suspended"),
        Feeling::Ended(Standing::Expired) => plain!(t, "key-ended-expired"),
        Feeling::Ended(Standing::Exhausted) => plain!(t, "key-ended-exhausted"),
        Feeling::Ended(Standing::Revoked) => plain!(t, "page-do-revoked"),
    })
}

/// What is left of the traffic, or what was used where there is no limit.
#[must_use]
pub fn traffic_left(t: &T, used: Bytes, limit: Option<Bytes>) -> String {
    match limit {
        Some(limit) => plain!(t, "page-left", amount = number::bytes(t, limit.saturating_sub(used))),
        None => plain!(t, "page-unlimited"),
    }
}

/// What was used, of what.
#[must_use]
pub fn traffic_used(t: &T, used: Bytes, limit: Option<Bytes>) -> String {
    let used = number::bytes(t, used);
    match limit {
        Some(limit) => plain!(t, "page-used-of", used = used, limit = number::bytes(t, limit)),
        None => plain!(t, "page-used", used = used),
    }
}

/// How much time is left.
#[must_use]
pub fn time_left(t: &T, expires_at: Option<Timestamp>, now: Timestamp) -> String {
    match expires_at {
        Some(end) if end > now => plain!(t, "page-left", amount = time::span(t, end - now)),
        Some(_) => plain!(t, "page-time-over"),
        None => plain!(t, "page-time-never"),
    }
}

/// The day it ends, or ended.
#[must_use]
pub fn time_until(t: &T, expires_at: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let end = expires_at?;
    let date = time::date(t, end);
    Some(if end > now { plain!(t, "page-until", date = date) } else { plain!(t, "page-ended", date = date) })
}

/// Flag and name of the location.
#[must_use]
pub fn place(t: &T, at: &Region) -> String {
    region::label(t, at)
}

/// What a device is called.
#[must_use]
pub fn device(t: &T, system: System) -> String {
    button::device_name(t, system)
}

/// Opens the chat with the bot.
#[must_use]
pub fn bot(t: &T, username: &str) -> String {
    plain!(t, "page-bot", bot = format!("@{username}"))
}

/// What to do if somebody else has the link: the buttons in the chat with the bot.
#[must_use]
pub fn reset(t: &T) -> String {
    plain!(t, "page-reset", key = button::my_key(t), more = button::more(t), reset = button::reset(t))
}

/// Gets an app.
#[must_use]
pub fn get(t: &T, app: &str) -> String {
    plain!(t, "page-get", app = app)
}
