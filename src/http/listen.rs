//! A door: an address where HTTP is answered, with limits that no slow or greedy client gets past.
//!
//! HTTP/1.1 only: in front of the public door stands a proxy or a CDN that speaks TLS and HTTP/2 with the world. The
//! accept loop is our own because `axum::serve` lets nobody set how long headers may take.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections at once. More wait in the system's line.
const CONNECTIONS: usize = 4_096;
/// Bytes of the request line and all headers; a longer request is answered 431.
const HEADERS_SIZE: usize = 16 << 10;
/// Headers of a request.
const HEADERS: usize = 64;
/// What a handler may take, reading the body included.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// What is being answered at a stop may take this long.
const FAREWELL: Duration = Duration::from_secs(5);
/// After a failed accept, such as without a free file handle.
const BREATH: Duration = Duration::from_millis(100);
/// How often a taken address is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// How long a client is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the first byte, or from the answer before, to the end of the headers. An idle connection ends then, too.
    pub headers: Duration,
    /// How long a client may take nothing of its answer.
    pub stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { headers: Duration::from_secs(15), stall: Duration::from_secs(20) }
    }
}

/// Who is at the other end of the connection: a client, or the proxy in front of us. In each request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// An address where HTTP is answered. Clones share it.
#[derive(Clone)]
pub struct Door {
    listener: Arc<TcpListener>,
    router: Router,
    places: Arc<Semaphore>,
    patience: Patience,
}

impl Door {
    /// Takes `address`, to answer there by `router`. From now on clients may connect; they wait until it is served.
    ///
    /// # Errors
    /// The address is taken, or is none of ours.
    pub async fn open(address: SocketAddr, router: Router) -> io::Result<Self> {
        let listener = Arc::new(TcpListener::bind(address).await?);
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        Ok(Self { listener, router, places, patience: Patience::default() })
    }

    /// The same, waiting for clients longer or less long.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The address, with the port that was given if it was asked for as zero.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop`; what is being answered then is finished.
    pub async fn serve(self, stop: CancellationToken) {
        let guests = TaskTracker::new();
        loop {
            let place = self.places.clone().acquire_owned();
            let arrival = async {
                let place = place.await.expect("the semaphore is never closed");
                (place, self.listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                arrived = arrival => arrived,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let attended =
                        attend(stream, peer.ip(), self.router.clone(), self.patience, stop.clone());
                    guests.spawn(async move {
                        attended.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(error = error.to_string(), "a connection could not be accepted");
                    sleep(BREATH).await;
                }
            }
        }
        guests.close();
        guests.wait().await;
    }
}

/// Answers at `address` until `stop`, from when the address is free: what only watches us must not keep us from
/// starting, and at a restart the process before may still have it.
pub async fn serve_when_free(
    name: &'static str,
    address: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    let mut told = false;
    loop {
        match Door::open(address, router.clone()).await {
            Ok(door) => return door.serve(stop).await,
            Err(error) if !told => {
                told = true;
                tracing::warn!(
                    error = error.to_string(),
                    "cannot listen at {name} {address}: another program has it? It is tried again; everything else runs"
                );
            }
            Err(_) => {}
        }
        tokio::select! {
            () = sleep(AGAIN) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One connection, to its end.
async fn attend(
    stream: TcpStream,
    peer: IpAddr,
    router: Router,
    patience: Patience,
    stop: CancellationToken,
) {
    // Answers are small and sent whole: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let answer = TowerToHyperService::new(router.clone()).call(request);
        async move {
            match timeout(ANSWER_TIME, answer).await {
                Ok(answered) => answered,
                Err(_) => Ok(too_late()),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers)
        .max_buf_size(HEADERS_SIZE)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(Patient::new(stream, patience.stall)), service);
    let mut connection = pin!(connection);
    // How a client's connection ends is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(FAREWELL, connection).await;
        }
    }
}

fn too_late() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// A stream that gives up on a client who takes nothing. How long reading may take is the server's to say.
struct Patient<S> {
    stream: S,
    stall: Duration,
    ends: Pin<Box<Sleep>>,
    stalled: bool,
}

impl<S> Patient<S> {
    fn new(stream: S, stall: Duration) -> Self {
        Self { stream, stall, ends: Box::pin(sleep(stall)), stalled: false }
    }

    /// What came of a write, or the end of patience.
    fn judge<T>(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.stalled = false;
            return wrote;
        }
        if !self.stalled {
            self.stalled = true;
            self.ends.as_mut().reset(Instant::now() + self.stall);
        }
        ready!(self.ends.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, data);
        self.judge(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, data);
        self.judge(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
