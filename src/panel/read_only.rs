//! Any panel, with the writes refused: for instances that are only observed, and for dry runs.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{
    Account, Applied, Call, Deleted, Inspection, Node, Overview, Page, Panel, PanelError, Pulse,
    Subscription, Wanted,
};
use crate::domain::{AccountName, Timestamp};

/// A panel that can only be looked at. A write answers [`PanelError::Forbidden`] without asking the panel.
pub struct ReadOnly(Arc<dyn Panel>);

impl ReadOnly {
    /// `panel`, to be looked at.
    #[must_use]
    pub fn new(panel: Arc<dyn Panel>) -> Self {
        Self(panel)
    }
}

#[async_trait]
impl Panel for ReadOnly {
    async fn check(&self) -> Result<Overview, PanelError> {
        self.0.check().await
    }

    async fn pulse(&self, timeout: Duration) -> Result<Pulse, PanelError> {
        self.0.pulse(timeout).await
    }

    fn certificate_ends_at(&self) -> Option<Timestamp> {
        self.0.certificate_ends_at()
    }

    async fn inspect(&self) -> Result<Inspection, PanelError> {
        self.0.inspect().await
    }

    async fn create(&self, _account: &Wanted, _call: Call) -> Result<Applied, PanelError> {
        Err(PanelError::Forbidden)
    }

    async fn update(&self, _account: &Wanted, _call: Call) -> Result<Applied, PanelError> {
        Err(PanelError::Forbidden)
    }

    async fn delete(&self, _name: &AccountName, _call: Call) -> Result<Deleted, PanelError> {
        Err(PanelError::Forbidden)
    }

    async fn get(&self, name: &AccountName, call: Call) -> Result<Option<Account>, PanelError> {
        self.0.get(name, call).await
    }

    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Page, PanelError> {
        self.0.list(prefix, offset, limit).await
    }

    async fn subscription(
        &self,
        url: &str,
        agent: &str,
        timeout: Duration,
    ) -> Result<Subscription, PanelError> {
        self.0.subscription(url, agent, timeout).await
    }

    async fn nodes(&self) -> Result<Vec<Node>, PanelError> {
        self.0.nodes().await
    }

    async fn reconnect_node(&self, _remote_id: i64) -> Result<(), PanelError> {
        Err(PanelError::Forbidden)
    }

    async fn restart_core(&self) -> Result<(), PanelError> {
        Err(PanelError::Forbidden)
    }
}
