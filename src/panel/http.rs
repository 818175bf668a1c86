//! One panel's HTTP: at most eight requests in flight, and a pool of connections that is thrown away when it is in
//! doubt.
//!
//! After a 5xx Marzban closes the connection without saying so (it is uvicorn's way with an unhandled exception): of
//! the next requests on the same connection four in ten fail with a reset. reqwest offers no way to drop one
//! connection, so the whole pool is replaced: the next request takes a new client, and the old one with its idle
//! connections goes when the last request on it ends. The same after a cut and a time-out, since what cut one
//! connection mostly cut the others too.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, Method, Response, redirect};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;
use url::Url;

use super::route::Route;
use super::{PanelError, Trouble, trouble};
use crate::domain::InstanceId;

/// Requests in flight to one panel. A real Marzban on SQLite jams for a minute beyond a few dozen.
pub(super) const IN_FLIGHT: usize = 8;
/// Of users' apps: with the work beside them still well below what jams a panel.
const FETCHES: usize = 4;
/// For TCP, the proxy and TLS together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// Marzban closes idle connections after 5 s: they are gone here before.
const IDLE_TIMEOUT: Duration = Duration::from_millis(3_500);
/// More than any answer has: a page of 100 accounts is below 1 MiB.
const BODY_LIMIT: usize = 8 << 20;

/// One panel's HTTP.
pub(super) struct Http {
    /// Whose it is, in metrics.
    instance: String,
    route: Route,
    tls: ClientConfig,
    pool: Mutex<Pool>,
    places: Semaphore,
    /// Never keeps a connection: what is asked over it shows whether a new client would get through.
    fresh: Client,
    pulses: Semaphore,
    fetches: Semaphore,
}

/// Which requests wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Calls over connections that are kept.
    Work,
    /// Quick looks, each over a connection of its own: work in flight must not make the panel look dead.
    Pulse,
    /// What users' apps fetch. Many of them at once must not hold up work, nor work them.
    Fetch,
}

/// The connections in use, and how often they were replaced.
struct Pool {
    client: Client,
    number: u64,
}

/// A request.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    /// The path below the panel's prefix, for the log: `api/user/{name}`.
    pub(super) template: &'static str,
    /// What stands for `{name}` or `{path}` in the template.
    pub(super) name: &'a str,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Body<'a>,
    /// In whose name it is asked; `None`: our own.
    pub(super) agent: Option<&'a str>,
}

/// What a request carries.
pub(super) enum Body<'a> {
    Nothing,
    Json(&'a Value),
    /// A login: the name, and the password that must not be copied about.
    Login(&'a str, &'a SecretString),
}

impl Request<'_> {
    pub(super) fn get(template: &'static str) -> Self {
        Self { method: Method::GET, template, name: "", query: Vec::new(), body: Body::Nothing, agent: None }
    }
}

/// An answer, read to its end.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A place among the requests in flight.
pub(super) struct Place<'a> {
    lane: Lane,
    #[expect(dead_code, reason = "held, not read")]
    permit: SemaphorePermit<'a>,
}

impl Http {
    /// A panel's HTTP over `route`; nothing is connected yet.
    ///
    /// # Errors
    /// [`PanelError::Settings`] when the HTTP client cannot be made of them.
    pub(super) fn new(instance: &InstanceId, route: Route, tls: ClientConfig) -> Result<Self, PanelError> {
        let unusable = |_| PanelError::Settings("no HTTP client can be made of them".to_owned());
        let fresh = client(&route, &tls, 0).map_err(unusable)?;
        let client = client(&route, &tls, IN_FLIGHT).map_err(unusable)?;
        let pool = Mutex::new(Pool { client, number: 0 });
        let (places, pulses) = (Semaphore::new(IN_FLIGHT), Semaphore::new(IN_FLIGHT));
        let fetches = Semaphore::new(FETCHES);
        let instance = instance.to_string();
        Ok(Self { instance, route, tls, pool, places, fresh, pulses, fetches })
    }

    /// Waits for a place among the requests in flight.
    ///
    /// # Errors
    /// [`Trouble::Busy`] when none is free by `deadline`.
    pub(super) async fn place(&self, lane: Lane, deadline: Instant) -> Result<Place<'_>, PanelError> {
        let places = match lane {
            Lane::Work => &self.places,
            Lane::Pulse => &self.pulses,
            Lane::Fetch => &self.fetches,
        };
        match timeout_at(deadline.into(), places.acquire()).await {
            Ok(permit) => Ok(Place { lane, permit: permit.expect("the semaphore is never closed") }),
            Err(_) => Err(PanelError::Unavailable(Trouble::Busy)),
        }
    }

    /// Sends `request` and reads the answer, whatever its status.
    pub(super) async fn send(
        &self,
        place: &Place<'_>,
        request: Request<'_>,
        bearer: Option<&SecretString>,
        deadline: Instant,
    ) -> Result<Reply, PanelError> {
        let (client, pool) = match place.lane {
            Lane::Work | Lane::Fetch => self.current(),
            Lane::Pulse => (self.fresh.clone(), None),
        };
        let started = Instant::now();
        let (method, template) = (request.method.clone(), request.template);
        let mut builder = client.request(request.method, self.url(template, request.name));
        if !request.query.is_empty() {
            builder = builder.query(&request.query);
        }
        builder = match request.body {
            Body::Nothing => builder,
            Body::Json(value) => builder.json(value),
            Body::Login(username, password) => {
                builder.form(&[("username", username), ("password", password.expose_secret())])
            }
        };
        if let Some(agent) = request.agent.and_then(|agent| HeaderValue::from_str(agent).ok()) {
            builder = builder.header(USER_AGENT, agent);
        }
        if let Some(token) = bearer {
            builder = builder.bearer_auth(token.expose_secret());
        }
        let answer = timeout_at(deadline.into(), async {
            let response = builder.send().await.map_err(|error| trouble::of(&error, self.is_proxied()))?;
            if response.status().is_server_error() {
                // Before its body is read: once it is, the connection is back in its pool.
                self.replace(pool);
            }
            read(response).await
        });
        // Cut off by our own deadline, a request may stand anywhere between here and the panel's database.
        let answer = answer.await.unwrap_or(Err(PanelError::Unclear(Trouble::Timeout)));
        if matches!(&answer, Err(PanelError::Unclear(_))) {
            self.replace(pool);
        }
        let elapsed_ms = started.elapsed().as_millis();
        let outcome = match &answer {
            Ok(Reply { status: 200..300, .. }) => "ok",
            Ok(Reply { status: 500.., .. }) => "server-error",
            Ok(_) => "refused",
            Err(error) => error.word(),
        };
        let panel = self.instance.clone();
        metrics::histogram!("karvan_panel_call_seconds", "panel" => panel, "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        match &answer {
            Ok(Reply { status, .. }) => {
                tracing::debug!(%method, path = template, status, elapsed_ms, "a panel answered");
            }
            Err(error) => {
                tracing::debug!(%method, path = template, problem = error.word(), elapsed_ms, "a panel did not answer");
            }
        }
        answer
    }

    /// Whether something of our own stands in between: a proxy, or the mouth of a tunnel.
    fn is_proxied(&self) -> bool {
        self.route.proxy.is_some() || self.route.is_tunnelled()
    }

    /// The address of `template` under the panel's prefix, `{name}` replaced and escaped. Of the template `{path}`,
    /// the name is a path of its own.
    fn url(&self, template: &str, name: &str) -> Url {
        let mut url = self.route.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            if template == "{path}" {
                segments.extend(name.split('/'));
            } else {
                segments.extend(template.split('/').map(|part| if part == "{name}" { name } else { part }));
            }
        }
        url
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().expect("no holder of this lock can panic")
    }

    fn current(&self) -> (Client, Option<u64>) {
        let pool = self.pool();
        (pool.client.clone(), Some(pool.number))
    }

    /// Leaves the connections of `number` to themselves, unless that was done already.
    fn replace(&self, number: Option<u64>) {
        let Some(number) = number else { return };
        let mut pool = self.pool();
        if pool.number != number {
            return;
        }
        if let Ok(client) = client(&self.route, &self.tls, IN_FLIGHT) {
            *pool = Pool { client, number: number + 1 };
        }
    }
}

/// Reads an answer to its end. A success that ends early is unclear; of a failure its status says enough.
async fn read(mut response: Response) -> Result<Reply, PanelError> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Reply { status, headers, body }),
            Err(_) if response.status().is_success() => return Err(PanelError::Unclear(Trouble::Garbled)),
            Err(_) => return Ok(Reply { status, headers, body }),
        }
        if body.len() > BODY_LIMIT {
            return Err(PanelError::NotPanel(Trouble::Foreign(status)));
        }
    }
}

/// A client that keeps at most `idle` connections.
fn client(route: &Route, tls: &ClientConfig, idle: usize) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .no_proxy()
        .use_preconfigured_tls(tls.clone())
        .http1_only()
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("karvan/", env!("CARGO_PKG_VERSION")))
        .default_headers(route.headers.clone())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(idle)
        .dns_resolver(Arc::clone(&route.resolver));
    if let Some(proxy) = &route.proxy {
        builder = builder.proxy(proxy.clone());
    }
    builder.build()
}
