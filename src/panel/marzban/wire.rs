//! Marzban's own words: what its answers look like, and what they mean in ours.
//!
//! Only what is used is read; fields come and go between releases. Units: bytes, Unix seconds, and for `online_at` an
//! ISO 8601 time in UTC without a zone.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, SubsecRound};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::super::{Account, AccountStatus, Inbound, Shown};
use crate::domain::instance::BaseUrl;
use crate::domain::{AccountName, Timestamp};

/// An account, as every call that shows one answers it.
#[derive(Deserialize)]
pub(super) struct User {
    username: String,
    status: Status,
    pub(super) proxies: BTreeMap<String, Value>,
    expire: Option<i64>,
    data_limit: Option<u64>,
    #[serde(default)]
    used_traffic: u64,
    note: Option<String>,
    subscription_url: Option<String>,
    #[serde(default)]
    links: Vec<String>,
    online_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    Disabled,
    Limited,
    Expired,
    OnHold,
}

impl User {
    /// The account. A relative subscription address (Marzban's default) is taken as the panel's own, below its path
    /// prefix: what forwards `/prefix/api` to the panel is expected to forward `/prefix/sub` as well.
    pub(super) fn account(self, base_url: &BaseUrl) -> Account {
        let text =
            |settings: &Value, field: &str| settings.get(field).and_then(Value::as_str).map(str::to_owned);
        let mut credentials = Shown::default();
        for settings in self.proxies.values() {
            credentials.uuids.extend(text(settings, "id").and_then(|id| id.parse::<Uuid>().ok()));
            credentials.passwords.extend(text(settings, "password"));
        }
        let absolute = |url: String| if url.starts_with('/') { base_url.join(&url) } else { url };
        Account {
            name: AccountName::stored(self.username),
            credentials,
            status: match self.status {
                Status::Active => AccountStatus::Active,
                Status::Disabled => AccountStatus::Disabled,
                Status::Limited => AccountStatus::Limited,
                Status::Expired => AccountStatus::Expired,
                Status::OnHold => AccountStatus::OnHold,
            },
            expires_at: self.expire.filter(|seconds| *seconds != 0).map(time),
            data_limit: self.data_limit.filter(|bytes| *bytes != 0),
            used: self.used_traffic,
            note: self.note,
            subscription_url: self.subscription_url.filter(|url| !url.is_empty()).map(absolute),
            links: self.links,
            online_at: self.online_at.as_deref().and_then(naive_utc),
        }
    }
}

/// Unix seconds; what no calendar reaches (somebody sent milliseconds) is the end of time.
fn time(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap_or(Timestamp::MAX_UTC)
}

fn naive_utc(text: &str) -> Option<Timestamp> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(time.and_utc().trunc_subsecs(6))
}

/// `GET /api/users`
#[derive(Deserialize)]
pub(super) struct Users {
    pub(super) users: Vec<User>,
    pub(super) total: u32,
}

/// `GET /api/system`
#[derive(Deserialize)]
pub(super) struct System {
    pub(super) version: String,
    pub(super) total_user: u32,
    pub(super) users_active: u32,
}

/// `GET /api/core`: `started` says only that the process lives.
#[derive(Deserialize)]
pub(super) struct Core {
    pub(super) started: bool,
}

/// `GET /api/admin`: the login itself.
#[derive(Deserialize)]
pub(super) struct Admin {
    pub(super) is_sudo: bool,
}

/// One of `GET /api/inbounds`
#[derive(Deserialize)]
pub(super) struct WireInbound {
    tag: String,
    protocol: String,
    network: String,
    tls: String,
}

impl From<WireInbound> for Inbound {
    fn from(inbound: WireInbound) -> Self {
        let WireInbound { tag, protocol, network, tls } = inbound;
        Self { tag, protocol, network, security: tls }
    }
}

/// `GET /api/core/config`, as far as traps stand in it: Xray's own configuration.
#[derive(Deserialize)]
pub(super) struct CoreConfig {
    #[serde(default)]
    pub(super) inbounds: Vec<CoreInbound>,
}

/// An inbound of Xray's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoreInbound {
    pub(super) tag: Option<String>,
    #[serde(default)]
    pub(super) stream_settings: StreamSettings,
}

/// How an inbound of Xray's is carried.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct StreamSettings {
    pub(super) network: Option<String>,
    pub(super) security: Option<String>,
}

/// One of `GET /api/nodes`
#[derive(Deserialize)]
pub(super) struct WireNode {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) status: String,
    pub(super) message: Option<String>,
    pub(super) usage_coefficient: f64,
}

/// `GET /api/nodes/usage`: the last 30 days.
#[derive(Deserialize)]
pub(super) struct NodesUsage {
    pub(super) usages: Vec<NodeUsage>,
}

/// One node's traffic; `None` is the panel's own core.
#[derive(Deserialize)]
pub(super) struct NodeUsage {
    pub(super) node_id: Option<i64>,
    pub(super) uplink: u64,
    pub(super) downlink: u64,
}
