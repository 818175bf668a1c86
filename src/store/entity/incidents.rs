//! Outages, from the first doubt to recovery.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub instance_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub severity: String,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub affected: i32,
    pub is_told: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub facts: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub timeline: Json,
    pub acknowledged_by: Option<i64>,
    pub acknowledged_at: Option<Timestamp>,
    pub muted_by: Option<i64>,
    pub muted_until: Option<Timestamp>,
    pub hooked_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
