//! What somebody wants a place for.

use serde::{Deserialize, Serialize};

use crate::domain::{InstanceId, Region};

/// Who waits longer. In the order of the waitlist: those who lost a working key come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Their instance is gone.
    Evacuee,
    /// They have no key yet, or a working one that shall move.
    #[default]
    Newcomer,
}

/// A place asked for. `Request::default()` takes the least-loaded instance anywhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request<'a> {
    /// Only here, or, where no instance that stands here can be taken, through an exit that leaves here; `None` for
    /// anywhere.
    pub region: Option<Region>,
    /// Not these: unsettled for this config, tried already, or the source of the move.
    pub exclude: &'a [InstanceId],
    /// Exactly this instance. It must accept keys and have room; its load, its turn and its ramp are not asked.
    pub wanted: Option<InstanceId>,
    /// With `wanted`: an admin insists, although the instance is closed to new keys or in quarantine. Not over the cap,
    /// not in observe mode, and not where no account can be made.
    pub force_closed: bool,
    /// Another hosting provider than this one where possible.
    pub prefer_not_provider: Option<&'a str>,
    /// Only instances with all of these labels.
    pub tags: &'a [String],
    /// Only instances that speak this protocol.
    pub protocol: Option<&'a str>,
    /// Who asks; kept with the decision.
    pub urgency: Urgency,
    /// A number of the config's own, such as its id. Its parity decides whether a degraded instance is a candidate, so
    /// that such an instance gets every second key and the same config the same answer.
    pub tie: u64,
}

impl Request<'_> {
    /// Whether a degraded instance is a candidate for this config at once.
    pub(super) fn takes_degraded(&self) -> bool {
        self.tie.is_multiple_of(2)
    }
}
