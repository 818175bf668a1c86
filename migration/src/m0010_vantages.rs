//! Vantages inside a country, and how users' addresses look from there.

use sea_orm_migration::prelude::*;

use crate::column::{flag, id, key, moment, moment_opt, number, text};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_vantages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let vantages =
            vec![key(text("name")), text("token_hash"), moment("created_at"), moment_opt("seen_at")];
        create_table(manager, "vantages", vantages, &[]).await?;
        create_index(manager, "vantages_by_token", "vantages", &["token_hash"], true, None).await?;
        let sights = vec![
            id(),
            text("vantage"),
            text("instance_id"),
            number("endpoint_id"),
            flag("reached"),
            text("word"),
            moment("since"),
            moment("at"),
            flag("overruled"),
        ];
        create_table(manager, "vantage_sights", sights, &[]).await?;
        let columns = ["vantage", "endpoint_id"];
        create_index(manager, "vantage_sights_one", "vantage_sights", &columns, true, None).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["vantage_sights", "vantages"]).await
    }
}
