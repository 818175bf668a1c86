//! Keys that change, backups, and what comes after one was restored: on SQLite and PostgreSQL, and from each to the other.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../support/db.rs"]
mod db;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of one process on SQLite")]
mod memory;

mod held;
mod rotate;
mod scheduled;
mod tables;
mod whole;

use db::{Db, Kind};
use karvan::store::Store;
use karvan::store::backup::{BackupError, Contents};
use memory::{Spec, World};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Two instances with room for 100 each.
const TWO: [Spec; 2] = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];

/// A world on a fresh database. `None`: there is no PostgreSQL, which was said on standard error.
async fn world(kind: Kind) -> Option<(Db, World)> {
    let db = kind.fresh().await?;
    let world = World::on(db.store.clone(), &TWO).await;
    Some((db, world))
}

/// A backup of `store` at the beginning of the story.
async fn backup(store: &Store) -> Vec<u8> {
    let mut file = Vec::new();
    store.dump(&mut file, &mut StdRng::seed_from_u64(1), db::at(0)).await.unwrap();
    file
}

/// The backup in a database without any table, which opens with the key of `from`.
async fn restored(from: &Db, file: &[u8], kind: Kind) -> Option<Db> {
    let mut there = kind.blank().await?;
    there.key = from.key.clone();
    let ours = there.again().await;
    std::mem::replace(&mut there.store, ours).close().await.unwrap();
    let loaded = there.store.restore(file, false, db::at(60)).await.unwrap();
    assert!(!loaded.replaced);
    Some(there)
}

/// What verifying says.
fn verify(store: &Store, file: &[u8]) -> Result<Contents, BackupError> {
    store.verify_backup(file)
}
