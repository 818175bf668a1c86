//! The rows of the panel's database.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::inbound::{Inbound, Protocol};

/// A user's status, named as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Connects.
    Active,
    /// Switched off by an admin; stays so until an admin changes it.
    Disabled,
    /// Used up its limit.
    Limited,
    /// Its time is over.
    Expired,
    /// Connects; its time begins with its first traffic.
    OnHold,
}

impl Status {
    /// As on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Limited => "limited",
            Self::Expired => "expired",
            Self::OnHold => "on_hold",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Limited, Self::Expired, Self::OnHold]
            .into_iter()
            .find(|status| status.name() == name)
    }

    /// Whether the core lets such users in.
    pub(super) fn connects(self) -> bool {
        matches!(self, Self::Active | Self::OnHold)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often the used traffic goes back to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ResetStrategy {
    NoReset,
    Day,
    Week,
    Month,
    Year,
}

impl ResetStrategy {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "no_reset" => Self::NoReset,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => return None,
        })
    }

    pub(super) fn days(self) -> Option<i64> {
        match self {
            Self::NoReset => None,
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Year => Some(365),
        }
    }
}

/// Credentials of one protocol, as the wire shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Proxy {
    Vless { id: Uuid, flow: String },
    Vmess { id: Uuid },
    Trojan { password: String, flow: String },
    Shadowsocks { password: String, method: String },
}

impl Proxy {
    pub(super) fn protocol(&self) -> Protocol {
        match self {
            Self::Vless { .. } => Protocol::Vless,
            Self::Vmess { .. } => Protocol::Vmess,
            Self::Trojan { .. } => Protocol::Trojan,
            Self::Shadowsocks { .. } => Protocol::Shadowsocks,
        }
    }
}

/// A proxy of a user, with the inbounds it may not use.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) proxy: Proxy,
    pub(super) excluded: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct NextPlan {
    pub(super) data_limit: i64,
    pub(super) expire: Option<i64>,
    pub(super) add_remaining_traffic: bool,
    pub(super) fire_on_either: bool,
}

/// A user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) username: String,
    pub(super) accounts: Vec<Account>,
    pub(super) status: Status,
    /// Unix seconds; the panel stores what it is given, milliseconds too.
    pub(super) expire: Option<i64>,
    pub(super) data_limit: Option<i64>,
    pub(super) reset_strategy: ResetStrategy,
    pub(super) note: Option<String>,
    pub(super) on_hold_expire_duration: Option<i64>,
    pub(super) on_hold_timeout: Option<NaiveDateTime>,
    pub(super) auto_delete_in_days: Option<i64>,
    pub(super) next_plan: Option<NextPlan>,
    pub(super) used_traffic: u64,
    pub(super) used_before_resets: u64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) edited_at: Option<DateTime<Utc>>,
    pub(super) reset_at: Option<DateTime<Utc>>,
    pub(super) online_at: Option<DateTime<Utc>>,
    pub(super) sub_updated_at: Option<DateTime<Utc>>,
    pub(super) sub_last_user_agent: Option<String>,
    pub(super) sub_revoked_at: Option<DateTime<Utc>>,
    pub(super) admin: Option<u64>,
}

/// Years after 9999 do not exist in Python.
const LAST_SECOND: i64 = 253_402_300_799;
const FIRST_SECOND: i64 = -62_135_596_800;

impl User {
    pub(super) fn email(&self) -> String {
        format!("{}.{}", self.id, self.username)
    }

    pub(super) fn account(&self, protocol: Protocol) -> Option<&Account> {
        self.accounts.iter().find(|account| account.proxy.protocol() == protocol)
    }

    /// A row that the panel stored and cannot show: each answer with it in it is a 500.
    pub(super) fn is_poisoned(&self) -> bool {
        self.accounts.is_empty()
            || self.expire.is_some_and(|expire| !(FIRST_SECOND..=LAST_SECOND).contains(&expire))
    }

    /// Its proxies as the wire shows them, in their order.
    pub(super) fn proxies(&self) -> Ordered<Proxy> {
        Ordered(
            self.accounts
                .iter()
                .map(|account| (account.proxy.protocol().name().to_owned(), account.proxy.clone()))
                .collect(),
        )
    }

    /// Tags by protocol: the inbounds it may use, or (`excluded`) those it may not.
    pub(super) fn tags(&self, inbounds: &[Inbound], excluded: bool) -> Ordered<Vec<String>> {
        let tags = |account: &Account| {
            inbounds
                .iter()
                .filter(|inbound| inbound.protocol == account.proxy.protocol())
                .filter(|inbound| account.excluded.contains(&inbound.tag) == excluded)
                .map(|inbound| inbound.tag.clone())
                .collect()
        };
        Ordered(
            self.accounts
                .iter()
                .map(|account| (account.proxy.protocol().name().to_owned(), tags(account)))
                .collect(),
        )
    }
}

/// A JSON object that keeps its order: protocols appear as the user has them.
#[derive(Debug, Clone)]
pub(super) struct Ordered<V>(pub(super) Vec<(String, V)>);

impl<V: Serialize> Serialize for Ordered<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A login of the panel.
#[derive(Debug, Clone)]
pub(super) struct Admin {
    pub(super) id: u64,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) is_sudo: bool,
    pub(super) telegram_id: Option<i64>,
    pub(super) discord_webhook: Option<String>,
    pub(super) users_usage: u64,
    /// When the password was changed last, and the number of the first token made with the new one.
    pub(super) password_changed: Option<(DateTime<Utc>, u64)>,
}

impl Admin {
    pub(super) fn view(&self) -> Value {
        json!({
            "username": self.username,
            "is_sudo": self.is_sudo,
            "telegram_id": self.telegram_id,
            "discord_webhook": self.discord_webhook,
            "users_usage": self.users_usage,
        })
    }
}

/// A worker server.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) port: u16,
    pub(super) api_port: u16,
    pub(super) usage_coefficient: f64,
    pub(super) status: NodeStatus,
    pub(super) message: Option<String>,
    /// Whether something answers at its address.
    pub(super) reachable: bool,
    /// When the status will follow what is true.
    pub(super) settles_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum NodeStatus {
    Connected,
    Connecting,
    Error,
    Disabled,
}

impl Node {
    pub(super) fn view(&self, core_version: &str) -> Value {
        json!({
            "name": self.name,
            "address": self.address,
            "port": self.port,
            "api_port": self.api_port,
            "usage_coefficient": self.usage_coefficient,
            "id": self.id,
            "xray_version": (self.status == NodeStatus::Connected).then_some(core_version),
            "status": self.status,
            "message": self.message,
        })
    }
}

/// Times as Python's `isoformat` writes them, without a zone.
pub(super) fn iso(time: DateTime<Utc>) -> String {
    iso_naive(time.naive_utc())
}

pub(super) fn iso_naive(time: NaiveDateTime) -> String {
    let format = if time.and_utc().timestamp_subsec_micros() == 0 {
        "%Y-%m-%dT%H:%M:%S"
    } else {
        "%Y-%m-%dT%H:%M:%S%.6f"
    };
    time.format(format).to_string()
}
