//! Beginning a run, and its moves one after the other.

use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::domain::key::{Role, Wish};
use crate::domain::operation::{Cause, Kind, Outcome, State};
use crate::domain::rebalance::Budget;
use crate::domain::{AccountName, AssignmentId, BatchId, ConfigId, InstanceId, Timestamp};

use super::super::adoption::moves_by_itself;
use super::super::batches::{BatchState, lock_keys};
use super::super::counters::{Deltas, Full};
use super::super::entity::{
    assignments, batches, configs, flags as flag_rows, instance_counters, instances, nodes, operations,
    tombstones,
};
use super::super::keys::USED_UP;
use super::super::{Store, StoreError, flags, rows};
use super::{BegunRun, EVACUATION, Facts, Movable, NewMoves, NewRun, REBALANCE, reason, runs};

/// The row that whoever begins a run locks, so that of two who do at once one does.
const ONE_AT_A_TIME: &str = "rebalance";

impl Store {
    /// Begins a run, unless one is open or something stands against it.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_rebalance(&self, new: &NewRun, now: Timestamp) -> Result<BegunRun, StoreError> {
        let tx = self.begin().await?;
        let row = flag_rows::ActiveModel {
            name: Set(ONE_AT_A_TIME.to_owned()),
            raised: Set(false),
            since: Set(now),
            facts: Set(None),
        };
        let known = OnConflict::column(flag_rows::Column::Name).do_nothing().to_owned();
        flag_rows::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
        let row = flag_rows::Entity::find_by_id(ONE_AT_A_TIME.to_owned()).filter(nothing_stands_against());
        if row.lock(LockType::Update).one(&tx).await?.is_none() {
            return Ok(BegunRun::Stopped);
        }
        let open = [BatchState::Running, BatchState::Paused].map(rows::to_word);
        if let Some(open) = runs().filter(batches::Column::State.is_in(open)).one(&tx).await? {
            return Ok(BegunRun::Open(BatchId(open.id)));
        }
        let facts = Facts { parts: new.parts.clone(), back_of: new.back_of };
        let total: u32 = new.parts.iter().map(crate::domain::rebalance::Part::moves).sum();
        let row = batches::ActiveModel {
            created_by: Set(new.by.map_or(0, |user| user.0)),
            state: Set(rows::to_word(BatchState::Running)),
            kind: Set(REBALANCE.to_owned()),
            automatic: Set(new.by.is_none()),
            facts: Set(Some(serde_json::json!(facts))),
            total: Set(i32::try_from(total).unwrap_or(i32::MAX)),
            created_at: Set(now),
            ..Default::default()
        };
        let batch = BatchId(row.insert(&tx).await?.id);
        tx.commit().await?;
        Ok(BegunRun::Yes(batch))
    }

    /// Keys that may be moved from an instance to another, those that were used longest ago first; of those that the
    /// run `back_of` moved, whatever they were through, if it is named.
    ///
    /// # Errors
    /// The database.
    pub async fn movable(
        &self,
        from: &InstanceId,
        to: &InstanceId,
        back_of: Option<BatchId>,
        limit: u64,
        now: Timestamp,
    ) -> Result<Vec<Movable>, StoreError> {
        let keys = configs::Entity::find()
            .select_only()
            .column(configs::Column::Id)
            .filter(may_move(from, to, back_of, now))
            .into_query();
        let found: Vec<(i64, i64, String)> = assignments::Entity::find()
            .select_only()
            .columns([assignments::Column::ConfigId, assignments::Column::Id, assignments::Column::Account])
            .filter(assignments::Column::InstanceId.eq(from.as_str()))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::ConfigId.in_subquery(keys))
            // Never used comes first, on both kinds of database.
            .order_by_desc(assignments::Column::OnlineAt.is_null())
            .order_by_asc(assignments::Column::OnlineAt)
            .order_by_asc(assignments::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        let movable = |(config, assignment, account)| Movable {
            config: ConfigId(config),
            assignment: AssignmentId(assignment),
            account: AccountName::stored(account),
        };
        Ok(found.into_iter().map(movable).collect())
    }

    /// Begins moves of a run, each with its target and its place there, as far as the run goes on, the plan has so many
    /// left, the keys may still be moved and there is room. How many were begun.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_rebalance_moves(&self, new: &NewMoves<'_>, now: Timestamp) -> Result<u32, StoreError> {
        let tx = self.begin().await?;
        let goes_on = runs()
            .filter(batches::Column::Id.eq(new.batch.0))
            .filter(batches::Column::State.eq(rows::to_word(BatchState::Running)))
            .filter(nothing_stands_against())
            .lock(LockType::Update);
        let Some(batch) = goes_on.one(&tx).await? else { return Ok(0) };
        let facts: Option<Facts> = rows::json_opt(batch.facts.as_ref()).flatten();
        let mut facts = facts.ok_or_else(|| StoreError::corrupt("batches", batch.id, "facts"))?;
        let leg = facts.parts.iter_mut().flat_map(|part| &mut part.legs);
        let Some(leg) =
            leg.filter(|leg| leg.from == *new.from && leg.to == *new.to).find(|leg| leg.left() > 0)
        else {
            return Ok(0);
        };
        let mut keys = lock_movable(&tx, new, facts.back_of, now).await?;
        keys.truncate(usize::try_from(leg.left()).unwrap_or(usize::MAX));
        let begun = insert_moves(&tx, new, keys, now).await?;
        if begun == 0 {
            return Ok(0);
        }
        leg.begun += begun;
        batches::Entity::update_many()
            .col_expr(batches::Column::Facts, Expr::value(Some(serde_json::json!(facts))))
            .filter(batches::Column::Id.eq(new.batch.0))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(begun)
    }
}

/// No flag is raised and nobody is being evacuated: a condition for statements that begin something.
fn nothing_stands_against() -> Condition {
    let open = [BatchState::Running, BatchState::Paused].map(rows::to_word);
    // Named apart: the statement around it may be over the same table.
    let evacuation = sea_orm::sea_query::Query::select()
        .expr(Expr::value(1))
        .from_as(batches::Entity, "evacuation")
        .and_where(Expr::col(("evacuation", batches::Column::Kind)).eq(EVACUATION))
        .and_where(Expr::col(("evacuation", batches::Column::State)).is_in(open))
        .to_owned();
    flags::moves_may_begin().add(Expr::not_exists(evacuation))
}

/// For statements over `configs`: keys that may be moved from an instance to another.
///
/// Live ones on which nothing works, whose users were not active lately, which were not moved lately, and of which
/// nothing is to be deleted there. With `back_of`, those that this run moved, however lately.
fn may_move(from: &InstanceId, to: &InstanceId, back_of: Option<BatchId>, now: Timestamp) -> Condition {
    use assignments::Column;
    let home = assignments::Entity::find()
        .select_only()
        .column(Column::ConfigId)
        .filter(Column::InstanceId.eq(from.as_str()))
        .filter(Column::Role.eq(rows::to_word(Role::Primary)))
        .filter(Column::ReleasedAt.is_null())
        .filter(Column::OnlineAt.is_null().or(Column::OnlineAt.lte(now - Budget::IDLE)))
        .filter(match back_of {
            Some(_) => Condition::all(),
            // Who just set up a device is not disturbed.
            None => Condition::all().add(Column::CreatedAt.lte(now - Budget::SETTLED)),
        });
    let open = operations::Entity::find()
        .select_only()
        .column(operations::Column::ConfigId)
        .filter(operations::Column::EndedAt.is_null());
    let buried = tombstones::Entity::find()
        .select_only()
        .column(tombstones::Column::ConfigId)
        .filter(tombstones::Column::InstanceId.eq(to.as_str()))
        .filter(tombstones::Column::GoneAt.is_null());
    // Whoever chose a location that only an exit has keeps it.
    let exits = |of: &InstanceId| {
        let regions = nodes::Entity::find().select_only().column(nodes::Column::Region);
        let there = regions.filter(nodes::Column::InstanceId.eq(of.as_str()));
        there.filter(nodes::Column::Region.is_not_null()).into_query()
    };
    let wanted = configs::Column::WantedRegion;
    let keeps_location =
        wanted.is_null().or(wanted.not_in_subquery(exits(from))).or(wanted.in_subquery(exits(to)));
    let moved = operations::Entity::find()
        .select_only()
        .column(operations::Column::ConfigId)
        .filter(operations::Column::Outcome.eq(rows::to_word(Outcome::Done)))
        .filter(operations::Column::Kind.eq(rows::to_word(Kind::Move)))
        .filter(
            Expr::col((operations::Entity, operations::Column::ConfigId))
                .equals((configs::Entity, configs::Column::Id)),
        );
    let history = match back_of {
        Some(run) => {
            let by_run = moved
                .filter(operations::Column::BatchId.eq(run.0))
                .filter(operations::Column::TargetInstance.eq(from.as_str()));
            Expr::exists(by_run.into_query())
        }
        None => {
            let lately = moved.filter(operations::Column::EndedAt.gt(now - Budget::REST));
            Expr::not_exists(lately.into_query())
        }
    };
    Condition::all()
        .add(configs::Column::Id.in_subquery(home.into_query()))
        .add(keeps_location)
        .add(configs::Column::Wish.eq(rows::to_word(Wish::Active)))
        .add(configs::Column::ExpiresAt.is_null().or(configs::Column::ExpiresAt.gt(now)))
        .add(Expr::cust(format!("NOT ({USED_UP})")))
        .add(moves_by_itself())
        .add(configs::Column::Id.not_in_subquery(open.into_query()))
        .add(configs::Column::Id.not_in_subquery(buried.into_query()))
        .add(history)
}

/// What is needed of a key: its number, its revision, the number of its last account.
type Known = (i64, i64, i32);

/// Locks the keys, in the order of all who do, and says which of them may still be moved.
async fn lock_movable(
    tx: &DatabaseTransaction,
    new: &NewMoves<'_>,
    back_of: Option<BatchId>,
    now: Timestamp,
) -> Result<Vec<Known>, StoreError> {
    lock_keys(tx, new.keys.iter().map(|config| config.0)).await?;
    // Asked again now that nobody else changes them.
    let known = configs::Entity::find()
        .select_only()
        .columns([configs::Column::Id, configs::Column::Revision, configs::Column::Generation])
        .filter(configs::Column::Id.is_in(new.keys.iter().map(|config| config.0)))
        .filter(may_move(new.from, new.to, back_of, now))
        .order_by_asc(configs::Column::Id);
    Ok(known.into_tuple().all(tx).await?)
}

/// The operations, with an account left behind there taken back, or else a place taken while there is room.
async fn insert_moves(
    tx: &DatabaseTransaction,
    new: &NewMoves<'_>,
    keys: Vec<Known>,
    now: Timestamp,
) -> Result<u32, StoreError> {
    // Locked before its cap is compared: others take places there too.
    let counters = instance_counters::Entity::find_by_id(new.to.to_string()).lock(LockType::Update);
    let counters = counters.one(tx).await?;
    let cap = instances::Entity::find_by_id(new.to.to_string()).one(tx).await?;
    let (Some(counters), Some(cap)) = (counters, cap) else { return Ok(0) };
    let taken = counters.active + counters.reserved + counters.lingering + counters.foreign_users;
    let mut room = u32::try_from(cap.max_users.saturating_sub(taken)).unwrap_or(0);
    let (mut deltas, mut begun) = (Deltas::default(), 0);
    for (config, revision, generation) in keys {
        let left_there = assignments::Entity::find()
            .filter(assignments::Column::ConfigId.eq(config))
            .filter(assignments::Column::InstanceId.eq(new.to.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .one(tx)
            .await?;
        if left_there.is_none() && room == 0 {
            continue;
        }
        let (account, number) = match &left_there {
            Some(left) => (left.account.clone(), left.generation),
            None => {
                let number = generation + 1;
                let count = rows::count(number)
                    .ok_or_else(|| StoreError::corrupt("configs", config, "generation"))?;
                configs::Entity::update_many()
                    .col_expr(configs::Column::Generation, Expr::value(number))
                    .filter(configs::Column::Id.eq(config))
                    .exec(tx)
                    .await?;
                room -= 1;
                deltas.reserve(new.to);
                let name = AccountName::new(new.installation, ConfigId(config), count);
                (name.as_str().to_owned(), number)
            }
        };
        let row = operations::ActiveModel {
            config_id: Set(config),
            kind: Set(rows::to_word(Kind::Move)),
            state: Set(rows::to_word(State::Planned)),
            cause: Set(rows::to_word(Cause::Rebalance)),
            person_waits: Set(false),
            revision: Set(revision),
            epoch: Set(0),
            wanted_instance: Set(Some(new.to.to_string())),
            target_instance: Set(Some(new.to.to_string())),
            target_account: Set(Some(account)),
            target_generation: Set(Some(number)),
            holds_place: Set(left_there.is_none()),
            back_to: Set(left_there.map(|left| left.id)),
            attempts: Set(0),
            tried: Set(serde_json::json!([])),
            reason: Set(Some(reason(new.from))),
            next_at: Set(now),
            batch_id: Set(Some(new.batch.0)),
            created_at: Set(now),
            ..Default::default()
        };
        row.insert(tx).await?;
        begun += 1;
    }
    // The row is locked and there was room: it cannot be full.
    if let Err(Full) = deltas.apply(tx, now).await? {
        return Err(StoreError::corrupt("instance_counters", 0, "cap"));
    }
    Ok(begun)
}
