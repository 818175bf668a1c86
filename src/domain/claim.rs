//! What people send who have a key already: its link, or the key itself.
//!
//! Only what proves possession is read: the secret in it. Where it leads is a hint which panel to ask first, and never an
//! address that is called.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::Url;
use uuid::Uuid;

/// What proves possession.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// The link that a panel gave out.
    Link {
        /// The last part of its path.
        token: String,
        /// The link without what stands behind the token.
        url: String,
    },
    /// The id of VLESS or VMess.
    Uuid(Uuid),
    /// The password of Trojan or Shadowsocks.
    Password(String),
}

/// Secrets never reach a log.
impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// A key that somebody says is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The proof.
    pub proof: Proof,
    /// Where it leads.
    pub host: Option<String>,
}

/// What may stand behind the token of a link: panels give other forms of the same there.
const VARIANTS: [&str; 9] =
    ["info", "usage", "v2ray", "v2ray-json", "clash", "clash-meta", "sing-box", "outline", "json"];
/// Characters of a token, at least and at most.
const TOKEN: std::ops::RangeInclusive<usize> = 16..=512;
/// Nothing longer is read.
const LONGEST: usize = 4096;

/// Reads what a person wrote; `None`: it is no key and no link. The first one counts.
#[must_use]
pub fn read(text: &str) -> Option<Claimed> {
    if text.len() > LONGEST {
        return None;
    }
    text.split_whitespace().find_map(one)
}

fn one(word: &str) -> Option<Claimed> {
    let (scheme, rest) = word.split_once("://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "vless" => with_user(rest, |user| user.parse().ok().map(Proof::Uuid)),
        "trojan" => with_user(rest, |user| Some(Proof::Password(decoded(user)?))),
        "vmess" => vmess(rest),
        "ss" => shadowsocks(rest),
        "http" | "https" => link(word),
        _ => None,
    }
}

/// `USER@HOST:PORT…`
fn with_user(rest: &str, proof: impl Fn(&str) -> Option<Proof>) -> Option<Claimed> {
    let (user, place) = rest.split_once('@')?;
    Some(Claimed { proof: proof(user)?, host: host(place) })
}

/// The host of `HOST:PORT?…#…`, without the brackets of an IPv6 address.
fn host(place: &str) -> Option<String> {
    let place = place.split(['/', '?', '#']).next()?;
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => place.rsplit_once(':').map_or(place, |(host, _)| host),
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Base64 as apps write it: either alphabet, with padding or without.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()
}

fn decoded(text: &str) -> Option<String> {
    // A query of one value is decoded by the same rules; a plus is a plus here.
    let query = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
    let (_, value) = url::form_urlencoded::parse(query.as_bytes()).next()?;
    (!value.is_empty()).then(|| value.into_owned())
}

/// `vmess://` and JSON in base64 (v2rayN's form).
fn vmess(rest: &str) -> Option<Claimed> {
    let json = base64(rest.split(['#', '?']).next()?)?;
    let json: serde_json::Value = serde_json::from_slice(&json).ok()?;
    let id = json.get("id")?.as_str()?.parse().ok()?;
    let host = json.get("add").and_then(|add| add.as_str()).map(str::to_ascii_lowercase);
    Some(Claimed { proof: Proof::Uuid(id), host })
}

/// `ss://` with method and password in base64 (SIP002), or all of it.
fn shadowsocks(rest: &str) -> Option<Claimed> {
    let plain = rest.split('#').next()?;
    let (user, place) = match plain.split_once('@') {
        Some((user, place)) => {
            let user = decoded(user)?;
            (base64(&user).and_then(|user| String::from_utf8(user).ok()).unwrap_or(user), place.to_owned())
        }
        None => {
            let all = String::from_utf8(base64(plain.split('?').next()?)?).ok()?;
            let (user, place) = all.rsplit_once('@')?;
            (user.to_owned(), place.to_owned())
        }
    };
    let (_, password) = user.split_once(':')?;
    (!password.is_empty())
        .then(|| Claimed { proof: Proof::Password(password.to_owned()), host: host(&place) })
}

/// `https://HOST/…/sub/TOKEN`, maybe with the form behind it.
fn link(word: &str) -> Option<Claimed> {
    let mut url = Url::parse(word).ok()?;
    let parts: Vec<String> =
        url.path_segments()?.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let parts = match parts.split_last() {
        Some((last, rest)) if rest.len() >= 2 && VARIANTS.contains(&last.as_str()) => rest,
        _ => &parts[..],
    };
    let token = parts.last().filter(|_| parts.len() >= 2)?.clone();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
    if !TOKEN.contains(&token.len()) || !token.chars().all(plain) {
        return None;
    }
    url.set_path(&parts.join("/"));
    url.set_query(None);
    url.set_fragment(None);
    let host = url.host_str().map(str::to_ascii_lowercase);
    Some(Claimed { proof: Proof::Link { token, url: url.to_string() }, host })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const ID: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";

    #[test]
    fn a_key_is_known_by_the_secret_in_it() {
        let id = Proof::Uuid(ID.parse().unwrap());
        let vless = format!("my key:\nvless://{ID}@VPN1.example.com:443?security=reality&pbk=x#Frankfurt 🇩🇪");
        assert_eq!(read(&vless), Some(Claimed { proof: id.clone(), host: Some("vpn1.example.com".into()) }));
        let six = format!("vless://{ID}@[2001:db8::1]:443");
        assert_eq!(read(&six).unwrap().host.as_deref(), Some("2001:db8::1"));
        let json =
            format!(r#"{{"v":"2","ps":"x","add":"vpn2.example.com","port":443,"id":"{ID}","net":"ws"}}"#);
        let vmess = format!("vmess://{}", STANDARD.encode(json));
        assert_eq!(read(&vmess), Some(Claimed { proof: id, host: Some("vpn2.example.com".into()) }));
        let password = |word: &str| Some(Proof::Password(word.to_owned()));
        let proof = |text: &str| read(text).map(|claimed| claimed.proof);
        assert_eq!(proof("trojan://p%40ss+word@vpn1.example.com:443#x"), password("p@ss+word"));
        let user = URL_SAFE_NO_PAD.encode("chacha20-ietf-poly1305:s3cret");
        assert_eq!(proof(&format!("ss://{user}@vpn1.example.com:8388#x")), password("s3cret"));
        let all = STANDARD.encode("aes-256-gcm:s3cret@vpn1.example.com:8388");
        assert_eq!(proof(&format!("ss://{all}#x")), password("s3cret"));
    }

    #[rstest]
    #[case("https://vpn1.example.com:8000/sub/dXNlciwxNzAwMDAwMDAwabcdefghij")]
    #[case("https://vpn1.example.com:8000/sub/dXNlciwxNzAwMDAwMDAwabcdefghij/")]
    #[case("https://vpn1.example.com:8000/sub/dXNlciwxNzAwMDAwMDAwabcdefghij/clash-meta?x=1#name")]
    fn a_link_is_known_by_its_token(#[case] text: &str) {
        let claimed = read(text).unwrap();
        assert_eq!(claimed.host.as_deref(), Some("vpn1.example.com"));
        let token = "dXNlciwxNzAwMDAwMDAwabcdefghij".to_owned();
        let url = "https://vpn1.example.com:8000/sub/dXNlciwxNzAwMDAwMDAwabcdefghij".to_owned();
        assert_eq!(claimed.proof, Proof::Link { token, url });
        assert!(!format!("{claimed:?}").contains("dXNl"));
    }

    #[rstest]
    #[case("hello")]
    #[case("https://t.me/some_channel")]
    #[case("https://example.com/sub/short")]
    #[case("https://example.com/")]
    #[case("vless://not-an-id@example.com:443")]
    #[case("vmess://AAAA")]
    #[case("ss://AAAA")]
    #[case("ftp://example.com/sub/dXNlciwxNzAwMDAwMDAwabcdefghij")]
    #[case("https://example.com/sub/..%2f..%2fetc%2fpasswd")]
    fn anything_else_is_none(#[case] text: &str) {
        assert_eq!(read(text), None);
    }

    proptest! {
        #[test]
        fn nothing_that_people_write_makes_it_panic(text in any::<String>(), scheme in "(vless|vmess|trojan|ss|https)") {
            let _ = read(&text);
            let _ = read(&format!("{scheme}://{text}"));
        }
    }
}
