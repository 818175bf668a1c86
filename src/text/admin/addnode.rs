//! The dialogue that takes a panel into the fleet.

use crate::domain::InstanceId;
use crate::panel::{Inspection, PanelError};
use crate::service::fleet::Draft;

use super::super::{Html, T, region, say};
use super::panel;

/// A question of the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What is it called?
    Name,
    /// Where is it?
    Region,
    /// Its address?
    Address,
    /// The login?
    Username,
    /// The password?
    Password,
    /// How many keys at most?
    Cap,
}

/// A question.
#[must_use]
pub fn ask(t: &T, step: Step) -> Html {
    match step {
        Step::Name => say!(t, "addnode-begin"),
        Step::Region => say!(t, "addnode-region"),
        Step::Address => say!(t, "addnode-address"),
        Step::Username => say!(t, "addnode-username"),
        Step::Password => say!(t, "addnode-password"),
        Step::Cap => say!(t, "addnode-cap"),
    }
}

/// The password came. `deleted`: so is the message that held it.
#[must_use]
pub fn password_kept(t: &T, deleted: bool) -> Html {
    if deleted { say!(t, "addnode-password-kept") } else { say!(t, "addnode-password-delete-failed") }
}

/// What was answered, what the test found, and what now.
#[must_use]
pub fn review(t: &T, draft: &Draft, test: &Result<Inspection, PanelError>) -> Html {
    let answers = say!(
        t,
        "addnode-review",
        name = &draft.name,
        location = region::label(t, &draft.region),
        address = panel::address(t, &draft.base_url),
        username = Html::code(t, &draft.username),
        cap = draft.max_users,
        priority = draft.priority,
        weight = draft.weight.get(),
    );
    let usable = test.as_ref().is_ok_and(|inspection| !inspection.inbounds.is_empty());
    let question =
        if usable { say!(t, "addnode-save-question") } else { say!(t, "addnode-save-question-bad") };
    Html::paragraphs([answers, panel::tested(t, test), question])
}

/// Settings that few need.
#[must_use]
pub fn advanced(t: &T) -> Html {
    say!(t, "addnode-advanced")
}

/// It is in the fleet.
#[must_use]
pub fn saved(t: &T, name: &str, id: &InstanceId) -> Html {
    say!(t, "addnode-saved", name = name, id = Html::code(t, id.as_str()))
}

/// Nothing was saved.
#[must_use]
pub fn cancelled(t: &T) -> Html {
    say!(t, "addnode-cancelled")
}

/// The process was restarted in mid-dialogue: all answers are kept but the password, which is in no database.
#[must_use]
pub fn restarted(t: &T) -> Html {
    Html::paragraphs([say!(t, "addnode-restarted"), ask(t, Step::Password)])
}
