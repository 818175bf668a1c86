//! Fresh databases to test on, both kinds alike.

use chrono::TimeZone;
use karvan::domain::Timestamp;
use karvan::store::{SecretKey, Secrets, Store};
use sea_orm::{ConnectionTrait, Database};
use sim::postgres::Cluster;

/// The databases that must behave alike. A test takes it as `#[values(Kind::Sqlite, Kind::Postgres)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file of its own, with the options of production.
    Sqlite,
    /// A database of its own on the server of this process.
    Postgres,
}

/// A database of one test, removed with it.
pub struct Db {
    /// The store on it.
    pub store: Store,
    /// Its address.
    pub url: String,
    /// What seals its secrets.
    pub key: SecretKey,
    _dir: Option<tempfile::TempDir>,
}

impl Kind {
    /// A database with the schema of today. `None`: there is no PostgreSQL, which was said on standard error.
    pub async fn fresh(self) -> Option<Db> {
        let db = self.blank().await?;
        db.store.migrate_up().await.unwrap();
        Some(db)
    }

    /// A database without any table.
    pub async fn blank(self) -> Option<Db> {
        let (url, dir) = match self {
            Self::Sqlite => {
                let dir = tempfile::tempdir().unwrap();
                (format!("sqlite://{}?mode=rwc", dir.path().join("karvan.db").display()), Some(dir))
            }
            Self::Postgres => (Cluster::shared().await?.database().await.unwrap(), None),
        };
        let key = SecretKey::generate(&mut rand::rng());
        let store = Store::open(&url, Secrets::new(key.clone(), Vec::new())).await.unwrap();
        Some(Db { store, url, key, _dir: dir })
    }
}

impl Db {
    /// The same database through connections of its own, as another process with the same key has it.
    pub async fn again(&self) -> Store {
        self.with(Secrets::new(self.key.clone(), Vec::new())).await
    }

    /// The same database through connections of its own, with other secrets.
    pub async fn with(&self, secrets: Secrets) -> Store {
        Store::open(&self.url, secrets).await.unwrap()
    }

    /// Runs a statement behind the store's back.
    pub async fn tamper(&self, statement: &str) {
        let raw = Database::connect(&self.url).await.unwrap();
        raw.execute_unprepared(statement).await.unwrap();
        raw.close().await.unwrap();
    }

    /// The first column of the first row of a query, read as text behind the store's back.
    pub async fn peek(&self, query: &str) -> Option<String> {
        let raw = Database::connect(&self.url).await.unwrap();
        let statement = sea_orm::Statement::from_string(raw.get_database_backend(), query);
        let row = raw.query_one_raw(statement).await.unwrap();
        let text = row.map(|row| row.try_get_by_index::<String>(0).unwrap());
        raw.close().await.unwrap();
        text
    }
}

/// A moment in every test's past, `seconds` after its beginning; with microseconds, as clocks have them.
pub fn at(seconds: i64) -> Timestamp {
    let start = chrono::Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap();
    start + chrono::Duration::seconds(seconds) + chrono::Duration::microseconds(123_456)
}
