//! What is wrong with the panels, and with what users connect to.

use std::time::Duration;

use crate::domain::{Clock, InstanceId, SystemClock};
use crate::panel::endpoint::Endpoint;
use crate::panel::outside;
use crate::service::Core;
use crate::service::fleet::{Fleet, InstanceView};
use crate::service::reconcile::Reconciler;

use super::super::instance::{advice, warned};
use super::{Findings, network};

/// An endpoint that answers later than this does not.
const PATIENCE: Duration = Duration::from_secs(5);
/// Accounts that are named.
const NAMED: usize = 3;
/// Telling the time takes no longer.
const DATE: Duration = Duration::from_secs(5);

/// Looks at every panel.
pub(super) async fn look(core: &Core, findings: &mut Findings) -> anyhow::Result<()> {
    let fleet = Fleet::new(core.clone());
    let views = fleet.list().await?;
    if views.is_empty() {
        findings.bad("Panels: there are none. Add one in chat with /addnode, or with `karvan instance add`.");
    }
    for view in &views {
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
                shared(view, found.overview.users_active, findings);
                twice(core, id, findings).await;
            }
            Err(error) => findings.bad(&format!("Panel {id}: {}", advice(&error))),
        }
        clock(view, findings).await;
        endpoints(core, id, findings).await?;
    }
    Ok(())
}

/// Others use the panel as well: its cap must leave room for them.
fn shared(view: &InstanceView, active: u32, findings: &mut Findings) {
    let (id, ours) = (&view.instance.id, view.counters.active + view.counters.lingering);
    let others = active.saturating_sub(ours);
    if others == 0 {
        return;
    }
    if active >= view.instance.max_users {
        findings.bad(&format!(
            "Panel {id}: full, and {others} of its {active} active users are not ours. Raise its cap ({}) if it bears \
             more, or adopt them with `karvan adopt {id}`.",
            view.instance.max_users
        ));
    } else {
        findings.note(&format!(
            "Panel {id}: shared, {others} of its {active} active users are not ours. They count against its cap; \
             `karvan adopt {id}` says whose they are."
        ));
    }
}

/// Accounts that bear the mark of another Karvan.
async fn twice(core: &Core, id: &InstanceId, findings: &mut Findings) {
    let pass = match Reconciler::new(core.clone()).preview(id).await {
        Ok(pass) => pass,
        Err(error) => {
            let error = super::told(&error.into());
            return findings.bad(&format!("Panel {id}: its accounts cannot be compared: {error}."));
        }
    };
    let names = |names: &[crate::domain::AccountName]| {
        let shown: Vec<&str> = names.iter().take(NAMED).map(crate::domain::AccountName::as_str).collect();
        shown.join(", ")
    };
    if !pass.found.another.is_empty() {
        findings.bad(&format!(
            "Panel {id}: managed twice; {} accounts bear the mark of another Karvan, or of another entry of this one \
             ({}). Take the panel out of one of them.",
            pass.found.another.len(),
            names(&pass.found.another)
        ));
    }
    if !pass.found.unknown.is_empty() {
        findings.bad(&format!(
            "Panel {id}: {} accounts of ours are newer than this database ({}). Was a backup restored? See \
             `karvan reconcile`.",
            pass.found.unknown.len(),
            names(&pass.found.unknown)
        ));
    }
    if pass.found.is_clean() {
        findings.good(&format!("Panel {id}: all {} accounts are as they shall be.", pass.found.expected));
    } else if !pass.plan.changes_nothing() {
        findings.note(&format!("Panel {id}: it differs from the database; see `karvan reconcile`."));
    }
}

/// What time it is there.
async fn clock(view: &InstanceView, findings: &mut Findings) {
    let instance = &view.instance;
    // Behind a proxy or a gate of headers the panel's own driver knows the way, and nobody else.
    if instance.connection.proxy.is_some() {
        return;
    }
    if let Ok(seen) = outside::look(instance.base_url.as_str(), None, DATE).await
        && let Some(skew) = network::skew(&seen, SystemClock.now())
    {
        findings.bad(&format!(
            "Panel {}: its clock differs from ours by {skew} s. Let NTP set both: keys would end at the wrong time.",
            instance.id
        ));
    }
}

/// What users connect to, as the last links named it.
async fn endpoints(core: &Core, id: &InstanceId, findings: &mut Findings) -> anyhow::Result<()> {
    let stored = core.store.endpoints(id).await?;
    let Some(probe) = core.panels.probe() else { return Ok(()) };
    if stored.is_empty() {
        findings
            .note(&format!("Panel {id}: where users connect is not known yet; the first key there tells."));
    }
    let (mut well, mut blind) = (0, 0);
    for one in &stored {
        let Ok(endpoint) = serde_json::from_value::<Endpoint>(one.spec.clone()) else { continue };
        let reached = probe.endpoint(&endpoint, PATIENCE).await;
        if reached.is_yes() {
            well += 1;
        } else if reached.is_failure() {
            findings.bad(&format!(
                "Panel {id}: users cannot connect to {} ({}). Check the node, its firewall and the host settings of \
                 the panel.",
                one.address,
                reached.word()
            ));
        } else {
            blind += 1;
        }
    }
    if well > 0 {
        findings.good(&format!("Panel {id}: {well} of {} addresses of users' links answer.", stored.len()));
    }
    if blind > 0 {
        findings.note(&format!("Panel {id}: {blind} addresses of users' links cannot be judged from here."));
    }
    Ok(())
}
