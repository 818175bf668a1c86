//! What a failed request means: whether it may have been executed, and what was in the way.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use super::{PanelError, Trouble};

/// The name of the panel could not be resolved. (A proxy's name that cannot be is the proxy's trouble.)
#[derive(Debug)]
pub(super) struct UnknownName;

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name cannot be resolved")
    }
}

impl StdError for UnknownName {}

/// Reads a transport failure.
///
/// While connecting nothing was sent, so the answer is [`PanelError::Unavailable`]; afterwards the request may have
/// arrived, so it is [`PanelError::Unclear`]. With a proxy on the way, what fails while connecting is the proxy's
/// failure unless it shows otherwise: the panel must not be blamed for our own path.
pub(super) fn of(error: &reqwest::Error, proxied: bool) -> PanelError {
    if error.is_connect() {
        return connecting(error, proxied);
    }
    // A reply that is no HTTP, such as a TLS alert to a plain request.
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return PanelError::NotPanel(Trouble::Garbled);
    }
    let timeout = error.is_timeout();
    PanelError::Unclear(if timeout { Trouble::Timeout } else { Trouble::Cut })
}

fn connecting(error: &reqwest::Error, proxied: bool) -> PanelError {
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            return PanelError::Unavailable(Trouble::Certificate);
        }
        // Plain HTTP on that port, or another protocol.
        Some(_) => return PanelError::NotPanel(Trouble::Garbled),
        None => {}
    }
    let trouble = if find::<UnknownName>(error).is_some() {
        Trouble::Dns
    } else if error.is_timeout() {
        Trouble::Timeout
    } else if proxied {
        Trouble::Proxy
    } else {
        find::<io::Error>(error).map_or(Trouble::Cut, socket)
    };
    PanelError::Unavailable(trouble)
}

/// What the operating system says about a connection that could not be made.
fn socket(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Trouble::Refused,
        io::ErrorKind::TimedOut => Trouble::Timeout,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Trouble::Cut,
        // No route, no network, no file handle, forbidden by a firewall of our own.
        _ => Trouble::Unreachable,
    }
}

/// The first `E` among the causes. An `io::Error` hides what it wraps from `source`, so it is opened.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(wrapped) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find::<E>(wrapped)
        {
            return Some(found);
        }
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
