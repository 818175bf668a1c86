//! A key from before, whose link or secret somebody sent.

use super::{Html, T, say};
use crate::service::claim::Claim;

/// Panels are being asked.
#[must_use]
pub fn looking(t: &T) -> Html {
    say!(t, "claim-looking")
}

/// What came of it.
#[must_use]
pub fn came(t: &T, claim: Claim) -> Html {
    match claim {
        Claim::Yours(_) => say!(t, "claim-yours"),
        Claim::Already(_) => say!(t, "claim-already"),
        Claim::Unknown => say!(t, "claim-unknown"),
        Claim::Later => say!(t, "claim-later"),
        Claim::TooOften => say!(t, "claim-often"),
    }
}
