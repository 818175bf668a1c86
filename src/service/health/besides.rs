//! What detailed checks find besides life and death: exits that do not serve, certificates that end, traffic.

use crate::domain::health::certificate::{days_left, nearness};
use crate::domain::health::traffic::{Passed, WEEK};
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::instance::{Instance, Node, NodeStatus};
use crate::domain::quota::Bytes;
use crate::domain::{InstanceId, Timestamp};
use crate::service::Core;
use crate::service::incidents::{Incidents, Report};
use crate::store::StoreError;
use crate::store::health::StoredNode;

use super::{is_trouble, is_watched};

/// The subject of an exit's incident.
fn subject(id: &InstanceId, node: &str) -> String {
    format!("{id}/{node}")
}

/// Takes in the worker servers that a check saw; `before` is what the last one saw.
///
/// # Errors
/// The database.
pub(crate) async fn nodes(
    core: &Core,
    instance: &Instance,
    before: &[StoredNode],
    seen: &[Node],
) -> Result<(), StoreError> {
    let now = core.clock.now();
    let id = &instance.id;
    let mut ended = None;
    if let Some(kept) = core.panels.looks().lock().instances.get_mut(id) {
        kept.meters.retain(|name, _| seen.iter().any(|node| node.name == *name));
        let mut grown = 0;
        for node in seen {
            if let Some(total) = node.traffic {
                grown += kept.meters.entry(node.name.clone()).or_default().read(total, now);
            }
        }
        ended = kept.hour.add(grown, now);
    }
    if let Some((hour, bytes)) = ended {
        hour_ended(core, instance, hour, bytes).await?;
    }
    // The panel's own core is the instance itself; in maintenance nothing is told.
    if !is_watched(instance, now) {
        return Ok(());
    }
    let incidents = Incidents::new(core.clone());
    let was_down = |name: &str| before.iter().any(|node| node.name == name && node.status.is_down());
    for node in seen.iter().filter(|node| node.remote_id.is_some()) {
        let subject = subject(id, &node.name);
        match node.status {
            // Once may be a restart of that server: it is told when the next check finds the same.
            NodeStatus::Error if was_down(&node.name) => {
                let message = node.message.clone().unwrap_or_default();
                let entry = Entry::NodeError { node: node.name.clone(), message };
                let report = Report {
                    kind: Kind::Node,
                    subject,
                    instance: Some(id.clone()),
                    severity: Severity::Warning,
                    affected: None,
                    entry,
                };
                incidents.report(&report).await?;
            }
            NodeStatus::Connected if was_down(&node.name) => {
                incidents.close(Kind::Node, &subject, Entry::NodeBack { node: node.name.clone() }).await?;
            }
            NodeStatus::Disabled if was_down(&node.name) => {
                incidents.close(Kind::Node, &subject, Entry::Over).await?;
            }
            NodeStatus::Connected | NodeStatus::Connecting | NodeStatus::Error | NodeStatus::Disabled => {}
        }
    }
    let gone = before.iter().filter(|node| node.remote_id.is_some() && node.status.is_down());
    for node in gone.filter(|node| !seen.iter().any(|seen| seen.name == node.name)) {
        incidents.close(Kind::Node, &subject(id, &node.name), Entry::Over).await?;
    }
    Ok(())
}

/// Takes down what passed in an hour. Much less than a week before is told to the admins, until an hour is as usual again.
async fn hour_ended(
    core: &Core,
    instance: &Instance,
    hour: Timestamp,
    bytes: Bytes,
) -> Result<(), StoreError> {
    let (id, store, now) = (&instance.id, &core.store, core.clock.now());
    let users = store.counters_of(id).await?.map_or(0, |counters| counters.active);
    let passed = Passed { bytes, users };
    store.add_traffic(id, hour, passed).await?;
    let before = store.traffic(id, hour - WEEK).await?;
    let fell_to = before.and_then(|before| passed.fell_to(before));
    let incidents = Incidents::new(core.clone());
    match fell_to {
        Some(percent) => {
            let looks_well = store.health_of(id).await?.is_some_and(|report| !is_trouble(report.health));
            if looks_well && is_watched(instance, now) {
                let report = Report {
                    kind: Kind::Blocked,
                    subject: id.to_string(),
                    instance: Some(id.clone()),
                    severity: Severity::Warning,
                    affected: None,
                    entry: Entry::TrafficFell { percent },
                };
                incidents.report(&report).await?;
            }
        }
        None => {
            let open = incidents.open_of(Kind::Blocked, id.as_str()).await?;
            // What people say, or an admin confirmed, is not ended by traffic.
            if open.is_some_and(|open| matches!(open.last(), Some(Entry::TrafficFell { .. }))) {
                incidents.close(Kind::Blocked, id.as_str(), Entry::Over).await?;
            }
        }
    }
    Ok(())
}

/// Takes in when the panel's certificate ends, beside those of the addresses in users' links: the first of them counts.
/// Admins are told when its end comes nearer, each time in a new message.
///
/// # Errors
/// The database.
pub(crate) async fn certificate(
    core: &Core,
    instance: &Instance,
    panel: Option<Timestamp>,
) -> Result<(), StoreError> {
    let (id, now) = (&instance.id, core.clock.now());
    // A certificate that was pinned counts whatever its dates say.
    let panel = panel.filter(|_| instance.connection.fingerprint.is_none());
    let (ends_at, known, near_before) = {
        let mut seens = core.panels.looks().lock();
        let Some(kept) = seens.instances.get_mut(id) else { return Ok(()) };
        let ends_at = [panel, kept.links_certificate].into_iter().flatten().min();
        let known = kept.facts.certificate_ends_at;
        kept.facts.certificate_ends_at = ends_at;
        (ends_at, known, kept.certificate_near)
    };
    if ends_at != known {
        core.store.saw_certificate(id, ends_at).await?;
    }
    let days = ends_at.map(|ends_at| days_left(ends_at, now));
    let near = days.map_or(0, nearness);
    if near_before == Some(near) || !is_watched(instance, now) {
        return Ok(());
    }
    let incidents = Incidents::new(core.clone());
    let open = incidents.open_of(Kind::Certificate, id.as_str()).await?;
    let told = open.as_ref().and_then(|open| match open.last() {
        Some(Entry::CertificateEnds { days }) => Some(nearness(*days)),
        _ => None,
    });
    match days.filter(|_| near > 0) {
        Some(days) if told.is_none_or(|told| told < near) => {
            if let Some(open) = &open {
                core.store.forget_incident_messages(open.id).await?;
            }
            let severity = if days < 0 { Severity::Critical } else { Severity::Warning };
            let report = Report {
                kind: Kind::Certificate,
                subject: id.to_string(),
                instance: Some(id.clone()),
                severity,
                affected: None,
                entry: Entry::CertificateEnds { days },
            };
            incidents.report(&report).await?;
        }
        Some(_) => {}
        None => {
            incidents.close(Kind::Certificate, id.as_str(), Entry::CertificateRenewed).await?;
        }
    }
    if let Some(kept) = core.panels.looks().lock().instances.get_mut(id) {
        kept.certificate_near = Some(near);
    }
    Ok(())
}
