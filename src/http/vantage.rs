//! Where vantages inside a country fetch what they are to look at, and bring what they found: at the path of links itself,
//! with a token in `authorization`. Whoever has none gets what every wrong path gets.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use axum::routing::any;
use axum::{Router, body};
use secrecy::SecretString;

use super::limits::Limit;
use super::nothing;
use super::public::{asker, network_of};
use crate::service::health::vantages::Vantages;
use crate::service::links::Network;
use crate::service::{Core, links::Addresses};
use crate::store::StoreError;

/// No report is longer.
const LONGEST: usize = 1 << 20;

struct Desk {
    core: Core,
    vantages: Vantages,
    /// Somebody may ask so often from one address: each is a question to the database.
    asks: Limit,
    trusted: Vec<Network>,
}

/// The routes of vantages; none without an address of our own.
pub fn routes(core: Core, trusted: Vec<Network>) -> Router {
    let Some(path) = core.links.addresses().map(Addresses::path).map(str::to_owned) else {
        return Router::new();
    };
    let desk = Desk { vantages: Vantages::new(core.clone()), core, asks: Limit::new(30, 30), trusted };
    Router::new().route(&path, any(knock)).with_state(Arc::new(desk))
}

async fn knock(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    match desk.answer(request).await {
        Ok(Some(response)) => response,
        Ok(None) => nothing(),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a vantage cannot be answered");
            nothing()
        }
    }
}

impl Desk {
    /// `None`: a stranger, or nothing that a vantage does.
    async fn answer(&self, request: Request) -> Result<Option<Response<Body>>, StoreError> {
        let Some(token) = token(&request) else { return Ok(None) };
        let from = network_of(asker(&request, &self.trusted));
        if !self.asks.take(from, self.core.clock.now()) {
            return Ok(None);
        }
        let Some(vantage) = self.vantages.whose(&token).await? else { return Ok(None) };
        match *request.method() {
            Method::GET => {
                let targets = serde_json::to_vec(&self.vantages.targets().await?);
                let targets = targets.expect("numbers and JSON make JSON");
                let mut response = Response::new(Body::from(Bytes::from(targets)));
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
                Ok(Some(response))
            }
            Method::POST => {
                let Ok(body) = body::to_bytes(request.into_body(), LONGEST).await else { return Ok(None) };
                let Ok(findings) = serde_json::from_slice(&body) else { return Ok(None) };
                self.vantages.take(&vantage, findings).await?;
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::NO_CONTENT;
                Ok(Some(response))
            }
            _ => Ok(None),
        }
    }
}

fn token(request: &Request) -> Option<SecretString> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let token = header.strip_prefix("Bearer ")?;
    (!token.is_empty()).then(|| token.to_owned().into())
}
