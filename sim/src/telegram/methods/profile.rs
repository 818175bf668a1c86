//! The bot itself: who it is, its commands and its descriptions, each by language.

use serde_json::{Value, json};

use super::Outcome;
use crate::telegram::params::Params;
use crate::telegram::refusal::Refusal;
use crate::telegram::world::World;

pub(super) fn get_me(world: &World) -> Value {
    let mut me = world.bot_json();
    for (field, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", !world.privacy_mode),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[field] = json!(value);
    }
    me
}

/// Scope (as JSON) and language that a call speaks of.
fn key(world: &World, params: &Params) -> Result<(String, String), Refusal> {
    let language = params.text("language_code").unwrap_or_default();
    if !language.is_empty() && (language.len() != 2 || !language.bytes().all(|c| c.is_ascii_lowercase())) {
        return Err(Refusal::bad("invalid language code specified"));
    }
    let scope = params.json("scope").transpose()?.unwrap_or_else(|| json!({"type": "default"}));
    let kind = scope["type"].as_str().unwrap_or_default();
    let chat = match &scope["chat_id"] {
        Value::String(chat) => Some(chat.clone()),
        Value::Number(chat) => Some(chat.to_string()),
        _ => None,
    };
    let scope = match (kind, chat) {
        ("default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators", _) => {
            kind.to_owned()
        }
        ("chat" | "chat_administrators", Some(chat)) => format!("{kind}:{}", world.find_chat(&chat)?),
        ("chat_member", Some(chat)) => {
            let user = scope["user_id"].as_i64().unwrap_or_default();
            format!("{kind}:{}:{user}", world.find_chat(&chat)?)
        }
        _ => return Err(Refusal::bad("can't parse BotCommandScope: unsupported type")),
    };
    Ok((scope, language))
}

pub(super) fn set_commands(world: &mut World, params: &Params) -> Outcome {
    let key = key(world, params)?;
    let given = params.json("commands").transpose()?.unwrap_or_default();
    let given = given.as_array().ok_or_else(|| Refusal::bad("expected an Array of BotCommand"))?;
    if given.len() > 100 {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut commands = Vec::new();
    for command in given {
        let name = command["command"].as_str().unwrap_or_default().trim_start_matches('/');
        let description = command["description"].as_str().unwrap_or_default();
        let valid = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(valid) {
            return Err(Refusal::bad("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&description.chars().count()) {
            return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
        commands.push((name.to_owned(), description.to_owned()));
    }
    world.revision += 1;
    if commands.is_empty() {
        world.commands.remove(&key);
    } else {
        world.commands.insert(key, commands);
    }
    Ok(json!(true))
}

pub(super) fn get_commands(world: &World, params: &Params) -> Outcome {
    let commands = world.commands.get(&key(world, params)?).map(Vec::as_slice).unwrap_or_default();
    let json = |(name, description): &(String, String)| json!({"command": name, "description": description});
    Ok(commands.iter().map(json).collect())
}

pub(super) fn delete_commands(world: &mut World, params: &Params) -> Outcome {
    let key = key(world, params)?;
    world.revision += 1;
    world.commands.remove(&key);
    Ok(json!(true))
}

pub(super) fn set_text(world: &mut World, params: &Params, field: &'static str, limit: usize) -> Outcome {
    let text = params.text(field).unwrap_or_default();
    if text.chars().count() > limit {
        return Err(Refusal::bad(format!("bot {} is too long", field.replace('_', " "))));
    }
    world.revision += 1;
    world.profile.insert((field, params.text("language_code").unwrap_or_default()), text);
    Ok(json!(true))
}

pub(super) fn get_text(world: &World, params: &Params, field: &'static str) -> Value {
    let language = params.text("language_code").unwrap_or_default();
    let set = [language, String::new()]
        .into_iter()
        .find_map(|language| world.profile.get(&(field, language)).filter(|text| !text.is_empty()));
    let default = if field == "name" { world.name.as_str() } else { "" };
    json!({field: set.map_or(default, String::as_str)})
}
