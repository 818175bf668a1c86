//! Everybody leaves an instance: the durable plan, one transaction for all of its keys.
//!
//! The plan is a set of moves (`batches`, kind `evacuation`) and an operation per key, each with its target and its
//! place there taken already, so that nobody else gets that place meanwhile and a crash loses nothing. What an operation
//! already under way means for its key is decided here too:
//!
//! - one whose target died is sent elsewhere (see [`Store::leave_targets_on`]);
//! - one that only carries limits to the dead instance, or a move of the service's own that has not begun, gives way;
//! - a person's wish that waits for room comes after the move;
//! - any other goes on, since its target lives.

mod begin;
mod gather;
mod stop;

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;

use crate::domain::account::InstallationId;
use crate::domain::failover::Plan;
use crate::domain::key::{Role, Wish};
use crate::domain::operation::{Cause, Kind, Outcome};
use crate::domain::{BatchId, IncidentId, InstanceId, Timestamp, UserId};

use super::adoption::moves_by_itself;
use super::batches::BatchState;
use super::entity::{assignments, batches, configs, operations};
use super::keys::USED_UP;
use super::{Store, StoreError, rows};

/// The kind of such a set.
const EVACUATION: &str = "evacuation";

/// An evacuation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evacuation {
    /// The set.
    pub batch: BatchId,
    /// The instance that everybody leaves.
    pub source: InstanceId,
    /// Since when that one was down, when it was planned; `None`: it was not down, an admin wished it so.
    pub down_since: Option<Timestamp>,
    /// The service began it by itself.
    pub automatic: bool,
    /// The admin who wished it, if not.
    pub by: UserId,
    /// The incident it belongs to.
    pub incident: Option<IncidentId>,
    /// Its state.
    pub state: BatchState,
    /// All keys that were planned, those without a place among them.
    pub total: u32,
    /// The numbers of its plan.
    pub facts: Value,
    /// When it began.
    pub created_at: Timestamp,
}

/// An evacuation to begin, or to go on with.
#[derive(Debug, Clone)]
pub struct NewEvacuation<'a> {
    /// The instance that everybody leaves.
    pub source: &'a InstanceId,
    /// It is begun only while that instance is down since exactly then; `None`: whatever its state.
    pub down_since: Option<Timestamp>,
    /// The admin who wished it; `None`: the service by itself.
    pub by: Option<UserId>,
    /// The set to add to.
    pub batch: Option<BatchId>,
    /// The incident.
    pub incident: Option<IncidentId>,
    /// Who goes where.
    pub plan: &'a Plan,
    /// At most so many instances may be evacuated by the service at once, this one included.
    pub at_once: u32,
    /// Who we are on the panels.
    pub installation: &'a InstallationId,
}

/// What came of beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BegunEvacuation {
    /// It goes on, with so many keys more.
    Yes {
        /// The set.
        batch: BatchId,
        /// Keys that got an operation.
        begun: u32,
    },
    /// The instance is not down any more, or anew.
    NotDown,
    /// A flag stands against it.
    Stopped,
    /// As many instances as may be evacuated at once are.
    Enough,
}

/// How far an evacuation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Course {
    /// Served elsewhere.
    pub moved: u32,
    /// Open and with a target.
    pub open: u32,
    /// Open and waiting for room.
    pub stranded: u32,
    /// Given up: they stay, or something else became of them.
    pub stayed: u32,
}

fn evacuation_of(row: &batches::Model) -> Result<Option<Evacuation>, StoreError> {
    let corrupt = |what| StoreError::corrupt("batches", row.id, what);
    let Some(source) = &row.source_instance else { return Ok(None) };
    let facts = row.facts.clone().unwrap_or_default();
    let down_since = facts.get("down_since").cloned().and_then(|since| serde_json::from_value(since).ok());
    Ok(Some(Evacuation {
        batch: BatchId(row.id),
        source: source.parse().map_err(|_| corrupt("source_instance"))?,
        down_since: down_since.flatten(),
        automatic: row.automatic,
        by: UserId(row.created_by),
        incident: row.incident_id.map(IncidentId),
        state: rows::word(&row.state).ok_or_else(|| corrupt("state"))?,
        total: rows::count(row.total).ok_or_else(|| corrupt("total"))?,
        facts,
        created_at: row.created_at,
    }))
}

/// Keys whose account that counts is on an instance, as a sub-query.
fn at_home_on(instance: &InstanceId) -> SelectStatement {
    assignments::Entity::find()
        .select_only()
        .column(assignments::Column::ConfigId)
        .filter(assignments::Column::InstanceId.eq(instance.as_str()))
        .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
        .filter(assignments::Column::ReleasedAt.is_null())
        .into_query()
}

/// For statements over `operations`: nothing was sent for it.
fn unsent() -> Condition {
    Condition::all()
        .add(operations::Column::UnsettledAt.is_null())
        .add(operations::Column::Attempts.eq(0))
        .add(operations::Column::EndedAt.is_null())
}

/// For statements over `operations`: one that gives way to the move away from a dead instance.
fn gives_way() -> Condition {
    let causes = |causes: &[Cause]| causes.iter().map(rows::to_word).collect::<Vec<_>>();
    let planned = operations::Column::Cause.is_in(causes(&[Cause::Batch, Cause::Rebalance]));
    let waits = operations::Column::TargetInstance.is_null().and(operations::Column::Cause.is_in(causes(&[
        Cause::Owner,
        Cause::Admin,
        Cause::Service,
    ])));
    let moves = Condition::all()
        .add(operations::Column::Kind.eq(rows::to_word(Kind::Move)))
        .add(Condition::any().add(planned).add(waits))
        .add(unsent());
    let carries = operations::Column::Kind.eq(rows::to_word(Kind::Sync));
    Condition::all().add(operations::Column::EndedAt.is_null()).add(Condition::any().add(carries).add(moves))
}

/// For statements over `configs`: live keys on an instance that nothing moves yet.
fn left_on(instance: &InstanceId, now: Timestamp) -> Condition {
    let moving = operations::Entity::find()
        .select_only()
        .column(operations::Column::ConfigId)
        .filter(operations::Column::EndedAt.is_null())
        .filter(gives_way().not())
        .filter(
            Expr::col((operations::Entity, operations::Column::ConfigId))
                .equals((configs::Entity, configs::Column::Id)),
        )
        .into_query();
    Condition::all()
        .add(configs::Column::Id.in_subquery(at_home_on(instance)))
        .add(configs::Column::Wish.eq(rows::to_word(Wish::Active)))
        .add(configs::Column::ExpiresAt.is_null().or(configs::Column::ExpiresAt.gt(now)))
        .add(Expr::cust(format!("NOT ({USED_UP})")))
        .add(Expr::not_exists(moving))
}

/// The same, of those that the service may move without being asked.
fn left_unasked(instance: &InstanceId, now: Timestamp) -> Condition {
    left_on(instance, now).add(moves_by_itself())
}

impl Store {
    /// Evacuations that go on or are paused, oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn evacuations(&self) -> Result<Vec<Evacuation>, StoreError> {
        let open = [BatchState::Running, BatchState::Paused].map(rows::to_word);
        let found = batches::Entity::find()
            .filter(batches::Column::Kind.eq(EVACUATION))
            .filter(batches::Column::State.is_in(open))
            .order_by_asc(batches::Column::Id)
            .all(self.read())
            .await?;
        Ok(found.iter().map(evacuation_of).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// An evacuation, whatever its state.
    ///
    /// # Errors
    /// The database.
    pub async fn evacuation(&self, batch: BatchId) -> Result<Option<Evacuation>, StoreError> {
        let row = batches::Entity::find_by_id(batch.0).filter(batches::Column::Kind.eq(EVACUATION));
        row.one(self.read()).await?.as_ref().map_or(Ok(None), evacuation_of)
    }

    /// How far an evacuation is.
    ///
    /// # Errors
    /// The database.
    pub async fn evacuation_course(&self, batch: BatchId) -> Result<Course, StoreError> {
        let counts: Vec<(Option<String>, bool, i64)> = operations::Entity::find()
            .select_only()
            .column(operations::Column::Outcome)
            .column_as(operations::Column::TargetInstance.is_null(), "stranded")
            .column_as(operations::Column::Id.count(), "operations")
            .filter(operations::Column::BatchId.eq(batch.0))
            .group_by(operations::Column::Outcome)
            .group_by(Expr::cust("target_instance IS NULL"))
            .into_tuple()
            .all(self.read())
            .await?;
        let mut course = Course::default();
        for (outcome, stranded, count) in counts {
            let outcome: Option<Outcome> = outcome.as_deref().and_then(rows::word);
            let field = match (outcome, stranded) {
                (Some(Outcome::Done), _) => &mut course.moved,
                (Some(Outcome::Cancelled), _) => &mut course.stayed,
                (None, true) => &mut course.stranded,
                (None, false) => &mut course.open,
            };
            *field += u32::try_from(count).unwrap_or(u32::MAX);
        }
        Ok(course)
    }
}
