//! A backup now.

use std::path::{Path, PathBuf};

use crate::app;
use crate::domain::backup::file_name;
use crate::domain::{Clock, SystemClock};
use crate::service::backup;
use crate::settings::Settings;

/// Writes a backup into `to`: a file, or a folder for a file named by the moment; by itself into `BACKUP_DIR`, or here.
pub(super) async fn backup(settings: &Settings, to: Option<PathBuf>) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let folder = settings.backup.as_ref().map(|plan| plan.folder.clone());
    let place = to.or(folder).unwrap_or_else(|| PathBuf::from("."));
    let file = if place.is_dir() { place.join(file_name(now)) } else { place };
    let store = app::connect_with_key(settings).await?;
    app::check_key(&store).await?;
    let made = backup::make(&store, &file, now).await;
    store.close().await?;
    let made = made?;
    println!("{}: {} rows, {}", shown(&made.file), made.rows, size(made.bytes));
    println!("Keep the SECRET_KEY too, and elsewhere: without it the file is worth nothing.");
    Ok(())
}

fn shown(file: &Path) -> std::path::Display<'_> {
    file.display()
}

/// A size as people read it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];
    let (mut size, mut unit) = (bytes, 0);
    while size >= 10_000 && unit + 1 < UNITS.len() {
        (size, unit) = (size.div_ceil(1000), unit + 1);
    }
    format!("{size} {}", UNITS[unit])
}
