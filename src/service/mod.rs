//! What the system does: gather a snapshot, decide with a pure function, apply in recorded, repeatable steps.
//!
//! - [`keys`]: everything a key's owner or an admin may wish for a key. A wish changes the database at once and leaves
//!   an operation behind.
//! - [`executor`]: carries operations out, the same way whoever planned them.
//! - [`fleet`]: the instances, their admin states and what the checks found.
//! - [`access`]: who may have a key.
//! - [`migration`]: many moves at once, with preview and progress.
//! - [`drain`]: everybody leaves an instance that an admin wants empty.
//! - [`failover`]: everybody leaves a dead instance.
//! - [`rebalance`]: the load is evened out, a little at a time.
//! - [`incidents`]: what is in trouble, from the first doubt to its end, and what the admins are told of it.
//! - [`summary`]: how the last day was. [`warnings`]: what owners of keys are told in time.
//! - [`explain`]: why a key is where it is, and where the next one would go.
//! - [`reconcile`]: panels held against the database, and put right with brakes on.
//! - [`links`]: what a link answers, whatever becomes of the panels.
//! - [`loops`], [`system`]: how the loops and the service itself do.
//! - [`outlook`]: what would be if instances were lost, and how long there is room. [`windows`]: planned maintenance.
//! - [`leader`]: which of several processes plans. [`replicas`]: what each does because there may be others.
//! - [`adoption`]: accounts that live on a panel already become keys. [`claim`]: their owners ask for them, and links
//!   that panels gave out live on.
//! - [`older`]: panels, people and accounts of an older system are taken in.
//! - [`backup`]: backups, and what comes after one was restored.
//! - [`notice`]: what people are told; words are made elsewhere, at sending.
//!
//! Nothing here knows Telegram, and no word that a person reads is made here.

pub mod access;
pub mod adoption;
pub mod backup;
pub mod broadcast;
pub mod claim;
pub mod core;
pub mod drain;
pub mod executor;
pub mod explain;
pub mod failover;
pub mod fleet;
pub mod health;
pub mod incidents;
pub mod keys;
pub mod leader;
pub mod linger;
pub mod links;
pub mod loops;
pub mod migration;
mod news;
pub mod notice;
pub mod older;
pub mod outlook;
pub mod pace;
pub mod panels;
pub mod placer;
pub mod rebalance;
pub mod reconcile;
pub mod replicas;
pub mod stats;
pub mod summary;
pub mod system;
mod together;
pub mod warnings;
pub mod watch;
pub mod windows;

pub use self::core::{Core, Policy};
