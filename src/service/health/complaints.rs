//! What people say of instances that look well from here.

use crate::domain::health::complaints::Said;
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::{InstanceId, UserId};
use crate::service::Core;
use crate::service::incidents::{Incidents, Report};
use crate::store::StoreError;
use crate::store::keys::Key;

use super::{is_trouble, is_watched};

/// Somebody says, or shows, that a key does not work.
///
/// # Errors
/// The database.
pub async fn heard(core: &Core, user: UserId, key: &Key, said: Said) -> Result<(), StoreError> {
    let Some(primary) = key.primary() else { return Ok(()) };
    core.store.complain(&primary.instance, user, key.config.id, said, core.clock.now()).await?;
    Ok(())
}

/// Opens an incident for each instance that many more people than usual complain of, and ends those that nobody
/// complains of any more. Nobody is moved.
///
/// # Errors
/// The database.
pub async fn look(core: &Core) -> Result<(), StoreError> {
    let now = core.clock.now();
    let incidents = Incidents::new(core.clone());
    let heard = core.store.complaints(now).await?;
    let health = core.store.health().await?;
    let instances = core.store.instances().await?;
    for (id, heard) in heard.iter().filter(|(_, heard)| heard.is_suspicious()) {
        let looks_well = health.iter().any(|(of, report)| of == id && !is_trouble(report.health));
        let is_ours = instances.iter().any(|instance| instance.id == *id && is_watched(instance, now));
        if looks_well && is_ours {
            incidents.report(&report(id, Entry::PerhapsBlocked { users: heard.users })).await?;
        }
    }
    for open in incidents.open().await?.into_iter().filter(|open| open.kind == Kind::Blocked) {
        let quiet = !heard.iter().any(|(id, _)| id.as_str() == open.subject);
        // What an admin confirmed, an admin ends.
        if quiet && matches!(open.last(), Some(Entry::PerhapsBlocked { .. })) {
            incidents.close(Kind::Blocked, &open.subject, Entry::Over).await?;
        }
    }
    Ok(())
}

fn report(id: &InstanceId, entry: Entry) -> Report {
    Report {
        kind: Kind::Blocked,
        subject: id.to_string(),
        instance: Some(id.clone()),
        severity: Severity::Warning,
        affected: None,
        entry,
    }
}

/// Tells that an admin marked an instance as blocked for some people, or took the mark off.
///
/// # Errors
/// The database.
pub(super) async fn marked(core: &Core, id: &InstanceId, blocked: bool) -> Result<(), StoreError> {
    let incidents = Incidents::new(core.clone());
    if blocked {
        let heard = core.store.complaints(core.clock.now()).await?;
        let users = heard.iter().find(|(of, _)| of == id).map_or(0, |(_, heard)| heard.users);
        incidents.report(&report(id, Entry::Blocked { users })).await?;
    } else {
        incidents.recovered(Kind::Blocked, id.as_str()).await?;
    }
    Ok(())
}
