//! How all of it grows, below its chart.

use crate::service::stats::Stats;

use super::super::{Html, T, number, plain, region, say};

/// Locations, and panels, that are named at most.
const ROWS: usize = 8;

/// What the chart shows and what it does not, short enough for a caption.
#[must_use]
pub fn caption(t: &T, stats: &Stats) -> Html {
    let regions: Vec<(String, u64)> =
        stats.regions.iter().map(|(place, keys)| (region::label(t, place), *keys)).collect();
    let with = |rows: usize| {
        let of = |title: Html, counts: &[(String, u64)]| by_place(t, title, counts, rows);
        Html::paragraphs([
            figures(t, stats),
            of(say!(t, "stats-regions"), &regions),
            of(say!(t, "stats-panels"), &stats.panels),
        ])
    };
    // Names of panels may be long.
    let fits = (1..=ROWS).rev().map(with).find(|caption| caption.telegram_len() <= Html::MAX_CAPTION);
    fits.unwrap_or_else(|| figures(t, stats))
}

fn figures(t: &T, stats: &Stats) -> Html {
    let people = say!(t, "stats-people", count = stats.people);
    let people = match stats.blocked {
        0 => people,
        blocked => say!(t, "stats-blocked", people = people, blocked = blocked),
    };
    let known = stats.days.iter().filter(|day| day.traffic.is_some()).count();
    let traffic = match stats.traffic() {
        Some(bytes) => Html::lines([
            say!(t, "stats-traffic", size = number::bytes(t, bytes)),
            say!(t, "stats-traffic-partly", days = known, of = stats.days.len()),
        ]),
        None => say!(t, "stats-traffic-unknown"),
    };
    Html::lines([
        say!(t, "stats-title", days = stats.days.len()),
        people,
        say!(t, "stats-keys", count = stats.keys),
        say!(t, "stats-new", count = stats.new_keys()),
        traffic,
    ])
}

/// The first `rows` places with their keys, and how many there are in the others.
fn by_place(t: &T, title: Html, counts: &[(String, u64)], rows: usize) -> Html {
    let total: u64 = counts.iter().map(|(_, keys)| keys).sum();
    if total == 0 {
        return Html::default();
    }
    let row = |(name, keys): &(String, u64)| {
        let share = number::percent(t, number::share(*keys, total));
        say!(t, "stats-row", name = name, count = *keys, share = share)
    };
    let (shown, others) = counts.split_at(rows.min(counts.len()));
    let keys: u64 = others.iter().map(|(_, keys)| keys).sum();
    let more = (!others.is_empty()).then(|| say!(t, "stats-more", count = others.len(), keys = keys));
    Html::lines([title].into_iter().chain(shown.iter().map(row)).chain(more))
}

/// There is nothing to show.
#[must_use]
pub fn nothing(t: &T) -> Html {
    say!(t, "stats-nothing")
}

/// What stands on the button for so many days. `now`: they are shown.
#[must_use]
pub fn days_label(t: &T, days: u32, now: bool) -> String {
    if now {
        plain!(t, "button-stats-days-now", count = days)
    } else {
        plain!(t, "button-stats-days", count = days)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Lang, Words};
    use super::*;

    #[test]
    fn a_caption_fits_however_many_places_there_are() {
        let words = Words::load(chrono_tz::UTC);
        let codes = ["de", "nl", "fi", "fr", "gb", "us", "tr", "se", "ch", "at", "pl", "it"];
        for (length, named) in [(3, true), (64, true), (2000, false)] {
            let stats = Stats {
                days: Vec::new(),
                people: u64::MAX,
                blocked: u64::MAX,
                keys: u64::MAX,
                regions: codes.iter().map(|code| (code.parse().unwrap(), 1000)).collect(),
                panels: (0..300).map(|at| (format!("{at}{}", "<".repeat(length)), 40)).collect(),
            };
            for lang in Lang::ALL {
                let caption = caption(words.of(lang), &stats);
                assert!(caption.telegram_len() <= Html::MAX_CAPTION, "{}", caption.telegram_len());
                assert_eq!(caption.to_plain().contains("<<<"), named, "{caption}");
            }
        }
    }
}
