//! The database's schema.

use clap::Subcommand;

use super::lock::Alone;
use crate::app;
use crate::settings::Settings;
use crate::store::{SecretKey, Secrets};

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Bring the schema up to this version
    Up,
    /// Take the last steps back; what only they held is lost
    Down {
        /// How many
        #[arg(default_value_t = 1)]
        steps: u32,
    },
    /// List the steps
    Status,
}

pub(super) async fn migrate(settings: &Settings, what: What) -> anyhow::Result<()> {
    // Tables must not vanish beneath a bot that runs.
    let alone =
        if matches!(what, What::Down { .. }) { Some(Alone::on(&settings.database_url)?) } else { None };
    // The schema holds no secret, so any key does.
    let key = SecretKey::generate(&mut rand::rng());
    let store = app::connect(&settings.database_url, Secrets::new(key, Vec::new())).await?;
    match what {
        What::Up => store.migrate_up().await?,
        What::Down { steps } => store.migrate_down(steps).await?,
        What::Status => {}
    }
    for (name, applied) in store.migration_status().await? {
        println!("{} {name}", if applied { "applied" } else { "pending" });
    }
    store.close().await?;
    drop(alone);
    Ok(())
}
