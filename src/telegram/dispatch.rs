//! Stored updates are handled: in order within a chat, chats side by side, each until it is done.
//!
//! An update that fails, or whose handler panics, is tried again after 30 s and at each start, three times in all; then
//! it is put aside and the person gets a kind word. That Telegram cannot be reached is nobody's failure: the update waits
//! and the attempt does not count. What a handler does carries the update's number, so that it happens once.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dptree::di::DependencyMap;
use teloxide::dispatching::UpdateHandler;
use teloxide::types::{ChatId, Update, UpdateKind};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::dialogue::{Dialogues, Talk};
use super::menu::ShowError;
use super::schema::schema;
use super::screen::{Button, Screen};
use super::tg::TgError;
use super::visit::Visit;
use super::{callback::Callback, desk::Desk};
use crate::domain::UserId;
use crate::service::notice::Lane;
use crate::service::replicas;
use crate::store::inbox::Undone;
use crate::text;

/// Updates handled at the same time.
const AT_ONCE: usize = 32;
/// A handler that takes longer is given up; every call it makes has a shorter time-out of its own.
const LONGEST: Duration = Duration::from_secs(28);
/// What failed is tried again after this.
const RETRY: Duration = Duration::from_secs(30);
/// Attempts in all.
const ATTEMPTS: u32 = 3;
/// What could not be answered because of Telegram is tried again after this.
const TELEGRAM_RETRY: Duration = Duration::from_secs(2);
/// Retries have no signal: they are looked for this often.
const LOOK: Duration = Duration::from_secs(1);
/// Updates that are done are remembered this long, should Telegram send them again.
const REMEMBER: Duration = Duration::from_secs(2 * 24 * 3600);
/// How often what is over is forgotten.
const TIDY: Duration = Duration::from_secs(3600);
/// At a stop, handlers may take this long to end; the rest is handled at the next start.
const FAREWELL: Duration = Duration::from_secs(5);

/// Handles updates until `stop`.
pub(super) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let dialogues = Dialogues::new(desk.core.store.clone(), desk.core.clock.clone());
    let worker = Worker { desk, dialogues, schema: Arc::new(schema()) };
    if let Err(error) = replicas::take_over_from_the_dead(&worker.desk.core).await {
        tracing::error!("updates of the last run wait for their time: {:#}", anyhow::Error::from(error));
    }
    worker.run(&stop).await;
}

#[derive(Clone)]
struct Worker {
    desk: Arc<Desk>,
    dialogues: Arc<Dialogues>,
    schema: Arc<UpdateHandler<anyhow::Error>>,
}

impl Worker {
    fn now(&self) -> crate::domain::Timestamp {
        self.desk.core.clock.now()
    }

    async fn run(&self, stop: &CancellationToken) {
        let fresh = &self.desk.core.signals.update;
        let mut busy = BTreeSet::new();
        let mut tasks: JoinSet<i64> = JoinSet::new();
        let mut reach = self.desk.tg.reach();
        let mut tidy = tokio::time::interval(TIDY);
        while !stop.is_cancelled() {
            // Nobody can be answered while Telegram is away.
            let away = self.desk.tg.is_away();
            if !away
                && tasks.len() < AT_ONCE
                && let Err(error) = self.begin(&mut busy, &mut tasks).await
            {
                tracing::error!("updates cannot be read: {error:#}");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = fresh.notified() => {}
                _ = reach.changed() => {}
                Some(ended) = tasks.join_next() => {
                    // A task catches its handler's panic, so it always names its chat.
                    let chat_key = ended.expect("an update's task does not panic");
                    busy.remove(&chat_key);
                }
                () = tokio::time::sleep(LOOK) => {}
                _ = tidy.tick() => self.tidy().await,
            }
        }
        let _ = tokio::time::timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
    }

    /// Begins as many updates as there is room for.
    async fn begin(&self, busy: &mut BTreeSet<i64>, tasks: &mut JoinSet<i64>) -> anyhow::Result<()> {
        let store = &self.desk.core.store;
        let undone = store.undone_updates(busy, self.now(), 4 * AT_ONCE as u64).await?;
        for item in undone.into_iter().take(AT_ONCE - tasks.len()) {
            let (worker, now) = (self.desk.core.leader.me(), self.now());
            if !store.begin_update(item.update.update_id, worker, now, now + RETRY).await? {
                continue; // another process was quicker
            }
            busy.insert(item.update.chat_key);
            let worker = self.clone();
            tasks.spawn(async move {
                let chat_key = item.update.chat_key;
                if let Err(error) = worker.carry(item).await {
                    tracing::error!("an update's end could not be noted: {error:#}");
                }
                chat_key
            });
        }
        Ok(())
    }

    /// Handles one update and notes what came of it.
    #[tracing::instrument(name = "update", skip_all, fields(update.id = item.update.update_id))]
    async fn carry(&self, item: Undone) -> anyhow::Result<()> {
        let update_id = item.update.update_id;
        let store = &self.desk.core.store;
        let began = Instant::now();
        let kind = kind_of(&item.update.raw);
        let outcome = self.attempt(item.update.raw, item.attempts > 0).await;
        let how = if outcome.is_ok() { "done" } else { "failed" };
        metrics::counter!("karvan_updates_total", "kind" => kind, "outcome" => how).increment(1);
        metrics::histogram!("karvan_update_seconds", "kind" => kind).record(began.elapsed().as_secs_f64());
        let Err(error) = outcome else {
            store.update_done(update_id, None, self.now()).await?;
            return Ok(());
        };
        match telegram_error(&error) {
            Some(TgError::NoChat(_)) => {
                tracing::debug!(update.id = update_id, "nobody to answer: {error:#}");
                if item.update.chat_key > 0 {
                    store.set_blocked(UserId(item.update.chat_key), true).await?;
                }
                store.update_done(update_id, Some("no-chat"), self.now()).await?;
            }
            Some(trouble) if trouble.retry_in().is_some() => {
                let wait = trouble.retry_in().unwrap_or_default().max(TELEGRAM_RETRY);
                tracing::debug!(update.id = update_id, "an answer waits for Telegram");
                store.postpone_update(update_id, self.now() + wait).await?;
            }
            _ if item.attempts + 1 < ATTEMPTS => {
                tracing::warn!(update.id = update_id, "an update failed and is tried again: {error:#}");
            }
            _ => {
                tracing::error!(update.id = update_id, "an update failed for the last time: {error:#}");
                store.update_done(update_id, Some("failed"), self.now()).await?;
                self.apologise(item.update.chat_key).await;
            }
        }
        Ok(())
    }

    /// One attempt; a panic in it is an error like any other.
    async fn attempt(&self, raw: String, again: bool) -> anyhow::Result<()> {
        let worker = self.clone();
        let handled = tokio::spawn(async move { worker.handle(&raw, again).await }.in_current_span());
        let mut handled = AbortOnDrop(handled);
        match tokio::time::timeout(LONGEST, &mut handled.0).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => anyhow::bail!("the handler panicked"),
            Err(_) => anyhow::bail!("the handler took too long"),
        }
    }

    async fn handle(&self, raw: &str, again: bool) -> anyhow::Result<()> {
        let Ok(update) = serde_json::from_str::<Update>(raw) else {
            tracing::debug!("an update that cannot be read at all is put aside");
            return Ok(());
        };
        if let UpdateKind::Error(_) = update.kind {
            tracing::debug!(update.id = update.id.0, "an update of an unknown kind is put aside");
            return Ok(());
        }
        let mut deps = DependencyMap::new();
        deps.insert(self.desk.clone());
        if let Some(visit) = Visit::of(&self.desk, &update, again).await? {
            let talk = Talk::new(self.dialogues.clone(), ChatId(visit.chat));
            deps.insert(talk.get_or_default().await?);
            deps.insert(talk);
            deps.insert(visit);
        } else if !matches!(update.kind, UpdateKind::MyChatMember(_)) {
            return Ok(()); // a channel, another bot
        }
        deps.insert(update);
        match self.schema.dispatch(deps).await {
            ControlFlow::Break(result) => result,
            ControlFlow::Continue(_) => Ok(()), // what people say to each other in groups
        }
    }

    /// A kind word for what we could not do.
    async fn apologise(&self, chat: i64) {
        let said = async {
            if chat <= 0 {
                return Ok(()); // no group wants to hear of our troubles
            }
            let t = self.desk.words_for(chat).await?;
            let menu = Button::press(text::button::menu(&t), Callback::Home);
            let screen = Screen::new(text::user::failed(&t)).row([menu]);
            self.desk.tg.send(Lane::Reply, chat, &screen).await.context("a kind word")?;
            anyhow::Ok(())
        };
        if let Err(error) = said.await {
            tracing::warn!("a person stays without an answer: {error:#}");
        }
    }

    async fn tidy(&self) {
        self.desk.limiter.tidy();
        match self.desk.core.store.forget_updates(self.now() - REMEMBER).await {
            Ok(count) => tracing::debug!(count, "forgot updates that were done"),
            Err(error) => tracing::warn!("old updates stay: {:#}", anyhow::Error::from(error)),
        }
    }
}

/// What an update is about, as one of few words.
fn kind_of(raw: &str) -> &'static str {
    const KINDS: [&str; 3] = ["message", "callback_query", "my_chat_member"];
    let update: Option<serde_json::Value> = serde_json::from_str(raw).ok();
    let known = KINDS.iter().find(|kind| update.as_ref().is_some_and(|update| update.get(**kind).is_some()));
    known.copied().unwrap_or("other")
}

/// Stops a task when nobody waits for it any more.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Telegram's part in an error, if it has one.
fn telegram_error(error: &anyhow::Error) -> Option<&TgError> {
    match error.downcast_ref::<ShowError>() {
        Some(ShowError::Telegram(error)) => Some(error),
        Some(ShowError::Store(_)) => None,
        None => error.downcast_ref::<TgError>(),
    }
}

/// What each update brings with it, for the check that the schema asks for nothing else.
#[cfg(test)]
pub(super) fn brought() -> Vec<dptree::Type> {
    use dptree::Type;

    use super::dialogue::Step;

    vec![
        Type::of::<Update>(),
        Type::of::<Visit>(),
        Type::of::<Talk>(),
        Type::of::<Step>(),
        Type::of::<Arc<Desk>>(),
    ]
}
