//! Karvan: a Telegram bot that hands out VPN keys from a fleet of panels and looks after the fleet by itself.
