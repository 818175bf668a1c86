//! Planned maintenance: when it begins and ends, and how people type that.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::instance::AdminState;
use super::{InstanceId, Timestamp, UserId, WindowId};

/// The shortest one: what is shorter is over before anybody noticed.
pub const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// The longest one. Whatever is away for longer is drained, not maintained.
pub const LONGEST: TimeDelta = TimeDelta::days(7);
/// How far ahead it may begin.
pub const FARTHEST: TimeDelta = TimeDelta::days(90);

/// A planned maintenance. Within it the instance takes no new keys, raises no alarm and is not evacuated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Which.
    pub id: WindowId,
    /// The instance.
    pub instance: InstanceId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Who planned it.
    pub by: UserId,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it ended, also before its time, or before it began.
    pub ended_at: Option<Timestamp>,
    /// What the admins had decided about the instance before it began.
    pub before: Option<AdminState>,
}

impl Window {
    /// What the instance's state becomes when it begins; `None`: that says as much already.
    ///
    /// An instance that was closed must not open for the moment between the end and whoever sees it: it gets no end of
    /// its own.
    #[must_use]
    pub fn state_within(before: AdminState, ends_at: Timestamp) -> Option<AdminState> {
        match before {
            AdminState::Open => Some(AdminState::Maintenance { until: Some(ends_at) }),
            AdminState::Cordoned => Some(AdminState::Maintenance { until: None }),
            AdminState::Maintenance { until: Some(until) } if until < ends_at => {
                Some(AdminState::Maintenance { until: Some(ends_at) })
            }
            AdminState::Maintenance { .. } => None,
        }
    }

    /// What the instance's state becomes when it ends; `None`: an admin decided otherwise meanwhile, or nothing was
    /// changed.
    #[must_use]
    pub fn state_after(before: AdminState, present: AdminState, ends_at: Timestamp) -> Option<AdminState> {
        let ours = Self::state_within(before, ends_at)?;
        let after = match before {
            AdminState::Cordoned => AdminState::Cordoned,
            AdminState::Open | AdminState::Maintenance { .. } => AdminState::Open,
        };
        (present == ours).then_some(after)
    }
}

/// Why what was typed is no maintenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The beginning is no time.
    #[error("the beginning must be like 22:30, 2026-11-22 03:00 or now")]
    Start,
    /// There is no such time on that day: clocks are put forward.
    #[error("there is no such time on that day: clocks are put forward then")]
    NoSuchTime,
    /// It is over already.
    #[error("that time is over")]
    Past,
    /// Nobody plans so far ahead.
    #[error("that is more than 90 days ahead")]
    TooFar,
    /// The duration is none.
    #[error("the duration must be like 30m, 2h or 1h30m")]
    Duration,
    /// Too short or too long.
    #[error("the duration must be from a minute to 7 days")]
    Length,
}

/// When a maintenance that was typed as `22:30 2h`, `2026-11-22 03:00 30m` or `now 1h` begins and ends, in the time zone
/// `zone`. A time without a day is the next one.
///
/// # Errors
/// Why it is none.
pub fn read(text: &str, zone: Tz, now: Timestamp) -> Result<(Timestamp, Timestamp), Misfit> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (start, duration) = match words[..] {
        ["now", duration] => (now, duration),
        [clock, duration] => (next(time(clock)?, zone, now)?, duration),
        [day, clock, duration] => (at(date(day)?.and_time(time(clock)?), zone)?, duration),
        _ => return Err(Misfit::Start),
    };
    if start < now {
        return Err(Misfit::Past);
    }
    if start > now + FARTHEST {
        return Err(Misfit::TooFar);
    }
    let lasts = length(duration)?;
    Ok((start, start + lasts))
}

fn date(text: &str) -> Result<NaiveDate, Misfit> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| Misfit::Start)
}

fn time(text: &str) -> Result<NaiveTime, Misfit> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| Misfit::Start)
}

/// Where clocks are put back a time comes twice: the first one.
fn at(local: NaiveDateTime, zone: Tz) -> Result<Timestamp, Misfit> {
    let moment = zone.from_local_datetime(&local).earliest().ok_or(Misfit::NoSuchTime)?;
    Ok(moment.to_utc())
}

fn next(time: NaiveTime, zone: Tz, now: Timestamp) -> Result<Timestamp, Misfit> {
    let today = now.with_timezone(&zone).date_naive();
    match at(today.and_time(time), zone) {
        Ok(moment) if moment >= now => Ok(moment),
        Ok(_) => at((today + Days::new(1)).and_time(time), zone),
        Err(misfit) => Err(misfit),
    }
}

/// A duration such as `30m`, `2h`, `1h30m` or `1d`.
fn length(text: &str) -> Result<TimeDelta, Misfit> {
    let (mut minutes, mut number) = (0_i64, String::new());
    for character in text.to_ascii_lowercase().chars() {
        let unit = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return Err(Misfit::Duration),
        };
        let count: i64 = number.parse().map_err(|_| Misfit::Duration)?;
        minutes = count.checked_mul(unit).and_then(|more| minutes.checked_add(more)).ok_or(Misfit::Length)?;
        number.clear();
    }
    if !number.is_empty() || text.is_empty() {
        return Err(Misfit::Duration);
    }
    let length = TimeDelta::try_minutes(minutes).ok_or(Misfit::Length)?;
    if (SHORTEST..=LONGEST).contains(&length) { Ok(length) } else { Err(Misfit::Length) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// It is 21:00 in Berlin.
    const NOW: &str = "2026-11-21T20:00:00Z";

    #[rstest]
    #[case("22:30 2h", "2026-11-21T21:30:00Z", 120)]
    #[case("20:30 30m", "2026-11-22T19:30:00Z", 30)]
    #[case("3:00 1h30m", "2026-11-22T02:00:00Z", 90)]
    #[case("2026-11-22 03:00 1D", "2026-11-22T02:00:00Z", 1440)]
    #[case("  now   15m ", "2026-11-21T20:00:00Z", 15)]
    fn times_as_people_type_them(#[case] text: &str, #[case] starts: &str, #[case] minutes: i64) {
        let starts = moment(starts);
        let read = read(text, chrono_tz::Europe::Berlin, moment(NOW));
        assert_eq!(read, Ok((starts, starts + TimeDelta::minutes(minutes))));
    }

    #[rstest]
    #[case("", Misfit::Start)]
    #[case("tonight 2h", Misfit::Start)]
    #[case("25:00 2h", Misfit::Start)]
    #[case("22:30", Misfit::Start)]
    #[case("22.11.2026 03:00 2h", Misfit::Start)]
    #[case("22:30 2", Misfit::Duration)]
    #[case("22:30 h", Misfit::Duration)]
    #[case("22:30 2w", Misfit::Duration)]
    #[case("22:30 0m", Misfit::Length)]
    #[case("22:30 8d", Misfit::Length)]
    #[case("22:30 99999999999999999h", Misfit::Length)]
    #[case("2026-11-20 03:00 2h", Misfit::Past)]
    #[case("2027-11-20 03:00 2h", Misfit::TooFar)]
    fn what_does_not_fit_is_said(#[case] text: &str, #[case] misfit: Misfit) {
        assert_eq!(read(text, chrono_tz::Europe::Berlin, moment(NOW)), Err(misfit));
    }

    #[test]
    fn a_time_that_clocks_leave_out_is_none_and_one_that_comes_twice_is_the_first() {
        let zone = chrono_tz::Europe::Berlin;
        let spring = moment("2027-03-27T12:00:00Z");
        assert_eq!(read("2027-03-28 02:30 1h", zone, spring), Err(Misfit::NoSuchTime));
        let autumn = moment("2026-10-24T12:00:00Z");
        let (starts, _) = read("2026-10-25 02:30 1h", zone, autumn).unwrap();
        assert_eq!(starts, moment("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn an_instance_is_after_it_what_it_was_before_it() {
        let ends = moment(NOW);
        let within = |before| Window::state_within(before, ends);
        let later = AdminState::Maintenance { until: Some(ends + TimeDelta::hours(1)) };
        let forever = AdminState::Maintenance { until: None };
        for (before, after) in [
            (AdminState::Open, Some(AdminState::Open)),
            (AdminState::Cordoned, Some(AdminState::Cordoned)),
            (AdminState::Maintenance { until: Some(ends - TimeDelta::hours(1)) }, Some(AdminState::Open)),
            (later, None),
            (forever, None),
        ] {
            let present = within(before).unwrap_or(before);
            assert!(!present.accepts(ends - TimeDelta::seconds(1)));
            assert_eq!(Window::state_after(before, present, ends), after, "{before:?}");
            // What an admin decided meanwhile stays.
            assert_eq!(Window::state_after(before, AdminState::Open, ends), None);
        }
        // A closed one does not open for the moment until the end is seen.
        assert!(!within(AdminState::Cordoned).unwrap().accepts(ends + TimeDelta::hours(1)));
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_it_panic(text in any::<String>()) {
            let _ = read(&text, chrono_tz::Asia::Tehran, moment(NOW));
        }

        #[test]
        fn what_is_read_lies_ahead_and_lasts(hour in 0u32..24, minute in 0u32..60, lasts in 1i64..10_080) {
            let text = format!("{hour:02}:{minute:02} {lasts}m");
            let (starts, ends) = read(&text, chrono_tz::Asia::Tehran, moment(NOW)).unwrap();
            prop_assert!(starts >= moment(NOW) && starts <= moment(NOW) + TimeDelta::days(1));
            prop_assert_eq!(ends - starts, TimeDelta::minutes(lasts));
        }
    }
}
