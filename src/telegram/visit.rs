//! One person's message or press, and how it is answered.

use std::sync::Arc;
use std::time::Duration;

use teloxide::types::{CallbackQueryId, Update, UpdateKind};
use tracing::Instrument;

use super::HandlerResult;
use super::callback::Callback;
use super::desk::Desk;
use super::limit::Verdict;
use super::menu::{ShowError, Shown, Taken, WISH, WORKING};
use super::notices;
use super::screen::{Button, Screen};
use crate::domain::UserId;
use crate::domain::operation::Cause;
use crate::domain::person::Person;
use crate::service::keys::{Ask, Asked};
use crate::service::notice::{Lane, Notice};
use crate::store::StoreError;
use crate::store::people::Seen;
use crate::text::user::Work;
use crate::text::{self, Lang, T};

/// A wait longer than this shows that we work on it.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// What reads whole panels and takes longer than this goes on by itself: its update counts as handled.
const UNATTENDED: Duration = Duration::from_secs(5);

/// One person's message or press. Cheap to clone; lives as long as its update is handled.
#[derive(Clone)]
pub struct Visit {
    /// Everything handlers work with.
    pub desk: Arc<Desk>,
    /// Who.
    pub person: Arc<Person>,
    /// Where: the person's id in a private chat.
    pub chat: i64,
    /// The update. An effect that carries it happens once, however often the update is handled.
    pub update_id: i64,
    /// The words, in the person's language.
    pub t: T,
    /// Whether this is too much at once.
    pub pace: Verdict,
    /// Whether it is handled once more, because an earlier attempt did not come to its end.
    again: bool,
    pressed: Option<Pressed>,
}

#[derive(Clone)]
struct Pressed {
    query: CallbackQueryId,
    message: Option<i64>,
}

impl Visit {
    /// The visit that `update` is, if a person is behind it, perhaps handled once more. Remembers the person.
    ///
    /// # Errors
    /// The database.
    pub async fn of(desk: &Arc<Desk>, update: &Update, again: bool) -> Result<Option<Self>, StoreError> {
        let (user, chat, pressed) = match &update.kind {
            UpdateKind::Message(message) => {
                let Some(user) = message.from.as_ref().filter(|_| message.chat.is_private()) else {
                    return Ok(None); // what people say in groups is theirs
                };
                (user, message.chat.id.0, None)
            }
            UpdateKind::CallbackQuery(query) => {
                let message = query.message.as_ref();
                let chat =
                    message.map_or_else(|| Desk::private_chat(query.from.id), |message| message.chat().id.0);
                let message = message.map(|message| i64::from(message.id().0));
                (&query.from, chat, Some(Pressed { query: query.id.clone(), message }))
            }
            _ => return Ok(None),
        };
        if user.is_bot {
            return Ok(None);
        }
        let seen = Seen {
            id: UserId(Desk::private_chat(user.id)),
            first_name: user.first_name.clone(),
            username: user.username.clone(),
            telegram_language: user.language_code.clone(),
        };
        let person = desk.core.store.saw_person(&seen, desk.core.clock.now()).await?;
        Ok(Some(Self {
            t: desk.words.of(desk.language_of(&person)).clone(),
            pace: desk.limiter.act(person.id),
            person: Arc::new(person),
            chat,
            update_id: i64::from(update.id.0),
            again,
            pressed,
            desk: desk.clone(),
        }))
    }

    /// Who.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.person.id
    }

    /// Whether nobody else reads this chat.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.chat == self.person.id.0
    }

    /// The message whose button was pressed.
    #[must_use]
    pub fn pressed_message(&self) -> Option<i64> {
        self.pressed.as_ref().and_then(|pressed| pressed.message)
    }

    /// The same visit in another language.
    #[must_use]
    pub fn speaking(mut self, lang: Lang) -> Self {
        self.t = self.desk.words.of(lang).clone();
        self
    }

    /// A wish of this visit. `screen` waits for the result.
    #[must_use]
    pub fn ask(&self, cause: Cause, screen: Option<i64>) -> Ask {
        Ask { by: self.user(), cause, update_id: Some(self.update_id), screen }
    }

    /// Stops the button's spinner, with a word to pop up if there is one to say. Not waited for: nobody shall be kept
    /// waiting for a courtesy.
    pub fn answer(&self, word: Option<String>) {
        if let Some(pressed) = self.pressed.clone() {
            let tg = self.desk.tg.clone();
            self.desk.tracker.spawn(async move {
                if let Err(error) = tg.answer(&pressed.query, word.as_deref()).await {
                    tracing::debug!("a button stays unanswered: {error}");
                }
            });
        }
    }

    /// Shows a screen as the menu: in the message that was pressed, else in a new one. The number of the screen.
    ///
    /// # Errors
    /// Telegram or the database.
    pub async fn show(&self, view: &str, screen: Screen) -> Result<i64, ShowError> {
        let shown = Shown { update_id: self.update_id, view };
        self.desk.menus.show(self.chat, self.pressed_message(), shown, screen).await
    }

    /// A message of its own, not the menu; its id.
    ///
    /// # Errors
    /// Telegram.
    pub async fn say(&self, screen: &Screen) -> Result<i64, ShowError> {
        Ok(self.desk.tg.send(Lane::Reply, self.chat, screen).await?)
    }

    /// Changes the pressed message, which is not the menu and shall not become it.
    ///
    /// # Errors
    /// Telegram.
    pub async fn amend(&self, screen: &Screen) -> Result<(), ShowError> {
        if let Some(message) = self.pressed_message() {
            match self.desk.tg.edit(Lane::Reply, self.chat, message, screen).await {
                Ok(()) | Err(super::tg::TgError::Gone(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// A picture with *Close*.
    ///
    /// # Errors
    /// Telegram.
    pub async fn photo(&self, png: Vec<u8>, caption: &Screen) -> Result<i64, ShowError> {
        Ok(self.desk.tg.photo(Lane::Reply, self.chat, png, caption).await?)
    }

    /// A screen number for a wish that is about to be made: its result will edit this message if nothing else was shown
    /// meanwhile. With `seen`, only if that screen still stands.
    ///
    /// # Errors
    /// Telegram or the database.
    pub async fn take_screen(&self, seen: Option<i64>) -> Result<Taken, ShowError> {
        match self.pressed_message() {
            Some(message) => Ok(self.desk.menus.take(self.chat, message, self.update_id, seen).await?),
            None => {
                let working = Screen::new(text::user::working(&self.t, Work::Any));
                Ok(Taken::Screen(self.show(WISH, working).await?))
            }
        }
    }

    /// Whether the pressed message waits for the result of an earlier press.
    ///
    /// # Errors
    /// The database.
    pub async fn is_pending(&self) -> Result<bool, StoreError> {
        match self.pressed_message() {
            Some(message) => self.desk.menus.awaits(self.chat, message, self.update_id).await,
            None => Ok(false),
        }
    }

    /// Waits a moment for an operation, then says that it takes a while. Its result comes by itself.
    ///
    /// # Errors
    /// Telegram or the database.
    pub async fn await_result(&self, asked: Asked, screen: i64, working: Work) -> Result<(), ShowError> {
        let keys = &self.desk.keys;
        // An earlier attempt may have shown that it takes a while, and ended right there.
        let mut covered = self.again;
        if !keys.settled(asked.operation, PATIENCE).await {
            let still = async { !keys.settled(asked.operation, Duration::ZERO).await };
            let card = Button::press(text::button::my_key(&self.t), Callback::Key(asked.config));
            let working = Screen::new(text::user::working(&self.t, working)).row([card]);
            covered |= self.desk.menus.amend(self.chat, screen, working, still).await?;
        }
        if covered {
            self.show_answer(screen).await?;
        }
        self.desk.core.signals.mail.notify_one();
        Ok(())
    }

    /// Shows the answer to a wish once more if there is one. Another process may have shown it just before our own word
    /// reached Telegram, which covered it, and letters are not sent twice.
    async fn show_answer(&self, screen: i64) -> Result<(), ShowError> {
        let Some(answer) = self.desk.core.store.answer_to(self.chat, screen).await? else { return Ok(()) };
        // A letter of another version: the courier says so.
        let Ok(answer) = serde_json::from_value::<Notice>(answer) else { return Ok(()) };
        if let Some(answer) = notices::render(&self.desk, &self.t, &answer).await? {
            self.desk.menus.amend(self.chat, screen, answer, std::future::ready(true)).await?;
        }
        Ok(())
    }

    /// Does, as this visit, what may take longer than an update may: after a while it goes on by itself, and so does what
    /// came of it. If the program ends meanwhile, nobody begins it again; whoever waits for it has to ask once more.
    ///
    /// # Errors
    /// Those of a work that ends soon. Later ones are told with a kind word.
    pub async fn unattended<F>(self, doing: impl FnOnce(Self) -> F) -> HandlerResult
    where
        F: Future<Output = HandlerResult> + Send + 'static,
    {
        let tracker = &self.desk.tracker;
        let mut work = tracker.spawn(doing(self.clone()).in_current_span());
        if let Ok(done) = tokio::time::timeout(UNATTENDED, &mut work).await {
            return done?;
        }
        let visit = self.clone();
        let later = async move {
            if let Err(error) = work.await.map_err(anyhow::Error::from).flatten() {
                tracing::warn!("what was asked for came to nothing: {error:#}");
                let sorry = Screen::new(text::user::failed(&visit.t));
                drop(visit.say(&sorry).await);
            }
        };
        tracker.spawn(later.in_current_span());
        Ok(())
    }

    /// Does something that takes a while, and says so after a moment.
    ///
    /// # Errors
    /// Telegram or the database.
    pub async fn with_patience<F: Future>(&self, work: Work, doing: F) -> Result<F::Output, ShowError> {
        tokio::pin!(doing);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut doing).await {
            return Ok(done);
        }
        self.show(WORKING, Screen::new(text::user::working(&self.t, work))).await?;
        Ok(doing.await)
    }
}
