//! The last fetch of each app of each key.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fetches")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub config_id: i64,
    #[sea_orm(column_type = "Text")]
    pub app: String,
    #[sea_orm(column_type = "Text")]
    pub domain: String,
    pub generation: i32,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
