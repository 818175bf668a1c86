//! Instances that everybody is moved away from: what still serves there, and that an admin was told of the end.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::key::{Role, Wish};
use crate::domain::{AssignmentId, BatchId, ConfigId, InstanceId, Timestamp, UserId};

use super::batches::{Batch, BatchState, batch_of};
use super::entity::{assignments, batches, configs};
use super::outbox::{self, NewLetter};
use super::{Store, StoreError, rows};

/// What [`Store::begin_batch`](super::Store::begin_batch) writes: sets that admins asked for.
const MOVES: &str = "moves";

/// An account that a move left behind on an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// The account.
    pub account: AssignmentId,
    /// Its key.
    pub config: ConfigId,
    /// The key's owner.
    pub owner: UserId,
    /// When the key's traffic was last seen to go through it.
    pub online_at: Option<Timestamp>,
    /// When it is let go of.
    pub until: Timestamp,
    /// Where the key is served now.
    pub now_on: Option<InstanceId>,
}

impl Store {
    /// The latest set that moves keys away from an instance, asked for by an admin.
    ///
    /// # Errors
    /// The database.
    pub async fn latest_drain(&self, instance: &InstanceId) -> Result<Option<Batch>, StoreError> {
        let row = batches::Entity::find()
            .filter(batches::Column::Kind.eq(MOVES))
            .filter(batches::Column::SourceInstance.eq(instance.as_str()))
            .order_by_desc(batches::Column::Id)
            .one(self.read())
            .await?;
        row.as_ref().map(batch_of).transpose()
    }

    /// Sets that moved keys away from an instance and of whose end nobody was told yet, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn drains_to_tell(&self) -> Result<Vec<Batch>, StoreError> {
        let found = batches::Entity::find()
            .filter(batches::Column::Kind.eq(MOVES))
            .filter(batches::Column::SourceInstance.is_not_null())
            .filter(batches::Column::State.ne(rows::to_word(BatchState::Cancelled)))
            .filter(batches::Column::Facts.is_null())
            .order_by_asc(batches::Column::Id)
            .all(self.read())
            .await?;
        found.iter().map(batch_of).collect()
    }

    /// A drain came to its end, one way or another: `letters` tell of it. `false`: that was done before.
    ///
    /// # Errors
    /// The database.
    pub async fn drain_told(
        &self,
        batch: BatchId,
        end: &str,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let told = batches::Entity::update_many()
            .col_expr(batches::Column::Facts, Expr::value(serde_json::json!({ "end": end, "at": now })))
            .filter(batches::Column::Id.eq(batch.0))
            .filter(batches::Column::Facts.is_null())
            .exec(&tx)
            .await?;
        if told.rows_affected == 0 {
            return Ok(false);
        }
        outbox::push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The accounts that moves left behind on an instance.
    ///
    /// # Errors
    /// The database.
    pub async fn left_behind_accounts(&self, instance: &InstanceId) -> Result<Vec<LeftBehind>, StoreError> {
        let serving = |role| {
            Condition::all()
                .add(assignments::Column::Role.eq(rows::to_word(role)))
                .add(assignments::Column::ReleasedAt.is_null())
        };
        let found = assignments::Entity::find()
            .filter(serving(Role::Lingering))
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .order_by_asc(assignments::Column::Id)
            .all(self.read())
            .await?;
        let mut left = Vec::with_capacity(found.len());
        for chunk in found.chunks(500) {
            let keys = || chunk.iter().map(|row| row.config_id);
            let homes: Vec<(i64, String)> = assignments::Entity::find()
                .select_only()
                .columns([assignments::Column::ConfigId, assignments::Column::InstanceId])
                .filter(serving(Role::Primary))
                .filter(assignments::Column::ConfigId.is_in(keys()))
                .into_tuple()
                .all(self.read())
                .await?;
            let owners: Vec<(i64, i64)> = configs::Entity::find()
                .select_only()
                .columns([configs::Column::Id, configs::Column::Owner])
                .filter(configs::Column::Id.is_in(keys()))
                .into_tuple()
                .all(self.read())
                .await?;
            let homes: HashMap<i64, String> = homes.into_iter().collect();
            let owners: HashMap<i64, i64> = owners.into_iter().collect();
            for row in chunk {
                let corrupt = |what| StoreError::corrupt("assignments", row.id, what);
                let home = homes.get(&row.config_id);
                let owner = owners.get(&row.config_id).ok_or_else(|| corrupt("config_id"))?;
                left.push(LeftBehind {
                    account: AssignmentId(row.id),
                    config: ConfigId(row.config_id),
                    owner: UserId(*owner),
                    online_at: row.online_at,
                    until: row.linger_until.ok_or_else(|| corrupt("linger_until"))?,
                    now_on: home.map(|at| at.parse()).transpose().map_err(|_| corrupt("instance_id"))?,
                });
            }
        }
        Ok(left)
    }

    /// The time of these accounts is over now: the executor lets go of them as of any other, once nothing works on their
    /// keys. How many there are.
    ///
    /// # Errors
    /// The database.
    pub async fn end_linger(&self, accounts: &[AssignmentId], now: Timestamp) -> Result<u64, StoreError> {
        let mut ended = 0;
        for chunk in accounts.chunks(500) {
            let change = assignments::Entity::update_many()
                .col_expr(assignments::Column::LingerUntil, Expr::value(now))
                .filter(assignments::Column::Id.is_in(chunk.iter().map(|account| account.0)))
                .filter(assignments::Column::Role.eq(rows::to_word(Role::Lingering)))
                .filter(assignments::Column::ReleasedAt.is_null())
                .filter(assignments::Column::LingerUntil.gt(now));
            ended += change.exec(self.write()).await?.rows_affected;
        }
        Ok(ended)
    }

    /// How many keys have their account on an instance: those that are moved or could be, and all.
    ///
    /// # Errors
    /// The database.
    pub async fn at_home(&self, instance: &InstanceId, now: Timestamp) -> Result<(u64, u64), StoreError> {
        let home = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::ConfigId)
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null());
        let all = configs::Entity::find()
            .filter(configs::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(home)));
        let live = all
            .clone()
            .filter(configs::Column::Wish.eq(rows::to_word(Wish::Active)))
            .filter(configs::Column::ExpiresAt.is_null().or(configs::Column::ExpiresAt.gt(now)))
            .filter(Expr::cust(format!("NOT ({})", super::keys::USED_UP)));
        Ok((live.count(self.read()).await?, all.count(self.read()).await?))
    }
}
