//! The state of instances, from looks at panels in memory to who is evacuated, in virtual time.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../support/memory.rs"]
#[expect(dead_code, reason = "each target uses its part")]
mod memory;

mod besides;
mod days;

use std::time::Duration;

use karvan::domain::instance::{AdminState, Health};
use karvan::domain::{Clock, ConfigId, UserId};
use karvan::panel::endpoint::{Endpoint, Transport};
use karvan::panel::probe::Reached;
use karvan::panel::{PanelError, Trouble};
use karvan::service::failover::Failover;
use karvan::service::health::Rounds;
use karvan::store::flags;

use memory::{Spec, World, id};

/// A fleet that is looked after, with what links lead to.
struct Fleet {
    world: World,
    rounds: Rounds,
    failover: Failover,
}

fn endpoint(name: &str) -> Endpoint {
    let host = format!("{name}.example");
    Endpoint { host, port: 443, transport: Transport::Tcp, behind_cdn: false }
}

impl Fleet {
    async fn of(names: &[&'static str]) -> Self {
        let specs: Vec<Spec> = names.iter().map(|name| Spec(name, "de", 200, 1.0)).collect();
        let world = World::of(&specs).await;
        for name in names {
            let one = endpoint(name);
            let seen = [(one.address(), serde_json::to_value(&one).unwrap())];
            let now = world.clock.now();
            world.core.store.saw_endpoints(&id(name), &seen, now, now).await.unwrap();
        }
        let fleet = Self {
            rounds: Rounds::new(world.core.clone()),
            failover: Failover::new(world.core.clone()),
            world,
        };
        fleet.lives(75).await;
        for name in names {
            assert_eq!(fleet.health(name).await, Health::Healthy);
        }
        fleet
    }

    /// So many keys, spread over the fleet.
    async fn with_keys(self, count: i64) -> (Self, Vec<ConfigId>) {
        let mut keys = Vec::new();
        for person in 0..count {
            let user = UserId(10_000 + person);
            self.world.meets(user).await;
            keys.push(self.world.keys.issue(&World::asks(user), user, None).await.unwrap().config);
        }
        self.world.settle().await;
        (self, keys)
    }

    /// Time passes, and everything that runs in the background does.
    async fn lives(&self, seconds: u64) {
        for quarter in 0..seconds * 4 {
            self.world.clock.advance(Duration::from_millis(250));
            self.rounds.tick().await.unwrap();
            if quarter % 4 == 3 {
                self.failover.tick().await.unwrap();
                self.world.settle().await;
            }
        }
    }

    async fn health(&self, name: &str) -> Health {
        self.world.core.store.health_of(&id(name)).await.unwrap().unwrap().health
    }

    /// How long until an instance is in a state; `None`: not within `most` seconds.
    async fn until(&self, name: &str, health: Health, most: u64) -> Option<u64> {
        for second in 1..=most {
            self.lives(1).await;
            if self.health(name).await == health {
                return Some(second);
            }
        }
        None
    }

    /// The API of a panel fails so.
    fn api(&self, name: &str, error: Option<PanelError>) {
        self.world.panel(name).set_down(error);
    }

    /// Its endpoints are found so.
    fn data(&self, name: &str, reached: Option<Reached>) {
        self.world.probe.set(&endpoint(name).address(), reached);
    }

    fn dies(&self, name: &str) {
        self.api(name, Some(PanelError::Unavailable(Trouble::Refused)));
        self.data(name, Some(Reached::Refused));
    }

    fn returns(&self, name: &str) {
        self.api(name, None);
        self.data(name, None);
    }

    async fn panics(&self) -> bool {
        self.world.core.store.is_raised(flags::PANIC).await.unwrap()
    }

    async fn keys_on(&self, name: &str) -> u32 {
        let counters = self.world.core.store.counters().await.unwrap();
        counters.iter().find(|(one, _)| *one == id(name)).unwrap().1.active
    }
}

#[tokio::test]
async fn a_dead_panel_is_found_and_everybody_leaves_with_the_same_secrets() {
    let (fleet, keys) = Fleet::of(&["a", "b", "c"]).await.with_keys(30).await;
    assert_eq!(fleet.keys_on("a").await, 10);
    fleet.dies("a");
    let found = fleet.until("a", Health::Down, 14).await.expect("refused: down within seconds");
    assert!(found >= 6, "one refusal is a doubt, not a verdict: {found}");
    assert_eq!(fleet.keys_on("a").await, 10, "nobody leaves yet");
    fleet.lives(18).await;
    assert_eq!(fleet.keys_on("a").await, 10);
    fleet.lives(20).await;
    assert_eq!(fleet.keys_on("a").await, 0);
    for key in &keys {
        let secrets = fleet.world.core.store.credentials(*key).await.unwrap().unwrap();
        let serving = ["b", "c"].iter().filter(|name| fleet.world.panel(name).serves(&secrets)).count();
        assert_eq!(serving, 1);
    }
    assert!(!fleet.panics().await);
    // It returns: quarantine, a ramp, and nobody moves back.
    fleet.returns("a");
    assert!(fleet.until("a", Health::Recovering, 6).await.is_some());
    fleet.lives(60).await;
    assert_eq!((fleet.health("a").await, fleet.keys_on("a").await), (Health::Recovering, 0));
    fleet.lives(600).await;
    assert_eq!((fleet.health("a").await, fleet.keys_on("a").await), (Health::Healthy, 0));
    fleet.world.assert_quiet(&keys).await;
}

#[tokio::test]
async fn a_panel_that_is_restarted_moves_nobody() {
    let (fleet, _) = Fleet::of(&["a", "b", "c"]).await.with_keys(30).await;
    fleet.dies("a");
    fleet.lives(20).await;
    fleet.returns("a");
    fleet.lives(120).await;
    assert_eq!(fleet.keys_on("a").await, 10);
}

#[tokio::test]
async fn silence_convicts_only_after_its_time() {
    let (fleet, _) = Fleet::of(&["a", "b", "c"]).await.with_keys(9).await;
    fleet.api("a", Some(PanelError::Unclear(Trouble::Timeout)));
    fleet.data("a", Some(Reached::Silent));
    fleet.lives(30).await;
    assert_eq!(fleet.health("a").await, Health::Unreachable);
    let more = fleet.until("a", Health::Down, 40).await.unwrap();
    assert!((10..=30).contains(&more), "{more}");
}

#[tokio::test]
async fn i11_a_dead_api_a_changed_password_and_maintenance_evacuate_nobody() {
    let (fleet, _) = Fleet::of(&["a", "b", "c", "d", "e", "f", "g", "h"]).await.with_keys(16).await;
    fleet.api("a", Some(PanelError::Unavailable(Trouble::Refused)));
    fleet.api("b", Some(PanelError::Unauthorised));
    let now = fleet.world.clock.now();
    let state = AdminState::Maintenance { until: None };
    fleet.world.core.store.set_admin_state(&id("c"), state, now).await.unwrap();
    fleet.dies("c");
    fleet.lives(300).await;
    assert_eq!(fleet.health("a").await, Health::ControlDown);
    assert_eq!(fleet.health("b").await, Health::Misconfigured);
    assert_eq!(fleet.health("c").await, Health::Healthy, "nobody looks during maintenance");
    for name in ["a", "b", "c"] {
        assert_eq!(fleet.keys_on(name).await, 2, "{name}");
    }
    // What cannot be observed proves nothing: with no endpoint known, a silent API is all there is.
    fleet.world.core.store.saw_endpoints(&id("d"), &[], now + Duration::from_secs(3_600), now).await.unwrap();
    fleet.dies("d");
    fleet.lives(120).await;
    assert_eq!((fleet.health("d").await, fleet.keys_on("d").await), (Health::ControlDown, 2));
}

#[tokio::test]
async fn i10_when_many_panels_die_at_once_nobody_is_moved_until_an_admin_says_so() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let (fleet, _) = Fleet::of(&names).await.with_keys(16).await;
    for name in &names[..3] {
        fleet.dies(name);
    }
    fleet.lives(15).await;
    assert!(fleet.panics().await);
    fleet.lives(120).await;
    for name in &names[..3] {
        assert_eq!(fleet.keys_on(name).await, 2, "{name}");
    }
    let now = fleet.world.clock.now();
    fleet.world.core.store.lower_flag(flags::PANIC, serde_json::json!({"by": 1}), now).await.unwrap();
    fleet.lives(120).await;
    assert!(!fleet.panics().await, "the same trouble is no new reason");
    let left: Vec<u32> = futures::future::join_all(names[..3].iter().map(|name| fleet.keys_on(name))).await;
    assert_eq!(left.iter().sum::<u32>(), 0, "{left:?}");
}

#[tokio::test]
async fn our_own_uplink_dead_is_held_against_nobody() {
    let (fleet, _) = Fleet::of(&["a", "b", "c", "d"]).await.with_keys(8).await;
    for name in ["a", "b", "c", "d"] {
        fleet.api(name, Some(PanelError::Unavailable(Trouble::Unreachable)));
        fleet.data(name, Some(Reached::Local("no-route")));
    }
    fleet.lives(300).await;
    for name in ["a", "b", "c", "d"] {
        assert_eq!((fleet.health(name).await, fleet.keys_on(name).await), (Health::Healthy, 2));
    }
    // Silence everywhere, the anchors too: a panic, and nobody is called dead.
    for name in ["a", "b", "c", "d"] {
        fleet.api(name, Some(PanelError::Unclear(Trouble::Timeout)));
        fleet.data(name, Some(Reached::Silent));
    }
    fleet.lives(300).await;
    assert!(fleet.panics().await);
    for name in ["a", "b", "c", "d"] {
        assert_eq!((fleet.health(name).await, fleet.keys_on(name).await), (Health::Unreachable, 2));
    }
    for name in ["a", "b", "c", "d"] {
        fleet.returns(name);
    }
    fleet.lives(240).await;
    assert!(!fleet.panics().await);
    assert_eq!(fleet.health("a").await, Health::Healthy);
}

#[tokio::test]
async fn one_of_two_may_go_and_a_restart_of_ours_goes_on_from_what_is_stored() {
    let (fleet, _) = Fleet::of(&["a", "b"]).await.with_keys(10).await;
    fleet.dies("a");
    assert!(fleet.until("a", Health::Down, 14).await.is_some());
    // A new process: other machines in memory, the same rows.
    let core = fleet.world.replica(fleet.world.core.store.clone(), 8);
    let fleet = Fleet {
        rounds: Rounds::new(core.clone()),
        failover: Failover::new(core.clone()),
        world: fleet.world,
    };
    fleet.lives(45).await;
    assert_eq!((fleet.health("a").await, fleet.keys_on("a").await), (Health::Down, 0));
    fleet.returns("a");
    assert!(fleet.until("a", Health::Recovering, 8).await.is_some());
}

#[tokio::test]
async fn a_flapping_panel_moves_each_user_once_at_most() {
    let (fleet, keys) = Fleet::of(&["a", "b", "c"]).await.with_keys(12).await;
    for _ in 0..12 {
        fleet.dies("a");
        fleet.lives(60).await;
        fleet.returns("a");
        fleet.lives(30).await;
    }
    assert_eq!(fleet.keys_on("a").await, 0);
    for key in keys {
        let accounts = fleet.world.core.store.key(key).await.unwrap().unwrap();
        assert!(accounts.config.generation <= 2, "moved once at most");
    }
}

#[tokio::test]
async fn what_checks_found_is_written_down_every_five_minutes() {
    let fleet = Fleet::of(&["a", "b"]).await;
    let start = fleet.world.clock.now();
    let uptime = async |name| fleet.world.core.store.uptime(&id(name), start).await.unwrap();
    fleet.lives(300).await;
    fleet.dies("a");
    fleet.lives(300).await;
    fleet.returns("a");
    fleet.lives(300).await;
    let (a, b) = (uptime("a").await, uptime("b").await);
    assert!(a.uptime().is_some_and(|share| (0.3..0.75).contains(&share)), "{a:?}");
    assert_eq!(b.uptime(), Some(1.0), "{b:?}");
    assert!(b.checks >= 100, "each quick check counts: {b:?}");
    assert!(a.checks < b.checks + 15, "confirmations do not count: {a:?}");
    assert!(a.data_good < a.data_checks && b.data_good == b.data_checks && b.data_checks > 0, "{a:?} {b:?}");
}
