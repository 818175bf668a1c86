//! How soon a death is found, and how seldom a life is called one, in virtual time: `cargo bench --bench health`.
//!
//! The real state machine runs with the service's rhythm ([`karvan::domain::health::drill`]); what it looks at is a
//! model. A look is a TCP connection and two round trips (a SYN is sent again after 1, 2, 4 s); on a path that loses
//! packets each of them may be lost, in either direction. Nobody moves before `Down` has lasted for `EVACUATE_AFTER`
//! (20 s), except those who ask.
//!
//! Ends with an error when a goal is missed. There is no clock in it, so it says the same everywhere.

use std::process::ExitCode;
use std::time::Duration;

use karvan::domain::Timestamp;
use karvan::domain::health::drill::{Change, World, over_loss, run};
use karvan::domain::health::{Data, Panic, Seen, Standing, Thresholds};
use karvan::domain::instance::Health;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// How long after `Down` those leave who do not ask.
const EVACUATE_AFTER: Duration = Duration::from_secs(20);
/// When trouble begins: by then the machine is in its rhythm.
const BEGINS: Duration = Duration::from_secs(100);
/// Runs of each of the stories that pass quickly.
const RUNS: u64 = 4_000;
/// What a person who asks waits for besides: a place, and an account there (one call of 250 ms, thrice to be sure).
const MOVE: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// What is wrong with an instance while it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Every port refuses.
    Refused,
    /// Nothing answers.
    BlackHole,
    /// The same, but it is our own uplink.
    Uplink,
}

/// An instance with bad times, behind a path that loses packets.
struct Story {
    fate: Fate,
    /// From when to when, in their order.
    bad: Vec<(Duration, Duration)>,
    loss: f64,
}

impl Story {
    fn of(fate: Fate, from: Duration, until: Duration) -> Self {
        Self { fate, bad: vec![(from, until)], loss: 0.0 }
    }

    /// When the bad time that `at` lies in ends.
    fn ends(&self, at: Duration) -> Option<Duration> {
        let next = self.bad.partition_point(|(_, until)| *until <= at);
        self.bad.get(next).filter(|(from, _)| *from <= at).map(|(_, until)| *until)
    }

    /// A look in a model of TCP: one whose first SYNs are lost in a bad time gets through with a later one. `Err`: how
    /// it failed, after how long.
    fn look(&self, at: Duration, timeout: Duration, rng: &mut StdRng) -> Result<Duration, (Fate, Duration)> {
        let Some(ends) = self.ends(at) else {
            return over_loss(self.loss, timeout, rng).ok_or((Fate::BlackHole, timeout));
        };
        if self.fate == Fate::Refused {
            return Err((Fate::Refused, Duration::from_millis(rng.random_range(50..200))));
        }
        let again = [1, 3, 7].map(Duration::from_secs).into_iter().find(|again| at + *again >= ends);
        let through = again.map(|again| again + Duration::from_millis(400)).filter(|took| *took <= timeout);
        through.ok_or((Fate::BlackHole, timeout))
    }
}

impl World for Story {
    fn control(&mut self, at: Duration, timeout: Duration, rng: &mut StdRng) -> (Seen, Duration) {
        match self.look(at, timeout, rng) {
            Ok(took) => (Seen::Good, took),
            Err((Fate::Refused, took)) => (Seen::Refused, took),
            Err((Fate::BlackHole | Fate::Uplink, took)) => (Seen::Silent, took),
        }
    }

    fn data(&mut self, at: Duration, timeout: Duration, rng: &mut StdRng) -> (Data, Duration) {
        match self.look(at, timeout, rng) {
            Ok(took) => (Data::Alive, took),
            Err((Fate::Refused, took)) => (Data::Refused, took),
            Err((Fate::BlackHole | Fate::Uplink, took)) => (Data::Silent, took),
        }
    }

    fn reference(&mut self, at: Duration) -> bool {
        self.fate != Fate::Uplink || self.ends(at).is_none()
    }
}

/// The table, and whether all of it is as it should be.
#[derive(Default)]
struct Table {
    missed: bool,
}

impl Table {
    fn row(&mut self, what: &str, goal: &str, measured: &str, good: bool) {
        println!("{what:<66} {goal:<16} {measured:<34} {}", if good { "yes" } else { "NO" });
        self.missed |= !good;
    }
}

/// The median and the 99th percentile, in seconds; what never came is later than anything.
fn percentiles(mut times: Vec<Option<f64>>) -> (f64, f64) {
    let late = |time: &Option<f64>| time.unwrap_or(f64::INFINITY);
    times.sort_by(|a, b| late(a).total_cmp(&late(b)));
    let at = |share: f64| late(&times[(times.len() as f64 * share) as usize]);
    (at(0.5), at(0.99))
}

fn became(changes: &[Change], states: &[Health]) -> Option<f64> {
    let change = changes.iter().find(|change| change.at >= BEGINS && states.contains(&change.to))?;
    Some((change.at - BEGINS).as_secs_f64())
}

/// How often `Down` lasted so long that everybody was moved away.
fn evacuations(changes: &[Change], end: Duration) -> usize {
    let next = changes.iter().skip(1).map(|change| change.at).chain([end]);
    let spans = changes.iter().zip(next).filter(|(change, _)| change.to == Health::Down);
    spans.filter(|(change, until)| *until - change.at >= EVACUATE_AFTER).count()
}

fn detection(table: &mut Table, limits: &Thresholds) {
    let span = BEGINS + Duration::from_secs(200);
    let goals = [(Fate::Refused, "refused", 11.5, 25.0), (Fate::BlackHole, "black hole", 19.0, 55.0)];
    for (fate, name, confirmed_goal, served_goal) in goals {
        let (mut confirmed, mut served) = (Vec::new(), Vec::new());
        for seed in 0..RUNS {
            let changes = run(&mut Story::of(fate, BEGINS, Duration::MAX), limits, span, seed);
            confirmed.push(became(&changes, &[Health::Unreachable, Health::Down]));
            served.push(became(&changes, &[Health::Down]).map(|at| at + MOVE.as_secs_f64()));
        }
        let mut say = |what: String, times, goal: f64| {
            let (median, p99) = percentiles(times);
            let measured = format!("p50 {median:.1} s, p99 {p99:.1} s");
            table.row(&what, &format!("p99 ≤ {goal} s"), &measured, p99 <= goal);
        };
        say(format!("{name}: death → confirmed"), confirmed, confirmed_goal);
        say(format!("{name}, one voter: death → who asks is served elsewhere"), served, served_goal);
    }
}

fn false_alarms(table: &mut Table, limits: &Thresholds) {
    for (loss, most) in [(0.05, 0), (0.1, 0), (0.2, 2)] {
        let (mut downs, mut doubts, mut api_dead) = (0, 0, 0);
        for instance in 0..200 {
            let mut world = Story { loss, ..Story::of(Fate::BlackHole, DAY * 2, DAY * 3) };
            let changes = run(&mut world, limits, DAY, instance);
            let times = |state| changes.iter().filter(|change| change.to == state).count();
            downs += times(Health::Down);
            doubts += times(Health::Suspect);
            api_dead += times(Health::ControlDown) + times(Health::Unreachable);
        }
        let measured = format!("{downs} ({doubts} doubts, {api_dead} confirmed)");
        let what = format!("called dead in a day, 200 instances, {:.0} % loss", loss * 100.0);
        table.row(&what, &format!("≤ {most}"), &measured, downs <= most);
    }
}

fn nobody_moves_for_nothing(table: &mut Table, limits: &Thresholds) {
    let lost = |fate, seconds: u64, seed| {
        let until = BEGINS + Duration::from_secs(seconds);
        let end = until + Duration::from_secs(400);
        evacuations(&run(&mut Story::of(fate, BEGINS, until), limits, end, seed), end)
    };
    let spans = (5..=300).step_by(5);
    let moved: usize =
        spans.map(|span| (0..200).map(|seed| lost(Fate::Uplink, span, seed)).sum::<usize>()).sum();
    table.row("our own uplink lost 5–300 s, 200 instances: evacuated", "0", &moved.to_string(), moved == 0);
    for (fate, name) in [(Fate::Refused, "refuses"), (Fate::BlackHole, "is silent")] {
        let moved: usize = (0..RUNS).map(|seed| lost(fate, 20, seed)).sum();
        let what = format!("a panel restarted, {name} for 20 s, {RUNS} times: evacuated");
        table.row(&what, "0", &moved.to_string(), moved == 0);
    }
}

/// Up and down by turns for six hours, each for an exponential time: how often it is emptied. Nobody is led back by
/// itself, so only the first time takes its users; the later ones take who came meanwhile. That nobody moves twice is
/// shown with the whole service by the test `a_flapping_panel_moves_each_user_once_at_most`.
fn flapping(table: &mut Table, limits: &Thresholds) {
    let span = Duration::from_secs(6 * 3_600);
    for (up, down) in [(60.0, 30.0), (120.0, 60.0), (600.0, 45.0)] {
        let mut times = Vec::new();
        for seed in 0..20 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut wait = |mean: f64| Duration::from_secs_f64(-(1.0 - rng.random::<f64>()).ln() * mean);
            let (mut bad, mut at) = (Vec::new(), BEGINS);
            while at < span {
                let from = at + wait(up);
                at = from + wait(down);
                bad.push((from, at));
            }
            let changes = run(&mut Story { fate: Fate::Refused, bad, loss: 0.0 }, limits, span, seed);
            times.push(evacuations(&changes, span));
        }
        let mean = times.iter().sum::<usize>() as f64 / times.len() as f64;
        let what = format!("flapping for 6 h, up {up} s and down {down} s on average: emptied");
        table.row(&what, "–", &format!("{mean:.1} times"), true);
    }
}

/// `dead` of `total` die at once; how many are evacuated before the brake holds.
fn at_once(total: usize, dead: usize, fate: Fate, limits: &Thresholds) -> (usize, Option<f64>) {
    let span = BEGINS + Duration::from_secs(600);
    let fates = (0..total).map(|number| {
        let from = if number < dead { BEGINS } else { Duration::MAX };
        run(&mut Story::of(fate, from, Duration::MAX), limits, span, number as u64)
    });
    let logs: Vec<_> = fates.collect();
    let start = Timestamp::UNIX_EPOCH;
    let (mut panic, mut raised, mut evacuated) = (Panic::default(), None, vec![false; total]);
    for second in 0..span.as_secs() {
        let at = Duration::from_secs(second);
        let now = start + at;
        let state = |log: &[Change]| {
            let past = log.iter().rev().find(|change| change.at <= at);
            past.map_or((Health::Healthy, Duration::ZERO), |change| (change.to, change.at))
        };
        let doubted = |log: &[Change]| {
            let past = log.iter().rev().find(|change| change.at <= at && change.to == Health::Suspect);
            past.map_or(Duration::ZERO, |change| change.at)
        };
        let fleet: Vec<_> = logs
            .iter()
            .enumerate()
            .map(|(number, log)| Standing {
                instance: format!("s{number:03}").parse().expect("letters and digits"),
                health: state(log).0,
                bad_since: start + doubted(log),
                evacuated: evacuated[number],
            })
            .collect();
        panic = panic.next(&fleet, None, limits, now);
        if panic.since.is_some() {
            raised.get_or_insert((at.saturating_sub(BEGINS)).as_secs_f64());
            continue;
        }
        for (number, log) in logs.iter().enumerate() {
            let (health, since) = state(log);
            evacuated[number] |= health == Health::Down && at >= since + EVACUATE_AFTER;
        }
    }
    (evacuated.iter().filter(|gone| **gone).count(), raised)
}

fn brakes(table: &mut Table, limits: &Thresholds) {
    for fate in [Fate::Refused, Fate::BlackHole] {
        for (total, dead, goal) in [(50, 25, 0), (50, 1, 1), (3, 1, 1), (3, 2, 0), (2, 1, 1)] {
            let (moved, raised) = at_once(total, dead, fate, limits);
            let panic = raised.map_or("no panic".to_owned(), |at| format!("panic after {at:.0} s"));
            let what = format!("{dead} of {total} die at once ({fate:?}): instances evacuated");
            table.row(&what, &goal.to_string(), &format!("{moved} ({panic})"), moved == goal);
        }
    }
}

fn main() -> ExitCode {
    let limits = Thresholds::default();
    let mut table = Table::default();
    println!("{:<66} {:<16} {:<34} good", "what", "goal", "measured");
    detection(&mut table, &limits);
    nobody_moves_for_nothing(&mut table, &limits);
    flapping(&mut table, &limits);
    brakes(&mut table, &limits);
    false_alarms(&mut table, &limits);
    if table.missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
