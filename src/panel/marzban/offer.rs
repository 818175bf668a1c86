//! What a panel offers: the inbounds that a new account is given, and the protocols that come with them.
//!
//! Marzban takes an account without inbounds and then serves nothing to it, so every write names them. They are read
//! from the panel, kept for five minutes, and read again when the panel refuses them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout_at;

use super::super::{Inbound, PanelError, Trouble};
use super::wire::WireInbound;
use super::{Limit, Marzban};
use crate::domain::Credentials;

/// How long what a panel offers is taken as known.
const KNOWN_FOR: Duration = Duration::from_secs(300);
/// XTLS Vision, the flow of VLESS over plain TCP with TLS or REALITY.
const VISION: &str = "xtls-rprx-vision";
/// The one Shadowsocks method that all clients know.
const SHADOWSOCKS_METHOD: &str = "chacha20-ietf-poly1305";

/// What an account on this panel is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// Tags by protocol; no protocol without a tag.
    inbounds: BTreeMap<String, Vec<String>>,
    vision: bool,
}

/// What a panel offers, as far as known.
pub(super) struct Offers {
    /// The tags an admin chose; empty means all.
    chosen: Vec<String>,
    known: Mutex<Option<(Instant, Arc<Offer>)>>,
}

impl Offers {
    pub(super) fn of(chosen: &[String]) -> Self {
        Self { chosen: chosen.to_vec(), known: Mutex::new(None) }
    }
}

impl Offer {
    /// What `inbounds` give, restricted to the tags `chosen`.
    ///
    /// # Errors
    /// [`PanelError::Invalid`] when nothing is left: an account without inbounds serves nothing.
    pub(super) fn choose(inbounds: &[Inbound], chosen: &[String]) -> Result<Self, PanelError> {
        let known = ["vless", "vmess", "trojan", "shadowsocks"];
        let offered = |inbound: &&Inbound| {
            known.contains(&inbound.protocol.as_str()) && (chosen.is_empty() || chosen.contains(&inbound.tag))
        };
        let offered: Vec<&Inbound> = inbounds.iter().filter(offered).collect();
        if offered.is_empty() {
            let reason = if inbounds.is_empty() {
                "it has no inbound"
            } else {
                "it has none of the inbounds to offer"
            };
            return Err(PanelError::Invalid(reason.to_owned()));
        }
        // One flow holds for all VLESS inbounds of an account. Where the network is called `raw`, the panel tells the
        // core of a new account without its flow, and the client that uses it is refused until the core restarts: so
        // one such inbound forbids the flow. Without it, all of them work.
        let mut secure =
            offered.iter().filter(|inbound| inbound.protocol == "vless" && inbound.is_encrypted());
        let raw = secure.clone().any(|inbound| inbound.network == "raw");
        let vision = !raw && secure.any(|inbound| inbound.network == "tcp");
        let mut by_protocol: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for inbound in offered {
            by_protocol.entry(inbound.protocol.clone()).or_default().push(inbound.tag.clone());
        }
        Ok(Self { inbounds: by_protocol, vision })
    }

    /// The `inbounds` of a request.
    pub(super) fn inbounds(&self) -> Value {
        json!(self.inbounds)
    }

    /// The `proxies` of a request: our secrets for each protocol. What is left out the panel would make up.
    pub(super) fn proxies(&self, credentials: &Credentials) -> Value {
        let Credentials { uuid, password } = credentials;
        let flow = if self.vision { VISION } else { "" };
        let proxies = self.inbounds.keys().map(|protocol| {
            let settings = match protocol.as_str() {
                "vless" => json!({ "id": uuid, "flow": flow }),
                "vmess" => json!({ "id": uuid }),
                "trojan" => json!({ "password": password }),
                _ => json!({ "password": password, "method": SHADOWSOCKS_METHOD }),
            };
            (protocol.clone(), settings)
        });
        Value::Object(proxies.collect::<Map<String, Value>>())
    }

    /// Whether `protocols` are those of this offer.
    pub(super) fn is_served_by<'a>(&self, mut protocols: impl Iterator<Item = &'a String>) -> bool {
        let mut ours = self.inbounds.keys();
        ours.by_ref().all(|ours| protocols.next() == Some(ours)) && protocols.next().is_none()
    }
}

impl Marzban {
    /// What the panel offers now, or offered within the last five minutes.
    pub(super) async fn offer(&self, limit: Limit) -> Result<Arc<Offer>, PanelError> {
        self.offer_unlike(None, limit).await
    }

    /// What the panel offers, read anew if all that is known is `stale`.
    pub(super) async fn offer_unlike(
        &self,
        stale: Option<&Arc<Offer>>,
        limit: Limit,
    ) -> Result<Arc<Offer>, PanelError> {
        // The one who holds the lock reads for all who wait.
        let known = timeout_at(limit.deadline.into(), self.offers.known.lock()).await;
        let mut known = known.map_err(|_| PanelError::Unavailable(Trouble::Timeout))?;
        if let Some((since, offer)) = &*known
            && since.elapsed() < KNOWN_FOR
            && stale.is_none_or(|stale| !Arc::ptr_eq(stale, offer))
        {
            return Ok(Arc::clone(offer));
        }
        // The caller's own request was not sent, so nothing is unclear.
        let inbounds = self.inbounds(limit).await.map_err(|error| match error {
            PanelError::Unclear(trouble) => PanelError::Unavailable(trouble),
            other => other,
        })?;
        let offer = Arc::new(Offer::choose(&inbounds, &self.offers.chosen)?);
        *known = Some((Instant::now(), Arc::clone(&offer)));
        Ok(offer)
    }

    /// The panel's inbounds, by protocol and in the panel's order.
    pub(super) async fn inbounds(&self, limit: Limit) -> Result<Vec<Inbound>, PanelError> {
        let limit = Limit { send_by: None, ..limit };
        let by_protocol: BTreeMap<String, Vec<WireInbound>> = self.look("api/inbounds", limit).await?;
        Ok(by_protocol.into_values().flatten().map(Inbound::from).collect())
    }

    /// The tags an admin chose that are not among `inbounds`.
    pub(super) fn unknown_tags<'a>(&'a self, inbounds: &[Inbound]) -> impl Iterator<Item = &'a String> {
        self.offers.chosen.iter().filter(move |tag| !inbounds.iter().any(|inbound| inbound.tag == **tag))
    }
}

impl Inbound {
    fn is_encrypted(&self) -> bool {
        matches!(self.security.as_str(), "tls" | "reality")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn inbound(protocol: &str, tag: &str, network: &str, security: &str) -> Inbound {
        Inbound {
            tag: tag.to_owned(),
            protocol: protocol.to_owned(),
            network: network.to_owned(),
            security: security.to_owned(),
        }
    }

    fn flow(inbounds: &[Inbound], chosen: &[&str]) -> Value {
        let chosen: Vec<String> = chosen.iter().map(|&tag| tag.to_owned()).collect();
        let credentials = Credentials { uuid: Uuid::nil(), password: "p".to_owned() };
        Offer::choose(inbounds, &chosen).unwrap().proxies(&credentials)["vless"]["flow"].clone()
    }

    #[test]
    fn vision_is_for_plain_tcp_with_encryption() {
        let reality = inbound("vless", "reality", "tcp", "reality");
        let ws = inbound("vless", "ws", "ws", "tls");
        let raw = inbound("vless", "raw", "raw", "reality");
        let trojan = inbound("trojan", "trojan", "tcp", "tls");
        assert_eq!(flow(&[reality.clone(), ws.clone(), trojan.clone()], &[]), VISION);
        assert_eq!(flow(&[ws.clone(), trojan], &[]), "");
        assert_eq!(flow(&[reality.clone(), ws], &["ws"]), "", "the other is not offered");
        assert_eq!(flow(&[reality, raw], &[]), "", "clients of `raw` with a flow are refused");
        assert_eq!(flow(&[inbound("vless", "plain", "tcp", "none")], &[]), "");
    }

    #[test]
    fn nothing_to_offer_is_an_error() {
        let reality = inbound("vless", "reality", "tcp", "reality");
        assert!(Offer::choose(&[], &[]).is_err());
        assert!(Offer::choose(std::slice::from_ref(&reality), &["gone".to_owned()]).is_err());
        let offer = Offer::choose(&[reality, inbound("vmess", "ws", "ws", "none")], &[]).unwrap();
        assert_eq!(offer.inbounds(), json!({ "vless": ["reality"], "vmess": ["ws"] }));
        let protocols = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert!(offer.is_served_by(protocols(&["vless", "vmess"]).iter()));
        assert!(!offer.is_served_by(protocols(&["vless"]).iter()));
        assert!(!offer.is_served_by(protocols(&["vless", "vmess", "trojan"]).iter()));
    }
}
