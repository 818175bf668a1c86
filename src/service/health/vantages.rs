//! Vantages inside a country: who may report, what they are to look at, and what follows from what they say.
//!
//! A vantage has a token of its own, which is kept as a hash only: it has 256 random bits, so nobody finds it by trying. What it says is held against what we see ourselves, at
//! the very moment; see [`crate::domain::health::vantage`] for the rule. Nobody is moved: admins are told, with buttons.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures::future::join_all;
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::health::Event;
use crate::domain::health::vantage::{
    self, EVERY, FRESH, Finding, Findings, Sight, Target, Targets, Verdict,
};
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::instance::{Health, Instance};
use crate::domain::{InstanceId, Timestamp, UserId};
use crate::panel::endpoint::Endpoint;
use crate::service::Core;
use crate::service::claim::digest;
use crate::service::incidents::{Incidents, Report};
use crate::store::StoreError;
use crate::store::endpoints::StoredEndpoint;

use super::is_watched;
use super::rounds::Judge;

/// Links are read every few minutes where there are users: what they did not name for so long is no address any more.
const NAMED: TimeDelta = TimeDelta::minutes(30);
/// What a vantage may report at once.
const MOST: usize = 5_000;

/// The name is none: `ir-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoName {
    /// It cannot be one.
    #[error("a vantage's name has 1 to 32 letters a-z, digits or dashes, such as ir-1")]
    Invalid,
    /// It is taken.
    #[error("there is a vantage of that name; forget it first, or take another name")]
    Taken,
}

/// The vantages over `core`.
#[derive(Clone)]
pub struct Vantages {
    core: Core,
}

impl Vantages {
    /// The vantages over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Names a vantage; its token, which nobody can ask for again.
    ///
    /// # Errors
    /// The database.
    pub async fn name(
        &self,
        by: Option<UserId>,
        name: &str,
    ) -> Result<Result<SecretString, NoName>, StoreError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > 32 || !name.bytes().all(plain) {
            return Ok(Err(NoName::Invalid));
        }
        let token = URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
        let now = self.core.clock.now();
        if !self.core.store.add_vantage(name, &digest(&token), now).await? {
            return Ok(Err(NoName::Taken));
        }
        let subject = format!("vantage {name}");
        self.core.store.record(by, "vantage-named", &subject, serde_json::json!({}), now).await?;
        Ok(Ok(token.into()))
    }

    /// Forgets a vantage: its token opens nothing any more. `false`: there is none of that name.
    ///
    /// # Errors
    /// The database.
    pub async fn forget(&self, by: Option<UserId>, name: &str) -> Result<bool, StoreError> {
        let gone = self.core.store.forget_vantage(name).await?;
        if gone {
            let (subject, now) = (format!("vantage {name}"), self.core.clock.now());
            self.core.store.record(by, "vantage-forgotten", &subject, serde_json::json!({}), now).await?;
        }
        Ok(gone)
    }

    /// Whose token this is. Looked up by its hash, so how long that takes tells nothing of a token.
    ///
    /// # Errors
    /// The database.
    pub async fn whose(&self, token: &SecretString) -> Result<Option<String>, StoreError> {
        self.core.store.vantage_by(&digest(token.expose_secret())).await
    }

    /// The addresses to look at: those that answered from here of late, of instances that are looked after.
    ///
    /// # Errors
    /// The database.
    pub async fn targets(&self) -> Result<Targets, StoreError> {
        let now = self.core.clock.now();
        let instances = self.core.store.instances().await?;
        let observable = self.core.policy.care.health.observable_for;
        let ours = |id: &InstanceId| instances.iter().any(|one| one.id == *id && is_watched(one, now));
        let named = self.core.store.endpoints_named_since(now - NAMED).await?;
        let targets = named.into_iter().filter(|(id, row)| {
            ours(id) && row.good_at.is_some_and(|at| now - observable <= at) && endpoint_of(row).is_some()
        });
        let targets = targets.map(|(_, row)| Target { id: row.id, spec: row.spec }).collect();
        Ok(Targets { every_s: EVERY.as_secs(), targets })
    }

    /// Takes down what a vantage found.
    ///
    /// # Errors
    /// The database.
    pub async fn take(&self, vantage: &str, findings: Findings) -> Result<(), StoreError> {
        let mut found: Vec<Finding> = findings.found;
        found.retain(Finding::is_sound);
        found.truncate(MOST);
        self.core.store.vantage_found(vantage, &found, self.core.clock.now()).await
    }

    /// Marks instances that an audience cannot reach, and takes the mark off again.
    ///
    /// # Errors
    /// The database.
    pub async fn look(&self) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let mut by_instance: BTreeMap<InstanceId, Vec<Sight>> = BTreeMap::new();
        for (id, sight) in self.core.store.sights().await? {
            by_instance.entry(id).or_default().push(sight);
        }
        if by_instance.is_empty() {
            return Ok(());
        }
        for instance in self.core.store.instances().await? {
            let Some(sights) = by_instance.get(&instance.id).filter(|_| is_watched(&instance, now)) else {
                continue;
            };
            self.look_at(&instance, sights, now).await?;
        }
        Ok(())
    }

    async fn look_at(&self, instance: &Instance, sights: &[Sight], now: Timestamp) -> Result<(), StoreError> {
        let id = &instance.id;
        let rows = self.core.store.endpoints(id).await?;
        let here: BTreeSet<i64> = rows
            .iter()
            .filter(|row| row.good_at.is_some_and(|at| now - at <= FRESH))
            .map(|row| row.id)
            .collect();
        let Some(health) = self.core.store.health_of(id).await?.map(|report| report.health) else {
            return Ok(());
        };
        match (vantage::judge(sights, &here, now), health) {
            (Verdict::Blocked { vantages, word }, Health::Healthy | Health::Degraded) => {
                // The last act: what they miss is tried from here as they try it.
                let answers = self.answers(rows.iter().filter(|row| here.contains(&row.id))).await;
                if answers {
                    self.block(id, vantages, word).await?;
                }
            }
            (Verdict::Open, Health::Blocked) => self.unblock(id).await?,
            _ => {}
        }
        Ok(())
    }

    /// Whether any of these addresses carries from here what it must carry from there.
    async fn answers(&self, rows: impl Iterator<Item = &StoredEndpoint>) -> bool {
        let Some(probe) = self.core.panels.probe() else { return false };
        let endpoints: Vec<Endpoint> = rows.filter_map(endpoint_of).collect();
        let patience = crate::panel::probe::CARRY;
        let looks = endpoints.iter().map(|endpoint| probe.carry(endpoint, patience));
        join_all(looks).await.into_iter().any(|carried| carried.is_well())
    }

    async fn block(&self, id: &InstanceId, vantages: Vec<String>, problem: String) -> Result<(), StoreError> {
        Judge::new(self.core.clone()).take(id, Event::Blocked(true), None).await?;
        let detail = serde_json::json!({ "vantages": vantages, "problem": problem });
        let now = self.core.clock.now();
        self.core.store.record(None, "instance-blocked", &format!("instance {id}"), detail, now).await?;
        let affected = self.core.store.counters_of(id).await?.map(|counters| counters.active);
        let report = Report {
            kind: Kind::Blocked,
            subject: id.to_string(),
            instance: Some(id.clone()),
            severity: Severity::Warning,
            affected,
            entry: Entry::BlockedFrom { vantages, problem },
        };
        Incidents::new(self.core.clone()).report(&report).await.map(drop)
    }

    /// What an admin confirmed, an admin ends.
    async fn unblock(&self, id: &InstanceId) -> Result<(), StoreError> {
        let incidents = Incidents::new(self.core.clone());
        let open = incidents.open_of(Kind::Blocked, id.as_str()).await?;
        if !open.is_some_and(|open| matches!(open.last(), Some(Entry::BlockedFrom { .. }))) {
            return Ok(());
        }
        Judge::new(self.core.clone()).take(id, Event::Blocked(false), None).await?;
        let now = self.core.clock.now();
        let (subject, detail) = (format!("instance {id}"), serde_json::json!({}));
        self.core.store.record(None, "instance-unblocked", &subject, detail, now).await?;
        incidents.recovered(Kind::Blocked, id.as_str()).await.map(drop)
    }
}

/// What is checked of a row, if a check can tell anything.
fn endpoint_of(row: &StoredEndpoint) -> Option<Endpoint> {
    serde_json::from_value::<Endpoint>(row.spec.clone()).ok().filter(Endpoint::is_checkable)
}
