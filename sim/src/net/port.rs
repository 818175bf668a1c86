//! A port that can refuse connections, swallow them, and listen again, without anyone else getting hold of it meanwhile.

use std::net::{Ipv4Addr, SocketAddr, TcpStream as StdStream};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A child that starts has closed what is not for it within this time.
const CHILD_STARTS: Duration = Duration::from_secs(1);

/// Connections that fill the queue of a deaf listener, and how long each may take to get into it.
const STUFFING: usize = 8;
const STUFF_TIMEOUT: Duration = Duration::from_millis(20);

/// How a port meets whoever connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Listening,
    /// The kernel refuses.
    Refusing,
    /// The kernel drops: whoever connects waits.
    Deaf,
}

/// A loopback port.
pub(super) struct Port {
    address: SocketAddr,
    state: Mutex<State>,
    /// Who waits for a connection: a listener that is dropped wakes nobody.
    waiting: Mutex<Option<Waker>>,
}

enum State {
    Listening(TcpListener),
    /// Bound, but not listening: the kernel refuses connections, and nobody else can take the port.
    Refusing(TcpSocket),
    /// A listener that accepts nothing, its queue full: Linux then drops what asks for a connection.
    Deaf {
        _listener: TcpListener,
        _queue: Vec<StdStream>,
    },
    Closed,
}

impl Port {
    /// Binds the port (0 picks a free one) and listens.
    pub(super) fn listen(port: u16) -> anyhow::Result<Self> {
        let socket = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let listener = socket.listen(BACKLOG).context("could not listen")?;
        let address = listener.local_addr()?;
        Ok(Self { address, state: Mutex::new(State::Listening(listener)), waiting: Mutex::default() })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn number(&self) -> u16 {
        self.address.port()
    }

    /// Refuses connections, or listens again. When this returns, the next connection attempt already meets the new
    /// state. Must be called within a runtime.
    pub(super) fn set_refusing(&self, refuse: bool) -> anyhow::Result<()> {
        self.set(if refuse { Mode::Refusing } else { Mode::Listening })
    }

    /// Meets connections so from now on. When this returns, the next attempt already does. Must be called within a
    /// runtime.
    pub(super) fn set(&self, mode: Mode) -> anyhow::Result<()> {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let old = std::mem::replace(&mut *state, State::Closed);
            *state = match (old, mode) {
                (State::Closed, _) => State::Closed,
                (same @ State::Listening(_), Mode::Listening)
                | (same @ State::Refusing(_), Mode::Refusing)
                | (same @ State::Deaf { .. }, Mode::Deaf) => same,
                (State::Refusing(socket), mode) => self.listening(socket, mode)?,
                (old @ (State::Listening(_) | State::Deaf { .. }), mode) => {
                    // The listener goes first: two sockets may share the address only while neither listens.
                    drop(old);
                    let socket = bound_again(self.address)?;
                    if mode == Mode::Refusing {
                        State::Refusing(socket)
                    } else {
                        self.listening(socket, mode)?
                    }
                }
            };
        }
        self.wake();
        Ok(())
    }

    fn listening(&self, socket: TcpSocket, mode: Mode) -> anyhow::Result<State> {
        if mode != Mode::Deaf {
            return Ok(State::Listening(socket.listen(BACKLOG).context("could not listen again")?));
        }
        let listener = socket.listen(1).context("could not listen again")?;
        let stuffing =
            (0..STUFFING).map_while(|_| StdStream::connect_timeout(&self.address, STUFF_TIMEOUT).ok());
        Ok(State::Deaf { _queue: stuffing.collect(), _listener: listener })
    }

    /// Closes the port for good.
    pub(super) fn close(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Closed;
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }

    /// The next connection; `None` once the port is closed.
    pub(super) async fn accept(&self) -> Option<TcpStream> {
        std::future::poll_fn(|context| self.poll_accept(context)).await
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<Option<TcpStream>> {
        // Before the look at the state, so that no change is missed.
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Closed => Poll::Ready(None),
            State::Refusing(_) | State::Deaf { .. } => Poll::Pending,
            State::Listening(listener) => loop {
                match listener.poll_accept(context) {
                    Poll::Ready(Ok((stream, _))) => return Poll::Ready(Some(stream)),
                    // A connection that died in the queue is no reason to stop.
                    Poll::Ready(Err(_)) => {}
                    Poll::Pending => return Poll::Pending,
                }
            },
        }
    }
}

/// Binds the port of a listener that was dropped a moment ago. A child that this process started just before may still
/// have a copy of that listener, which is closed when it becomes another program.
fn bound_again(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let began = Instant::now();
    loop {
        match bound(address) {
            Err(_) if began.elapsed() < CHILD_STARTS => std::thread::yield_now(),
            bound => return bound,
        }
    }
}

fn bound(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections of the earlier listener linger in TIME_WAIT on the same port.
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| format!("could not bind port {}", address.port()))?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_child_that_starts_does_not_keep_the_port() {
        let port = Port::listen(0).unwrap();
        for _ in 0..50 {
            let mut command = tokio::process::Command::new("/bin/true");
            let mut child = command.current_dir("/").env_clear().spawn().unwrap();
            port.set_refusing(true).unwrap();
            port.set_refusing(false).unwrap();
            child.wait().await.unwrap();
        }
    }
}
