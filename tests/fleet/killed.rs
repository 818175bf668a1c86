//! The real binary, killed with SIGKILL again and again while people use it and panels fail.
//!
//! Nobody presses anything twice to help it: whatever was sent to the bot once must have its effect once, whenever the
//! process died. What needs hours of quiet (requests of unknown fate, accounts left behind) is looked at in the end by
//! the same services within the test, on a clock moved by hand.
//!
//! `FLEET_SEED=n` repeats the kills and faults of a failed story; where exactly they hit depends on the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use karvan::domain::{ConfigId, UserId};
use karvan::service::migration::Migrations;
use karvan::telegram::pacer::Limits;
use karvan::telegram::{About, Desk, tg};
use karvan::text::Words;
use karvan::text::apps::Apps;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::{ConnectionTrait, Database};
use sim::marzban::{Fault, Marzban};
use sim::telegram::{Actor, Options, Person, Telegram};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::install::{ADMIN, Install, Spec};
use crate::people::moves_everybody;
use crate::world::World;

/// People who use the bot.
const PEOPLE: i64 = 12;
/// The id before the first of them.
const BEFORE_FIRST: i64 = 1000;
/// How often the process dies.
const KILLS: usize = 15;
/// How long people wait for what they asked for.
const PATIENCE: Duration = Duration::from_secs(150);
/// The process dies within this time, even when nothing happens any more.
const LONGEST_LIFE: Duration = Duration::from_millis(2500);

/// What somebody does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// A key, and no more.
    Key,
    /// A key, and another link for it.
    Reset,
    /// Two keys.
    Two,
}

impl Wish {
    fn of(person: i64) -> Self {
        [Self::Key, Self::Reset, Self::Two][usize::try_from(person % 3).unwrap()]
    }

    fn keys(self) -> usize {
        if self == Self::Two { 2 } else { 1 }
    }
}

/// People by id, with the VLESS ids that must go on working.
type Served = Arc<Mutex<BTreeMap<i64, String>>>;

/// Prints how to repeat a story that failed, and what was read.
struct Seed {
    seed: u64,
    telegram: Telegram,
    log: std::path::PathBuf,
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let tail: Vec<_> = log.lines().rev().take(60).collect();
            let tail: Vec<_> = tail.into_iter().rev().collect();
            eprintln!("FLEET_SEED={}\n{}\n{}", self.seed, self.telegram.transcript(), tail.join("\n"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_does_everything_once() {
    let seed = std::env::var("FLEET_SEED").map_or(20_261_121, |seed| seed.parse().unwrap());
    let mut install =
        Install::new(&[Spec("de1", 100, 1.0), Spec("de2", 100, 1.0), Spec("de3", 100, 1.0)]).await;
    let options = Options { clock: install.clock.clone(), ..Options::default() };
    let telegram = Telegram::start(options).await.unwrap();
    install.set("TELOXIDE_TOKEN", &telegram.token());
    install.set("TELOXIDE_API_URL", &telegram.url());
    let _seed = Seed { seed, telegram: telegram.clone(), log: install.log() };
    let (rounds, round) = watch::channel(0);
    let served = Served::default();
    let mut people = JoinSet::new();
    for place in 1..=PEOPLE {
        let person = Person::new(BEFORE_FIRST + place, &format!("P{place}"));
        let person = telegram.person(person).with_patience(PATIENCE);
        people.spawn(lives(person, round.clone(), served.clone(), panels(&install)));
    }
    let boss = telegram.person(Person::new(ADMIN, "Boss")).with_patience(PATIENCE);
    people.spawn(boss_acts(boss, round, panels(&install)));

    let mut chance = StdRng::seed_from_u64(seed);
    for number in 1..=KILLS {
        let mut process = start(&install);
        rounds.send_replace(number);
        lives_for(chance.random_range(1..20), &telegram, &install).await;
        let sick = &install.panels[chance.random_range(0..3)].1;
        sick.set_fault(any_fault(&mut chance));
        lives_for(chance.random_range(0..50), &telegram, &install).await;
        kill(&mut process).await;
        assert_running_keys(&served, &install);
        sick.heal();
    }

    // From here on everything is well, and time passes as the story wants.
    let world = World::over(install).await;
    let running = world.runs();
    let chat = runs_chat(&world, &telegram);
    while !people.is_empty() {
        match tokio::time::timeout(Duration::from_millis(100), people.join_next()).await {
            Ok(Some(lived)) => lived.unwrap(),
            Ok(None) => {}
            Err(_) => {
                world.install.clock.advance(Duration::from_secs(2));
                world.checks().await;
                assert_running_keys(&served, &world.install);
            }
        }
    }
    telegram.quiet().await;
    drop(running);
    chat.abort();
    world.passes(Duration::from_secs(900)).await;
    assert_once(&world, &telegram).await;
    assert_running_keys(&served, &world.install);
    // Accounts that moves left behind go in the end.
    world.passes(Duration::from_secs(49 * 3600)).await;
    let keys = assert_once(&world, &telegram).await;
    assert_eq!(world.loads().iter().sum::<usize>(), keys, "one account a key");
}

/// Each key is there once, each wish had its effect once, and nothing is left half-done.
async fn assert_once(world: &World, telegram: &Telegram) -> usize {
    let store = &world.core.store;
    assert_eq!(telegram.pending(), 0, "updates that nobody took");
    assert_eq!(store.unfinished_updates().await.unwrap(), 0, "updates begun and not done");
    let mut all = Vec::new();
    for person in (1..=PEOPLE).map(|place| BEFORE_FIRST + place) {
        let keys = store.keys_of(UserId(person)).await.unwrap();
        assert_eq!(keys.len(), Wish::of(person).keys(), "keys of {person}");
        let resets = done(world, "rotate", &keys).await;
        assert_eq!(resets, u64::from(Wish::of(person) == Wish::Reset), "resets of {person}");
        all.extend(keys);
    }
    let issued = done(world, "issue", &all).await;
    assert_eq!(issued, all.len() as u64, "each key was issued once");
    for set in Migrations::new(world.core.clone()).recent(10).await.unwrap() {
        assert_eq!(set.done + set.cancelled, set.total, "{set:?}");
    }
    world.assert_quiet(&all).await;
    all.len()
}

/// How many operations of this kind were carried out for these keys.
async fn done(world: &World, kind: &str, keys: &[ConfigId]) -> u64 {
    let keys: Vec<_> = keys.iter().map(|key| key.0.to_string()).collect();
    let raw = Database::connect(world.install.database()).await.unwrap();
    let query = format!(
        "SELECT COUNT(*) FROM operations WHERE kind = '{kind}' AND outcome = 'done' AND config_id IN ({})",
        keys.join(",")
    );
    let row = raw.query_one_raw(sea_orm::Statement::from_string(raw.get_database_backend(), query)).await;
    let count = row.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap();
    raw.close().await.unwrap();
    u64::try_from(count).unwrap()
}

fn panels(install: &Install) -> Vec<Marzban> {
    install.panels.iter().map(|(_, panel)| panel.clone()).collect()
}

/// A person's whole story. Buttons that do something are pressed once.
async fn lives(person: Actor, mut round: watch::Receiver<usize>, served: Served, panels: Vec<Marzban>) {
    let comes_in = usize::try_from(person.id() - BEFORE_FIRST).unwrap() * KILLS / 16 + 1;
    round.wait_for(|round| *round >= comes_in).await.unwrap();
    person.send("/start").await;
    person.expect_button("⚡").await;
    person.tap("⚡");
    person.expect_button("Android").await;
    let ids = ids_of(&panels, person.id());
    match Wish::of(person.id()) {
        Wish::Key => {
            let working = ids.into_iter().find(|id| panels.iter().any(|panel| panel.works(id)));
            let working = working.expect("a key that is said to be ready works");
            served.lock().unwrap().insert(person.id(), working);
        }
        Wish::Reset => {
            person.tap("My key");
            person.expect_button("More").await;
            person.tap("More");
            person.expect_button("Reset link").await;
            person.tap("Reset link");
            person.expect_button("Yes, reset it").await;
            person.tap("Yes, reset it");
            person.expect("new link is ready").await;
        }
        Wish::Two => {
            person.tap("My key");
            person.expect_button("One more key").await;
            let mark = person.mark();
            person.tap("One more key");
            person.expect_since(mark, "ready").await;
        }
    }
}

/// An admin empties the fullest panel in the middle of it.
async fn boss_acts(boss: Actor, mut round: watch::Receiver<usize>, panels: Vec<Marzban>) {
    round.wait_for(|round| *round >= KILLS / 2).await.unwrap();
    moves_everybody(&boss, &panels).await;
}

/// The VLESS ids of a person's accounts, wherever they are.
fn ids_of(panels: &[Marzban], person: i64) -> BTreeSet<String> {
    let mark = format!("tg:{person}");
    let mut ids = BTreeSet::new();
    for panel in panels {
        for user in panel.usernames().iter().filter_map(|name| panel.user(name)) {
            if user.note.as_deref().is_some_and(|note| note.ends_with(&mark)) {
                ids.extend(user.uuid);
            }
        }
    }
    ids
}

/// Whatever is dead at this moment: the keys of those who asked for nothing more go on working as they are.
fn assert_running_keys(served: &Served, install: &Install) {
    for (person, id) in served.lock().unwrap().iter() {
        let works = install.panels.iter().any(|(_, panel)| panel.works(id));
        assert!(works, "the key of {person} stopped working");
    }
}

fn any_fault(chance: &mut StdRng) -> Fault {
    match chance.random_range(0..7) {
        0 => Fault::Refuse,
        1 => Fault::Frozen,
        2 => Fault::AckLost { next: 2 },
        3 => Fault::ErrorAfterWrite { next: 2 },
        4 => Fault::Slow(Duration::from_millis(300)),
        5 => Fault::HoldAck,
        _ => Fault::Errors { percent: 50, status: 502, seed: chance.random() },
    }
}

/// The binary starts.
fn start(install: &Install) -> Child {
    let log = File::options().create(true).append(true).open(install.log()).unwrap();
    let mut run = install.command(&["run"]);
    run.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

/// Until the process has done so many things that can be seen from outside.
async fn lives_for(deeds: usize, telegram: &Telegram, install: &Install) {
    let seen = || {
        let asked: usize = install.panels.iter().map(|(_, panel)| panel.requests().len()).sum();
        asked + telegram.calls().len()
    };
    let end = seen() + deeds;
    let life = async {
        while seen() < end {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    // A process that has nothing to do dies, too.
    let _ = tokio::time::timeout(LONGEST_LIFE, life).await;
}

async fn kill(process: &mut Child) {
    assert_eq!(process.try_wait().unwrap(), None, "it runs until it is killed");
    process.start_kill().unwrap();
    process.wait().await.unwrap();
}

/// The chat within the test, with the services of `world`.
fn runs_chat(world: &World, telegram: &Telegram) -> tokio::task::JoinHandle<()> {
    let access =
        tg::Access { token: telegram.token().into(), api_url: telegram.url().parse().unwrap(), proxy: None };
    let gateway = tg::Tg::with_limits(&access, Limits::NONE).unwrap();
    let words = Words::load(chrono_tz::UTC);
    let desk = Desk::new(world.core.clone(), words, Apps::built_in(), About::default(), gateway);
    tokio::spawn(karvan::telegram::run(desk, CancellationToken::new()))
}
