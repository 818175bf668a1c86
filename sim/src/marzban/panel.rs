//! What stands between the HTTP server and the panel's state.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::data::Doors;
use super::state::State;
use super::{Options, answer, auth};
use crate::net::{App, Handled, Request, Response};

/// A panel behind its server: its state, and the jams before it.
pub(super) struct Panel {
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) secure: bool,
    parallel_limit: usize,
    jam_time: Duration,
    jammed_until: Mutex<Option<Instant>>,
    state: Mutex<State>,
    doors: Mutex<Doors>,
}

impl Panel {
    pub(super) fn new(options: Options) -> Self {
        Self {
            name: options.name.clone(),
            prefix: options.path_prefix.clone(),
            secure: options.tls.is_some(),
            parallel_limit: options.parallel_limit,
            jam_time: options.jam_time,
            jammed_until: Mutex::new(None),
            state: Mutex::new(State::new(options)),
            doors: Mutex::default(),
        }
    }

    /// The state with all done that the background jobs would have done.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        // The review may have started the core again.
        self.doors().follow(state.core.started);
        state
    }

    /// What users connect to. Taken after the state, never before.
    pub(super) fn doors(&self) -> MutexGuard<'_, Doors> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App for Panel {
    fn admit(self: Arc<Self>, request: &Request) -> BoxFuture<'static, Option<Response>> {
        let parallel = request.parallel;
        Box::pin(async move {
            let until = {
                let mut jammed = self.jammed_until.lock().unwrap_or_else(PoisonError::into_inner);
                if jammed.is_some_and(|until| until <= Instant::now()) {
                    *jammed = None;
                }
                if jammed.is_none() && parallel > self.parallel_limit {
                    *jammed = Some(Instant::now() + self.jam_time);
                }
                *jammed
            };
            let until = until?;
            tokio::time::sleep_until(until).await;
            Some(answer::crash())
        })
    }

    fn handle(&self, request: &Request) -> Handled {
        let mut state = self.lock();
        let mut handled = state.route(request);
        self.doors().follow(state.core.started);
        handled.takes += std::mem::take(&mut state.stall);
        handled
    }

    fn is_write(&self, request: &Request) -> bool {
        !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") && request.path != "/api/admin/token"
    }

    fn unauthorised(&self, request: &Request) -> Response {
        auth::unauthorised(if request.path == "/api/admin/token" {
            "Incorrect username or password"
        } else {
            "Could not validate credentials"
        })
    }
}
