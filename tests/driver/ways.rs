//! Ways to a panel: path prefixes, proxies, extra headers, other addresses.

use std::net::SocketAddr;

use karvan::domain::clock::SystemClock;
use karvan::domain::instance::Connection;
use karvan::panel::{Defaults, PanelError, Trouble, Warning, connect};
use sim::marzban::{Marzban, Options, Tls};

use crate::stub::{INBOUNDS, JSON, Kind, LOGIN, Proxy, Stub};
use crate::world::{CALL, PASSWORD, assert_applied, assert_stands, drive, instance, wanted, world, world_of};

fn address(panel: &Marzban) -> SocketAddr {
    let url = panel.url();
    url.rsplit_once('/').unwrap().1.parse().unwrap()
}

fn through(scheme: &str, proxy: &Proxy) -> Connection {
    Connection { proxy: Some(format!("{scheme}://{}", proxy.address)), ..Connection::default() }
}

#[tokio::test]
async fn a_panel_may_stand_behind_a_path() {
    let (panel, driver) =
        world_of(Options { path_prefix: "/secret-path".to_owned(), ..Options::default() }).await;
    let applied = driver.create(&wanted(1), CALL).await.unwrap();
    assert_applied(&applied, &wanted(1), true);
    assert_stands(&panel, &wanted(1));
    let link = applied.account.subscription_url.unwrap();
    assert!(link.starts_with(&format!("{}/sub/", panel.url())), "below the prefix");
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(&link).send().await.unwrap();
    assert_eq!(answer.status(), 200, "and it can be fetched there");

    let without = panel.url().replace("/secret-path", "");
    let error = drive(&without, Connection::default()).unwrap().check().await.unwrap_err();
    assert_eq!(error, PanelError::NotPanel(Trouble::Foreign(404)));
}

#[tokio::test]
async fn a_full_subscription_address_is_left_as_it_is() {
    let prefix = "https://sub.example.com".to_owned();
    let (_panel, driver) = world_of(Options { subscription_url_prefix: prefix, ..Options::default() }).await;
    let applied = driver.create(&wanted(1), CALL).await.unwrap();
    assert!(applied.account.subscription_url.unwrap().starts_with("https://sub.example.com/sub/"));
}

#[tokio::test]
async fn a_panel_is_reached_through_an_http_proxy() {
    let tls = Tls::self_signed_for(&["vpn1.example.com"]).unwrap();
    let (panel, _) = world_of(Options { tls: Some(tls.clone()), ..Options::default() }).await;
    let proxy = Proxy::start(Kind::Http, address(&panel)).await;
    let connection = Connection { ca_pem: Some(tls.certificate_pem), ..through("http", &proxy) };
    let driver = drive("https://vpn1.example.com:8000", connection).unwrap();
    driver.create(&wanted(1), CALL).await.unwrap();
    assert_stands(&panel, &wanted(1));
    assert!(
        proxy.asked().iter().all(|line| line == "CONNECT vpn1.example.com:8000 HTTP/1.1"),
        "{:?}",
        proxy.asked()
    );
}

#[tokio::test]
async fn a_panel_is_reached_through_a_socks5_proxy() {
    let (panel, _) = world().await;
    let proxy = Proxy::start(Kind::Socks5, address(&panel)).await;
    // The name is the proxy's to resolve.
    let driver = drive("http://vpn1.example.com:8000", through("socks5h", &proxy)).unwrap();
    driver.create(&wanted(1), CALL).await.unwrap();
    assert_stands(&panel, &wanted(1));
    assert!(proxy.asked().iter().all(|asked| asked == "vpn1.example.com:8000"), "{:?}", proxy.asked());
    assert_eq!(
        driver.inspect().await.unwrap().warnings,
        [Warning::PlainHttp],
        "the password crosses a network"
    );
    // Here the name is resolved first.
    let driver = drive("http://localhost:8000", through("socks5", &proxy)).unwrap();
    driver.check().await.unwrap();
    assert_eq!(proxy.asked().last().unwrap(), "127.0.0.1:8000");
}

#[tokio::test]
async fn panel_proxy_is_for_all_who_have_none_of_their_own() {
    let (panel, _) = world().await;
    let proxy = Proxy::start(Kind::Socks5, address(&panel)).await;
    let defaults = Defaults { panel_proxy: Some(format!("socks5h://{}", proxy.address)) };
    let with = |own: Option<&str>| {
        let connection = Connection { proxy: own.map(str::to_owned), ..Connection::default() };
        let instance = instance(&panel.url(), connection);
        connect(&instance, PASSWORD.into(), &defaults, std::sync::Arc::new(SystemClock), 7).unwrap()
    };
    with(Some("direct")).check().await.unwrap();
    assert!(proxy.asked().is_empty());
    with(None).check().await.unwrap();
    assert!(!proxy.asked().is_empty());
}

#[tokio::test]
async fn a_proxy_that_refuses_is_not_the_panels_failure() {
    let (panel, _) = world().await;
    let refused = PanelError::Unavailable(Trouble::Proxy);
    for (kind, scheme) in [(Kind::RefusingHttp, "http"), (Kind::RefusingSocks5, "socks5h")] {
        let proxy = Proxy::start(kind, address(&panel)).await;
        let driver = drive("https://vpn1.example.com:8000", through(scheme, &proxy)).unwrap();
        assert_eq!(driver.check().await.unwrap_err(), refused);
        assert_eq!(driver.create(&wanted(1), CALL).await.unwrap_err(), refused);
    }
    // Nobody at the proxy's port.
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let connection = Connection { proxy: Some(format!("http://{unused}")), ..Connection::default() };
    assert_eq!(drive("https://vpn1.example.com", connection).unwrap().check().await.unwrap_err(), refused);
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn extra_headers_go_with_every_request() {
    let stub = Stub::start(|line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/inbounds" => (200, JSON, INBOUNDS),
        _ => (404, JSON, r#"{"detail":"User not found"}"#),
    })
    .await;
    let headers = vec![
        ("CF-Access-Client-Id".to_owned(), "id".to_owned()),
        ("User-Agent".to_owned(), "own".to_owned()),
    ];
    let driver = drive(&stub.url(), Connection { headers, ..Connection::default() }).unwrap();
    assert_eq!(driver.get(&wanted(1).name, CALL).await, Ok(None));
    let seen = stub.seen();
    assert_eq!(seen.len(), 2);
    for request in &seen {
        assert_eq!(request.header("cf-access-client-id"), Some("id"));
        assert_eq!(request.header("user-agent"), Some("own"));
    }
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[1].header("authorization"), Some("Bearer e30.e30.c2ln"));
}

#[tokio::test]
async fn another_address_is_connected_to_in_the_panels_name() {
    let tls = Tls::self_signed_for(&["vpn1.example.com"]).unwrap();
    let (panel, _) = world_of(Options { tls: Some(tls.clone()), ..Options::default() }).await;
    let connection = Connection {
        connect_to: Some(address(&panel).to_string()),
        ca_pem: Some(tls.certificate_pem),
        ..Connection::default()
    };
    let driver = drive("https://vpn1.example.com:8000", connection).unwrap();
    driver.create(&wanted(1), CALL).await.unwrap();
    assert_stands(&panel, &wanted(1));

    // Without TLS the name is in the header only.
    let stub = Stub::start(|_| (401, JSON, r#"{"detail":"Incorrect username or password"}"#)).await;
    let connection = Connection { connect_to: Some(stub.address.to_string()), ..Connection::default() };
    let driver = drive("http://vpn1.example.com:8000/secret", connection).unwrap();
    assert_eq!(driver.check().await.unwrap_err(), PanelError::Unauthorised);
    let seen = stub.seen();
    assert_eq!(seen[0].line, "POST /secret/api/admin/token");
    assert_eq!(seen[0].header("host"), Some("vpn1.example.com:8000"));
}
