//! The load is evened out: the durable plan, and its moves, begun a few at a time.
//!
//! A run is a set of moves (`batches`, kind `rebalance`) whose facts hold the plan: from whom to whom, how many, and how
//! many of them were begun. A move is begun with its target and its place there, in the transaction that counts it as
//! begun, so that a crash neither forgets nor repeats one. One run at most is open.

mod begin;

use std::collections::BTreeMap;

use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use crate::domain::account::InstallationId;
use crate::domain::key::Role;
use crate::domain::operation::Outcome;
use crate::domain::rebalance::Part;
use crate::domain::{AccountName, AssignmentId, BatchId, ConfigId, InstanceId, Timestamp, UserId};

use super::batches::BatchState;
use super::entity::{assignments, batches, operations};
use super::flags::{EVACUATIONS_PAUSED, Flag, HOLD, PANIC};
use super::{Store, StoreError, rows};

/// The kind of such a set.
pub(super) const REBALANCE: &str = "rebalance";
/// The kind of an evacuation.
const EVACUATION: &str = "evacuation";

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The set.
    pub batch: BatchId,
    /// The service began it by itself.
    pub automatic: bool,
    /// The admin who did, if not; 0 is the command line.
    pub by: UserId,
    /// Its state.
    pub state: BatchState,
    /// What is done where.
    pub parts: Vec<Part>,
    /// The run whose moves it takes back.
    pub back_of: Option<BatchId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Run {
    /// All moves of its plan.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.parts.iter().map(Part::moves).sum()
    }
}

/// What the plan is stored as.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Facts {
    parts: Vec<Part>,
    back_of: Option<BatchId>,
}

/// A run to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// The admin who wishes it; `None`: the service by itself.
    pub by: Option<UserId>,
    /// What is to be done where.
    pub parts: Vec<Part>,
    /// The run whose moves it takes back.
    pub back_of: Option<BatchId>,
}

/// What came of beginning a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BegunRun {
    /// It goes on.
    Yes(BatchId),
    /// One is open already.
    Open(BatchId),
    /// A flag or an evacuation stands against it.
    Stopped,
}

/// A key that could be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movable {
    /// Which.
    pub config: ConfigId,
    /// Its account that counts.
    pub assignment: AssignmentId,
    /// That account's name.
    pub account: AccountName,
}

/// Moves to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewMoves<'a> {
    /// The run.
    pub batch: BatchId,
    /// From here.
    pub from: &'a InstanceId,
    /// To there.
    pub to: &'a InstanceId,
    /// These keys, as far as they may still be moved.
    pub keys: &'a [ConfigId],
    /// Who we are on the panels.
    pub installation: &'a InstallationId,
}

/// A key that a run moved and that nothing has moved since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub config: ConfigId,
    /// Where it was.
    pub from: InstanceId,
    /// Where it is.
    pub to: InstanceId,
}

/// A move that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The run.
    pub batch: BatchId,
    /// From here.
    pub from: InstanceId,
    /// To there.
    pub to: InstanceId,
    /// When.
    pub at: Timestamp,
    /// It is under way.
    pub is_open: bool,
}

/// What stands against moving anything, as the database has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Against {
    /// Flags that are raised, or were lowered since the time asked for; those that are raised first.
    pub flags: Vec<(&'static str, Flag)>,
    /// An evacuation is open.
    pub evacuating: bool,
    /// When the last evacuation ended, if since the time asked for.
    pub evacuated_at: Option<Timestamp>,
}

/// Why a key is where it is: what is stored with a move.
fn reason(from: &InstanceId) -> serde_json::Value {
    serde_json::json!({ "evened_out_from": from })
}

fn from_of(reason: Option<&serde_json::Value>) -> Option<InstanceId> {
    reason?.get("evened_out_from")?.as_str()?.parse().ok()
}

fn run_of(row: &batches::Model) -> Result<Run, StoreError> {
    let corrupt = |what| StoreError::corrupt("batches", row.id, what);
    let facts: Option<Facts> = rows::json_opt(row.facts.as_ref()).ok_or_else(|| corrupt("facts"))?;
    let facts = facts.ok_or_else(|| corrupt("facts"))?;
    Ok(Run {
        batch: BatchId(row.id),
        automatic: row.automatic,
        by: UserId(row.created_by),
        state: rows::word(&row.state).ok_or_else(|| corrupt("state"))?,
        parts: facts.parts,
        back_of: facts.back_of,
        created_at: row.created_at,
        ended_at: row.ended_at,
    })
}

/// Runs, as a sub-query of their numbers.
fn runs() -> sea_orm::Select<batches::Entity> {
    batches::Entity::find().filter(batches::Column::Kind.eq(REBALANCE))
}

/// Operations of all runs that may have begun moves since `since`, as a sub-query.
fn recent_runs(since: Timestamp) -> SelectStatement {
    runs()
        .select_only()
        .column(batches::Column::Id)
        .filter(batches::Column::EndedAt.is_null().or(batches::Column::EndedAt.gt(since)))
        .into_query()
}

impl Store {
    /// A run, whatever its state.
    ///
    /// # Errors
    /// The database.
    pub async fn rebalance(&self, batch: BatchId) -> Result<Option<Run>, StoreError> {
        let row = runs().filter(batches::Column::Id.eq(batch.0)).one(self.read()).await?;
        row.as_ref().map(run_of).transpose()
    }

    /// The run that is open, if one is, else the last one.
    ///
    /// # Errors
    /// The database.
    pub async fn latest_rebalance(&self) -> Result<Option<Run>, StoreError> {
        let row = runs().order_by_desc(batches::Column::Id).one(self.read()).await?;
        row.as_ref().map(run_of).transpose()
    }

    /// Moves that were begun since `since` or are under way, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn rebalanced_since(&self, since: Timestamp) -> Result<Vec<Started>, StoreError> {
        use operations::Column;
        type Seen =
            (i64, Option<i64>, Option<String>, Option<serde_json::Value>, Timestamp, Option<Timestamp>);
        let found: Vec<Seen> = operations::Entity::find()
            .select_only()
            .columns([
                Column::Id,
                Column::BatchId,
                Column::WantedInstance,
                Column::Reason,
                Column::CreatedAt,
                Column::EndedAt,
            ])
            .filter(Column::BatchId.in_subquery(recent_runs(since)))
            .filter(Column::CreatedAt.gt(since).or(Column::EndedAt.is_null()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(self.read())
            .await?;
        let started = found.into_iter().map(|(id, batch, to, reason, at, ended)| {
            let corrupt = |what| StoreError::corrupt("operations", id, what);
            let batch = BatchId(batch.ok_or_else(|| corrupt("batch_id"))?);
            let to = to.and_then(|to| to.parse().ok()).ok_or_else(|| corrupt("wanted_instance"))?;
            let from = from_of(reason.as_ref()).ok_or_else(|| corrupt("reason"))?;
            Ok(Started { batch, from, to, at, is_open: ended.is_none() })
        });
        started.collect()
    }

    /// The keys that a run moved and that are where it put them.
    ///
    /// # Errors
    /// The database.
    pub async fn moved_by(&self, batch: BatchId) -> Result<Vec<Moved>, StoreError> {
        use operations::Column;
        type Seen = (i64, Option<String>, Option<String>, Option<serde_json::Value>);
        let found: Vec<Seen> = operations::Entity::find()
            .select_only()
            .columns([Column::ConfigId, Column::TargetInstance, Column::TargetAccount, Column::Reason])
            .filter(Column::BatchId.eq(batch.0))
            .filter(Column::Outcome.eq(rows::to_word(Outcome::Done)))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(self.read())
            .await?;
        let mut still: BTreeMap<i64, (String, String)> = BTreeMap::new();
        let ids: Vec<i64> = found.iter().map(|(config, ..)| *config).collect();
        for chunk in ids.chunks(400) {
            let homes: Vec<(i64, String, String)> = assignments::Entity::find()
                .select_only()
                .columns([
                    assignments::Column::ConfigId,
                    assignments::Column::InstanceId,
                    assignments::Column::Account,
                ])
                .filter(assignments::Column::ConfigId.is_in(chunk.iter().copied()))
                .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
                .filter(assignments::Column::ReleasedAt.is_null())
                .into_tuple()
                .all(self.read())
                .await?;
            still.extend(homes.into_iter().map(|(config, instance, account)| (config, (instance, account))));
        }
        let moved = found.into_iter().filter_map(|(config, to, account, reason)| {
            let (to, account) = (to?, account?);
            let stays = still.get(&config).is_some_and(|home| *home == (to.clone(), account));
            let from = from_of(reason.as_ref())?;
            stays.then(|| Some(Moved { config: ConfigId(config), from, to: to.parse().ok()? }))?
        });
        Ok(moved.collect())
    }

    /// What stands against moving anything now, or stood since `since`.
    ///
    /// # Errors
    /// The database.
    pub async fn against_rebalance(&self, since: Timestamp) -> Result<Against, StoreError> {
        let mut against = Against::default();
        for name in [PANIC, HOLD, EVACUATIONS_PAUSED] {
            if let Some(flag) = self.flag(name).await?
                && (flag.raised || flag.since > since)
            {
                against.flags.push((name, flag));
            }
        }
        against.flags.sort_by_key(|(_, flag)| !flag.raised);
        let open = [BatchState::Running, BatchState::Paused].map(rows::to_word);
        let evacuations = batches::Entity::find().filter(batches::Column::Kind.eq(EVACUATION));
        let running = evacuations.clone().filter(batches::Column::State.is_in(open));
        against.evacuating = running.count(self.read()).await? > 0;
        let ended = evacuations
            .filter(batches::Column::EndedAt.gt(since))
            .order_by_desc(batches::Column::EndedAt)
            .one(self.read())
            .await?;
        against.evacuated_at = ended.and_then(|row| row.ended_at);
        Ok(against)
    }
}
