//! What an account's panel answers, kept for a moment; and what is given when it does not answer.
//!
//! Many apps that ask for one key at once cause one call. A panel that is known to be silent is not asked, if something
//! else can be given: what it answered last. While the database is away, too, an app gets what it was given last. Nothing
//! at all is given rather than something wrong: an app that gets an error keeps what it has.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use moka::future::Cache;
use sha2::{Digest, Sha256};

use crate::domain::instance::Health;
use crate::domain::key::Assignment;
use crate::domain::subscription::{self, Format, client};
use crate::domain::{AssignmentId, Region, Timestamp};
use crate::panel::{Call, Panel, PanelError, Subscription};
use crate::store::StoreError;
use crate::store::links::{Copy, LastGood};

use super::super::Core;
use super::seen::Seen;
use super::{exits, soon};

/// How long an answer is given again.
const FRESH: TimeDelta = TimeDelta::seconds(15);
/// How long before a panel that did not answer is asked again.
const RETRY: TimeDelta = TimeDelta::seconds(5);
/// A panel that answers later is as good as silent: apps give up after ten seconds.
const TIMEOUT: Duration = Duration::from_secs(4);
/// For reading the account anew, when its link does not count any more.
const AGAIN: Duration = Duration::from_secs(3);
/// A copy that only differs is not written more often than this: links are drawn anew in each answer.
const REWRITE: TimeDelta = TimeDelta::hours(1);
/// Bytes of all answers that are kept.
const ROOM: u64 = 48 << 20;
/// Accounts of which is known when their copy was written.
const KNOWN: u64 = 200_000;

/// An answer, as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// What kind of text it is.
    pub content_type: String,
    /// What else clients understand of the panel's headers.
    pub headers: Vec<(String, String)>,
    /// The text. A secret.
    pub body: Vec<u8>,
    /// What stands for the text: another text has another.
    pub tag: String,
    /// Whether it is what the panel says now.
    pub fresh: bool,
    /// The generation of the account whose links it has.
    pub generation: u32,
}

/// An answer, or that there is none, and how long that is so.
#[derive(Clone)]
struct Kept {
    served: Option<Arc<Served>>,
    until: Timestamp,
}

/// What accounts' panels answer.
pub(super) struct Copies {
    answers: Cache<(AssignmentId, u64), Kept>,
    /// The format and a hash of the copy that was last written, and when.
    written: Cache<AssignmentId, (Format, u64, Timestamp)>,
}

impl Default for Copies {
    fn default() -> Self {
        let weight = |_: &(AssignmentId, u64), kept: &Kept| {
            let body = kept.served.as_ref().map_or(0, |served| served.body.len());
            u32::try_from(body + 256).unwrap_or(u32::MAX)
        };
        Self {
            answers: Cache::builder().max_capacity(ROOM).weigher(weight).build(),
            written: Cache::builder().max_capacity(KNOWN).build(),
        }
    }
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Whether a panel is known not to answer, or not to us.
fn is_silent(health: Health) -> bool {
    match health {
        Health::Unreachable | Health::ControlDown | Health::Down | Health::Misconfigured => true,
        Health::Unknown
        | Health::Healthy
        | Health::Degraded
        | Health::Suspect
        | Health::Blocked
        | Health::Recovering => false,
    }
}

impl Copies {
    /// What a client that calls itself `agent` gets of an account; `None`: nothing can be given now.
    pub(super) async fn of(
        &self,
        core: &Core,
        seen: &Seen,
        account: &Assignment,
        region: Option<&Region>,
        agent: &str,
    ) -> Option<Arc<Served>> {
        let now = core.clock.now();
        // The chosen location is part of what is answered.
        let key = (account.id, hash_of((agent, region)));
        let before = self.answers.get(&key).await.and_then(|kept| kept.served);
        let format = client::family(agent);
        let asked = Asked { core, seen, account, region, agent, format, now, hurried: before.is_some() };
        let entry = self.answers.entry(key);
        let kept = entry.or_insert_with_if(self.fetch(&asked, before), |kept| kept.until <= now).await;
        kept.into_value().served
    }

    /// What is given from now on. `before`: what was given last, which holds while the database is away.
    async fn fetch(&self, asked: &Asked<'_>, before: Option<Arc<Served>>) -> Kept {
        let Asked { core, account, now, .. } = *asked;
        let health = core.placer.health(&account.instance);
        if health.is_some_and(is_silent)
            && let Ok(Some(served)) = asked.last_good().await
        {
            return Kept { served: Some(served.into()), until: now + RETRY };
        }
        match asked.ask().await {
            Ok(answer) => {
                self.keep(asked, &answer).await;
                let served = asked.written(answer, true).await;
                Kept { served: Some(served.into()), until: now + FRESH }
            }
            Err(problem) => {
                tracing::info!(
                    instance.id = account.instance.as_str(),
                    problem = problem.word(),
                    "a panel does not answer for a key; what it said last is given"
                );
                core.signals.look_at(&account.instance);
                let served = match asked.last_good().await {
                    Ok(served) => served.map(Arc::new),
                    Err(error) => {
                        tracing::warn!(error = format!("{error:#}"), "what was last good cannot be read");
                        before
                            .filter(|served| served.generation == account.generation)
                            .map(|served| Arc::new(Served { fresh: false, ..(*served).clone() }))
                    }
                };
                Kept { served, until: now + RETRY }
            }
        }
    }

    /// Lets the answer be remembered, if that is news.
    async fn keep(&self, asked: &Asked<'_>, answer: &Copy) {
        let Asked { seen, account, format, now, .. } = *asked;
        let hash = hash_of(&answer.body);
        let is_known = self
            .written
            .get(&account.id)
            .await
            .is_some_and(|(of, known, at)| of == format && (known == hash || now - at < REWRITE));
        if !is_known {
            seen.keep(account.id, format, answer.clone());
            self.written.insert(account.id, (format, hash, now)).await;
        }
    }
}

/// What is asked.
#[derive(Clone, Copy)]
struct Asked<'a> {
    core: &'a Core,
    seen: &'a Seen,
    account: &'a Assignment,
    region: Option<&'a Region>,
    agent: &'a str,
    format: Format,
    now: Timestamp,
    /// There is something to give without the database, so that it is not waited for.
    hurried: bool,
}

impl Asked<'_> {
    /// What the database says.
    async fn read<T>(&self, ask: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        if self.hurried { soon(ask).await } else { ask.await }
    }

    /// Asks the panel.
    async fn ask(&self) -> Result<Copy, PanelError> {
        let Self { core, account, .. } = *self;
        let broken = |_| PanelError::Settings("its account cannot be read".to_owned());
        let settings = |_| PanelError::Settings("it cannot be connected".to_owned());
        let panel = core.panels.of(&account.instance).await.map_err(settings)?;
        if let Some(link) = self.read(core.store.panel_link(account.id)).await.map_err(broken)? {
            match panel.subscription(&link, self.agent, TIMEOUT).await {
                Ok(answer) if !answer.body.trim_ascii().is_empty() => return readable(answer),
                // An account without an inbound, or a link that was drawn back: the panel knows better ones.
                Ok(_) | Err(PanelError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        self.ask_anew(&*panel).await
    }

    /// The link that we know does not count any more: somebody revoked it in the panel. The account is read, and its
    /// new link is the one from now on.
    async fn ask_anew(&self, panel: &dyn Panel) -> Result<Copy, PanelError> {
        let Self { core, account, now, .. } = *self;
        let call = Call { timeout: AGAIN, send_by: None };
        let shown = panel.get(&account.account, call).await?.ok_or(PanelError::NotFound)?;
        let link = shown.subscription_url.as_deref();
        let (used, online_at) = (shown.used, shown.online_at);
        let saw = core.store.saw_account(account.id, &account.account, used, link, online_at, now).await;
        saw.map_err(|_| PanelError::Settings("its account cannot be written".to_owned()))?;
        let answer = match link {
            Some(link) => panel.subscription(link, self.agent, AGAIN).await,
            None => Err(PanelError::NotFound),
        };
        match answer {
            Ok(answer) if !answer.body.trim_ascii().is_empty() => readable(answer),
            // What fetches links does not reach the panel's own path for them; the links themselves are at hand.
            _ if self.format == Format::Base64 && !shown.links.is_empty() => Ok(of_links(&shown.links)),
            Ok(_) => Err(PanelError::NotFound),
            Err(error) => Err(error),
        }
    }

    /// What the panel said last, as far as the client can read it.
    async fn last_good(&self) -> Result<Option<Served>, StoreError> {
        if let Some(copy) = self.seen.kept(self.account.id, self.format) {
            return Ok(Some(self.written(copy, false).await));
        }
        let Some(found) = self.read(self.core.store.last_good(self.account.id)).await? else {
            return Ok(None);
        };
        let LastGood { links, copy, .. } = found;
        let copy = copy.filter(|(format, _)| format == word(self.format)).map(|(_, copy)| copy);
        let links = || (self.format == Format::Base64 && !links.is_empty()).then(|| of_links(&links));
        let Some(copy) = copy.or_else(links) else { return Ok(None) };
        Ok(Some(self.written(copy, false).await))
    }

    /// The answer as it is given: entries of dead and hidden nodes left out, the chosen location's first.
    async fn written(&self, copy: Copy, fresh: bool) -> Served {
        let Copy { content_type, headers, body } = copy;
        // Without the database every exit is as good as another.
        let plan = exits::plan(self.core, self.account, self.region).await.unwrap_or_default();
        let rewritten = subscription::rewrite(body.as_bytes(), content_type.as_deref(), &plan).body;
        let body = rewritten.into_owned();
        let tag = Sha256::digest(&body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Served {
            tag,
            content_type: content_type.unwrap_or_else(|| self.format.content_type().to_owned()),
            headers,
            body,
            fresh,
            generation: self.account.generation,
        }
    }
}

/// An answer as text; what is none is no subscription.
fn readable(answer: Subscription) -> Result<Copy, PanelError> {
    let Subscription { content_type, headers, body } = answer;
    let foreign = |_| PanelError::NotPanel(crate::panel::Trouble::Garbled);
    Ok(Copy { content_type, headers, body: String::from_utf8(body).map_err(foreign)? })
}

/// Share links as a subscription.
fn of_links(links: &[String]) -> Copy {
    let content_type = Some(Format::Base64.content_type().to_owned());
    Copy { content_type, headers: Vec::new(), body: subscription::list(links) }
}

/// A format as it is stored.
pub(super) fn word(format: Format) -> &'static str {
    match format {
        Format::Base64 => "base64",
        Format::Links => "links",
        Format::Clash => "clash",
        Format::Mihomo => "mihomo",
        Format::SingBox => "sing-box",
        Format::Xray => "xray",
        Format::Outline => "outline",
    }
}
