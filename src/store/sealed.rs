//! All places where sealed values stand, and their change to another `SECRET_KEY`.
//!
//! A value is sealed for `TABLE.COLUMN:` and what names its row. What seals a new column puts it into [`PLACES`]; a test
//! holds the list against the code and the database.
//!
//! The change goes row by row, each by one statement that holds only if the value is still the one that was read. So it
//! may stop anywhere and begin again, and whoever writes meanwhile wins.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement, Value};

use super::settings::CANARY;
use super::{SecretError, Store, StoreError};

/// A column of sealed values.
#[derive(Debug)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The table's primary key.
    key: Key,
    /// The columns that name the row in what it was sealed for.
    names: &'static [&'static str],
}

/// A primary key.
#[derive(Debug, Clone, Copy)]
enum Key {
    Number(&'static str),
    Text(&'static str),
}

impl Key {
    fn column(self) -> &'static str {
        match self {
            Self::Number(column) | Self::Text(column) => column,
        }
    }

    /// A value of the key that was read as text.
    fn value(self, text: &str) -> Value {
        match self {
            Self::Number(_) => text.parse::<i64>().ok().into(),
            Self::Text(_) => text.into(),
        }
    }
}

use Key::{Number, Text};

const fn place(table: &'static str, column: &'static str, key: Key, names: &'static [&'static str]) -> Place {
    Place { table, column, key, names }
}

/// Every column of sealed values. Where an older key's value would hurt most comes first.
pub const PLACES: &[Place] = &[
    place("configs", "credentials", Number("id"), &["owner", "number"]),
    place("instances", "password", Text("id"), &["id"]),
    place("instances", "connection", Text("id"), &["id"]),
    place("operations", "credentials", Number("id"), &["config_id"]),
    place("assignments", "subscription_url", Number("id"), &["account"]),
    place("last_good", "links", Number("assignment_id"), &["assignment_id"]),
    place("last_good", "copy", Number("assignment_id"), &["assignment_id"]),
    place("dialogues", "state", Number("chat_id"), &["chat_id"]),
    place("inbox", "raw", Number("update_id"), &["update_id"]),
    // Sealed for the name of the setting alone.
    place("settings", "value", Text("key"), &["key"]),
];

impl Place {
    fn identity(&self, names: &[String]) -> String {
        let names = names.join(":");
        match self.table {
            "settings" => names,
            table => format!("{table}.{}:{names}", self.column),
        }
    }

    /// The sealed values of the place. What tells which key is the right one is left out: it changes last.
    fn sealed(&self) -> SelectStatement {
        let mut query = Query::select();
        query.from(Alias::new(self.table)).and_where(self.value().like("v1.%"));
        if self.table == "settings" {
            query.and_where(Expr::col(Alias::new("key")).ne(CANARY));
        }
        query
    }

    fn value(&self) -> Expr {
        Expr::col(Alias::new(self.column))
    }
}

/// How many values of a place other keys sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// `TABLE.COLUMN`.
    pub place: String,
    /// By the key's id.
    pub by_key: BTreeMap<String, u64>,
}

/// How far a change of keys is.
#[derive(Debug, Default)]
pub struct Cursor {
    place: usize,
    after: Option<String>,
}

/// What came of some values.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// Sealed anew.
    pub changed: u64,
    /// Changed by somebody else in the meantime.
    pub overtaken: u64,
    /// Sealed with a key that we do not have, by its id.
    pub unknown: BTreeMap<String, u64>,
    /// Those that do not open although we have the key: `TABLE.COLUMN of ROW`.
    pub damaged: Vec<String>,
}

impl Resealed {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.changed += other.changed;
        self.overtaken += other.overtaken;
        for (key, count) in other.unknown {
            *self.unknown.entry(key).or_default() += count;
        }
        self.damaged.extend(other.damaged);
    }
}

impl Store {
    /// What other keys than `SECRET_KEY` sealed, by place; without places where there is nothing.
    ///
    /// # Errors
    /// The database.
    pub async fn sealed_otherwise(&self) -> Result<Vec<Left>, StoreError> {
        let current = self.secrets().current();
        let mut left = Vec::new();
        for place in PLACES {
            let key = Expr::cust(format!("substr({}, 4, 8)", place.column));
            let mut query = place.sealed();
            query
                .expr_as(key.clone(), Alias::new("sealed_with"))
                .expr_as(Expr::cust("count(*)"), Alias::new("many"))
                .and_where(key.clone().ne(current.clone()))
                .add_group_by([key]);
            let mut by_key = BTreeMap::new();
            for row in self.write().query_all(&query).await? {
                let many: i64 = row.try_get("", "many")?;
                by_key.insert(row.try_get("", "sealed_with")?, u64::try_from(many).unwrap_or_default());
            }
            if !by_key.is_empty() {
                left.push(Left { place: format!("{}.{}", place.table, place.column), by_key });
            }
        }
        Ok(left)
    }

    /// Seals the next values, `limit` at most, with `SECRET_KEY`. `None`: the end of the last place was reached.
    ///
    /// # Errors
    /// The database.
    pub async fn reseal(&self, cursor: &mut Cursor, limit: u64) -> Result<Option<Resealed>, StoreError> {
        let Some(place) = PLACES.get(cursor.place) else { return Ok(None) };
        let rows = self.write().query_all(&place.next(cursor, &self.secrets().current(), limit)).await?;
        let mut done = Resealed::default();
        for row in &rows {
            let key: String = row.try_get("", "row_key")?;
            let sealed: String = row.try_get("", "sealed")?;
            let names = (0..place.names.len()).map(|at| row.try_get("", &format!("name_{at}")));
            let identity = place.identity(&names.collect::<Result<Vec<String>, _>>()?);
            match self.secrets().open(&identity, &sealed) {
                Ok(plain) => {
                    let anew = self.secrets().seal(&identity, &plain);
                    match self.write().execute(&place.replace(&key, &sealed, anew)).await?.rows_affected() {
                        0 => done.overtaken += 1,
                        _ => done.changed += 1,
                    }
                }
                Err(SecretError::WrongKey { needed }) => *done.unknown.entry(needed).or_default() += 1,
                Err(SecretError::Damaged | SecretError::Malformed) => {
                    done.damaged.push(format!("{}.{} of {key}", place.table, place.column));
                }
            }
            cursor.after = Some(key);
        }
        if u64::try_from(rows.len()).unwrap_or(u64::MAX) < limit {
            *cursor = Cursor { place: cursor.place + 1, after: None };
        }
        Ok(Some(done))
    }

    /// From now on only `SECRET_KEY` is the right one: what tells so is sealed with it. `false`: something is left that
    /// another key sealed, and nothing is changed.
    ///
    /// # Errors
    /// The database.
    pub async fn finish_rotation(&self) -> Result<bool, StoreError> {
        if !self.sealed_otherwise().await?.is_empty() {
            return Ok(false);
        }
        self.seal_canary().await?;
        Ok(true)
    }
}

impl Place {
    fn next(&self, cursor: &Cursor, current: &str, limit: u64) -> SelectStatement {
        let text = |column: &'static str| Expr::col(Alias::new(column)).cast_as(Alias::new("text"));
        let key = self.key.column();
        let mut query = self.sealed();
        query
            .expr_as(text(key), Alias::new("row_key"))
            .expr_as(self.value(), Alias::new("sealed"))
            .and_where(self.value().not_like(format!("v1.{current}.%")))
            .order_by(Alias::new(key), Order::Asc)
            .limit(limit);
        for (at, name) in self.names.iter().enumerate() {
            query.expr_as(text(name), Alias::new(format!("name_{at}")));
        }
        if let Some(after) = &cursor.after {
            query.and_where(Expr::col(Alias::new(key)).gt(self.key.value(after)));
        }
        query
    }

    fn replace(&self, key: &str, read: &str, anew: String) -> sea_orm::sea_query::UpdateStatement {
        Query::update()
            .table(Alias::new(self.table))
            .value(Alias::new(self.column), anew)
            .and_where(Expr::col(Alias::new(self.key.column())).eq(self.key.value(key)))
            .and_where(self.value().eq(read))
            .to_owned()
    }
}

impl Store {
    /// Values anywhere in the schema that look sealed, as `TABLE.COLUMN` with the ids of the keys: what tests hold
    /// [`PLACES`] against.
    ///
    /// # Errors
    /// The database.
    pub async fn find_sealed(&self) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let columns = match self.write().get_database_backend() {
            DatabaseBackend::Sqlite => {
                "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND lower(c.type) IN ('text', 'varchar')"
            }
            _ => {
                "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying')"
            }
        };
        let backend = self.write().get_database_backend();
        let mut found = BTreeMap::new();
        for row in self.write().query_all_raw(Statement::from_string(backend, columns)).await? {
            let (table, column): (String, String) = (row.try_get("", "t")?, row.try_get("", "c")?);
            let query = format!(
                "SELECT DISTINCT substr(\"{column}\", 4, 8) AS k FROM \"{table}\" WHERE \"{column}\" LIKE 'v1.________.%'"
            );
            let rows = self.write().query_all_raw(Statement::from_string(backend, query)).await?;
            let keys: Vec<String> = rows.iter().map(|row| row.try_get("", "k")).collect::<Result<_, _>>()?;
            if !keys.is_empty() {
                found.insert(format!("{table}.{column}"), keys);
            }
        }
        Ok(found)
    }
}
