//! Networks, to know whose word on who asks is believed.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// An address, or all that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32` (RFC 4632, RFC 4291 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// The text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an IP address, with or without a number of bits, such as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl FromStr for Network {
    type Err = InvalidNetwork;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| InvalidNetwork)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits <= most { Ok(Self { address, bits }) } else { Err(InvalidNetwork) }
    }
}

impl Network {
    /// Whether an address belongs to it. An IPv4 address counts as such in its IPv6 form too.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                same(u128::from(ours.to_bits()) << 96, u128::from(other.to_bits()) << 96, self.bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => same(ours.to_bits(), other.to_bits(), self.bits),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn same(a: u128, b: u128, bits: u8) -> bool {
    bits == 0 || (a ^ b) >> (128 - u32::from(bits)) == 0
}

/// Who asks: the peer, or if that is a proxy we trust, whom it names; and so on from the right, since whatever stands
/// further left was written by somebody we do not trust.
#[must_use]
pub fn client(peer: IpAddr, forwarded_for: &[&str], trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = peer.to_canonical();
    let named = forwarded_for.iter().rev().flat_map(|line| line.rsplit(','));
    for name in named {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = address(name) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: bare, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse().or_else(|_| text.parse::<std::net::SocketAddr>().map(|address| address.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    bare.ok().or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_like_it() {
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().holds(address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.1.2") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.1.1") && holds("0.0.0.0/0", "8.8.8.8"));
        assert!(holds("::1", "::1") && !holds("::1", "::2") && !holds("::/0", "1.2.3.4"));
        assert!(holds("2001:db8::/33", "2001:db8:7fff::1") && !holds("2001:db8::/33", "2001:db8:8000::1"));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1"] {
            assert_eq!(wrong.parse::<Network>(), Err(InvalidNetwork), "{wrong}");
        }
    }

    #[test]
    fn only_proxies_are_believed() {
        let trusted: Vec<Network> = vec!["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let who =
            |peer: &str, forwarded: &[&str]| client(peer.parse().unwrap(), forwarded, &trusted).to_string();
        assert_eq!(who("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a stranger's word");
        assert_eq!(who("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(who("127.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(who("127.0.0.1", &["1.1.1.1", "198.51.100.1"]), "198.51.100.1", "two lines are one list");
        assert_eq!(who("127.0.0.1", &["junk"]), "127.0.0.1");
        assert_eq!(who("127.0.0.1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(who("::ffff:127.0.0.1", &["198.51.100.1:5555"]), "198.51.100.1");
        assert_eq!(who("127.0.0.1", &[]), "127.0.0.1");
    }
}
