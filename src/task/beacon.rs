//! Signs of life for machines elsewhere: every incident to `ALERT_WEBHOOK_URL`, and `HEARTBEAT_URL` while all goes well.
//!
//! Both go on while Telegram is away: that is what they are for. What the webhook has not taken is sent again, later and
//! later up to [`LONGEST_WAIT`], for a day; whoever listens may get the same twice, and knows it by `id` and
//! `updated_at`. The addresses may hold secrets, so neither they nor the answers reach a log.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use url::Url;

use crate::domain::Timestamp;
use crate::domain::incident::{Entry, Incident};
use crate::service::Core;

/// How often is looked for something to tell.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// Between two heartbeats.
const BEAT: TimeDelta = TimeDelta::minutes(1);
/// An answer after this is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest wait after failures.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(5);
/// What is older is no news any more.
const STALE: TimeDelta = TimeDelta::days(1);
/// Progress is told no more often than this.
const PROGRESS: TimeDelta = TimeDelta::seconds(10);
/// Checks that are older say that they stand still.
const CHECKED: TimeDelta = TimeDelta::minutes(2);
/// Incidents told in one look.
const AT_ONCE: u64 = 20;

/// Puts an incident into words: a title, and all of it.
pub type Wording =
    Arc<dyn Fn(&Incident, &[(crate::domain::InstanceId, String)]) -> (String, String) + Send + Sync>;

/// Signs of life for machines elsewhere.
pub struct Beacon {
    core: Core,
    client: reqwest::Client,
    webhook: Option<Url>,
    heartbeat: Option<Url>,
    words: Wording,
    /// Failures in a row, and no try before this.
    failures: u32,
    not_before: Option<Timestamp>,
    beat_at: Option<Timestamp>,
}

/// What a look did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signalled {
    /// Incidents that the webhook took.
    pub told: u32,
    /// The webhook failed.
    pub failed: bool,
    /// The heart beat.
    pub beat: bool,
}

impl Beacon {
    /// Signs of `core`'s life, in `words`.
    ///
    /// # Errors
    /// The TLS library failed to start.
    pub fn new(
        core: Core,
        webhook: Option<Url>,
        heartbeat: Option<Url>,
        words: Wording,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(PATIENCE / 2)
            .timeout(PATIENCE)
            .user_agent("karvan")
            .build()?;
        Ok(Self { core, client, webhook, heartbeat, words, failures: 0, not_before: None, beat_at: None })
    }

    /// Whether nobody wants a sign.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.webhook.is_none() && self.heartbeat.is_none()
    }

    /// Tells what is to be told.
    pub async fn look(&mut self) -> Signalled {
        let mut done = Signalled::default();
        if let Some(webhook) = self.webhook.clone() {
            match self.tell_all(&webhook).await {
                Ok(told) => done.told = told,
                Err(problem) => {
                    done.failed = true;
                    tracing::warn!("the alert webhook does not take alerts: {problem}");
                }
            }
        }
        if let Some(heartbeat) = self.heartbeat.clone() {
            done.beat = self.beat(&heartbeat).await;
        }
        done
    }

    async fn tell_all(&mut self, webhook: &Url) -> Result<u32, String> {
        let now = self.core.clock.now();
        if self.not_before.is_some_and(|at| at > now) {
            return Ok(0);
        }
        let told = self.tell_due(webhook, now).await;
        match &told {
            Ok(_) => (self.failures, self.not_before) = (0, None),
            Err(_) => {
                let wait = TimeDelta::seconds(1 << self.failures.min(9)).min(LONGEST_WAIT);
                (self.failures, self.not_before) = (self.failures.saturating_add(1), Some(now + wait));
            }
        }
        told
    }

    async fn tell_due(&self, webhook: &Url, now: Timestamp) -> Result<u32, String> {
        let store = &self.core.store;
        let broken = |error| format!("{:#}", anyhow::Error::from(error));
        let due = store.unhooked_incidents(now - STALE, AT_ONCE).await.map_err(broken)?;
        if due.is_empty() {
            return Ok(0);
        }
        let names: Vec<_> =
            store.instances().await.map_err(broken)?.into_iter().map(|at| (at.id, at.name)).collect();
        let mut told = 0;
        for (incident, hooked_at) in due {
            let only_progress = incident.last().is_some_and(Entry::is_progress);
            if only_progress && hooked_at.is_some_and(|at| at + PROGRESS > now) {
                continue;
            }
            let (title, text) = (self.words)(&incident, &names);
            let request = self.client.post(webhook.clone()).json(&body(&incident, &title, &text));
            let answer = request.send().await.map_err(|error| trouble(&error).to_owned())?;
            if !answer.status().is_success() {
                return Err(format!("it answers {}", answer.status().as_u16()));
            }
            store.incident_hooked(incident.id, incident.updated_at).await.map_err(broken)?;
            told += 1;
        }
        Ok(told)
    }

    /// Once a minute, if the database answers and checks go on.
    async fn beat(&mut self, heartbeat: &Url) -> bool {
        let now = self.core.clock.now();
        if self.beat_at.is_some_and(|at| at + BEAT > now) || !self.is_well(now).await {
            return false;
        }
        self.beat_at = Some(now);
        match self.client.get(heartbeat.clone()).send().await {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) => {
                tracing::warn!("the heartbeat is answered with {}", answer.status().as_u16());
                false
            }
            Err(error) => {
                tracing::warn!("the heartbeat is not heard: {}", trouble(&error));
                false
            }
        }
    }

    /// Whether the database answers, and some panel was checked lately, if there is any.
    async fn is_well(&self, now: Timestamp) -> bool {
        let store = &self.core.store;
        match (store.ping().await, store.health().await) {
            (Ok(()), Ok(health)) => {
                let lately = |at: Option<Timestamp>| at.is_some_and(|at| at + CHECKED > now);
                health.is_empty() || health.iter().any(|(_, report)| lately(report.checked_at))
            }
            _ => false,
        }
    }
}

/// An incident as machines read it.
fn body(incident: &Incident, title: &str, text: &str) -> Value {
    let entries: Vec<Value> = incident
        .timeline
        .iter()
        .map(|(at, entry)| {
            let mut line = serde_json::to_value(entry).expect("an entry has only text keys");
            line["at"] = json!(at);
            line
        })
        .collect();
    json!({
        "id": incident.id,
        "kind": incident.kind,
        "severity": incident.severity,
        "subject": incident.subject,
        "instance": incident.instance,
        "open": incident.is_open(),
        "opened_at": incident.opened_at,
        "updated_at": incident.updated_at,
        "closed_at": incident.closed_at,
        "affected": incident.affected,
        "title": title,
        "text": text,
        "entries": entries,
    })
}

/// What a failed exchange looks like, without the address it was made to.
fn trouble(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection was cut"
    }
}
