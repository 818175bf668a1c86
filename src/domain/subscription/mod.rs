//! Subscriptions: what a panel answers to a client, read and rewritten.
//!
//! A panel's answer offers all its nodes alike. What reaches the client leaves out the entries of nodes that are dead
//! or hidden, and puts those of the chosen location first, then those of the preferred node. Whose an entry is, its
//! address or remark tells, or else an admin ([`Assigned`]). [`rewrite`] does that to
//! each format a client may get, and to nothing else in it:
//!
//! - share links, one a line, plain or as one base64 text ([`Format::Links`], [`Format::Base64`]);
//! - Clash and Mihomo YAML: `proxies`, and their names in `proxy-groups` ([`Format::Clash`]);
//! - sing-box JSON: `outbounds`, and their tags in selectors and URL tests ([`Format::SingBox`]);
//! - Xray JSON: one configuration, or a list with one for each entry ([`Format::Xray`]).
//!
//! What holds, and is tested with whatever a panel might answer:
//!
//! - A body that no format reads, or that is larger than [`LARGEST`], comes back as it went in, byte by byte; so does
//!   one in which nothing has to change.
//! - Nobody is left without an entry: if all would go, all stay. An entry that matches no node never goes.
//! - Entries of equal rank keep the panel's order. Rewriting twice is rewriting once.
//! - The file stays one that clients load. A group that would be empty offers what is left (never a direct way, which
//!   would send traffic past the VPN); an entry that a rule or a chain names stays defined, though no group offers it.
//! - Whatever else stands there is handed on letter by letter, so numbers, strings and their order stay what they were.
//!
//! [`notice`] makes a subscription that only says something, for keys that have ended. [`client`] tells which format a
//! client gets and who is a browser. Absent on purpose: where bodies come from, and how nodes came to be dead.

mod clash;
pub mod client;
mod json;
mod lines;
mod links;
mod notice;
mod plan;
#[cfg(test)]
mod properties;
mod sign;
mod sing_box;
mod xray;

use std::borrow::Cow;

use plan::Verdict;

pub use links::list;
pub use notice::notice;
pub use plan::{Assigned, Node, Plan, Whose};
pub use sign::Sign;

/// Bodies above this many bytes are handed on unread. A subscription of a thousand entries has about 1 MiB.
pub const LARGEST: usize = 4 << 20;

/// What a client is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Share links, one a line, in base64.
    Base64,
    /// Share links, one a line.
    Links,
    /// Clash YAML as the first Clash read it, which knows no VLESS.
    Clash,
    /// Clash YAML for Mihomo (Clash Meta) and its kin.
    Mihomo,
    /// A sing-box configuration.
    SingBox,
    /// Xray configurations.
    Xray,
    /// The one Shadowsocks server that Outline takes.
    Outline,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Base64, Self::Links, Self::Clash, Self::Mihomo, Self::SingBox, Self::Xray, Self::Outline];

    /// The header that panels send with it.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Base64 | Self::Links => "text/plain; charset=utf-8",
            Self::Clash | Self::Mihomo => "text/yaml; charset=utf-8",
            Self::SingBox | Self::Xray | Self::Outline => "application/json",
        }
    }
}

/// One thing that a subscription offers: a server to connect through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// What the client shows.
    pub remark: String,
    /// The host name or address, in lower case, without brackets or a final dot.
    pub host: String,
    /// The port; `None` when it is given as a range or cannot be read.
    pub port: Option<u16>,
}

impl Entry {
    fn new(remark: impl Into<String>, host: &str, port: Option<u16>) -> Self {
        Self { remark: remark.into(), host: plan::plain_host(host), port }
    }

    /// Where it leads, such as `nl.example.com:443`.
    #[must_use]
    pub fn address(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        self.port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }
}

/// What a subscription holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// How it is written; Mihomo's YAML cannot be told from Clash's and is called Clash.
    pub format: Format,
    /// Its entries in the order they stand.
    pub entries: Vec<Entry>,
}

/// A subscription as the client shall have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten<'a> {
    /// The body: the very same if nothing had to change, or it could not be read.
    pub body: Cow<'a, [u8]>,
    /// How it is written, if it could be read.
    pub format: Option<Format>,
    /// How many entries there were.
    pub entries: usize,
    /// How many of them are not offered any more.
    pub left_out: usize,
}

/// What stands in `body`; `None` if it is no subscription, or is larger than [`LARGEST`].
#[must_use]
pub fn read(body: &[u8]) -> Option<Contents> {
    let text = readable(body)?;
    Some(Document::of(text)?.contents())
}

/// `body` with its entries as `plan` wants them. `content_type` only tells pages apart, which are never touched;
/// panels' other types are too often wrong to be relied on.
#[must_use]
pub fn rewrite<'a>(body: &'a [u8], content_type: Option<&str>, plan: &Plan) -> Rewritten<'a> {
    let untouched = Rewritten { body: Cow::Borrowed(body), format: None, entries: 0, left_out: 0 };
    let is_page =
        content_type.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let Some(document) = readable(body).filter(|_| !is_page).and_then(Document::of) else { return untouched };
    let Contents { format, entries } = document.contents();
    let verdict = Verdict::of(&entries, plan);
    let read = Rewritten { format: Some(format), entries: entries.len(), ..untouched };
    if verdict.changes_nothing() {
        return read;
    }
    match document.rewritten(&verdict) {
        Some(text) => Rewritten { body: Cow::Owned(text.into_bytes()), left_out: verdict.left_out(), ..read },
        None => read,
    }
}

/// Text of bearable length.
fn readable(body: &[u8]) -> Option<&str> {
    if body.len() > LARGEST { None } else { std::str::from_utf8(body).ok() }
}

/// A subscription that was understood.
enum Document<'a> {
    Links(links::Links<'a>),
    Clash(Box<clash::Clash<'a>>),
    SingBox(sing_box::SingBox),
    Xray(xray::Xray),
    Outline(Entry),
}

impl<'a> Document<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match text.trim_start().bytes().next()? {
            b'{' => {
                let root: json::Object = serde_json::from_str(text).ok()?;
                if root.has("proxies") && !root.has("outbounds") {
                    return clash::Clash::of(text).map(|clash| Self::Clash(Box::new(clash)));
                }
                if let Some(outline) = outline(&root) {
                    return Some(Self::Outline(outline));
                }
                if xray::is_config(&root) {
                    return Some(Self::Xray(xray::Xray::single(root)));
                }
                sing_box::SingBox::of(root).map(Self::SingBox)
            }
            b'[' => xray::Xray::list(text).map(Self::Xray),
            _ if clash::looks_so(text) => clash::Clash::of(text).map(|clash| Self::Clash(Box::new(clash))),
            _ => links::Links::of(text).map(Self::Links),
        }
    }

    fn contents(&self) -> Contents {
        let (format, entries) = match self {
            Self::Links(links) => (links.format(), links.entries()),
            Self::Clash(clash) => (Format::Clash, clash.entries()),
            Self::SingBox(config) => (Format::SingBox, config.entries()),
            Self::Xray(configs) => (Format::Xray, configs.entries()),
            Self::Outline(entry) => (Format::Outline, vec![entry.clone()]),
        };
        Contents { format, entries }
    }

    /// The whole text anew; `None` if it stays as it is, or cannot be written faithfully.
    fn rewritten(&self, verdict: &Verdict) -> Option<String> {
        match self {
            Self::Links(links) => links.rewritten(verdict),
            Self::Clash(clash) => clash.rewritten(verdict),
            Self::SingBox(config) => config.rewritten(verdict),
            Self::Xray(configs) => configs.rewritten(verdict),
            // One server: it is either the last entry there is, or none of our business.
            Self::Outline(_) => None,
        }
    }
}

/// `{"method": …, "password": …, "server": …, "server_port": …}`
fn outline(root: &json::Object) -> Option<Entry> {
    let is_outline = root.has("method") && root.has("password") && !root.has("outbounds");
    let host = root.read::<String>("server").filter(|_| is_outline)?;
    Some(Entry::new(root.read::<String>("tag").unwrap_or_default(), &host, root.read("server_port")))
}
