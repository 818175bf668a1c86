//! A world to test Karvan in, without a network: a simulated Telegram and simulated panels that speak the real
//! protocols over loopback HTTP, keep state, and misbehave on demand.
//!
//! Nothing here depends on `karvan`: the world knows only what the real Telegram and the real panels know.

pub mod clock;
pub mod marzban;
pub mod net;
pub mod page;
pub mod postgres;
pub mod telegram;
