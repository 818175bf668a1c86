//! The processes that share this database: who is there, what each sees of the fleet, what they left unfinished.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::{InstanceId, Timestamp};

use super::entity::{inbox, outbox, replicas, votes};
use super::{Store, StoreError};

/// A process, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// What names it in claims and leases; another one after each start.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its uplink.
    pub vantage: String,
    /// A fingerprint of each setting that all of them should share.
    pub settings: BTreeMap<String, String>,
    /// Since when it runs.
    pub started_at: Timestamp,
    /// When it was last there, by the database's clock.
    pub seen_at: Timestamp,
}

impl Store {
    /// A process is there.
    ///
    /// # Errors
    /// The database.
    pub async fn beat(&self, replica: &Replica, now: Timestamp) -> Result<(), StoreError> {
        use replicas::Column;
        let row = replicas::ActiveModel {
            id: Set(replica.id.clone()),
            version: Set(replica.version.clone()),
            vantage: Set(replica.vantage.clone()),
            settings: Set(serde_json::to_value(&replica.settings).unwrap_or_default()),
            started_at: Set(replica.started_at),
            seen_at: Set(now),
        };
        let known = OnConflict::column(Column::Id).value(Column::SeenAt, self.now_in_sql(now)).to_owned();
        replicas::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// A process ends in order, and leaves nothing that others would have to wait for.
    ///
    /// # Errors
    /// The database.
    pub async fn farewell(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        replicas::Entity::delete_by_id(id.to_owned()).exec(self.write()).await?;
        let rest = inbox::Column::BegunBy.eq(id);
        inbox::Entity::update_many()
            .col_expr(inbox::Column::NextAt, Expr::value(now))
            .filter(inbox::Column::DoneAt.is_null())
            .filter(rest)
            .exec(self.write())
            .await?;
        outbox::Entity::update_many()
            .col_expr(outbox::Column::ClaimedUntil, Expr::value(None::<Timestamp>))
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .filter(outbox::Column::ClaimedBy.eq(id))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// All processes that were there within `fresh`, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn replicas(&self, fresh: Duration, now: Timestamp) -> Result<Vec<Replica>, StoreError> {
        let since = self.database_time(now).await? - fresh;
        let found = replicas::Entity::find()
            .filter(replicas::Column::SeenAt.gte(since))
            .order_by_asc(replicas::Column::StartedAt)
            .order_by_asc(replicas::Column::Id)
            .all(self.write())
            .await?;
        let each = found.into_iter().map(|row| Replica {
            settings: serde_json::from_value(row.settings).unwrap_or_default(),
            id: row.id,
            version: row.version,
            vantage: row.vantage,
            started_at: row.started_at,
            seen_at: row.seen_at,
        });
        Ok(each.collect())
    }

    /// What processes that are gone had begun is handled by others at once: updates and letters that none of `alive`
    /// works on. Rows of processes gone for a day are forgotten.
    ///
    /// # Errors
    /// The database.
    pub async fn take_over_from_the_dead(&self, alive: &[String], now: Timestamp) -> Result<u64, StoreError> {
        let names = || alive.iter().map(String::as_str);
        let updates = inbox::Entity::update_many()
            .col_expr(inbox::Column::NextAt, Expr::value(now))
            .col_expr(inbox::Column::BegunBy, Expr::value(None::<String>))
            .filter(inbox::Column::DoneAt.is_null())
            .filter(inbox::Column::BegunBy.is_not_null())
            .filter(inbox::Column::BegunBy.is_not_in(names()))
            .exec(self.write())
            .await?;
        let letters = outbox::Entity::update_many()
            .col_expr(outbox::Column::ClaimedUntil, Expr::value(None::<Timestamp>))
            .col_expr(outbox::Column::ClaimedBy, Expr::value(None::<String>))
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .filter(outbox::Column::ClaimedBy.is_not_null())
            .filter(outbox::Column::ClaimedBy.is_not_in(names()))
            .exec(self.write())
            .await?;
        replicas::Entity::delete_many()
            .filter(replicas::Column::SeenAt.lt(now - Duration::from_secs(86_400)))
            .exec(self.write())
            .await?;
        Ok(updates.rows_affected + letters.rows_affected)
    }

    /// An uplink sees an instance dead, at this moment.
    ///
    /// # Errors
    /// The database.
    pub async fn vote(&self, id: &InstanceId, vantage: &str, now: Timestamp) -> Result<(), StoreError> {
        use votes::Column;
        let row = votes::ActiveModel {
            instance_id: Set(id.to_string()),
            vantage: Set(vantage.to_owned()),
            voted_at: Set(now),
            ..Default::default()
        };
        let known = OnConflict::columns([Column::InstanceId, Column::Vantage])
            .update_column(Column::VotedAt)
            .to_owned();
        votes::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// The instances that another uplink than `vantage` saw dead at `since` or later.
    ///
    /// # Errors
    /// The database.
    pub async fn votes_of_others(
        &self,
        vantage: &str,
        since: Timestamp,
    ) -> Result<Vec<InstanceId>, StoreError> {
        let found = votes::Entity::find()
            .filter(votes::Column::Vantage.ne(vantage))
            .filter(votes::Column::VotedAt.gte(since))
            .all(self.read())
            .await?;
        let mut ids: Vec<InstanceId> = found.iter().filter_map(|row| row.instance_id.parse().ok()).collect();
        ids.sort();
        ids.dedup();
        Ok(ids)
    }
}
