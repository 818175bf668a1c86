//! `/api/system`, `/api/core…`, `/api/inbounds`, `/api/hosts`.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::answer::{Invalid, crash, detail, json_object};
use super::auth::Identity;
use super::db::Host;
use super::inbound::core_config;
use super::rows::{Ordered, Status};
use super::state::State;
use crate::net::{Request, Response};

type Answer = Result<Response, Response>;

/// Who had traffic within this is "online".
const ONLINE: TimeDelta = TimeDelta::hours(24);

impl State {
    /// `GET /api/system`: answers 200 with a dead core, too. Counts are the caller's own users, sums the panel's.
    pub(super) fn system(&self, who: &Identity) -> Response {
        let now = self.options.clock.now();
        let own = |admin| who.is_sudo || admin == who.admin;
        let count = |status: Status| {
            let users = self.db.users.values();
            users.filter(|user| own(user.admin) && user.status == status).count()
        };
        let total = self.db.users.values().filter(|user| own(user.admin)).count();
        let online =
            self.db.users.values().filter(|user| user.online_at.is_some_and(|online| now - online <= ONLINE));
        Response::json(
            200,
            &json!({
                "version": self.options.version,
                "mem_total": 4_101_902_336_u64,
                "mem_used": 1_204_207_616_u64,
                "cpu_cores": 2,
                "cpu_usage": 7.5,
                "total_user": total,
                "online_users": online.count(),
                "users_active": count(Status::Active),
                "users_on_hold": count(Status::OnHold),
                "users_disabled": count(Status::Disabled),
                "users_expired": count(Status::Expired),
                "users_limited": count(Status::Limited),
                "incoming_bandwidth": self.db.uplink,
                "outgoing_bandwidth": self.db.downlink,
                "incoming_bandwidth_speed": 2_048,
                "outgoing_bandwidth_speed": 65_536,
            }),
        )
    }

    /// `GET /api/core`: `started` says no more than that the process lives.
    pub(super) fn core_stats(&self) -> Response {
        Response::json(
            200,
            &json!({
                "version": self.options.core_version,
                "started": self.core.started,
                "logs_websocket": "/api/core/logs",
            }),
        )
    }

    /// `POST /api/core/restart`
    pub(super) fn core_restart(&mut self, who: &Identity) -> Answer {
        who.sudo()?;
        if self.restart_core() { Ok(Response::json(200, &json!({}))) } else { Err(crash()) }
    }

    /// `GET /api/core/config`
    pub(super) fn core_config(&self, who: &Identity) -> Answer {
        who.sudo()?;
        Ok(Response::json(200, &core_config(&self.inbounds)))
    }

    /// `GET /api/inbounds`, by protocol.
    pub(super) fn inbounds(&self) -> Response {
        let mut by_protocol: Vec<(String, Vec<Value>)> = Vec::new();
        for inbound in &self.inbounds {
            let name = inbound.protocol.name();
            match by_protocol.iter_mut().find(|(known, _)| known == name) {
                Some((_, inbounds)) => inbounds.push(inbound.summary()),
                None => by_protocol.push((name.to_owned(), vec![inbound.summary()])),
            }
        }
        Response::json(200, &Ordered(by_protocol))
    }

    /// `GET /api/hosts`, by inbound tag.
    pub(super) fn hosts(&self, who: &Identity) -> Answer {
        who.sudo()?;
        let hosts = self.inbounds.iter().map(|inbound| {
            let hosts = self.db.hosts.get(&inbound.tag).cloned().unwrap_or_default();
            (inbound.tag.clone(), hosts)
        });
        Ok(Response::json(200, &Ordered(hosts.collect())))
    }

    /// `PUT /api/hosts`: the tags named get these hosts instead of theirs.
    pub(super) fn change_hosts(&mut self, request: &Request, who: &Identity) -> Answer {
        who.sudo()?;
        let body = json_object(request)?;
        let hosts = serde_json::from_value::<BTreeMap<String, Vec<Host>>>(Value::Object(body))
            .map_err(|_| Invalid::one("body", "Input should be a valid list of hosts").response())?;
        let known = |tag: &String| self.inbounds.iter().any(|inbound| inbound.tag == *tag);
        if let Some(unknown) = hosts.keys().find(|tag| !known(tag)) {
            return Err(detail(400, &format!("Inbound {unknown} doesn't exist")));
        }
        self.db.hosts.extend(hosts);
        self.hosts(who)
    }
}
