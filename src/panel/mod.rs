//! The fleet's panels over HTTP, behind one trait.
//!
//! A driver hides a panel kind's wire words and its traps. It holds no knowledge of operations: whether a call may be
//! made at all, and what an unclear answer means for a key, is decided above.
//!
//! - [`connect()`]: a panel of the right kind from an instance's description, the only way in.
//! - [`marzban`]: the driver of Marzban 0.8.
//! - [`read_only`]: any panel, with the writes refused.
//! - [`fake`]: a panel in memory that fails by script, for tests of what stands above.
//! - [`endpoint`], [`probe`]: where users connect, and whether anything answers there; [`net_probe`] checks it over the network.
//! - [`old_link`]: whose a panel's own link says that it is.
//! - [`outside`]: how an address looks to anybody. [`vantage`]: the way home of those who look from inside a country.
//! - `http`, `route`, `tls`, `trouble`: one HTTP connection pool a panel, with its proxy, headers and trust.

pub mod cdn;
pub mod connect;
pub mod endpoint;
pub mod fake;
mod http;
pub mod marzban;
pub mod net_probe;
pub mod old_link;
pub mod outside;
pub mod probe;
pub mod read_only;
mod route;
mod tls;
mod trouble;
pub mod vantage;

use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use connect::{Defaults, connect};

pub use crate::domain::instance::Node;

use crate::domain::quota::Bytes;
use crate::domain::{AccountName, Credentials, Timestamp};

/// A panel of any kind.
///
/// Reads may be repeated freely. Writes are idempotent: `create` and `update` of what is already so, and `delete` of
/// what is gone, succeed.
#[async_trait]
pub trait Panel: Send + Sync {
    /// A detailed look: does it answer, does its core run, how many users has it. Time-out 10 s.
    async fn check(&self) -> Result<Overview, PanelError>;

    /// A quick look over a fresh connection: does the panel answer, does its core run. Other calls that are under way
    /// do not hold it up.
    async fn pulse(&self, timeout: Duration) -> Result<Pulse, PanelError>;

    /// When the certificate ends that the panel showed last; `None` without TLS and before the first connection.
    fn certificate_ends_at(&self) -> Option<Timestamp> {
        None
    }

    /// What an admin wants to know before the panel is taken into the fleet: version, inbounds, traps.
    async fn inspect(&self) -> Result<Inspection, PanelError>;

    /// Makes the account be as wanted, whether it existed or not, and reads it back when the answer left a doubt.
    ///
    /// - 200 that shows our credentials and limits: done.
    /// - 409, 5xx or a time-out: the account is read; ours with the same credentials counts as done (brought to the
    ///   intended state if it differs), somebody else's is [`PanelError::Exists`].
    async fn create(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError>;

    /// Brings an existing account to the wanted state: status, expiry, limit. Credentials and note are sent too, so
    /// that a half-made account is repaired. [`PanelError::NotFound`] when it does not exist.
    async fn update(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError>;

    /// Deletes the account; not found is success. The answer tells whether all that was sent is known to be executed.
    async fn delete(&self, name: &AccountName, call: Call) -> Result<Deleted, PanelError>;

    /// Reads one account; `None` when the panel says that it does not exist.
    async fn get(&self, name: &AccountName, call: Call) -> Result<Option<Account>, PanelError>;

    /// A page of accounts whose name begins with `prefix`, in a stable order. At most 100 a page. What the panel's
    /// search found besides is left out, so a page may be shorter than asked: go on until `offset` reaches `total`.
    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Page, PanelError>;

    /// What the panel gives a client that calls itself `agent` and fetches an account by `url`, the link that the panel
    /// showed of it. Asked where we reach the panel, wherever its link leads. [`PanelError::NotFound`] when the link
    /// does not count any more.
    async fn subscription(
        &self,
        url: &str,
        agent: &str,
        timeout: Duration,
    ) -> Result<Subscription, PanelError>;

    /// Worker servers with their state; the panel's own core is the node `Master`. Empty for a login that may not look.
    async fn nodes(&self) -> Result<Vec<Node>, PanelError>;

    /// Lets the panel connect to a worker server anew, by the panel's own id of it. [`PanelError::NotFound`] when there
    /// is none. Whether it helps, a later look tells.
    async fn reconnect_node(&self, remote_id: i64) -> Result<(), PanelError>;

    /// Restarts the panel's core and those of its worker servers: every open connection is cut for a moment.
    async fn restart_core(&self) -> Result<(), PanelError>;
}

/// How one call is made.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Give up after this. A write whose answer was unclear is read back, which may take half as long again (at least
    /// a second).
    pub timeout: Duration,
    /// The request must not leave later than this: the driver looks just before it hands the request to the connection
    /// (which may still have to be made, within `timeout`). Writes are recorded before they are sent, and a process
    /// that was paused in between must not send what another may have given up.
    pub send_by: Option<Instant>,
}

impl Call {
    /// A call in the background: 15 s.
    pub const BACKGROUND: Self = Self { timeout: Duration::from_secs(15), send_by: None };
    /// A call a person waits for: 5 s.
    pub const FOREGROUND: Self = Self { timeout: Duration::from_secs(5), send_by: None };

    /// The same call, not to be sent later than `send_by`.
    #[must_use]
    pub fn send_by(self, send_by: Instant) -> Self {
        Self { send_by: Some(send_by), ..self }
    }
}

/// An account as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name, never used before.
    pub name: AccountName,
    /// Its secrets.
    pub credentials: Credentials,
    /// Serves, or is paused.
    pub enabled: bool,
    /// When it ends; `None` never. Whole seconds on every panel.
    pub expires_at: Option<Timestamp>,
    /// How much it may use on this panel; `None` is unlimited, zero does not exist.
    pub data_limit: Option<Bytes>,
    /// Our mark, and a word for the operator's eye.
    pub note: String,
}

/// An account as the panel shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: AccountName,
    /// The secrets it serves.
    pub credentials: Shown,
    /// What the panel says of it.
    pub status: AccountStatus,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Its limit on this panel.
    pub data_limit: Option<Bytes>,
    /// What it used on this panel, up and down.
    pub used: Bytes,
    /// The operator's note with our mark.
    pub note: Option<String>,
    /// Where clients fetch it, as a full address; differs in each answer on Marzban, every one of them works.
    pub subscription_url: Option<String>,
    /// Ready-made share links.
    pub links: Vec<String>,
    /// The last traffic, if the panel tells.
    pub online_at: Option<Timestamp>,
}

/// Links and notes never reach a log.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, status, expires_at, data_limit, used, .. } = self;
        write!(f, "Account({name}, {status:?}, until {expires_at:?}, {used} of {data_limit:?} bytes)")
    }
}

impl Account {
    /// Whether it is as wanted: the same secrets and limits, and paused or not. The note is for people and the links
    /// are drawn anew in each answer, so neither counts.
    #[must_use]
    pub fn is_as(&self, wanted: &Wanted) -> bool {
        let seconds = |at: Option<Timestamp>| at.map(|at| at.timestamp().max(1));
        self.name == wanted.name
            && self.credentials.are(&wanted.credentials)
            && seconds(self.expires_at) == seconds(wanted.expires_at)
            && self.data_limit == wanted.data_limit
            && (self.status != AccountStatus::Disabled) == wanted.enabled
    }
}

/// The secrets that a panel shows of an account, one for each protocol it serves. A panel without Trojan and
/// Shadowsocks shows no password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The ids of VLESS and VMess.
    pub uuids: Vec<Uuid>,
    /// The passwords of Trojan and Shadowsocks.
    pub passwords: Vec<String>,
}

impl Shown {
    /// Whether all that is shown, and at least something, is ours.
    #[must_use]
    pub fn are(&self, credentials: &Credentials) -> bool {
        let something = !self.uuids.is_empty() || !self.passwords.is_empty();
        something
            && self.uuids.iter().all(|uuid| *uuid == credentials.uuid)
            && self.passwords.iter().all(|password| *password == credentials.password)
    }
}

impl From<&Credentials> for Shown {
    fn from(credentials: &Credentials) -> Self {
        Self { uuids: vec![credentials.uuid], passwords: vec![credentials.password.clone()] }
    }
}

/// Secrets never reach a log.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

/// What a panel says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Serves.
    Active,
    /// Paused by somebody.
    Disabled,
    /// Its quota is used.
    Limited,
    /// Its time is over.
    Expired,
    /// Waits for the first traffic.
    OnHold,
}

/// A write that is known to have had its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The account after it.
    pub account: Account,
    /// Whether every request sent for it had a definite answer. If not, a late one may still land.
    pub settled: bool,
}

/// An account that is known to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Whether every request sent for it had a definite answer.
    pub settled: bool,
}

/// A page of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The accounts of this page.
    pub accounts: Vec<Account>,
    /// How many there are over all pages.
    pub total: u32,
}

/// What a client gets that fetches an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What kind of text it is.
    pub content_type: Option<String>,
    /// What else clients understand of the panel's headers, by name.
    pub headers: Vec<(String, String)>,
    /// Links, YAML or JSON.
    pub body: Vec<u8>,
}

/// Links never reach a log.
impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription({:?}, {} bytes)", self.content_type, self.body.len())
    }
}

/// What a quick look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// How long it took, the connection included.
    pub took: Duration,
    /// Whether its core runs, where the panel tells.
    pub core_started: Option<bool>,
}

/// What a detailed look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The panel's version.
    pub version: String,
    /// Whether its core runs.
    pub core_started: bool,
    /// Its active users, ours included.
    pub users_active: u32,
    /// All its users.
    pub users_total: u32,
    /// How long the look took.
    pub latency: Duration,
    /// The worker servers, where the login may see them.
    pub nodes: Vec<Node>,
}

/// What an admin wants to know before a panel is taken into the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// As a detailed look.
    pub overview: Overview,
    /// What can be offered.
    pub inbounds: Vec<Inbound>,
    /// Whether the login is the panel's owner (may see nodes and the core's configuration).
    pub sudo: bool,
    /// What will not work, most important first.
    pub warnings: Vec<Warning>,
}

/// A way in that a panel offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Its tag.
    pub tag: String,
    /// `vless`, `vmess`, `trojan` or `shadowsocks`.
    pub protocol: String,
    /// `tcp`, `ws`, `grpc` …
    pub network: String,
    /// `none`, `tls` or `reality`.
    pub security: String,
}

/// A trap found before the panel is taken into the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// No inbound at all: keys made here would be empty.
    NoInbounds,
    /// The core does not run.
    CoreStopped,
    /// A REALITY inbound whose network is called `raw`: new users with a flow cannot connect until the core restarts.
    RealityRaw {
        /// The inbound's tag.
        tag: String,
    },
    /// Inbounds exist, but the panel has no host for them or the tags asked for are unknown.
    UnknownInbound {
        /// The tag asked for.
        tag: String,
    },
    /// Plain HTTP to an address that is not this machine: the password crosses the network in the clear.
    PlainHttp,
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// The panel says that the account does not exist.
    #[error("the panel has no such account")]
    NotFound,
    /// The name is taken by an account with other credentials.
    #[error("the panel has another account of that name")]
    Exists {
        /// Whether it carries our mark.
        ours: bool,
    },
    /// Login refused, after one fresh login.
    #[error("the panel refuses the login")]
    Unauthorised,
    /// The login may not do this.
    #[error("the panel's login may not do this")]
    Forbidden,
    /// The panel understood and refused: nothing was done.
    #[error("the panel refuses the request: {0}")]
    Invalid(String),
    /// The account's state forbids it.
    #[error("the account's state forbids it: {0}")]
    Conflict(String),
    /// The request was certainly not executed.
    #[error("the panel cannot be reached: {0}")]
    Unavailable(Trouble),
    /// The request may have been executed, or may still be.
    #[error("the panel's answer is unclear: {0}")]
    Unclear(Trouble),
    /// What answered is no panel: a web page, another program, a wrong path.
    #[error("what answers there is not the panel: {0}")]
    NotPanel(Trouble),
    /// The connection settings cannot be used, such as a proxy address that is none.
    #[error("the connection settings cannot be used: {0}")]
    Settings(String),
}

impl PanelError {
    /// Whether nothing of the request can still land.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::NotFound
            | Self::Exists { .. }
            | Self::Unauthorised
            | Self::Forbidden
            | Self::Invalid(_)
            | Self::Conflict(_)
            | Self::Unavailable(_)
            | Self::Settings(_) => true,
            Self::Unclear(_) | Self::NotPanel(_) => false,
        }
    }

    /// Whether the same call may succeed later without anybody's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unclear(_))
    }

    /// A short word for logs, the database and the text to show: `refused`, `timeout`, `unauthorised` …
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Exists { .. } => "exists",
            Self::Unauthorised => "unauthorised",
            Self::Forbidden => "forbidden",
            Self::Invalid(_) => "invalid",
            Self::Conflict(_) => "conflict",
            Self::Settings(_) => "settings",
            Self::Unavailable(trouble) | Self::Unclear(trouble) | Self::NotPanel(trouble) => trouble.word(),
        }
    }
}

/// What went wrong on the way. Holds no address, header or body: these may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Trouble {
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The name is unknown.
    #[error("the name cannot be resolved")]
    Dns,
    /// No way there from this machine.
    #[error("no route")]
    Unreachable,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection was cut.
    #[error("the connection was cut")]
    Cut,
    /// The certificate is not trusted, has another name, or another fingerprint.
    #[error("the certificate is not trusted")]
    Certificate,
    /// The proxy on the way refuses.
    #[error("the proxy refuses")]
    Proxy,
    /// A 5xx.
    #[error("server error {0}")]
    Server(u16),
    /// A 429.
    #[error("too many requests")]
    TooMany,
    /// A web page, a redirect to elsewhere, JSON of another program.
    #[error("a foreign answer with status {0}")]
    Foreign(u16),
    /// The answer ended early or could not be read.
    #[error("an answer that cannot be read")]
    Garbled,
    /// The time to send it had passed before it could be sent.
    #[error("too late to send")]
    TooLate,
    /// More calls wait for this panel than can be made in time.
    #[error("the panel is busy")]
    Busy,
}

impl Trouble {
    /// A short word, stable: it is stored and translated.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Dns => "dns",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Cut => "cut",
            Self::Certificate => "certificate",
            Self::Proxy => "proxy",
            Self::Server(_) => "server-error",
            Self::TooMany => "too-many",
            Self::Foreign(_) => "foreign",
            Self::Garbled => "garbled",
            Self::TooLate => "too-late",
            Self::Busy => "busy",
        }
    }
}
