//! Sets of moves that were asked for together.

use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};

use crate::domain::key::Wish;
use crate::domain::operation::Outcome;
use crate::domain::{BatchId, ConfigId, InstanceId, Timestamp, UserId};

use super::entity::{batches, configs, operations, waitlist};
use super::operations::{NewOperation, begin_next, new_row};
use super::outbox::{self, NewLetter};
use super::{Store, StoreError, audit, rows};

/// Keys in one statement: SQLite may be built for 999 values in one.
pub(super) const KEYS_AT_ONCE: usize = 400;
/// Operations in one statement, of some twenty values each.
pub(super) const ROWS_AT_ONCE: usize = 40;

/// The state of a set of moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchState {
    /// Goes on.
    Running,
    /// Stopped for now; moves that had begun still end.
    Paused,
    /// Stopped for good.
    Cancelled,
    /// All ended.
    Done,
}

/// A set of moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The row.
    pub id: BatchId,
    /// Who asked.
    pub by: UserId,
    /// Where from, if all come from one instance.
    pub source: Option<InstanceId>,
    /// Where to, if all go to one instance.
    pub target: Option<InstanceId>,
    /// Its state.
    pub state: BatchState,
    /// All moves.
    pub total: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How many moves of a set stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Done.
    pub done: u32,
    /// Given up.
    pub cancelled: u32,
    /// Not ended.
    pub open: u32,
}

/// Moves of a paused set are not looked at before this.
fn never() -> Timestamp {
    Timestamp::from_timestamp(32_503_680_000, 0).expect("the year 3000 is a date")
}

async fn begun_by(db: &impl ConnectionTrait, update_id: i64) -> Result<Option<BatchId>, StoreError> {
    let begun = operations::Entity::find()
        .filter(operations::Column::UpdateId.eq(update_id))
        .filter(operations::Column::BatchId.is_not_null())
        .one(db)
        .await?;
    Ok(begun.and_then(|row| row.batch_id).map(BatchId))
}

/// Locks keys, in the order of all who do.
pub(super) async fn lock_keys(
    tx: &DatabaseTransaction,
    keys: impl IntoIterator<Item = i64>,
) -> Result<(), StoreError> {
    let lock = configs::Entity::find()
        .select_only()
        .column(configs::Column::Id)
        .filter(configs::Column::Id.is_in(keys))
        .order_by_asc(configs::Column::Id)
        .lock(LockType::Update);
    lock.into_tuple::<i64>().all(tx).await?;
    Ok(())
}

/// Locks keys and says which of them nothing works on, each with its revision.
async fn lock_free(tx: &DatabaseTransaction, keys: &[ConfigId]) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
    keys.sort_unstable();
    let mut free = Vec::new();
    for chunk in keys.chunks(KEYS_AT_ONCE) {
        lock_keys(tx, chunk.iter().copied()).await?;
        let open = operations::Entity::find()
            .select_only()
            .column(operations::Column::ConfigId)
            .filter(operations::Column::EndedAt.is_null());
        // Asked again now that nobody else changes them.
        let found: Vec<(i64, i64)> = configs::Entity::find()
            .select_only()
            .columns([configs::Column::Id, configs::Column::Revision])
            .filter(configs::Column::Id.is_in(chunk.iter().copied()))
            .filter(configs::Column::Id.not_in_subquery(open.into_query()))
            .order_by_asc(configs::Column::Id)
            .into_tuple()
            .all(tx)
            .await?;
        free.extend(found);
    }
    Ok(free)
}

pub(super) fn batch_of(row: &batches::Model) -> Result<Batch, StoreError> {
    let corrupt = |what| StoreError::corrupt("batches", row.id, what);
    Ok(Batch {
        id: BatchId(row.id),
        by: UserId(row.created_by),
        source: rows::parse_opt(row.source_instance.as_deref()).ok_or_else(|| corrupt("source_instance"))?,
        target: rows::parse_opt(row.target_instance.as_deref()).ok_or_else(|| corrupt("target_instance"))?,
        state: rows::word(&row.state).ok_or_else(|| corrupt("state"))?,
        total: rows::count(row.total).ok_or_else(|| corrupt("total"))?,
        created_at: row.created_at,
        ended_at: row.ended_at,
    })
}

/// A set to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch<'a> {
    /// Who asked.
    pub by: UserId,
    /// Where from, if all come from one instance.
    pub source: Option<&'a InstanceId>,
    /// Where to, if all go to one instance.
    pub target: Option<&'a InstanceId>,
    /// The keys.
    pub keys: &'a [ConfigId],
    /// What is done with each of them. The update that it carries begins the set once.
    pub operation: &'a NewOperation,
}

impl Store {
    /// Begins a set, all or nothing: its row, an operation for each key that nothing works on by now, the record, and
    /// the letter that tells of it. `None`: something works on each of them.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_batch(
        &self,
        new: &NewBatch<'_>,
        letter: impl FnOnce(BatchId) -> NewLetter + Send,
        now: Timestamp,
    ) -> Result<Option<BatchId>, StoreError> {
        let tx = self.begin().await?;
        let free = lock_free(&tx, new.keys).await?;
        if let Some(update_id) = new.operation.update_id
            && let Some(begun) = begun_by(&tx, update_id).await?
        {
            return Ok(Some(begun));
        }
        if free.is_empty() {
            return Ok(None);
        }
        let row = batches::ActiveModel {
            created_by: Set(new.by.0),
            source_instance: Set(new.source.map(ToString::to_string)),
            target_instance: Set(new.target.map(ToString::to_string)),
            state: Set(rows::to_word(BatchState::Running)),
            total: Set(i32::try_from(free.len()).unwrap_or(i32::MAX)),
            created_at: Set(now),
            ..Default::default()
        };
        let batch = BatchId(row.insert(&tx).await?.id);
        let operation = NewOperation { batch: Some(batch), ..new.operation.clone() };
        for chunk in free.chunks(ROWS_AT_ONCE) {
            let begin = |(config, revision): &(i64, i64)| {
                new_row(self.secrets(), ConfigId(*config), *revision, &operation, now)
            };
            operations::Entity::insert_many(chunk.iter().map(begin)).exec_without_returning(&tx).await?;
        }
        let detail = serde_json::json!({ "moves": free.len(), "source": new.source, "target": new.target });
        audit::record(&tx, Some(new.by), "moves-started", &format!("batch {batch}"), detail, now).await?;
        outbox::push_all(&tx, &[letter(batch)], now).await?;
        tx.commit().await?;
        Ok(Some(batch))
    }

    /// The set that an update began, if it did.
    ///
    /// # Errors
    /// The database.
    pub async fn batch_begun_by(&self, update_id: i64) -> Result<Option<BatchId>, StoreError> {
        begun_by(self.write(), update_id).await
    }

    /// A set.
    ///
    /// # Errors
    /// The database.
    pub async fn batch(&self, id: BatchId) -> Result<Option<Batch>, StoreError> {
        batches::Entity::find_by_id(id.0).one(self.read()).await?.as_ref().map(batch_of).transpose()
    }

    /// The latest sets, newest first, without those that even out the load.
    ///
    /// # Errors
    /// The database.
    pub async fn recent_batches(&self, limit: u64) -> Result<Vec<Batch>, StoreError> {
        let found = batches::Entity::find()
            .filter(batches::Column::Kind.ne(super::rebalances::REBALANCE))
            .order_by_desc(batches::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        found.iter().map(batch_of).collect()
    }

    /// How many moves of a set stand where.
    ///
    /// # Errors
    /// The database.
    pub async fn batch_counts(&self, id: BatchId) -> Result<BatchCounts, StoreError> {
        let of = operations::Entity::find().filter(operations::Column::BatchId.eq(id.0));
        let ended = |outcome: Outcome| {
            of.clone().filter(operations::Column::Outcome.eq(rows::to_word(outcome))).count(self.read())
        };
        let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(BatchCounts {
            done: narrow(ended(Outcome::Done).await?),
            cancelled: narrow(ended(Outcome::Cancelled).await?),
            open: narrow(of.clone().filter(operations::Column::EndedAt.is_null()).count(self.read()).await?),
        })
    }

    /// Pauses, goes on with, or cancels a set. What has begun ends; what has not waits, goes on or is given up.
    /// `false`: the set had ended.
    ///
    /// # Errors
    /// The database.
    pub async fn set_batch_state(
        &self,
        id: BatchId,
        state: BatchState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let goes_on = [BatchState::Running, BatchState::Paused].map(rows::to_word);
        let mut change = batches::Entity::update_many()
            .col_expr(batches::Column::State, Expr::value(rows::to_word(state)))
            .filter(batches::Column::Id.eq(id.0))
            .filter(batches::Column::State.is_in(goes_on));
        if matches!(state, BatchState::Cancelled | BatchState::Done) {
            change = change.col_expr(batches::Column::EndedAt, Expr::value(now));
        }
        if change.exec(&tx).await?.rows_affected == 0 {
            return Ok(false);
        }
        let not_begun = Condition::all()
            .add(operations::Column::BatchId.eq(id.0))
            .add(operations::Column::EndedAt.is_null())
            .add(operations::Column::TargetInstance.is_null());
        let mut waiting = operations::Entity::update_many().filter(not_begun.clone());
        match state {
            BatchState::Paused => {
                waiting = waiting.col_expr(operations::Column::NextAt, Expr::value(never()));
                waiting.exec(&tx).await?;
            }
            BatchState::Running => {
                waiting = waiting.col_expr(operations::Column::NextAt, Expr::value(now));
                waiting.exec(&tx).await?;
            }
            BatchState::Cancelled => {
                // Keys before their operations, as everywhere: whoever wishes something else waits here, and then
                // finds the key free.
                let moving = operations::Entity::find()
                    .select_only()
                    .column(operations::Column::ConfigId)
                    .filter(not_begun);
                let moving = configs::Entity::find()
                    .select_only()
                    .column(configs::Column::Id)
                    .filter(configs::Column::Id.in_subquery(moving.into_query()))
                    .order_by_asc(configs::Column::Id)
                    .lock(LockType::Update);
                let moving: Vec<i64> = moving.into_tuple().all(&tx).await?;
                let ended = rows::to_word(crate::domain::operation::State::Ended);
                waiting
                    .col_expr(operations::Column::EndedAt, Expr::value(now))
                    .col_expr(operations::Column::Outcome, Expr::value(rows::to_word(Outcome::Cancelled)))
                    .col_expr(operations::Column::State, Expr::value(ended))
                    .col_expr(operations::Column::Epoch, Expr::col(operations::Column::Epoch).add(1))
                    .exec(&tx)
                    .await?;
                let ended = operations::Entity::find()
                    .select_only()
                    .column(operations::Column::Id)
                    .filter(operations::Column::BatchId.eq(id.0))
                    .filter(operations::Column::EndedAt.is_not_null());
                waitlist::Entity::delete_many()
                    .filter(waitlist::Column::OperationId.in_subquery(ended.into_query()))
                    .exec(&tx)
                    .await?;
                self.begin_what_waited(&tx, &moving, now).await?;
            }
            BatchState::Done => {}
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Of keys whose operations were given up together: begins what some of them ask for since.
    pub(super) async fn begin_what_waited(
        &self,
        tx: &DatabaseTransaction,
        configs: &[i64],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let behind = Expr::cust(
            "EXISTS (SELECT 1 FROM assignments WHERE assignments.config_id = configs.id \
             AND assignments.released_at IS NULL AND assignments.synced_revision < configs.revision)",
        );
        let asks = Condition::any()
            .add(configs::Column::Wish.eq(rows::to_word(Wish::Revoked)))
            .add(configs::Column::NextWish.is_not_null())
            .add(behind);
        for chunk in configs.chunks(500) {
            let found: Vec<i64> = configs::Entity::find()
                .select_only()
                .column(configs::Column::Id)
                .filter(configs::Column::Id.is_in(chunk.iter().copied()))
                .filter(asks.clone())
                .into_tuple()
                .all(tx)
                .await?;
            for config in found {
                begin_next(tx, self.secrets(), ConfigId(config), now).await?;
            }
        }
        Ok(())
    }
}
