//! What would be if panels were lost, and how long there is room.

use crate::domain::failover::Plan;
use crate::domain::outlook::Location;
use crate::service::outlook::{Irreplaceable, Outlook, Simulation};

use super::super::{Html, T, number, region, say, time};

/// Rows of a sort on one screen.
const SHOWN: usize = 12;

/// Which panels cannot be lost, and when locations are full.
#[must_use]
pub fn outlook(t: &T, outlook: &Outlook) -> Html {
    let losses = if outlook.looked_at == 0 {
        say!(t, "outlook-no-keys")
    } else if outlook.irreplaceable.is_empty() {
        say!(t, "outlook-any-one", count = outlook.looked_at)
    } else {
        let row = |one: &Irreplaceable| {
            say!(
                t,
                "outlook-irreplaceable-row",
                name = one.name.as_str(),
                count = one.stranded,
                keys = one.keys
            )
        };
        let rows = some(t, outlook.irreplaceable.iter().map(row));
        Html::lines(
            [say!(t, "outlook-irreplaceable", count = outlook.irreplaceable.len())].into_iter().chain(rows),
        )
    };
    let locations = some(t, outlook.locations.iter().map(|location| self::location(t, location)));
    let locations = if locations.is_empty() {
        Html::default()
    } else {
        Html::lines([say!(t, "outlook-locations")].into_iter().chain(locations))
    };
    Html::paragraphs([say!(t, "outlook-title"), losses, locations, say!(t, "outlook-hint")])
}

/// As many as fit, and how many more there are.
fn some(t: &T, rows: impl ExactSizeIterator<Item = Html>) -> Vec<Html> {
    let more = rows.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| say!(t, "outlook-more", count = more));
    rows.take(SHOWN).chain(more).collect()
}

fn location(t: &T, location: &Location) -> Html {
    let name = region::label(t, &location.region);
    let room = number::whole(t, location.room.into());
    let pace = number::decimal(t.lang(), location.per_day, 1);
    match location.full_in {
        Some(left) if left.is_zero() && location.room == 0 => say!(t, "outlook-full", region = name),
        Some(left) => {
            say!(t, "outlook-fills", region = name, room = room, pace = pace, span = time::span(t, left))
        }
        None => say!(t, "outlook-lasts", region = name, room = room),
    }
}

/// Who would go where.
#[must_use]
pub fn simulation(t: &T, simulation: &Simulation) -> Html {
    let names: Vec<&str> = simulation.losses.iter().map(|(id, _)| simulation.name(id)).collect();
    let head = say!(t, "simulate-title", names = names.join(", "));
    let (moved, stranded) = (simulation.moved(), simulation.stranded());
    if moved + stranded == 0 {
        return Html::paragraphs([head, say!(t, "simulate-nobody")]);
    }
    let verdict = if stranded == 0 {
        say!(t, "simulate-all-fit", count = moved)
    } else {
        say!(t, "simulate-stranded", count = stranded, all = moved + stranded)
    };
    let targets = simulation.per_target();
    let row = |(id, count): &(crate::domain::InstanceId, u32)| {
        say!(t, "simulate-target", name = simulation.name(id), count = *count)
    };
    let targets = Html::lines(some(t, targets.iter().map(row)));
    let each = if simulation.losses.len() < 2 {
        Html::default()
    } else {
        let row = |(id, plan): &(_, Plan)| {
            say!(
                t,
                "simulate-loss",
                name = simulation.name(id),
                moved = plan.moves.len(),
                stranded = plan.stranded.len()
            )
        };
        Html::lines(some(t, simulation.losses.iter().map(row)))
    };
    Html::paragraphs([head, verdict, each, targets, say!(t, "simulate-note")])
}

/// There is no panel of that name.
#[must_use]
pub fn unknown(t: &T, name: &str) -> Html {
    say!(t, "simulate-unknown", name = name)
}
