//! Small conversions between columns and domain values. `None` always means: this cannot be read.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::Timestamp;
use crate::domain::key::Unsettled;
use crate::domain::quota::Bytes;

/// A count that the database keeps as a signed number.
pub(super) fn count(number: i32) -> Option<u32> {
    u32::try_from(number).ok()
}

/// Bytes that the database keeps as a signed number.
pub(super) fn bytes(number: i64) -> Option<Bytes> {
    Bytes::try_from(number).ok()
}

/// Optional bytes that must be readable when they are there.
pub(super) fn bytes_opt(number: Option<i64>) -> Option<Option<Bytes>> {
    match number {
        None => Some(None),
        Some(number) => bytes(number).map(Some),
    }
}

/// Bytes as the database keeps them; more than 8 EiB is all the same.
pub(super) fn to_i64(bytes: Bytes) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// An enum by its word in the database.
pub(super) fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// The word of an enum in the database.
pub(super) fn to_word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("only enums without payload are stored as words"),
    }
}

/// An optional text that must parse when it is there.
pub(super) fn parse_opt<T: std::str::FromStr>(text: Option<&str>) -> Option<Option<T>> {
    text.map(str::parse).transpose().ok()
}

/// An optional JSON value that must parse when it is there.
pub(super) fn json_opt<T: DeserializeOwned>(value: Option<&serde_json::Value>) -> Option<Option<T>> {
    value.filter(|value| !value.is_null()).cloned().map(serde_json::from_value).transpose().ok()
}

/// The two columns of a request whose fate is unknown.
pub(super) fn unsettled(sent_at: Option<Timestamp>, settles_at: Option<Timestamp>) -> Option<Unsettled> {
    sent_at.map(|sent_at| Unsettled { sent_at, settles_at })
}
