//! What people said of their keys: one row for each person, instance and hour.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect,
};

use chrono::TimeDelta;

use crate::domain::health::complaints::{Heard, Said, WEEK, WINDOW};
use crate::domain::{ConfigId, InstanceId, Timestamp, UserId};

use super::entity::signals::{ActiveModel, Column, Entity};
use super::{Store, StoreError, rows};

#[derive(Debug, FromQueryResult)]
struct Count {
    instance_id: String,
    count: i64,
}

impl Store {
    /// Somebody says, or shows, that a key does not work. Said again within the hour of the same instance, it counts once.
    /// `false`: it was known.
    ///
    /// # Errors
    /// The database.
    pub async fn complain(
        &self,
        instance: &InstanceId,
        user: UserId,
        config: ConfigId,
        said: Said,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let known = Entity::find()
            .filter(Column::InstanceId.eq(instance.as_str()))
            .filter(Column::UserId.eq(user.0))
            .filter(Column::At.gt(now - WINDOW))
            .count(self.read())
            .await?;
        if known > 0 {
            return Ok(false);
        }
        let row = ActiveModel {
            instance_id: Set(instance.to_string()),
            user_id: Set(user.0),
            config_id: Set(config.0),
            kind: Set(rows::to_word(said)),
            at: Set(now),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(self.write()).await?;
        Ok(true)
    }

    /// How many different people complained of each instance since `from`.
    ///
    /// # Errors
    /// The database.
    pub async fn complaints_since(&self, from: Timestamp) -> Result<Vec<(InstanceId, u32)>, StoreError> {
        let people = Expr::col(Column::UserId).count_distinct();
        self.complaints_counted(from, None, people).await
    }

    /// What people said of each instance lately, and in the week before.
    ///
    /// # Errors
    /// The database.
    pub async fn complaints(&self, now: Timestamp) -> Result<Vec<(InstanceId, Heard)>, StoreError> {
        let recent = self.complaints_since(now - WINDOW).await?;
        let all = Expr::col(Column::Id).count();
        let before = self.complaints_counted(now - WINDOW - WEEK, Some(now - WINDOW), all).await?;
        let usual = |id: &InstanceId| before.iter().find(|(of, _)| of == id).map_or(0, |(_, count)| *count);
        let heard = recent.into_iter().map(|(id, users)| {
            let in_week_before = usual(&id);
            (id, Heard { users, in_week_before })
        });
        Ok(heard.collect())
    }

    async fn complaints_counted(
        &self,
        from: Timestamp,
        to: Option<Timestamp>,
        what: sea_orm::sea_query::SimpleExpr,
    ) -> Result<Vec<(InstanceId, u32)>, StoreError> {
        let mut query = Entity::find()
            .select_only()
            .column(Column::InstanceId)
            .column_as(what, "count")
            .filter(Column::At.gt(from))
            .group_by(Column::InstanceId);
        if let Some(to) = to {
            query = query.filter(Column::At.lte(to));
        }
        let found = query.into_model::<Count>().all(self.read()).await?;
        let read = |row: Count| {
            let corrupt = || StoreError::corrupt("signals", &row.instance_id, "instance_id");
            let id = row.instance_id.parse().map_err(|_| corrupt())?;
            Ok((id, u32::try_from(row.count).unwrap_or(u32::MAX)))
        };
        found.into_iter().map(read).collect()
    }

    /// Forgets what was said so long ago that it counts for nothing any more; how many rows.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_complaints(&self, now: Timestamp) -> Result<u64, StoreError> {
        let old = Entity::delete_many().filter(Column::At.lt(now - WINDOW - WEEK - TimeDelta::days(1)));
        Ok(old.exec(self.write()).await?.rows_affected)
    }
}
