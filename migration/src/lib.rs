//! The database schema, step by step. Each step goes up and down, equal on SQLite and PostgreSQL.
//!
//! Steps only ever expand; what is no more needed is dropped by a later step, once no running version reads it.

pub use sea_orm_migration::prelude::*;

mod m0001_people;
mod m0002_fleet;
mod m0003_keys;
mod m0004_messages;
mod m0005_care;
mod m0006_links;
mod m0007_replicas;
mod m0008_adoption;
mod m0009_traffic;
mod m0010_vantages;
mod m0011_exits;
mod m0012_broadcasts;
mod m0013_lookups;
mod m0014_answers;
mod m0015_shown_by;

/// All steps, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people::Migration),
            Box::new(m0002_fleet::Migration),
            Box::new(m0003_keys::Migration),
            Box::new(m0004_messages::Migration),
            Box::new(m0005_care::Migration),
            Box::new(m0006_links::Migration),
            Box::new(m0007_replicas::Migration),
            Box::new(m0008_adoption::Migration),
            Box::new(m0009_traffic::Migration),
            Box::new(m0010_vantages::Migration),
            Box::new(m0011_exits::Migration),
            Box::new(m0012_broadcasts::Migration),
            Box::new(m0013_lookups::Migration),
            Box::new(m0014_answers::Migration),
            Box::new(m0015_shown_by::Migration),
        ]
    }
}

/// Columns by their kind, so that a step reads as a list.
mod column {
    use sea_orm_migration::prelude::*;

    /// The row's number, given by the database.
    pub(crate) fn id() -> ColumnDef {
        ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key().take()
    }

    /// A whole number.
    pub(crate) fn number(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).big_integer().not_null().take()
    }

    /// A whole number that may be missing.
    pub(crate) fn number_opt(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).big_integer().null().take()
    }

    /// A small whole number.
    pub(crate) fn small(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).integer().not_null().take()
    }

    /// A small whole number that may be missing.
    pub(crate) fn small_opt(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).integer().null().take()
    }

    /// A number with a fraction.
    pub(crate) fn real(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).double().not_null().take()
    }

    /// Text.
    pub(crate) fn text(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).text().not_null().take()
    }

    /// Text that may be missing.
    pub(crate) fn text_opt(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).text().null().take()
    }

    /// Yes or no.
    pub(crate) fn flag(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).boolean().not_null().default(false).take()
    }

    /// A moment in UTC.
    pub(crate) fn moment(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
    }

    /// A moment in UTC that may be missing.
    pub(crate) fn moment_opt(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).timestamp_with_time_zone().null().take()
    }

    /// A JSON value.
    pub(crate) fn json(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).json_binary().not_null().take()
    }

    /// A JSON value that may be missing.
    pub(crate) fn json_opt(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).json_binary().null().take()
    }

    /// The key of a table that has no number.
    pub(crate) fn key(mut column: ColumnDef) -> ColumnDef {
        column.primary_key().take()
    }
}

/// Makes a table of `columns`, with foreign keys `(column, table, column there)`.
pub(crate) async fn create_table(
    manager: &SchemaManager<'_>,
    name: &'static str,
    columns: Vec<ColumnDef>,
    references: &[(&'static str, &'static str, &'static str)],
) -> Result<(), DbErr> {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    for (column, other, other_column) in references {
        table.foreign_key(ForeignKey::create().from(name, *column).to(*other, *other_column));
    }
    manager.create_table(table.take()).await
}

/// Makes an index over `columns`; with `only`, over the rows for which that holds.
pub(crate) async fn create_index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
    only: Option<Expr>,
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    if let Some(only) = only {
        index.cond_where(only);
    }
    manager.create_index(index.take()).await
}

/// Adds columns to a table. One statement each: SQLite takes no more.
pub(crate) async fn add_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
    }
    Ok(())
}

/// Drops columns of a table. One statement each: SQLite takes no more.
pub(crate) async fn drop_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(table).drop_column(*column).take()).await?;
    }
    Ok(())
}

/// Drops tables, in the order given.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, names: &[&'static str]) -> Result<(), DbErr> {
    for name in names {
        manager.drop_table(Table::drop().table(*name).take()).await?;
    }
    Ok(())
}
