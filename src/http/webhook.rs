//! Telegram brings updates: each is stored as it came before Telegram hears that it arrived.
//!
//! Whoever does not know the secret gets what every wrong path gets. What cannot be stored is refused with a 503, and
//! Telegram brings it again; what comes twice, or to two processes, is stored once, by its number.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::service::Core;
use crate::store::inbox::Received;

/// Where Telegram shows its secret, see `setWebhook` of the Bot API.
const SECRET: &str = "x-telegram-bot-api-secret-token";
/// No update is longer.
const LONGEST: usize = 1 << 20;
/// Updates that are stored at once; more wait a moment.
const AT_ONCE: usize = 64;
/// A database that does not take an update within this time is none: Telegram brings it again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is needed to take updates in.
#[derive(Clone)]
pub struct Door {
    core: Core,
    /// Any of them opens: the one that Telegram was told last, and those that went before.
    secrets: Arc<Vec<SecretString>>,
    places: Arc<Semaphore>,
}

/// The webhook at `path`, for whoever knows one of `secrets`.
pub fn router(core: Core, path: &str, secrets: Vec<SecretString>) -> Router {
    let door = Door { core, secrets: Arc::new(secrets), places: Arc::new(Semaphore::new(AT_ONCE)) };
    Router::new()
        .route(path, post(take).fallback(not_found))
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(door)
}

async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Takes an update in.
async fn take(
    State(door): State<Door>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> StatusCode {
    let (status, outcome) = door.take(&headers, body.ok()).await;
    metrics::counter!("karvan_webhook_total", "outcome" => outcome).increment(1);
    status
}

impl Door {
    async fn take(&self, headers: &HeaderMap, body: Option<Bytes>) -> (StatusCode, &'static str) {
        if !self.opens(headers) {
            return (StatusCode::NOT_FOUND, "stranger");
        }
        let Some(body) = body else { return (StatusCode::PAYLOAD_TOO_LARGE, "too-long") };
        // What is no update will be none when it comes again: Telegram must not bring it for ever.
        let update = serde_json::from_slice::<Value>(&body).ok();
        let Some(update) = update.as_ref().and_then(Received::of) else {
            return (StatusCode::OK, "no-update");
        };
        let store = async {
            let _place = self.places.acquire().await;
            self.core.store.receive(&[update], self.core.clock.now()).await
        };
        match tokio::time::timeout(PATIENCE, store).await {
            Ok(Ok(new)) => {
                self.core.signals.update.notify_one();
                (StatusCode::OK, if new == 0 { "again" } else { "stored" })
            }
            Ok(Err(error)) => {
                tracing::error!(
                    "an update could not be stored, Telegram keeps it: {:#}",
                    anyhow::Error::from(error)
                );
                (StatusCode::SERVICE_UNAVAILABLE, "refused")
            }
            Err(_) => {
                tracing::error!("an update could not be stored in time, Telegram keeps it");
                (StatusCode::SERVICE_UNAVAILABLE, "refused")
            }
        }
    }

    /// Whether one of the secrets is shown. How long that takes tells nothing of them.
    fn opens(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(SECRET).map(HeaderValue::as_bytes).unwrap_or_default();
        let known = self.secrets.iter().map(|secret| secret.expose_secret().as_bytes().ct_eq(shown));
        known.fold(subtle::Choice::from(0), |any, one| any | one).into()
    }
}
