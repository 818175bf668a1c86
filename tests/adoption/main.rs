//! Accounts that lived on a panel before, the people they belong to, and what the service does with them: on SQLite and
//! PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../support/db.rs"]
mod db;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of one process on SQLite")]
mod memory;

mod claimed;
mod imported;
mod taken;

use db::{Db, Kind};
use karvan::domain::{AccountName, Credentials};
use karvan::panel::Wanted;
use memory::{Spec, World};

/// Two instances with room for 100 each.
const TWO: [Spec; 2] = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];

/// A world on a fresh database. `None`: there is no PostgreSQL, which was said on standard error.
async fn world(kind: Kind) -> Option<(Db, World)> {
    let db = kind.fresh().await?;
    let world = World::on(db.store.clone(), &TWO).await;
    Some((db, world))
}

/// An account that somebody else made.
fn account(name: &str, note: &str) -> Wanted {
    Wanted {
        name: AccountName::stored(name.to_owned()),
        credentials: Credentials::generate(&mut rand::rng()),
        enabled: true,
        expires_at: Some(db::at(30 * 86_400)),
        data_limit: Some(10 << 30),
        note: note.to_owned(),
    }
}

/// How many writes the panels have seen.
fn writes(world: &World) -> usize {
    let wrote = |panel: &karvan::panel::fake::FakePanel| {
        panel.arrived().iter().filter(|arrived| arrived.verb.writes()).count()
    };
    world.panels.values().map(|panel| wrote(panel)).sum()
}
