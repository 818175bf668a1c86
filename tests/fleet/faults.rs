//! A panel that is sick at the moment when somebody asks for a key.

use std::time::Duration;

use karvan::domain::ConfigId;
use rstest::rstest;
use sim::marzban::Fault;

use crate::install::{Install, Spec, until};
use crate::world::World;

/// The panel that gets the key if it can.
const SICK: &str = "de1";

/// What becomes of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The panel did as it was told, only its answer was lost: it keeps the key.
    Stays,
    /// It was told, and another panel serves.
    Elsewhere,
    /// It could not even be told, and another panel serves.
    Unheard,
}

#[rstest]
#[case::dead(Fault::Refuse, End::Unheard)]
#[case::silent(Fault::BlackHole, End::Elsewhere)]
#[case::cut_off(Fault::Reset, End::Unheard)]
#[case::too_slow(Fault::Slow(Duration::from_secs(8)), End::Elsewhere)]
#[case::frozen(Fault::Frozen, End::Elsewhere)]
#[case::answer_withheld(Fault::HoldAck, End::Elsewhere)]
#[case::failing(Fault::Errors { percent: 100, status: 500, seed: 1 }, End::Elsewhere)]
#[case::behind_a_dead_front(Fault::Errors { percent: 100, status: 502, seed: 1 }, End::Elsewhere)]
#[case::challenging(Fault::HtmlChallenge, End::Elsewhere)]
#[case::limiting(Fault::TooMany, End::Elsewhere)]
#[case::somebody_else(Fault::NotThePanel, End::Elsewhere)]
#[case::refusing_the_login(Fault::Unauthorised, End::Elsewhere)]
#[case::breaking_off(Fault::TruncatedBody, End::Elsewhere)]
#[case::answer_lost(Fault::AckLost { next: 1 }, End::Stays)]
#[case::failing_after_the_write(Fault::ErrorAfterWrite { next: 1 }, End::Stays)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sick_panel_costs_seconds_and_leaves_no_ghost(#[case] fault: Fault, #[case] end: End) {
    let (world, earlier) = sick_and_two_others().await;
    let sick = world.install.panel(SICK);
    sick.set_fault(fault);
    story(&world, earlier, end, || sick.heal()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_password_costs_seconds_and_leaves_no_ghost() {
    let (world, earlier) = sick_and_two_others().await;
    let sick = world.install.panel(SICK);
    sick.set_admin_password("another one");
    story(&world, earlier, End::Elsewhere, || sick.set_admin_password("admin-password")).await;
}

/// The first panel takes nearly all keys, and has one already: whatever is asked of a panel only now and then was
/// asked a moment ago, so that the fault meets the write itself.
async fn sick_and_two_others() -> (World, ConfigId) {
    let specs = [Spec(SICK, 500, 50.0), Spec("de2", 500, 1.0), Spec("de3", 500, 1.0)];
    let world = World::of(Install::new(&specs).await).await;
    let running = world.runs();
    let earlier = world.asks(1000).await.config;
    world.leaves_open(0).await;
    drop(running);
    assert_eq!(world.place_of(earlier).await.as_deref(), Some(SICK));
    (world, earlier)
}

/// Somebody asks while the panel is sick, is served, and later it recovers.
async fn story(world: &World, earlier: ConfigId, end: End, heal: impl Fn()) {
    let sick = world.install.panel(SICK);
    sick.clear_requests();
    let running = world.works_off();
    let asked = world.asks(1001).await;
    until("the key works", async || {
        world.place_of(asked.config).await.is_some() && world.works(asked.config).await
    })
    .await;
    drop(running);
    let operation = world.core.store.operation(asked.operation).await.unwrap().unwrap();
    assert!(operation.ended.is_some());
    let place = world.place_of(asked.config).await.unwrap();
    match end {
        End::Stays => assert_eq!(place, SICK),
        End::Elsewhere | End::Unheard => {
            assert_ne!(place, SICK);
            let tried: Vec<_> = operation.tried.iter().map(ToString::to_string).collect();
            assert_eq!(tried, [SICK], "it was asked first, and one other was enough");
        }
    }
    let told = sick.requests().iter().any(|request| request.method == "POST" && request.path == "/api/user");
    assert_eq!(told, end != End::Unheard, "{:?}", sick.requests());
    if let Fault::Slow(_) = sick.fault() {
        until("the slow panel has done its work", async || sick.usernames().len() == 2).await;
    }
    heal();
    world.passes(Duration::from_secs(900)).await;
    assert_eq!(world.place_of(asked.config).await.unwrap(), place, "nobody moves back");
    world.assert_quiet(&[earlier, asked.config]).await;
}
