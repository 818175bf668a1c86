//! What our own links need: what was last good of each account, and who fetched when.

use sea_orm_migration::prelude::*;

use crate::column::{id, key, moment, number, small, text, text_opt};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_links"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What an account's panel answered when it last did, sealed: given when it does not.
        let last_good = vec![
            key(number("assignment_id")),
            text_opt("links"),
            text_opt("format"),
            text_opt("copy"),
            moment("kept_at"),
        ];
        create_table(manager, "last_good", last_good, &[("assignment_id", "assignments", "id")]).await?;
        // The last fetch of each app of each key.
        let fetches = vec![
            id(),
            number("config_id"),
            text("app"),
            text("domain"),
            // The account whose links it got.
            small("generation"),
            moment("at"),
        ];
        create_table(manager, "fetches", fetches, &[("config_id", "configs", "id")]).await?;
        create_index(manager, "fetches_once", "fetches", &["config_id", "app"], true, None).await?;
        let hours = vec![id(), text("domain"), moment("hour"), number("count")];
        create_table(manager, "domain_hours", hours, &[]).await?;
        create_index(manager, "domain_hours_once", "domain_hours", &["domain", "hour"], true, None).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["domain_hours", "fetches", "last_good"]).await
    }
}
