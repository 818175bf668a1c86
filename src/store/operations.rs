//! Operations: begun, claimed, planned, sent, switched, ended.
//!
//! Each method is one transaction (or one statement), and each may be repeated: what must happen once is decided by the
//! database. A write names the epoch of its claim; with an older one it changes nothing.

use std::ops::RangeInclusive;
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::domain::key::{Assignment, Role, Unsettled, Wish};
use crate::domain::operation::{Cause, Kind, NextWish, Operation, Outcome, State, Target};
use crate::domain::quota::Bytes;
use crate::domain::{
    AccountName, AssignmentId, BatchId, ConfigId, Credentials, InstanceId, OperationId, Region, Timestamp,
    UserId,
};

use super::batches::BatchState;
use super::counters::{Deltas, Full};
use super::entity::{assignments, batches, configs, instances, operations, tombstones, users, waitlist};
use super::keys::{accounts_of, config_of, credentials_identity, ended_before, link_identity};
use super::links::keep_links;
use super::outbox::NewLetter;
use super::tombstones::{Burial, bury};
use super::{Secrets, Store, StoreError, flags, outbox, rows};

/// How long a claim lasts without renewal.
const CLAIM: Duration = Duration::from_secs(30);

/// Rows of one statement.
const BATCH: usize = 500;

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Whose.
    pub owner: UserId,
    /// Its secrets, ours from the beginning.
    pub credentials: Credentials,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How much it may use.
    pub data_limit: Option<Bytes>,
    /// The location asked for.
    pub wanted_region: Option<Region>,
    /// How many live keys the owner may have.
    pub limit: u32,
}

/// An operation to begin.
#[derive(Debug, Clone)]
pub struct NewOperation {
    /// What shall be.
    pub kind: Kind,
    /// Who wished it.
    pub cause: Cause,
    /// The person who asked.
    pub asked_by: Option<UserId>,
    /// The update that carries the wish.
    pub update_id: Option<i64>,
    /// The screen that waits for it.
    pub screen: Option<i64>,
    /// Somebody looks at the screen and waits.
    pub person_waits: bool,
    /// The location asked for.
    pub region: Option<Region>,
    /// The instance asked for.
    pub wanted: Option<InstanceId>,
    /// The new secrets of a rotation.
    pub credentials: Option<Credentials>,
    /// The set it belongs to.
    pub batch: Option<BatchId>,
    /// Not before.
    pub not_before: Timestamp,
}

/// What came of beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is new.
    Fresh(OperationId, ConfigId),
    /// The same wish was under way already.
    Same(OperationId, ConfigId),
    /// It waits until the open operation ends.
    Next(OperationId, ConfigId),
    /// The owner has as many keys as allowed.
    TooMany,
    /// There is no such key or person.
    NotFound,
}

/// What a target is, when it is planned.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Where.
    pub instance: InstanceId,
    /// Whether a place must be taken in its counters.
    pub takes_place: bool,
    /// A lingering account of ours there that only needs to be taken back.
    pub back_to: Option<AssignmentId>,
    /// Why, with its numbers.
    pub reason: serde_json::Value,
}

/// Who stands on the waitlist, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The operation.
    pub operation: OperationId,
    /// Whose key.
    pub config: ConfigId,
    /// The location asked for.
    pub region: Option<Region>,
    /// The instance asked for.
    pub wanted: Option<InstanceId>,
    /// Where it does not go: there the key is now, or something of it must still be deleted.
    pub barred: Vec<InstanceId>,
    /// Its class: evacuees (0) stand before newcomers (1).
    pub class: i32,
}

/// What came of planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// The place is held: the operation as it is now.
    Yes(Box<Operation>),
    /// The instance is full.
    Full,
    /// The operation is another worker's, or ended.
    Stale,
}

/// What a switch needs to know of the verified account.
#[derive(Debug, Clone)]
pub struct Switch<'a> {
    /// The operation as it was loaded.
    pub operation: &'a Operation,
    /// What the account used on its panel.
    pub used: Bytes,
    /// The quota that it carries there.
    pub limit: Option<Bytes>,
    /// The panel's own link.
    pub link: Option<&'a str>,
    /// Its share links: what is given when the panel never answers again.
    pub links: &'a [String],
    /// A request to the account that may still land.
    pub unsettled: Option<Unsettled>,
    /// Until when the source goes on serving.
    pub linger_until: Timestamp,
    /// What people are told.
    pub letters: Vec<NewLetter>,
}

/// What is changed when a key's wish or limits change.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// Serve, pause, take away.
    pub wish: Option<Wish>,
    /// A new end; `Some(None)` is never.
    pub expires_at: Option<Option<Timestamp>>,
    /// A new quota; `Some(None)` is unlimited.
    pub data_limit: Option<Option<Bytes>>,
}

pub(super) fn operation_of(secrets: &Secrets, row: operations::Model) -> Result<Operation, StoreError> {
    let corrupt = |what| StoreError::corrupt("operations", row.id, what);
    let target = match (&row.target_instance, &row.target_account) {
        (Some(instance), Some(account)) => Some(Target {
            instance: instance.parse().map_err(|_| corrupt("target_instance"))?,
            account: AccountName::stored(account.clone()),
            generation: row
                .target_generation
                .and_then(rows::count)
                .ok_or_else(|| corrupt("target_generation"))?,
            holds_place: row.holds_place,
            back_to: row.back_to.map(AssignmentId),
            unsettled: rows::unsettled(row.unsettled_at, row.settles_at),
        }),
        _ => None,
    };
    let credentials = match &row.credentials {
        Some(sealed) => {
            let plain = secrets.open(&operation_identity(row.config_id), sealed)?;
            Some(serde_json::from_slice(&plain).map_err(|_| corrupt("credentials"))?)
        }
        None => None,
    };
    let ended = match (row.ended_at, &row.outcome) {
        (Some(at), Some(outcome)) => {
            Some((at, rows::word::<Outcome>(outcome).ok_or_else(|| corrupt("outcome"))?))
        }
        (None, None) => None,
        _ => return Err(corrupt("outcome")),
    };
    Ok(Operation {
        id: OperationId(row.id),
        config: ConfigId(row.config_id),
        kind: rows::word(&row.kind).ok_or_else(|| corrupt("kind"))?,
        state: rows::word(&row.state).ok_or_else(|| corrupt("state"))?,
        cause: rows::word(&row.cause).ok_or_else(|| corrupt("cause"))?,
        asked_by: row.asked_by.map(UserId),
        person_waits: row.person_waits,
        screen: row.screen,
        epoch: row.epoch,
        revision: row.revision,
        region: rows::parse_opt(row.region.as_deref()).ok_or_else(|| corrupt("region"))?,
        wanted: rows::parse_opt(row.wanted_instance.as_deref()).ok_or_else(|| corrupt("wanted_instance"))?,
        credentials,
        target,
        attempts: rows::count(row.attempts).ok_or_else(|| corrupt("attempts"))?,
        tried: serde_json::from_value(row.tried).map_err(|_| corrupt("tried"))?,
        next_at: row.next_at,
        batch: row.batch_id.map(BatchId),
        problem: row.problem,
        created_at: row.created_at,
        ended,
    })
}

/// The kinds of operations that this version carries out.
pub(super) fn known_kinds() -> [String; 5] {
    Kind::ALL.map(rows::to_word)
}

/// What sealing binds an operation's new secrets to.
fn operation_identity(config: i64) -> String {
    format!("operations.credentials:{config}")
}

/// The operation that works on a key.
pub(super) async fn open_of(
    db: &impl ConnectionTrait,
    secrets: &Secrets,
    config: ConfigId,
) -> Result<Option<Operation>, StoreError> {
    // One that only a newer version knows goes on all the same, there.
    let row = open_row(db, config).await?.filter(|row| known_kinds().contains(&row.kind));
    row.map(|row| operation_of(secrets, row)).transpose()
}

pub(super) async fn open_row(
    db: &impl ConnectionTrait,
    config: ConfigId,
) -> Result<Option<operations::Model>, StoreError> {
    let query = operations::Entity::find()
        .filter(operations::Column::ConfigId.eq(config.0))
        .filter(operations::Column::EndedAt.is_null());
    Ok(query.one(db).await?)
}

impl Store {
    /// Makes a key with the operation that gives it its first account.
    ///
    /// The same update has its effect once, and while a person's key is being made for the person's own asking,
    /// another request is the same wish.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_key(
        &self,
        new: &NewKey,
        operation: &NewOperation,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let tx = self.begin().await?;
        if let Some(begun) = begun_before(&tx, None, operation).await? {
            return Ok(begun);
        }
        let owner = users::Entity::find_by_id(new.owner.0).lock(LockType::Update).one(&tx).await?;
        if owner.is_none() {
            return Ok(Begun::NotFound);
        }
        let keys = configs::Entity::find().filter(configs::Column::Owner.eq(new.owner.0)).all(&tx).await?;
        let live: Vec<_> = keys.iter().filter(|key| key.wish != rows::to_word(Wish::Revoked)).collect();
        if operation.cause == Cause::Owner {
            for key in &live {
                if let Some(open) = open_row(&tx, ConfigId(key.id)).await?
                    && rows::word(&open.kind) == Some(Kind::Issue)
                {
                    return Ok(Begun::Same(OperationId(open.id), ConfigId(key.id)));
                }
            }
        }
        if u32::try_from(live.len()).is_ok_and(|live| live >= new.limit) {
            return Ok(Begun::TooMany);
        }
        let number = keys.iter().map(|key| key.number).max().unwrap_or(0) + 1;
        let config = self.insert_key(&tx, new, number, now).await?;
        let id = insert(&tx, self.secrets(), config, 1, operation, now).await?;
        outbox::push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(Begun::Fresh(id, config))
    }

    /// Begins an operation for a key. With another one open, the same wish shows that one, another wish replaces it
    /// while nothing was sent, and else waits as the one next.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_operation(
        &self,
        config: ConfigId,
        new: &NewOperation,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let tx = self.begin().await?;
        if let Some(begun) = begun_before(&tx, Some(config), new).await? {
            return Ok(begun);
        }
        let Some(key) = configs::Entity::find_by_id(config.0).lock(LockType::Update).one(&tx).await? else {
            return Ok(Begun::NotFound);
        };
        let begun = begin_or_queue(&tx, self.secrets(), &key, new, now).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// Changes a key's wish or limits at once, tells people, and leaves the operation that carries it to the panels.
    ///
    /// # Errors
    /// The database.
    pub async fn change_key(
        &self,
        config: ConfigId,
        change: &KeyChange,
        reset_traffic: bool,
        new: &NewOperation,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let tx = self.begin().await?;
        if let Some(begun) = begun_before(&tx, Some(config), new).await? {
            return Ok(begun);
        }
        let Some(mut key) = configs::Entity::find_by_id(config.0).lock(LockType::Update).one(&tx).await?
        else {
            return Ok(Begun::NotFound);
        };
        key.revision += 1;
        let mut row = configs::ActiveModel {
            id: Set(key.id),
            revision: Set(key.revision),
            // Whether a changed key is used up is seen anew when its accounts are read.
            ended_at: Set((change.wish == Some(Wish::Revoked)).then_some(now)),
            updated_at: Set(now),
            ..Default::default()
        };
        if let Some(wish) = change.wish {
            key.wish = rows::to_word(wish);
            row.wish = Set(key.wish.clone());
        }
        if let Some(expires_at) = change.expires_at {
            row.expires_at = Set(expires_at);
        }
        if let Some(limit) = change.data_limit {
            row.data_limit = Set(limit.map(rows::to_i64));
        }
        if reset_traffic {
            // Panels go on counting; ours begins anew below what they show.
            row.used_before = Set(-live_use(&tx, config).await?);
        }
        row.update(&tx).await?;
        outbox::push_all(&tx, letters, now).await?;
        let begun = begin_or_queue(&tx, self.secrets(), &key, new, now).await?;
        if let (Begun::Same(..), Some(_)) = (begun, new.update_id) {
            // The change is made and rides along with what is under way; the same update must not make it again.
            rode_along(&tx, &key, new, now).await?;
        }
        tx.commit().await?;
        Ok(begun)
    }

    /// Takes operations that are due, those a person waits for first.
    ///
    /// # Errors
    /// The database.
    pub async fn claim_operations(
        &self,
        worker: &str,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Operation>, StoreError> {
        let free = Condition::any()
            .add(operations::Column::ClaimedUntil.is_null())
            .add(operations::Column::ClaimedUntil.lte(now));
        let due = operations::Entity::find()
            .select_only()
            .column(operations::Column::Id)
            .filter(operations::Column::EndedAt.is_null())
            .filter(operations::Column::NextAt.lte(now))
            .filter(free.clone())
            .filter(operations::Column::Kind.is_in(known_kinds()))
            .filter(goes_on())
            .order_by_desc(operations::Column::PersonWaits)
            .order_by_asc(operations::Column::NextAt)
            .order_by_asc(operations::Column::Id)
            .limit(limit);
        // Most looks find nothing: on SQLite they must not take the write lock.
        if self.is_sqlite() && due.clone().into_tuple::<i64>().all(self.read()).await?.is_empty() {
            return Ok(Vec::new());
        }
        let due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).into_query();
        let mut taken = operations::Entity::update_many()
            .col_expr(operations::Column::Epoch, Expr::col(operations::Column::Epoch).add(1))
            .col_expr(operations::Column::ClaimedBy, Expr::value(worker))
            .col_expr(operations::Column::ClaimedUntil, Expr::value(now + CLAIM))
            .filter(operations::Column::Id.in_subquery(due))
            .filter(free)
            .exec_with_returning(self.write())
            .await?;
        taken.sort_by_key(|row| (!row.person_waits, row.next_at, row.id));
        taken.into_iter().map(|row| operation_of(self.secrets(), row)).collect()
    }

    /// One operation.
    ///
    /// # Errors
    /// The database.
    pub async fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        let row = operations::Entity::find_by_id(id.0).one(self.read()).await?;
        row.map(|row| operation_of(self.secrets(), row)).transpose()
    }

    /// Gives an operation a target and takes the place there, in one transaction. A former target is let go: its
    /// place is free again, and its account, which may have been made, gets a tombstone.
    ///
    /// # Errors
    /// The database.
    pub async fn plan_operation(
        &self,
        operation: &Operation,
        placement: &Placement,
        account: impl FnOnce(u32) -> AccountName + Send,
        now: Timestamp,
    ) -> Result<Planned, StoreError> {
        let tx = self.begin().await?;
        let Some((config, row)) = claimed(&tx, operation).await? else { return Ok(Planned::Stale) };
        let mut deltas = Deltas::default();
        if placement.takes_place {
            deltas.reserve(&placement.instance);
        }
        let mut tried = operation.tried.clone();
        if let Some(former) = &operation.target {
            abandon(&tx, operation, former, &mut deltas, now).await?;
            tried.push(former.instance.clone());
        }
        if let Err(Full) = deltas.apply(&tx, now).await? {
            return Ok(Planned::Full);
        }
        let back_to = match placement.back_to {
            Some(id) => assignments::Entity::find_by_id(id.0).one(&tx).await?,
            None => None,
        };
        let (name, generation) = match back_to {
            Some(account) => (AccountName::stored(account.account), account.generation),
            None => {
                let generation = config.generation + 1;
                let number = rows::count(generation)
                    .ok_or_else(|| StoreError::corrupt("configs", config.id, "generation"))?;
                configs::Entity::update_many()
                    .col_expr(configs::Column::Generation, Expr::value(generation))
                    .filter(configs::Column::Id.eq(config.id))
                    .exec(&tx)
                    .await?;
                (account(number), generation)
            }
        };
        let planned = operations::ActiveModel {
            id: Set(row.id),
            state: Set(rows::to_word(State::Planned)),
            target_instance: Set(Some(placement.instance.to_string())),
            target_account: Set(Some(name.as_str().to_owned())),
            target_generation: Set(Some(generation)),
            holds_place: Set(placement.takes_place),
            back_to: Set(placement.back_to.map(|id| id.0)),
            unsettled_at: Set(None),
            settles_at: Set(None),
            attempts: Set(0),
            tried: Set(serde_json::json!(tried)),
            reason: Set(Some(placement.reason.clone())),
            next_at: Set(now),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        waitlist::Entity::delete_by_id(row.id).exec(&tx).await?;
        tx.commit().await?;
        Ok(Planned::Yes(Box::new(operation_of(self.secrets(), planned)?)))
    }

    /// Puts an operation on the waitlist, and tells people once.
    ///
    /// # Errors
    /// The database.
    pub async fn wait_for_room(
        &self,
        operation: &Operation,
        class: i32,
        next_at: Timestamp,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        if claimed(&tx, operation).await?.is_none() {
            return Ok(());
        }
        let waits = waitlist::Entity::find_by_id(operation.id.0).one(&tx).await?.is_some();
        if !waits {
            waitlist::ActiveModel {
                operation_id: Set(operation.id.0),
                region: Set(operation.region.as_ref().map(ToString::to_string)),
                class: Set(class),
                since: Set(operation.created_at),
            }
            .insert(&tx)
            .await?;
            outbox::push_all(&tx, letters, now).await?;
        }
        operations::ActiveModel {
            id: Set(operation.id.0),
            person_waits: Set(false),
            tried: Set(serde_json::json!([])),
            next_at: Set(next_at),
            claimed_by: Set(None),
            claimed_until: Set(None),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether an operation is still being worked on: it has not ended, and does not wait for room.
    ///
    /// # Errors
    /// The database.
    pub async fn is_under_way(&self, id: OperationId) -> Result<bool, StoreError> {
        let waits = waitlist::Entity::find()
            .select_only()
            .column(waitlist::Column::OperationId)
            .filter(waitlist::Column::OperationId.eq(id.0));
        let open = operations::Entity::find()
            .select_only()
            .column(operations::Column::Id)
            .filter(operations::Column::Id.eq(id.0))
            .filter(operations::Column::EndedAt.is_null())
            .filter(Expr::not_exists(waits.into_query()));
        Ok(open.into_tuple::<i64>().one(self.read()).await?.is_some())
    }

    /// Whether an operation stands on the waitlist, and how many stand before it.
    ///
    /// # Errors
    /// The database.
    pub async fn place_in_line(&self, id: OperationId) -> Result<Option<u64>, StoreError> {
        let Some(row) = waitlist::Entity::find_by_id(id.0).one(self.read()).await? else { return Ok(None) };
        let earlier = Condition::any().add(waitlist::Column::Class.lt(row.class)).add(
            Condition::all()
                .add(waitlist::Column::Class.eq(row.class))
                .add(waitlist::Column::Since.lt(row.since)),
        );
        Ok(Some(waitlist::Entity::find().filter(earlier).count(self.read()).await?))
    }

    /// How many on the waitlist come before an operation and could take a place on `instance` in `region`: of a lower
    /// `class`, or there earlier. An operation that stands on the waitlist itself only counts those that are being
    /// looked at: the others were, and could not take it.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_before(
        &self,
        operation: &Operation,
        classes: RangeInclusive<i32>,
        instance: &InstanceId,
        regions: &[Region],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        use waitlist::Column;
        let (least, class) = classes.into_inner();
        let (since, id) = (operation.created_at, operation.id.0);
        let earlier = Column::Since.lt(since).or(Column::Since.eq(since).and(Column::OperationId.lt(id)));
        let before = Column::Class.lt(class).or(Column::Class.eq(class).and(earlier));
        let here = Column::Region.is_null().or(Column::Region.is_in(regions.iter().map(ToString::to_string)));
        let line = waitlist::Entity::find().filter(before).filter(here).filter(Column::Class.gte(least));
        // Mostly nobody waits.
        if line.clone().count(self.read()).await? == 0 {
            return Ok(0);
        }
        let waits = waitlist::Entity::find_by_id(id).one(self.read()).await?.is_some();
        let at_home = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::ConfigId)
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null());
        let buried = tombstones::Entity::find()
            .select_only()
            .column(tombstones::Column::ConfigId)
            .filter(tombstones::Column::InstanceId.eq(instance.as_str()))
            .filter(tombstones::Column::GoneAt.is_null());
        let wanted = operations::Column::WantedInstance;
        let mut rivals = operations::Entity::find()
            .select_only()
            .column(operations::Column::Id)
            .filter(operations::Column::EndedAt.is_null())
            .filter(goes_on())
            .filter(wanted.is_null().or(wanted.eq(instance.as_str())))
            .filter(operations::Column::ConfigId.not_in_subquery(at_home.into_query()))
            .filter(operations::Column::ConfigId.not_in_subquery(buried.into_query()));
        if waits {
            rivals = rivals.filter(operations::Column::NextAt.lte(now));
        }
        let line = line.filter(Column::OperationId.in_subquery(rivals.into_query()));
        Ok(line.count(self.read()).await?)
    }

    /// Those on the waitlist in their order, without those of paused sets: evacuees before newcomers, then first come first served.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting(&self, limit: u64) -> Result<Vec<Waiting>, StoreError> {
        let going_on = operations::Entity::find()
            .select_only()
            .column(operations::Column::Id)
            .filter(operations::Column::EndedAt.is_null())
            .filter(goes_on());
        let line = waitlist::Entity::find()
            .filter(waitlist::Column::OperationId.in_subquery(going_on.into_query()))
            .order_by_asc(waitlist::Column::Class)
            .order_by_asc(waitlist::Column::Since)
            .order_by_asc(waitlist::Column::OperationId)
            .limit(limit)
            .all(self.read())
            .await?;
        if line.is_empty() {
            return Ok(Vec::new());
        }
        let ids = line.iter().map(|row| row.operation_id);
        let rows =
            operations::Entity::find().filter(operations::Column::Id.is_in(ids)).all(self.read()).await?;
        let configs: Vec<i64> = rows.iter().map(|row| row.config_id).collect();
        let accounts = assignments::Entity::find()
            .filter(assignments::Column::ConfigId.is_in(configs.clone()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .all(self.read())
            .await?;
        let graves = tombstones::Entity::find()
            .filter(tombstones::Column::ConfigId.is_in(configs))
            .filter(tombstones::Column::GoneAt.is_null())
            .all(self.read())
            .await?;
        let mut waiting = Vec::new();
        for place in line {
            // Ended since the line was read.
            let Some(row) = rows.iter().find(|row| row.id == place.operation_id) else { continue };
            let (primary, rotates) = (rows::to_word(Role::Primary), row.kind == rows::to_word(Kind::Rotate));
            let of_key = accounts.iter().filter(|account| account.config_id == row.config_id);
            let there = of_key.filter(|account| rotates || account.role == primary);
            let buried = graves.iter().filter(|grave| grave.config_id == row.config_id);
            let barred =
                there.map(|account| &account.instance_id).chain(buried.map(|grave| &grave.instance_id));
            let barred = barred.map(|id| id.parse().ok()).collect::<Option<Vec<InstanceId>>>();
            let corrupt = |what| StoreError::corrupt("waitlist", place.operation_id, what);
            waiting.push(Waiting {
                operation: OperationId(row.id),
                config: ConfigId(row.config_id),
                region: rows::parse_opt(place.region.as_deref()).ok_or_else(|| corrupt("region"))?,
                wanted: rows::parse_opt(row.wanted_instance.as_deref())
                    .ok_or_else(|| corrupt("wanted_instance"))?,
                class: place.class,
                barred: barred.ok_or_else(|| corrupt("barred"))?,
            });
        }
        Ok(waiting)
    }

    /// Lets operations be looked at again at once.
    ///
    /// # Errors
    /// The database.
    pub async fn wake_operations(&self, ids: &[OperationId], now: Timestamp) -> Result<(), StoreError> {
        operations::Entity::update_many()
            .col_expr(operations::Column::NextAt, Expr::value(now))
            .filter(operations::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .filter(operations::Column::EndedAt.is_null())
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Just before a write to the target: one statement renews the claim, checks epoch, revision and the flags that stop
    /// automatic moves, and records the request as one that may land. `false`: the world has moved on, nothing may be
    /// sent.
    ///
    /// # Errors
    /// The database.
    pub async fn authorise_target_write(
        &self,
        operation: &Operation,
        revision: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = operations::Entity::update_many()
            .col_expr(operations::Column::UnsettledAt, Expr::value(now))
            .col_expr(operations::Column::SettlesAt, Expr::value(None::<Timestamp>))
            .col_expr(operations::Column::ClaimedUntil, Expr::value(now + CLAIM))
            .col_expr(operations::Column::Revision, Expr::value(revision))
            .filter(operations::Column::Id.eq(operation.id.0))
            .filter(operations::Column::Epoch.eq(operation.epoch))
            .filter(operations::Column::EndedAt.is_null())
            .filter(Expr::value(revision).eq(current_revision(operation.config)))
            .filter(goes_on())
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// The target's account gets another name: the first one is somebody else's.
    ///
    /// # Errors
    /// The database.
    pub async fn rename_target(
        &self,
        operation: &Operation,
        account: impl FnOnce(u32) -> AccountName + Send,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let Some((config, _)) = claimed(&tx, operation).await? else { return Ok(()) };
        let generation = config.generation + 1;
        let number =
            rows::count(generation).ok_or_else(|| StoreError::corrupt("configs", config.id, "generation"))?;
        configs::Entity::update_many()
            .col_expr(configs::Column::Generation, Expr::value(generation))
            .filter(configs::Column::Id.eq(config.id))
            .exec(&tx)
            .await?;
        operations::ActiveModel {
            id: Set(operation.id.0),
            target_account: Set(Some(account(number).as_str().to_owned())),
            target_generation: Set(Some(generation)),
            unsettled_at: Set(None),
            settles_at: Set(None),
            attempts: Set(0),
            next_at: Set(now),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A write to the target failed: counts it, keeps what may still land, and puts the operation off.
    ///
    /// # Errors
    /// The database.
    pub async fn target_write_failed(
        &self,
        operation: &Operation,
        unsettled: Option<Unsettled>,
        problem: &str,
        next_at: Timestamp,
    ) -> Result<(), StoreError> {
        operations::Entity::update_many()
            .col_expr(operations::Column::UnsettledAt, Expr::value(unsettled.map(|u| u.sent_at)))
            .col_expr(operations::Column::SettlesAt, Expr::value(unsettled.and_then(|u| u.settles_at)))
            .col_expr(operations::Column::Attempts, Expr::col(operations::Column::Attempts).add(1))
            .col_expr(operations::Column::Problem, Expr::value(problem))
            .col_expr(operations::Column::NextAt, Expr::value(next_at))
            .filter(operations::Column::Id.eq(operation.id.0))
            .filter(operations::Column::Epoch.eq(operation.epoch))
            .filter(operations::Column::EndedAt.is_null())
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Nothing else can be had now: the target stays, its failures are forgotten, and the operation is put off.
    ///
    /// # Errors
    /// The database.
    pub async fn keep_target(
        &self,
        operation: &Operation,
        next_at: Timestamp,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        if claimed(&tx, operation).await?.is_none() {
            return Ok(());
        }
        operations::ActiveModel {
            id: Set(operation.id.0),
            attempts: Set(0),
            tried: Set(serde_json::json!([])),
            person_waits: Set(false),
            next_at: Set(next_at),
            claimed_by: Set(None),
            claimed_until: Set(None),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        outbox::push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a flag or a pause stands against an operation: it waits until that is over.
    ///
    /// # Errors
    /// The database.
    pub async fn is_held(&self, operation: &Operation) -> Result<bool, StoreError> {
        let free = operations::Entity::find_by_id(operation.id.0).filter(goes_on());
        Ok(free.count(self.write()).await? == 0)
    }

    /// Lets go of the claim until `next_at`.
    ///
    /// # Errors
    /// The database.
    pub async fn put_off(&self, operation: &Operation, next_at: Timestamp) -> Result<(), StoreError> {
        operations::Entity::update_many()
            .col_expr(operations::Column::NextAt, Expr::value(next_at))
            .col_expr(operations::Column::ClaimedBy, Expr::value(None::<String>))
            .col_expr(operations::Column::ClaimedUntil, Expr::value(None::<Timestamp>))
            .filter(operations::Column::Id.eq(operation.id.0))
            .filter(operations::Column::Epoch.eq(operation.epoch))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// The switch: the target's account becomes the primary one, the former one lingers (or, after a rotation, every
    /// former one is let go), counters follow, people are told, the operation ends. `false`: the claim, the key's
    /// revision or its wish is another one by now, and nothing happened.
    ///
    /// # Errors
    /// The database.
    pub async fn switch(&self, switch: &Switch<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let operation = switch.operation;
        let tx = self.begin().await?;
        let Some((config, row)) = claimed(&tx, operation).await? else { return Ok(false) };
        let Some(target) = &operation.target else { return Ok(false) };
        if config.revision != operation.revision || config.wish == rows::to_word(Wish::Revoked) {
            return Ok(false);
        }
        let mut deltas = Deltas::default();
        let mut formers = accounts_of(&tx, operation.config).await?;
        formers.retain(|former| target.back_to != Some(former.id));
        for former in &formers {
            match (operation.kind, former.role) {
                (Kind::Rotate, _) => {
                    release(&tx, former, "rotated", &mut deltas, now).await?;
                }
                (_, Role::Primary) => {
                    linger(&tx, former, switch.linger_until).await?;
                    deltas.primary_lingers(&former.instance);
                }
                (_, Role::Lingering | Role::Standby) => {}
            }
        }
        if operation.kind == Kind::Rotate {
            formers.clear();
        }
        let link = switch
            .link
            .map(|link| self.secrets().seal(&link_identity(target.account.as_str()), link.as_bytes()));
        let new = assignments::ActiveModel {
            role: Set(rows::to_word(Role::Primary)),
            reason: Set(row.reason.clone().unwrap_or_default()),
            subscription_url: Set(link),
            used: Set(rows::to_i64(switch.used)),
            used_at: Set(Some(now)),
            limit_written: Set(switch.limit.map(rows::to_i64)),
            synced_revision: Set(operation.revision),
            unsettled_at: Set(switch.unsettled.map(|u| u.sent_at)),
            settles_at: Set(switch.unsettled.and_then(|u| u.settles_at)),
            linger_until: Set(None),
            ..Default::default()
        };
        let serves = if let Some(back_to) = target.back_to {
            deltas.lingering_serves(&target.instance);
            assignments::ActiveModel { id: Set(back_to.0), ..new }.update(&tx).await?
        } else {
            deltas.target_serves(&target.instance, target.holds_place);
            assignments::ActiveModel {
                config_id: Set(operation.config.0),
                instance_id: Set(target.instance.to_string()),
                account: Set(target.account.as_str().to_owned()),
                external_id: Set(target.account.as_str().to_owned()),
                generation: Set(i32::try_from(target.generation).unwrap_or(i32::MAX)),
                created_at: Set(now),
                ..new
            }
            .insert(&tx)
            .await?
        };
        keep_links(&tx, self.secrets(), AssignmentId(serves.id), switch.links, now).await?;
        deltas.apply(&tx, now).await?.map_err(|Full| StoreError::corrupt("instance_counters", 0, "cap"))?;
        if let (Kind::Rotate, Some(credentials)) = (operation.kind, &operation.credentials) {
            let plain = serde_json::to_vec(credentials).expect("two texts make JSON");
            let identity = credentials_identity(config.owner, config.number);
            configs::ActiveModel {
                id: Set(config.id),
                credentials: Set(self.secrets().seal(&identity, &plain)),
                link_epoch: Set(config.link_epoch + 1),
                updated_at: Set(now),
                ..Default::default()
            }
            .update(&tx)
            .await?;
        }
        outbox::push_all(&tx, &switch.letters, now).await?;
        close(&tx, row, Outcome::Done, now).await?;
        // The new one carries the revision that the key has: only those left behind may be behind it.
        follow(&tx, self.secrets(), &config, &formers, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends an operation without a switch. Its target, if it has one, is let go.
    ///
    /// # Errors
    /// The database.
    pub async fn end_operation(
        &self,
        operation: &Operation,
        outcome: Outcome,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let Some((config, row)) = claimed(&tx, operation).await? else { return Ok(false) };
        let mut deltas = Deltas::default();
        if let Some(target) = &operation.target {
            abandon(&tx, operation, target, &mut deltas, now).await?;
        }
        let _ = deltas.apply(&tx, now).await?;
        outbox::push_all(&tx, letters, now).await?;
        close(&tx, row, outcome, now).await?;
        follow(&tx, self.secrets(), &config, &accounts_of(&tx, operation.config).await?, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets go of all accounts of a key: each gets a tombstone; the operation ends.
    ///
    /// # Errors
    /// The database.
    pub async fn release_all(
        &self,
        operation: &Operation,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let Some((config, row)) = claimed(&tx, operation).await? else { return Ok(false) };
        let mut deltas = Deltas::default();
        for account in accounts_of(&tx, operation.config).await? {
            release(&tx, &account, "revoked", &mut deltas, now).await?;
        }
        let _ = deltas.apply(&tx, now).await?;
        outbox::push_all(&tx, letters, now).await?;
        close(&tx, row, Outcome::Done, now).await?;
        follow(&tx, self.secrets(), &config, &[], now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets go of one account that was left behind. `false` when it is no more what it was, its time is not over, or
    /// something works on its key.
    ///
    /// # Errors
    /// The database.
    pub async fn release_account(
        &self,
        account: &Assignment,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        configs::Entity::find_by_id(account.config.0).lock(LockType::Update).one(&tx).await?;
        self.release_one(tx, account, |current| current.linger_until.is_some_and(|at| at <= now), reason, now)
            .await
    }

    /// Lets go of one account of a key that ended before `before`. `false` when it is no more what it was, something
    /// works on its key, or the key was renewed since somebody looked.
    ///
    /// # Errors
    /// The database.
    pub async fn release_ended(
        &self,
        account: &Assignment,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let ended = configs::Entity::find_by_id(account.config.0).filter(ended_before(before));
        if ended.lock(LockType::Update).one(&tx).await?.is_none() {
            return Ok(false);
        }
        self.release_one(tx, account, |_| true, "ended", now).await
    }

    /// Lets go of an account, if nothing works on its key, which is locked, and `may` says so of the account as it is.
    pub(super) async fn release_one(
        &self,
        tx: DatabaseTransaction,
        account: &Assignment,
        may: impl FnOnce(&Assignment) -> bool + Send,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if open_row(&tx, account.config).await?.is_some() {
            return Ok(false);
        }
        let current = accounts_of(&tx, account.config).await?;
        let current = current.iter().find(|now| now.id == account.id && now.role == account.role);
        let Some(current) = current.filter(|current| may(current)) else { return Ok(false) };
        let mut deltas = Deltas::default();
        release(&tx, current, reason, &mut deltas, now).await?;
        let _ = deltas.apply(&tx, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A good detailed check of an instance: requests sent to it before `started_at − timeout` can no longer land
    /// after `settles_at`.
    ///
    /// # Errors
    /// The database.
    pub async fn instance_seen_well(
        &self,
        instance: &InstanceId,
        sent_before: Timestamp,
        settles_at: Timestamp,
    ) -> Result<(), StoreError> {
        let operation = Condition::all()
            .add(operations::Column::TargetInstance.eq(instance.as_str()))
            .add(operations::Column::EndedAt.is_null())
            .add(operations::Column::UnsettledAt.lte(sent_before))
            .add(operations::Column::SettlesAt.is_null());
        let account = Condition::all()
            .add(assignments::Column::InstanceId.eq(instance.as_str()))
            .add(assignments::Column::ReleasedAt.is_null())
            .add(assignments::Column::UnsettledAt.lte(sent_before))
            .add(assignments::Column::SettlesAt.is_null());
        let grave = Condition::all()
            .add(tombstones::Column::InstanceId.eq(instance.as_str()))
            .add(tombstones::Column::GoneAt.is_null())
            .add(tombstones::Column::UnsettledAt.lte(sent_before))
            .add(tombstones::Column::SettlesAt.is_null());
        // Mostly there are none: one look instead of three writes.
        let any = Condition::any()
            .add(exists::<operations::Entity>(operation.clone()))
            .add(exists::<assignments::Entity>(account.clone()))
            .add(exists::<tombstones::Entity>(grave.clone()));
        let found = instances::Entity::find_by_id(instance.to_string())
            .select_only()
            .column(instances::Column::Id)
            .filter(any);
        if found.into_tuple::<String>().one(self.read()).await?.is_none() {
            return Ok(());
        }
        tombstones::Entity::update_many()
            .col_expr(tombstones::Column::SettlesAt, Expr::value(settles_at))
            .filter(grave)
            .exec(self.write())
            .await?;
        operations::Entity::update_many()
            .col_expr(operations::Column::SettlesAt, Expr::value(settles_at))
            .filter(operation)
            .exec(self.write())
            .await?;
        assignments::Entity::update_many()
            .col_expr(assignments::Column::SettlesAt, Expr::value(settles_at))
            .filter(account)
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Forgets operations that ended before `before`, up to `limit`, the oldest first; how many there were.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_operations(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let old = operations::Entity::find()
            .select_only()
            .column(operations::Column::Id)
            .filter(operations::Column::EndedAt.lt(before))
            .order_by_asc(operations::Column::Id)
            .limit(limit);
        // Found by a reader, so that on SQLite nobody's write waits for the search.
        let old: Vec<i64> = old.into_tuple().all(self.read()).await?;
        for ids in old.chunks(BATCH) {
            let these = operations::Column::Id.is_in(ids.iter().copied());
            operations::Entity::delete_many().filter(these).exec(self.write()).await?;
        }
        Ok(old.len() as u64)
    }

    /// Open operations by kind, for the fleet's overview.
    ///
    /// # Errors
    /// The database.
    pub async fn open_operations(&self) -> Result<u64, StoreError> {
        let open = operations::Entity::find().filter(operations::Column::EndedAt.is_null());
        Ok(open.count(self.read()).await?)
    }
}

/// Some row of a table is so.
fn exists<E: EntityTrait>(so: Condition) -> Expr {
    Expr::exists(E::find().select_only().expr(Expr::value(1)).filter(so).into_query())
}

/// Operations that may begin: all but those of a paused set that have no target yet, or, of a set that the service
/// began by itself, have sent nothing yet; and none that a flag stands against.
fn goes_on() -> Condition {
    let paused = batches::Entity::find()
        .select_only()
        .column(batches::Column::Id)
        .filter(batches::Column::State.eq(rows::to_word(BatchState::Paused)));
    let sent = operations::Column::UnsettledAt.is_not_null().or(operations::Column::Attempts.gt(0));
    let planned = Condition::all()
        .add(operations::Column::TargetInstance.is_not_null())
        .add(operations::Column::Cause.is_not_in([Cause::Failover, Cause::Rebalance].map(rows::to_word)));
    let set = Condition::any()
        .add(operations::Column::BatchId.is_null())
        .add(planned)
        .add(sent)
        .add(operations::Column::BatchId.not_in_subquery(paused.into_query()));
    Condition::all().add(set).add(flags::may_go_on())
}

/// The revision of a key, as a sub-query.
fn current_revision(config: ConfigId) -> Expr {
    let query = configs::Entity::find()
        .select_only()
        .column(configs::Column::Revision)
        .filter(configs::Column::Id.eq(config.0))
        .into_query();
    Expr::SubQuery(None, Box::new(query.into()))
}

/// What an update already brought about.
async fn begun_before(
    tx: &DatabaseTransaction,
    config: Option<ConfigId>,
    new: &NewOperation,
) -> Result<Option<Begun>, StoreError> {
    let Some(update_id) = new.update_id else { return Ok(None) };
    let mut query = operations::Entity::find().filter(operations::Column::UpdateId.eq(update_id));
    query = match config {
        Some(config) => query.filter(operations::Column::ConfigId.eq(config.0)),
        None => query.filter(operations::Column::Kind.eq(rows::to_word(Kind::Issue))),
    };
    let row = query.one(tx).await?;
    Ok(row.map(|row| Begun::Same(OperationId(row.id), ConfigId(row.config_id))))
}

/// Begins, or finds what is the same, or replaces what has not been sent, or queues.
pub(super) async fn begin_or_queue(
    tx: &DatabaseTransaction,
    secrets: &Secrets,
    key: &configs::Model,
    new: &NewOperation,
    now: Timestamp,
) -> Result<Begun, StoreError> {
    let config = ConfigId(key.id);
    if let Some(row) = open_row(tx, config).await? {
        let id = OperationId(row.id);
        let open = operation_of(secrets, row.clone())?;
        let same = open.kind == new.kind && open.region == new.region && open.wanted == new.wanted;
        if same && new.kind != Kind::Sync {
            return Ok(Begun::Same(id, config));
        }
        let next = rows::json_opt::<NextWish>(key.next_wish.as_ref()).flatten();
        if next.is_some_and(|next| next.update_id.is_some() && next.update_id == new.update_id) {
            return Ok(Begun::Next(id, config));
        }
        match (open.kind, new.kind) {
            // Changed limits ride along: the switch waits for them, and what it leaves behind is synced after it.
            (_, Kind::Sync) => return Ok(Begun::Same(id, config)),
            // The open one sees that the key is revoked, gives up, and the end begins the release.
            (_, Kind::Revoke) => {
                hurry(tx, id, now).await?;
                return Ok(Begun::Next(id, config));
            }
            _ if !open.kind.places() || open.has_sent() || open.kind == Kind::Issue => {
                let wish = NextWish {
                    kind: new.kind,
                    cause: new.cause,
                    asked_by: new.asked_by,
                    update_id: new.update_id,
                    screen: new.screen,
                    region: new.region.clone(),
                    wanted: new.wanted.clone(),
                };
                configs::Entity::update_many()
                    .col_expr(configs::Column::NextWish, Expr::value(serde_json::json!(wish)))
                    .filter(configs::Column::Id.eq(config.0))
                    .exec(tx)
                    .await?;
                return Ok(Begun::Next(id, config));
            }
            _ => {
                let mut deltas = Deltas::default();
                if let Some(target) = &open.target {
                    abandon(tx, &open, target, &mut deltas, now).await?;
                }
                let _ = deltas.apply(tx, now).await?;
                close(tx, row, Outcome::Cancelled, now).await?;
            }
        }
    }
    let id = insert(tx, secrets, config, key.revision, new, now).await?;
    Ok(Begun::Fresh(id, config))
}

/// Lets an operation be looked at at once.
async fn hurry(tx: &DatabaseTransaction, id: OperationId, now: Timestamp) -> Result<(), StoreError> {
    operations::Entity::update_many()
        .col_expr(operations::Column::NextAt, Expr::value(now))
        .filter(operations::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

async fn insert(
    tx: &DatabaseTransaction,
    secrets: &Secrets,
    config: ConfigId,
    revision: i64,
    new: &NewOperation,
    now: Timestamp,
) -> Result<OperationId, StoreError> {
    Ok(OperationId(new_row(secrets, config, revision, new, now).insert(tx).await?.id))
}

/// The row of an operation that begins.
pub(super) fn new_row(
    secrets: &Secrets,
    config: ConfigId,
    revision: i64,
    new: &NewOperation,
    now: Timestamp,
) -> operations::ActiveModel {
    let credentials = new.credentials.as_ref().map(|credentials| {
        let plain = serde_json::to_vec(credentials).expect("two texts make JSON");
        secrets.seal(&operation_identity(config.0), &plain)
    });
    operations::ActiveModel {
        config_id: Set(config.0),
        kind: Set(rows::to_word(new.kind)),
        state: Set(rows::to_word(State::Waiting)),
        cause: Set(rows::to_word(new.cause)),
        asked_by: Set(new.asked_by.map(|user| user.0)),
        update_id: Set(new.update_id),
        person_waits: Set(new.person_waits),
        screen: Set(new.screen),
        revision: Set(revision),
        epoch: Set(0),
        region: Set(new.region.as_ref().map(ToString::to_string)),
        wanted_instance: Set(new.wanted.as_ref().map(ToString::to_string)),
        credentials: Set(credentials),
        holds_place: Set(false),
        attempts: Set(0),
        tried: Set(serde_json::json!([])),
        next_at: Set(new.not_before),
        batch_id: Set(new.batch.map(|batch| batch.0)),
        created_at: Set(now),
        ..Default::default()
    }
}

/// Leaves a trace of an update whose change needed no operation of its own: one that has ended.
async fn rode_along(
    tx: &DatabaseTransaction,
    key: &configs::Model,
    new: &NewOperation,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = operations::ActiveModel {
        config_id: Set(key.id),
        kind: Set(rows::to_word(new.kind)),
        state: Set(rows::to_word(State::Ended)),
        cause: Set(rows::to_word(new.cause)),
        asked_by: Set(new.asked_by.map(|user| user.0)),
        update_id: Set(new.update_id),
        person_waits: Set(false),
        revision: Set(key.revision),
        epoch: Set(0),
        holds_place: Set(false),
        attempts: Set(0),
        tried: Set(serde_json::json!([])),
        next_at: Set(now),
        created_at: Set(now),
        ended_at: Set(Some(now)),
        outcome: Set(Some(rows::to_word(Outcome::Done))),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// The rows of a key and of the operation that works on it, locked, if the claim still holds.
///
/// The key is locked first, as by those who begin or replace an operation: in the other order the two would wait
/// for each other in a circle, and PostgreSQL would end one of them.
async fn claimed(
    tx: &DatabaseTransaction,
    operation: &Operation,
) -> Result<Option<(configs::Model, operations::Model)>, StoreError> {
    let key = configs::Entity::find_by_id(operation.config.0).lock(LockType::Update).one(tx).await?;
    let row = operations::Entity::find_by_id(operation.id.0)
        .filter(operations::Column::Epoch.eq(operation.epoch))
        .filter(operations::Column::EndedAt.is_null())
        .lock(LockType::Update)
        .one(tx)
        .await?;
    Ok(key.zip(row))
}

/// Goes on holding a claim; `false`: it is another worker's by now, or the operation has ended.
pub(super) async fn renew_claim(
    tx: &DatabaseTransaction,
    operation: &Operation,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let renewed = operations::Entity::update_many()
        .col_expr(operations::Column::ClaimedUntil, Expr::value(now + CLAIM))
        .filter(operations::Column::Id.eq(operation.id.0))
        .filter(operations::Column::Epoch.eq(operation.epoch))
        .filter(operations::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Lets go of a target that will not be used: its place is free again; its account, if a request for it may have been
/// executed or may still be, gets a tombstone. A lingering account that was to be taken back simply stays.
async fn abandon(
    tx: &DatabaseTransaction,
    operation: &Operation,
    target: &Target,
    deltas: &mut Deltas,
    now: Timestamp,
) -> Result<(), StoreError> {
    if target.holds_place {
        deltas.unreserve(&target.instance);
    }
    if target.back_to.is_none() && operation.has_sent() {
        let burial = Burial {
            config: operation.config,
            instance: &target.instance,
            account: &target.account,
            unsettled: target.unsettled,
            used: 0,
            reason: "abandoned",
        };
        bury(tx, &burial, now).await?;
    }
    Ok(())
}

/// Lets go of an account: it is no more the key's, and is to be deleted.
async fn release(
    tx: &DatabaseTransaction,
    account: &Assignment,
    reason: &str,
    deltas: &mut Deltas,
    now: Timestamp,
) -> Result<(), StoreError> {
    assignments::Entity::update_many()
        .col_expr(assignments::Column::ReleasedAt, Expr::value(now))
        .filter(assignments::Column::Id.eq(account.id.0))
        .exec(tx)
        .await?;
    let burial = Burial {
        config: account.config,
        instance: &account.instance,
        account: &account.account,
        unsettled: account.unsettled,
        used: account.used,
        reason,
    };
    bury(tx, &burial, now).await?;
    match account.role {
        Role::Primary => deltas.primary_leaves(&account.instance),
        Role::Lingering | Role::Standby => deltas.lingering_leaves(&account.instance),
    }
    Ok(())
}

/// Leaves an account behind: it goes on serving until its time is over.
async fn linger(tx: &DatabaseTransaction, account: &Assignment, until: Timestamp) -> Result<(), StoreError> {
    assignments::Entity::update_many()
        .col_expr(assignments::Column::Role, Expr::value(rows::to_word(Role::Lingering)))
        .col_expr(assignments::Column::LingerUntil, Expr::value(until))
        .filter(assignments::Column::Id.eq(account.id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends an operation's row.
async fn close(
    tx: &DatabaseTransaction,
    row: operations::Model,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    waitlist::Entity::delete_by_id(row.id).exec(tx).await?;
    operations::ActiveModel {
        id: Set(row.id),
        state: Set(rows::to_word(State::Ended)),
        outcome: Set(Some(rows::to_word(outcome))),
        ended_at: Set(Some(now)),
        holds_place: Set(false),
        credentials: Set(None),
        claimed_by: Set(None),
        claimed_until: Set(None),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

/// Begins what a key, on which nothing works any more, still asks for; see [`follow`].
pub(super) async fn begin_next(
    tx: &DatabaseTransaction,
    secrets: &Secrets,
    id: ConfigId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(key) = configs::Entity::find_by_id(id.0).one(tx).await? else { return Ok(()) };
    follow(tx, secrets, &key, &accounts_of(tx, id).await?, now).await
}

/// Begins what a key still asks for once an operation has ended: its release when it was revoked, the wish that waited,
/// or the limits that some of its `accounts` does not carry yet.
async fn follow(
    tx: &DatabaseTransaction,
    secrets: &Secrets,
    key: &configs::Model,
    accounts: &[Assignment],
    now: Timestamp,
) -> Result<(), StoreError> {
    let config = config_of(key)?;
    let next = rows::json_opt::<NextWish>(key.next_wish.as_ref()).flatten();
    let by_itself = |kind| NewOperation {
        kind,
        cause: Cause::Service,
        asked_by: None,
        update_id: None,
        screen: None,
        person_waits: false,
        region: None,
        wanted: None,
        credentials: None,
        batch: None,
        not_before: now,
    };
    let follow = if config.wish == Wish::Revoked {
        (!accounts.is_empty()).then(|| by_itself(Kind::Revoke))
    } else if let Some(wish) = next {
        configs::Entity::update_many()
            .col_expr(configs::Column::NextWish, Expr::value(None::<serde_json::Value>))
            .filter(configs::Column::Id.eq(key.id))
            .exec(tx)
            .await?;
        let credentials = (wish.kind == Kind::Rotate).then(|| Credentials::generate(&mut rand::rng()));
        Some(NewOperation {
            kind: wish.kind,
            cause: wish.cause,
            asked_by: wish.asked_by,
            update_id: wish.update_id,
            screen: wish.screen,
            person_waits: wish.asked_by.is_some(),
            region: wish.region,
            wanted: wish.wanted,
            credentials,
            batch: None,
            not_before: now,
        })
    } else {
        let behind = accounts.iter().any(|account| account.synced_revision < config.revision);
        behind.then(|| by_itself(Kind::Sync))
    };
    if let Some(new) = follow {
        insert(tx, secrets, config.id, config.revision, &new, now).await?;
    }
    Ok(())
}

/// What the panels show of a key's accounts by now, those being deleted included.
async fn live_use(tx: &DatabaseTransaction, config: ConfigId) -> Result<i64, StoreError> {
    let live: Bytes = accounts_of(tx, config).await?.iter().map(|account| account.used).sum();
    Ok(rows::to_i64(live.saturating_add(super::keys::buried(tx, config).await?)))
}
