//! What is taken into the database from elsewhere: a fleet file, or the tables of an older system. The same twice changes
//! nothing.

mod fleet;
mod older;

use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;

use crate::domain::Region;
use crate::domain::instance::Mode;
use crate::domain::older::dump;
use crate::settings::{Environment, Settings};

/// What a SQLite file begins with (its file format, 1.3).
const SQLITE: &[u8] = b"SQLite format 3\0";
/// What `pg_dump` writes unless it is told to write text.
const ARCHIVE: &[u8] = b"PGDMP";

#[derive(Debug, Args)]
pub(super) struct Import {
    /// A fleet file in YAML, an SQL dump, a SQLite file, or the address of a database: postgres://… or sqlite://…
    from: String,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Of an older system: the country of panels whose row names none, such as de
    #[arg(long)]
    region: Option<Region>,
    /// Of an older system: what may be done on panels that are new, observe or manage
    #[arg(long, default_value = "observe", value_parser = mode)]
    mode: Mode,
}

fn mode(text: &str) -> Result<Mode, &'static str> {
    match text {
        "observe" => Ok(Mode::Observe),
        "manage" => Ok(Mode::Manage),
        _ => Err("observe or manage"),
    }
}

pub(super) async fn import(
    settings: &Settings,
    environment: &Environment,
    what: &Import,
) -> anyhow::Result<()> {
    let from = what.from.as_str();
    if ["postgres:", "postgresql:", "sqlite:"].iter().any(|scheme| from.starts_with(scheme)) {
        return older::live(settings, environment, what, from).await;
    }
    let bytes = std::fs::read(from).with_context(|| format!("cannot read {from}"))?;
    if bytes.starts_with(SQLITE) {
        // An address has escapes, and a path has none.
        let path = from.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        return older::live(settings, environment, what, &format!("sqlite://{path}")).await;
    }
    if bytes.starts_with(ARCHIVE) {
        bail!("{from} is an archive of pg_dump; make a text of it with `pg_restore -f dump.sql {from}`");
    }
    let text = String::from_utf8_lossy(&bytes);
    if dump::is_dump(&text) {
        let tables = dump::read(&text).with_context(|| format!("{from} cannot be used"))?;
        return older::take(settings, environment, what, &tables).await;
    }
    fleet::import(settings, environment, Path::new(from), &text, what.dry_run).await
}
