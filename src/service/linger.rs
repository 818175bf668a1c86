//! Accounts left behind by a move end before their time once nobody needs them: see [`crate::domain::linger`].
//!
//! Only where links are ours: of others nobody knows who fetched. The executor lets go of them as of those whose time is
//! over. Before one is ended its panel is asked when it was last used, since what is known of that may be hours old.

use crate::domain::InstanceId;
use crate::domain::key::Assignment;
use crate::domain::linger::Enough;
use crate::store::StoreError;
use crate::store::flags::HOLD;

use super::Core;
use super::pace::Class;

/// Accounts asked about in one round.
const AT_ONCE: u64 = 16;

/// What ends lingering accounts that nobody needs.
#[derive(Clone)]
pub struct Lingers {
    core: Core,
}

impl Lingers {
    /// Over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Ends what nobody needs. How many.
    ///
    /// # Errors
    /// The database.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        if !self.core.links.are_ours() || self.core.store.is_raised(HOLD).await? {
            return Ok(0);
        }
        let enough = Enough::at(self.core.clock.now());
        let instances = self.core.store.instances().await?.into_iter().map(|instance| instance.id);
        let well: Vec<InstanceId> = instances.filter(|id| self.core.placer.is_well(id)).collect();
        let mut ended = 0;
        for account in self.core.store.lingering_for_nobody(&well, &enough, AT_ONCE).await? {
            if self.is_known_now(&account).await? {
                ended += usize::from(self.core.store.end_needless_linger(account.id, &enough).await?);
            }
        }
        if ended > 0 {
            tracing::info!(ended, "all apps fetched since the move: what was left behind may go");
        }
        Ok(ended)
    }

    /// Takes down when an account was last used, as its panel says now; whether it said so.
    async fn is_known_now(&self, account: &Assignment) -> Result<bool, StoreError> {
        let answer = self.core.panels.account(account, Class::Background).await;
        let Some(Ok(Some(shown))) = answer else { return Ok(false) };
        let (link, now) = (shown.subscription_url.as_deref(), self.core.clock.now());
        let store = &self.core.store;
        store.saw_account(account.id, &account.account, shown.used, link, shown.online_at, now).await?;
        Ok(true)
    }
}
