//! Addresses in users' links that died although the panel lives: a relay, a firewall, an inbound.
//!
//! Such an address may serve several instances, and is one incident. Nobody is moved: from here it cannot be told whether
//! users reach it another way, and what stands behind it lives.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::instance::Health;
use crate::domain::{InstanceId, Timestamp};
use crate::panel::endpoint::Endpoint;
use crate::service::Core;
use crate::service::incidents::{Incidents, Report};
use crate::store::StoreError;
use crate::store::endpoints::StoredEndpoint;
use crate::store::flags::PANIC;

use super::is_watched;

/// It is told after this long without an answer.
const LASTS: TimeDelta = TimeDelta::minutes(3);
/// Links are read every few minutes where there are users: what they did not name for so long is no address any more.
const NAMED: TimeDelta = TimeDelta::minutes(30);

/// What is known of a `host:port`.
#[derive(Default)]
struct Place {
    answers: bool,
    dead: BTreeSet<InstanceId>,
}

/// Looks at all addresses, opens incidents and ends them.
///
/// # Errors
/// The database.
pub async fn look(core: &Core) -> Result<(), StoreError> {
    let (store, now) = (&core.store, core.clock.now());
    if store.is_raised(PANIC).await? {
        return Ok(());
    }
    let observable = core.policy.care.health.observable_for;
    let instances = store.instances().await?;
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for (id, row) in store.endpoints_named_since(now - NAMED).await? {
        let is_ours = instances.iter().any(|instance| instance.id == id && is_watched(instance, now));
        let endpoint = serde_json::from_value::<Endpoint>(row.spec.clone()).ok();
        let Some(endpoint) = endpoint.filter(|one| is_ours && one.is_checkable()) else { continue };
        let place = places.entry(endpoint.authority()).or_default();
        let is_known = row.good_at.is_some_and(|at| now - observable <= at);
        if is_known && is_dead(&row, now) {
            place.dead.insert(id);
        } else if is_known {
            place.answers = true;
        }
    }
    let health = store.health().await?;
    let lives = |id: &InstanceId| {
        let found = health.iter().find(|(of, _)| of == id);
        found.is_some_and(|(_, report)| {
            matches!(report.health, Health::Healthy | Health::Degraded | Health::Blocked)
        })
    };
    let counters = store.counters().await?;
    let incidents = Incidents::new(core.clone());
    for (address, place) in &places {
        // With all its panels dead, it is their outage.
        if place.answers || !place.dead.iter().any(lives) {
            continue;
        }
        let affected = counters.iter().filter(|(id, _)| place.dead.contains(id));
        let report = Report {
            kind: Kind::Endpoint,
            subject: address.clone(),
            instance: place.dead.first().filter(|_| place.dead.len() == 1).cloned(),
            severity: Severity::Critical,
            affected: Some(affected.map(|(_, counters)| counters.active).sum()),
            entry: Entry::EndpointSilent {
                address: address.clone(),
                panels: place.dead.iter().cloned().collect(),
            },
        };
        incidents.report(&report).await?;
    }
    for open in incidents.open().await?.into_iter().filter(|open| open.kind == Kind::Endpoint) {
        let entry = match places.get(&open.subject) {
            Some(place) if !place.answers => continue,
            Some(_) => Entry::EndpointBack { address: open.subject.clone() },
            None => Entry::Over,
        };
        incidents.close(Kind::Endpoint, &open.subject, entry).await?;
    }
    Ok(())
}

/// Whether every look of the last minutes failed there.
fn is_dead(row: &StoredEndpoint, now: Timestamp) -> bool {
    let fresh = row.checked_at.is_some_and(|at| now - LASTS <= at);
    fresh && row.problem.is_some() && row.good_at.is_none_or(|at| at + LASTS <= now)
}
