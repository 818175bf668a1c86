//! What the comparison of a panel with the database reads and writes.
//!
//! Each thing that it does about a key locks the key and does nothing while something works on it: an operation knows
//! better what shall be.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::key::{Assignment, Config, Role, Wish};
use crate::domain::operation::{Cause, Kind};
use crate::domain::quota::{self, Bytes};
use crate::domain::reconcile::{Changed, Limits, Missing, Stray};
use crate::domain::{AccountName, ConfigId, Credentials, InstanceId, Timestamp, UserId};

use super::entity::{
    assignments, configs, instance_counters, operations, reconciliations, sightings, tombstones,
};
use super::keys::{accounts_of, assignment_of, buried, config_of, credentials_identity};
use super::operations::{NewOperation, begin_or_queue, open_row};
use super::tombstones::{Burial, STRAY, bury};
use super::{Store, StoreError, instances, rows};

/// Rows named in one statement.
const AT_ONCE: usize = 500;

/// An account that shall be on a panel, with what its key says.
#[derive(Debug, Clone)]
pub struct OurAccount {
    /// The account.
    pub account: Assignment,
    /// Its key.
    pub config: Config,
    /// The key's secrets.
    pub credentials: Credentials,
    /// What the key used over all.
    pub used_total: Bytes,
    /// What the key's other accounts used.
    pub used_elsewhere: Bytes,
    /// The quota that was last written to the account, if that is known.
    pub limit_written: Option<Bytes>,
    /// Something works on the key or did since the moment asked for, or the account may still change by a request.
    pub in_motion: bool,
}

impl OurAccount {
    /// What it shall allow by now.
    #[must_use]
    pub fn wanted(&self) -> Limits {
        Limits {
            enabled: self.config.wish == Wish::Active,
            expires_at: self.config.expires_at,
            data_limit: quota::account_limit(self.config.data_limit, self.used_total, self.account.used),
        }
    }
}

/// When a panel was last compared, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// The last count.
    pub counted_at: Option<Timestamp>,
    /// The last full pass.
    pub passed_at: Option<Timestamp>,
    /// By how much the panel's count differed from ours at the end of that pass, whose findings explain it.
    pub explained: i64,
    /// An admin said that this is not the panel we think: nothing is done there until it is opened again.
    pub left_alone: bool,
}

/// What is seen again and again before anything is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// An account that nothing justifies.
    Stray,
    /// An account that allows more than its key was sold.
    Favour,
}

impl Sighting {
    fn word(self) -> &'static str {
        match self {
            Self::Stray => "stray",
            Self::Favour => "favour",
        }
    }
}

/// Counters that were not what they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// Whose.
    pub instance: InstanceId,
    /// `(active, reserved, lingering)` as they stood.
    pub stood: (i64, i64, i64),
    /// As the rows count.
    pub counted: (i64, i64, i64),
}

/// A write to a key by the comparison, or by the admin who answered its question.
fn sync(by: Option<UserId>, now: Timestamp) -> NewOperation {
    NewOperation {
        kind: Kind::Sync,
        cause: if by.is_some() { Cause::Admin } else { Cause::Service },
        asked_by: by,
        update_id: None,
        screen: None,
        person_waits: false,
        region: None,
        wanted: None,
        credentials: None,
        batch: None,
        not_before: now,
    }
}

impl Store {
    /// The accounts that shall be on an instance's panel. Those of keys that something works on, or did since `since`,
    /// are in motion.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open the keys' secrets.
    pub async fn our_accounts(
        &self,
        instance: &InstanceId,
        since: Timestamp,
    ) -> Result<Vec<OurAccount>, StoreError> {
        let here = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .order_by_asc(assignments::Column::Id)
            .all(self.read())
            .await?;
        let mut found = Vec::with_capacity(here.len());
        for chunk in here.chunks(AT_ONCE) {
            found.extend(self.with_keys(chunk, since).await?);
        }
        Ok(found)
    }

    async fn with_keys(
        &self,
        accounts: &[assignments::Model],
        since: Timestamp,
    ) -> Result<Vec<OurAccount>, StoreError> {
        let ids: Vec<i64> = accounts.iter().map(|row| row.config_id).collect();
        let keys = configs::Entity::find()
            .filter(configs::Column::Id.is_in(ids.iter().copied()))
            .all(self.read())
            .await?;
        let keys: BTreeMap<i64, configs::Model> = keys.into_iter().map(|row| (row.id, row)).collect();
        let mut used: BTreeMap<i64, Bytes> = BTreeMap::new();
        let live = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::ConfigId)
            .column(assignments::Column::Used)
            .filter(assignments::Column::ConfigId.is_in(ids.iter().copied()))
            .filter(assignments::Column::ReleasedAt.is_null());
        let graves = tombstones::Entity::find()
            .select_only()
            .column(tombstones::Column::ConfigId)
            .column(tombstones::Column::UsedKnown)
            .filter(tombstones::Column::ConfigId.is_in(ids.iter().copied()))
            .filter(tombstones::Column::GoneAt.is_null());
        let live: Vec<(i64, i64)> = live.into_tuple().all(self.read()).await?;
        let graves: Vec<(i64, i64)> = graves.into_tuple().all(self.read()).await?;
        for (config, bytes) in live.into_iter().chain(graves) {
            *used.entry(config).or_default() += rows::bytes(bytes).unwrap_or_default();
        }
        let works = Condition::any()
            .add(operations::Column::EndedAt.is_null())
            .add(operations::Column::EndedAt.gte(since));
        let worked_on: Vec<i64> = operations::Entity::find()
            .select_only()
            .column(operations::Column::ConfigId)
            .filter(operations::Column::ConfigId.is_in(ids))
            .filter(works)
            .into_tuple()
            .all(self.read())
            .await?;
        let worked_on: BTreeSet<i64> = worked_on.into_iter().collect();
        let mut found = Vec::with_capacity(accounts.len());
        for row in accounts {
            // Gone since: an account always has its key.
            let Some(key) = keys.get(&row.config_id) else { continue };
            let plain =
                self.secrets().open(&credentials_identity(key.owner, key.number), &key.credentials)?;
            let credentials = serde_json::from_slice(&plain)
                .map_err(|_| StoreError::corrupt("configs", key.id, "credentials"))?;
            let limit_written = rows::bytes_opt(row.limit_written)
                .ok_or_else(|| StoreError::corrupt("assignments", row.id, "limit_written"))?;
            let shown = used.get(&key.id).copied().unwrap_or_default();
            let account = assignment_of(row.clone())?;
            let here = account.used;
            found.push(OurAccount {
                in_motion: worked_on.contains(&key.id)
                    || account.unsettled.is_some()
                    || account.created_at >= since
                    || key.updated_at >= since,
                config: config_of(key)?,
                account,
                credentials,
                used_total: shown.saturating_add_signed(key.used_before),
                used_elsewhere: shown
                    .saturating_sub(here)
                    .saturating_add_signed(Ord::max(key.used_before, 0)),
                limit_written,
            });
        }
        Ok(found)
    }

    /// The names of accounts on an instance that open operations make or tombstones delete.
    ///
    /// # Errors
    /// The database.
    pub async fn accounted_on(&self, instance: &InstanceId) -> Result<BTreeSet<AccountName>, StoreError> {
        let targets: Vec<Option<String>> = operations::Entity::find()
            .select_only()
            .column(operations::Column::TargetAccount)
            .filter(operations::Column::TargetInstance.eq(instance.as_str()))
            .filter(operations::Column::EndedAt.is_null())
            .into_tuple()
            .all(self.read())
            .await?;
        let graves: Vec<String> = tombstones::Entity::find()
            .select_only()
            .column(tombstones::Column::Account)
            .filter(tombstones::Column::InstanceId.eq(instance.as_str()))
            .filter(tombstones::Column::GoneAt.is_null())
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(targets.into_iter().flatten().chain(graves).map(AccountName::stored).collect())
    }

    /// How many accounts a panel shall show under `prefix`: those that serve, those that are being made, and those that
    /// must still be deleted. What is in motion makes it a guess.
    ///
    /// # Errors
    /// The database.
    pub async fn expected_on(&self, instance: &InstanceId, prefix: &str) -> Result<u64, StoreError> {
        let live = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::Account.starts_with(prefix))
            .count(self.read())
            .await?;
        Ok(live + self.accounted_on(instance).await?.len() as u64)
    }

    /// The number of the last account made for each of these keys; keys that do not exist are left out.
    ///
    /// # Errors
    /// The database.
    pub async fn generations(&self, ids: &[ConfigId]) -> Result<BTreeMap<ConfigId, u32>, StoreError> {
        let mut found = BTreeMap::new();
        for chunk in ids.chunks(AT_ONCE) {
            let rows: Vec<(i64, i32)> = configs::Entity::find()
                .select_only()
                .column(configs::Column::Id)
                .column(configs::Column::Generation)
                .filter(configs::Column::Id.is_in(chunk.iter().map(|id| id.0)))
                .into_tuple()
                .all(self.read())
                .await?;
            found.extend(
                rows.into_iter().filter_map(|(id, number)| Some((ConfigId(id), rows::count(number)?))),
            );
        }
        Ok(found)
    }

    /// Since when each of what was seen on an instance has been seen without a break.
    ///
    /// # Errors
    /// The database.
    pub async fn sightings(
        &self,
        instance: &InstanceId,
        kind: Sighting,
    ) -> Result<BTreeMap<AccountName, Timestamp>, StoreError> {
        let found = sightings::Entity::find()
            .filter(sightings::Column::InstanceId.eq(instance.as_str()))
            .filter(sightings::Column::Kind.eq(kind.word()))
            .all(self.read())
            .await?;
        Ok(found.into_iter().map(|row| (AccountName::stored(row.account), row.first_seen_at)).collect())
    }

    /// Records what was seen on an instance by now: what was seen before goes on, what is not seen any more is forgotten.
    ///
    /// # Errors
    /// The database.
    pub async fn saw(
        &self,
        instance: &InstanceId,
        kind: Sighting,
        accounts: &[AccountName],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use sightings::Column;
        let tx = self.begin().await?;
        for chunk in accounts.chunks(AT_ONCE / 5) {
            let rows = chunk.iter().map(|account| sightings::ActiveModel {
                instance_id: Set(instance.to_string()),
                account: Set(account.as_str().to_owned()),
                kind: Set(kind.word().to_owned()),
                first_seen_at: Set(now),
                last_seen_at: Set(now),
                ..Default::default()
            });
            let again = OnConflict::columns([Column::InstanceId, Column::Account, Column::Kind])
                .update_column(Column::LastSeenAt)
                .to_owned();
            sightings::Entity::insert_many(rows).on_conflict(again).exec_without_returning(&tx).await?;
        }
        sightings::Entity::delete_many()
            .filter(Column::InstanceId.eq(instance.as_str()))
            .filter(Column::Kind.eq(kind.word()))
            .filter(Column::LastSeenAt.lt(now))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// When an instance's panel was last compared.
    ///
    /// # Errors
    /// The database.
    pub async fn reconciliation(&self, instance: &InstanceId) -> Result<Reconciliation, StoreError> {
        let row = reconciliations::Entity::find_by_id(instance.to_string()).one(self.read()).await?;
        Ok(row.map_or_else(Reconciliation::default, |row| Reconciliation {
            counted_at: row.counted_at,
            passed_at: row.passed_at,
            explained: row.explained,
            left_alone: row.left_alone,
        }))
    }

    /// Takes the next count of an instance's panel, if nobody has since `last`.
    ///
    /// # Errors
    /// The database.
    pub async fn take_count(
        &self,
        instance: &InstanceId,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use reconciliations::Column;
        let tx = self.begin().await?;
        known(&tx, instance).await?;
        let taken = reconciliations::Entity::update_many()
            .col_expr(Column::CountedAt, Expr::value(now))
            .filter(Column::InstanceId.eq(instance.as_str()))
            .filter(last.map_or_else(|| Column::CountedAt.is_null(), |last| Column::CountedAt.eq(last)))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(taken.rows_affected == 1)
    }

    /// Records a full pass, and by how much the two counts may differ from now on without being news.
    ///
    /// # Errors
    /// The database.
    pub async fn passed(
        &self,
        instance: &InstanceId,
        explained: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use reconciliations::Column;
        let tx = self.begin().await?;
        known(&tx, instance).await?;
        reconciliations::Entity::update_many()
            .col_expr(Column::PassedAt, Expr::value(now))
            .col_expr(Column::Explained, Expr::value(explained))
            .filter(Column::InstanceId.eq(instance.as_str()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Records that an instance's panel is to be left alone, or no more: then it is compared anew, whatever was known.
    ///
    /// # Errors
    /// The database.
    pub async fn leave_alone(&self, instance: &InstanceId, alone: bool) -> Result<(), StoreError> {
        use reconciliations::Column;
        let tx = self.begin().await?;
        known(&tx, instance).await?;
        reconciliations::Entity::update_many()
            .col_expr(Column::LeftAlone, Expr::value(alone))
            .col_expr(Column::PassedAt, Expr::value(None::<Timestamp>))
            .filter(Column::InstanceId.eq(instance.as_str()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A stray gets a tombstone, and is deleted as everything else is: its mark is read once more just before. `false`:
    /// something accounts for it by now.
    ///
    /// What it had used is not counted: that was done when its key let go of it.
    ///
    /// # Errors
    /// The database.
    pub async fn bury_stray(
        &self,
        instance: &InstanceId,
        stray: &Stray,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let key = configs::Entity::find_by_id(stray.config.0).lock(LockType::Update).one(&tx).await?;
        if key.is_none() || is_accounted(&tx, instance, &stray.account).await? {
            return Ok(false);
        }
        let burial = Burial {
            config: stray.config,
            instance,
            account: &stray.account,
            unsettled: None,
            used: 0,
            reason: STRAY,
        };
        bury(&tx, &burial, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets an account that its panel lost be made again. What it had used stays counted: the new one begins at zero.
    /// `false`: something works on its key, or the row is no more what it was.
    ///
    /// # Errors
    /// The database.
    pub async fn make_again(
        &self,
        missing: &Missing,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let Some((key, account)) = quiet(&tx, missing.config, missing.assignment.0).await? else {
            return Ok(false);
        };
        configs::Entity::update_many()
            .col_expr(
                configs::Column::UsedBefore,
                Expr::col(configs::Column::UsedBefore).add(rows::to_i64(account.used)),
            )
            .filter(configs::Column::Id.eq(key.id))
            .exec(&tx)
            .await?;
        assignments::ActiveModel {
            id: Set(account.id.0),
            used: Set(0),
            synced_revision: Set(0),
            limit_written: Set(None),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        begin_or_queue(&tx, self.secrets(), &key, &sync(by, now), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets go of an account left behind by a move that its panel lost. `false`: something works on its key, or it is no
    /// more what it was.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_lost(&self, lost: &Missing, now: Timestamp) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        configs::Entity::find_by_id(lost.config.0).lock(LockType::Update).one(&tx).await?;
        let accounts = accounts_of(&tx, lost.config).await?;
        let Some(account) = accounts.into_iter().find(|account| account.id == lost.assignment) else {
            return Ok(false);
        };
        self.release_one(tx, &account, |current| current.role == Role::Lingering, "lost", now).await
    }

    /// Lets an account be put right. `false`: something works on its key, or it is no more what it was.
    ///
    /// # Errors
    /// The database.
    pub async fn put_right(
        &self,
        changed: &Changed,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let Some((key, account)) = quiet(&tx, changed.config, changed.assignment.0).await? else {
            return Ok(false);
        };
        assignments::ActiveModel { id: Set(account.id.0), synced_revision: Set(0), ..Default::default() }
            .update(&tx)
            .await?;
        begin_or_queue(&tx, self.secrets(), &key, &sync(by, now), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What a panel shows of an account becomes what its key allows. Its other accounts follow. `false`: something works
    /// on the key, or the account is no more what it was.
    ///
    /// # Errors
    /// The database.
    pub async fn take_over(
        &self,
        changed: &Changed,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let Some((mut key, account)) = quiet(&tx, changed.config, changed.assignment.0).await? else {
            return Ok(false);
        };
        let accounts = accounts_of(&tx, changed.config).await?;
        let elsewhere = accounts.iter().filter(|other| other.id != account.id).map(|other| other.used);
        let elsewhere = elsewhere.sum::<Bytes>().saturating_add(buried(&tx, changed.config).await?);
        let elsewhere = rows::to_i64(elsewhere).saturating_add(key.used_before);
        // The panel counts only what passes through this account; the key's quota is over all.
        let limit = changed.shown.data_limit.map(|limit| Ord::max(limit.saturating_add_signed(elsewhere), 1));
        key.revision += 1;
        key.wish = rows::to_word(if changed.shown.enabled { Wish::Active } else { Wish::Suspended });
        configs::ActiveModel {
            id: Set(key.id),
            revision: Set(key.revision),
            wish: Set(key.wish.clone()),
            expires_at: Set(changed.shown.expires_at),
            data_limit: Set(limit.map(rows::to_i64)),
            ended_at: Set(None),
            updated_at: Set(now),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        assignments::ActiveModel {
            id: Set(account.id.0),
            synced_revision: Set(key.revision),
            limit_written: Set(changed.shown.data_limit.map(rows::to_i64)),
            ..Default::default()
        }
        .update(&tx)
        .await?;
        if accounts.len() > 1 {
            begin_or_queue(&tx, self.secrets(), &key, &sync(by, now), now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Holds the counters against the rows that they count, and puts them right (I6, I7).
    ///
    /// # Errors
    /// The database.
    pub async fn audit_counters(&self, now: Timestamp) -> Result<Vec<Corrected>, StoreError> {
        let mut corrected = Vec::new();
        for instance in self.miscounted().await? {
            corrected.extend(self.correct(&instance, now).await?);
        }
        Ok(corrected)
    }

    /// The instances whose counters are not what they count. One statement sees all of it at one moment, and nobody who
    /// takes a place meanwhile waits for it.
    async fn miscounted(&self) -> Result<Vec<InstanceId>, StoreError> {
        use instance_counters::{Column, Entity};
        // By a column that the index has: the rows themselves need not be read.
        let serving = |role: Role| {
            Query::select()
                .expr(Expr::col(assignments::Column::Role).count())
                .from(assignments::Entity)
                .and_where(
                    Expr::col((assignments::Entity, assignments::Column::InstanceId))
                        .equals((Entity, Column::InstanceId)),
                )
                .and_where(assignments::Column::ReleasedAt.is_null())
                .and_where(assignments::Column::Role.eq(rows::to_word(role)))
                .take()
        };
        let held = Query::select()
            .expr(Expr::col(operations::Column::Id).count())
            .from(operations::Entity)
            .and_where(Expr::col(operations::Column::TargetInstance).equals((Entity, Column::InstanceId)))
            .and_where(operations::Column::EndedAt.is_null())
            .and_where(operations::Column::HoldsPlace.eq(true))
            .take();
        let is_not = |column: Column, counted: SelectStatement| {
            Expr::col((Entity, column)).ne(Expr::SubQuery(None, Box::new(counted.into())))
        };
        let wrong = Condition::any()
            .add(is_not(Column::Active, serving(Role::Primary)))
            .add(is_not(Column::Reserved, held))
            .add(is_not(Column::Lingering, serving(Role::Lingering)));
        let found = Entity::find().filter(wrong).order_by_asc(Column::InstanceId).all(self.read()).await?;
        let id = |row: instance_counters::Model| {
            let corrupt = |_| StoreError::corrupt("instance_counters", &row.instance_id, "instance_id");
            row.instance_id.parse().map_err(corrupt)
        };
        found.into_iter().map(id).collect()
    }

    /// Whoever changes rows that counters count changes the counters in the same transaction: with the counters locked,
    /// every change is either in both or in neither.
    async fn correct(&self, instance: &InstanceId, now: Timestamp) -> Result<Option<Corrected>, StoreError> {
        use instance_counters::Column;
        let tx = self.begin().await?;
        let row = instance_counters::Entity::find_by_id(instance.to_string());
        let Some(row) = row.lock(LockType::Update).one(&tx).await? else { return Ok(None) };
        let (active, reserved, lingering) = instances::counted(&tx, instance).await?;
        let counted = (i64::from(active), i64::from(reserved), i64::from(lingering));
        let stood = (row.active, row.reserved, row.lingering);
        if counted == stood {
            return Ok(None);
        }
        instance_counters::Entity::update_many()
            .col_expr(Column::Active, Expr::value(counted.0))
            .col_expr(Column::Reserved, Expr::value(counted.1))
            .col_expr(Column::Lingering, Expr::value(counted.2))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::InstanceId.eq(instance.as_str()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(Some(Corrected { instance: instance.clone(), stood, counted }))
    }
}

/// Makes the row of an instance's comparison, if there is none.
async fn known(tx: &DatabaseTransaction, instance: &InstanceId) -> Result<(), StoreError> {
    let row = reconciliations::ActiveModel {
        instance_id: Set(instance.to_string()),
        counted_at: Set(None),
        passed_at: Set(None),
        explained: Set(0),
        left_alone: Set(false),
    };
    let known = OnConflict::column(reconciliations::Column::InstanceId).do_nothing().to_owned();
    reconciliations::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// A key, locked, that nothing works on, with one of its accounts that counts; `None`: it is otherwise by now.
async fn quiet(
    tx: &DatabaseTransaction,
    config: ConfigId,
    assignment: i64,
) -> Result<Option<(configs::Model, Assignment)>, StoreError> {
    let key = configs::Entity::find_by_id(config.0).lock(LockType::Update).one(tx).await?;
    let Some(key) = key.filter(|key| key.wish != rows::to_word(Wish::Revoked)) else { return Ok(None) };
    if open_row(tx, config).await?.is_some() {
        return Ok(None);
    }
    let accounts = accounts_of(tx, config).await?;
    let counts = |account: &Assignment| account.id.0 == assignment && account.role != Role::Lingering;
    let account = accounts.into_iter().find(|account| counts(account) && account.unsettled.is_none());
    Ok(account.map(|account| (key, account)))
}

/// Whether anything accounts for a name on an instance.
async fn is_accounted(
    tx: &DatabaseTransaction,
    instance: &InstanceId,
    account: &AccountName,
) -> Result<bool, StoreError> {
    let served = assignments::Entity::find()
        .filter(assignments::Column::InstanceId.eq(instance.as_str()))
        .filter(assignments::Column::Account.eq(account.as_str()))
        .filter(assignments::Column::ReleasedAt.is_null());
    let made = operations::Entity::find()
        .filter(operations::Column::TargetInstance.eq(instance.as_str()))
        .filter(operations::Column::TargetAccount.eq(account.as_str()))
        .filter(operations::Column::EndedAt.is_null());
    let deleted = tombstones::Entity::find()
        .filter(tombstones::Column::InstanceId.eq(instance.as_str()))
        .filter(tombstones::Column::Account.eq(account.as_str()))
        .filter(tombstones::Column::GoneAt.is_null());
    Ok(served.count(tx).await? + made.count(tx).await? + deleted.count(tx).await? > 0)
}
