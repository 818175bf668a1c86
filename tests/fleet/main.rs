//! The whole fleet over HTTP: the real driver and the real binary against simulated panels that fail.

#![expect(clippy::unwrap_used, reason = "a story that meets the unexpected has failed")]

mod burst;
mod faults;
mod install;
mod killed;
mod link;
mod outage;
#[path = "../support/people.rs"]
mod people;
#[path = "../support/secrets.rs"]
#[expect(dead_code, reason = "shared with the story of all logs")]
mod secrets;
mod world;
