//! Share links, one a line, as most clients take them: plain, or all together in base64.
//!
//! The forms: `scheme://secret@host:port?…#remark` (vless, trojan, ss, tuic, hysteria and others), `vmess://` with a
//! JSON object in base64 (v2rayN's form), the older `ss://` with everything in base64, and `ssr://`.

use std::borrow::Cow;

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{Engine, alphabet};
use serde_json::Value;

use super::plan::{Place, Verdict, arrange, is_old_order};
use super::{Entry, Format};

/// Panels write base64 with and without padding, and in both alphabets.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Lines, some of which are share links.
pub(super) struct Links<'a> {
    text: Cow<'a, str>,
    format: Format,
}

impl<'a> Links<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let has_links = |text: &str| text.lines().any(is_link);
        if has_links(text) {
            return Some(Self { text: text.into(), format: Format::Links });
        }
        let decoded = decode(text).filter(|decoded| has_links(decoded))?;
        Some(Self { text: decoded.into(), format: Format::Base64 })
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.text.lines().filter(|line| is_link(line)).map(entry).collect()
    }

    pub(super) fn rewritten(&self, verdict: &Verdict) -> Option<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut entries = 0..;
        let numbers: Vec<Option<usize>> =
            lines.iter().map(|line| if is_link(line) { entries.next() } else { None }).collect();
        let order =
            arrange(lines.len(), |line| numbers[line].map_or(Place::Fixed, |entry| verdict.place(entry)));
        if is_old_order(&order, lines.len()) {
            return None;
        }
        let mut text = order.into_iter().map(|line| lines[line]).collect::<Vec<_>>().join("\n");
        if self.text.ends_with('\n') {
            text.push('\n');
        }
        Some(if self.format == Format::Base64 { STANDARD.encode(text) } else { text })
    }
}

/// A subscription out of share links, as most clients take it.
#[must_use]
pub fn list<L: AsRef<str>>(links: &[L]) -> String {
    STANDARD.encode(links.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("\n"))
}

/// `scheme://` and something behind it.
fn is_link(line: &str) -> bool {
    let scheme_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    line.trim().split_once("://").is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(scheme_char)
            && !rest.is_empty()
    })
}

/// What a link says of itself; what cannot be read stays empty, and so matches nothing.
fn entry(link: &str) -> Entry {
    let (scheme, rest) = link.trim().split_once("://").unwrap_or_default();
    let (body, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let authority = body.split(['/', '?']).next().unwrap_or_default();
    let read = match scheme.to_ascii_lowercase().as_str() {
        "vmess" if !authority.contains('@') => vmess(body),
        "ss" if !authority.contains('@') => shadowsocks(body),
        "ssr" => shadowsocks_r(body),
        _ => None,
    };
    let entry = read.unwrap_or_else(|| {
        let (host, port) = host_and_port(authority.rsplit('@').next().unwrap_or_default());
        Entry::new("", host, port)
    });
    if fragment.is_empty() { entry } else { Entry { remark: percent_decoded(fragment), ..entry } }
}

fn vmess(body: &str) -> Option<Entry> {
    let fields: Value = serde_json::from_str(&decode(body.split('?').next()?)?).ok()?;
    let port = match fields.get("port")? {
        Value::Number(number) => number.as_u64().and_then(|port| port.try_into().ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let remark = fields.get("ps").and_then(Value::as_str).unwrap_or_default();
    Some(Entry::new(remark, fields.get("add")?.as_str()?, port))
}

/// `base64(method:password@host:port)`
fn shadowsocks(body: &str) -> Option<Entry> {
    let decoded = decode(body.split(['/', '?']).next()?)?;
    let (host, port) = host_and_port(decoded.rsplit_once('@')?.1);
    Some(Entry::new("", host, port))
}

/// `base64(host:port:protocol:method:obfs:password/?…&remarks=base64)`
fn shadowsocks_r(body: &str) -> Option<Entry> {
    let decoded = decode(body)?;
    let (server, query) = decoded.split_once("/?").unwrap_or((&decoded, ""));
    // The address may be an IPv6 one: five fields stand behind it.
    let mut fields = server.rsplitn(6, ':');
    let port = fields.nth(4)?.parse().ok();
    let host = fields.next()?;
    let remark = query.split('&').find_map(|pair| pair.strip_prefix("remarks=")).and_then(decode);
    Some(Entry::new(remark.unwrap_or_default(), host, port))
}

/// `host:port`, where Hysteria may have `443,5000-6000` for a port: then the first.
fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    let bracket = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[bracket..].rfind(':') {
        Some(at) => {
            let (host, port) = authority.split_at(bracket + at);
            let digits = port[1..].split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            (host, digits.parse().ok())
        }
        None => (authority, None),
    }
}

fn decode(text: &str) -> Option<String> {
    let mut plain: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    for byte in &mut plain {
        match byte {
            b'-' => *byte = b'+',
            b'_' => *byte = b'/',
            _ => {}
        }
    }
    String::from_utf8(GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(plain).ok()?).ok()
}

/// A fragment as people read it (RFC 3986); what is no UTF-8 shows as such.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex =
            bytes.get(at + 1..at + 3).filter(|hex| *byte == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "vless://1f@NL.example.com:443?type=tcp#%F0%9F%87%B3%F0%9F%87%B1%20NL",
        "🇳🇱 NL",
        "nl.example.com:443"
    )]
    #[case("trojan://p%40ss@[2001:db8::1]:8443?sni=a#six", "six", "[2001:db8::1]:8443")]
    #[case("hysteria2://auth@hy.example.com:443,5000-6000/?insecure=1#HY", "HY", "hy.example.com:443")]
    #[case("ss://YWVzLTI1Ni1nY206cGFzcw@1.2.3.4:8388#SS", "SS", "1.2.3.4:8388")]
    #[case("ss://YWVzLTI1Ni1nY206cGFzc0AxLjIuMy40OjgzODg=#Old", "Old", "1.2.3.4:8388")]
    #[case("vmess://eyJhZGQiOiJ2Lm9yZyIsInBvcnQiOiI0NDMiLCJwcyI6IlZNIn0=", "VM", "v.org:443")]
    #[case("vmess://eyJhZGQiOiJ2Lm9yZyIsInBvcnQiOjQ0MywicHMiOiJWTSJ9", "VM", "v.org:443")]
    #[case("vmess://id@v.org:80?type=ws#New", "New", "v.org:80")]
    #[case("wireguard://key@w.org:51820?x=1#", "", "w.org:51820")]
    #[case("vmess://broken", "", "broken")]
    fn links_say_where_they_lead(#[case] link: &str, #[case] remark: &str, #[case] address: &str) {
        assert!(is_link(link));
        let entry = entry(link);
        assert_eq!((entry.remark.as_str(), entry.address().as_str()), (remark, address));
    }

    #[test]
    fn shadowsocks_r_is_read() {
        let server = STANDARD.encode("1.2.3.4:8388:origin:aes-256-cfb:plain:cGFzcw/?remarks=U1NS&group=");
        let entry = entry(&format!("ssr://{}", server.replace('/', "_").replace('+', "-")));
        assert_eq!((entry.remark.as_str(), entry.address().as_str()), ("SSR", "1.2.3.4:8388"));
    }

    #[test]
    fn other_lines_are_no_links() {
        for line in ["", "# comment", "://x", "1http://x", "vless://", "STATUS=ok"] {
            assert!(!is_link(line), "{line:?}");
        }
    }
}
