//! A panel held against the database: what differs, what is done about it, and what is asked.

use crate::domain::reconcile::{Plan, Question};
use crate::service::reconcile::{Acted, Answer, Hands, Pass};

use super::super::{Html, T, number, plain, say};

/// Which panel?
#[must_use]
pub fn which(t: &T) -> Html {
    say!(t, "reconcile-which")
}

/// What would be done about a panel.
#[must_use]
pub fn preview(t: &T, name: &str, pass: &Pass) -> Html {
    let Pass { found, plan, hands, .. } = pass;
    let head = say!(t, "reconcile-title", name = name);
    let count = |of: usize| number::whole(t, u64::try_from(of).unwrap_or(u64::MAX));
    if found.is_clean() {
        return Html::paragraphs([head, say!(t, "reconcile-clean", count = count(found.expected))]);
    }
    let Plan { delete, wait, create, forget, repair, take_over, unmarked, .. } = plan;
    let rows = Html::lines([
        some(create.len(), || say!(t, "reconcile-create", count = count(create.len()))),
        some(repair.len(), || say!(t, "reconcile-repair", count = count(repair.len()))),
        some(take_over.len(), || say!(t, "reconcile-take-over", count = count(take_over.len()))),
        some(delete.len(), || say!(t, "reconcile-delete", count = count(delete.len()))),
        some(wait.len(), || say!(t, "reconcile-wait", count = count(wait.len()))),
        some(forget.len(), || say!(t, "reconcile-forget", count = count(forget.len()))),
        some(unmarked.len(), || say!(t, "reconcile-unmarked", count = count(unmarked.len()))),
    ]);
    let questions = plan.questions.iter().map(|question| self::question(t, *question));
    Html::paragraphs([head, rows].into_iter().chain(questions).chain([bound(t, *hands)]))
}

fn some(of: usize, words: impl FnOnce() -> Html) -> Html {
    if of == 0 { Html::default() } else { words() }
}

/// What only a person can decide.
fn question(t: &T, question: Question) -> Html {
    match question {
        Question::Missing { count, of } => say!(t, "reconcile-missing", count = count, of = of),
        Question::Favour { count } => say!(t, "reconcile-favour", count = count),
        Question::ManagedTwice { count } => say!(t, "reconcile-twice", count = count),
        Question::NewerThanUs { count } => say!(t, "reconcile-newer", count = count),
    }
}

/// Why nothing is done.
#[must_use]
pub fn bound(t: &T, hands: Hands) -> Html {
    match hands {
        Hands::Free => Html::default(),
        Hands::Observed => say!(t, "reconcile-observed"),
        Hands::NotWell => say!(t, "reconcile-not-well"),
        Hands::LeftAlone => say!(t, "reconcile-alone"),
        Hands::Held => say!(t, "reconcile-held"),
    }
}

/// What was done.
#[must_use]
pub fn acted(t: &T, acted: Acted) -> Html {
    let Acted { deleted, created, forgotten, repaired, taken_over } = acted;
    say!(t, "reconcile-acted", count = deleted + created + forgotten + repaired + taken_over)
}

/// An answer was carried out.
#[must_use]
pub fn answered(t: &T, answer: Answer, count: u32) -> Html {
    match answer {
        Answer::MakeAgain | Answer::Restored | Answer::PutBack => {
            say!(t, "reconcile-acted", count = count)
        }
        Answer::TakeOver => say!(t, "reconcile-taken-over", count = count),
        Answer::WrongPanel => say!(t, "reconcile-left-alone"),
    }
}

/// The panel does not answer as it should.
#[must_use]
pub fn unread(t: &T, problem: &str) -> Html {
    say!(t, "reconcile-unread", problem = super::super::error::problem(t, problem))
}

/// All accounts are being read.
#[must_use]
pub fn reading(t: &T) -> Html {
    say!(t, "reconcile-reading")
}

/// What stands on the button of an answer.
#[must_use]
pub fn label(t: &T, answer: Answer) -> String {
    match answer {
        Answer::MakeAgain => plain!(t, "button-reconcile-make-again"),
        Answer::WrongPanel => plain!(t, "button-reconcile-wrong-panel"),
        Answer::Restored => plain!(t, "button-reconcile-restored"),
        Answer::TakeOver => plain!(t, "button-reconcile-take-over"),
        Answer::PutBack => plain!(t, "button-reconcile-put-back"),
    }
}

/// What stands on the button that does what was previewed.
#[must_use]
pub fn go(t: &T) -> String {
    plain!(t, "button-reconcile-go")
}

/// What stands on the button that compares.
#[must_use]
pub fn look(t: &T) -> String {
    plain!(t, "button-reconcile-look")
}
