//! What admins do. Every handler here takes the [`Admin`](super::Admin) proof, so it cannot be mounted where nobody
//! checked the sender: the program does not start.
//!
//! - [`messages`] and [`presses`] are this part's branches of the update tree.
//! - [`press`] is what its buttons send, [`dialogue`] what is being asked, [`notices`] what admins are told unasked.

pub mod dialogue;
pub mod notices;
pub mod press;

use teloxide::dispatching::UpdateHandler;

use super::access_card;
use super::callback::Callback;
use super::roles::Admin;
use super::visit::Visit;

/// The proof for the branches below: only private chats for messages, and for presses the alert chat too.
#[expect(clippy::needless_pass_by_value, reason = "dptree gives its functions values")]
pub(super) fn check(visit: Visit) -> Option<Admin> {
    let here = visit.is_private() || visit.desk.core.policy.alert_chat == Some(visit.chat);
    Admin::check(&visit.desk.core.policy, visit.user()).filter(|_| here)
}

/// Admins' commands and answers in dialogues.
pub(super) fn messages() -> UpdateHandler<anyhow::Error> {
    dptree::filter_map(check)
}

/// Admins' buttons.
pub(super) fn presses() -> UpdateHandler<anyhow::Error> {
    dptree::filter_map(check)
        .branch(dptree::case![Callback::Grant { user, days, gb }].endpoint(access_card::grant))
        .branch(dptree::case![Callback::GrantChoices(user)].endpoint(access_card::choices))
        .branch(dptree::case![Callback::GrantCard(user)].endpoint(access_card::again))
        .branch(dptree::case![Callback::Deny(user)].endpoint(access_card::deny))
}
