//! The load is evened out: stories on panels in memory, what stands against it, every crash, and the database's part of
//! it on both kinds of database.

#![expect(clippy::unwrap_used, reason = "a story that meets the unexpected has failed")]

#[path = "../support/db.rs"]
#[expect(dead_code, reason = "shared with the tests of the store")]
mod db;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of single keys")]
mod memory;

mod brakes;
mod crashes;
mod database;
mod stories;
mod town;
