//! A live database of an older system, read as it stands; and what it brings, taken in at once.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sea_query::LockType;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseBackend,
    DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, TransactionTrait,
    TryInsertResult,
};
use secrecy::SecretString;

use crate::domain::instance::Instance;
use crate::domain::older::{OldPerson, Row, TABLES, Tables};
use crate::domain::person::Admission;
use crate::domain::{InstanceId, Timestamp, UserId};

use super::adoption::{Adopted, Adoptee};
use super::entity::users;
use super::{Store, StoreError, rows};

/// No answer from a database within this time is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why an older system's database is not read.
#[derive(Debug, thiserror::Error)]
pub enum OlderError {
    /// The address itself.
    #[error(
        "the address cannot be used; write postgres://USER@HOST/DATABASE with the password in PGPASSWORD, or \
         sqlite://FILE"
    )]
    Address,
    /// Nobody answers, or not to us.
    #[error("the database cannot be read: {0}")]
    Closed(&'static str),
    /// It failed on the way.
    #[error("the database cannot be read")]
    Failed(#[from] sea_orm::DbErr),
}

/// Reads the tables that are there, every column as text. Nothing is written, and no file is made.
///
/// # Errors
/// See [`OlderError`].
pub async fn read(url: &str) -> Result<Tables, OlderError> {
    let db = connect(url).await?;
    let mut tables = Tables::new();
    for table in TABLES {
        if let Some(rows) = read_table(&db, table).await? {
            tables.insert(table.to_owned(), rows);
        }
    }
    db.close().await?;
    Ok(tables)
}

/// The library's errors repeat the address, and the password in it: none of them is handed on.
async fn connect(url: &str) -> Result<DatabaseConnection, OlderError> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let closed = if url.starts_with("sqlite:") {
        SqliteConnectOptions::from_str(url).map_err(|_| OlderError::Address)?;
        options.map_sqlx_sqlite_opts(|options| options.create_if_missing(false).read_only(true));
        "see that the file exists and is readable"
    } else {
        let closed = "see that it answers there and lets this user in";
        let options = PgConnectOptions::from_str(url).map_err(|_| OlderError::Address)?;
        // A pool would try again and again before it gives up.
        let knock = tokio::time::timeout(PATIENCE, options.connect()).await;
        let knocked = knock.ok().and_then(Result::ok).ok_or(OlderError::Closed(closed))?;
        knocked.close().await.map_err(|_| OlderError::Closed(closed))?;
        closed
    };
    Database::connect(options).await.map_err(|_| OlderError::Closed(closed))
}

/// `None`: no such table.
async fn read_table(db: &DatabaseConnection, table: &str) -> Result<Option<Vec<Row>>, OlderError> {
    let backend = db.get_database_backend();
    let columns = match backend {
        DatabaseBackend::Sqlite => format!("SELECT name AS c FROM pragma_table_info('{table}')"),
        _ => format!(
            "SELECT column_name::text AS c FROM information_schema.columns \
             WHERE table_schema = ANY (current_schemas(false)) AND table_name = '{table}'"
        ),
    };
    let found = db.query_all_raw(Statement::from_string(backend, columns)).await?;
    let names: Vec<String> = found.iter().map(|row| row.try_get("", "c")).collect::<Result<_, _>>()?;
    if names.is_empty() {
        return Ok(None);
    }
    let cast = |name: &String| format!("CAST(\"{}\" AS TEXT)", name.replace('"', "\"\""));
    let columns: Vec<String> = names.iter().map(cast).collect();
    let query = format!("SELECT {} FROM \"{table}\"", columns.join(", "));
    let mut rows = Vec::new();
    for found in db.query_all_raw(Statement::from_string(backend, query)).await? {
        let mut row = Row::new();
        for (at, name) in names.iter().enumerate() {
            if let Some(text) = found.try_get_by_index::<Option<String>>(at)? {
                row.insert(name.to_lowercase(), text);
            }
        }
        rows.push(row);
    }
    Ok(Some(rows))
}

/// What an older system brings.
#[derive(Default)]
pub struct Bringing {
    /// Instances that are not in the fleet yet, with their passwords.
    pub instances: Vec<(Instance, SecretString)>,
    /// People whom it knew.
    pub people: Vec<OldPerson>,
    /// Accounts on instances of the fleet or of those above.
    pub accounts: Vec<(InstanceId, Adoptee)>,
}

/// What was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Instances.
    pub instances: u32,
    /// People who were new to the bot.
    pub people: u32,
    /// Accounts that are keys now.
    pub keys: u32,
    /// Accounts that somebody else took meanwhile.
    pub overtaken: u32,
}

impl Store {
    /// Takes all of it in, or nothing. What is there already stays as it is. `None`: another instance with the id or
    /// the address of one of these came meanwhile.
    ///
    /// # Errors
    /// The database.
    pub async fn take_in(
        &self,
        bringing: &Bringing,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<TakenIn>, StoreError> {
        let tx = self.begin().await?;
        let mut taken = TakenIn::default();
        for (instance, password) in &bringing.instances {
            if !self.insert_instance(&tx, instance, password, now).await? {
                return Ok(None);
            }
            taken.instances += 1;
        }
        for person in &bringing.people {
            let row = users::ActiveModel {
                id: Set(person.id.0),
                first_name: Set(person.first_name.clone().unwrap_or_default()),
                username: Set(person.username.clone()),
                telegram_language: Set(person.language.clone()),
                admission: Set(rows::to_word(Admission::None)),
                blocked_bot: Set(false),
                created_at: Set(now),
                last_seen_at: Set(now),
                ..Default::default()
            };
            let known = users::Entity::insert(row).on_conflict_do_nothing_on([users::Column::Id]);
            taken.people += match known.exec_without_returning(&tx).await? {
                TryInsertResult::Inserted(count) => u32::try_from(count).unwrap_or_default(),
                TryInsertResult::Conflicted | TryInsertResult::Empty => 0,
            };
        }
        // Whoever makes keys locks the person before the counts of an instance. Here many follow each other: all the
        // people come first, or two of us would wait for each other.
        let owners: BTreeSet<i64> = bringing.accounts.iter().map(|(_, adoptee)| adoptee.owner.0).collect();
        for some in owners.into_iter().collect::<Vec<_>>().chunks(1000) {
            let locked = users::Entity::find().select_only().column(users::Column::Id);
            let locked = locked.filter(users::Column::Id.is_in(some.iter().copied()));
            let locked = locked.order_by_asc(users::Column::Id).lock(LockType::Update);
            locked.into_tuple::<i64>().all(&tx).await?;
        }
        for (instance, adoptee) in &bringing.accounts {
            // Each within a bracket of its own: what one that is taken already has counted is taken back.
            let one = tx.begin().await?;
            match self.adopt_within(&one, instance, adoptee, by, now).await? {
                Adopted::Made(_) => {
                    one.commit().await?;
                    taken.keys += 1;
                }
                Adopted::Already(..) | Adopted::NoInstance => {
                    one.rollback().await?;
                    taken.overtaken += 1;
                }
            }
        }
        tx.commit().await?;
        Ok(Some(taken))
    }
}
