//! Links, seen from the client's side: an app that fetches over HTTP, whatever becomes of panels and database.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

#[path = "../support/db.rs"]
#[expect(dead_code, reason = "shared with the tests of the store, which tamper with their databases")]
mod db;
#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "shared with the tests of operations, which use all of it")]
mod memory;

mod addresses;
mod clients;
mod exits;
mod floods;
mod knocks;
mod linger;
mod old;
mod outages;
mod store;
mod stories;
mod town;
mod vantages;
