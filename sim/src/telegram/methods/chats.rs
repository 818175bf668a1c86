//! Chats, their members, what the bot is doing there, and files.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Outcome, chat_of};
use crate::telegram::params::Params;
use crate::telegram::refusal::Refusal;
use crate::telegram::world::{ChatKind, Membership, World};

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn action(world: &mut World, params: &Params, now: DateTime<Utc>) -> Outcome {
    let chat = chat_of(world, params)?;
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    world.may_write(chat)?;
    world.revision += 1;
    world.chats.get_mut(&chat).expect("just resolved").action = Some((action, now));
    Ok(json!(true))
}

pub(super) fn get(world: &World, params: &Params) -> Outcome {
    let chat = chat_of(world, params)?;
    let mut info = world.chat_json(chat);
    info["accent_color_id"] = json!(0);
    info["max_reaction_count"] = json!(11);
    info["accepted_gift_types"] = json!({
        "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true,
    });
    if let Some(pinned) = world.chats[&chat].visible().rev().find(|message| message.pinned) {
        info["pinned_message"] = world.message_json(chat, pinned, false);
    }
    Ok(info)
}

pub(super) fn member(world: &World, params: &Params) -> Outcome {
    let chat = chat_of(world, params)?;
    let user = params.int("user_id").ok_or_else(|| Refusal::bad("invalid user_id specified"))?;
    if user == world.bot_id() {
        let bot = match &world.chats[&chat].kind {
            ChatKind::Group { bot, .. } => *bot,
            ChatKind::Private => Membership::Member,
        };
        return Ok(bot_member(world, bot));
    }
    if !world.people.contains_key(&user) {
        return Err(Refusal::bad("user not found"));
    }
    let status = match &world.chats[&chat].kind {
        ChatKind::Group { spec, .. } if spec.members.contains(&user) => "member",
        ChatKind::Private if chat == user => "member",
        ChatKind::Group { .. } | ChatKind::Private => "left",
    };
    Ok(json!({"user": world.user_json(user), "status": status}))
}

/// The bot as a member of a chat, as updates and `getChatMember` show it.
pub(crate) fn bot_member(world: &World, membership: Membership) -> Value {
    let user = world.bot_json();
    match membership {
        Membership::Member => json!({"user": user, "status": "member"}),
        Membership::Left => json!({"user": user, "status": "left"}),
        Membership::Kicked => json!({"user": user, "status": "kicked", "until_date": 0}),
        Membership::Admin => json!({
            "user": user, "status": "administrator", "can_be_edited": false, "is_anonymous": false,
            "can_manage_chat": true, "can_delete_messages": true, "can_manage_video_chats": true,
            "can_restrict_members": true, "can_promote_members": false, "can_change_info": true,
            "can_invite_users": true, "can_post_stories": false, "can_edit_stories": false,
            "can_delete_stories": false, "can_pin_messages": true, "can_manage_topics": true,
        }),
    }
}

pub(super) fn leave(world: &mut World, params: &Params) -> Outcome {
    let chat = chat_of(world, params)?;
    match &mut world.chats.get_mut(&chat).expect("just resolved").kind {
        ChatKind::Group { bot, .. } => *bot = Membership::Left,
        ChatKind::Private => {
            return Err(Refusal::bad("chat member status can't be changed in private chats"));
        }
    }
    world.revision += 1;
    Ok(json!(true))
}

pub(super) fn file(world: &World, params: &Params) -> Outcome {
    let id = params.text("file_id").unwrap_or_default();
    let file = world.files.iter().find(|file| file.id == id);
    let file = file.ok_or_else(|| Refusal::bad("invalid file_id"))?;
    let mut out = file.to_json();
    out["file_path"] = json!(file.path);
    Ok(out)
}
