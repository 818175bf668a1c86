//! Who is left on an instance.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::domain::failover::{Activity, Evacuee};
use crate::domain::key::Role;
use crate::domain::{AssignmentId, ConfigId, InstanceId, Timestamp};

use super::super::entity::{assignments, configs, tombstones};
use super::super::{Store, StoreError, rows};
use super::{at_home_on, left_on, left_unasked};

impl Store {
    /// How many live keys are left on an instance that nothing moves yet, and that the service may move unasked.
    ///
    /// # Errors
    /// The database.
    pub async fn left_behind_on(&self, instance: &InstanceId, now: Timestamp) -> Result<u64, StoreError> {
        Ok(configs::Entity::find().filter(left_unasked(instance, now)).count(self.read()).await?)
    }

    /// The live keys on an instance that nothing moves yet, as a plan needs to know them.
    ///
    /// # Errors
    /// The database.
    pub async fn evacuees(&self, instance: &InstanceId, now: Timestamp) -> Result<Vec<Evacuee>, StoreError> {
        self.evacuees_of(instance, left_on(instance, now), now).await
    }

    /// Those of [`Store::evacuees`] that the service may move unasked.
    ///
    /// # Errors
    /// The database.
    pub async fn evacuees_unasked(
        &self,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<Vec<Evacuee>, StoreError> {
        self.evacuees_of(instance, left_unasked(instance, now), now).await
    }

    async fn evacuees_of(
        &self,
        instance: &InstanceId,
        left: Condition,
        now: Timestamp,
    ) -> Result<Vec<Evacuee>, StoreError> {
        let live =
            configs::Entity::find().select_only().column(configs::Column::Id).filter(left).into_query();
        type Seen = (i64, Option<Timestamp>, Option<Timestamp>);
        let found: Vec<Seen> = assignments::Entity::find()
            .select_only()
            .columns([
                assignments::Column::ConfigId,
                assignments::Column::OnlineAt,
                assignments::Column::UsedAt,
            ])
            .filter(assignments::Column::InstanceId.eq(instance.as_str()))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::ConfigId.in_subquery(live))
            .into_tuple()
            .all(self.read())
            .await?;
        let mut keys: HashMap<i64, Evacuee> = HashMap::with_capacity(found.len());
        for (config, online_at, seen_at) in found {
            let activity = Activity::of(online_at, seen_at, now);
            let (barred, left_on) = (Vec::new(), Vec::new());
            keys.insert(config, Evacuee { config: ConfigId(config), activity, barred, left_on });
        }
        let corrupt = |id: i64| StoreError::corrupt("tombstones", id, "instance_id");
        let buried: Vec<(i64, String)> = tombstones::Entity::find()
            .select_only()
            .columns([tombstones::Column::ConfigId, tombstones::Column::InstanceId])
            .filter(tombstones::Column::GoneAt.is_null())
            .filter(tombstones::Column::ConfigId.in_subquery(at_home_on(instance)))
            .into_tuple()
            .all(self.read())
            .await?;
        for (config, at) in buried {
            if let Some(key) = keys.get_mut(&config) {
                key.barred.push(at.parse().map_err(|_| corrupt(config))?);
            }
        }
        let lingering: Vec<(i64, i64, String)> = assignments::Entity::find()
            .select_only()
            .columns([
                assignments::Column::ConfigId,
                assignments::Column::Id,
                assignments::Column::InstanceId,
            ])
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Lingering)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::ConfigId.in_subquery(at_home_on(instance)))
            .into_tuple()
            .all(self.read())
            .await?;
        for (config, account, at) in lingering {
            if let Some(key) = keys.get_mut(&config) {
                key.left_on.push((at.parse().map_err(|_| corrupt(config))?, AssignmentId(account)));
            }
        }
        Ok(keys.into_values().collect())
    }
}
