//! What others ask of us over HTTP.

pub mod page;
