//! A Telegram Bot API server over HTTP.
