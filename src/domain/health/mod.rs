//! When an instance is in which state.
//!
//! Two planes are looked at: the panel's API, and the endpoints that users' links name. A silent API does not mean that
//! users are cut off, and one failure means nothing at all.
//!
//! - [`Machine`]: one instance's state; the events it takes in and what it asks to be looked at next.
//! - [`drill`]: the machine in virtual time.
//! - [`History`]: what checks found, summed up over five minutes each.
//! - [`Panic`]: the brake for the whole fleet.
//! - [`certificate`], [`complaints`], [`Meter`], [`traffic`]: a certificate that ends, people who complain, what passes.
//! - [`vantage`]: what is seen from inside a country.
//! - [`Thresholds`]: the numbers behind both.

pub mod certificate;
pub mod complaints;
pub mod drill;
mod history;
mod machine;
mod meter;
mod panic;
#[cfg(test)]
mod stories;
mod thresholds;
pub mod traffic;
pub mod vantage;

pub use history::{History, Tally, slot_of};
pub use machine::{Data, Event, Machine, Seen, Step, Wish};
pub use meter::Meter;
pub use panic::{Panic, Standing};
pub use thresholds::Thresholds;
