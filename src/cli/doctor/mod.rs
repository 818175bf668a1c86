//! Looking for what is wrong. Each finding says what to do.
//!
//! Absent on purpose: putting anything right. A database that does not exist yet, or of an older version, stays as it is.

mod links;
mod network;
mod panels;

use std::process::ExitCode;
use std::sync::Arc;

use crate::app;
use crate::domain::{Clock, SystemClock};
use crate::service::Core;
use crate::service::backup::Backups;
use crate::settings::{Environment, Mistakes, Need, Settings};
use crate::store::Store;
use crate::telegram::tg::{Access, Tg, TgError};

use super::told;

/// A backup older than this is late, however seldom they are made.
const LATE: chrono::TimeDelta = chrono::TimeDelta::days(3);

/// A vantage that has not reported for so long is silent.
const SILENT: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

#[derive(Default)]
struct Findings {
    wrong: u32,
}

impl Findings {
    fn good(&self, what: &str) {
        println!("✓ {what}");
    }

    /// Neither good nor bad.
    fn note(&self, what: &str) {
        println!("· {what}");
    }

    fn bad(&mut self, what: &str) {
        self.wrong += 1;
        println!("✗ {what}");
    }
}

/// Looks at everything it can; the exit code is 1 when something is wrong.
pub(super) async fn doctor(environment: &Environment) -> ExitCode {
    let mut findings = Findings::default();
    let settings = match environment.settings(Need::Run) {
        Ok(settings) => {
            findings.good("Settings: all can be used.");
            Some(settings)
        }
        Err(Mistakes(mistakes)) => {
            for mistake in mistakes {
                findings.bad(&mistake);
            }
            // Without a token the database can be looked at all the same.
            environment.settings(Need::Secrets).ok()
        }
    };
    if let Some(settings) = settings {
        if settings.policy.admins.is_empty() {
            findings.bad("ADMIN_IDS is empty: send the bot /id on Telegram and put the number there.");
        }
        network::clock(&settings, &mut findings).await;
        network::anchors(&settings, &mut findings).await;
        links::look(settings.addresses.as_ref(), &mut findings).await;
        look_at_telegram(&settings, &mut findings).await;
        look_at_database(&settings, &mut findings).await;
    }
    if findings.wrong == 0 {
        println!("All is well.");
        return ExitCode::SUCCESS;
    }
    println!("{} to put right.", findings.wrong);
    ExitCode::FAILURE
}

async fn look_at_telegram(settings: &Settings, findings: &mut Findings) {
    let Some(token) = settings.token.clone() else { return };
    let access = Access { token, api_url: settings.api_url.clone(), proxy: settings.telegram_proxy.clone() };
    let tg = match Tg::new(&access) {
        Ok(tg) => tg,
        Err(error) => return findings.bad(&format!("Telegram: {error}")),
    };
    match tg.username().await {
        Ok(username) => findings.good(&format!("Telegram: the bot is @{username}.")),
        Err(TgError::Token) => {
            return findings.bad(
                "Telegram: it does not know this TELOXIDE_TOKEN. Take the one that @BotFather shows under /mybots.",
            );
        }
        Err(error) => {
            return findings.bad(&format!(
                "Telegram: {error}. If it is blocked here, set TELOXIDE_PROXY or TELOXIDE_API_URL."
            ));
        }
    }
    match (tg.has_webhook().await, settings.webhook.is_some()) {
        (Ok(false), false) => {}
        (Ok(true), true) => findings.good("Telegram: it brings updates to a webhook, as WEBHOOK_URL says."),
        (Ok(false), true) => {
            findings.note("Telegram: no webhook is set yet; `karvan run` sets the one of WEBHOOK_URL.");
        }
        (Ok(true), false) => findings.bad(
            "Telegram: a webhook takes the bot's updates. `karvan run` removes it; if another program has set it, \
             make a bot of its own for one of the two.",
        ),
        (Err(error), _) => findings.bad(&format!("Telegram: {error}.")),
    }
    for admin in &settings.policy.admins {
        match tg.may_write(admin.0).await {
            Ok(()) => findings.good(&format!("Telegram: admin {admin} can be written to.")),
            Err(TgError::NoChat(_)) => findings.bad(&format!(
                "Telegram: admin {admin} cannot be written to. They open the bot, unblock it if need be, and send /start."
            )),
            Err(error) => findings.bad(&format!("Telegram: admin {admin}: {error}.")),
        }
    }
    if let Some(chat) = settings.policy.alert_chat {
        match tg.may_write(chat).await {
            Ok(()) => findings.good("Telegram: ALERT_CHAT_ID can be written to."),
            Err(TgError::NoChat(_)) => findings.bad(
                "Telegram: ALERT_CHAT_ID cannot be written to. Make the bot a member of that group, and see that \
                 the number is the group's, with its minus.",
            ),
            Err(error) => findings.bad(&format!("Telegram: ALERT_CHAT_ID: {error}.")),
        }
    }
}

async fn look_at_database(settings: &Settings, findings: &mut Findings) {
    if let Some(file) = Store::file_of(&settings.database_url).filter(|file| !file.exists()) {
        let shown = file.display();
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            findings.bad(&format!(
                "Database: the folder of {shown} does not exist. Make it, or change DATABASE_URL."
            ));
        } else if !settings.database_url.contains("mode=rwc") {
            findings.bad(&format!(
                "Database: {shown} does not exist. With ?mode=rwc at the end of DATABASE_URL it is made at the start."
            ));
        } else {
            findings.note(&format!("Database: {shown} does not exist yet; `karvan run` makes it."));
        }
        return;
    }
    let store = match app::connect_with_key(settings).await {
        Ok(store) => store,
        Err(error) => return findings.bad(&format!("Database: {}.", told(&error))),
    };
    match look_into(settings, &store, findings).await {
        Ok(()) => {}
        Err(error) => findings.bad(&format!("Database: {}.", told(&error))),
    }
    drop(store.close().await);
}

async fn look_into(settings: &Settings, store: &Store, findings: &mut Findings) -> anyhow::Result<()> {
    let steps = store.migration_status().await?;
    let pending = steps.iter().filter(|(_, applied)| !applied).count();
    if pending == steps.len() {
        findings.note("Database: it is empty; `karvan run` sets it up.");
        return Ok(());
    }
    if pending > 0 {
        findings.bad(&format!(
            "Database: {pending} of {} steps of the schema are not taken. The next start takes them, or \
             `karvan migrate up` now; then ask again.",
            steps.len()
        ));
        return Ok(());
    }
    app::check_key(store).await?;
    findings.good("Database: reached, up to date, and SECRET_KEY opens it.");
    let left = store.sealed_otherwise().await?;
    let left: u64 = left.iter().flat_map(|left| left.by_key.values()).sum();
    if left > 0 {
        findings.note(&format!(
            "Database: {left} values are sealed with older keys. `karvan key rotate` changes that; until then keep \
             SECRET_KEY_PREVIOUS."
        ));
    } else if !settings.previous_keys.is_empty() {
        findings.note("Database: nothing is sealed with SECRET_KEY_PREVIOUS any more; it can go.");
    }
    if store.held().await? {
        findings.bad(
            "Database: a backup was restored, and nothing acts. Read `karvan restore report`, then \
             `karvan restore confirm`.",
        );
    }
    let core = app::core(settings, store.clone(), Arc::new(SystemClock)).await?;
    look_at_backups(settings, &core, findings).await?;
    look_at_vantages(&core, findings).await?;
    panels::look(&core, findings).await
}

/// A vantage that does not report notices nothing.
async fn look_at_vantages(core: &Core, findings: &mut Findings) -> anyhow::Result<()> {
    let vantages = core.store.vantages().await?;
    let now = SystemClock.now();
    for vantage in &vantages {
        let name = &vantage.name;
        match vantage.seen_at {
            Some(at) if now - at <= SILENT => findings.good(&format!("Vantages: {name} reports.")),
            Some(at) => findings.bad(&format!(
                "Vantages: {name} has not reported since {}. See that `karvan probe` runs there and reaches \
                 PUBLIC_URL, or let `karvan probe forget {name}` be its end.",
                at.format("%Y-%m-%d %H:%M UTC")
            )),
            None => findings.bad(&format!(
                "Vantages: {name} has never reported. Run `karvan probe` there with its PROBE_TOKEN and this PUBLIC_URL."
            )),
        }
    }
    if vantages.len() == 1 {
        findings.note(
            "Vantages: one alone proves nothing; a second one, with another provider there, is needed.",
        );
    }
    Ok(())
}

/// A backup that nobody makes is noticed when it is needed.
async fn look_at_backups(settings: &Settings, core: &Core, findings: &mut Findings) -> anyhow::Result<()> {
    let Some(plan) = settings.backup.clone() else {
        findings.note("Backups: none are made by themselves. Name a folder in BACKUP_DIR.");
        return Ok(());
    };
    let last = Backups::new(core.clone(), plan).last().await?;
    match last {
        Some(made) if core.clock.now() - made.at > LATE => findings.bad(&format!(
            "Backups: the last one is of {:.0}. The log of `karvan run` says why none was made since.",
            made.at
        )),
        Some(made) if !made.file.exists() => findings
            .note(&format!("Backups: the last one, of {:.0}, is not in its folder any more.", made.at)),
        Some(made) => findings.good(&format!("Backups: the last one is of {:.0}.", made.at)),
        None => findings.note("Backups: none was made yet; `karvan run` makes the first at once."),
    }
    Ok(())
}
