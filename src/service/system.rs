//! The service itself: what it runs on, what waits, and how its loops do.

use std::time::{Duration, Instant};

use super::Core;
use super::loops::Loop;
use super::replicas::{FRESH, drift};
use crate::domain::Timestamp;
use crate::domain::quota::Bytes;
use crate::store::vantages::Vantage;
use crate::store::{StoreError, flags};

/// How the service does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its version.
    pub version: &'static str,
    /// Since when this process works.
    pub started_at: Option<Timestamp>,
    /// SQLite, or PostgreSQL.
    pub is_sqlite: bool,
    /// How long the database took to answer.
    pub database: Duration,
    /// Memory that this process holds, where the system tells.
    pub memory: Option<Bytes>,
    /// The processes that share the database; `None`: there is one by design.
    pub replicas: Option<Replicas>,
    /// The vantages inside countries, by name, and when each last reported.
    pub vantages: Vec<Vantage>,
    /// Nothing is written to a panel or sent before an admin confirms.
    pub on_hold: bool,
    /// What waits.
    pub queues: Queues,
    /// The loops of this process.
    pub loops: Vec<Loop>,
}

/// The processes that share the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replicas {
    /// How many there are.
    pub count: u64,
    /// Whether this process leads; `None`: nobody does.
    pub leads: Option<bool>,
    /// Settings in which they differ.
    pub drift: Vec<String>,
    /// Operations that only a newer version knows.
    pub unknown: u64,
}

/// What waits, all processes together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queues {
    /// Operations under way.
    pub operations: u64,
    /// Keys that wait for room.
    pub waiting: u64,
    /// Messages to be sent.
    pub letters: u64,
    /// Updates of Telegram that are not handled yet.
    pub updates: u64,
    /// Accounts that must still be deleted.
    pub leftovers: u64,
}

/// Keys counted on the waitlist.
const COUNTED: u64 = 10_000;

/// Looks at the service itself.
///
/// # Errors
/// The database.
pub async fn look(core: &Core) -> Result<System, StoreError> {
    let store = &core.store;
    let asked = Instant::now();
    let operations = store.open_operations().await?;
    let database = asked.elapsed();
    let queues = Queues {
        operations,
        waiting: store.waiting(COUNTED).await?.len() as u64,
        letters: store.waiting_letters().await?,
        updates: store.unfinished_updates().await?,
        leftovers: store.tombstones_left().await?,
    };
    let loops = &core.signals.loops;
    Ok(System {
        version: env!("CARGO_PKG_VERSION"),
        started_at: loops.started_at(),
        is_sqlite: store.is_sqlite(),
        database,
        memory: memory(),
        replicas: replicas(core).await?,
        vantages: store.vantages().await?,
        on_hold: store.is_raised(flags::HOLD).await?,
        queues,
        loops: loops.all(),
    })
}

async fn replicas(core: &Core) -> Result<Option<Replicas>, StoreError> {
    if !core.leader.is_elected() {
        return Ok(None);
    }
    let (store, now) = (&core.store, core.clock.now());
    let all = store.replicas(FRESH, now).await?;
    let lease = store.lease().await?.filter(|lease| lease.expires_at > now);
    let holder = lease.and_then(|lease| lease.holder);
    Ok(Some(Replicas {
        count: all.len() as u64,
        leads: holder.map(|holder| holder == core.leader.me()),
        drift: drift(&all).into_iter().collect(),
        unknown: store.unknown_operations().await?,
    }))
}

/// Memory that this process holds: `VmRSS` of Linux, see proc_pid_status(5).
#[must_use]
pub fn memory() -> Option<Bytes> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_process_holds_some_memory() {
        let memory = super::memory().unwrap();
        assert!((1 << 20..1 << 36).contains(&memory), "{memory}");
    }
}
