//! Looking at a panel: does it serve, how full is it, what will not work.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use super::super::http::{Body, Lane, Request};
use super::super::{Inbound, Inspection, Node, Overview, PanelError, Pulse, Warning};
use super::wire::{Admin, Core, CoreConfig, NodesUsage, System, WireNode};
use super::{Limit, Marzban, answer};
use crate::domain::instance::NodeStatus;

/// For a whole look, all its requests together.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// A restart takes a second or two for the core and for each worker server.
const RESTART: Duration = Duration::from_secs(30);

/// What Marzban calls its own core in figures by node.
const MASTER: &str = "Master";

impl Marzban {
    /// A detailed look. `/api/system` answers 200 while the core is dead, so the core is asked as well.
    pub(super) async fn overview(&self, limit: Limit) -> Result<Overview, PanelError> {
        let started = Instant::now();
        let (system, core) = tokio::try_join!(self.look::<System>("api/system", limit), self.core(limit))?;
        let nodes = self.node_list(core.started, limit).await?;
        Ok(Overview {
            version: system.version,
            core_started: core.started,
            users_active: system.users_active,
            users_total: system.total_user,
            latency: started.elapsed(),
            nodes,
        })
    }

    /// A quick look: `/api/core` costs the panel 3 to 6 ms, and every login may ask for it.
    pub(super) async fn beat(&self, limit: Limit) -> Result<Pulse, PanelError> {
        let started = Instant::now();
        let reply = self.send_in(Lane::Pulse, || Request::get("api/core"), limit).await?;
        let core: Core = answer::parse(&reply)?;
        Ok(Pulse { took: started.elapsed(), core_started: Some(core.started) })
    }

    pub(super) async fn core(&self, limit: Limit) -> Result<Core, PanelError> {
        self.look("api/core", limit).await
    }

    /// The panel's own core and its worker servers; empty when the login may not see them (it is no sudo admin).
    pub(super) async fn node_list(&self, core_started: bool, limit: Limit) -> Result<Vec<Node>, PanelError> {
        let asked = tokio::try_join!(
            self.look::<Vec<WireNode>>("api/nodes", limit),
            self.look::<NodesUsage>("api/nodes/usage", limit),
        );
        let (nodes, usage) = match asked {
            Err(PanelError::Forbidden) => return Ok(Vec::new()),
            asked => asked?,
        };
        // A row for each node with traffic; none at all when the panel does not record it.
        let traffic = |id: Option<i64>| {
            let row = usage.usages.iter().find(|row| row.node_id == id)?;
            Some(row.uplink.saturating_add(row.downlink))
        };
        let master = Node {
            remote_id: None,
            name: MASTER.to_owned(),
            address: self.host(),
            status: if core_started { NodeStatus::Connected } else { NodeStatus::Error },
            message: None,
            usage_coefficient: 1.0,
            traffic: traffic(None),
        };
        let others = nodes.into_iter().map(|node| Node {
            remote_id: Some(node.id),
            status: status(&node.status),
            traffic: traffic(Some(node.id)),
            name: node.name,
            address: node.address,
            message: node.message,
            usage_coefficient: node.usage_coefficient,
        });
        Ok(std::iter::once(master).chain(others).collect())
    }

    /// All that an admin wants to know before the panel is taken into the fleet.
    pub(super) async fn inspection(&self, limit: Limit) -> Result<Inspection, PanelError> {
        let Admin { is_sudo: sudo } = self.look("api/admin", limit).await?;
        let overview = self.overview(limit).await?;
        let inbounds = self.inbounds(limit).await?;
        let raw = if sudo { self.raw_in_core(limit).await? } else { raw_in(&inbounds) };

        let mut warnings = Vec::new();
        if inbounds.is_empty() {
            warnings.push(Warning::NoInbounds);
        }
        if !overview.core_started {
            warnings.push(Warning::CoreStopped);
        }
        warnings.extend(self.unknown_tags(&inbounds).map(|tag| Warning::UnknownInbound { tag: tag.clone() }));
        warnings.extend(raw.into_iter().map(|tag| Warning::RealityRaw { tag }));
        if !self.is_local && self.base_url.as_str().starts_with("http://") {
            warnings.push(Warning::PlainHttp);
        }
        Ok(Inspection { overview, inbounds, sudo, warnings })
    }

    /// REALITY inbounds whose network the core's configuration calls `raw`.
    async fn raw_in_core(&self, limit: Limit) -> Result<Vec<String>, PanelError> {
        let config: CoreConfig = self.look("api/core/config", limit).await?;
        let is = |word: &Option<String>, expected: &str| word.as_deref() == Some(expected);
        let raw = config.inbounds.into_iter().filter(|inbound| {
            is(&inbound.stream_settings.security, "reality") && is(&inbound.stream_settings.network, "raw")
        });
        Ok(raw.filter_map(|inbound| inbound.tag).collect())
    }

    /// Lets the panel connect to a worker server anew. It answers before it tries; a node that fails is tried again by
    /// itself every 10 s.
    pub(super) async fn reconnect(&self, node: i64) -> Result<(), PanelError> {
        let id = node.to_string();
        let request = || Request {
            method: Method::POST,
            template: "api/node/{name}/reconnect",
            name: &id,
            query: Vec::new(),
            body: Body::Nothing,
            agent: None,
        };
        let reply = self.send(request, Limit::within(TIMEOUT)).await?;
        answer::parse::<Value>(&reply).map(drop)
    }

    /// Restarts the core, and with it those of all worker servers, one after the other: every open connection is cut.
    /// While the core cannot start, Marzban answers 500.
    pub(super) async fn restart(&self) -> Result<(), PanelError> {
        let request = || Request {
            method: Method::POST,
            template: "api/core/restart",
            name: "",
            query: Vec::new(),
            body: Body::Nothing,
            agent: None,
        };
        let reply = self.send(request, Limit::within(RESTART)).await?;
        answer::parse::<Value>(&reply).map(drop)
    }

    fn host(&self) -> String {
        let url = url::Url::parse(self.base_url.as_str()).ok();
        url.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned()
    }
}

fn status(word: &str) -> NodeStatus {
    match word {
        "connected" => NodeStatus::Connected,
        "connecting" => NodeStatus::Connecting,
        "disabled" => NodeStatus::Disabled,
        _ => NodeStatus::Error,
    }
}

/// The same by the list that every login may see.
fn raw_in(inbounds: &[Inbound]) -> Vec<String> {
    let raw = inbounds.iter().filter(|inbound| inbound.security == "reality" && inbound.network == "raw");
    raw.map(|inbound| inbound.tag.clone()).collect()
}
