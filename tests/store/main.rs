//! The repositories, on real databases made by the real migrations: each test runs on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../support/db.rs"]
mod db;

mod broadcasts;
mod cancelled;
mod capacity;
mod fleet;
mod incidents;
mod lookups;
mod messages;
mod migrations;
mod people;
mod sealed;
mod stats;
mod world;
