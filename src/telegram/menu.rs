//! The menu: one text message of a chat, edited in place.
//!
//! Each time it shows something else its screen number grows; what one update shows, however often it is handled, has one
//! number, so that a button is not out of date because the process that showed it has died since. A wish carries the number of the screen that waits for it,
//! and its result edits the menu only while that number stands; else it is a message of its own. Buttons that must have
//! their effect once carry the number too.
//!
//! Handlers and the courier may want to change the same message at the same moment: whoever looks at the number and acts
//! on it holds the chat's lock meanwhile. The lock is this process's own. Among several processes the number decides what
//! is known of the menu, and whoever may have covered another's word with its own looks again afterwards.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::OwnedMutexGuard;

use super::screen::Screen;
use super::tg::{Tg, TgError};
use crate::domain::Clock;
use crate::service::notice::Lane;
use crate::store::menus::Menu;
use crate::store::{Store, StoreError};

/// The menus of all chats. Cheap to clone.
#[derive(Clone)]
pub struct Menus {
    store: Store,
    clock: Arc<dyn Clock>,
    tg: Tg,
    locks: Arc<Mutex<HashMap<i64, Weak<tokio::sync::Mutex<()>>>>>,
}

/// What came of taking a screen number for a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The wish may be made; its result will edit this screen.
    Screen(i64),
    /// A wish made from this screen is under way already: the button was pressed twice.
    Pending,
    /// Something else was shown since: the button is out of date.
    Stale,
}

/// What the view of a screen is called that waits for the result of a wish.
pub(super) const WISH: &str = "wish";
/// What the view of a screen is called that says that something takes a while.
pub const WORKING: &str = "working";

/// What an update shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The update.
    pub update_id: i64,
    /// The name of the screen.
    pub view: &'a str,
}

impl Shown<'_> {
    /// The number of the screen after what the menu shows: the same one while one update goes on with it, or is handled
    /// once more. A wish that it made, and what comes after that, are two.
    fn number(self, menu: Option<&Menu>) -> i64 {
        match menu {
            Some(menu) if self.showed(menu) && (menu.view != WISH || self.view == WISH) => menu.screen,
            Some(menu) => menu.screen + 1,
            None => 1,
        }
    }

    fn showed(self, menu: &Menu) -> bool {
        menu.update_id == Some(self.update_id)
    }

    fn as_menu(self, message_id: i64, screen: i64) -> Menu {
        Menu { message_id, screen, view: self.view.to_owned(), update_id: Some(self.update_id) }
    }
}

/// Why a screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// Telegram.
    #[error(transparent)]
    Telegram(#[from] TgError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Menus {
    /// Menus kept in `store` and shown through `tg`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, tg: Tg) -> Self {
        Self { store, clock, tg, locks: Arc::default() }
    }

    /// Keeps everybody else from the menu of `chat`.
    pub(super) async fn lock(&self, chat: i64) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().expect("no holder of this lock can panic");
            if locks.len() > 1024 {
                locks.retain(|_, lock| lock.strong_count() > 0);
            }
            let known = locks.get(&chat).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let lock = Arc::default();
                locks.insert(chat, Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }

    /// Shows `screen` as the menu: in `message` if that can be edited (it becomes the menu if it was not), else in a new
    /// message, and the old menu goes away. The number of the screen.
    ///
    /// # Errors
    /// Telegram or the database.
    pub async fn show(
        &self,
        chat: i64,
        message: Option<i64>,
        shown: Shown<'_>,
        screen: Screen,
    ) -> Result<i64, ShowError> {
        let _held = self.lock(chat).await;
        let before = self.store.menu(chat).await?;
        let number = shown.number(before.as_ref());
        let screen = screen.stamped(number);
        let own = before.as_ref().filter(|menu| shown.showed(menu)).map(|menu| menu.message_id);
        let edited = match message.or(own) {
            Some(message) => match self.tg.edit(Lane::Reply, chat, message, &screen).await {
                Ok(()) => Some(message),
                Err(TgError::Gone(_)) => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let message = match edited {
            Some(message) => message,
            None => self.tg.send(Lane::Reply, chat, &screen).await?,
        };
        // Whoever showed something meanwhile from another process has the last word: what stands there bears its number.
        self.store.show_menu(chat, &shown.as_menu(message, number), self.clock.now()).await?;
        if let Some(old) = before.filter(|old| old.message_id != message && edited.is_none()) {
            // A second menu would only confuse; that it stays is no reason to fail.
            if let Err(error) = self.tg.delete(chat, old.message_id).await {
                tracing::debug!("an old menu stays: {error}");
            }
        }
        Ok(number)
    }

    /// Takes the next number for `message` without changing what it shows, for a wish that is about to be made by the
    /// update `update_id`. With `seen`, only if the menu still shows that screen (or this same update took the number in
    /// an earlier attempt).
    ///
    /// # Errors
    /// The database.
    pub async fn take(
        &self,
        chat: i64,
        message: i64,
        update_id: i64,
        seen: Option<i64>,
    ) -> Result<Taken, StoreError> {
        let _held = self.lock(chat).await;
        let wish = Shown { update_id, view: WISH };
        loop {
            let menu = self.store.menu(chat).await?;
            let here = menu.as_ref().filter(|menu| menu.message_id == message);
            // An earlier attempt took it, and perhaps said that it takes a while, and ended there.
            let own = |menu: &&Menu| wish.showed(menu) && [WISH, WORKING].contains(&menu.view.as_str());
            if let Some(menu) = here.filter(own) {
                return Ok(Taken::Screen(menu.screen));
            }
            if seen.is_some() && menu.as_ref().map(|menu| menu.screen) != seen {
                let twice = here.is_some_and(|menu| Some(menu.screen - 1) == seen && menu.view == WISH);
                return Ok(if twice { Taken::Pending } else { Taken::Stale });
            }
            let number = menu.map_or(1, |menu| menu.screen + 1);
            if self.store.show_menu(chat, &wish.as_menu(message, number), self.clock.now()).await? {
                return Ok(Taken::Screen(number));
            }
            // Another process was quicker; what it did may make this wish moot.
        }
    }

    /// Whether `message` is the menu, and another update than `update_id` made a wish from it whose result it waits for.
    ///
    /// # Errors
    /// The database.
    pub async fn awaits(&self, chat: i64, message: i64, update_id: i64) -> Result<bool, StoreError> {
        let menu = self.store.menu(chat).await?;
        Ok(menu.is_some_and(|menu| {
            menu.message_id == message && menu.view == WISH && menu.update_id != Some(update_id)
        }))
    }

    /// Edits the menu without a new number, if it still shows screen `number` and `wanted` still says so under the lock.
    /// Whether it did.
    ///
    /// # Errors
    /// Telegram or the database. That the message is gone is no error: the result will be a new message.
    pub async fn amend(
        &self,
        chat: i64,
        number: i64,
        screen: Screen,
        wanted: impl Future<Output = bool> + Send,
    ) -> Result<bool, ShowError> {
        let _held = self.lock(chat).await;
        let menu = self.store.menu(chat).await?;
        let Some(menu) = menu.filter(|menu| menu.screen == number) else { return Ok(false) };
        if !wanted.await {
            return Ok(false);
        }
        match self.tg.edit(Lane::Reply, chat, menu.message_id, &screen.stamped(number)).await {
            Ok(()) => Ok(true),
            Err(TgError::Gone(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
