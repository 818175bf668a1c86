//! What checks find besides life and death, and what admins are told of it.

use std::time::Duration;

use chrono::TimeDelta;
use karvan::domain::incident::{Entry, Incident, Kind};
use karvan::domain::instance::{Node, NodeStatus};
use karvan::domain::{Clock, InstanceId};
use karvan::panel::endpoint::{Endpoint, Transport};
use karvan::panel::probe::Reached;
use karvan::service::fleet::Fleet as Instances;
use karvan::service::health::relays;
use karvan::service::incidents::Incidents;
use karvan::store::incidents::slot;

use super::Fleet;
use super::memory::{ADMIN, id};

fn node(name: &str, status: NodeStatus) -> Node {
    Node {
        remote_id: (name != "Master").then_some(7),
        name: name.to_owned(),
        address: "192.0.2.7".to_owned(),
        status,
        message: (status == NodeStatus::Error).then(|| "connection refused".to_owned()),
        usage_coefficient: 1.0,
        traffic: Some(0),
    }
}

impl Fleet {
    async fn open(&self, kind: Kind) -> Option<Incident> {
        let open = Incidents::new(self.world.core.clone()).open().await.unwrap();
        open.into_iter().find(|open| open.kind == kind)
    }

    /// All letters that wait are taken by Telegram, each as the message `number`.
    async fn is_delivered(&self, number: i64) {
        let store = &self.world.core.store;
        let now = self.world.clock.now();
        for letter in store.due_letters(now, 100).await.unwrap() {
            store.letter_sent(&letter, Some(number), now).await.unwrap();
        }
    }

    fn skips(&self, days: i64) {
        self.world.clock.advance(TimeDelta::days(days).to_std().unwrap());
    }

    async fn shows(&self, name: &str, nodes: &[(&str, NodeStatus)]) {
        let nodes = nodes.iter().map(|(name, status)| node(name, *status)).collect();
        self.world.panel(name).set_nodes(nodes);
        self.lives(35).await;
    }
}

#[tokio::test]
async fn the_end_of_a_certificate_is_told_at_each_step_once_in_a_message_of_its_own() {
    let fleet = Fleet::of(&["a", "b"]).await;
    let start = fleet.world.clock.now();
    let days = async || match fleet.open(Kind::Certificate).await.as_ref().map(|open| open.last().cloned()) {
        Some(Some(Entry::CertificateEnds { days })) => Some(days),
        None => None,
        other => panic!("{other:?}"),
    };
    fleet.world.panel("a").set_certificate(Some(start + TimeDelta::days(20)));
    fleet.lives(35).await;
    assert_eq!(days().await, None, "far");
    fleet.skips(7);
    fleet.lives(35).await;
    assert_eq!(days().await, Some(12));
    let first = fleet.open(Kind::Certificate).await.unwrap().id;
    fleet.is_delivered(1).await;
    fleet.skips(3);
    fleet.lives(70).await;
    assert_eq!(days().await, Some(12), "not again each day");
    assert!(fleet.world.core.store.due_letters(fleet.world.clock.now(), 9).await.unwrap().is_empty());
    fleet.skips(7);
    fleet.lives(35).await;
    assert_eq!(days().await, Some(2));
    let sent = fleet.world.core.store.sent_message(&slot(first, ADMIN.0)).await.unwrap();
    assert_eq!(sent, None, "told anew, not by an edit that nobody is shown");
    fleet.is_delivered(2).await;
    fleet.skips(2);
    fleet.lives(35).await;
    assert_eq!(days().await, Some(0));
    fleet.skips(1);
    fleet.lives(35).await;
    assert_eq!(days().await, Some(-1));
    let stored = fleet.world.core.store.health_of(&id("a")).await.unwrap().unwrap();
    assert_eq!(stored.certificate_ends_at, Some(start + TimeDelta::days(20)));
    fleet.world.panel("a").set_certificate(Some(start + TimeDelta::days(90)));
    fleet.lives(35).await;
    assert_eq!(days().await, None, "renewed");
}

#[tokio::test]
async fn the_certificate_of_an_address_in_links_counts_as_well() {
    let fleet = Fleet::of(&["a"]).await;
    let now = fleet.world.clock.now();
    let transport = Transport::Tls { sni: "a.example".to_owned(), borrowed: false };
    let own = Endpoint { host: "a.example".to_owned(), port: 8443, transport, behind_cdn: false };
    let seen = [(own.address(), serde_json::to_value(&own).unwrap())];
    fleet.world.core.store.saw_endpoints(&id("a"), &seen, now, now).await.unwrap();
    fleet.world.probe.set_certificate(&own.address(), now + TimeDelta::days(9));
    fleet.world.panel("a").set_certificate(Some(now + TimeDelta::days(300)));
    fleet.lives(3_700).await;
    let open = fleet.open(Kind::Certificate).await.unwrap();
    assert_eq!(open.last(), Some(&Entry::CertificateEnds { days: 8 }));
}

#[tokio::test]
async fn an_exit_in_error_is_one_incident_until_it_is_back() {
    use NodeStatus::{Connected, Connecting, Disabled, Error};
    let fleet = Fleet::of(&["a"]).await;
    fleet.shows("a", &[("Master", Connected), ("Berlin", Connected)]).await;
    assert_eq!(fleet.open(Kind::Node).await, None);
    // A restart of that server takes less than two checks.
    fleet.world.panel("a").set_nodes(vec![node("Berlin", Error)]);
    let watch = &fleet.world.watch;
    watch.check(&id("a")).await.unwrap().unwrap();
    assert_eq!(fleet.open(Kind::Node).await, None);
    fleet.shows("a", &[("Master", Connected), ("Berlin", Error)]).await;
    let first = fleet.open(Kind::Node).await.unwrap();
    assert_eq!(first.subject, "a/Berlin");
    fleet.shows("a", &[("Master", Connected), ("Berlin", Connecting)]).await;
    fleet.shows("a", &[("Master", Connected), ("Berlin", Error)]).await;
    assert_eq!(fleet.open(Kind::Node).await.unwrap().timeline, first.timeline, "told once");
    fleet.shows("a", &[("Master", Connected), ("Berlin", Connected)]).await;
    assert_eq!(fleet.open(Kind::Node).await, None);
    let incident = fleet.world.core.store.incident(first.id).await.unwrap().unwrap();
    assert_eq!(incident.last(), Some(&Entry::NodeBack { node: "Berlin".to_owned() }));
    // Whoever is switched off, or taken out, is no trouble any more.
    for end in [vec![("Berlin", Disabled)], vec![]] {
        fleet.skips(1);
        fleet.shows("a", &[("Berlin", Error)]).await;
        fleet.shows("a", &[("Berlin", Error)]).await;
        assert!(fleet.open(Kind::Node).await.is_some());
        fleet.shows("a", &end).await;
        assert_eq!(fleet.open(Kind::Node).await, None, "{end:?}");
    }
}

#[tokio::test]
async fn what_admins_do_with_an_exit_stays_and_is_on_record() {
    let fleet = Fleet::of(&["a"]).await;
    let instances = Instances::new(fleet.world.core.clone());
    let at: InstanceId = id("a");
    fleet.shows("a", &[("Master", NodeStatus::Connected), ("Berlin", NodeStatus::Connected)]).await;
    let berlin = async || {
        let nodes = fleet.world.core.store.nodes_of(&at).await.unwrap();
        nodes.into_iter().find(|node| node.name == "Berlin").unwrap()
    };
    assert!(instances.hide_node(Some(ADMIN), &at, &berlin().await, true).await.unwrap());
    fleet.lives(35).await;
    assert!(berlin().await.hidden, "the next check leaves it so");
    assert!(instances.hide_node(Some(ADMIN), &at, &berlin().await, false).await.unwrap());
    assert!(!berlin().await.hidden);
    instances.reconnect_node(Some(ADMIN), &at, &berlin().await).await.unwrap().unwrap();
    fleet.lives(35).await;
    assert_eq!(berlin().await.status, NodeStatus::Connecting);
    instances.restart_core(Some(ADMIN), &at).await.unwrap().unwrap();
    assert_eq!(fleet.world.panel("a").restarts(), 1);
    let record = fleet.world.core.store.audit(10, None).await.unwrap();
    let done: Vec<&str> = record.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(done[..4], ["core-restarted", "node-reconnected", "node-shown", "node-hidden"]);
}

#[tokio::test]
async fn an_instance_taken_out_leaves_no_incident_open() {
    let fleet = Fleet::of(&["a", "b"]).await;
    fleet.shows("a", &[("Berlin", NodeStatus::Error)]).await;
    fleet.shows("a", &[("Berlin", NodeStatus::Error)]).await;
    assert!(fleet.open(Kind::Node).await.is_some());
    Instances::new(fleet.world.core.clone()).remove(Some(ADMIN), &id("a")).await.unwrap();
    assert_eq!(fleet.open(Kind::Node).await, None);
}

#[tokio::test]
async fn a_relay_that_several_panels_share_is_one_incident_and_moves_nobody() {
    let (fleet, _) = Fleet::of(&["a", "b"]).await.with_keys(4).await;
    let core = &fleet.world.core;
    let relay = Endpoint {
        host: "relay.example".to_owned(),
        port: 443,
        transport: Transport::Tcp,
        behind_cdn: false,
    };
    let named = [(relay.address(), serde_json::to_value(&relay).unwrap())];
    for name in ["a", "b"] {
        let now = fleet.world.clock.now();
        core.store.saw_endpoints(&id(name), &named, now - TimeDelta::days(1), now).await.unwrap();
    }
    let looks = async |seconds| {
        fleet.lives(seconds).await;
        relays::look(core).await.unwrap();
    };
    looks(70).await;
    fleet.world.probe.set(&relay.address(), Some(Reached::Refused));
    looks(120).await;
    assert_eq!(fleet.open(Kind::Endpoint).await, None, "two minutes are no outage yet");
    looks(130).await;
    looks(10).await;
    let open = fleet.open(Kind::Endpoint).await.unwrap();
    let panels = vec![id("a"), id("b")];
    let entry = Entry::EndpointSilent { address: "relay.example:443".to_owned(), panels };
    assert_eq!((open.timeline.len(), open.last(), open.affected), (1, Some(&entry), 4));
    assert_eq!((fleet.keys_on("a").await, fleet.keys_on("b").await), (2, 2));
    assert_eq!(core.store.open_incidents().await.unwrap().len(), 1);
    // Back, and forgotten.
    fleet.world.probe.set(&relay.address(), None);
    looks(70).await;
    assert_eq!(fleet.open(Kind::Endpoint).await, None);
}

impl Fleet {
    /// Minutes pass, in each of which so much goes through the instance's own core; it began at `total`.
    async fn passes(&self, name: &str, total: &mut u64, minutes: u32, mib: u64) {
        for _ in 0..minutes {
            self.world.clock.advance(Duration::from_secs(60));
            *total += mib << 20;
            let master = Node { traffic: Some(*total), ..node("Master", NodeStatus::Connected) };
            self.world.panel(name).set_nodes(vec![master]);
            self.world.watch.check(&id(name)).await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn an_hour_with_far_less_traffic_than_a_week_ago_is_told_until_one_is_as_usual() {
    let (fleet, _) = Fleet::of(&["a"]).await.with_keys(6).await;
    let mut total = 0;
    // Two turns of an hour: one hour that was watched whole, at 100 MiB a minute.
    fleet.passes("a", &mut total, 121, 100).await;
    assert_eq!(fleet.open(Kind::Blocked).await, None, "nothing to compare with");
    fleet.world.clock.advance(Duration::from_secs(7 * 86_400 - 121 * 60));
    fleet.passes("a", &mut total, 121, 20).await;
    let told = fleet.open(Kind::Blocked).await.expect("a fifth of the usual");
    assert_eq!(told.last(), Some(&Entry::TrafficFell { percent: 20 }));
    // A week on, an hour like the last one is as usual.
    fleet.world.clock.advance(Duration::from_secs(7 * 86_400 - 121 * 60));
    fleet.passes("a", &mut total, 121, 20).await;
    assert_eq!(fleet.open(Kind::Blocked).await, None);
}
