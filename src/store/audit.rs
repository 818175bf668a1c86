//! What was done, by whom.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::{Timestamp, UserId};

use super::entity::audit_log;
use super::{Store, StoreError};

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// By whom; `None` is the service itself.
    pub actor: Option<UserId>,
    /// What, as a stable word such as `key-changed`.
    pub action: String,
    /// To what, such as `key 12` or `instance de1`.
    pub subject: String,
    /// How. Holds no secret.
    pub detail: serde_json::Value,
}

/// Records what was done, within the caller's transaction.
pub(super) async fn record(
    db: &impl ConnectionTrait,
    actor: Option<UserId>,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = audit_log::ActiveModel {
        at: Set(now),
        actor: Set(actor.map(|actor| actor.0)),
        action: Set(action.to_owned()),
        subject: Set(subject.to_owned()),
        detail: Set(detail),
        ..Default::default()
    };
    audit_log::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

impl Store {
    /// Records what was done.
    ///
    /// # Errors
    /// The database.
    pub async fn record(
        &self,
        actor: Option<UserId>,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        record(self.write(), actor, action, subject, detail, now).await
    }

    /// The latest entries, newest first, older than `before` if it is given.
    ///
    /// # Errors
    /// The database.
    pub async fn audit(&self, limit: u64, before: Option<i64>) -> Result<Vec<Entry>, StoreError> {
        let mut query = audit_log::Entity::find().order_by_desc(audit_log::Column::Id).limit(limit);
        if let Some(before) = before {
            query = query.filter(audit_log::Column::Id.lt(before));
        }
        let rows = query.all(self.read()).await?;
        Ok(rows
            .into_iter()
            .map(|row| Entry {
                id: row.id,
                at: row.at,
                actor: row.actor.map(UserId),
                action: row.action,
                subject: row.subject,
                detail: row.detail,
            })
            .collect())
    }
}
