//! The one menu message of each chat, and the number of the screen it shows.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::domain::Timestamp;

use super::entity::menus;
use super::{Store, StoreError};

/// The menu message of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// The message.
    pub message_id: i64,
    /// Grows with each screen it shows.
    pub screen: i64,
    /// The name of the screen.
    pub view: String,
}

impl Store {
    /// The menu message of a chat.
    ///
    /// # Errors
    /// The database.
    pub async fn menu(&self, chat: i64) -> Result<Option<Menu>, StoreError> {
        let row = menus::Entity::find_by_id(chat).one(self.write()).await?;
        Ok(row.map(|row| Menu { message_id: row.message_id, screen: row.screen, view: row.view }))
    }

    /// A chat's menu is this message from now on, and shows screen `screen`, unless a newer one is known: then it stays,
    /// and this is `false`. So two processes that change a menu at the same moment end with a number that a message
    /// bears, and one that was stopped in the middle of it takes nothing back when it goes on.
    ///
    /// # Errors
    /// The database.
    pub async fn show_menu(
        &self,
        chat: i64,
        message_id: i64,
        screen: i64,
        view: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = menus::ActiveModel {
            chat_id: Set(chat),
            message_id: Set(message_id),
            screen: Set(screen),
            view: Set(view.to_owned()),
            updated_at: Set(now),
        };
        let known = OnConflict::column(menus::Column::ChatId)
            .update_columns([
                menus::Column::MessageId,
                menus::Column::Screen,
                menus::Column::View,
                menus::Column::UpdatedAt,
            ])
            .action_and_where(Expr::col((menus::Entity, menus::Column::Screen)).lt(screen))
            .to_owned();
        let shown =
            menus::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(shown > 0)
    }
}
