//! One login for all calls to a panel.
//!
//! A login costs the panel up to a second of CPU (bcrypt), and a refused one tells the password to the panel owner's
//! chat, so there is never more than one at a time and never one that a call can do without: whoever waits takes what
//! the one who logs in brings back, a refusal too.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::timeout_at;

use super::super::http::{Body, Http, Place, Request};
use super::super::{PanelError, Trouble};
use super::answer;
use crate::domain::{Clock, Timestamp};

/// A login is renewed when this share of its life has passed; where between the two is drawn for each login, so that
/// a fleet does not renew at one moment.
const RENEW_AT: std::ops::Range<f64> = 0.80..0.95;

/// The login of one panel.
pub(super) struct Session {
    username: String,
    password: SecretString,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the one who logs in.
    turn: tokio::sync::Mutex<()>,
}

struct State {
    token: Option<Token>,
    /// Logins tried so far.
    attempts: u64,
    /// How the last one failed, if it did.
    failure: Option<PanelError>,
    chance: StdRng,
}

/// What stands for a login.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    /// The number of the login that made it, from 1.
    pub(super) attempt: u64,
    /// From when on another one is preferred, and from when on this one is dead; `None`: it lives until it is refused.
    life: Option<(Timestamp, Timestamp)>,
}

impl Session {
    pub(super) fn new(username: String, password: SecretString, clock: Arc<dyn Clock>, seed: u64) -> Self {
        let chance = StdRng::seed_from_u64(seed);
        let state = Mutex::new(State { token: None, attempts: 0, failure: None, chance });
        Self { username, password, clock, state, turn: tokio::sync::Mutex::new(()) }
    }

    /// Logins tried so far. A call asks when it begins: what a later login brings is fresh to it.
    pub(super) fn attempts(&self) -> u64 {
        self.state().attempts
    }

    /// A token for a call that began when `begun` logins had been tried: the one at hand, or that of a login in the
    /// caller's place.
    ///
    /// # Errors
    /// [`PanelError::Unauthorised`] when the panel refuses the login; [`PanelError::Unavailable`] when it cannot be
    /// asked, since then the caller's own request was not sent.
    pub(super) async fn token(
        &self,
        http: &Http,
        place: &Place<'_>,
        deadline: Instant,
        begun: u64,
    ) -> Result<Token, PanelError> {
        if let Some(token) = self.young() {
            return Ok(token);
        }
        let turn = timeout_at(deadline.into(), self.turn.lock()).await;
        let _turn = turn.map_err(|_| PanelError::Unavailable(Trouble::Timeout))?;
        if let Some(token) = self.young() {
            return Ok(token);
        }
        if let Some(failure) = self.failure_since(begun) {
            return self.alive().ok_or(failure);
        }
        match self.log_in(http, place, deadline).await {
            Ok(token) => Ok(token),
            // An early renewal may fail as long as the old one lives.
            Err(failure) => self.alive().ok_or(failure),
        }
    }

    /// The panel refused `token`: nobody takes it any more.
    pub(super) fn reject(&self, token: &Token) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|current| current.attempt == token.attempt) {
            state.token = None;
        }
    }

    async fn log_in(&self, http: &Http, place: &Place<'_>, deadline: Instant) -> Result<Token, PanelError> {
        let request = Request {
            method: Method::POST,
            body: Body::Login(&self.username, &self.password),
            ..Request::get("api/admin/token")
        };
        let outcome = http.send(place, request, None, deadline).await;
        let outcome = outcome.and_then(|reply| answer::parse::<Login>(&reply)).map_err(|error| match error {
            PanelError::Unclear(trouble) => PanelError::Unavailable(trouble),
            // A login that the panel itself finds misshapen went to another kind of panel.
            PanelError::Invalid(_) => PanelError::NotPanel(Trouble::Foreign(422)),
            other => other,
        });
        let mut state = self.state();
        state.attempts += 1;
        match outcome {
            Ok(login) => {
                let life = lifetime(&login.access_token).and_then(|lifetime| {
                    let now = self.clock.now();
                    let share = state.chance.random_range(RENEW_AT);
                    Some((
                        now + lifetime.mul_f64(share),
                        now.checked_add_signed(chrono::Duration::from_std(lifetime).ok()?)?,
                    ))
                });
                let token = Token { secret: login.access_token.into(), attempt: state.attempts, life };
                state.token = Some(token.clone());
                state.failure = None;
                Ok(token)
            }
            Err(error) => {
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The token at hand, if it need not be renewed yet.
    fn young(&self) -> Option<Token> {
        self.at_hand(|(renew, _)| renew)
    }

    /// The token at hand, if it may still count.
    fn alive(&self) -> Option<Token> {
        self.at_hand(|(_, end)| end)
    }

    fn at_hand(&self, until: fn((Timestamp, Timestamp)) -> Timestamp) -> Option<Token> {
        let now = self.clock.now();
        let token = self.state().token.clone();
        token.filter(|token| token.life.is_none_or(|life| now < until(life)))
    }

    fn failure_since(&self, begun: u64) -> Option<PanelError> {
        let state = self.state();
        state.failure.clone().filter(|_| state.attempts > begun)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock can panic")
    }
}

#[derive(Deserialize)]
struct Login {
    access_token: String,
}

/// How long a JWT (RFC 7519) lives, by its own claims `iat` and `exp`. Only their distance counts, so that a panel
/// whose clock is wrong renews in time too. `None` without them: Marzban leaves `exp` out when tokens never end.
fn lifetime(token: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        iat: f64,
        exp: f64,
    }
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let Claims { iat, exp } = serde_json::from_slice(&claims).ok()?;
    Duration::try_from_secs_f64(exp - iat)
        .ok()
        .filter(|lifetime| *lifetime < Duration::from_secs(10 * 366 * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_how_long_it_lives() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let day = Some(Duration::from_secs(86_400));
        assert_eq!(lifetime(&token(r#"{"sub":"admin","iat":1795227440,"exp":1795313840}"#)), day);
        assert_eq!(lifetime(&token(r#"{"sub":"admin","iat":1795227440}"#)), None, "never ends");
        assert_eq!(lifetime(&token(r#"{"iat":2,"exp":1}"#)), None);
        assert_eq!(lifetime("opaque"), None);
    }
}
