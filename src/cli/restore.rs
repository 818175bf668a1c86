//! A backup back into the database; and the word that lets everything go on.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::lock::Alone;
use crate::app;
use crate::domain::{Clock, SystemClock};
use crate::service::backup::recovery::{Compared, Messages, Outlook, Recovery};
use crate::settings::Settings;
use crate::store::Store;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Restore {
    /// The backup
    file: Option<PathBuf>,
    /// Throw away what is in the database now
    #[arg(long)]
    replace: bool,
    #[command(subcommand)]
    then: Option<Then>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Then {
    /// Say what would happen if everything went on
    Report,
    /// Let everything go on
    Confirm {
        /// Send the messages and handle the updates that waited when the backup was made; most were, since
        #[arg(long)]
        send_messages: bool,
    },
}

pub(super) async fn restore(settings: &Settings, what: Restore) -> anyhow::Result<()> {
    match (what.file, what.then) {
        (_, Some(then)) => go_on(settings, then).await,
        (Some(file), None) => {
            bring_back(settings, &file, what.replace).await?;
            tell(settings).await?;
            go_on(settings, Then::Report).await
        }
        (None, None) => bail!("which file? Write `karvan restore FILE`, or `karvan restore report`"),
    }
}

async fn bring_back(settings: &Settings, file: &Path, replace: bool) -> anyhow::Result<()> {
    let shown = file.display();
    // Nothing of ours may run on it meanwhile.
    let alone = Alone::on(&settings.database_url)?;
    let store = app::connect_with_key(settings).await?;
    let done = load(&store, file, replace).await;
    store.close().await?;
    drop(alone);
    done.with_context(|| format!("{shown} is not restored; the database is as it was"))
}

async fn load(store: &Store, file: &Path, replace: bool) -> anyhow::Result<()> {
    let open = || File::open(file).map(BufReader::new).context("it cannot be read");
    let contents = store.verify_backup(open()?)?;
    let made_at = contents.manifest.made_at;
    println!(
        "The backup of {made_at:.0} is whole: {} rows in {} tables.",
        contents.rows,
        contents.manifest.tables.len()
    );
    store.restore(open()?, replace, SystemClock.now()).await?;
    println!("It is restored. Nothing is written to a panel or sent before you confirm.");
    app::check_key(store).await
}

/// The admins read in the chat that somebody has to say a word, as soon as the bot runs.
async fn tell(settings: &Settings) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let told = Recovery::new(core).tell().await;
    store.close().await?;
    Ok(told?)
}

async fn go_on(settings: &Settings, then: Then) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let recovery = Recovery::new(core.clone());
    let done = match (recovery.outlook().await?, then) {
        (None, _) => {
            println!("Nothing is held: there is nothing to confirm.");
            Ok(())
        }
        (Some(outlook), Then::Report) => {
            print(&outlook);
            println!("`karvan restore confirm` lets everything go on, as does /restore in the chat.");
            Ok(())
        }
        (Some(outlook), Then::Confirm { send_messages }) => {
            print(&outlook);
            let messages = if send_messages { Messages::Send } else { Messages::Drop };
            recovery.release(None, messages).await?;
            println!("Everything goes on.");
            Ok(())
        }
    };
    store.close().await?;
    done
}

fn print(outlook: &Outlook) {
    let Outlook { since, made_at, operations, tombstones, messages, updates, panels } = outlook;
    match made_at {
        Some(made_at) => println!("Held since {since:.0}; the backup is of {made_at:.0}."),
        None => println!("Held since {since:.0}."),
    }
    for (kind, count) in operations {
        println!("  {count} operations go on: {kind:?}");
    }
    println!("  {tombstones} accounts are deleted from panels, if they are still there");
    println!("  {messages} messages were not sent then, {updates} updates not handled");
    for (id, compared) in panels {
        match compared {
            Compared::Silent => println!("  {id}: does not answer; it is compared later"),
            Compared::Seen { expected, missing, newer } => println!(
                "  {id}: {missing} of {expected} accounts are missing, {newer} are newer than the backup and left alone"
            ),
        }
    }
}
