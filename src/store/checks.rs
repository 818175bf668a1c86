//! What the checks found, in five-minute sums.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
};

use crate::domain::health::Tally;
use crate::domain::{InstanceId, Timestamp};

use super::entity::checks_5min::{ActiveModel, Column, Entity};
use super::{Store, StoreError, rows};

fn narrow(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Sums over rows. PostgreSQL would make a decimal of a sum.
#[derive(Debug, FromQueryResult)]
struct Sum {
    instance_id: String,
    checks: i64,
    good: i64,
    data_checks: i64,
    data_good: i64,
    latency_sum_ms: i64,
    latency_max_ms: i32,
}

impl Sum {
    fn tally(&self) -> Result<Tally, StoreError> {
        let count = |number: i64, column| {
            let corrupt = || StoreError::corrupt("checks_5min", &self.instance_id, column);
            u64::try_from(number).map_err(|_| corrupt())
        };
        // More than four billion checks are all the same.
        let narrow = |number, column| -> Result<u32, StoreError> {
            Ok(u32::try_from(count(number, column)?).unwrap_or(u32::MAX))
        };
        Ok(Tally {
            checks: narrow(self.checks, "checks")?,
            good: narrow(self.good, "good")?,
            data_checks: narrow(self.data_checks, "data_checks")?,
            data_good: narrow(self.data_good, "data_good")?,
            latency_sum_ms: count(self.latency_sum_ms, "latency_sum_ms")?,
            latency_max_ms: narrow(self.latency_max_ms.into(), "latency_max_ms")?,
        })
    }
}

/// The sums of each instance over the slots that began at `from` or later.
fn sums(from: Timestamp) -> Select<Entity> {
    let sum = |column: Column| Expr::col(column).sum().cast_as("BIGINT");
    Entity::find()
        .select_only()
        .column(Column::InstanceId)
        .column_as(sum(Column::Checks), "checks")
        .column_as(sum(Column::Good), "good")
        .column_as(sum(Column::DataChecks), "data_checks")
        .column_as(sum(Column::DataGood), "data_good")
        .column_as(sum(Column::LatencySumMs), "latency_sum_ms")
        .column_as(Column::LatencyMaxMs.max(), "latency_max_ms")
        .filter(Column::Slot.gte(from))
        .group_by(Column::InstanceId)
}

impl Store {
    /// Adds what checks found to the five minutes that began at `slot`, beside what other processes or an earlier life
    /// of this one found.
    ///
    /// # Errors
    /// The database; no such instance.
    pub async fn add_checks(
        &self,
        id: &InstanceId,
        slot: Timestamp,
        tally: &Tally,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            instance_id: Set(id.to_string()),
            slot: Set(slot),
            checks: Set(narrow(tally.checks)),
            good: Set(narrow(tally.good)),
            data_checks: Set(narrow(tally.data_checks)),
            data_good: Set(narrow(tally.data_good)),
            latency_sum_ms: Set(rows::to_i64(tally.latency_sum_ms)),
            latency_max_ms: Set(narrow(tally.latency_max_ms)),
            ..Default::default()
        };
        let stored = |column| Expr::col((Entity, column));
        let slowest = narrow(tally.latency_max_ms);
        let slower = Expr::case(stored(Column::LatencyMaxMs).lt(slowest), slowest);
        let known = OnConflict::columns([Column::InstanceId, Column::Slot])
            .value(Column::Checks, stored(Column::Checks).add(narrow(tally.checks)))
            .value(Column::Good, stored(Column::Good).add(narrow(tally.good)))
            .value(Column::DataChecks, stored(Column::DataChecks).add(narrow(tally.data_checks)))
            .value(Column::DataGood, stored(Column::DataGood).add(narrow(tally.data_good)))
            .value(Column::LatencySumMs, stored(Column::LatencySumMs).add(rows::to_i64(tally.latency_sum_ms)))
            .value(Column::LatencyMaxMs, slower.finally(stored(Column::LatencyMaxMs)))
            .to_owned();
        Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// What the checks of an instance found in the five-minute slots that began at `from` or later, summed up. Nothing
    /// of it counts what is not stored yet.
    ///
    /// # Errors
    /// The database.
    pub async fn uptime(&self, id: &InstanceId, from: Timestamp) -> Result<Tally, StoreError> {
        let mine = sums(from).filter(Column::InstanceId.eq(id.as_str()));
        let found = mine.into_model::<Sum>().one(self.read()).await?;
        found.map_or(Ok(Tally::default()), |sum| sum.tally())
    }

    /// The same of all instances that were looked at since.
    ///
    /// # Errors
    /// The database.
    pub async fn uptimes(&self, from: Timestamp) -> Result<Vec<(InstanceId, Tally)>, StoreError> {
        let found = sums(from).into_model::<Sum>().all(self.read()).await?;
        let corrupt = |sum: &Sum| StoreError::corrupt("checks_5min", &sum.instance_id, "instance_id");
        let each = found.iter().map(|sum| {
            let id = sum.instance_id.parse().map_err(|_| corrupt(sum))?;
            Ok((id, sum.tally()?))
        });
        each.collect()
    }

    /// Forgets the sums of slots that began before `before`; how many.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_checks(&self, before: Timestamp) -> Result<u64, StoreError> {
        let old = Entity::delete_many().filter(Column::Slot.lt(before));
        Ok(old.exec(self.write()).await?.rows_affected)
    }
}
