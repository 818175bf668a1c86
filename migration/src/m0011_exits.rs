//! Whose links are that no address and no name gives away: what admins said.

use sea_orm_migration::prelude::*;

use crate::column::{id, moment, text, text_opt};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0011_exits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let assigned = vec![
            id(),
            text("instance_id"),
            text("address"),
            text("remark"),
            // By name: an exit that the panel forgets for a while comes back with another row.
            text_opt("node"),
            moment("at"),
        ];
        create_table(manager, "assigned_links", assigned, &[("instance_id", "instances", "id")]).await?;
        let one = &["instance_id", "address", "remark"];
        create_index(manager, "assigned_links_once", "assigned_links", one, true, None).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["assigned_links"]).await
    }
}
