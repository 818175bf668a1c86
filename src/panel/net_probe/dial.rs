//! Names and connections, and whose fault a failed one is.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{timeout, timeout_at};

use super::super::probe::Reached;

/// Addresses of one name that are tried at once.
const ADDRESSES: usize = 6;
/// Names remembered with their addresses.
const NAMES: usize = 4_096;
/// Other names that are asked for before a name is blamed.
const OTHERS: usize = 3;
/// For each of those.
const OTHER_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens connections.
#[derive(Default)]
pub(super) struct Dialer {
    /// What names were resolved to last. DNS trouble of ours must not hide whether an endpoint lives.
    known: Mutex<HashMap<String, Vec<IpAddr>>>,
}

impl Dialer {
    /// A connection to the first address that takes one.
    pub(super) async fn connect(
        &self,
        host: &str,
        port: u16,
        deadline: Instant,
    ) -> Result<TcpStream, Reached> {
        let literal = host.parse::<IpAddr>().ok();
        let addresses = match literal {
            Some(address) => vec![address],
            None => self.resolve(host, deadline).await?,
        };
        // What refuses near us in the name of something far is a tunnel, a filter or a wrong record, not the endpoint.
        let is_ours = literal.is_some() || host == "localhost";
        let mut attempts: FuturesUnordered<_> = addresses
            .into_iter()
            .take(ADDRESSES)
            .map(|address| async move {
                let address = SocketAddr::new(address, port);
                TcpStream::connect(address).await.map_err(|error| failure(&error, address, is_ours))
            })
            .collect();
        let mut worst = None;
        while let Some(attempt) = attempts.next().await {
            match attempt {
                Ok(stream) => return Ok(stream),
                Err(failed) => worst = Some(worst.map_or(failed, |worst| milder(worst, failed))),
            }
        }
        Err(worst.unwrap_or(Reached::Local("dns")))
    }

    async fn resolve(&self, host: &str, deadline: Instant) -> Result<Vec<IpAddr>, Reached> {
        // Half the time at most, so that a connection to a remembered address is still possible.
        let half = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
        if let Some(found) = look_up(host, half).await {
            let mut known = self.known();
            if known.len() < NAMES || known.contains_key(host) {
                known.insert(host.to_owned(), found.clone());
            }
            return Ok(found);
        }
        let (remembered, others) = {
            let known = self.known();
            let others = known.keys().filter(|name| *name != host).take(OTHERS).cloned().collect::<Vec<_>>();
            (known.get(host).cloned(), others)
        };
        let asked = futures::future::join_all(
            others.iter().map(|name| timeout(OTHER_TIMEOUT, look_up(name, deadline))),
        );
        let works = asked.await.into_iter().any(|found| matches!(found, Ok(Some(_))));
        match remembered {
            // Other names can be resolved: this one is gone, and clients will not find it either.
            _ if works => Err(Reached::Silent),
            Some(remembered) => Ok(remembered),
            None => Err(Reached::Local("dns")),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Vec<IpAddr>>> {
        self.known.lock().expect("no holder of this lock can panic")
    }
}

async fn look_up(host: &str, deadline: Instant) -> Option<Vec<IpAddr>> {
    let found = timeout_at(deadline.into(), lookup_host((host, 0))).await.ok()?.ok()?;
    let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    (!found.is_empty()).then_some(found)
}

/// Of two addresses that failed, what holds for both: a fact only if nobody was merely silent, our own trouble only
/// if there is nothing else.
fn milder(one: Reached, other: Reached) -> Reached {
    match (one, other) {
        (Reached::Local(_), failed) | (failed, Reached::Local(_)) => failed,
        (Reached::Refused, Reached::Refused) => Reached::Refused,
        _ => Reached::Silent,
    }
}

/// What a connection that could not be made proves.
fn failure(error: &io::Error, address: SocketAddr, is_ours: bool) -> Reached {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused if !is_ours && is_near(address.ip()) => Reached::Local("refused-here"),
        Kind::ConnectionRefused => Reached::Refused,
        Kind::TimedOut | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
            Reached::Silent
        }
        Kind::HostUnreachable | Kind::NetworkUnreachable if has_route(address) => Reached::Silent,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::PermissionDenied => {
            Reached::Local("no-route")
        }
        // EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL: no handle, no memory, no port left.
        _ => Reached::Local("no-handles"),
    }
}

/// Whether this machine's own routing table knows a way there; if so, somebody on the way said "unreachable". Sends
/// nothing: connecting a UDP socket only looks at the table.
fn has_route(address: SocketAddr) -> bool {
    let any: IpAddr = if address.is_ipv4() { [0; 4].into() } else { [0_u16; 8].into() };
    UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(address)).is_ok()
}

/// This machine, or a private network around it.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified()
        }
    }
}

/// What a handshake that failed proves.
pub(super) fn tls_failure(error: &io::Error) -> Reached {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        // Somebody speaks TLS, but not with us: another name, a client certificate, a refused protocol.
        Some(
            rustls::Error::AlertReceived(_)
            | rustls::Error::InvalidCertificate(_)
            | rustls::Error::NoApplicationProtocol
            | rustls::Error::PeerIncompatible(_)
            | rustls::Error::NoCertificatesPresented,
        ) => Reached::Odd("tls"),
        Some(_) => Reached::Odd("foreign"),
        // Taken in and hung up on, as a relay does whose other end is dead.
        None => Reached::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: io::ErrorKind, address: &str, is_ours: bool) -> Reached {
        failure(&io::Error::from(kind), address.parse().unwrap(), is_ours)
    }

    #[test]
    fn a_refusal_near_us_is_not_the_endpoints() {
        assert_eq!(of(io::ErrorKind::ConnectionRefused, "192.0.2.1:443", false), Reached::Refused);
        assert_eq!(of(io::ErrorKind::ConnectionRefused, "127.0.0.1:443", true), Reached::Refused);
        for near in ["127.0.0.1:443", "10.0.0.1:443", "[::1]:443", "[fd00::1]:443", "[::ffff:10.0.0.1]:443"] {
            assert_eq!(of(io::ErrorKind::ConnectionRefused, near, false), Reached::Local("refused-here"));
        }
    }

    #[test]
    fn our_own_trouble_proves_nothing() {
        for number in [24, 23, 99, 105, 12] {
            let error = io::Error::from_raw_os_error(number);
            let found = failure(&error, "192.0.2.1:443".parse().unwrap(), false);
            assert_eq!(found, Reached::Local("no-handles"), "{error}");
        }
        assert_eq!(of(io::ErrorKind::PermissionDenied, "192.0.2.1:443", false), Reached::Local("no-route"));
        // There is always a route to this machine itself, so "unreachable" came from elsewhere.
        assert_eq!(of(io::ErrorKind::HostUnreachable, "127.0.0.1:443", true), Reached::Silent);
    }

    #[test]
    fn several_addresses_prove_what_holds_for_all() {
        let local = Reached::Local("no-route");
        assert_eq!(milder(local, Reached::Refused), Reached::Refused);
        assert_eq!(milder(Reached::Refused, Reached::Refused), Reached::Refused);
        assert_eq!(milder(Reached::Refused, Reached::Silent), Reached::Silent);
        assert_eq!(milder(local, local), local);
    }
}
