//! Signs of life for machines elsewhere, over a server on loopback.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use karvan::domain::incident::{Entry, Kind, Severity};
use karvan::service::incidents::{Incidents, Report};
use karvan::task::beacon::{Beacon, Signalled, Wording};
use parking::Desk;
use serde_json::Value;

use crate::memory::World;

mod parking {
    use std::sync::Mutex;

    /// What arrived, and how the server feels.
    #[derive(Default)]
    pub struct Desk {
        pub alerts: Mutex<Vec<serde_json::Value>>,
        pub beats: Mutex<u32>,
        pub sick: Mutex<bool>,
    }
}

async fn alert(State(desk): State<Arc<Desk>>, body: Bytes) -> StatusCode {
    if *desk.sick.lock().unwrap() {
        return StatusCode::BAD_GATEWAY;
    }
    desk.alerts.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    StatusCode::NO_CONTENT
}

async fn beat(State(desk): State<Arc<Desk>>) -> StatusCode {
    *desk.beats.lock().unwrap() += 1;
    StatusCode::OK
}

/// A server that keeps what it gets; its address.
async fn serve() -> (Arc<Desk>, String) {
    let desk = Arc::<Desk>::default();
    let router =
        Router::new().route("/alert", post(alert)).route("/beat", get(beat)).with_state(desk.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (desk, address)
}

fn words() -> Wording {
    Arc::new(|incident, names| (format!("incident {}", incident.id), format!("{} panels", names.len())))
}

fn beacon(world: &World, address: &str) -> Beacon {
    let url = |path| Some(format!("{address}{path}").parse().unwrap());
    Beacon::new(world.core.clone(), url("/alert"), url("/beat"), words()).unwrap()
}

async fn report(world: &World, entry: Entry) {
    let report = Report {
        kind: Kind::Instance,
        subject: "de1".to_owned(),
        instance: Some("de1".parse().unwrap()),
        severity: Severity::Critical,
        affected: Some(3),
        entry,
    };
    Incidents::new(world.core.clone()).report(&report).await.unwrap();
}

fn last(desk: &Desk) -> Value {
    desk.alerts.lock().unwrap().last().unwrap().clone()
}

const TOLD: Signalled = Signalled { told: 1, failed: false, beat: false };
const NOTHING: Signalled = Signalled { told: 0, failed: false, beat: false };

#[tokio::test]
async fn the_webhook_gets_every_change_and_what_it_missed() {
    let world = World::three().await;
    let (desk, address) = serve().await;
    let mut beacon = beacon(&world, &address);
    assert_eq!(beacon.look().await, Signalled { beat: true, ..NOTHING });
    report(&world, Entry::Suspected).await;
    assert_eq!(beacon.look().await, NOTHING, "a suspicion is no news");
    report(&world, Entry::Down { refused: true }).await;
    assert_eq!(beacon.look().await, TOLD);
    let got = last(&desk);
    assert_eq!((&got["kind"], &got["severity"]), (&Value::from("instance"), &Value::from("critical")));
    assert_eq!((&got["instance"], &got["affected"]), (&Value::from("de1"), &Value::from(3)));
    assert_eq!((&got["text"], &got["open"]), (&Value::from("3 panels"), &Value::from(true)));
    assert_eq!(got["entries"].as_array().unwrap().len(), 2);
    assert_eq!(got["entries"][1]["what"], "down");
    assert_eq!(beacon.look().await, NOTHING, "once");
    // It is away for a while: asked again later and later, and gets what is true then.
    *desk.sick.lock().unwrap() = true;
    world.clock.advance(Duration::from_secs(20));
    report(&world, Entry::Recovering).await;
    assert!(beacon.look().await.failed);
    assert!(!beacon.look().await.failed, "not at once again");
    world.clock.advance(Duration::from_secs(2));
    assert!(beacon.look().await.failed);
    *desk.sick.lock().unwrap() = false;
    Incidents::new(world.core.clone()).recovered(Kind::Instance, "de1").await.unwrap();
    assert_eq!(beacon.look().await.told, 0, "its time has not come");
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(beacon.look().await.told, 1);
    let got = last(&desk);
    assert_eq!((got["open"].as_bool(), got["entries"].as_array().unwrap().len()), (Some(false), 4));
    assert_eq!(desk.alerts.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn progress_is_told_every_ten_seconds_at_most() {
    let world = World::three().await;
    let (desk, address) = serve().await;
    let mut beacon = beacon(&world, &address);
    report(&world, Entry::Down { refused: true }).await;
    beacon.look().await;
    for done in 1..=30 {
        world.clock.advance(Duration::from_secs(1));
        report(&world, Entry::EvacuationProgress { done, total: 30 }).await;
        beacon.look().await;
    }
    let alerts = desk.alerts.lock().unwrap().len();
    assert!((3..=4).contains(&alerts), "{alerts}");
}

#[tokio::test]
async fn the_heart_beats_each_minute_while_checks_go_on() {
    let world = World::three().await;
    let (desk, address) = serve().await;
    let mut beacon = beacon(&world, &address);
    for _ in 0..180 {
        world.clock.advance(Duration::from_secs(1));
        if *desk.beats.lock().unwrap() < 2 {
            world.watch.check_all().await.unwrap();
        }
        beacon.look().await;
    }
    // The second beat was the last sign of a check; for two more minutes that counts as alive.
    assert_eq!(*desk.beats.lock().unwrap(), 3);
    world.clock.advance(Duration::from_secs(60));
    assert!(!beacon.look().await.beat, "checks stand still");
    world.watch.check_all().await.unwrap();
    assert!(beacon.look().await.beat);
}
