//! What tables there are, as the database itself tells: so none is ever forgotten.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, QueryResult, Statement};

use super::BackupError;
use crate::domain::backup::ColumnKind;

/// Where the steps of the schema are kept; they are told in the manifest.
pub(super) const STEPS: &str = "seaql_migrations";

/// A table as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) columns: Vec<(String, ColumnKind)>,
    /// The columns of the primary key, in its order.
    pub(super) key: Vec<String>,
    /// The database numbers the rows.
    pub(super) numbered: bool,
    refers_to: BTreeSet<String>,
}

/// What a column of that declared type holds, in the words of SQLite and of PostgreSQL.
fn kind_of(declared: &str) -> Option<ColumnKind> {
    let declared = declared.to_ascii_lowercase();
    Some(match declared.split('(').next().unwrap_or_default() {
        "bigint" | "integer" | "smallint" | "int" => ColumnKind::Int,
        "double" | "double precision" | "real" | "float" => ColumnKind::Real,
        "boolean" => ColumnKind::Flag,
        "text" | "varchar" | "character varying" => ColumnKind::Text,
        "timestamp_with_timezone_text" | "timestamp with time zone" => ColumnKind::Time,
        "jsonb_text" | "json_text" | "jsonb" | "json" => ColumnKind::Json,
        "blob" | "bytea" => ColumnKind::Bytes,
        _ => return None,
    })
}

/// All tables but that of the steps, each behind those it refers to.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Vec<Shape>, BackupError> {
    let tables = match db.get_database_backend() {
        DatabaseBackend::Sqlite => sqlite(db).await?,
        _ => postgres(db).await?,
    };
    Ok(in_order(tables))
}

async fn ask(db: &impl ConnectionTrait, query: impl Into<String>) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await
}

fn column(table: &str, name: String, declared: &str) -> Result<(String, ColumnKind), BackupError> {
    match kind_of(declared) {
        Some(kind) => Ok((name, kind)),
        None => Err(BackupError::Unlike(format!("{table}.{name} is of a kind that backups do not know"))),
    }
}

async fn sqlite(db: &impl ConnectionTrait) -> Result<Vec<Shape>, BackupError> {
    let named = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 ORDER BY name";
    let mut shapes = Vec::new();
    for table in ask(db, named).await? {
        let (name, sql): (String, String) = (table.try_get("", "name")?, table.try_get("", "sql")?);
        if name == STEPS {
            continue;
        }
        let (mut columns, mut key) = (Vec::new(), BTreeMap::new());
        for row in
            ask(db, format!("SELECT name, type, pk FROM pragma_table_info('{name}') ORDER BY cid")).await?
        {
            let (at, declared): (String, String) = (row.try_get("", "name")?, row.try_get("", "type")?);
            let place: i32 = row.try_get("", "pk")?;
            if place > 0 {
                key.insert(place, at.clone());
            }
            columns.push(column(&name, at, &declared)?);
        }
        let mut refers_to = BTreeSet::new();
        for row in
            ask(db, format!("SELECT \"table\" AS other FROM pragma_foreign_key_list('{name}')")).await?
        {
            refers_to.insert(row.try_get("", "other")?);
        }
        let numbered = sql.to_ascii_uppercase().contains("AUTOINCREMENT");
        shapes.push(Shape { name, columns, key: key.into_values().collect(), numbered, refers_to });
    }
    Ok(shapes)
}

async fn postgres(db: &impl ConnectionTrait) -> Result<Vec<Shape>, BackupError> {
    let named = "SELECT table_name::text AS name FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name";
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for row in ask(db, named).await? {
        let name: String = row.try_get("", "name")?;
        if name != STEPS {
            let empty = Shape {
                name: name.clone(),
                columns: Vec::new(),
                key: Vec::new(),
                numbered: false,
                refers_to: BTreeSet::new(),
            };
            shapes.insert(name, empty);
        }
    }
    let columns = "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS d, \
                   pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL AS numbered \
                   FROM information_schema.columns WHERE table_schema = current_schema() \
                   ORDER BY table_name, ordinal_position";
    for row in ask(db, columns).await? {
        let (table, declared): (String, String) = (row.try_get("", "t")?, row.try_get("", "d")?);
        let Some(shape) = shapes.get_mut(&table) else { continue };
        shape.columns.push(column(&table, row.try_get("", "c")?, &declared)?);
        shape.numbered |= row.try_get::<bool>("", "numbered")?;
    }
    let keys = "SELECT c.table_name::text AS t, k.column_name::text AS c \
                FROM information_schema.table_constraints c JOIN information_schema.key_column_usage k \
                ON k.constraint_name = c.constraint_name AND k.table_name = c.table_name \
                AND k.constraint_schema = c.constraint_schema \
                WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = current_schema() \
                ORDER BY c.table_name, k.ordinal_position";
    for row in ask(db, keys).await? {
        if let Some(shape) = shapes.get_mut(&row.try_get::<String>("", "t")?) {
            shape.key.push(row.try_get("", "c")?);
        }
    }
    let references = "SELECT here.relname::text AS t, there.relname::text AS other FROM pg_constraint f \
                      JOIN pg_class here ON here.oid = f.conrelid JOIN pg_class there ON there.oid = f.confrelid \
                      JOIN pg_namespace n ON n.oid = f.connamespace \
                      WHERE f.contype = 'f' AND n.nspname = current_schema()";
    for row in ask(db, references).await? {
        if let Some(shape) = shapes.get_mut(&row.try_get::<String>("", "t")?) {
            shape.refers_to.insert(row.try_get("", "other")?);
        }
    }
    Ok(shapes.into_values().collect())
}

/// Each table behind those it refers to; else by name.
fn in_order(mut waiting: Vec<Shape>) -> Vec<Shape> {
    waiting.sort_by(|a, b| a.name.cmp(&b.name));
    let mut placed: Vec<Shape> = Vec::new();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|shape| {
            let open = |other: &String| *other != shape.name && waiting.iter().any(|one| one.name == *other);
            !shape.refers_to.iter().any(open)
        });
        // A circle has no order; there is none in our schema.
        placed.push(waiting.remove(free.unwrap_or(0)));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(name: &str, refers_to: &[&str]) -> Shape {
        Shape {
            name: name.to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
            numbered: false,
            refers_to: refers_to.iter().map(|other| (*other).to_owned()).collect(),
        }
    }

    #[test]
    fn each_table_stands_behind_those_it_refers_to() {
        let tables = vec![
            shape("assignments", &["configs", "instances"]),
            shape("configs", &["users"]),
            shape("instances", &[]),
            shape("tree", &["tree"]),
            shape("users", &[]),
        ];
        let names: Vec<String> = in_order(tables).into_iter().map(|shape| shape.name).collect();
        assert_eq!(names, ["instances", "tree", "users", "configs", "assignments"]);
    }

    #[test]
    fn kinds_are_known_by_either_databases_words() {
        assert_eq!(kind_of("TIMESTAMP WITH TIME ZONE"), Some(ColumnKind::Time));
        assert_eq!(kind_of("timestamp_with_timezone_text"), Some(ColumnKind::Time));
        assert_eq!(kind_of("varchar(64)"), Some(ColumnKind::Text));
        assert_eq!(kind_of("point"), None);
    }
}
