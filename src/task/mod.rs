//! The only loops.
//!
//! A task takes no input, may run twice, does not retry inside (the next tick is the retry) and looks at levels, not
//! edges: a lost signal is healed by the next tick. The [`driver`] owns period, jitter, panics and status.
//!
//! Of several processes over one database each executes, looks at panels and sends; what must be thought of once is done
//! by the one that leads ([`crate::service::leader`]).

pub mod beacon;
mod driver;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use beacon::Beacon;
use driver::{Driver, Who, tick};

use crate::service::Core;
use crate::service::backup::Backups;
use crate::service::broadcast::Broadcasts;
use crate::service::drain::Drains;
use crate::service::executor::Executor;
use crate::service::failover::Failover;
use crate::service::health::vantages::Vantages;
use crate::service::health::{self, Rounds};
use crate::service::linger::Lingers;
use crate::service::links::Links;
use crate::service::links::addresses::AddressWatch;
use crate::service::rebalance::Rebalance;
use crate::service::reconcile::Reconciler;
use crate::service::replicas::Member;
use crate::service::summary::Summaries;
use crate::service::warnings::Warnings;
use crate::service::watch::Watch;
use crate::service::windows::Windows;

/// The mirror of the counters follows the database within a second.
const REFRESH: Duration = Duration::from_millis(500);
/// Tombstones, lingering accounts and the waitlist are looked at this often, and whenever an operation ends.
const UPKEEP: Duration = Duration::from_secs(1);
/// Keys that ended long ago are looked for this often.
const ENDED: Duration = Duration::from_secs(60);
/// Dead instances and those that are being left are looked at this often.
const FAILOVER: Duration = Duration::from_secs(1);
/// Whether all apps of a key fetched its new links, so that the old ones may end, is looked this often.
const LINGER: Duration = Duration::from_secs(60);
/// Whether an instance that keys were moved away from is empty is looked this often.
const DRAIN: Duration = Duration::from_secs(30);
/// What evens out the load goes on this often.
const REBALANCE: Duration = Duration::from_secs(10);
/// How far messages to many people are is told this often.
const BROADCASTS: Duration = Duration::from_secs(10);
/// What new links are to look like is read this often.
const ADDRESS: Duration = Duration::from_secs(5);
/// Whether people still come by each of our addresses is looked at this often.
const ADDRESSES: Duration = Duration::from_secs(300);
/// Who fetched their key is written this often.
const FETCHES: Duration = Duration::from_secs(2);
/// Whether planned maintenance begins or ends is looked this often.
const WINDOWS: Duration = Duration::from_secs(5);
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
/// Addresses in users' links are looked through this often.
const RELAYS: Duration = Duration::from_secs(30);
/// What vantages saw is judged this often.
const VANTAGES: Duration = Duration::from_secs(20);
/// What people say of servers is looked at this often.
const COMPLAINTS: Duration = Duration::from_secs(60);
/// Whether a backup is due is looked this often.
const BACKUP: Duration = Duration::from_secs(30);
/// Updates that were done long ago are forgotten this often.
const FORGET: Duration = Duration::from_secs(3600);
/// How long done updates are kept.
const KEEP_UPDATES: Duration = Duration::from_secs(2 * 86_400);
/// How long it is known what vantages saw that no one looks at any more.
const KEEP_SIGHTS: Duration = Duration::from_secs(86_400);
/// How long it is known how many fetches came by each address.
const KEEP_FETCHES: Duration = Duration::from_secs(15 * 86_400);
/// How long it is known what passed through panels: the longest time that is shown, and two days.
const KEEP_TRAFFIC: Duration = Duration::from_secs(92 * 86_400);
/// How long it is known what checks found: the longest time that uptime is told for, and a day.
const KEEP_CHECKS: Duration = Duration::from_secs(31 * 86_400);
/// How long it is known what people were sent.
const KEEP_LETTERS: Duration = Duration::from_secs(7 * 86_400);
/// How long it is known what was done for a key, and what was written to many.
const KEEP_OPERATIONS: Duration = Duration::from_secs(90 * 86_400);
/// Rows forgotten in one go: several times what a busy hour brings.
const FORGET_AT_ONCE: u64 = 50_000;

/// A run that ends only at a stop, made anew when it dies.
pub type Run = Box<dyn FnMut() -> BoxFuture<'static, ()> + Send>;

/// What runs beside the loops that look after the fleet.
#[derive(Default)]
pub struct Beside {
    /// Signs of life for machines elsewhere.
    pub beacon: Option<Beacon>,
    /// The chat.
    pub chat: Option<Run>,
    /// The doors where HTTP is answered, by name.
    pub doors: Vec<(&'static str, Run)>,
    /// What links answer.
    pub links: Option<Links>,
    /// What takes part in the election, if there may be others.
    pub member: Option<Member>,
    /// Backups, if they are made by themselves.
    pub backups: Option<Backups>,
}

/// Runs the loops that look after the fleet until `stop`.
pub async fn run(core: Core, executor: Executor, stop: CancellationToken) {
    run_with(core, executor, Beside::default(), stop).await;
}

/// Runs all loops until `stop`.
pub async fn run_with(core: Core, executor: Executor, beside: Beside, stop: CancellationToken) {
    let watch = Watch::new(core.clone());
    let leader = core.leader.clone();
    let mut driver = Driver::new(core.clock.clone(), core.signals.clone(), leader, stop.clone());
    if let Some(member) = beside.member {
        let until = stop.clone();
        driver.always("replica", move || member.clone().run(until.clone()));
    }
    let (worker, until) = (executor.clone(), stop.clone());
    driver.always("executor", move || {
        let (worker, until) = (worker.clone(), until.clone());
        async move { worker.run(until).await }
    });
    let (rounds, until) = (Rounds::new(core.clone()), stop.clone());
    driver.always("health", move || rounds.clone().run(until.clone()));
    let (at, doubted, until) = (core.clone(), watch.clone(), stop.clone());
    driver.always("doubts", move || doubts(at.clone(), doubted.clone(), until.clone()));
    if let Some(chat) = beside.chat {
        driver.always("chat", chat);
    }
    for (name, door) in beside.doors {
        driver.always(name, door);
    }
    let mut everyone = |period, name, tick| driver.every(Who::Everyone, period, name, tick);
    if let Some(links) = beside.links.clone() {
        let at = AddressWatch::new(links.core().clone());
        everyone(ADDRESS, "address", tick(move || address(at.clone())));
        everyone(FETCHES, "fetches", tick(move || fetches(links.clone())));
    }
    let at = core.clone();
    everyone(REFRESH, "refresh", tick(move || refresh(at.clone())));
    let at = executor.clone();
    everyone(UPKEEP, "upkeep", tick(move || upkeep(at.clone())));
    // What is thought of once, for all: each transaction of it fails once another process leads.
    let core = core.planning();
    let mut leading = |period, name, tick| driver.every(Who::Leader, period, name, tick);
    leading(ENDED, "ended", tick(move || ended(executor.clone())));
    if let Some(links) = &beside.links {
        let at = AddressWatch::new(links.core().planning());
        leading(ADDRESSES, "addresses", tick(move || addresses(at.clone())));
        let at = Lingers::new(links.core().planning());
        leading(LINGER, "linger", tick(move || linger(at.clone())));
    }
    if let Some(beacon) = beside.beacon.filter(|beacon| !beacon.is_idle()) {
        let (at, until) = (Arc::new(tokio::sync::Mutex::new(beacon)), stop.clone());
        leading(beacon::LOOK, "beacon", tick(move || signal(at.clone(), until.clone())));
    }
    let at = watch;
    leading(SAMPLE, "sample", tick(move || sample(at.clone())));
    let at = Failover::new(core.clone());
    leading(FAILOVER, "failover", tick(move || failover(at.clone())));
    let at = Drains::new(core.clone());
    leading(DRAIN, "drain", tick(move || drain(at.clone())));
    let at = Windows::new(core.clone());
    leading(WINDOWS, "windows", tick(move || windows(at.clone())));
    let at = Warnings::new(core.clone());
    leading(WARN, "warn", tick(move || warn(at.clone())));
    let at = Summaries::new(core.clone());
    leading(SUMMARY, "summary", tick(move || summary(at.clone())));
    let at = Reconciler::new(core.clone());
    leading(RECONCILE, "reconcile", tick(move || reconcile(at.clone())));
    let at = Reconciler::new(core.clone());
    leading(AUDIT, "audit", tick(move || audit(at.clone())));
    let at = core.clone();
    leading(RELAYS, "relays", tick(move || relays(at.clone())));
    let at = Vantages::new(core.clone());
    leading(VANTAGES, "vantages", tick(move || vantages(at.clone())));
    let at = core.clone();
    leading(COMPLAINTS, "complaints", tick(move || complaints(at.clone())));
    let at = Rebalance::new(core.clone());
    leading(REBALANCE, "rebalance", tick(move || rebalance(at.clone())));
    let at = Broadcasts::new(core.clone());
    leading(BROADCASTS, "broadcasts", tick(move || broadcasts(at.clone())));
    if let Some(at) = beside.backups {
        leading(BACKUP, "backup", tick(move || backup(at.clone())));
    }
    let at = core;
    leading(FORGET, "forget", tick(move || forget(at.clone())));
    driver.end().await;
    if let Some(links) = beside.links
        && let Err(error) = links.write().await
    {
        tracing::warn!(error = format!("{error:#}"), "the last fetches are not written");
    }
}

async fn address(watch: AddressWatch) -> anyhow::Result<()> {
    Ok(watch.follow().await?)
}

async fn addresses(watch: AddressWatch) -> anyhow::Result<()> {
    Ok(watch.look().await?)
}

async fn linger(lingers: Lingers) -> anyhow::Result<()> {
    lingers.tick().await?;
    Ok(())
}

async fn fetches(links: Links) -> anyhow::Result<()> {
    links.write().await?;
    Ok(())
}

/// Whoever is told waits for nothing: a stop does not wait for an answer from elsewhere.
async fn signal(beacon: Arc<tokio::sync::Mutex<Beacon>>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut beacon = beacon.lock().await;
    tokio::select! {
        _ = beacon.look() => {}
        () = stop.cancelled() => {}
    }
    Ok(())
}

async fn refresh(core: Core) -> anyhow::Result<()> {
    Ok(core.placer.follow(&core.store, core.clock.now()).await?)
}

async fn upkeep(executor: Executor) -> anyhow::Result<()> {
    executor.bury_due().await?;
    executor.upkeep().await?;
    Ok(())
}

async fn ended(executor: Executor) -> anyhow::Result<()> {
    executor.release_ended().await?;
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

async fn broadcasts(broadcasts: Broadcasts) -> anyhow::Result<()> {
    broadcasts.tick().await?;
    Ok(())
}

async fn backup(backups: Backups) -> anyhow::Result<()> {
    backups.tick().await?;
    Ok(())
}

async fn windows(windows: Windows) -> anyhow::Result<()> {
    windows.tick().await?;
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

async fn vantages(vantages: Vantages) -> anyhow::Result<()> {
    Ok(vantages.look().await?)
}

async fn relays(core: Core) -> anyhow::Result<()> {
    Ok(health::relays::look(&core).await?)
}

async fn forget(core: Core) -> anyhow::Result<()> {
    core.store.forget_updates(core.clock.now() - KEEP_UPDATES).await?;
    core.store.forget_checks(core.clock.now() - KEEP_CHECKS).await?;
    core.store.forget_traffic(core.clock.now() - KEEP_TRAFFIC).await?;
    core.store.forget_complaints(core.clock.now()).await?;
    core.store.forget_sights(core.clock.now() - KEEP_SIGHTS).await?;
    core.store.forget_fetches(core.clock.now() - KEEP_FETCHES).await?;
    core.store.forget_letters(core.clock.now() - KEEP_LETTERS, FORGET_AT_ONCE).await?;
    core.store.forget_broadcasts(core.clock.now() - KEEP_OPERATIONS).await?;
    core.store.forget_operations(core.clock.now() - KEEP_OPERATIONS, FORGET_AT_ONCE).await?;
    Ok(())
}

/// Looks at instances as soon as they fail a real call.
async fn doubts(core: Core, watch: Watch, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = core.signals.doubt.notified() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = watch.check_doubted().await {
            tracing::error!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "a doubt is not looked into"
            );
        }
    }
}
