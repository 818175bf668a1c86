//! Keys.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "configs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub owner: i64,
    pub number: i32,
    #[sea_orm(column_type = "Text")]
    pub credentials: String,
    pub revision: i64,
    pub link_epoch: i32,
    #[sea_orm(column_type = "Text")]
    pub authority: String,
    #[sea_orm(column_type = "Text")]
    pub wish: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub plan: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub data_limit: Option<i64>,
    pub used_before: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub wanted_region: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub next_wish: Option<Json>,
    pub generation: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
