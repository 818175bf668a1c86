//! The server: connections, and what each fault does to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;

use super::fault::{Fault, Faults, Matcher};
use super::http1::{self, Incoming, Request, Response};
use super::port::Port;
use super::tls::Tls;
use crate::clock::SimClock;

/// What answers requests.
pub trait App: Send + Sync + 'static {
    /// Lets a request in, perhaps after a while, or answers in its place without executing it.
    fn admit(self: Arc<Self>, request: &Request) -> BoxFuture<'static, Option<Response>>;

    /// Executes a request. Only those that faults let through and that were admitted get here.
    fn handle(&self, request: &Request) -> Handled;

    /// Whether the request changes state, for faults that are about writes.
    fn is_write(&self, request: &Request) -> bool;

    /// What a caller with a bad token gets.
    fn unauthorised(&self, request: &Request) -> Response;
}

/// A request executed.
#[derive(Debug, Clone)]
pub struct Handled {
    /// The answer.
    pub response: Response,
    /// How long it takes to make, after the effect has happened.
    pub takes: Duration,
}

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The port; `None` picks a free one.
    pub port: Option<u16>,
    /// Serve TLS with this certificate.
    pub tls: Option<Tls>,
    /// What stands before each path, such as `/panel`; empty for none.
    pub prefix: String,
    /// Connections idle for this long are closed.
    pub keep_alive: Duration,
    /// Stamps the log.
    pub clock: SimClock,
}

/// One request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLog {
    /// When it had arrived, by the simulation's clock.
    pub at: DateTime<Utc>,
    /// The method in capitals.
    pub method: String,
    /// The path, decoded, without prefix and query.
    pub path: String,
    /// The keys of a JSON body that is an object; no values, since they hold secrets.
    pub keys: Vec<String>,
    /// Whether it was executed (it may have been, and the answer lost).
    pub executed: bool,
    /// The status made; `None` while none is made. Whether it reached the client is another matter.
    pub status: Option<u16>,
}

/// A running server. Dropping the last handle does not stop it; [`Server::shutdown`] does.
pub struct Server {
    port: Port,
    options: ServerOptions,
    app: Arc<dyn App>,
    faults: Faults,
    /// Counts the moments at which all open connections died.
    cut: watch::Sender<u64>,
    /// Counts the deaths of the process.
    deaths: AtomicUsize,
    stop: CancellationToken,
    runtime: Handle,
    /// Frozen requests wait here in the order of their arrival: the lock is fair.
    thaw: tokio::sync::Mutex<()>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    log: Mutex<Vec<RequestLog>>,
}

type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// What is left to do for a request.
enum Ending {
    Answer(Response),
    Truncate(Response),
    /// Cut the connection with a reset.
    Cut,
}

impl Server {
    /// Binds the port and serves until [`Server::shutdown`].
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(options: ServerOptions, app: Arc<dyn App>) -> anyhow::Result<Arc<Self>> {
        let server = Arc::new(Self {
            port: Port::listen(options.port.unwrap_or(0))?,
            options,
            app,
            faults: Faults::new(),
            cut: watch::Sender::new(0),
            deaths: AtomicUsize::new(0),
            stop: CancellationToken::new(),
            runtime: Handle::current(),
            thaw: tokio::sync::Mutex::new(()),
            in_flight: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            log: Mutex::default(),
        });
        tokio::spawn(Arc::clone(&server).accept());
        Ok(server)
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The fault in force for all requests.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.faults.global()
    }

    /// Sets the fault for all requests; `Fault::None` heals. In force when this returns, for open connections too.
    pub fn set_fault(&self, fault: Fault) {
        let _runtime = self.runtime.enter();
        let refuse = fault == Fault::Refuse;
        let dies = matches!(fault, Fault::Refuse | Fault::Reset);
        if refuse {
            self.port.set_refusing(true).expect("our own port can be bound again");
            self.deaths.fetch_add(1, Ordering::SeqCst);
        }
        self.faults.set_global(fault);
        if !refuse {
            self.port.set_refusing(false).expect("our own port can listen again");
        }
        if dies {
            self.cut.send_modify(|count| *count += 1);
        }
    }

    /// Sets a fault for some requests, which then meet it instead of the one for all; `Fault::None` removes it.
    pub fn set_fault_for(&self, matcher: Matcher, fault: Fault) {
        self.faults.set_scoped(matcher, fault);
    }

    /// Heals everything.
    pub fn heal(&self) {
        self.faults.clear_scoped();
        self.set_fault(Fault::None);
    }

    /// Cuts all open connections with a reset, as a restarting front does.
    pub fn cut_connections(&self) {
        self.cut.send_modify(|count| *count += 1);
    }

    /// What arrived so far.
    #[must_use]
    pub fn log(&self) -> Vec<RequestLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what arrived so far.
    pub fn clear_log(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The most requests that were being worked on at once.
    #[must_use]
    pub fn in_flight_peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Starts [`Server::in_flight_peak`] anew.
    pub fn reset_peak(&self) {
        self.peak.store(0, Ordering::Relaxed);
    }

    /// Closes the port and all connections.
    pub fn shutdown(&self) {
        self.stop.cancel();
        self.port.close();
    }

    async fn accept(self: Arc<Self>) {
        while let Some(stream) = self.port.accept().await {
            // Small answers must not wait for the acknowledgement of earlier ones.
            let _ = stream.set_nodelay(true);
            let server = Arc::clone(&self);
            let cut = self.cut.subscribe();
            tokio::spawn(async move { server.serve(stream, cut).await });
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, mut cut: watch::Receiver<u64>) {
        let Some(mut stream) = self.open(stream).await else { return };
        let mut incoming = Incoming::default();
        let mut fresh = true;
        loop {
            let ended = tokio::select! {
                biased;
                () = self.stop.cancelled() => true,
                _ = cut.changed() => { reset(&stream); true }
                ended = self.exchange(&mut stream, &mut incoming, fresh) => ended,
            };
            if ended {
                return;
            }
            fresh = false;
        }
    }

    /// Opens a connection: resets it, leaves it in the dark, or shakes hands.
    async fn open(&self, stream: TcpStream) -> Option<Stream> {
        let mut changed = self.faults.watch();
        let secure = self.options.tls.is_some();
        loop {
            match self.faults.global() {
                Fault::Reset => {
                    reset_tcp(&stream);
                    return None;
                }
                // Without a process that answers there is no handshake.
                Fault::BlackHole if secure => {
                    let _ = changed.changed().await;
                    return None;
                }
                Fault::Frozen if secure => {
                    let _ = changed.changed().await;
                }
                _ => break,
            }
        }
        match &self.options.tls {
            None => Some(Either::Left(stream)),
            Some(tls) => {
                tls.acceptor().accept(stream).await.ok().map(|stream| Either::Right(Box::new(stream)))
            }
        }
    }

    /// Reads one request and deals with it. `true` when the connection is over.
    async fn exchange(self: &Arc<Self>, stream: &mut Stream, incoming: &mut Incoming, fresh: bool) -> bool {
        let waiting = incoming.wait(stream);
        let more = if fresh {
            waiting.await
        } else {
            match timeout(self.options.keep_alive, waiting).await {
                Ok(more) => more,
                Err(_) => return true,
            }
        };
        if !matches!(more, Ok(true)) {
            return true;
        }
        let Ok(Some(mut request)) = incoming.request(stream, &self.options.prefix).await else { return true };
        let outside = !self.options.prefix.is_empty() && !under(&request.target, &self.options.prefix);
        request.secure = self.options.tls.is_some();
        request.parallel = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(request.parallel, Ordering::Relaxed);
        let _flight = Flight(&self.in_flight);
        let head_only = request.method == "HEAD";
        let closes = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let ending = if outside {
            // A reverse proxy that passes on only the prefix answers the rest by itself.
            Ending::Answer(page(404, "404 Not Found"))
        } else {
            self.deal(request).await
        };
        match ending {
            Ending::Cut => {
                reset(stream);
                true
            }
            Ending::Truncate(response) => {
                let _ = http1::send(stream, &response, head_only, true).await;
                close(stream).await;
                true
            }
            Ending::Answer(response) => {
                let sent = http1::send(stream, &response, head_only, false).await;
                // The panel hangs up after each 5xx, and says nothing about it beforehand.
                let over = sent.is_err() || closes || response.status >= 500;
                if over {
                    close(stream).await;
                }
                over
            }
        }
    }

    async fn deal(self: &Arc<Self>, request: Request) -> Ending {
        let mut changed = self.faults.watch();
        let is_write = self.app.is_write(&request);
        let fault = self.faults.meet(&request, is_write);
        let entry = self.record(&request);
        match fault {
            Fault::None => Ending::Answer(self.execute(request, entry).await),
            Fault::Refuse | Fault::Reset => Ending::Cut,
            Fault::BlackHole => {
                let _ = changed.changed().await;
                Ending::Cut
            }
            Fault::Slow(delay) => {
                // Like the real one, it goes on with its work when the client has left: nobody looks at the connection.
                sleep(delay).await;
                Ending::Answer(self.execute(request, entry).await)
            }
            Fault::TruncatedBody => Ending::Truncate(self.execute(request, entry).await),
            Fault::Errors { status, .. } => self.refuse(entry, error(status)),
            Fault::AckLost { .. } => {
                self.execute(request, entry).await;
                Ending::Cut
            }
            Fault::ErrorAfterWrite { .. } => {
                self.execute(request, entry).await;
                Ending::Answer(error(500))
            }
            Fault::LateAck(delay) => {
                let response = self.execute(request, entry).await;
                sleep(delay).await;
                Ending::Answer(response)
            }
            Fault::HoldAck => {
                let response = self.execute(request, entry).await;
                let _ = changed.changed().await;
                Ending::Answer(response)
            }
            Fault::Frozen => {
                let frozen = Arc::clone(self).execute_after_thaw(request, entry);
                // On its own, since it survives the connection.
                match tokio::spawn(frozen).await {
                    Ok(Some(response)) => Ending::Answer(response),
                    _ => Ending::Cut,
                }
            }
            Fault::DatabaseLocked { wait, .. } => {
                sleep(wait).await;
                self.refuse(entry, error(500))
            }
            Fault::HtmlChallenge => {
                let challenge = page(403, "Just a moment...").with_header("cf-mitigated", "challenge");
                self.refuse(entry, challenge)
            }
            Fault::TooMany => {
                self.refuse(entry, page(429, "429 Too Many Requests").with_header("retry-after", "7"))
            }
            Fault::Unauthorised => {
                let response = self.app.unauthorised(&request);
                self.refuse(entry, response)
            }
            Fault::NotThePanel => self.refuse(entry, page(200, "Welcome to nginx!")),
        }
    }

    async fn execute_after_thaw(self: Arc<Self>, request: Request, entry: usize) -> Option<Response> {
        let mut changed = self.faults.watch();
        let deaths = self.deaths.load(Ordering::SeqCst);
        let _turn = self.thaw.lock().await;
        while self.faults.freezes(&request) {
            changed.changed().await.ok()?;
        }
        let died = deaths != self.deaths.load(Ordering::SeqCst) || self.stop.is_cancelled();
        if died { None } else { Some(self.execute(request, entry).await) }
    }

    async fn execute(&self, request: Request, entry: usize) -> Response {
        if let Some(refusal) = Arc::clone(&self.app).admit(&request).await {
            self.update(entry, |entry| entry.status = Some(refusal.status));
            return refusal;
        }
        // Written before, so that whoever sees the effect sees the entry, too.
        self.update(entry, |entry| entry.executed = true);
        let Handled { response, takes } = self.app.handle(&request);
        self.update(entry, |entry| entry.status = Some(response.status));
        if !takes.is_zero() {
            sleep(takes).await;
        }
        response
    }

    fn refuse(&self, entry: usize, response: Response) -> Ending {
        self.update(entry, |entry| entry.status = Some(response.status));
        Ending::Answer(response)
    }

    fn record(&self, request: &Request) -> usize {
        let body = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&request.body);
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(RequestLog {
            at: self.options.clock.now(),
            method: request.method.clone(),
            path: request.path.clone(),
            keys: body.map(|body| body.keys().cloned().collect()).unwrap_or_default(),
            executed: false,
            status: None,
        });
        log.len() - 1
    }

    fn update(&self, entry: usize, change: impl FnOnce(&mut RequestLog)) {
        // The log may have been cleared meanwhile.
        if let Some(entry) = self.log.lock().unwrap_or_else(PoisonError::into_inner).get_mut(entry) {
            change(entry);
        }
    }
}

struct Flight<'a>(&'a AtomicUsize);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn under(target: &str, prefix: &str) -> bool {
    target.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn error(status: u16) -> Response {
    if status == 500 {
        return Response::text(500, "text/plain; charset=utf-8", "Internal Server Error");
    }
    page(status, &format!("{status} error"))
}

fn page(status: u16, title: &str) -> Response {
    let body = format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    );
    Response::text(status, "text/html; charset=UTF-8", body)
}

async fn close(stream: &mut Stream) {
    let _ = tokio::io::AsyncWriteExt::shutdown(stream).await;
}

/// Makes the coming close a reset instead of an orderly end.
fn reset(stream: &Stream) {
    match stream {
        Either::Left(tcp) => reset_tcp(tcp),
        Either::Right(tls) => reset_tcp(tls.get_ref().0),
    }
}

fn reset_tcp(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}
