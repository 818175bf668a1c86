//! Who plans: one of all, another one soon after it is gone, and never two.

use std::sync::Arc;
use std::time::Duration;

use karvan::domain::clock::ManualClock;
use karvan::service::leader::{Leader, Look, Terms};
use karvan::store::{Store, StoreError};
use rstest::rstest;

use crate::db::{Db, Kind, at};

/// A process: its view of the election, and its connections.
struct Process {
    leader: Leader,
    store: Store,
}

impl Process {
    async fn of(db: &Db, name: &str, clock: &Arc<ManualClock>) -> Self {
        Self { leader: Leader::elected(name, clock.clone(), Terms::default()), store: db.again().await }
    }

    async fn looks(&self) -> Look {
        self.leader.look(&self.store).await.unwrap()
    }
}

const LEADING: Look = Look::Leading { since_now: true };
const STILL: Look = Look::Leading { since_now: false };

/// Time passes, also for the lease on PostgreSQL, which goes by the database's clock.
async fn passes(db: &Db, kind: Kind, clock: &ManualClock, seconds: u64) {
    clock.advance(Duration::from_secs(seconds));
    if kind == Kind::Postgres {
        let back = format!("UPDATE leases SET expires_at = expires_at - interval '{seconds} seconds'");
        db.tamper(&back).await;
    }
}

#[rstest]
#[tokio::test]
async fn one_of_several_leads_and_another_takes_over_when_it_is_gone(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let clock = Arc::new(ManualClock::at(at(0)));
    let (a, b) = (Process::of(&db, "a", &clock).await, Process::of(&db, "b", &clock).await);
    assert_eq!(a.looks().await, LEADING);
    assert_eq!(b.looks().await, Look::Following);
    assert_eq!((a.leader.epoch(), b.leader.epoch()), (Some(1), None));

    for _ in 0..3 {
        passes(&db, kind, &clock, 5).await;
        assert_eq!(a.looks().await, STILL, "renewed");
        assert_eq!(b.looks().await, Look::Following);
    }
    // It does not come any more. It has stopped acting before another one may begin.
    passes(&db, kind, &clock, 10).await;
    assert!(!a.leader.is_leader(), "who cannot renew stops after 10 s");
    assert_eq!(b.looks().await, Look::Following, "and the lease lasts for 15 s");
    passes(&db, kind, &clock, 5).await;
    assert_eq!(b.looks().await, LEADING);
    assert_eq!(b.leader.epoch(), Some(2), "a new epoch");
    assert_eq!(a.looks().await, Look::Following);
    assert!(!a.leader.is_leader() && a.leader.is_certain());
}

#[rstest]
#[tokio::test]
async fn who_goes_in_order_is_followed_at_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let clock = Arc::new(ManualClock::at(at(0)));
    let (a, b) = (Process::of(&db, "a", &clock).await, Process::of(&db, "b", &clock).await);
    assert_eq!(a.looks().await, LEADING);
    let mut told = a.leader.changes();
    assert!(*told.borrow_and_update());
    a.leader.resign(&a.store).await.unwrap();
    assert!(!*told.borrow_and_update() && !a.leader.is_leader());
    assert_eq!(b.looks().await, LEADING);
}

/// I15: whoever slept in the middle of planning commits nothing once another one leads.
#[rstest]
#[tokio::test]
async fn i15_a_former_leader_commits_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let clock = Arc::new(ManualClock::at(at(0)));
    let (a, b) = (Process::of(&db, "a", &clock).await, Process::of(&db, "b", &clock).await);
    let planning = |process: &Process| process.store.fenced(process.leader.fence().unwrap());
    let plans = async |process: &Process| planning(process).post(&[], at(0)).await;
    assert!(matches!(plans(&a).await, Err(StoreError::NotLeader)), "nobody leads yet");
    assert_eq!(a.looks().await, LEADING);
    plans(&a).await.unwrap();
    passes(&db, kind, &clock, 15).await;
    plans(&a).await.unwrap(); // late, but nobody else has begun
    assert_eq!(b.looks().await, LEADING);
    // It has not heard of it: only the database knows.
    assert!(matches!(plans(&a).await, Err(StoreError::NotLeader)));
    plans(&b).await.unwrap();
    b.leader.resign(&b.store).await.unwrap();
    assert!(matches!(plans(&b).await, Err(StoreError::NotLeader)));
}

#[rstest]
#[tokio::test]
async fn a_database_that_went_back_is_not_believed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let clock = Arc::new(ManualClock::at(at(0)));
    let (a, b) = (Process::of(&db, "a", &clock).await, Process::of(&db, "b", &clock).await);
    assert_eq!(a.looks().await, LEADING);
    assert_eq!(b.looks().await, Look::Following);
    db.tamper("UPDATE leases SET renewed_at = '2020-01-01 00:00:00+00:00'").await;
    for process in [&a, &b] {
        assert!(matches!(process.looks().await, Look::WentBack { found: Some(_), .. }));
        assert!(!process.leader.is_leader() && !process.leader.is_certain());
        assert!(matches!(process.looks().await, Look::WentBack { .. }), "until it is held back");
        process.leader.is_held_back();
        assert!(process.leader.is_certain());
    }
    // From there it goes on: an admin says when.
    assert_eq!(a.looks().await, LEADING);
    db.tamper("DELETE FROM leases").await;
    assert!(matches!(a.looks().await, Look::WentBack { found: None, .. }), "older than any lease");
}

/// A step back of the clock alone is none of the database's.
#[tokio::test]
async fn a_clock_that_was_set_back_is_no_database_that_went_back() {
    let Some(db) = Kind::Sqlite.fresh().await else { return };
    let (late, early) = (Arc::new(ManualClock::at(at(100))), Arc::new(ManualClock::at(at(0))));
    let a = Process::of(&db, "a", &late).await;
    assert_eq!(a.looks().await, LEADING);
    assert_eq!(a.looks().await, STILL);
    let again = Leader::elected("a", early, Terms::default());
    assert_eq!(again.look(&a.store).await.unwrap(), LEADING);
    assert_eq!(a.looks().await, STILL, "the last renewal is as late as it was");
}
