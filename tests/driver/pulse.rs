//! Quick looks, and the certificate they show.

use std::time::{Duration, Instant};

use karvan::domain::instance::Connection;
use karvan::panel::{Defaults, PanelError, Trouble, connect};
use sim::marzban::{Fault, Matcher, Options, Tls};

use crate::world::{CALL, PASSWORD, count, drive, instance, logins, moment, until, wanted, world, world_of};

const PLENTY: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_quick_look_sees_the_core() {
    let (panel, driver) = world().await;
    let pulse = driver.pulse(PLENTY).await.unwrap();
    assert_eq!(pulse.core_started, Some(true));
    assert!(!pulse.took.is_zero());
    panel.set_core(false);
    assert_eq!(driver.pulse(PLENTY).await.unwrap().core_started, Some(false));
    assert_eq!((count(&panel, "GET", "/api/core"), logins(&panel)), (2, 1));
}

#[tokio::test]
async fn a_login_that_is_no_owner_may_look_quickly() {
    let (panel, _) = world().await;
    panel.add_admin("helper", PASSWORD, false);
    let mut described = instance(&panel.url(), Connection::default());
    described.username = "helper".to_owned();
    let clock = std::sync::Arc::new(karvan::domain::clock::SystemClock);
    let driver = connect(&described, PASSWORD.into(), &Defaults::default(), clock, 7).unwrap();
    assert_eq!(driver.pulse(PLENTY).await.unwrap().core_started, Some(true));
}

#[tokio::test]
async fn work_in_flight_does_not_hold_up_a_quick_look() {
    let (panel, driver) = world().await;
    driver.pulse(PLENTY).await.unwrap();
    panel.set_fault_for(Matcher::new("POST", "/api/user"), Fault::HoldAck);
    let calls: Vec<_> = (1..=8)
        .map(|number| {
            let driver = driver.clone();
            tokio::spawn(async move { driver.create(&wanted(number), CALL).await })
        })
        .collect();
    until("all eight are under way", || count(&panel, "POST", "/api/user") == 8).await;
    assert!(driver.pulse(PLENTY).await.is_ok());
    panel.heal();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_quick_look_is_over_a_connection_of_its_own() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    // A panel whose port is closed looks alive over a connection that is still open.
    panel.set_fault(Fault::Refuse);
    assert_eq!(driver.pulse(PLENTY).await.unwrap_err(), PanelError::Unavailable(Trouble::Refused));
    panel.set_fault(Fault::BlackHole);
    let begun = Instant::now();
    assert_eq!(driver.pulse(SHORT).await.unwrap_err(), PanelError::Unclear(Trouble::Timeout));
    assert!(begun.elapsed() < PLENTY);
    panel.heal();
    assert!(driver.pulse(PLENTY).await.is_ok());
    panel.set_admin_password("another");
    assert_eq!(driver.pulse(PLENTY).await.unwrap_err(), PanelError::Unauthorised);
}

#[tokio::test]
async fn the_mouth_of_our_own_tunnel_is_not_the_panel() {
    let (panel, _) = world().await;
    let connect_to = panel.url().strip_prefix("http://").map(str::to_owned);
    let tunnelled = Connection { connect_to, ..Connection::default() };
    let driver = drive("http://vpn1.example.com:8000", tunnelled).unwrap();
    assert!(driver.pulse(PLENTY).await.is_ok());
    panel.set_fault(Fault::Refuse);
    assert_eq!(driver.pulse(PLENTY).await.unwrap_err(), PanelError::Unavailable(Trouble::Proxy));
}

#[tokio::test]
async fn the_end_of_the_certificate_is_noted() {
    let tls = Tls::self_signed_until(2031, 3, 1).unwrap();
    let (panel, _) = world_of(Options { tls: Some(tls.clone()), ..Options::default() }).await;
    let trusted = Connection { fingerprint: Some(tls.fingerprint), ..Connection::default() };
    let driver = drive(&panel.url(), trusted).unwrap();
    assert_eq!(driver.certificate_ends_at(), None, "nothing was shown yet");
    driver.pulse(PLENTY).await.unwrap();
    assert_eq!(driver.certificate_ends_at(), Some(moment("2031-03-01T00:00:00Z")));
    // Noted also when it is not trusted, as one that has ended.
    let stranger = drive(&panel.url(), Connection::default()).unwrap();
    assert_eq!(stranger.pulse(PLENTY).await.unwrap_err(), PanelError::Unavailable(Trouble::Certificate));
    assert_eq!(stranger.certificate_ends_at(), Some(moment("2031-03-01T00:00:00Z")));
    let (plain, driver) = world().await;
    driver.pulse(PLENTY).await.unwrap();
    assert_eq!((driver.certificate_ends_at(), plain.fault()), (None, Fault::None));
}
