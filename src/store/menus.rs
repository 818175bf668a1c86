//! The one menu message of each chat, and the number of the screen it shows.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

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

    /// A chat's menu message shows another screen; its number.
    ///
    /// # Errors
    /// The database.
    pub async fn show_menu(
        &self,
        chat: i64,
        message_id: i64,
        view: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let row = menus::ActiveModel {
            chat_id: Set(chat),
            message_id: Set(message_id),
            screen: Set(1),
            view: Set(view.to_owned()),
            updated_at: Set(now),
        };
        let known = OnConflict::column(menus::Column::ChatId)
            .update_columns([menus::Column::MessageId, menus::Column::View, menus::Column::UpdatedAt])
            .value(menus::Column::Screen, Expr::col((menus::Entity, menus::Column::Screen)).add(1))
            .to_owned();
        let row = menus::Entity::insert(row).on_conflict(known).exec_with_returning(self.write()).await?;
        Ok(row.screen)
    }

    /// Takes the next screen number if the menu still shows screen `screen`: whoever gets `Some` may edit the message.
    ///
    /// # Errors
    /// The database.
    pub async fn replace_screen(
        &self,
        chat: i64,
        screen: i64,
        view: &str,
        now: Timestamp,
    ) -> Result<Option<Menu>, StoreError> {
        let changed = menus::Entity::update_many()
            .col_expr(menus::Column::Screen, Expr::col(menus::Column::Screen).add(1))
            .col_expr(menus::Column::View, Expr::value(view))
            .col_expr(menus::Column::UpdatedAt, Expr::value(now))
            .filter(menus::Column::ChatId.eq(chat))
            .filter(menus::Column::Screen.eq(screen))
            .exec_with_returning(self.write())
            .await?;
        let row = changed.into_iter().next();
        Ok(row.map(|row| Menu { message_id: row.message_id, screen: row.screen, view: row.view }))
    }

    /// The menu message is gone: the next screen is a new message.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_menu(&self, chat: i64) -> Result<(), StoreError> {
        menus::Entity::delete_by_id(chat).exec(self.write()).await?;
        Ok(())
    }
}
