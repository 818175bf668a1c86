//! Chats and messages as the page gets them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::telegram::view::{author, commands};
use crate::telegram::world::{Author, Chat, Stored, World};
use crate::telegram::{Action, Button, Entity, Message};

/// Seconds for which "typing…" is shown, as Telegram's apps do.
const ACTION_SECONDS: i64 = 5;

/// What belongs to a chat and not to a message.
pub(super) fn chat_head(world: &World, chat: &Chat, now: DateTime<Utc>) -> Value {
    let action = chat.action.as_ref().filter(|(_, at)| (now - *at).num_seconds() < ACTION_SECONDS);
    let command = |(name, about): (String, String)| json!({"command": name, "description": about});
    let human = world.people.get(&chat.id);
    json!({
        "id": chat.id,
        "name": author(world, Author::Person(chat.id)),
        "language": human.map(|human| human.spec.language_code.as_str()),
        "action": action.map(|(action, _)| action.as_str()),
        "commands": commands(world, chat.id).into_iter().map(command).collect::<Vec<_>>(),
        "keyboard": chat.reply_keyboard,
        "started": human.is_some_and(|human| human.started),
        "blocked": human.is_some_and(|human| human.blocked),
    })
}

/// What changed in a chat since a revision: messages as they now stand, and ids of those that vanished.
pub(super) fn changes_since(world: &World, chat: &Chat, since: u64) -> (Vec<Value>, Vec<i64>) {
    let changed = chat.messages.iter().filter(|message| message.revision > since);
    let (gone, here): (Vec<&Stored>, Vec<&Stored>) = changed.partition(|message| message.deleted);
    let here = here.into_iter().map(|stored| message(world, chat.id, stored)).collect();
    (here, gone.iter().map(|stored| stored.id).collect())
}

fn message(world: &World, chat: i64, stored: &Stored) -> Value {
    let message = Message::of(world, chat, stored);
    let rows: Vec<Vec<Value>> = message.buttons.iter().map(|row| row.iter().map(button).collect()).collect();
    let quoted = stored
        .reply_to
        .and_then(|id| world.message(chat, id))
        .map(|quoted| json!({"author": author(world, quoted.author), "text": quoted.content.words().text}));
    json!({
        "id": message.id,
        "bot": message.by_bot,
        "text": message.text,
        "entities": message.entities.iter().map(Entity::to_json).collect::<Vec<_>>(),
        "buttons": rows,
        "picture": message.picture.map(|picture| json!({
            "file": picture.file,
            "name": picture.name,
            "width": picture.size.map(|(width, _)| width),
            "height": picture.size.map(|(_, height)| height),
        })),
        "edited": message.edited,
        "pinned": message.pinned,
        "quoted": quoted,
        "date": stored.date.timestamp_millis(),
    })
}

fn button(button: &Button) -> Value {
    match &button.action {
        Action::Data(data) => json!({"label": button.label, "data": data}),
        Action::Url(url) => json!({"label": button.label, "url": url}),
        Action::Copy(text) => json!({"label": button.label, "copy": text}),
    }
}
