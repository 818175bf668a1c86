//! The token in a link: which key, which of its links, and a proof that we wrote it.
//!
//! `base64url(version ‖ key ‖ epoch ‖ tag)`, without padding. The version is one byte; the key's number and the epoch
//! are LEB128 (DWARF 5 §7.6); the tag is the first 16 bytes of HMAC-SHA256 (RFC 2104, cut as its §5 allows) over
//! everything before it. So a wrong token is known as such without asking the database, and the token of a young
//! installation is 26 letters long. There is one token only for each pair: whatever else would decode to it is refused.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::ConfigId;

/// This way of writing a token.
const VERSION: u8 = 1;
/// Bytes of the tag.
const TAG: usize = 16;
/// Letters of the longest token: a byte, two numbers of at most ten bytes, the tag.
const LONGEST: usize = (1 + 10 + 10 + TAG) * 4 / 3 + 1;
/// What is signed begins so: the same secret will never sign anything else that reads alike.
const PURPOSE: &[u8] = b"karvan link ";

/// One of a key's links: each reset makes the next epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    /// The key.
    pub config: ConfigId,
    /// Which of its links.
    pub epoch: u32,
}

/// What proves that a link is ours: made at the first start, kept for ever. Whoever has it can write everybody's link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey([u8; 32]);

/// Secrets never reach a log.
impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

impl LinkKey {
    /// A new one from `rng`.
    pub fn generate(rng: &mut impl Rng) -> Self {
        Self(rng.random())
    }

    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// To be kept, sealed. A secret.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The token of a link.
    #[must_use]
    pub fn token(&self, link: Link) -> String {
        let mut bytes = Vec::with_capacity(1 + 10 + 5 + TAG);
        bytes.push(VERSION);
        write_number(&mut bytes, link.config.0.cast_unsigned());
        write_number(&mut bytes, u64::from(link.epoch));
        let tag = self.tag(&bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The link of a token; `None` when it is none of ours. Takes the same time however much of it is right.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<Link> {
        if token.len() > LONGEST {
            return None;
        }
        // Refuses padding, foreign letters and loose bits at the end, so that no second text means the same.
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        let is_ours: bool = self.tag(signed).ct_eq(tag).into();
        let (&version, mut rest) = signed.split_first()?;
        if !is_ours || version != VERSION {
            return None;
        }
        let config = read_number(&mut rest)?.cast_signed();
        let epoch = u32::try_from(read_number(&mut rest)?).ok()?;
        rest.is_empty().then_some(Link { config: ConfigId(config), epoch })
    }

    fn tag(&self, signed: &[u8]) -> [u8; TAG] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(PURPOSE);
        mac.update(signed);
        let whole = mac.finalize().into_bytes();
        let mut tag = [0; TAG];
        tag.copy_from_slice(&whole[..TAG]);
        tag
    }
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(byte & 0x7f);
        if low << shift >> shift != low {
            return None;
        }
        number |= low << shift;
        if byte & 0x80 == 0 {
            // A zero at the end would be a longer way to write the same number.
            return (byte != 0 || shift == 0).then_some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn key(seed: u64) -> LinkKey {
        LinkKey::generate(&mut StdRng::seed_from_u64(seed))
    }

    proptest! {
        #[test]
        fn a_token_is_its_link(config in any::<i64>(), epoch in any::<u32>()) {
            let link = Link { config: ConfigId(config), epoch };
            let token = key(1).token(link);
            prop_assert_eq!(key(1).read(&token), Some(link));
            prop_assert_eq!(key(2).read(&token), None, "another installation's");
            prop_assert!(token.len() <= LONGEST);
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        }

        #[test]
        fn two_links_never_share_a_token(a in any::<(i64, u32)>(), b in any::<(i64, u32)>()) {
            let token = |(config, epoch)| key(1).token(Link { config: ConfigId(config), epoch });
            prop_assert_eq!(token(a) == token(b), a == b);
        }

        #[test]
        fn no_changed_token_is_read(config in 0..1_000_000_i64, epoch in 0..3_u32, at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let link = Link { config: ConfigId(config), epoch };
            let token = key(1).token(link);
            let at = at.index(token.len());
            let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
            prop_assert_eq!(key(1).read(&changed).is_some(), changed == token);
        }

        #[test]
        fn nothing_else_is_a_token(junk in "\\PC{0,64}") {
            prop_assert_eq!(key(1).read(&junk), None);
        }

        #[test]
        fn pieces_of_a_token_are_none(config in any::<i64>(), cut in 1..20_usize) {
            let token = key(1).token(Link { config: ConfigId(config), epoch: 7 });
            prop_assert_eq!(key(1).read(&token[..token.len() - cut]), None);
            prop_assert_eq!(key(1).read(&token[cut..]), None);
            prop_assert_eq!(key(1).read(&format!("{token}{}", "A".repeat(cut))), None);
        }
    }

    #[test]
    fn a_young_installation_has_short_tokens() {
        let token = key(1).token(Link { config: ConfigId(42), epoch: 0 });
        assert_eq!(token.len(), 26);
    }

    /// The same link signed with another way of writing its numbers is refused, though the tag is right.
    #[test]
    fn there_is_one_token_for_each_link() {
        let key = key(1);
        let sign = |signed: &[u8]| URL_SAFE_NO_PAD.encode([signed, &key.tag(signed)].concat());
        assert!(key.read(&sign(&[VERSION, 5, 0])).is_some());
        for other in [
            &[VERSION, 0x85, 0x00, 0][..],
            &[VERSION, 5, 0x80, 0],
            &[VERSION, 5, 0, 0],
            &[VERSION, 5],
            &[2, 5, 0],
            &[],
        ] {
            assert_eq!(key.read(&sign(other)), None, "{other:?}");
        }
    }
}
