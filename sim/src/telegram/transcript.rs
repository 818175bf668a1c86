//! A chat as plain text: who said what, with buttons in brackets and pictures named.

use super::html::Formatted;
use super::keyboard::{Action, Button};
use super::view::author;
use super::world::{Author, Chat, ChatKind, Content, Stored, World};

/// One chat, oldest message first.
pub(crate) fn chat(world: &World, chat: &Chat, thread: Option<i64>) -> String {
    let shown = chat.visible().filter(|message| thread.is_none() || message.thread == thread);
    shown.map(|stored| message(world, stored)).collect()
}

/// All chats that have any message, each under its name.
pub(crate) fn all(world: &World) -> String {
    let mut out = String::new();
    for place in world.chats.values().filter(|place| place.visible().next().is_some()) {
        let title = match &place.kind {
            ChatKind::Private => author(world, Author::Person(place.id)),
            ChatKind::Group { spec, .. } => spec.title.clone(),
        };
        out.push_str(&format!("── {title} ({}) ──\n{}\n", place.id, chat(world, place, None)));
    }
    out
}

fn message(world: &World, stored: &Stored) -> String {
    let mut body = match &stored.content {
        Content::Text(text) => text.text.clone(),
        Content::Photo { caption, .. } => attached("photo", "", caption),
        Content::Document { file, caption } => attached("document ", &world.files[*file].name, caption),
    };
    for row in &stored.buttons {
        let row: Vec<String> = row.iter().map(button).collect();
        body.push_str(&format!("\n{}", row.join(" ")));
    }
    format!("{}: {}\n", author(world, stored.author), body.replace('\n', "\n  "))
}

fn attached(what: &str, name: &str, caption: &Formatted) -> String {
    if caption.text.is_empty() {
        format!("[{what}{name}]")
    } else {
        format!("[{what}{name}: {}]", caption.text)
    }
}

/// `↗` marks a button that opens an address, `⧉` one that copies.
pub(crate) fn button(button: &Button) -> String {
    match button.action {
        Action::Data(_) => format!("[{}]", button.label),
        Action::Url(_) => format!("[{} ↗]", button.label),
        Action::Copy(_) => format!("[{} ⧉]", button.label),
    }
}
