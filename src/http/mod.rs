//! What others ask of us over HTTP. It alone knows axum.
//!
//! - [`listen`]: the doors, with limits that a slow or greedy client does not get past.
//! - [`mod@public`]: what links answer.
//! - [`page`]: what a browser sees there.
//! - [`limits`]: how often somebody may ask.
//! - [`vantage`]: where vantages inside a country report.
//! - [`webhook`]: where Telegram brings updates.
//! - [`mod@service`], [`metrics`]: whether the service is well, for those who run it.
//!
//! The public door answers links, vantages and Telegram, and nothing else: every other path, method and every wrong link gets the same
//! [`nothing`], so that nobody who knocks learns what lives here.

pub mod limits;
pub mod listen;
pub mod metrics;
pub mod page;
pub mod public;
pub mod service;
pub mod vantage;
pub mod webhook;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};

/// The answer to everything that is not there: a status and no word.
#[must_use]
pub fn nothing() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// `routes`, with [`nothing`] for what they do not answer: other paths, and other methods.
pub fn closed(routes: Router) -> Router {
    let nothing = || async { nothing() };
    routes.method_not_allowed_fallback(nothing).fallback(nothing)
}
