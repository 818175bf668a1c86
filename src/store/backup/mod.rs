//! The whole database as one sealed file, and back: from either kind of database to either.
//!
//! The dump is logical: the tables as the database itself lists them, so that none is forgotten, their rows as values
//! that both kinds understand. It is read in one transaction that sees one moment, a page at a time, while everybody goes
//! on writing. What is restored is written in one transaction, the schema included: it is all there or nothing is.
//! After a restore nothing acts before a person confirms: see [`HOLD`].

mod cell;
mod container;
mod load;
mod schema;

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rand::Rng;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseBackend, DatabaseTransaction, IsolationLevel, SqliteTransactionMode,
    Statement, TransactionOptions,
};

use super::{Store, StoreError, connect};
use crate::domain::Timestamp;
use crate::domain::backup::{ColumnKind, FORMAT, Follow, Line, Manifest, Misread, Row, Table};
use schema::Shape;

pub use super::flags::HOLD;
pub use load::Loaded;

/// Rows read at a time.
const PAGE: u64 = 1000;
/// No line of a backup is longer.
const LONGEST: u64 = 64 << 20;

/// Why a backup cannot be made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Reading or writing the file.
    #[error("the file cannot be read or written")]
    File(#[source] io::Error),
    /// It is no backup.
    #[error("this is no backup of Karvan")]
    NotOurs,
    /// A newer version made it.
    #[error("a newer version of Karvan made this backup; restore it with that one")]
    Newer,
    /// Another key sealed it.
    #[error(
        "this backup was sealed with another SECRET_KEY (its id is {needed}); put that one into SECRET_KEY or \
         SECRET_KEY_PREVIOUS"
    )]
    WrongKey {
        /// The id of the key that sealed it.
        needed: String,
    },
    /// It stops before its end.
    #[error("the file is cut off")]
    Short,
    /// Something in it was changed.
    #[error("the file is damaged or was changed")]
    Damaged,
    /// It is sealed by us, and yet not what we write.
    #[error("the backup cannot be understood")]
    Misread(#[from] Misread),
    /// It does not fit this database.
    #[error("the backup does not fit: {0}")]
    Unlike(String),
    /// There is something in the database.
    #[error("the database is not empty: there are rows in {0}")]
    NotEmpty(String),
    /// Others work on the database.
    #[error("{0} other connections of Karvan work on this database; stop every `karvan run` first")]
    NotAlone(i64),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Short,
            _ => Self::File(error),
        })
    }
}

impl From<sea_orm::DbErr> for BackupError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<serde_json::Error> for BackupError {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Rows of all tables.
    pub rows: u64,
}

impl Store {
    /// Writes a backup of this moment to `out`.
    ///
    /// # Errors
    /// `out` or the database. What was written then is no backup, and is refused as one.
    pub async fn dump<W: Write + Send>(
        &self,
        out: W,
        rng: &mut (impl Rng + Send),
        now: Timestamp,
    ) -> Result<Contents, BackupError> {
        let sealed = container::Writer::begin(out, self.secrets(), rng)?;
        let mut out = GzEncoder::new(sealed, Compression::default());
        let tx = self.moment().await?;
        let shapes = schema::read(&tx).await?;
        let manifest = manifest(&tx, &shapes, now).await?;
        put(&mut out, &manifest)?;
        let mut total = 0;
        for shape in &shapes {
            put(&mut out, &Line::Begin { table: shape.name.clone() })?;
            let (mut after, mut rows) = (None, 0);
            loop {
                let page = page(&tx, shape, after.as_ref()).await?;
                for row in &page {
                    put(&mut out, row)?;
                }
                rows += page.len() as u64;
                let full = page.len() as u64 == PAGE;
                after = page.into_iter().next_back();
                if !full {
                    break;
                }
            }
            put(&mut out, &Line::End { rows })?;
            total += rows;
        }
        put(&mut out, &Line::Done { total })?;
        tx.commit().await?;
        out.finish()?.finish()?;
        Ok(Contents { manifest, rows: total })
    }

    /// Reads all of a backup without keeping any of it: whatever is wrong with it is found now.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify_backup(&self, input: impl Read) -> Result<Contents, BackupError> {
        let mut lines = Lines::begin(input, self)?;
        let manifest = lines.manifest()?;
        let mut follow = Follow::new(&manifest)?;
        while let Some(line) = lines.next()? {
            if let (Some(table), Line::Row(row)) = (follow.step(&line)?, &line) {
                check(table, row)?;
            }
        }
        let rows = follow.finish()?;
        Ok(Contents { manifest, rows })
    }

    /// A transaction that sees this moment for as long as it lasts, and holds up nobody.
    async fn moment(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = if self.is_sqlite() {
            TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            }
        } else {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            }
        };
        connect::begin(self.read(), options).await
    }
}

/// Each value is of its column's kind.
fn check(table: &Table, row: &Row) -> Result<(), BackupError> {
    let fits = table.columns.iter().zip(row).all(|((_, kind), json)| cell::value(*kind, json).is_some());
    if fits { Ok(()) } else { Err(BackupError::Unlike(format!("a row of {} has an odd value", table.name))) }
}

fn put(out: &mut impl Write, line: &impl serde::Serialize) -> Result<(), BackupError> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    Ok(out.write_all(&line)?)
}

async fn manifest(
    tx: &DatabaseTransaction,
    shapes: &[Shape],
    now: Timestamp,
) -> Result<Manifest, BackupError> {
    let backend = tx.get_database_backend();
    let steps = format!("SELECT version FROM {} ORDER BY version", schema::STEPS);
    let steps = tx.query_all_raw(Statement::from_string(backend, steps)).await?;
    let steps = steps.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
    let mut last_numbers = std::collections::BTreeMap::new();
    for shape in shapes.iter().filter(|shape| shape.numbered) {
        let name = &shape.name;
        let query = match backend {
            DatabaseBackend::Sqlite => {
                format!(
                    "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS n FROM sqlite_sequence WHERE name = '{name}'"
                )
            }
            _ => format!(
                "SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence('\"{name}\"', '{}')::regclass), 0) AS n",
                shape.key.first().map_or("id", String::as_str)
            ),
        };
        let row = tx.query_one_raw(Statement::from_string(backend, query)).await?;
        let last = row.map(|row| row.try_get::<i64>("", "n")).transpose()?;
        last_numbers.insert(name.clone(), last.unwrap_or_default());
    }
    let tables =
        shapes.iter().map(|shape| Table { name: shape.name.clone(), columns: shape.columns.clone() });
    Ok(Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now,
        steps,
        tables: tables.collect(),
        last_numbers,
    })
}

/// The rows of a table behind the row `after`, in the order of its key.
async fn page(tx: &DatabaseTransaction, shape: &Shape, after: Option<&Row>) -> Result<Vec<Row>, BackupError> {
    let query = paged(tx.get_database_backend(), shape, after)?;
    let found = tx.query_all(&query).await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        let cells = shape.columns.iter().enumerate().map(|(at, (_, kind))| cell::read(row, at, *kind));
        rows.push(cells.collect::<Result<Row, _>>()?);
    }
    Ok(rows)
}

fn paged(
    backend: DatabaseBackend,
    shape: &Shape,
    after: Option<&Row>,
) -> Result<SelectStatement, BackupError> {
    let mut query = Query::select();
    query.from(Alias::new(&shape.name)).limit(PAGE);
    for (column, kind) in &shape.columns {
        query.expr(cell::asked(backend, column, *kind));
    }
    if shape.key.is_empty() {
        return Err(BackupError::Unlike(format!("{} has no primary key", shape.name)));
    }
    for column in &shape.key {
        query.order_by(Alias::new(column), Order::Asc);
    }
    if let Some(after) = after {
        let mut here = Vec::new();
        for name in &shape.key {
            let at = shape.columns.iter().position(|(column, _)| column == name);
            let known = at.and_then(|at| cell::value(shape.columns[at].1, &after[at]));
            here.push(known.ok_or_else(|| BackupError::Unlike(format!("the key of {}", shape.name)))?);
        }
        let columns = shape.key.iter().map(|name| Expr::col(Alias::new(name)));
        query.and_where(Expr::tuple(columns).gt(Expr::tuple(here.into_iter().map(Expr::value))));
    }
    Ok(query)
}

/// The lines of a backup.
struct Lines<R: Read> {
    input: BufReader<GzDecoder<container::Reader<R>>>,
    text: Vec<u8>,
    number: u64,
}

impl<R: Read> Lines<R> {
    fn begin(input: R, store: &Store) -> Result<Self, BackupError> {
        let sealed = container::Reader::begin(input, store.secrets())?;
        Ok(Self { input: BufReader::new(GzDecoder::new(sealed)), text: Vec::new(), number: 0 })
    }

    /// The text of the next line; `false`: there is none.
    fn advance(&mut self) -> Result<bool, BackupError> {
        self.text.clear();
        self.number += 1;
        let read = (&mut self.input).take(LONGEST).read_until(b'\n', &mut self.text)?;
        if read == 0 {
            // What follows the compressed text is read as well: the last piece must be there, and nothing behind it.
            let rest = self.input.get_mut().get_mut();
            return match io::copy(rest, &mut io::sink())? {
                0 => Ok(false),
                _ => Err(BackupError::Damaged),
            };
        }
        if self.text.last() == Some(&b'\n') { Ok(true) } else { Err(Misread::Short.into()) }
    }

    fn manifest(&mut self) -> Result<Manifest, BackupError> {
        if !self.advance()? {
            return Err(Misread::Short.into());
        }
        /// Only what every version of the text begins with.
        #[derive(serde::Deserialize)]
        struct Any {
            format: u32,
        }
        let wrong = |_| BackupError::Misread(Misread::Line(1));
        let any: Any = serde_json::from_slice(&self.text).map_err(wrong)?;
        if any.format > FORMAT {
            return Err(Misread::Newer(any.format).into());
        }
        serde_json::from_slice(&self.text).map_err(wrong)
    }

    fn next(&mut self) -> Result<Option<Line>, BackupError> {
        if !self.advance()? {
            return Ok(None);
        }
        let line = serde_json::from_slice(&self.text);
        line.map(Some).map_err(|_| Misread::Line(self.number).into())
    }
}

/// What kinds of values a table's columns hold, by name.
fn kinds(columns: &[(String, ColumnKind)]) -> std::collections::BTreeMap<&str, ColumnKind> {
    columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect()
}
