//! The prober against real sockets on this machine.

use std::net::SocketAddr;

use chrono::{TimeZone, Utc};
use rstest::rstest;
use sim::net::{Behind, Door, DoorFault, Tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::endpoint::endpoints_of;
use super::*;

const PLENTY: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

/// The endpoint that a VLESS link with these parameters names.
fn at(address: SocketAddr, parameters: &str) -> Endpoint {
    let link = format!("vless://b831381d-6324-4d53-ad4f-8cda48b30811@{address}?{parameters}");
    endpoints_of(&[link]).pop().unwrap()
}

const TLS: &str = "security=tls&sni=vpn.example";
const WS: &str = "type=ws&path=/ws&host=cdn.example";

fn tls() -> Behind {
    Behind::Tls(Tls::self_signed_for(&["vpn.example"]).unwrap())
}

fn ws() -> Behind {
    Behind::WebSocket { path: "/ws".to_owned(), tls: None }
}

async fn check(door: &Door, parameters: &str, timeout: Duration) -> Reached {
    NetProbe::new().endpoint(&at(door.address(), parameters), timeout).await
}

#[rstest]
#[case(Behind::Core, "security=none")]
#[case(tls(), TLS)]
#[case(tls(), "security=tls")]
#[case(tls(), "security=reality&sni=vpn.example&pbk=x")]
#[case(ws(), WS)]
#[case(ws(), "type=httpupgrade&path=/ws")]
#[case(ws(), "type=ws&path=/other")]
#[case(ws(), "type=xhttp&path=/ws")]
#[case(Behind::WebSocket { path: "/ws".to_owned(), tls: Some(Tls::self_signed().unwrap()) }, "type=ws&path=/ws&security=tls&sni=localhost")]
#[tokio::test]
async fn what_lives_answers(#[case] behind: Behind, #[case] parameters: &str) {
    let door = Door::open(behind).unwrap();
    let reached = check(&door, parameters, PLENTY).await;
    assert!(reached.is_yes(), "{reached:?}");
}

#[rstest]
#[tokio::test]
async fn what_is_dead_is_told_apart(
    #[values(("security=none", Behind::Core), (TLS, tls()), (WS, ws()))] kind: (&str, Behind),
) {
    let (parameters, behind) = kind;
    let talks = parameters != "security=none";
    let door = Door::open(behind).unwrap();
    door.set_fault(DoorFault::Refuse);
    assert_eq!(check(&door, parameters, PLENTY).await, Reached::Refused);
    door.set_fault(DoorFault::BlackHole);
    assert_eq!(check(&door, parameters, SHORT).await, Reached::Silent);
    if talks {
        door.set_fault(DoorFault::Silent);
        assert_eq!(check(&door, parameters, SHORT).await, Reached::Silent);
        door.set_fault(DoorFault::HangUp);
        assert_eq!(check(&door, parameters, PLENTY).await, Reached::Silent);
        door.set_fault(DoorFault::Slow(SHORT));
        let slow = check(&door, parameters, PLENTY).await;
        assert!(matches!(slow, Reached::Yes { took } if took >= SHORT), "{slow:?}");
    }
    door.set_fault(DoorFault::None);
    assert!(check(&door, parameters, PLENTY).await.is_yes());
}

#[tokio::test]
async fn a_living_network_in_front_of_a_dead_origin() {
    let origin = Door::open(ws()).unwrap();
    let front = Door::open(Behind::Cdn { to: origin.address(), tls: None }).unwrap();
    assert!(check(&front, WS, PLENTY).await.is_yes());
    origin.set_fault(DoorFault::Refuse);
    assert_eq!(check(&front, WS, PLENTY).await, Reached::OriginDead);
    origin.set_fault(DoorFault::None);
    for status in [502, 530] {
        front.set_fault(DoorFault::Status(status));
        assert_eq!(check(&front, WS, PLENTY).await, Reached::OriginDead);
    }
}

#[tokio::test]
async fn a_relay_takes_connections_for_the_dead() {
    let origin = Door::open(tls()).unwrap();
    let relay = Door::open(Behind::Relay { to: origin.address() }).unwrap();
    assert!(check(&relay, TLS, PLENTY).await.is_yes());
    origin.set_fault(DoorFault::Refuse);
    assert_eq!(check(&relay, TLS, PLENTY).await, Reached::Silent);
}

#[tokio::test]
async fn a_network_address_proves_nothing_by_an_open_port() {
    let door = Door::open(tls()).unwrap();
    let endpoint = Endpoint { behind_cdn: true, ..at(door.address(), TLS) };
    assert_eq!(NetProbe::new().endpoint(&endpoint, PLENTY).await, Reached::Odd("cdn"));
}

/// Answers whoever connects with these bytes.
async fn says(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 2_048]).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

#[tokio::test]
async fn another_program_is_odd() {
    let ssh = says(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    for parameters in [TLS, WS, "type=grpc&serviceName=s"] {
        let reached = NetProbe::new().endpoint(&at(ssh, parameters), PLENTY).await;
        assert!(matches!(reached, Reached::Odd("foreign" | "h2")), "{parameters}: {reached:?}");
    }
    // A TLS alert: unrecognised name (RFC 8446 §6.2).
    let picky = says(&[21, 3, 3, 0, 2, 2, 112]).await;
    assert_eq!(NetProbe::new().endpoint(&at(picky, TLS), PLENTY).await, Reached::Odd("tls"));
    let quic = at(ssh, "type=quic");
    assert_eq!(NetProbe::new().endpoint(&quic, PLENTY).await, Reached::Odd("udp"));
}

/// An HTTP/2 server that answers each call with `status`.
async fn calls(status: u16, tls: Option<tokio_rustls::TlsAcceptor>) -> SocketAddr {
    async fn answer(stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, status: u16) {
        let Ok(mut connection) = h2::server::handshake(stream).await else { return };
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            assert_eq!(request.uri().path(), "/s/Tun");
            assert_eq!(request.headers()["content-type"], "application/grpc");
            let response = http::Response::builder().status(status).body(()).unwrap();
            let _ = respond.send_response(response, true);
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let tls = tls.clone();
            tokio::spawn(async move {
                match tls {
                    None => answer(stream, status).await,
                    Some(tls) => answer(tls.accept(stream).await.unwrap(), status).await,
                }
            });
        }
    });
    address
}

fn acceptor() -> tokio_rustls::TlsAcceptor {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["vpn.example".to_owned()]).unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    config.alpn_protocols = vec![H2.to_vec()];
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn grpc_is_asked_in_http2() {
    let probe = NetProbe::new();
    for (tls, parameters) in [
        (None, "type=grpc&serviceName=s"),
        (Some(acceptor()), "type=grpc&serviceName=s&security=tls&sni=vpn.example"),
    ] {
        let alive = calls(200, tls.clone()).await;
        let reached = probe.endpoint(&at(alive, parameters), PLENTY).await;
        assert!(reached.is_yes(), "{reached:?}");
        let dead = calls(502, tls).await;
        assert_eq!(probe.endpoint(&at(dead, parameters), PLENTY).await, Reached::OriginDead);
    }
}

#[tokio::test]
async fn a_name_is_blamed_only_when_others_are_found() {
    let door = Door::open(Behind::Core).unwrap();
    let named = |name: &str| Endpoint { host: name.to_owned(), ..at(door.address(), "") };
    let probe = NetProbe::new();
    let gone = named("nowhere.invalid");
    assert_eq!(probe.endpoint(&gone, PLENTY).await, Reached::Local("dns"), "nothing was ever found");
    assert!(probe.endpoint(&named("localhost"), PLENTY).await.is_yes());
    assert_eq!(probe.endpoint(&gone, PLENTY).await, Reached::Silent, "another name is found");
}

#[tokio::test]
async fn anchors_answer_in_any_way() {
    let probe = NetProbe::new();
    let door = Door::open(ws()).unwrap();
    let address = door.address();
    for anchor in [format!("{address}"), format!("http://{address}/"), format!(" http://{address}/other ")] {
        assert!(probe.anchor(&anchor, PLENTY).await.is_yes(), "{anchor}");
    }
    // Its certificate is nobody's we trust: a page put in the anchor's place.
    let fake = Door::open(tls()).unwrap();
    let anchor = format!("https://localhost:{}/", fake.address().port());
    assert_eq!(probe.anchor(&anchor, PLENTY).await, Reached::Odd("tls"));
    door.set_fault(DoorFault::Refuse);
    assert_eq!(probe.anchor(&address.to_string(), PLENTY).await, Reached::Refused);
    for nonsense in ["", ":", "http://", "a:b", "https://:443"] {
        assert!(!probe.anchor(nonsense, SHORT).await.is_yes(), "{nonsense}");
    }
}

#[tokio::test]
async fn the_end_of_an_own_certificate_is_read() {
    let door = Door::open(Behind::Tls(Tls::self_signed_until(2031, 3, 1).unwrap())).unwrap();
    let probe = NetProbe::new();
    let ends_at = probe.certificate(&at(door.address(), TLS), PLENTY).await;
    assert_eq!(ends_at, Some(Utc.with_ymd_and_hms(2031, 3, 1, 0, 0, 0).unwrap()));
    let borrowed = at(door.address(), "security=reality&sni=vpn.example");
    assert_eq!(probe.certificate(&borrowed, PLENTY).await, None);
    door.set_fault(DoorFault::Refuse);
    assert_eq!(probe.certificate(&at(door.address(), TLS), PLENTY).await, None);
}

#[tokio::test]
async fn links_of_a_panel_lead_to_its_doors() {
    let panel = sim::marzban::Marzban::start(sim::marzban::Options::default()).await.unwrap();
    panel.open_doors().unwrap();
    panel.add_foreign_users(1);
    let links = || panel.user(&panel.usernames()[0]).unwrap().links;
    let probe = NetProbe::new();
    let vless = endpoints_of(&links()).pop().unwrap();
    assert!(probe.endpoint(&vless, PLENTY).await.is_yes());
    panel.kill_api();
    assert!(probe.endpoint(&vless, PLENTY).await.is_yes());
    panel.kill_core();
    assert_eq!(probe.endpoint(&vless, PLENTY).await, Reached::Refused, "a dead core listens nowhere");
    panel.restart_core();
    panel.kill_data();
    assert_eq!(probe.endpoint(&vless, PLENTY).await, Reached::Refused);
    panel.revive();
    assert!(probe.endpoint(&vless, PLENTY).await.is_yes());
    let relay = Door::open(Behind::Core).unwrap();
    for link in ["VLESS TCP REALITY", "Shadowsocks TCP"] {
        panel.set_host(link, "127.0.0.1", relay.address().port());
    }
    let shared = endpoints_of(&links());
    assert!(shared.iter().any(|endpoint| endpoint.port == relay.address().port()));
    panel.shutdown().await;
}

/// What a server does with each request, by its number on the connection.
type Script = fn(usize) -> Act;

enum Act {
    /// Answers and waits for the next.
    Says(String),
    /// Answers, and never again says a word.
    SaysAndFallsSilent(String),
    /// Answers, and closes.
    SaysAndCloses(String),
    Closes,
}

/// Answers every connection by a script.
async fn scripted(script: Script) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, script));
        }
    });
    address
}

/// The same behind TLS, as the site that REALITY borrows.
async fn scripted_site(script: Script) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(vec!["vpn.example".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    converse(stream, script).await;
                }
            });
        }
    });
    address
}

/// Answers each request on a connection by a script.
async fn converse(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, script: Script) {
    let mut bytes = Vec::new();
    for number in 0.. {
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                bytes.drain(..end + 4);
                break;
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let (text, more) = match script(number) {
            Act::Says(text) => (text, Some(true)),
            Act::SaysAndFallsSilent(text) => (text, Some(false)),
            Act::SaysAndCloses(text) => (text, None),
            Act::Closes => return,
        };
        // Whoever has read enough goes.
        if stream.write_all(text.as_bytes()).await.and(stream.flush().await).is_err() {
            return;
        }
        match more {
            Some(true) => {}
            Some(false) => std::future::pending().await,
            None => return,
        }
    }
}

fn small() -> String {
    "HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n404 page not found\n".to_owned()
}

/// An answer of 100 kB, of which so many come.
fn large(come: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{}", "x".repeat(come))
}

/// The greeting is the first request of a connection of its own, so it is answered as well.
#[rstest]
#[case::small_answers(|_| Act::Says(small()), true)]
#[case::chunks(|_| Act::Says("HTTP/1.1 404 N\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_owned()), true)]
#[case::no_body(|_| Act::Says("HTTP/1.1 204 N\r\n\r\n".to_owned()), true)]
#[case::a_large_one(|_| Act::Says(large(100_000)), true)]
#[case::closes_after_its_answer(|_| Act::SaysAndCloses(small()), false)]
#[case::closes_instead_of_the_second(|number| if number == 0 { Act::Says(small()) } else { Act::Closes }, false)]
#[case::an_end_that_is_the_close(|_| Act::SaysAndCloses("HTTP/1.0 200 OK\r\n\r\nhello".to_owned()), false)]
#[tokio::test]
async fn what_carries_is_well(#[case] script: Script, #[case] all: bool) {
    let carried = NetProbe::new().carry(&at(scripted(script).await, WS), PLENTY).await;
    assert!(carried.is_well() && !carried.is_failure(), "{carried:?}");
    assert_eq!(carried.word(), "ok");
    assert_eq!(carried.bytes >= carry::ENOUGH, all, "{carried:?}");
}

/// As a network does that counts what passes.
#[rstest]
#[case::in_the_middle_of_an_answer(|_| Act::SaysAndFallsSilent(large(16_000)))]
#[case::after_some_answers(|number| if number < 3 { Act::Says(small()) } else { Act::SaysAndFallsSilent(String::new()) })]
#[case::with_a_close_in_the_middle(|_| Act::SaysAndCloses(large(16_000)))]
#[tokio::test]
async fn what_is_cut_off_on_the_way_is_a_failure(#[case] script: Script) {
    let carried = NetProbe::new().carry(&at(scripted(script).await, WS), Duration::from_secs(6)).await;
    assert!(carried.cut && carried.reached.is_yes(), "{carried:?}");
    assert!(carried.is_failure() && !carried.is_well());
    assert_eq!(carried.word(), "stalled");
}

/// Who does not talk to strangers is judged by the greeting alone.
#[rstest]
#[case(Behind::Core, "security=none")]
#[case(tls(), TLS)]
#[case(tls(), "security=reality&sni=vpn.example&pbk=x")]
#[case(ws(), WS)]
#[tokio::test]
async fn what_says_nothing_to_strangers_is_not_cut_off(#[case] behind: Behind, #[case] parameters: &str) {
    let door = Door::open(behind).unwrap();
    let probe = NetProbe::new();
    let carried = probe.carry(&at(door.address(), parameters), Duration::from_secs(6)).await;
    assert!(carried.is_well(), "{carried:?}");
    door.set_fault(DoorFault::Refuse);
    let carried = probe.carry(&at(door.address(), parameters), Duration::from_secs(6)).await;
    assert_eq!((carried.word(), carried.is_failure()), ("refused", true));
}

/// Behind REALITY it is the borrowed site that answers.
#[tokio::test]
async fn reality_is_carried_with_the_site_behind_it() {
    const REALITY: &str = "security=reality&sni=vpn.example&pbk=x";
    let probe = NetProbe::new();
    let site = scripted_site(|_| Act::Says(large(100_000))).await;
    let carried = probe.carry(&at(site, REALITY), PLENTY).await;
    assert!(carried.is_well() && carried.bytes >= carry::ENOUGH, "{carried:?}");
    let cut = scripted_site(|_| Act::SaysAndFallsSilent(large(16_000))).await;
    let carried = probe.carry(&at(cut, REALITY), Duration::from_secs(6)).await;
    assert_eq!(carried.word(), "stalled", "{carried:?}");
}
