//! Invitations.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invites")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub created_by: i64,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub max_uses: i32,
    pub used: i32,
    pub days: Option<i32>,
    pub gb: Option<i32>,
    pub revoked: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
