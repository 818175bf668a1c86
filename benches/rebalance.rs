//! How many moves even out a fleet: `cargo bench --bench rebalance`.
//!
//! Sixteen fleets of weights 1, 1, 1, 2, 2, 4, each unlike in another way. The plan is computed once; beside it stand
//! the lower bound, what assigning everybody anew would move, and a reference loop that sheds a tenth of each hot
//! instance every 30 s to the emptiest by figures up to a minute old. Goal: moves ÷ lower bound at most 1.02, and a
//! spread of at most 10 % in the end. Last comes a whole evening out in virtual time, by the budgets.
//!
//! Ends with an error when a goal is missed. There is no clock in it, so it says the same everywhere.

use std::process::ExitCode;

use chrono::TimeDelta;

use karvan::domain::Timestamp;
use karvan::domain::rebalance::{Budget, Group, GroupKey, Looks, Member, Shift, plan};

/// SplitMix64: a fixed sequence, the same on every machine.
struct Chance(u64);

impl Chance {
    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Normal, by the sum of twelve.
    fn normal(&mut self, deviation: f64) -> f64 {
        1.0 + deviation * ((0..12).map(|_| self.share()).sum::<f64>() - 6.0)
    }
}

const CASES: [&str; 4] = ["noise of 20 %", "10 % empty instances", "one drained", "one three times as full"];

fn fleet(size: usize, case: usize, chance: &mut Chance) -> Group {
    let weight = |at: usize| [1u32, 1, 1, 2, 2, 4][at % 6];
    let mut users: Vec<u32> = (0..size).map(|at| 1000 * weight(at)).collect();
    match case {
        0 => users.iter_mut().for_each(|users| {
            *users = (f64::from(*users) * chance.normal(0.2)).max(0.0) as u32;
        }),
        1 => (0..(size / 10).max(1)).for_each(|at| users[at * 10 % size] = 0),
        2 => users[3] = 0,
        _ => users[3] *= 3,
    }
    let member = |(at, users): (usize, u32)| Member {
        instance: format!("s{at:05}").parse().expect("letters and digits"),
        users,
        own: users,
        room: u32::MAX,
        capacity: f64::from(weight(at)) * 1000.0,
    };
    let key = GroupKey { region: "de".parse().expect("two letters"), tier: 1, pool: Vec::new() };
    Group { key, members: users.into_iter().enumerate().map(member).collect() }
}

/// The reference: each 30 s every instance above 110 % of the mean sends a tenth of its users to the emptiest, by
/// figures of up to a minute ago. For 50 minutes, or until it is settled.
fn reference(group: &Group) -> (u64, f64) {
    let mut group = group.clone();
    let mut seen: Vec<f64> = Vec::new();
    let mut moves = 0;
    let mean = group.users() as f64 / group.members.iter().map(|member| member.capacity).sum::<f64>();
    for round in 0..100 {
        if round % 2 == 0 {
            seen = group.members.iter().map(Member::level).collect();
        }
        let emptiest = (0..seen.len()).min_by(|a, b| seen[*a].total_cmp(&seen[*b])).unwrap_or(0);
        let mut shed = 0;
        for at in (0..seen.len()).filter(|at| *at != emptiest && seen[*at] > mean * 1.1) {
            let some = group.members[at].users / 10;
            group.members[at].users -= some;
            group.members[emptiest].users += some;
            shed += u64::from(some);
        }
        moves += shed;
        if shed == 0 && group.spread() < 0.1 {
            break;
        }
    }
    (moves, group.spread())
}

/// How long the plan takes by the budgets, its moves each done within a minute; and how often a budget was broken.
fn carry_out(group: &Group, shifts: &[Shift]) -> (TimeDelta, u32) {
    let budget = Budget::of(group.users());
    let mut left: u32 = shifts.iter().map(|shift| shift.count).sum();
    let mut begun: Vec<Timestamp> = Vec::new();
    let (mut now, mut broken) = (Timestamp::UNIX_EPOCH, 0);
    while left > 0 {
        let within = |span: TimeDelta| {
            u32::try_from(begun.iter().rev().take_while(|at| **at > now - span).count()).unwrap_or(u32::MAX)
        };
        let (hour, day) = (within(TimeDelta::hours(1)), within(TimeDelta::days(1)));
        let begin = budget.left(hour, day, begun.last().copied(), now).min(left);
        broken += u32::from(hour + begin > budget.hourly || day + begin > budget.daily);
        begun.extend(std::iter::repeat_n(now, begin as usize));
        left -= begin;
        now += TimeDelta::minutes(1);
    }
    (now - Timestamp::UNIX_EPOCH, broken)
}

fn main() -> ExitCode {
    let mut chance = Chance(3);
    let mut good = true;
    println!(
        "| instances | users | what is unlike | spread | lower bound | moves | ratio | in the end | all anew | reference: moves | in the end |"
    );
    println!("| --: | --: | :-- | --: | --: | --: | --: | --: | --: | --: | --: |");
    for size in [10, 50, 200, 1000] {
        for (case, name) in CASES.iter().enumerate() {
            let group = fleet(size, case, &mut chance);
            let plan = plan(&group);
            let ratio = f64::from(plan.moves()) / f64::from(plan.lower_bound.max(1));
            let anew = group.users() * (size as u64 - 1) / size as u64;
            let (shed, end) = reference(&group);
            good &= ratio <= 1.02 && plan.after <= 0.1;
            println!(
                "| {size} | {} | {name} | {:.1} % | {} | {} | {ratio:.3} | {:.1} % | {anew} | {shed} | {:.1} % |",
                group.users(),
                plan.before * 100.0,
                plan.lower_bound,
                plan.moves(),
                plan.after * 100.0,
                end * 100.0,
            );
        }
    }
    let group = fleet(50, 0, &mut Chance(3));
    let plan = plan(&group);
    let (took, broken) = carry_out(&group, &plan.shifts);
    let promised = Budget::of(group.users()).duration(plan.moves());
    println!(
        "\n{} moves of {} users take {:.1} h at 1 % an hour and 5 % a day (promised {:.1} h, {} looks before); budgets broken: {broken}",
        plan.moves(),
        group.users(),
        took.num_minutes() as f64 / 60.0,
        promised.num_minutes() as f64 / 60.0,
        Looks::ENOUGH,
    );
    good &= broken == 0 && (took - promised).abs() <= TimeDelta::hours(1);
    println!("goals: {}", if good { "reached" } else { "MISSED" });
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
