//! Looking for what is wrong. Each finding says what to do.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app;
use crate::domain::SystemClock;
use crate::service::fleet::Fleet;
use crate::settings::{Need, Settings};
use crate::store::Store;
use crate::telegram::tg::{Access, Tg};

use super::instance::{advice, warned};

#[derive(Default)]
struct Findings {
    wrong: u32,
}

impl Findings {
    fn good(&self, what: &str) {
        println!("✓ {what}");
    }

    fn bad(&mut self, what: &str) {
        self.wrong += 1;
        println!("✗ {what}");
    }
}

/// Looks at everything it can; the exit code is 1 when something is wrong.
pub(super) async fn doctor(variables: &BTreeMap<String, String>) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    match Settings::read(variables, Need::Run) {
        Ok(settings) => {
            findings.good("Settings: all can be used.");
            if settings.policy.admins.is_empty() {
                findings.bad("ADMIN_IDS is empty: send the bot /id on Telegram and put the number there.");
            }
            look_at_telegram(&settings, &mut findings).await;
            look_at_database(&settings, &mut findings).await;
        }
        Err(mistakes) => {
            for mistake in mistakes.0 {
                findings.bad(&mistake);
            }
        }
    }
    if findings.wrong == 0 {
        println!("All is well.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} to put right.", findings.wrong);
    Ok(ExitCode::FAILURE)
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
        Err(error) => findings.bad(&format!(
            "Telegram: {error}. If it is blocked here, set TELOXIDE_PROXY or TELOXIDE_API_URL; \
             if the token is wrong, ask @BotFather for it again."
        )),
    }
}

async fn look_at_database(settings: &Settings, findings: &mut Findings) {
    let store: Store = match app::open_store(settings).await {
        Ok(store) => store,
        Err(error) => return findings.bad(&format!("Database: {error:#}.")),
    };
    findings.good("Database: reached, up to date, and SECRET_KEY opens it.");
    match app::core(settings, store.clone(), Arc::new(SystemClock)).await {
        Ok(core) => look_at_panels(&Fleet::new(core), findings).await,
        Err(error) => findings.bad(&format!("Database: {error:#}.")),
    }
    drop(store.close().await);
}

async fn look_at_panels(fleet: &Fleet, findings: &mut Findings) {
    let views = match fleet.list().await {
        Ok(views) => views,
        Err(error) => return findings.bad(&format!("Panels: {error:#}.")),
    };
    if views.is_empty() {
        findings.bad("Panels: there are none. Add one in chat with /addnode, or with `karvan instance add`.");
    }
    for view in views {
        let id = &view.instance.id;
        match fleet.test(id).await {
            Ok(Ok(found)) => {
                findings.good(&format!("Panel {id}: Marzban {} answers.", found.overview.version));
                for warning in &found.warnings {
                    findings.bad(&format!("Panel {id}: {}", warned(warning)));
                }
            }
            Ok(Err(error)) => findings.bad(&format!("Panel {id}: {}", advice(&error))),
            Err(error) => findings.bad(&format!("Panel {id}: {error:#}.")),
        }
    }
}
