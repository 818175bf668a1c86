//! Durable intents.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub config_id: i64,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub cause: String,
    pub asked_by: Option<i64>,
    pub update_id: Option<i64>,
    pub person_waits: bool,
    pub screen: Option<i64>,
    pub revision: i64,
    pub epoch: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub claimed_by: Option<String>,
    pub claimed_until: Option<Timestamp>,
    #[sea_orm(column_type = "Text", nullable)]
    pub region: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub wanted_instance: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub credentials: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub target_instance: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub target_account: Option<String>,
    pub target_generation: Option<i32>,
    pub holds_place: bool,
    pub back_to: Option<i64>,
    pub unsettled_at: Option<Timestamp>,
    pub settles_at: Option<Timestamp>,
    pub attempts: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub tried: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub reason: Option<Json>,
    pub next_at: Timestamp,
    pub batch_id: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    #[sea_orm(column_type = "Text", nullable)]
    pub outcome: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
