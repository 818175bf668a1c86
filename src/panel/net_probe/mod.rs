//! Checks over the network: TCP, TLS with the link's server name, and the request that a transport over HTTP begins
//! with.
//!
//! - [`dial`]: names, connections, and whose fault a failed one is.
//! - [`carry`]: more than a greeting.
//! - [`speak`]: a first request in HTTP/1.1 or HTTP/2, and what its answer proves.
//!
//! Certificates of endpoints are not verified: a client brings its own trust, and REALITY shows another site's. Deep
//! checks with a user's secrets are deliberately absent: they would be traffic of an account, and would need every
//! protocol of the core.

mod carry;
mod dial;
mod speak;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

use self::dial::Dialer;
use self::speak::Ask;
use super::cdn::is_cdn;
use super::endpoint::{Endpoint, Transport, Upgrade};
use super::probe::{Carried, Probe, Reached};
use super::tls;
use crate::domain::Timestamp;

/// Checks at a time: far above what 1,000 instances need, far below what a process may hold open.
const AT_A_TIME: usize = 256;

/// HTTP/2 and HTTP/1.1 as ALPN names them (RFC 7301).
const H2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// The prober. One for the process.
pub struct NetProbe {
    dialer: Dialer,
    gate: Semaphore,
    /// Believes any certificate.
    open: ClientConfig,
    /// Believes public authorities only: a page put in an anchor's place is not the anchor.
    strict: Arc<ClientConfig>,
}

impl Default for NetProbe {
    fn default() -> Self {
        Self::new()
    }
}

impl NetProbe {
    /// A prober; nothing is connected yet.
    #[must_use]
    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = || {
            ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .expect("ring knows the default protocol versions")
        };
        let any = Arc::new(AnyCertificate(Arc::clone(&provider)));
        let mut open = builder().dangerous().with_custom_certificate_verifier(any).with_no_client_auth();
        // Each check is a whole handshake, so that all are alike.
        open.resumption = Resumption::disabled();
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let mut strict = builder().with_root_certificates(roots).with_no_client_auth();
        strict.alpn_protocols = vec![HTTP1.to_vec()];
        Self { dialer: Dialer::default(), gate: Semaphore::new(AT_A_TIME), open, strict: Arc::new(strict) }
    }

    /// Runs a check in its turn and in time.
    async fn check<F: Future<Output = Result<(), Reached>>>(
        &self,
        timeout: Duration,
        check: impl FnOnce(Instant) -> F,
    ) -> Reached {
        let Ok(_turn) = timeout_at((Instant::now() + timeout).into(), self.gate.acquire()).await else {
            return Reached::Local("busy");
        };
        let begun = Instant::now();
        let deadline = begun + timeout;
        match timeout_at(deadline.into(), check(deadline)).await {
            Ok(Ok(()) | Err(Reached::Yes { .. })) => Reached::Yes { took: begun.elapsed() },
            Ok(Err(reached)) => reached,
            Err(_) => Reached::Silent,
        }
    }

    async fn begin(&self, endpoint: &Endpoint, deadline: Instant) -> Result<(), Reached> {
        if endpoint.transport == Transport::Udp {
            return Err(Reached::Odd("udp"));
        }
        let stream = self.dialer.connect(&endpoint.host, endpoint.port, deadline).await?;
        let fronted = endpoint.behind_cdn || stream.peer_addr().is_ok_and(|peer| is_cdn(peer.ip()));
        match &endpoint.transport {
            Transport::Udp | Transport::Tcp => {}
            Transport::Tls { sni, .. } => {
                self.shake(stream, sni, &[]).await?;
            }
            Transport::Http { upgrade, tls, host, path } => {
                let ask = Ask { host, path, fronted };
                return match tls {
                    Some(sni) => self.ask_over_tls(stream, sni, *upgrade, &ask).await,
                    None if *upgrade == Upgrade::Grpc => ask.h2(stream, "http", *upgrade).await,
                    None => ask.http1(stream, *upgrade).await,
                };
            }
        }
        // The network in front opens connections for the dead and the living alike.
        if fronted { Err(Reached::Odd("cdn")) } else { Ok(()) }
    }

    async fn ask_over_tls(
        &self,
        stream: TcpStream,
        sni: &str,
        upgrade: Upgrade,
        ask: &Ask<'_>,
    ) -> Result<(), Reached> {
        let offered: &[&[u8]] = match upgrade {
            Upgrade::WebSocket => &[HTTP1],
            Upgrade::Grpc => &[H2],
            Upgrade::Plain => &[H2, HTTP1],
        };
        let stream = self.shake(stream, sni, offered).await?;
        let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        match (upgrade, agreed.as_deref()) {
            (Upgrade::Grpc, _) | (Upgrade::Plain, Some(H2)) => ask.h2(stream, "https", upgrade).await,
            (Upgrade::WebSocket | Upgrade::Plain, _) => ask.http1(stream, upgrade).await,
        }
    }

    /// A TLS handshake with whoever is there.
    async fn shake(
        &self,
        stream: TcpStream,
        sni: &str,
        alpn: &[&[u8]],
    ) -> Result<TlsStream<TcpStream>, Reached> {
        let name = match stream.peer_addr() {
            // An address is never sent as a name: clients without a server name send none, too.
            Ok(peer) if sni.is_empty() => ServerName::IpAddress(peer.ip().into()),
            _ => ServerName::try_from(sni.to_owned()).map_err(|_| Reached::Odd("endpoint"))?,
        };
        let mut config = self.open.clone();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        shaken.map_err(|error| dial::tls_failure(&error))
    }

    /// An answer of a web server whose certificate counts, or a connection.
    async fn greet(&self, anchor: &str, deadline: Instant) -> Result<(), Reached> {
        if !anchor.contains("://") {
            let (host, port) = anchor_address(anchor).ok_or(Reached::Odd("endpoint"))?;
            return self.dialer.connect(&host, port, deadline).await.map(drop);
        }
        let url = Url::parse(anchor).map_err(|_| Reached::Odd("endpoint"))?;
        let host = url.host_str().ok_or(Reached::Odd("endpoint"))?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().ok_or(Reached::Odd("endpoint"))?;
        let stream = self.dialer.connect(bare, port, deadline).await?;
        let ask = Ask { host, path: url.path(), fronted: false };
        if url.scheme() != "https" {
            return ask.any_answer(stream).await;
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Reached::Odd("endpoint"))?;
        let shaken = TlsConnector::from(Arc::clone(&self.strict)).connect(name, stream).await;
        ask.any_answer(shaken.map_err(|error| dial::tls_failure(&error))?).await
    }
}

#[async_trait]
impl Probe for NetProbe {
    async fn endpoint(&self, endpoint: &Endpoint, timeout: Duration) -> Reached {
        self.check(timeout, |deadline| self.begin(endpoint, deadline)).await
    }

    async fn carry(&self, endpoint: &Endpoint, patience: Duration) -> Carried {
        self.carry_through(endpoint, patience).await
    }

    async fn anchor(&self, anchor: &str, timeout: Duration) -> Reached {
        self.check(timeout, |deadline| self.greet(anchor.trim(), deadline)).await
    }

    async fn certificate(&self, endpoint: &Endpoint, timeout: Duration) -> Option<Timestamp> {
        let sni = endpoint.own_certificate()?;
        let deadline = Instant::now() + timeout;
        let shown = timeout_at(deadline.into(), async {
            let _turn = self.gate.acquire().await.ok()?;
            let stream = self.dialer.connect(&endpoint.host, endpoint.port, deadline).await.ok()?;
            let stream = self.shake(stream, sni, &[]).await.ok()?;
            stream.get_ref().1.peer_certificates()?.first().and_then(tls::ends_at)
        });
        shown.await.ok().flatten()
    }
}

/// `host:port`, or a host, then 443.
fn anchor_address(anchor: &str) -> Option<(String, u16)> {
    if let Ok(address) = anchor.parse::<IpAddr>() {
        return Some((address.to_string(), 443));
    }
    let (host, port) = match anchor.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (anchor, 443),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

/// Any certificate will do: what is checked is that somebody completes a handshake.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
