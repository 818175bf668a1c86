//! When panels are looked at, and the audit of the counters.

use std::time::Duration;

use karvan::domain::incident::Kind;
use karvan::panel::fake::Verb;
use karvan::service::reconcile::Pace;

use crate::memory::{Spec, id};
use crate::world::World;

fn lists(world: &World, name: &str) -> usize {
    world.panel(name).arrived().iter().filter(|call| call.verb == Verb::List).count()
}

/// A pass at first, then a count every ten minutes, and a pass again when the counts differ or a day is over.
#[tokio::test]
async fn counts_are_cheap_and_passes_have_a_reason() {
    let (world, keys) = World::with_keys(250).await;
    let minutes = async |count: u64| {
        let mut passes = 0;
        for _ in 0..count {
            world.clock.advance(Duration::from_secs(60));
            passes += world.reconciler.tick().await.unwrap().len();
        }
        passes
    };
    assert_eq!(minutes(1).await, 1, "the first look");
    assert_eq!(lists(&world, "de1"), 3, "three pages");
    assert_eq!(minutes(60).await, 0);
    let counted = lists(&world, "de1") - 3;
    assert!((5..=6).contains(&counted), "one call each ten minutes: {counted}");
    world.loses("de1", keys[7]).await;
    assert_eq!(minutes(12).await, 1, "the counts differ");
    world.settle().await;
    assert_eq!(minutes(12).await, 0, "and no more");
    let mut day = 0;
    for _ in 0..28 {
        day += minutes(60).await;
    }
    assert_eq!(day, 1, "once a day whatever the counts say");
    assert!(world.works(keys[7]).await);
}

/// What nobody does anything about is no reason to read everything again and again.
#[tokio::test]
async fn an_explained_difference_is_no_news() {
    let (world, keys) = World::with_keys(5).await;
    let name = world.gone_name(keys[0]).await;
    world.puts("de1", &name, "karvan:abcdef:other");
    for key in &keys[1..4] {
        world.loses("de1", *key).await;
    }
    let mut passes = 0;
    for _ in 0..60 {
        world.clock.advance(Duration::from_secs(60));
        passes += world.reconciler.tick().await.unwrap().len();
    }
    assert_eq!(passes, 1);
    world.loses("de1", keys[0]).await;
    for _ in 0..12 {
        world.clock.advance(Duration::from_secs(60));
        passes += world.reconciler.tick().await.unwrap().len();
    }
    assert_eq!(passes, 2, "one more is missing");
}

#[tokio::test]
async fn a_panel_that_is_not_well_is_not_asked() {
    let world = World::of(&[Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)]).await;
    let error = karvan::panel::PanelError::Unavailable(karvan::panel::Trouble::Refused);
    world.panel("de1").set_down(Some(error));
    world.watch.check_all().await.unwrap();
    world.watch.check_all().await.unwrap();
    let passes = world.reconciler.tick().await.unwrap();
    assert_eq!(passes.iter().map(|pass| pass.instance.clone()).collect::<Vec<_>>(), [id("nl1")]);
    assert!(world.reconciler.run(&id("de1"), Pace::Waited).await.is_err());
}

/// I6, I7: counters that went wrong, by whatever way, are found and put right, and it is told.
#[tokio::test]
async fn i6_counters_are_held_against_the_rows() {
    let (world, keys) = World::with_keys(7).await;
    assert!(world.reconciler.audit().await.unwrap().is_empty(), "nothing to put right");
    world.db.tamper("UPDATE instance_counters SET active = active + 3, reserved = 2, lingering = 1").await;
    let corrected = world.reconciler.audit().await.unwrap();
    assert_eq!(corrected.len(), 1);
    assert_eq!((corrected[0].stood, corrected[0].counted), ((10, 2, 1), (7, 0, 0)));
    world.assert_quiet(&keys).await;
    assert!(world.incident(Kind::System, "counters").await.is_some(), "and told");
    assert!(world.reconciler.audit().await.unwrap().is_empty());
    assert!(world.incident(Kind::System, "counters").await.is_none());
}
