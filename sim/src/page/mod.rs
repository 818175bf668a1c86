//! A page in the browser that looks and works like a Telegram chat, beside a view of the fleet.
