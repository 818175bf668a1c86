//! The Marzban driver over HTTP, against a panel that keeps state and misbehaves on demand.
//!
//! Each module tells the stories of one rule: logins, doubts, limits, trust, ways there, looks. Where the simulated
//! panel has no such vice (a 409 that lies, a foreign program), a small server answers by hand.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

mod doubts;
mod limits;
mod links;
mod logins;
mod looks;
mod pulse;
mod stub;
mod trust;
mod ways;
mod world;
