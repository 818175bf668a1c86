//! Whether less passes than a week ago is told by person: how many there were.

use sea_orm_migration::prelude::*;

use crate::column::number_opt;
use crate::{add_columns, drop_columns};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_traffic"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "traffic_hourly", vec![number_opt("users")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "traffic_hourly", &["users"]).await
    }
}
