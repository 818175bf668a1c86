//! One way to the database, SQLite or PostgreSQL.
//!
//! SQLite gets two pools: one writer, because a second one would only wait, and a pool of readers, so that no look at a
//! key waits behind a long write. Write transactions begin IMMEDIATE: a deferred one that reads first fails with "locked"
//! as soon as another has written.

use std::str::FromStr;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use rand::Rng;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Error as SqlxError, Executor as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    DbErr, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::leases::Fence;
use super::{Secrets, StoreError};

/// Readers of a SQLite file.
const SQLITE_READERS: u32 = 8;
/// Connections to PostgreSQL.
const POSTGRES_POOL: u32 = 24;
/// A connection to PostgreSQL that lay idle for longer is asked whether it still stands: after a restart of the database
/// none does. Under load none lies idle that long, and asking would be half of all that is said to the database.
const ASKED_AFTER: Duration = Duration::from_millis(250);
/// How long a statement waits for another process's write on SQLite.
const BUSY: Duration = Duration::from_secs(10);
/// A process that is stopped in the middle of a transaction (by the system, by a virtual machine that moves) must not
/// hold its locks for ever: then the database ends it. Whoever of the same process waits for that lock would be the next
/// to hold it, one after another, each for as long again: nobody waits much longer than one may hold.
const PATIENCE: &str = "SET idle_in_transaction_session_timeout = '8s'; SET lock_timeout = '10s'";
/// All who migrate a PostgreSQL database take this lock first: several processes may start at once.
const MIGRATION_LOCK: i64 = 0x6b61_7276_616e;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    secrets: Secrets,
    /// Under which epoch the transactions of this handle plan, if they do.
    pub(super) fence: Option<Fence>,
}

impl Store {
    /// Connects; does not migrate.
    ///
    /// # Errors
    /// The address cannot be used, or nobody answers there.
    pub async fn open(url: &str, secrets: Secrets) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            SqliteConnectOptions::from_str(url).map_err(|_| StoreError::Url)?;
            let writer = connect(sqlite(url, 1)).await?;
            let reader = connect(sqlite(url, SQLITE_READERS)).await?;
            Ok(Self { writer, reader, secrets, fence: None })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // Parsed here first: the error of the library repeats the address, and the password in it.
            PgConnectOptions::from_str(url).map_err(|_| StoreError::Url)?;
            let mut options = ConnectOptions::new(url);
            options.max_connections(POSTGRES_POOL).min_connections(1);
            options.acquire_timeout(BUSY).sqlx_logging(false).test_before_acquire_if_idle_for(ASKED_AFTER);
            // Of each connection of the pool: what sea-orm itself calls so is done once, with one of them.
            options.map_sqlx_postgres_pool_opts(|pool| {
                pool.after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(PATIENCE).await.map(drop) })
                })
            });
            // Who restores a backup must know whether others of us are connected.
            let name = format!("karvan {:08x}", rand::rng().random::<u32>());
            options.map_sqlx_postgres_opts(move |options| options.application_name(&name));
            let pool = connect(options).await?;
            Ok(Self { writer: pool.clone(), reader: pool, secrets, fence: None })
        } else {
            Err(StoreError::Url)
        }
    }

    /// Whether this is a SQLite file.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.writer.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// Brings the schema up to this version. Safe when several processes start at once.
    ///
    /// # Errors
    /// The database.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let lock = self.lock_migrations().await?;
        Migrator::up(&self.writer, None).await?;
        release(lock).await
    }

    /// Takes the last `steps` back.
    ///
    /// # Errors
    /// The database.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let lock = self.lock_migrations().await?;
        Migrator::down(&self.writer, Some(steps)).await?;
        release(lock).await
    }

    /// All steps with whether they were taken.
    ///
    /// # Errors
    /// The database, or one that a newer version has migrated: it must not be taken for an empty one.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        let applied = Migrator::get_applied_migrations(&self.writer).await?;
        let applied: Vec<String> = applied.iter().map(|step| step.name().to_owned()).collect();
        let all = Migrator::migrations();
        Ok(all
            .iter()
            .map(|step| (step.name().to_owned(), applied.contains(&step.name().to_owned())))
            .collect())
    }

    /// Whether every step of this version was taken. A newer version may have taken more: they only ever expand.
    ///
    /// # Errors
    /// The database.
    pub async fn has_this_schema(&self) -> Result<bool, StoreError> {
        let query = Statement::from_string(
            self.reader.get_database_backend(),
            "SELECT version FROM seaql_migrations",
        );
        let rows = self.reader.query_all_raw(query).await?;
        let taken: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        Ok(Migrator::migrations().iter().all(|step| taken.iter().any(|name| name == step.name())))
    }

    async fn lock_migrations(&self) -> Result<Option<DatabaseTransaction>, StoreError> {
        if self.is_sqlite() {
            return Ok(None);
        }
        let tx = begin(&self.reader, TransactionOptions::default()).await?;
        // Whoever migrates may take long, while this transaction does nothing.
        let for_ever = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0";
        tx.execute_unprepared(for_ever).await?;
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        Ok(Some(tx))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader.ping().await?)
    }

    /// Lets go of all connections.
    ///
    /// # Errors
    /// The database.
    pub async fn close(self) -> Result<(), StoreError> {
        let shared = !self.is_sqlite();
        self.reader.close().await?;
        if !shared {
            self.writer.close().await?;
        }
        Ok(())
    }

    /// What seals and opens the secrets in rows.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// For reading outside a transaction.
    pub(super) fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For single statements that write.
    pub(super) fn write(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// A transaction that writes. Everything within it goes through it: on SQLite there is no second writer.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = begin(&self.writer, options).await?;
        if let Some(fence) = &self.fence {
            Self::check_fence(&tx, fence).await?;
        }
        Ok(tx)
    }
}

/// Begins a transaction that stands or does not, whatever becomes of the caller. Of a BEGIN that is on its way when its
/// future is dropped, sqlx 0.9 knows nothing on PostgreSQL: the connection would go back to the pool with a transaction
/// that nobody ends, and what others write over it would never be committed. So there it is sent in a task of its own.
/// SQLite's worker takes back what nobody waits for any more.
pub(super) async fn begin(
    connection: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, StoreError> {
    if connection.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(connection.begin_with_options(options).await?);
    }
    let connection = connection.clone();
    let begun = tokio::spawn(async move { connection.begin_with_options(options).await });
    Ok(begun.await.map_err(|_| StoreError::Silent)??)
}

async fn release(lock: Option<DatabaseTransaction>) -> Result<(), StoreError> {
    if let Some(tx) = lock {
        tx.commit().await?;
    }
    Ok(())
}

async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, StoreError> {
    Database::connect(options).await.map_err(|error| match error {
        DbErr::Conn(RuntimeErr::SqlxError(error)) if matches!(*error, SqlxError::PoolTimedOut) => {
            StoreError::Silent
        }
        error => error.into(),
    })
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).acquire_timeout(BUSY).sqlx_logging(false);
    // A file is always there.
    options.test_before_acquire(false);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY)
    });
    options
}

/// The file of a SQLite address, for locks and messages.
///
/// # Errors
/// It is no SQLite address.
pub(super) fn sqlite_file(url: &str) -> Option<std::path::PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_path_buf())
}

impl Store {
    /// The file behind a SQLite address; `None` for another database.
    #[must_use]
    pub fn file_of(url: &str) -> Option<std::path::PathBuf> {
        url.starts_with("sqlite:").then(|| sqlite_file(url)).flatten()
    }
}
