//! The tables of an older system.

use anyhow::{Context, bail};

use crate::app;
use crate::domain::older::{self, TABLES, Tables};
use crate::service::older::{Import as Service, Preview, Terms};
use crate::settings::{Environment, Settings};
use crate::store::older::read;

use super::Import;

/// Accounts that are named for each panel.
const NAMED: usize = 20;

/// From a database that runs, or a file of SQLite.
pub(super) async fn live(
    settings: &Settings,
    environment: &Environment,
    what: &Import,
    url: &str,
) -> anyhow::Result<()> {
    let tables = read(url).await?;
    take(settings, environment, what, &tables).await
}

/// Takes the tables in, or says what would be.
pub(super) async fn take(
    settings: &Settings,
    environment: &Environment,
    what: &Import,
    tables: &Tables,
) -> anyhow::Result<()> {
    if tables.is_empty() {
        bail!("none of the tables is there that are read: {}", TABLES.join(", "));
    }
    for (name, rows) in tables {
        println!("{name}: {} rows", rows.len());
    }
    let older = older::read(tables);
    let (core, store) = app::services(settings).await?;
    let service = Service::new(core);
    let password = |variable: &str| environment.get(variable).map(|word| word.to_owned().into());
    let terms = Terms { mode: what.mode, region: what.region.clone(), password: &password };
    let preview = service.preview(&older, &terms).await?;
    print(&preview, what);
    if what.dry_run {
        println!("Nothing is done. Without --dry-run it is; nothing on a panel changes.");
    } else {
        let done = service.apply(None, &preview).await.context("nothing was taken in")?;
        println!(
            "Taken in: {} panels, {} people who are new to the bot, {} keys. Nothing on a panel has changed.",
            done.instances, done.people, done.keys
        );
    }
    store.close().await?;
    Ok(())
}

fn print(preview: &Preview, what: &Import) {
    for panel in &preview.panels {
        let how = match (panel.known, what.dry_run) {
            (true, _) => "is in the fleet already and stays as it is",
            (false, true) => "would be added",
            (false, false) => "is added",
        };
        println!("{} ({}), {}: {how}", panel.id, panel.name, panel.place);
        let accounts: Vec<_> = preview.take.iter().filter(|(id, ..)| *id == panel.id).collect();
        println!(
            "  {} accounts {} keys",
            accounts.len(),
            if what.dry_run { "would become" } else { "become" }
        );
        for (_, name, owner) in accounts.iter().take(NAMED) {
            println!("    {name} ({owner})");
        }
        if accounts.len() > NAMED {
            println!("    … and {} more", accounts.len() - NAMED);
        }
    }
    if preview.already > 0 {
        println!("{} accounts are their owner's keys already, or named twice", preview.already);
    }
    if preview.switched_off > 0 {
        println!(
            "{} rows are switched off there, deleted or of somebody banned; left alone",
            preview.switched_off
        );
    }
    if !preview.left_out.is_empty() {
        println!("{} rows are left out:", preview.left_out.len());
        for left_out in &preview.left_out {
            println!("  {left_out}");
        }
    }
}
