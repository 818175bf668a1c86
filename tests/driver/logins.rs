//! One login for all, renewed early, once more on a refusal.

use std::time::{Duration, Instant};

use futures::future::join_all;
use karvan::domain::instance::{Connection, Mode};
use karvan::domain::{Clock, clock::SystemClock};
use karvan::panel::{Defaults, PanelError, Trouble, connect};
use sim::marzban::{Fault, Matcher, Options, SimClock};

use crate::world::{CALL, PASSWORD, count, instance, logins, wanted, world, world_of, world_with_clock};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_storm_of_calls_shares_one_login() {
    let (panel, driver) =
        world_of(Options { login_cost: Duration::from_millis(50), ..Options::default() }).await;
    let accounts: Vec<_> = (0..40).map(wanted).collect();
    let results = join_all(accounts.iter().map(|account| driver.get(&account.name, CALL))).await;
    assert!(results.iter().all(|result| *result == Ok(None)), "{results:?}");
    assert_eq!(logins(&panel), 1);
}

#[tokio::test]
async fn a_login_is_renewed_before_it_ends() {
    let (panel, driver, clock) = world_with_clock(Options::default()).await;
    driver.check().await.unwrap();
    clock.advance(19 * HOUR);
    driver.check().await.unwrap();
    assert_eq!(logins(&panel), 1, "a day's token is not renewed in its first four fifths");
    clock.advance(4 * HOUR);
    driver.check().await.unwrap();
    assert_eq!(logins(&panel), 2, "an hour before its end it is");
    assert!(
        panel.requests().iter().all(|request| request.status != Some(401)),
        "and nobody was refused for it"
    );
}

#[tokio::test]
async fn renewals_of_a_fleet_are_spread() {
    let mut late = Vec::new();
    for seed in 0..8 {
        let panel = sim::marzban::Marzban::start(Options::default()).await.unwrap();
        let clock = std::sync::Arc::new(karvan::domain::clock::ManualClock::at(SystemClock.now()));
        let shared = std::sync::Arc::clone(&clock) as std::sync::Arc<dyn Clock>;
        let instance = instance(&panel.url(), Connection::default());
        let driver = connect(&instance, PASSWORD.into(), &Defaults::default(), shared, seed).unwrap();
        driver.check().await.unwrap();
        clock.advance(21 * HOUR);
        driver.check().await.unwrap();
        late.push(logins(&panel) == 1);
    }
    assert!(late.contains(&true) && late.contains(&false), "{late:?}");
}

#[tokio::test]
async fn a_failed_renewal_does_no_harm_while_the_old_login_lives() {
    let (panel, driver, clock) = world_with_clock(Options::default()).await;
    driver.check().await.unwrap();
    panel.set_fault_for(
        Matcher::new("POST", "/api/admin/token"),
        Fault::Errors { percent: 100, status: 500, seed: 1 },
    );
    clock.advance(23 * HOUR);
    driver.check().await.expect("the old token has an hour left");
    clock.advance(2 * HOUR);
    let error = driver.check().await.unwrap_err();
    assert_eq!(error, PanelError::Unavailable(Trouble::Server(500)), "the call itself was never sent");
}

#[tokio::test]
async fn a_refused_token_costs_one_fresh_login_for_all() {
    let (panel, driver) =
        world_of(Options { login_cost: Duration::from_millis(50), ..Options::default() }).await;
    driver.check().await.unwrap();
    panel.wipe(); // another secret: all tokens are dead
    panel.clear_requests();
    let accounts: Vec<_> = (0..20).map(wanted).collect();
    let results = join_all(accounts.iter().map(|account| driver.create(account, CALL))).await;
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|applied| applied.settled)), "{results:?}");
    assert_eq!(logins(&panel), 1);
    assert_eq!(panel.usernames().len(), 20);
}

#[tokio::test]
async fn a_token_that_ended_by_the_panels_clock_is_replaced() {
    let clock = SimClock::manual(SystemClock.now());
    let (panel, driver) = world_of(Options { clock: clock.clone(), ..Options::default() }).await;
    driver.check().await.unwrap();
    clock.advance(25 * HOUR); // ours stands: the driver believes in its token
    driver.check().await.unwrap();
    assert_eq!(logins(&panel), 2);
}

#[tokio::test]
async fn a_changed_password_is_told_after_exactly_one_login_more() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.set_admin_password("another");
    panel.clear_requests();
    assert_eq!(driver.create(&wanted(1), CALL).await, Err(PanelError::Unauthorised));
    assert_eq!(logins(&panel), 1);
    assert_eq!(panel.usernames(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_login_is_shared_by_all_who_waited_for_it() {
    let (panel, driver) = world_of(Options {
        admin: ("admin".to_owned(), "another".to_owned()),
        login_cost: Duration::from_millis(50),
        ..Options::default()
    })
    .await;
    let accounts: Vec<_> = (0..40).map(wanted).collect();
    let results = join_all(accounts.iter().map(|account| driver.get(&account.name, CALL))).await;
    assert!(results.iter().all(|result| *result == Err(PanelError::Unauthorised)), "{results:?}");
    assert_eq!(logins(&panel), 1, "each refused login tells the password to the panel owner's chat");
}

#[tokio::test]
async fn a_panel_that_refuses_every_token_is_asked_twice_at_most() {
    let (panel, driver) = world().await;
    driver.check().await.unwrap();
    panel.clear_requests();
    panel.set_fault_for(Matcher::path("/api/user"), Fault::Unauthorised);
    assert_eq!(driver.get(&wanted(1).name, CALL).await, Err(PanelError::Unauthorised));
    assert_eq!((logins(&panel), count(&panel, "GET", "/api/user/kab23cd111")), (1, 2));
}

#[tokio::test]
async fn what_is_too_late_is_not_sent_even_if_the_login_was_slow() {
    let (panel, driver) =
        world_of(Options { login_cost: Duration::from_millis(300), ..Options::default() }).await;
    let call = CALL.send_by(Instant::now() + Duration::from_millis(100));
    let error = driver.delete(&wanted(1).name, call).await.unwrap_err();
    assert_eq!(error, PanelError::Unavailable(Trouble::TooLate));
    assert_eq!((logins(&panel), panel.requests().len()), (1, 1), "the login only");
}

#[tokio::test]
async fn a_login_without_the_right_refuses_and_reads_on() {
    let (panel, _) = world().await;
    panel.add_admin("small", PASSWORD, false);
    let mut small = instance(&panel.url(), Connection::default());
    small.username = "small".to_owned();
    panel.add_foreign_users(1);
    let driver =
        connect(&small, PASSWORD.into(), &Defaults::default(), std::sync::Arc::new(SystemClock), 7).unwrap();
    let foreign = karvan::domain::AccountName::stored(panel.usernames().remove(0));
    assert_eq!(driver.get(&foreign, CALL).await, Err(PanelError::Forbidden));
    assert_eq!(driver.delete(&foreign, CALL).await, Err(PanelError::Forbidden));
    assert!(driver.nodes().await.unwrap().is_empty(), "it may not look");
    assert!(driver.create(&wanted(1), CALL).await.unwrap().settled, "but make its own");
    // The name is another admin's: 409 on the create, 403 on the read.
    let taken = karvan::panel::Wanted { name: foreign, ..wanted(2) };
    assert_eq!(driver.create(&taken, CALL).await, Err(PanelError::Exists { ours: false }));
}

#[tokio::test]
async fn what_is_only_observed_is_not_written_to() {
    let (panel, _) = world().await;
    let mut observed = instance(&panel.url(), Connection::default());
    observed.mode = Mode::Observe;
    let clock = std::sync::Arc::new(SystemClock);
    let driver = connect(&observed, PASSWORD.into(), &Defaults::default(), clock, 7).unwrap();
    assert!(driver.check().await.is_ok());
    assert_eq!(driver.create(&wanted(1), CALL).await, Err(PanelError::Forbidden));
    assert_eq!(driver.delete(&wanted(1).name, CALL).await, Err(PanelError::Forbidden));
    assert!(
        panel.requests().iter().all(|request| request.method == "GET" || request.path == "/api/admin/token")
    );
}

/// Nothing that may be printed contains what may not be read.
#[tokio::test]
async fn errors_keep_secrets() {
    let (panel, driver) = world().await;
    let account = wanted(1);
    let (uuid, password) = (account.credentials.uuid.to_string(), account.credentials.password.clone());
    let faults = [
        Fault::Refuse,
        Fault::Reset,
        Fault::HtmlChallenge,
        Fault::NotThePanel,
        Fault::TooMany,
        Fault::Unauthorised,
        Fault::TruncatedBody,
        Fault::Errors { percent: 100, status: 500, seed: 1 },
        Fault::Errors { percent: 100, status: 502, seed: 1 },
    ];
    driver.check().await.unwrap();
    for fault in faults {
        panel.set_fault(fault.clone());
        let error = driver.create(&account, CALL).await.expect_err("it cannot work");
        let printed = format!("{error} {error:?} {:?} {account:?}", error.word());
        for secret in [PASSWORD, &uuid, &password] {
            assert!(!printed.contains(secret), "{fault:?}: {printed}");
        }
        panel.heal();
    }
    let applied = driver.create(&account, CALL).await.unwrap();
    let printed = format!("{applied:?} {:?}", instance(&panel.url(), Connection::default()).connection);
    for secret in [uuid.as_str(), &password, "/sub/", "vless://"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
