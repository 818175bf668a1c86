//! The driver of Marzban 0.8 (Gozargah/Marzban, its HTTP API under `/api`).
//!
//! What it takes care of, so that nobody above has to know:
//!
//! - logins ([`auth`]): one at a time, renewed early, once more on a 401;
//! - inbounds ([`offer`]): without explicit ones Marzban makes an account that serves nothing;
//! - doubts ([`accounts`]): a 409, a 5xx or a time-out says nothing about what was written, so the account is read
//!   back and its secrets compared, never its links or addresses, which are drawn anew in each answer;
//! - meanings ([`answer`]): which answers are the panel's, and which are somebody else's in front of it.
//!
//! Deliberately absent: retries beyond those (the executor's), and any wish to know who an account belongs to.

mod accounts;
mod answer;
mod auth;
mod inspect;
mod offer;
mod subscription;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::SecretString;

use super::http::{Http, Lane, Reply, Request};
use super::route::Route;
use super::{
    Account, Applied, Call, Defaults, Deleted, Inspection, Node, Overview, Page, Panel, PanelError, Pulse,
    Subscription, Trouble, Wanted, tls,
};
use crate::domain::instance::{BaseUrl, Instance};
use crate::domain::{AccountName, Clock, Timestamp};
use auth::Session;
use offer::Offers;

/// A Marzban panel.
pub struct Marzban {
    base_url: BaseUrl,
    /// Whether what is sent reaches the panel without crossing a network.
    is_local: bool,
    http: Http,
    certificate: tls::Seen,
    session: Session,
    offers: Offers,
}

/// Until when a request may leave, and until when its answer may take.
#[derive(Clone, Copy)]
struct Limit {
    deadline: Instant,
    send_by: Option<Instant>,
}

impl Limit {
    fn of(call: Call) -> Self {
        Self { deadline: Instant::now() + call.timeout, send_by: call.send_by }
    }

    fn within(time: Duration) -> Self {
        Self { deadline: Instant::now() + time, send_by: None }
    }

    /// For reading back what an unclear write of `call` left.
    fn read_back(call: Call) -> Self {
        Self::within((call.timeout / 2).max(Duration::from_secs(1)))
    }

    /// For repairing what was read back.
    fn again(call: Call) -> Self {
        Self { send_by: call.send_by, ..Self::read_back(call) }
    }
}

impl Marzban {
    /// The panel of `instance`; nothing is connected yet.
    pub(super) fn new(
        instance: &Instance,
        password: SecretString,
        defaults: &Defaults,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, PanelError> {
        let Instance { base_url, connection, username, .. } = instance;
        let route = Route::to(base_url, connection, defaults)?;
        let certificate = tls::Seen::default();
        let tls = tls::client_config(connection, certificate.clone())?;
        Ok(Self {
            base_url: base_url.clone(),
            is_local: route.is_local(),
            http: Http::new(&instance.id, route, tls)?,
            certificate,
            session: Session::new(username.clone(), password, clock, seed),
            offers: Offers::of(&connection.inbounds),
        })
    }

    /// Sends what `request` makes, logged in: with a fresh login and once more when the panel refuses the old one.
    /// The answer is read but not judged.
    async fn send<'a>(&self, request: impl Fn() -> Request<'a>, limit: Limit) -> Result<Reply, PanelError> {
        self.send_in(Lane::Work, request, limit).await
    }

    /// The same in one of the panel's lanes.
    async fn send_in<'a>(
        &self,
        lane: Lane,
        request: impl Fn() -> Request<'a>,
        limit: Limit,
    ) -> Result<Reply, PanelError> {
        let begun = self.session.attempts();
        let place = self.http.place(lane, limit.deadline).await?;
        let mut token = self.session.token(&self.http, &place, limit.deadline, begun).await?;
        loop {
            if limit.send_by.is_some_and(|send_by| Instant::now() > send_by) {
                return Err(PanelError::Unavailable(Trouble::TooLate));
            }
            let reply = self.http.send(&place, request(), Some(&token.secret), limit.deadline).await?;
            if !answer::refuses_login(&reply) {
                return Ok(reply);
            }
            if token.attempt > begun {
                return Err(PanelError::Unauthorised);
            }
            self.session.reject(&token);
            token = self.session.token(&self.http, &place, limit.deadline, begun).await?;
        }
    }

    /// Reads what is no account: a panel's state.
    async fn look<T: serde::de::DeserializeOwned>(
        &self,
        path: &'static str,
        limit: Limit,
    ) -> Result<T, PanelError> {
        let reply = self.read(|| Request::get(path), limit).await?;
        answer::parse(&reply)
    }

    /// Sends a read, once more if the connection was cut: it was idle and the panel had just closed it, or the panel
    /// restarts. Reads may be repeated freely.
    async fn read<'a>(&self, request: impl Fn() -> Request<'a>, limit: Limit) -> Result<Reply, PanelError> {
        match self.send(&request, limit).await {
            Err(PanelError::Unclear(Trouble::Cut)) => self.send(&request, limit).await,
            outcome => outcome,
        }
    }
}

#[async_trait]
impl Panel for Marzban {
    async fn check(&self) -> Result<Overview, PanelError> {
        self.overview(Limit::within(inspect::TIMEOUT)).await
    }

    async fn pulse(&self, timeout: Duration) -> Result<Pulse, PanelError> {
        self.beat(Limit::within(timeout)).await
    }

    fn certificate_ends_at(&self) -> Option<Timestamp> {
        self.certificate.ends_at()
    }

    async fn inspect(&self) -> Result<Inspection, PanelError> {
        self.inspection(Limit::within(inspect::TIMEOUT)).await
    }

    async fn create(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError> {
        self.create_account(account, call).await
    }

    async fn update(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError> {
        self.update_account(account, call).await
    }

    async fn delete(&self, name: &AccountName, call: Call) -> Result<Deleted, PanelError> {
        self.delete_account(name, call).await
    }

    async fn get(&self, name: &AccountName, call: Call) -> Result<Option<Account>, PanelError> {
        self.read_account(name, Limit::of(call)).await
    }

    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Page, PanelError> {
        self.list_accounts(prefix, offset, limit).await
    }

    async fn subscription(
        &self,
        url: &str,
        agent: &str,
        timeout: Duration,
    ) -> Result<Subscription, PanelError> {
        self.fetch(url, agent, timeout).await
    }

    async fn nodes(&self) -> Result<Vec<Node>, PanelError> {
        let limit = Limit::within(inspect::TIMEOUT);
        let core = self.core(limit).await?;
        self.node_list(core.started, limit).await
    }

    async fn reconnect_node(&self, remote_id: i64) -> Result<(), PanelError> {
        self.reconnect(remote_id).await
    }

    async fn restart_core(&self) -> Result<(), PanelError> {
        self.restart().await
    }
}
