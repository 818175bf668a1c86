//! Rows as sea-orm sees them. Nothing outside the store knows them.

pub(super) mod assignments;
pub(super) mod audit_log;
pub(super) mod batches;
pub(super) mod configs;
pub(super) mod dialogues;
pub(super) mod endpoints;
pub(super) mod flags;
pub(super) mod inbox;
pub(super) mod incidents;
pub(super) mod instance_counters;
pub(super) mod instance_health;
pub(super) mod instances;
pub(super) mod invite_uses;
pub(super) mod invites;
pub(super) mod menus;
pub(super) mod nodes;
pub(super) mod operations;
pub(super) mod outbox;
pub(super) mod reconciliations;
pub(super) mod sent_messages;
pub(super) mod settings;
pub(super) mod sightings;
pub(super) mod tombstones;
pub(super) mod users;
pub(super) mod waitlist;
