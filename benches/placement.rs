//! What a placement decision costs, with 10, 1,000 and 10,000 instances: `cargo bench --bench placement`.
//!
//! First the quantiles of single decisions (best of five runs, beside a loop of known work, so that figures of
//! different machines can be compared), then criterion's own means. Goal: p50 at most 1 µs with 10,000 instances.
//!
//! That a decision allocates nothing follows from its parts: the search keeps its few best in an array and recurses at
//! most as deep as the tree, ids are shared, and reason, shortlist and counts are stored in place. A counting
//! allocator would need unsafe code, which this project forbids.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use karvan::domain::instance::{AdminState, Counters, Health, Mode, Weight};
use karvan::domain::placement::{Candidate, Mirror, Policy, Request};
use karvan::domain::{InstanceId, Timestamp};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const REGIONS: [&str; 8] = ["de", "nl", "fi", "fr", "pl", "se", "at", "ch"];

/// SplitMix64: a fixed sequence, the same on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn candidate(number: usize) -> Candidate {
    Candidate {
        id: format!("s{number:05}").parse().expect("letters and digits"),
        name: String::new(),
        region: REGIONS[number % REGIONS.len()].parse().expect("two letters"),
        provider: None,
        tags: Vec::new(),
        protocols: Vec::new(),
        mode: Mode::Manage,
        admin_state: AdminState::Open,
        health: if number % 50 == 49 { Health::Degraded } else { Health::Healthy },
        priority: 1,
        weight: Weight::try_from([1.0, 1.0, 1.0, 2.0, 2.0, 4.0][number % 6]).expect("within the range"),
        preference: Weight::ONE,
        max_users: 1_000_000,
        ramp: 1.0,
        rate_share: None,
        nodes: Vec::new(),
        exits: Vec::new(),
    }
}

fn fleet(n: usize) -> (Vec<Candidate>, Vec<(InstanceId, Counters)>) {
    let mut chance = Chance(1);
    let candidates: Vec<Candidate> = (0..n).map(candidate).collect();
    let counters = candidates.iter().map(|candidate| {
        let active = (chance.next() % 1000) as u32;
        (candidate.id.clone(), Counters { active, ..Counters::default() })
    });
    let counters = counters.collect();
    (candidates, counters)
}

fn mirror(n: usize) -> Mirror {
    let (candidates, counters) = fleet(n);
    let mut mirror = Mirror::new(1, Policy::default());
    mirror.refresh(candidates, &counters);
    mirror
}

/// p50 and p99 of single decisions, each settled outside the measured time.
fn quantiles(n: usize, request: &Request<'_>) -> (Duration, Duration) {
    const DECISIONS: u64 = 100_000;
    let one_run = || {
        let mut mirror = mirror(n);
        let mut times: Vec<Duration> = Vec::with_capacity(DECISIONS as usize);
        for tie in 0..DECISIONS {
            let request = Request { tie, ..request.clone() };
            let begun = Instant::now();
            let decision = black_box(mirror.choose(&request, NOW));
            times.push(begun.elapsed());
            if let Ok(decision) = decision {
                mirror.settle(&decision.instance, true);
            }
        }
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    };
    (0..5).map(|_| one_run()).min().expect("five runs")
}

fn reference_loop() -> Duration {
    let one_run = || {
        let mut chance = Chance(2);
        let begun = Instant::now();
        for _ in 0..1000 {
            black_box(chance.next());
        }
        begun.elapsed()
    };
    (0..5).map(|_| one_run()).min().expect("five runs")
}

fn main() {
    println!("reference: 1,000 steps of SplitMix64 in {:?}", reference_loop());
    println!("{:>9}  {:<28} {:>8} {:>8}", "instances", "request", "p50", "p99");
    let tried: Vec<InstanceId> = (0..3).map(|number| candidate(number).id).collect();
    let requests = [
        ("anywhere", Request::default()),
        ("one location", Request { region: Some("de".parse().expect("two letters")), ..Request::default() }),
        ("anywhere but three", Request { exclude: &tried, ..Request::default() }),
    ];
    for n in [10, 1_000, 10_000] {
        for (name, request) in &requests {
            let (p50, p99) = quantiles(n, request);
            println!("{n:>9}  {name:<28} {:>6}ns {:>6}ns", p50.as_nanos(), p99.as_nanos());
        }
    }

    let mut criterion = Criterion::default().configure_from_args();
    for n in [10, 1_000, 10_000] {
        let mut mirror = mirror(n);
        let mut tie = 0;
        criterion.bench_function(&format!("choose and settle, {n} instances"), |bench| {
            bench.iter(|| {
                tie += 1;
                let request = Request { tie, ..Request::default() };
                if let Ok(decision) = black_box(mirror.choose(&request, NOW)) {
                    mirror.settle(&decision.instance, true);
                }
            });
        });
        let (candidates, counters) = fleet(n);
        criterion.bench_function(&format!("refresh, {n} instances"), |bench| {
            bench.iter_batched(
                || candidates.clone(),
                |candidates| mirror.refresh(candidates, &counters),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    criterion.final_summary();
}
