//! Accounts that must still be deleted on some instance.
//!
//! A tombstone stands until the panel has said that the account is gone *and* no request for it can land any more. While
//! it stands, no operation places its key on that instance: a late delete would take a new account with the same secrets
//! with it, and a late create would leave a ghost.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::key::Unsettled;
use crate::domain::quota::Bytes;
use crate::domain::{AccountName, ConfigId, InstanceId, Timestamp, TombstoneId};

use super::entity::{configs, tombstones};
use super::{Store, StoreError, flags, rows};

/// How long a claim lasts.
const CLAIM: Duration = Duration::from_secs(30);

/// Why an account is deleted that nothing accounted for: what it used was counted when its key let go of it, if it ever
/// was its key's, and is not counted again.
pub(super) const STRAY: &str = "stray";

/// An account that must still be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The row.
    pub id: TombstoneId,
    /// Whose account it was.
    pub config: ConfigId,
    /// Where.
    pub instance: InstanceId,
    /// Its name there.
    pub account: AccountName,
    /// A request for it that may still land.
    pub unsettled: Option<Unsettled>,
    /// What it had used when it was last read.
    pub used: Bytes,
    /// Failed attempts.
    pub attempts: u32,
    /// The panel has said that it is gone; what may still land is waited for.
    pub deleted: bool,
}

/// An account to be deleted from now on.
#[derive(Debug)]
pub(super) struct Burial<'a> {
    pub(super) config: ConfigId,
    pub(super) instance: &'a InstanceId,
    pub(super) account: &'a AccountName,
    pub(super) unsettled: Option<Unsettled>,
    pub(super) used: Bytes,
    pub(super) reason: &'a str,
}

/// Sets a tombstone.
pub(super) async fn bury(
    tx: &DatabaseTransaction,
    burial: &Burial<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tombstones::ActiveModel {
        config_id: Set(burial.config.0),
        instance_id: Set(burial.instance.to_string()),
        account: Set(burial.account.as_str().to_owned()),
        external_id: Set(burial.account.as_str().to_owned()),
        unsettled_at: Set(burial.unsettled.map(|u| u.sent_at)),
        settles_at: Set(burial.unsettled.and_then(|u| u.settles_at)),
        used_known: Set(rows::to_i64(burial.used)),
        reason: Set(burial.reason.to_owned()),
        attempts: Set(0),
        next_at: Set(now),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(tx)
    .await?;
    Ok(())
}

fn tombstone_of(row: tombstones::Model) -> Result<Tombstone, StoreError> {
    let corrupt = |what| StoreError::corrupt("tombstones", row.id, what);
    Ok(Tombstone {
        id: TombstoneId(row.id),
        config: ConfigId(row.config_id),
        instance: row.instance_id.parse().map_err(|_| corrupt("instance_id"))?,
        unsettled: rows::unsettled(row.unsettled_at, row.settles_at),
        used: rows::bytes(row.used_known).ok_or_else(|| corrupt("used_known"))?,
        attempts: rows::count(row.attempts).ok_or_else(|| corrupt("attempts"))?,
        deleted: row.deleted_at.is_some(),
        account: AccountName::stored(row.account),
    })
}

impl Store {
    /// Takes tombstones that are due.
    ///
    /// # Errors
    /// The database.
    pub async fn claim_tombstones(
        &self,
        worker: &str,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Tombstone>, StoreError> {
        let free = Condition::any()
            .add(tombstones::Column::ClaimedUntil.is_null())
            .add(tombstones::Column::ClaimedUntil.lte(now));
        let due: Vec<i64> = tombstones::Entity::find()
            .select_only()
            .column(tombstones::Column::Id)
            .filter(tombstones::Column::GoneAt.is_null())
            .filter(tombstones::Column::NextAt.lte(now))
            .filter(flags::not_on_hold())
            .filter(free.clone())
            .order_by_asc(tombstones::Column::NextAt)
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        // The condition stands in the statement, so two workers never take the same one.
        let taken = tombstones::Entity::update_many()
            .col_expr(tombstones::Column::ClaimedBy, Expr::value(worker))
            .col_expr(tombstones::Column::ClaimedUntil, Expr::value(now + CLAIM))
            .filter(tombstones::Column::Id.is_in(due))
            .filter(tombstones::Column::GoneAt.is_null())
            .filter(free)
            .exec_with_returning(self.write())
            .await?;
        taken.into_iter().map(tombstone_of).collect()
    }

    /// How many accounts must still be deleted on an instance.
    ///
    /// # Errors
    /// The database.
    pub async fn tombstones_on(&self, instance: &InstanceId) -> Result<u64, StoreError> {
        let query = tombstones::Entity::find()
            .filter(tombstones::Column::InstanceId.eq(instance.as_str()))
            .filter(tombstones::Column::GoneAt.is_null());
        Ok(query.count(self.read()).await?)
    }

    /// How many accounts must still be deleted, on all instances.
    ///
    /// # Errors
    /// The database.
    pub async fn tombstones_left(&self) -> Result<u64, StoreError> {
        let left = tombstones::Entity::find().filter(tombstones::Column::GoneAt.is_null());
        Ok(left.count(self.read()).await?)
    }

    /// Records what the account had used, read just before its delete.
    ///
    /// # Errors
    /// The database.
    pub async fn tombstone_used(&self, id: TombstoneId, used: Bytes) -> Result<(), StoreError> {
        tombstones::Entity::update_many()
            .col_expr(tombstones::Column::UsedKnown, Expr::value(rows::to_i64(used)))
            .filter(tombstones::Column::Id.eq(id.0))
            .filter(tombstones::Column::Reason.ne(STRAY))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Just before a delete is sent: it may land from now on.
    ///
    /// # Errors
    /// The database.
    pub async fn authorise_delete(
        &self,
        id: TombstoneId,
        worker: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = tombstones::Entity::update_many()
            .col_expr(tombstones::Column::UnsettledAt, Expr::value(now))
            .col_expr(tombstones::Column::SettlesAt, Expr::value(None::<Timestamp>))
            .col_expr(tombstones::Column::ClaimedUntil, Expr::value(now + CLAIM))
            .filter(tombstones::Column::Id.eq(id.0))
            .filter(tombstones::Column::ClaimedBy.eq(worker))
            .filter(tombstones::Column::GoneAt.is_null())
            .filter(flags::not_on_hold())
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// The tombstone stays: what may still land, and when to look again.
    ///
    /// # Errors
    /// The database.
    pub async fn tombstone_stays(
        &self,
        tombstone: &Tombstone,
        unsettled: Option<Unsettled>,
        deleted: bool,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        tombstones::Entity::update_many()
            .col_expr(tombstones::Column::UnsettledAt, Expr::value(unsettled.map(|u| u.sent_at)))
            .col_expr(tombstones::Column::SettlesAt, Expr::value(unsettled.and_then(|u| u.settles_at)))
            .col_expr(tombstones::Column::DeletedAt, Expr::value(deleted.then_some(now)))
            .col_expr(
                tombstones::Column::Attempts,
                Expr::col(tombstones::Column::Attempts).add(i32::from(!deleted)),
            )
            .col_expr(tombstones::Column::NextAt, Expr::value(next_at))
            .col_expr(tombstones::Column::ClaimedBy, Expr::value(None::<String>))
            .col_expr(tombstones::Column::ClaimedUntil, Expr::value(None::<Timestamp>))
            .filter(tombstones::Column::Id.eq(tombstone.id.0))
            .filter(tombstones::Column::GoneAt.is_null())
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// The account is gone and nothing can bring it back: the tombstone is retired, and what the account had used is
    /// added to its key's total, once.
    ///
    /// # Errors
    /// The database.
    pub async fn tombstone_gone(&self, id: TombstoneId, now: Timestamp) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let retired = tombstones::Entity::update_many()
            .col_expr(tombstones::Column::GoneAt, Expr::value(now))
            .filter(tombstones::Column::Id.eq(id.0))
            .filter(tombstones::Column::GoneAt.is_null())
            .exec(&tx)
            .await?;
        if retired.rows_affected == 1
            && let Some(row) = tombstones::Entity::find_by_id(id.0).one(&tx).await?
        {
            configs::Entity::update_many()
                .col_expr(
                    configs::Column::UsedBefore,
                    Expr::col(configs::Column::UsedBefore).add(row.used_known),
                )
                .filter(configs::Column::Id.eq(row.config_id))
                .exec(&tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
