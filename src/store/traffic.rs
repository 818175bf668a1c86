//! What passed through instances, hour by hour.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::domain::health::traffic::Passed;
use crate::domain::{InstanceId, Timestamp};

use super::entity::traffic_hourly::{ActiveModel, Column, Entity};
use super::{Store, StoreError, rows};

/// All worker servers of an instance together.
pub(super) const ALL: &str = "";

impl Store {
    /// Takes down what passed in an hour. Another process that watched it too saw the same.
    ///
    /// # Errors
    /// The database; no such instance.
    pub async fn add_traffic(
        &self,
        id: &InstanceId,
        hour: Timestamp,
        passed: Passed,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            instance_id: Set(id.to_string()),
            node: Set(ALL.to_owned()),
            hour: Set(hour),
            bytes: Set(rows::to_i64(passed.bytes)),
            users: Set(Some(passed.users.into())),
            ..Default::default()
        };
        let known = OnConflict::columns([Column::InstanceId, Column::Node, Column::Hour])
            .update_columns([Column::Bytes, Column::Users])
            .to_owned();
        Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// What passed in an hour; `None`: nobody watched it whole.
    ///
    /// # Errors
    /// The database.
    pub async fn traffic(&self, id: &InstanceId, hour: Timestamp) -> Result<Option<Passed>, StoreError> {
        let row = Entity::find()
            .filter(Column::InstanceId.eq(id.as_str()))
            .filter(Column::Node.eq(ALL))
            .filter(Column::Hour.eq(hour))
            .one(self.read())
            .await?;
        let passed = |row: super::entity::traffic_hourly::Model| {
            let bytes = rows::bytes(row.bytes)?;
            Some(Passed { bytes, users: u32::try_from(row.users?).ok()? })
        };
        Ok(row.and_then(passed))
    }

    /// Forgets hours that began before `before`; how many.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_traffic(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(Entity::delete_many().filter(Column::Hour.lt(before)).exec(self.write()).await?.rows_affected)
    }
}
