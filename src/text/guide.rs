//! How to set up a device.

use super::apps::{App, System};
use super::{Html, T, button, say};

/// Which device?
#[must_use]
pub fn device_choose(t: &T) -> Html {
    say!(t, "guide-device-choose")
}

/// An app's steps, with the key to copy below. `alone`: there is no other app to fall back on.
#[must_use]
pub fn app(t: &T, system: System, app: &App, link: Option<&str>, alone: bool) -> Html {
    let step = |(index, step): (usize, &String)| say!(t, "guide-step", number = index + 1, step = step);
    let steps = Html::lines(app.steps(t.lang()).iter().enumerate().map(step));
    let guide =
        say!(t, "guide-app", device = button::device_name(t, system), app = app.name.as_str(), steps = steps);
    let key = link.map(|link| say!(t, "guide-key-tap", link = Html::code(t, link))).unwrap_or_default();
    let hint = if alone { Html::default() } else { say!(t, "guide-store-missing") };
    Html::paragraphs([guide, key, hint])
}

/// Which app?
#[must_use]
pub fn apps_choose(t: &T, system: System) -> Html {
    say!(t, "guide-apps-choose", device = button::device_name(t, system))
}
