//! What the fleet's care needs: what was checked and found, incidents, sightings, windows, and who was told what.

use sea_orm_migration::prelude::*;

use crate::column::{
    flag, id, json, json_opt, key, moment, moment_opt, number, number_opt, small, text, text_opt,
};
use crate::{add_columns, create_index, create_table, drop_columns, drop_tables};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_care"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "instances", vec![json_opt("care")]).await?;
        let health = vec![json_opt("machine"), moment_opt("certificate_ends_at")];
        add_columns(manager, "instance_health", health).await?;
        let batches = vec![
            text("kind").default("moves").take(),
            flag("automatic"),
            number_opt("incident_id"),
            json_opt("facts"),
        ];
        add_columns(manager, "batches", batches).await?;
        let endpoints = vec![
            id(),
            text("instance_id"),
            text("address"),
            json("spec"),
            moment("seen_at"),
            moment_opt("checked_at"),
            moment_opt("good_at"),
            text_opt("problem"),
        ];
        create_table(manager, "endpoints", endpoints, &[("instance_id", "instances", "id")]).await?;
        let columns = ["instance_id", "address"];
        create_index(manager, "endpoints_once", "endpoints", &columns, true, None).await?;
        let checks = vec![
            id(),
            text("instance_id"),
            moment("slot"),
            small("checks"),
            small("good"),
            small("data_checks"),
            small("data_good"),
            number("latency_sum_ms"),
            small("latency_max_ms"),
        ];
        create_table(manager, "checks_5min", checks, &[("instance_id", "instances", "id")]).await?;
        let columns = ["instance_id", "slot"];
        create_index(manager, "checks_5min_once", "checks_5min", &columns, true, None).await?;
        let incidents = vec![
            id(),
            text("kind"),
            text("subject"),
            text_opt("instance_id"),
            text("severity"),
            moment("opened_at"),
            moment("updated_at"),
            moment_opt("closed_at"),
            small("affected"),
            flag("is_told"),
            json("facts"),
            json("timeline"),
            number_opt("acknowledged_by"),
            moment_opt("acknowledged_at"),
            number_opt("muted_by"),
            moment_opt("muted_until"),
            // What of it the alert webhook has taken: the `updated_at` of that moment.
            moment_opt("hooked_at"),
        ];
        create_table(manager, "incidents", incidents, &[]).await?;
        let open = Expr::col("closed_at").is_null();
        create_index(manager, "incidents_open", "incidents", &["kind", "subject"], true, Some(open)).await?;
        let sightings = vec![
            id(),
            text("instance_id"),
            text("account"),
            text("kind"),
            moment("first_seen_at"),
            moment("last_seen_at"),
        ];
        create_table(manager, "sightings", sightings, &[("instance_id", "instances", "id")]).await?;
        let columns = ["instance_id", "account", "kind"];
        create_index(manager, "sightings_once", "sightings", &columns, true, None).await?;
        let windows = vec![
            id(),
            text("instance_id"),
            moment("starts_at"),
            moment("ends_at"),
            number("created_by"),
            moment("created_at"),
            moment_opt("began_at"),
            moment_opt("ended_at"),
            // What the admins had decided about the instance before it began.
            json_opt("before"),
        ];
        create_table(manager, "windows", windows, &[("instance_id", "instances", "id")]).await?;
        let told = vec![id(), number("config_id"), text("what"), moment("told_at")];
        create_table(manager, "told", told, &[("config_id", "configs", "id")]).await?;
        create_index(manager, "told_once", "told", &["config_id", "what"], true, None).await?;
        let signals = vec![
            id(),
            text("instance_id"),
            number("user_id"),
            number("config_id"),
            text("kind"),
            moment("at"),
        ];
        create_table(manager, "signals", signals, &[]).await?;
        create_index(manager, "signals_recent", "signals", &["instance_id", "at"], false, None).await?;
        let traffic = vec![
            id(),
            text("instance_id"),
            text("node"),
            moment("hour"),
            number("bytes"),
            number_opt("counter"),
        ];
        create_table(manager, "traffic_hourly", traffic, &[("instance_id", "instances", "id")]).await?;
        let columns = ["instance_id", "node", "hour"];
        create_index(manager, "traffic_hourly_once", "traffic_hourly", &columns, true, None).await?;
        // Where the fleet as a whole stands, such as panic: read by every automatic claim.
        let flags = vec![key(text("name")), flag("raised"), moment("since"), json_opt("facts")];
        create_table(manager, "flags", flags, &[]).await?;
        // The quota that was last written to an account: with it, what a panel shows tells whether somebody changed it.
        add_columns(manager, "assignments", vec![number_opt("limit_written")]).await?;
        let reconciliations = vec![
            key(text("instance_id")),
            moment_opt("counted_at"),
            moment_opt("passed_at"),
            number("explained"),
            flag("left_alone"),
        ];
        create_table(manager, "reconciliations", reconciliations, &[("instance_id", "instances", "id")])
            .await?;
        // Whether a key was moved lately.
        let columns = ["config_id", "ended_at"];
        create_index(manager, "operations_of_key", "operations", &columns, false, None).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "reconciliations",
            "flags",
            "traffic_hourly",
            "signals",
            "told",
            "windows",
            "sightings",
            "incidents",
            "checks_5min",
            "endpoints",
        ];
        drop_tables(manager, &tables).await?;
        manager.drop_index(Index::drop().name("operations_of_key").table("operations").to_owned()).await?;
        drop_columns(manager, "assignments", &["limit_written"]).await?;
        drop_columns(manager, "batches", &["kind", "automatic", "incident_id", "facts"]).await?;
        drop_columns(manager, "instance_health", &["machine", "certificate_ends_at"]).await?;
        drop_columns(manager, "instances", &["care"]).await
    }
}
