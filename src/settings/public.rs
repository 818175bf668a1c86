//! What the world is to reach of us, and where.

use std::net::SocketAddr;
use std::str::FromStr;

use url::Url;

use super::{Reader, WebUrl};
use crate::service::links::{Addresses, Network};

/// Where HTTP is answered.
#[derive(Debug, Clone)]
pub struct Doors {
    /// For the proxy in front: links.
    pub public: SocketAddr,
    /// For machines that watch us; `None` for none.
    pub service: Option<SocketAddr>,
    /// Whose word on who asks is believed.
    pub trusted: Vec<Network>,
}

impl Doors {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            public: reader.value("LISTEN_ADDR").unwrap_or(nowhere),
            service: reader.value::<Service>("SERVICE_ADDR").and_then(|service| service.0),
            trusted: reader.value::<Networks>("TRUSTED_PROXIES").map_or_else(Vec::new, |networks| networks.0),
        }
    }
}

/// Where people fetch their keys from us.
pub(super) fn addresses(reader: &mut Reader<'_>) -> Option<Addresses> {
    let first = reader.optional::<Origin>("PUBLIC_URL");
    let more = reader.optional::<Origins>("PUBLIC_URLS").map_or_else(Vec::new, |origins| origins.0);
    let path = reader.value::<LinkPath>("SUB_PATH").map_or_else(String::new, |path| path.0);
    let mut origins: Vec<String> = Vec::new();
    for Origin(origin) in first.into_iter().chain(more) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Addresses::new(origins, path)
}

/// A web address without a path, written without a slash at its end.
struct Origin(String);

impl FromStr for Origin {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let WebUrl(url) = text.parse()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let open = url.username().is_empty() && url.password().is_none();
        if bare && open { Ok(Self(url.origin().ascii_serialization())) } else { Err(()) }
    }
}

struct Origins(Vec<Origin>);

impl FromStr for Origins {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        parts(text).map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

struct Networks(Vec<Network>);

impl FromStr for Networks {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        parts(text).map(|part| part.parse().map_err(|_| ())).collect::<Result<_, _>>().map(Self)
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|part| !part.is_empty())
}

struct Service(Option<SocketAddr>);

impl FromStr for Service {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "off" {
            return Ok(Self(None));
        }
        text.parse().map(Some).map(Self).map_err(|_| ())
    }
}

/// The path of links: segments of unreserved characters, none of them a dot or two, which proxies resolve.
struct LinkPath(String);

impl FromStr for LinkPath {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let path = text.trim_end_matches('/').strip_prefix('/').ok_or(())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~');
        let valid = |part: &str| !part.is_empty() && part.chars().all(plain) && !matches!(part, "." | "..");
        // Whatever the URL library would write otherwise is not what a request will carry.
        let kept = Url::parse(&format!("https://x/{path}")).is_ok_and(|url| url.path() == format!("/{path}"));
        if kept && path.split('/').all(valid) { Ok(Self(format!("/{path}"))) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Need, Settings};

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let variables: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::read(&variables, Need::Database).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn addresses_of_links_are_plain() {
        let settings = read(&[
            ("PUBLIC_URL", "https://Keys.example.com/"),
            ("PUBLIC_URLS", "https://keys.example.net, https://keys.example.com:443"),
            ("SUB_PATH", "/my/keys/"),
        ]);
        let addresses = settings.unwrap().addresses.unwrap();
        assert_eq!(addresses.origins(), ["https://keys.example.com", "https://keys.example.net"]);
        assert_eq!(addresses.path(), "/my/keys");
        assert!(read(&[]).unwrap().addresses.is_none());
        for wrong in [
            "https://a.example/x",
            "https://u:p@a.example",
            "ftp://a.example",
            "a.example",
            "https://a.example/?x",
        ] {
            let told = read(&[("PUBLIC_URL", wrong)]).unwrap_err();
            assert!(told.contains("PUBLIC_URL: expected an address") && !told.contains(wrong), "{told}");
        }
        for wrong in ["sub", "/", "/a//b", "/a/../b", "/a b", "/{x}", "/a%20b"] {
            assert!(read(&[("SUB_PATH", wrong)]).unwrap_err().contains("SUB_PATH: expected"), "{wrong}");
        }
    }

    #[test]
    fn doors_are_addresses() {
        let settings = read(&[("SERVICE_ADDR", "off"), ("TRUSTED_PROXIES", "10.0.0.0/8")]).unwrap();
        assert_eq!(settings.doors.service, None);
        assert_eq!(settings.doors.public.to_string(), "127.0.0.1:8080");
        assert!(settings.doors.trusted[0].holds("10.200.3.4".parse().unwrap()));
        assert!(read(&[("TRUSTED_PROXIES", "10.0.0.0/33")]).is_err());
        assert!(read(&[("LISTEN_ADDR", "localhost")]).is_err());
    }
}
