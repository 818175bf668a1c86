//! Why a key is where it is, and where the next one would go.

use crate::domain::placement::{Explanation, Request};
use crate::domain::{ConfigId, InstanceId, Region, Timestamp};
use crate::store::StoreError;

use super::Core;

/// Why a key is where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// Where it is; `None`: nowhere yet.
    pub placed: Option<Placed>,
    /// What would be chosen now, were it new.
    pub now: Explanation,
}

/// A placement as it was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Where.
    pub instance: InstanceId,
    /// When.
    pub at: Timestamp,
    /// The decision's reason with its numbers, as it was stored: a `placement::Reason`, or `{"stays": …}`.
    pub reason: serde_json::Value,
}

/// Explains placements.
#[derive(Clone)]
pub struct Explain {
    core: Core,
}

impl Explain {
    /// Explanations over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Why a key is where it is; `None`: there is no such key.
    ///
    /// # Errors
    /// The database.
    pub async fn why(&self, config: ConfigId) -> Result<Option<Why>, StoreError> {
        let Some(key) = self.core.store.key(config).await? else { return Ok(None) };
        let placed = match key.primary() {
            Some(primary) => {
                let reason = self.core.store.placement_reason(primary.id).await?;
                reason.map(|(reason, at)| Placed { instance: primary.instance.clone(), at, reason })
            }
            None => None,
        };
        let request = Request { region: key.config.wanted_region.clone(), ..Request::default() };
        Ok(Some(Why { placed, now: self.core.placer.explain(&request, self.core.clock.now()) }))
    }

    /// What the next key would get.
    #[must_use]
    pub fn next_key(&self, region: Option<Region>) -> Explanation {
        let request = Request { region, ..Request::default() };
        self.core.placer.explain(&request, self.core.clock.now())
    }
}
