//! Accounts of keys on instances.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub config_id: i64,
    #[sea_orm(column_type = "Text")]
    pub instance_id: String,
    #[sea_orm(column_type = "Text")]
    pub account: String,
    #[sea_orm(column_type = "Text")]
    pub external_id: String,
    #[sea_orm(column_type = "Text")]
    pub role: String,
    pub generation: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub reason: Json,
    #[sea_orm(column_type = "Text", nullable)]
    pub subscription_url: Option<String>,
    pub used: i64,
    pub used_at: Option<Timestamp>,
    pub online_at: Option<Timestamp>,
    pub limit_written: Option<i64>,
    pub synced_revision: i64,
    pub unsettled_at: Option<Timestamp>,
    pub settles_at: Option<Timestamp>,
    pub linger_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub released_at: Option<Timestamp>,
    pub adopted: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
