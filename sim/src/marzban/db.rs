//! What the panel stores.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use super::Options;
use super::inbound::Inbound;
use super::rows::{Admin, Node, User};

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

impl Db {
    pub(super) fn new(rng: &mut StdRng, options: &Options, inbounds: &[Inbound]) -> Self {
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
