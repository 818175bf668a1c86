//! A vantage inside a country: it looks at users' addresses from there, and reports.
//!
//! It needs no database and no key; only where the service answers links, and a token that was named for it.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::run::Wish;
use crate::app;
use crate::domain::SystemClock;
use crate::domain::clock::Clock;
use crate::domain::health::vantage::{EVERY, Findings};
use crate::panel::net_probe::NetProbe;
use crate::panel::vantage::{AwayError, Home, look};
use crate::service::health::vantages::Vantages;
use crate::settings::Settings;

/// However home answers, looks are no closer together and no further apart.
const PERIOD: std::ops::RangeInclusive<u64> = 10..=600;

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Name a server that may report, and show its token
    Token {
        /// Its name, such as ir-1
        name: String,
    },
    /// Who may report, and when each last did
    List,
    /// Take a server's token back
    Forget {
        /// Its name
        name: String,
    },
}

/// What is done where the service is.
pub(super) async fn manage(settings: &Settings, what: What) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let vantages = Vantages::new(core);
    match what {
        What::Token { name } => {
            let token = vantages.name(None, &name).await??;
            println!("{}", token.expose_secret());
            eprintln!(
                "It is shown this once. Put it into PROBE_TOKEN there, beside this PUBLIC_URL and SUB_PATH."
            );
        }
        What::List => {
            let now = SystemClock.now();
            for vantage in store.vantages().await? {
                let seen = match vantage.seen_at {
                    Some(at) => format!("reported {} s ago", (now - at).num_seconds().max(0)),
                    None => "has never reported".to_owned(),
                };
                println!("{}: {seen}", vantage.name);
            }
        }
        What::Forget { name } => {
            if !vantages.forget(None, &name).await? {
                bail!("no vantage {name}");
            }
            println!("{name} is forgotten; its token opens nothing any more.");
        }
    }
    store.close().await?;
    Ok(())
}

/// Looks until SIGTERM or SIGINT, or once.
pub(super) async fn run(settings: &Settings, once: bool) -> anyhow::Result<()> {
    let addresses =
        settings.addresses.as_ref().context("PUBLIC_URL is missing: the service's own, as there")?;
    let token = settings.probe_token.clone();
    let token =
        token.context("PROBE_TOKEN is missing: `karvan probe token NAME` shows one, where the service is")?;
    let places = addresses.origins().iter().map(|origin| format!("{origin}{}", addresses.path()));
    let home = Home::new(places.collect(), token)?;
    let probe = NetProbe::new();
    if once {
        let (findings, _) = round(&home, &probe).await?;
        for one in &findings.found {
            println!("address {}: {} ({} bytes)", one.id, one.word, one.bytes);
        }
        println!("{} addresses reported.", findings.found.len());
        return Ok(());
    }
    let mut wish = Wish::new()?;
    tracing::info!("this vantage looks and reports");
    loop {
        let period = tokio::select! {
            done = round(&home, &probe) => match done {
                Ok((findings, period)) => {
                    let missed = findings.found.iter().filter(|one| !one.reached).count();
                    tracing::info!(looked_at = findings.found.len(), missed, "reported");
                    period
                }
                // A token that is none now may be named again; a service that is away comes back.
                Err(error) => {
                    tracing::warn!("{error}");
                    EVERY
                }
            },
            () = wish.comes() => return Ok(()),
        };
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            () = wish.comes() => return Ok(()),
        }
    }
}

/// One look and its report; how long to wait for the next.
async fn round(home: &Home, probe: &NetProbe) -> Result<(Findings, Duration), AwayError> {
    let targets = home.targets().await?;
    let findings = look(probe, &targets.targets).await;
    home.bring(&findings).await?;
    let period = targets.every_s.clamp(*PERIOD.start(), *PERIOD.end());
    Ok((findings, Duration::from_secs(period)))
}
