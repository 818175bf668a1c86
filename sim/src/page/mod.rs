//! A page in the browser that looks and works like a Telegram chat, beside a view of the fleet.
//!
//! One page on 127.0.0.1, without a framework and without any request to elsewhere. It is a window on
//! [`Telegram`]: what people do on it are the verbs of [`crate::telegram::Actor`], what it shows comes over one stream
//! of server-sent events, so a test that drives the actors and a person at the page see the same chat.
//!
//! For tests of the page: each person's tab is `#tab-<id>`, the chat `#messages`, a message `[data-message="<id>"]`, a
//! button under it `[data-label]`, the composer `#text` and `#send`, a panel's card `[data-panel="<name>"]` with
//! `data-state` and its buttons `[data-act="stop|slow|freeze|resume"]`. `#/<id>` as the address opens that person's
//! chat. `body[data-live="true"]` says that the page is up to date. Headless browsers on virtual time open `/?poll`
//! (before the `#`), `&theme=dark` or `light` fixes the colours, `&view=fleet` opens the fleet on a phone.

mod browser;
mod panel;
mod stream;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use browser::Browser;
pub use panel::{Act, MarzbanCard, Panel, PanelState, PanelView, Recent};

use crate::telegram::{Actor, Person, Telegram};

/// How long a press waits for the bot; Telegram's apps stop their spinner about then.
const PRESS_PATIENCE: Duration = Duration::from_secs(15);

/// What the page shows.
pub struct PageOptions {
    /// The Telegram that it is a window on.
    pub telegram: Telegram,
    /// The fleet, in the order shown.
    pub panels: Vec<Arc<dyn Panel>>,
    /// The people whose chats can be opened, in the order of the tabs.
    pub people: Vec<PersonSpec>,
    /// The port on 127.0.0.1; none takes a free one.
    pub port: Option<u16>,
}

/// A person on the page.
#[derive(Debug, Clone)]
pub struct PersonSpec {
    /// Who it is; added to the simulated Telegram if not known there.
    pub person: Person,
    /// What stands under the name.
    pub role: Role,
}

/// What a person is to the bot. It is only shown: rights are the bot's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Wants a key.
    User,
    /// Looks after the fleet.
    Admin,
}

pub(crate) struct Page {
    telegram: Telegram,
    panels: Vec<Arc<dyn Panel>>,
    people: Vec<(Actor, Role)>,
}

/// Serves the page and returns its address. It ends with the simulated Telegram.
///
/// # Errors
/// The port can't be had.
pub async fn serve(options: PageOptions) -> anyhow::Result<String> {
    let PageOptions { telegram, panels, people, port } = options;
    let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).await;
    let listener = listener.context("the page can't have its port")?;
    let address = listener.local_addr().context("the listener has no address")?;
    let people = people.into_iter().map(|spec| (telegram.person(spec.person), spec.role)).collect();
    let stop = telegram.hub().stop.clone();
    let page = Arc::new(Page { telegram, panels, people });
    let router = Router::new()
        .route("/", get(async || Html(include_str!("index.html"))))
        .route("/page.css", get(async || asset("text/css; charset=utf-8", include_str!("page.css"))))
        .route("/page.js", get(async || asset("text/javascript; charset=utf-8", include_str!("page.js"))))
        .route("/events", get(stream::events))
        .route("/news", get(stream::news))
        .route("/file/{id}", get(file))
        .route("/send", post(send))
        .route("/press", post(press))
        .route("/panel", post(act))
        .layer(middleware::from_fn_with_state(address, only_here))
        .with_state(page);
    tokio::spawn(async move {
        // Streams never end by themselves, so there is nothing to wait for when the world ends.
        tokio::select! {
            served = axum::serve(listener, router) => if let Err(error) = served {
                tracing::error!(%error, "the page is gone");
            },
            () = stop.cancelled() => {}
        }
    });
    Ok(format!("http://{address}"))
}

fn asset(kind: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], body)
}

/// Keeps other websites in the same browser out: their names are not ours, their posts can't be JSON unasked, and the
/// page itself loads nothing from elsewhere.
async fn only_here(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let foreign = !matches!(name, "127.0.0.1" | "localhost") || !host.ends_with(&address.port().to_string());
    if foreign || (request.method() == "POST" && !kind.starts_with("application/json")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
    );
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

impl Page {
    fn actor(&self, person: i64) -> Result<&Actor, StatusCode> {
        let found = self.people.iter().find(|(actor, _)| actor.id() == person);
        found.map(|(actor, _)| actor).ok_or(StatusCode::NOT_FOUND)
    }
}

#[derive(Deserialize)]
struct Sent {
    person: i64,
    text: String,
}

async fn send(State(page): State<Arc<Page>>, Json(sent): Json<Sent>) -> Result<Json<Value>, StatusCode> {
    if sent.text.trim().is_empty() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let message = page.actor(sent.person)?.send(&sent.text).await;
    Ok(Json(json!({"message": message})))
}

#[derive(Deserialize)]
struct Pressed {
    person: i64,
    message: i64,
    data: String,
}

async fn press(
    State(page): State<Arc<Page>>,
    Json(pressed): Json<Pressed>,
) -> Result<Json<Value>, StatusCode> {
    let actor = page.actor(pressed.person)?.with_patience(PRESS_PATIENCE);
    let query = actor.press(pressed.message, &pressed.data);
    let answer = actor.answer(&query).await;
    Ok(Json(match answer {
        Some(answer) => {
            json!({"answered": true, "text": answer.text, "alert": answer.alert, "url": answer.url})
        }
        None => json!({"answered": false}),
    }))
}

#[derive(Deserialize)]
struct Acted {
    panel: String,
    act: Act,
}

async fn act(State(page): State<Arc<Page>>, Json(acted): Json<Acted>) -> Result<StatusCode, StatusCode> {
    let panel =
        page.panels.iter().find(|panel| panel.view().name == acted.panel).ok_or(StatusCode::NOT_FOUND)?;
    panel.act(acted.act);
    Ok(StatusCode::NO_CONTENT)
}

async fn file(State(page): State<Arc<Page>>, Path(id): Path<String>) -> Result<Response, StatusCode> {
    let found = page.telegram.hub().look(|world| {
        world.files.iter().find(|file| file.id == id).map(|file| (file.mime, file.bytes.clone()))
    });
    let (mime, bytes) = found.ok_or(StatusCode::NOT_FOUND)?;
    Ok(([(header::CONTENT_TYPE, mime)], bytes).into_response())
}
