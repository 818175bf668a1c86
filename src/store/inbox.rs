//! Updates as they came: stored before they are confirmed, done once. Sealed, since a message may hold a password that
//! an admin just typed, and emptied once they are done.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use serde_json::Value;

use crate::domain::Timestamp;

use super::entity::inbox;
use super::{Store, StoreError};

/// An update as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Telegram's number.
    pub update_id: i64,
    /// What keeps its order: the chat, or the person.
    pub chat_key: i64,
    /// The update itself, in JSON.
    pub raw: String,
}

impl Received {
    /// An update as Telegram wrote it, with what keeps its order: the chat, or the person where there is none. Parsed no
    /// further: what a newer Telegram sends and we do not know is kept all the same. `None`: it is no update.
    #[must_use]
    pub fn of(raw: &Value) -> Option<Self> {
        let update_id = raw.get("update_id")?.as_i64()?;
        let body = raw.as_object()?.values().find(|value| value.is_object());
        let id_at = |path: &str| body.and_then(|body| body.pointer(path)).and_then(Value::as_i64);
        let chat_key = id_at("/chat/id")
            .or_else(|| id_at("/message/chat/id"))
            .or_else(|| id_at("/from/id"))
            .unwrap_or(0);
        Some(Self { update_id, chat_key, raw: raw.to_string() })
    }
}

/// An update that is to be handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The update.
    pub update: Received,
    /// How often it was tried.
    pub attempts: u32,
}

fn identity(update_id: i64) -> String {
    format!("inbox.raw:{update_id}")
}

impl Store {
    /// A sealed update; an empty text when it cannot be opened, so that it holds up no other.
    fn opened(&self, update_id: i64, sealed: &str) -> String {
        let plain = self.secrets().open(&identity(update_id), sealed);
        plain.ok().and_then(|plain| String::from_utf8(plain).ok()).unwrap_or_else(|| {
            tracing::warn!(update.id = update_id, "an update cannot be opened and is put aside");
            String::new()
        })
    }

    /// Stores updates; those that came before are left as they are. How many were new.
    ///
    /// # Errors
    /// The database.
    pub async fn receive(&self, updates: &[Received], now: Timestamp) -> Result<u64, StoreError> {
        let tx = self.begin().await?;
        let mut new = 0;
        for update in updates {
            let row = inbox::ActiveModel {
                update_id: Set(update.update_id),
                chat_key: Set(update.chat_key),
                raw: Set(self.secrets().seal(&identity(update.update_id), update.raw.as_bytes())),
                received_at: Set(now),
                attempts: Set(0),
                next_at: Set(now),
                done_at: Set(None),
                problem: Set(None),
                begun_by: Set(None),
            };
            let inserted = inbox::Entity::insert(row)
                .on_conflict_do_nothing_on([inbox::Column::UpdateId])
                .exec_without_returning(&tx)
                .await?;
            new += match inserted {
                sea_orm::TryInsertResult::Inserted(count) => count,
                sea_orm::TryInsertResult::Conflicted | sea_orm::TryInsertResult::Empty => 0,
            };
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Updates to handle now: of each chat only the oldest that is not done, and none of the chats in `busy`.
    ///
    /// # Errors
    /// The database.
    pub async fn undone_updates(
        &self,
        busy: &BTreeSet<i64>,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Undone>, StoreError> {
        let oldest: Vec<(i64, i64)> = inbox::Entity::find()
            .select_only()
            .column(inbox::Column::ChatKey)
            .column_as(inbox::Column::UpdateId.min(), "oldest")
            .filter(inbox::Column::DoneAt.is_null())
            .filter(inbox::Column::ChatKey.is_not_in(busy.iter().copied()))
            .group_by(inbox::Column::ChatKey)
            .order_by_asc(inbox::Column::UpdateId.min())
            .limit(limit)
            .into_tuple()
            .all(self.write())
            .await?;
        let found = inbox::Entity::find()
            .filter(inbox::Column::UpdateId.is_in(oldest.iter().map(|(_, update)| *update)))
            .filter(inbox::Column::NextAt.lte(now))
            .order_by_asc(inbox::Column::UpdateId)
            .all(self.write())
            .await?;
        Ok(found
            .into_iter()
            .map(|row| Undone {
                attempts: u32::try_from(row.attempts).unwrap_or(0),
                update: Received {
                    update_id: row.update_id,
                    chat_key: row.chat_key,
                    raw: self.opened(row.update_id, &row.raw),
                },
            })
            .collect())
    }

    /// An update is handled, or given up with a `problem`. Only its number is remembered: what people wrote, a password
    /// perhaps, is kept no longer than it is needed.
    ///
    /// # Errors
    /// The database.
    pub async fn update_done(
        &self,
        update_id: i64,
        problem: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        inbox::Entity::update_many()
            .col_expr(inbox::Column::DoneAt, Expr::value(now))
            .col_expr(inbox::Column::Raw, Expr::value(""))
            .col_expr(inbox::Column::Problem, Expr::value(problem))
            .filter(inbox::Column::UpdateId.eq(update_id))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// An update begins to be handled by `worker`: should the process die, it is tried again at `again_at`, or as soon
    /// as somebody notices. `false`: another process begins it, or is done with it.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_update(
        &self,
        update_id: i64,
        worker: &str,
        now: Timestamp,
        again_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let begun = inbox::Entity::update_many()
            .col_expr(inbox::Column::Attempts, Expr::col(inbox::Column::Attempts).add(1))
            .col_expr(inbox::Column::NextAt, Expr::value(again_at))
            .col_expr(inbox::Column::BegunBy, Expr::value(worker))
            .filter(inbox::Column::UpdateId.eq(update_id))
            .filter(inbox::Column::DoneAt.is_null())
            .filter(inbox::Column::NextAt.lte(now))
            .exec(self.write())
            .await?;
        Ok(begun.rows_affected == 1)
    }

    /// An update waits until `at` through no fault of its own: the attempt that began does not count.
    ///
    /// # Errors
    /// The database.
    pub async fn postpone_update(&self, update_id: i64, at: Timestamp) -> Result<(), StoreError> {
        inbox::Entity::update_many()
            .col_expr(inbox::Column::Attempts, Expr::col(inbox::Column::Attempts).sub(1))
            .col_expr(inbox::Column::NextAt, Expr::value(at))
            .filter(inbox::Column::UpdateId.eq(update_id))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// How many updates are not done.
    ///
    /// # Errors
    /// The database.
    pub async fn unfinished_updates(&self) -> Result<u64, StoreError> {
        let undone = inbox::Entity::find().filter(inbox::Column::DoneAt.is_null());
        Ok(undone.count(self.write()).await?)
    }

    /// The highest update number that was ever stored: polling goes on after it.
    ///
    /// # Errors
    /// The database.
    pub async fn last_update(&self) -> Result<Option<i64>, StoreError> {
        let row = inbox::Entity::find().order_by_desc(inbox::Column::UpdateId).one(self.read()).await?;
        Ok(row.map(|row| row.update_id))
    }

    /// Forgets updates that were done before `before`, but never the last one.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_updates(&self, before: Timestamp) -> Result<u64, StoreError> {
        let Some(last) = self.last_update().await? else { return Ok(0) };
        let gone = inbox::Entity::delete_many()
            .filter(inbox::Column::DoneAt.lt(before))
            .filter(inbox::Column::UpdateId.lt(last))
            .exec(self.write())
            .await?;
        Ok(gone.rows_affected)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_a_chat_is_kept_by_its_id() {
        let key = |raw: Value| Received::of(&raw).map(|update| (update.update_id, update.chat_key));
        assert_eq!(
            key(json!({ "update_id": 7, "message": { "chat": { "id": -5 }, "from": { "id": 1 } } })),
            Some((7, -5))
        );
        let press = json!({ "from": { "id": 1 }, "message": { "chat": { "id": 9 } } });
        assert_eq!(key(json!({ "update_id": 8, "callback_query": press })), Some((8, 9)));
        assert_eq!(key(json!({ "update_id": 9, "callback_query": { "from": { "id": 1 } } })), Some((9, 1)));
        assert_eq!(key(json!({ "update_id": 10, "news": { "of": "tomorrow" } })), Some((10, 0)));
        assert_eq!(key(json!({ "news": {} })), None);
    }
}
