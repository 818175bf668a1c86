//! Whom a panel's TLS connection trusts.
//!
//! Panels often show a self-signed certificate. There is no switch that turns verification off: such a panel is trusted
//! by its certificate's fingerprint, or by the certificate itself given as `ca_pem`, and whoever shows another one is
//! refused before a byte of the login is sent.

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::PanelError;
use crate::domain::Timestamp;
use crate::domain::instance::Connection;

/// The TLS settings of one panel. HTTP/1.1 only: Marzban speaks nothing else, and a call then has a connection of its
/// own, which is what "drop it after a 5xx" needs.
///
/// # Errors
/// [`PanelError::Settings`] when a certificate, the fingerprint or the key cannot be read.
pub(super) fn client_config(connection: &Connection, seen: Seen) -> Result<ClientConfig, PanelError> {
    let trust = Arc::new(Trust::of(connection, &PROVIDER, seen)?);
    let config = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER))
        .with_safe_default_protocol_versions()
        .expect("ring knows the default protocol versions")
        .dangerous()
        .with_custom_certificate_verifier(trust);
    // One panel has one name; room for the 256 that rustls reckons with would cost each of a large fleet 150 kB.
    let few = |mut config: ClientConfig| {
        config.resumption = Resumption::in_memory_sessions(4);
        config
    };
    let Some(pem) = &connection.client_pem else { return Ok(few(config.with_no_client_auth())) };
    let unusable = || {
        PanelError::Settings(
            "the certificate to show needs a certificate and its private key in PEM".to_owned(),
        )
    };
    let chain = rustls_pemfile::certs(&mut pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(unusable)?;
    let key = rustls_pemfile::private_key(&mut pem.as_bytes()).ok().flatten().ok_or_else(unusable)?;
    config.with_client_auth_cert(chain, key).map(few).map_err(|_| unusable())
}

static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// The public authorities, for all panels without one of their own.
static PUBLIC: LazyLock<Arc<WebPkiServerVerifier>> = LazyLock::new(|| {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    verifier(roots, &PROVIDER)
});

fn verifier(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Arc<WebPkiServerVerifier> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .expect("the public authorities are not empty")
}

/// Trusts certificates by their SHA-256, and by authorities.
struct Trust {
    /// SHA-256 of certificates that are trusted whoever signed them and whatever name they bear: each names one key.
    pins: Vec<[u8; 32]>,
    /// The public authorities and the operator's own; `None` with a pinned fingerprint, which then alone counts.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
    seen: Seen,
}

/// When the certificate ends that was shown last, trusted or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<Timestamp>>>);

impl Seen {
    pub(super) fn ends_at(&self) -> Option<Timestamp> {
        *self.0.lock().expect("no holder of this lock can panic")
    }

    pub(super) fn note(&self, certificate: &CertificateDer<'_>) {
        if let Some(ends_at) = ends_at(certificate) {
            *self.0.lock().expect("no holder of this lock can panic") = Some(ends_at);
        }
    }
}

/// When a certificate ends; `None` when it cannot be read.
pub(super) fn ends_at(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Timestamp::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}

impl Trust {
    fn of(connection: &Connection, provider: &Arc<CryptoProvider>, seen: Seen) -> Result<Self, PanelError> {
        let algorithms = provider.signature_verification_algorithms;
        if let Some(fingerprint) = &connection.fingerprint {
            return Ok(Self {
                pins: vec![parse_fingerprint(fingerprint)?],
                authorities: None,
                algorithms,
                seen,
            });
        }
        let Some(pem) = &connection.ca_pem else {
            let authorities = Some(Arc::clone(&PUBLIC));
            return Ok(Self { pins: Vec::new(), authorities, algorithms, seen });
        };
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // A certificate pasted as CA is often the panel's own, self-signed one. webpki refuses an authority that
        // stands as a server itself, so it is also a pin.
        let mut pins = Vec::new();
        let unreadable = || PanelError::Settings("the CA certificate is no PEM certificate".to_owned());
        for certificate in rustls_pemfile::certs(&mut pem.as_bytes()) {
            let certificate = certificate.map_err(|_| unreadable())?;
            pins.push(Sha256::digest(&certificate).into());
            roots.add(certificate).map_err(|_| unreadable())?;
        }
        if pins.is_empty() {
            return Err(unreadable());
        }
        Ok(Self { pins, authorities: Some(verifier(roots, provider)), algorithms, seen })
    }

    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let shown: [u8; 32] = Sha256::digest(certificate).into();
        self.pins.iter().fold(Choice::from(0), |found, pin| found | pin.ct_eq(&shown)).into()
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.seen.note(end_entity);
        if self.is_pinned(end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        match &self.authorities {
            Some(authorities) => {
                authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            None => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    // The certificate is public: only the signature proves that the other side holds its key.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust(…)")
    }
}

/// A SHA-256 as `openssl x509 -fingerprint -sha256` or a browser prints it: hex of either case, with or without colons
/// or spaces.
fn parse_fingerprint(text: &str) -> Result<[u8; 32], PanelError> {
    let invalid =
        || PanelError::Settings("a fingerprint has 64 hex digits: the certificate's SHA-256".to_owned());
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()
        .ok_or_else(invalid)?;
    if digits.len() != 64 {
        return Err(invalid());
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_as_tools_print_them() {
        let plain = "00ff".repeat(16);
        let colons = "00:FF:".repeat(16);
        assert_eq!(parse_fingerprint(&plain), parse_fingerprint(colons.trim_end_matches(':')));
        assert_eq!(parse_fingerprint(&plain).unwrap()[..2], [0x00, 0xff]);
        for wrong in ["", "00ff", &"zz".repeat(32), &"é".repeat(64)] {
            assert!(parse_fingerprint(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_ca_that_is_none_is_refused() {
        let with = |pem: &str| Connection { ca_pem: Some(pem.to_owned()), ..Connection::default() };
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "not a certificate", garbage] {
            assert!(
                matches!(client_config(&with(pem), Seen::default()), Err(PanelError::Settings(_))),
                "{pem}"
            );
        }
        assert!(client_config(&Connection::default(), Seen::default()).is_ok());
    }
}
