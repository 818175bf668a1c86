//! Panels held against the database, without the chat. By itself it only says what would be done.

use anyhow::bail;

use crate::app;
use crate::domain::reconcile::{Plan, Question};
use crate::domain::{AccountName, InstanceId};
use crate::service::reconcile::{Hands, Pace, Pass, Reconciler};
use crate::settings::Settings;

/// Names of accounts that are printed of each sort.
const NAMES: usize = 5;

/// Compares one panel or all of them, and does what the brakes allow if `apply` says so.
pub(super) async fn reconcile(
    settings: &Settings,
    instance: Option<InstanceId>,
    apply: bool,
) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let reconciler = Reconciler::new(core);
    let ids: Vec<InstanceId> = match instance {
        Some(id) => vec![id],
        None => store.instances().await?.into_iter().map(|instance| instance.id).collect(),
    };
    let (mut failed, mut begun) = (0, false);
    for id in ids {
        let pass = match apply {
            true => reconciler.run(&id, Pace::Waited).await,
            false => reconciler.preview(&id).await,
        };
        match pass {
            Ok(pass) => {
                begun |= pass.acted.is_some() && !pass.plan.changes_nothing();
                print(&pass);
            }
            Err(error) => {
                failed += 1;
                println!("{id}: {}", super::told(&error.into()));
            }
        }
    }
    if begun {
        println!("What was begun is carried out by `karvan run`.");
    }
    store.close().await?;
    if failed > 0 {
        bail!("{failed} of the panels could not be compared");
    }
    Ok(())
}

fn print(pass: &Pass) {
    let Pass { instance, found, plan, hands, acted, .. } = pass;
    if found.is_clean() {
        println!("{instance}: as it shall be, {} accounts", found.expected);
        return;
    }
    println!("{instance}:");
    let Plan { delete, wait, create, forget, repair, take_over, keep, ask_missing, questions, unmarked } =
        plan;
    let will = if acted.is_some() { "" } else { "would be " };
    row(&format!("{will}made again"), create.iter().map(|it| &it.account));
    row(&format!("{will}put right"), repair.iter().map(|it| &it.account));
    row(&format!("{will}taken over from the panel"), take_over.iter().map(|it| &it.account));
    row(&format!("{will}deleted, because nothing justifies them"), delete.iter().map(|it| &it.account));
    row("left over, to be deleted once seen for ten minutes or next time", wait.iter().map(|it| &it.account));
    row("left behind by moves and gone", forget.iter().map(|it| &it.account));
    row("our prefix without our mark, left alone", unmarked.iter());
    row("allow more than was sold, kept", keep.iter().map(|it| &it.account));
    row("missing, not made again unasked", ask_missing.iter().map(|it| &it.account));
    for question in questions {
        println!("  ! {}", asked(*question));
    }
    match hands {
        Hands::Free => {}
        Hands::Observed => println!("  Nothing is changed: the panel is only watched."),
        Hands::NotWell => {
            println!("  Nothing is changed: the panel is not well, or `karvan run` has not seen it.");
        }
        Hands::LeftAlone => println!("  Nothing is changed: an admin said that this is the wrong panel."),
        Hands::Held => println!("  Nothing is changed: the fleet is in panic or held."),
    }
}

fn row<'a>(what: &str, accounts: impl ExactSizeIterator<Item = &'a AccountName>) {
    let count = accounts.len();
    if count == 0 {
        return;
    }
    let names: Vec<&str> = accounts.take(NAMES).map(AccountName::as_str).collect();
    let more = if count > NAMES { " …" } else { "" };
    println!("  {count} {what}: {}{more}", names.join(", "));
}

fn asked(question: Question) -> String {
    match question {
        Question::Missing { count, of } => format!(
            "{count} of {of} accounts are missing: was the panel emptied or restored, or is it the wrong one? \
             Answer in the chat: /reconcile"
        ),
        Question::Favour { count } => {
            format!("{count} keys allow more than was sold: take over or put back in the chat: /reconcile")
        }
        Question::ManagedTwice { count } => format!(
            "{count} accounts bear the mark of another Karvan or of another panel of this one: the panel is managed \
             twice. Take it out of one of them"
        ),
        Question::NewerThanUs { count } => format!(
            "{count} accounts bear our mark but are not known to this database: it seems older than the panel. They \
             are left alone"
        ),
    }
}
