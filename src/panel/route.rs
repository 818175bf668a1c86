//! The way to one panel: its address, proxy, extra headers, and where to connect instead.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

use super::trouble::UnknownName;
use super::{Defaults, PanelError};
use crate::domain::instance::{BaseUrl, Connection};

/// The word that keeps `PANEL_PROXY` away from one panel.
const DIRECT: &str = "direct";

/// Headers that belong to the driver.
const RESERVED: [&str; 7] =
    ["authorization", "connection", "content-length", "content-type", "host", "te", "transfer-encoding"];

/// The way to one panel.
pub(super) struct Route {
    /// What is asked for: the panel's address, with the port of `connect_to`.
    pub(super) base: Url,
    /// Sent with every request.
    pub(super) headers: HeaderMap,
    /// The proxy on the way.
    pub(super) proxy: Option<reqwest::Proxy>,
    /// Resolves names.
    pub(super) resolver: Arc<Resolver>,
    tunnelled: bool,
}

impl Route {
    /// The way to `base_url`.
    ///
    /// # Errors
    /// [`PanelError::Settings`], naming what cannot be used but not its value, which may be secret.
    pub(super) fn to(
        base_url: &BaseUrl,
        connection: &Connection,
        defaults: &Defaults,
    ) -> Result<Self, PanelError> {
        let mut base = Url::parse(base_url.as_str())
            .map_err(|_| PanelError::Settings("the address is no web address".to_owned()))?;
        let mut headers = extra_headers(&connection.headers)?;
        let address = connection.proxy.as_ref().or(defaults.panel_proxy.as_ref());
        let proxy = match address.map(|address| address.trim()) {
            None | Some("" | DIRECT) => None,
            Some(address) => Some(parse_proxy(address)?),
        };
        let mut instead = None;
        let mut tunnelled = false;
        if connection.connect_to.is_some() || connection.sni.is_some() {
            if proxy.is_some() {
                return Err(PanelError::Settings(format!(
                    "a proxy excludes another address to connect to and another name for TLS; write `{DIRECT}` as this panel's proxy"
                )));
            }
            let host = HeaderValue::from_str(&authority(&base))
                .map_err(|_| PanelError::Settings("the address is no web address".to_owned()))?;
            headers.insert(HOST, host);
            let far = !is_near(base.host_str());
            instead = redirect(&mut base, connection)?;
            tunnelled = far && is_near(instead.as_deref().or(base.host_str()));
        }
        let panel = base.host_str().unwrap_or_default().to_owned();
        let resolver = Arc::new(Resolver { panel, instead });
        Ok(Self { base, headers, proxy, resolver, tunnelled })
    }

    /// Whether connections go to an address near us in place of the panel's own, such as the mouth of a tunnel: what
    /// fails while connecting there is our own trouble.
    pub(super) fn is_tunnelled(&self) -> bool {
        self.tunnelled
    }

    /// Whether what is sent stays on this machine, such as in the mouth of a tunnel.
    pub(super) fn is_local(&self) -> bool {
        let host = self.resolver.instead.as_deref().or(self.base.host_str()).unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.proxy.is_none() && is_loopback
    }
}

/// Points `base` elsewhere. The name that TLS asks for stands in the URL, and the resolver answers for it with the host
/// given back; an address cannot be resolved to another and is replaced.
fn redirect(base: &mut Url, connection: &Connection) -> Result<Option<String>, PanelError> {
    let mut host = None;
    if let Some(target) = &connection.connect_to {
        let invalid = || PanelError::Settings("the address to connect to must be host:port".to_owned());
        let target = Url::parse(&format!("http://{}", target.trim())).map_err(|_| invalid())?;
        let plain = target.path() == "/" && target.query().is_none() && target.username().is_empty();
        if !plain {
            return Err(invalid());
        }
        host = Some(target.host_str().ok_or_else(invalid)?.to_owned());
        base.set_port(target.port_or_known_default()).map_err(|()| invalid())?;
    }
    if let Some(sni) = &connection.sni {
        let invalid = || PanelError::Settings("the name for TLS must be a host name, with https".to_owned());
        let host = host.or_else(|| base.host_str().map(ToOwned::to_owned)).ok_or_else(invalid)?;
        let Ok(Host::Domain(name)) = Host::parse(sni.trim()) else { return Err(invalid()) };
        if base.scheme() != "https" {
            return Err(invalid());
        }
        base.set_host(Some(&name)).map_err(|_| invalid())?;
        return Ok(Some(bare(&host)));
    }
    let Some(host) = host else { return Ok(None) };
    if matches!(base.host(), Some(Host::Domain(_))) {
        return Ok(Some(bare(&host)));
    }
    if base.scheme() == "https" {
        return Err(PanelError::Settings(
            "to connect elsewhere with https, the panel's address needs a name, or write the name for TLS"
                .to_owned(),
        ));
    }
    let invalid = |_| PanelError::Settings("the address to connect to must be host:port".to_owned());
    base.set_host(Some(&host)).map_err(invalid)?;
    Ok(None)
}

/// Whether a host is this machine or a private address.
fn is_near(host: Option<&str>) -> bool {
    let host = bare(host.unwrap_or_default());
    host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| match address.to_canonical() {
            IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        })
}

/// An address without the brackets that a URL has around it.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// `host` or `host:port`, as a `Host` header has it.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn parse_proxy(address: &str) -> Result<reqwest::Proxy, PanelError> {
    let invalid = || {
        PanelError::Settings(
            "a proxy is http://host:port, socks5://host:port or socks5h://host:port".to_owned(),
        )
    };
    let url = Url::parse(address).map_err(|_| invalid())?;
    if !matches!(url.scheme(), "http" | "socks5" | "socks5h") || url.host_str().is_none_or(str::is_empty) {
        return Err(invalid());
    }
    reqwest::Proxy::all(url).map_err(|_| invalid())
}

fn extra_headers(pairs: &[(String, String)]) -> Result<HeaderMap, PanelError> {
    let mut headers = HeaderMap::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        let number = index + 1;
        let invalid =
            || PanelError::Settings(format!("extra header {number} has characters that no header may have"));
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| invalid())?;
        if RESERVED.contains(&name.as_str()) {
            return Err(PanelError::Settings(format!(
                "extra header {number} is one that is needed for the panel itself"
            )));
        }
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| invalid())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// The system's resolver, with one name answered otherwise.
pub(super) struct Resolver {
    panel: String,
    instead: Option<String>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_panel = name.as_str().eq_ignore_ascii_case(&self.panel);
        let host = match &self.instead {
            Some(instead) if is_panel => instead.clone(),
            _ => name.as_str().to_owned(),
        };
        Box::pin(async move {
            match tokio::net::lookup_host((host.as_str(), 0)).await {
                Ok(found) => Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs),
                Err(_) if is_panel => Err(UnknownName.into()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn route(base: &str, connection: &Connection) -> Result<Route, PanelError> {
        let defaults = Defaults { panel_proxy: Some("socks5://127.0.0.1:9".to_owned()) };
        Route::to(&base.parse().unwrap(), connection, &defaults)
    }

    #[rstest]
    #[case("ftp://127.0.0.1:3128")]
    #[case("127.0.0.1:3128")]
    #[case("socks5://")]
    #[case("http://[::1")]
    fn a_proxy_that_is_none_is_refused_without_its_words(#[case] proxy: &str) {
        let connection = Connection { proxy: Some(proxy.to_owned()), ..Connection::default() };
        let error = route("https://vpn1.example.com", &connection).err().unwrap();
        assert!(matches!(&error, PanelError::Settings(text) if !text.contains("127.0.0.1")), "{error}");
    }

    #[test]
    fn a_panel_may_go_without_the_common_proxy() {
        let direct = Connection { proxy: Some(DIRECT.to_owned()), ..Connection::default() };
        assert!(route("https://vpn1.example.com", &direct).unwrap().proxy.is_none());
        assert!(route("https://vpn1.example.com", &Connection::default()).unwrap().proxy.is_some());
    }

    #[rstest]
    #[case("https://vpn1.example.com/secret", "127.0.0.1:9000", "https://vpn1.example.com:9000/secret")]
    #[case("https://vpn1.example.com:8000", "tunnel.example.com", "https://vpn1.example.com:80/")]
    #[case("http://10.0.0.7:8000/x", "[::1]:9000", "http://[::1]:9000/x")]
    fn another_address_keeps_the_name(#[case] base: &str, #[case] target: &str, #[case] expected: &str) {
        let connect_to = Some(target.to_owned());
        let connection = Connection { connect_to, proxy: Some(DIRECT.to_owned()), ..Connection::default() };
        let route = route(base, &connection).unwrap();
        assert_eq!(route.base.as_str(), expected);
        assert_eq!(route.headers[HOST], authority(&Url::parse(base).unwrap()));
    }

    #[test]
    fn contradictions_are_refused() {
        let connect_to = Some("127.0.0.1:9000".to_owned());
        let proxied = Connection { connect_to: connect_to.clone(), ..Connection::default() };
        assert!(route("https://vpn1.example.com", &proxied).is_err(), "PANEL_PROXY is set");
        let direct = Connection { connect_to, proxy: Some(DIRECT.to_owned()), ..Connection::default() };
        assert!(route("https://10.0.0.7:8000", &direct).is_err(), "no name to ask the certificate for");
    }

    #[rstest]
    #[case("Authorization", "Basic c2VjcmV0")]
    #[case("X-Key", "line\nbreak")]
    #[case("ünfug", "geheim")]
    fn headers_that_cannot_be_sent_are_refused(#[case] name: &str, #[case] value: &str) {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let connection = Connection { headers, ..Connection::default() };
        let error = route("https://vpn1.example.com", &connection).err().unwrap();
        assert!(!error.to_string().contains(value), "{error}");
    }
}
