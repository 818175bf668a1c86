//! Keys and their accounts: `configs` and `assignments`.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::domain::instance::Health;
use crate::domain::key::{Assignment, Authority, Config, Role, Unsettled, Wish};
use crate::domain::operation::{NextWish, Operation};
use crate::domain::quota::Bytes;
use crate::domain::{
    AccountName, AssignmentId, ConfigId, Credentials, InstanceId, Region, Timestamp, UserId,
};

use super::entity::{assignments, configs, instance_health, operations as operations_table, tombstones};
use super::{Store, StoreError, flags, operations, rows};

/// A key with all that is known of it.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub config: Config,
    /// Its accounts that serve.
    pub accounts: Vec<Assignment>,
    /// What works on it.
    pub operation: Option<Operation>,
    /// What comes after that.
    pub next: Option<NextWish>,
    /// Its accounts that are being deleted: where, and what they had used.
    pub buried: Vec<(InstanceId, Bytes)>,
    /// Its secrets as they are stored; see [`Store::credentials_of`].
    sealed: String,
}

impl Key {
    /// What it used over all accounts it ever had.
    #[must_use]
    pub fn used_total(&self) -> Bytes {
        let buried: Bytes = self.buried.iter().map(|(_, used)| used).sum();
        let shown = self.accounts.iter().map(|account| account.used).sum::<Bytes>().saturating_add(buried);
        shown.saturating_add_signed(self.config.used_before)
    }

    /// The account that counts.
    #[must_use]
    pub fn primary(&self) -> Option<&Assignment> {
        self.accounts.iter().find(|account| account.role == Role::Primary)
    }

    /// The accounts left behind that still serve.
    pub fn lingering(&self) -> impl Iterator<Item = &Assignment> {
        self.accounts.iter().filter(|account| account.role == Role::Lingering)
    }
}

/// What an account carries after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// The key's revision.
    pub revision: i64,
    /// The quota on its panel.
    pub limit: Option<Bytes>,
}

/// What sealing binds a key's secrets to.
pub(super) fn credentials_identity(owner: i64, number: i32) -> String {
    format!("configs.credentials:{owner}:{number}")
}

/// What sealing binds an account's link to.
pub(super) fn link_identity(account: &str) -> String {
    format!("assignments.subscription_url:{account}")
}

pub(super) fn config_of(row: &configs::Model) -> Result<Config, StoreError> {
    let corrupt = |what| StoreError::corrupt("configs", row.id, what);
    Ok(Config {
        id: ConfigId(row.id),
        owner: UserId(row.owner),
        number: rows::count(row.number).ok_or_else(|| corrupt("number"))?,
        revision: row.revision,
        link_epoch: rows::count(row.link_epoch).ok_or_else(|| corrupt("link_epoch"))?,
        authority: rows::word::<Authority>(&row.authority).ok_or_else(|| corrupt("authority"))?,
        wish: rows::word::<Wish>(&row.wish).ok_or_else(|| corrupt("wish"))?,
        expires_at: row.expires_at,
        data_limit: rows::bytes_opt(row.data_limit).ok_or_else(|| corrupt("data_limit"))?,
        used_before: row.used_before,
        wanted_region: rows::parse_opt(row.wanted_region.as_deref())
            .ok_or_else(|| corrupt("wanted_region"))?,
        generation: rows::count(row.generation).ok_or_else(|| corrupt("generation"))?,
        created_at: row.created_at,
    })
}

pub(super) fn assignment_of(row: assignments::Model) -> Result<Assignment, StoreError> {
    let corrupt = |what| StoreError::corrupt("assignments", row.id, what);
    Ok(Assignment {
        id: AssignmentId(row.id),
        config: ConfigId(row.config_id),
        instance: row.instance_id.parse().map_err(|_| corrupt("instance_id"))?,
        role: rows::word::<Role>(&row.role).ok_or_else(|| corrupt("role"))?,
        generation: rows::count(row.generation).ok_or_else(|| corrupt("generation"))?,
        used: rows::bytes(row.used).ok_or_else(|| corrupt("used"))?,
        used_at: row.used_at,
        synced_revision: row.synced_revision,
        unsettled: rows::unsettled(row.unsettled_at, row.settles_at),
        linger_until: row.linger_until,
        created_at: row.created_at,
        account: AccountName::stored(row.account),
    })
}

/// What a row of `configs` used over all the accounts it ever had; see [`Key::used_total`].
macro_rules! used_total {
    () => {
        "(used_before \
         + (SELECT COALESCE(SUM(assignments.used), 0) FROM assignments \
            WHERE assignments.config_id = configs.id AND assignments.released_at IS NULL) \
         + (SELECT COALESCE(SUM(tombstones.used_known), 0) FROM tombstones \
            WHERE tombstones.config_id = configs.id AND tombstones.gone_at IS NULL))"
    };
}

/// Whether a row of `configs` has a limit and reached it.
pub(super) const USED_UP: &str = concat!("data_limit IS NOT NULL AND ", used_total!(), " >= data_limit");

/// Whether a row of `configs` has a limit and used so many percent of it.
pub(super) fn used_at_least(percent: u32) -> String {
    format!("data_limit IS NOT NULL AND {} * 100 >= data_limit * {percent}", used_total!())
}

/// Keys that work.
pub(super) fn live_keys(now: Timestamp) -> Select<configs::Entity> {
    use configs::Column;
    let lasts = Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now));
    configs::Entity::find()
        .filter(Column::Wish.eq(rows::to_word(Wish::Active)))
        .filter(Column::EndedAt.is_null())
        .filter(lasts)
}

/// Keys that serve nobody since `before`: their time was over, all was used, or they were suspended.
pub(super) fn ended_before(before: Timestamp) -> Condition {
    let wish = |wish| configs::Column::Wish.eq(rows::to_word(wish));
    let suspended = wish(Wish::Suspended).and(configs::Column::UpdatedAt.lte(before));
    let used_up = wish(Wish::Active).and(configs::Column::EndedAt.lte(before));
    Condition::any().add(configs::Column::ExpiresAt.lte(before)).add(suspended).add(used_up)
}

/// For statements over `assignments`: no operation is open for the key.
pub(super) fn nothing_works_on_it() -> Expr {
    let open = operations_table::Entity::find()
        .select_only()
        .column(operations_table::Column::Id)
        .filter(operations_table::Column::EndedAt.is_null())
        .filter(
            Expr::col((operations_table::Entity, operations_table::Column::ConfigId))
                .equals((assignments::Entity, assignments::Column::ConfigId)),
        );
    Expr::not_exists(QueryTrait::into_query(open))
}

/// The accounts of a key that were not let go, oldest first.
pub(super) async fn accounts_of(
    db: &impl ConnectionTrait,
    config: ConfigId,
) -> Result<Vec<Assignment>, StoreError> {
    let found = assignments::Entity::find()
        .filter(assignments::Column::ConfigId.eq(config.0))
        .filter(assignments::Column::ReleasedAt.is_null())
        .order_by_asc(assignments::Column::Id)
        .all(db)
        .await?;
    found.into_iter().map(assignment_of).collect()
}

/// The accounts of a key that are not yet known to be gone: where, and what they had used.
async fn graves_of(
    db: &impl ConnectionTrait,
    config: ConfigId,
) -> Result<Vec<(InstanceId, Bytes)>, StoreError> {
    let found = tombstones::Entity::find()
        .filter(tombstones::Column::ConfigId.eq(config.0))
        .filter(tombstones::Column::GoneAt.is_null())
        .all(db)
        .await?;
    let grave = |row: tombstones::Model| {
        let corrupt = |what| StoreError::corrupt("tombstones", row.id, what);
        let instance = row.instance_id.parse().map_err(|_| corrupt("instance_id"))?;
        Ok((instance, rows::bytes(row.used_known).ok_or_else(|| corrupt("used_known"))?))
    };
    found.into_iter().map(grave).collect()
}

/// What the accounts of a key had used that are not yet known to be gone.
pub(super) async fn buried(db: &impl ConnectionTrait, config: ConfigId) -> Result<Bytes, StoreError> {
    Ok(graves_of(db, config).await?.iter().map(|(_, used)| used).sum())
}

impl Store {
    /// A key with all that is known of it.
    ///
    /// # Errors
    /// The database, or a row that cannot be read.
    pub async fn key(&self, id: ConfigId) -> Result<Option<Key>, StoreError> {
        let Some(row) = configs::Entity::find_by_id(id.0).one(self.read()).await? else { return Ok(None) };
        let next = rows::json_opt::<NextWish>(row.next_wish.as_ref());
        // The row first: whatever is older than its revision is refused when it is written. Accounts before what was
        // buried: one that goes over meanwhile is counted twice rather than not at all.
        let used = async {
            let accounts = accounts_of(self.read(), id).await?;
            Ok((accounts, graves_of(self.read(), id).await?))
        };
        let open = operations::open_of(self.read(), self.secrets(), id);
        let ((accounts, buried), operation) = tokio::try_join!(used, open)?;
        Ok(Some(Key {
            next: next.ok_or_else(|| StoreError::corrupt("configs", row.id, "next_wish"))?,
            accounts,
            operation,
            buried,
            config: config_of(&row)?,
            sealed: row.credentials,
        }))
    }

    /// The keys of a person that were not taken away, oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn keys_of(&self, owner: UserId) -> Result<Vec<ConfigId>, StoreError> {
        let found = configs::Entity::find()
            .filter(configs::Column::Owner.eq(owner.0))
            .filter(configs::Column::Wish.ne(rows::to_word(Wish::Revoked)))
            .order_by_asc(configs::Column::Number)
            .all(self.read())
            .await?;
        Ok(found.iter().map(|row| ConfigId(row.id)).collect())
    }

    /// A key's secrets.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open them.
    pub async fn credentials(&self, id: ConfigId) -> Result<Option<Credentials>, StoreError> {
        let row = configs::Entity::find_by_id(id.0).one(self.read()).await?;
        row.map(|row| self.open_credentials(id, row.owner, row.number, &row.credentials)).transpose()
    }

    /// The secrets of a key that was read.
    ///
    /// # Errors
    /// A `SECRET_KEY` that does not open them.
    pub fn credentials_of(&self, key: &Key) -> Result<Credentials, StoreError> {
        let config = &key.config;
        let number = i32::try_from(config.number).unwrap_or(i32::MAX);
        self.open_credentials(config.id, config.owner.0, number, &key.sealed)
    }

    fn open_credentials(
        &self,
        id: ConfigId,
        owner: i64,
        number: i32,
        sealed: &str,
    ) -> Result<Credentials, StoreError> {
        let plain = self.secrets().open(&credentials_identity(owner, number), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::corrupt("configs", id.0, "credentials"))
    }

    /// The panel's own link of an account, as it was last seen.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open it.
    pub async fn panel_link(&self, id: AssignmentId) -> Result<Option<String>, StoreError> {
        let Some(row) = assignments::Entity::find_by_id(id.0).one(self.read()).await? else {
            return Ok(None);
        };
        let Some(sealed) = &row.subscription_url else { return Ok(None) };
        let plain = self.secrets().open(&link_identity(&row.account), sealed)?;
        String::from_utf8(plain)
            .map(Some)
            .map_err(|_| StoreError::corrupt("assignments", row.id, "subscription_url"))
    }

    /// Why an account is where it is, as stored when it was placed; and when that was.
    ///
    /// # Errors
    /// The database.
    pub async fn placement_reason(
        &self,
        id: AssignmentId,
    ) -> Result<Option<(serde_json::Value, Timestamp)>, StoreError> {
        let row = assignments::Entity::find_by_id(id.0).one(self.read()).await?;
        Ok(row.map(|row| (row.reason, row.created_at)))
    }

    /// The keys whose primary account is on an instance, with their owners, in pages; and how many there are.
    ///
    /// # Errors
    /// The database.
    pub async fn keys_on(
        &self,
        instance: &InstanceId,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<(ConfigId, UserId)>, u64), StoreError> {
        let primary = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null());
        let total = primary.clone().count(self.read()).await?;
        let page = primary
            .order_by_asc(assignments::Column::ConfigId)
            .offset(offset)
            .limit(limit)
            .all(self.read())
            .await?;
        let ids: Vec<i64> = page.iter().map(|row| row.config_id).collect();
        let owners = configs::Entity::find()
            .filter(configs::Column::Id.is_in(ids))
            .order_by_asc(configs::Column::Id)
            .all(self.read())
            .await?;
        Ok((owners.iter().map(|row| (ConfigId(row.id), UserId(row.owner))).collect(), total))
    }

    /// Records what a panel showed of an account: its use, its link.
    ///
    /// # Errors
    /// The database.
    pub async fn saw_account(
        &self,
        id: AssignmentId,
        account: &AccountName,
        used: Bytes,
        link: Option<&str>,
        online_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut change = assignments::Entity::update_many()
            .col_expr(assignments::Column::Used, Expr::value(rows::to_i64(used)))
            .col_expr(assignments::Column::UsedAt, Expr::value(now))
            .filter(assignments::Column::Id.eq(id.0));
        if let Some(link) = link {
            let sealed = self.secrets().seal(&link_identity(account.as_str()), link.as_bytes());
            change = change.col_expr(assignments::Column::SubscriptionUrl, Expr::value(sealed));
        }
        if let Some(online_at) = online_at {
            change = change.col_expr(assignments::Column::OnlineAt, Expr::value(online_at));
        }
        change.exec(self.write()).await?;
        self.notice_end(id, now).await
    }

    /// Records since when the key of an account has nothing left, once that is so.
    async fn notice_end(&self, id: AssignmentId, now: Timestamp) -> Result<(), StoreError> {
        let key = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::ConfigId)
            .filter(assignments::Column::Id.eq(id.0));
        configs::Entity::update_many()
            .col_expr(configs::Column::EndedAt, Expr::value(now))
            .filter(configs::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(key)))
            .filter(configs::Column::EndedAt.is_null())
            .filter(configs::Column::Wish.eq(rows::to_word(Wish::Active)))
            .filter(Expr::cust(USED_UP))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// When the key's accounts last had traffic, as far as panels told.
    ///
    /// # Errors
    /// The database.
    pub async fn last_online(&self, config: ConfigId) -> Result<Option<Timestamp>, StoreError> {
        let found = assignments::Entity::find()
            .filter(assignments::Column::ConfigId.eq(config.0))
            .filter(assignments::Column::OnlineAt.is_not_null())
            .order_by_desc(assignments::Column::OnlineAt)
            .one(self.read())
            .await?;
        Ok(found.and_then(|row| row.online_at))
    }

    /// Accounts whose use was read longest ago, for sampling.
    ///
    /// # Errors
    /// The database.
    pub async fn stalest_accounts(
        &self,
        instance: &InstanceId,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<Assignment>, StoreError> {
        let older = assignments::Column::UsedAt.is_null().or(assignments::Column::UsedAt.lt(before));
        let found = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(older)
            .order_by_asc(assignments::Column::UsedAt)
            .limit(limit)
            .all(self.read())
            .await?;
        found.into_iter().map(assignment_of).collect()
    }

    /// Just before a write to an account: records it as one that may land, if the key's revision is still `revision`
    /// and the claim of the operation it is written for, which is renewed, still holds. `false`: the world has moved
    /// on, nothing may be sent.
    ///
    /// # Errors
    /// The database.
    pub async fn authorise_account_write(
        &self,
        id: AssignmentId,
        operation: Option<&Operation>,
        revision: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        if let Some(operation) = operation
            && !operations::renew_claim(&tx, operation, now).await?
        {
            return Ok(false);
        }
        let current = configs::Entity::find().select_only().column(configs::Column::Revision).filter(
            Expr::col((configs::Entity, configs::Column::Id))
                .equals((assignments::Entity, assignments::Column::ConfigId)),
        );
        let changed = assignments::Entity::update_many()
            .col_expr(assignments::Column::UnsettledAt, Expr::value(now))
            .col_expr(assignments::Column::SettlesAt, Expr::value(None::<Timestamp>))
            .filter(assignments::Column::Id.eq(id.0))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(flags::not_on_hold())
            .filter(
                Expr::value(revision)
                    .eq(Expr::SubQuery(None, Box::new(sea_orm::QueryTrait::into_query(current).into()))),
            )
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(changed.rows_affected == 1)
    }

    /// After a write to an account: what is now known to be there, and whether an earlier request may still land.
    /// `sent_at` names the last write that was recorded when this one was; with another one by now, nothing is changed and
    /// the answer is `false`: what that one brought about, its own sender will tell.
    ///
    /// # Errors
    /// The database.
    pub async fn account_written(
        &self,
        id: AssignmentId,
        sent_at: Option<Timestamp>,
        carried: Option<Carried>,
        unsettled: Option<Unsettled>,
    ) -> Result<bool, StoreError> {
        let mut change = assignments::Entity::update_many()
            .col_expr(assignments::Column::UnsettledAt, Expr::value(unsettled.map(|u| u.sent_at)))
            .col_expr(assignments::Column::SettlesAt, Expr::value(unsettled.and_then(|u| u.settles_at)))
            .filter(assignments::Column::Id.eq(id.0))
            .filter(match sent_at {
                Some(sent_at) => assignments::Column::UnsettledAt.eq(sent_at),
                None => assignments::Column::UnsettledAt.is_null(),
            });
        if let Some(Carried { revision, limit }) = carried {
            change = change
                .col_expr(assignments::Column::SyncedRevision, Expr::value(revision))
                .col_expr(assignments::Column::LimitWritten, Expr::value(limit.map(rows::to_i64)));
        }
        Ok(change.exec(self.write()).await?.rows_affected == 1)
    }

    /// Accounts that had a write of unknown fate which can no longer land: they are to be looked at once more. Those on
    /// instances that are known not to answer, and those of keys that something works on, would only stand before
    /// others.
    ///
    /// # Errors
    /// The database.
    pub async fn settled_accounts(&self, now: Timestamp, limit: u64) -> Result<Vec<Assignment>, StoreError> {
        let silent = [Health::Unreachable, Health::ControlDown, Health::Down, Health::Misconfigured];
        let silent = instance_health::Entity::find()
            .select_only()
            .column(instance_health::Column::InstanceId)
            .filter(instance_health::Column::Health.is_in(silent.map(rows::to_word)));
        let found = assignments::Entity::find()
            .filter(assignments::Column::SettlesAt.lte(now))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::InstanceId.not_in_subquery(QueryTrait::into_query(silent)))
            .filter(nothing_works_on_it())
            .order_by_asc(assignments::Column::SettlesAt)
            .limit(limit)
            .all(self.read())
            .await?;
        found.into_iter().map(assignment_of).collect()
    }

    /// Accounts left behind whose time is over, of keys that nothing works on.
    ///
    /// # Errors
    /// The database.
    pub async fn lingering_over(&self, now: Timestamp, limit: u64) -> Result<Vec<Assignment>, StoreError> {
        let found = assignments::Entity::find()
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Lingering)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::LingerUntil.lte(now))
            .filter(nothing_works_on_it())
            .order_by_asc(assignments::Column::LingerUntil)
            .limit(limit)
            .all(self.read())
            .await?;
        found.into_iter().map(assignment_of).collect()
    }

    /// The accounts of keys that ended before `before` (their time was over, all was used, or they were suspended) and
    /// still keep their place.
    ///
    /// # Errors
    /// The database.
    pub async fn ended_long_ago(&self, before: Timestamp, limit: u64) -> Result<Vec<Assignment>, StoreError> {
        let ended =
            configs::Entity::find().select_only().column(configs::Column::Id).filter(ended_before(before));
        let found = assignments::Entity::find()
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::ConfigId.in_subquery(sea_orm::QueryTrait::into_query(ended)))
            .order_by_asc(assignments::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        found.into_iter().map(assignment_of).collect()
    }

    /// Remembers the location that the owner chose; `None` is automatic. No panel has to know.
    ///
    /// # Errors
    /// The database.
    pub async fn set_wanted_region(
        &self,
        config: ConfigId,
        region: Option<&Region>,
    ) -> Result<(), StoreError> {
        configs::Entity::update_many()
            .col_expr(configs::Column::WantedRegion, Expr::value(region.map(ToString::to_string)))
            .filter(configs::Column::Id.eq(config.0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// The account that counts is not as it shall be: the next synchronisation writes it.
    ///
    /// # Errors
    /// The database.
    pub async fn mark_unsynced(&self, config: ConfigId) -> Result<(), StoreError> {
        assignments::Entity::update_many()
            .col_expr(assignments::Column::SyncedRevision, Expr::value(0_i64))
            .filter(assignments::Column::ConfigId.eq(config.0))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Makes a live key's credentials row; the caller has locked its owner.
    pub(super) async fn insert_key(
        &self,
        tx: &impl ConnectionTrait,
        new: &super::operations::NewKey,
        number: i32,
        now: Timestamp,
    ) -> Result<ConfigId, StoreError> {
        let plain = serde_json::to_vec(&new.credentials).expect("two texts make JSON");
        let sealed = self.secrets().seal(&credentials_identity(new.owner.0, number), &plain);
        let row = configs::ActiveModel {
            owner: Set(new.owner.0),
            number: Set(number),
            credentials: Set(sealed),
            revision: Set(1),
            link_epoch: Set(0),
            authority: Set(rows::to_word(Authority::Karvan)),
            wish: Set(rows::to_word(Wish::Active)),
            expires_at: Set(new.expires_at),
            data_limit: Set(new.data_limit.map(rows::to_i64)),
            used_before: Set(0),
            wanted_region: Set(new.wanted_region.as_ref().map(ToString::to_string)),
            generation: Set(0),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(ConfigId(row.insert(tx).await?.id))
    }
}
