//! Keys, their accounts, and the operations that change them.

use sea_orm_migration::prelude::*;

use crate::column::{
    flag, id, json, json_opt, key, moment, moment_opt, number, number_opt, small, small_opt, text, text_opt,
};
use crate::{create_index, create_table, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_configs(manager).await?;
        create_assignments(manager).await?;
        create_operations(manager).await?;
        create_tombstones(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let names = ["tombstones", "waitlist", "operations", "batches", "assignments", "configs"];
        drop_tables(manager, &names).await
    }
}

async fn create_configs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let configs = vec![
        id(),
        number("owner"),
        small("number"),
        text("credentials"),
        number("revision"),
        small("link_epoch"),
        text("authority"),
        text("wish"),
        text_opt("plan"),
        moment_opt("expires_at"),
        number_opt("data_limit"),
        number("used_before"),
        text_opt("wanted_region"),
        json_opt("next_wish"),
        small("generation"),
        moment("created_at"),
        moment("updated_at"),
        moment_opt("ended_at"),
    ];
    create_table(manager, "configs", configs, &[("owner", "users", "id")]).await?;
    create_index(manager, "configs_number", "configs", &["owner", "number"], true, None).await?;
    create_index(manager, "configs_end", "configs", &["expires_at"], false, None).await
}

async fn create_assignments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let assignments = vec![
        id(),
        number("config_id"),
        text("instance_id"),
        text("account"),
        text("external_id"),
        text("role"),
        small("generation"),
        json("reason"),
        text_opt("subscription_url"),
        number("used"),
        moment_opt("used_at"),
        moment_opt("online_at"),
        number("synced_revision"),
        moment_opt("unsettled_at"),
        moment_opt("settles_at"),
        moment_opt("linger_until"),
        moment("created_at"),
        moment_opt("released_at"),
    ];
    let references = [("config_id", "configs", "id"), ("instance_id", "instances", "id")];
    create_table(manager, "assignments", assignments, &references).await?;
    let live = || Expr::col("released_at").is_null();
    let primary = || live().and(Expr::col("role").eq("primary"));
    let index =
        |name, columns, unique, only| create_index(manager, name, "assignments", columns, unique, only);
    index("assignments_account", &["account"], true, None).await?;
    // One primary account per key, and one account per key and instance.
    index("assignments_primary", &["config_id"], true, Some(primary())).await?;
    index("assignments_once", &["config_id", "instance_id"], true, Some(live())).await?;
    index("assignments_instance", &["instance_id", "used_at"], false, Some(live())).await?;
    index("assignments_linger", &["linger_until"], false, Some(live())).await?;
    index("assignments_settle", &["settles_at"], false, Some(live())).await
}

async fn create_operations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let batches = vec![
        id(),
        number("created_by"),
        text_opt("source_instance"),
        text_opt("target_instance"),
        text("state"),
        small("total"),
        moment("created_at"),
        moment_opt("ended_at"),
    ];
    create_table(manager, "batches", batches, &[]).await?;
    let operations = vec![
        id(),
        number("config_id"),
        text("kind"),
        text("state"),
        text("cause"),
        number_opt("asked_by"),
        number_opt("update_id"),
        flag("person_waits"),
        number_opt("screen"),
        number("revision"),
        number("epoch"),
        text_opt("claimed_by"),
        moment_opt("claimed_until"),
        text_opt("region"),
        text_opt("wanted_instance"),
        text_opt("credentials"),
        text_opt("target_instance"),
        text_opt("target_account"),
        small_opt("target_generation"),
        flag("holds_place"),
        number_opt("back_to"),
        moment_opt("unsettled_at"),
        moment_opt("settles_at"),
        small("attempts"),
        json("tried"),
        json_opt("reason"),
        moment("next_at"),
        number_opt("batch_id"),
        text_opt("problem"),
        moment("created_at"),
        moment_opt("ended_at"),
        text_opt("outcome"),
    ];
    let references = [
        ("config_id", "configs", "id"),
        ("batch_id", "batches", "id"),
        ("target_instance", "instances", "id"),
    ];
    create_table(manager, "operations", operations, &references).await?;
    let open = || Expr::col("ended_at").is_null();
    let index =
        |name, columns, unique, only| create_index(manager, name, "operations", columns, unique, only);
    // One open operation per key; one operation per update and key.
    index("operations_open", &["config_id"], true, Some(open())).await?;
    let by_update = Some(Expr::col("update_id").is_not_null());
    index("operations_update", &["update_id", "config_id"], true, by_update).await?;
    index("operations_due", &["next_at"], false, Some(open())).await?;
    index("operations_batch", &["batch_id"], false, None).await?;
    index("operations_target", &["target_instance"], false, Some(open())).await?;
    let waitlist = vec![key(number("operation_id")), text_opt("region"), small("class"), moment("since")];
    create_table(manager, "waitlist", waitlist, &[("operation_id", "operations", "id")]).await?;
    create_index(manager, "waitlist_order", "waitlist", &["class", "since"], false, None).await
}

async fn create_tombstones(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let tombstones = vec![
        id(),
        number("config_id"),
        text("instance_id"),
        text("account"),
        text("external_id"),
        moment_opt("unsettled_at"),
        moment_opt("settles_at"),
        number("used_known"),
        text("reason"),
        small("attempts"),
        moment("next_at"),
        text_opt("claimed_by"),
        moment_opt("claimed_until"),
        moment_opt("deleted_at"),
        moment("created_at"),
        moment_opt("gone_at"),
    ];
    let references = [("config_id", "configs", "id"), ("instance_id", "instances", "id")];
    create_table(manager, "tombstones", tombstones, &references).await?;
    let standing = || Expr::col("gone_at").is_null();
    let index =
        |name, columns, unique| create_index(manager, name, "tombstones", columns, unique, Some(standing()));
    index("tombstones_once", &["instance_id", "account"], true).await?;
    index("tombstones_due", &["next_at"], false).await?;
    index("tombstones_config", &["config_id"], false).await
}
