//! For those who run the service: is it alive, is it ready, how does it do. Never to be reached from outside.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use super::metrics;
use crate::service::Core;
use crate::store::flags;

/// A database that does not answer within this time is none.
const PATIENCE: Duration = Duration::from_secs(3);
/// Numbers that take longer come with the next question.
const LONG: Duration = Duration::from_secs(8);

#[derive(Clone)]
struct Service {
    core: Core,
    recorder: PrometheusHandle,
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router(core: Core) -> Router {
    let service = Service { core, recorder: metrics::recorder() };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(numbers))
        .with_state(service)
}

/// The process answers: that is all.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether people may be sent here: the database answers and has this version's schema. That Telegram is away, that
/// another process leads, that all is on hold is told and changes nothing: links are served all the same.
async fn readyz(State(service): State<Service>) -> Response {
    let Core { store, leader, signals, .. } = &service.core;
    let ask = async {
        store.ping().await?;
        anyhow::Ok((store.has_this_schema().await?, store.is_raised(flags::HOLD).await?))
    };
    let (database, schema, hold) = match tokio::time::timeout(PATIENCE, ask).await {
        Ok(Ok((schema, hold))) => (true, schema, Some(hold)),
        Ok(Err(_)) | Err(_) => (false, false, None),
    };
    let ready = database && schema;
    let telegram = match signals.telegram_answers() {
        None => "unknown",
        Some(true) => "up",
        Some(false) => "down",
    };
    let body = json!({
        "ready": ready,
        "database": database,
        "schema": schema,
        "hold": hold,
        "leader": leader.is_leader(),
        "replica": leader.me(),
        "replicas": leader.replicas(),
        "telegram": telegram,
        "version": env!("CARGO_PKG_VERSION"),
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(body)).into_response()
}

/// All numbers. Without the database there are none of it, and the answer says so.
async fn numbers(State(service): State<Service>) -> Response {
    let page = metrics::render(&service.core, &service.recorder);
    match tokio::time::timeout(LONG, page).await {
        Ok(Ok(page)) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page).into_response(),
        Ok(Err(error)) => {
            tracing::debug!(error = format!("{:#}", anyhow::Error::from(error)), "no numbers");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
