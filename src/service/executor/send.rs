//! Making the target's account be as wanted, and the switch.

use std::time::Duration;

use crate::domain::Credentials;
use crate::domain::key::{Assignment, Wish};
use crate::domain::operation::{Cause, Kind, Operation, Target};
use crate::domain::quota::{self, Bytes};
use crate::panel::{Applied, Call, PanelError, Wanted};
use crate::store::keys::Key;
use crate::store::operations::Switch;
use crate::store::outbox::NewLetter;

use super::super::links::told;
use super::super::notice::{Lane, Letter, Notice};
use super::super::pace::Class;
use super::{Executor, IN_LINE, Leaving, Stopped, backoff, is_first, no_panel_word, still_open};

/// How long the source is asked for what was used there, before a move.
const READ_SOURCE: Duration = Duration::from_secs(3);
/// When a new key's owner is asked whether it works.
const DID_IT_WORK: Duration = Duration::from_secs(600);

impl Executor {
    /// Sends the target's account, and switches to it. `false`: it waits now, or has ended.
    pub(super) async fn send(&self, operation: &Operation, key: &Key) -> Result<bool, Stopped> {
        let Some(target) = &operation.target else { return Ok(true) };
        if operation.next_at > self.now() {
            self.core.store.put_off(operation, operation.next_at).await?;
            return Ok(false);
        }
        let key = &self.with_fresh_use(operation, key).await?;
        let credentials = match &operation.credentials {
            Some(new) => new.clone(),
            None => self.core.store.credentials_of(key)?,
        };
        let here = target.back_to.and_then(|id| key.accounts.iter().find(|account| account.id == id));
        let wanted = self.wanted(key, target, credentials, here.map_or(0, |account| account.used));
        let before = target.unsettled.or_else(|| here.and_then(|account| account.unsettled));
        let panel = match self.core.panels.of(&target.instance).await {
            Ok(panel) => panel,
            Err(error) => return self.failed(operation, before, no_panel_word(&error)).await,
        };
        let turn = self.core.panels.pace().turn(&target.instance, Class::of(operation.person_waits));
        let Ok(turn) = tokio::time::timeout(IN_LINE, turn).await else {
            self.core.store.put_off(operation, self.now()).await?;
            return Ok(false);
        };
        self.at("authorise")?;
        let leaving = Leaving::now(self);
        let sent_at = leaving.sent_at;
        if !self.core.store.authorise_target_write(operation, key.config.revision, sent_at).await? {
            if self.core.store.is_held(operation).await? {
                // Panic or a pause: the row waits, and nothing claims it before that is over.
                self.core.store.put_off(operation, sent_at).await?;
                return Ok(false);
            }
            // The key changed meanwhile: look again, unless the claim is lost.
            return Ok(true);
        }
        self.at("authorised")?;
        let call = if operation.person_waits { Call::FOREGROUND } else { Call::BACKGROUND };
        let call = call.send_by(leaving.send_by(self));
        let answer = match target.back_to {
            Some(_) => panel.update(&wanted, call).await,
            None => panel.create(&wanted, call).await,
        };
        self.called(&target.instance, turn, &answer);
        self.at("answered")?;
        match answer {
            Ok(applied) => {
                let open = still_open(before, applied.settled, sent_at);
                self.switch_to(operation, key, &applied, open).await
            }
            Err(PanelError::Exists { ours: false }) => {
                // Somebody else's account has that name: it is not ours to touch, and another name is free.
                tracing::warn!(
                    instance.id = target.instance.as_str(),
                    "an account name is taken, another is used"
                );
                let installation = self.core.installation.clone();
                let config = operation.config;
                let name =
                    move |generation| crate::domain::AccountName::new(&installation, config, generation);
                self.core.store.rename_target(operation, name, self.now()).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::info!(
                    instance.id = target.instance.as_str(),
                    problem = error.word(),
                    "a panel did not take an account"
                );
                let open = still_open(before, error.is_settled(), sent_at);
                self.core.signals.look_at(&target.instance);
                self.failed(operation, open, error.word()).await
            }
        }
    }

    async fn switch_to(
        &self,
        operation: &Operation,
        key: &Key,
        applied: &Applied,
        unsettled: Option<crate::domain::key::Unsettled>,
    ) -> Result<bool, Stopped> {
        let mut operation = operation.clone();
        operation.revision = key.config.revision;
        let switch = Switch {
            operation: &operation,
            used: applied.account.used,
            limit: applied.account.data_limit,
            link: applied.account.subscription_url.as_deref(),
            links: if self.core.links.are_ours() { &applied.account.links } else { &[] },
            unsettled,
            linger_until: self.now() + self.core.policy.linger,
            letters: self.switch_letters(&operation, key),
        };
        self.at("switch")?;
        let switched = self.core.store.switch(&switch, self.now()).await?;
        self.at("switched")?;
        if switched {
            self.settled(operation.id);
            if let Some(target) = &operation.target {
                self.judge.first_links(&target.instance, &applied.account.links).await?;
            }
        }
        // Not switched: the wish or the limits changed while the account was made; look again.
        Ok(!switched)
    }

    /// Counts a failure. A person who waits gets another target at once.
    async fn failed(
        &self,
        operation: &Operation,
        unsettled: Option<crate::domain::key::Unsettled>,
        problem: &str,
    ) -> Result<bool, Stopped> {
        let wait =
            if operation.person_waits { Duration::ZERO } else { backoff(operation.attempts, operation.id.0) };
        let next_at = self.now() + wait;
        self.core.store.target_write_failed(operation, unsettled, problem, next_at).await?;
        self.at("failed")?;
        Ok(true)
    }

    /// An account of the key as it shall be on the target's panel.
    fn wanted(&self, key: &Key, target: &Target, credentials: Credentials, used_here: Bytes) -> Wanted {
        Wanted {
            name: target.account.clone(),
            credentials,
            enabled: key.config.wish == Wish::Active,
            expires_at: key.config.expires_at,
            data_limit: quota::account_limit(key.config.data_limit, key.used_total(), used_here),
            note: self.note(key, &target.instance),
        }
    }

    /// An account that exists, as it shall be now.
    pub(super) fn wanted_now(&self, key: &Key, account: &Assignment, credentials: Credentials) -> Wanted {
        Wanted {
            name: account.account.clone(),
            credentials,
            enabled: key.config.wish == Wish::Active,
            expires_at: key.config.expires_at,
            data_limit: quota::account_limit(key.config.data_limit, key.used_total(), account.used),
            note: self.note(key, &account.instance),
        }
    }

    /// Our mark, and for the operator's eye whose it is.
    fn note(&self, key: &Key, instance: &crate::domain::InstanceId) -> String {
        format!("{} tg:{}", self.core.installation.mark(instance), key.config.owner)
    }

    /// Before an account leaves its panel: what was used there, read now if the panel answers, else as last read.
    async fn with_fresh_use(&self, operation: &Operation, key: &Key) -> Result<Key, Stopped> {
        let mut key = key.clone();
        if operation.kind == Kind::Issue || operation.attempts > 0 {
            return Ok(key);
        }
        let Some(primary) = key.accounts.iter_mut().find(|a| a.role == crate::domain::key::Role::Primary)
        else {
            return Ok(key);
        };
        if !self.core.placer.serves(&primary.instance) {
            return Ok(key);
        }
        let Ok(panel) = self.core.panels.of(&primary.instance).await else { return Ok(key) };
        let turn = self.core.panels.pace().turn(&primary.instance, Class::of(operation.person_waits)).await;
        let call = Call { timeout: READ_SOURCE, send_by: None };
        let answer = panel.get(&primary.account, call).await;
        self.called(&primary.instance, turn, &answer);
        if let Ok(Some(account)) = answer {
            primary.used = account.used;
            let (id, name) = (primary.id, primary.account.clone());
            let (used, online_at) = (account.used, account.online_at);
            self.core.store.saw_account(id, &name, used, None, online_at, self.now()).await?;
        }
        Ok(key)
    }

    /// What people are told of a switch.
    pub(super) fn switch_letters(&self, operation: &Operation, key: &Key) -> Vec<NewLetter> {
        let config = key.config.id;
        let mut letters = self.batch_letters(operation);
        let asked = operation.cause == Cause::Owner;
        let lane = if asked || operation.person_waits { Lane::Reply } else { Lane::Notice };
        // An admin's gift arrives in the owner's chat, where no screen waits for it.
        let screen = operation.screen.filter(|_| operation.asked_by == Some(key.config.owner));
        let notice = match operation.kind {
            Kind::Issue => Some(Notice::KeyReady { config }),
            Kind::Rotate => Some(Notice::KeyReset { config }),
            // A link of ours goes on by itself: nobody is told who did not ask.
            Kind::Move | Kind::Sync | Kind::Revoke if self.core.links.are_ours() && !asked => None,
            Kind::Move | Kind::Sync | Kind::Revoke => Some(Notice::KeyMoved { config, asked }),
        };
        match notice {
            Some(notice) => letters.push(self.to_owner(key, lane, screen, notice)),
            None if operation.cause == Cause::Failover => {
                let now = self.now();
                let word = Letter {
                    chat: key.config.owner.0,
                    lane: Lane::Notice,
                    slot: Some(format!("update-app:{config}")),
                    notice: Notice::UpdateApp { config, since: now },
                    screen: None,
                };
                letters.push(word.stored(now + told::PATIENCE));
            }
            None => {}
        }
        if is_first(operation) {
            let ask = Letter {
                chat: key.config.owner.0,
                lane: Lane::Notice,
                slot: Some(format!("did-it-work:{config}")),
                notice: Notice::DidItWork { config },
                screen: None,
            };
            letters.push(ask.stored(self.now() + DID_IT_WORK));
        }
        letters
    }
}
