//! Operations where several processes share a database: each story on PostgreSQL, and what two processes must not do to
//! each other on both kinds; and real processes, as they are run.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../support/db.rs"]
mod db;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of one process on SQLite")]
mod memory;

#[path = "../fleet/install.rs"]
#[expect(dead_code, reason = "shared with the stories of one process")]
mod install;

#[path = "../support/people.rs"]
mod people;

mod burst;
mod claims;
mod hold;
mod leases;
mod machines;
mod menus;
mod paused;
mod restart;
mod site;
mod stopped;
mod stories;
mod votes;

use db::{Db, Kind};
use memory::{Spec, World};

/// A world on a fresh database. `None`: there is no PostgreSQL, which was said on standard error.
async fn world(kind: Kind, specs: &[Spec]) -> Option<(Db, World)> {
    let db = kind.fresh().await?;
    let world = World::on(db.store.clone(), specs).await;
    Some((db, world))
}

/// Three instances with room for 100 each.
const THREE: [Spec; 3] =
    [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0), Spec("fi1", "fi", 100, 1.0)];
