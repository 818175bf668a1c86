//! Secrets at rest: XChaCha20-Poly1305 with a random nonce, bound to the row they stand in.
//!
//! A sealed value reads `v1.<key>.<data>`: the first eight hex digits of the key's SHA-256, so that a wrong `SECRET_KEY`
//! is told apart from damage and keys can be changed one row at a time; and nonce and ciphertext in base64url.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};

/// Bytes of a nonce (XChaCha20: draft-irtf-cfrg-xchacha).
const NONCE: usize = 24;

/// Why a sealed value does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Another key sealed it.
    #[error("it was sealed with another SECRET_KEY (its id is {needed})")]
    WrongKey {
        /// The id of the key that sealed it.
        needed: String,
    },
    /// The key is right, but the value or the row it stands in is not.
    #[error("it was damaged, or moved from another row")]
    Damaged,
    /// It is no sealed value.
    #[error("it is no sealed value")]
    Malformed,
}

/// A key: 32 bytes, written in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; 32]);

/// The text is no key.
#[derive(Debug, thiserror::Error)]
#[error("a SECRET_KEY is 32 bytes in base64; make one with `karvan key new`")]
pub struct InvalidSecretKey;

impl SecretKey {
    /// A new key from `rng`.
    pub fn generate(rng: &mut impl Rng) -> Self {
        Self(rng.random())
    }

    /// The key as it stands in the settings. A secret.
    #[must_use]
    pub fn expose(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// A short fingerprint of `text`: equal for equal texts under the same key, and nothing else can be told from it.
    #[must_use]
    pub fn fingerprint(&self, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(b"fingerprint:");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The bytes, for keys that are derived from this one. A secret.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What names the key in what it sealed; tells nothing about it.
    #[must_use]
    pub fn id(&self) -> String {
        Sha256::digest(self.0).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl FromStr for SecretKey {
    type Err = InvalidSecretKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidSecretKey)?;
        bytes.try_into().map(Self).map_err(|_| InvalidSecretKey)
    }
}

/// Secrets never reach a log.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id())
    }
}

/// Seals and opens.
#[derive(Debug, Clone)]
pub struct Secrets {
    key: SecretKey,
    previous: Vec<SecretKey>,
}

impl Secrets {
    /// Seals with `key`, opens with it and with `previous`.
    #[must_use]
    pub fn new(key: SecretKey, previous: Vec<SecretKey>) -> Self {
        Self { key, previous }
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current(&self) -> String {
        self.key.id()
    }

    /// The key that seals.
    pub(super) fn key(&self) -> &SecretKey {
        &self.key
    }

    /// The key of that id, the one that seals or a previous one.
    pub(super) fn key_of(&self, id: &str) -> Option<&SecretKey> {
        std::iter::once(&self.key).chain(&self.previous).find(|key| key.id() == id)
    }

    /// Seals `plain` for the row that `identity` names, such as `instances.password:de001`.
    #[must_use]
    pub fn seal(&self, identity: &str, plain: &[u8]) -> String {
        let nonce: [u8; NONCE] = rand::rng().random();
        let payload = Payload { msg: plain, aad: identity.as_bytes() };
        let sealed = cipher(&self.key)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("only a message of 256 GiB cannot be sealed");
        let data = [nonce.as_slice(), &sealed].concat();
        format!("v1.{}.{}", self.key.id(), URL_SAFE_NO_PAD.encode(data))
    }

    /// A secret of its own for `purpose`, equal wherever the same keys are: the one to use first, then those that went
    /// before, which may still be met.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Vec<String> {
        let keys = std::iter::once(&self.key).chain(&self.previous);
        let derived = keys.map(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("a key of any length will do");
            mac.update(purpose.as_bytes());
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        });
        derived.collect()
    }

    /// Opens what was sealed for the row that `identity` names.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn open(&self, identity: &str, sealed: &str) -> Result<Vec<u8>, SecretError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some("v1"), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SecretError::Malformed);
        };
        let key = self.key_of(id).ok_or_else(|| SecretError::WrongKey { needed: id.to_owned() })?;
        let data = URL_SAFE_NO_PAD.decode(data).map_err(|_| SecretError::Malformed)?;
        let (nonce, ciphertext) = data.split_at_checked(NONCE).ok_or(SecretError::Malformed)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SecretError::Malformed)?;
        let payload = Payload { msg: ciphertext, aad: identity.as_bytes() };
        cipher(key).decrypt(&XNonce::from(nonce), payload).map_err(|_| SecretError::Damaged)
    }
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(key.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new())
    }

    #[test]
    fn a_secret_opens_only_in_its_row() {
        let secrets = secrets();
        let sealed = secrets.seal("instances.password:de1", b"open sesame");
        assert_eq!(secrets.open("instances.password:de1", &sealed).unwrap(), b"open sesame");
        assert_eq!(secrets.open("instances.password:de2", &sealed), Err(SecretError::Damaged));
        assert!(!sealed.contains("sesame"));
    }

    #[test]
    fn another_key_is_named_and_a_previous_one_opens() {
        let old = secrets();
        let sealed = old.seal("x", b"plain");
        let needed = old.key.id();
        assert_eq!(secrets().open("x", &sealed), Err(SecretError::WrongKey { needed }));
        let new = Secrets::new(SecretKey::generate(&mut rand::rng()), vec![old.key]);
        assert_eq!(new.open("x", &sealed).unwrap(), b"plain");
    }

    #[test]
    fn what_is_derived_names_its_purpose_and_outlives_a_change_of_keys() {
        let old = secrets();
        let before = old.derive("webhook");
        assert_ne!(before, old.derive("other"));
        let new = Secrets::new(SecretKey::generate(&mut rand::rng()), vec![old.key]);
        assert_eq!(new.derive("webhook")[1..], before);
        assert_ne!(new.derive("webhook")[0], before[0]);
    }

    #[test]
    fn damage_is_noticed() {
        let secrets = secrets();
        let mut sealed = secrets.seal("x", b"plain");
        let last = sealed.pop().unwrap();
        sealed.push(if last == 'A' { 'Q' } else { 'A' });
        assert!(matches!(secrets.open("x", &sealed), Err(SecretError::Damaged | SecretError::Malformed)));
        for junk in ["", "v1", "v1..", "v2.00000000.AAAA", "plain text"] {
            assert!(secrets.open("x", junk).is_err(), "{junk}");
        }
    }
}
