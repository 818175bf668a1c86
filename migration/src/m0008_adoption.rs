//! Accounts that others made and we look after, links that panels gave out, and attempts to claim one.

use sea_orm_migration::prelude::*;

use crate::column::{flag, id, key, moment, number, small, text};
use crate::{add_columns, create_index, create_table, drop_columns, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_adoption"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "assignments", vec![flag("adopted")]).await?;
        // Names that we give are never used twice anywhere. Those that others gave may be the same on two panels.
        drop_index(manager).await?;
        let ours = Expr::col("adopted").eq(false);
        create_index(manager, "assignments_account", "assignments", &["account"], true, Some(ours)).await?;
        let theirs = Expr::col("adopted").eq(true).and(Expr::col("released_at").is_null());
        let columns = ["instance_id", "account"];
        create_index(manager, "assignments_adopted", "assignments", &columns, true, Some(theirs)).await?;
        // Of a panel's own link no more than a digest is kept: it stays a secret of whoever has it.
        let links = vec![
            key(text("digest")),
            number("config_id"),
            // A reset of the key's link ends this one too.
            small("link_epoch"),
            text("instance_id"),
            moment("verified_at"),
        ];
        create_table(manager, "old_links", links, &[("config_id", "configs", "id")]).await?;
        create_index(manager, "old_links_config", "old_links", &["config_id"], false, None).await?;
        let claims = vec![id(), number("user_id"), moment("at")];
        create_table(manager, "claims", claims, &[]).await?;
        create_index(manager, "claims_recent", "claims", &["user_id", "at"], false, None).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["claims", "old_links"]).await?;
        let adopted = Index::drop().name("assignments_adopted").table("assignments").to_owned();
        manager.drop_index(adopted).await?;
        drop_index(manager).await?;
        create_index(manager, "assignments_account", "assignments", &["account"], true, None).await?;
        drop_columns(manager, "assignments", &["adopted"]).await
    }
}

async fn drop_index(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().name("assignments_account").table("assignments").to_owned()).await
}
