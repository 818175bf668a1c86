//! Finding the letter that answers a wish: by the screen that waits for it.

use sea_orm_migration::prelude::*;

use crate::create_index;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0014_answers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let waited_for = Expr::col("screen").is_not_null();
        create_index(manager, "outbox_answers", "outbox", &["chat_id", "screen"], false, Some(waited_for))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("outbox_answers").table("outbox").to_owned()).await
    }
}
