//! What the last checks found.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance_health")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub instance_id: String,
    #[sea_orm(column_type = "Text")]
    pub health: String,
    pub since: Timestamp,
    pub checked_at: Option<Timestamp>,
    pub last_good_at: Option<Timestamp>,
    pub latency_ms: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub version: Option<String>,
    pub users_active: Option<i64>,
    pub core_started: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub machine: Option<Json>,
    pub certificate_ends_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
