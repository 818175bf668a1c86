//! What each wish brings about, on PostgreSQL as on SQLite.

use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::key::Standing;
use karvan::domain::quota::GIB;
use karvan::panel::Trouble;
use karvan::panel::fake::{Fault, Verb};

use crate::db::Kind;
use crate::memory::{Spec, World, id};
use crate::{THREE, world};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_key_lives_its_whole_life() {
    let Some((_db, world)) = world(Kind::Postgres, &THREE).await else { return };
    let key = world.key().await;
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
    let secrets = world.core.store.credentials(key).await.unwrap().unwrap();

    let home = world.place_of(key).await.unwrap();
    let account = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().account.clone();
    world.panel(&home).add_traffic(&account, 30 * GIB);
    world.keys.move_to(&World::admin_asks(), key, None).await.unwrap();
    world.settle().await;
    assert_ne!(world.place_of(key).await.unwrap(), home);
    assert!(world.panel(&home).serves(&secrets), "the old account lingers");
    world.keys.move_to(&World::admin_asks(), key, Some(id(&home))).await.unwrap();
    world.settle().await;
    assert_eq!(world.place_of(key).await.unwrap(), home);
    world.passes(49 * HOUR).await;
    world.assert_quiet(&[key]).await;
    assert_eq!(world.keys.view(key).await.unwrap().unwrap().used, 30 * GIB);

    world.keys.rotate(&World::asks(crate::memory::ALICE), key).await.unwrap();
    world.settle().await;
    assert!(world.panels.values().all(|panel| !panel.serves(&secrets)), "the old secrets are dead");
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;

    world.keys.extend(&World::admin_asks(), key, Some(30), Some(50)).await.unwrap();
    world.settle().await;
    let now = world.core.store.key(key).await.unwrap().unwrap();
    let primary = now.primary().unwrap();
    let shown = world.panels[&primary.instance].account(&primary.account).unwrap();
    assert_eq!(shown.data_limit, Some(120 * GIB), "150 bought, 30 used elsewhere");

    world.keys.suspend(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(!world.works(key).await);
    world.keys.resume(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(world.works(key).await);

    world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(world.panels.values().all(|panel| panel.names().is_empty()));
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn an_unclear_create_and_a_frozen_panel_leave_no_ghost() {
    let Some((_db, world)) = world(Kind::Postgres, &THREE).await else { return };
    world.panel("de1").freeze();
    world.panel("nl1").next_of(Verb::Create, Fault::LoseAcknowledgement(Trouble::Cut));
    world.panel("fi1").next_of(Verb::Create, Fault::Late);
    let key = world.key().await;
    world.passes(10 * Duration::from_secs(60)).await;
    for panel in world.panels.values() {
        panel.thaw();
    }
    world.passes(10 * Duration::from_secs(60)).await;
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

#[tokio::test]
async fn whoever_came_first_gets_the_place_that_appears() {
    let specs = [Spec("de1", "de", 2, 1.0), Spec("nl1", "nl", 1, 1.0)];
    let Some((_db, world)) = world(Kind::Postgres, &specs).await else { return };
    let mut keys = Vec::new();
    for person in 2000..2005 {
        world.meets(UserId(person)).await;
        let ask = World::asks(UserId(person));
        keys.push(world.keys.issue(&ask, UserId(person), None).await.unwrap().config);
        world.settle().await;
    }
    let served = async |world: &World| {
        let mut served = Vec::new();
        for key in &keys {
            served.push(world.works(*key).await);
        }
        served
    };
    assert_eq!(served(&world).await, [true, true, true, false, false]);
    world.keys.revoke(&World::admin_asks(), keys[0]).await.unwrap();
    world.passes(Duration::from_secs(120)).await;
    assert_eq!(served(&world).await, [false, true, true, true, false]);
    world.assert_counted().await;
}

/// A key that used all it had keeps its place for `KEEP_ENDED` and not longer; the sums are the database's.
#[tokio::test]
async fn an_exhausted_key_gives_its_place_back() {
    let Some((_db, world)) = world(Kind::Postgres, &THREE).await else { return };
    let key = world.key().await;
    let primary = world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().clone();
    world.panels[&primary.instance].add_traffic(&primary.account, 100 * GIB);
    world.passes(HOUR).await;
    world.watch.sample().await.unwrap();
    assert_eq!(world.keys.view(key).await.unwrap().unwrap().standing, Standing::Exhausted);
    world.passes(4 * 24 * HOUR).await;
    assert!(world.place_of(key).await.is_none());
    world.keys.reset_traffic(&World::admin_asks(), key).await.unwrap();
    world.settle().await;
    assert!(world.works(key).await);
    world.assert_quiet(&[key]).await;
}

/// I2: whatever a program gets wrong, the database keeps it.
#[rstest::rstest]
#[tokio::test]
async fn i2_the_database_refuses_a_second_primary(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind, &THREE).await else { return };
    let key = world.key().await;
    let elsewhere = if world.place_of(key).await.unwrap() == "de1" { "nl1" } else { "de1" };
    let second = |role: &str| {
        format!(
            "INSERT INTO assignments (config_id, instance_id, account, external_id, role, generation, reason, used, \
             synced_revision, created_at) SELECT config_id, '{elsewhere}', '{role}', '{role}', '{role}', generation, \
             reason, used, synced_revision, created_at FROM assignments WHERE role = 'primary'"
        )
    };
    let raw = sea_orm::Database::connect(&db.url).await.unwrap();
    let refused = sea_orm::ConnectionTrait::execute_unprepared(&raw, &second("primary")).await;
    assert!(refused.unwrap_err().to_string().to_lowercase().contains("unique"));
    // The same row in another role is fine: it was the role that was refused.
    sea_orm::ConnectionTrait::execute_unprepared(&raw, &second("standby")).await.unwrap();
}
