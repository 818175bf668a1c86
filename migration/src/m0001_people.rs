//! People, invitations, what was done, and what this installation is.

use sea_orm_migration::prelude::*;

use crate::column::{
    flag, id, json, key, moment, moment_opt, number, number_opt, small, small_opt, text, text_opt,
};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = vec![
            key(number("id")),
            text("first_name"),
            text_opt("username"),
            text_opt("language"),
            text_opt("telegram_language"),
            text("admission"),
            number_opt("admitted_by"),
            moment_opt("admitted_at"),
            small_opt("granted_days"),
            small_opt("granted_gb"),
            flag("blocked_bot"),
            moment("created_at"),
            moment("last_seen_at"),
        ];
        create_table(manager, "users", users, &[]).await?;
        create_index(manager, "users_username", "users", &["username"], false, None).await?;
        let invites = vec![
            key(text("code")),
            number("created_by"),
            moment("created_at"),
            moment_opt("expires_at"),
            small("max_uses"),
            small("used"),
            small_opt("days"),
            small_opt("gb"),
            flag("revoked"),
        ];
        create_table(manager, "invites", invites, &[]).await?;
        let uses = vec![id(), text("code"), number("user_id"), moment("at")];
        let references = [("code", "invites", "code"), ("user_id", "users", "id")];
        create_table(manager, "invite_uses", uses, &references).await?;
        create_index(manager, "invite_uses_once", "invite_uses", &["code", "user_id"], true, None).await?;
        let audit =
            vec![id(), moment("at"), number_opt("actor"), text("action"), text("subject"), json("detail")];
        create_table(manager, "audit_log", audit, &[]).await?;
        create_index(manager, "audit_log_subject", "audit_log", &["subject"], false, None).await?;
        create_table(manager, "settings", vec![key(text("key")), text("value")], &[]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["settings", "audit_log", "invite_uses", "invites", "users"]).await
    }
}
