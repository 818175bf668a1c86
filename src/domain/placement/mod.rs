//! Which instance the next key goes to, and why.
//!
//! # The load
//!
//! ```text
//! load = (own active + own reserved + foreign + 1) / (max_users × weight)
//! ```
//!
//! is what an instance would carry with one more key. *Own* comes from our exact counts, never from a figure of the
//! panel: 60-second-old figures send every newcomer to one instance (a spread of 5 to 500 % in simulation, against
//! 0.6 %). *Foreign* is the panel's active users less ours, from the last detailed check; it does not react to our
//! choices, so its age makes no herd. Where a bandwidth cap is set, the larger of that and the share of the bandwidth
//! in use counts. Accounts that linger take places of the cap and are no load.
//!
//! # The order of choice
//!
//! *Priority* is a tier: lower first, the next only when the load of the tier's eligible instances reaches
//! [`Policy::spill_at`] of their `max_users`. Foreign users are counted there too, since they fill the cap as ours do.
//! *Weight* is the share within a tier, as in DNS SRV (RFC 2782) and Envoy. Within a tier the exact minimum is taken,
//! ties by a fixed hash of the process's seed and the instance, so that replicas break them differently and each the
//! same way every time. When the usual way finds nothing, [`Step`] lists what is tried next; over the cap never.
//!
//! # The parts
//!
//! - [`Mirror`]: one process's view of the counters with its own decisions in flight; [`Mirror::choose`] decides,
//!   [`Mirror::explain`] tells about every instance.
//! - [`Strategy`]: the measure that is minimised; [`preferred_node`] picks within an instance.
//! - [`waterfill`], [`pour`] and [`deal`]: many keys at once, for the moving of a whole panel.
//!
//! Absent on purpose: locks, the database (its conditional update confirms or refuses each decision), words for people.

mod candidate;
mod choose;
mod deal;
mod explain;
mod mirror;
mod reason;
mod request;
mod slot;
mod strategy;
mod tree;
mod waterfill;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod stories;

pub use candidate::{Candidate, NodeFacts};
pub use deal::{Deal, deal};
pub use explain::{Explanation, Row};
pub use mirror::Mirror;
pub use reason::{Decision, NoPlace, Reason, Refusal, Refusals, Shortlist, Standing, Step};
pub use request::{Request, Urgency};
pub use strategy::{InvalidStrategy, Policy, Strategy, preferred_node};
pub use waterfill::{Plan, Target, pour, room, waterfill};
