//! What the panel and its core do with users over time, beyond what single answers show.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod caller;

use std::time::Duration;

use caller::Caller;
use chrono::{DateTime, Utc};
use futures::future::join_all;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sim::marzban::{Fault, Fleet, Inbound, Marzban, NodeSpec, Options, Protocol, SimClock, Status};

const ALICE: &str = "6a1f3f2e-1111-4111-8111-111111111111";
const VISION: &str = "xtls-rprx-vision";
/// What the panel's jobs need to notice something.
const REVIEW: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(86_400);

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

async fn world(options: Options) -> (SimClock, Marzban, Caller) {
    let clock = SimClock::manual(noon());
    let panel = Marzban::start(Options { clock: clock.clone(), ..options }).await.unwrap();
    let caller = Caller::log_in(&panel).await;
    (clock, panel, caller)
}

/// Logins that outlive the days that a test lets pass.
fn patient() -> Options {
    Options { token_minutes: 0, ..Options::default() }
}

fn user(name: &str, uuid: &str) -> Value {
    json!({ "username": name, "proxies": { "vless": { "id": uuid, "flow": VISION } }, "inbounds": {} })
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

impl Caller {
    async fn made(&self, body: &Value) -> Value {
        let answer = self.post_user(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    async fn change(&self, name: &str, body: Value) -> Value {
        let answer = self.ask(Method::PUT, &format!("/api/user/{name}")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    async fn delete(&self, name: &str) -> StatusCode {
        self.ask(Method::DELETE, &format!("/api/user/{name}")).send().await.unwrap().status()
    }

    async fn post(&self, path: &str) -> StatusCode {
        self.ask(Method::POST, path).send().await.unwrap().status()
    }

    async fn json(&self, path: &str) -> Value {
        self.ask(Method::GET, path).send().await.unwrap().json().await.unwrap()
    }

    async fn subscription(&self, address: &str) -> StatusCode {
        self.http.get(address).send().await.unwrap().status()
    }
}

#[tokio::test]
async fn two_accounts_with_one_id_share_it_badly() {
    let (_, panel, caller) = world(Options::default()).await;
    caller.made(&user("older", ALICE)).await;
    caller.made(&user("newer", ALICE)).await;
    assert!(panel.works(ALICE));
    assert!(panel.client_traffic(ALICE, 1_000));
    assert_eq!(panel.user("older").unwrap().used_traffic, 0);
    assert_eq!(panel.user("newer").unwrap().used_traffic, 1_000);

    assert_eq!(caller.delete("older").await, StatusCode::OK);
    assert!(!panel.works(ALICE), "deleting one cuts off the other");
    assert_eq!(panel.user("newer").unwrap().status, Status::Active, "and the panel does not know");
    assert!(!panel.client_traffic(ALICE, 1_000));

    caller.change("newer", json!({ "note": "touched" })).await;
    assert!(panel.works(ALICE), "any change tells the core of it again");
}

#[tokio::test]
async fn accounts_with_a_flow_on_an_inbound_called_raw_wait_for_a_restart_of_the_core() {
    let mut inbounds = Inbound::defaults(30_000);
    inbounds[0] = inbounds[0].clone().with_network("raw");
    let (_, panel, caller) = world(Options { inbounds, ..Options::default() }).await;
    caller.made(&user("vision", ALICE)).await;
    let plain =
        caller.made(&json!({ "username": "plain", "proxies": { "vless": {} }, "inbounds": {} })).await;
    assert!(!panel.works(ALICE));
    assert!(panel.works(plain["proxies"]["vless"]["id"].as_str().unwrap()), "without a flow nothing is lost");
    assert_eq!(caller.json("/api/core/config").await["inbounds"][0]["streamSettings"]["network"], "raw");

    assert_eq!(caller.post("/api/core/restart").await, StatusCode::OK);
    assert!(panel.works(ALICE));
    caller.change("vision", json!({ "note": "touched" })).await;
    assert!(!panel.works(ALICE), "the next change strips it again");
}

#[tokio::test]
async fn users_without_an_owner_are_deleted_with_an_error_and_linger_in_the_core() {
    let (_, panel, caller) = world(Options { env_sudo: true, ..Options::default() }).await;
    assert_eq!(caller.made(&user("ownerless", ALICE)).await["admin"], Value::Null);
    assert_eq!(caller.delete("ownerless").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(panel.usernames(), Vec::<String>::new());
    assert!(panel.works(ALICE), "the core was never told");
    panel.restart_core();
    assert!(!panel.works(ALICE));
    assert_eq!(caller.delete("ownerless").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_status_change_reaches_the_core() {
    let (clock, panel, caller) = world(Options::default()).await;
    caller.made(&with(user("alice", ALICE), &json!({ "data_limit": 1_000 }))).await;
    let status = || panel.user("alice").unwrap().status;

    caller.change("alice", json!({ "status": "disabled" })).await;
    assert!(!panel.works(ALICE));
    caller.change("alice", json!({ "status": "active" })).await;
    assert!(panel.works(ALICE));

    panel.add_traffic("alice", 1_000);
    assert!(panel.works(ALICE), "the panel looks only every ten seconds");
    clock.advance(REVIEW);
    assert!(!panel.works(ALICE));
    assert_eq!(status(), Status::Limited);
    assert_eq!(caller.change("alice", json!({ "data_limit": 2_000 })).await["status"], "active");
    assert!(panel.works(ALICE));

    let soon = clock.now().timestamp() + 60;
    caller.change("alice", json!({ "expire": soon })).await;
    clock.advance(Duration::from_secs(59));
    assert!(panel.works(ALICE));
    clock.advance(REVIEW);
    assert!(!panel.works(ALICE));
    assert_eq!(status(), Status::Expired);
    assert_eq!(caller.change("alice", json!({ "status": "active" })).await["status"], "active");
    clock.advance(REVIEW);
    assert_eq!(status(), Status::Expired, "the status alone does not help");
    assert_eq!(caller.change("alice", json!({ "expire": soon + 86_400 })).await["status"], "active");
    assert!(panel.works(ALICE));

    caller.change("alice", json!({ "proxies": { "vless": { "flow": VISION } } })).await;
    assert!(!panel.works(ALICE), "another id");
    let id = panel.user("alice").unwrap().uuid.unwrap();
    assert!(panel.works(&id));
    assert_eq!(caller.delete("alice").await, StatusCode::OK);
    assert!(!panel.works(&id));
}

#[tokio::test]
async fn an_account_without_inbounds_exists_and_does_not_work() {
    let (_, panel, caller) = world(Options::default()).await;
    let made = caller.made(&json!({ "username": "nobody", "proxies": { "vless": { "id": ALICE } } })).await;
    assert_eq!((&made["status"], &made["links"]), (&json!("active"), &json!([])));
    assert!(!panel.works(ALICE));
}

#[tokio::test]
async fn a_user_on_hold_connects_and_begins_to_count_at_its_first_traffic() {
    let (clock, panel, caller) = world(patient()).await;
    let hold = json!({ "status": "on_hold", "on_hold_expire_duration": 86_400 });
    caller.made(&with(user("alice", ALICE), &hold)).await;
    clock.advance(7 * DAY);
    assert!(panel.works(ALICE));
    assert_eq!(panel.user("alice").unwrap().status, Status::OnHold);
    panel.add_traffic("alice", 1);
    clock.advance(REVIEW);
    let alice = panel.user("alice").unwrap();
    assert_eq!(alice.status, Status::Active);
    let left = alice.expire.unwrap() - clock.now().timestamp();
    assert!((86_390..=86_400).contains(&left), "{left}");

    let timeout = clock.now() + chrono::TimeDelta::days(2);
    let timeout = timeout.format("%Y-%m-%dT%H:%M:%S").to_string();
    let body = json!({ "username": "shy", "proxies": { "shadowsocks": {} }, "inbounds": {}, "on_hold_timeout": timeout });
    caller.made(&with(body, &hold)).await;
    clock.advance(2 * DAY + REVIEW);
    assert_eq!(panel.user("shy").unwrap().status, Status::Active, "it never came");
    clock.advance(DAY);
    assert_eq!(panel.user("shy").unwrap().status, Status::Expired);
}

#[tokio::test]
async fn periods_end_plans_follow_and_the_long_expired_are_cleared_away() {
    let (clock, panel, caller) = world(patient()).await;
    let monthly = json!({ "data_limit": 1_000, "data_limit_reset_strategy": "month" });
    caller.made(&with(user("monthly", ALICE), &monthly)).await;
    let plan = json!({ "data_limit": 10, "next_plan": { "data_limit": 500 } });
    caller
        .made(&with(json!({ "username": "planned", "proxies": { "vless": {} }, "inbounds": {} }), &plan))
        .await;
    let brief = json!({ "expire": clock.now().timestamp() + 60, "auto_delete_in_days": 3 });
    caller
        .made(&with(json!({ "username": "brief", "proxies": { "vless": {} }, "inbounds": {} }), &brief))
        .await;
    panel.add_traffic("monthly", 5_000);
    panel.add_traffic("planned", 10);
    clock.advance(REVIEW);
    assert_eq!(panel.user("monthly").unwrap().status, Status::Limited);
    let planned = panel.user("planned").unwrap();
    assert_eq!((planned.status, planned.data_limit, planned.used_traffic), (Status::Active, Some(500), 0));

    clock.advance(4 * DAY);
    assert!(panel.user("brief").is_none());
    clock.advance(27 * DAY);
    let monthly = panel.user("monthly").unwrap();
    assert_eq!((monthly.status, monthly.used_traffic), (Status::Active, 0));
    assert!(panel.works(ALICE));
    let shown = caller.json("/api/user/monthly").await;
    assert_eq!(shown["lifetime_used_traffic"], 5_000);
}

#[tokio::test]
async fn subscription_addresses_differ_and_die_by_revocation_deletion_and_on_other_panels() {
    let (clock, panel, caller) = world(patient()).await;
    let other =
        Marzban::start(Options { seed: 2, clock: clock.clone(), ..Options::default() }).await.unwrap();
    for panel in [&panel, &other] {
        panel.set_subscription_url_prefix(&panel.url());
    }
    caller.made(&user("alice", ALICE)).await;
    clock.advance(Duration::from_secs(1));
    let address = || panel.user("alice").unwrap().subscription_url;
    let first = address();
    clock.advance(DAY);
    let second = address();
    assert_ne!(first, second);
    assert_eq!(caller.subscription(&first).await, StatusCode::OK);
    assert_eq!(caller.subscription(&second).await, StatusCode::OK);

    Caller::log_in(&other).await.made(&user("alice", ALICE)).await;
    let elsewhere = second.replace(&panel.url(), &other.url());
    assert_eq!(caller.subscription(&elsewhere).await, StatusCode::NOT_FOUND);

    clock.advance(DAY);
    assert_eq!(caller.post("/api/user/alice/revoke_sub").await, StatusCode::OK);
    assert_eq!(caller.subscription(&second).await, StatusCode::NOT_FOUND);
    assert!(!panel.works(ALICE), "the keys are new, too");
    clock.advance(Duration::from_secs(1));
    let third = address();
    assert_eq!(caller.subscription(&third).await, StatusCode::OK);

    clock.advance(DAY);
    caller.delete("alice").await;
    caller.made(&user("alice", ALICE)).await;
    assert_eq!(caller.subscription(&third).await, StatusCode::NOT_FOUND, "a new user with an old name");
}

#[tokio::test]
async fn login_tokens_end() {
    let (clock, panel, caller) = world(Options::default()).await;
    clock.advance(Duration::from_secs(1_439 * 60));
    assert_eq!(caller.status("/api/core").await, StatusCode::OK);
    clock.advance(Duration::from_secs(60));
    assert_eq!(caller.status("/api/core").await, StatusCode::UNAUTHORIZED);

    let caller = Caller::log_in(&panel).await;
    panel.set_admin_password("other-password");
    assert_eq!(caller.status("/api/core").await, StatusCode::UNAUTHORIZED);
    assert!(Caller::log_in_as(&panel, Client::builder(), "admin", "admin-password").await.is_none());
    let caller = Caller::log_in_as(&panel, Client::builder(), "admin", "other-password").await.unwrap();
    assert_eq!(caller.status("/api/core").await, StatusCode::OK);

    panel.wipe();
    assert_eq!(caller.status("/api/core").await, StatusCode::UNAUTHORIZED, "a new database has a new secret");
}

#[tokio::test]
async fn a_login_without_sudo_sees_its_own_users_only() {
    let (_, panel, sudo) = world(Options::default()).await;
    panel.add_admin("bot", "bot-password", false);
    panel.add_foreign_users(3);
    let bot = Caller::log_in_as(&panel, Client::builder(), "bot", "bot-password").await.unwrap();
    bot.made(&user("alice", ALICE)).await;
    assert_eq!(bot.json("/api/users").await["total"], 1);
    assert_eq!(bot.json("/api/system").await["users_active"], 1);
    assert_eq!(sudo.json("/api/system").await["users_active"], 4);
    assert_eq!(bot.status("/api/user/foreign_1").await, StatusCode::FORBIDDEN);
    assert_eq!(bot.status("/api/nodes").await, StatusCode::FORBIDDEN);
    assert_eq!(bot.delete("foreign_1").await, StatusCode::FORBIDDEN);
    assert_eq!(bot.delete("alice").await, StatusCode::OK);
}

#[tokio::test]
async fn parallel_writes_end_as_recorded() {
    let (_, panel, caller) = world(Options::default()).await;
    // So that all have arrived before the first is executed.
    panel.set_fault(Fault::Slow(Duration::from_millis(50)));
    let count = async |calls: Vec<reqwest::RequestBuilder>, status: StatusCode| {
        let answers = join_all(calls.into_iter().map(reqwest::RequestBuilder::send)).await;
        answers.iter().filter(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == status)).count()
    };
    let distinct = (0..50).map(|number| caller.create(&format!("user_{number}"))).collect();
    assert_eq!(count(distinct, StatusCode::OK).await, 50);
    assert_eq!(panel.usernames().len(), 50);
    let same = || (0..20).map(|_| caller.create("same")).collect::<Vec<_>>();
    assert_eq!(count(same(), StatusCode::OK).await, 1);
    assert_eq!(count(same(), StatusCode::CONFLICT).await, 20);
    let note =
        |number: i32| caller.ask(Method::PUT, "/api/user/same").json(&json!({ "note": number.to_string() }));
    assert_eq!(count((0..20).map(note).collect(), StatusCode::OK).await, 20);
    let deletes = (0..20).map(|_| caller.ask(Method::DELETE, "/api/user/same")).collect();
    let deleted = count(deletes, StatusCode::OK).await;
    assert!((2..=19).contains(&deleted), "{deleted}: a 200 does not mean \"I was the one\"");
    panel.heal();
    assert_eq!(caller.delete("same").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn lists_cost_time_and_poisoned_users_break_them() {
    let options = Options { list_cost_per_user: Duration::from_millis(10), ..Options::default() };
    let (_, panel, caller) = world(options).await;
    panel.add_foreign_users(30);
    let timed = async |path: &str| {
        let started = tokio::time::Instant::now();
        let answer = caller.json(path).await;
        (started.elapsed(), answer["users"].as_array().unwrap().len(), answer["total"].as_u64().unwrap())
    };
    let (all, shown, total) = timed("/api/users").await;
    assert!(all >= Duration::from_millis(300) && (shown, total) == (30, 30), "{all:?}");
    let (page, shown, total) = timed("/api/users?limit=1&sort=username").await;
    assert!(page < all / 2 && (shown, total) == (1, 30), "{page:?}");

    let poison = caller.post_user(&json!({ "username": "poison" })).send().await.unwrap();
    assert_eq!(poison.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(panel.user("poison").unwrap().poisoned);
    assert_eq!(caller.status("/api/users?offset=25&limit=10").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(caller.status("/api/users?limit=10").await, StatusCode::OK);
    assert_eq!(caller.delete("poison").await, StatusCode::OK);
    assert_eq!(caller.status("/api/users?offset=25&limit=10").await, StatusCode::OK);
}

#[tokio::test]
async fn with_many_users_the_review_of_every_ten_seconds_holds_up_a_request() {
    let options = Options { review_cost_per_user: Duration::from_millis(10), ..Options::default() };
    let (clock, panel, caller) = world(options).await;
    panel.add_foreign_users(30);
    let timed = async || {
        let started = tokio::time::Instant::now();
        assert_eq!(caller.status("/api/core").await, StatusCode::OK);
        started.elapsed()
    };
    let usual = timed().await;
    clock.advance(REVIEW);
    let stalled = timed().await;
    assert!(stalled >= Duration::from_millis(300) && usual < stalled, "{usual:?} {stalled:?}");
    assert!(timed().await < stalled);
}

#[tokio::test]
async fn a_dead_core_is_seen_only_where_one_looks_and_catches_up_when_it_starts() {
    let (clock, panel, caller) = world(Options::default()).await;
    panel.set_core(false);
    caller.made(&user("alice", ALICE)).await;
    assert_eq!(caller.status("/api/system").await, StatusCode::OK);
    assert_eq!(caller.json("/api/core").await["started"], false);
    assert_eq!(caller.post("/api/core/restart").await, StatusCode::INTERNAL_SERVER_ERROR);
    clock.advance(REVIEW);
    assert!(!panel.works(ALICE));
    panel.set_core(true);
    assert!(panel.works(ALICE));

    panel.kill_core();
    assert!(!panel.works(ALICE));
    clock.advance(REVIEW);
    assert!(panel.works(ALICE), "the panel starts a dead core again");
}

#[tokio::test]
async fn a_backup_brings_back_what_was_and_loses_what_came_after() {
    const BOB: &str = "6a1f3f2e-2222-4222-8222-222222222222";
    let (_, panel, caller) = world(Options::default()).await;
    caller.made(&user("alice", ALICE)).await;
    let backup = panel.snapshot();
    caller.delete("alice").await;
    caller.made(&user("bob", BOB)).await;
    panel.restore(&backup);
    assert_eq!(panel.usernames(), ["alice"]);
    assert!(panel.works(ALICE) && !panel.works(BOB));
    assert_eq!(caller.status("/api/user/bob").await, StatusCode::NOT_FOUND);
    panel.wipe();
    assert!(panel.usernames().is_empty() && !panel.works(ALICE));
}

#[tokio::test]
async fn nodes_come_and_go_and_count_their_traffic() {
    let (clock, panel, caller) = world(Options::default()).await;
    caller.made(&user("alice", ALICE)).await;
    let node =
        panel.add_node(&NodeSpec { usage_coefficient: 2.0, ..NodeSpec::new("DE-2", "de2.vpn.example") });
    let status = async || caller.json(&format!("/api/node/{node}")).await["status"].clone();
    assert_eq!(status().await, "connecting");
    clock.advance(Duration::from_secs(1));
    assert_eq!(status().await, "connected");
    let links = panel.user("alice").unwrap().links;
    assert_eq!(links.len(), 2, "one by the panel's own core, one by the node: {links:?}");
    assert!(links[1].contains("@de2.vpn.example:"));

    panel.add_traffic_through("alice", Some(node), 100, 400);
    assert_eq!(panel.user("alice").unwrap().used_traffic, 1_000, "it counts twice");
    let usage = caller.json("/api/nodes/usage").await;
    assert_eq!(usage["usages"][0]["node_name"], "Master");
    assert_eq!(
        usage["usages"][1],
        json!({ "node_id": node, "node_name": "DE-2", "uplink": 100, "downlink": 400 })
    );

    panel.set_node(node, false);
    assert_eq!(status().await, "error");
    panel.set_node(node, true);
    assert_eq!(caller.post(&format!("/api/node/{node}/reconnect")).await, StatusCode::OK);
    clock.advance(Duration::from_secs(1));
    assert_eq!(status().await, "connected");
}

#[tokio::test]
async fn a_protocol_that_no_inbound_speaks_is_refused() {
    let mut inbounds = Inbound::defaults(30_000);
    inbounds.retain(|inbound| inbound.protocol != Protocol::Trojan);
    let (_, panel, caller) = world(Options { inbounds, ..Options::default() }).await;
    let body = json!({ "username": "alice", "proxies": { "trojan": {} }, "inbounds": {} });
    assert_eq!(caller.post_user(&body).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert!(panel.usernames().is_empty());
}

#[tokio::test]
async fn everything_random_follows_from_the_seed() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let (_, panel, caller) = world(Options { seed, ..Options::default() }).await;
        let proxies = json!({ "vless": {}, "trojan": {}, "shadowsocks": {} });
        let body = json!({ "username": "alice", "proxies": proxies, "inbounds": {} });
        runs.push(caller.made(&body).await);
        assert_eq!(panel.requests().len(), 2);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0]["proxies"], runs[2]["proxies"]);
    assert_ne!(runs[0]["subscription_url"], runs[2]["subscription_url"]);
}

#[tokio::test]
async fn a_fleet_is_several_panels_on_one_clock() {
    let clock = SimClock::manual(noon());
    let like = Options { clock: clock.clone(), ..Options::default() };
    let fleet = Fleet::start(&["de", "nl", "fi"], &like).await.unwrap();
    for name in ["de", "fi"] {
        Caller::log_in(fleet.panel(name)).await.made(&user("alice", ALICE)).await;
    }
    assert_eq!(fleet.copies("alice"), 2);
    assert_eq!(fleet.works_on(ALICE), ["de", "fi"]);
    let link = fleet.panel("fi").user("alice").unwrap().links[0].clone();
    assert!(link.contains("@fi.vpn.example:20343?"), "{link}");
    assert!(fleet.panel("fi").user("alice").unwrap().subscription_url.starts_with(&fleet.panel("fi").url()));
    fleet.panel("de").set_fault(Fault::Refuse);
    assert_eq!(fleet.works_on(ALICE), ["de", "fi"], "a stopped panel leaves its core running");
    fleet.shutdown().await;
}
