//! Panels held against the database: in memory, and over HTTP with simulated panels.

#![expect(clippy::unwrap_used, reason = "a story that meets the unexpected has failed")]

#[path = "../support/db.rs"]
#[expect(dead_code, reason = "shared with the tests of the store")]
mod db;
#[path = "../fleet/install.rs"]
#[expect(dead_code, reason = "shared with the stories of the fleet, which also run the binary")]
mod install;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the tests of operations")]
mod memory;

mod answers;
mod brakes;
mod http;
mod leftovers;
mod rounds;
mod world;
