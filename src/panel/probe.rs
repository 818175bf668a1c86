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

    /// The same, and then as much is carried there and back as its transport lets a stranger, up to 64 KiB: networks that
    /// block by what passes let a connection begin. Takes up to `patience`.
    async fn carry(&self, endpoint: &Endpoint, patience: Duration) -> Carried {
        Carried { reached: self.endpoint(endpoint, patience).await, bytes: 0, cut: false }
    }

    /// Whether a place of the world around answers: a web address (any HTTP answer counts), or `host:port` (a TCP
    /// connection counts). Tells whether our own way into the world works.
    async fn anchor(&self, anchor: &str, timeout: Duration) -> Reached;

    /// When the certificate ends that the operator's own endpoint shows; `None` when it shows none, cannot be asked,
    /// or borrows another site's certificate.
    async fn certificate(&self, endpoint: &Endpoint, timeout: Duration) -> Option<Timestamp>;
}

/// How long [`Probe::carry`] takes at most: a thin line needs its time.
pub const CARRY: Duration = Duration::from_secs(30);

/// What a check found that carried something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// How the connection began.
    pub reached: Reached,
    /// What passed after it began, both ways.
    pub bytes: u64,
    /// Whether it was cut off on the way.
    pub cut: bool,
}

impl Carried {
    /// Whether users can use the address from here.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.reached.is_yes() && !self.cut
    }

    /// Whether it proves that users cannot.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.cut || self.reached.is_failure()
    }

    /// A short word, stable: `stalled`, or that of [`Reached::word`].
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.cut { "stalled" } else { self.reached.word() }
    }
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
