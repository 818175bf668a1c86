//! What admins and owners of keys are told, and machines elsewhere: services over panels in memory and a clock moved by
//! hand.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the tests of operations")]
mod memory;

mod beacon;
mod warnings;
