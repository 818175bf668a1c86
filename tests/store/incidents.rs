//! Incidents, marks on the way of a key to its end, and the day that was told.

use karvan::domain::incident::{Entry, Incident, Kind, Severity};
use karvan::domain::{ConfigId, InstanceId, UserId};
use karvan::store::Store;
use karvan::store::incidents::{NewEntry, Told, slot};
use karvan::store::outbox::NewLetter;
use karvan::store::told::Mark;
use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::db::{Kind as Database, at};
use crate::world;

const CHAT: i64 = 1;

/// One letter to one chat, as the service writes them.
fn letters(told: &Told) -> Vec<NewLetter> {
    vec![NewLetter {
        chat: CHAT,
        lane: 1,
        slot: Some(slot(told.incident.id, CHAT)),
        notice: json!({ "lines": told.incident.timeline.len(), "progress": told.progress }),
        screen: None,
        not_before: at(0),
    }]
}

async fn report(store: &Store, entry: Entry, seconds: i64) -> Incident {
    let de1: InstanceId = "de1".parse().unwrap();
    let new = NewEntry {
        kind: Kind::Instance,
        subject: "de1",
        instance: Some(&de1),
        severity: if matches!(entry, Entry::Down { .. }) { Severity::Critical } else { Severity::Warning },
        affected: Some(7),
        entry,
    };
    store.report_incident(&new, &letters, at(seconds)).await.unwrap()
}

async fn waiting(store: &Store) -> Vec<serde_json::Value> {
    let due = store.due_letters(at(100_000), 100).await.unwrap();
    due.into_iter().map(|stored| stored.letter.notice).collect()
}

const DOWN: Entry = Entry::Down { refused: true };
const WELL: Entry = Entry::Recovered { after_s: 60 };

#[rstest]
#[tokio::test]
async fn one_incident_is_open_for_a_subject_and_its_lines_add_up(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let first = report(store, Entry::ControlDown, 0).await;
    assert_eq!(waiting(store).await, [json!({ "lines": 1, "progress": false })]);
    assert_eq!(report(store, Entry::ControlDown, 5).await, first, "what is known changes nothing");
    let down = report(store, DOWN, 20).await;
    assert_eq!((down.id, down.severity, down.opened_at), (first.id, Severity::Critical, at(0)));
    let later = report(store, Entry::ControlDown, 30).await;
    assert_eq!(later.severity, Severity::Critical, "the worst stays");
    assert_eq!(later.timeline.len(), 3);
    // Each newer letter took the place of the one before.
    assert_eq!(waiting(store).await, [json!({ "lines": 3, "progress": false })]);
    assert_eq!(store.incident(first.id).await.unwrap().unwrap(), later, "as it is stored");
    let over = store.close_incident(Kind::Instance, "de1", WELL, &letters, at(60)).await.unwrap().unwrap();
    assert_eq!((over.id, over.closed_at), (first.id, Some(at(60))));
    assert!(store.open_incidents().await.unwrap().is_empty());
    assert_eq!(store.closed_incidents(10).await.unwrap(), [over]);
    let again = store.close_incident(Kind::Instance, "de1", WELL, &letters, at(61)).await.unwrap();
    assert_eq!(again, None, "nothing is open");
    // A second open one for the same subject is refused by the database itself.
    report(store, DOWN, 2000).await;
    let columns = "kind, subject, severity, opened_at, updated_at, affected, is_told, facts, timeline";
    let twin =
        format!("INSERT INTO incidents ({columns}) SELECT {columns} FROM incidents WHERE closed_at IS NULL");
    let raw = sea_orm::Database::connect(&db.url).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&raw, &twin).await.unwrap_err();
}

#[rstest]
#[tokio::test]
async fn a_suspicion_alone_is_told_to_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let doubt = report(store, Entry::Suspected, 0).await;
    assert!(!doubt.is_told);
    store.close_incident(Kind::Instance, "de1", WELL, &letters, at(5)).await.unwrap().unwrap();
    assert_eq!(waiting(store).await, [] as [serde_json::Value; 0]);
    assert_eq!(store.closed_incidents(10).await.unwrap(), [], "and listed nowhere");
    assert_eq!(store.incidents_since(at(-10)).await.unwrap(), []);
    report(store, Entry::Suspected, 8).await;
    report(store, Entry::Unreachable, 10).await;
    assert_eq!(waiting(store).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn who_flaps_goes_on_in_the_same_incident(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let first = report(store, DOWN, 0).await.id;
    let mut now = 0;
    for _ in 0..5 {
        now += 60;
        store.close_incident(Kind::Instance, "de1", WELL, &letters, at(now)).await.unwrap().unwrap();
        now += 540;
        let again = report(store, DOWN, now).await;
        assert_eq!((again.id, again.closed_at), (first, None));
    }
    store.close_incident(Kind::Instance, "de1", WELL, &letters, at(now)).await.unwrap().unwrap();
    assert_ne!(report(store, DOWN, now + 600).await.id, first, "ten minutes later it is another one");
}

#[rstest]
#[tokio::test]
async fn reports_at_the_same_moment_become_one_incident(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        let store = db.again().await;
        tasks.spawn(async move {
            let node = Entry::NodeError { node: format!("n{number}"), message: String::new() };
            // Two sorts in turn, so that none takes the other's place.
            let entry = if number % 2 == 0 { node } else { Entry::Cordoned { by: UserId(number) } };
            report(&store, entry, number).await.id
        });
    }
    let ids: Vec<_> = tasks.join_all().await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(db.store.open_incidents().await.unwrap().len(), 1);
    assert_eq!(waiting(&db.store).await.len(), 1, "one letter, the newest");
}

#[rstest]
#[tokio::test]
async fn progress_may_wait_but_never_the_news_before_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let progress = |done| Entry::EvacuationProgress { done, total: 10 };
    report(store, DOWN, 0).await;
    report(store, progress(1), 1).await;
    assert_eq!(waiting(store).await, [json!({ "lines": 2, "progress": false })], "the news may be unsent");
    report(store, progress(2), 20).await;
    assert_eq!(waiting(store).await, [json!({ "lines": 2, "progress": true })]);
}

#[rstest]
#[tokio::test]
async fn what_admins_say_is_kept_with_who_said_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let id = report(store, DOWN, 0).await.id;
    let care = |incident: &mut Incident| {
        incident.acknowledged = Some((UserId(5), at(9)));
        incident.muted = Some((UserId(6), at(99)));
        true
    };
    let marked = store.mark_incident(id, care, &letters, at(9)).await.unwrap().unwrap();
    assert_eq!(store.incident(id).await.unwrap().unwrap(), marked);
    assert_eq!(marked.acknowledged, Some((UserId(5), at(9))));
    assert!(marked.is_muted(at(98)) && !marked.is_muted(at(99)));
    assert_eq!(store.mark_incident(id, |_| false, &letters, at(10)).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn the_webhook_is_owed_what_changed_since_it_took_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let owed = async || store.unhooked_incidents(at(-10), 10).await.unwrap().len();
    let first = report(store, DOWN, 0).await;
    assert_eq!(owed().await, 1);
    store.incident_hooked(first.id, first.updated_at).await.unwrap();
    assert_eq!(owed().await, 0);
    report(store, Entry::Recovering, 5).await;
    assert_eq!(owed().await, 1);
    assert_eq!(store.unhooked_incidents(at(6), 10).await.unwrap().len(), 0, "too old to be news");
}

#[rstest]
#[tokio::test]
async fn i16_an_alert_goes_before_a_hundred_thousand_letters(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    let notice = if database == Database::Sqlite { "'{}'" } else { "'{}'::jsonb" };
    let moment = if database == Database::Sqlite {
        "'2026-11-21 12:00:00+00:00'"
    } else {
        "'2026-11-21 12:00:00+00:00'::timestamptz"
    };
    let fill = format!(
        "{numbers} INSERT INTO outbox (chat_id, lane, notice, not_before, attempts, created_at) \
         SELECT i, 3, {notice}, {moment}, 0, {moment} FROM n"
    );
    // SQLite wants the table before the numbers.
    let fill = if database == Database::Sqlite {
        format!(
            "INSERT INTO outbox (chat_id, lane, notice, not_before, attempts, created_at) {numbers} \
             SELECT i, 3, {notice}, {moment}, 0, {moment} FROM n"
        )
    } else {
        fill
    };
    db.tamper(&fill).await;
    assert_eq!(store.waiting_letters().await.unwrap(), 100_000);
    report(store, DOWN, 1).await;
    let due = store.due_letters(at(2), 10).await.unwrap();
    assert_eq!((due[0].letter.lane, due[0].letter.chat), (1, CHAT), "the alert is the very next");
}

async fn untold(store: &Store, mark: Mark, seconds: i64) -> Vec<ConfigId> {
    let found = store.untold(mark, at(-1_000_000), at(seconds), 100).await.unwrap();
    found.into_iter().map(|key| key.config).collect()
}

const DAY: i64 = 86_400;
const NOBODY: [ConfigId; 0] = [];

#[rstest]
#[tokio::test]
async fn a_mark_is_told_once_until_the_key_falls_back_behind_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    // Ends a day after the beginning.
    let key = world::key(store, 1001).await;
    assert_eq!(untold(store, Mark::Days(1), -10).await, NOBODY);
    assert_eq!(untold(store, Mark::Days(1), 10).await, [key]);
    assert_eq!(untold(store, Mark::Ended, 10).await, NOBODY);
    let letter = || letters_of(1001);
    let tell = async |seconds| {
        store.tell_once(key, Mark::Days(1), &[Mark::Days(3)], letter(), at(seconds)).await.unwrap()
    };
    assert!(tell(10).await);
    assert!(!tell(11).await, "another process was quicker");
    assert_eq!(store.waiting_letters().await.unwrap(), 1);
    assert_eq!(untold(store, Mark::Days(1), 12).await, NOBODY);
    assert_eq!(untold(store, Mark::Days(3), 12).await, NOBODY, "the weaker one is noted with it");
    assert_eq!(untold(store, Mark::Days(1), DAY + 1).await, NOBODY, "it has ended");
    assert_eq!(untold(store, Mark::Ended, DAY + 1).await, [key]);
    assert_eq!(store.forget_told(Mark::Days(1), at(13)).await.unwrap(), 0, "it is still beyond it");
    assert_eq!(store.forget_told(Mark::Days(1), at(-DAY)).await.unwrap(), 1, "as if it had got a day more");
    assert_eq!(untold(store, Mark::Days(1), 14).await, [key]);
}

fn letters_of(chat: i64) -> Option<NewLetter> {
    Some(NewLetter { chat, lane: 2, slot: None, notice: json!({}), screen: None, not_before: at(0) })
}

#[rstest]
#[tokio::test]
async fn the_summary_of_a_day_is_posted_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let Some(db) = database.fresh().await else { return };
    let store = &db.store;
    assert!(!store.summary_is_due("2026-11-20").await.unwrap(), "not on the first day");
    assert!(store.summary_is_due("2026-11-21").await.unwrap());
    let letter = letters_of(1).unwrap();
    let post = async |day| store.post_summary(day, std::slice::from_ref(&letter), at(0)).await.unwrap();
    assert!(post("2026-11-21").await);
    assert!(!post("2026-11-21").await, "another process did");
    assert!(!store.summary_is_due("2026-11-21").await.unwrap());
    assert_eq!(store.waiting_letters().await.unwrap(), 1);
    world::key(store, 1001).await;
    let day = store.day_since(at(-DAY), at(1)).await.unwrap();
    assert_eq!((day.keys, day.new, day.ended, day.moves, day.checks), (1, 1, 0, 0, (0, 0)));
    let next = store.day_since(at(1), at(DAY + 1)).await.unwrap();
    assert_eq!((next.keys, next.new, next.ended), (0, 0, 1), "its time is over");
}
