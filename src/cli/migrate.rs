//! The database's schema.

use clap::Subcommand;

use crate::settings::Settings;
use crate::store::{SecretKey, Secrets, Store};

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
    // The schema holds no secret, so any key does.
    let key = SecretKey::generate(&mut rand::rng());
    let store = Store::open(&settings.database_url, Secrets::new(key, Vec::new())).await?;
    match what {
        What::Up => store.migrate_up().await?,
        What::Down { steps } => store.migrate_down(steps).await?,
        What::Status => {}
    }
    for (name, applied) in store.migration_status().await? {
        println!("{} {name}", if applied { "applied" } else { "pending" });
    }
    Ok(())
}
