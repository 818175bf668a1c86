//! Where each conversation stands. Sealed: a step may hold a password that was just typed.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::domain::Timestamp;

use super::entity::dialogues;
use super::{Store, StoreError};

fn identity(chat: i64) -> String {
    format!("dialogues.state:{chat}")
}

impl Store {
    /// Where a conversation stands, in JSON.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open it.
    pub async fn dialogue(&self, chat: i64) -> Result<Option<String>, StoreError> {
        let Some(row) = dialogues::Entity::find_by_id(chat).one(self.write()).await? else { return Ok(None) };
        let plain = self.secrets().open(&identity(chat), &row.state)?;
        String::from_utf8(plain).map(Some).map_err(|_| StoreError::corrupt("dialogues", chat, "state"))
    }

    /// A conversation stands here now.
    ///
    /// # Errors
    /// The database.
    pub async fn set_dialogue(&self, chat: i64, state: &str, now: Timestamp) -> Result<(), StoreError> {
        let row = dialogues::ActiveModel {
            chat_id: Set(chat),
            state: Set(self.secrets().seal(&identity(chat), state.as_bytes())),
            updated_at: Set(now),
        };
        let known = OnConflict::column(dialogues::Column::ChatId)
            .update_columns([dialogues::Column::State, dialogues::Column::UpdatedAt])
            .to_owned();
        dialogues::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// A conversation is over.
    ///
    /// # Errors
    /// The database.
    pub async fn end_dialogue(&self, chat: i64) -> Result<(), StoreError> {
        dialogues::Entity::delete_by_id(chat).exec(self.write()).await?;
        Ok(())
    }
}
