//! The change to another `SECRET_KEY`.
//!
//! Put the new key into `SECRET_KEY` and the old one into `SECRET_KEY_PREVIOUS`, start again, and rotate. The bot goes on
//! meanwhile; the change may be stopped anywhere and begun again.

use anyhow::{Context, bail};

use crate::app;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::sealed::{Cursor, Left, Resealed};

/// Values that are sealed anew between two looks at the clock of the terminal.
const BATCH: u64 = 500;
/// Passes over the database. Each finds only what another process wrote with an older key since the one before.
const PASSES: usize = 5;

/// Seals everything with the present key, or only says what is left.
pub(super) async fn rotate(settings: &Settings, check: bool) -> anyhow::Result<()> {
    let store = app::open_store(settings).await?;
    let done = if check { look(&store).await } else { change(&store).await };
    store.close().await?;
    done
}

async fn look(store: &Store) -> anyhow::Result<()> {
    let left = store.sealed_otherwise().await?;
    print(&left);
    if left.is_empty() {
        println!("Everything is sealed with the present SECRET_KEY.");
        return Ok(());
    }
    bail!("{} values are sealed with older keys; `karvan key rotate` changes that", total(&left));
}

async fn change(store: &Store) -> anyhow::Result<()> {
    let (mut all, mut damaged) = (0, Vec::new());
    for _ in 0..PASSES {
        let pass = pass(store).await?;
        all += pass.changed;
        damaged = pass.damaged;
        if pass.changed == 0 && pass.overtaken == 0 {
            break;
        }
    }
    println!("{all} values sealed anew.");
    for what in &damaged {
        println!("{what} does not open; it was left as it is");
    }
    if store.finish_rotation().await? {
        println!("Everything is sealed with the present SECRET_KEY: SECRET_KEY_PREVIOUS can go.");
        return Ok(());
    }
    let left = store.sealed_otherwise().await?;
    print(&left);
    if damaged.is_empty() {
        bail!(
            "{} values are left. Put the keys of those ids into SECRET_KEY_PREVIOUS, and see that every Karvan on this \
             database runs with the new SECRET_KEY; then begin again",
            total(&left)
        );
    }
    bail!("{} values are left; those that do not open are damaged, or stand in the wrong row", total(&left));
}

/// Once over everything.
async fn pass(store: &Store) -> anyhow::Result<Resealed> {
    let (mut cursor, mut sum, mut told) = (Cursor::default(), Resealed::default(), 0);
    while let Some(some) = store.reseal(&mut cursor, BATCH).await.context("begin again: nothing is lost")? {
        sum.add(some);
        if sum.changed / 10_000 > told {
            told = sum.changed / 10_000;
            println!("{} values …", sum.changed);
        }
    }
    Ok(sum)
}

fn print(left: &[Left]) {
    for Left { place, by_key } in left {
        for (key, many) in by_key {
            println!("{place}: {many} sealed with the key {key}");
        }
    }
}

fn total(left: &[Left]) -> u64 {
    left.iter().flat_map(|left| left.by_key.values()).sum()
}
