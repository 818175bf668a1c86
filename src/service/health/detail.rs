//! Everything that is known of one instance's health, and what comes next.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Facts;
use crate::domain::health::Tally;
use crate::domain::health::vantage::{Outlook, outlooks};
use crate::domain::instance::{AdminState, FailoverMode, Health, Mode};
use crate::domain::{InstanceId, Timestamp};
use crate::service::Core;
use crate::service::fleet::{Fleet, FleetError, InstanceView};
use crate::store::StoreError;
use crate::store::batches::BatchState;
use crate::store::endpoints::StoredEndpoint;
use crate::store::flags::{EVACUATIONS_PAUSED, PANIC};

/// Uptime is told for so many days.
pub const SPANS: [i64; 3] = [1, 7, 30];

/// Everything that is known of one instance's health.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The instance, its counts, its state and its exits.
    pub view: InstanceView,
    /// What this process saw last; `None`: it never looked.
    pub facts: Option<Facts>,
    /// Where users connect, and what was found there.
    pub endpoints: Vec<StoredEndpoint>,
    /// How it looks from each vantage inside a country that reported of late.
    pub outlooks: Vec<Outlook>,
    /// What checks found over each of [`SPANS`].
    pub history: [Tally; 3],
    /// How many different people complained within a day.
    pub complaints: u32,
    /// What comes next.
    pub next: Next,
}

/// What comes next, and when.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// It is looked at again then.
    Check(Option<Timestamp>),
    /// It takes keys after its first good checks.
    FirstCheck,
    /// No alarm until then, or until an admin opens it.
    Maintenance(Option<Timestamp>),
    /// The doubt is confirmed, or is over, within seconds.
    Confirming,
    /// It is judged again at each check; called down when both planes stay dead.
    Watched,
    /// Its keys stay: they may work.
    Stay,
    /// Everybody leaves then.
    LeaveAt(Timestamp),
    /// Everybody leaves now; so many keys are still there.
    Leaving(u32),
    /// An admin paused the moves; so many keys are still there.
    Paused(u32),
    /// So much is bad at once that nobody is moved.
    Brake,
    /// Admins were asked whether everybody shall leave.
    Ask,
    /// `FAILOVER=off`, or it is only watched: nobody leaves by themselves.
    Off,
    /// Nobody of ours is there.
    Empty,
    /// Somebody must put the settings right.
    Settings,
    /// New keys go elsewhere until the mark is taken off.
    Blocked,
    /// It takes no keys until then.
    Quarantine(Timestamp),
    /// It fills up again, so far already, in percent.
    Ramp(u32),
}

/// What stands in the way of an instance's evacuation.
struct Brakes {
    panic: bool,
    paused: bool,
    leaving: bool,
}

/// Gathers what is known of an instance.
///
/// # Errors
/// `NotFound`, the database.
pub async fn detail(core: &Core, id: &InstanceId) -> Result<Detail, FleetError> {
    let now = core.clock.now();
    let store = &core.store;
    let view = Fleet::new(core.clone()).view(id).await?;
    let facts = core.panels.looks().facts(id, &core.policy.care.health, now);
    let mut history = [Tally::default(); 3];
    for (tally, days) in history.iter_mut().zip(SPANS) {
        let stored = store.uptime(id, now - TimeDelta::days(days)).await?;
        *tally = stored.and(core.panels.looks().unstored(id));
    }
    let complaints = store.complaints_since(now - TimeDelta::days(1)).await?;
    let evacuations = store.evacuations().await?;
    let of_this = evacuations.iter().find(|evacuation| evacuation.source == *id);
    let paused = store.is_raised(EVACUATIONS_PAUSED).await?;
    let brakes = Brakes {
        panic: store.is_raised(PANIC).await?,
        paused: paused || of_this.is_some_and(|evacuation| evacuation.state == BatchState::Paused),
        leaving: of_this.is_some(),
    };
    let next = next(core, &view, facts.as_ref(), &brakes, now);
    Ok(Detail {
        facts,
        endpoints: store.endpoints(id).await?,
        outlooks: outlooks(&store.sights_of(id).await?, now),
        history,
        complaints: complaints.iter().find(|(of, _)| of == id).map_or(0, |(_, people)| *people),
        next,
        view,
    })
}

/// What checks found in the last day, by instance; also what is not stored yet.
///
/// # Errors
/// The database.
pub async fn uptimes(core: &Core) -> Result<BTreeMap<InstanceId, Tally>, StoreError> {
    let from = core.clock.now() - TimeDelta::days(1);
    let mut all: BTreeMap<_, _> = core.store.uptimes(from).await?.into_iter().collect();
    for instance in core.store.instances().await? {
        let fresh = core.panels.looks().unstored(&instance.id);
        let sum = all.entry(instance.id).or_default();
        *sum = sum.and(fresh);
    }
    Ok(all)
}

fn next(core: &Core, view: &InstanceView, facts: Option<&Facts>, brakes: &Brakes, now: Timestamp) -> Next {
    let active = view.counters.active;
    if brakes.leaving {
        return if brakes.paused { Next::Paused(active) } else { Next::Leaving(active) };
    }
    if let AdminState::Maintenance { until } = view.instance.admin_state
        && until.is_none_or(|until| until > now)
    {
        return Next::Maintenance(until);
    }
    match view.health.health {
        Health::Unknown => Next::FirstCheck,
        Health::Healthy | Health::Degraded => Next::Check(facts.and_then(|facts| facts.next_check)),
        Health::Suspect => Next::Confirming,
        Health::Unreachable => Next::Watched,
        Health::ControlDown => Next::Stay,
        Health::Misconfigured => Next::Settings,
        Health::Blocked => Next::Blocked,
        Health::Recovering => match facts {
            Some(Facts { quarantined_until: Some(until), .. }) if *until > now => Next::Quarantine(*until),
            Some(facts) => Next::Ramp(percent(facts.ramp)),
            None => Next::Ramp(0),
        },
        Health::Down => {
            let care = &core.policy.care;
            let mode = view.instance.care.failover.unwrap_or(care.failover);
            match mode {
                _ if active == 0 => Next::Empty,
                _ if view.instance.mode == Mode::Observe => Next::Off,
                FailoverMode::Off => Next::Off,
                FailoverMode::Ask => Next::Ask,
                FailoverMode::Auto if brakes.panic => Next::Brake,
                FailoverMode::Auto if brakes.paused => Next::Paused(active),
                FailoverMode::Auto => Next::LeaveAt(view.health.since + care.evacuate_after),
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0) as u32
}
