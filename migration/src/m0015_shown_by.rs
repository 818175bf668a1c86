//! Which update showed what a menu shows, so that the same update handled once more shows the same screen.

use sea_orm_migration::prelude::*;

use crate::column::number_opt;
use crate::{add_columns, drop_columns};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0015_shown_by"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "menus", vec![number_opt("update_id")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "menus", &["update_id"]).await
    }
}
