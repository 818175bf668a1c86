//! One panel's whole state: its database, its core, and what it does to them by itself.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

use super::Options;
use super::auth::Tokens;
use super::inbound::Inbound;
use super::rows::{Admin, Node, NodeStatus, Proxy, Status, User};
use super::xray::Xray;

/// How often the panel looks at its users and at its core.
const REVIEW_EVERY: TimeDelta = TimeDelta::seconds(10);
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
    next_review: DateTime<Utc>,
    last_hourly: DateTime<Utc>,
    last_six_hourly: DateTime<Utc>,
}

/// What the panel stores, and what a backup of it holds.
#[derive(Debug, Clone)]
pub(super) struct Db {
    /// Signs tokens and subscription addresses.
    pub(super) secret: String,
    pub(super) users: BTreeMap<u64, User>,
    names: HashMap<String, u64>,
    pub(super) admins: Vec<Admin>,
    pub(super) nodes: BTreeMap<u64, Node>,
    /// By inbound tag.
    pub(super) hosts: HashMap<String, Vec<Host>>,
    pub(super) uplink: u64,
    pub(super) downlink: u64,
    /// Bytes by hour, user and node (0 is the panel's own core).
    pub(super) user_usage: BTreeMap<(DateTime<Utc>, u64, u64), u64>,
    /// Bytes up and down by hour and node.
    pub(super) node_usage: BTreeMap<(DateTime<Utc>, u64), (u64, u64)>,
}

/// What links of an inbound say about where and how to connect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Host {
    pub(super) remark: String,
    pub(super) address: String,
    #[serde(default)]
    pub(super) port: Option<u16>,
    #[serde(default)]
    pub(super) sni: Option<String>,
    #[serde(default)]
    pub(super) host: Option<String>,
    #[serde(default)]
    pub(super) path: Option<String>,
    #[serde(default = "inbound_default")]
    pub(super) security: String,
    #[serde(default)]
    pub(super) alpn: String,
    #[serde(default)]
    pub(super) fingerprint: String,
    #[serde(default)]
    pub(super) allowinsecure: Option<bool>,
    #[serde(default)]
    pub(super) is_disabled: Option<bool>,
    #[serde(default)]
    pub(super) mux_enable: Option<bool>,
    #[serde(default)]
    pub(super) fragment_setting: Option<String>,
    #[serde(default)]
    pub(super) noise_setting: Option<String>,
    #[serde(default)]
    pub(super) random_user_agent: Option<bool>,
    #[serde(default)]
    pub(super) use_sni_as_host: Option<bool>,
}

fn inbound_default() -> String {
    "inbound_default".to_owned()
}

impl Host {
    pub(super) fn new(remark: &str, address: &str) -> Self {
        Self {
            remark: remark.to_owned(),
            address: address.to_owned(),
            port: None,
            sni: None,
            host: None,
            path: None,
            security: inbound_default(),
            alpn: String::new(),
            fingerprint: String::new(),
            allowinsecure: None,
            is_disabled: Some(false),
            mux_enable: Some(false),
            fragment_setting: None,
            noise_setting: None,
            random_user_agent: Some(false),
            use_sni_as_host: Some(false),
        }
    }
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

    /// Does what the panel's background jobs would have done until now.
    pub(super) fn catch_up(&mut self) {
        let now = self.options.clock.now();
        self.settle_nodes(now);
        if now < self.next_review {
            return;
        }
        let periods = (now - self.next_review).num_seconds() / REVIEW_EVERY.num_seconds();
        let first = self.next_review;
        let last = first + REVIEW_EVERY * i32::try_from(periods).unwrap_or(i32::MAX);
        self.next_review = last + REVIEW_EVERY;
        self.reset_periods(last);
        self.review(first, last);
        let active = self.db.users.values().filter(|user| user.status == Status::Active).count();
        self.stall += self.options.review_cost_per_user * u32::try_from(active).unwrap_or(u32::MAX);
        self.delete_long_expired(last);
        if !self.core.started && self.core.can_start {
            self.restart_core();
        }
    }

    /// The job of every 10 s: active users that used or lived up what they had, and users on hold that came.
    fn review(&mut self, first: DateTime<Utc>, last: DateTime<Utc>) {
        let mut gone = Vec::new();
        for user in self.db.users.values_mut() {
            if user.status == Status::OnHold {
                let base = user.edited_at.unwrap_or(user.created_at);
                let came = user.online_at.is_some_and(|online| online >= base);
                let timed_out = user.on_hold_timeout.map(|timeout| timeout.and_utc());
                let at = if came { first } else { timed_out.map_or(last, |timeout| timeout.max(first)) };
                if came || timed_out.is_some_and(|timeout| timeout <= last) {
                    user.status = Status::Active;
                    user.expire =
                        user.on_hold_expire_duration.take().map(|duration| at.timestamp() + duration);
                    user.on_hold_timeout = None;
                }
            }
            if user.status == Status::Active {
                let limited = user.is_used_up();
                let expired = user.expire.is_some_and(|expire| expire <= last.timestamp());
                let due = limited || expired;
                if due
                    && user.next_plan.as_ref().is_some_and(|plan| plan.fire_on_either || (limited && expired))
                {
                    user.start_next_plan();
                } else if due {
                    user.status = if limited { Status::Limited } else { Status::Expired };
                    gone.push(user.email());
                }
            }
        }
        for email in gone {
            self.core.remove(&email);
        }
    }

    /// The job of every hour: users whose period is over start a new one.
    fn reset_periods(&mut self, now: DateTime<Utc>) {
        if now - self.last_hourly < TimeDelta::hours(1) {
            return;
        }
        self.last_hourly = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let due = |user: &User| {
            let since = user.reset_at.unwrap_or(user.created_at);
            matches!(user.status, Status::Active | Status::Limited)
                && user.reset_strategy.days().is_some_and(|days| (now - since).num_days() >= days)
        };
        let due = self.db.users.values().filter(|user| due(user)).map(|user| user.id).collect::<Vec<_>>();
        for id in due {
            self.reset_usage(id, now);
        }
    }

    fn delete_long_expired(&mut self, now: DateTime<Utc>) {
        if now - self.last_six_hourly < TimeDelta::hours(6) {
            return;
        }
        self.last_six_hourly = now;
        let due = |user: &User| {
            let days = user.auto_delete_in_days.filter(|days| *days >= 0);
            user.status == Status::Expired
                && user
                    .expire
                    .zip(days)
                    .is_some_and(|(expire, days)| expire + days * 86_400 <= now.timestamp())
        };
        let due = self.db.users.values().filter(|user| due(user)).map(|user| user.id).collect::<Vec<_>>();
        for id in due {
            self.db.remove_user(id);
        }
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

    fn settle_nodes(&mut self, now: DateTime<Utc>) {
        for node in self.db.nodes.values_mut() {
            if node.status == NodeStatus::Disabled || now < node.settles_at {
                continue;
            }
            (node.status, node.message) = if node.reachable {
                (NodeStatus::Connected, None)
            } else {
                (NodeStatus::Error, Some("[Errno 111] Connection refused".to_owned()))
            };
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

impl Db {
    fn new(rng: &mut StdRng, options: &Options, inbounds: &[Inbound]) -> Self {
        let secret = rng.random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut db = Self {
            secret,
            users: BTreeMap::new(),
            names: HashMap::new(),
            admins: Vec::new(),
            nodes: BTreeMap::new(),
            hosts: HashMap::new(),
            uplink: 0,
            downlink: 0,
            user_usage: BTreeMap::new(),
            node_usage: BTreeMap::new(),
        };
        db.default_hosts(inbounds);
        if !options.env_sudo {
            let (username, password) = &options.admin;
            db.add_admin(username, password, true);
        }
        db
    }

    /// Each inbound gets the host that the panel makes for it.
    pub(super) fn default_hosts(&mut self, inbounds: &[Inbound]) {
        for inbound in inbounds {
            let host = Host::new("🚀 Marz ({USERNAME}) [{PROTOCOL} - {TRANSPORT}]", "{SERVER_IP}");
            self.hosts.entry(inbound.tag.clone()).or_insert_with(|| vec![host]);
        }
    }

    pub(super) fn add_admin(&mut self, username: &str, password: &str, is_sudo: bool) -> &mut Admin {
        let id = self.admins.last().map_or(1, |admin| admin.id + 1);
        self.admins.push(Admin {
            id,
            username: username.to_owned(),
            password: password.to_owned(),
            is_sudo,
            telegram_id: None,
            discord_webhook: None,
            users_usage: 0,
            password_changed: None,
        });
        self.admins.last_mut().expect("just added")
    }

    pub(super) fn admin(&self, username: &str) -> Option<&Admin> {
        self.admins.iter().find(|admin| admin.username == username)
    }

    pub(super) fn user(&self, username: &str) -> Option<&User> {
        self.names.get(username).and_then(|id| self.users.get(id))
    }

    pub(super) fn user_mut(&mut self, username: &str) -> Option<&mut User> {
        self.names.get(username).and_then(|id| self.users.get_mut(id))
    }

    /// The id that the next user gets: the highest there is plus one, so that the id of the newest is used again after
    /// its deletion (SQLite without AUTOINCREMENT).
    pub(super) fn next_user_id(&self) -> u64 {
        self.users.last_key_value().map_or(1, |(id, _)| id + 1)
    }

    pub(super) fn insert_user(&mut self, user: User) {
        self.names.insert(user.username.clone(), user.id);
        self.users.insert(user.id, user);
    }

    pub(super) fn remove_user(&mut self, id: u64) {
        if let Some(user) = self.users.remove(&id) {
            self.names.remove(&user.username);
        }
        self.user_usage.retain(|(_, user, _), _| *user != id);
    }
}

impl User {
    pub(super) fn is_used_up(&self) -> bool {
        self.data_limit.is_some_and(|limit| limit > 0 && self.used_traffic >= limit.unsigned_abs())
    }

    /// The next plan becomes the present one.
    pub(super) fn start_next_plan(&mut self) {
        let Some(plan) = self.next_plan.take() else { return };
        let used = i64::try_from(self.used_traffic).unwrap_or(i64::MAX);
        let left = self.data_limit.map_or(0, |limit| (limit - used).max(0));
        let limit = plan.data_limit + if plan.add_remaining_traffic { left } else { 0 };
        self.data_limit = (limit != 0).then_some(limit);
        self.expire = plan.expire.filter(|expire| *expire != 0);
        self.used_before_resets += self.used_traffic;
        self.used_traffic = 0;
        self.status = Status::Active;
    }
}
