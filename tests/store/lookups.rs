//! What the planner of PostgreSQL makes of the searches that everything waits for.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::db::{Db, Kind};
use crate::world::{add, key};

/// A database that was last looked at in a quiet hour: thousands of rows, and nothing under way.
async fn after_a_quiet_hour() -> Option<(Db, DatabaseConnection)> {
    let db = Kind::Postgres.fresh().await?;
    add(&db.store, "de1", 10).await;
    key(&db.store, 7).await;
    let raw = Database::connect(&db.url).await.unwrap();
    for statement in [
        "INSERT INTO operations (config_id, kind, state, cause, person_waits, revision, epoch, holds_place, attempts, \
         tried, next_at, created_at, ended_at, outcome, target_instance) \
         SELECT 1, 'sync', 'ended', 'owner', false, 1, 1, false, 0, '[]', now(), now(), now(), 'done', 'de1' \
         FROM generate_series(1, 20000)",
        "UPDATE operations SET ended_at = now(), outcome = 'done', state = 'ended'",
        "INSERT INTO outbox (chat_id, lane, slot, notice, not_before, attempts, created_at, sent_at) \
         SELECT 1, 0, 'slot:' || i, '{}', now(), 0, now(), now() FROM generate_series(1, 20000) n(i)",
        "INSERT INTO tombstones (config_id, instance_id, account, external_id, used_known, reason, attempts, next_at, \
         created_at, gone_at) \
         SELECT 1, 'de1', 'a' || i, 'a' || i, 0, 'rotated', 0, now(), now(), now() FROM generate_series(1, 20000) n(i)",
        "VACUUM ANALYZE operations",
        "VACUUM ANALYZE outbox",
        "VACUUM ANALYZE tombstones",
    ] {
        raw.execute_unprepared(statement).await.unwrap();
    }
    Some((db, raw))
}

/// Searches, and what each must go by.
const SEARCHES: &[(&str, &str)] = &[
    ("SELECT * FROM operations WHERE id = 5 AND ended_at IS NULL", "operations_pkey"),
    (
        "SELECT * FROM operations WHERE id = 5 AND epoch = 1 AND ended_at IS NULL FOR UPDATE",
        "operations_pkey",
    ),
    ("SELECT * FROM operations WHERE config_id = 5 AND ended_at IS NULL", "operations_open"),
    ("SELECT * FROM operations WHERE target_instance = 'de1' AND ended_at IS NULL", "operations_target"),
    ("SELECT * FROM operations WHERE next_at <= now() AND ended_at IS NULL LIMIT 9", "operations_due"),
    ("SELECT * FROM outbox WHERE id IN (5, 6) AND sent_at IS NULL AND dropped_at IS NULL", "outbox_pkey"),
    ("SELECT * FROM outbox WHERE slot IN ('x') AND sent_at IS NULL AND dropped_at IS NULL", "outbox_slot"),
    (
        "SELECT * FROM outbox WHERE not_before <= now() AND sent_at IS NULL AND dropped_at IS NULL",
        "outbox_next",
    ),
    ("SELECT * FROM outbox WHERE chat_id = 1 AND screen = 5 ORDER BY id DESC LIMIT 1", "outbox_answers"),
    ("SELECT * FROM tombstones WHERE id = 5 AND gone_at IS NULL", "tombstones_pkey"),
    ("SELECT * FROM tombstones WHERE config_id = 5 AND gone_at IS NULL", "tombstones_config"),
    (
        "SELECT * FROM tombstones WHERE instance_id = 'de1' AND account = 'x' AND gone_at IS NULL",
        "tombstones_once",
    ),
    ("SELECT * FROM tombstones WHERE next_at <= now() AND gone_at IS NULL", "tombstones_due"),
];

#[tokio::test]
async fn a_search_goes_by_what_it_searches() {
    // With thousands under way in the next hour, a search by an index of all that is under way would read them all.
    let Some((_db, raw)) = after_a_quiet_hour().await else { return };
    for (query, index) in SEARCHES {
        let explain = Statement::from_string(raw.get_database_backend(), format!("EXPLAIN {query}"));
        let rows = raw.query_all_raw(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(&format!(" {index} ")), "{query}\n{plan}");
    }
    raw.close().await.unwrap();
}
