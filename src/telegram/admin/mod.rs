//! What admins do. Every handler here takes the [`Admin`] proof, so it cannot be mounted where nobody
//! checked the sender: the program does not start.
//!
//! - [`secrets`], [`messages`] and [`presses`] are this part's branches of the update tree; all commands and buttons stand here on
//!   one screen each.
//! - [`nodes`], [`edit`], [`addnode`], [`health`], [`vitals`], [`exits`] and [`incidents`] are about panels, [`person`], [`key`], [`invite`] and
//!   [`why`] about people and their keys, [`migrate`] and [`drain`] about many of them, [`broadcast`] writes to many people, [`rebalance`] about the load,
//!   [`simulate`] and [`windows`] about what is to come, [`reconcile`] about panels held against the database,
//!   [`adoption`] about accounts that others made, [`recovery`] about what comes after a restore, [`stats`] about how all of it grows, [`audit`] about who did what.
//! - [`press`] is what buttons send, [`dialogue`] what is being asked, [`sheet`] what was answered about a new panel,
//!   [`value`] reads what was typed, [`notices`] is what admins are told unasked.

pub mod addnode;
pub mod adoption;
pub mod audit;
pub mod broadcast;
pub mod dialogue;
pub mod drain;
pub mod edit;
pub mod exit_links;
mod exits;
pub mod health;
pub mod incidents;
pub mod invite;
pub mod key;
pub mod migrate;
pub mod nodes;
pub mod notices;
pub mod person;
pub mod press;
pub mod rebalance;
pub mod reconcile;
pub mod recovery;
pub mod sheet;
pub mod simulate;
pub mod stats;
pub mod value;
pub mod vitals;
pub mod why;
pub mod windows;

use teloxide::dispatching::UpdateHandler;
use teloxide::types::Message;

use self::dialogue::{AdminStep, For};
use self::press::{AdminPress, Period};
use super::access_card;
use super::callback::Callback;
use super::command::Command;
use super::dialogue::{Step, Talk};
use super::menu::{ShowError, Taken, WORKING};
use super::roles::Admin;
use super::visit::{PATIENCE, Visit};
use super::{Button, HandlerResult, Screen};
use crate::text::{self, Html, T};

/// The proof for the branches below: only private chats for messages, and for presses the alert chat too.
#[expect(clippy::needless_pass_by_value, reason = "dptree gives its functions values")]
pub(super) fn check(visit: Visit) -> Option<Admin> {
    let here = visit.is_private() || visit.desk.core.policy.alert_chat == Some(visit.chat);
    Admin::check(&visit.desk.core.policy, visit.user()).filter(|_| here)
}

/// Secrets that admins were asked for. However quick they are: what is not handled is not deleted either.
pub(super) fn secrets() -> UpdateHandler<anyhow::Error> {
    dptree::filter_map(check).filter(is_secret).endpoint(answer)
}

/// Admins' commands and answers in dialogues. What they share with everybody goes on to the branches behind.
pub(super) fn messages() -> UpdateHandler<anyhow::Error> {
    dptree::filter_map(check)
        .filter(|visit: Visit| visit.is_private())
        .branch(
            dptree::filter_map(|message: Message| Command::of(&message))
                .inspect_async(leave)
                .filter(|command: Command| COMMANDS.contains(&command.name.as_str()))
                .endpoint(command),
        )
        .branch(
            dptree::filter(|message: Message| Command::of(&message).is_none())
                .filter(|step: Step| matches!(step, Step::Admin(_)))
                .endpoint(answer),
        )
}

/// Admins' buttons.
pub(super) fn presses() -> UpdateHandler<anyhow::Error> {
    dptree::filter_map(check)
        .branch(dptree::case![Callback::Grant { user, days, gb }].endpoint(access_card::grant))
        .branch(dptree::case![Callback::GrantChoices(user)].endpoint(access_card::choices))
        .branch(dptree::case![Callback::GrantCard(user)].endpoint(access_card::again))
        .branch(dptree::case![Callback::GrantAfterAll(user)].endpoint(access_card::grant_after_all))
        .branch(dptree::case![Callback::Deny(user)].endpoint(access_card::deny))
        .branch(
            dptree::case![Callback::Admin(press)]
                .branch(
                    dptree::filter(|visit: Visit, press: AdminPress| {
                        !visit.is_private() && !press.is_for_groups()
                    })
                    .endpoint(only_private),
                )
                .endpoint(press),
        )
}

/// The commands that are for admins alone, or mean something else to them.
const COMMANDS: [&str; 21] = [
    "help",
    "nodes",
    "panels",
    "addnode",
    "addpanel",
    "health",
    "alerts",
    "user",
    "migrate",
    "drain",
    "simulate",
    "maintenance",
    "rebalance",
    "reconcile",
    "restore",
    "adopt",
    "broadcast",
    "invite",
    "stats",
    "why",
    "audit",
];

/// An admin's command.
async fn command(visit: Visit, admin: Admin, command: Command, step: Step, talk: Talk) -> HandlerResult {
    let rest = command.rest.as_str();
    match command.name.as_str() {
        "nodes" | "panels" => nodes::list(&visit, 0, None).await,
        "addnode" | "addpanel" => addnode::begin(&visit, &talk).await,
        "health" if rest.is_empty() => health::overview(&visit, 0, None).await,
        "health" if rest == "system" => health::system(&visit).await,
        "health" => vitals::named(&visit, rest).await,
        "alerts" => incidents::list(&visit).await,
        "user" => person::named(&visit, &talk, For::Card, rest).await,
        "migrate" if rest.is_empty() => migrate::whose(&visit, &talk).await,
        "migrate" => migrate::named(&visit, admin, &talk, rest).await,
        "drain" => drain::command(&visit, &talk, rest).await,
        "simulate" => simulate::command(&visit, rest).await,
        "maintenance" => windows::command(&visit, admin, &talk, rest).await,
        "rebalance" => rebalance::preview(&visit, None).await,
        "reconcile" | "adopt" | "restore" => visit.unattended(|visit| reading(visit, command)).await,
        "broadcast" => broadcast::whom(&visit).await,
        "invite" => invite::list(&visit).await,
        "stats" => stats::show(&visit, Period::Month).await,
        "why" => person::named(&visit, &talk, For::Why, rest).await,
        "audit" => audit::page(&visit, None).await,
        "cancel" => left(&visit, &step).await,
        _ => help(&visit).await,
    }
}

/// Commands that read whole panels.
async fn reading(visit: Visit, Command { name, rest, .. }: Command) -> HandlerResult {
    match name.as_str() {
        "reconcile" => reconcile::command(&visit, &rest).await,
        "adopt" => adoption::command(&visit, &rest).await,
        _ => recovery::report(&visit).await,
    }
}

/// A message that answers a question.
async fn answer(visit: Visit, admin: Admin, message: Message, step: Step, talk: Talk) -> HandlerResult {
    let Step::Admin(step) = step else { return Ok(()) };
    match step {
        AdminStep::Whom(reason) => person::answered(&visit, admin, &talk, reason, &message).await,
        AdminStep::Extend(config) => key::extend_typed(&visit, admin, &talk, config, &message).await,
        AdminStep::Edit { panel, field } => edit::typed(&visit, admin, &talk, &panel, field, &message).await,
        AdminStep::Add { asks, sheet } => addnode::typed(&visit, &talk, asks, *sheet, &message).await,
        AdminStep::ExitRegion { panel, exit } => {
            exits::region_typed(&visit, admin, &talk, &panel, exit, &message).await
        }
        AdminStep::Window(id) => windows::typed(&visit, admin, &talk, &id, &message).await,
        AdminStep::BroadcastText(audience) | AdminStep::BroadcastSend { audience, .. } => {
            broadcast::typed(&visit, &talk, audience, &message).await
        }
        AdminStep::MigrateTo(whose) => migrate::targets(&visit, &talk, whose).await,
        AdminStep::MigrateStart { whose, to } => migrate::preview(&visit, &talk, whose, to, None).await,
    }
}

/// An admin's button. Those above the blank line answer the press themselves.
async fn press(visit: Visit, admin: Admin, press: AdminPress, step: Step, talk: Talk) -> HandlerResult {
    use AdminPress as P;
    if !press.goes_on() {
        leave_screen(visit.clone(), step.clone(), talk.clone()).await;
    }
    let (visit, talk) = (&visit, &talk);
    match press {
        P::Leave => left(visit, &step).await,
        P::AddSave { screen } => addnode::save(visit, admin, talk, step, screen).await,
        P::GiveKey { user, days, gb, screen } => person::give(visit, admin, user, days, gb, screen).await,
        P::ExtendBy { config, days, gb, screen } => key::extend(visit, admin, config, days, gb, screen).await,
        P::Do { config, deed, screen } => key::deed(visit, admin, config, deed, screen).await,
        P::MoveTo { config, to, screen } => key::move_to(visit, admin, config, to, screen).await,
        P::RestartNow { id, screen } => exits::restart(visit, admin, &id, screen).await,
        P::MigrateStart { plan, screen } => migrate::start(visit, admin, talk, step, plan, screen).await,
        press @ (P::ReconcileGo { .. } | P::ReconcileAnswer { .. } | P::AdoptGo { .. }) => {
            visit.clone().unattended(|visit| reading_press(visit, admin, press)).await
        }
        P::HoldRelease { send, screen } => recovery::release(visit, admin, send, screen).await,
        P::BroadcastSend { screen } => broadcast::send(visit, admin, talk, step, screen).await,
        P::BroadcastDo(id, deed) => broadcast::deed(visit, admin, id, deed).await,
        P::RebalanceTurn(batch, turn) => rebalance::turn(visit, admin, batch, turn).await,
        P::Batch(batch, turn) => migrate::turn(visit, admin, batch, turn).await,
        P::InviteMake { uses, days, gb, screen } => invite::make(visit, admin, uses, days, gb, screen).await,
        P::InviteRevoke(code) => invite::revoke(visit, admin, &code).await,
        P::Admit(user) => person::admit(visit, admin, user).await,
        P::Withdraw(user) => person::withdraw(visit, admin, user).await,
        P::AlertDo(incident, deed) => incidents::deed(visit, admin, incident, deed).await,

        other => {
            visit.answer(None);
            match other {
                P::Help => help(visit).await,
                P::Panels(from) => nodes::list(visit, from, None).await,
                P::Panel(id) => nodes::card(visit, &id, None).await,
                P::Test(id) => nodes::test(visit, &id).await,
                P::Open(id, opening) => nodes::open(visit, admin, &id, opening).await,
                P::Maintenance(id) => nodes::maintenance(visit, &id).await,
                P::KeysOn(id, from) => nodes::keys_on(visit, &id, from).await,
                P::Remove(id, yes) => nodes::remove(visit, admin, &id, yes).await,
                P::Drain(id) => drain::open(visit, talk, id).await,
                P::Simulate => simulate::outlook(visit, None).await,
                P::SimulateDown(id) => simulate::down(visit, &[id]).await,
                P::Windows => windows::list(visit, None).await,
                P::WindowNew(id) => windows::ask(visit, talk, &id, None).await,
                P::WindowCancel(id) => windows::cancel(visit, admin, id).await,
                P::DrainDo(id, deed) => drain::deed(visit, admin, talk, id, deed).await,
                P::Edit(id) => edit::choose(visit, &id).await,
                P::EditMore(id) => edit::more(visit, &id).await,
                P::EditField(id, field) => edit::ask(visit, talk, &id, field, None).await,
                P::EditClear(id, field) => edit::clear(visit, admin, &id, field).await,
                P::EditRegion(id, region) => edit::region(visit, admin, &id, region).await,
                P::EditMode(id, manage) => edit::mode(visit, admin, &id, manage).await,
                P::Add => addnode::begin(visit, talk).await,
                P::Health => health::overview(visit, 0, None).await,
                P::HealthFrom(from) => health::overview(visit, from, None).await,
                P::HealthSystem => health::system(visit).await,
                P::HealthOf(id) => vitals::of(visit, &id, None).await,
                P::HealthCheck(id) => vitals::check(visit, &id).await,
                P::HealthOpen(id, opening) => vitals::open(visit, admin, &id, opening).await,
                P::BlockedAsk(id) => vitals::blocked_ask(visit, &id).await,
                P::Blocked(id, blocked) => vitals::blocked(visit, admin, &id, blocked).await,
                P::Exits(id) => exits::list(visit, &id, None).await,
                P::Exit(id, node) => exits::one(visit, &id, node, None).await,
                P::ExitDo(id, node, deed) => exits::deed(visit, admin, &id, node, deed).await,
                P::ExitRegion(id, node) => exits::region_ask(visit, talk, &id, node, None).await,
                P::ExitRegionIs(id, node, region) => exits::region_is(visit, admin, &id, node, region).await,
                P::ExitLinks(id) => exit_links::list(visit, &id, None).await,
                P::ExitLink(id, link) => exit_links::one(visit, &id, link).await,
                P::ExitLinkIs(id, link, exit) => exit_links::is(visit, admin, &id, link, exit).await,
                P::ExitLinkClear(id, link) => exit_links::clear(visit, admin, &id, link).await,
                P::RestartCore(id, yes) => exits::restart_ask(visit, &id, yes).await,
                P::HealthTest => health::test(visit).await,
                P::Person(user) => person::card(visit, user, None).await,
                P::Give(user) => person::give_days(visit, user).await,
                P::GiveDays(user, days) => person::give_traffic(visit, user, days).await,
                P::Key(config) => key::card(visit, config, None).await,
                P::Extend(config) => key::extend_ask(visit, talk, config, None).await,
                P::Revoke(config, yes) => key::revoke_ask(visit, config, yes).await,
                P::Move(config) => key::move_ask(visit, config).await,
                P::Why(config) => why::key(visit, config).await,
                P::Migrate => migrate::whose(visit, talk).await,
                P::MigratePanel(id) => migrate::of_panel(visit, talk, id, false).await,
                P::MigratePerson(user) => migrate::of_person(visit, talk, user).await,
                P::MigrateTo(to) => migrate::chosen(visit, talk, step, to).await,
                P::Broadcast => broadcast::whom(visit).await,
                P::BroadcastRegions => broadcast::regions(visit).await,
                P::BroadcastPanels => broadcast::panels(visit).await,
                P::BroadcastTo(audience) => broadcast::ask(visit, talk, audience, None).await,
                P::Rebalance => rebalance::preview(visit, None).await,
                P::RebalanceRun(moves) => {
                    rebalance::begin(visit, admin, rebalance::Begin::Moves(moves)).await
                }
                P::RebalanceBack(batch) => {
                    rebalance::begin(visit, admin, rebalance::Begin::Back(batch)).await
                }
                P::Reconcile => reconcile::which(visit).await,
                P::Adopt => adoption::which(visit).await,
                press @ (P::ReconcilePanel(_) | P::AdoptPanel(_) | P::Hold) => {
                    visit.clone().unattended(|visit| reading_press(visit, admin, press)).await
                }
                P::Invites => invite::list(visit).await,
                P::InviteNew => invite::ask_uses(visit).await,
                P::InviteDays(uses) => invite::ask_days(visit, uses).await,
                P::InviteTraffic(uses, days) => invite::ask_traffic(visit, uses, days).await,
                P::Stats(period) => stats::again(visit, period).await,
                P::Audit(before) => audit::page(visit, before).await,
                P::Alerts => incidents::list(visit).await,
                P::Alert(incident) => incidents::one(visit, incident).await,
                other => addnode::pressed(visit, talk, step, other).await,
            }
        }
    }
}

/// Buttons that read whole panels.
async fn reading_press(visit: Visit, admin: Admin, press: AdminPress) -> HandlerResult {
    use AdminPress as P;
    let visit = &visit;
    match press {
        P::ReconcileGo { id, screen } => reconcile::go(visit, admin, &id, screen).await,
        P::ReconcileAnswer { id, answer, screen } => {
            reconcile::answer(visit, admin, &id, answer, screen).await
        }
        P::ReconcilePanel(id) => reconcile::preview(visit, &id, None).await,
        P::AdoptGo { id, screen } => adoption::go(visit, admin, &id, screen).await,
        P::AdoptPanel(id) => adoption::preview(visit, &id, None).await,
        _ => recovery::report(visit).await,
    }
}

/// What admins can do.
async fn help(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let screen = Screen::new(text::admin::help(t))
        .row([
            button(text::admin::button::list(t), AdminPress::Panels(0)),
            button(text::admin::button::add(t), AdminPress::Add),
        ])
        .row([super::user::screens::menu(t)]);
    show(visit, "admin-help", screen).await
}

/// A question is left: what it was about is shown as it is.
async fn left(visit: &Visit, step: &Step) -> HandlerResult {
    match step {
        Step::Admin(AdminStep::Add { .. }) => {
            visit.answer(Some(text::admin::addnode::cancelled(&visit.t)));
            nodes::list(visit, 0, None).await
        }
        Step::Admin(AdminStep::Edit { panel, .. }) => {
            visit.answer(None);
            edit::choose(visit, panel).await
        }
        Step::Admin(AdminStep::ExitRegion { panel, exit }) => {
            visit.answer(None);
            exits::one(visit, panel, *exit, None).await
        }
        Step::Admin(AdminStep::Window(id)) => {
            visit.answer(None);
            nodes::maintenance(visit, id).await
        }
        Step::Admin(AdminStep::Extend(config)) => {
            visit.answer(None);
            key::card(visit, *config, None).await
        }
        Step::Admin(AdminStep::BroadcastText(_) | AdminStep::BroadcastSend { .. }) => {
            visit.answer(Some(text::admin::broadcast::cancelled(&visit.t)));
            help(visit).await
        }
        Step::Idle | Step::Admin(_) => {
            visit.answer(None);
            help(visit).await
        }
    }
}

/// A button of ours in a group.
async fn only_private(visit: Visit) -> HandlerResult {
    visit.answer(Some(text::user::private_only(&visit.t).to_plain()));
    Ok(())
}

/// Any other command leaves what was being asked: nothing typed later shall be taken for its answer.
pub(super) async fn leave(step: Step, talk: Talk) {
    if step != Step::Idle
        && let Err(error) = talk.exit().await
    {
        tracing::warn!("a dialogue stays open: {error}");
    }
}

/// A press on the screen that asks something leaves the question, unless it answers it. One on another message does not:
/// the question still stands there.
pub(super) async fn leave_screen(visit: Visit, step: Step, talk: Talk) {
    if step == Step::Idle {
        return;
    }
    match visit.desk.core.store.menu(visit.chat).await {
        Ok(menu) => {
            if menu.map(|menu| menu.message_id) == visit.pressed_message() {
                leave(step, talk).await;
            }
        }
        Err(error) => tracing::warn!("a dialogue stays open: {:#}", anyhow::Error::from(error)),
    }
}

/// A message that answers a question for a secret. It may begin with a slash, as long as it is no command we know.
#[expect(clippy::needless_pass_by_value, reason = "dptree gives its functions values")]
fn is_secret(step: Step, message: Message) -> bool {
    const SHARED: [&str; 4] = ["start", "key", "language", "id"];
    let asked = matches!(&step, Step::Admin(step) if step.asks_secret());
    let known = |name: &str| COMMANDS.contains(&name) || SHARED.contains(&name);
    asked && !Command::of(&message).is_some_and(|command| known(&command.name))
}

/// A button of this part.
fn button(label: String, press: AdminPress) -> Button {
    Button::press(label, Callback::Admin(press))
}

/// The way back.
fn back(t: &T, press: AdminPress) -> Button {
    button(text::button::back(t), press)
}

/// Shows a screen as the menu.
async fn show(visit: &Visit, view: &str, screen: Screen) -> HandlerResult {
    visit.show(view, screen).await?;
    Ok(())
}

/// A screen with something said above it.
fn headed(screen: Screen, head: Option<Html>) -> Screen {
    match head {
        Some(head) => screen.headed(head),
        None => screen,
    }
}

/// Takes the screen that a button stood on, so that the button has its effect once, and answers the press.
async fn claim(visit: &Visit, seen: i64) -> Result<bool, ShowError> {
    match visit.take_screen(Some(seen)).await? {
        Taken::Screen(_) => {
            visit.answer(None);
            Ok(true)
        }
        Taken::Pending => {
            visit.answer(None);
            Ok(false)
        }
        Taken::Stale => {
            visit.answer(Some(text::user::menu_old_toast(&visit.t)));
            Ok(false)
        }
    }
}

/// Does something that takes a while, and says so after a moment.
async fn patiently<F: Future>(visit: &Visit, words: Html, doing: F) -> Result<F::Output, ShowError> {
    tokio::pin!(doing);
    if let Ok(done) = tokio::time::timeout(PATIENCE, &mut doing).await {
        return Ok(done);
    }
    visit.show(WORKING, Screen::new(words)).await?;
    Ok(doing.await)
}

/// Deletes a message that holds a secret; whether it is gone.
async fn delete(visit: &Visit, message: &Message) -> bool {
    match visit.desk.tg.delete(visit.chat, i64::from(message.id.0)).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!("a message with a secret stays: {error}");
            false
        }
    }
}
