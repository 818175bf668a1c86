//! How the database fails.

use sea_orm::DbErr;

use super::secrets::SecretError;

/// How the database fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database itself.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// A row that cannot be what we wrote.
    #[error("row {row} of {table} has an unreadable {column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's number or name.
        row: String,
        /// The column.
        column: &'static str,
    },
    /// A sealed value that cannot be opened.
    #[error("a stored secret cannot be opened")]
    Secret(#[from] SecretError),
    /// Another process plans by now.
    #[error("another process leads by now")]
    NotLeader,
    /// The address of the database cannot be used.
    #[error(
        "DATABASE_URL cannot be used; write sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE, with special \
         characters of the password as %XX"
    )]
    Url,
    /// Nobody lets us in within the patience for a connection.
    #[error("no database answers there")]
    Silent,
}

impl StoreError {
    /// A row that cannot be read.
    #[expect(clippy::needless_pass_by_value, reason = "so that callers give numbers and names alike")]
    pub(super) fn corrupt(table: &'static str, row: impl ToString, column: &'static str) -> Self {
        Self::Corrupt { table, row: row.to_string(), column }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Database(_) | Self::Silent | Self::NotLeader)
    }
}
