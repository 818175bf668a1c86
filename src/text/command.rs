//! The commands as Telegram lists them.

use super::{T, plain};

/// For everybody: name and description.
#[must_use]
pub fn user(t: &T) -> Vec<(&'static str, String)> {
    vec![
        ("start", plain!(t, "command-start")),
        ("key", plain!(t, "command-key")),
        ("help", plain!(t, "command-help")),
        ("language", plain!(t, "command-language")),
    ]
}

/// For admins: their own first, then everybody's.
#[must_use]
pub fn admin(t: &T) -> Vec<(&'static str, String)> {
    let mut commands = vec![
        ("nodes", plain!(t, "command-nodes")),
        ("addnode", plain!(t, "command-addnode")),
        ("health", plain!(t, "command-health")),
        ("alerts", plain!(t, "command-alerts")),
        ("user", plain!(t, "command-user")),
        ("migrate", plain!(t, "command-migrate")),
        ("drain", plain!(t, "command-drain")),
        ("simulate", plain!(t, "command-simulate")),
        ("maintenance", plain!(t, "command-maintenance")),
        ("rebalance", plain!(t, "command-rebalance")),
        ("reconcile", plain!(t, "command-reconcile")),
        ("adopt", plain!(t, "command-adopt")),
        ("restore", plain!(t, "command-restore")),
        ("broadcast", plain!(t, "command-broadcast")),
        ("invite", plain!(t, "command-invite")),
        ("stats", plain!(t, "command-stats")),
        ("why", plain!(t, "command-why")),
        ("audit", plain!(t, "command-audit")),
    ];
    commands.extend(user(t));
    commands
}
