//! Instances, what the checks found, and the way out of the fleet.

use std::time::Duration;

use karvan::domain::health::Tally;
use karvan::domain::health::complaints::{Heard, Said};
use karvan::domain::instance::{AdminState, Counters, Health, NodeStatus};
use karvan::domain::operation::{Kind as Wish, Outcome};
use karvan::domain::{ConfigId, UserId};
use karvan::panel::Node;
use karvan::store::health::Check;
use karvan::store::instances::StillUsed;
use karvan::store::operations::{Planned, Switch};
use rstest::rstest;
use secrecy::ExposeSecret;

use crate::db::{Kind, at};
use crate::world::{add, id, instance, key, operation, plan};

#[rstest]
#[tokio::test]
async fn an_instance_is_taken_in_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    let mut same_id = instance("de1", 10);
    same_id.base_url = "https://elsewhere.example".parse().unwrap();
    assert!(!store.add_instance(&same_id, &"x".to_owned().into(), at(1)).await.unwrap());
    let mut same_address = instance("de2", 10);
    same_address.base_url = instance("de1", 10).base_url;
    assert!(!store.add_instance(&same_address, &"x".to_owned().into(), at(1)).await.unwrap());
    // Nothing of the refused ones is left, and what was there is as it was.
    assert_eq!(store.instances().await.unwrap(), [instance("de1", 10)]);
    assert_eq!(store.counters().await.unwrap(), [(id("de1"), Counters::default())]);
    assert_eq!(store.password(&id("de1")).await.unwrap().unwrap().expose_secret(), "hunter2-de1");
    assert_eq!(store.instance_at(instance("de1", 10).base_url.as_str()).await.unwrap(), Some(id("de1")));
    assert_eq!(store.instance_at("https://elsewhere.example").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn an_instance_is_edited(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    let mut changed = instance("de1", 500);
    changed.name = "Франкфурт".to_owned();
    changed.connection.headers.clear();
    assert!(store.edit_instance(&changed, None, at(1)).await.unwrap());
    assert_eq!(store.instance(&id("de1")).await.unwrap(), Some(changed.clone()));
    let password = || async { store.password(&id("de1")).await.unwrap().unwrap().expose_secret().to_owned() };
    assert_eq!(password().await, "hunter2-de1", "no new password, the old one stays");
    assert!(store.edit_instance(&changed, Some(&"correct horse".to_owned().into()), at(2)).await.unwrap());
    assert_eq!(password().await, "correct horse");

    changed.base_url = instance("nl1", 10).base_url;
    assert!(!store.edit_instance(&changed, None, at(3)).await.unwrap(), "another's address");
    assert!(!store.edit_instance(&instance("fi1", 10), None, at(3)).await.unwrap(), "not in the fleet");
    assert_eq!(store.instances().await.unwrap().len(), 2);

    assert!(store.set_admin_state(&id("de1"), AdminState::Cordoned, at(4)).await.unwrap());
    let state = store.instance(&id("de1")).await.unwrap().unwrap().admin_state;
    assert_eq!(state, AdminState::Cordoned);
    assert!(!store.set_admin_state(&id("fi1"), AdminState::Open, at(4)).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn an_instance_leaves_only_when_nothing_of_ours_is_there(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    let config = key(store, 7).await;
    let remove = || async { store.remove_instance(&id("de1")).await.unwrap() };
    let claim = || async { store.claim_operations("w", at(9), 9).await.unwrap().remove(0) };

    assert!(matches!(plan(store, &claim().await, "de1").await, Planned::Yes(_)));
    assert_eq!(remove().await, Err(StillUsed { keys: 1, leftovers: 0 }), "an operation goes there");
    let planned = store.key(config).await.unwrap().unwrap().operation.unwrap();
    let switch = Switch {
        operation: &planned,
        used: 0,
        limit: None,
        link: Some("https://de1.example/sub/secret"),
        links: &[],
        unsettled: None,
        linger_until: at(100),
        letters: Vec::new(),
    };
    assert!(store.switch(&switch, at(2)).await.unwrap());
    assert_eq!(remove().await, Err(StillUsed { keys: 1, leftovers: 0 }), "an account serves there");

    store.begin_operation(config, &operation(Wish::Revoke), at(3)).await.unwrap();
    let revoke = claim().await;
    assert!(store.release_all(&revoke, &[], at(4)).await.unwrap());
    assert_eq!(remove().await, Err(StillUsed { keys: 0, leftovers: 1 }), "an account must be deleted there");
    let tombstone = store.claim_tombstones("w", at(5), 9).await.unwrap().remove(0);
    store.tombstone_gone(tombstone.id, at(6)).await.unwrap();

    store.replace_nodes(&id("de1"), &[node("Master")], at(6)).await.unwrap();
    store.record_check(&id("de1"), &good(Health::Healthy), at(6)).await.unwrap();
    assert_eq!(remove().await, Ok(()));
    assert_eq!(store.instances().await.unwrap(), []);
    assert_eq!((store.counters().await.unwrap(), store.nodes().await.unwrap()), (Vec::new(), Vec::new()));
    assert!(store.operation(planned.id).await.unwrap().unwrap().ended.unwrap().1 == Outcome::Done);
    add(store, "de1", 10).await;
}

fn good(health: Health) -> Check {
    Check {
        health,
        latency_ms: Some(120),
        version: Some("0.8.4".to_owned()),
        users_active: Some(42),
        core_started: Some(true),
        problem: None,
    }
}

#[rstest]
#[tokio::test]
async fn a_failed_check_keeps_what_the_last_good_one_saw(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    assert_eq!(store.health_of(&id("de1")).await.unwrap(), None);
    store.record_check(&id("de1"), &good(Health::Healthy), at(0)).await.unwrap();
    store.record_check(&id("de1"), &good(Health::Healthy), at(10)).await.unwrap();
    let failed = Check {
        health: Health::ControlDown,
        latency_ms: None,
        version: None,
        users_active: None,
        core_started: None,
        problem: Some("timeout".to_owned()),
    };
    for seconds in [20, 30] {
        store.record_check(&id("de1"), &failed, at(seconds)).await.unwrap();
    }
    let report = store.health_of(&id("de1")).await.unwrap().unwrap();
    assert_eq!((report.health, report.since, report.checked_at), (Health::ControlDown, at(20), Some(at(30))));
    assert_eq!((report.last_good_at, report.latency_ms), (Some(at(10)), Some(120)));
    assert_eq!((report.version.as_deref(), report.users_active), (Some("0.8.4"), Some(42)));
    assert_eq!(report.problem.as_deref(), Some("timeout"));
    store.record_check(&id("de1"), &good(Health::Healthy), at(40)).await.unwrap();
    let all = store.health().await.unwrap();
    assert_eq!((all[0].1.since, all[0].1.problem.as_deref()), (at(40), None));
}

fn node(name: &str) -> Node {
    Node {
        remote_id: Some(3),
        name: name.to_owned(),
        address: "203.0.113.7".to_owned(),
        status: NodeStatus::Connected,
        message: None,
        usage_coefficient: 1.5,
        traffic: Some(u64::MAX),
    }
}

#[rstest]
#[tokio::test]
async fn nodes_follow_what_the_panel_shows(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    store.replace_nodes(&id("de1"), &[node("Master"), node("exit-1")], at(0)).await.unwrap();
    store.replace_nodes(&id("nl1"), &[node("Master")], at(0)).await.unwrap();
    let broken = Node { status: NodeStatus::Error, message: Some("refused".to_owned()), ..node("exit-1") };
    store.replace_nodes(&id("de1"), &[broken, node("exit-2")], at(10)).await.unwrap();
    let nodes = store.nodes().await.unwrap();
    let names: Vec<_> = nodes
        .iter()
        .map(|(at, node)| (at.as_str(), node.name.as_str(), node.status.is_connected()))
        .collect();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(names, [("de1", "exit-1", false), ("de1", "exit-2", true), ("nl1", "Master", true)]);
    let traffic = nodes.iter().map(|(_, node)| node.traffic);
    assert!(
        traffic.into_iter().all(|bytes| bytes == Some(i64::MAX.unsigned_abs())),
        "more than 8 EiB is 8 EiB"
    );
}

#[rstest]
#[tokio::test]
async fn foreign_users_are_counted_apart(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "nl1", 10).await;
    add(store, "de1", 10).await;
    store.set_foreign(&id("de1"), 900, at(0)).await.unwrap();
    store.set_foreign(&id("nl1"), 1, at(0)).await.unwrap();
    store.set_foreign(&id("nl1"), 0, at(1)).await.unwrap();
    let foreign = |foreign| Counters { foreign, ..Counters::default() };
    assert_eq!(store.counters().await.unwrap(), [(id("de1"), foreign(900)), (id("nl1"), foreign(0))]);
}

fn tally(good: &[u64], failed: u32) -> Tally {
    let mut tally = Tally::default();
    good.iter().for_each(|millis| tally.check(Some(Duration::from_millis(*millis))));
    (0..failed).for_each(|_| tally.check(None));
    tally
}

#[rstest]
#[tokio::test]
async fn checks_add_up_to_uptime(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    assert_eq!(store.uptime(&id("de1"), at(0)).await.unwrap(), Tally::default());

    // Two processes look at the same five minutes.
    store.add_checks(&id("de1"), at(300), &tally(&[40, 900], 1)).await.unwrap();
    store.add_checks(&id("de1"), at(300), &tally(&[60], 0)).await.unwrap();
    store.add_checks(&id("de1"), at(600), &tally(&[], 4)).await.unwrap();
    store.add_checks(&id("nl1"), at(600), &tally(&[10], 0)).await.unwrap();
    let all = store.uptime(&id("de1"), at(0)).await.unwrap();
    assert_eq!(all, tally(&[40, 900, 60], 5));
    assert_eq!((all.uptime(), all.latency_max_ms), (Some(0.375), 900));
    assert_eq!(store.uptime(&id("de1"), at(600)).await.unwrap(), tally(&[], 4), "from then on only");
    let mut each = store.uptimes(at(0)).await.unwrap();
    each.sort_by_key(|(id, _)| id.clone());
    assert_eq!(each, [(id("de1"), all), (id("nl1"), tally(&[10], 0))]);

    assert_eq!(store.forget_checks(at(600)).await.unwrap(), 1);
    assert_eq!(store.uptime(&id("de1"), at(0)).await.unwrap(), tally(&[], 4));
}

#[rstest]
#[tokio::test]
async fn an_instance_that_was_looked_at_can_be_taken_out(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    store.add_checks(&id("de1"), at(300), &tally(&[40], 0)).await.unwrap();
    let endpoint = ("de1.example:443".to_owned(), serde_json::json!({}));
    store.saw_endpoints(&id("de1"), &[endpoint], at(0), at(1)).await.unwrap();
    assert_eq!(store.remove_instance(&id("de1")).await.unwrap(), Ok(()));
    assert_eq!(store.instances().await.unwrap(), []);
    assert_eq!(store.uptime(&id("de1"), at(0)).await.unwrap(), Tally::default());
}

#[rstest]
#[tokio::test]
async fn people_who_complain_are_counted_once_an_hour(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    const HOUR: i64 = 3_600;
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    let says = async |name: &str, user: i64, when: i64| {
        store.complain(&id(name), UserId(user), ConfigId(user), Said::Fails, at(when)).await.unwrap()
    };
    assert!(says("de1", 1, 0).await);
    assert!(!says("de1", 1, HOUR - 1).await, "the same person in the same hour");
    assert!(says("nl1", 1, HOUR - 1).await, "of another instance");
    assert!(says("de1", 1, HOUR).await);
    assert!(says("de1", 2, HOUR + 10).await);
    let heard = store.complaints(at(HOUR + 20)).await.unwrap();
    let of = |name: &str| heard.iter().find(|(of, _)| *of == id(name)).unwrap().1;
    assert_eq!(of("de1"), Heard { users: 2, in_week_before: 1 });
    assert_eq!(of("nl1"), Heard { users: 1, in_week_before: 0 });
    assert_eq!(store.complaints_since(at(-1)).await.unwrap().len(), 2);
    assert_eq!(store.forget_complaints(at(HOUR)).await.unwrap(), 0);
    assert_eq!(store.forget_complaints(at((8 * 24 + 1) * HOUR + 1)).await.unwrap(), 1);
    store.remove_instance(&id("de1")).await.unwrap().unwrap();
    assert_eq!(store.complaints_since(at(-1)).await.unwrap(), [(id("nl1"), 1)]);
}

#[rstest]
#[tokio::test]
async fn an_exit_that_is_hidden_stays_hidden(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    store.replace_nodes(&id("de1"), &[node("exit-1"), node("exit-2")], at(1)).await.unwrap();
    let first = store.nodes_of(&id("de1")).await.unwrap().remove(0);
    assert!(!store.hide_node(&id("nl1"), first.id, true).await.unwrap(), "of another instance");
    assert!(store.hide_node(&id("de1"), first.id, true).await.unwrap());
    store.replace_nodes(&id("de1"), &[node("exit-1"), node("exit-2")], at(2)).await.unwrap();
    let hidden: Vec<bool> =
        store.nodes_of(&id("de1")).await.unwrap().iter().map(|node| node.hidden).collect();
    assert_eq!(hidden, [true, false]);
    assert!(store.nodes_of(&id("nl1")).await.unwrap().is_empty());
}
