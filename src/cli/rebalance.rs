//! Evening out the load, without the chat.

use anyhow::bail;

use crate::app;
use crate::domain::rebalance::GroupKey;
use crate::service::rebalance::{Hindrance, Preview, Rebalance};
use crate::settings::Settings;

/// Says how even the load is and what would be moved, and lets that begin unless it is a dry run.
pub(super) async fn rebalance(settings: &Settings, dry_run: bool) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let rebalance = Rebalance::new(core);
    let preview = rebalance.preview().await?;
    print(&preview);
    let moves = preview.moves();
    let begun = if dry_run || moves == 0 { None } else { Some(rebalance.run(None, Some(moves)).await) };
    store.close().await?;
    match begun {
        None => Ok(()),
        Some(Ok(batch)) => {
            println!(
                "Begun as set {batch}: `karvan run` carries it out. Pause or stop it in the chat: /rebalance"
            );
            Ok(())
        }
        Some(Err(error)) => bail!("{}", super::told(&error.into())),
    }
}

fn print(preview: &Preview) {
    let (even, greatest) = preview.even;
    if even > 0 {
        println!("{even} groups are even enough, at most {:.1} % apart", greatest * 100.0);
    }
    for uneven in &preview.uneven {
        let plan = &uneven.plan;
        println!(
            "{}: {:.1} % apart; {} moves (no fewer than {}) make it {:.1} %, in about {:.1} h",
            place(&uneven.group.key),
            plan.before * 100.0,
            plan.moves(),
            plan.lower_bound,
            plan.after * 100.0,
            uneven.takes.num_minutes() as f64 / 60.0,
        );
        for shift in &plan.shifts {
            println!("  {} -> {}: {}", shift.from, shift.to, shift.count);
        }
    }
    if even == 0 && preview.uneven.is_empty() {
        println!(
            "No location has two panels that are well, open and have 20 users each: nothing to compare."
        );
    }
    if let Some(course) = preview.latest.as_ref().filter(|course| course.is_open()) {
        let total = course.run.total();
        println!("Under way as set {}: {} of {total} moved", course.run.batch, course.done);
    }
    if let Some(why) = preview.hindrance {
        println!("Nothing may begin now: {}", because(why));
    }
}

fn place(key: &GroupKey) -> String {
    let labels: String = key.pool.iter().map(|label| format!(" {label}")).collect();
    format!("{}{labels}, tier {}", key.region, key.tier)
}

fn because(why: Hindrance) -> String {
    match why {
        Hindrance::Panic => "the fleet is in panic".to_owned(),
        Hindrance::Hold => "everything is held until an admin confirms".to_owned(),
        Hindrance::Paused => "an admin paused evacuations".to_owned(),
        Hindrance::Evacuation => "a panel is being evacuated".to_owned(),
        Hindrance::Aftermath { until } => format!("there was trouble; from {} on", until.format("%H:%M UTC")),
    }
}
