//! What admins read.
//!
//! The people's names, panels' names and notes that stand in these texts were typed by somebody: all are escaped.
//! Secrets are not shown: of an address the path is left out, of the connection settings only whether they are set.

pub mod addnode;
pub mod adoption;
pub mod audit;
pub mod broadcast;
pub mod button;
pub mod drain;
pub mod exit_links;
pub mod exits;
pub mod health;
pub mod invite;
pub mod migrate;
pub mod outlook;
pub mod panel;
pub mod person;
pub mod rebalance;
pub mod reconcile;
pub mod recovery;
pub mod stats;
pub mod system;
#[cfg(test)]
mod tests;
pub mod vitals;
pub mod why;
pub mod window;

use crate::domain::UserId;
use crate::domain::instance::InvalidBaseUrl;
use crate::domain::person::Person;

use super::{Html, T, html, plain, say};

/// All that admins can do.
#[must_use]
pub fn help(t: &T) -> Html {
    say!(t, "admin-help")
}

/// Why a typed value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// Not a whole number within these bounds.
    Number {
        /// At least.
        least: u32,
        /// At most.
        most: u32,
    },
    /// No weight.
    Weight,
    /// No country code.
    Region,
    /// No address.
    Url(InvalidBaseUrl),
    /// More characters than this.
    Long {
        /// At most.
        most: u32,
    },
    /// Nothing in it.
    Empty,
    /// No short name.
    Id,
    /// No proxy address.
    Proxy,
    /// No headers.
    Headers,
    /// No fingerprint.
    Fingerprint,
    /// No certificate.
    Certificate,
    /// No certificate with its key.
    ClientCertificate,
    /// No host name.
    Name,
    /// No host and port.
    ConnectTo,
    /// No days or gigabytes.
    Extension,
}

/// A typed value does not fit: why, and please again.
#[must_use]
pub fn invalid(t: &T, misfit: Misfit) -> Html {
    let reason = match misfit {
        Misfit::Number { least, most } => say!(t, "admin-reason-number", least = least, most = most),
        Misfit::Weight => say!(t, "admin-reason-weight"),
        Misfit::Region => say!(t, "admin-reason-region"),
        Misfit::Url(InvalidBaseUrl::Scheme) => say!(t, "admin-reason-url-scheme"),
        Misfit::Url(InvalidBaseUrl::Unreadable) => say!(t, "admin-reason-url-unreadable"),
        Misfit::Url(InvalidBaseUrl::Userinfo) => say!(t, "admin-reason-url-userinfo"),
        Misfit::Long { most } => say!(t, "admin-reason-long", most = most),
        Misfit::Empty => say!(t, "admin-reason-empty"),
        Misfit::Id => say!(t, "admin-reason-id"),
        Misfit::Proxy => say!(t, "admin-reason-proxy"),
        Misfit::Headers => say!(t, "admin-reason-headers"),
        Misfit::Fingerprint => say!(t, "admin-reason-fingerprint"),
        Misfit::Certificate => say!(t, "admin-reason-certificate"),
        Misfit::ClientCertificate => say!(t, "admin-reason-client-certificate"),
        Misfit::Name => say!(t, "admin-reason-name"),
        Misfit::ConnectTo => say!(t, "admin-reason-connect-to"),
        Misfit::Extension => say!(t, "person-extend-invalid"),
    };
    say!(t, "admin-value-invalid", reason = reason)
}

/// A person by name and id; by the id alone when nothing is known of them.
#[must_use]
pub fn person_name(t: &T, id: UserId, person: Option<&Person>) -> Html {
    let id = Html::code(t, &id.to_string());
    match person.map(|person| html::name(&person.first_name)) {
        Some(name) if !name.is_empty() => say!(t, "admin-person-name", name = name, id = id),
        _ => id,
    }
}

/// A panel by its name.
#[must_use]
pub fn panel_name(t: &T, name: &str) -> Html {
    Html::trusted(html::embed_html(t, name))
}

/// Done; a toast.
#[must_use]
pub fn done(t: &T) -> String {
    plain!(t, "admin-done")
}
