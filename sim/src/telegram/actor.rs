//! People with verbs: they send, click, wait for what they expect, and read their chat.
//!
//! Waiting is for a state, never for a while: an actor is woken by every change of the world and gives up only when
//! its patience is over, with the transcript in its complaint.

use std::time::Duration;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::html::Formatted;
use super::keyboard::Action;
use super::view::Message;
use super::world::{Author, Chat, ChatKind, Content, Membership, Query, Stored, World};
use super::{Telegram, group, transcript};

/// A person in one chat: their private one with the bot, or a group.
#[derive(Clone)]
pub struct Actor {
    telegram: Telegram,
    person: i64,
    chat: i64,
    thread: Option<i64>,
    patience: Duration,
}

/// The bot's answer to a press.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// What is shown, if anything.
    pub text: Option<String>,
    /// As a window to close, instead of a passing line.
    pub alert: bool,
    /// An address to open.
    pub url: Option<String>,
}

/// What came of pressing a button.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Click {
    /// The message it stood under.
    pub message: i64,
    /// The bot's answer; none for buttons that only open or copy something.
    pub answer: Option<Answer>,
    /// The address that was opened.
    pub opened: Option<String>,
    /// The text that was copied.
    pub copied: Option<String>,
}

impl Click {
    /// The text that the bot's answer showed, or nothing.
    #[must_use]
    pub fn text(&self) -> &str {
        self.answer.as_ref().and_then(|answer| answer.text.as_deref()).unwrap_or_default()
    }
}

/// Something a person waited or looked for in vain; the message contains what they saw instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet(String);

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unmet {}

impl Actor {
    pub(crate) fn new(telegram: Telegram, person: i64) -> Self {
        let patience = telegram.hub().patience;
        Self { telegram, person, chat: person, thread: None, patience }
    }

    /// The same person in a group.
    #[must_use]
    pub fn in_group(&self, group: &super::GroupChat) -> Self {
        group.add_member(self.person);
        Self { chat: group.id(), thread: None, ..self.clone() }
    }

    /// The same person in a topic of the group.
    #[must_use]
    pub fn in_topic(&self, thread: i64) -> Self {
        Self { thread: Some(thread), ..self.clone() }
    }

    /// The same person with more or less patience (real time).
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// The person's Telegram id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.person
    }

    /// The chat they are in.
    #[must_use]
    pub fn chat(&self) -> i64 {
        self.chat
    }

    // ── Acting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Writes to the chat; returns the id of the message. Writing to a bot that was blocked unblocks it.
    pub async fn send(&self, text: &str) -> i64 {
        self.post(Content::Text(Formatted::plain(text)), None)
    }

    /// Writes with formatting, given in Telegram's HTML.
    ///
    /// # Panics
    /// That is no HTML of Telegram's.
    pub async fn send_html(&self, html: &str) -> i64 {
        let text = Formatted::html(html).unwrap_or_else(|why| panic!("{html}: {why}"));
        self.post(Content::Text(text), None)
    }

    /// Writes in answer to a message.
    pub async fn reply(&self, message: i64, text: &str) -> i64 {
        self.post(Content::Text(Formatted::plain(text)), Some(message))
    }

    /// Sends a picture (PNG or JPEG).
    pub async fn send_picture(&self, bytes: &[u8], caption: &str) -> i64 {
        let bytes = Bytes::copy_from_slice(bytes);
        let file = self.telegram.hub().change(|world| world.keep_file(None, bytes));
        self.post(Content::Photo { file, caption: Formatted::plain(caption) }, None)
    }

    /// Sends a file.
    pub async fn send_document(&self, name: &str, bytes: &[u8]) -> i64 {
        let bytes = Bytes::copy_from_slice(bytes);
        let file = self.telegram.hub().change(|world| world.keep_file(Some(name), bytes));
        self.post(Content::Document { file, caption: Formatted::default() }, None)
    }

    /// Changes an own message; the bot gets an `edited_message`.
    pub async fn edit(&self, message: i64, text: &str) {
        let now = self.telegram.hub().now();
        self.telegram.hub().change(|world| {
            world.change(self.chat, message, |stored| {
                stored.content = Content::Text(Formatted::plain(text));
                stored.edited = Some(now);
            });
            announce(world, self.chat, message, "edited_message");
        });
    }

    fn post(&self, content: Content, reply_to: Option<i64>) -> i64 {
        let now = self.telegram.hub().now();
        self.telegram.hub().change(|world| {
            self.come_back(world, now);
            let mut message = Stored::new(Author::Person(self.person), now, content);
            message.thread = self.thread;
            message.reply_to = reply_to;
            let id = world.post(self.chat, message);
            announce(world, self.chat, id, "message");
            id
        })
    }

    /// Writing starts the chat, and unblocks the bot.
    fn come_back(&self, world: &mut World, now: DateTime<Utc>) {
        if self.chat != self.person {
            return;
        }
        let human = world.people.get_mut(&self.person).expect("added before the actor was made");
        human.started = true;
        if std::mem::take(&mut human.blocked) {
            let change = (Membership::Kicked, Membership::Member);
            group::tell_bot(world, self.chat, self.person, change, now.timestamp());
        }
    }

    /// Has spoken to the bot before, which may write to them since.
    pub fn has_spoken(&self) {
        self.telegram.hub().change(|world| {
            world.people.get_mut(&self.person).expect("added before the actor was made").started = true;
        });
    }

    /// Blocks the bot.
    pub fn block_bot(&self) {
        let now = self.telegram.hub().now();
        self.telegram.hub().change(|world| {
            let human = world.people.get_mut(&self.person).expect("added before the actor was made");
            if !std::mem::replace(&mut human.blocked, true) {
                let change = (Membership::Member, Membership::Kicked);
                group::tell_bot(world, self.person, self.person, change, now.timestamp());
            }
        });
    }

    /// Unblocks the bot without writing to it.
    pub fn unblock_bot(&self) {
        let now = self.telegram.hub().now();
        self.telegram.hub().change(|world| {
            let human = world.people.get_mut(&self.person).expect("added before the actor was made");
            if std::mem::take(&mut human.blocked) {
                let change = (Membership::Kicked, Membership::Member);
                group::tell_bot(world, self.person, self.person, change, now.timestamp());
            }
        });
    }

    /// The account is deleted: the bot may no longer write to it.
    pub fn deactivate(&self) {
        self.telegram.hub().change(|world| {
            world.people.get_mut(&self.person).expect("added before the actor was made").deactivated = true;
        });
    }

    /// Presses the button with this label (or one that contains it) on the newest message that has it, and waits
    /// until the bot has answered the press. Such a button of a keyboard is pressed too: it sends its label.
    ///
    /// # Panics
    /// There is no such button, or no answer within the patience: [`Self::try_click`] says so instead.
    pub async fn click(&self, label: &str) -> Click {
        // A person waits for the button before pressing it.
        self.expect_button(label).await;
        self.try_click(label).await.unwrap_or_else(|unmet| panic!("{unmet}"))
    }

    /// As [`Self::click`].
    ///
    /// # Errors
    /// There is no such button, or no answer within the patience.
    pub async fn try_click(&self, label: &str) -> Result<Click, Unmet> {
        let found = self.telegram.hub().look(|world| self.find_button(world, label));
        let Some((message, action)) = found else {
            let typed = self.telegram.hub().look(|world| self.find_key(world, label));
            let Some(typed) = typed else {
                return Err(self.unmet(&format!("there is no button \"{label}\"")));
            };
            return Ok(Click { message: self.send(&typed).await, ..Click::default() });
        };
        self.act(message, label, action).await
    }

    /// Presses a button of a certain message and waits for the answer.
    ///
    /// # Panics
    /// There is no such button, or no answer within the patience.
    pub async fn click_on(&self, message: i64, label: &str) -> Click {
        let found = self.message(message).and_then(|message| message.button(label).cloned());
        let clicked = match found {
            Some(button) => self.act(message, label, button.action).await,
            None => Err(self.unmet(&format!("there is no button \"{label}\" under message {message}"))),
        };
        clicked.unwrap_or_else(|unmet| panic!("{unmet}"))
    }

    async fn act(&self, message: i64, label: &str, action: Action) -> Result<Click, Unmet> {
        let click = Click { message, ..Click::default() };
        match action {
            Action::Url(url) => Ok(Click { opened: Some(url), ..click }),
            Action::Copy(text) => Ok(Click { copied: Some(text), ..click }),
            Action::Data(data) => {
                let query = self.press(message, &data);
                let answer = self.answer(&query).await;
                let answer =
                    answer.ok_or_else(|| self.unmet(&format!("no answer to pressing \"{label}\"")))?;
                Ok(Click { answer: Some(answer), ..click })
            }
        }
    }

    /// Presses as [`Self::click`] does, without waiting for the answer; returns the id of the press.
    ///
    /// # Panics
    /// There is no such button that sends something to the bot.
    pub fn tap(&self, label: &str) -> String {
        match self.telegram.hub().look(|world| self.find_button(world, label)) {
            Some((message, Action::Data(data))) => self.press(message, &data),
            _ => panic!("{}", self.unmet(&format!("there is no button \"{label}\""))),
        }
    }

    /// Sends any data as if a button of the newest message of the bot had it, and waits for the answer.
    ///
    /// # Panics
    /// No answer within the patience.
    pub async fn press_data(&self, data: &str) -> Answer {
        let newest = |world: &World| {
            let mut messages = world.chats[&self.chat].visible().rev();
            messages.find(|message| message.author == Author::Bot).map(|message| message.id)
        };
        let message = self.telegram.hub().look(newest).unwrap_or(0);
        self.press_data_on(message, data).await
    }

    /// Sends any data as if a button of that message had it; the message may be gone, as with an old screen.
    ///
    /// # Panics
    /// No answer within the patience.
    pub async fn press_data_on(&self, message: i64, data: &str) -> Answer {
        let query = self.press(message, data);
        match self.answer(&query).await {
            Some(answer) => answer,
            None => panic!("{}", self.unmet("no answer to a press")),
        }
    }

    /// Sends a press to the bot without waiting; returns its id.
    pub fn press(&self, message: i64, data: &str) -> String {
        let at = self.telegram.hub().now();
        self.telegram.hub().change(|world| {
            let query = Query { at, answer: None };
            let id = world.new_query(query);
            let under = match world.message(self.chat, message) {
                Some(stored) => world.message_json(self.chat, stored, false),
                None => json!({"chat": world.chat_json(self.chat), "message_id": message, "date": 0}),
            };
            let update = json!({
                "id": id,
                "from": world.user_json(self.person),
                "message": under,
                "chat_instance": (self.chat.wrapping_mul(7_919)).to_string(),
                "data": data,
            });
            world.updates.push("callback_query", self.chat, update);
            id
        })
    }

    /// Waits for the bot's answer to a press.
    pub async fn answer(&self, query: &str) -> Option<Answer> {
        let find = |world: &World| world.queries.get(query).and_then(|query| query.answer.clone());
        self.telegram.hub().wait(self.patience, find).await
    }

    /// What a button that copies or opens something holds.
    ///
    /// # Panics
    /// There is no such button.
    #[must_use]
    pub fn copy_from(&self, label: &str) -> String {
        match self.telegram.hub().look(|world| self.find_button(world, label)) {
            Some((_, Action::Copy(text) | Action::Url(text))) => text,
            _ => panic!("{}", self.unmet(&format!("there is no button \"{label}\" that copies or opens"))),
        }
    }

    // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Waits until a visible message of the bot contains the text, and returns the newest that does.
    ///
    /// # Panics
    /// None does within the patience: [`Self::try_expect`] says so instead.
    pub async fn expect(&self, text: &str) -> Message {
        self.try_expect(text).await.unwrap_or_else(|unmet| panic!("{unmet}"))
    }

    /// As [`Self::expect`].
    ///
    /// # Errors
    /// No message does within the patience.
    pub async fn try_expect(&self, text: &str) -> Result<Message, Unmet> {
        self.try_expect_since(0, text).await
    }

    /// As [`Self::expect`], among messages that were sent or changed after [`Self::mark`].
    ///
    /// # Panics
    /// None does within the patience.
    pub async fn expect_since(&self, mark: u64, text: &str) -> Message {
        self.try_expect_since(mark, text).await.unwrap_or_else(|unmet| panic!("{unmet}"))
    }

    /// As [`Self::expect_since`].
    ///
    /// # Errors
    /// No message does within the patience.
    pub async fn try_expect_since(&self, mark: u64, text: &str) -> Result<Message, Unmet> {
        let fits =
            |message: &Message| message.by_bot && message.revision > mark && message.text.contains(text);
        self.find(fits).await.ok_or_else(|| self.unmet(&format!("nothing says \"{text}\"")))
    }

    /// Waits until a visible message fits, and returns the newest that does.
    ///
    /// # Panics
    /// None does within the patience.
    pub async fn expect_that(&self, what: &str, fits: impl Fn(&Message) -> bool) -> Message {
        match self.find(fits).await {
            Some(message) => message,
            None => panic!("{}", self.unmet(&format!("no message fits: {what}"))),
        }
    }

    /// Waits until a button with this label (or one that contains it) is there, and returns its message.
    ///
    /// # Panics
    /// There is none within the patience.
    pub async fn expect_button(&self, label: &str) -> Message {
        match self.find(|message| message.button(label).is_some()).await {
            Some(message) => message,
            None => panic!("{}", self.unmet(&format!("there is no button \"{label}\""))),
        }
    }

    /// Waits until no visible message contains the text.
    ///
    /// # Panics
    /// One still does when the patience is over.
    pub async fn expect_gone(&self, text: &str) {
        let gone = |world: &World| {
            let mut messages = world.chats[&self.chat].visible();
            (!messages.any(|message| message.content.words().text.contains(text))).then_some(())
        };
        if self.telegram.hub().wait(self.patience, gone).await.is_none() {
            panic!("{}", self.unmet(&format!("something still says \"{text}\"")));
        }
    }

    /// A mark for [`Self::expect_since`]: everything up to now.
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.telegram.hub().look(|world| world.revision)
    }

    /// All visible messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.telegram.hub().look(|world| {
            self.visible(&world.chats[&self.chat])
                .map(|stored| Message::of(world, self.chat, stored))
                .collect()
        })
    }

    /// The newest visible message.
    #[must_use]
    pub fn last_message(&self) -> Option<Message> {
        self.telegram.hub().look(|world| {
            let newest = self.visible(&world.chats[&self.chat]).next_back();
            newest.map(|stored| Message::of(world, self.chat, stored))
        })
    }

    /// A visible message by its id.
    #[must_use]
    pub fn message(&self, id: i64) -> Option<Message> {
        self.telegram
            .hub()
            .look(|world| world.message(self.chat, id).map(|m| Message::of(world, self.chat, m)))
    }

    /// What stands on the buttons of all visible messages, oldest first, and then on the keyboard.
    #[must_use]
    pub fn buttons(&self) -> Vec<String> {
        let under = self.messages().into_iter().flat_map(|message| message.labels().concat());
        let keyboard = self.telegram.hub().look(|world| world.chats[&self.chat].reply_keyboard.clone());
        under.chain(keyboard.unwrap_or_default().concat()).collect()
    }

    /// The commands that this person sees.
    #[must_use]
    pub fn commands(&self) -> Vec<(String, String)> {
        self.telegram.commands_for(self.person)
    }

    /// The chat as the person sees it: the current state of each message, buttons in brackets, pictures named.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.telegram.hub().look(|world| transcript::chat(world, &world.chats[&self.chat], self.thread))
    }

    fn visible<'a>(&self, chat: &'a Chat) -> impl DoubleEndedIterator<Item = &'a Stored> + use<'a> {
        let thread = self.thread;
        chat.visible().filter(move |message| thread.is_none() || message.thread == thread)
    }

    async fn find(&self, fits: impl Fn(&Message) -> bool) -> Option<Message> {
        let newest = |world: &World| {
            let messages = self.visible(&world.chats[&self.chat]).rev();
            messages.map(|stored| Message::of(world, self.chat, stored)).find(&fits)
        };
        self.telegram.hub().wait(self.patience, newest).await
    }

    fn find_button(&self, world: &World, label: &str) -> Option<(i64, Action)> {
        let newest = || self.visible(&world.chats[&self.chat]).rev();
        let find = |fits: &dyn Fn(&str) -> bool| {
            newest().find_map(|message| {
                let button = message.buttons.iter().flatten().find(|button| fits(&button.label))?;
                Some((message.id, button.action.clone()))
            })
        };
        find(&|text| text == label).or_else(|| find(&|text| text.contains(label)))
    }

    fn find_key(&self, world: &World, label: &str) -> Option<String> {
        let keys = world.chats[&self.chat].reply_keyboard.iter().flatten().flatten();
        keys.into_iter().find(|key| key.contains(label)).cloned()
    }

    fn unmet(&self, what: &str) -> Unmet {
        let buttons = self.buttons().join("] [");
        Unmet(format!("{what}\nbuttons: [{buttons}]\n── the chat ──\n{}", self.transcript()))
    }
}

/// Queues a message of a person for the bot, if the bot gets to see it.
fn announce(world: &mut World, chat: i64, id: i64, kind: &'static str) {
    let Some(message) = world.message(chat, id) else { return };
    if let ChatKind::Group { bot, .. } = &world.chats[&chat].kind {
        let seen = match bot {
            Membership::Admin => true,
            Membership::Left | Membership::Kicked => false,
            Membership::Member => !world.privacy_mode || concerns_bot(world, chat, message),
        };
        if !seen {
            return;
        }
    }
    let body: Value = world.message_json(chat, message, false);
    world.updates.push(kind, chat, body);
}

/// With privacy mode a bot in a group sees commands (but not another bot's), mentions, and replies to itself.
fn concerns_bot(world: &World, chat: i64, message: &Stored) -> bool {
    let text = &message.content.words().text;
    let mention = format!("@{}", world.username);
    if text.starts_with('/') {
        let command = text.split_whitespace().next().unwrap_or_default();
        return command.split_once('@').is_none_or(|(_, bot)| bot.eq_ignore_ascii_case(&world.username));
    }
    let replied = message.reply_to.and_then(|id| world.message(chat, id));
    text.contains(&mention) || replied.is_some_and(|replied| replied.author == Author::Bot)
}
