//! Who is trusted with the password, and who is not.

use std::net::SocketAddr;

use karvan::domain::instance::Connection;
use karvan::panel::{PanelError, Trouble};
use sim::marzban::{Marzban, Options, Tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::stub::{ClientAuthority, INBOUNDS, JSON, LOGIN, Stub, impostor, own_authority, self_made};
use crate::world::{CALL, assert_stands, drive, wanted};

const UNTRUSTED: PanelError = PanelError::Unavailable(Trouble::Certificate);

async fn panel_with(tls: &Tls) -> Marzban {
    Marzban::start(Options { tls: Some(tls.clone()), ..Options::default() }).await.unwrap()
}

fn pinned(fingerprint: &str) -> Connection {
    Connection { fingerprint: Some(fingerprint.to_owned()), ..Connection::default() }
}

fn trusting(pem: &str) -> Connection {
    Connection { ca_pem: Some(pem.to_owned()), ..Connection::default() }
}

/// A small panel that only ever finds no account.
async fn stub(tls: tokio_rustls::TlsAcceptor) -> (Stub, String) {
    let stub = Stub::start_tls(tls, |line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/inbounds" => (200, JSON, INBOUNDS),
        _ => (404, JSON, r#"{"detail":"User not found"}"#),
    })
    .await;
    let url = format!("https://127.0.0.1:{}", stub.address.port());
    (stub, url)
}

#[tokio::test]
async fn a_self_signed_panel_is_refused() {
    let panel = panel_with(&Tls::self_signed().unwrap()).await;
    let driver = drive(&panel.url(), Connection::default()).unwrap();
    assert_eq!(driver.check().await.unwrap_err(), UNTRUSTED);
    assert!(panel.requests().is_empty(), "the password was not sent");
}

#[tokio::test]
async fn a_pinned_certificate_is_trusted_whatever_name_it_bears() {
    let tls = Tls::self_signed_for(&["another.example"]).unwrap();
    let panel = panel_with(&tls).await;
    let upper = tls.fingerprint.to_ascii_uppercase();
    let colons: Vec<&str> = (0..32).map(|byte| &upper[2 * byte..2 * byte + 2]).collect();
    for fingerprint in [tls.fingerprint.clone(), colons.join(":")] {
        let driver = drive(&panel.url(), pinned(&fingerprint)).unwrap();
        driver.create(&wanted(1), CALL).await.unwrap();
        assert_stands(&panel, &wanted(1));
    }
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused() {
    let other = Tls::self_signed().unwrap();
    let panel = panel_with(&Tls::self_signed().unwrap()).await;
    let driver = drive(&panel.url(), pinned(&other.fingerprint)).unwrap();
    assert_eq!(driver.check().await.unwrap_err(), UNTRUSTED);
    // A pin is not one more way in: what an authority signed is refused, too.
    let (pem, tls) = own_authority("127.0.0.1");
    let (stub, url) = stub(tls).await;
    let both = Connection { ca_pem: Some(pem), ..pinned(&other.fingerprint) };
    assert_eq!(drive(&url, both).unwrap().check().await.unwrap_err(), UNTRUSTED);
    assert!(panel.requests().is_empty() && stub.seen().is_empty());
}

/// Certificates are public. Whoever shows the right one without its key must not get the password.
#[tokio::test]
async fn a_stolen_certificate_without_its_key_is_refused() {
    let tls = Tls::self_signed().unwrap();
    let certificate = rustls_pemfile::certs(&mut tls.certificate_pem.as_bytes()).next().unwrap().unwrap();
    let (stub, url) = stub(impostor(&certificate)).await;
    for connection in [pinned(&tls.fingerprint), trusting(&tls.certificate_pem)] {
        let error = drive(&url, connection).unwrap().get(&wanted(1).name, CALL).await.unwrap_err();
        assert_eq!(error, UNTRUSTED);
    }
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn an_own_authority_is_trusted_for_the_right_name() {
    let (pem, tls) = own_authority("127.0.0.1");
    let (_stub, url) = stub(tls).await;
    assert_eq!(drive(&url, trusting(&pem)).unwrap().get(&wanted(1).name, CALL).await, Ok(None));
    let (pem, tls) = own_authority("another.example");
    let (_stub, url) = stub(tls).await;
    assert_eq!(drive(&url, trusting(&pem)).unwrap().get(&wanted(1).name, CALL).await, Err(UNTRUSTED));
}

/// What people paste as "the CA" is often the panel's own certificate, which calls itself an authority.
#[tokio::test]
async fn the_panels_own_certificate_may_be_given_as_the_authority() {
    let (pem, tls) = self_made("127.0.0.1");
    let (_stub, url) = stub(tls).await;
    assert_eq!(drive(&url, trusting(&pem)).unwrap().get(&wanted(1).name, CALL).await, Ok(None));
    let (other, _) = self_made("127.0.0.1");
    assert_eq!(drive(&url, trusting(&other)).unwrap().get(&wanted(1).name, CALL).await, Err(UNTRUSTED));
}

/// Behind a front, the name that TLS asks for is another than the panel's own; the panel still reads its own `Host`.
#[tokio::test]
async fn another_name_may_be_asked_for() {
    let (pem, tls) = own_authority("front.example");
    let (stub, url) = stub(tls).await;
    let plain = trusting(&pem);
    assert_eq!(drive(&url, plain.clone()).unwrap().get(&wanted(1).name, CALL).await, Err(UNTRUSTED));
    let fronted = Connection { sni: Some("front.example".to_owned()), ..plain.clone() };
    assert_eq!(drive(&url, fronted.clone()).unwrap().get(&wanted(1).name, CALL).await, Ok(None));
    let other = Connection { sni: Some("other.example".to_owned()), ..plain };
    assert_eq!(drive(&url, other).unwrap().get(&wanted(1).name, CALL).await, Err(UNTRUSTED));
    // With another address to connect to as well.
    let moved = Connection { connect_to: Some(stub.address.to_string()), ..fronted.clone() };
    let driver = drive("https://panel.example", moved).unwrap();
    assert_eq!(driver.get(&wanted(1).name, CALL).await, Ok(None));
    for url in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
        let odd = Connection { sni: Some("no name/".to_owned()), ..fronted.clone() };
        assert!(matches!(drive(url, odd).err(), Some(PanelError::Settings(_))), "{url}");
    }
    let through = Connection { proxy: Some("socks5://127.0.0.1:1".to_owned()), ..fronted };
    assert!(matches!(drive(&url, through).err(), Some(PanelError::Settings(_))));
}

/// A gate that asks for a certificate lets us through with the right one only.
#[tokio::test]
async fn a_certificate_is_shown_to_a_gate_that_asks() {
    let authority = ClientAuthority::new();
    let (pem, tls) = authority.gate("127.0.0.1");
    let (_stub, url) = stub(tls).await;
    let without = trusting(&pem);
    assert!(drive(&url, without.clone()).unwrap().get(&wanted(1).name, CALL).await.is_err());
    let with = Connection { client_pem: Some(authority.client_pem()), ..without.clone() };
    assert_eq!(drive(&url, with).unwrap().get(&wanted(1).name, CALL).await, Ok(None));
    let stranger = Connection { client_pem: Some(ClientAuthority::new().client_pem()), ..without.clone() };
    assert!(drive(&url, stranger).unwrap().get(&wanted(1).name, CALL).await.is_err());
    for broken in ["", "no PEM", &pem] {
        let broken = Connection { client_pem: Some(broken.to_owned()), ..without.clone() };
        assert!(matches!(drive(&url, broken).err(), Some(PanelError::Settings(_))));
    }
}

#[tokio::test]
async fn the_wrong_scheme_is_told_as_no_panel() {
    let garbled = PanelError::NotPanel(Trouble::Garbled);
    let plain = bad_request().await;
    let driver = drive(&format!("https://{plain}"), Connection::default()).unwrap();
    assert_eq!(driver.check().await.unwrap_err(), garbled, "https to a plain port");
    let panel = panel_with(&Tls::self_signed().unwrap()).await;
    let driver = drive(&panel.url().replace("https:", "http:"), Connection::default()).unwrap();
    assert_eq!(driver.check().await.unwrap_err(), garbled, "http to a TLS port");
}

/// What a web server answers to what it takes for an unreadable request.
async fn bad_request() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 1024];
            if stream.read(&mut hello).await.is_ok() {
                stream
                    .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\nInvalid HTTP request received.")
                    .await
                    .unwrap();
            }
        }
    });
    address
}
