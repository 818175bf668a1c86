//! More than a greeting: networks that block by what passes let a connection begin, and cut it off after some kilobytes.
//!
//! How much can be carried without a user's secrets depends on the transport. Behind REALITY stands the site that it hides
//! behind, and a core over HTTP answers every request with a few words: there, requests with a long header follow each
//! other on one connection, and answers are read, until [`ENOUGH`] has passed. A plain TLS or TCP server says nothing
//! to strangers, and gRPC answers a stranger once: there the greeting is all.
//!
//! A connection is cut off when it falls silent, or ends, in the middle of an answer; or when it falls silent after it had
//! answered. A server that closes between two answers only does not like long conversations.

use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::super::endpoint::{Endpoint, Transport, Upgrade};
use super::super::probe::Carried;
use super::{HTTP1, NetProbe};

/// What is carried, both ways together.
pub const ENOUGH: u64 = 64 << 10;
/// Long enough to count, and shorter than any server's limit for its headers.
const PADDING: usize = 4 << 10;
/// After this part of the whole patience without a byte a connection is cut off.
const SILENCE: u32 = 4;
/// No head of an answer is longer.
const HEAD: usize = 32 << 10;

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// All passed.
    Enough,
    /// The server has said what it wanted to say.
    Closed,
    /// Cut off.
    Cut,
}

impl NetProbe {
    /// See [`super::super::probe::Probe::carry`].
    pub(super) async fn carry_through(&self, endpoint: &Endpoint, patience: Duration) -> Carried {
        let deadline = Instant::now() + patience;
        let reached = self.check(patience / 3, |deadline| self.begin(endpoint, deadline)).await;
        let mut carried = Carried { reached, bytes: 0, cut: false };
        let Some((tls, host, path)) = conversation(endpoint).filter(|_| reached.is_yes()) else {
            return carried;
        };
        let Ok(stream) = self.dialer.connect(&endpoint.host, endpoint.port, deadline).await else {
            return carried;
        };
        let mut talk = Talk { host, path, deadline, silence: patience / SILENCE, bytes: 0 };
        let end = match tls {
            None => talk.on(stream).await,
            Some(sni) => match timeout(talk.silence, self.shake(stream, sni, &[HTTP1])).await {
                Ok(Ok(stream)) => talk.on(stream).await,
                _ => return carried,
            },
        };
        carried.bytes = talk.bytes;
        carried.cut = end == End::Cut;
        carried
    }
}

/// Name for TLS, host and path of what can be talked to in HTTP/1.1.
fn conversation(endpoint: &Endpoint) -> Option<(Option<&str>, &str, &str)> {
    match &endpoint.transport {
        Transport::Tls { sni, borrowed: true } if !sni.is_empty() => Some((Some(sni), sni, "/")),
        Transport::Http { upgrade: Upgrade::WebSocket | Upgrade::Plain, tls, host, path } => {
            Some((tls.as_deref(), host, path))
        }
        Transport::Http { upgrade: Upgrade::Grpc, .. }
        | Transport::Tls { .. }
        | Transport::Tcp
        | Transport::Udp => None,
    }
}

/// One request after the other on one connection.
struct Talk<'a> {
    host: &'a str,
    path: &'a str,
    deadline: Instant,
    /// After so long without a byte it is cut off.
    silence: Duration,
    /// What passed.
    bytes: u64,
}

impl Talk<'_> {
    async fn on(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> End {
        let target = if self.path.starts_with('/') { self.path } else { "/" };
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nCookie: s={}\r\n\r\n",
            self.host,
            "a".repeat(PADDING)
        );
        let mut answered = false;
        while self.bytes < ENOUGH {
            // Slow is not cut off.
            if Instant::now() >= self.deadline {
                return End::Closed;
            }
            match timeout(self.silence, stream.write_all(request.as_bytes())).await {
                Ok(Ok(())) => self.bytes += request.len() as u64,
                Ok(Err(_)) => return End::Closed,
                Err(_) => return End::Cut,
            }
            match self.answer(&mut stream).await {
                Answer::Whole => answered = true,
                Answer::Enough => return End::Enough,
                Answer::Last => return End::Closed,
                // Who never spoke may not speak HTTP at all.
                Answer::Silent if answered => return End::Cut,
                Answer::Silent => return End::Closed,
                Answer::Broken => return End::Cut,
            }
        }
        End::Enough
    }

    async fn answer(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Answer {
        let mut head: Vec<u8> = Vec::new();
        let mut rest: Option<Rest> = None;
        let mut buffer = vec![0; 16 << 10];
        loop {
            let begun = !head.is_empty();
            let read = match timeout(self.silence, stream.read(&mut buffer)).await {
                Err(_) => return if begun { Answer::Broken } else { Answer::Silent },
                Ok(Err(_)) => return if begun { Answer::Broken } else { Answer::Last },
                Ok(Ok(0)) if !begun || matches!(rest, Some(Rest::UntilClosed)) => return Answer::Last,
                Ok(Ok(0)) => return Answer::Broken,
                Ok(Ok(read)) => read,
            };
            self.bytes += read as u64;
            let new = &buffer[..read];
            match &mut rest {
                Some(rest) => rest.take(new),
                None => {
                    let from = head.len().saturating_sub(3);
                    head.extend_from_slice(new);
                    if let Some(at) = head[from..].windows(4).position(|window| window == b"\r\n\r\n") {
                        let end = from + at + 4;
                        let mut after = Rest::of(&head[..end]);
                        after.take(&head[end..]);
                        rest = Some(after);
                    } else if head.len() > HEAD {
                        return Answer::Last;
                    }
                }
            }
            if rest.as_ref().is_some_and(Rest::is_over) {
                return Answer::Whole;
            }
            if self.bytes >= ENOUGH || Instant::now() >= self.deadline {
                return Answer::Enough;
            }
        }
    }
}

enum Answer {
    /// To its end; the connection goes on.
    Whole,
    /// As far as was needed.
    Enough,
    /// To its end, with the connection, or nothing at all.
    Last,
    /// Not a byte.
    Silent,
    /// It stopped in the middle.
    Broken,
}

/// What follows the head of an answer (RFC 9112, 6.3).
enum Rest {
    Bytes(u64),
    /// Its last bytes so far: a chunk of nothing ends it.
    Chunks(Vec<u8>),
    UntilClosed,
}

impl Rest {
    fn of(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let field = |name: &str| {
            head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status.starts_with('1') || status == "204" || status == "304" {
            Self::Bytes(0)
        } else if field("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            Self::Chunks(Vec::new())
        } else {
            field("content-length")
                .and_then(|length| length.parse().ok())
                .map_or(Self::UntilClosed, Self::Bytes)
        }
    }

    fn take(&mut self, new: &[u8]) {
        match self {
            Self::Bytes(left) => *left = left.saturating_sub(new.len() as u64),
            Self::Chunks(tail) => {
                tail.extend_from_slice(new);
                tail.drain(..tail.len().saturating_sub(5));
            }
            Self::UntilClosed => {}
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::Bytes(left) => *left == 0,
            Self::Chunks(tail) => tail == b"0\r\n\r\n",
            Self::UntilClosed => false,
        }
    }
}
