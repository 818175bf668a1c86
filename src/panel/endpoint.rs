//! Where clients connect: the addresses in share links, and how a connection to each begins.
//!
//! Share links have no common standard. VLESS and Trojan links follow
//! <https://github.com/XTLS/Xray-core/discussions/716>, VMess links are base64 of JSON
//! (<https://github.com/2dust/v2rayN/wiki/Description-of-VMess-share-link>), Shadowsocks links follow SIP002. Whatever
//! cannot be read is left out: a link that we do not understand must not make an instance look dead.
//!
//! Secrets in the links are never kept.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use super::cdn::is_cdn;

/// A place that clients connect to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// A name or an address, in lower case, IPv6 without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How a connection begins.
    pub transport: Transport,
    /// Whether the address belongs to a content delivery network, where an open port proves no life. (Of a name this
    /// is known only once it is resolved.)
    pub behind_cdn: bool,
}

/// How a connection to an endpoint begins, as far as it can be told without the secrets of a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Transport {
    /// A TCP connection; nothing that we could say next would be answered.
    Tcp,
    /// TLS.
    Tls {
        /// The name to ask for; empty for none.
        sni: String,
        /// REALITY: the certificate is the one of the site it hides behind.
        borrowed: bool,
    },
    /// A request of WebSocket, HTTPUpgrade, gRPC or XHTTP.
    Http {
        /// How the request begins.
        upgrade: Upgrade,
        /// The name to ask for in TLS around it, or no TLS.
        tls: Option<String>,
        /// The host asked for.
        host: String,
        /// The path asked for, beginning with a slash.
        path: String,
    },
    /// Datagrams (mKCP, QUIC): silence there proves nothing, so they are not checked.
    Udp,
}

/// How a transport over HTTP begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// WebSocket and HTTPUpgrade: a request to upgrade the connection, in HTTP/1.1.
    WebSocket,
    /// gRPC: a call in HTTP/2.
    Grpc,
    /// XHTTP and HTTP/2: a plain request, in HTTP/2 where TLS offers it.
    Plain,
}

impl Endpoint {
    /// A stable key of what is checked, for the table: no secret, equal for equal endpoints.
    #[must_use]
    pub fn address(&self) -> String {
        self.to_string()
    }

    /// Whether a check can tell anything at all.
    #[must_use]
    pub fn is_checkable(&self) -> bool {
        self.transport != Transport::Udp
    }

    /// The TLS name to ask for, if its certificate is the operator's own.
    #[must_use]
    pub fn own_certificate(&self) -> Option<&str> {
        match &self.transport {
            Transport::Tls { sni, borrowed: false } | Transport::Http { tls: Some(sni), .. } => Some(sni),
            Transport::Tls { borrowed: true, .. }
            | Transport::Http { tls: None, .. }
            | Transport::Tcp
            | Transport::Udp => None,
        }
    }

    /// `host:port`, IPv6 in brackets.
    #[must_use]
    pub fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// `tls://vpn.example.com:443?sni=example.com`, `wss://…`, `tcp://…`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.authority();
        match &self.transport {
            Transport::Tcp => write!(f, "tcp://{authority}"),
            Transport::Udp => write!(f, "udp://{authority}"),
            Transport::Tls { sni, borrowed } => {
                let scheme = if *borrowed { "reality" } else { "tls" };
                write!(f, "{scheme}://{authority}?sni={sni}")
            }
            Transport::Http { upgrade, tls, host, path } => {
                let scheme = match (upgrade, tls.is_some()) {
                    (Upgrade::WebSocket, false) => "ws",
                    (Upgrade::WebSocket, true) => "wss",
                    (Upgrade::Grpc, false) => "grpc",
                    (Upgrade::Grpc, true) => "grpcs",
                    (Upgrade::Plain, false) => "http",
                    (Upgrade::Plain, true) => "https",
                };
                write!(f, "{scheme}://{authority}{path}?host={host}")?;
                if let Some(sni) = tls {
                    write!(f, "&sni={sni}")?;
                }
                Ok(())
            }
        }
    }
}

/// The distinct endpoints in `links`, in a stable order.
#[must_use]
pub fn endpoints_of<L: AsRef<str>>(links: &[L]) -> Vec<Endpoint> {
    let found: BTreeSet<Endpoint> =
        links.iter().flat_map(|link| read(link.as_ref()).unwrap_or_default()).collect();
    found.into_iter().collect()
}

/// What a link says, whatever its protocol calls it.
#[derive(Default)]
struct Said {
    network: String,
    security: String,
    sni: String,
    host: String,
    path: String,
}

/// The endpoints of one link: several if it names several hosts.
fn read(link: &str) -> Option<Vec<Endpoint>> {
    let (scheme, rest) = link.trim().split_once("://")?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (places, said) = match scheme.to_ascii_lowercase().as_str() {
        "vless" => with_query(rest, "none")?,
        "trojan" => with_query(rest, "tls")?,
        "vmess" => vmess(rest).or_else(|| with_query(rest, "none"))?,
        "ss" => shadowsocks(rest)?,
        "hysteria" | "hysteria2" | "hy2" | "tuic" | "wireguard" => {
            let (places, said) = with_query(rest, "none")?;
            (places, Said { network: "quic".to_owned(), ..said })
        }
        _ => return None,
    };
    let endpoint = |(host, port): (String, u16)| {
        let behind_cdn = host.parse::<IpAddr>().is_ok_and(is_cdn);
        let transport = said.transport(&host);
        Endpoint { host, port, transport, behind_cdn }
    };
    Some(places.into_iter().map(endpoint).collect())
}

impl Said {
    fn transport(&self, address: &str) -> Transport {
        let named = |name: &str| if name.is_empty() { None } else { Some(name.to_owned()) };
        // A client without a server name asks for the host header or, failing that, for the address it connects to.
        let sni = || {
            let name = named(&self.sni).or_else(|| named(&self.host));
            name.unwrap_or_else(|| {
                if address.parse::<IpAddr>().is_ok() { String::new() } else { address.to_owned() }
            })
        };
        let tls = matches!(self.security.as_str(), "tls" | "xtls");
        let upgrade = match self.network.as_str() {
            "kcp" | "mkcp" | "quic" | "hysteria" | "hysteria2" => return Transport::Udp,
            // Behind REALITY a stranger meets the borrowed site, whatever the transport inside.
            _ if self.security == "reality" => {
                return Transport::Tls { sni: self.sni.clone(), borrowed: true };
            }
            "ws" | "websocket" | "httpupgrade" => Upgrade::WebSocket,
            "grpc" | "gun" => Upgrade::Grpc,
            "xhttp" | "splithttp" | "h2" | "http" => Upgrade::Plain,
            _ if tls => return Transport::Tls { sni: sni(), borrowed: false },
            _ => return Transport::Tcp,
        };
        let path = match upgrade {
            Upgrade::Grpc if !self.path.starts_with('/') => format!("/{}/Tun", self.path),
            _ if self.path.starts_with('/') => self.path.clone(),
            _ => format!("/{}", self.path),
        };
        let host = named(&self.host).or_else(|| named(&self.sni)).unwrap_or_else(|| address.to_owned());
        Transport::Http { upgrade, tls: tls.then(sni), host, path }
    }
}

type Places = Vec<(String, u16)>;

/// `secret@host:port?name=value…`
fn with_query(rest: &str, security: &str) -> Option<(Places, Said)> {
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (_, authority) = authority.rsplit_once('@')?;
    let places = places(authority.split('/').next().unwrap_or_default());
    let mut said = Said { security: security.to_owned(), network: "tcp".to_owned(), ..Said::default() };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = printable(&value);
        match name.as_ref() {
            "type" if !value.is_empty() => said.network = value.to_ascii_lowercase(),
            "security" if !value.is_empty() => said.security = value.to_ascii_lowercase(),
            "sni" | "peer" if said.sni.is_empty() => said.sni = name_of(&value),
            "host" => said.host = name_of(&value),
            "path" => said.path = value,
            "serviceName" if said.path.is_empty() => said.path = value,
            "authority" if said.host.is_empty() => said.host = name_of(&value),
            _ => {}
        }
    }
    Some((places, said))
}

/// base64 of JSON, its values texts or numbers as the author liked.
fn vmess(rest: &str) -> Option<(Places, Said)> {
    let json: Value = serde_json::from_slice(&decode(rest.split('?').next()?)?).ok()?;
    let field = |name: &str| match json.get(name) {
        Some(Value::String(text)) => printable(text),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let port = field("port").trim().parse().ok()?;
    let places = field("add").split(',').filter_map(|host| place(host, port)).collect();
    let network = field("net").to_ascii_lowercase();
    let said = Said {
        network: if network.is_empty() { "tcp".to_owned() } else { network },
        security: field("tls").to_ascii_lowercase(),
        sni: name_of(&field("sni")),
        host: name_of(&field("host")),
        path: field("path"),
    };
    Some((places, said))
}

/// `base64(method:password)@host:port`, or all of it in base64. A plugin speaks something of its own over TCP.
fn shadowsocks(rest: &str) -> Option<(Places, Said)> {
    let rest = rest.split('?').next().unwrap_or_default();
    let said = Said { network: "tcp".to_owned(), ..Said::default() };
    let authority = match rest.rsplit_once('@') {
        Some((_, authority)) => authority.to_owned(),
        None => String::from_utf8(decode(rest)?).ok()?.rsplit_once('@')?.1.to_owned(),
    };
    Some((places(authority.split('/').next().unwrap_or_default()), said))
}

/// `host:port`, or several separated by commas, of which some may leave their port to the last.
fn places(authority: &str) -> Places {
    let parts = || authority.split(',').map(str::trim);
    let Some((_, Some(common))) = parts().next_back().map(host_and_port) else { return Vec::new() };
    parts().map(host_and_port).filter_map(|(host, port)| place(host, port.unwrap_or(common))).collect()
}

/// Splits off the port. An IPv6 address should stand in brackets, but some panels write it bare.
fn host_and_port(text: &str) -> (&str, Option<u16>) {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']').unwrap_or((rest, ""));
        return (host, port.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.parse::<Ipv6Addr>().is_ok() => {
            (host, port.parse().ok())
        }
        _ => (text, None),
    }
}

/// A host that can be connected to.
fn place(host: &str, port: u16) -> Option<(String, u16)> {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_name = |host: &str| host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let is_host = host.parse::<Ipv6Addr>().is_ok() || is_name(&host);
    (port != 0 && !host.is_empty() && host.len() <= 253 && is_host).then_some((host, port))
}

/// The first of several names. Nothing in it may end a header or a name early.
fn name_of(text: &str) -> String {
    let first = text.split(',').next().unwrap_or_default().trim();
    first.chars().filter(char::is_ascii_graphic).collect::<String>().to_ascii_lowercase()
}

/// Without what could break a request line or a log.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(2_048).collect()
}

/// base64 of either alphabet, padded or not.
fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let text = text.trim().trim_end_matches('/');
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const ID: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";

    fn addresses(link: &str) -> Vec<String> {
        endpoints_of(&[link]).iter().map(Endpoint::address).collect()
    }

    #[rstest]
    #[case(
        "@Vpn.example.com:443?security=reality&type=tcp&sni=example.com&pbk=x",
        "reality://vpn.example.com:443?sni=example.com"
    )]
    #[case(
        "@vpn.example.com:443?security=reality&type=grpc&serviceName=s&sni=example.com",
        "reality://vpn.example.com:443?sni=example.com"
    )]
    #[case(
        "@vpn.example.com:443?security=tls&type=raw#name",
        "tls://vpn.example.com:443?sni=vpn.example.com"
    )]
    #[case("@192.0.2.1:443?security=tls", "tls://192.0.2.1:443?sni=")]
    #[case("@192.0.2.1:8080", "tcp://192.0.2.1:8080")]
    #[case("@192.0.2.1:8080/?type=tcp&headerType=http&host=a.example", "tcp://192.0.2.1:8080")]
    #[case(
        "@192.0.2.1:80?type=ws&path=%2Fws%3Fed%3D2048&host=cdn.example",
        "ws://192.0.2.1:80/ws?ed=2048?host=cdn.example"
    )]
    #[case(
        "@192.0.2.1:443?type=httpupgrade&security=tls&path=up&sni=a.example",
        "wss://192.0.2.1:443/up?host=a.example&sni=a.example"
    )]
    #[case(
        "@192.0.2.1:443?type=grpc&security=tls&serviceName=tun&sni=a.example",
        "grpcs://192.0.2.1:443/tun/Tun?host=a.example&sni=a.example"
    )]
    #[case(
        "@192.0.2.1:443?type=xhttp&security=tls&path=%2Fx&host=a.example",
        "https://192.0.2.1:443/x?host=a.example&sni=a.example"
    )]
    #[case("@192.0.2.1:443?type=splithttp&path=%2Fx", "http://192.0.2.1:443/x?host=192.0.2.1")]
    #[case("@192.0.2.1:443?type=kcp&seed=s", "udp://192.0.2.1:443")]
    #[case("@[2001:DB8::1]:443", "tcp://[2001:db8::1]:443")]
    #[case("@2001:db8::1:443", "tcp://[2001:db8::1]:443")]
    fn vless_links_say_how_to_begin(#[case] rest: &str, #[case] expected: &str) {
        assert_eq!(addresses(&format!("vless://{ID}{rest}")), [expected]);
    }

    #[test]
    fn several_hosts_are_several_endpoints() {
        let link =
            format!("vless://{ID}@a.example, [2001:db8::1],b.example:8443,c.example:443?security=none");
        let expected =
            ["tcp://[2001:db8::1]:443", "tcp://a.example:443", "tcp://b.example:8443", "tcp://c.example:443"];
        assert_eq!(addresses(&link), expected);
        let again = endpoints_of(&[&link, &link, &"vless://other@a.example:443".to_owned()]);
        assert_eq!(again.len(), 4, "a place that two links name is one endpoint");
    }

    #[test]
    fn other_protocols() {
        let trojan = "trojan://p%40ss@vpn.example.com:443?type=tcp&sni=a.example";
        assert_eq!(addresses(trojan), ["tls://vpn.example.com:443?sni=a.example"]);
        let secret = STANDARD.encode("aes-256-gcm:p@ss");
        assert_eq!(addresses(&format!("ss://{secret}@192.0.2.1:8388#x")), ["tcp://192.0.2.1:8388"]);
        let whole = URL_SAFE_NO_PAD.encode("aes-256-gcm:p@ss@192.0.2.1:8388");
        assert_eq!(addresses(&format!("ss://{whole}#x")), ["tcp://192.0.2.1:8388"]);
        for port in ["8443", "\"8443\""] {
            let json = format!(
                r#"{{"add":"vpn.example.com","port":{port},"id":"{ID}","net":"ws","path":"/w","host":"h.example","tls":"tls","sni":""}}"#
            );
            let link = format!("vmess://{}", STANDARD.encode(json));
            assert_eq!(addresses(&link), ["wss://vpn.example.com:8443/w?host=h.example&sni=h.example"]);
        }
        assert_eq!(addresses("hysteria2://p@vpn.example.com:443"), ["udp://vpn.example.com:443"]);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for link in [
            "",
            "vless://",
            "vless://id@",
            "vless://id@host",
            "vless://id@host:0",
            "vless://id@:443",
            "vless://id@host:99999",
            "vmess://%%%",
            "ss://",
            "http://example.com:80",
            "vless://id@ho st:443",
        ] {
            assert_eq!(addresses(link), Vec::<String>::new(), "{link}");
        }
    }

    #[test]
    fn secrets_are_not_kept() {
        let link = format!("trojan://password@vpn.example.com:443?pbk=key&sid=short&sni=a.example#{ID}");
        let kept = serde_json::to_string(&endpoints_of(&[link])).unwrap();
        for secret in ["password", "key", "short", ID] {
            assert!(!kept.contains(secret), "{kept}");
        }
    }

    #[test]
    fn an_address_of_a_cdn_is_known() {
        assert!(endpoints_of(&[format!("vless://{ID}@104.16.1.1:443?type=ws")])[0].behind_cdn);
        assert!(!endpoints_of(&[format!("vless://{ID}@192.0.2.1:443?type=ws")])[0].behind_cdn);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "\\PC{0,200}", scheme in "vless|vmess|trojan|ss|hy2") {
            for link in [text.clone(), format!("{scheme}://{text}"), format!("{scheme}://a@{text}:443?{text}")] {
                for endpoint in endpoints_of(&[link]) {
                    prop_assert!(endpoint.port != 0 && !endpoint.host.is_empty());
                    prop_assert!(!endpoint.address().chars().any(char::is_control));
                }
            }
            let json = format!("vmess://{}", STANDARD.encode(&text));
            let _ = endpoints_of(&[json]);
        }

        #[test]
        fn what_is_stored_comes_back(host in "[a-z0-9.-]{1,20}", port in 1..=u16::MAX, kind in "tcp|ws|grpc|xhttp|kcp",
            security in "none|tls|reality", path in "\\PC{0,20}") {
            let path: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            let link = format!("vless://{ID}@{host}:{port}?type={kind}&security={security}&path={path}");
            let endpoints = endpoints_of(&[link]);
            prop_assert_eq!(endpoints.len(), 1);
            let stored = serde_json::to_string(&endpoints).unwrap();
            prop_assert_eq!(serde_json::from_str::<Vec<Endpoint>>(&stored).unwrap(), endpoints);
        }
    }
}
