//! Karvan: a Telegram bot that hands out VPN keys from a fleet of panels and looks after the fleet by itself.
//!
//! # The map
//!
//! Data flows downhill, and a floor knows only the floors beneath it:
//!
//! ```text
//! telegram/  http/  cli/  task/  ->  text/  ->  service/  ->  store/  panel/  ->  domain/
//! ```
//!
//! - [`domain`]: what the words mean and how decisions are made. Pure: no clock, no I/O, no async.
//! - [`store`]: rows into domain values and back. It alone knows sea-orm.
//! - [`panel`]: the fleet's panels over HTTP, behind one trait.
//! - [`service`]: gather a snapshot, decide with a pure function, apply in recorded, repeatable steps.
//! - [`text`]: languages, numbers, dates, guides. Every word a person reads is made here.
//! - [`telegram`]: updates in, messages out. It alone knows teloxide.
//! - [`http`]: what others ask of us: links, health. It alone knows axum.
//! - [`task`]: the only loops.
//! - [`cli`]: the commands of the binary.
//! - [`settings`]: the environment, parsed and checked at once.
//! - [`app`]: alone constructs and wires.
//!
//! Time, randomness and I/O are injected, so that a fleet can be run through virtual days in a test.

pub mod app;
pub mod cli;
pub mod domain;
pub mod http;
pub mod panel;
pub mod service;
pub mod settings;
pub mod store;
pub mod task;
pub mod telegram;
pub mod text;
