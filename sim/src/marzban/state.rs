//! One panel's whole state: its database, its core, and the changes that several paths share.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;
use uuid::Uuid;

use super::Options;
use super::auth::Tokens;
use super::db::Db;
use super::inbound::Inbound;
use super::jobs::REVIEW_EVERY;
use super::rows::{NodeStatus, Proxy, Status};
use super::xray::Xray;

/// How long it takes until a node is connected, or found not to answer.
const NODE_SETTLES: TimeDelta = TimeDelta::seconds(1);

/// A panel.
pub(super) struct State {
    pub(super) options: Options,
    pub(super) db: Db,
    pub(super) core: Xray,
    pub(super) inbounds: Vec<Inbound>,
    pub(super) tokens: Tokens,
    pub(super) rng: StdRng,
    /// When users were deleted last, by name.
    pub(super) deleted: HashMap<String, Instant>,
    /// How long the background jobs hold up the next request.
    pub(super) stall: Duration,
    pub(super) next_review: DateTime<Utc>,
    pub(super) last_hourly: DateTime<Utc>,
    pub(super) last_six_hourly: DateTime<Utc>,
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        let now = options.clock.now();
        let mut rng = StdRng::seed_from_u64(options.seed);
        let inbounds = options.inbounds.clone();
        let db = Db::new(&mut rng, &options, &inbounds);
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        Self {
            core: Xray::new(&inbounds, std::iter::empty()),
            db,
            inbounds,
            tokens: Tokens::default(),
            rng,
            deleted: HashMap::new(),
            stall: Duration::ZERO,
            next_review: now + REVIEW_EVERY,
            last_hourly: hour,
            last_six_hourly: hour,
            options,
        }
    }

    /// A new, empty database. The operator makes the same admin again.
    pub(super) fn wipe(&mut self) {
        self.db = Db::new(&mut self.rng, &self.options, &self.inbounds);
        self.restart_core();
    }

    pub(super) fn restart_core(&mut self) -> bool {
        self.core.start(&self.inbounds, self.db.users.values())
    }

    /// Used traffic to zero, and active whatever it was: the core learns of it, too.
    pub(super) fn reset_usage(&mut self, id: u64, now: DateTime<Utc>) {
        let Some(user) = self.db.users.get_mut(&id) else { return };
        user.used_before_resets += user.used_traffic;
        user.used_traffic = 0;
        user.reset_at = Some(now);
        user.next_plan = None;
        if user.status != Status::Expired {
            user.status = Status::Active;
        }
        if user.status.connects() && !user.is_poisoned() {
            self.core.add(&self.inbounds, user);
        }
        self.db.user_usage.retain(|(_, user, _), _| *user != id);
    }

    /// Traffic of a user through a node (0 is the panel's own core), as the core reports it.
    pub(super) fn traffic(&mut self, id: u64, node: u64, up: u64, down: u64) {
        let now = self.options.clock.now();
        let coefficient = self.db.nodes.get(&node).map_or(1.0, |node| node.usage_coefficient);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "as the panel does: int(float)"
        )]
        let bytes = ((up + down) as f64 * coefficient) as u64;
        if let Some(user) = self.db.users.get_mut(&id) {
            user.used_traffic += bytes;
            user.online_at = Some(now);
            let owner = user.admin;
            if let Some(admin) = self.db.admins.iter_mut().find(|admin| Some(admin.id) == owner) {
                admin.users_usage += bytes;
            }
        }
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        *self.db.user_usage.entry((hour, id, node)).or_default() += bytes;
        let through = self.db.node_usage.entry((hour, node)).or_default();
        *through = (through.0 + up, through.1 + down);
        self.db.uplink += up;
        self.db.downlink += down;
    }

    /// A node is tried anew from now on.
    pub(super) fn connect_node(&mut self, id: u64) {
        let now = self.options.clock.now();
        if let Some(node) = self.db.nodes.get_mut(&id) {
            node.status = NodeStatus::Connecting;
            node.message = None;
            node.settles_at = now + NODE_SETTLES;
        }
    }

    pub(super) fn new_uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.rng.random()).into_uuid()
    }

    /// 16 random bytes, base64url, as Python's `secrets.token_urlsafe` makes them.
    pub(super) fn new_password(&mut self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.rng.random::<[u8; 16]>())
    }

    /// New secrets for a proxy; flow and method stay.
    pub(super) fn renew(&mut self, proxy: &Proxy) -> Proxy {
        match proxy {
            Proxy::Vless { flow, .. } => Proxy::Vless { id: self.new_uuid(), flow: flow.clone() },
            Proxy::Vmess { .. } => Proxy::Vmess { id: self.new_uuid() },
            Proxy::Trojan { flow, .. } => Proxy::Trojan { password: self.new_password(), flow: flow.clone() },
            Proxy::Shadowsocks { method, .. } => {
                Proxy::Shadowsocks { password: self.new_password(), method: method.clone() }
            }
        }
    }

    /// One of several, as the panel draws server names and short ids; empty when there are none.
    pub(super) fn draw(&mut self, from: &[String]) -> String {
        from.choose(&mut self.rng).cloned().unwrap_or_default()
    }
}
