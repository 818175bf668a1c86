//! The real binary on the machine's clock, three panels with a data plane, and one of them dies: who asks is served
//! elsewhere at once, everybody else after `EVACUATE_AFTER`, with the same secrets and the traffic that is left; the
//! admin reads one message; nobody moves back.
//!
//! `OUTAGE_USERS=2000` plays it with so many people; how long things took is printed.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use karvan::domain::instance::Health;
use karvan::domain::{Clock, ConfigId, InstanceId, SystemClock};
use karvan::service::health::Rounds;
use sim::clock::SimClock;
use sim::marzban::{Behind, Door};
use sim::telegram::{Actor, Options, Person, Telegram};

use crate::install::{ADMIN, Install, Spec};
use crate::world::World;

/// People with a key each, unless `OUTAGE_USERS` says otherwise.
const USERS: i64 = 150;
/// The id of the first of them.
const FIRST: i64 = 30_000;
/// People of the dead panel who look at their key again and again.
const ASKING: usize = 3;
/// How long anything may take before the story is given up.
const PATIENCE: Duration = Duration::from_secs(240);
/// `EVACUATE_AFTER`.
const EVACUATE_AFTER: Duration = Duration::from_secs(20);

/// A key as its owner has it.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    uuid: String,
    /// Bytes that it may still use.
    left: Option<u64>,
}

async fn held(world: &World, config: ConfigId) -> Held {
    let store = &world.core.store;
    let key = store.key(config).await.unwrap().unwrap();
    let uuid = store.credentials(config).await.unwrap().unwrap().uuid.to_string();
    Held { uuid, left: key.config.data_limit.map(|limit| limit.saturating_sub(key.used_total())) }
}

async fn on(world: &World, panel: &str) -> u32 {
    let id: InstanceId = panel.parse().unwrap();
    let counters = world.core.store.counters().await.unwrap();
    counters.iter().find(|(known, _)| *known == id).unwrap().1.active
}

async fn health(world: &World, panel: &str) -> Health {
    world.core.store.health_of(&panel.parse().unwrap()).await.unwrap().unwrap().health
}

/// Waits for a state, and says how long it took.
async fn takes(what: &str, since: Instant, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "never: {what}");
    since.elapsed()
}

/// Somebody opens the card of their key every other second until they read that it was moved.
async fn asks_until_served(person: Actor, died: Instant) -> Duration {
    while died.elapsed() < PATIENCE {
        person.send("/key").await;
        for _ in 0..20 {
            if person.messages().iter().any(|message| message.text.contains("moved your key")) {
                return died.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    panic!("never served elsewhere\n{}", person.transcript());
}

/// The installation with its panels and people, all well for a while.
async fn prepared(users: i64, telegram: &Telegram, anchors: &[Door]) -> (Arc<World>, Vec<ConfigId>) {
    let cap = u32::try_from(users).unwrap();
    let specs = [Spec("de1", cap, 1.0), Spec("de2", cap, 1.0), Spec("de3", cap, 1.0)];
    // What comes before takes half an hour of the panels' clock, and ends before the machine's time.
    let mut install = Install::begun(&specs, Duration::from_secs(3600)).await;
    for (_, panel) in &install.panels {
        panel.open_doors().unwrap();
    }
    let anchors: Vec<String> = anchors.iter().map(|door| door.address().to_string()).collect();
    install.set("REFERENCE_PROBES", &anchors.join(","));
    install.set("TELOXIDE_TOKEN", &telegram.token());
    install.set("TELOXIDE_API_URL", &telegram.url());
    let world = Arc::new(World::of(install).await);
    let running = world.works_off();
    let keys = world.ask(FIRST..FIRST + users).await;
    world.leaves_open(0).await;
    drop(running);
    // The addresses in their links are seen to answer, and somebody has used a bit.
    let rounds = Rounds::new(world.core.clone());
    world.install.clock.advance(Duration::from_secs(301));
    world.watch.sample().await.unwrap();
    rounds.ask_anchors().await;
    for _ in 0..140 {
        world.install.clock.advance(Duration::from_millis(500));
        rounds.tick().await.unwrap();
    }
    (world, keys)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_three_dies_under_the_real_binary() {
    let users = std::env::var("OUTAGE_USERS").map_or(USERS, |users| users.parse().unwrap());
    let telegram = Telegram::start(Options { clock: SimClock::real(), ..Options::default() }).await.unwrap();
    let anchors = [Door::open(Behind::Core).unwrap(), Door::open(Behind::Core).unwrap()];
    let (world, keys) = prepared(users, &telegram, &anchors).await;
    let (mut before, mut of_dead) = (BTreeMap::new(), Vec::new());
    for (person, config) in (FIRST..).zip(&keys) {
        before.insert(*config, held(&world, *config).await);
        if world.place_of(*config).await.as_deref() == Some("de1") {
            of_dead.push((person, *config));
        }
    }
    let dead = world.install.panel("de1").clone();
    let was = [on(&world, "de1").await, on(&world, "de2").await, on(&world, "de3").await];
    assert_eq!(usize::try_from(was[0]).unwrap(), of_dead.len());

    let log = File::options().create(true).append(true).open(world.install.log()).unwrap();
    let mut run = world.install.command(&["run"]);
    let mut process = run.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let boss = telegram.person(Person::new(ADMIN, "Boss")).with_patience(PATIENCE);
    boss.send("/start").await;
    boss.expect_button("⚡").await;
    let people: Vec<Actor> = of_dead[..ASKING]
        .iter()
        .map(|(person, _)| telegram.person(Person::new(*person, "P")).with_patience(PATIENCE))
        .collect();
    // Everybody's card is fine while all is well.
    for person in &people {
        person.send("/key").await;
        person.expect("Works").await;
    }
    let looks = || dead.requests().iter().filter(|request| request.path.contains("/api/core")).count();
    let so_far = looks();
    takes("the binary looks at the panel", Instant::now(), async || looks() > so_far).await;

    dead.kill_all();
    let died = Instant::now();
    let asking: Vec<_> =
        people.into_iter().map(|person| tokio::spawn(asks_until_served(person, died))).collect();
    let down = takes("it is found dead", died, async || health(&world, "de1").await == Health::Down).await;
    let mut asked = Duration::ZERO;
    for person in asking {
        asked = asked.max(person.await.unwrap());
    }
    let all = takes("everybody has left", died, async || on(&world, "de1").await == 0).await;
    boss.expect("keys were moved to other panels").await;
    assert_eq!(process.try_wait().unwrap(), None, "it runs on");

    // Same secrets, same traffic left, and each works where it is now; one message tells it all.
    for (config, held_before) in &before {
        assert_eq!(held(&world, *config).await, *held_before, "{config}");
        let place = world.place_of(*config).await.unwrap();
        assert_ne!(place, "de1");
        assert!(world.install.panel(&place).works(&held_before.uuid), "{config} on {place}");
    }
    let alerts = boss.messages().iter().filter(|message| message.text.contains("de1")).count();
    assert_eq!(alerts, 1, "{}", boss.transcript());
    let now = [on(&world, "de2").await, on(&world, "de3").await];
    assert!(now[0].abs_diff(now[1]) <= 2, "spread evenly: {now:?}");

    // It returns: what was left there serves on, and nobody moves back.
    dead.revive();
    takes("it is back", Instant::now(), async || health(&world, "de1").await == Health::Recovering).await;
    boss.expect("answers again").await;
    for (_, config) in &of_dead {
        assert!(dead.works(&before[config].uuid), "{config} still works where it was");
    }
    assert_eq!([on(&world, "de2").await, on(&world, "de3").await], now, "nobody moves back");
    process.start_kill().unwrap();
    process.wait().await.unwrap();

    // Then days pass, for the same services within the test: the accounts left behind go.
    let behind = SystemClock.now() - world.install.clock.now();
    world.install.clock.advance(behind.to_std().unwrap_or_default());
    world.core.placer.refresh(&world.core.store).await.unwrap();
    world.passes(Duration::from_secs(49 * 3600)).await;
    world.passes(Duration::from_secs(900)).await;
    world.assert_quiet(&keys).await;
    assert!(dead.usernames().iter().all(|name| !name.starts_with('k')), "nothing of ours is left there");

    // Ten writes a second on each of the two that take them in.
    let bound = Duration::from_secs_f64(f64::from(was[0]) / 2.0 / 10.0);
    println!(
        "{users} people, {} of them on the dead panel: dead after {down:.1?}; who asked was served after {asked:.1?}; \
         everybody after {all:.1?} (lower bound {bound:.1?}, goal {:.1?} after it was found dead)",
        was[0],
        EVACUATE_AFTER + bound.mul_f64(1.35) + Duration::from_secs(3),
    );
}
