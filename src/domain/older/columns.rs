//! The names under which columns are found, the more telling first, and how cells are read.
//!
//! They are those of bots around Marzban and 3x-ui that have tables of these names; `docs/import.md` lists them for people.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use uuid::Uuid;

use super::super::claim::{self, Proof};
use super::super::instance::{BaseUrl, InvalidBaseUrl};
use super::super::quota::Bytes;
use super::{Region, Row, Timestamp, UserId};

/// The number of a row.
pub const ID: [&str; 1] = ["id"];
/// Telegram's id of a person.
pub const TELEGRAM: [&str; 7] =
    ["telegram_id", "tg_id", "telegram_user_id", "user_tg_id", "tg_user_id", "telegram_chat_id", "chat_id"];
/// The older system's own number of a person; Telegram's id where there is no table of them.
pub const USER: [&str; 3] = ["user_id", "owner_id", "client_id"];
/// Somebody may not have keys.
pub const BANNED: [&str; 2] = ["is_banned", "banned"];
/// What people read.
pub const NAME: [&str; 4] = ["name", "title", "label", "display_name"];
/// The login of a panel.
pub const LOGIN: [&str; 7] = [
    "username",
    "admin_username",
    "marzban_username",
    "api_username",
    "panel_username",
    "login",
    "admin_login",
];
/// Its password.
pub const PASSWORD: [&str; 5] =
    ["password", "admin_password", "marzban_password", "api_password", "panel_password"];
/// How many accounts a panel may hold.
pub const CAP: [&str; 5] = ["max_users", "max_clients", "user_limit", "users_limit", "capacity"];
/// An account's name on its panel.
pub const ACCOUNT: [&str; 10] = [
    "marzban_username",
    "panel_username",
    "account_name",
    "account",
    "marzban_user",
    "username",
    "client_email",
    "client_username",
    "email",
    "xui_client_email",
];
/// The id of VLESS or VMess.
const UUID: [&str; 4] = ["uuid", "client_uuid", "vless_uuid", "user_uuid"];
/// A key in whole, which holds that id.
const KEY: [&str; 7] =
    ["vless_link", "vless_url", "config_link", "config_url", "access_url", "link", "config"];
/// The panel of an account or a node.
pub const INSTANCE: [&str; 5] = ["marzban_instance_id", "instance_id", "marzban_id", "panel_id", "instance"];
/// The same, in a word that has meant either table.
pub const SERVER: [&str; 2] = ["server_id", "server"];
/// The node of an account.
pub const NODE: [&str; 3] = ["node_id", "vpn_node_id", "node"];
/// When an account ends.
pub const EXPIRES: [&str; 8] = [
    "expires_at",
    "expire_at",
    "expire",
    "expiry",
    "expiry_date",
    "expires",
    "valid_until",
    "subscription_end",
];
/// How much it may use, in bytes.
pub const LIMIT: [&str; 3] = ["data_limit", "data_limit_bytes", "traffic_limit_bytes"];
/// How much it may use, in GiB.
pub const LIMIT_GB: [&str; 4] = ["data_limit_gb", "traffic_limit_gb", "limit_gb", "traffic_gb"];
/// What it has used, in bytes.
pub const USED: [&str; 4] = ["used_traffic", "used_bytes", "traffic_used_bytes", "data_used"];
/// What it has used, in GiB.
pub const USED_GB: [&str; 2] = ["used_gb", "used_traffic_gb"];

/// Where a panel's API is, in whole.
const ADDRESS: [&str; 5] = ["base_url", "marzban_url", "panel_url", "api_url", "url"];
/// Its host alone.
const HOST: [&str; 6] = ["host", "hostname", "domain", "address", "ip", "ip_address"];
const PORT: [&str; 3] = ["panel_port", "api_port", "port"];
const REGION: [&str; 5] = ["region", "country_code", "country", "location", "geo"];
const ON: [&str; 5] = ["is_active", "active", "is_enabled", "enabled", "status"];

/// Nobody whom a bot meets today has a lower one; lower numbers count rows.
const LOWEST_TELEGRAM_ID: i64 = 10_000;
/// A number of seconds since 1970 beyond this is one of milliseconds.
const MILLISECONDS: i64 = 100_000_000_000;

/// How cells are read.
pub trait Cells {
    /// The first of these columns that holds something.
    fn first(&self, names: &[&str]) -> Option<&str>;

    /// The same as a number; what is none is not there.
    fn number<T: FromStr>(&self, names: &[&str]) -> Option<T> {
        // Where a whole number stands in a column for fractions, databases write `500.0`.
        self.first(names)
            .map(|text| text.strip_suffix(".0").unwrap_or(text))
            .and_then(|text| text.parse().ok())
    }

    /// The same as Telegram's id of a person.
    fn telegram(&self, names: &[&str]) -> Option<UserId> {
        self.number(names).filter(|id: &i64| *id >= LOWEST_TELEGRAM_ID).map(UserId)
    }

    /// The same as yes or no.
    fn is(&self, names: &[&str]) -> Option<bool> {
        match self.first(names)?.to_ascii_lowercase().as_str() {
            "t" | "true" | "1" | "y" | "yes" | "on" | "active" | "enabled" | "online" | "ok" => Some(true),
            "f" | "false" | "0" | "n" | "no" | "off" | "inactive" | "disabled" | "deleted" | "banned" => {
                Some(false)
            }
            _ => None,
        }
    }

    /// Whether a row holds: what does not say that it is off is on.
    fn is_on(&self) -> bool {
        ON.into_iter().all(|name| self.is(&[name]) != Some(false))
    }

    /// A time: seconds or milliseconds since 1970, or as databases write it; without a zone it is UTC. Zero is none.
    fn time(&self, names: &[&str]) -> Option<Timestamp> {
        let text = self.first(names)?;
        if let Ok(number) = text.parse::<i64>() {
            let seconds = if number.abs() >= MILLISECONDS { number / 1000 } else { number };
            return DateTime::from_timestamp(seconds, 0).filter(|_| seconds > 0);
        }
        let zoned = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"];
        let plain = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        let day =
            || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
        DateTime::parse_from_rfc3339(text)
            .ok()
            .or_else(|| zoned.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()))
            .map(|time| time.to_utc())
            .or_else(|| {
                let plain = plain.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
                plain.or_else(day).map(|time| time.and_utc())
            })
    }

    /// An amount in columns of bytes or of GiB.
    fn bytes(&self, bytes: &[&str], gb: &[&str]) -> Option<Bytes> {
        let whole = self.number::<u64>(bytes);
        let gib = || self.number::<f64>(gb).filter(|gb| (0.0..1e9).contains(gb));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^60")]
        whole.or_else(|| gib().map(|gb| (gb * f64::from(1 << 30)) as u64))
    }

    /// Where a panel's API is, if the row tells.
    fn address(&self) -> Option<Result<BaseUrl, InvalidBaseUrl>> {
        if let Some(url) = self.first(&ADDRESS) {
            let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
            return Some(url.parse());
        }
        // A host alone may be any server. With a login it is a panel's.
        let host =
            self.first(&HOST).filter(|_| self.first(&LOGIN).is_some() && self.first(&PASSWORD).is_some())?;
        let port = self.first(&PORT);
        if port == Some("22") {
            return None;
        }
        let port = port.filter(|_| !host.contains(':'));
        let place = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(if place.contains("://") { place.parse() } else { format!("https://{place}").parse() })
    }

    /// Where traffic leaves the network: the first of the columns that holds a country's code.
    fn region(&self) -> Option<Region> {
        REGION.into_iter().find_map(|name| self.first(&[name])?.parse().ok())
    }

    /// The id of VLESS or VMess, from a column of its own or out of a key.
    fn uuid(&self) -> Option<Uuid> {
        let plain = self.first(&UUID).and_then(|text| text.parse().ok());
        plain.or_else(|| {
            KEY.into_iter().find_map(|name| match claim::read(self.first(&[name])?)?.proof {
                Proof::Uuid(uuid) => Some(uuid),
                Proof::Link { .. } | Proof::Password(_) => None,
            })
        })
    }
}

impl Cells for Row {
    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.get(*name)).map(|text| text.trim()).find(|text| !text.is_empty())
    }
}

/// Whether a password can be used as it stands. Hashes and what another program has encrypted cannot.
#[must_use]
pub fn is_readable(password: &str) -> bool {
    const SEALED: [&str; 8] = ["$2a$", "$2b$", "$2y$", "$argon2", "$pbkdf2", "pbkdf2:", "scrypt:", "gAAAAA"];
    !SEALED.iter().any(|head| password.starts_with(head))
}
