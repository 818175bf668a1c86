//! Addresses of content delivery networks. Whatever stands behind them, something answers there: that a connection
//! opens proves no life.
//!
//! Deliberately few: only networks that carry proxies' traffic and publish their addresses. A network that is missing
//! here still shows itself in its answers (52x, 530).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Cloudflare, <https://www.cloudflare.com/ips-v4/>, and Fastly, <https://api.fastly.com/public-ip-list>: address and
/// length of the prefix.
const V4: [(Ipv4Addr, u32); 22] = [
    (Ipv4Addr::new(173, 245, 48, 0), 20),
    (Ipv4Addr::new(103, 21, 244, 0), 22),
    (Ipv4Addr::new(103, 22, 200, 0), 22),
    (Ipv4Addr::new(103, 31, 4, 0), 22),
    (Ipv4Addr::new(141, 101, 64, 0), 18),
    (Ipv4Addr::new(108, 162, 192, 0), 18),
    (Ipv4Addr::new(190, 93, 240, 0), 20),
    (Ipv4Addr::new(188, 114, 96, 0), 20),
    (Ipv4Addr::new(197, 234, 240, 0), 22),
    (Ipv4Addr::new(198, 41, 128, 0), 17),
    (Ipv4Addr::new(162, 158, 0, 0), 15),
    (Ipv4Addr::new(104, 16, 0, 0), 13),
    (Ipv4Addr::new(104, 24, 0, 0), 14),
    (Ipv4Addr::new(172, 64, 0, 0), 13),
    (Ipv4Addr::new(131, 0, 72, 0), 22),
    (Ipv4Addr::new(23, 235, 32, 0), 20),
    (Ipv4Addr::new(43, 249, 72, 0), 22),
    (Ipv4Addr::new(103, 244, 50, 0), 24),
    (Ipv4Addr::new(146, 75, 0, 0), 17),
    (Ipv4Addr::new(151, 101, 0, 0), 16),
    (Ipv4Addr::new(167, 82, 0, 0), 17),
    (Ipv4Addr::new(199, 232, 0, 0), 16),
];

/// The same for IPv6, <https://www.cloudflare.com/ips-v6/>.
const V6: [(Ipv6Addr, u32); 9] = [
    (Ipv6Addr::new(0x2400, 0xcb00, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2803, 0xf800, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2405, 0xb500, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2405, 0x8100, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2a06, 0x98c0, 0, 0, 0, 0, 0, 0), 29),
    (Ipv6Addr::new(0x2c0f, 0xf248, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2a04, 0x4e40, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2a04, 0x4e42, 0, 0, 0, 0, 0, 0), 32),
];

/// Whether `address` belongs to a content delivery network.
#[must_use]
pub fn is_cdn(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            V4.iter().any(|(net, length)| (address.to_bits() ^ net.to_bits()) >> (32 - length) == 0)
        }
        IpAddr::V6(address) => {
            V6.iter().any(|(net, length)| (address.to_bits() ^ net.to_bits()) >> (128 - length) == 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_end_where_they_end() {
        for inside in ["104.16.0.1", "104.23.255.255", "172.64.0.0", "2606:4700::1", "::ffff:104.16.0.1"] {
            assert!(is_cdn(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["104.15.255.255", "104.28.0.0", "127.0.0.1", "2606:4701::1", "8.8.8.8"] {
            assert!(!is_cdn(outside.parse().unwrap()), "{outside}");
        }
    }
}
