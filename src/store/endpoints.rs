//! Where clients connect, as the links of an instance say, and when each was last seen to answer.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::{InstanceId, Timestamp};

use super::entity::endpoints;
use super::{Store, StoreError};

/// An endpoint as it is stored. What it is, its checker knows.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEndpoint {
    /// The row.
    pub id: i64,
    /// A stable text that tells it from others, without secrets.
    pub address: String,
    /// What is checked, as its checker wrote it.
    pub spec: serde_json::Value,
    /// When it was last seen to answer from here.
    pub good_at: Option<Timestamp>,
    /// When it was last checked.
    pub checked_at: Option<Timestamp>,
    /// Why the last check failed, as a short machine word.
    pub problem: Option<String>,
}

fn stored(row: endpoints::Model) -> StoredEndpoint {
    StoredEndpoint {
        id: row.id,
        address: row.address,
        spec: row.spec,
        good_at: row.good_at,
        checked_at: row.checked_at,
        problem: row.problem,
    }
}

impl Store {
    /// Records the endpoints that an instance's links name now; those that were not named since `before` are forgotten.
    ///
    /// # Errors
    /// The database.
    pub async fn saw_endpoints(
        &self,
        instance: &InstanceId,
        seen: &[(String, serde_json::Value)],
        before: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use endpoints::Column;
        let tx = self.begin().await?;
        for (address, spec) in seen {
            let row = endpoints::ActiveModel {
                instance_id: Set(instance.to_string()),
                address: Set(address.clone()),
                spec: Set(spec.clone()),
                seen_at: Set(now),
                ..Default::default()
            };
            let known = OnConflict::columns([Column::InstanceId, Column::Address])
                .update_columns([Column::Spec, Column::SeenAt])
                .to_owned();
            endpoints::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
        }
        endpoints::Entity::delete_many()
            .filter(Column::InstanceId.eq(instance.as_str()))
            .filter(Column::SeenAt.lt(before))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The endpoints of an instance.
    ///
    /// # Errors
    /// The database.
    pub async fn endpoints(&self, instance: &InstanceId) -> Result<Vec<StoredEndpoint>, StoreError> {
        let found = endpoints::Entity::find()
            .filter(endpoints::Column::InstanceId.eq(instance.as_str()))
            .order_by_asc(endpoints::Column::Address)
            .all(self.read())
            .await?;
        Ok(found.into_iter().map(stored).collect())
    }

    /// The endpoints that links of any instance named at `since` or later.
    ///
    /// # Errors
    /// The database.
    pub async fn endpoints_named_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(InstanceId, StoredEndpoint)>, StoreError> {
        let found =
            endpoints::Entity::find().filter(endpoints::Column::SeenAt.gte(since)).all(self.read()).await?;
        let of = |row: endpoints::Model| {
            let corrupt = |_| StoreError::corrupt("endpoints", row.id, "instance_id");
            let id = row.instance_id.parse().map_err(corrupt)?;
            Ok((id, stored(row)))
        };
        found.into_iter().map(of).collect()
    }

    /// An endpoint was checked; `problem` is `None` when it answered.
    ///
    /// # Errors
    /// The database.
    pub async fn endpoint_checked(
        &self,
        id: i64,
        problem: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use endpoints::Column;
        let mut change = endpoints::Entity::update_many()
            .col_expr(Column::CheckedAt, Expr::value(now))
            .col_expr(Column::Problem, Expr::value(problem.map(ToOwned::to_owned)))
            .filter(Column::Id.eq(id));
        if problem.is_none() {
            change = change.col_expr(Column::GoodAt, Expr::value(now));
        }
        change.exec(self.write()).await?;
        Ok(())
    }
}
