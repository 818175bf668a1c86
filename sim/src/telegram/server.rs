//! The Bot API over loopback HTTP: the listener that can vanish, the way of a call, and the long poll.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Request, Response, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::faults::{Fault, Reach};
use super::hub::Hub;
use super::log::{Call, Delivery};
use super::methods::{self, Outcome};
use super::params::Params;
use super::refusal::Refusal;

/// The connection is cut instead of answered: hyper closes it when the service fails.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// The longest a poll may wait, in seconds: Telegram's own limit.
const LONGEST_POLL: i64 = 50;

/// Accepts connections as far as Telegram is reachable, until it is stopped.
pub(crate) async fn listen(hub: Arc<Hub>, listener: TcpListener, address: SocketAddr) {
    let mut reach = hub.reach.subscribe();
    let mut listener = Some(listener);
    let mut open = hub.stop.child_token();
    let mut before = Reach::Open;
    loop {
        let now = *reach.borrow_and_update();
        if now == Reach::Refused || (before == Reach::BlackHole && now == Reach::Open) {
            open.cancel();
            open = hub.stop.child_token();
        }
        before = now;
        if now == Reach::Refused {
            listener = None;
        } else if listener.is_none() {
            listener = Some(bind_again(address).await);
        }
        hub.settled.send_replace(now);
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = accepted => {
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(connection(hub.clone(), stream, open.clone()));
                }
            }
            changed = reach.changed() => if changed.is_err() { return },
            () = hub.stop.cancelled() => return,
        }
    }
}

/// Takes the port back; somebody's passing connection may hold it for a moment.
async fn bind_again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) => tracing::warn!(%error, "the simulated Telegram can't have its port back yet"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn connection(hub: Arc<Hub>, stream: TcpStream, open: CancellationToken) {
    // Without it an answer of two packets waits for the acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let hub = hub.clone();
        async move { respond(&hub, request.map(Body::new)).await }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        served = served => if let Err(error) = served {
            tracing::debug!(%error, "a connection to the simulated Telegram ended");
        },
        () = open.cancelled() => {}
    }
}

/// Answers, unless a black hole swallows the request or the answer; the listener then cuts the connection.
async fn respond(hub: &Arc<Hub>, request: Request<Body>) -> Result<Response<Body>, Cut> {
    let mut reach = hub.reach.subscribe();
    let swallowed = async {
        let _ = reach.wait_for(|reach| *reach == Reach::BlackHole).await;
    };
    tokio::select! {
        biased;
        () = swallowed => std::future::pending().await,
        response = route(hub, request) => response,
    }
}

async fn route(hub: &Arc<Hub>, request: Request<Body>) -> Result<Response<Body>, Cut> {
    let path = request.uri().path().to_owned();
    let token = hub.look(|world| world.token.clone());
    if let Some((given, file)) = path.strip_prefix("/file/bot").and_then(|rest| rest.split_once('/')) {
        return Ok(if given == token { file_response(hub, file) } else { answer(Err(unauthorized(given))) });
    }
    let Some((given, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return Ok(answer(Err(Refusal::new(404, "Not Found"))));
    };
    if given != token {
        return Ok(answer(Err(unauthorized(given))));
    }
    let method = method.to_ascii_lowercase();
    match Params::read(request).await {
        Ok(params) => one_call(hub, &method, &params).await.map(answer),
        Err(refusal) => Ok(answer(Err(refusal))),
    }
}

/// A token without the shape of one is told apart from a wrong one, as in `ClientManager::send`.
fn unauthorized(token: &str) -> Refusal {
    let id = token.split_once(':').and_then(|(id, _)| id.parse::<i64>().ok());
    let shaped = token.len() <= 80 && !token.starts_with('0') && id.is_some_and(|id| id > 0);
    Refusal::new(401, if shaped { "Unauthorized" } else { "Unauthorized: invalid token specified" })
}

/// The way of one call: fault, flood limit, the method itself, the log.
async fn one_call(hub: &Arc<Hub>, method: &str, params: &Params) -> Result<Outcome, Cut> {
    let chat = params.text("chat_id").and_then(|chat| chat.parse().ok());
    let fault = hub.change(|world| world.faults.take(method, chat));
    if let Some(Fault::Delay(delay)) = fault {
        tokio::time::sleep(delay).await;
    }
    let outcome = match &fault {
        Some(Fault::DropBefore) => {
            record(hub, method, chat, params, &Err(Refusal::new(0, "connection cut before execution")));
            return Err(Cut);
        }
        Some(Fault::Answer { status, description, retry_after }) => {
            Err(Refusal { code: *status, description: description.clone(), retry_after: *retry_after })
        }
        Some(Fault::Delay(_) | Fault::DropAfter) | None if method == "getupdates" => poll(hub, params).await,
        Some(Fault::Delay(_) | Fault::DropAfter) | None => {
            let now = hub.now();
            hub.change(|world| {
                if let (Some(gate), Some(chat)) = (world.limits.as_mut().filter(|_| is_limited(method)), chat)
                {
                    gate.pass(chat, now).map_err(Refusal::flood)?;
                }
                methods::call(world, method, params, now)
            })
        }
    };
    record(hub, method, chat, params, &outcome);
    if fault == Some(Fault::DropAfter) { Err(Cut) } else { Ok(outcome) }
}

/// Methods that flood limits count.
fn is_limited(method: &str) -> bool {
    (method.starts_with("send") && method != "sendchataction")
        || method.starts_with("edit")
        || method == "copymessage"
}

fn record(hub: &Hub, method: &str, chat: Option<i64>, params: &Params, outcome: &Outcome) {
    // A bot polls all the time; only refused polls tell anything.
    if method == "getupdates" && outcome.is_ok() {
        return;
    }
    let (ok, status, description) = match outcome {
        Ok(_) => (true, 200, String::new()),
        Err(refusal) => (false, refusal.code, refusal.description.clone()),
    };
    let params = Value::Object(params.values().clone());
    let at = hub.now();
    hub.change(|world| {
        world.record(Call { method: method.to_owned(), chat, at, ok, status, description, params });
    });
}

fn answer(outcome: Outcome) -> Response<Body> {
    let (status, body) = match outcome {
        Ok(result) => (200, json!({"ok": true, "result": result})),
        Err(refusal) => (refusal.code, refusal.to_json()),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn file_response(hub: &Hub, path: &str) -> Response<Body> {
    let find = |world: &super::world::World| {
        world.files.iter().find(|file| file.path == path).map(|file| (file.mime, file.bytes.clone()))
    };
    let Some((mime, bytes)) = hub.look(find) else {
        return answer(Err(Refusal::new(404, "Not Found")));
    };
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    response
}

/// `getUpdates`: waits for something to give, until the time asked for is over or another poller takes its turn.
async fn poll(hub: &Arc<Hub>, params: &Params) -> Outcome {
    let offset = params.int("offset").unwrap_or(0);
    let limit = usize::try_from(params.int("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let seconds = params.int("timeout").unwrap_or(0).clamp(0, LONGEST_POLL);
    let allowed = params.json("allowed_updates").transpose()?;
    let turn = hub.change(|world| {
        if world.logged_out {
            return Err(Refusal::bad("Logged out"));
        }
        let updates = &mut world.updates;
        if updates.webhook.is_some() {
            return Err(Refusal::new(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
                 webhook first",
            ));
        }
        updates.set_allowed(allowed.as_ref());
        updates.confirm(offset);
        updates.poll += 1;
        updates.poll_ended_by_webhook = false;
        Ok(updates.poll)
    })?;
    let until = Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let mut changes = hub.changes();
    loop {
        changes.borrow_and_update();
        if let Some(outcome) = take_turn(hub, turn, offset.max(0), limit) {
            return outcome;
        }
        if tokio::time::timeout_at(until, changes.changed()).await.is_err() {
            return Ok(json!([]));
        }
    }
}

fn take_turn(hub: &Hub, turn: u64, offset: i64, limit: usize) -> Option<Outcome> {
    let ready = hub.look(|world| {
        world.updates.poll != turn
            || world.updates.queue.iter().any(|update| update.again || update.id >= offset)
    });
    ready.then(|| {
        let at = hub.now();
        hub.change(|world| {
            if world.updates.poll != turn {
                return Err(Refusal::new(
                    409,
                    if world.updates.poll_ended_by_webhook {
                        "Conflict: terminated by setWebhook request"
                    } else {
                        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is \
                         running"
                    },
                ));
            }
            let given = world.updates.fetch(offset, limit);
            for update in &given {
                let delivery = Delivery { update_id: update.id, kind: update.kind, at, by_webhook: false, ok: true };
                world.record_delivery(delivery);
            }
            Ok(given.into_iter().map(|update| update.body).collect())
        })
    })
}
