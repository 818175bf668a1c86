//! What admins do by hand, without the chat: empty a panel, simulate a loss, plan maintenance.

use anyhow::{Context, bail};
use clap::Subcommand;

use crate::app;
use crate::domain::operation::Cause;
use crate::domain::outlook::LOOK_BACK;
use crate::domain::window;
use crate::domain::{InstanceId, UserId, WindowId};
use crate::service::drain::{Drains, Phase};
use crate::service::keys::Ask;
use crate::service::migration::{Migrations, Scope, To};
use crate::service::outlook::Outlooks;
use crate::service::windows::Windows;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Maintenance {
    /// List what is planned
    List,
    /// Plan one
    Plan {
        /// The panel's id
        id: InstanceId,
        /// When and for how long, such as 22:30 2h, 2026-11-22 03:00 30m or now 1h, in TIMEZONE
        #[arg(required = true, num_args = 2..=3, value_names = ["START", "DURATION"])]
        when: Vec<String>,
    },
    /// Give one up, or end it
    Cancel {
        /// Its number, as the list shows it
        number: WindowId,
    },
}

/// In whose name things are done that need one: the first admin, who also gets the messages about it.
fn admin(settings: &Settings) -> anyhow::Result<UserId> {
    settings
        .policy
        .admins
        .first()
        .copied()
        .context("ADMIN_IDS is missing: the first one is told how far it is")
}

/// Empties a panel, if `apply` says so; else tells how far that is, or what would be.
pub(super) async fn drain(settings: &Settings, id: &InstanceId, apply: bool) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let drains = Drains::new(core.clone());
    let course = drains.course(id).await?;
    let told = match course.phase {
        Phase::None | Phase::Left => "",
        Phase::Moving => "being emptied",
        Phase::Paused => "being emptied, paused",
        Phase::Lingering => "everybody has moved",
        Phase::Drained => "empty",
    };
    if told.is_empty() {
        let scope = Scope::Instance(id.clone());
        let plan = Migrations::new(core.clone()).preview(&scope, &To::Automatic).await?;
        for (target, _, count) in &plan.per_target {
            println!("{id} -> {target}: {count}");
        }
        println!("{} keys would find no room now and wait for it, {} stay", plan.stranded, plan.skipped);
        if apply {
            let by = admin(settings)?;
            let ask = Ask { by, cause: Cause::Batch, update_id: None, screen: None };
            let batch = drains.start(&ask, id, &To::Automatic, plan.fingerprint).await?;
            println!("{id} takes no new keys. Move no. {batch} has begun; `karvan run` carries it out.");
        }
    } else {
        println!("{id}: {told}");
        println!("  {} keys still there, {} that do not work now", course.left, course.asleep);
        if let Some(until) = course.lingers_until {
            println!("  {} old accounts work on, until {until} at the latest", course.lingering);
        }
    }
    store.close().await?;
    Ok(())
}

/// Who would go where; without names, which panels cannot be lost and when locations are full.
pub(super) async fn simulate(settings: &Settings, lost: &[InstanceId]) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let outlooks = Outlooks::new(core);
    if lost.is_empty() {
        let outlook = outlooks.outlook().await?;
        for one in &outlook.irreplaceable {
            println!(
                "{} cannot be lost: {} of {} keys would find no room",
                one.instance, one.stranded, one.keys
            );
        }
        if outlook.irreplaceable.is_empty() {
            println!("any one of {} panels with keys can be lost", outlook.looked_at);
        }
        for location in &outlook.locations {
            let full = match location.full_in {
                Some(left) => format!("full in about {} days", left.num_days()),
                None => "not filling up".to_owned(),
            };
            println!(
                "{}: room for {}, {:+.1} keys a day over {} days, {full}",
                location.region,
                location.room,
                location.per_day,
                LOOK_BACK.num_days()
            );
        }
    } else {
        let simulation = outlooks.simulate(lost).await?;
        for (id, plan) in &simulation.losses {
            println!("{id}: {} keys move, {} find no room", plan.moves.len(), plan.stranded.len());
        }
        for (target, count) in simulation.per_target() {
            println!("  -> {target}: {count}");
        }
    }
    store.close().await?;
    Ok(())
}

/// Planned maintenance.
pub(super) async fn maintenance(settings: &Settings, what: Maintenance) -> anyhow::Result<()> {
    let (core, store) = app::services(settings).await?;
    let windows = Windows::new(core.clone());
    match what {
        Maintenance::List => {
            for planned in windows.open().await? {
                let zone = settings.timezone;
                let local = |at: crate::domain::Timestamp| at.with_timezone(&zone).format("%Y-%m-%d %H:%M");
                let now = if planned.began_at.is_some() { ", goes on" } else { "" };
                println!(
                    "{}: {} from {} to {}{now}",
                    planned.id,
                    planned.instance,
                    local(planned.starts_at),
                    local(planned.ends_at)
                );
            }
        }
        Maintenance::Plan { id, when } => {
            let span = window::read(&when.join(" "), settings.timezone, core.clock.now())?;
            let planned = windows.plan(admin(settings)?, &id, span).await?;
            println!("planned as no. {}; `karvan run` begins and ends it", planned.id);
        }
        Maintenance::Cancel { number } => {
            if windows.cancel(admin(settings)?, number).await?.is_none() {
                bail!("maintenance no. {number} is over, or never was");
            }
            println!("given up");
        }
    }
    store.close().await?;
    Ok(())
}
