//! How many there are of what, and when it came.

use sea_orm::{ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect};

use crate::domain::key::Role;
use crate::domain::quota::Bytes;
use crate::domain::{InstanceId, Region, Timestamp};

use super::entity::{assignments, configs, traffic_hourly, users};
use super::keys::live_keys;
use super::{Store, StoreError, rows};

/// Working keys of one instance that wanted one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The instance.
    pub instance: InstanceId,
    /// The location, if one was wanted.
    pub wanted: Option<Region>,
    /// How many.
    pub keys: u64,
}

impl Store {
    /// How many people spoke to the bot, and how many of them blocked it.
    ///
    /// # Errors
    /// The database.
    pub async fn count_people(&self) -> Result<(u64, u64), StoreError> {
        let blocked = users::Entity::find().filter(users::Column::BlockedBot.eq(true));
        Ok((users::Entity::find().count(self.read()).await?, blocked.count(self.read()).await?))
    }

    /// How many keys work, placed or not.
    ///
    /// # Errors
    /// The database.
    pub async fn count_live_keys(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(live_keys(now).count(self.read()).await?)
    }

    /// Working keys by the instance that serves them.
    ///
    /// # Errors
    /// The database.
    pub async fn keys_held(&self, now: Timestamp) -> Result<Vec<Held>, StoreError> {
        let of_key = configs::Entity::belongs_to(assignments::Entity)
            .from(configs::Column::Id)
            .to(assignments::Column::ConfigId)
            .into();
        let found: Vec<(String, Option<String>, i64)> = live_keys(now)
            .select_only()
            .column(assignments::Column::InstanceId)
            .column(configs::Column::WantedRegion)
            .column_as(configs::Column::Id.count(), "keys")
            .join(JoinType::InnerJoin, of_key)
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .group_by(assignments::Column::InstanceId)
            .group_by(configs::Column::WantedRegion)
            .into_tuple()
            .all(self.read())
            .await?;
        let held = |(instance, wanted, keys): (String, Option<String>, i64)| {
            let corrupt = |what| StoreError::corrupt("assignments", &instance, what);
            Ok(Held {
                wanted: rows::parse_opt(wanted.as_deref()).ok_or_else(|| corrupt("wanted_region"))?,
                keys: u64::try_from(keys).unwrap_or_default(),
                instance: instance.parse().map_err(|_| corrupt("instance_id"))?,
            })
        };
        found.into_iter().map(held).collect()
    }

    /// When each key since `from` was made.
    ///
    /// # Errors
    /// The database.
    pub async fn keys_made_since(&self, from: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        let made = configs::Entity::find().select_only().column(configs::Column::CreatedAt);
        Ok(made.filter(configs::Column::CreatedAt.gte(from)).into_tuple().all(self.read()).await?)
    }

    /// What passed through all instances together in each hour since `from` that was watched without a gap.
    ///
    /// # Errors
    /// The database.
    pub async fn traffic_since(&self, from: Timestamp) -> Result<Vec<(Timestamp, Bytes)>, StoreError> {
        use traffic_hourly::Column;
        let found: Vec<(Timestamp, i64)> = traffic_hourly::Entity::find()
            .select_only()
            .columns([Column::Hour, Column::Bytes])
            .filter(Column::Node.eq(super::traffic::ALL))
            .filter(Column::Hour.gte(from))
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(found.into_iter().map(|(hour, bytes)| (hour, rows::bytes(bytes).unwrap_or_default())).collect())
    }
}
