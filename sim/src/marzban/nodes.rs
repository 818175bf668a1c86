//! `/api/node…`: the worker servers of a panel.

use serde_json::{Map, Value, json};

use super::answer::{Invalid, detail, json_object};
use super::auth::Identity;
use super::db::Host;
use super::rows::{Node, NodeStatus};
use super::state::State;
use super::usage::Period;
use super::validate::parse_integer;
use crate::net::{Request, Response};

type Answer = Result<Response, Response>;

/// A worker server to add.
#[derive(Debug, Clone)]
pub struct NodeSpec {
    /// Its unique name.
    pub name: String,
    /// Where the panel reaches it.
    pub address: String,
    /// Traffic through it counts this many times.
    pub usage_coefficient: f64,
    /// Whether it answers there.
    pub reachable: bool,
    /// Offer it to users: each inbound gets one more host with its address.
    pub as_host: bool,
}

impl NodeSpec {
    /// A node that answers, counts once, and is offered to users.
    #[must_use]
    pub fn new(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            usage_coefficient: 1.0,
            reachable: true,
            as_host: true,
        }
    }
}

impl State {
    pub(super) fn add_node(&mut self, spec: &NodeSpec, ports: [u16; 2]) -> u64 {
        let id = self.db.nodes.last_key_value().map_or(1, |(id, _)| id + 1);
        self.db.nodes.insert(
            id,
            Node {
                id,
                name: spec.name.clone(),
                address: spec.address.clone(),
                port: ports[0],
                api_port: ports[1],
                usage_coefficient: spec.usage_coefficient,
                status: NodeStatus::Connecting,
                message: None,
                reachable: spec.reachable,
                settles_at: self.options.clock.now(),
            },
        );
        self.connect_node(id);
        if spec.as_host {
            let remark = format!("{} ({{USERNAME}}) [{{PROTOCOL}} - {{TRANSPORT}}]", spec.name);
            for inbound in &self.inbounds {
                let hosts = self.db.hosts.entry(inbound.tag.clone()).or_default();
                hosts.push(Host::new(&remark, &spec.address));
            }
        }
        id
    }

    /// `POST /api/node`: answers before it tries to connect. Nothing answers at an address that a client makes up.
    pub(super) fn create_node(&mut self, request: &Request, who: &Identity) -> Answer {
        who.sudo()?;
        let body = json_object(request)?;
        let mut invalid = Invalid::default();
        for field in ["name", "address"] {
            match body.get(field) {
                Some(Value::String(_)) => {}
                Some(_) => invalid.add(field, "Input should be a valid string"),
                None => invalid.add(field, "Field required"),
            }
        }
        if !invalid.is_empty() {
            return Err(invalid.response());
        }
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let spec = NodeSpec {
            name: text("name"),
            address: text("address"),
            usage_coefficient: body.get("usage_coefficient").and_then(Value::as_f64).unwrap_or(1.0),
            reachable: false,
            as_host: body.get("add_as_new_host").and_then(Value::as_bool).unwrap_or(true),
        };
        if self.db.nodes.values().any(|node| node.name == spec.name) {
            return Err(detail(409, &format!("Node \"{}\" already exists", spec.name)));
        }
        let ports = [port(&body, "port").unwrap_or(62050), port(&body, "api_port").unwrap_or(62051)];
        let id = self.add_node(&spec, ports);
        self.node_answer(id)
    }

    /// `GET /api/nodes`
    pub(super) fn list_nodes(&self, who: &Identity) -> Answer {
        who.sudo()?;
        let nodes = self.db.nodes.values().map(|node| node.view(&self.options.core_version));
        Ok(Response::json(200, &nodes.collect::<Vec<_>>()))
    }

    /// `GET /api/node/{node_id}`
    pub(super) fn read_node(&self, id: &str, who: &Identity) -> Answer {
        who.sudo()?;
        self.node_answer(node_id(id)?)
    }

    /// `PUT /api/node/{node_id}`: whatever is changed, a node that is not disabled is connected anew.
    pub(super) fn modify_node(&mut self, request: &Request, id: &str, who: &Identity) -> Answer {
        who.sudo()?;
        let id = node_id(id)?;
        let body = json_object(request)?;
        let node = self.db.nodes.get_mut(&id).ok_or_else(|| detail(404, "Node not found"))?;
        if let Some(name) = body.get("name").and_then(Value::as_str) {
            name.clone_into(&mut node.name);
        }
        if let Some(address) = body.get("address").and_then(Value::as_str) {
            address.clone_into(&mut node.address);
        }
        if let Some(coefficient) = body.get("usage_coefficient").and_then(Value::as_f64) {
            node.usage_coefficient = coefficient;
        }
        node.port = port(&body, "port").unwrap_or(node.port);
        node.api_port = port(&body, "api_port").unwrap_or(node.api_port);
        if body.get("status").and_then(Value::as_str) == Some("disabled") {
            node.status = NodeStatus::Disabled;
            node.message = None;
        } else {
            self.connect_node(id);
        }
        self.node_answer(id)
    }

    /// `POST /api/node/{node_id}/reconnect`
    pub(super) fn reconnect_node(&mut self, id: &str, who: &Identity) -> Answer {
        who.sudo()?;
        let id = node_id(id)?;
        self.node_answer(id)?;
        self.connect_node(id);
        Ok(Response::json(200, &json!({ "detail": "Reconnection task scheduled" })))
    }

    /// `DELETE /api/node/{node_id}`
    pub(super) fn delete_node(&mut self, id: &str, who: &Identity) -> Answer {
        who.sudo()?;
        let id = node_id(id)?;
        self.db.nodes.remove(&id).ok_or_else(|| detail(404, "Node not found"))?;
        self.db.node_usage.retain(|(_, node), _| *node != id);
        Ok(Response::json(200, &json!({})))
    }

    /// `GET /api/nodes/usage`
    pub(super) fn nodes_usage(&self, request: &Request, who: &Identity) -> Answer {
        who.sudo()?;
        let period = Period::of(request, ["start", "end"], self.options.clock.now())?;
        Ok(Response::json(200, &json!({ "usages": self.node_usages(&period) })))
    }

    fn node_answer(&self, id: u64) -> Answer {
        let node = self.db.nodes.get(&id).ok_or_else(|| detail(404, "Node not found"))?;
        Ok(Response::json(200, &node.view(&self.options.core_version)))
    }
}

fn node_id(text: &str) -> Result<u64, Response> {
    let id = parse_integer(text).map_err(|problem| Invalid::one("node_id", problem).response())?;
    u64::try_from(id).map_err(|_| detail(404, "Node not found"))
}

fn port(body: &Map<String, Value>, field: &str) -> Option<u16> {
    body.get(field).and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok())
}
