//! Operations against panels in memory: each story, and each story killed at every step.

#[path = "../support/memory.rs"]
mod memory;

mod crashes;
mod stories;
