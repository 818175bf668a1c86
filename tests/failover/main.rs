//! Everybody leaves a dead instance: stories on panels in memory, the brakes, every crash, seeds of the real protocol,
//! and the exhaustive model behind its rules.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

#[path = "../support/db.rs"]
#[expect(dead_code, reason = "shared with the tests of the store")]
mod db;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of single keys")]
mod memory;

mod brakes;
mod by_hand;
mod crashes;
mod fleet;
mod model;
mod seeds;
mod stories;
