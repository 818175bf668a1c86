//! How many keys came and went of late.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::domain::key::Role;
use crate::domain::{InstanceId, Timestamp};

use super::entity::{assignments, configs};
use super::{Store, StoreError, rows};

/// How many keys came and went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    /// Keys made since that have their account there, less older ones whose last account there was let go of since.
    pub per_instance: BTreeMap<InstanceId, i64>,
    /// When the first key of all was made.
    pub first_at: Option<Timestamp>,
}

impl Store {
    /// How many keys came and went since `from`, by instance. Keys that only moved count nowhere.
    ///
    /// # Errors
    /// The database.
    pub async fn growth(&self, from: Timestamp) -> Result<Growth, StoreError> {
        let of_age = |is_new: bool| {
            let column = configs::Column::CreatedAt;
            let age = if is_new { column.gte(from) } else { column.lt(from) };
            configs::Entity::find().select_only().column(configs::Column::Id).filter(age).into_query()
        };
        let counted = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::InstanceId)
            .column_as(Expr::col(assignments::Column::ConfigId).count_distinct(), "keys")
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .group_by(assignments::Column::InstanceId);
        let came: Vec<(String, i64)> = counted
            .clone()
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::ConfigId.in_subquery(of_age(true)))
            .into_tuple()
            .all(self.read())
            .await?;
        let serves_elsewhere = "EXISTS (SELECT 1 FROM assignments AS other \
             WHERE other.config_id = assignments.config_id AND other.released_at IS NULL)";
        let went: Vec<(String, i64)> = counted
            .filter(assignments::Column::ReleasedAt.gte(from))
            .filter(assignments::Column::ConfigId.in_subquery(of_age(false)))
            .filter(Expr::cust(format!("NOT {serves_elsewhere}")))
            .into_tuple()
            .all(self.read())
            .await?;
        let mut per_instance = BTreeMap::new();
        let signed = came.into_iter().chain(went.into_iter().map(|(id, count)| (id, -count)));
        for (id, count) in signed {
            let id = id.parse().map_err(|_| StoreError::corrupt("assignments", &id, "instance_id"))?;
            *per_instance.entry(id).or_default() += count;
        }
        let first = configs::Entity::find().order_by_asc(configs::Column::CreatedAt).one(self.read()).await?;
        Ok(Growth { per_instance, first_at: first.map(|row| row.created_at) })
    }
}
