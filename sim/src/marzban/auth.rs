//! Who asks: login tokens, and the tokens of subscription addresses.
//!
//! Login tokens are JWT (HS256) with the claims `sub`, `access`, `iat` and `exp`. A subscription token is base64url,
//! without padding, of `username,unix_seconds` and ten characters of the base64url of its SHA-256 keyed by the panel's
//! secret; the seconds are rounded up.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::answer::detail;
use super::rows::User;
use super::state::State;
use crate::net::{Request, Response};

/// `{"alg":"HS256","typ":"JWT"}`
const JWT_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// Characters of the signature of a subscription token.
const SUB_SIGNATURE: usize = 10;

/// Tokens made so far, numbered.
///
/// The real panel compares the whole seconds of a token with the moment of the last change of the password. Tests stop
/// the clock, so this one knows by number which came first.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    numbers: HashMap<String, u64>,
    next: u64,
}

impl Tokens {
    /// The number of the next token.
    pub(super) fn next(&self) -> u64 {
        self.next
    }
}

/// The admin behind a request.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) username: String,
    pub(super) is_sudo: bool,
    /// Its row; an admin of the environment has none.
    pub(super) admin: Option<u64>,
}

impl Identity {
    /// 403 for those who are not sudo.
    pub(super) fn sudo(&self) -> Result<(), Response> {
        if self.is_sudo { Ok(()) } else { Err(detail(403, "You're not allowed")) }
    }

    /// 403 for users of other admins.
    pub(super) fn may_touch(&self, user: &User) -> Result<(), Response> {
        let own = user.admin.is_some() && user.admin == self.admin;
        if self.is_sudo || own { Ok(()) } else { Err(detail(403, "You're not allowed")) }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    access: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

impl State {
    /// Checks a name and a password and makes a token.
    pub(super) fn login(&mut self, username: &str, password: &str) -> Option<String> {
        let is_sudo = self.is_env_admin(username, Some(password)).then_some(true).or_else(|| {
            self.db.admin(username).filter(|admin| admin.password == password).map(|admin| admin.is_sudo)
        })?;
        let now = self.options.clock.now();
        let minutes = self.options.token_minutes;
        let expires = (minutes > 0).then(|| now + TimeDelta::minutes(i64::from(minutes)));
        let token = self.sign(username, is_sudo, now, expires);
        self.tokens.numbers.insert(token.clone(), self.tokens.next);
        self.tokens.next += 1;
        Some(token)
    }

    /// A token as this panel would have made it then.
    pub(super) fn sign(
        &self,
        username: &str,
        is_sudo: bool,
        issued: DateTime<Utc>,
        expires: Option<DateTime<Utc>>,
    ) -> String {
        let claims = Claims {
            sub: username.to_owned(),
            access: if is_sudo { "sudo" } else { "admin" }.to_owned(),
            iat: issued.timestamp(),
            exp: expires.map(|expires| expires.timestamp()),
        };
        let claims = serde_json::to_vec(&claims).expect("strings and numbers become JSON");
        let signed = format!("{JWT_HEADER}.{}", BASE64.encode(claims));
        let signature = BASE64.encode(self.mac(&signed));
        format!("{signed}.{signature}")
    }

    fn mac(&self, text: &str) -> Vec<u8> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.db.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// Who sent this request, or the 401 for it.
    pub(super) fn identify(&self, request: &Request) -> Result<Identity, Response> {
        let header = request.header("authorization").unwrap_or_default();
        let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else { return Err(unauthorised("Not authenticated")) };
        self.identity(token).ok_or_else(|| unauthorised("Could not validate credentials"))
    }

    fn identity(&self, token: &str) -> Option<Identity> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if header != JWT_HEADER || BASE64.decode(signature).ok()? != self.mac(signed) {
            return None;
        }
        let claims = serde_json::from_slice::<Claims>(&BASE64.decode(claims).ok()?).ok()?;
        if claims.exp.is_some_and(|expires| expires <= self.options.clock.now().timestamp()) {
            return None;
        }
        if let Some(admin) = self.db.admin(&claims.sub) {
            if let Some((changed, first)) = admin.password_changed {
                let alive = match self.tokens.numbers.get(token) {
                    Some(number) => *number >= first,
                    None => claims.iat >= changed.timestamp(),
                };
                if !alive {
                    return None;
                }
            }
            return Some(Identity { username: claims.sub, is_sudo: admin.is_sudo, admin: Some(admin.id) });
        }
        let env = claims.access == "sudo" && self.is_env_admin(&claims.sub, None);
        env.then_some(Identity { username: claims.sub, is_sudo: true, admin: None })
    }

    fn is_env_admin(&self, username: &str, password: Option<&str>) -> bool {
        let (name, secret) = &self.options.admin;
        self.options.env_sudo && name == username && password.is_none_or(|password| password == secret)
    }

    /// A new token for the subscription of this user, and the address with it.
    pub(super) fn subscription_url(&self, username: &str) -> String {
        let now = self.options.clock.now();
        let seconds = now.timestamp() + i64::from(now.timestamp_subsec_micros() > 0);
        let data = BASE64.encode(format!("{username},{seconds}"));
        let signature = self.sub_signature(&data);
        format!("{}/sub/{data}{signature}", self.options.subscription_url_prefix)
    }

    fn sub_signature(&self, data: &str) -> String {
        let digest = Sha256::digest(format!("{data}{}", self.db.secret));
        BASE64.encode(digest)[..SUB_SIGNATURE].to_owned()
    }

    /// The user whose subscription a token opens.
    pub(super) fn subscriber(&self, token: &str) -> Option<&User> {
        let (data, signature) = token.split_at_checked(token.len().checked_sub(SUB_SIGNATURE)?)?;
        if self.sub_signature(data) != signature {
            return None;
        }
        let payload = String::from_utf8(BASE64.decode(data).ok()?).ok()?;
        let (username, seconds) = payload.split_once(',')?;
        let made = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
        self.db.user(username).filter(|user| {
            user.created_at <= made && user.sub_revoked_at.is_none_or(|revoked| revoked <= made)
        })
    }
}

/// A 401 with the header that goes with it.
pub(super) fn unauthorised(text: &str) -> Response {
    detail(401, text).with_header("www-authenticate", "Bearer")
}
