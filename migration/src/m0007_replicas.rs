//! Several processes over one database: who plans, who is there, what each sees, and who works on what.

use sea_orm_migration::prelude::*;

use crate::column::{id, json, key, moment, moment_opt, number, text, text_opt};
use crate::{add_columns, create_index, create_table, drop_columns, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_replicas"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let leases = vec![
            key(text("name")),
            text_opt("holder"),
            number("epoch"),
            moment("renewed_at"),
            moment("expires_at"),
        ];
        create_table(manager, "leases", leases, &[]).await?;
        let replicas = vec![
            key(text("id")),
            text("version"),
            text("vantage"),
            json("settings"),
            moment("started_at"),
            moment("seen_at"),
        ];
        create_table(manager, "replicas", replicas, &[]).await?;
        let votes = vec![id(), text("instance_id"), text("vantage"), moment("voted_at")];
        create_table(manager, "votes", votes, &[]).await?;
        let columns = ["instance_id", "vantage"];
        create_index(manager, "votes_of_instance", "votes", &columns, true, None).await?;
        add_columns(manager, "inbox", vec![text_opt("begun_by")]).await?;
        add_columns(manager, "outbox", vec![text_opt("claimed_by"), moment_opt("claimed_until")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "outbox", &["claimed_by", "claimed_until"]).await?;
        drop_columns(manager, "inbox", &["begun_by"]).await?;
        drop_tables(manager, &["votes", "replicas", "leases"]).await
    }
}
