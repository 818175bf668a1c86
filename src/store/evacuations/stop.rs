//! What ends before its time: evacuations that are stopped, operations that give way, targets that died.

use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::domain::instance::Health;
use crate::domain::key::Role;
use crate::domain::operation::{ATTEMPTS_PER_TARGET, Cause, Kind, NextWish, Outcome, State};
use crate::domain::{BatchId, InstanceId, Timestamp, UserId};

use super::super::batches::BatchState;
use super::super::counters::Deltas;
use super::super::entity::{assignments, batches, configs, instance_health, operations, waitlist};
use super::super::{Store, StoreError, rows};
use super::unsent;

impl Store {
    /// Stops an evacuation for good: keys for which nothing was sent stay where they are, and their places are free;
    /// the others still go. How many stay; `None`: it had ended.
    ///
    /// # Errors
    /// The database.
    pub async fn cancel_evacuation(&self, batch: BatchId, now: Timestamp) -> Result<Option<u32>, StoreError> {
        let tx = self.begin().await?;
        let open = [BatchState::Running, BatchState::Paused].map(rows::to_word);
        let changed = batches::Entity::update_many()
            .col_expr(batches::Column::State, Expr::value(rows::to_word(BatchState::Cancelled)))
            .col_expr(batches::Column::EndedAt, Expr::value(now))
            .filter(batches::Column::Id.eq(batch.0))
            .filter(batches::Column::State.is_in(open))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Ok(None);
        }
        let of = Condition::all().add(operations::Column::BatchId.eq(batch.0)).add(unsent());
        let configs = lock_keys_of(&tx, of.clone()).await?;
        let mut deltas = Deltas::default();
        let stay = end_all(&tx, of, &mut deltas, now).await?;
        let _ = deltas.apply(&tx, now).await?;
        self.begin_what_waited(&tx, &configs, now).await?;
        tx.commit().await?;
        Ok(Some(stay))
    }

    /// Gives up the moves that single owners asked for away from an instance that is back, if nothing was sent yet.
    ///
    /// # Errors
    /// The database.
    pub async fn cancel_leaving(&self, now: Timestamp) -> Result<u32, StoreError> {
        let down = instance_health::Entity::find()
            .select_only()
            .column(instance_health::Column::InstanceId)
            .filter(instance_health::Column::Health.eq(rows::to_word(Health::Down)))
            .into_query();
        let dead = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::ConfigId)
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::InstanceId.in_subquery(down))
            .into_query();
        let of = unsent()
            .add(operations::Column::Cause.eq(rows::to_word(Cause::Failover)))
            .add(operations::Column::BatchId.is_null());
        let open: Vec<i64> = operations::Entity::find()
            .select_only()
            .column(operations::Column::ConfigId)
            .filter(of.clone())
            .into_tuple()
            .all(self.read())
            .await?;
        // Mostly there are none.
        if open.is_empty() {
            return Ok(0);
        }
        let of = of.add(operations::Column::ConfigId.not_in_subquery(dead));
        let tx = self.begin().await?;
        let configs = lock_keys_of(&tx, of.clone()).await?;
        let mut deltas = Deltas::default();
        let stay = end_all(&tx, of, &mut deltas, now).await?;
        let _ = deltas.apply(&tx, now).await?;
        self.begin_what_waited(&tx, &configs, now).await?;
        tx.commit().await?;
        Ok(stay)
    }

    /// Sends operations elsewhere whose target is on a dead instance: one for which nothing was sent lets go of it at
    /// once, any other as soon as it has another target, since its account may have been made (R2). How many.
    ///
    /// # Errors
    /// The database.
    pub async fn leave_targets_on(&self, instance: &InstanceId, now: Timestamp) -> Result<u32, StoreError> {
        let there = Condition::all()
            .add(operations::Column::TargetInstance.eq(instance.as_str()))
            .add(operations::Column::EndedAt.is_null())
            .add(
                operations::Column::WantedInstance
                    .is_null()
                    .or(operations::Column::WantedInstance.ne(instance.as_str())),
            )
            .add(operations::Column::Attempts.lt(ATTEMPTS_PER_TARGET))
            // One that found nothing else keeps its target for a while, and is not asked again before that is over.
            .add(operations::Column::Attempts.gt(0).or(operations::Column::NextAt.lte(now)));
        // Mostly there are none, and looking must not take the write lock.
        if operations::Entity::find().filter(there.clone()).count(self.read()).await? == 0 {
            return Ok(0);
        }
        let tx = self.begin().await?;
        lock_keys_of(&tx, there.clone()).await?;
        let fresh = Condition::all().add(there.clone()).add(unsent());
        let rows = operations::Entity::find().filter(fresh).lock(LockType::Update).all(&tx).await?;
        let mut deltas = Deltas::default();
        for row in &rows {
            if row.holds_place {
                deltas.unreserve(instance);
            }
            let mut tried: Vec<InstanceId> = serde_json::from_value(row.tried.clone()).unwrap_or_default();
            tried.push(instance.clone());
            operations::ActiveModel {
                id: Set(row.id),
                state: Set(rows::to_word(State::Waiting)),
                target_instance: Set(None),
                target_account: Set(None),
                target_generation: Set(None),
                holds_place: Set(false),
                back_to: Set(None),
                tried: Set(serde_json::json!(tried)),
                next_at: Set(now),
                // Whoever works on it stops: its row is another one now.
                epoch: Set(row.epoch + 1),
                claimed_by: Set(None),
                claimed_until: Set(None),
                ..Default::default()
            }
            .update(&tx)
            .await?;
        }
        let _ = deltas.apply(&tx, now).await?;
        let sent = operations::Entity::update_many()
            .col_expr(operations::Column::Attempts, Expr::value(ATTEMPTS_PER_TARGET))
            .col_expr(operations::Column::NextAt, Expr::value(now))
            .filter(there)
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(u32::try_from(rows.len() as u64 + sent.rows_affected).unwrap_or(u32::MAX))
    }

    /// An evacuation that the service began becomes an admin's: no flag stands against it any more.
    ///
    /// # Errors
    /// The database.
    pub async fn adopt_evacuation(
        &self,
        batch: BatchId,
        by: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let of = Condition::all()
            .add(operations::Column::BatchId.eq(batch.0))
            .add(operations::Column::EndedAt.is_null());
        lock_keys_of(&tx, of.clone()).await?;
        batches::Entity::update_many()
            .col_expr(batches::Column::Automatic, Expr::value(false))
            .col_expr(batches::Column::CreatedBy, Expr::value(by.0))
            .col_expr(batches::Column::State, Expr::value(rows::to_word(BatchState::Running)))
            .filter(batches::Column::Id.eq(batch.0))
            .filter(batches::Column::EndedAt.is_null())
            .exec(&tx)
            .await?;
        operations::Entity::update_many()
            .col_expr(operations::Column::Cause, Expr::value(rows::to_word(Cause::Batch)))
            .col_expr(operations::Column::NextAt, Expr::value(now))
            .filter(of)
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// People's wishes that wait for room come after the move.
pub(super) async fn put_wishes_off(tx: &DatabaseTransaction, of: Condition) -> Result<(), StoreError> {
    let causes = [Cause::Owner, Cause::Admin].map(rows::to_word);
    let wishes = operations::Entity::find()
        .filter(of)
        .filter(operations::Column::Kind.eq(rows::to_word(Kind::Move)))
        .filter(operations::Column::Cause.is_in(causes))
        .all(tx)
        .await?;
    for row in wishes {
        let corrupt = |what| StoreError::corrupt("operations", row.id, what);
        let wish = NextWish {
            kind: Kind::Move,
            cause: rows::word(&row.cause).ok_or_else(|| corrupt("cause"))?,
            asked_by: row.asked_by.map(UserId),
            update_id: None,
            screen: row.screen,
            region: rows::parse_opt(row.region.as_deref()).ok_or_else(|| corrupt("region"))?,
            wanted: rows::parse_opt(row.wanted_instance.as_deref())
                .ok_or_else(|| corrupt("wanted_instance"))?,
        };
        // A later wish of theirs wins.
        configs::Entity::update_many()
            .col_expr(configs::Column::NextWish, Expr::value(serde_json::json!(wish)))
            .filter(configs::Column::Id.eq(row.config_id))
            .filter(configs::Column::NextWish.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Locks the keys that some operations work on, in the order of all who do.
pub(super) async fn lock_keys_of(tx: &DatabaseTransaction, of: Condition) -> Result<Vec<i64>, StoreError> {
    let keys = operations::Entity::find().select_only().column(operations::Column::ConfigId).filter(of);
    let keys = configs::Entity::find()
        .select_only()
        .column(configs::Column::Id)
        .filter(configs::Column::Id.in_subquery(keys.into_query()))
        .order_by_asc(configs::Column::Id)
        .lock(LockType::Update);
    Ok(keys.into_tuple().all(tx).await?)
}

/// Gives open operations up for which nothing was sent: their places are free, and whoever works on one stops.
pub(super) async fn end_all(
    tx: &DatabaseTransaction,
    of: Condition,
    deltas: &mut Deltas,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let held: Vec<(Option<String>, i64)> = operations::Entity::find()
        .select_only()
        .column(operations::Column::TargetInstance)
        .column_as(operations::Column::Id.count(), "operations")
        .filter(of.clone())
        .filter(operations::Column::HoldsPlace.eq(true))
        .group_by(operations::Column::TargetInstance)
        .into_tuple()
        .all(tx)
        .await?;
    for (target, count) in held {
        let target = target.unwrap_or_default();
        let target: InstanceId =
            target.parse().map_err(|_| StoreError::corrupt("operations", 0, "target_instance"))?;
        (0..count).for_each(|_| deltas.unreserve(&target));
    }
    let ids = operations::Entity::find().select_only().column(operations::Column::Id).filter(of.clone());
    waitlist::Entity::delete_many()
        .filter(waitlist::Column::OperationId.in_subquery(ids.into_query()))
        .exec(tx)
        .await?;
    let ended = operations::Entity::update_many()
        .col_expr(operations::Column::State, Expr::value(rows::to_word(State::Ended)))
        .col_expr(operations::Column::Outcome, Expr::value(rows::to_word(Outcome::Cancelled)))
        .col_expr(operations::Column::EndedAt, Expr::value(now))
        .col_expr(operations::Column::HoldsPlace, Expr::value(false))
        .col_expr(operations::Column::Credentials, Expr::value(None::<String>))
        .col_expr(operations::Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(operations::Column::ClaimedUntil, Expr::value(None::<Timestamp>))
        .col_expr(operations::Column::Epoch, Expr::col(operations::Column::Epoch).add(1))
        .filter(of)
        .exec(tx)
        .await?;
    Ok(u32::try_from(ended.rows_affected).unwrap_or(u32::MAX))
}
