//! What people read and what they can do: the real program between a simulated Telegram and simulated panels.

#![expect(clippy::unwrap_used, reason = "a story that meets the unexpected has failed")]

#[path = "../support/world.rs"]
mod world;

mod access;
mod admin_panels;
mod admin_people;
mod adoption;
mod alerts;
mod backups;
mod broadcast;
mod by_hand;
mod card;
mod claims;
mod first_key;
mod health;
mod limits;
mod rebalance;
mod reconcile;
mod stats;
mod strangers;
mod troubles;
mod warnings;
