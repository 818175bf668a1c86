//! HTTP/1.1 framing (RFC 9112), just enough for well-behaved clients on loopback: a request line, headers, a body by
//! length or in chunks.

use std::io;

use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

/// Larger heads and bodies than this are somebody's mistake.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// A request as it arrived.
#[derive(Clone)]
pub struct Request {
    /// In capitals.
    pub method: String,
    /// Percent-decoded, without query and without the panel's prefix.
    pub path: String,
    /// Decoded pairs in order.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
    /// How many requests, this one included, were being worked on when it arrived.
    pub parallel: usize,
    /// When it had arrived. It may be executed much later.
    pub arrived: Instant,
    /// The request target as it was sent.
    pub target: String,
    /// Whether it came over TLS.
    pub secure: bool,
}

impl Request {
    /// The first header of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The last query value of this name, as Python frameworks read it.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Scheme and authority the client addressed.
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.header("host").unwrap_or("127.0.0.1"))
    }
}

/// An answer. `content-length` is added when it is sent.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("the simulation's own types always become JSON");
        Self::bytes(status, "application/json", body)
    }

    /// A text answer of some content type.
    #[must_use]
    pub fn text(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self::bytes(status, content_type, body.into().into_bytes())
    }

    fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Bytes received and not yet used up.
#[derive(Default)]
pub(super) struct Incoming(Vec<u8>);

impl Incoming {
    /// Waits for the first byte of the next request; `false` at the end of the connection.
    pub(super) async fn wait(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
        Ok(!self.0.is_empty() || self.more(stream).await?)
    }

    /// The next request; `None` at the end of the connection.
    pub(super) async fn request(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        prefix: &str,
    ) -> io::Result<Option<Request>> {
        let head_end = loop {
            if let Some(at) = find(&self.0, b"\r\n\r\n") {
                break at;
            }
            if !self.more(stream).await? {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&self.0[..head_end]).into_owned();
        self.0.drain(..head_end + 4);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a request line"));
        };
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect::<Vec<_>>();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = percent_decode(path, false);
        let mut request = Request {
            method: method.to_ascii_uppercase(),
            path: path.strip_prefix(prefix).map_or_else(|| path.clone(), str::to_owned),
            query: form_pairs(query),
            headers,
            body: Vec::new(),
            parallel: 0,
            arrived: Instant::now(),
            target: target.to_owned(),
            secure: false,
        };
        let chunked =
            request.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        let length = request.header("content-length").and_then(|length| length.parse::<usize>().ok());
        request.body = if chunked {
            self.chunks(stream).await?
        } else {
            self.exactly(stream, length.unwrap_or(0)).await?
        };
        Ok(Some(request))
    }

    async fn chunks(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line_end = loop {
                if let Some(at) = find(&self.0, b"\r\n") {
                    break at;
                }
                if !self.more(stream).await? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            };
            let line = String::from_utf8_lossy(&self.0[..line_end]).into_owned();
            self.0.drain(..line_end + 2);
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a chunk size"))?;
            body.extend(self.exactly(stream, size).await?);
            self.exactly(stream, 2).await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn exactly(&mut self, stream: &mut (impl AsyncRead + Unpin), length: usize) -> io::Result<Vec<u8>> {
        while self.0.len() < length {
            if !self.more(stream).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.0.drain(..length).collect())
    }

    async fn more(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
        if self.0.len() > MAX_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the request is too large"));
        }
        Ok(stream.read_buf(&mut self.0).await? > 0)
    }
}

/// Sends an answer, or its first half with the length of the whole.
pub(super) async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    response: &Response,
    head_only: bool,
    truncate: bool,
) -> io::Result<()> {
    let reason = reason(response.status);
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\nserver: uvicorn\r\n", response.status).into_bytes();
    for (name, value) in &response.headers {
        // A value never ends the header early.
        let value = value.replace(['\r', '\n'], " ");
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    bytes.extend(format!("content-length: {}\r\n\r\n", response.body.len()).into_bytes());
    if !head_only {
        let length = if truncate { response.body.len() / 2 } else { response.body.len() };
        bytes.extend(&response.body[..length]);
    }
    stream.write_all(&bytes).await?;
    stream.flush().await
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// Pairs of a query or of a form body.
pub(crate) fn form_pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (percent_decode(key, true), percent_decode(value, true)))
        .collect()
}

fn percent_decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(value) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(if plus_is_space && byte == b'+' { b' ' } else { byte });
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_in_pieces_and_in_chunks_are_put_together() {
        let bytes = "PUT /p/a%2Fb?x=1&x=2&y=a+b HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n\r\n\
                     3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\nGET /p/next HTTP/1.1\r\n\r\n";
        let (mut client, mut stream) = tokio::io::duplex(7);
        tokio::spawn(async move { client.write_all(bytes.as_bytes()).await });
        let mut incoming = Incoming::default();
        let first = incoming.request(&mut stream, "/p").await.unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.path.as_str()), ("PUT", "/a/b"));
        assert_eq!((first.query("x"), first.query("y")), (Some("2"), Some("a b")));
        assert_eq!(first.body, b"abcde");
        let second = incoming.request(&mut stream, "/p").await.unwrap().unwrap();
        assert_eq!(second.path, "/next");
        assert!(incoming.request(&mut stream, "/p").await.unwrap().is_none());
    }
}
