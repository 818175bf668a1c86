//! Self-signed certificates, as most panels have them.

use std::fmt;
use std::sync::Arc;

use anyhow::Context;
use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate with its key.
#[derive(Clone)]
pub struct Tls {
    /// The certificate in PEM, for a client that trusts it as its CA.
    pub certificate_pem: String,
    /// SHA-256 of the certificate in DER, lower-case hex without separators, for a client that pins it.
    pub fingerprint: String,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// Made out to `127.0.0.1` and `localhost`.
    ///
    /// # Errors
    /// When the key or the certificate cannot be made.
    pub fn self_signed() -> anyhow::Result<Self> {
        Self::self_signed_for(&["127.0.0.1", "localhost"])
    }

    /// Made out to the given names and addresses: a wrong name is a way to fail, too.
    ///
    /// # Errors
    /// When a name is not one, or the certificate cannot be made.
    pub fn self_signed_for(names: &[&str]) -> anyhow::Result<Self> {
        Self::signed(&Self::params(names)?)
    }

    /// Valid until the beginning of the given day, which may be past.
    ///
    /// # Errors
    /// When the certificate cannot be made.
    pub fn self_signed_until(year: i32, month: u8, day: u8) -> anyhow::Result<Self> {
        let mut params = Self::params(&["127.0.0.1", "localhost"])?;
        params.not_after = rcgen::date_time_ymd(year, month, day);
        Self::signed(&params)
    }

    fn params(names: &[&str]) -> anyhow::Result<CertificateParams> {
        let names = names.iter().map(ToString::to_string).collect::<Vec<_>>();
        CertificateParams::new(names).context("a subject name is not valid")
    }

    fn signed(params: &CertificateParams) -> anyhow::Result<Self> {
        let key = KeyPair::generate().context("could not make a key")?;
        let certificate = params.self_signed(&key).context("could not sign the certificate")?;
        let fingerprint = Sha256::digest(certificate.der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            fingerprint: fingerprint.iter().map(|byte| format!("{byte:02x}")).collect(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}
