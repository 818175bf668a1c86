//! The apps: the one that we recommend for the device at hand with its two taps, all others folded below.

use maud::{Markup, html};

use crate::text::T;
use crate::text::apps::{App, System};
use crate::text::page as words;

use super::PageView;

/// What to do on the device at hand. If it is not known, nothing is recommended: all devices stand below.
pub(super) fn connect(view: &PageView, t: &T) -> Markup {
    let Some(system) = view.system else { return html! {} };
    let Some((first, rest)) = view.apps.on(system).split_first() else { return html! {} };
    html! {
        section.card.stack aria-labelledby="connect-title" {
            div.head {
                h2 id="connect-title" { (words::connect(t)) }
                span.device { (words::device(t, system)) }
            }
            div.app {
                p.head {
                    bdi.name { (first.name) }
                    span.badge { (words::advice(t)) }
                }
                (taps(first, view, t))
                (by_hand(first, t))
            }
        }
        @if !rest.is_empty() {
            section.card.list {
                details {
                    summary { (words::other_apps(t)) }
                    div.nest { @for app in rest { (folded(app, view, t)) } }
                }
            }
        }
    }
}

/// The other devices.
pub(super) fn others(view: &PageView, t: &T) -> Markup {
    let systems = System::ALL.into_iter().filter(|system| Some(*system) != view.system);
    let systems = systems.filter(|system| !view.apps.on(*system).is_empty());
    html! {
        section.card.list aria-labelledby="others-title" {
            h2 id="others-title" {
                @if view.system.is_some() { (words::other_devices(t)) } @else { (words::which_device(t)) }
            }
            @for system in systems {
                details {
                    summary { (words::device(t, system)) }
                    div.nest { @for app in view.apps.on(system) { (folded(app, view, t)) } }
                }
            }
        }
    }
}

fn folded(app: &App, view: &PageView, t: &T) -> Markup {
    html! {
        details {
            summary { bdi { (app.name) } }
            div.inside.app {
                (taps(app, view, t))
                (by_hand(app, t))
            }
        }
    }
}

/// Get the app, then put the key into it.
fn taps(app: &App, view: &PageView, t: &T) -> Markup {
    html! {
        div.buttons {
            a.button.quiet href=(app.download) rel="noreferrer noopener" { (words::get(t, &app.name)) }
            @if let Some(import) = app.import_link(view.link, view.name) {
                a.button href=(import) { (words::add(t)) }
            }
        }
        @if let Some(other) = &app.download_other {
            a.plain href=(other) rel="noreferrer noopener" { (words::get_elsewhere(t)) }
        }
    }
}

fn by_hand(app: &App, t: &T) -> Markup {
    html! {
        details {
            summary.low { (if app.import.is_some() { words::by_hand(t) } else { words::steps(t) }) }
            div.inside {
                @if app.import.is_some() { p.small { (words::by_hand_hint(t)) } }
                ol.steps.small {
                    @for step in app.steps(t.lang()) { li { (step) } }
                }
            }
        }
    }
}
