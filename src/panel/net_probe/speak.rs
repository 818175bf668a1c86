//! The first request of a transport over HTTP, and what its answer proves.
//!
//! Without a user's secrets a core answers 400 or 404, or 101 where it asks for them later: each proves that it lives.
//! What a network or gateway in front says about itself proves nothing, unless it is that the other side is dead.

use std::io;
use std::time::Duration;

use rustls::pki_types::DnsName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::super::endpoint::Upgrade;
use super::super::probe::Reached;

/// More than any head of an answer has.
const HEAD_LIMIT: usize = 32 << 10;
/// What a network in front takes for a person, so that it does not challenge.
const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
/// Any 16 bytes (RFC 6455 §4.1); the answer to them is not looked at.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    /// Whether the address is one of a content delivery network.
    pub(super) fronted: bool,
}

/// The head of an answer.
struct Head {
    status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
}

impl Ask<'_> {
    /// The first request in HTTP/1.1.
    pub(super) async fn http1(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        upgrade: Upgrade,
    ) -> Result<(), Reached> {
        self.exchange(stream, upgrade == Upgrade::WebSocket).await?.judge(self.fronted)
    }

    /// A request that any answer satisfies.
    pub(super) async fn any_answer(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> Result<(), Reached> {
        self.exchange(stream, false).await.map(drop)
    }

    async fn exchange(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        upgrades: bool,
    ) -> Result<Head, Reached> {
        let connection = if upgrades {
            format!("Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}")
        } else {
            "close".to_owned()
        };
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: {connection}\r\n\r\n",
            target(self.path),
            self.host,
        );
        let silent = |_: io::Error| Reached::Silent;
        stream.write_all(request.as_bytes()).await.map_err(silent)?;
        stream.flush().await.map_err(silent)?;
        let mut bytes = Vec::with_capacity(1_024);
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                return Head::parse(&bytes[..end]);
            }
            if bytes.len() > HEAD_LIMIT || !b"HTTP/1.".starts_with(&bytes[..bytes.len().min(7)]) {
                return Err(Reached::Odd("foreign"));
            }
            if stream.read_buf(&mut bytes).await.map_err(silent)? == 0 {
                // Hung up on without a word, or in the middle of one.
                return Err(if bytes.is_empty() { Reached::Silent } else { Reached::Odd("foreign") });
            }
        }
    }

    /// The first request in HTTP/2.
    pub(super) async fn h2(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        scheme: &str,
        upgrade: Upgrade,
    ) -> Result<(), Reached> {
        let failure = |error: &h2::Error| h2_failure(error, self.fronted);
        let (sender, connection) = h2::client::handshake(stream).await.map_err(|error| failure(&error))?;
        let uri = format!("{scheme}://{}{}", self.authority(), target(self.path));
        let request = http::Request::builder().uri(uri).version(http::Version::HTTP_2);
        let request = match upgrade {
            Upgrade::Grpc => request
                .method("POST")
                .header("content-type", "application/grpc")
                .header("te", "trailers")
                .header("user-agent", "grpc-go/1.67.1"),
            Upgrade::WebSocket | Upgrade::Plain => request.header("user-agent", USER_AGENT),
        };
        let request = request.body(()).map_err(|_| Reached::Odd("endpoint"))?;
        let ask = async {
            let mut sender = sender.ready().await.map_err(|error| failure(&error))?;
            // An open call is answered late or never, so the request ends here.
            let (answer, _) = sender.send_request(request, true).map_err(|error| failure(&error))?;
            let answer = answer.await.map_err(|error| failure(&error))?;
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers =
                answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
            Ok(Head { status: answer.status().as_u16(), headers: headers.collect() })
        };
        tokio::pin!(connection);
        tokio::select! {
            // First: the answer may be there while the connection ends.
            biased;
            head = ask => head?.judge(self.fronted),
            // The connection itself carries the request, and ends before it only when it was cut.
            ended = &mut connection => Err(ended.err().map_or(Reached::Silent, |error| failure(&error))),
        }
    }

    /// The host as HTTP/2 takes it: a name that is none would not even be sent.
    fn authority(&self) -> &str {
        let is_name = DnsName::try_from(self.host.split(':').next().unwrap_or_default()).is_ok();
        if is_name || self.host.starts_with('[') { self.host } else { "localhost" }
    }
}

/// What ended an exchange in HTTP/2 before its answer. A stream that the other side itself reset, or an orderly farewell,
/// comes from a living core, or from the network in front of one.
fn h2_failure(error: &h2::Error, fronted: bool) -> Reached {
    if error.is_io() {
        Reached::Silent
    } else if error.is_remote() && !fronted {
        Reached::Yes { took: Duration::ZERO }
    } else {
        Reached::Odd("h2")
    }
}

/// A path as a request line takes it.
fn target(path: &str) -> String {
    let mut target = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && byte != b'#' {
            target.push(char::from(byte));
        } else {
            target.push_str(&format!("%{byte:02X}"));
        }
    }
    target
}

impl Head {
    fn parse(head: &[u8]) -> Result<Self, Reached> {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| {
            let (version, rest) = line.split_once(' ')?;
            let status = rest.get(..3)?.parse().ok().filter(|status| (100..600).contains(status));
            version.starts_with("HTTP/1.").then_some(status)?
        });
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        Ok(Self { status: status.ok_or(Reached::Odd("foreign"))?, headers: headers.collect() })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What the answer proves about what is behind it.
    ///
    /// - 502, 503, 504: a gateway or network in front got nothing from it (RFC 9110 §15.6).
    /// - 520 to 530: the same in Cloudflare's words, <https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/>.
    /// - gRPC status 14 (unavailable) is how gateways put it in a call.
    /// - A challenge, a limit or a redirect by a network in front was not asked of what is behind it.
    fn judge(&self, fronted: bool) -> Result<(), Reached> {
        let fronted =
            fronted || self.header("cf-ray").is_some() || self.header("server") == Some("cloudflare");
        match self.status {
            502..=504 | 520..=530 => Err(Reached::OriginDead),
            200 if self.header("grpc-status") == Some("14") => Err(Reached::OriginDead),
            429 => Err(Reached::Odd("too-many")),
            403 if fronted || self.header("cf-mitigated").is_some() => Err(Reached::Odd("challenge")),
            301 | 302 | 307 | 308 if fronted => Err(Reached::Odd("cdn")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(head: &str, fronted: bool) -> Result<(), Reached> {
        Head::parse(head.as_bytes()).and_then(|head| head.judge(fronted))
    }

    #[test]
    fn an_answer_of_the_core_is_life() {
        for head in [
            "HTTP/1.1 101 Switching Protocols",
            "HTTP/1.1 400 Bad Request",
            "HTTP/1.0 404",
            "HTTP/1.1 200 OK",
        ] {
            assert_eq!(judge(head, false), Ok(()), "{head}");
            assert_eq!(judge(head, true), Ok(()), "a network passes it on: {head}");
        }
    }

    #[test]
    fn a_front_that_gets_nothing_says_so() {
        for status in [502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530] {
            assert_eq!(judge(&format!("HTTP/1.1 {status} x"), false), Err(Reached::OriginDead), "{status}");
        }
        assert_eq!(judge("HTTP/1.1 200 OK\r\ngrpc-status: 14", false), Err(Reached::OriginDead));
        assert_eq!(judge("HTTP/1.1 200 OK\r\ngrpc-status: 12", false), Ok(()));
    }

    #[test]
    fn what_a_front_says_of_itself_proves_nothing() {
        assert_eq!(judge("HTTP/1.1 403 Forbidden\r\nCF-Ray: 1-FRA", false), Err(Reached::Odd("challenge")));
        assert_eq!(judge("HTTP/1.1 301 Moved\r\nServer: cloudflare", false), Err(Reached::Odd("cdn")));
        assert_eq!(judge("HTTP/1.1 429 x", false), Err(Reached::Odd("too-many")));
        assert_eq!(judge("HTTP/1.1 403 Forbidden", false), Ok(()), "a decoy site of the core's own");
        for foreign in ["SSH-2.0-OpenSSH", "HTTP/1.1", "HTTP/1.1 abc", "HTTP/1.1 20", ""] {
            assert_eq!(judge(foreign, false), Err(Reached::Odd("foreign")), "{foreign}");
        }
    }

    #[test]
    fn a_path_cannot_leave_its_line() {
        assert_eq!(target("/a b\r\nX: y#z?ed=1"), "/a%20b%0D%0AX:%20y%23z?ed=1");
    }
}
