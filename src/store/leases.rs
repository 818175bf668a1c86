//! Who may plan: one row, one holder, an epoch that grows with each new one.
//!
//! The lease is taken and renewed by one conditional statement, so of two that want it one has it. Its times are the
//! database's on PostgreSQL: the clocks of several machines differ. SQLite has one process and goes by its clock.
//!
//! A [`Fence`] carries the epoch into the transactions of whoever plans: [`Store::fenced`] makes each of them begin with
//! a look at the lease, which it holds shared until it ends. So no transaction of a former holder is committed once
//! another one holds the lease, however long the former one was stopped in the middle of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QuerySelect, Statement,
};

use crate::domain::Timestamp;

use super::entity::leases;
use super::{Store, StoreError};

/// The one lease there is.
const PLANNER: &str = "planner";
/// No holder ever has this epoch.
const NOBODY: i64 = 0;

/// The lease, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it; it may be over.
    pub holder: Option<String>,
    /// How often it changed hands.
    pub epoch: i64,
    /// When it was renewed last. Never goes back, whatever clocks do.
    pub renewed_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

fn lease_of(row: leases::Model) -> Lease {
    let leases::Model { holder, epoch, renewed_at, expires_at, .. } = row;
    Lease { holder, epoch, renewed_at, expires_at }
}

/// The epoch under which this process plans. Cheap to clone; all clones change together.
#[derive(Debug, Clone, Default)]
pub struct Fence(Arc<AtomicI64>);

impl Fence {
    /// From now on what is planned is planned under this epoch; `None`: nothing may be.
    pub fn set(&self, epoch: Option<i64>) {
        self.0.store(epoch.unwrap_or(NOBODY), Ordering::SeqCst);
    }

    fn epoch(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Store {
    /// The same database, for whoever plans under `fence`: each transaction fails with [`StoreError::NotLeader`] unless
    /// the lease still has the fence's epoch, and the lease does not change hands before it ends.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        let mut planning = self.clone();
        planning.fence = Some(fence);
        planning
    }

    /// Fails unless the lease has this epoch, and keeps it so until the end of the transaction.
    pub(super) async fn check_fence(tx: &DatabaseTransaction, fence: &Fence) -> Result<(), StoreError> {
        let epoch = fence.epoch();
        let held = leases::Entity::find_by_id(PLANNER.to_owned())
            .filter(leases::Column::Epoch.eq(epoch))
            .filter(leases::Column::Holder.is_not_null())
            .lock(LockType::Share)
            .one(tx)
            .await?;
        if held.is_some() && epoch != NOBODY { Ok(()) } else { Err(StoreError::NotLeader) }
    }

    /// This moment, as statements write it: the database's own on PostgreSQL.
    pub(super) fn now_in_sql(&self, now: Timestamp) -> Expr {
        if self.is_sqlite() { Expr::value(now) } else { Expr::cust("clock_timestamp()") }
    }

    /// The same, so much later.
    fn then_in_sql(&self, now: Timestamp, later: Duration) -> Expr {
        if self.is_sqlite() {
            Expr::value(now + later)
        } else {
            Expr::cust(format!("clock_timestamp() + interval '{} milliseconds'", later.as_millis()))
        }
    }

    /// The time as the database has it; on SQLite that is `now`.
    ///
    /// # Errors
    /// The database.
    pub async fn database_time(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        if self.is_sqlite() {
            return Ok(now);
        }
        let connection = self.write();
        let ask =
            Statement::from_string(connection.get_database_backend(), "SELECT clock_timestamp() AS now");
        let row = connection.query_one_raw(ask).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("leases", PLANNER, "now"))?;
        Ok(row.try_get("", "now")?)
    }

    /// The lease; `None`: nobody ever had it.
    ///
    /// # Errors
    /// The database.
    pub async fn lease(&self) -> Result<Option<Lease>, StoreError> {
        let row = leases::Entity::find_by_id(PLANNER.to_owned()).one(self.write()).await?;
        Ok(row.map(lease_of))
    }

    /// Takes the lease for `lasts` if nobody holds it, or renews it; as it is then, with a new epoch whenever it changed
    /// hands. `None`: another one holds it.
    ///
    /// # Errors
    /// The database.
    pub async fn take_lease(
        &self,
        me: &str,
        lasts: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let first = leases::ActiveModel {
            name: Set(PLANNER.to_owned()),
            holder: Set(None),
            epoch: Set(NOBODY),
            renewed_at: Set(Timestamp::UNIX_EPOCH),
            expires_at: Set(Timestamp::UNIX_EPOCH),
        };
        leases::Entity::insert(first)
            .on_conflict_do_nothing_on([leases::Column::Name])
            .exec_without_returning(self.write())
            .await?;
        use leases::Column;
        let mine = || Column::Holder.eq(me);
        let free = Condition::any()
            .add(Column::Holder.is_null())
            .add(mine())
            .add(Expr::col(Column::ExpiresAt).lte(self.now_in_sql(now)));
        let epoch = Expr::case(mine(), Expr::col(Column::Epoch)).finally(Expr::col(Column::Epoch).add(1));
        // A database whose clock was set back must not look like one that was put back from a copy.
        let later = Expr::col(Column::RenewedAt).gt(self.now_in_sql(now));
        let renewed = Expr::case(later, Expr::col(Column::RenewedAt)).finally(self.now_in_sql(now));
        let taken = leases::Entity::update_many()
            .col_expr(Column::Epoch, epoch.into())
            .col_expr(Column::RenewedAt, renewed.into())
            .col_expr(Column::ExpiresAt, self.then_in_sql(now, lasts))
            .col_expr(Column::Holder, Expr::value(me))
            .filter(Column::Name.eq(PLANNER))
            .filter(free)
            .exec_with_returning(self.write())
            .await?;
        Ok(taken.into_iter().next().map(lease_of))
    }

    /// Lets go of the lease, so that another one need not wait for its end.
    ///
    /// # Errors
    /// The database.
    pub async fn release_lease(&self, me: &str) -> Result<(), StoreError> {
        leases::Entity::update_many()
            .col_expr(leases::Column::Holder, Expr::value(None::<String>))
            .filter(leases::Column::Name.eq(PLANNER))
            .filter(leases::Column::Holder.eq(me))
            .exec(self.write())
            .await?;
        Ok(())
    }
}
