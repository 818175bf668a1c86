//! The figures of a day, and the day that was told last.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::domain::Timestamp;
use crate::domain::operation::{Kind, Outcome};

use super::entity::{checks_5min, configs, operations, settings, waitlist};
use super::keys::live_keys;
use super::outbox::{NewLetter, push_all};
use super::{Store, StoreError, rows};

/// The setting that names the day that was told last.
const TOLD: &str = "summary-day";

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Keys that serve now.
    pub keys: u64,
    /// Keys made since.
    pub new: u64,
    /// Keys that ended since: their time, their traffic, or taken away.
    pub ended: u64,
    /// Moves done since.
    pub moves: u64,
    /// Keys that wait for room now.
    pub waiting: u64,
    /// Checks since, and how many of them were good.
    pub checks: (u64, u64),
}

#[derive(FromQueryResult)]
struct Sums {
    checks: Option<i64>,
    good: Option<i64>,
}

impl Store {
    /// Counts what happened since `since`.
    ///
    /// # Errors
    /// The database.
    pub async fn day_since(&self, since: Timestamp, now: Timestamp) -> Result<Day, StoreError> {
        use configs::Column;
        let db = self.read();
        let within = |column: Column| Condition::all().add(column.gt(since)).add(column.lte(now));
        let ended = Condition::any().add(within(Column::ExpiresAt)).add(within(Column::EndedAt));
        let moves = operations::Entity::find()
            .filter(operations::Column::Kind.eq(rows::to_word(Kind::Move)))
            .filter(operations::Column::Outcome.eq(rows::to_word(Outcome::Done)))
            .filter(operations::Column::EndedAt.gt(since));
        let sums = checks_5min::Entity::find()
            .select_only()
            .column_as(Expr::col(checks_5min::Column::Checks).sum(), "checks")
            .column_as(Expr::col(checks_5min::Column::Good).sum(), "good")
            .filter(checks_5min::Column::Slot.gte(since))
            .into_model::<Sums>()
            .one(db)
            .await?;
        let sum = |sum: Option<i64>| u64::try_from(sum.unwrap_or(0)).unwrap_or(0);
        Ok(Day {
            keys: live_keys(now).count(db).await?,
            new: configs::Entity::find().filter(Column::CreatedAt.gt(since)).count(db).await?,
            ended: configs::Entity::find().filter(ended).count(db).await?,
            moves: moves.count(db).await?,
            waiting: waitlist::Entity::find().count(db).await?,
            checks: sums.map_or((0, 0), |sums| (sum(sums.checks), sum(sums.good))),
        })
    }

    /// Whether the summary of `day` (such as `2026-11-21`) is still to be told. The first day of all is not: nobody
    /// wants a report of the minutes since the installation.
    ///
    /// # Errors
    /// The database.
    pub async fn summary_is_due(&self, day: &str) -> Result<bool, StoreError> {
        match self.setting(TOLD).await? {
            Some(told) => Ok(told.as_str() < day),
            None => {
                self.set_setting(TOLD, day).await?;
                Ok(false)
            }
        }
    }

    /// Tells the summary of `day`. `false`: another process did.
    ///
    /// # Errors
    /// The database.
    pub async fn post_summary(
        &self,
        day: &str,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let mine = settings::Entity::update_many()
            .col_expr(settings::Column::Value, Expr::value(day))
            .filter(settings::Column::Key.eq(TOLD))
            .filter(settings::Column::Value.lt(day))
            .exec(&tx)
            .await?;
        if mine.rows_affected == 0 {
            return Ok(false);
        }
        push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
