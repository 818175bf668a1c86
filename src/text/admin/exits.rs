//! The exits of a panel, and what admins do with them.

use crate::domain::Region;
use crate::domain::instance::NodeStatus;
use crate::domain::quota::Bytes;
use crate::panel::PanelError;
use crate::store::health::StoredNode;

use super::super::{Html, T, error, html, number, plain, region, say};

/// Everything about an exit. `rate`: bytes a second through it now.
#[must_use]
pub fn row(t: &T, node: &StoredNode, rate: Option<Bytes>) -> Html {
    let (name, address) = (&node.name, Html::code(t, &node.address));
    let row = match node.status {
        NodeStatus::Connected => say!(t, "nodes-exit-up", name = name, address = address),
        NodeStatus::Connecting => say!(t, "nodes-exit-connecting", name = name, address = address),
        NodeStatus::Error => say!(t, "nodes-exit-down", name = name, address = address),
        NodeStatus::Disabled => say!(t, "nodes-exit-disabled", name = name, address = address),
    };
    let row = if (node.usage_coefficient - 1.0).abs() < f64::EPSILON {
        row
    } else {
        let times = number::decimal(t.lang(), node.usage_coefficient, 2);
        say!(t, "nodes-exit-coefficient", row = row, times = times)
    };
    let row = match rate {
        Some(rate) => say!(t, "nodes-exit-rate", row = row, rate = number::rate(t, rate)),
        None => row,
    };
    let row = match node.traffic {
        Some(traffic) => say!(t, "nodes-exit-traffic", row = row, traffic = number::bytes(t, traffic)),
        None => row,
    };
    let row = match &node.region {
        Some(at) => say!(t, "nodes-exit-location", row = row, location = region::label(t, at)),
        None => row,
    };
    let row = if node.hidden { say!(t, "nodes-exit-hidden", row = row) } else { row };
    let message = node.message.as_deref().filter(|message| !message.is_empty());
    let message = message.map(|message| {
        let message = Html::piece(t, &html::name(message));
        say!(t, "nodes-exit-message", message = message)
    });
    Html::lines([row].into_iter().chain(message))
}

/// Above the buttons of a panel's exits.
#[must_use]
pub fn list(t: &T, name: &str, count: usize) -> Html {
    let about = if count == 0 { say!(t, "exits-none") } else { say!(t, "exits-about") };
    Html::paragraphs([say!(t, "exits-title", name = name), about])
}

/// The exit is not there any more.
#[must_use]
pub fn gone(t: &T) -> Html {
    say!(t, "exits-gone")
}

/// It is hidden, or counts again.
#[must_use]
pub fn hidden(t: &T, exit: &str, hidden: bool) -> Html {
    if hidden { say!(t, "exits-hidden", exit = exit) } else { say!(t, "exits-shown", exit = exit) }
}

/// Where does it leave the network?
#[must_use]
pub fn region_ask(t: &T, exit: &str) -> Html {
    say!(t, "exits-location-ask", exit = exit)
}

/// Where its panel stands.
#[must_use]
pub fn region_home_label(t: &T, home: &Region) -> String {
    plain!(t, "button-exit-region-home", location = region::label(t, home))
}

/// It leaves there. Without links of our own nobody can choose that.
#[must_use]
pub fn region_is(t: &T, exit: &str, at: &Region, ours: bool) -> Html {
    let location = region::label(t, at);
    if ours {
        say!(t, "exits-location", exit = exit, location = location)
    } else {
        say!(t, "exits-location-unseen", exit = exit, location = location)
    }
}

/// The panel connects to it anew, or refused to.
#[must_use]
pub fn reconnected(t: &T, exit: &str, done: &Result<(), PanelError>) -> Html {
    match done {
        Ok(()) => say!(t, "exits-reconnecting", exit = exit),
        Err(error) => say!(t, "exits-failed", problem = error::panel(t, error)),
    }
}

/// Restart the core?
#[must_use]
pub fn restart_ask(t: &T, name: &str) -> Html {
    say!(t, "exits-restart-ask", name = name)
}

/// Really?
#[must_use]
pub fn restart_sure(t: &T, name: &str, keys: u32) -> Html {
    say!(t, "exits-restart-sure", name = name, count = keys)
}

/// The core restarts.
#[must_use]
pub fn restarting(t: &T) -> Html {
    say!(t, "exits-restarting")
}

/// The core was restarted, or was not.
#[must_use]
pub fn restarted(t: &T, name: &str, done: &Result<(), PanelError>) -> Html {
    match done {
        Ok(()) => say!(t, "exits-restarted", name = name),
        Err(error) => say!(t, "exits-failed", problem = error::panel(t, error)),
    }
}
