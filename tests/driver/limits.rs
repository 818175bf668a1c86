//! Few at a time, and no connection that may be dead.

use std::time::Duration;

use futures::future::join_all;
use karvan::domain::instance::Connection;
use karvan::panel::{Call, PanelError, Trouble};
use sim::marzban::{Fault, Matcher, Options, Tls};

use crate::stub::{HTML, JSON, LOGIN, Stub};
use crate::world::{CALL, SHORT, assert_stands, drive, logins, until, wanted, world, world_of};

#[tokio::test]
async fn at_most_eight_are_in_flight() {
    let (panel, driver) = world().await;
    panel.set_fault(Fault::Slow(Duration::from_millis(10)));
    let accounts: Vec<_> = (0..100).map(wanted).collect();
    let results = join_all(accounts.iter().map(|account| driver.create(account, CALL))).await;
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|applied| applied.settled)));
    assert_eq!(panel.in_flight_peak(), 8, "all eight, and never more");
    assert_eq!((panel.usernames().len(), logins(&panel)), (100, 1));
}

#[tokio::test]
async fn who_cannot_have_a_place_in_time_is_told_so() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.set_fault_for(Matcher::new("DELETE", "/api/user"), Fault::HoldAck);
    let names: Vec<_> = (0..8).map(|number| wanted(number).name).collect();
    let held = names.iter().map(|name| driver.delete(name, CALL));
    let ninth = async {
        until("eight are in flight", || {
            panel.requests().iter().filter(|r| r.method == "DELETE").count() == 8
        })
        .await;
        let error = driver.get(&wanted(9).name, SHORT).await.unwrap_err();
        panel.heal();
        error
    };
    let (held, error) = tokio::join!(join_all(held), ninth);
    assert_eq!(error, PanelError::Unavailable(Trouble::Busy));
    assert!(held.iter().all(|result| result.as_ref().is_ok_and(|deleted| deleted.settled)));
}

/// Here the server keeps the connection open, so that using it again would work, and would be seen.
#[tokio::test]
async fn no_connection_is_used_after_a_5xx() {
    let stub = Stub::start(|line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/user/kab23cd121" => (500, HTML, "Internal Server Error"),
        _ => (404, JSON, r#"{"detail":"User not found"}"#),
    })
    .await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    for number in [1, 1, 2, 1, 1, 2, 2, 1] {
        let outcome = driver.get(&wanted(number).name, CALL).await;
        assert_eq!(outcome.is_err(), number == 2);
    }
    let connections: Vec<_> = stub.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 0, 0, 1, 1, 1, 2, 3], "the login and eight reads");
}

/// The panel hangs up after each 5xx without a word. On a connection used again the next request would be cut, which
/// is another doubt and another read.
#[tokio::test]
async fn many_5xx_leave_no_cut_and_no_account_undone() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.set_fault_for(Matcher::path("/api/user"), Fault::Errors { percent: 20, status: 500, seed: 3 });
    let mut failures = 0;
    for number in 0..50 {
        let account = wanted(number);
        let applied = loop {
            match driver.create(&account, CALL).await {
                Ok(applied) => break applied,
                Err(error) => {
                    assert_eq!(error, PanelError::Unclear(Trouble::Server(500)), "and never a cut");
                    failures += 1;
                }
            }
        };
        assert!(applied.account.is_as(&account));
        assert_stands(&panel, &account);
    }
    assert!(failures > 0, "the fault was met");
    assert_eq!(panel.usernames().len(), 50);
}

/// A panel that restarts cuts all idle connections: a read goes on over a fresh one.
#[tokio::test]
async fn a_read_survives_a_connection_that_died_while_idle() {
    let (panel, driver) = world().await;
    driver.create(&wanted(1), CALL).await.unwrap();
    for _ in 0..20 {
        panel.cut_connections();
        assert!(driver.get(&wanted(1).name, CALL).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn nobody_listening_is_certainly_not_executed() {
    let (panel, driver) = world().await;
    driver.create(&wanted(1), CALL).await.unwrap();
    panel.set_fault(Fault::Refuse);
    let refused = PanelError::Unavailable(Trouble::Refused);
    assert_eq!(driver.check().await.unwrap_err(), refused);
    assert_eq!(driver.create(&wanted(2), CALL).await.unwrap_err(), refused);
    assert_eq!(driver.delete(&wanted(1).name, CALL).await.unwrap_err(), refused);
    assert!(refused.is_settled());
    panel.heal();
    assert_stands(&panel, &wanted(1));
}

#[tokio::test]
async fn a_reset_is_a_doubt() {
    let (panel, driver) = world().await;
    driver.create(&wanted(1), CALL).await.unwrap();
    panel.set_fault(Fault::Reset);
    assert_eq!(driver.delete(&wanted(1).name, CALL).await.unwrap_err(), PanelError::Unclear(Trouble::Cut));
}

#[tokio::test]
async fn silence_after_sending_is_a_doubt_and_before_it_is_none() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.set_fault(Fault::BlackHole);
    let error = driver.delete(&wanted(1).name, SHORT).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Timeout));

    // Without a handshake nothing can have been sent. The connection is given 4 s of the call's 15.
    let tls = Tls::self_signed().unwrap();
    let fingerprint = Some(tls.fingerprint.clone());
    let (panel, _) = world_of(Options { tls: Some(tls), ..Options::default() }).await;
    let driver = drive(&panel.url(), Connection { fingerprint, ..Connection::default() }).unwrap();
    driver.check().await.unwrap();
    panel.set_fault_for(Matcher::path("/api/user"), Fault::Errors { percent: 100, status: 500, seed: 1 });
    driver.get(&wanted(1).name, CALL).await.unwrap_err(); // no connection is left open
    panel.heal();
    panel.set_fault(Fault::BlackHole);
    let error = driver.delete(&wanted(1).name, Call::BACKGROUND).await.unwrap_err();
    assert_eq!(error, PanelError::Unavailable(Trouble::Timeout));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_told_so() {
    let driver = drive("http://panel.invalid:8000", Connection::default()).unwrap();
    assert_eq!(driver.get(&wanted(1).name, CALL).await, Err(PanelError::Unavailable(Trouble::Dns)));
}
