//! The issue path without the panel's time: from the wish to the committed switch, with panels in memory and with all
//! that the service does besides.
//!
//! `cargo bench --bench issue` prints a table for SQLite and, where there is one, for PostgreSQL: how many keys a second
//! at most, and how long one takes at 100 a second. `--keys N` sets how many keys are there before (1,000,000 is the
//! figure's own; `--quick` takes 20,000). A reference loop (single-row inserts, each its own transaction) is timed in the
//! same run, because machines differ.

use std::sync::Arc;
use std::time::{Duration, Instant};

use karvan::domain::instance::{AdminState, Connection, Instance, Mode, PanelKind, Weight};
use karvan::domain::operation::Cause;
use karvan::domain::{Clock, InstanceId, SystemClock, UserId, placement};
use karvan::panel::Panel;
use karvan::panel::fake::FakePanel;
use karvan::service::core::{AccessMode, Core, Policy, Signals};
use karvan::service::executor::Executor;
use karvan::service::keys::{Ask, Keys};
use karvan::service::leader::Leader;
use karvan::service::panels::Panels;
use karvan::service::placer::Placer;
use karvan::service::watch::Watch;
use karvan::store::people::Seen;
use karvan::store::{SecretKey, Secrets, Store};
use karvan::task;
use sea_orm::{ConnectionTrait, Database};
use tokio_util::sync::CancellationToken;

const INSTANCES: u32 = 50;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // What goes wrong must be seen, or the figures mean nothing.
    tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_writer(std::io::stderr).init();
    let arguments: Vec<String> = std::env::args().collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let named = arguments.iter().position(|argument| argument == "--keys");
    let keys = match named.and_then(|at| arguments.get(at + 1)) {
        Some(number) => number.parse()?,
        None if quick => 20_000,
        None => 1_000_000,
    };
    println!("| database | keys before | reference inserts/s | keys/s at most | at 100/s: p50 | p99 |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    measure("SQLite", &sqlite, keys, quick).await?;
    match sim::postgres::Cluster::shared().await {
        Some(cluster) => measure("PostgreSQL", &cluster.database().await?, keys, quick).await?,
        None => println!("| PostgreSQL | is not installed | | | | |"),
    }
    Ok(())
}

async fn measure(name: &str, url: &str, keys: u32, quick: bool) -> anyhow::Result<()> {
    let core = world(url).await?;
    fill(url, core.store.is_sqlite(), keys).await?;
    Watch::new(core.clone()).check_all().await?;
    let reference = reference(&core).await?;
    let stop = CancellationToken::new();
    let executor = Executor::new(core.clone(), "bench");
    let working = tokio::spawn(task::run(core.clone(), executor, stop.clone()));
    // What every process does first is over by then.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let burst = if quick { 200 } else { 2_000 };
    let began = Instant::now();
    let all: Vec<_> = (0..burst).map(|person| tokio::spawn(one(core.clone(), 10_000_000 + person))).collect();
    for task in all {
        task.await??;
    }
    let most = burst as f64 / began.elapsed().as_secs_f64();
    let steady = if quick { 100 } else { 3_000 };
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let mut tasks = Vec::new();
    for person in 0..steady {
        ticks.tick().await;
        tasks.push(tokio::spawn(one(core.clone(), 20_000_000 + person)));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.push(task.await??);
    }
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("| {name} | {keys} | {reference:.0} | {most:.0} | {:.1} ms | {:.1} ms |", at(0.5), at(0.99));
    stop.cancel();
    working.await?;
    Ok(())
}

/// One person, one key; how long it took from the wish to the committed switch.
async fn one(core: Core, person: i64) -> anyhow::Result<Duration> {
    let keys = Keys::new(core.clone());
    let user = UserId(person);
    let seen = Seen { id: user, first_name: String::new(), username: None, telegram_language: None };
    core.store.saw_person(&seen, core.clock.now()).await?;
    let began = Instant::now();
    let ask = Ask { by: user, cause: Cause::Owner, update_id: None, screen: Some(1) };
    let asked = keys.issue(&ask, user, None).await?;
    anyhow::ensure!(keys.settled(asked.operation, Duration::from_secs(60)).await, "a key took a minute");
    Ok(began.elapsed())
}

/// Single-row inserts a second, each its own transaction: what the database itself can do on this machine.
async fn reference(core: &Core) -> anyhow::Result<f64> {
    const ROWS: u32 = 500;
    let began = Instant::now();
    for _ in 0..ROWS {
        core.store.record(None, "reference", "bench", serde_json::json!({}), core.clock.now()).await?;
    }
    Ok(f64::from(ROWS) / began.elapsed().as_secs_f64())
}

async fn world(url: &str) -> anyhow::Result<Core> {
    let secrets = Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new());
    let store = Store::open(url, secrets).await?;
    store.migrate_up().await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    for number in 0..INSTANCES {
        let instance = Instance {
            id: format!("i{number:03}").parse()?,
            name: format!("Instance {number}"),
            note: String::new(),
            kind: PanelKind::Marzban,
            mode: Mode::Manage,
            base_url: format!("https://i{number}.example").parse()?,
            username: "admin".to_owned(),
            region: "de".parse()?,
            provider: None,
            tags: Vec::new(),
            admin_state: AdminState::Open,
            priority: 1,
            weight: Weight::ONE,
            max_users: 100_000,
            connection: Connection::default(),
            care: karvan::domain::instance::Care::default(),
        };
        store.add_instance(&instance, &"secret".to_owned().into(), clock.now()).await?;
    }
    let panels: std::collections::BTreeMap<InstanceId, Arc<FakePanel>> = (0..INSTANCES)
        .map(|number| Ok((format!("i{number:03}").parse()?, FakePanel::new(clock.clone()))))
        .collect::<anyhow::Result<_>>()?;
    let policy = Policy {
        access: AccessMode::Open,
        default_days: Some(30),
        default_gb: None,
        max_keys_per_user: 1,
        linger: Duration::from_secs(3600),
        keep_ended: Duration::from_secs(3600),
        admins: Vec::new(),
        alert_chat: None,
        alert_topic: None,
        care: karvan::service::core::Care::default(),
    };
    let connector =
        Arc::new(move |instance: &Instance, _| Ok(panels[&instance.id].clone() as Arc<dyn Panel>));
    Ok(Core {
        panels: Arc::new(Panels::new(store.clone(), connector)),
        placer: Arc::new(Placer::new(1, placement::Policy::default())),
        store,
        clock,
        policy: Arc::new(policy),
        installation: "abcdef".parse()?,
        links: Arc::new(karvan::service::links::LinkBook::none(&mut rand::rng())),
        signals: Arc::new(Signals::default()),
        leader: Arc::new(Leader::alone("test")),
    })
}

/// Puts `keys` live keys there, spread evenly, as if they had been issued long ago, and what a service of that size
/// remembers: every tenth key was worked on within the last months.
async fn fill(url: &str, sqlite: bool, keys: u32) -> anyhow::Result<()> {
    let db = Database::connect(sea_orm::ConnectOptions::new(url).sqlx_logging(false).to_owned()).await?;
    let numbers = if sqlite {
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {keys})")
    } else {
        format!("WITH n(i) AS (SELECT * FROM generate_series(1, {keys}))")
    };
    let now = if sqlite { "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')" } else { "now()" };
    let no = if sqlite { "0" } else { "false" };
    let padded = if sqlite { "printf('i%03d', i % 50)" } else { "'i' || lpad((i % 50)::text, 3, '0')" };
    let (empty, none) = if sqlite { ("'{}'", "'[]'") } else { ("'{}'::jsonb", "'[]'::jsonb") };
    for statement in [
        format!(
            "INSERT INTO users (id, first_name, admission, blocked_bot, created_at, last_seen_at) \
             {numbers} SELECT i, '', 'none', {no}, {now}, {now} FROM n"
        ),
        format!(
            "INSERT INTO configs (id, owner, number, credentials, revision, link_epoch, authority, wish, used_before, \
             generation, created_at, updated_at) \
             {numbers} SELECT i, i, 1, 'sealed', 1, 0, 'karvan', 'active', 0, 1, {now}, {now} FROM n"
        ),
        format!(
            "INSERT INTO assignments (config_id, instance_id, account, external_id, role, generation, reason, used, \
             synced_revision, created_at) \
             {numbers} SELECT i, {padded}, 'old' || i, 'old' || i, 'primary', 1, {empty}, 0, 1, {now} FROM n"
        ),
        format!(
            "INSERT INTO operations (config_id, kind, state, cause, person_waits, revision, epoch, target_instance, \
             target_account, target_generation, holds_place, attempts, tried, next_at, created_at, ended_at, outcome) \
             {numbers} SELECT i, 'issue', 'planned', 'owner', {no}, 1, 1, {padded}, 'old' || i, 1, {no}, 0, {none}, \
             {now}, {now}, {now}, 'done' FROM n WHERE i % 10 = 0"
        ),
        format!(
            "INSERT INTO outbox (chat_id, lane, notice, not_before, attempts, created_at, sent_at) \
             {numbers} SELECT i, 0, {empty}, {now}, 0, {now}, {now} FROM n WHERE i % 10 = 0"
        ),
        // All panels were held against the database just now.
        format!(
            "INSERT INTO reconciliations (instance_id, counted_at, passed_at, explained, left_alone) \
             SELECT id, {now}, {now}, 0, {no} FROM instances"
        ),
        format!("UPDATE instance_counters SET active = {}", keys / INSTANCES),
    ] {
        // SQLite wants the query's own words before its rows, PostgreSQL takes either order.
        let statement = if statement.contains(&numbers) && !sqlite {
            format!("{numbers} {}", statement.replace(&numbers, ""))
        } else {
            statement
        };
        db.execute_unprepared(&statement).await?;
    }
    if !sqlite {
        db.execute_unprepared("SELECT setval('configs_id_seq', (SELECT max(id) FROM configs))").await?;
        // As it would have done by itself since.
        db.execute_unprepared("VACUUM ANALYZE").await?;
    }
    db.close().await?;
    Ok(())
}
