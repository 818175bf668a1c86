//! What stands on buttons.

use crate::domain::Region;

use super::apps::{App, System};
use super::{T, plain, region};

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $key:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(t: &T) -> String {
            plain!(t, $key)
        }
    )+};
}
pub(super) use labels;

labels! {
    /// The first tap.
    get_key = "button-get-key",
    /// The card of the only key.
    my_key = "button-my-key",
    /// The list of several keys.
    my_keys = "button-my-keys",
    /// Another key beside those there are.
    one_more_key = "button-one-more-key",
    /// Guide to a device.
    setup = "button-setup",
    /// Choose a location.
    location = "button-location",
    /// Let us choose the location.
    location_automatic = "button-location-automatic",
    /// Check and repair.
    refresh = "button-refresh",
    /// What is needed seldom.
    more = "button-more",
    /// It doesn't work.
    broken = "button-broken",
    /// New secrets and a new link, asked first.
    reset = "button-reset",
    /// Yes to that.
    reset_yes = "button-reset-yes",
    /// Bare keys.
    links = "button-links",
    /// The link as a picture.
    qr = "button-qr",
    /// Choose a language.
    language = "button-language",
    /// How it works.
    help = "button-help",
    /// Copies an invitation's link.
    copy_link = "button-copy-link",
    /// Copies the key.
    copy_key = "button-copy-key",
    /// Another place to get the app.
    download_other = "button-download-other",
    /// Other apps for the same device.
    other_apps = "button-other-apps",
    /// Another device.
    other_device = "button-other-device",
    /// The key works.
    works = "button-works",
    /// The key does not work.
    works_not = "button-works-not",
    /// Ask the admins for access.
    ask_access = "button-ask-access",
    /// Write to a person.
    contact = "button-contact",
    /// Once more.
    try_again = "button-try-again",
    /// One screen back.
    back = "button-back",
    /// The first screen.
    menu = "button-menu",
    /// Takes a picture away.
    close = "button-close",
    /// Ends a dialogue.
    cancel = "button-cancel",
    /// Goes on without an answer.
    skip = "button-skip",
    /// Ends a choice.
    done = "button-done",
}

/// One key of several.
#[must_use]
pub fn key(t: &T, number: u32) -> String {
    plain!(t, "button-key", number = number)
}

/// Get an app.
#[must_use]
pub fn download(t: &T, app: &App) -> String {
    plain!(t, "button-download", app = app.name.as_str())
}

/// A device to choose.
#[must_use]
pub fn device(t: &T, system: System) -> String {
    device_name(t, system)
}

pub(super) fn device_name(t: &T, system: System) -> String {
    match system {
        System::Android => plain!(t, "device-android"),
        System::Ios => plain!(t, "device-ios"),
        System::Windows => plain!(t, "device-windows"),
        System::Macos => plain!(t, "device-macos"),
        System::Linux => plain!(t, "device-linux"),
    }
}

/// What is to be said of a location on its button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The key is there.
    Here,
    /// There is room.
    Open,
    /// There is none: a wish for it waits.
    Full,
}

/// A location to choose.
#[must_use]
pub fn place(t: &T, region: &Region, place: Place) -> String {
    let location = region::label(t, region);
    match place {
        Place::Here => plain!(t, "key-location-here", location = location),
        Place::Open => location,
        Place::Full => plain!(t, "key-location-full", location = location),
    }
}
