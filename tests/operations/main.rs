//! Operations against panels in memory: each story, and each story killed at every step.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the stories of several processes")]
mod memory;

mod crashes;
mod stories;
