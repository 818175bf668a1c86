//! Reading a panel and the database so that neither is judged by what the other was a moment ago.
//!
//! The panel is read first: what the database accounts for afterwards was recorded before it was sent, so an account
//! seen before it was made is none that nothing accounts for. What changed in the database since the reading began is in
//! motion and not judged, and what is missing is asked for once more by its name, because pages shift while accounts come
//! and go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::domain::reconcile::Limits;
use crate::domain::reconcile::{Findings, Look, Mark, Ours, Plan, Shown};
use crate::domain::{AccountName, ConfigId, InstanceId};
use crate::panel::{Account, AccountStatus, Call, Panel, PanelError};
use crate::store::reconcile::{OurAccount, Sighting};

use super::super::pace::Class;
use super::super::panels::NoPanel;
use super::{ReconcileError, Reconciler};

/// Accounts on a page: the most that panels give.
const PAGE: u32 = 100;
/// For each moment that a panel works for us in the background it has nineteen for others: a duty of 5 %.
const REST: u32 = 19;
/// No rest takes longer.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How fast a panel is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it bears: a person waits.
    Waited,
    /// Within a twentieth of its time.
    Background,
}

/// What was gathered, with what a later count needs.
pub(super) struct Gathered {
    pub(super) look: Look,
    /// How many accounts the panel's search counts that do not bear our prefix.
    noise: i64,
}

impl Gathered {
    /// By how much the panel's count may differ from ours: what stays there and is none of ours, less what stays missing.
    pub(super) fn explained(&self, found: &Findings, plan: &Plan) -> i64 {
        let ours: BTreeSet<&AccountName> = self.look.ours.iter().map(|ours| &ours.account).collect();
        let others = found.another.iter().filter(|name| !ours.contains(name)).count();
        let count = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
        self.noise + count(others + found.unknown.len() + found.unmarked.len())
            - count(plan.ask_missing.len())
    }
}

impl Reconciler {
    /// Reads an instance's panel and what the database says about it.
    pub(super) async fn gather(&self, id: &InstanceId, pace: Pace) -> Result<Gathered, ReconcileError> {
        let core = &self.core;
        let panel = core.panels.of(id).await.map_err(|error| match error {
            NoPanel::NotFound(id) => ReconcileError::NotFound(id),
            NoPanel::Settings(_, error) => ReconcileError::Panel(error),
            NoPanel::Store(error) => ReconcileError::Store(error),
        })?;
        let began = core.clock.now();
        let prefix = core.installation.prefix();
        let (mut shown, total) = self.read_all(id, &*panel, &prefix, pace).await?;
        let noise = i64::from(total) - i64::try_from(shown.len()).unwrap_or(i64::MAX);
        let ours = core.store.our_accounts(id, began).await?;
        self.ask_for_the_rest(id, &*panel, &ours, &mut shown, pace).await?;
        let named = shown.keys().filter_map(|name| name.parts(&core.installation));
        let configs: BTreeSet<ConfigId> = named.map(|(config, _)| config).collect();
        let generations = core.store.generations(&configs.into_iter().collect::<Vec<_>>()).await?;
        let credentials: BTreeMap<&AccountName, &OurAccount> =
            ours.iter().map(|ours| (&ours.account.account, ours)).collect();
        let shown = shown.into_values().map(|account| {
            let given_to = account.name.parts(&core.installation).and_then(|(config, generation)| {
                generations.get(&config).is_some_and(|last| generation <= *last).then_some(config)
            });
            let of = credentials.get(&account.name);
            Shown {
                mark: Mark::read(account.note.as_deref(), &core.installation, id),
                limits: limits_of(&account),
                right_secrets: of.is_none_or(|ours| account.credentials.are(&ours.credentials)),
                given_to,
                account: account.name,
            }
        });
        let look = Look {
            shown: shown.collect(),
            ours: ours.iter().map(expected).collect(),
            accounted: core.store.accounted_on(id).await?,
            strays_since: core.store.sightings(id, Sighting::Stray).await?,
            at: core.clock.now(),
        };
        Ok(Gathered { look, noise })
    }

    /// All accounts under our prefix, and how many the panel says that it found.
    async fn read_all(
        &self,
        id: &InstanceId,
        panel: &dyn Panel,
        prefix: &str,
        pace: Pace,
    ) -> Result<(BTreeMap<AccountName, Account>, u32), PanelError> {
        let mut shown = BTreeMap::new();
        let mut offset = 0;
        loop {
            let page = self.call(id, pace, panel.list(prefix, offset, PAGE)).await?;
            shown.extend(page.accounts.into_iter().map(|account| (account.name.clone(), account)));
            offset += PAGE;
            if offset >= page.total {
                return Ok((shown, page.total));
            }
        }
    }

    /// Asks by name for accounts that shall be there and were not seen: adopted ones have names of their own, and pages
    /// shift. So many are enough that people must be asked about the rest anyway.
    async fn ask_for_the_rest(
        &self,
        id: &InstanceId,
        panel: &dyn Panel,
        ours: &[OurAccount],
        shown: &mut BTreeMap<AccountName, Account>,
        pace: Pace,
    ) -> Result<(), PanelError> {
        let judged = || ours.iter().filter(|ours| !ours.in_motion);
        let enough = self.brakes.creates(judged().count());
        let prefix = self.core.installation.prefix();
        let mut missing = 0;
        for account in judged().map(|ours| &ours.account) {
            let adopted = !account.account.as_str().starts_with(&prefix);
            if shown.contains_key(&account.account) || (missing > enough && !adopted) {
                continue;
            }
            match self.call(id, pace, panel.get(&account.account, Call::BACKGROUND)).await? {
                Some(found) => drop(shown.insert(found.name.clone(), found)),
                None => missing += 1,
            }
        }
        Ok(())
    }

    /// One call to a panel in its turn, and a rest after it.
    pub(super) async fn call<T>(
        &self,
        id: &InstanceId,
        pace: Pace,
        call: impl Future<Output = Result<T, PanelError>>,
    ) -> Result<T, PanelError> {
        let turn = self.core.panels.pace().turn(id, Class::Background).await;
        let began = Instant::now();
        let answer = call.await;
        turn.done(&answer);
        if pace == Pace::Background {
            tokio::time::sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
        }
        answer
    }
}

/// An account that shall be there, as it is judged.
fn expected(ours: &OurAccount) -> Ours {
    Ours {
        assignment: ours.account.id,
        config: ours.config.id,
        account: ours.account.account.clone(),
        role: ours.account.role,
        authority: ours.config.authority,
        wanted: ours.wanted(),
        written: ours.limit_written,
        used_elsewhere: ours.used_elsewhere,
        synced: ours.account.synced_revision >= ours.config.revision,
        in_motion: ours.in_motion,
    }
}

/// What an account allows, as its panel shows it.
fn limits_of(account: &Account) -> Limits {
    Limits {
        enabled: account.status != AccountStatus::Disabled,
        expires_at: account.expires_at,
        data_limit: account.data_limit,
    }
}
