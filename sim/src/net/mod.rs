//! A loopback HTTP server that can misbehave: what simulated panels stand on.
//!
//! It speaks HTTP/1.1 by itself instead of through hyper or axum, because what must be imitated here is exactly what
//! those prevent: a body cut in the middle, a connection closed without notice after a 5xx, an answer thrown away after
//! the work was done, a port that refuses and later listens again. TLS is real (rustls, self-signed).

mod door;
mod fault;
mod http1;
mod port;
mod server;
mod tls;

pub use door::{Behind, Door, DoorFault};
pub use fault::{Fault, Matcher};
pub(crate) use http1::form_pairs;
pub use http1::{Request, Response};
pub use server::{App, Handled, RequestLog, Server, ServerOptions};
pub use tls::Tls;
