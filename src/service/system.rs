//! The service itself: what it runs on, what waits, and how its loops do.

use std::time::{Duration, Instant};

use super::Core;
use super::loops::Loop;
use crate::domain::Timestamp;
use crate::domain::quota::Bytes;
use crate::store::StoreError;

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
    /// What waits.
    pub queues: Queues,
    /// The loops of this process.
    pub loops: Vec<Loop>,
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
        queues,
        loops: loops.all(),
    })
}

/// `VmRSS` of Linux, see proc_pid_status(5).
fn memory() -> Option<Bytes> {
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
