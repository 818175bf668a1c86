//! What processes on different uplinks see of one panel, and what they decide together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use karvan::domain::instance::Health;
use karvan::domain::{Clock, InstanceId};
use karvan::panel::endpoint::{Endpoint, Transport};
use karvan::panel::fake::{FakePanel, FakeProbe};
use karvan::panel::probe::Reached;
use karvan::panel::{PanelError, Trouble};
use karvan::service::core::Core;
use karvan::service::health::Rounds;
use karvan::service::leader::{Leader, Terms};
use karvan::store::replicas::Replica;
use rstest::rstest;

use crate::db::{Db, Kind};
use crate::memory::{World, id};
use crate::{THREE, world};

/// A process, and what it sees from where it stands.
struct Voter {
    core: Core,
    rounds: Rounds,
    panels: BTreeMap<InstanceId, Arc<FakePanel>>,
    probe: Arc<FakeProbe>,
}

fn endpoint(name: &str) -> Endpoint {
    let host = format!("{name}.example");
    Endpoint { host, port: 443, transport: Transport::Tcp, behind_cdn: false }
}

impl Voter {
    async fn of(db: &Db, world: &World, name: &str, vantage: &str) -> Self {
        let (clock, probe) = (world.clock.clone(), FakeProbe::new());
        let panels: BTreeMap<_, _> = THREE
            .iter()
            .map(|spec| (id(spec.0), FakePanel::at(clock.clone(), &format!("{}.example", spec.0))))
            .collect();
        let seen = world.replica_that_sees(db.again().await, 9, &panels, &probe);
        let mut policy = (*seen.policy).clone();
        vantage.clone_into(&mut policy.care.vantage);
        let leader = Arc::new(Leader::elected(name, clock, Terms::default()));
        let core = Core { policy: Arc::new(policy), leader, ..seen };
        Self { rounds: Rounds::new(core.clone()), core, panels, probe }
    }

    /// It is there, knows who leads, and looks at what is due.
    async fn lives(&self) {
        let now = self.core.clock.now();
        let me = Replica {
            id: self.core.leader.me().to_owned(),
            version: "1".to_owned(),
            vantage: self.core.policy.care.vantage.clone(),
            settings: BTreeMap::new(),
            started_at: now,
            seen_at: now,
        };
        self.core.store.beat(&me, now).await.unwrap();
        self.core.leader.look(&self.core.store).await.unwrap();
        self.rounds.tick().await.unwrap();
    }

    /// From here nothing of `de1` is heard, or all is well again.
    fn hears_nothing(&self, silent: bool) {
        self.panels[&id("de1")].set_down(silent.then_some(PanelError::Unclear(Trouble::Timeout)));
        self.probe.set(&endpoint("de1").address(), silent.then_some(Reached::Silent));
    }
}

/// Two processes, the first of which leads.
struct Two {
    world: World,
    leader: Voter,
    other: Voter,
    _db: Db,
}

impl Two {
    async fn on(kind: Kind, vantages: [&str; 2]) -> Option<Self> {
        let (db, world) = world(kind, &THREE).await?;
        let now = world.clock.now();
        for spec in THREE {
            let one = endpoint(spec.0);
            let seen = [(one.address(), serde_json::to_value(&one).unwrap())];
            world.core.store.saw_endpoints(&id(spec.0), &seen, now, now).await.unwrap();
        }
        let leader = Voter::of(&db, &world, "a", vantages[0]).await;
        let other = Voter::of(&db, &world, "b", vantages[1]).await;
        let two = Self { world, leader, other, _db: db };
        two.live(75, true).await;
        assert!(two.leader.core.leader.is_leader() && !two.other.core.leader.is_leader());
        assert_eq!(two.health().await, Health::Healthy);
        Some(two)
    }

    /// Time passes for the leader, and for the other one if it runs.
    async fn live(&self, seconds: u64, both: bool) {
        for _ in 0..seconds {
            self.world.clock.advance(Duration::from_secs(1));
            self.leader.lives().await;
            if both {
                self.other.lives().await;
            }
        }
    }

    async fn health(&self) -> Health {
        self.world.core.store.health_of(&id("de1")).await.unwrap().unwrap().health
    }

    /// After how many seconds `de1` is called dead; `None`: not within `most`.
    async fn down_within(&self, most: u64, both: bool) -> Option<u64> {
        for second in 1..=most {
            self.live(1, both).await;
            if self.health().await == Health::Down {
                return Some(second);
            }
        }
        None
    }
}

#[rstest]
#[tokio::test]
async fn two_uplinks_that_hear_nothing_convict_soon(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(two) = Two::on(kind, ["frankfurt", "moscow"]).await else { return };
    two.leader.hears_nothing(true);
    two.other.hears_nothing(true);
    let found = two.down_within(35, true).await;
    assert!(found.is_some(), "{:?}", two.health().await);
}

#[rstest]
#[tokio::test]
async fn two_processes_on_one_uplink_are_one_voter(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(two) = Two::on(kind, ["frankfurt", "frankfurt"]).await else { return };
    two.leader.hears_nothing(true);
    two.other.hears_nothing(true);
    assert_eq!(two.down_within(40, true).await, None, "what one uplink lost is no second opinion");
    assert_eq!(two.health().await, Health::Unreachable);
    assert!(two.down_within(40, true).await.is_some(), "alone, after a long silence");
}

#[rstest]
#[tokio::test]
async fn whoever_is_heard_elsewhere_is_not_dead(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(two) = Two::on(kind, ["frankfurt", "moscow"]).await else { return };
    two.leader.hears_nothing(true);
    assert_eq!(two.down_within(80, true).await, None, "the way there is broken, not the panel");
    assert_eq!(two.health().await, Health::Unreachable, "told, and nobody is moved");
    // Now the other one hears nothing either.
    two.other.hears_nothing(true);
    assert!(two.down_within(35, true).await.is_some());
}

/// On SQLite alone, whose time is moved by hand: how long ago somebody was there is otherwise the database's to say.
#[tokio::test]
async fn whoever_is_gone_objects_no_more() {
    let Some(two) = Two::on(Kind::Sqlite, ["frankfurt", "moscow"]).await else { return };
    two.leader.hears_nothing(true);
    assert_eq!(two.down_within(60, true).await, None);
    assert!(two.down_within(30, false).await.is_some(), "alone again, and long enough silent");
}
