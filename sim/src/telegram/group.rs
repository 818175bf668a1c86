//! Groups: supergroups, with topics if wanted.

use serde_json::json;

use super::methods::bot_member;
use super::world::{ChatKind, Membership, World};
use super::{Telegram, transcript};

/// A supergroup that the bot is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The id, `-100…`.
    pub id: i64,
    /// The title.
    pub title: String,
    /// Topics by thread id and name; with any the group is a forum.
    pub topics: Vec<(i64, String)>,
    /// People in it.
    pub members: Vec<i64>,
    /// Whether the bot is an admin: it then sees every message, and may delete and pin.
    pub bot_is_admin: bool,
}

/// A group that exists.
#[derive(Clone)]
pub struct GroupChat {
    telegram: Telegram,
    id: i64,
}

impl GroupChat {
    pub(crate) fn new(telegram: Telegram, id: i64) -> Self {
        Self { telegram, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Adds a person.
    pub fn add_member(&self, person: i64) {
        self.telegram.hub().change(|world| {
            if let Some(ChatKind::Group { spec, .. }) =
                world.chats.get_mut(&self.id).map(|chat| &mut chat.kind)
                && !spec.members.contains(&person)
            {
                spec.members.push(person);
            }
        });
    }

    /// `by` puts the bot in, as a member or an admin; the bot is told by `my_chat_member`.
    pub fn add_bot(&self, by: i64, admin: bool) {
        self.set_bot(by, if admin { Membership::Admin } else { Membership::Member });
    }

    /// `by` throws the bot out; the bot is told by `my_chat_member`.
    pub fn kick_bot(&self, by: i64) {
        self.set_bot(by, Membership::Kicked);
    }

    fn set_bot(&self, by: i64, now: Membership) {
        let at = self.telegram.hub().now();
        self.telegram.hub().change(|world| {
            let Some(ChatKind::Group { bot, .. }) = world.chats.get_mut(&self.id).map(|chat| &mut chat.kind)
            else {
                return;
            };
            let before = std::mem::replace(bot, now);
            tell_bot(world, self.id, by, (before, now), at.timestamp());
        });
    }

    /// The whole group as its members see it.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.telegram.hub().look(|world| transcript::chat(world, &world.chats[&self.id], None))
    }
}

/// Queues `my_chat_member`: the bot's place in a chat changed.
pub(crate) fn tell_bot(
    world: &mut World,
    chat: i64,
    by: i64,
    (old, new): (Membership, Membership),
    date: i64,
) {
    let change = json!({
        "chat": world.chat_json(chat),
        "from": world.user_json(by),
        "date": date,
        "old_chat_member": bot_member(world, old),
        "new_chat_member": bot_member(world, new),
    });
    world.revision += 1;
    world.updates.push("my_chat_member", chat, change);
}
