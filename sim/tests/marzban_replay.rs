//! Every recorded exchange with real panels (Marzban 0.8.4), made again with simulated ones: status, headers and bodies
//! must be the same, up to the rules in `replay/rules.rs`.
//!
//! The recordings were made one after the other on three panels, and so they are replayed. What the recorder did
//! between exchanges without recording it stands in [`before`].

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "replay/rules.rs"]
mod rules;
#[path = "replay/world.rs"]
mod world;

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use sim::marzban::Fault;
use world::{World, all_protocols, moment, recording};

/// The recordings in the order in which they were made.
const FILES: [&str; 18] = [
    "01_auth",
    "02_user_create",
    "03_user_create_refused",
    "04_poison_user",
    "05_user_get",
    "06_user_modify",
    "07_user_delete",
    "08_revoke_reset",
    "14_move_between_panels",
    "09_users_list",
    "10_usage",
    "11_system_core_inbounds_hosts",
    "12_nodes",
    "13_subscription",
    "15_traffic_and_transitions",
    "18_env_sudo_admin",
    "16_core_down",
    "17_panel_trouble",
];

/// All that these files hold: none is left out.
const EXCHANGES: usize = 334;

#[tokio::test]
async fn the_simulated_panels_answer_as_the_real_ones_did() {
    let mut world = World::new().await;
    for file in FILES {
        for exchange in recording(file) {
            before(&mut world, file, &exchange.name).await;
            world.replay(file, &exchange).await;
        }
    }
    assert_eq!(world.replayed, EXCHANGES);
    let mismatches = world.finish();
    assert!(mismatches.is_empty(), "{} mismatches:\n{}", mismatches.len(), mismatches.join("\n"));
}

/// What happened before an exchange and was not recorded: mostly done through the API, sometimes to the database, the
/// processes, or the clock.
async fn before(world: &mut World, file: &str, exchange: &str) {
    let panel = world.panel().clone();
    match (file, exchange) {
        ("01_auth", "expired_token") => {
            let now = world.clock.now();
            world.other_token =
                panel.token("admin", true, now - TimeDelta::days(2), now - TimeDelta::days(1));
        }
        ("01_auth", "token_signed_with_another_key") => {
            let now = world.clock.now();
            world.other_token = world.panels[&3].token("admin", true, now, now + TimeDelta::days(1));
        }
        ("01_auth", "token_of_another_panel") => world.other_token = world.login(2, "admin", "admin").await,
        ("01_auth", "non_sudo_creates_user") => world.other_token = world.login(1, "bot", "botpass").await,
        ("01_auth", "non_sudo_deletes_own_user") => {
            world.other_token = world.login(1, "bot", "botpass2").await;
        }
        ("02_user_create", "minimal_with_empty_inbounds_object_gets_all_inbounds") => {
            world.aside(1, Method::DELETE, "/api/user/of_admin", Value::Null).await;
        }
        ("02_user_create", "proxies_left_out_gives_user_without_keys") => {
            // Its answer is a 500; a later one shows when it was made.
            world.clock.advance_to(moment("02:17:21.341918"));
        }
        ("07_user_delete", "delete") => {
            world.clock.advance_to(moment("02:17:40.5"));
            let proxies = json!({ "vless": { "id": "1f8653ff-4064-4419-8a5d-a8074493f536" } });
            let body = json!({ "username": "tg_del", "proxies": proxies, "inbounds": {} });
            world.aside(1, Method::POST, "/api/user", body).await;
            let address = panel.user("tg_del").unwrap().subscription_url;
            world.bindings.bind("dGdfZGVsLDE3OTUyMjc0NjEyMWZgXQiAm", address.rsplit('/').next().unwrap());
        }
        ("08_revoke_reset", "used_more_than_the_limit_becomes_limited_by_itself") => {
            world.aside(1, Method::PUT, "/api/user/tg_1004", json!({ "data_limit": 4_000 })).await;
            panel.set_used_traffic("tg_1004", 5_000);
        }
        ("08_revoke_reset", "raise_the_limit_of_a_limited_user_makes_it_active") => {
            panel.set_used_traffic("tg_1004", 5_000);
        }
        ("08_revoke_reset", "reset_of_a_DISABLED_user_makes_it_active") => {
            world.aside(1, Method::PUT, "/api/user/tg_1004", json!({ "status": "disabled" })).await;
        }
        ("14_move_between_panels", "create_on_panel_1_with_random_credentials") => make_list(world).await,
        ("14_move_between_panels", "read_on_panel_1") => panel.set_used_traffic("mover", 3_221_225_472),
        ("09_users_list", "limit_2") => world.aside(1, Method::DELETE, "/api/user/mover", Value::Null).await,
        ("12_nodes", "nodes_empty") => {
            let recorded = recording("11_system_core_inbounds_hosts");
            let hosts = recorded.iter().find(|exchange| exchange.name == "hosts_default").unwrap();
            let hosts = hosts.response.as_ref().unwrap().body.clone();
            world.aside(1, Method::PUT, "/api/hosts", hosts).await;
        }
        ("12_nodes", "nodes_four_seconds_later") => world.clock.advance(Duration::from_secs(4)),
        ("12_nodes", "node_after_reconnect") => world.clock.advance(Duration::from_secs(2)),
        ("13_subscription", "user") => {
            world.clock.advance_to(moment("02:18:49.727414"));
            let mut body = all_protocols("sub_user");
            body["expire"] = json!(1_797_819_518);
            body["data_limit"] = json!(10_737_418_240_u64);
            world.aside(1, Method::POST, "/api/user", body).await;
        }
        ("13_subscription", "subscription_of_a_disabled_user_still_200_with_the_links") => {
            world.aside(1, Method::PUT, "/api/user/sub_user", json!({ "status": "disabled" })).await;
        }
        ("13_subscription", "subscription_of_a_expired_user_still_200_with_the_links") => {
            let body = json!({ "status": "active", "expire": 1_795_227_513 });
            world.aside(1, Method::PUT, "/api/user/sub_user", body).await;
        }
        ("15_traffic_and_transitions", _) => traffic(world, exchange),
        ("16_core_down", "core_killed") => panel.kill_core(),
        ("16_core_down", "create_user_with_dead_core") => {
            // The panel had started it again meanwhile, and it was killed once more.
            world.clock.advance_to(moment("02:23:58.487369"));
            panel.kill_core();
        }
        ("16_core_down", "core_restarted_by_the_panel") => world.clock.advance(Duration::from_secs(10)),
        ("16_core_down", "core_that_cannot_start") => panel.set_core(false),
        ("16_core_down", "core_repaired") => panel.set_core(true),
        ("17_panel_trouble", _) => trouble(world, exchange),
        _ => {}
    }
}

/// Five users to be listed, in place of most of the earlier ones.
async fn make_list(world: &World) {
    for name in world.panel().usernames() {
        if !["tg_1000", "tg_1001", "tg_1002", "tg_1003", "tg_1004", "tg_1005"].contains(&name.as_str()) {
            world.panel().delete_user(&name);
        }
    }
    let created = ["09.229501", "09.278996", "09.346103", "09.394316", "09.461026"];
    for (number, created) in (1_i64..).zip(created) {
        world.clock.advance_to(moment(&format!("02:18:{created}")));
        let name = format!("list_{number}");
        let body = json!({
            "username": name,
            "proxies": { "vless": {} },
            "inbounds": {},
            "expire": 1_795_313_888 + (number - 1) * 86_400,
            "data_limit": number * 1_000_000_000,
            "note": format!("note {number}"),
        });
        world.aside(1, Method::POST, "/api/user", body).await;
        if number == 2 {
            world.aside(1, Method::PUT, "/api/user/list_2", json!({ "status": "disabled" })).await;
        }
    }
}

/// What clients used between the exchanges of recording 15, and when the panel noted it.
fn traffic(world: &World, exchange: &str) {
    let panel = world.panel();
    match exchange {
        "create_with_limit_2_MB" => panel.wipe(),
        "after_some_traffic" => {
            world.clock.advance_to(moment("02:21:17.486904"));
            panel.add_traffic_through("traf", None, 1_928, 499_077);
        }
        "enable" => {
            // The connection that was open when the user was disabled ran to its end.
            world.clock.advance_to(moment("02:21:27.487743"));
            panel.add_traffic("traf", 31_204);
        }
        "over_the_limit" => {
            world.clock.advance_to(moment("02:21:37.487621"));
            panel.add_traffic("traf", 3_035_188);
            world.clock.advance_to(moment("02:21:37.6"));
        }
        "recreate_with_the_same_credentials" => panel.late_traffic(0, 5_985),
        "on_hold_after_the_first_traffic" => {
            world.clock.advance_to(moment("02:21:57.494785"));
            panel.add_traffic("traf", 5_985);
            panel.add_traffic("holder", 1_197);
        }
        "after_expiry" => world.clock.advance_to(moment("02:22:17.6")),
        _ => {}
    }
}

/// What was done to the panel during recording 17.
fn trouble(world: &mut World, exchange: &str) {
    let panel = world.panel().clone();
    let wait = Duration::from_millis(20);
    world.impatient = false;
    match exchange {
        "frozen_panel_connects_but_never_answers" => {
            panel.set_fault(Fault::Frozen);
            world.impatient = true;
        }
        "create_user_while_the_database_is_locked" => {
            panel.set_fault(Fault::DatabaseLocked { exclusive: true, wait });
        }
        "create_user_while_another_writer_holds_the_database" => {
            panel.set_fault(Fault::DatabaseLocked { exclusive: false, wait });
        }
        "client_gives_up_after_1_s_on_a_slow_create" => {
            world.clock.advance_to(moment("02:25:14.812596"));
            panel.set_fault(Fault::HoldAck);
            world.impatient = true;
        }
        "after_thaw" | "was_the_user_of_the_500_created" | "the_user_was_created_nevertheless" => {
            panel.set_fault(Fault::None);
        }
        "panel_stopped" => panel.set_fault(Fault::Refuse),
        _ => {}
    }
}
