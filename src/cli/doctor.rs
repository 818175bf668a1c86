//! Looking for what is wrong. Each finding says what to do.
//!
//! Absent on purpose: putting anything right. A database that does not exist yet, or of an older version, stays as it is.

use std::process::ExitCode;
use std::sync::Arc;

use crate::app;
use crate::domain::SystemClock;
use crate::service::fleet::Fleet;
use crate::settings::{Environment, Mistakes, Need, Settings};
use crate::store::Store;
use crate::telegram::tg::{Access, Tg, TgError};

use super::instance::{advice, warned};
use super::told;

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
    match tg.has_webhook().await {
        Ok(false) => {}
        Ok(true) => findings.bad(
            "Telegram: a webhook takes the bot's updates. `karvan run` removes it; if another program has set it, \
             make a bot of its own for one of the two.",
        ),
        Err(error) => findings.bad(&format!("Telegram: {error}.")),
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
    let core = app::core(settings, store.clone(), Arc::new(SystemClock)).await?;
    look_at_panels(&Fleet::new(core), findings).await
}

async fn look_at_panels(fleet: &Fleet, findings: &mut Findings) -> anyhow::Result<()> {
    let views = fleet.list().await?;
    if views.is_empty() {
        findings.bad("Panels: there are none. Add one in chat with /addnode, or with `karvan instance add`.");
    }
    for view in views {
        let id = &view.instance.id;
        match fleet.test(id).await? {
            Ok(found) => {
                findings.good(&format!(
                    "Panel {id}: Marzban {} answers, with {} inbounds.",
                    found.overview.version,
                    found.inbounds.len()
                ));
                for warning in &found.warnings {
                    findings.bad(&format!("Panel {id}: {}", warned(warning)));
                }
            }
            Err(error) => findings.bad(&format!("Panel {id}: {}", advice(&error))),
        }
    }
    Ok(())
}
