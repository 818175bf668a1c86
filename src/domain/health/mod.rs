//! When an instance is in which state.

mod thresholds;

pub use thresholds::Thresholds;
