//! Updates that came in, letters that go out, the screens people see.

use sea_orm_migration::prelude::*;

use crate::column::{id, json, key, moment, moment_opt, number, number_opt, small, text, text_opt};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_messages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = vec![
            id(),
            number("chat_id"),
            small("lane"),
            text_opt("slot"),
            json("notice"),
            number_opt("screen"),
            moment("not_before"),
            small("attempts"),
            moment("created_at"),
            moment_opt("sent_at"),
            moment_opt("dropped_at"),
            text_opt("problem"),
        ];
        create_table(manager, "outbox", outbox, &[]).await?;
        let pending = || Expr::col("sent_at").is_null().and(Expr::col("dropped_at").is_null());
        create_index(manager, "outbox_slot", "outbox", &["slot"], true, Some(pending())).await?;
        create_index(manager, "outbox_due", "outbox", &["lane", "not_before"], false, Some(pending()))
            .await?;
        let sent = vec![key(text("slot")), number("chat_id"), number("message_id"), moment("sent_at")];
        create_table(manager, "sent_messages", sent, &[]).await?;
        let inbox = vec![
            key(number("update_id")),
            number("chat_key"),
            text("raw"),
            moment("received_at"),
            small("attempts"),
            moment("next_at"),
            moment_opt("done_at"),
            text_opt("problem"),
        ];
        create_table(manager, "inbox", inbox, &[]).await?;
        let undone = Expr::col("done_at").is_null();
        create_index(manager, "inbox_undone", "inbox", &["chat_key", "update_id"], false, Some(undone))
            .await?;
        let menus = vec![
            key(number("chat_id")),
            number("message_id"),
            number("screen"),
            text("view"),
            moment("updated_at"),
        ];
        create_table(manager, "menus", menus, &[]).await?;
        let dialogues = vec![key(number("chat_id")), text("state"), moment("updated_at")];
        create_table(manager, "dialogues", dialogues, &[]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["dialogues", "menus", "inbox", "sent_messages", "outbox"]).await
    }
}
