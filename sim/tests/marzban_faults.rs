//! Faults between a client and a panel: what the client sees, and what was executed all the same.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod caller;

use std::time::Duration;

use caller::Caller;
use reqwest::{Client, Method, StatusCode};
use sim::marzban::{Fault, Marzban, Matcher, Options, Tls};
use sim::net::RequestLog;

async fn panel() -> Marzban {
    Marzban::start(Options::default()).await.unwrap()
}

/// Waits until the panel's log shows what is looked for; tests would otherwise have to guess how long things take.
async fn arrived(panel: &Marzban, looked_for: impl Fn(&RequestLog) -> bool) {
    for _ in 0..10_000 {
        if panel.requests().iter().any(&looked_for) {
            return;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never arrived: {:?}", panel.requests());
}

#[tokio::test]
async fn a_stopped_panel_refuses_and_comes_back_on_its_port() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    for _ in 0..3 {
        panel.set_fault(Fault::Refuse);
        assert!(caller.ask(Method::GET, "/api/core").send().await.is_err(), "the open connection is dead");
        let error = caller.ask(Method::GET, "/api/core").send().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        panel.set_fault(Fault::None);
        assert_eq!(caller.status("/api/core").await, StatusCode::OK);
    }
}

#[tokio::test]
async fn stopping_kills_open_connections_and_what_was_not_yet_executed() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::Slow(Duration::from_secs(60)));
    let call = tokio::spawn(caller.create("slow_one").send());
    arrived(&panel, |request| request.path == "/api/user").await;
    panel.set_fault(Fault::Refuse);
    assert!(call.await.unwrap().is_err());
    assert_eq!(panel.usernames(), Vec::<String>::new());
}

#[tokio::test]
async fn a_black_hole_swallows_without_a_trace() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::BlackHole);
    let error = caller.create("lost").timeout(Duration::from_millis(50)).send().await.unwrap_err();
    assert!(error.is_timeout());
    panel.set_fault(Fault::None);
    assert_eq!(caller.status("/api/user/lost").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_frozen_panel_executes_on_thaw_what_it_had_received_in_order() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::Frozen);
    for name in ["first", "second", "third"] {
        // The client gives up on each.
        let error = caller.create(name).timeout(Duration::from_millis(50)).send().await.unwrap_err();
        assert!(error.is_timeout());
    }
    assert_eq!(panel.usernames(), Vec::<String>::new());
    panel.set_fault(Fault::None);
    arrived(&panel, |_| panel.usernames().len() == 3).await;
    assert_eq!(panel.usernames(), ["first", "second", "third"]);
}

#[tokio::test]
async fn a_frozen_panel_that_is_stopped_loses_what_it_had_received() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::Frozen);
    let _ = caller.create("lost").timeout(Duration::from_millis(50)).send().await.unwrap_err();
    panel.set_fault(Fault::Refuse);
    panel.set_fault(Fault::None);
    assert_eq!(caller.status("/api/user/lost").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_lost_acknowledgement_leaves_the_write_done() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::AckLost { next: 1 });
    assert_eq!(caller.status("/api/core").await, StatusCode::OK, "reads don't count");
    assert!(caller.create("kept").send().await.is_err());
    assert_eq!(panel.fault(), Fault::None, "it heals itself");
    assert_eq!(caller.create("kept").send().await.unwrap().status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_error_after_the_write_leaves_it_done() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::ErrorAfterWrite { next: 1 });
    let answer = caller.create("kept").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(panel.usernames(), ["kept"]);
}

#[tokio::test]
async fn a_held_acknowledgement_shows_the_moment_after_the_write() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault_for(Matcher::new("POST", "/api/user"), Fault::HoldAck);
    let call = tokio::spawn(caller.create("held").send());
    arrived(&panel, |request| request.status == Some(200) && request.path == "/api/user").await;
    assert_eq!(panel.usernames(), ["held"]);
    assert!(!call.is_finished());
    panel.heal();
    assert_eq!(call.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_locked_database_stores_nothing() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    let wait = Duration::from_millis(5);
    panel.set_fault(Fault::DatabaseLocked { exclusive: false, wait });
    assert_eq!(caller.create("never").send().await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(caller.status("/api/core").await, StatusCode::OK);
    panel.set_fault(Fault::DatabaseLocked { exclusive: true, wait });
    assert_eq!(caller.status("/api/core").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(panel.usernames(), Vec::<String>::new());
}

#[tokio::test]
async fn a_truncated_body_breaks_off_after_the_write() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault(Fault::TruncatedBody);
    let answer = caller.create("cut").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.bytes().await.is_err());
    assert_eq!(panel.usernames(), ["cut"]);
}

#[tokio::test]
async fn a_share_of_errors_follows_from_the_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let panel = panel().await;
        let caller = Caller::log_in(&panel).await;
        panel.set_fault(Fault::Errors { percent: 40, status: 502, seed: 7 });
        let mut statuses = Vec::new();
        for _ in 0..60 {
            statuses.push(
                caller
                    .ask(Method::GET, "/api/core")
                    .send()
                    .await
                    .map_or(0, |answer| answer.status().as_u16()),
            );
        }
        let bad = statuses.iter().filter(|status| **status != 200).count();
        assert!((12..=36).contains(&bad), "{bad} of 60");
        runs.push(statuses);
    }
    // A pooled connection that the panel just closed may fail instead of answering, at any place.
    let agree = runs[0].iter().zip(&runs[1]).filter(|(a, b)| a == b).count();
    assert!(agree >= 50, "{agree} of 60 agree");
}

#[tokio::test]
async fn fronts_answer_in_the_place_of_the_panel() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    let html = |answer: &reqwest::Response| {
        answer.headers()["content-type"].to_str().unwrap().starts_with("text/html")
    };
    panel.set_fault(Fault::HtmlChallenge);
    let answer = caller.create("never").send().await.unwrap();
    assert!(answer.status() == StatusCode::FORBIDDEN && html(&answer));
    panel.set_fault(Fault::TooMany);
    let answer = caller.create("never").send().await.unwrap();
    assert_eq!(
        (answer.status(), answer.headers()["retry-after"].to_str().unwrap()),
        (StatusCode::TOO_MANY_REQUESTS, "7")
    );
    panel.set_fault(Fault::NotThePanel);
    let answer = caller.create("never").send().await.unwrap();
    assert!(answer.status() == StatusCode::OK && html(&answer));
    panel.set_fault(Fault::Unauthorised);
    assert_eq!(caller.create("never").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    panel.set_fault(Fault::None);
    assert_eq!(panel.usernames(), Vec::<String>::new());
}

#[tokio::test]
async fn a_scoped_fault_leaves_the_rest_alone() {
    let panel = panel().await;
    let caller = Caller::log_in(&panel).await;
    panel.set_fault_for(Matcher::new("POST", "/api/user"), Fault::Reset);
    assert!(caller.create("never").send().await.is_err());
    assert_eq!(caller.status("/api/core").await, StatusCode::OK);
    panel.set_fault_for(Matcher::new("POST", "/api/user"), Fault::None);
    assert_eq!(caller.create("now").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn after_a_5xx_and_after_idling_the_connection_is_closed_without_notice() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let options = Options { keep_alive: Duration::from_millis(50), ..Options::default() };
    let panel = Marzban::start(options).await.unwrap();
    let address = panel.url().replace("http://", "");
    for status in [404, 500] {
        if status == 500 {
            panel.set_fault(Fault::Errors { percent: 100, status, seed: 0 });
        }
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        // Reads to the end: the panel closes, the client never asked for it.
        let mut answer = String::new();
        let started = tokio::time::Instant::now();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(!answer.to_lowercase().contains("connection: close"), "{answer}");
        assert_eq!(started.elapsed() >= Duration::from_millis(50), status == 404, "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn past_its_limit_of_parallel_requests_the_panel_jams() {
    let jam_time = Duration::from_millis(100);
    let options = Options { parallel_limit: 8, jam_time, ..Options::default() };
    let panel = Marzban::start(options).await.unwrap();
    let caller = Caller::log_in(&panel).await;
    panel.set_fault_for(Matcher::new("POST", "/api/user"), Fault::HoldAck);
    let held = (0..8).map(|number| tokio::spawn(caller.create(&format!("held_{number}")).send()));
    let held = held.collect::<Vec<_>>();
    arrived(&panel, |_| panel.usernames().len() == 8).await;
    assert_eq!(panel.in_flight_peak(), 8, "as many as it bears");

    let started = tokio::time::Instant::now();
    let late = (0..5).map(|number| caller.ask(Method::GET, &format!("/api/user/held_{number}")).send());
    for answer in futures::future::join_all(late).await {
        assert_eq!(answer.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR, "even reads");
    }
    assert!(started.elapsed() >= jam_time, "and everything hangs meanwhile");
    assert!(panel.in_flight_peak() > 8);

    panel.heal();
    for answer in futures::future::join_all(held).await {
        assert_eq!(answer.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(caller.status("/api/core").await, StatusCode::OK, "it recovers");
}

#[tokio::test]
async fn tls_is_real_and_can_be_pinned_or_trusted() {
    let tls = Tls::self_signed().unwrap();
    let options = Options { tls: Some(tls.clone()), path_prefix: "/secret".to_owned(), ..Options::default() };
    let panel = Marzban::start(options).await.unwrap();
    assert!(panel.url().starts_with("https://127.0.0.1:") && panel.url().ends_with("/secret"));
    assert_eq!(tls.fingerprint.len(), 64);
    let wary = Client::builder().no_proxy().build().unwrap();
    assert!(wary.get(format!("{}/api/core", panel.url())).send().await.is_err(), "nobody vouches for it");
    let trusting = reqwest::Certificate::from_pem(tls.certificate_pem.as_bytes()).unwrap();
    let caller = Caller::log_in_with(&panel, Client::builder().add_root_certificate(trusting)).await;
    assert_eq!(caller.status("/api/core").await, StatusCode::OK);
    let outside =
        caller.http.get(format!("{}/api/core", panel.url().replace("/secret", ""))).send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::NOT_FOUND);
}
