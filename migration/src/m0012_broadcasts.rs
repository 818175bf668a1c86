//! Messages to many people.

use sea_orm_migration::prelude::*;

use crate::column::{id, moment, moment_opt, number, number_opt, text};
use crate::{add_columns, create_index, create_table, drop_columns, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0012_broadcasts"
    }
}

/// The indexes of the outbox that this step adds.
const INDEXES: [&str; 3] = ["outbox_broadcast", "outbox_claimed", "outbox_next"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let broadcasts = vec![
            id(),
            number("created_by"),
            moment("created_at"),
            number("update_id"),
            text("audience"),
            text("text"),
            text("state"),
            // How many letters had ended when that was last told.
            number("told"),
            moment_opt("ended_at"),
        ];
        create_table(manager, "broadcasts", broadcasts, &[]).await?;
        create_index(manager, "broadcasts_once", "broadcasts", &["update_id"], true, None).await?;
        add_columns(manager, "outbox", vec![number_opt("broadcast_id")]).await?;
        let [of_broadcast, claimed, next] = INDEXES;
        // Nobody gets a message twice.
        let only = Expr::col("broadcast_id").is_not_null();
        let columns = ["broadcast_id", "chat_id"];
        create_index(manager, of_broadcast, "outbox", &columns, true, Some(only)).await?;
        // With a letter to everybody in line, neither may be looked for among all of them.
        let pending = || Expr::col("sent_at").is_null().and(Expr::col("dropped_at").is_null());
        let only = pending().and(Expr::col("claimed_until").is_not_null());
        create_index(manager, claimed, "outbox", &["claimed_until"], false, Some(only)).await?;
        let columns = ["lane", "not_before", "id"];
        create_index(manager, next, "outbox", &columns, false, Some(pending())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            manager.drop_index(Index::drop().name(index).table("outbox").to_owned()).await?;
        }
        drop_columns(manager, "outbox", &["broadcast_id"]).await?;
        drop_tables(manager, &["broadcasts"]).await
    }
}
