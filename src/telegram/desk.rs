//! What handlers and the courier work with.

use std::sync::Arc;

use teloxide::types::UserId as TelegramUser;
use tokio_util::task::TaskTracker;

use super::limit::Limiter;
use super::menu::Menus;
use super::tg::Tg;
use crate::domain::UserId;
use crate::domain::person::Person;
use crate::service::Core;
use crate::service::access::AccessDesk;
use crate::service::claim::Claims;
use crate::service::explain::Explain;
use crate::service::fleet::Fleet;
use crate::service::keys::Keys;
use crate::service::migration::Migrations;
use crate::text::apps::Apps;
use crate::text::{Lang, T, Words};

/// What operators say about themselves.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Whom people write to: `@name`, a link, an address; anything.
    pub support_contact: Option<String>,
    /// The language for people whose own we do not speak.
    pub default_language: Lang,
}

/// What handlers and the courier work with.
pub struct Desk {
    /// Database, time, rules.
    pub core: Core,
    /// Wishes for keys.
    pub keys: Keys,
    /// Who may have a key.
    pub access: AccessDesk,
    /// Keys from before.
    pub claims: Claims,
    /// The panels.
    pub fleet: Fleet,
    /// Many moves at once.
    pub migrations: Migrations,
    /// Why a key is where it is.
    pub explain: Explain,
    /// All languages.
    pub words: Words,
    /// Which app for which device.
    pub apps: Apps,
    /// What operators say about themselves.
    pub about: About,
    /// Telegram.
    pub tg: Tg,
    /// The menus of all chats.
    pub menus: Menus,
    /// How quickly each person may act.
    pub limiter: Limiter,
    /// Small things that nobody waits for.
    pub tracker: TaskTracker,
}

impl Desk {
    /// A desk over the services.
    #[must_use]
    pub fn new(core: Core, words: Words, apps: Apps, about: About, tg: Tg) -> Arc<Self> {
        Arc::new(Self {
            keys: Keys::new(core.clone()),
            access: AccessDesk::new(core.clone()),
            claims: Claims::new(core.clone()),
            fleet: Fleet::new(core.clone()),
            migrations: Migrations::new(core.clone()),
            explain: Explain::new(core.clone()),
            menus: Menus::new(core.store.clone(), core.clock.clone(), tg.clone()),
            limiter: Limiter::default(),
            tracker: TaskTracker::new(),
            core,
            words,
            apps,
            about,
            tg,
        })
    }

    /// A person's private chat has the person's id.
    pub(super) fn private_chat(user: TelegramUser) -> i64 {
        i64::try_from(user.0).unwrap_or_default()
    }

    /// The language a person chose, or most likely reads.
    #[must_use]
    pub fn language_of(&self, person: &Person) -> Lang {
        let chosen = person.language.as_deref().and_then(|code| code.parse().ok());
        let telegrams = || person.telegram_language.as_deref().and_then(Lang::from_telegram);
        chosen.or_else(telegrams).unwrap_or(self.about.default_language)
    }

    /// The words for a chat: a person's own language, the default one in a group.
    ///
    /// # Errors
    /// The database.
    pub async fn words_for(&self, chat: i64) -> Result<T, crate::store::StoreError> {
        let person = if chat > 0 { self.core.store.person(UserId(chat)).await? } else { None };
        let lang = person.map_or(self.about.default_language, |person| self.language_of(&person));
        Ok(self.words.of(lang).clone())
    }
}
