//! Where users connect: loopback ports that answer as a proxy core, a relay or a content delivery network does before
//! a user's secrets come into play, and that can be dead in the ways these die.
//!
//! It carries no user's traffic. gRPC and the transports over UDP are only ports here.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;

use super::http1::{Incoming, Request};
use super::port::{Mode, Port};
use super::tls::Tls;

/// What stands behind a door.
#[derive(Debug, Clone)]
pub enum Behind {
    /// A core that says nothing to strangers (VMess, Shadowsocks): it reads, and hangs up in the end.
    Core,
    /// TLS, its own or borrowed (REALITY).
    Tls(Tls),
    /// A core that upgrades requests for this path, and answers 404 to others.
    WebSocket {
        /// Such as `/ws`.
        path: String,
        /// TLS around it.
        tls: Option<Tls>,
    },
    /// A relay that passes bytes on. It takes connections for the dead, too, and then hangs up.
    Relay {
        /// Where to.
        to: SocketAddr,
    },
    /// A content delivery network that passes requests on; for a dead origin it says 521.
    Cdn {
        /// The origin.
        to: SocketAddr,
        /// TLS of the network's own.
        tls: Option<Tls>,
    },
}

/// How a door is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorFault {
    /// It is not.
    None,
    /// Nobody listens.
    Refuse,
    /// Packets vanish: no connection is made, none is refused.
    BlackHole,
    /// Takes connections and says nothing.
    Silent,
    /// Takes connections and hangs up.
    HangUp,
    /// Answers this much later.
    Slow(Duration),
    /// Answers every request with this status, as a network does whose origin is dead (521, 530) or a gateway (502).
    Status(u16),
}

/// A place that users connect to. Clones are handles to the same one.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    port: Port,
    behind: Behind,
    state: Mutex<State>,
    /// Counts the changes: what hangs on an open connection looks again.
    changed: watch::Sender<u64>,
    taken: AtomicUsize,
    runtime: Handle,
}

struct State {
    fault: DoorFault,
    /// Whether the process that listens runs.
    alive: bool,
}

impl Door {
    /// Opens a door on a free port of this machine. Must be called within a runtime.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn open(behind: Behind) -> anyhow::Result<Self> {
        let inner = Arc::new(Inner {
            port: Port::listen(0)?,
            behind,
            state: Mutex::new(State { fault: DoorFault::None, alive: true }),
            changed: watch::Sender::new(0),
            taken: AtomicUsize::new(0),
            runtime: Handle::current(),
        });
        tokio::spawn(Arc::clone(&inner).accept());
        Ok(Self(inner))
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.port.address()
    }

    /// The fault in force.
    #[must_use]
    pub fn fault(&self) -> DoorFault {
        self.0.state().fault
    }

    /// Sets the fault; in force for the next connection attempt when this returns. Open connections are cut.
    pub fn set_fault(&self, fault: DoorFault) {
        self.change(|state| state.fault = fault);
    }

    /// Whether the process that listens runs: without it connections are refused.
    pub fn set_alive(&self, alive: bool) {
        if self.0.state().alive != alive {
            self.change(|state| state.alive = alive);
        }
    }

    /// Whether somebody who connects now would be served. (What stands behind a relay is another door's matter.)
    #[must_use]
    pub fn serves(&self) -> bool {
        let state = self.0.state();
        state.alive && matches!(state.fault, DoorFault::None | DoorFault::Slow(_))
    }

    /// Connections taken so far.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Closes it for good.
    pub fn close(&self) {
        self.0.port.close();
        self.0.changed.send_modify(|count| *count += 1);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mode = {
            let mut state = self.0.state();
            change(&mut state);
            match (state.alive, state.fault) {
                (_, DoorFault::BlackHole) => Mode::Deaf,
                (false, _) | (true, DoorFault::Refuse) => Mode::Refusing,
                (true, _) => Mode::Listening,
            }
        };
        let _runtime = self.0.runtime.enter();
        self.0.port.set(mode).expect("our own port can be bound again");
        self.0.changed.send_modify(|count| *count += 1);
    }
}

impl Inner {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn accept(self: Arc<Self>) {
        while let Some(stream) = self.port.accept().await {
            let _ = stream.set_nodelay(true);
            self.taken.fetch_add(1, Ordering::Relaxed);
            let door = Arc::clone(&self);
            let mut changed = self.changed.subscribe();
            tokio::spawn(async move {
                tokio::select! {
                    _ = changed.changed() => {}
                    () = door.serve(stream) => {}
                }
            });
        }
    }

    async fn serve(&self, stream: TcpStream) {
        let fault = self.state().fault;
        match fault {
            DoorFault::HangUp => return,
            DoorFault::Slow(delay) => sleep(delay).await,
            DoorFault::Silent | DoorFault::BlackHole | DoorFault::Refuse => std::future::pending().await,
            DoorFault::None | DoorFault::Status(_) => {}
        }
        let status = match fault {
            DoorFault::Status(status) => Some(status),
            _ => None,
        };
        let tls = match &self.behind {
            Behind::Tls(tls)
            | Behind::WebSocket { tls: Some(tls), .. }
            | Behind::Cdn { tls: Some(tls), .. } => Some(tls),
            Behind::Core | Behind::WebSocket { .. } | Behind::Relay { .. } | Behind::Cdn { .. } => None,
        };
        match tls {
            None => self.speak(stream, status).await,
            Some(tls) => {
                if let Ok(stream) = tls.acceptor().accept(stream).await {
                    self.speak(stream, status).await;
                }
            }
        }
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin>(&self, mut stream: S, status: Option<u16>) {
        match (&self.behind, status) {
            (Behind::Core | Behind::Tls(_), _) => {
                // A stranger gets no word, however much it says.
                let mut bytes = [0; 4_096];
                while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
            }
            (Behind::Relay { to }, _) => {
                if let Ok(mut other) = TcpStream::connect(to).await {
                    let _ = copy_bidirectional(&mut stream, &mut other).await;
                }
            }
            (Behind::WebSocket { path, .. }, status) => {
                let Some(request) = request(&mut stream).await else { return };
                let upgrades =
                    request.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
                let status = match status {
                    Some(status) => status,
                    None if request.path == *path && upgrades => 101,
                    None if request.path == *path => 400,
                    None => 404,
                };
                answer(&mut stream, status, "").await;
            }
            (Behind::Cdn { to, .. }, status) => {
                let Some(request) = request(&mut stream).await else { return };
                let front = "server: cloudflare\r\ncf-ray: 8f0000000000abcd-FRA\r\n";
                match (status, TcpStream::connect(to).await) {
                    (Some(status), _) => answer(&mut stream, status, front).await,
                    (None, Err(_)) => answer(&mut stream, 521, front).await,
                    (None, Ok(mut origin)) => {
                        let head = request_head(&request);
                        if origin.write_all(head.as_bytes()).await.is_ok() {
                            let _ = copy_bidirectional(&mut stream, &mut origin).await;
                        }
                    }
                }
            }
        }
        let _ = stream.shutdown().await;
    }
}

async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    Incoming::default().request(stream, "").await.ok().flatten()
}

fn request_head(request: &Request) -> String {
    let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    format!("{} {} HTTP/1.1\r\n{}\r\n", request.method, request.target, headers.collect::<String>())
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin), status: u16, headers: &str) {
    let upgrade = if status == 101 { "upgrade: websocket\r\nconnection: upgrade\r\n" } else { "" };
    let length = if status == 101 { "" } else { "content-length: 0\r\n" };
    let head = format!("HTTP/1.1 {status} x\r\n{upgrade}{headers}{length}\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
}
