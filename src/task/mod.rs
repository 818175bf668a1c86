//! The only loops.
//!
//! A task takes no input, may run twice, does not retry inside (the next tick is the retry) and looks at levels, not
//! edges: a lost signal is healed by the next tick. The driver here owns period, wake-ups and panics.

pub mod beacon;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::service::Core;
use crate::service::drain::Drains;
use crate::service::executor::Executor;
use crate::service::failover::Failover;
use crate::service::health::{self, Rounds};
use crate::service::rebalance::Rebalance;
use crate::service::reconcile::Reconciler;
use crate::service::summary::Summaries;
use crate::service::warnings::Warnings;
use crate::service::watch::Watch;

/// The mirror of the counters follows the database within a second.
const REFRESH: Duration = Duration::from_millis(500);
/// Tombstones, lingering accounts and the waitlist are looked at this often, and whenever an operation ends.
const UPKEEP: Duration = Duration::from_secs(1);
/// Dead instances and those that are being left are looked at this often.
const FAILOVER: Duration = Duration::from_secs(1);
/// Whether an instance that keys were moved away from is empty is looked this often.
const DRAIN: Duration = Duration::from_secs(30);
/// What evens out the load goes on this often.
const REBALANCE: Duration = Duration::from_secs(10);
/// Use is read this often, a few accounts at a time.
const SAMPLE: Duration = Duration::from_secs(30);
/// Keys that come to their end are looked for this often.
const WARN: Duration = Duration::from_secs(60);
/// Whether the day's summary is due is looked this often.
const SUMMARY: Duration = Duration::from_secs(30);
/// Panels whose turn it is are held against the database this often.
const RECONCILE: Duration = Duration::from_secs(60);
/// Counters are held against the rows that they count this often.
const AUDIT: Duration = Duration::from_secs(300);
/// What people say of servers is looked at this often.
const COMPLAINTS: Duration = Duration::from_secs(60);
/// Updates that were done long ago are forgotten this often.
const FORGET: Duration = Duration::from_secs(3600);
/// How long done updates are kept.
const KEEP_UPDATES: Duration = Duration::from_secs(2 * 86_400);
/// How long it is known what checks found: the longest time that uptime is told for, and a day.
const KEEP_CHECKS: Duration = Duration::from_secs(31 * 86_400);

/// Runs all loops until `stop`.
pub async fn run(core: Core, executor: Executor, stop: CancellationToken) {
    let watch = Watch::new(core.clone());
    let mut loops = JoinSet::new();
    let (worker, until) = (executor.clone(), stop.clone());
    loops.spawn(async move { worker.run(until).await });
    loops.spawn(Rounds::new(core.clone()).run(stop.clone()));
    loops.spawn(doubts(core.clone(), watch.clone(), stop.clone()));
    let mut every = |period, name, tick: Tick| {
        loops.spawn(repeat(period, name, stop.clone(), tick));
    };
    let at = core.clone();
    every(REFRESH, "refresh", tick(move || refresh(at.clone())));
    let at = executor.clone();
    every(UPKEEP, "upkeep", tick(move || upkeep(at.clone())));
    let at = watch;
    every(SAMPLE, "sample", tick(move || sample(at.clone())));
    let at = Failover::new(core.clone());
    every(FAILOVER, "failover", tick(move || failover(at.clone())));
    let at = Drains::new(core.clone());
    every(DRAIN, "drain", tick(move || drain(at.clone())));
    let at = Warnings::new(core.clone());
    every(WARN, "warn", tick(move || warn(at.clone())));
    let at = Summaries::new(core.clone());
    every(SUMMARY, "summary", tick(move || summary(at.clone())));
    let at = Reconciler::new(core.clone());
    every(RECONCILE, "reconcile", tick(move || reconcile(at.clone())));
    let at = Reconciler::new(core.clone());
    every(AUDIT, "audit", tick(move || audit(at.clone())));
    let at = core.clone();
    every(COMPLAINTS, "complaints", tick(move || complaints(at.clone())));
    let at = Rebalance::new(core.clone());
    every(REBALANCE, "rebalance", tick(move || rebalance(at.clone())));
    let at = core;
    every(FORGET, "forget", tick(move || forget(at.clone())));
    while loops.join_next().await.is_some() {}
}

async fn refresh(core: Core) -> anyhow::Result<()> {
    Ok(core.placer.refresh(&core.store).await?)
}

async fn upkeep(executor: Executor) -> anyhow::Result<()> {
    executor.bury_due().await?;
    executor.upkeep().await?;
    Ok(())
}

async fn failover(failover: Failover) -> anyhow::Result<()> {
    failover.tick().await?;
    Ok(())
}

async fn drain(drains: Drains) -> anyhow::Result<()> {
    drains.tick().await?;
    Ok(())
}

async fn rebalance(rebalance: Rebalance) -> anyhow::Result<()> {
    rebalance.tick().await?;
    Ok(())
}

async fn sample(watch: Watch) -> anyhow::Result<()> {
    watch.sample().await?;
    Ok(())
}

async fn warn(warnings: Warnings) -> anyhow::Result<()> {
    warnings.tick().await?;
    Ok(())
}

async fn summary(summaries: Summaries) -> anyhow::Result<()> {
    summaries.tick().await?;
    Ok(())
}

async fn reconcile(reconciler: Reconciler) -> anyhow::Result<()> {
    reconciler.tick().await?;
    Ok(())
}

async fn audit(reconciler: Reconciler) -> anyhow::Result<()> {
    reconciler.audit().await?;
    Ok(())
}

async fn complaints(core: Core) -> anyhow::Result<()> {
    Ok(health::complaints::look(&core).await?)
}

async fn forget(core: Core) -> anyhow::Result<()> {
    core.store.forget_updates(core.clock.now() - KEEP_UPDATES).await?;
    core.store.forget_checks(core.clock.now() - KEEP_CHECKS).await?;
    core.store.forget_complaints(core.clock.now()).await?;
    Ok(())
}

/// Looks at instances as soon as they fail a real call.
async fn doubts(core: Core, watch: Watch, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = core.signals.doubt.notified() => {}
            () = stop.cancelled() => return,
        }
        let watch = watch.clone();
        let look = async move {
            watch.check_doubted().await?;
            Ok(())
        };
        guarded("doubt", look).await;
    }
}

/// One tick of a loop.
type Tick = Box<dyn FnMut() -> BoxFuture<'static, anyhow::Result<()>> + Send>;

fn tick<F>(mut make: impl FnMut() -> F + Send + 'static) -> Tick
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    Box::new(move || make().boxed())
}

/// One tick after another, a period apart; a tick that takes longer delays the next and never overlaps it.
async fn repeat(period: Duration, name: &'static str, stop: CancellationToken, mut tick: Tick) {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = stop.cancelled() => return,
        }
        guarded(name, tick()).await;
    }
}

/// A tick that fails or panics is logged, and the next one comes.
async fn guarded(name: &'static str, tick: impl Future<Output = anyhow::Result<()>>) {
    match AssertUnwindSafe(tick).catch_unwind().await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(task = name, error = format!("{error:#}"), "a task failed"),
        Err(_) => tracing::error!(task = name, "a task panicked"),
    }
}
