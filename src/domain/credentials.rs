//! What a client presents to a server.

use std::fmt;

use rand::Rng;
use rand::distr::Alphanumeric;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A key's secrets, the same on every panel it ever lives on: one UUID for VLESS and VMess, one password for Trojan and
/// Shadowsocks. They are ours: made and stored before the first call to a panel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// VLESS and VMess id.
    pub uuid: Uuid,
    /// Trojan and Shadowsocks password: 22 letters and digits (131 bits).
    pub password: String,
}

impl Credentials {
    /// New secrets from `rng`.
    pub fn generate(rng: &mut impl Rng) -> Self {
        let uuid = uuid::Builder::from_random_bytes(rng.random()).into_uuid();
        let password = rng.sample_iter(Alphanumeric).take(22).map(char::from).collect();
        Self { uuid, password }
    }
}

/// Secrets never reach a log.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}
