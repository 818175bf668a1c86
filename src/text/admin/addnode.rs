//! The dialogue that takes a panel into the fleet.

use serde::{Deserialize, Serialize};

use crate::domain::InstanceId;
use crate::panel::{Inspection, PanelError, Warning};
use crate::service::fleet::Draft;

use super::super::{Html, T, error, number, plain, region, say};
use super::panel::{self, Field};

/// A question of the dialogue, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Its address?
    Address,
    /// The login?
    Username,
    /// The password?
    Password,
    /// Where is it?
    Region,
    /// What is it called?
    Name,
    /// How many keys at most?
    Cap,
}

/// A question.
#[must_use]
pub fn ask(t: &T, question: Question) -> Html {
    match question {
        Question::Address => say!(t, "addnode-address"),
        Question::Username => say!(t, "addnode-username"),
        Question::Password => say!(t, "addnode-password"),
        Question::Region => say!(t, "addnode-region"),
        Question::Name => say!(t, "addnode-name"),
        Question::Cap => say!(t, "addnode-cap"),
    }
}

/// Above the first question.
#[must_use]
pub fn begin(t: &T) -> Html {
    say!(t, "addnode-begin")
}

/// The password came. `deleted`: so is the message that held it.
#[must_use]
pub fn password_kept(t: &T, deleted: bool) -> Html {
    if deleted { say!(t, "addnode-password-kept") } else { say!(t, "addnode-password-delete-failed") }
}

/// What the test of the typed address and login found, and what now.
#[must_use]
pub fn tested(t: &T, test: &Result<Inspection, PanelError>) -> Html {
    let next = if is_usable(test) { Html::default() } else { say!(t, "addnode-test-bad-next") };
    Html::paragraphs([panel::tested(t, test), next])
}

/// What an earlier test found, from the short machine word, and what now.
#[must_use]
pub fn failed(t: &T, problem: &str) -> Html {
    let problem = say!(t, "nodes-test-bad", problem = error::problem(t, problem));
    Html::paragraphs([problem, say!(t, "addnode-test-bad-next")])
}

/// Whether keys could be made there.
#[must_use]
pub fn is_usable(test: &Result<Inspection, PanelError>) -> bool {
    test.as_ref()
        .is_ok_and(|found| !found.inbounds.is_empty() && !found.warnings.contains(&Warning::CoreStopped))
}

/// What was answered, and whether it shall be saved. `problem`: the short machine word of what the test found.
#[must_use]
pub fn review(t: &T, draft: &Draft, problem: Option<&str>) -> Html {
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
    let (tested, question) = match problem {
        None => (say!(t, "addnode-tested-good"), say!(t, "addnode-save-question")),
        Some(problem) => (
            say!(t, "addnode-tested-bad", problem = error::problem(t, problem)),
            say!(t, "addnode-save-question-bad"),
        ),
    };
    Html::paragraphs([answers, tested, question])
}

/// Settings that few need, with their values as they may be shown.
#[must_use]
pub fn advanced(t: &T, values: impl IntoIterator<Item = (Field, Html)>) -> Html {
    let rows = values
        .into_iter()
        .map(|(field, value)| say!(t, "addnode-advanced-row", field = field.name(t), value = value));
    Html::paragraphs([say!(t, "addnode-advanced"), Html::lines(rows)])
}

/// A name for the `number`th panel of a location, to be taken with a tap.
#[must_use]
pub fn name(t: &T, of: &crate::domain::Region, number: usize) -> String {
    format!("{} {}", region::name(t, of), number::whole(t, number as u64))
}

/// A cap, to be taken with a tap.
#[must_use]
pub fn cap(t: &T, cap: u32) -> String {
    number::whole(t, cap.into())
}

/// It is in the fleet.
#[must_use]
pub fn saved(t: &T, name: &str, id: &InstanceId) -> Html {
    say!(t, "addnode-saved", name = name, id = Html::code(t, id.as_str()))
}

/// Nothing was saved; a toast.
#[must_use]
pub fn cancelled(t: &T) -> String {
    plain!(t, "addnode-cancelled")
}

/// A button of a form that is over.
#[must_use]
pub fn over(t: &T) -> Html {
    say!(t, "addnode-over")
}
