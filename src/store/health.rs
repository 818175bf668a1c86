//! What the checks found, and the worker servers they saw.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::instance::{Health, HealthReport, Node, NodeStatus};
use crate::domain::placement::NodeFacts;
use crate::domain::quota::GIB;
use crate::domain::{InstanceId, Region, Timestamp};

use super::entity::{instance_health, nodes};
use super::{Store, StoreError, rows};

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The state after it.
    pub health: Health,
    /// How long it took; `None`: it failed.
    pub latency_ms: Option<u32>,
    /// The panel's version.
    pub version: Option<String>,
    /// The panel's own count of active users.
    pub users_active: Option<u32>,
    /// Whether the core runs.
    pub core_started: Option<bool>,
    /// What is wrong, as a short machine word.
    pub problem: Option<String>,
}

/// A worker server as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredNode {
    /// The row.
    pub id: i64,
    /// Its name; `Master` for the panel's own core.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The panel's id; `None` for the panel's own core.
    pub remote_id: Option<i64>,
    /// Whether it serves.
    pub status: NodeStatus,
    /// What the panel says of its trouble.
    pub message: Option<String>,
    /// Its multiplier.
    pub usage_coefficient: f64,
    /// Not offered to users.
    pub hidden: bool,
    /// Bytes in the last 30 days.
    pub traffic: Option<u64>,
    /// Where it leaves the network, if elsewhere than its instance; admins say so.
    pub region: Option<Region>,
}

impl StoredNode {
    /// Whether a check saw it as it is stored.
    #[must_use]
    pub fn is_as(&self, seen: &Node) -> bool {
        let Self {
            id: _,
            name,
            address,
            remote_id,
            status,
            message,
            usage_coefficient,
            hidden: _,
            region: _,
            traffic,
        } = self;
        *name == seen.name
            && *address == seen.address
            && *remote_id == seen.remote_id
            && *status == seen.status
            && *message == seen.message
            && *usage_coefficient == seen.usage_coefficient
            && *traffic == seen.traffic
    }

    /// What placement needs to know of it.
    #[must_use]
    pub fn facts(&self) -> NodeFacts {
        NodeFacts {
            connected: self.status.is_connected(),
            hidden: self.hidden,
            usage_coefficient: self.usage_coefficient,
            traffic_gb_recent: self.traffic.map_or(0.0, |bytes| bytes as f64 / GIB as f64),
            active_users: 0,
        }
    }
}

fn report_of(row: instance_health::Model) -> Result<(InstanceId, HealthReport), StoreError> {
    let corrupt = |what| StoreError::corrupt("instance_health", &row.instance_id, what);
    let narrow = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let report = HealthReport {
        health: rows::word(&row.health).ok_or_else(|| corrupt("health"))?,
        since: row.since,
        checked_at: row.checked_at,
        last_good_at: row.last_good_at,
        latency_ms: narrow(row.latency_ms),
        users_active: narrow(row.users_active),
        version: row.version,
        problem: row.problem,
        certificate_ends_at: row.certificate_ends_at,
    };
    Ok((row.instance_id.parse().map_err(|_| corrupt("instance_id"))?, report))
}

fn node_of(row: nodes::Model) -> Result<(InstanceId, StoredNode), StoreError> {
    let corrupt = |what| StoreError::corrupt("nodes", row.id, what);
    let instance = row.instance_id.parse().map_err(|_| corrupt("instance_id"))?;
    let node = StoredNode {
        id: row.id,
        traffic: rows::bytes_opt(row.traffic).ok_or_else(|| corrupt("traffic"))?,
        region: rows::parse_opt(row.region.as_deref()).ok_or_else(|| corrupt("region"))?,
        remote_id: row.remote_id,
        status: rows::word(&row.status).ok_or_else(|| corrupt("status"))?,
        name: row.name,
        address: row.address,
        message: row.message,
        usage_coefficient: row.usage_coefficient,
        hidden: row.hidden,
    };
    Ok((instance, node))
}

impl Store {
    /// Records a check: the state with its beginning, and what was seen; a failed check keeps what the last good one
    /// saw.
    ///
    /// # Errors
    /// The database.
    pub async fn record_check(
        &self,
        id: &InstanceId,
        check: &Check,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use instance_health::Column;
        let health = rows::to_word(check.health);
        let good = check.latency_ms.is_some();
        let row = instance_health::ActiveModel {
            instance_id: Set(id.to_string()),
            health: Set(health.clone()),
            since: Set(now),
            checked_at: Set(Some(now)),
            last_good_at: Set(good.then_some(now)),
            latency_ms: Set(check.latency_ms.map(i64::from)),
            version: Set(check.version.clone()),
            users_active: Set(check.users_active.map(i64::from)),
            core_started: Set(check.core_started.map(i32::from)),
            problem: Set(check.problem.clone()),
            ..Default::default()
        };
        let mut columns = vec![Column::CheckedAt, Column::Problem];
        if good {
            let seen = [
                Column::LastGoodAt,
                Column::LatencyMs,
                Column::Version,
                Column::UsersActive,
                Column::CoreStarted,
            ];
            columns.extend(seen);
        }
        let stored = |column| Expr::col((instance_health::Entity, column));
        let since = Expr::case(stored(Column::Health).eq(health.clone()), stored(Column::Since)).finally(now);
        let known = OnConflict::column(Column::InstanceId)
            .update_columns(columns)
            .value(Column::Since, since)
            .value(Column::Health, health)
            .to_owned();
        instance_health::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// Puts an instance into a state, with the machine that it follows from. `problem` as in a check.
    ///
    /// # Errors
    /// The database.
    pub async fn set_health(
        &self,
        id: &InstanceId,
        health: Health,
        machine: serde_json::Value,
        problem: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use instance_health::Column;
        let tx = self.begin().await?;
        let word = rows::to_word(health);
        let row = instance_health::ActiveModel {
            instance_id: Set(id.to_string()),
            health: Set(word.clone()),
            since: Set(now),
            problem: Set(problem.map(ToOwned::to_owned)),
            machine: Set(Some(machine)),
            ..Default::default()
        };
        let known = OnConflict::column(Column::InstanceId)
            .update_columns([Column::Machine, Column::Problem])
            .to_owned();
        instance_health::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
        instance_health::Entity::update_many()
            .col_expr(Column::Health, Expr::value(word.clone()))
            .col_expr(Column::Since, Expr::value(now))
            .filter(Column::InstanceId.eq(id.as_str()))
            .filter(Column::Health.ne(word))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The machine behind an instance's state, as it was stored last.
    ///
    /// # Errors
    /// The database.
    pub async fn machine(&self, id: &InstanceId) -> Result<Option<serde_json::Value>, StoreError> {
        let row = instance_health::Entity::find_by_id(id.to_string()).one(self.read()).await?;
        Ok(row.and_then(|row| row.machine))
    }

    /// Takes down when the certificate ends that users or this service would stumble over first.
    ///
    /// # Errors
    /// The database.
    pub async fn saw_certificate(
        &self,
        id: &InstanceId,
        ends_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        use instance_health::Column;
        instance_health::Entity::update_many()
            .col_expr(Column::CertificateEndsAt, Expr::value(ends_at))
            .filter(Column::InstanceId.eq(id.as_str()))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// What the checks found, by instance.
    ///
    /// # Errors
    /// The database.
    pub async fn health(&self) -> Result<Vec<(InstanceId, HealthReport)>, StoreError> {
        use instance_health::Column;
        // Read every second, for the whole fleet: without the machine behind each state, which is large.
        let columns = Column::iter().filter(|column| !matches!(column, Column::Machine));
        let machine = Expr::value(None::<serde_json::Value>);
        let found = instance_health::Entity::find()
            .select_only()
            .columns(columns)
            .expr_as(machine, "machine")
            .all(self.read())
            .await?;
        found.into_iter().map(report_of).collect()
    }

    /// The instances that are down, and since when.
    ///
    /// # Errors
    /// The database.
    pub async fn down(&self) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
        use instance_health::Column;
        let found = instance_health::Entity::find()
            .select_only()
            .columns([Column::InstanceId, Column::Since])
            .filter(Column::Health.eq(rows::to_word(Health::Down)))
            .into_tuple::<(String, Timestamp)>()
            .all(self.read())
            .await?;
        let corrupt = |id: &str| StoreError::corrupt("instance_health", id, "instance_id");
        found.into_iter().map(|(id, since)| Ok((id.parse().map_err(|_| corrupt(&id))?, since))).collect()
    }

    /// What the checks found of one instance.
    ///
    /// # Errors
    /// The database.
    pub async fn health_of(&self, id: &InstanceId) -> Result<Option<HealthReport>, StoreError> {
        let row = instance_health::Entity::find_by_id(id.to_string()).one(self.read()).await?;
        row.map(|row| report_of(row).map(|(_, report)| report)).transpose()
    }

    /// Records the worker servers that a check saw; those it did not see are forgotten.
    ///
    /// # Errors
    /// The database.
    pub async fn replace_nodes(
        &self,
        id: &InstanceId,
        seen: &[Node],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use nodes::Column;
        let rows: Vec<_> = seen
            .iter()
            .map(|node| nodes::ActiveModel {
                instance_id: Set(id.to_string()),
                remote_id: Set(node.remote_id),
                name: Set(node.name.clone()),
                address: Set(node.address.clone()),
                region: Set(None),
                status: Set(rows::to_word(node.status)),
                usage_coefficient: Set(node.usage_coefficient),
                hidden: Set(false),
                message: Set(node.message.clone()),
                traffic: Set(node.traffic.map(rows::to_i64)),
                seen_at: Set(now),
                ..Default::default()
            })
            .collect();
        let tx = self.begin().await?;
        if !rows.is_empty() {
            let known = OnConflict::columns([Column::InstanceId, Column::Name])
                .update_columns([
                    Column::RemoteId,
                    Column::Address,
                    Column::Status,
                    Column::UsageCoefficient,
                    Column::Message,
                    Column::Traffic,
                    Column::SeenAt,
                ])
                .to_owned();
            nodes::Entity::insert_many(rows).on_conflict(known).exec_without_returning(&tx).await?;
        }
        nodes::Entity::delete_many()
            .filter(Column::InstanceId.eq(id.as_str()))
            .filter(Column::SeenAt.lt(now))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Offers a worker server to users, or does not. `false`: there is none of that number on this instance.
    ///
    /// # Errors
    /// The database.
    pub async fn hide_node(&self, id: &InstanceId, node: i64, hidden: bool) -> Result<bool, StoreError> {
        let changed = nodes::Entity::update_many()
            .col_expr(nodes::Column::Hidden, Expr::value(hidden))
            .filter(nodes::Column::Id.eq(node))
            .filter(nodes::Column::InstanceId.eq(id.as_str()))
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// All worker servers with their instances, by name.
    ///
    /// # Errors
    /// The database.
    pub async fn nodes(&self) -> Result<Vec<(InstanceId, StoredNode)>, StoreError> {
        let found = nodes::Entity::find().order_by_asc(nodes::Column::Name).all(self.read()).await?;
        found.into_iter().map(node_of).collect()
    }

    /// The worker servers of an instance, by name.
    ///
    /// # Errors
    /// The database.
    pub async fn nodes_of(&self, id: &InstanceId) -> Result<Vec<StoredNode>, StoreError> {
        let found = nodes::Entity::find()
            .filter(nodes::Column::InstanceId.eq(id.as_str()))
            .order_by_asc(nodes::Column::Name)
            .all(self.read())
            .await?;
        found.into_iter().map(|row| node_of(row).map(|(_, node)| node)).collect()
    }
}
