//! Carries operations out, the same way whoever planned them.
//!
//! The executor holds no state of its own: what to do next stands in the operation's row, so that a crash is a stop and
//! any process goes on from there. Each step is one panel call between two small transactions, or one transaction.
//!
//! - [`place`]: finds a target, or puts the operation on the waitlist.
//! - [`send`]: makes the target's account be as wanted, then switches.
//! - [`carry`]: brings changed limits to accounts that exist.
//! - [`bury`]: deletes accounts that are no more a key's.
//! - [`upkeep`]: what time alone makes due.

mod bury;
mod carry;
mod place;
mod send;
mod upkeep;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::domain::key::Unsettled;
use crate::domain::operation::{Kind, Operation, Outcome, Step};
use crate::domain::{InstanceId, OperationId, Timestamp};
use crate::panel::PanelError;
use crate::store::StoreError;
use crate::store::keys::Key;
use crate::store::outbox::NewLetter;

use super::Core;
use super::health::rounds::Judge;
use super::notice::{Lane, Letter, Notice};
use super::pace::Turn;
use super::panels::NoPanel;

/// Operations worked on at once in this process: everybody leaving a dead instance keeps some fifty others busy.
const AT_ONCE: usize = 256;
/// How long an operation that nobody waits for stands in line for a panel before others are let in: much less than its
/// claim lasts.
const IN_LINE: Duration = Duration::from_secs(10);
/// How often the executor looks without being woken.
const LOOK: Duration = Duration::from_millis(500);
/// A write must leave within this time of being recorded.
const SEND_WITHIN: Duration = Duration::from_secs(2);
/// Steps of one operation in one go: more means that something turns in a circle.
const STEPS_AT_ONCE: usize = 24;

/// Why a step did not come to its end. The row says where to go on.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The process is to die here: only tests say so.
    #[error("stopped at {0}")]
    Halted(&'static str),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// Asked at each point where the process may die. Production has none.
pub type Fuse = Arc<dyn Fn(&'static str) -> bool + Send + Sync>;

/// Carries operations out.
#[derive(Clone)]
pub struct Executor {
    core: Core,
    judge: Judge,
    worker: String,
    fuse: Option<Fuse>,
}

/// What one round of work did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Operations taken up.
    pub operations: usize,
    /// Tombstones taken up.
    pub tombstones: usize,
    /// Accounts that time made due.
    pub upkeep: usize,
}

impl Round {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_idle(self) -> bool {
        self == Self::default()
    }
}

impl Executor {
    /// An executor over `core`; `worker` names this process in claims.
    #[must_use]
    pub fn new(core: Core, worker: impl Into<String>) -> Self {
        Self { judge: Judge::new(core.clone()), core, worker: worker.into(), fuse: None }
    }

    /// The same, but dying wherever `fuse` says `true`.
    #[must_use]
    pub fn with_fuse(mut self, fuse: Fuse) -> Self {
        self.fuse = Some(fuse);
        self
    }

    /// Works until `stop`, woken by [`super::core::Signals::work`] or by itself. What has begun is finished or parked.
    pub async fn run(&self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        loop {
            while let Some(ended) = running.try_join_next() {
                survived(ended);
            }
            let free = AT_ONCE.saturating_sub(running.len());
            // Under load many are taken at once: a claim for each that ends would be what all wait for.
            if free >= AT_ONCE / 2 && !stop.is_cancelled() {
                match self.claim(free).await {
                    Ok(claimed) => {
                        for operation in claimed {
                            let executor = self.clone();
                            running.spawn(async move { executor.guarded(operation).await });
                        }
                    }
                    Err(error) => tracing::error!(error = format!("{error:#}"), "cannot look for work"),
                }
            }
            if stop.is_cancelled() && running.is_empty() {
                return;
            }
            tokio::select! {
                Some(ended) = running.join_next(), if !running.is_empty() => survived(ended),
                () = self.core.signals.work.notified(), if !stop.is_cancelled() => {}
                () = tokio::time::sleep(LOOK), if !stop.is_cancelled() => {}
                () = stop.cancelled(), if !stop.is_cancelled() => {}
            }
        }
    }

    /// Takes up everything that is due and works it off, once. Stories call it by hand.
    ///
    /// # Errors
    /// The fuse, or the database.
    pub async fn round(&self) -> Result<Round, Stopped> {
        let claimed = self.claim(AT_ONCE).await?;
        let operations = claimed.len();
        for operation in claimed {
            self.work(&operation).await?;
        }
        let tombstones = self.bury_due().await?;
        let upkeep = self.upkeep().await? + self.release_ended().await?;
        Ok(Round { operations, tombstones, upkeep })
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Operation>, StoreError> {
        if !self.core.leader.is_certain() {
            return Ok(Vec::new());
        }
        self.core.store.claim_operations(&self.worker, self.now(), limit as u64).await
    }

    /// Works on an operation; a failure is logged, and the row waits for the claim to run out.
    async fn guarded(&self, operation: Operation) {
        let id = operation.id;
        if let Err(error) = self.work(&operation).await {
            tracing::error!(operation = id.0, error = format!("{error:#}"), "an operation was put aside");
        }
    }

    /// Step after step, as the row says.
    #[tracing::instrument(skip_all, fields(operation = operation.id.0, kind = ?operation.kind))]
    async fn work(&self, operation: &Operation) -> Result<(), Stopped> {
        let claimed = operation;
        let mut planned = None;
        for _ in 0..STEPS_AT_ONCE {
            let (key, operation) = match planned.take() {
                // Whatever changed since the key was read, its revision tells just before anything is sent.
                Some(just_now) => just_now,
                None => match self.as_it_stands(claimed).await? {
                    Some(read) => read,
                    None => return Ok(()),
                },
            };
            let goes_on = match operation.next(key.config.wish) {
                Step::Rest => false,
                Step::GiveUp => {
                    self.end(&operation, Outcome::Cancelled, &[]).await?;
                    false
                }
                Step::Place => {
                    let placed = self.place(&operation, &key).await?;
                    let goes_on = placed.is_some();
                    // Of a key's first account nothing is written but by its own claim; of a move, its source is read.
                    planned = placed.filter(is_first).map(|operation| (key, operation));
                    goes_on
                }
                Step::Send => self.send(&operation, &key).await?,
                Step::Carry => self.carry(&operation, &key).await?,
                Step::Release => {
                    self.at("release")?;
                    let turn = self.core.placer.turn().await;
                    if self.core.store.release_all(&operation, &[], self.now()).await? {
                        for account in &key.accounts {
                            self.core.placer.left(&account.instance, account.role);
                        }
                    }
                    drop(turn);
                    self.at("released")?;
                    self.settled(operation.id);
                    false
                }
            };
            if !goes_on {
                return Ok(());
            }
        }
        tracing::warn!("an operation took too many steps at once and is put off");
        self.core.store.put_off(claimed, self.now() + Duration::from_secs(30)).await?;
        Ok(())
    }

    /// The operation as it stands now, read with its key. `None`: it has ended, or somebody else works on it.
    async fn as_it_stands(&self, claimed: &Operation) -> Result<Option<(Key, Operation)>, StoreError> {
        let Some(key) = self.core.store.key(claimed.config).await? else { return Ok(None) };
        let still = |open: &Operation| open.id == claimed.id && open.epoch == claimed.epoch;
        let operation = key.operation.clone().filter(still);
        Ok(operation.map(|operation| (key, operation)))
    }

    /// Ends an operation that changes no account.
    async fn end(
        &self,
        operation: &Operation,
        outcome: Outcome,
        letters: &[NewLetter],
    ) -> Result<(), Stopped> {
        self.at("end")?;
        self.core.store.end_operation(operation, outcome, letters, self.now()).await?;
        self.at("ended")?;
        self.settled(operation.id);
        Ok(())
    }

    /// Tells all who wait that an operation ended or waits for room, and wakes what comes after it.
    fn settled(&self, id: OperationId) {
        self.core.signals.operation_settled(id);
        self.core.signals.mail.notify_one();
        self.core.signals.work.notify_one();
    }

    /// A point where the process may die.
    fn at(&self, point: &'static str) -> Result<(), Stopped> {
        match &self.fuse {
            Some(fuse) if fuse(point) => Err(Stopped::Halted(point)),
            _ => Ok(()),
        }
    }

    fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// A panel was called: its turn is given back, and what came of it counts for the instance's health.
    fn called<T>(&self, instance: &InstanceId, turn: Turn, answer: &Result<T, PanelError>) {
        turn.done(answer);
        self.judge.called(instance, answer);
    }

    /// A letter to the key's owner.
    fn to_owner(&self, key: &Key, lane: Lane, screen: Option<i64>, notice: Notice) -> NewLetter {
        Letter { chat: key.config.owner.0, lane, slot: None, notice, screen }.stored(self.now())
    }

    /// Letters about how far a set of moves is, to whoever started it. The slot keeps one message for all of them.
    fn batch_letters(&self, operation: &Operation) -> Vec<NewLetter> {
        let (Some(batch), Some(by)) = (operation.batch, operation.asked_by) else { return Vec::new() };
        let notice = Notice::BatchProgress { batch };
        let slot = Some(format!("batch:{batch}"));
        vec![Letter { chat: by.0, lane: Lane::Reply, slot, notice, screen: None }.stored(self.now())]
    }
}

/// A panic in one operation is one of the executor: whoever runs it counts it and begins anew.
fn survived(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}

/// A write that is about to leave: recorded as one that may land from `sent_at` on, it leaves soon after or never.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    sent_at: Timestamp,
    began: Instant,
}

impl Leaving {
    /// To be called before the write is recorded, so that whatever delays this process counts.
    fn now(executor: &Executor) -> Self {
        Self { sent_at: executor.now(), began: Instant::now() }
    }

    /// After this moment the driver must not send it. By both clocks: one goes on while the machine sleeps, the other
    /// cannot be set back.
    fn send_by(self, executor: &Executor) -> Instant {
        let passed = (executor.now() - self.sent_at).to_std().unwrap_or_default();
        if passed > SEND_WITHIN { self.began } else { self.began + SEND_WITHIN }
    }
}

/// What is left to land after an answer: with a definite one what was open before, else this request.
fn still_open(before: Option<Unsettled>, definite: bool, sent_at: Timestamp) -> Option<Unsettled> {
    if definite { before } else { Some(Unsettled { sent_at, settles_at: None }) }
}

/// Seconds to wait after the `attempts`th failure: 1, 2, 4 … 60, spread a little by the row's number so that many do not
/// come back at once.
fn backoff(attempts: u32, spread: i64) -> Duration {
    let seconds = 1_u64 << attempts.min(6);
    let jitter = Duration::from_millis(spread.unsigned_abs().wrapping_mul(397) % 1000);
    Duration::from_secs(seconds.min(60)) + jitter
}

/// A short word for the log and the row when there is not even a driver.
fn no_panel_word(error: &NoPanel) -> &'static str {
    match error {
        NoPanel::NotFound(_) => "no-instance",
        NoPanel::Settings(_, error) => error.word(),
        NoPanel::Store(_) => "database",
    }
}

/// Whether an operation gives a key its first account.
fn is_first(operation: &Operation) -> bool {
    operation.kind == Kind::Issue
}
