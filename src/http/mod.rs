//! What others ask of us over HTTP. It alone knows axum.
//!
//! - [`listen`]: the doors, with limits that a slow or greedy client does not get past.
//! - [`mod@public`]: what links answer.
//! - [`page`]: what a browser sees there.
//! - [`limits`]: how often somebody may ask.
//!
//! The public door answers links and nothing else: every other path, method and every wrong link gets the same
//! [`nothing`], so that nobody who knocks learns what lives here.

pub mod limits;
pub mod listen;
pub mod page;
pub mod public;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::routing::get;

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

/// What watches us: whether the process lives.
pub fn service() -> Router {
    closed(Router::new().route("/healthz", get(|| async { "ok\n" })))
}
