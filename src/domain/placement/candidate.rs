//! What placement knows of an instance.

use crate::domain::instance::{AdminState, Health, Instance, Mode, Weight};
use crate::domain::{InstanceId, Region};

/// A node (an exit) of an instance as placement sees it. The panel's own core is one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodeFacts {
    /// The panel says it is connected.
    pub connected: bool,
    /// An admin hid it from users' links.
    pub hidden: bool,
    /// The panel's billing multiplier: traffic through it counts this many times.
    pub usage_coefficient: f64,
    /// Gigabytes through it of late. Recent, since a counter that only grows makes an old node look full for ever.
    pub traffic_gb_recent: f64,
    /// Our users whose links put this node first.
    pub active_users: u32,
}

impl NodeFacts {
    /// Whether links through it are worth giving out.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.connected && !self.hidden
    }
}

/// An instance as placement sees it; its counts come separately.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Short name.
    pub id: InstanceId,
    /// What people read.
    pub name: String,
    /// Where its traffic leaves the network.
    pub region: Region,
    /// Who hosts it.
    pub provider: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// The protocols its inbounds speak, in lower case; empty when not known, and then none is refused.
    pub protocols: Vec<String>,
    /// What we may do there.
    pub mode: Mode,
    /// What the admins decided.
    pub admin_state: AdminState,
    /// What the checks found.
    pub health: Health,
    /// Tier: lower is filled first.
    pub priority: u16,
    /// Share within the tier.
    pub weight: Weight,
    /// The older capacity formula's own factor, beside the weight.
    pub preference: Weight,
    /// The cap: at most this many accounts.
    pub max_users: u32,
    /// How far it is back after an outage, or in after it was added: 0 (quarantine, takes nothing) to 1 (fully). Below
    /// 1 it may fill up to this share of its group's mean load.
    pub ramp: f64,
    /// Its smoothed traffic rate as a share of its bandwidth cap; `None` without such a cap.
    pub rate_share: Option<f64>,
    /// Its exits; may be empty when nothing is known of them.
    pub nodes: Vec<NodeFacts>,
    /// Where exits of it leave the network, besides its own region. They are taken where no
    /// instance that stands there can be.
    pub exits: Vec<Region>,
}

impl Candidate {
    /// The candidate that `instance` is with `health`: fully ramped, no bandwidth cap, nothing known of its nodes.
    #[must_use]
    pub fn of(instance: &Instance, health: Health) -> Self {
        Self {
            id: instance.id.clone(),
            name: instance.name.clone(),
            region: instance.region.clone(),
            provider: instance.provider.clone(),
            tags: instance.tags.clone(),
            protocols: Vec::new(),
            mode: instance.mode,
            admin_state: instance.admin_state,
            health,
            priority: instance.priority,
            weight: instance.weight,
            preference: Weight::ONE,
            max_users: instance.max_users,
            ramp: 1.0,
            rate_share: None,
            nodes: Vec::new(),
            exits: Vec::new(),
        }
    }

    /// Whether a key on it may leave the network in `region`.
    #[must_use]
    pub fn reaches(&self, region: &Region) -> bool {
        self.region == *region || self.exits.contains(region)
    }

    /// What it can carry, in users of an instance of weight 1.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        f64::from(self.max_users) * self.weight.get()
    }
}
