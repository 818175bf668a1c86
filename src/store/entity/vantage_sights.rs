//! How users' addresses look from vantages.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vantage_sights")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub vantage: String,
    #[sea_orm(column_type = "Text")]
    pub instance_id: String,
    pub endpoint_id: i64,
    pub reached: bool,
    #[sea_orm(column_type = "Text")]
    pub word: String,
    pub since: Timestamp,
    pub at: Timestamp,
    pub overruled: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
