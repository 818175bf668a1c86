//! What is simulated is what then happens; and what planned maintenance holds back.

use std::time::Duration;

use karvan::domain::instance::AdminState;
use karvan::domain::{Clock, ConfigId, InstanceId};
use karvan::service::failover::What;
use karvan::service::outlook::{Outlooks, SimulateError};
use karvan::service::windows::Windows;

use crate::db::Kind;
use crate::fleet::{BY, EVACUATE_AFTER, Fleet};
use crate::memory::{Spec, id};

/// A number that looks random, the same for each seed.
fn chance(seed: u64, turn: u64, below: u64) -> u64 {
    let mut x = (seed << 32 | turn).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) % below
}

/// Four instances of random sizes in two locations, and keys on the first.
async fn any_fleet(seed: u64) -> (Fleet, Vec<ConfigId>) {
    let size = |turn, least: u64, range| u32::try_from(least + chance(seed, turn, range)).unwrap();
    let weight = |turn| [0.5, 1.0, 2.0][usize::try_from(chance(seed, turn, 3)).unwrap()];
    let region = |turn| if chance(seed, turn, 2) == 0 { "de" } else { "nl" };
    let specs = [
        Spec("aa1", "de", 60, 1.0),
        Spec("bb1", region(1), size(2, 4, 14), weight(3)),
        Spec("cc1", region(4), size(5, 4, 14), weight(6)),
        Spec("dd1", region(7), size(8, 4, 14), weight(9)),
    ];
    let fleet = Fleet::of(Kind::Sqlite, &specs).await.unwrap();
    let count = i64::try_from(5 + chance(seed, 10, 30)).unwrap();
    let keys = fleet.keys_on("aa1", count).await;
    (fleet, keys)
}

#[tokio::test]
async fn what_is_simulated_is_what_failover_then_plans() {
    let mut stranded_somewhere = false;
    for seed in 0..10 {
        let (fleet, keys) = any_fleet(seed).await;
        let outlooks = Outlooks::new(fleet.world.core.clone());
        let simulation = outlooks.simulate(&[id("aa1")]).await.unwrap();
        let (moved, stuck) = (simulation.moved(), simulation.stranded());
        assert_eq!(moved + stuck, keys.len(), "seed {seed}");
        let irreplaceable = outlooks.outlook().await.unwrap().irreplaceable;
        assert_eq!(irreplaceable.iter().any(|one| one.instance == id("aa1")), stuck > 0, "seed {seed}");
        stranded_somewhere |= stuck > 0;

        fleet.dies("aa1").await;
        fleet.world.clock.advance(EVACUATE_AFTER);
        let events = fleet.tick().await;
        let [What::Planned { total, per_target, stranded }] = &events[..] else {
            panic!("seed {seed}: {events:?}")
        };
        let (mut real, mut shown) = (per_target.clone(), simulation.per_target());
        real.sort();
        shown.sort();
        assert_eq!((real, *stranded as usize), (shown, stuck), "seed {seed}");
        assert_eq!(*total as usize, keys.len(), "seed {seed}");
    }
    assert!(stranded_somewhere, "the seeds show a fleet that is too small");
}

#[tokio::test]
async fn two_lost_at_once_go_where_the_simulation_says() {
    let specs = [
        Spec("aa1", "de", 60, 1.0),
        Spec("bb1", "nl", 60, 1.0),
        Spec("cc1", "fi", 30, 1.0),
        Spec("dd1", "fi", 40, 1.0),
    ];
    let fleet = Fleet::of(Kind::Sqlite, &specs).await.unwrap();
    let keys = fleet.keys_on("aa1", 20).await;
    let there = async |name: &str| {
        let counters = fleet.world.core.store.counters().await.unwrap();
        counters.iter().find(|(of, _)| *of == id(name)).map_or(0, |(_, counters)| counters.active)
    };
    // Some of them go to the other one first.
    for key in &keys[..8] {
        let ask = crate::memory::World::admin_asks();
        fleet.world.keys.move_to(&ask, *key, Some(id("bb1"))).await.unwrap();
    }
    fleet.world.settle().await;
    // The accounts left behind by that are over.
    fleet.passes(Duration::from_secs(49 * 3600)).await;
    let outlooks = Outlooks::new(fleet.world.core.clone());
    let simulation = outlooks.simulate(&[id("aa1"), id("bb1"), id("aa1")]).await.unwrap();
    assert_eq!(simulation.losses.len(), 2, "named twice, lost once");
    assert_eq!((simulation.moved(), simulation.stranded()), (20, 0));
    fleet.dies("aa1").await;
    fleet.dies("bb1").await;
    for name in ["aa1", "bb1"] {
        fleet.failover.evacuate(BY, &id(name)).await.unwrap();
        fleet.world.settle().await;
    }
    for (target, count) in simulation.per_target() {
        assert_eq!(there(target.as_str()).await, count, "{target}");
    }
}

#[tokio::test]
async fn nothing_unknown_is_simulated_and_nothing_is_changed() {
    let fleet = Fleet::three(Kind::Sqlite).await.unwrap();
    let keys = fleet.keys_on("de1", 5).await;
    let outlooks = Outlooks::new(fleet.world.core.clone());
    let unknown: InstanceId = id("zz9");
    let refused = outlooks.simulate(&[id("de1"), unknown.clone()]).await;
    assert!(matches!(refused, Err(SimulateError::NotFound(of)) if of == unknown));
    outlooks.simulate(&[id("de1")]).await.unwrap();
    outlooks.outlook().await.unwrap();
    fleet.world.settle().await;
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [5, 0, 0]);
    fleet.world.assert_counted().await;
}

#[tokio::test]
async fn a_location_fills_at_the_pace_of_the_last_two_weeks() {
    let fleet = Fleet::three(Kind::Sqlite).await.unwrap();
    let outlooks = Outlooks::new(fleet.world.core.clone());
    let of = async |code: &str| {
        let outlook = outlooks.outlook().await.unwrap();
        outlook.locations.into_iter().find(|location| location.region.code() == code).unwrap()
    };
    assert_eq!((of("de").await.room, of("de").await.full_in), (100, None));
    let keys = fleet.keys_on("de1", 20).await;
    // Twenty on the first day: the other eighty in four.
    let de = of("de").await;
    assert_eq!((de.taken, de.room, de.full_in.map(|left| left.num_days())), (20, 80, Some(4)));
    // A month later nobody came, and one was taken away.
    fleet.passes(Duration::from_secs(29 * 86_400)).await;
    fleet.world.keys.revoke(&crate::memory::World::admin_asks(), keys[0]).await.unwrap();
    fleet.world.settle().await;
    let de = of("de").await;
    assert_eq!((de.taken, de.full_in), (19, None));
    assert!(de.per_day < 0.0, "{de:?}");
    assert_eq!(of("nl").await.per_day, 0.0, "moves are no growth");
}

#[tokio::test]
async fn within_planned_maintenance_nobody_is_evacuated_and_after_it_everybody() {
    let fleet = Fleet::three(Kind::Sqlite).await.unwrap();
    let keys = fleet.keys_on("de1", 6).await;
    let windows = Windows::new(fleet.world.core.clone());
    let now = fleet.world.clock.now();
    let hour = Duration::from_secs(3600);
    windows.plan(BY, &id("de1"), (now + hour, now + 2 * hour)).await.unwrap();
    fleet.world.clock.advance(hour);
    windows.tick().await.unwrap();
    fleet.dies("de1").await;
    fleet.world.clock.advance(hour - Duration::from_secs(1));
    windows.tick().await.unwrap();
    assert!(fleet.tick().await.is_empty());
    assert_eq!(fleet.spread(&keys, ["de1", "nl1", "fi1"]).await, [6, 0, 0]);
    fleet.world.clock.advance(Duration::from_secs(1));
    windows.tick().await.unwrap();
    let state = fleet.world.core.store.instance(&id("de1")).await.unwrap().unwrap().admin_state;
    assert_eq!(state, AdminState::Open);
    assert!(matches!(fleet.tick().await[..], [What::Planned { total: 6, .. }]));
}
