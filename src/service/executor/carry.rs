//! Bringing changed limits to accounts that exist.

use crate::domain::key::{Assignment, Role};
use crate::domain::operation::{Operation, Outcome};
use crate::panel::{Call, PanelError};
use crate::store::keys::{Carried, Key};

use super::super::pace::Class;
use super::{Executor, Leaving, Stopped, backoff, no_panel_word, still_open};

impl Executor {
    /// Carries the key's limits and wish to each of its accounts. `false`: done, or put off until the panels that
    /// failed are tried again.
    pub(super) async fn carry(&self, operation: &Operation, key: &Key) -> Result<bool, Stopped> {
        let mut silent = false;
        for account in &key.accounts {
            if account.synced_revision < key.config.revision {
                silent |= !self.write(Some(operation), key, account).await?;
            }
        }
        if silent {
            let attempts = operation.attempts;
            self.core
                .store
                .target_write_failed(
                    operation,
                    None,
                    "unreachable",
                    self.now() + backoff(attempts, operation.id.0),
                )
                .await?;
            self.core.store.put_off(operation, self.now() + backoff(attempts, operation.id.0)).await?;
            return Ok(false);
        }
        // Something may have changed while the panels were asked; then there is more to carry.
        let current = self.core.store.key(key.config.id).await?;
        if current.is_some_and(|current| current.config.revision != key.config.revision) {
            return Ok(true);
        }
        self.end(operation, Outcome::Done, &[]).await?;
        Ok(false)
    }

    /// Writes one account, for `operation` or because it was found to be otherwise. `false`: its panel did not take it.
    async fn write(
        &self,
        operation: Option<&Operation>,
        key: &Key,
        account: &Assignment,
    ) -> Result<bool, Stopped> {
        let Some(credentials) = self.core.store.credentials(key.config.id).await? else { return Ok(true) };
        let panel = match self.core.panels.of(&account.instance).await {
            Ok(panel) => panel,
            Err(error) => {
                tracing::warn!(
                    instance.id = account.instance.as_str(),
                    problem = no_panel_word(&error),
                    "no panel"
                );
                return Ok(false);
            }
        };
        let wanted = self.wanted_now(key, account, credentials);
        let turn = self.core.panels.pace().turn(&account.instance, Class::Background).await;
        self.at("authorise account")?;
        let leaving = Leaving::now(self);
        let sent_at = leaving.sent_at;
        let store = &self.core.store;
        if !store.authorise_account_write(account.id, operation, key.config.revision, sent_at).await? {
            return Ok(true);
        }
        self.at("authorised account")?;
        let call = Call::BACKGROUND.send_by(leaving.send_by(self));
        // An account that counts is made again when its panel lost it; one left behind is not worth that.
        let answer = match account.role {
            Role::Primary | Role::Standby => match panel.create(&wanted, call).await {
                // It is the key's by its row, and bears our mark: somebody gave it other secrets there.
                Err(PanelError::Exists { ours: true }) => panel.update(&wanted, call).await,
                answer => answer,
            },
            Role::Lingering => panel.update(&wanted, call).await,
        };
        self.called(&account.instance, turn, &answer);
        self.at("answered account")?;
        match answer {
            Ok(applied) => {
                let open = still_open(account.unsettled, applied.settled, sent_at);
                let carried = Carried { revision: key.config.revision, limit: applied.account.data_limit };
                if store.account_written(account.id, Some(sent_at), Some(carried), open).await? {
                    let (shown, now) = (&applied.account, self.now());
                    let link = shown.subscription_url.as_deref();
                    let (id, name) = (account.id, &account.account);
                    store.saw_account(id, name, shown.used, link, shown.online_at, now).await?;
                }
                Ok(true)
            }
            Err(PanelError::NotFound) if account.role == Role::Lingering => {
                let carried = Carried { revision: key.config.revision, limit: None };
                store.account_written(account.id, Some(sent_at), Some(carried), account.unsettled).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::info!(
                    instance.id = account.instance.as_str(),
                    problem = error.word(),
                    "a panel did not take a change"
                );
                let open = still_open(account.unsettled, error.is_settled(), sent_at);
                store.account_written(account.id, Some(sent_at), None, open).await?;
                self.core.signals.look_at(&account.instance);
                Ok(false)
            }
        }
    }

    /// Looks at an account once what may have landed late has landed, and puts it right. `false`: it could not be
    /// looked at.
    pub(super) async fn verify(&self, account: &Assignment) -> Result<bool, Stopped> {
        let Some(key) = self.core.store.key(account.config).await? else { return Ok(false) };
        if key.operation.is_some() {
            return Ok(false);
        }
        let Some(credentials) = self.core.store.credentials(account.config).await? else { return Ok(false) };
        let Ok(panel) = self.core.panels.of(&account.instance).await else { return Ok(false) };
        let turn = self.core.panels.pace().turn(&account.instance, Class::Background).await;
        let answer = panel.get(&account.account, Call::BACKGROUND).await;
        self.called(&account.instance, turn, &answer);
        let sent_at = account.unsettled.map(|unsettled| unsettled.sent_at);
        match answer {
            Ok(Some(shown)) if shown.is_as(&self.wanted_now(&key, account, credentials)) => {
                self.core.store.account_written(account.id, sent_at, None, None).await?;
            }
            Ok(None) if account.role == Role::Lingering => {
                self.core.store.account_written(account.id, sent_at, None, None).await?;
            }
            Ok(_) => {
                // The unsettled request is over; the write records one of its own.
                let account = Assignment { unsettled: None, ..account.clone() };
                self.write(None, &key, &account).await?;
            }
            Err(error) => {
                tracing::debug!(
                    instance.id = account.instance.as_str(),
                    problem = error.word(),
                    "not verified yet"
                );
                return Ok(false);
            }
        }
        Ok(true)
    }
}
