//! What the simulated Telegram knows: people, chats, messages, files, and what waits for the bot.
//!
//! Everything here is plain state behind one lock; [`super::methods`] are the calls on it, [`super::updates`] the way
//! out. Times come from the injected clock.

use std::collections::{BTreeMap, HashMap, VecDeque};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::faults::Faults;
use super::html::Formatted;
use super::keyboard::{self, Button};
use super::limits::FloodGate;
use super::log::{Call, Delivery};
use super::refusal::Refusal;
use super::updates::Updates;
use super::{Group, Options, Person};

/// The whole state.
pub(crate) struct World {
    pub token: String,
    pub username: String,
    pub name: String,
    pub privacy_mode: bool,
    pub query_ttl: chrono::TimeDelta,
    pub people: BTreeMap<i64, Human>,
    pub chats: BTreeMap<i64, Chat>,
    pub queries: HashMap<String, Query>,
    pub files: Vec<File>,
    pub updates: Updates,
    /// Commands by scope (its JSON) and language.
    pub commands: BTreeMap<(String, String), Vec<(String, String)>>,
    /// Name, description and short description of the bot by field and language.
    pub profile: BTreeMap<(&'static str, String), String>,
    pub faults: Faults,
    pub limits: Option<FloodGate>,
    pub calls: VecDeque<Call>,
    pub deliveries: VecDeque<Delivery>,
    pub log_limit: usize,
    /// Grows with every visible change; messages carry the value of their last one.
    pub revision: u64,
    /// The last id given in the chats whose messages share one row of ids: the private ones.
    last_private_id: i64,
    last_query: u64,
    pub logged_out: bool,
}

/// A person and what stands between them and the bot.
pub(crate) struct Human {
    pub spec: Person,
    /// Has written to the bot at least once: before that a bot may not write first.
    pub started: bool,
    pub blocked: bool,
    pub deactivated: bool,
}

/// A chat as the bot sees it.
pub(crate) struct Chat {
    pub id: i64,
    pub kind: ChatKind,
    pub messages: Vec<Stored>,
    pub reply_keyboard: Option<Vec<Vec<String>>>,
    /// What the bot said it is doing, and when.
    pub action: Option<(String, DateTime<Utc>)>,
    last_id: i64,
}

/// Private chats carry the person's id; groups carry their own state.
pub(crate) enum ChatKind {
    Private,
    Group { spec: Group, bot: Membership },
}

/// The bot's place in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Membership {
    Member,
    Admin,
    Left,
    Kicked,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    Bot,
    Person(i64),
}

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub id: i64,
    pub thread: Option<i64>,
    pub author: Author,
    pub date: DateTime<Utc>,
    pub edited: Option<DateTime<Utc>>,
    pub content: Content,
    pub buttons: Vec<Vec<Button>>,
    pub reply_to: Option<i64>,
    pub deleted: bool,
    pub pinned: bool,
    pub preview: bool,
    pub revision: u64,
}

/// What a message shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Text(Formatted),
    Photo { file: usize, caption: Formatted },
    Document { file: usize, caption: Formatted },
}

impl Content {
    /// The text, or the caption of a picture or a document.
    pub(crate) fn words(&self) -> &Formatted {
        match self {
            Self::Text(text) => text,
            Self::Photo { caption, .. } | Self::Document { caption, .. } => caption,
        }
    }
}

/// A file that Telegram keeps.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub id: String,
    pub name: String,
    pub path: String,
    pub mime: &'static str,
    pub size: Option<(u32, u32)>,
    pub bytes: Bytes,
}

/// A press that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub at: DateTime<Utc>,
    pub answer: Option<super::Answer>,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            token: options.token.clone(),
            username: options.username.clone(),
            name: options.name.clone(),
            privacy_mode: options.privacy_mode,
            query_ttl: chrono::TimeDelta::from_std(options.query_ttl).unwrap_or(chrono::TimeDelta::MAX),
            people: BTreeMap::new(),
            chats: BTreeMap::new(),
            queries: HashMap::new(),
            files: Vec::new(),
            updates: Updates::new(),
            commands: BTreeMap::new(),
            profile: BTreeMap::new(),
            faults: Faults::default(),
            limits: options.limits.map(FloodGate::new),
            calls: VecDeque::new(),
            deliveries: VecDeque::new(),
            log_limit: options.log_limit,
            revision: 1,
            last_private_id: 0,
            last_query: 0,
            logged_out: false,
        }
    }

    pub(crate) fn bot_id(&self) -> i64 {
        self.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1)
    }

    pub(crate) fn bot_json(&self) -> Value {
        json!({"id": self.bot_id(), "is_bot": true, "first_name": self.name, "username": self.username})
    }

    pub(crate) fn user_json(&self, id: i64) -> Value {
        let Some(human) = self.people.get(&id) else {
            return json!({"id": id, "is_bot": false, "first_name": "Deleted Account"});
        };
        let Person { first_name, last_name, username, language_code, .. } = &human.spec;
        let mut user = json!({"id": id, "is_bot": false, "first_name": first_name});
        if !last_name.is_empty() {
            user["last_name"] = json!(last_name);
        }
        if !username.is_empty() {
            user["username"] = json!(username);
        }
        if !language_code.is_empty() {
            user["language_code"] = json!(language_code);
        }
        user
    }

    pub(crate) fn chat_json(&self, id: i64) -> Value {
        match self.chats.get(&id).map(|chat| &chat.kind) {
            Some(ChatKind::Group { spec, .. }) => {
                let mut chat = json!({"id": id, "type": "supergroup", "title": spec.title});
                if !spec.topics.is_empty() {
                    chat["is_forum"] = json!(true);
                }
                chat
            }
            Some(ChatKind::Private) | None => {
                let mut chat = self.user_json(id);
                if let Some(fields) = chat.as_object_mut() {
                    fields.remove("is_bot");
                    fields.remove("language_code");
                }
                chat["type"] = json!("private");
                chat
            }
        }
    }

    /// Adds a person, once, and the private chat with them.
    pub(crate) fn add_person(&mut self, spec: Person) {
        let id = spec.id;
        self.people.entry(id).or_insert(Human { spec, started: false, blocked: false, deactivated: false });
        self.chats.entry(id).or_insert_with(|| Chat::new(id, ChatKind::Private));
        self.revision += 1;
    }

    pub(crate) fn add_group(&mut self, spec: Group) {
        let id = spec.id;
        let bot = if spec.bot_is_admin { Membership::Admin } else { Membership::Member };
        self.chats.entry(id).or_insert_with(|| Chat::new(id, ChatKind::Group { spec, bot }));
        self.revision += 1;
    }

    /// Stores a message and gives it its id.
    pub(crate) fn post(&mut self, chat_id: i64, mut message: Stored) -> i64 {
        self.revision += 1;
        message.revision = self.revision;
        let chat = self.chats.get_mut(&chat_id).expect("callers resolve the chat first");
        message.id = match chat.kind {
            ChatKind::Private => {
                self.last_private_id += 1;
                self.last_private_id
            }
            ChatKind::Group { .. } => chat.last_id + 1,
        };
        chat.last_id = message.id;
        let id = message.id;
        if message.author == Author::Bot {
            chat.action = None;
        }
        chat.messages.push(message);
        id
    }

    pub(crate) fn message(&self, chat: i64, id: i64) -> Option<&Stored> {
        let messages = &self.chats.get(&chat)?.messages;
        let at = messages.binary_search_by_key(&id, |message| message.id).ok()?;
        Some(&messages[at]).filter(|message| !message.deleted)
    }

    /// Changes a visible message and marks it as changed.
    pub(crate) fn change(&mut self, chat: i64, id: i64, change: impl FnOnce(&mut Stored)) {
        self.revision += 1;
        let revision = self.revision;
        let messages = self.chats.get_mut(&chat).map(|chat| &mut chat.messages);
        let message = messages.and_then(|messages| messages.iter_mut().find(|message| message.id == id));
        if let Some(message) = message {
            message.revision = revision;
            change(message);
        }
    }

    /// A message as Telegram writes it; an answered message is included without its own.
    pub(crate) fn message_json(&self, chat: i64, message: &Stored, nested: bool) -> Value {
        let mut out = json!({
            "message_id": message.id,
            "date": message.date.timestamp(),
            "chat": self.chat_json(chat),
            "from": match message.author {
                Author::Bot => self.bot_json(),
                Author::Person(id) => self.user_json(id),
            },
        });
        if let Some(edited) = message.edited {
            out["edit_date"] = json!(edited.timestamp());
        }
        if let Some(thread) = message.thread {
            out["message_thread_id"] = json!(thread);
            out["is_topic_message"] = json!(true);
        }
        match &message.content {
            Content::Text(text) => {
                out["text"] = json!(text.text);
                if !text.entities.is_empty() {
                    out["entities"] = text.entities_json();
                }
            }
            Content::Photo { file, caption } | Content::Document { file, caption } => {
                let file = &self.files[*file];
                if matches!(message.content, Content::Photo { .. }) {
                    out["photo"] = json!([file.photo_json()]);
                } else {
                    out["document"] = file.to_json();
                    out["document"]["file_name"] = json!(file.name);
                    out["document"]["mime_type"] = json!(file.mime);
                }
                if !caption.text.is_empty() {
                    out["caption"] = json!(caption.text);
                }
                if !caption.entities.is_empty() {
                    out["caption_entities"] = caption.entities_json();
                }
            }
        }
        if !message.buttons.is_empty() {
            out["reply_markup"] = keyboard::to_json(&message.buttons);
        }
        if let Some(reply) = message.reply_to.filter(|_| !nested).and_then(|id| self.message(chat, id)) {
            out["reply_to_message"] = self.message_json(chat, reply, true);
        }
        out
    }

    pub(crate) fn new_query(&mut self, query: Query) -> String {
        self.last_query += 1;
        if self.queries.len() >= self.log_limit {
            let ttl = self.query_ttl;
            self.queries.retain(|_, old| query.at - old.at <= ttl);
        }
        let id = format!("{}", 4_611_686_018_427_000_000 + self.last_query);
        self.queries.insert(id.clone(), query);
        id
    }

    /// Finds the chat that a call names, by id or `@username`.
    pub(crate) fn find_chat(&self, reference: &str) -> Result<i64, Refusal> {
        let not_found = || Refusal::bad("chat not found");
        if let Some(name) = reference.strip_prefix('@') {
            let named = |human: &&Human| human.spec.username.eq_ignore_ascii_case(name) && human.started;
            return self.people.values().find(named).map(|human| human.spec.id).ok_or_else(not_found);
        }
        let id: i64 = reference.trim().parse().map_err(|_| not_found())?;
        match self.chats.get(&id).map(|chat| &chat.kind) {
            Some(ChatKind::Private) if self.people.get(&id).is_some_and(|human| human.started) => Ok(id),
            Some(ChatKind::Group { .. }) => Ok(id),
            Some(ChatKind::Private) | None => Err(not_found()),
        }
    }

    /// Whether the bot may write there.
    pub(crate) fn may_write(&self, chat: i64) -> Result<(), Refusal> {
        match &self.chats[&chat].kind {
            ChatKind::Private => match self.people.get(&chat) {
                Some(human) if human.deactivated => Err(Refusal::forbidden("user is deactivated")),
                Some(human) if human.blocked => Err(Refusal::forbidden("bot was blocked by the user")),
                Some(_) => Ok(()),
                None => Err(Refusal::bad("chat not found")),
            },
            ChatKind::Group { bot: Membership::Kicked, .. } => {
                Err(Refusal::forbidden("bot was kicked from the supergroup chat"))
            }
            ChatKind::Group { bot: Membership::Left, .. } => {
                Err(Refusal::forbidden("bot is not a member of the supergroup chat"))
            }
            ChatKind::Group { bot: Membership::Member | Membership::Admin, .. } => Ok(()),
        }
    }

    /// Keeps a file and returns its place.
    pub(crate) fn keep_file(&mut self, name: Option<&str>, bytes: Bytes) -> usize {
        let number = self.files.len();
        let (mime, ending, size) = super::picture::sniff(&bytes);
        let folder = if size.is_some() { "photos" } else { "documents" };
        let name = name.map_or_else(|| format!("file_{number}.{ending}"), str::to_owned);
        let path = format!("{folder}/file_{number}.{ending}");
        self.files.push(File { id: format!("AgACAgSim{number:06}"), name, path, mime, size, bytes });
        number
    }

    /// Remembers a call, dropping the oldest beyond the limit.
    pub(crate) fn record(&mut self, call: Call) {
        if self.calls.len() >= self.log_limit {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// Remembers that an update was given, dropping the oldest beyond the limit.
    pub(crate) fn record_delivery(&mut self, delivery: Delivery) {
        if self.deliveries.len() >= self.log_limit {
            self.deliveries.pop_front();
        }
        self.deliveries.push_back(delivery);
    }
}

impl Chat {
    fn new(id: i64, kind: ChatKind) -> Self {
        Self { id, kind, messages: Vec::new(), reply_keyboard: None, action: None, last_id: 0 }
    }

    /// What a person sees, oldest first.
    pub(crate) fn visible(&self) -> impl DoubleEndedIterator<Item = &Stored> {
        self.messages.iter().filter(|message| !message.deleted)
    }
}

impl Stored {
    /// A new message; the id and the revision are given by [`World::post`].
    pub(crate) fn new(author: Author, date: DateTime<Utc>, content: Content) -> Self {
        Self {
            id: 0,
            thread: None,
            author,
            date,
            edited: None,
            content,
            buttons: Vec::new(),
            reply_to: None,
            deleted: false,
            pinned: false,
            preview: true,
            revision: 0,
        }
    }
}

impl File {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "file_id": self.id,
            "file_unique_id": format!("AQAD{}", &self.id[self.id.len() - 6..]),
            "file_size": self.bytes.len(),
        })
    }

    fn photo_json(&self) -> Value {
        let (width, height) = self.size.unwrap_or((1, 1));
        let mut photo = self.to_json();
        photo["width"] = json!(width);
        photo["height"] = json!(height);
        photo
    }
}
