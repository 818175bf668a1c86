//! A panel installation that we manage.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::quota::Bytes;
use super::{InstanceId, Region, Timestamp};

/// The software of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PanelKind {
    /// Gozargah Marzban.
    Marzban,
}

/// What we may do on a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Look only; no key is placed here and nothing is changed.
    Observe,
    /// Place and change our own accounts.
    Manage,
}

/// What the admins decided about an instance, whatever its health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum AdminState {
    /// Takes new keys.
    Open,
    /// Takes no new keys; those on it stay.
    Cordoned,
    /// Takes no new keys and raises no alarm until the time given, or until it is opened again.
    Maintenance {
        /// When it opens by itself.
        until: Option<Timestamp>,
    },
}

impl AdminState {
    /// Whether new keys may be placed at `now`.
    #[must_use]
    pub fn accepts(self, now: Timestamp) -> bool {
        match self {
            Self::Open => true,
            Self::Cordoned => false,
            Self::Maintenance { until } => until.is_some_and(|until| until <= now),
        }
    }
}

/// What is known of an instance's health. The full state machine is the fleet's; placement only asks what it means for
/// new keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Never seen well yet.
    Unknown,
    /// Answers, and its core runs.
    Healthy,
    /// Works in part.
    Degraded,
    /// A failure that waits for confirmation.
    Suspect,
    /// Does not answer.
    Unreachable,
    /// Its API does not answer, its data plane may.
    ControlDown,
    /// Confirmed dead.
    Down,
    /// Answers, but not to us: wrong password, wrong path, wrong certificate.
    Misconfigured,
    /// Cannot be reached by an audience although it lives.
    Blocked,
    /// Back after Down, still in quarantine.
    Recovering,
}

/// A share of new keys within a tier: finite and above zero.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Weight(f64);

/// The number is no weight.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a weight is a number from 0.01 to 100, such as 1 or 2.5")]
pub struct InvalidWeight;

impl Weight {
    /// The weight of an instance that nobody gave one.
    pub const ONE: Self = Self(1.0);

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Weight {
    type Error = InvalidWeight;
    fn try_from(number: f64) -> Result<Self, Self::Error> {
        if (0.01..=100.0).contains(&number) { Ok(Self(number)) } else { Err(InvalidWeight) }
    }
}

impl From<Weight> for f64 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

/// The address of a panel: http or https, with its path prefix, without a slash at the end, user or query.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(String);

/// Why a text is no panel address; each says what to write instead.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum InvalidBaseUrl {
    /// No scheme, or another one.
    #[error("the address must begin with https:// or http://")]
    Scheme,
    /// Cannot be read as a URL at all.
    #[error("this is no web address; write one such as https://vpn1.example.com:8000")]
    Unreadable,
    /// User and password inside the URL.
    #[error("leave user and password out of the address")]
    Userinfo,
}

impl BaseUrl {
    /// The address as text, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of `path` (which begins with a slash) under the panel's prefix.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;
    /// Forgives what people paste: spaces around, slashes at the end, the dashboard's own path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Err(InvalidBaseUrl::Scheme);
        }
        let mut url = url::Url::parse(text).map_err(|_| InvalidBaseUrl::Unreadable)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::Userinfo);
        }
        url.set_query(None);
        url.set_fragment(None);
        let address = url.as_str().trim_end_matches('/');
        let address = address.strip_suffix("/dashboard").unwrap_or(address);
        Ok(Self(address.trim_end_matches('/').to_owned()))
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = InvalidBaseUrl;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BaseUrl> for String {
    fn from(url: BaseUrl) -> Self {
        url.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a panel is reached, beyond its address. All of it may be secret, so it is stored encrypted and never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// A proxy for this panel alone: `http://…`, `socks5://…` or `socks5h://…`. `None` takes `PANEL_PROXY`.
    pub proxy: Option<String>,
    /// Headers sent with every request, such as those of an access gateway.
    pub headers: Vec<(String, String)>,
    /// A certificate authority of the operator's own, in PEM.
    pub ca_pem: Option<String>,
    /// The SHA-256 of the certificate the panel must show, in lower-case hex; it is then trusted whoever signed it.
    pub fingerprint: Option<String>,
    /// Connect to this `host:port` instead of the address's own.
    pub connect_to: Option<String>,
    /// Ask for this name in the TLS handshake instead of the address's own, such as that of a front; the certificate
    /// must then bear it.
    pub sni: Option<String>,
    /// A certificate to show, with its private key, in PEM: some panels stand behind a gate that asks for one.
    pub client_pem: Option<String>,
    /// Inbound tags to offer; empty means all.
    pub inbounds: Vec<String>,
}

/// Secrets never reach a log.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection(…)")
    }
}

/// Whether keys leave an instance by themselves when it is down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailoverMode {
    /// By themselves.
    #[default]
    Auto,
    /// When an admin says so.
    Ask,
    /// Never.
    Off,
}

impl FromStr for FailoverMode {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "ask" => Ok(Self::Ask),
            "off" => Ok(Self::Off),
            _ => Err("auto, ask or off"),
        }
    }
}

/// How an instance is looked after, where it differs from the fleet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Care {
    /// Instead of `FAILOVER`.
    pub failover: Option<FailoverMode>,
    /// Seconds between two quick checks, instead of `CHECK_INTERVAL`.
    pub check_interval: Option<u32>,
}

/// An instance as its operator described it.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Short name.
    pub id: InstanceId,
    /// What people read.
    pub name: String,
    /// The operator's own remark.
    pub note: String,
    /// The software.
    pub kind: PanelKind,
    /// What we may do there.
    pub mode: Mode,
    /// Where its API is.
    pub base_url: BaseUrl,
    /// The login. The password is asked for separately, so that it is nowhere by accident.
    pub username: String,
    /// Where its traffic leaves the network.
    pub region: Region,
    /// Who hosts it, for moves to another one.
    pub provider: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// What the admins decided.
    pub admin_state: AdminState,
    /// Tier: lower is filled first.
    pub priority: u16,
    /// Share within the tier.
    pub weight: Weight,
    /// The cap: at most this many accounts.
    pub max_users: u32,
    /// How it is reached.
    pub connection: Connection,
    /// How it is looked after.
    pub care: Care,
}

/// What a panel says of a worker server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeStatus {
    /// It serves.
    Connected,
    /// The panel tries to reach it.
    Connecting,
    /// The panel cannot reach it, or its core does not start.
    Error,
    /// Somebody switched it off in the panel.
    Disabled,
}

impl NodeStatus {
    /// Whether it serves.
    #[must_use]
    pub fn is_connected(self) -> bool {
        self == Self::Connected
    }

    /// Whether it should serve and does not.
    #[must_use]
    pub fn is_down(self) -> bool {
        matches!(self, Self::Connecting | Self::Error)
    }
}

/// A worker server of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The panel's id; `None` for the panel's own core.
    pub remote_id: Option<i64>,
    /// Its name; `Master` for the panel's own core.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether it serves.
    pub status: NodeStatus,
    /// What the panel says of its trouble.
    pub message: Option<String>,
    /// What the panel multiplies traffic through it with.
    pub usage_coefficient: f64,
    /// Bytes up and down in the last 30 days, if the panel tells.
    pub traffic: Option<Bytes>,
}

impl Eq for Node {}

/// The exact counts of an instance, kept by the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Primary accounts of ours.
    pub active: u32,
    /// Places held by open operations.
    pub reserved: u32,
    /// Accounts left behind by a move, still serving: they hold a place but are no load.
    pub lingering: u32,
    /// Active users of the panel that are not ours, from the last detailed check.
    pub foreign: u32,
}

impl Counters {
    /// Places taken of the cap.
    #[must_use]
    pub fn taken(self) -> u32 {
        self.active.saturating_add(self.reserved).saturating_add(self.lingering).saturating_add(self.foreign)
    }

    /// What counts as load.
    #[must_use]
    pub fn load(self) -> u32 {
        self.active.saturating_add(self.reserved).saturating_add(self.foreign)
    }
}

/// What the last checks found.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthReport {
    /// The state.
    pub health: Health,
    /// Since when.
    pub since: Timestamp,
    /// The last check of any outcome.
    pub checked_at: Option<Timestamp>,
    /// The last good detailed check.
    pub last_good_at: Option<Timestamp>,
    /// How long the last good detailed check took.
    pub latency_ms: Option<u32>,
    /// The panel's version.
    pub version: Option<String>,
    /// The panel's own count of active users, ours included.
    pub users_active: Option<u32>,
    /// Why the last check failed, as a short machine word (`refused`, `timeout`, `unauthorised` …).
    pub problem: Option<String>,
    /// When the first certificate ends that users or this service would stumble over.
    pub certificate_ends_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://vpn1.example.com:8000/", Ok("https://vpn1.example.com:8000"))]
    #[case("  https://vpn1.example.com/secret/dashboard/#/login ", Ok("https://vpn1.example.com/secret"))]
    #[case("http://127.0.0.1:8000", Ok("http://127.0.0.1:8000"))]
    #[case("vpn1.example.com", Err(InvalidBaseUrl::Scheme))]
    #[case("ftp://vpn1.example.com", Err(InvalidBaseUrl::Scheme))]
    #[case("https://", Err(InvalidBaseUrl::Unreadable))]
    #[case("https://admin:secret@vpn1.example.com", Err(InvalidBaseUrl::Userinfo))]
    fn addresses_as_people_paste_them(#[case] text: &str, #[case] expected: Result<&str, InvalidBaseUrl>) {
        assert_eq!(text.parse::<BaseUrl>().as_ref().map(BaseUrl::as_str).map_err(|error| *error), expected);
    }

    #[test]
    fn a_weight_makes_no_nan() {
        assert_eq!(Weight::try_from(0.0), Err(InvalidWeight));
        assert_eq!(Weight::try_from(f64::NAN), Err(InvalidWeight));
        assert!(Weight::try_from(2.5).is_ok());
    }
}
