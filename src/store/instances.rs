//! Instances and their exact counts.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction,
    EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::instance::{AdminState, Counters, Instance};
use crate::domain::key::Role;
use crate::domain::{InstanceId, Timestamp};

use super::entity::{
    assignments, checks_5min, endpoints, instance_counters, instance_health, instances, nodes, operations,
    reconciliations, sightings, signals, tombstones, traffic_hourly, vantage_sights, windows,
};
use super::exits::forget_assigned;
use super::links::forget_last_good;
use super::{Secrets, Store, StoreError, rows};

/// Why an instance cannot be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StillUsed {
    /// Primary and lingering accounts and open operations.
    pub keys: u64,
    /// Accounts that must still be deleted.
    pub leftovers: u64,
}

fn password_identity(id: &str) -> String {
    format!("instances.password:{id}")
}

fn connection_identity(id: &str) -> String {
    format!("instances.connection:{id}")
}

fn instance_of(secrets: &Secrets, row: instances::Model) -> Result<Instance, StoreError> {
    let corrupt = |what| StoreError::corrupt("instances", &row.id, what);
    let connection = secrets.open(&connection_identity(&row.id), &row.connection)?;
    Ok(Instance {
        id: row.id.parse().map_err(|_| corrupt("id"))?,
        kind: rows::word(&row.kind).ok_or_else(|| corrupt("kind"))?,
        mode: rows::word(&row.mode).ok_or_else(|| corrupt("mode"))?,
        base_url: row.base_url.parse().map_err(|_| corrupt("base_url"))?,
        region: row.region.parse().map_err(|_| corrupt("region"))?,
        tags: serde_json::from_value(row.tags.clone()).map_err(|_| corrupt("tags"))?,
        admin_state: serde_json::from_value(row.admin_state.clone()).map_err(|_| corrupt("admin_state"))?,
        priority: u16::try_from(row.priority).map_err(|_| corrupt("priority"))?,
        weight: row.weight.try_into().map_err(|_| corrupt("weight"))?,
        max_users: u32::try_from(row.max_users).map_err(|_| corrupt("max_users"))?,
        connection: serde_json::from_slice(&connection).map_err(|_| corrupt("connection"))?,
        care: match row.care.clone() {
            Some(care) => serde_json::from_value(care).map_err(|_| corrupt("care"))?,
            None => crate::domain::instance::Care::default(),
        },
        name: row.name,
        note: row.note,
        username: row.username,
        provider: row.provider,
    })
}

/// All columns that an operator may change.
fn row_of(secrets: &Secrets, instance: &Instance, now: Timestamp) -> instances::ActiveModel {
    let id = instance.id.as_str();
    let connection = serde_json::to_vec(&instance.connection).expect("texts make JSON");
    instances::ActiveModel {
        id: Set(id.to_owned()),
        name: Set(instance.name.clone()),
        note: Set(instance.note.clone()),
        kind: Set(rows::to_word(instance.kind)),
        mode: Set(rows::to_word(instance.mode)),
        base_url: Set(instance.base_url.to_string()),
        username: Set(instance.username.clone()),
        region: Set(instance.region.to_string()),
        provider: Set(instance.provider.clone()),
        tags: Set(serde_json::json!(instance.tags)),
        admin_state: Set(serde_json::json!(instance.admin_state)),
        priority: Set(i32::from(instance.priority)),
        weight: Set(instance.weight.get()),
        max_users: Set(i64::from(instance.max_users)),
        care: Set(Some(serde_json::json!(instance.care))),
        connection: Set(secrets.seal(&connection_identity(id), &connection)),
        updated_at: Set(now),
        ..Default::default()
    }
}

fn counters_of(row: &instance_counters::Model) -> Result<(InstanceId, Counters), StoreError> {
    let corrupt = |what| StoreError::corrupt("instance_counters", &row.instance_id, what);
    let count = |number: i64, what| u32::try_from(number).map_err(|_| corrupt(what));
    let counters = Counters {
        active: count(row.active, "active")?,
        reserved: count(row.reserved, "reserved")?,
        lingering: count(row.lingering, "lingering")?,
        foreign: count(row.foreign_users, "foreign_users")?,
    };
    Ok((row.instance_id.parse().map_err(|_| corrupt("instance_id"))?, counters))
}

/// What changes when instances are added, edited or taken out, or when the state of one changes.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct FleetStamp {
    count: i64,
    edited_at: Option<Timestamp>,
    health_since: Option<Timestamp>,
}

impl Store {
    /// A cheap sign of whether the fleet changed.
    ///
    /// # Errors
    /// The database.
    pub async fn fleet_stamp(&self) -> Result<FleetStamp, StoreError> {
        let latest = instance_health::Entity::find()
            .select_only()
            .expr(instance_health::Column::Since.max())
            .into_query();
        let stamp = instances::Entity::find()
            .select_only()
            .column_as(instances::Column::Id.count(), "count")
            .column_as(instances::Column::UpdatedAt.max(), "edited_at")
            .column_as(Expr::SubQuery(None, Box::new(latest.into())), "health_since")
            .into_model::<FleetStamp>()
            .one(self.read())
            .await?;
        stamp.ok_or_else(|| StoreError::corrupt("instances", "all", "count"))
    }

    /// Takes an instance into the fleet, with counts of zero. `false`: its id or its address is there already.
    ///
    /// # Errors
    /// The database.
    pub async fn add_instance(
        &self,
        instance: &Instance,
        password: &SecretString,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let added = self.insert_instance(&tx, instance, password, now).await?;
        if added {
            tx.commit().await?;
        }
        Ok(added)
    }

    /// The same within a transaction. After `false` it can only be rolled back.
    pub(super) async fn insert_instance(
        &self,
        tx: &DatabaseTransaction,
        instance: &Instance,
        password: &SecretString,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = instance.id.to_string();
        let mut row = row_of(self.secrets(), instance, now);
        let sealed = self.secrets().seal(&password_identity(&id), password.expose_secret().as_bytes());
        row.password = Set(sealed);
        row.created_at = Set(now);
        match row.insert(tx).await {
            Ok(_) => {}
            Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
        instance_counters::ActiveModel {
            instance_id: Set(id),
            active: Set(0),
            reserved: Set(0),
            lingering: Set(0),
            foreign_users: Set(0),
            updated_at: Set(now),
        }
        .insert(tx)
        .await?;
        Ok(true)
    }

    /// All instances, by id.
    ///
    /// # Errors
    /// The database.
    pub async fn instances(&self) -> Result<Vec<Instance>, StoreError> {
        let found = instances::Entity::find().order_by_asc(instances::Column::Id).all(self.read()).await?;
        found.into_iter().map(|row| instance_of(self.secrets(), row)).collect()
    }

    /// One instance.
    ///
    /// # Errors
    /// The database.
    pub async fn instance(&self, id: &InstanceId) -> Result<Option<Instance>, StoreError> {
        let row = instances::Entity::find_by_id(id.to_string()).one(self.read()).await?;
        row.map(|row| instance_of(self.secrets(), row)).transpose()
    }

    /// The instance at an address.
    ///
    /// # Errors
    /// The database.
    pub async fn instance_at(&self, base_url: &str) -> Result<Option<InstanceId>, StoreError> {
        let row = instances::Entity::find()
            .filter(instances::Column::BaseUrl.eq(base_url))
            .one(self.read())
            .await?;
        row.map(|row| row.id.parse().map_err(|_| StoreError::corrupt("instances", &row.id, "id"))).transpose()
    }

    /// The password of an instance's login.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open it.
    pub async fn password(&self, id: &InstanceId) -> Result<Option<SecretString>, StoreError> {
        let Some(row) = instances::Entity::find_by_id(id.to_string()).one(self.read()).await? else {
            return Ok(None);
        };
        let plain = self.secrets().open(&password_identity(&row.id), &row.password)?;
        let text =
            String::from_utf8(plain).map_err(|_| StoreError::corrupt("instances", &row.id, "password"))?;
        Ok(Some(text.into()))
    }

    /// Changes an instance, and its password if one is given. `false`: there is none of that id, or its new address is
    /// another's.
    ///
    /// # Errors
    /// The database.
    pub async fn edit_instance(
        &self,
        instance: &Instance,
        password: Option<&SecretString>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = instance.id.as_str();
        let mut row = row_of(self.secrets(), instance, now);
        if let Some(password) = password {
            let sealed = self.secrets().seal(&password_identity(id), password.expose_secret().as_bytes());
            row.password = Set(sealed);
        }
        match row.update(self.write()).await {
            Ok(_) => Ok(true),
            Err(sea_orm::DbErr::RecordNotUpdated) => Ok(false),
            Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens or closes an instance. `false`: there is none of that id.
    ///
    /// # Errors
    /// The database.
    pub async fn set_admin_state(
        &self,
        id: &InstanceId,
        state: AdminState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = instances::Entity::update_many()
            .col_expr(instances::Column::AdminState, Expr::value(serde_json::json!(state)))
            .col_expr(instances::Column::UpdatedAt, Expr::value(now))
            .filter(instances::Column::Id.eq(id.as_str()))
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Takes an instance out of the fleet, if nothing of ours is left there. The accounts that once were keep a row
    /// only while they serve, so nothing else refers to it.
    ///
    /// # Errors
    /// The database.
    pub async fn remove_instance(&self, id: &InstanceId) -> Result<Result<(), StillUsed>, StoreError> {
        let tx = self.begin().await?;
        let id = id.as_str();
        let live = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(id))
            .filter(assignments::Column::ReleasedAt.is_null())
            .count(&tx)
            .await?;
        let open = operations::Entity::find()
            .filter(operations::Column::EndedAt.is_null())
            .filter(
                Condition::any()
                    .add(operations::Column::TargetInstance.eq(id))
                    .add(operations::Column::WantedInstance.eq(id)),
            )
            .count(&tx)
            .await?;
        let leftovers = tombstones::Entity::find()
            .filter(tombstones::Column::InstanceId.eq(id))
            .filter(tombstones::Column::GoneAt.is_null())
            .count(&tx)
            .await?;
        if live + open + leftovers > 0 {
            return Ok(Err(StillUsed { keys: live + open, leftovers }));
        }
        tombstones::Entity::delete_many().filter(tombstones::Column::InstanceId.eq(id)).exec(&tx).await?;
        forget_last_good(&tx, id).await?;
        assignments::Entity::delete_many().filter(assignments::Column::InstanceId.eq(id)).exec(&tx).await?;
        operations::Entity::update_many()
            .col_expr(operations::Column::TargetInstance, Expr::value(None::<String>))
            .filter(operations::Column::TargetInstance.eq(id))
            .exec(&tx)
            .await?;
        nodes::Entity::delete_many().filter(nodes::Column::InstanceId.eq(id)).exec(&tx).await?;
        forget_assigned(&tx, id).await?;
        endpoints::Entity::delete_many().filter(endpoints::Column::InstanceId.eq(id)).exec(&tx).await?;
        checks_5min::Entity::delete_many().filter(checks_5min::Column::InstanceId.eq(id)).exec(&tx).await?;
        signals::Entity::delete_many().filter(signals::Column::InstanceId.eq(id)).exec(&tx).await?;
        vantage_sights::Entity::delete_many()
            .filter(vantage_sights::Column::InstanceId.eq(id))
            .exec(&tx)
            .await?;
        sightings::Entity::delete_many().filter(sightings::Column::InstanceId.eq(id)).exec(&tx).await?;
        reconciliations::Entity::delete_by_id(id.to_owned()).exec(&tx).await?;
        traffic_hourly::Entity::delete_many()
            .filter(traffic_hourly::Column::InstanceId.eq(id))
            .exec(&tx)
            .await?;
        windows::Entity::delete_many().filter(windows::Column::InstanceId.eq(id)).exec(&tx).await?;
        instance_health::Entity::delete_by_id(id.to_owned()).exec(&tx).await?;
        instance_counters::Entity::delete_by_id(id.to_owned()).exec(&tx).await?;
        instances::Entity::delete_by_id(id.to_owned()).exec(&tx).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// The exact counts of all instances, by id.
    ///
    /// # Errors
    /// The database.
    pub async fn counters(&self) -> Result<Vec<(InstanceId, Counters)>, StoreError> {
        let found = instance_counters::Entity::find()
            .order_by_asc(instance_counters::Column::InstanceId)
            .all(self.read())
            .await?;
        found.iter().map(counters_of).collect()
    }

    /// The exact counts of one instance.
    ///
    /// # Errors
    /// The database.
    pub async fn counters_of(&self, id: &InstanceId) -> Result<Option<Counters>, StoreError> {
        let row = instance_counters::Entity::find_by_id(id.to_string()).one(self.read()).await?;
        row.map(|row| counters_of(&row).map(|(_, counters)| counters)).transpose()
    }

    /// Records how many active users of a panel are not ours.
    ///
    /// # Errors
    /// The database.
    pub async fn set_foreign(&self, id: &InstanceId, foreign: u32, now: Timestamp) -> Result<(), StoreError> {
        instance_counters::Entity::update_many()
            .col_expr(instance_counters::Column::ForeignUsers, Expr::value(i64::from(foreign)))
            .col_expr(instance_counters::Column::UpdatedAt, Expr::value(now))
            .filter(instance_counters::Column::InstanceId.eq(id.as_str()))
            .filter(Expr::col(instance_counters::Column::ForeignUsers).ne(i64::from(foreign)))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Counts the rows that counters stand for: `(active, reserved, lingering)`.
    ///
    /// # Errors
    /// The database.
    pub async fn counted(&self, id: &InstanceId) -> Result<(u32, u32, u32), StoreError> {
        counted(self.read(), id).await
    }
}

/// The same, within the caller's transaction.
pub(super) async fn counted(
    db: &impl ConnectionTrait,
    id: &InstanceId,
) -> Result<(u32, u32, u32), StoreError> {
    let role = |role: Role| {
        assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(id.as_str()))
            .filter(assignments::Column::ReleasedAt.is_null())
            .filter(assignments::Column::Role.eq(rows::to_word(role)))
            .count(db)
    };
    let reserved = operations::Entity::find()
        .filter(operations::Column::TargetInstance.eq(id.as_str()))
        .filter(operations::Column::EndedAt.is_null())
        .filter(operations::Column::HoldsPlace.eq(true))
        .count(db)
        .await?;
    let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok((narrow(role(Role::Primary).await?), narrow(reserved), narrow(role(Role::Lingering).await?)))
}
