//! Rows into domain values and back. Nothing above knows sea-orm.
//!
//! Repositories are methods of [`Store`], named by what they are for and gathered by topic. Each that writes is one
//! statement or one transaction, and none is held open across a call to a panel or to Telegram.

mod connect;
mod counters;
mod entity;
mod error;
mod rows;
mod secrets;

pub mod adoption;
pub mod audit;
pub mod backup;
pub mod batches;
pub mod broadcasts;
pub mod checks;
pub mod dialogues;
pub mod drains;
pub mod endpoints;
pub mod evacuations;
pub mod exits;
pub mod flags;
pub mod gauges;
pub mod health;
pub mod inbox;
pub mod incidents;
pub mod instances;
pub mod keys;
pub mod leases;
pub mod linger;
pub mod links;
pub mod menus;
pub mod older;
pub mod operations;
pub mod outbox;
pub mod outlook;
pub mod people;
pub mod rebalances;
pub mod reconcile;
pub mod recovery;
pub mod replicas;
pub mod sealed;
pub mod settings;
mod signals;
pub mod stats;
pub mod summary;
pub mod told;
pub mod tombstones;
mod traffic;
pub mod vantages;
pub mod windows;

pub use connect::Store;
pub use error::StoreError;
pub use secrets::{SecretError, SecretKey, Secrets};
