//! What the panel of an account answered when it last did.

use sea_orm::entity::prelude::*;

use crate::domain::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "last_good")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub assignment_id: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub links: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub format: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub copy: Option<String>,
    pub kept_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
