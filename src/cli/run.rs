//! Running the bot.

use std::time::Duration;

use anyhow::bail;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::lock::Alone;
use crate::app::App;
use crate::settings::Settings;

/// An orderly stop takes no longer; then the process ends, and what was under way is resumed at the next start. Docker
/// kills after 10 s.
const FAREWELL: Duration = Duration::from_secs(9);

/// Runs the bot until SIGTERM or SIGINT. A second one ends it at once.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<()> {
    // Asked for first, so that a stop in the middle of the start is an orderly one too.
    let mut wish = Wish::new()?;
    let _alone = Alone::on(&settings.database_url)?;
    let app = tokio::select! {
        app = App::new(settings) => app?,
        // Nothing runs yet, and each step of the schema is a transaction.
        () = wish.comes() => return Ok(()),
    };
    if settings.policy.admins.is_empty() {
        eprintln!(
            "karvan: nobody is admin yet. Send the bot /id on Telegram: it answers with your number. \
             Put that into ADMIN_IDS and start again."
        );
    }
    let stop = CancellationToken::new();
    let mut running = tokio::spawn(app.run(stop.clone()));
    tokio::select! {
        () = wish.comes() => {}
        _ = &mut running => bail!("the bot ended by itself; the log says why"),
    }
    tracing::info!("stopping: what runs is finished or put aside");
    stop.cancel();
    tokio::select! {
        _ = &mut running => {}
        () = tokio::time::sleep(FAREWELL) => tracing::warn!("not all ended in time; it goes on at the next start"),
        () = wish.comes() => tracing::warn!("ended at once; what was under way goes on at the next start"),
    }
    Ok(())
}

/// What asks the process to end.
pub(super) struct Wish {
    terminate: Signal,
    interrupt: Signal,
}

impl Wish {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(super) async fn comes(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
