//! A column's value in a database and in a backup.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait};
use sea_orm::{DatabaseBackend, DbErr, QueryResult, Value};
use serde_json::Value as Json;

use crate::domain::backup::ColumnKind;

/// What to ask for, so that [`read`] understands the answer.
pub(super) fn asked(backend: DatabaseBackend, column: &str, kind: ColumnKind) -> Expr {
    let plain = Expr::col(Alias::new(column));
    let cast = |to: &str| Expr::col(Alias::new(column)).cast_as(Alias::new(to));
    match (backend, kind) {
        (_, ColumnKind::Json) => cast("text"),
        (DatabaseBackend::Postgres, ColumnKind::Int) => cast("bigint"),
        (DatabaseBackend::Postgres, ColumnKind::Real) => cast("double precision"),
        _ => plain,
    }
}

/// The value in the answer's column `at`, as a backup has it.
pub(super) fn read(row: &QueryResult, at: usize, kind: ColumnKind) -> Result<Json, DbErr> {
    let text = |value: Option<String>| value.map_or(Json::Null, Json::String);
    Ok(match kind {
        ColumnKind::Int => row.try_get_by_index::<Option<i64>>(at)?.map_or(Json::Null, Json::from),
        // Debug writes a number that reads back as the very same.
        ColumnKind::Real => text(row.try_get_by_index::<Option<f64>>(at)?.map(|real| format!("{real:?}"))),
        ColumnKind::Flag => row.try_get_by_index::<Option<bool>>(at)?.map_or(Json::Null, Json::Bool),
        ColumnKind::Text | ColumnKind::Json => text(row.try_get_by_index(at)?),
        ColumnKind::Time => text(
            row.try_get_by_index::<Option<DateTime<Utc>>>(at)?
                .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        ),
        ColumnKind::Bytes => {
            text(row.try_get_by_index::<Option<Vec<u8>>>(at)?.map(|bytes| STANDARD.encode(bytes)))
        }
    })
}

/// A backup's value as the database takes it; `None`: it is not of that kind.
pub(super) fn value(kind: ColumnKind, json: &Json) -> Option<Value> {
    if json.is_null() {
        return Some(match kind {
            ColumnKind::Int => Value::BigInt(None),
            ColumnKind::Real => Value::Double(None),
            ColumnKind::Flag => Value::Bool(None),
            ColumnKind::Text | ColumnKind::Json => Value::String(None),
            ColumnKind::Time => Value::ChronoDateTimeUtc(None),
            ColumnKind::Bytes => Value::Bytes(None),
        });
    }
    Some(match kind {
        ColumnKind::Int => json.as_i64()?.into(),
        ColumnKind::Real => json.as_str()?.parse::<f64>().ok()?.into(),
        ColumnKind::Flag => json.as_bool()?.into(),
        ColumnKind::Text | ColumnKind::Json => json.as_str()?.into(),
        ColumnKind::Time => json.as_str()?.parse::<DateTime<Utc>>().ok()?.into(),
        ColumnKind::Bytes => STANDARD.decode(json.as_str()?).ok()?.into(),
    })
}

/// A value to be written into a column.
pub(super) fn written(backend: DatabaseBackend, kind: ColumnKind, value: Value) -> Expr {
    match (backend, kind) {
        (DatabaseBackend::Postgres, ColumnKind::Json) => Expr::value(value).cast_as(Alias::new("jsonb")),
        _ => Expr::value(value),
    }
}
