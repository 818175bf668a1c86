//! What the program writes into its log: everything that happens, at the most talkative setting, and no secret.

#![expect(clippy::unwrap_used, reason = "a story that meets the unexpected has failed")]

#[path = "../support/secrets.rs"]
mod secrets;
#[path = "../support/world.rs"]
#[expect(dead_code, reason = "shared with the stories of the chat")]
mod world;

mod log;
mod story;
