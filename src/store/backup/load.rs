//! A backup into a database.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, Statement};
use serde_json::json;

use super::schema::{self, Shape};
use super::{BackupError, Contents, HOLD, Lines, cell, kinds};
use crate::domain::Timestamp;
use crate::domain::backup::{ColumnKind, Follow, Line, Manifest, Row};
use crate::store::{Store, StoreError, flags};

/// Rows written by one statement, as long as they do not need too many variables.
const ROWS: usize = 500;
/// SQLite takes no more variables in a statement than 32,766.
const VARIABLES: usize = 30_000;
/// Tables that the program fills by itself: rows in them alone make no database full.
const OWN: [&str; 5] = ["settings", "flags", "leases", "replicas", "votes"];
/// Keys made after the backup are on the panels, under names that hold their numbers, and are not in it. New keys are
/// numbered from so far above, for none may ever get the name of another one's account.
const GAP: i64 = 1_000_000;
/// Connections of others are looked for so often …
const LOOKS: u32 = 10;
/// … with such a wait between.
const MOMENT: Duration = Duration::from_millis(300);
/// Whose numbers are names elsewhere.
const NAMED: &str = "configs";

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What the backup held.
    pub contents: Contents,
    /// What was there before was thrown away.
    pub replaced: bool,
}

impl Store {
    /// Puts what a backup holds into this database, brings it up to this version, and holds it: nothing acts before
    /// a person confirms. All or nothing. What is there must be nothing, or is thrown away if `replace` says so.
    ///
    /// Verify the backup first: what is wrong with it is told there before anything is touched.
    ///
    /// # Errors
    /// See [`BackupError`]; then the database is as it was.
    pub async fn restore<R: Read + Send>(
        &self,
        input: R,
        replace: bool,
        now: Timestamp,
    ) -> Result<Loaded, BackupError> {
        let mut lines = Lines::begin(input, self)?;
        let manifest = lines.manifest()?;
        let steps = known_steps(&manifest)?;
        self.alone().await?;
        let tx = self.begin().await?;
        let full = filled(&tx).await?;
        if let (Some(table), false) = (&full, replace) {
            return Err(BackupError::NotEmpty(table.clone()));
        }
        // Anew from the ground: the schema may be a newer one than that of the backup.
        Migrator::down(&tx, None).await?;
        Migrator::up(&tx, Some(steps)).await?;
        let shapes = schema::read(&tx).await?;
        fits(&manifest, &shapes)?;
        for shape in shapes.iter().rev() {
            tx.execute(Query::delete().from_table(Alias::new(&shape.name))).await?;
        }
        let rows = fill(&tx, &manifest, &mut lines).await?;
        number(&tx, &manifest, &shapes).await?;
        Migrator::up(&tx, None).await?;
        let facts = json!({ "why": "restore", "made_at": manifest.made_at });
        flags::set(&tx, HOLD, true, facts, now).await?;
        tx.commit().await?;
        Ok(Loaded { contents: Contents { manifest, rows }, replaced: full.is_some() })
    }
}

/// How many steps of the schema were taken when the backup was made.
fn known_steps(manifest: &Manifest) -> Result<u32, BackupError> {
    let ours: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    if !ours.starts_with(&manifest.steps) {
        return Err(BackupError::Newer);
    }
    Ok(u32::try_from(manifest.steps.len()).unwrap_or(u32::MAX))
}

/// A table with rows in it, if there is any.
async fn filled(tx: &DatabaseTransaction) -> Result<Option<String>, BackupError> {
    for shape in schema::read(tx).await?.into_iter().filter(|shape| !OWN.contains(&shape.name.as_str())) {
        let query = format!("SELECT 1 AS one FROM \"{}\" LIMIT 1", shape.name);
        let statement = Statement::from_string(tx.get_database_backend(), query);
        if tx.query_one_raw(statement).await?.is_some() {
            return Ok(Some(shape.name));
        }
    }
    Ok(None)
}

/// Each column of the backup is here, of the same kind, and each of ours is in the backup.
fn fits(manifest: &Manifest, shapes: &[Shape]) -> Result<(), BackupError> {
    let ours: BTreeMap<&str, BTreeMap<&str, ColumnKind>> =
        shapes.iter().map(|shape| (shape.name.as_str(), kinds(&shape.columns))).collect();
    let theirs: BTreeMap<&str, BTreeMap<&str, ColumnKind>> =
        manifest.tables.iter().map(|table| (table.name.as_str(), kinds(&table.columns))).collect();
    if ours == theirs {
        return Ok(());
    }
    let odd = ours.iter().find(|(name, columns)| theirs.get(*name) != Some(columns));
    let odd = odd.or_else(|| theirs.iter().find(|(name, _)| !ours.contains_key(*name)));
    Err(BackupError::Unlike(format!("the table {}", odd.map_or("", |(name, _)| name))))
}

/// Writes all rows.
async fn fill<R: Read + Send>(
    tx: &DatabaseTransaction,
    manifest: &Manifest,
    lines: &mut Lines<R>,
) -> Result<u64, BackupError> {
    let mut follow = Follow::new(manifest)?;
    let mut table: Option<(&str, &[(String, ColumnKind)])> = None;
    let mut waiting: Vec<Row> = Vec::new();
    while let Some(line) = lines.next()? {
        if let Some(current) = follow.step(&line)? {
            table = Some((&current.name, &current.columns));
        }
        let Line::Row(row) = line else {
            if let Some((name, columns)) = table.take() {
                insert(tx, name, columns, &mut waiting).await?;
            }
            continue;
        };
        waiting.push(row);
        if let Some((name, columns)) = table
            && waiting.len() == ROWS.min(VARIABLES / columns.len().max(1))
        {
            insert(tx, name, columns, &mut waiting).await?;
        }
    }
    Ok(follow.finish()?)
}

async fn insert(
    tx: &DatabaseTransaction,
    table: &str,
    columns: &[(String, ColumnKind)],
    rows: &mut Vec<Row>,
) -> Result<(), BackupError> {
    if rows.is_empty() {
        return Ok(());
    }
    let backend = tx.get_database_backend();
    let mut insert = Query::insert();
    insert.into_table(Alias::new(table)).columns(columns.iter().map(|(name, _)| Alias::new(name)));
    for row in rows.drain(..) {
        let mut cells = Vec::with_capacity(row.len());
        for ((name, kind), json) in columns.iter().zip(&row) {
            let value = cell::value(*kind, json)
                .ok_or_else(|| BackupError::Unlike(format!("{table}.{name} has an odd value")))?;
            cells.push(cell::written(backend, *kind, value));
        }
        insert.values(cells).map_err(|_| BackupError::Unlike(format!("a row of {table}")))?;
    }
    tx.execute(&insert).await?;
    Ok(())
}

/// New rows are numbered behind the last ones.
async fn number(tx: &DatabaseTransaction, manifest: &Manifest, shapes: &[Shape]) -> Result<(), BackupError> {
    let backend = tx.get_database_backend();
    for shape in shapes.iter().filter(|shape| shape.numbered) {
        let name = &shape.name;
        let last = manifest.last_numbers.get(name).copied().unwrap_or_default();
        let last = if name == NAMED { last.saturating_add(GAP) } else { last };
        if last == 0 {
            continue;
        }
        let statements = match backend {
            DatabaseBackend::Sqlite => vec![
                format!("DELETE FROM sqlite_sequence WHERE name = '{name}'"),
                format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last})"),
            ],
            _ => vec![format!(
                "SELECT setval(pg_get_serial_sequence('\"{name}\"', '{}'), {last})",
                shape.key.first().map_or("id", String::as_str)
            )],
        };
        for statement in statements {
            tx.execute_raw(Statement::from_string(backend, statement)).await?;
        }
    }
    Ok(())
}

impl Store {
    /// Nobody else of us is connected. On SQLite a file's lock says so, and whoever restores holds it. Who has just been
    /// stopped is given a moment to be gone.
    async fn alone(&self) -> Result<(), BackupError> {
        if self.is_sqlite() {
            return Ok(());
        }
        let query = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND \
                     application_name LIKE 'karvan %' AND application_name <> current_setting('application_name')";
        let mut looks = 0;
        loop {
            let statement = Statement::from_string(DatabaseBackend::Postgres, query);
            let row = self.write().query_one_raw(statement).await?;
            let others = row.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default();
            looks += 1;
            match others {
                0 => return Ok(()),
                others if looks == LOOKS => return Err(BackupError::NotAlone(others)),
                _ => tokio::time::sleep(MOMENT).await,
            }
        }
    }

    /// Whether a restore left the database held: nothing acts before a person confirms.
    ///
    /// # Errors
    /// The database.
    pub async fn held(&self) -> Result<bool, StoreError> {
        self.is_raised(HOLD).await
    }
}
