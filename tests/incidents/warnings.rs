//! Owners of keys are told in time, once for each mark; admins get a summary each day.

use std::sync::Arc;
use std::time::Duration;

use karvan::domain::incident::{Entry, Kind, Severity};
use karvan::domain::quota::GIB;
use karvan::domain::{Clock, ConfigId};
use karvan::service::core::{Core, Policy};
use karvan::service::incidents::{Incidents, Report};
use karvan::service::notice::{Notice, Summary, Warning};
use karvan::service::summary::Summaries;
use karvan::service::warnings::Warnings;

use crate::memory::{ADMIN, ALICE, World};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3600);

/// The notices that wait for a chat, taken as sent.
async fn mail(world: &World, chat: i64) -> Vec<Notice> {
    let store = &world.core.store;
    let now = world.clock.now();
    let mut notices = Vec::new();
    for stored in store.due_letters(now, 1000).await.unwrap() {
        store.letter_sent(&stored, None, now).await.unwrap();
        if stored.letter.chat == chat {
            notices.push(serde_json::from_value(stored.letter.notice).unwrap());
        }
    }
    notices
}

/// What the owner of a key was told, at a look every hour for so long.
async fn told(world: &World, time: Duration) -> Vec<Warning> {
    let warnings = Warnings::new(world.core.clone());
    let mut told = Vec::new();
    let mut left = time;
    while !left.is_zero() {
        world.clock.advance(HOUR);
        left = left.saturating_sub(HOUR);
        warnings.tick().await.unwrap();
        for notice in mail(world, ALICE.0).await {
            if let Notice::Warning { warning, .. } = notice {
                told.push(warning);
            }
        }
    }
    told
}

async fn end_of(world: &World, config: ConfigId) -> karvan::domain::Timestamp {
    world.core.store.key(config).await.unwrap().unwrap().config.expires_at.unwrap()
}

/// Traffic passes, and is read.
async fn uses(world: &World, config: ConfigId, bytes: u64) {
    let key = world.core.store.key(config).await.unwrap().unwrap();
    let primary = key.primary().unwrap();
    let used = primary.used + bytes;
    world.panel(primary.instance.as_str()).add_traffic(&primary.account, bytes);
    let now = world.clock.now();
    let store = &world.core.store;
    store.saw_account(primary.id, &primary.account, used, None, None, now).await.unwrap();
}

#[tokio::test]
async fn the_end_of_a_key_is_told_at_each_mark_once() {
    let world = World::three().await;
    let key = world.key().await;
    mail(&world, ALICE.0).await;
    let at = end_of(&world, key).await;
    assert_eq!(told(&world, 26 * DAY).await, [], "30 days are long");
    let soon = |days| Warning::EndsSoon { at, days };
    assert_eq!(told(&world, 6 * DAY).await, [soon(3), soon(1), Warning::Ended]);
    assert_eq!(told(&world, 3 * DAY).await, [], "and never again");
    // More time: the marks lie ahead again.
    world.keys.extend(&World::admin_asks(), key, Some(10), None).await.unwrap();
    mail(&world, ALICE.0).await;
    let at = end_of(&world, key).await;
    let soon = |days| Warning::EndsSoon { at, days };
    assert_eq!(told(&world, 11 * DAY).await, [soon(3), soon(1), Warning::Ended]);
}

#[tokio::test]
async fn who_took_a_key_for_a_day_is_not_told_that_it_ends_tomorrow() {
    let world = World::three().await;
    world.keys.give(&World::admin_asks(), ALICE, Some(1), None).await.unwrap();
    world.settle().await;
    mail(&world, ALICE.0).await;
    assert_eq!(told(&world, 2 * DAY).await, [Warning::Ended]);
}

#[tokio::test]
async fn after_a_pause_of_the_service_only_the_nearest_mark_is_told() {
    let world = World::three().await;
    let key = world.key().await;
    mail(&world, ALICE.0).await;
    let at = end_of(&world, key).await;
    world.clock.advance(29 * DAY + 12 * HOUR);
    assert_eq!(told(&world, HOUR).await, [Warning::EndsSoon { at, days: 1 }]);
    assert_eq!(told(&world, HOUR).await, []);
}

#[tokio::test]
async fn traffic_is_told_at_each_mark_and_anew_when_there_is_more() {
    let world = World::three().await;
    let key = world.key().await;
    mail(&world, ALICE.0).await;
    uses(&world, key, 79 * GIB).await;
    assert_eq!(told(&world, HOUR).await, []);
    uses(&world, key, 2 * GIB).await;
    assert_eq!(told(&world, HOUR).await, [Warning::Traffic { percent: 81, left: 19 * GIB }]);
    uses(&world, key, 19 * GIB).await;
    assert_eq!(told(&world, HOUR).await, [Warning::Exhausted]);
    assert_eq!(told(&world, 2 * HOUR).await, []);
    world.keys.extend(&World::admin_asks(), key, None, Some(100)).await.unwrap();
    world.settle().await;
    mail(&world, ALICE.0).await;
    assert_eq!(told(&world, HOUR).await, [], "half of it is used now");
    uses(&world, key, 61 * GIB).await;
    assert_eq!(told(&world, HOUR).await, [Warning::Traffic { percent: 80, left: 39 * GIB }]);
}

/// The same world under other rules.
fn ruled(world: &World, change: impl FnOnce(&mut Policy)) -> Core {
    let mut policy = (*world.core.policy).clone();
    change(&mut policy);
    Core { policy: Arc::new(policy), ..world.core.clone() }
}

async fn summaries(world: &World) -> Vec<Summary> {
    let found = mail(world, ADMIN.0).await.into_iter();
    let summary = |notice| match notice {
        Notice::Summary { summary } => Some(summary),
        _ => None,
    };
    found.filter_map(summary).collect()
}

#[tokio::test]
async fn the_day_is_told_once_at_its_time_also_over_a_restart() {
    let world = World::three().await; // 12:00 in UTC, 15:30 in Tehran
    world.key().await;
    let core = ruled(&world, |policy| policy.care.zone = chrono_tz::Asia::Tehran);
    mail(&world, ADMIN.0).await;
    assert!(!Summaries::new(core.clone()).tick().await.unwrap(), "not for the day of the installation");
    world.clock.advance(17 * HOUR); // 08:30 in Tehran
    assert!(!Summaries::new(core.clone()).tick().await.unwrap());
    world.clock.advance(HOUR);
    assert!(Summaries::new(core.clone()).tick().await.unwrap());
    assert!(!Summaries::new(core.clone()).tick().await.unwrap(), "a new process knows it too");
    let told = summaries(&world).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].keys, told[0].new, told[0].panels, told[0].incidents), (1, 1, 3, 0));
    // The process slept over the time: late rather than never.
    world.clock.advance(DAY + 5 * HOUR);
    let incidents = Incidents::new(core.clone());
    let down = Report {
        kind: Kind::Instance,
        subject: "de1".to_owned(),
        instance: Some("de1".parse().unwrap()),
        severity: Severity::Critical,
        affected: Some(1),
        entry: Entry::Down { refused: true },
    };
    incidents.report(&down).await.unwrap();
    assert!(Summaries::new(core.clone()).tick().await.unwrap());
    assert_eq!(summaries(&world).await[0].incidents, 1);
    let never = ruled(&world, |policy| policy.care.summary_at = None);
    world.clock.advance(3 * DAY);
    assert!(!Summaries::new(never).tick().await.unwrap());
}
