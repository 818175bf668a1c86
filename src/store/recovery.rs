//! What waits while everything is held, and the end of that.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::domain::operation::Kind;
use crate::domain::{Timestamp, UserId};

use super::audit::record;
use super::entity::{inbox, operations, outbox, tombstones};
use super::flags::{self, HOLD};
use super::{Store, StoreError, rows};

/// What becomes of messages and updates that waited when a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// They are dropped: most of them were sent and handled since.
    Drop,
    /// They are sent and handled.
    Send,
}

/// What waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Open operations, by kind.
    pub operations: Vec<(Kind, u64)>,
    /// Accounts that must still be deleted.
    pub tombstones: u64,
    /// Messages from before the hold that were not sent.
    pub messages: u64,
    /// Updates from before the hold that are not done.
    pub updates: u64,
}

impl Store {
    /// What waits for its turn while everything is held since `since`.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_work(&self, since: Timestamp) -> Result<Waiting, StoreError> {
        let open: Vec<(String, i64)> = operations::Entity::find()
            .select_only()
            .column(operations::Column::Kind)
            .column_as(operations::Column::Id.count(), "many")
            .filter(operations::Column::EndedAt.is_null())
            .group_by(operations::Column::Kind)
            .order_by_asc(operations::Column::Kind)
            .into_tuple()
            .all(self.write())
            .await?;
        let mut by_kind = Vec::new();
        for (kind, many) in open {
            let kind = rows::word(&kind).ok_or_else(|| StoreError::corrupt("operations", kind, "kind"))?;
            by_kind.push((kind, u64::try_from(many).unwrap_or_default()));
        }
        let standing = tombstones::Entity::find().filter(tombstones::Column::GoneAt.is_null());
        let unsent = outbox::Entity::find()
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .filter(outbox::Column::CreatedAt.lt(since));
        let undone = inbox::Entity::find()
            .filter(inbox::Column::DoneAt.is_null())
            .filter(inbox::Column::ReceivedAt.lt(since));
        Ok(Waiting {
            operations: by_kind,
            tombstones: standing.count(self.write()).await?,
            messages: unsent.count(self.write()).await?,
            updates: undone.count(self.write()).await?,
        })
    }

    /// Ends the hold; everything goes on. `false`: there was none, and nothing is changed.
    ///
    /// # Errors
    /// The database.
    pub async fn release(
        &self,
        by: Option<UserId>,
        messages: Messages,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let facts = json!({ "by": by.map(|user| user.0) });
        let since = flags::since(&tx, HOLD).await?;
        if !flags::set(&tx, HOLD, false, facts, now).await? {
            return Ok(false);
        }
        let mut dropped = 0;
        if messages == Messages::Drop {
            // What came and was written since the hold began is no memory of the backup.
            let letters = outbox::Entity::update_many()
                .col_expr(outbox::Column::DroppedAt, Expr::value(now))
                .col_expr(outbox::Column::Problem, Expr::value("restored"))
                .filter(outbox::Column::SentAt.is_null())
                .filter(outbox::Column::DroppedAt.is_null())
                .filter(outbox::Column::CreatedAt.lt(since))
                .exec(&tx)
                .await?;
            let updates = inbox::Entity::update_many()
                .col_expr(inbox::Column::DoneAt, Expr::value(now))
                .col_expr(inbox::Column::Problem, Expr::value("restored"))
                .col_expr(inbox::Column::Raw, Expr::value(""))
                .filter(inbox::Column::DoneAt.is_null())
                .filter(inbox::Column::ReceivedAt.lt(since))
                .exec(&tx)
                .await?;
            dropped = letters.rows_affected + updates.rows_affected;
        }
        record(&tx, by, "hold-released", "service", json!({ "dropped": dropped }), now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
