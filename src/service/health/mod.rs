//! Looking after the state of each instance: when it is looked at, what that means, and what follows.
//!
//! - [`Looks`]: what this process saw, in memory: the machines, what the last looks found.
//! - [`relays`]: addresses in users' links that died although the panel lives.
//! - [`rounds`]: when what is due, and doing it.
//! - `besides`: exits, certificates and traffic, which detailed checks see as well.
//! - [`complaints`]: what people say of instances that look well from here.
//! - [`detail`]: everything that is known of one instance, and what comes next.
//! - [`vantages`]: what is seen from inside a country.
//! - `look`: one look at a panel, its endpoints or the world around, in the machine's words.

pub(super) mod besides;
pub mod complaints;
pub mod detail;
mod look;
pub mod relays;
pub mod rounds;
pub mod vantages;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use crate::domain::health::traffic::Hour;
use crate::domain::health::{Data, History, Machine, Meter, Panic, Seen, Tally, Thresholds};
use crate::domain::instance::{Health, Instance};
use crate::domain::quota::Bytes;
use crate::domain::{InstanceId, Timestamp};

pub use rounds::Rounds;

/// What this process saw of the fleet. A new process begins with what is stored.
#[derive(Default)]
pub struct Looks(Mutex<Seens>);

#[derive(Default)]
struct Seens {
    instances: BTreeMap<InstanceId, Kept>,
    /// When each anchor last answered.
    anchors: BTreeMap<String, Timestamp>,
    panic: Panic,
    /// What checks found and is not stored yet.
    history: History,
    /// The reference probes failed then.
    own_path_at: Option<Timestamp>,
}

/// What is kept of one instance.
struct Kept {
    machine: Machine,
    /// The state as it is stored.
    stored: Option<Health>,
    /// How many looks in a row found another one stored.
    odd: u32,
    quick_at: Timestamp,
    detail_at: Timestamp,
    endpoints_at: Timestamp,
    /// Links of an account were read here since the process began.
    links_read: bool,
    confirm_at: Vec<Timestamp>,
    /// The traffic of each worker server.
    meters: BTreeMap<String, Meter>,
    /// What passes in this hour.
    hour: Hour,
    /// When the certificates of the addresses in users' links are looked at again, and when the first of them ends.
    certificates_at: Timestamp,
    links_certificate: Option<Timestamp>,
    /// How near the end of a certificate admins were told of; `None`: not known to this process.
    certificate_near: Option<usize>,
    facts: Facts,
}

/// What the last looks at an instance found, for people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The last quick check, and what it found.
    pub quick: Option<(Timestamp, Seen)>,
    /// The last look at the endpoints.
    pub data: Option<(Timestamp, Data)>,
    /// When the next quick check is due.
    pub next_check: Option<Timestamp>,
    /// Since when every check fails.
    pub failing_since: Option<Timestamp>,
    /// Until when it takes no keys after it came back.
    pub quarantined_until: Option<Timestamp>,
    /// How far it is back: 1 is fully.
    pub ramp: f64,
    /// When the first certificate ends that users or this service would stumble over.
    pub certificate_ends_at: Option<Timestamp>,
    /// Bytes a second through each worker server by its name, where they are known.
    pub rates: BTreeMap<String, Bytes>,
}

impl Looks {
    fn lock(&self) -> MutexGuard<'_, Seens> {
        self.0.lock().expect("no holder of this lock can panic")
    }

    /// What the last looks at an instance found.
    #[must_use]
    pub fn facts(&self, id: &InstanceId, thresholds: &Thresholds, now: Timestamp) -> Option<Facts> {
        let seens = self.lock();
        let kept = seens.instances.get(id)?;
        let mut facts = kept.facts.clone();
        facts.next_check = Some(kept.quick_at);
        facts.failing_since = kept.machine.failing_since();
        facts.quarantined_until = kept.machine.quarantined_until();
        facts.ramp = kept.machine.ramp(thresholds, now);
        let rates = kept.meters.iter().filter_map(|(name, meter)| Some((name.clone(), meter.rate()?)));
        facts.rates = rates.collect();
        Some(facts)
    }

    /// What checks found that is not stored yet.
    #[must_use]
    pub fn unstored(&self, id: &InstanceId) -> Tally {
        self.lock().history.of(id)
    }

    /// How far each instance is back after an outage; those that are fully are left out.
    #[must_use]
    pub fn ramps(&self, thresholds: &Thresholds, now: Timestamp) -> BTreeMap<InstanceId, f64> {
        let seens = self.lock();
        let ramps = seens.instances.iter().map(|(id, kept)| (id.clone(), kept.machine.ramp(thresholds, now)));
        ramps.filter(|(_, ramp)| *ramp < 1.0).collect()
    }
}

/// Whether an instance is looked at for alarms at all.
fn is_watched(instance: &Instance, now: Timestamp) -> bool {
    use crate::domain::instance::AdminState;
    match instance.admin_state {
        AdminState::Open | AdminState::Cordoned => true,
        AdminState::Maintenance { until } => until.is_some_and(|until| until <= now),
    }
}

/// Whether keys that have their account there are cut off, or may be.
#[must_use]
pub fn is_trouble(health: Health) -> bool {
    matches!(
        health,
        Health::Unreachable | Health::ControlDown | Health::Down | Health::Misconfigured | Health::Blocked
    )
}
