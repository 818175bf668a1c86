//! Writes, and what is done when an answer leaves a doubt.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use karvan::domain::Credentials;
use karvan::domain::instance::Connection;
use karvan::panel::{AccountStatus, PanelError, Trouble, Wanted};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sim::marzban::{Fault, Inbound, Marzban, Matcher, Options, Status};

use crate::stub::{HTML, INBOUNDS, JSON, LOGIN, Stub};
use crate::world::{
    CALL, PASSWORD, SHORT, assert_applied, assert_stands, count, drive, limited, moment, until, wanted,
    world, world_of,
};

fn creates() -> Matcher {
    Matcher::new("POST", "/api/user")
}

fn always(status: u16) -> Fault {
    Fault::Errors { percent: 100, status, seed: 1 }
}

#[tokio::test]
async fn an_account_is_made_changed_and_deleted() {
    let (panel, driver) = world().await;
    let mut account = limited(1);
    let applied = driver.create(&account, CALL).await.unwrap();
    assert_applied(&applied, &account, true);
    assert_stands(&panel, &account);
    let made = panel.user(account.name.as_str()).unwrap();
    assert_eq!(made.expire, Some(1_893_456_000), "whole seconds");
    assert_eq!(made.proxies["vless"]["flow"], "xtls-rprx-vision");
    assert_eq!(made.proxies["trojan"]["password"], account.credentials.password);
    assert_eq!(made.inbounds["vmess"], serde_json::json!(["VMess Websocket", "VMess TCP"]));
    assert!(made.links.len() >= 5, "{:?}", made.links.len());

    account.expires_at = Some(moment("2031-01-01T00:00:00Z"));
    account.data_limit = None;
    assert_applied(&driver.update(&account, CALL).await.unwrap(), &account, true);
    assert_stands(&panel, &account);

    account.enabled = false;
    assert_applied(&driver.update(&account, CALL).await.unwrap(), &account, true);
    assert_stands(&panel, &account);
    assert_eq!(driver.get(&account.name, CALL).await.unwrap().unwrap().status, AccountStatus::Disabled);

    account.enabled = true;
    account.expires_at = None;
    assert_applied(&driver.update(&account, CALL).await.unwrap(), &account, true);
    assert_stands(&panel, &account);

    panel.add_traffic(account.name.as_str(), 1234);
    let read = driver.get(&account.name, CALL).await.unwrap().unwrap();
    assert_eq!((read.used, read.is_as(&account)), (1234, true));
    assert!(read.online_at.is_some());

    assert!(driver.delete(&account.name, CALL).await.unwrap().settled);
    assert!(driver.delete(&account.name, CALL).await.unwrap().settled, "gone is gone");
    assert_eq!(driver.get(&account.name, CALL).await, Ok(None));
    assert_eq!(driver.update(&account, CALL).await, Err(PanelError::NotFound));
    let writes = panel.requests();
    let writes = writes.iter().filter(|request| ["POST", "PUT"].contains(&request.method.as_str()));
    for write in writes.filter(|request| request.path.starts_with("/api/user")) {
        for key in ["inbounds", "proxies", "expire", "data_limit", "status", "note"] {
            assert!(write.keys.iter().any(|known| known == key), "{key} in each {}", write.method);
        }
    }
}

#[tokio::test]
async fn a_paused_account_is_made_paused() {
    let (panel, driver) = world().await;
    let account = Wanted { enabled: false, ..limited(1) };
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, true);
    assert_eq!(panel.user(account.name.as_str()).unwrap().status, Status::Disabled);
}

#[tokio::test]
async fn a_create_may_be_repeated() {
    let (panel, driver) = world().await;
    let mut account = limited(1);
    driver.create(&account, CALL).await.unwrap();
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, true);
    account.data_limit = Some(7);
    account.expires_at = Some(moment("2032-01-01T00:00:00Z"));
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, true);
    assert_stands(&panel, &account);
}

#[tokio::test]
async fn a_limit_of_zero_would_be_none_and_is_refused() {
    let (panel, driver) = world().await;
    let account = Wanted { data_limit: Some(0), ..wanted(1) };
    assert!(matches!(driver.create(&account, CALL).await, Err(PanelError::Invalid(_))));
    assert!(matches!(driver.update(&account, CALL).await, Err(PanelError::Invalid(_))));
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn notes_are_cut_to_what_the_panel_keeps() {
    let (panel, driver) = world().await;
    let account = Wanted { note: format!("karvan:ab23cd:de001 {}", "ü".repeat(600)), ..wanted(1) };
    driver.create(&account, CALL).await.unwrap();
    let note = panel.user(account.name.as_str()).unwrap().note.unwrap();
    assert_eq!((note.chars().count(), note.starts_with("karvan:ab23cd:de001 ")), (500, true));
}

#[tokio::test]
async fn what_is_too_late_is_not_sent() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    let call = CALL.send_by(Instant::now() - Duration::from_millis(1));
    let late = Err(PanelError::Unavailable(Trouble::TooLate));
    assert_eq!(driver.create(&wanted(1), call).await, late);
    assert_eq!(driver.update(&wanted(1), call).await, late);
    assert_eq!(driver.delete(&wanted(1).name, call).await.map(|_| ()), late.map(|_| ()));
    assert!(panel.requests().iter().all(|request| !request.path.starts_with("/api/user")));
}

// Acknowledgements that are lost, late or wrong.

#[tokio::test]
async fn a_lost_acknowledgement_is_read_back() {
    let (panel, driver) = world().await;
    let mut account = limited(1);
    panel.set_fault(Fault::AckLost { next: 1 });
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, false);
    account.enabled = false;
    panel.set_fault(Fault::AckLost { next: 1 });
    assert_applied(&driver.update(&account, CALL).await.unwrap(), &account, false);
    assert_stands(&panel, &account);
    panel.set_fault(Fault::AckLost { next: 1 });
    assert!(!driver.delete(&account.name, CALL).await.unwrap().settled);
    assert!(panel.usernames().is_empty());
}

#[tokio::test]
async fn a_500_after_the_write_is_read_back() {
    let (panel, driver) = world().await;
    let mut account = limited(1);
    panel.set_fault(Fault::ErrorAfterWrite { next: 1 });
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, false);
    account.data_limit = Some(99);
    panel.set_fault(Fault::ErrorAfterWrite { next: 1 });
    assert_applied(&driver.update(&account, CALL).await.unwrap(), &account, false);
    assert_stands(&panel, &account);
}

#[tokio::test]
async fn a_500_without_the_write_stays_unclear() {
    let (panel, driver) = world().await;
    panel.set_fault_for(creates(), always(500));
    let error = driver.create(&wanted(1), CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Server(500)));
    assert!(!error.is_settled() && panel.usernames().is_empty());
    panel.heal();
    driver.create(&wanted(1), CALL).await.unwrap();
    panel.set_fault_for(Matcher::new("PUT", "/api/user"), always(500));
    let error = driver.update(&limited(1), CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Server(500)));
    panel.set_fault_for(Matcher::new("DELETE", "/api/user"), always(500));
    let error = driver.delete(&wanted(1).name, CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Server(500)));
    panel.heal();
    assert_stands(&panel, &wanted(1));
}

#[tokio::test]
async fn a_late_acknowledgement_is_read_back() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.set_fault_for(creates(), Fault::HoldAck);
    let account = limited(1);
    assert_applied(&driver.create(&account, SHORT).await.unwrap(), &account, false);
    assert_stands(&panel, &account);
}

#[tokio::test]
async fn a_truncated_answer_is_read_back() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.set_fault_for(creates(), Fault::TruncatedBody);
    let account = limited(1);
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, false);
    panel.set_fault(Fault::TruncatedBody);
    assert_eq!(driver.get(&account.name, CALL).await, Err(PanelError::Unclear(Trouble::Garbled)));
    assert_eq!(driver.check().await.unwrap_err(), PanelError::Unclear(Trouble::Garbled));
}

#[tokio::test]
async fn a_frozen_panel_executes_later_and_the_driver_says_that_it_may() {
    let (panel, driver) = world().await;
    driver.create(&wanted(9), CALL).await.unwrap();
    panel.set_fault(Fault::Frozen);
    let account = limited(1);
    let error = driver.create(&account, SHORT).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Timeout));
    let error = driver.delete(&wanted(9).name, SHORT).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Timeout));
    assert_eq!(panel.usernames(), [wanted(9).name.as_str()]);
    panel.set_fault(Fault::None);
    until("the thawed panel executes what it had received", || panel.usernames() == [account.name.as_str()])
        .await;
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, true);
    assert_stands(&panel, &account);
}

/// The doubt of the first request is not forgotten by what the second one finds.
#[tokio::test]
async fn a_repair_after_a_doubt_is_not_settled() {
    let (panel, driver) = world().await;
    panel.set_fault(Fault::AckLost { next: 1 });
    let account = Wanted { enabled: false, ..limited(1) };
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, false);
    assert_eq!(count(&panel, "PUT", "/api/user/kab23cd111"), 1, "a create cannot pause");
    // A second step that cannot be sent does not make the first undone.
    let account = Wanted { enabled: false, ..limited(2) };
    panel.set_fault_for(Matcher::new("PUT", "/api/user"), Fault::TooMany);
    let error = driver.create(&account, CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::TooMany));
    assert_eq!(panel.usernames().len(), 2);
}

// Names that are taken, or are said to be.

#[tokio::test]
async fn a_taken_name_is_told_with_whose_it_is() {
    let (panel, driver) = world().await;
    let other = |number: u64| Credentials::generate(&mut StdRng::seed_from_u64(100 + number));
    let ours = Wanted { credentials: other(1), ..wanted(1) };
    let foreign = Wanted { credentials: other(2), note: "paid until May".to_owned(), ..wanted(2) };
    driver.create(&ours, CALL).await.unwrap();
    driver.create(&foreign, CALL).await.unwrap();
    assert_eq!(driver.create(&wanted(1), CALL).await, Err(PanelError::Exists { ours: true }));
    assert_eq!(driver.create(&wanted(2), CALL).await, Err(PanelError::Exists { ours: false }));
    assert!(
        panel.works(&ours.credentials.uuid.to_string()) && panel.works(&foreign.credentials.uuid.to_string())
    );
}

#[tokio::test]
async fn a_409_that_lies_is_found_out() {
    let stub = Stub::start(|line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/inbounds" => (200, JSON, INBOUNDS),
        "POST /api/user" => (409, JSON, r#"{"detail":"User already exists"}"#),
        _ => (404, JSON, r#"{"detail":"User not found"}"#),
    })
    .await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    let error = driver.create(&wanted(1), CALL).await.unwrap_err();
    assert!(matches!(&error, PanelError::Conflict(_)) && error.is_settled(), "{error:?}");
    assert_eq!(stub.seen().last().unwrap().line, "GET /api/user/kab23cd111");
}

// The panel's own traps.

/// Somebody else's client makes the account that the panel stores and cannot read any more.
async fn poison(panel: &Marzban, name: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = [("username", "admin"), ("password", PASSWORD)];
    let url = |path: &str| format!("{}{path}", panel.url());
    let token: serde_json::Value =
        client.post(url("/api/admin/token")).form(&login).send().await.unwrap().json().await.unwrap();
    let body = serde_json::json!({ "username": name });
    let token = token["access_token"].as_str().unwrap();
    let answer = client.post(url("/api/user")).bearer_auth(token).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 500);
    assert!(panel.user(name).unwrap().poisoned);
}

#[tokio::test]
async fn a_poisoned_account_is_repaired() {
    let (panel, driver) = world().await;
    let account = limited(1);
    poison(&panel, account.name.as_str()).await;
    let error = driver.get(&account.name, CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Unclear(Trouble::Server(500)));
    assert_applied(&driver.create(&account, CALL).await.unwrap(), &account, true);
    assert_stands(&panel, &account);

    poison(&panel, wanted(2).name.as_str()).await;
    assert_applied(&driver.update(&wanted(2), CALL).await.unwrap(), &wanted(2), true);
    poison(&panel, wanted(3).name.as_str()).await;
    assert!(driver.delete(&wanted(3).name, CALL).await.unwrap().settled);
    assert_eq!(driver.list("kab23cd", 0, 100).await.unwrap().accounts.len(), 2);
}

/// One 500 on reading may be chance: what stands there is not overwritten for it.
#[tokio::test]
async fn an_account_is_held_for_poisoned_only_after_two_failed_reads() {
    const FOREIGN: &str = r#"{"username":"kab23cd111","status":"active","proxies":{"vless":{
        "id":"11111111-1111-4111-8111-111111111111","flow":""}},"expire":null,"data_limit":null,"note":"mine"}"#;
    let reads = AtomicUsize::new(0);
    let stub = Stub::start(move |line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/inbounds" => (200, JSON, INBOUNDS),
        "POST /api/user" => (409, JSON, r#"{"detail":"User already exists"}"#),
        "GET /api/user/kab23cd111" if reads.fetch_add(1, Ordering::Relaxed) == 0 => {
            (500, "content-type: text/plain\r\n", "Internal Server Error")
        }
        _ => (200, JSON, FOREIGN),
    })
    .await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    assert_eq!(driver.create(&wanted(1), CALL).await, Err(PanelError::Exists { ours: false }));
    assert!(stub.seen().iter().all(|seen| !seen.line.starts_with("PUT")));
}

#[tokio::test]
async fn a_delete_that_answers_500_and_worked_is_done() {
    let (panel, driver) = world_of(Options { env_sudo: true, ..Options::default() }).await;
    driver.create(&wanted(1), CALL).await.unwrap();
    assert!(driver.delete(&wanted(1).name, CALL).await.unwrap().settled, "the panel's own 500 is an end");
    assert!(panel.usernames().is_empty());
    assert_eq!(panel.requests().iter().filter(|request| request.status == Some(500)).count(), 1);
}

#[tokio::test]
async fn changed_inbounds_are_learnt_from_a_refusal() {
    let (panel, driver) = world().await;
    driver.create(&wanted(1), CALL).await.unwrap();
    let mut inbounds = Inbound::defaults(30_000);
    inbounds.truncate(2);
    inbounds[0].tag = "Another".to_owned();
    panel.set_inbounds(inbounds);
    assert_applied(&driver.create(&wanted(2), CALL).await.unwrap(), &wanted(2), true);
    let made = panel.user(wanted(2).name.as_str()).unwrap();
    assert_eq!(made.inbounds, serde_json::json!({ "vless": ["Another"], "vmess": ["VMess Websocket"] }));
    assert_eq!(count(&panel, "GET", "/api/inbounds"), 2);
}

#[tokio::test]
async fn only_the_chosen_inbounds_are_given() {
    let (panel, _) = world().await;
    let tags = |names: &[&str]| Connection {
        inbounds: names.iter().map(|&name| name.to_owned()).collect(),
        ..Connection::default()
    };
    let driver = drive(&panel.url(), tags(&["VMess TCP"])).unwrap();
    assert_applied(&driver.create(&wanted(1), CALL).await.unwrap(), &wanted(1), true);
    let made = panel.user(wanted(1).name.as_str()).unwrap();
    assert_eq!(made.inbounds, serde_json::json!({ "vmess": ["VMess TCP"] }));

    let driver = drive(&panel.url(), tags(&["gone"])).unwrap();
    assert!(matches!(driver.create(&wanted(2), CALL).await, Err(PanelError::Invalid(_))));
    panel.set_inbounds(Vec::new());
    let driver = drive(&panel.url(), tags(&[])).unwrap();
    assert!(matches!(driver.create(&wanted(3), CALL).await, Err(PanelError::Invalid(_))));
    assert_eq!(panel.usernames().len(), 1, "no account that serves nothing");
    assert_eq!(count(&panel, "POST", "/api/user"), 1, "it was not even asked for one");
}

/// An account with a flow on a `raw` inbound is refused by the core until it restarts; ours gets none there.
#[tokio::test]
async fn clients_of_a_raw_inbound_are_let_in() {
    let inbounds = Inbound::defaults(30_000).into_iter().map(|inbound| {
        if inbound.tag == "VLESS TCP REALITY" { inbound.with_network("raw") } else { inbound }
    });
    let (panel, driver) = world_of(Options { inbounds: inbounds.collect(), ..Options::default() }).await;
    driver.create(&wanted(1), CALL).await.unwrap();
    assert_stands(&panel, &wanted(1));
    panel.restart_core();
    assert_stands(&panel, &wanted(1));
}

// What is not the panel.

#[tokio::test]
async fn what_is_not_the_panel_is_told_so() {
    let (panel, driver) = world().await;
    driver.create(&wanted(1), CALL).await.unwrap();
    for (fault, status) in [(Fault::HtmlChallenge, 403), (Fault::NotThePanel, 200)] {
        panel.set_fault(fault);
        let foreign = PanelError::NotPanel(Trouble::Foreign(status));
        assert_eq!(driver.check().await.unwrap_err(), foreign);
        assert_eq!(driver.create(&wanted(2), CALL).await.unwrap_err(), foreign);
        assert_eq!(driver.delete(&wanted(1).name, CALL).await.unwrap_err(), foreign);
        let stranger = drive(&panel.url(), Connection::default()).unwrap();
        assert_eq!(stranger.check().await.unwrap_err(), foreign, "at the login already");
    }
    panel.set_fault(Fault::TooMany);
    let error = driver.create(&wanted(2), CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Unavailable(Trouble::TooMany));
    panel.heal();
    assert_stands(&panel, &wanted(1));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Stub::start(|_| (200, JSON, LOGIN)).await;
    let location: &'static str = format!("location: {}/elsewhere\r\n", other.url()).leak();
    let stub = Stub::start(move |_| (307, location, "")).await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    assert_eq!(driver.check().await.unwrap_err(), PanelError::NotPanel(Trouble::Foreign(307)));
    assert!(other.seen().is_empty(), "the password went nowhere else");
}

#[tokio::test]
async fn another_program_at_the_address_is_no_missing_account() {
    let stub = Stub::start(|line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/inbounds" => (200, JSON, "{\"vless\": 3}"),
        _ => (404, HTML, "<h1>Not Found</h1>"),
    })
    .await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    let foreign = PanelError::NotPanel(Trouble::Foreign(404));
    assert_eq!(driver.get(&wanted(1).name, CALL).await.unwrap_err(), foreign);
    assert_eq!(driver.delete(&wanted(1).name, CALL).await.unwrap_err(), foreign);
    let error = driver.create(&wanted(1), CALL).await.unwrap_err();
    assert_eq!(error, PanelError::NotPanel(Trouble::Foreign(200)));
}

#[tokio::test]
async fn what_was_sent_is_not_repeated_in_an_error() {
    let secret = wanted(1).credentials.uuid;
    let body: &'static str = format!(r#"{{"detail":{{"id":"Value error, {secret} is no id"}}}}"#).leak();
    let posts = AtomicUsize::new(0);
    let stub = Stub::start(move |line| match line {
        "POST /api/admin/token" => (200, JSON, LOGIN),
        "GET /api/inbounds" => (200, JSON, INBOUNDS),
        "POST /api/user" if posts.fetch_add(1, Ordering::Relaxed) == 0 => (422, JSON, body),
        _ => panic!("the same inbounds are not tried again"),
    })
    .await;
    let driver = drive(&stub.url(), Connection::default()).unwrap();
    let error = driver.create(&wanted(1), CALL).await.unwrap_err();
    assert_eq!(error, PanelError::Invalid("id: Value error, … is no id".to_owned()));
}
