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
    /// The update that showed it; `None`: an earlier version did.
    pub update_id: Option<i64>,
}

impl Store {
    /// The menu message of a chat.
    ///
    /// # Errors
    /// The database.
    pub async fn menu(&self, chat: i64) -> Result<Option<Menu>, StoreError> {
        let row = menus::Entity::find_by_id(chat).one(self.write()).await?;
        Ok(row.map(|row| Menu {
            message_id: row.message_id,
            screen: row.screen,
            view: row.view,
            update_id: row.update_id,
        }))
    }

    /// A chat's menu is this from now on, unless a newer screen is known, or the same one of another update: then that
    /// stays, and this is `false`. So two processes that change a menu at the same moment end with a number that a message
    /// bears, and one that was stopped in the middle of it takes nothing back when it goes on.
    ///
    /// # Errors
    /// The database.
    pub async fn show_menu(&self, chat: i64, menu: &Menu, now: Timestamp) -> Result<bool, StoreError> {
        let row = menus::ActiveModel {
            chat_id: Set(chat),
            message_id: Set(menu.message_id),
            screen: Set(menu.screen),
            view: Set(menu.view.clone()),
            update_id: Set(menu.update_id),
            updated_at: Set(now),
        };
        let known = |column| Expr::col((menus::Entity, column));
        let own = known(menus::Column::Screen)
            .eq(menu.screen)
            .and(known(menus::Column::UpdateId).eq(menu.update_id));
        let replace = OnConflict::column(menus::Column::ChatId)
            .update_columns([
                menus::Column::MessageId,
                menus::Column::Screen,
                menus::Column::View,
                menus::Column::UpdateId,
                menus::Column::UpdatedAt,
            ])
            .action_and_where(known(menus::Column::Screen).lt(menu.screen).or(own))
            .to_owned();
        let shown =
            menus::Entity::insert(row).on_conflict(replace).exec_without_returning(self.write()).await?;
        Ok(shown > 0)
    }
}
