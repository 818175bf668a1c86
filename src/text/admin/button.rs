//! What stands on admins' buttons.

use chrono::TimeDelta;

use crate::domain::quota::GIB;

use super::super::button::labels;
use super::super::{T, html, number, plain, time};
use super::panel::Field;

labels! {
    /// An admin takes care of an incident.
    acknowledge = "button-alert-acknowledge",
    /// No new messages of it for an hour.
    mute = "button-alert-mute",
    /// New messages again.
    unmute = "button-alert-unmute",
    /// Everybody to other panels.
    evacuate = "button-alert-evacuate",
    /// Yes to that.
    evacuate_yes = "button-alert-evacuate-yes",
    /// No more moves for now.
    pause_moves = "button-alert-pause",
    /// Moves again.
    resume_moves = "button-alert-resume",
    /// Moves in spite of the evidence.
    brake_off = "button-alert-brake-off",
    next_address = "button-alert-next-address",
    /// All alerts.
    alerts = "button-alerts",
    /// A new panel.
    add = "button-admin-add",
    /// The list of panels.
    list = "button-admin-list",
    /// How the fleet is doing.
    health = "button-admin-health",
    /// A live test.
    test = "button-admin-test",
    /// A live test of all.
    test_all = "button-admin-test-all",
    /// Change a field.
    edit = "button-admin-edit",
    /// No new keys.
    cordon = "button-admin-cordon",
    /// New keys again.
    open = "button-admin-open",
    /// Move everyone away.
    drain = "button-admin-drain",
    /// Maintenance for a while.
    maintenance = "button-admin-maintenance",
    /// Maintenance until it is ended.
    until_opened = "button-admin-until-opened",
    /// Keys on a panel.
    keys_here = "button-admin-people",
    /// Take a panel out of the fleet.
    remove = "button-admin-remove",
    /// Yes to that.
    remove_yes = "button-admin-remove-yes",
    /// Save.
    save = "button-admin-save",
    /// Save in spite of a failed test.
    save_anyway = "button-admin-save-anyway",
    /// Settings that few need.
    advanced = "button-admin-advanced",
    /// Back to unset.
    clear = "button-admin-clear",
    /// Grant access.
    approve = "button-admin-approve",
    /// Grant access with limits.
    approve_with = "button-admin-approve-with",
    /// Refuse access.
    deny = "button-admin-deny",
    /// Access, taken away again.
    withdraw = "button-admin-withdraw",
    /// Yes to what has no way back.
    sure = "button-admin-sure",
    /// Another address for the new panel.
    change_address = "button-admin-change-address",
    /// Another login for the new panel.
    change_login = "button-admin-change-login",
    /// More time or traffic.
    extend = "button-admin-extend",
    /// Traffic from zero.
    reset_traffic = "button-admin-reset-traffic",
    /// Pause a key.
    suspend = "button-admin-suspend",
    /// Let it serve again.
    resume = "button-admin-resume",
    /// Take a key away.
    revoke = "button-admin-revoke",
    /// Yes to that.
    revoke_yes = "button-admin-revoke-yes",
    /// Move a key.
    move_key = "button-admin-move",
    /// Why is it there?
    why = "button-admin-why",
    /// Give a key.
    give = "button-admin-give",
    /// Wherever is best.
    automatic = "button-admin-automatic",
    /// Start moves.
    start = "button-admin-start",
    /// Pause moves.
    pause = "button-admin-pause",
    /// Go on with moves.
    go_on = "button-admin-go-on",
    /// Stop moves for good.
    stop = "button-admin-stop",
    /// A message to many people.
    broadcast = "button-admin-broadcast",
    /// A new invitation.
    invite_make = "button-admin-invite-make",
    /// No limit.
    unlimited = "button-admin-unlimited",
    /// The installation's defaults.
    as_usual = "button-admin-default",
    /// Earlier entries of the record.
    older = "button-admin-older",
    /// The next page.
    next = "button-admin-next",
    /// The page before.
    previous = "button-admin-previous",
    /// Yes.
    confirm = "button-admin-confirm",
    /// Keys may be placed there.
    mode_use = "nodes-mode-use-label",
    /// Look only.
    mode_observe = "nodes-mode-observe-label",
    /// The service itself.
    system = "button-health-system",
    /// Look again.
    refresh = "button-health-refresh",
    /// Look at a panel now.
    check = "button-health-check",
    /// Its exits.
    exits = "button-health-exits",
    /// Some people cannot reach it.
    blocked = "button-health-blocked",
    /// They can again.
    unblocked = "button-health-unblocked",
    /// Its card.
    panel = "button-health-panel",
    /// Do not count an exit.
    exit_hide = "button-exit-hide",
    /// Count it again.
    exit_show = "button-exit-show",
    /// Let the panel connect to it anew.
    exit_reconnect = "button-exit-reconnect",
    /// Where an exit leaves the network.
    exit_region = "button-exit-region",
    /// Through which exit each link leads.
    exit_links = "button-exit-links",
    /// Restart a panel's core.
    core_restart = "button-exit-restart",
    /// Yes to that.
    core_restart_yes = "button-exit-restart-yes",
}

/// For so long.
#[must_use]
pub fn lasting(t: &T, span: TimeDelta) -> String {
    plain!(t, "button-admin-for", span = time::span(t, span))
}

/// Maintenance for so long.
#[must_use]
pub fn maintenance_for(t: &T, span: TimeDelta) -> String {
    plain!(t, "button-health-maintenance", span = time::span(t, span))
}

/// So many days more.
#[must_use]
pub fn extend_days(t: &T, days: u32) -> String {
    plain!(t, "button-admin-extend-days", count = days)
}

/// So much traffic more, in GiB.
#[must_use]
pub fn extend_gb(t: &T, gb: u32) -> String {
    plain!(t, "button-admin-extend-gb", size = traffic(t, gb))
}

/// So many days.
#[must_use]
pub fn days(t: &T, days: u32) -> String {
    plain!(t, "button-admin-days", count = days)
}

/// So much traffic, in GiB.
#[must_use]
pub fn traffic(t: &T, gb: u32) -> String {
    number::bytes(t, u64::from(gb) * GIB)
}

/// For so many people.
#[must_use]
pub fn uses(t: &T, people: u32) -> String {
    plain!(t, "button-admin-uses", count = people)
}

/// A person.
#[must_use]
pub fn person(t: &T, name: &str) -> String {
    plain!(t, "button-admin-person", name = html::name(name))
}

/// Take an invitation back.
#[must_use]
pub fn invite_revoke(t: &T, code: &str) -> String {
    plain!(t, "button-admin-invite-revoke", code = code)
}

/// A field to change.
#[must_use]
pub fn field(t: &T, field: Field) -> String {
    field.name(t)
}
