//! Accounts that live on a panel already, without the chat. By itself it only says whose they are.

use crate::app;
use crate::domain::{AccountName, InstanceId, UserId};
use crate::service::adoption::{Adoption, Preview};
use crate::settings::Settings;

/// Accounts that are named of each sort.
const NAMED: usize = 20;

/// Says whose the accounts on a panel are, and takes over what is certain if `apply` says so.
pub(super) async fn adopt(settings: &Settings, id: &InstanceId, apply: bool) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let adoption = Adoption::new(core);
    print(&adoption.preview(id).await?);
    if apply {
        let done = adoption.apply(None, id).await?;
        println!("{} accounts are keys now. Nothing on the panel has changed.", done.adopted);
    } else {
        println!("Nothing is done. With --apply the first are taken over; nothing on the panel changes.");
    }
    store.close().await?;
    Ok(())
}

fn print(preview: &Preview) {
    let Preview { take, strangers, doubtful, unclear, nobodys, keys, marked } = preview;
    let one = |(name, user): &(AccountName, UserId)| format!("{name} ({user})");
    println!("{} accounts with a certain owner, {strangers} of them new to the bot", take.len());
    list(take.iter().map(one));
    if !doubtful.is_empty() {
        println!("{} with a bare number that is nobody's the bot knows; left alone", doubtful.len());
        list(doubtful.iter().map(one));
    }
    if !unclear.is_empty() {
        println!("{} with several numbers; left alone", unclear.len());
        list(unclear.iter().map(|(name, users)| {
            let users: Vec<String> = users.iter().map(ToString::to_string).collect();
            format!("{name} ({})", users.join(" or "))
        }));
    }
    println!("{nobodys} that do not tell whose they are; whoever has one can send its link to the bot");
    println!("{keys} are keys already");
    if *marked > 0 {
        println!("{marked} bear the mark of a Karvan and are left alone; see `karvan reconcile`");
    }
}

fn list(names: impl ExactSizeIterator<Item = String>) {
    let count = names.len();
    for name in names.take(NAMED) {
        println!("  {name}");
    }
    if count > NAMED {
        println!("  … and {} more", count - NAMED);
    }
}
