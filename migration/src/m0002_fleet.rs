//! Instances: what they are, their exact counts, what the checks found, their worker servers.

use sea_orm_migration::prelude::*;

use crate::column::{
    flag, id, json, key, moment, moment_opt, number, number_opt, real, small, small_opt, text, text_opt,
};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_fleet"
    }
}

/// A count that is never below zero.
fn count(name: &'static str) -> ColumnDef {
    number(name).default(0).check(Expr::col(name).gte(0)).take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let instances = vec![
            key(text("id")),
            text("name"),
            text("note"),
            text("kind"),
            text("mode"),
            text("base_url"),
            text("username"),
            text("password"),
            text("region"),
            text_opt("provider"),
            json("tags"),
            json("admin_state"),
            small("priority"),
            real("weight"),
            number("max_users"),
            text("connection"),
            moment("created_at"),
            moment("updated_at"),
        ];
        create_table(manager, "instances", instances, &[]).await?;
        create_index(manager, "instances_address", "instances", &["base_url"], true, None).await?;
        let counters = vec![
            key(text("instance_id")),
            count("active"),
            count("reserved"),
            count("lingering"),
            count("foreign_users"),
            moment("updated_at"),
        ];
        create_table(manager, "instance_counters", counters, &[("instance_id", "instances", "id")]).await?;
        let health = vec![
            key(text("instance_id")),
            text("health"),
            moment("since"),
            moment_opt("checked_at"),
            moment_opt("last_good_at"),
            number_opt("latency_ms"),
            text_opt("version"),
            number_opt("users_active"),
            small_opt("core_started"),
            text_opt("problem"),
        ];
        create_table(manager, "instance_health", health, &[("instance_id", "instances", "id")]).await?;
        let nodes = vec![
            id(),
            text("instance_id"),
            number_opt("remote_id"),
            text("name"),
            text("address"),
            text_opt("region"),
            text("status"),
            real("usage_coefficient"),
            flag("hidden"),
            text_opt("message"),
            number_opt("traffic"),
            moment("seen_at"),
        ];
        create_table(manager, "nodes", nodes, &[("instance_id", "instances", "id")]).await?;
        create_index(manager, "nodes_name", "nodes", &["instance_id", "name"], true, None).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["nodes", "instance_health", "instance_counters", "instances"]).await
    }
}
