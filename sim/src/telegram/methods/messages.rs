//! Sending, editing and deleting messages, and answering presses.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Outcome, chat_of};
use crate::telegram::Answer;
use crate::telegram::html::Formatted;
use crate::telegram::keyboard::Markup;
use crate::telegram::params::Params;
use crate::telegram::refusal::Refusal;
use crate::telegram::world::{Author, ChatKind, Content, Membership, Stored, World};

/// UTF-16 units in a text (<https://core.telegram.org/bots/api#sendmessage>).
const TEXT_UNITS: usize = 4096;
/// UTF-16 units in a caption.
const CAPTION_UNITS: usize = 1024;
/// Bytes of a photo (<https://core.telegram.org/bots/api#sending-files>).
const PHOTO_BYTES: usize = 10 * 1024 * 1024;
/// Characters in the answer to a press.
const ANSWER_CHARS: usize = 200;
/// How long a message may be deleted.
const DELETABLE: TimeDelta = TimeDelta::hours(48);

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the \
                            same as a current content and reply markup of the message";

/// A text with the markup that the call asks for: `text` or `caption`.
fn words(params: &Params, name: &str, prefix: &str) -> Result<Formatted, Refusal> {
    let text = params.text(name).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default().to_ascii_lowercase();
    let entities = params.json(&format!("{prefix}entities")).transpose()?;
    match mode.as_str() {
        "html" => Formatted::html(&text).map_err(|why| Refusal::bad(format!("can't parse entities: {why}"))),
        "" | "none" => match entities.as_ref().and_then(Value::as_array) {
            Some(entities) => Ok(Formatted::with_entities(&text, entities)),
            None => Ok(Formatted::plain(&text)),
        },
        _ => Err(Refusal::bad("unsupported parse_mode")),
    }
}

fn caption(params: &Params) -> Result<Formatted, Refusal> {
    let caption = words(params, "caption", "caption_")?;
    if caption.units() > CAPTION_UNITS {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(caption)
}

fn markup(params: &Params) -> Result<Option<Markup>, Refusal> {
    let given = params.json("reply_markup").transpose()?;
    given.map(|value| Markup::parse(&value)).transpose()
}

/// The keyboard of an edit: only one under the message will do, and none takes it away.
fn inline(params: &Params) -> Result<Vec<Vec<crate::telegram::Button>>, Refusal> {
    match markup(params)? {
        None => Ok(Vec::new()),
        Some(Markup::Inline(rows)) => Ok(rows),
        Some(Markup::Reply(_) | Markup::Remove | Markup::ForceReply) => {
            Err(Refusal::bad("inline keyboard expected"))
        }
    }
}

fn preview(params: &Params) -> bool {
    let options = params.json("link_preview_options").and_then(Result::ok);
    let disabled = options.is_some_and(|options| options["is_disabled"].as_bool() == Some(true));
    !disabled && !params.flag("disable_web_page_preview")
}

/// Posts what was made, with all that sending methods have in common.
fn post(world: &mut World, params: &Params, now: DateTime<Utc>, chat: i64, content: Content) -> Outcome {
    let markup = markup(params)?;
    world.may_write(chat)?;
    let mut message = Stored::new(Author::Bot, now, content);
    message.preview = preview(params);
    message.thread = params.int("message_thread_id");
    if let (Some(thread), ChatKind::Group { spec, .. }) = (message.thread, &world.chats[&chat].kind)
        && !spec.topics.iter().any(|(id, _)| *id == thread)
    {
        return Err(Refusal::bad("message thread not found"));
    }
    let reply = params.json("reply_parameters").transpose()?;
    let to = reply.as_ref().and_then(|reply| reply["message_id"].as_i64());
    if let Some(to) = to.or_else(|| params.int("reply_to_message_id")) {
        let lenient = reply.is_some_and(|reply| reply["allow_sending_without_reply"].as_bool() == Some(true))
            || params.flag("allow_sending_without_reply");
        match world.message(chat, to) {
            Some(_) => message.reply_to = Some(to),
            None if lenient => {}
            None => return Err(Refusal::bad("message to be replied not found")),
        }
    }
    let place = world.chats.get_mut(&chat).expect("resolved by the caller");
    match markup {
        Some(Markup::Inline(rows)) => message.buttons = rows,
        Some(Markup::Reply(rows)) => place.reply_keyboard = Some(rows),
        Some(Markup::Remove) => place.reply_keyboard = None,
        Some(Markup::ForceReply) | None => {}
    }
    let id = world.post(chat, message);
    Ok(world.message_json(chat, world.message(chat, id).expect("just posted"), false))
}

pub(super) fn send_text(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let chat = chat_of(world, params)?;
    let text = words(params, "text", "")?;
    if text.text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if text.units() > TEXT_UNITS {
        return Err(Refusal::bad("message is too long"));
    }
    post(world, params, now, chat, Content::Text(text))
}

/// The file that a parameter names: uploaded, or kept from before.
fn file(
    world: &mut World,
    params: &Params,
    name: &str,
    reference: &str,
    photo: bool,
) -> Result<usize, Refusal> {
    let upload = params.file(name).or_else(|| params.attached(reference));
    let Some(upload) = upload.cloned() else {
        return match reference {
            "" => Err(Refusal::bad(format!("there is no {name} in the request"))),
            // There is no network in here to fetch it from.
            url if url.contains("://") => Err(Refusal::bad("failed to get HTTP URL content")),
            id => world
                .files
                .iter()
                .position(|file| file.id == id)
                .ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified")),
        };
    };
    if upload.bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if photo && upload.bytes.len() > PHOTO_BYTES {
        return Err(Refusal::bad("file is too big"));
    }
    let at = world.keep_file(upload.name.as_deref(), upload.bytes);
    if photo && world.files[at].size.is_none() {
        return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
    }
    Ok(at)
}

pub(super) fn send_file(world: &mut World, params: &Params, now: DateTime<Utc>, kind: &str) -> Outcome {
    let chat = chat_of(world, params)?;
    let caption = caption(params)?;
    markup(params)?;
    world.may_write(chat)?;
    let reference = params.text(kind).unwrap_or_default();
    let photo = kind == "photo";
    let file = file(world, params, kind, &reference, photo)?;
    let content = if photo { Content::Photo { file, caption } } else { Content::Document { file, caption } };
    post(world, params, now, chat, content)
}

pub(super) fn copy(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let chat = chat_of(world, params)?;
    let from = world.find_chat(&params.text("from_chat_id").unwrap_or_default())?;
    let original = params.int("message_id").and_then(|id| world.message(from, id));
    let original = original.ok_or_else(|| Refusal::bad("message to copy not found"))?;
    let content = original.content.clone();
    let sent = post(world, params, now, chat, content)?;
    Ok(json!({"message_id": sent["message_id"]}))
}

/// The bot's own message that a call wants to edit.
fn editable(world: &World, params: &Params) -> Result<(i64, Stored), Refusal> {
    if params.text("inline_message_id").is_some() && params.text("chat_id").is_none() {
        return Err(Refusal::bad("MESSAGE_ID_INVALID"));
    }
    let chat = chat_of(world, params)?;
    let id = params.int("message_id").ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    world.may_write(chat)?;
    let message = world.message(chat, id).ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if message.author != Author::Bot {
        return Err(Refusal::bad("message can't be edited"));
    }
    Ok((chat, message.clone()))
}

/// Puts the new content and keyboard in place, if they are new.
fn edit(
    world: &mut World,
    now: DateTime<Utc>,
    (chat, old): (i64, Stored),
    content: Content,
    buttons: Vec<Vec<crate::telegram::Button>>,
) -> Outcome {
    if content == old.content && buttons == old.buttons {
        return Err(Refusal::bad(NOT_MODIFIED));
    }
    // Telegram shows "edited" for new words, not for a new keyboard alone.
    let edited = content != old.content;
    world.change(chat, old.id, |message| {
        message.content = content;
        message.buttons = buttons;
        message.edited = if edited { Some(now) } else { message.edited };
    });
    Ok(world.message_json(chat, world.message(chat, old.id).expect("just edited"), false))
}

pub(super) fn edit_text(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let found = editable(world, params)?;
    let text = words(params, "text", "")?;
    let buttons = inline(params)?;
    if text.text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if !matches!(found.1.content, Content::Text(_)) {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    if text.units() > TEXT_UNITS {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    edit(world, now, found, Content::Text(text), buttons)
}

pub(super) fn edit_caption(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let found = editable(world, params)?;
    let caption = caption(params)?;
    let buttons = inline(params)?;
    let content = match &found.1.content {
        Content::Text(_) => return Err(Refusal::bad("there is no caption in the message to edit")),
        Content::Photo { file, .. } => Content::Photo { file: *file, caption },
        Content::Document { file, .. } => Content::Document { file: *file, caption },
    };
    edit(world, now, found, content, buttons)
}

pub(super) fn edit_media(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let found = editable(world, params)?;
    let buttons = inline(params)?;
    let media = params.json("media").ok_or_else(|| Refusal::bad("media is empty"))??;
    let Value::Object(fields) = &media else {
        return Err(Refusal::bad("can't parse InputMedia: object expected"));
    };
    let caption = caption(&Params::from_map(fields.clone()))?;
    let reference = media["media"].as_str().unwrap_or_default();
    let content = match media["type"].as_str() {
        Some("photo") => Content::Photo { file: file(world, params, "media", reference, true)?, caption },
        Some("document") => {
            Content::Document { file: file(world, params, "media", reference, false)?, caption }
        }
        _ => return Err(Refusal::bad("can't parse InputMedia: unsupported media type")),
    };
    edit(world, now, found, content, buttons)
}

pub(super) fn edit_markup(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let found = editable(world, params)?;
    let buttons = inline(params)?;
    let content = found.1.content.clone();
    edit(world, now, found, content, buttons)
}

fn deletable(world: &World, chat: i64, id: i64, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = world.message(chat, id).ok_or_else(|| Refusal::bad("message to delete not found"))?;
    if let (ChatKind::Group { bot, .. }, Author::Person(_)) = (&world.chats[&chat].kind, message.author) {
        return match bot {
            Membership::Admin => Ok(()),
            Membership::Member | Membership::Left | Membership::Kicked => {
                Err(Refusal::bad("message can't be deleted"))
            }
        };
    }
    if now - message.date > DELETABLE {
        return Err(Refusal::bad("message can't be deleted for everyone"));
    }
    Ok(())
}

pub(super) fn delete(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let chat = chat_of(world, params)?;
    let id = params.int("message_id").ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    deletable(world, chat, id, now)?;
    world.change(chat, id, |message| message.deleted = true);
    Ok(json!(true))
}

pub(super) fn delete_many(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let chat = chat_of(world, params)?;
    let ids = params.json("message_ids").transpose()?;
    let ids: Vec<i64> =
        ids.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect();
    if ids.is_empty() {
        return Err(Refusal::bad("message identifiers are not specified"));
    }
    if ids.len() > 100 {
        return Err(Refusal::bad("too many messages to delete"));
    }
    // Those that can't be found are skipped (https://core.telegram.org/bots/api#deletemessages).
    for id in ids {
        if deletable(world, chat, id, now).is_ok() {
            world.change(chat, id, |message| message.deleted = true);
        }
    }
    Ok(json!(true))
}

pub(super) fn pin(world: &mut World, params: &Params, pinned: bool) -> Outcome {
    let chat = chat_of(world, params)?;
    world.may_write(chat)?;
    if let ChatKind::Group { bot: Membership::Member, .. } = &world.chats[&chat].kind {
        return Err(Refusal::bad("not enough rights to manage pinned messages in the chat"));
    }
    let id = match params.int("message_id") {
        Some(id) => id,
        None if pinned => return Err(Refusal::bad("message identifier is not specified")),
        None => {
            let newest = world.chats[&chat].visible().rev().find(|message| message.pinned);
            newest.map(|message| message.id).ok_or_else(|| Refusal::bad("message to unpin not found"))?
        }
    };
    if world.message(chat, id).is_none() {
        let what = if pinned { "message to pin not found" } else { "message to unpin not found" };
        return Err(Refusal::bad(what));
    }
    world.change(chat, id, |message| message.pinned = pinned);
    Ok(json!(true))
}

pub(super) fn answer_query(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let text = params.text("text").filter(|text| !text.is_empty());
    let too_old = || Refusal::bad("query is too old and response timeout expired or query ID is invalid");
    let id = params.text("callback_query_id").ok_or_else(too_old)?;
    if text.as_ref().is_some_and(|text| text.chars().count() > ANSWER_CHARS) {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let ttl = world.query_ttl;
    let query = world.queries.get_mut(&id).filter(|query| now - query.at <= ttl).ok_or_else(too_old)?;
    if query.answer.is_none() {
        query.answer = Some(Answer { text, alert: params.flag("show_alert"), url: params.text("url") });
    }
    Ok(json!(true))
}
