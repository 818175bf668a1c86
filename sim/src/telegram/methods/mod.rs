//! The methods of the Bot API: one call in, Telegram's answer or refusal out.
//!
//! `getUpdates` waits and therefore lives in [`super::server`]; all others are done at once under the lock.

mod chats;
mod messages;
mod profile;
mod webhook;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::params::Params;
use super::refusal::Refusal;
use super::world::World;

pub(crate) use chats::bot_member;

pub(crate) type Outcome = Result<Value, Refusal>;

/// Does one call. `method` is in lower case.
pub(crate) fn call(world: &mut World, method: &str, params: &Params, now: DateTime<Utc>) -> Outcome {
    if world.logged_out {
        return Err(Refusal::bad("Logged out"));
    }
    match method {
        "getme" => Ok(profile::get_me(world)),
        "logout" => {
            world.logged_out = true;
            Ok(Value::Bool(true))
        }
        "close" => Ok(Value::Bool(true)),
        "setwebhook" => webhook::set(world, params),
        "deletewebhook" => Ok(webhook::delete(world, params)),
        "getwebhookinfo" => Ok(webhook::info(world)),
        "sendmessage" => messages::send_text(world, params, now),
        "sendphoto" => messages::send_file(world, params, now, "photo"),
        "senddocument" => messages::send_file(world, params, now, "document"),
        "copymessage" => messages::copy(world, params, now),
        "editmessagetext" => messages::edit_text(world, params, now),
        "editmessagecaption" => messages::edit_caption(world, params, now),
        "editmessagemedia" => messages::edit_media(world, params, now),
        "editmessagereplymarkup" => messages::edit_markup(world, params, now),
        "deletemessage" => messages::delete(world, params, now),
        "deletemessages" => messages::delete_many(world, params, now),
        "pinchatmessage" => messages::pin(world, params, true),
        "unpinchatmessage" => messages::pin(world, params, false),
        "answercallbackquery" => messages::answer_query(world, params, now),
        "sendchataction" => chats::action(world, params, now),
        "getchat" => chats::get(world, params),
        "getchatmember" => chats::member(world, params),
        "getfile" => chats::file(world, params),
        "leavechat" => chats::leave(world, params),
        "setmycommands" => profile::set_commands(world, params),
        "getmycommands" => profile::get_commands(world, params),
        "deletemycommands" => profile::delete_commands(world, params),
        "setmyname" => profile::set_text(world, params, "name", 64),
        "getmyname" => Ok(profile::get_text(world, params, "name")),
        "setmydescription" => profile::set_text(world, params, "description", 512),
        "getmydescription" => Ok(profile::get_text(world, params, "description")),
        "setmyshortdescription" => profile::set_text(world, params, "short_description", 120),
        "getmyshortdescription" => Ok(profile::get_text(world, params, "short_description")),
        "setchatmenubutton" => Ok(Value::Bool(true)),
        "getchatmenubutton" => Ok(serde_json::json!({"type": "commands"})),
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}

/// The chat that a call names.
fn chat_of(world: &World, params: &Params) -> Result<i64, Refusal> {
    let reference = params.text("chat_id").filter(|reference| !reference.is_empty());
    world.find_chat(&reference.ok_or_else(|| Refusal::bad("chat_id is empty"))?)
}
