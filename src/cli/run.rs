//! Running the bot.

use std::fs::{File, TryLockError};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::settings::Settings;
use crate::store::Store;

/// An orderly stop takes no longer; then the process ends, and what was under way is resumed at the next start.
const FAREWELL: Duration = Duration::from_secs(10);

/// Runs the bot until SIGTERM or SIGINT.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let _lock = lock(&settings.database_url)?;
    // Asked for first, so that a stop in the middle of the start is an orderly one too.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let app = App::new(settings).await?;
    if settings.policy.admins.is_empty() {
        eprintln!(
            "karvan: nobody is admin yet. Send the bot /id on Telegram: it answers with your number. \
             Put that into ADMIN_IDS and start again."
        );
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(app.run(stop.clone()));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = died(&running) => bail!("the bot ended by itself; the log says why"),
    }
    tracing::info!("stopping: what runs is finished or put aside");
    stop.cancel();
    if tokio::time::timeout(FAREWELL, running).await.is_err() {
        tracing::warn!("not all ended in time; it goes on at the next start");
    }
    Ok(())
}

/// Waits until the bot has ended by itself, which it never should.
async fn died(running: &tokio::task::JoinHandle<()>) {
    while !running.is_finished() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// On SQLite one process runs the bot: a second one would answer every person twice.
fn lock(database_url: &str) -> anyhow::Result<Option<File>> {
    let Some(database) = Store::file_of(database_url) else { return Ok(None) };
    let mut name = database.into_os_string();
    name.push(".lock");
    let path = std::path::PathBuf::from(name);
    let shown = path.display();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot write {shown}; check DATABASE_URL and who owns that folder"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "another karvan runs with this database ({shown} is locked). Stop it first, or use PostgreSQL for several."
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {shown}")),
    }
}
