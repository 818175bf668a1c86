//! Updates in, messages out. Nothing else knows Telegram.
//!
//! ```text
//! Telegram -> intake -> (inbox) -> dispatch -> schema -> handlers -> services
//!                                                  \-> menu -> tg -> Telegram
//!             services -> (outbox) -> outbox, notices -> tg -> Telegram
//! ```
//!
//! - [`intake`] stores each update before Telegram may forget it; [`dispatch`] handles it until it is done.
//! - [`schema`] is the whole tree of updates on one screen: [`user`]'s handlers, and [`admin`]'s behind a proof.
//! - [`visit`] is what a handler gets: who, where, in which words, and how to answer. [`desk`] is what it works with.
//! - [`callback`] is what buttons send, [`dialogue`] where a conversation stands, [`screen`] what a message shows.
//! - [`menu`] is the one message of a chat that is edited in place.
//! - [`outbox`] delivers what services have to say, put into words by [`notices`].
//! - [`backup`] takes backups to the admins.
//! - [`tg`] is the one gateway, paced by [`pacer`].
//!
//! Telegram away, at the start or later, stops nothing else: updates and letters wait in the database.
//! Absent on purpose: words (they are made in [`crate::text`]) and decisions (services make them).

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub mod access_card;
pub mod admin;
pub mod backup;
pub mod callback;
pub mod command;
mod commands;
pub mod desk;
pub mod dialogue;
mod dispatch;
mod intake;
pub mod limit;
pub mod menu;
pub mod notices;
mod outbox;
pub mod pacer;
pub mod roles;
pub mod schema;
pub mod screen;
pub mod tg;
pub mod user;
pub mod visit;

pub use desk::{About, Desk};
pub use intake::{Hook, Intake};
pub use roles::Admin;
pub use screen::{Button, Screen};
pub use visit::Visit;

use tg::Reach;

/// What handlers return: an error is the program's, never the person's.
pub type HandlerResult = anyhow::Result<()>;

/// Small things that nobody waits for may take this long at a stop.
const FAREWELL: Duration = Duration::from_secs(2);

/// Runs the chat until `stop`, fetching updates. Returns when all that was begun has ended or had its time.
pub async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    run_with(desk, Intake::Polling, stop).await;
}

/// The same, with updates coming in another way.
pub async fn run_with(desk: Arc<Desk>, intake: Intake, stop: CancellationToken) {
    if desk.core.policy.admins.is_empty() {
        tracing::warn!("ADMIN_IDS is empty: send the bot /id, and put the number it answers there");
    }
    tokio::join!(
        intake::run(desk.clone(), intake, stop.clone()),
        reached(&desk, stop.clone()),
        dispatch::run(desk.clone(), stop.clone()),
        outbox::run(desk.clone(), stop.clone()),
        commands::run(desk.clone(), stop),
    );
    desk.tracker.close();
    let _ = tokio::time::timeout(FAREWELL, desk.tracker.wait()).await;
}

/// Lets the rest of the service know whether Telegram answers.
async fn reached(desk: &Desk, stop: CancellationToken) {
    let mut reach = desk.tg.reach();
    loop {
        let answers = match *reach.borrow_and_update() {
            Reach::Unknown => None,
            Reach::Up => Some(true),
            Reach::Down => Some(false),
        };
        if let Some(answers) = answers {
            desk.core.signals.telegram_is(answers);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            changed = reach.changed() => if changed.is_err() { return },
        }
    }
}
