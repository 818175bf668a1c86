//! The public door: links, and nothing else.
//!
//! What an app gets is a text and headers. The headers that many apps read have no standard; they are written as
//! Marzban, Hiddify (`github.com/hiddify/hiddify-app/wiki`), Happ (`happ.su/main/dev-docs`) and Clash clients do:
//! `subscription-userinfo`, `profile-title`, `profile-update-interval` (hours), `support-url`, `profile-web-page-url`,
//! `announce`. Texts beyond ASCII are `base64:` and the text.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH,
    RETRY_AFTER, USER_AGENT, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::limits::Limit;
use super::listen::Peer;
use super::page::{self, PageView};
use super::{closed, nothing};
use crate::domain::key::Standing;
use crate::domain::link::Link;
use crate::domain::subscription::{self, client};
use crate::service::claim::{self, Claims};
use crate::service::keys::Server;
use crate::service::links::addresses::host_of;
use crate::service::links::{self, Addresses, Answer, Known, Links, Network, Served};
use crate::store::StoreError;
use crate::text::apps::Apps;
use crate::text::page::Feeling;
use crate::text::{self, Lang, T, Words};

/// Hours between two fetches of an app. Short, because a move reaches an app with its next fetch.
const UPDATE_HOURS: &str = "1";
/// When an app that gets nothing is to come again, in seconds.
const COME_AGAIN: &str = "30";
/// A client's name is not longer; what is longer is cut.
const AGENT: usize = 256;

/// What the public door is told.
pub struct Front {
    /// What links answer.
    pub links: Links,
    /// All languages.
    pub words: Words,
    /// Which app for which device, for the page.
    pub apps: Apps,
    /// What the service is called.
    pub name: String,
    /// Whom people write to.
    pub support_contact: Option<String>,
    /// The language for people whose own we do not speak.
    pub default_language: Lang,
    /// Whose word on who asks is believed.
    pub trusted: Vec<Network>,
}

/// What the public door works with.
struct Desk {
    front: Front,
    /// A key may be asked for so often: every app of every device, and a person who taps again and again.
    by_key: Limit,
    /// Wrong links may be tried so often from one address.
    wrong: Limit,
    /// Panels' own links may be asked for so often from one address: each is a question to the database.
    old: Limit,
    /// Panels are asked so often whether they wrote a link of one account, whoever guesses and from wherever.
    verified: Limit,
    /// Whose those are.
    claims: Claims,
}

/// The routes of links; none without an address of our own.
pub fn routes(front: Front) -> Router {
    let Some(path) = front.links.core().links.addresses().map(Addresses::path) else { return Router::new() };
    let path = format!("{path}/{{token}}");
    let claims = Claims::new(front.links.core().clone());
    let desk = Desk {
        front,
        by_key: Limit::new(60, 60),
        wrong: Limit::new(60, 60),
        old: Limit::new(120, 60),
        verified: Limit::new(10, 10),
        claims,
    };
    Router::new().route(&path, any(link)).with_state(Arc::new(desk))
}

/// The public door with links alone.
pub fn router(front: Front) -> Router {
    closed(routes(front))
}

/// One request for a link.
async fn link(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return nothing();
    }
    // Taken as it was sent: there is one way to write a token, and no encoding is part of it.
    let token = request.uri().path().rsplit('/').next().unwrap_or_default();
    let links = &desk.front.links;
    let now = links.core().clock.now();
    let link = match links.core().links.read(token) {
        Some(link) => Some(link),
        None => {
            let from = network_of(desk.client(&request));
            match desk.old(token, from).await {
                Ok(link) => link,
                Err(error) => return failed(&error),
            }
        }
    };
    let Some(link) = link else {
        return desk.wrong(&request);
    };
    let agent = text_of(request.headers(), &USER_AGENT).chars().take(AGENT).collect::<String>();
    if client::is_preview(&agent) {
        count("preview");
        return status(StatusCode::NO_CONTENT);
    }
    if !desk.by_key.take(link.config, now) {
        count("too-often");
        return later(StatusCode::TOO_MANY_REQUESTS);
    }
    let known = match links.key(link).await {
        Ok(Some(known)) => known,
        Ok(None) => return desk.wrong(&request),
        Err(error) => return failed(&error),
    };
    if client::is_browser(&agent, Some(text_of(request.headers(), &ACCEPT))) {
        count("page");
        return desk.page(&known, link, &agent, &request);
    }
    desk.answer(&known, link, &agent, request.headers()).await
}

impl Desk {
    /// A panel's own link, pointed here: it lives on as one of ours.
    async fn old(&self, token: &str, from: u128) -> Result<Option<Link>, StoreError> {
        let now = self.front.links.core().clock.now();
        let Some(name) = claim::owner(token) else { return Ok(None) };
        if let Some(link) = self.claims.by_heart(token).await {
            return Ok(Some(link));
        }
        if !self.old.take(from, now) {
            return Ok(None);
        }
        match self.claims.verified(token).await? {
            None if self.verified.take(&name, now) => self.claims.verify(token, &name).await,
            known => Ok(known),
        }
    }

    /// A link that is none, or no more. All of them get the same answer, whatever they look like; who tries many is
    /// asked to connect anew each time, which costs them more than us.
    fn wrong(&self, request: &Request) -> Response<Body> {
        count("wrong");
        let now = self.front.links.core().clock.now();
        let mut response = nothing();
        if !self.wrong.take(network_of(self.client(request)), now) {
            response.headers_mut().insert("connection", HeaderValue::from_static("close"));
        }
        response
    }

    /// Who asks.
    fn client(&self, request: &Request) -> IpAddr {
        asker(request, &self.front.trusted)
    }

    fn words(&self, known: &Known) -> &T {
        let chosen = known.key.language.as_deref().and_then(|code| code.parse().ok());
        let telegrams = || known.key.telegram_language.as_deref().and_then(Lang::from_telegram);
        self.front.words.of(chosen.or_else(telegrams).unwrap_or(self.front.default_language))
    }

    async fn answer(&self, known: &Known, link: Link, agent: &str, asked: &HeaderMap) -> Response<Body> {
        let Front { links, .. } = &self.front;
        let t = self.words(known);
        let host = text_of(asked, &HOST);
        let origin = links.core().links.addresses().map_or("", |addresses| addresses.by_host(host));
        let mut headers = self.headers(known, link, t);
        // An app that knows the word goes on by the address that new links have.
        if let Some(shown) = links.core().links.shown().filter(|shown| *shown != origin) {
            put(&mut headers, "new-domain", host_of(shown));
        }
        let format = client::family(agent);
        let notice = |lines: &[String]| Body::from(subscription::notice(format, lines));
        let (content_type, tag, body) = match links.answer(known, agent, origin).await {
            Answer::Keys(served) => {
                count(if served.fresh { "served" } else { "last-good" });
                for (name, value) in &served.headers {
                    put(&mut headers, name, value);
                }
                (served.content_type.clone(), served.tag.clone(), Body::from(Bytes::from_owner(Text(served))))
            }
            Answer::Ended(standing) => {
                count("ended");
                let lines = text::link::ended(t, standing, self.front.support_contact.as_deref());
                (format.content_type().to_owned(), format!("{standing:?}"), notice(&lines))
            }
            Answer::Preparing => {
                count("preparing");
                let lines = text::link::preparing(t);
                (format.content_type().to_owned(), "preparing".to_owned(), notice(&lines))
            }
            Answer::Nothing => {
                count("nothing");
                return later(StatusCode::SERVICE_UNAVAILABLE);
            }
        };
        put(&mut headers, CONTENT_TYPE.as_str(), &content_type);
        let etag = etag(&tag, &headers);
        put(&mut headers, ETAG.as_str(), &etag);
        let mut response = Response::new(body);
        if text_of(asked, &IF_NONE_MATCH).split(',').any(|known| same_tag(known, &etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            headers.remove(CONTENT_TYPE);
        }
        *response.headers_mut() = headers;
        response
    }

    /// What a person sees who opens their link in a browser.
    fn page(&self, known: &Known, link: Link, agent: &str, request: &Request) -> Response<Body> {
        let Front { links, words, apps, support_contact, .. } = &self.front;
        let (headers, key) = (request.headers(), &known.key);
        let tapped = request
            .uri()
            .query()
            .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
        let wished = text_of(headers, &ACCEPT_LANGUAGE);
        let wished = (!wished.is_empty()).then_some(wished);
        let lang = page::language(tapped, wished, self.words(known).lang());
        let standing = links.standing(known);
        let trouble = links.server(known) == Server::Trouble;
        let feeling = match standing {
            Standing::Live if key.primary.is_none() => Feeling::Waits,
            Standing::Live if trouble => Feeling::Trouble,
            Standing::Live => Feeling::Works,
            ended => Feeling::Ended(ended),
        };
        let t = words.of(lang);
        let notices: Vec<String> =
            if feeling == Feeling::Trouble { vec![text::link::trouble(t)] } else { Vec::new() };
        let (name, region) = (self.title(known), links.region(known));
        let shown = links.core().links.link(link.config, link.epoch).unwrap_or_default();
        let support = support_contact.as_deref().and_then(text::link::address_of_contact);
        let bot = links.core().signals.bot();
        let view = PageView {
            name: &name,
            feeling,
            used: key.used,
            limit: key.config.data_limit,
            expires_at: key.config.expires_at,
            now: links.core().clock.now(),
            region: region.as_ref(),
            link: &shown,
            support: support.as_deref(),
            bot: bot.as_deref(),
            notices: &notices,
            apps,
            system: page::system(agent),
        };
        let (headers, text) = page::page(&view, t);
        let mut response = Response::new(Body::from(text));
        *response.headers_mut() = headers;
        response
    }

    /// What a key is called in apps.
    fn title(&self, known: &Known) -> String {
        let (name, number) = (&self.front.name, known.key.config.number);
        if number > 1 { format!("{name} {number}") } else { name.clone() }
    }

    /// What we say ourselves, whatever the panel says.
    fn headers(&self, known: &Known, link: Link, t: &T) -> HeaderMap {
        let Front { links, support_contact, .. } = &self.front;
        let config = &known.key.config;
        let mut headers = HeaderMap::new();
        // Apps want a sum, and panels count both ways together.
        let total = config.data_limit.unwrap_or(0);
        let expire = config.expires_at.map_or(0, |end| end.timestamp());
        let used = known.key.used;
        put(
            &mut headers,
            "subscription-userinfo",
            &format!("upload=0; download={used}; total={total}; expire={expire}"),
        );
        let title = self.title(known);
        put(&mut headers, "profile-title", &format!("base64:{}", STANDARD.encode(&title)));
        put(&mut headers, "profile-update-interval", UPDATE_HOURS);
        if let Some(support) = support_contact.as_deref().and_then(text::link::address_of_contact) {
            put(&mut headers, "support-url", &support);
        }
        if let Some(page) = links.core().links.link(link.config, link.epoch) {
            put(&mut headers, "profile-web-page-url", &page);
        }
        let live = links.standing(known) == Standing::Live;
        let announced = match (live, links.server(known)) {
            (true, Server::Trouble) => Some(text::link::trouble(t)),
            (true, Server::Good) => None,
            (false, _) => Some(text::link::ended(t, links.standing(known), None).join(" ")),
        };
        if let Some(words) = announced {
            put(&mut headers, "announce", &spelled(&words));
        }
        let file: String = title.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
        let file = if file.trim().is_empty() { "keys" } else { file.trim() };
        put(&mut headers, CONTENT_DISPOSITION.as_str(), &format!("attachment; filename=\"{file}\""));
        put(&mut headers, CACHE_CONTROL.as_str(), "private, no-cache");
        put(&mut headers, VARY.as_str(), "user-agent, accept");
        headers
    }
}

/// Who asks, as far as those in front who are `trusted` say.
pub(super) fn asker(request: &Request, trusted: &[Network]) -> IpAddr {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    let lines = request.headers().get_all("x-forwarded-for").iter();
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    links::client(peer, &lines, trusted)
}

/// An answer's text, shared with the cache.
struct Text(Arc<Served>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

/// Nobody can say now whether a link is one.
fn failed(error: &StoreError) -> Response<Body> {
    tracing::warn!(error = format!("{error:#}"), "a link cannot be answered");
    count("failed");
    later(StatusCode::SERVICE_UNAVAILABLE)
}

fn count(outcome: &'static str) {
    metrics::counter!("karvan_link_requests_total", "outcome" => outcome).increment(1);
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Nothing now: an app keeps what it has, and comes again.
fn later(code: StatusCode) -> Response<Body> {
    let mut response = status(code);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(COME_AGAIN));
    response
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Sets a header; what no header may say is left out.
fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// A text for a header that apps show.
fn spelled(words: &str) -> String {
    let plain = words.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if plain { words.to_owned() } else { format!("base64:{}", STANDARD.encode(words)) }
}

/// One tag for one text with one set of headers: an app that has both has all.
fn etag(tag: &str, headers: &HeaderMap) -> String {
    let mut hash = Sha256::new();
    hash.update(tag.as_bytes());
    for name in ["subscription-userinfo", "announce", "profile-title", "support-url", "content-type"] {
        hash.update(b"\n");
        hash.update(headers.get(name).map_or(&b""[..], HeaderValue::as_bytes));
    }
    let hex: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// RFC 9110 §13.1.2: compared weakly, and `*` is any.
fn same_tag(known: &str, etag: &str) -> bool {
    let known = known.trim();
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag
}

/// An address as it is limited: of IPv6 the network, since everybody has a whole one.
pub(super) fn network_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits() >> 64 | 1 << 127,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_beyond_ascii_are_spelled() {
        assert_eq!(spelled("Hello, world"), "Hello, world");
        assert_eq!(spelled("Привет"), "base64:0J/RgNC40LLQtdGC");
        assert_eq!(spelled("two\nlines"), "base64:dHdvCmxpbmVz");
    }

    #[test]
    fn tags_are_compared_as_the_rfc_says() {
        assert!(same_tag("\"a\"", "\"a\"") && same_tag(" W/\"a\"", "\"a\"") && same_tag("*", "\"a\""));
        assert!(!same_tag("\"b\"", "\"a\"") && !same_tag("", "\"a\""));
    }

    #[test]
    fn a_network_of_ipv6_is_one_asker() {
        let of = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
