//! Accounts that others made, taken over as they are; links that panels gave out; attempts to claim a key.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::domain::key::{Authority, Role, Wish};
use crate::domain::link::Link;
use crate::domain::person::Admission;
use crate::domain::quota::Bytes;
use crate::domain::{AccountName, ConfigId, Credentials, InstanceId, Timestamp, UserId};

use super::entity::{assignments, claims, configs, instance_counters, old_links, users};
use super::flags;
use super::keys::{credentials_identity, link_identity};
use super::{Store, StoreError, rows};

/// An account as its panel shows it, and whose it becomes.
#[derive(Debug, Clone)]
pub struct Adoptee {
    /// Whose.
    pub owner: UserId,
    /// Its name on the panel, which stays.
    pub account: AccountName,
    /// The secrets that it serves.
    pub credentials: Credentials,
    /// Serves, or is paused.
    pub enabled: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How much it may use.
    pub data_limit: Option<Bytes>,
    /// What it has used.
    pub used: Bytes,
    /// The panel's own link.
    pub link: Option<String>,
    /// The last traffic.
    pub online_at: Option<Timestamp>,
}

/// What came of taking an account over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// It is a key now.
    Made(ConfigId),
    /// It was before, and whose it is.
    Already(ConfigId, UserId),
    /// The instance is not in the fleet any more.
    NoInstance,
}

/// For statements over `configs`: the service may move the key by itself. Adopted keys stay where they are, unless the
/// operator says otherwise.
pub(super) fn moves_by_itself() -> Condition {
    Condition::any()
        .add(configs::Column::Authority.ne(rows::to_word(Authority::Panel)))
        .add(flags::is_raised_now(flags::MOVE_ADOPTED))
}

impl Store {
    /// Takes an account over as a key of `owner`'s, who has access from then on. Nothing on the panel changes, and the
    /// panel goes on deciding about its limits.
    ///
    /// # Errors
    /// The database.
    pub async fn adopt(
        &self,
        instance: &InstanceId,
        adoptee: &Adoptee,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Adopted, StoreError> {
        let tx = self.begin().await?;
        let adopted = self.adopt_within(&tx, instance, adoptee, by, now).await?;
        if let Adopted::Made(_) = adopted {
            tx.commit().await?;
        }
        Ok(adopted)
    }

    /// The same within a transaction. After anything but `Made` it can only be rolled back.
    pub(super) async fn adopt_within(
        &self,
        tx: &DatabaseTransaction,
        instance: &InstanceId,
        adoptee: &Adoptee,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Adopted, StoreError> {
        let owner = adoptee.owner.0;
        // Somebody may have an account long before they first write to the bot.
        let person = users::ActiveModel {
            id: Set(owner),
            first_name: Set(String::new()),
            admission: Set(rows::to_word(Admission::Granted)),
            admitted_by: Set(by.map(|user| user.0)),
            admitted_at: Set(Some(now)),
            blocked_bot: Set(false),
            created_at: Set(now),
            last_seen_at: Set(now),
            ..Default::default()
        };
        users::Entity::insert(person)
            .on_conflict_do_nothing_on([users::Column::Id])
            .exec_without_returning(tx)
            .await?;
        // Whoever makes keys for a person locks the person first.
        users::Entity::update_many()
            .col_expr(users::Column::Admission, Expr::value(rows::to_word(Admission::Granted)))
            .col_expr(users::Column::AdmittedAt, Expr::col(users::Column::AdmittedAt).if_null(now))
            .filter(users::Column::Id.eq(owner))
            .exec(tx)
            .await?;
        // And whoever counts an instance's accounts, the count: two who adopt the same account stand in line here.
        let counted = instance_counters::Entity::update_many()
            .col_expr(instance_counters::Column::Active, Expr::col(instance_counters::Column::Active).add(1))
            .col_expr(instance_counters::Column::UpdatedAt, Expr::value(now))
            .filter(instance_counters::Column::InstanceId.eq(instance.as_str()))
            .exec(tx)
            .await?;
        if counted.rows_affected == 0 {
            return Ok(Adopted::NoInstance);
        }
        let known = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::Account.eq(adoptee.account.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .one(tx)
            .await?;
        if let Some(known) = known {
            let key = configs::Entity::find_by_id(known.config_id).one(tx).await?;
            let whose = key.ok_or_else(|| StoreError::corrupt("assignments", known.id, "config_id"))?.owner;
            return Ok(Adopted::Already(ConfigId(known.config_id), UserId(whose)));
        }
        // A panel's active users are counted as others' until they are ours; the next look counts them exactly.
        let fewer = Expr::col(instance_counters::Column::ForeignUsers).sub(1);
        instance_counters::Entity::update_many()
            .col_expr(instance_counters::Column::ForeignUsers, fewer)
            .filter(instance_counters::Column::InstanceId.eq(instance.as_str()))
            .filter(instance_counters::Column::ForeignUsers.gt(0))
            .exec(tx)
            .await?;
        let last: Option<Option<i32>> = configs::Entity::find()
            .select_only()
            .column_as(configs::Column::Number.max(), "last")
            .filter(configs::Column::Owner.eq(owner))
            .into_tuple()
            .one(tx)
            .await?;
        let number = last.flatten().unwrap_or(0) + 1;
        let plain = serde_json::to_vec(&adoptee.credentials).expect("two texts make JSON");
        let wish = if adoptee.enabled { Wish::Active } else { Wish::Suspended };
        let config = configs::ActiveModel {
            owner: Set(owner),
            number: Set(number),
            credentials: Set(self.secrets().seal(&credentials_identity(owner, number), &plain)),
            revision: Set(1),
            link_epoch: Set(0),
            authority: Set(rows::to_word(Authority::Panel)),
            wish: Set(rows::to_word(wish)),
            expires_at: Set(adoptee.expires_at),
            data_limit: Set(adoptee.data_limit.map(rows::to_i64)),
            used_before: Set(0),
            generation: Set(0),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        let config = config.insert(tx).await?.id;
        let account = adoptee.account.as_str();
        let seal = |link: &String| self.secrets().seal(&link_identity(account), link.as_bytes());
        let assignment = assignments::ActiveModel {
            config_id: Set(config),
            instance_id: Set(instance.to_string()),
            account: Set(account.to_owned()),
            external_id: Set(account.to_owned()),
            role: Set(rows::to_word(Role::Primary)),
            generation: Set(0),
            reason: Set(serde_json::json!({ "strategy": "adopted" })),
            subscription_url: Set(adoptee.link.as_ref().map(seal)),
            used: Set(rows::to_i64(adoptee.used)),
            used_at: Set(Some(now)),
            online_at: Set(adoptee.online_at),
            limit_written: Set(adoptee.data_limit.map(rows::to_i64)),
            synced_revision: Set(1),
            created_at: Set(now),
            adopted: Set(true),
            ..Default::default()
        };
        assignment.insert(tx).await?;
        Ok(Adopted::Made(ConfigId(config)))
    }

    /// The accounts on an instance that are keys, by name, with their owners.
    ///
    /// # Errors
    /// The database.
    pub async fn accounts_of_keys(
        &self,
        instance: &InstanceId,
    ) -> Result<BTreeMap<AccountName, UserId>, StoreError> {
        let found: Vec<(String, i64)> = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::Account)
            .column(assignments::Column::ConfigId)
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .into_tuple()
            .all(self.read())
            .await?;
        let owners: BTreeMap<i64, i64> = configs::Entity::find()
            .select_only()
            .columns([configs::Column::Id, configs::Column::Owner])
            .into_tuple::<(i64, i64)>()
            .all(self.read())
            .await?
            .into_iter()
            .collect();
        let named = |(account, config): (String, i64)| {
            owners.get(&config).map(|owner| (AccountName::stored(account), UserId(*owner)))
        };
        Ok(found.into_iter().filter_map(named).collect())
    }

    /// Where keys have an account of that name: instance, key, owner.
    ///
    /// # Errors
    /// The database.
    pub async fn keys_named(&self, account: &str) -> Result<Vec<(InstanceId, ConfigId, UserId)>, StoreError> {
        let found = assignments::Entity::find()
            .filter(assignments::Column::Account.eq(account))
            .filter(assignments::Column::ReleasedAt.is_null())
            .all(self.read())
            .await?;
        let mut keys = Vec::new();
        for row in found {
            let instance = row.instance_id.parse();
            let instance = instance.map_err(|_| StoreError::corrupt("assignments", row.id, "instance_id"))?;
            if let Some(key) = configs::Entity::find_by_id(row.config_id).one(self.read()).await? {
                keys.push((instance, ConfigId(key.id), UserId(key.owner)));
            }
        }
        Ok(keys)
    }

    /// Of these people, those who spoke to the bot.
    ///
    /// # Errors
    /// The database.
    pub async fn known_people(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let mut known = Vec::new();
        for some in users.chunks(1000) {
            let found: Vec<i64> = users::Entity::find()
                .select_only()
                .column(users::Column::Id)
                .filter(users::Column::Id.is_in(some.iter().map(|user| user.0)))
                .into_tuple()
                .all(self.read())
                .await?;
            known.extend(found.into_iter().map(UserId));
        }
        Ok(known)
    }

    /// A panel's own link was verified with its panel: from now on it is this key's, whatever becomes of the panel.
    ///
    /// # Errors
    /// The database.
    pub async fn remember_old_link(
        &self,
        digest: &str,
        config: ConfigId,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(key) = configs::Entity::find_by_id(config.0).one(self.write()).await? else { return Ok(()) };
        let row = old_links::ActiveModel {
            digest: Set(digest.to_owned()),
            config_id: Set(config.0),
            link_epoch: Set(key.link_epoch),
            instance_id: Set(instance.to_string()),
            verified_at: Set(now),
        };
        old_links::Entity::insert(row)
            .on_conflict_do_nothing_on([old_links::Column::Digest])
            .exec_without_returning(self.write())
            .await?;
        Ok(())
    }

    /// Whose key a panel's own link is, if it was ever verified.
    ///
    /// # Errors
    /// The database.
    pub async fn old_link(&self, digest: &str) -> Result<Option<Link>, StoreError> {
        let Some(row) = old_links::Entity::find_by_id(digest.to_owned()).one(self.write()).await? else {
            return Ok(None);
        };
        let corrupt = || StoreError::corrupt("old_links", row.config_id, "link_epoch");
        let epoch = rows::count(row.link_epoch).ok_or_else(corrupt)?;
        Ok(Some(Link { config: ConfigId(row.config_id), epoch }))
    }

    /// Notes that somebody tries to claim a key, if they did so fewer than `most` times since `since`. `false`: often
    /// enough.
    ///
    /// # Errors
    /// The database.
    pub async fn may_claim(
        &self,
        user: UserId,
        most: u64,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        // Who presses twice at once stands in line.
        users::Entity::update_many()
            .col_expr(users::Column::BlockedBot, Expr::value(false))
            .filter(users::Column::Id.eq(user.0))
            .exec(&tx)
            .await?;
        let theirs = Condition::all().add(claims::Column::UserId.eq(user.0));
        let lately = claims::Entity::find().filter(theirs.clone()).filter(claims::Column::At.gt(since));
        if lately.count(&tx).await? >= most {
            return Ok(false);
        }
        claims::Entity::delete_many().filter(theirs).filter(claims::Column::At.lte(since)).exec(&tx).await?;
        claims::ActiveModel { user_id: Set(user.0), at: Set(now), ..Default::default() }.insert(&tx).await?;
        tx.commit().await?;
        Ok(true)
    }
}
