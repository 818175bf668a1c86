//! On SQLite one process runs the bot: a second one would answer every person twice.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::store::Store;

/// The right to run on a database, or to take its schema back. Ends with the value, however the process ends.
pub(super) struct Alone {
    _file: Option<File>,
}

impl Alone {
    /// Takes the right; on PostgreSQL everybody has it.
    ///
    /// # Errors
    /// Another process has it, or the file beside the database cannot be written.
    pub(super) fn on(database_url: &str) -> anyhow::Result<Self> {
        let Some(database) = Store::file_of(database_url) else { return Ok(Self { _file: None }) };
        let mut name = database.into_os_string();
        name.push(".lock");
        let path = PathBuf::from(name);
        let shown = path.display();
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).with_context(|| {
                format!("cannot write {shown}; check DATABASE_URL and who owns that folder")
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => bail!(
                "another karvan runs with this database ({shown} is locked). Stop it first, or use PostgreSQL for several."
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {shown}")),
        }
    }
}
