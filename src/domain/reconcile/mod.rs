//! What differs between a panel and the database, and what is to be done about it.
//!
//! The database says which accounts shall be on a panel; the panel says which are. [`judge`] compares the two and
//! [`plan`] decides, with brakes on everything that cannot be taken back:
//!
//! - An account is *ours* if its name begins with this installation's prefix **and** its note bears the mark of this
//!   installation and this instance ([`Mark`]). Nothing else is ever deleted.
//! - A *stray* is ours, and nothing justifies it: no assignment, no open operation, no tombstone. It is deleted once it
//!   was seen twice, [`Brakes::seen_apart`] apart, and only if this database gave its name out: names that it never gave
//!   out mean that the panel is newer than the database, and there the panel is right.
//! - A *missing* account is made again, but not when so many are missing that the panel was rather emptied, restored from
//!   a backup or is the wrong one: then people are asked, and nothing is changed on it meanwhile.
//! - A *changed* account is put right, or taken over where the panel decides. What somebody changed in its user's favour
//!   is kept until an admin has said a word about it.
//!
//! An account whose key something works on, or that a request may still reach, is not judged: what moves it sees to it.

mod judge;
mod look;
mod plan;
#[cfg(test)]
mod properties;

pub use judge::{Change, Changed, Findings, Missing, Stray, judge};
pub use look::{Limits, Look, Mark, Ours, Shown};
pub use plan::{Brakes, Plan, Question, plan};
