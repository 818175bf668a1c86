//! A stateful Marzban 0.8.4 panel over HTTP, traps included.
//!
//! It keeps users, admins, nodes and hosts, models who the proxy core lets in ([`Marzban::works`]), makes the status
//! changes that the panel makes by itself, and answers word for word as recordings of real panels do
//! (`tests/recordings/`, replayed by `tests/marzban_replay.rs`). It does not carry traffic: tests say what was used.
//! What users connect to can be opened, and can die apart from the API ([`Marzban::open_doors`]).
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use sim::marzban::{Fault, Marzban, Options};
//!
//! let panel = Marzban::start(Options::default()).await?;
//! panel.set_fault(Fault::AckLost { next: 1 }); // the next write is executed, its answer thrown away
//! # anyhow::Ok(())
//! # }).unwrap();
//! ```
//!
//! Time is a [`SimClock`]: with a manual one nothing expires until a test says so. What the background jobs would have
//! done meanwhile is made up for at the next look at the panel.

mod admins;
mod answer;
mod auth;
mod data;
mod db;
mod fleet;
mod formats;
mod inbound;
mod jobs;
mod links;
mod list;
mod nodes;
mod options;
mod panel;
mod routes;
mod rows;
mod state;
mod subscription;
mod system;
mod usage;
mod users;
mod validate;
mod xray;

use std::fmt;
use std::sync::{Arc, MutexGuard};

use chrono::{DateTime, Utc};
use serde_json::Value;

use self::db::Db;
pub use self::fleet::Fleet;
pub use self::inbound::{Inbound, Protocol, Reality, Security};
pub use self::nodes::NodeSpec;
pub use self::options::Options;
use self::panel::Panel;
pub use self::rows::Status;
use self::rows::{Account, Proxy, ResetStrategy, User};
use self::state::State;
pub use crate::clock::SimClock;
use crate::net::{App, Server, ServerOptions};
pub use crate::net::{Behind, Door, DoorFault, Fault, Matcher, RequestLog, Tls};

/// A running panel. Clones are handles to the same one.
#[derive(Clone)]
pub struct Marzban {
    panel: Arc<Panel>,
    server: Arc<Server>,
}

/// A user, as a test looks at it without HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct UserView {
    /// Its name.
    pub username: String,
    /// What the panel says of it.
    pub status: Status,
    /// The VLESS id, if it has one.
    pub uuid: Option<String>,
    /// As the API shows them.
    pub proxies: Value,
    /// Tags by protocol.
    pub inbounds: Value,
    /// Unix seconds.
    pub expire: Option<i64>,
    /// Bytes; none is unlimited.
    pub data_limit: Option<i64>,
    /// Bytes since the last reset.
    pub used_traffic: u64,
    /// The admin's note.
    pub note: Option<String>,
    /// Share links; none for a user that the panel cannot show.
    pub links: Vec<String>,
    /// Made anew at each look; all made since the last revocation are good.
    pub subscription_url: String,
    /// Its owner; none when a sudo admin of the environment made it.
    pub admin: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// A row that the panel stored and cannot show.
    pub poisoned: bool,
}

/// A backup of a panel's database.
#[derive(Clone)]
pub struct Snapshot(Box<Db>);

impl Marzban {
    /// Starts a panel on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken.
    #[expect(clippy::unused_async, reason = "it needs a runtime, and callers should see that")]
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let served = ServerOptions {
            port: options.port,
            tls: options.tls.clone(),
            prefix: options.path_prefix.clone(),
            keep_alive: options.keep_alive,
            clock: options.clock.clone(),
        };
        let panel = Arc::new(Panel::new(options));
        let server = Server::start(served, Arc::clone(&panel) as Arc<dyn App>)?;
        Ok(Self { panel, server })
    }

    /// `http://127.0.0.1:PORT`, with the prefix if there is one.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.panel.secure { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{}", self.server.port(), self.panel.prefix)
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.panel.name
    }

    /// Closes the port and all connections.
    #[expect(
        clippy::unused_async,
        reason = "callers end worlds in async code, and a graceful end would wait"
    )]
    pub async fn shutdown(&self) {
        self.server.shutdown();
        self.panel.doors().close();
    }

    // Faults and what went over the wire.

    /// Sets the fault for all requests; [`Fault::None`] heals. In force when this returns.
    pub fn set_fault(&self, fault: Fault) {
        self.server.set_fault(fault);
    }

    /// The fault in force for all requests.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.server.fault()
    }

    /// Sets a fault for some requests, which meet it instead of the one for all; [`Fault::None`] removes it.
    pub fn set_fault_for(&self, matcher: Matcher, fault: Fault) {
        self.server.set_fault_for(matcher, fault);
    }

    /// Removes all faults.
    pub fn heal(&self) {
        self.server.heal();
    }

    /// Resets all open connections, as a restart of a front does.
    pub fn cut_connections(&self) {
        self.server.cut_connections();
    }

    /// What arrived so far.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestLog> {
        self.server.log()
    }

    /// Forgets what arrived so far.
    pub fn clear_requests(&self) {
        self.server.clear_log();
    }

    /// The most requests that were being worked on at once.
    #[must_use]
    pub fn in_flight_peak(&self) -> usize {
        self.server.in_flight_peak()
    }

    /// Starts [`Marzban::in_flight_peak`] anew.
    pub fn reset_in_flight_peak(&self) {
        self.server.reset_peak();
    }

    // Users.

    /// The names of all users, in the order of their rows.
    #[must_use]
    pub fn usernames(&self) -> Vec<String> {
        self.lock().db.users.values().map(|user| user.username.clone()).collect()
    }

    /// A user.
    #[must_use]
    pub fn user(&self, username: &str) -> Option<UserView> {
        let mut state = self.lock();
        let user = state.db.user(username)?.clone();
        let links = state.view(user.id).map(|view| view.links).unwrap_or_default();
        let uuid = user.account(Protocol::Vless).and_then(|account| match &account.proxy {
            Proxy::Vless { id, .. } => Some(id.to_string()),
            Proxy::Vmess { .. } | Proxy::Trojan { .. } | Proxy::Shadowsocks { .. } => None,
        });
        let owner = state.db.admins.iter().find(|admin| Some(admin.id) == user.admin);
        let proxies = serde_json::to_value(user.proxies()).expect("rows become JSON");
        let inbounds = serde_json::to_value(user.tags(&state.inbounds, false)).expect("rows become JSON");
        Some(UserView {
            status: user.status,
            uuid,
            proxies,
            inbounds,
            expire: user.expire,
            data_limit: user.data_limit,
            used_traffic: user.used_traffic,
            note: user.note.clone(),
            links,
            subscription_url: state.subscription_url(username),
            admin: owner.map(|admin| admin.username.clone()),
            created_at: user.created_at,
            poisoned: user.is_poisoned(),
            username: user.username,
        })
    }

    /// Would the core let in a new connection with this VLESS id now: is the core alive, does it know the id, does
    /// the flow fit? (The REALITY inbound called `raw` refuses accounts made since the core was started.)
    #[must_use]
    pub fn works(&self, vless_uuid: &str) -> bool {
        self.lock().core.admits(vless_uuid).is_some()
    }

    /// The name of the user to whom traffic with this VLESS id is charged now.
    #[must_use]
    pub fn charged(&self, vless_uuid: &str) -> Option<String> {
        let state = self.lock();
        let id = state.core.admits(vless_uuid)?;
        state.db.users.get(&id).map(|user| user.username.clone())
    }

    /// Adds active users of somebody else: made by an admin called `other`, with all protocols of the panel.
    pub fn add_foreign_users(&self, count: usize) {
        let mut state = self.lock();
        if state.db.admin("other").is_none() {
            state.db.add_admin("other", "password-of-the-other", false);
        }
        let owner = state.db.admin("other").map(|admin| admin.id);
        for _ in 0..count {
            let id = state.db.next_user_id();
            let account = Account {
                proxy: Proxy::Vless { id: state.new_uuid(), flow: String::new() },
                excluded: Vec::new(),
            };
            let user = new_user(id, format!("foreign_{id}"), vec![account], owner, state.options.clock.now());
            let State { core, inbounds, .. } = &mut *state;
            core.add(inbounds, &user);
            state.db.insert_user(user);
        }
    }

    /// Traffic of a user through the panel's own core, as downlink. Limits take effect at the panel's next review.
    pub fn add_traffic(&self, username: &str, bytes: u64) {
        self.add_traffic_through(username, None, 0, bytes);
    }

    /// Traffic of a user through a node (`None` is the panel's own core).
    pub fn add_traffic_through(&self, username: &str, node: Option<u64>, up: u64, down: u64) {
        let mut state = self.lock();
        if let Some(id) = state.db.user(username).map(|user| user.id) {
            state.traffic(id, node.unwrap_or(0), up, down);
        }
    }

    /// Traffic of whoever has this VLESS id: charged to the one account that the core knows it by. `false` when the
    /// core refuses it.
    pub fn client_traffic(&self, vless_uuid: &str, bytes: u64) -> bool {
        let mut state = self.lock();
        let user = state.core.admits(vless_uuid);
        if let Some(id) = user {
            state.traffic(id, 0, 0, bytes);
        }
        user.is_some()
    }

    /// Traffic of an account deleted a moment ago: the panel books it to the row's id, which the next user gets.
    pub fn late_traffic(&self, up: u64, down: u64) {
        let mut state = self.lock();
        let id = state.db.next_user_id();
        state.traffic(id, 0, up, down);
    }

    /// Sets what a user has used, directly in the database.
    pub fn set_used_traffic(&self, username: &str, bytes: u64) {
        if let Some(user) = self.lock().db.user_mut(username) {
            user.used_traffic = bytes;
        }
    }

    /// Deletes a user as another admin would: from the database and from the core.
    pub fn delete_user(&self, username: &str) {
        let mut state = self.lock();
        if let Some(user) = state.db.user(username).cloned() {
            state.db.remove_user(user.id);
            state.core.remove(&user.email());
        }
    }

    /// Lets the panel's background jobs run, if they are due by its clock.
    pub fn catch_up(&self) {
        drop(self.lock());
    }

    // The panel itself.

    /// Where the panel thinks it is reached: stands before `/sub/…` from now on.
    pub fn set_subscription_url_prefix(&self, prefix: &str) {
        prefix.clone_into(&mut self.lock().options.subscription_url_prefix);
    }

    /// Another password for the sudo admin: its tokens die (not those of an admin of the environment).
    pub fn set_admin_password(&self, password: &str) {
        let mut state = self.lock();
        let username = state.options.admin.0.clone();
        state.change_password(&username, password);
    }

    /// One more admin.
    pub fn add_admin(&self, username: &str, password: &str, is_sudo: bool) {
        self.lock().db.add_admin(username, password, is_sudo);
    }

    /// A token as this panel would have made it, for tests of old, foreign and expired ones.
    #[must_use]
    pub fn token(
        &self,
        username: &str,
        is_sudo: bool,
        issued: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> String {
        self.lock().sign(username, is_sudo, issued, Some(expires))
    }

    /// `false`: the core dies and cannot be started. `true`: it can, and is.
    pub fn set_core(&self, alive: bool) {
        let mut state = self.lock();
        state.core.can_start = alive;
        state.restart_core();
        self.panel.doors().follow(state.core.started);
    }

    /// The core dies; the panel starts it again at its next review.
    pub fn kill_core(&self) {
        self.lock().core.started = false;
        self.panel.doors().follow(false);
    }

    /// Starts the core anew with the users of the database.
    pub fn restart_core(&self) {
        let started = self.lock().restart_core();
        self.panel.doors().follow(started);
    }

    /// Other inbounds; the core starts anew with them.
    pub fn set_inbounds(&self, inbounds: Vec<Inbound>) {
        let mut state = self.lock();
        state.db.default_hosts(&inbounds);
        state.inbounds = inbounds;
        state.restart_core();
    }

    /// Adds a worker server and returns its id. Connected, or found dead, a second later.
    pub fn add_node(&self, spec: &NodeSpec) -> u64 {
        self.lock().add_node(spec, [62_050, 62_051])
    }

    /// Whether something answers at a node's address from now on.
    pub fn set_node(&self, id: u64, reachable: bool) {
        let mut state = self.lock();
        if let Some(node) = state.db.nodes.get_mut(&id) {
            node.reachable = reachable;
        }
    }

    /// A backup of the database.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(Box::new(self.lock().db.clone()))
    }

    /// Puts a backup in place of the database and starts the core anew, as an operator does after a loss.
    pub fn restore(&self, snapshot: &Snapshot) {
        let mut state = self.lock();
        state.db = (*snapshot.0).clone();
        state.restart_core();
    }

    /// Starts over with an empty database: no users, another secret (all tokens and subscriptions die), the same sudo
    /// admin.
    pub fn wipe(&self) {
        self.lock().wipe();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.panel.lock()
    }
}

impl fmt::Debug for Marzban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marzban").field("name", &self.panel.name).field("url", &self.url()).finish()
    }
}

fn new_user(
    id: u64,
    username: String,
    accounts: Vec<Account>,
    admin: Option<u64>,
    now: DateTime<Utc>,
) -> User {
    User {
        id,
        username,
        accounts,
        status: Status::Active,
        expire: None,
        data_limit: None,
        reset_strategy: ResetStrategy::NoReset,
        note: None,
        on_hold_expire_duration: None,
        on_hold_timeout: None,
        auto_delete_in_days: None,
        next_plan: None,
        used_traffic: 0,
        used_before_resets: 0,
        created_at: now,
        edited_at: None,
        reset_at: None,
        online_at: None,
        sub_updated_at: None,
        sub_last_user_agent: None,
        sub_revoked_at: None,
        admin,
    }
}
