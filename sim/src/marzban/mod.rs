//! A stateful Marzban panel over HTTP.
