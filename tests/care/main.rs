//! The fleet looks after itself, over HTTP: who is moved when something dies, and who is not when something only looks
//! dead.
//!
//! - `deaths`: a server is gone, in all the ways servers go; its users are served elsewhere.
//! - `appearances`: the panel, the way to it or our own network fails; nobody is moved.
//! - `calls`: what real calls teach between two checks.
//! - `many`: several at once, and what happens while everybody leaves.
//!
//! Elsewhere: a crash of ours midway is in `tests/failover`; a panel that was emptied, restored or added twice, and
//! accounts that others changed, in `tests/reconcile`.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

mod appearances;
mod calls;
mod deaths;
mod many;
mod world;
