//! Where the fleet as a whole stands, such as panic. A flag is a row, so that one statement can ask for it within
//! another: no move of the service's own is claimed or sent while a flag stands against it.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait,
};

use crate::domain::Timestamp;
use crate::domain::operation::Cause;

use super::entity::{flags, operations, outbox};
use super::{Store, StoreError, rows};

/// So many instances are bad at once, or our own path is, that nothing is moved by itself.
pub const PANIC: &str = "panic";
/// An admin stopped all evacuations for now.
pub const EVACUATIONS_PAUSED: &str = "evacuations-paused";
/// Nothing acts until an admin confirms, as after a restore.
pub const HOLD: &str = "hold";

/// Keys that were adopted move by themselves too, as the operator set it.
pub const MOVE_ADOPTED: &str = "move-adopted";

/// The lane of alerts, see [`super::outbox::NewLetter::lane`].
const ALERT_LANE: i32 = 1;

/// While one of these is raised, nothing is moved but for a person who asks for it by name.
const STOPS_MOVES: [&str; 2] = [PANIC, HOLD];

/// Where the fleet stands in one respect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Whether it holds.
    pub raised: bool,
    /// Since when it holds, or does not.
    pub since: Timestamp,
    /// What made it so, with its numbers.
    pub facts: serde_json::Value,
}

/// The flag is raised: a condition for other statements.
pub(super) fn is_raised_now(name: &str) -> Expr {
    none_raised(&[name]).not()
}

/// None of `names` is raised: a condition for other statements.
fn none_raised(names: &[&str]) -> Expr {
    let raised = flags::Entity::find()
        .select_only()
        .column(flags::Column::Name)
        .filter(flags::Column::Name.is_in(names.iter().copied()))
        .filter(flags::Column::Raised.eq(true))
        .into_query();
    Expr::not_exists(raised)
}

/// No flag forbids to begin moves by ourselves: a condition for other statements.
pub(super) fn moves_may_begin() -> Condition {
    Condition::all().add(none_raised(&[PANIC, HOLD, EVACUATIONS_PAUSED]))
}

/// For statements over `operations`: no flag stands against the operation. Wishes of people always go on; what the
/// service does by itself stops in panic, and what nobody waits for also while evacuations are paused. On hold nothing
/// goes on at all.
pub(super) fn may_go_on() -> Condition {
    let by_itself = [Cause::Failover, Cause::Rebalance].map(rows::to_word);
    let unpaused = operations::Column::PersonWaits.eq(true).or(none_raised(&[EVACUATIONS_PAUSED]));
    let whoever_asked = Condition::any()
        .add(operations::Column::Cause.is_not_in(by_itself))
        .add(Condition::all().add(none_raised(&STOPS_MOVES)).add(unpaused));
    Condition::all().add(not_on_hold()).add(whoever_asked)
}

/// Nothing waits for an admin's word: a condition for all statements that lead to a write on a panel, or to a message.
pub(super) fn not_on_hold() -> Expr {
    none_raised(&[HOLD])
}

/// For statements over `outbox`: on hold only alerts that were written since are sent.
pub(super) fn may_be_sent() -> Condition {
    let since = flags::Entity::find()
        .select_only()
        .column(flags::Column::Since)
        .filter(flags::Column::Name.eq(HOLD))
        .into_query();
    let news = Condition::all().add(outbox::Column::Lane.eq(ALERT_LANE)).add(
        Expr::col((outbox::Entity, outbox::Column::CreatedAt))
            .gte(Expr::SubQuery(None, Box::new(since.into()))),
    );
    Condition::any().add(not_on_hold()).add(news)
}

impl Store {
    /// A flag; `None`: it was never raised.
    ///
    /// # Errors
    /// The database.
    pub async fn flag(&self, name: &str) -> Result<Option<Flag>, StoreError> {
        let row = flags::Entity::find_by_id(name.to_owned()).one(self.read()).await?;
        Ok(row.map(|row| Flag { raised: row.raised, since: row.since, facts: row.facts.unwrap_or_default() }))
    }

    /// Whether a flag is raised.
    ///
    /// # Errors
    /// The database.
    pub async fn is_raised(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.flag(name).await?.is_some_and(|flag| flag.raised))
    }

    /// Raises a flag. `false`: it was raised before, and stays as it is.
    ///
    /// # Errors
    /// The database.
    pub async fn raise_flag(
        &self,
        name: &str,
        facts: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.set_flag(name, true, facts, now).await
    }

    /// Lowers a flag. `false`: it was not raised, and stays as it is.
    ///
    /// # Errors
    /// The database.
    pub async fn lower_flag(
        &self,
        name: &str,
        facts: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.set_flag(name, false, facts, now).await
    }

    async fn set_flag(
        &self,
        name: &str,
        raised: bool,
        facts: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let changed = set(&tx, name, raised, facts, now).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

/// Since when a flag is as it is.
pub(super) async fn since(tx: &DatabaseTransaction, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let row = flags::Entity::find_by_id(name.to_owned()).one(tx).await?;
    Ok(row.map(|row| row.since))
}

/// Raises or lowers a flag within a transaction. `false`: it was so before.
pub(super) async fn set(
    tx: &DatabaseTransaction,
    name: &str,
    raised: bool,
    facts: serde_json::Value,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use flags::Column;
    // A row to change is there from the first time on: of two who change it at once, one does.
    let row = flags::ActiveModel {
        name: Set(name.to_owned()),
        raised: Set(false),
        since: Set(now),
        facts: Set(None),
    };
    let known = OnConflict::column(Column::Name).do_nothing().to_owned();
    flags::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    let changed = flags::Entity::update_many()
        .col_expr(Column::Raised, Expr::value(raised))
        .col_expr(Column::Since, Expr::value(now))
        .col_expr(Column::Facts, Expr::value(Some(facts)))
        .filter(Column::Name.eq(name))
        .filter(Column::Raised.ne(raised))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}
