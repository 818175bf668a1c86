//! Finding few rows among very many.
//!
//! Two indexes spare reading all accounts of an instance. On PostgreSQL, the indexes over what is under way are made
//! anew, each only over rows in which a column of its own is not null, which holds for all of them. That tells the planner
//! what an index is for: at a quiet moment it learns that next to nothing is under way, and would ever after read *any*
//! index of open rows from end to end to find one of them by its id, thousands of times in an outage that moves thousands.
//! A search by that column implies that it is not null; a search by id does not, and goes by the id. SQLite always goes by
//! the id, and would not use an index that says so.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::create_index;

pub(crate) struct Migration;

/// An index: its name, its table, its columns, whether it is unique, which columns are null in all of its rows, and
/// by which of its own every search for which it is goes.
type Lookup =
    (&'static str, &'static str, &'static [&'static str], bool, &'static [&'static str], &'static str);

const OPEN: &[&str] = &["ended_at"];
const PENDING: &[&str] = &["sent_at", "dropped_at"];
const STANDING: &[&str] = &["gone_at"];

/// What is made anew.
const LOOKUPS: &[Lookup] = &[
    ("operations_open", "operations", &["config_id"], true, OPEN, "config_id"),
    ("operations_due", "operations", &["next_at"], false, OPEN, "next_at"),
    ("operations_target", "operations", &["target_instance"], false, OPEN, "target_instance"),
    ("outbox_slot", "outbox", &["slot"], true, PENDING, "slot"),
    ("outbox_next", "outbox", &["lane", "not_before", "id"], false, PENDING, "not_before"),
    ("tombstones_once", "tombstones", &["instance_id", "account"], true, STANDING, "account"),
    ("tombstones_due", "tombstones", &["next_at"], false, STANDING, "next_at"),
    ("tombstones_config", "tombstones", &["config_id"], false, STANDING, "config_id"),
];

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0013_lookups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SQLite would otherwise keep half a step when the process ends in the middle, and refuse the whole one ever after.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let live = || Expr::col("released_at").is_null();
        let unsettled =
            live().and(Expr::col("unsettled_at").is_not_null()).and(Expr::col("settles_at").is_null());
        let index =
            |name, columns, only| create_index(manager, name, "assignments", columns, false, Some(only));
        index("assignments_role", &["instance_id", "role"], live()).await?;
        index("assignments_unsettled", &["instance_id", "unsettled_at"], unsettled).await?;
        // Another index begins with the same columns.
        manager.drop_index(Index::drop().name("outbox_due").table("outbox").to_owned()).await?;
        make_anew(manager, true).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make_anew(manager, false).await?;
        let pending = Expr::col("sent_at").is_null().and(Expr::col("dropped_at").is_null());
        create_index(manager, "outbox_due", "outbox", &["lane", "not_before"], false, Some(pending)).await?;
        for name in ["assignments_unsettled", "assignments_role"] {
            manager.drop_index(Index::drop().name(name).table("assignments").to_owned()).await?;
        }
        Ok(())
    }
}

/// Makes the indexes over what is under way, `told` what each is for, or not.
async fn make_anew(manager: &SchemaManager<'_>, told: bool) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for (name, table, columns, unique, nulls, own) in LOOKUPS {
        manager.drop_index(Index::drop().name(*name).table(*table).to_owned()).await?;
        let under_way = nulls.iter().map(|column| Expr::col(*column).is_null());
        let its_own = told.then(|| Expr::col(*own).is_not_null());
        let only = under_way.chain(its_own).reduce(ExprTrait::and);
        create_index(manager, name, table, columns, *unique, only).await?;
    }
    Ok(())
}
