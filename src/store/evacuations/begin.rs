//! Beginning: all or nothing, for a whole instance or for the one who asks.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::failover::Plan;
use crate::domain::instance::Health;
use crate::domain::key::Role;
use crate::domain::operation::{Cause, Kind, State};
use crate::domain::{AccountName, BatchId, ConfigId, InstanceId, OperationId, Timestamp};

use super::super::batches::{BatchState, KEYS_AT_ONCE, ROWS_AT_ONCE, lock_keys};
use super::super::counters::{Deltas, Full};
use super::super::entity::{
    assignments, batches, configs, instance_counters, instance_health, instances, operations, waitlist,
};
use super::super::operations::{Begun, NewOperation, begin_or_queue};
use super::super::{Store, StoreError, flags, rows};
use super::stop::{end_all, put_wishes_off};
use super::{BegunEvacuation, EVACUATION, NewEvacuation, at_home_on, gives_way, left_on, left_unasked};

/// Evacuees stand before newcomers.
const EVACUEE: i32 = 0;

impl Store {
    /// Begins an evacuation, or adds to one: its row, an operation per key with its target and its place there, and a
    /// place on the waitlist for those that found none. Keys that something else works on meanwhile are left out, and
    /// where a target has filled up since the plan was made, the last ones wait for room elsewhere.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_evacuation(
        &self,
        new: &NewEvacuation<'_>,
        now: Timestamp,
    ) -> Result<BegunEvacuation, StoreError> {
        let tx = self.begin().await?;
        if let Some(refused) = refused(&tx, new).await? {
            return Ok(refused);
        }
        let mut keys: Vec<i64> = new.plan.moves.iter().map(|way| way.config.0).collect();
        keys.extend(new.plan.stranded.iter().map(|config| config.0));
        keys.sort_unstable();
        let (known, mut deltas) = take_over(&tx, new.source, &keys, new.by.is_none(), now).await?;
        if known.is_empty() {
            return Ok(BegunEvacuation::Yes { batch: new.batch.unwrap_or(BatchId(0)), begun: 0 });
        }
        let batch = match new.batch {
            Some(batch) => batch,
            None => insert_batch(&tx, new, now).await?,
        };
        let fitting = reserve(&tx, new.plan, &known, &mut deltas).await?;
        let begun = insert_operations(&tx, new, batch, &known, fitting, now).await?;
        if let Err(Full) = deltas.apply(&tx, now).await? {
            return Err(StoreError::corrupt("instance_counters", 0, "cap"));
        }
        batches::Entity::update_many()
            .col_expr(batches::Column::Total, Expr::col(batches::Column::Total).add(begun))
            .filter(batches::Column::Id.eq(batch.0))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(BegunEvacuation::Yes { batch, begun: rows::count(begun).unwrap_or_default() })
    }

    /// Moves one key away from a dead instance, since its owner asks: its own operation is hurried, one that gives way
    /// is replaced. `None`: the key is elsewhere by now, or that instance is not down.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_leaving(
        &self,
        config: ConfigId,
        source: &InstanceId,
        new: &NewOperation,
        now: Timestamp,
    ) -> Result<Option<Begun>, StoreError> {
        let tx = self.begin().await?;
        let down = instance_health::Entity::find_by_id(source.to_string())
            .filter(instance_health::Column::Health.eq(rows::to_word(Health::Down)))
            .count(&tx)
            .await?;
        let Some(key) = configs::Entity::find_by_id(config.0).lock(LockType::Update).one(&tx).await? else {
            return Ok(None);
        };
        let here = Condition::all()
            .add(configs::Column::Id.eq(config.0))
            .add(configs::Column::Id.in_subquery(at_home_on(source)));
        let here = configs::Entity::find().filter(here).count(&tx).await?;
        if down == 0 || here == 0 {
            return Ok(None);
        }
        let open = Condition::all()
            .add(operations::Column::ConfigId.eq(config.0))
            .add(operations::Column::EndedAt.is_null());
        let mut deltas = Deltas::default();
        put_wishes_off(&tx, open.clone().add(gives_way())).await?;
        end_all(&tx, open.clone().add(gives_way()), &mut deltas, now).await?;
        let _ = deltas.apply(&tx, now).await?;
        let hurried = operations::Entity::update_many()
            .col_expr(operations::Column::PersonWaits, Expr::value(true))
            .col_expr(operations::Column::AskedBy, Expr::value(new.asked_by.map(|user| user.0)))
            .col_expr(operations::Column::NextAt, Expr::value(now))
            .filter(open.clone())
            .filter(operations::Column::Cause.eq(rows::to_word(Cause::Failover)))
            .exec(&tx)
            .await?;
        let begun = if hurried.rows_affected > 0 {
            let row = operations::Entity::find().filter(open).one(&tx).await?;
            row.map(|row| Begun::Same(OperationId(row.id), config))
        } else {
            Some(begin_or_queue(&tx, self.secrets(), &key, new, now).await?)
        };
        tx.commit().await?;
        Ok(begun)
    }
}

/// Why an evacuation may not begin now, as the database has it.
async fn refused(
    tx: &DatabaseTransaction,
    new: &NewEvacuation<'_>,
) -> Result<Option<BegunEvacuation>, StoreError> {
    if let Some(since) = new.down_since {
        // Locked: who sees the instance come back waits, and then finds the operations to cancel.
        let down = instance_health::Entity::find_by_id(new.source.to_string())
            .filter(instance_health::Column::Health.eq(rows::to_word(Health::Down)))
            .filter(instance_health::Column::Since.eq(since))
            .lock(LockType::Update)
            .one(tx)
            .await?;
        if down.is_none() {
            return Ok(Some(BegunEvacuation::NotDown));
        }
    }
    if new.by.is_some() {
        return Ok(None);
    }
    let free = instances::Entity::find_by_id(new.source.to_string()).filter(flags::moves_may_begin());
    if free.count(tx).await? == 0 {
        return Ok(Some(BegunEvacuation::Stopped));
    }
    let mut others = batches::Entity::find()
        .filter(batches::Column::Kind.eq(EVACUATION))
        .filter(batches::Column::Automatic.eq(true))
        .filter(batches::Column::State.eq(rows::to_word(BatchState::Running)))
        .filter(batches::Column::SourceInstance.ne(new.source.as_str()));
    if let Some(batch) = new.batch {
        others = others.filter(batches::Column::Id.ne(batch.0));
    }
    let enough = others.count(tx).await? >= u64::from(new.at_once);
    Ok(enough.then_some(BegunEvacuation::Enough))
}

/// What is needed of a key: its revision and the number of its last account.
type Known = HashMap<i64, (i64, i32)>;

/// Locks the keys, ends what gives way, and says which of them are still to be moved.
async fn take_over(
    tx: &DatabaseTransaction,
    source: &InstanceId,
    keys: &[i64],
    unasked: bool,
    now: Timestamp,
) -> Result<(Known, Deltas), StoreError> {
    let (mut known, mut deltas) = (Known::new(), Deltas::default());
    for chunk in keys.chunks(KEYS_AT_ONCE) {
        lock_keys(tx, chunk.iter().copied()).await?;
        // Asked again now that nobody else changes them.
        let live: Vec<(i64, i64, i32)> = configs::Entity::find()
            .select_only()
            .columns([configs::Column::Id, configs::Column::Revision, configs::Column::Generation])
            .filter(configs::Column::Id.is_in(chunk.iter().copied()))
            .filter(if unasked { left_unasked(source, now) } else { left_on(source, now) })
            .into_tuple()
            .all(tx)
            .await?;
        let ids: Vec<i64> = live.iter().map(|(id, ..)| *id).collect();
        known.extend(live.into_iter().map(|(id, revision, generation)| (id, (revision, generation))));
        let give_way = Condition::all().add(operations::Column::ConfigId.is_in(ids)).add(gives_way());
        put_wishes_off(tx, give_way.clone()).await?;
        end_all(tx, give_way, &mut deltas, now).await?;
    }
    Ok((known, deltas))
}

async fn insert_batch(
    tx: &DatabaseTransaction,
    new: &NewEvacuation<'_>,
    now: Timestamp,
) -> Result<BatchId, StoreError> {
    let plan = new.plan;
    let facts = serde_json::json!({
        "down_since": new.down_since,
        "per_target": plan.per_target,
        "stranded": plan.stranded.len(),
        "classes": plan.classes,
    });
    let row = batches::ActiveModel {
        created_by: Set(new.by.map_or(0, |user| user.0)),
        source_instance: Set(Some(new.source.to_string())),
        state: Set(rows::to_word(BatchState::Running)),
        kind: Set(EVACUATION.to_owned()),
        automatic: Set(new.by.is_none()),
        incident_id: Set(new.incident.map(|incident| incident.0)),
        facts: Set(Some(facts)),
        total: Set(0),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(BatchId(row.insert(tx).await?.id))
}

/// Counts the places to take on each target, and says how many it has room for by now: the plan was made from counts of
/// a moment ago.
async fn reserve(
    tx: &DatabaseTransaction,
    plan: &Plan,
    known: &Known,
    deltas: &mut Deltas,
) -> Result<BTreeMap<InstanceId, u32>, StoreError> {
    let mut fitting: BTreeMap<InstanceId, u32> = BTreeMap::new();
    for way in plan.moves.iter().filter(|way| way.back_to.is_none() && known.contains_key(&way.config.0)) {
        *fitting.entry(way.target.clone()).or_default() += 1;
    }
    for (target, count) in &mut fitting {
        // Locked in order of instance id, as all who change counters do.
        let counters =
            instance_counters::Entity::find_by_id(target.to_string()).lock(LockType::Update).one(tx).await?;
        let cap = instances::Entity::find_by_id(target.to_string()).one(tx).await?;
        let (Some(counters), Some(cap)) = (counters, cap) else {
            *count = 0;
            continue;
        };
        let taken = counters.active + counters.reserved + counters.lingering + counters.foreign_users;
        let room = u32::try_from(cap.max_users.saturating_sub(taken)).unwrap_or(0);
        *count = Ord::min(*count, room);
        deltas.reserve_many(target, *count);
    }
    Ok(fitting)
}

/// The operations in the order of the plan, and the waitlist for those without a target. How many.
async fn insert_operations(
    tx: &DatabaseTransaction,
    new: &NewEvacuation<'_>,
    batch: BatchId,
    known: &Known,
    mut fitting: BTreeMap<InstanceId, u32>,
    now: Timestamp,
) -> Result<i32, StoreError> {
    let cause = if new.by.is_some() { Cause::Batch } else { Cause::Failover };
    let reason = serde_json::json!({ "left": new.source });
    let row = |config: i64, revision: i64| operations::ActiveModel {
        config_id: Set(config),
        kind: Set(rows::to_word(Kind::Move)),
        state: Set(rows::to_word(State::Waiting)),
        cause: Set(rows::to_word(cause)),
        asked_by: Set(None),
        person_waits: Set(false),
        revision: Set(revision),
        epoch: Set(0),
        target_instance: Set(None),
        target_account: Set(None),
        target_generation: Set(None),
        holds_place: Set(false),
        back_to: Set(None),
        attempts: Set(0),
        tried: Set(serde_json::json!([])),
        reason: Set(Some(reason.clone())),
        next_at: Set(now),
        batch_id: Set(Some(batch.0)),
        created_at: Set(now),
        ..Default::default()
    };
    let (mut rows, mut named, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    let mut lingering: HashMap<i64, assignments::Model> = HashMap::new();
    let back: Vec<i64> = new.plan.moves.iter().filter_map(|way| way.back_to.map(|id| id.0)).collect();
    for chunk in back.chunks(KEYS_AT_ONCE) {
        let found = assignments::Entity::find()
            .filter(assignments::Column::Id.is_in(chunk.iter().copied()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Lingering)))
            .all(tx)
            .await?;
        lingering.extend(found.into_iter().map(|row| (row.id, row)));
    }
    for way in &new.plan.moves {
        let Some((revision, generation)) = known.get(&way.config.0).copied() else { continue };
        let mut operation = row(way.config.0, revision);
        let (account, number) = match way.back_to {
            Some(id) => match lingering.get(&id.0) {
                Some(left) => {
                    operation.back_to = Set(Some(left.id));
                    (left.account.clone(), left.generation)
                }
                None => {
                    // It was let go meanwhile.
                    waiting.push(way.config.0);
                    rows.push(operation);
                    continue;
                }
            },
            None => {
                let room = fitting.get_mut(&way.target);
                let Some(room) = room.filter(|room| **room > 0) else {
                    waiting.push(way.config.0);
                    rows.push(operation);
                    continue;
                };
                *room -= 1;
                let number = generation + 1;
                let count = rows::count(number)
                    .ok_or_else(|| StoreError::corrupt("configs", way.config.0, "generation"))?;
                named.push(way.config.0);
                operation.holds_place = Set(true);
                let name = AccountName::new(new.installation, way.config, count);
                (name.as_str().to_owned(), number)
            }
        };
        operation.state = Set(rows::to_word(State::Planned));
        operation.target_instance = Set(Some(way.target.to_string()));
        operation.target_account = Set(Some(account));
        operation.target_generation = Set(Some(number));
        rows.push(operation);
    }
    for config in &new.plan.stranded {
        if let Some((revision, _)) = known.get(&config.0) {
            waiting.push(config.0);
            rows.push(row(config.0, *revision));
        }
    }
    let begun = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        operations::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(tx).await?;
    }
    for chunk in named.chunks(KEYS_AT_ONCE) {
        configs::Entity::update_many()
            .col_expr(configs::Column::Generation, Expr::col(configs::Column::Generation).add(1))
            .filter(configs::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    for chunk in waiting.chunks(KEYS_AT_ONCE) {
        line_up(tx, batch, chunk, now).await?;
    }
    Ok(begun)
}

/// Puts the operations of some keys on the waitlist, before all newcomers.
async fn line_up(
    tx: &DatabaseTransaction,
    batch: BatchId,
    keys: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = operations::Entity::find()
        .select_only()
        .column(operations::Column::Id)
        .filter(operations::Column::BatchId.eq(batch.0))
        .filter(operations::Column::ConfigId.is_in(keys.iter().copied()))
        .filter(operations::Column::EndedAt.is_null())
        .order_by_asc(operations::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let line = ids.into_iter().map(|id| waitlist::ActiveModel {
        operation_id: Set(id),
        region: Set(None),
        class: Set(EVACUEE),
        since: Set(now),
    });
    let line: Vec<_> = line.collect();
    for chunk in line.chunks(ROWS_AT_ONCE) {
        let known = OnConflict::column(waitlist::Column::OperationId).do_nothing().to_owned();
        waitlist::Entity::insert_many(chunk.iter().cloned())
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
