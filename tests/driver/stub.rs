//! Small servers that answer by hand: a program that is no Marzban, and proxies.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A token that lives for ever, as far as it tells.
pub const LOGIN: &str = r#"{"access_token":"e30.e30.c2ln","token_type":"bearer"}"#;
/// One inbound of the simplest kind.
pub const INBOUNDS: &str =
    r#"{"vless":[{"tag":"V","protocol":"vless","network":"tcp","tls":"reality","port":443}]}"#;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET /path`
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The number of the connection it came on, in the order of their opening.
    pub connection: usize,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Status, further header lines, body.
pub type Answer = (u16, &'static str, &'static str);

pub const JSON: &str = "content-type: application/json\r\n";
pub const HTML: &str = "content-type: text/html\r\n";

/// A server that answers what it is told to.
pub struct Stub {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Answers each `METHOD /path` by `answer`.
    pub async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(None, answer).await
    }

    /// The same behind TLS.
    pub async fn start_tls(
        tls: TlsAcceptor,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Some(tls), answer).await
    }

    async fn serve(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (log, answer, tls) = (Arc::clone(&log), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, connection, &log, &*answer).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => converse(stream, connection, &log, &*answer).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self { address, seen }
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    log: &Mutex<Vec<Seen>>,
    answer: &(dyn Fn(&str) -> Answer + Send + Sync),
) -> Option<()> {
    loop {
        let head = read_head(&mut stream).await?;
        let mut lines = head.lines();
        let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let seen = Seen { line: line.clone(), headers, connection };
        let length = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        log.lock().unwrap().push(seen);
        let (status, headers, body) = answer(&line);
        let length = body.len();
        let text = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// A proxy that leads every connection to one place, and notes where it was asked to go.
pub struct Proxy {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What a proxy speaks, and whether it does what it is asked for.
#[derive(Clone, Copy)]
pub enum Kind {
    Http,
    Socks5,
    RefusingHttp,
    RefusingSocks5,
}

impl Proxy {
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub async fn start(kind: Kind, target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(lead(kind, stream, target, Arc::clone(&log)));
            }
        });
        Self { address, asked }
    }
}

async fn lead(
    kind: Kind,
    mut stream: TcpStream,
    target: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let asked = match kind {
        Kind::Http | Kind::RefusingHttp => read_head(&mut stream).await?.lines().next()?.to_owned(),
        Kind::Socks5 | Kind::RefusingSocks5 => read_socks5(&mut stream).await?,
    };
    log.lock().unwrap().push(asked);
    let answer: &[u8] = match kind {
        Kind::Http => b"HTTP/1.1 200 Connection established\r\n\r\n",
        Kind::RefusingHttp => b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        Kind::Socks5 => &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        // RFC 1928: connection not allowed by ruleset.
        Kind::RefusingSocks5 => &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0],
    };
    stream.write_all(answer).await.ok()?;
    if matches!(kind, Kind::Http | Kind::Socks5) {
        let mut panel = TcpStream::connect(target).await.ok()?;
        copy_bidirectional(&mut stream, &mut panel).await.ok()?;
    }
    Some(())
}

/// The greeting and the request of RFC 1928; where to, as `host:port`.
async fn read_socks5(stream: &mut TcpStream) -> Option<String> {
    let (_version, methods) = (stream.read_u8().await.ok()?, stream.read_u8().await.ok()?);
    stream.read_exact(&mut vec![0; usize::from(methods)]).await.ok()?;
    stream.write_all(&[5, 0]).await.ok()?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let host = match head[3] {
        1 => {
            let mut ip = [0; 4];
            stream.read_exact(&mut ip).await.ok()?;
            SocketAddr::from((ip, 0)).ip().to_string()
        }
        3 => {
            let mut name = vec![0; usize::from(stream.read_u8().await.ok()?)];
            stream.read_exact(&mut name).await.ok()?;
            String::from_utf8(name).ok()?
        }
        _ => return None,
    };
    Some(format!("{host}:{}", stream.read_u16().await.ok()?))
}

/// An authority of the operator's own, and a server whose certificate it signed for `name`.
pub fn own_authority(name: &str) -> (String, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let server_key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(params, key);
    let server = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&server_key, &issuer).unwrap();
    (authority.pem(), acceptor(server.der().clone(), &server_key))
}

/// A self-signed certificate that calls itself an authority, as `openssl req -x509` makes them.
pub fn self_made(name: &str) -> (String, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), acceptor(certificate.der().clone(), &key))
}

/// An authority that signs the certificates of those who may pass a gate.
pub struct ClientAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

impl ClientAuthority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// A certificate that it signed, with its key.
    pub fn client_pem(&self) -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["karvan".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        format!("{}{}", certificate.pem(), key.serialize_pem())
    }

    /// A server, self-signed for `name`, that lets through only those whom this authority signed.
    pub fn gate(&self, name: &str) -> (String, TlsAcceptor) {
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![server.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        (server.pem(), TlsAcceptor::from(Arc::new(config)))
    }
}

/// A server that shows somebody else's certificate and signs with a key of its own.
pub fn impostor(certificate: &CertificateDer<'static>) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let provider = ring::default_provider();
    let signing =
        provider.key_provider.load_private_key(PrivateKeyDer::Pkcs8(key.serialize_der().into())).unwrap();
    let shown = tokio_rustls::rustls::sign::CertifiedKey::new(vec![certificate.clone()], signing);
    let shown = tokio_rustls::rustls::sign::SingleCertAndKey::from(shown);
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_cert_resolver(Arc::new(shown))))
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
