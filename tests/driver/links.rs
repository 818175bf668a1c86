//! What users' apps fetch: `/sub/<token>`, asked for in their name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karvan::domain::instance::Connection;
use karvan::panel::{Panel, PanelError, Subscription, Trouble};
use sim::marzban::{Fault, Marzban, Matcher, Options};
use std::time::Duration;

use crate::stub::{HTML, Stub};
use crate::world::{CALL, drive, limited, logins, wanted, world, world_of};

const SOON: Duration = Duration::from_millis(500);
const AGENT: &str = "v2rayNG/1.9.5";

/// A panel with an account, and the link that it writes for the world: a name that leads nowhere from here.
async fn linked(options: Options) -> (Marzban, std::sync::Arc<dyn Panel>, String) {
    let (panel, driver) = world_of(options).await;
    driver.create(&limited(1), CALL).await.unwrap();
    panel.set_subscription_url_prefix("https://nowhere.invalid/some/where");
    let link = panel.user(limited(1).name.as_str()).unwrap().subscription_url;
    assert!(link.starts_with("https://nowhere.invalid/some/where/sub/"), "{link}");
    (panel, driver, link)
}

fn text(answer: &Subscription) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

fn kind(answer: &Subscription) -> &str {
    answer.content_type.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn each_app_gets_its_format_from_the_panel_itself() {
    let (panel, driver, link) =
        linked(Options { path_prefix: "/secret".to_owned(), ..Options::default() }).await;
    let uuid = limited(1).credentials.uuid.to_string();
    let before = logins(&panel);
    let fetch = async |agent: &str| driver.subscription(&link, agent, SOON).await.unwrap();

    let links = fetch(AGENT).await;
    let plain = String::from_utf8(STANDARD.decode(&links.body).unwrap()).unwrap();
    assert!(plain.lines().any(|line| line.starts_with("vless://") && line.contains(&uuid)), "{plain}");
    assert!(kind(&links).starts_with("text/plain"), "{links:?}");
    for agent in ["clash-verge/v2.0.0", "FlClash/0.8"] {
        let yaml = fetch(agent).await;
        assert!(kind(&yaml).starts_with("text/yaml"), "{agent}");
        assert!(text(&yaml).contains("proxies:") && text(&yaml).contains(&uuid), "{agent}");
    }
    let json = fetch("SFA/1.11.0 (Build 1)").await;
    assert_eq!(kind(&json), "application/json");
    let json: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert!(json["outbounds"].as_array().is_some_and(|outbounds| !outbounds.is_empty()), "{json}");
    assert_eq!(logins(&panel), before, "links need no login");
}

#[tokio::test]
async fn only_what_apps_need_of_the_panels_headers_is_handed_on() {
    const SAID: &str = "content-type: text/plain; charset=utf-8\r\nrouting: {\"a\":1}\r\nrouting-enable: true\r\n\
        profile-title: base64:U3Vic2NyaXB0aW9u\r\nprofile-web-page-url: https://panel.example/sub/secret\r\n\
        subscription-userinfo: upload=0; download=1; total=2; expire=3\r\nsupport-url: https://t.me/panel\r\n\
        server: uvicorn\r\nset-cookie: a=b\r\n";
    let stub = Stub::start(|_| (200, SAID, "dmxlc3M6Ly94")).await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    let got = driver.subscription("https://panel.example/sub/secret", AGENT, SOON).await.unwrap();
    let kept: Vec<(&str, &str)> =
        got.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(kept, [("routing", "{\"a\":1}"), ("routing-enable", "true")]);
    assert_eq!((kind(&got), text(&got)), ("text/plain; charset=utf-8", "dmxlc3M6Ly94"));
    let seen = &stub.seen()[0];
    assert_eq!((seen.line.as_str(), seen.header("user-agent")), ("GET /sub/secret", Some(AGENT)));
    assert_eq!(seen.header("authorization"), None, "nobody's login goes with a user's link");
}

#[tokio::test]
async fn a_link_that_is_none_is_none() {
    let (panel, driver, link) = linked(Options::default()).await;
    let fetch = async |link: &str| driver.subscription(link, AGENT, SOON).await.unwrap_err();
    for wrong in [
        "https://nowhere.invalid/sub/bm9ib2R5LDE3MDAwMDAwMDAabcdefghij",
        "https://nowhere.invalid/sub",
        "no link",
    ] {
        assert_eq!(fetch(wrong).await, PanelError::NotFound, "{wrong}");
    }
    panel.delete_user(limited(1).name.as_str());
    assert_eq!(fetch(&link).await, PanelError::NotFound);
}

#[tokio::test]
async fn half_a_list_of_keys_is_none() {
    let (panel, driver, link) = linked(Options::default()).await;
    panel.set_fault_for(Matcher::path("/sub/"), Fault::TruncatedBody);
    let error = driver.subscription(&link, AGENT, SOON).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Garbled));
    let token = link.rsplit('/').next().unwrap();
    assert!(!format!("{error:?} {error}").contains(token), "{error:?}");
}

#[tokio::test]
async fn a_slow_panel_is_waited_for_so_long_and_no_longer() {
    let (panel, driver, link) = linked(Options::default()).await;
    for fault in [Fault::Slow(Duration::from_secs(60)), Fault::HoldAck, Fault::BlackHole] {
        panel.set_fault_for(Matcher::path("/sub/"), fault.clone());
        let fetched = tokio::time::timeout(20 * SOON, driver.subscription(&link, AGENT, SOON)).await;
        let error = fetched.expect("the time-out holds").unwrap_err();
        assert_eq!(error, PanelError::Unclear(Trouble::Timeout), "{fault:?}");
    }
    panel.set_fault_for(Matcher::path("/sub/"), Fault::Slow(Duration::from_millis(50)));
    driver.subscription(&link, AGENT, 20 * SOON).await.unwrap();
}

#[tokio::test]
async fn a_page_in_place_of_keys_is_never_taken_for_them() {
    let (panel, driver, link) = linked(Options::default()).await;
    panel.set_fault_for(Matcher::path("/sub/"), Fault::NotThePanel);
    let error = driver.subscription(&link, AGENT, SOON).await.unwrap_err();
    assert_eq!(error, PanelError::NotPanel(Trouble::Foreign(200)));
    panel.set_fault_for(Matcher::path("/sub/"), Fault::HtmlChallenge);
    let error = driver.subscription(&link, AGENT, SOON).await.unwrap_err();
    assert!(error != PanelError::NotFound && error != PanelError::Unauthorised, "{error:?}");
    // One that answers with the right words and the wrong kind.
    let stub = Stub::start(|_| (200, HTML, "<html>dmxlc3M6Ly94</html>")).await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    let error = driver.subscription(&link, AGENT, SOON).await.unwrap_err();
    assert_eq!(error, PanelError::NotPanel(Trouble::Foreign(200)));
}

#[tokio::test]
async fn a_connection_that_was_just_closed_costs_nothing() {
    let (panel, driver) = world().await;
    driver.create(&wanted(1), CALL).await.unwrap();
    let link = format!("https://x.invalid{}", panel.user(wanted(1).name.as_str()).unwrap().subscription_url);
    for _ in 0..5 {
        driver.subscription(&link, AGENT, 10 * SOON).await.unwrap();
        panel.cut_connections();
    }
}
