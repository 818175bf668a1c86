//! Checks of what users connect to, and of the world around: does anything answer there?
//!
//! A check proves only what it saw. [`Reached::Yes`] means that what stands at the endpoint answered as its transport
//! demands; a failure of our own path is told apart ([`Reached::Local`]), since it says nothing about the other side.

use std::time::Duration;

use async_trait::async_trait;

use super::endpoint::Endpoint;
use crate::domain::Timestamp;

/// Checks endpoints and anchors.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Begins a connection to `endpoint` as its transport demands, within `timeout`.
    /// An endpoint of datagrams is [`Reached::Odd`] with the word `udp`: it cannot be checked.
    async fn endpoint(&self, endpoint: &Endpoint, timeout: Duration) -> Reached;

    /// Whether a place of the world around answers: a web address (any HTTP answer counts), or `host:port` (a TCP
    /// connection counts). Tells whether our own way into the world works.
    async fn anchor(&self, anchor: &str, timeout: Duration) -> Reached;

    /// When the certificate ends that the operator's own endpoint shows; `None` when it shows none, cannot be asked,
    /// or borrows another site's certificate.
    async fn certificate(&self, endpoint: &Endpoint, timeout: Duration) -> Option<Timestamp>;
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reached {
    /// It answered.
    Yes {
        /// How long it took, from the first packet to the answer.
        took: Duration,
    },
    /// Nobody listens there, says the other machine: a fact at once.
    Refused,
    /// No answer in time, or the connection was cut without a word: on the way, or by a relay whose other end is dead.
    Silent,
    /// What stands in front says that what is behind it does not answer: 52x and 530 of a CDN, 502–504 of a gateway.
    OriginDead,
    /// Something answered, but not what should: says nothing about life. The word is stable: `tls`, `foreign`, `cdn`,
    /// `h2`,
    /// `challenge`, `too-many`, `udp`, `endpoint` (its name or path cannot be asked for).
    Odd(&'static str),
    /// Our own path failed, which proves nothing: `no-route`, `no-handles`, `dns`, `refused-here`, `busy`.
    Local(&'static str),
}

impl Reached {
    /// Whether it answered.
    #[must_use]
    pub fn is_yes(self) -> bool {
        matches!(self, Self::Yes { .. })
    }

    /// Whether it proves that clients fail there: not an oddity, and not our own trouble.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Refused | Self::Silent | Self::OriginDead)
    }

    /// A short word, stable: it is stored and translated.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes { .. } => "ok",
            Self::Refused => "refused",
            Self::Silent => "silent",
            Self::OriginDead => "origin-dead",
            Self::Odd(word) | Self::Local(word) => word,
        }
    }
}
