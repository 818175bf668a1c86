//! The tree of updates, whole.
//!
//! What an update brings along (who, where, in which words, where their conversation stands) is gathered before it comes
//! here, see [`dispatch`](super::dispatch). dptree checks that each handler's arguments are there; the test below makes
//! the same check.

use teloxide::dispatching::{UpdateFilterExt as _, UpdateHandler};
use teloxide::types::{CallbackQuery, Update};

use super::callback::Callback;
use super::command::Command;
use super::limit::Verdict;
use super::user::{key, setup, start};
use super::visit::Visit;
use super::{HandlerResult, admin};

type Branch = UpdateHandler<anyhow::Error>;

/// The tree. A message or press that nobody takes is done: people in groups talk to each other.
pub(super) fn schema() -> Branch {
    dptree::entry()
        .branch(
            Update::filter_message()
                .filter(in_private)
                .branch(admin::secrets())
                .branch(too_quick())
                .branch(messages()),
        )
        .branch(Update::filter_callback_query().branch(too_quick()).branch(presses()))
        .branch(Update::filter_my_chat_member().endpoint(start::membership))
}

fn too_quick() -> Branch {
    dptree::entry()
        .branch(dptree::filter(|visit: Visit| visit.pace == Verdict::TooQuick).endpoint(start::slow_down))
        .branch(dptree::filter(|visit: Visit| visit.pace == Verdict::Ignored).endpoint(ignore))
}

fn messages() -> Branch {
    dptree::entry()
        .branch(admin::messages())
        .branch(
            dptree::filter_map(|message: teloxide::types::Message| Command::of(&message))
                .branch(command("start").endpoint(start::start))
                .branch(command("key").endpoint(key::mine))
                .branch(command("help").endpoint(start::help))
                .branch(command("language").endpoint(start::languages))
                .branch(command("id").endpoint(start::id)),
        )
        .endpoint(start::words)
}

fn presses() -> Branch {
    dptree::entry()
        .branch(dptree::filter_map(read).branch(admin::presses()).branch(user_presses()))
        .endpoint(start::unknown_press)
}

fn user_presses() -> Branch {
    dptree::entry()
        .inspect_async(admin::leave_screen)
        .branch(dptree::filter(is_foreign).endpoint(start::foreign_press))
        .branch(dptree::case![Callback::Speak(lang)].endpoint(start::speak))
        .inspect(|visit: Visit| visit.answer(None))
        .branch(dptree::case![Callback::Home].endpoint(start::home))
        .branch(dptree::case![Callback::Close].endpoint(start::close))
        .branch(dptree::case![Callback::Cancel].endpoint(start::cancel))
        .branch(dptree::case![Callback::Help].endpoint(start::help))
        .branch(dptree::case![Callback::Languages].endpoint(start::languages))
        .branch(dptree::case![Callback::AskAccess].endpoint(start::ask_access))
        .branch(dptree::case![Callback::GetKey { have, region }].endpoint(setup::get_key))
        .branch(dptree::case![Callback::Devices(config)].endpoint(setup::devices))
        .branch(dptree::case![Callback::App { config, system, app }].endpoint(setup::app))
        .branch(dptree::case![Callback::Apps { config, system }].endpoint(setup::apps))
        .branch(dptree::case![Callback::Keys].endpoint(key::mine))
        .branch(dptree::case![Callback::Key(config)].endpoint(key::card))
        .branch(dptree::case![Callback::Locations(config)].endpoint(key::locations))
        .branch(dptree::case![Callback::Relocate { config, region, screen }].endpoint(key::relocate))
        .branch(dptree::case![Callback::Refresh(config)].endpoint(key::refresh))
        .branch(dptree::case![Callback::More(config)].endpoint(key::more))
        .branch(dptree::case![Callback::ResetAsk(config)].endpoint(key::reset_ask))
        .branch(dptree::case![Callback::Reset { config, screen }].endpoint(key::reset))
        .branch(dptree::case![Callback::Links(config)].endpoint(key::links))
        .branch(dptree::case![Callback::Qr(config)].endpoint(key::qr))
        .branch(dptree::case![Callback::Broken(config)].endpoint(key::broken))
        .branch(dptree::case![Callback::Verdict { config, works }].endpoint(key::verdict))
}

/// A command of this name.
pub(super) fn command(name: &'static str) -> Branch {
    dptree::filter(move |command: Command| command.name == name)
}

#[expect(clippy::needless_pass_by_value, reason = "dptree gives its functions values")]
fn in_private(visit: Visit) -> bool {
    visit.is_private()
}

/// Keys are for private chats, and what is for admins was taken before if this were one.
#[expect(clippy::needless_pass_by_value, reason = "dptree gives its functions values")]
fn is_foreign(visit: Visit, callback: Callback) -> bool {
    callback.is_for_admins() || !visit.is_private()
}

fn read(query: CallbackQuery) -> Option<Callback> {
    query.data?.parse().ok()
}

async fn ignore(visit: Visit) -> HandlerResult {
    visit.answer(None);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handler_gets_what_it_asks_for() {
        let assumed = super::super::dispatch::brought();
        dptree::type_check(schema().sig(), &dptree::di::DependencyMap::new(), &assumed);
    }
}
