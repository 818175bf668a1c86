//! Real processes over a real PostgreSQL, with leaders that are killed, stopped and cut off while people use them.
//!
//! Nobody presses anything twice to help: what was sent to the bot once has its effect once. How long take-overs took is
//! printed; only bounds that a slow machine keeps are asserted.

use std::collections::BTreeSet;
use std::time::Duration;

use sim::telegram::{Actor, Person};
use tokio::task::JoinSet;

use crate::install::{ADMIN, Spec};
use crate::people::moves_everybody;
use crate::site::Site;

/// How long people wait for what they asked for.
const PATIENCE: Duration = Duration::from_secs(150);
/// The id before the first person.
const BEFORE_FIRST: i64 = 1000;

const FLEET: [Spec; 3] = [Spec("de1", 100, 1.0), Spec("de2", 100, 1.0), Spec("de3", 100, 1.0)];

/// People who come one after another; each gets a key, and every third another link for it.
pub fn people(site: &Site, from: i64, count: i64) -> JoinSet<()> {
    let mut people = JoinSet::new();
    for place in from..from + count {
        let person = Person::new(BEFORE_FIRST + place, &format!("P{place}"));
        let person = site.telegram.person(person).with_patience(PATIENCE);
        people.spawn(async move {
            tokio::time::sleep(Duration::from_millis(u64::try_from(place % 12).unwrap() * 400)).await;
            lives(&person, place % 3 == 0).await;
        });
    }
    people
}

async fn lives(person: &Actor, resets: bool) {
    person.send("/start").await;
    person.expect_button("⚡").await;
    person.tap("⚡");
    person.expect_button("Android").await;
    if resets {
        person.tap("My key");
        person.expect_button("More").await;
        person.tap("More");
        person.expect_button("Reset link").await;
        person.tap("Reset link");
        person.expect_button("Yes, reset it").await;
        person.tap("Yes, reset it");
        person.expect("new link is ready").await;
    }
}

pub async fn all_live(site: &Site, mut people: JoinSet<()>) {
    while let Some(lived) = people.join_next().await {
        if let Err(error) = lived {
            let undone = site.undone().await;
            panic!("{error}\n{undone}\n{}\n{}", site.telegram.transcript(), site.logs());
        }
    }
}

/// Each key is there once, each wish had its effect once, nothing was moved twice, and nothing is left half-done.
pub async fn assert_once(site: &Site, people: i64, resets: i64) {
    site.until("all updates are handled", async |site| {
        site.telegram.pending() == 0
            && site.count("SELECT count(*) FROM inbox WHERE done_at IS NULL").await == 0
    })
    .await;
    site.until("all is carried out", async |site| {
        site.count("SELECT count(*) FROM operations WHERE ended_at IS NULL").await == 0
    })
    .await;
    let failed = "SELECT count(*) FROM inbox WHERE problem IS NOT NULL";
    assert_eq!(site.count(failed).await, 0, "updates that failed\n{}", site.logs());
    assert_eq!(site.count("SELECT count(*) FROM configs").await, people, "a key each");
    let done = |kind| format!("SELECT count(*) FROM operations WHERE kind = '{kind}' AND outcome = 'done'");
    assert_eq!(site.count(&done("issue")).await, people, "each key was made once");
    assert_eq!(site.count(&done("rotate")).await, resets, "each reset was done once");
    let twice = "SELECT count(*) FROM (SELECT config_id FROM operations WHERE kind = 'move' AND outcome = 'done' \
                 GROUP BY config_id HAVING count(*) > 1) AS twice";
    assert_eq!(site.count(twice).await, 0, "nobody was moved twice");
    let primaries = "SELECT count(*) FROM assignments WHERE role = 'primary' AND released_at IS NULL";
    assert_eq!(site.count(primaries).await, people, "one primary account each");
    // What stands on the panels is what the database knows: primary, lingering, or about to be deleted.
    let known = "SELECT count(*) FROM assignments WHERE released_at IS NULL";
    site.until("the panels hold what the database knows", async |site| {
        let panels = site.install.panels.iter().map(|(_, panel)| panel.usernames().len()).sum::<usize>();
        let buried = site.count("SELECT count(*) FROM tombstones WHERE gone_at IS NULL").await;
        i64::try_from(panels).unwrap() == site.count(known).await && buried == 0
    })
    .await;
    let works = site.install.panels.iter().flat_map(|(_, panel)| {
        let users = panel.usernames().into_iter().filter_map(|name| panel.user(&name));
        users.filter_map(|user| user.uuid).collect::<Vec<_>>()
    });
    let distinct: BTreeSet<String> = works.collect();
    assert_eq!(i64::try_from(distinct.len()).unwrap(), people, "one set of secrets each, old ones gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_loses_no_update() {
    let Some(mut site) = Site::of(2, &FLEET).await else { return };
    site.led().await;
    let crowd = people(&site, 1, 24);
    for round in 0..2 {
        for number in 0..2 {
            let (leader, epoch) = site.led().await;
            site.signals(number, "TERM");
            if leader == number {
                let took = site.takes_over(epoch).await;
                println!("take-over after SIGTERM, round {round}: {:.2} s", took.as_secs_f64());
                assert!(took < Duration::from_secs(10), "{took:?}");
            }
            let took = site.ends(number).await;
            println!("an orderly end took {:.2} s", took.as_secs_f64());
            site.starts(number);
            site.until("it is ready again", async |site| {
                site.page(number, "/readyz").await.is_some_and(|page| page.contains("\"ready\":true"))
            })
            .await;
        }
    }
    all_live(&site, crowd).await;
    assert_once(&site, 24, 8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaders_are_killed_stopped_and_cut_off_and_everything_happens_once() {
    let Some(mut site) = Site::of(3, &FLEET).await else { return };
    let boss = site.telegram.person(Person::new(ADMIN, "Boss")).with_patience(PATIENCE);
    site.led().await;
    let panels: Vec<_> = site.install.panels.iter().map(|(_, panel)| panel.clone()).collect();

    // Killed.
    let crowd = people(&site, 1, 12);
    let (leader, epoch) = site.led().await;
    site.signals(leader, "KILL");
    let took = site.takes_over(epoch).await;
    println!("take-over after a kill: {:.1} s", took.as_secs_f64());
    assert!(took < Duration::from_secs(40), "{took:?}");
    site.ends(leader).await;
    site.starts(leader);
    all_live(&site, crowd).await;

    // Stopped in the middle of whatever it did, and awake again when another one leads.
    let crowd = people(&site, 13, 12);
    let (leader, epoch) = site.led().await;
    site.signals(leader, "STOP");
    let took = site.takes_over(epoch).await;
    println!("take-over from one that was stopped: {:.1} s", took.as_secs_f64());
    assert!(took < Duration::from_secs(40), "{took:?}");
    moves_everybody(&boss, &panels).await;
    site.signals(leader, "CONT");
    all_live(&site, crowd).await;

    // The leader's way to the database is cut.
    let crowd = people(&site, 25, 12);
    let (leader, epoch) = site.led().await;
    site.replicas[leader].gate.cut();
    let took = site.takes_over(epoch).await;
    println!("take-over from one that was cut off: {:.1} s", took.as_secs_f64());
    assert!(took < Duration::from_secs(40), "{took:?}");
    site.replicas[leader].gate.mend();
    all_live(&site, crowd).await;

    // The database goes away for everybody, and comes back.
    let crowd = people(&site, 37, 12);
    site.led().await;
    site.replicas.iter().for_each(|replica| replica.gate.cut());
    site.drops_connections().await;
    site.until("everybody knows", async |site| {
        let mut pages = Vec::new();
        for number in 0..3 {
            pages.push(site.page(number, "/readyz").await.unwrap_or_default());
        }
        pages.iter().all(|page| page.contains("\"database\":false"))
    })
    .await;
    site.replicas.iter().for_each(|replica| replica.gate.mend());
    site.led().await;
    all_live(&site, crowd).await;
    assert_eq!(site.count("SELECT count(*) FROM flags WHERE raised AND name = 'hold'").await, 0);
    assert_once(&site, 48, 16).await;
}
