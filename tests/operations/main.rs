//! Operations against panels in memory: each story, and each story killed at every step.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

#[path = "../support/db.rs"]
#[expect(dead_code, reason = "shared with the tests of the store, which tamper with their databases")]
mod db;
#[path = "../support/memory.rs"]
mod memory;

mod crashes;
mod drain;
mod invariants;
mod line;
mod stories;
mod windows;
