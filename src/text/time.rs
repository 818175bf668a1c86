//! Spans and dates: in the operator's time zone, in Persian by the Persian calendar.

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};
use icu_calendar::Date;
use icu_calendar::cal::Persian;

use crate::domain::Timestamp;

use super::{Lang, T, number, plain};

/// A day such as `21 Nov 2026`, `21 нояб. 2026` or `۳۰ آبان ۱۴۰۵`.
#[must_use]
pub fn date(t: &T, moment: Timestamp) -> String {
    let local = moment.with_timezone(&t.zone());
    let (year, month, day) = match t.lang() {
        Lang::En | Lang::Ru => (local.year(), local.month(), local.day()),
        Lang::Fa => persian(&local),
    };
    let written = |number: i64| number::digits(t.lang(), &number.to_string());
    let month = plain!(t, "date-month", month = month);
    plain!(t, "date-day", day = written(day.into()), month = month, year = written(year.into()))
}

/// A day as it stands below a chart: `21 Nov` is `11-21`, `21.11` or `۸/۳۰`, in digits alone.
#[must_use]
pub fn day_in_digits(t: &T, day: NaiveDate) -> String {
    let written = match t.lang() {
        Lang::En => format!("{:02}-{:02}", day.month(), day.day()),
        Lang::Ru => format!("{:02}.{:02}", day.day(), day.month()),
        Lang::Fa => {
            let (_, month, day) = persian(&day);
            format!("{month}/{day}")
        }
    };
    number::digits(t.lang(), &written)
}

fn persian(local: &impl Datelike) -> (i32, u32, u32) {
    // Chrono's month and day are below 32, and its years within what the calendar takes for any date people see.
    let (month, day) = (local.month() as u8, local.day() as u8);
    match Date::try_new_iso(local.year(), month, day) {
        Ok(iso) => {
            let date = iso.to_calendar(Persian);
            (date.year().extended_year(), date.month().ordinal.into(), date.day_of_month().0.into())
        }
        Err(_) => (local.year(), local.month(), local.day()),
    }
}

/// The time of day, such as `14:05`.
#[must_use]
pub fn clock(t: &T, moment: Timestamp) -> String {
    let local = moment.with_timezone(&t.zone());
    number::digits(t.lang(), &format!("{:02}:{:02}", local.hour(), local.minute()))
}

/// The time of day with its second, such as `14:05:09`.
#[must_use]
pub fn clock_seconds(t: &T, moment: Timestamp) -> String {
    let local = moment.with_timezone(&t.zone());
    number::digits(t.lang(), &format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second()))
}

/// A day with its time.
#[must_use]
pub fn date_time(t: &T, moment: Timestamp) -> String {
    plain!(t, "date-time", date = date(t, moment), clock = clock(t, moment))
}

/// A span in its largest unit: `3 days`, `47 hours`, `5 minutes`. Days are rounded, because who has just been given 30
/// must not read 29. Below nothing counts as nothing.
#[must_use]
pub fn span(t: &T, span: TimeDelta) -> String {
    let span = span.max(TimeDelta::zero());
    if span < TimeDelta::minutes(2) {
        plain!(t, "span-seconds", count = span.num_seconds())
    } else if span < TimeDelta::hours(2) {
        plain!(t, "span-minutes", count = span.num_minutes())
    } else if span < TimeDelta::days(2) {
        plain!(t, "span-hours", count = span.num_hours())
    } else {
        plain!(t, "span-days", count = (span + TimeDelta::hours(12)).num_days())
    }
}

/// How long ago `then` was: `just now`, `5 minutes ago`; after 30 days the date.
#[must_use]
pub fn ago(t: &T, then: Timestamp, now: Timestamp) -> String {
    let span = now - then;
    if span < TimeDelta::minutes(1) {
        plain!(t, "ago-now")
    } else if span < TimeDelta::hours(1) {
        plain!(t, "ago-minutes", count = span.num_minutes())
    } else if span < TimeDelta::days(1) {
        plain!(t, "ago-hours", count = span.num_hours())
    } else if span < TimeDelta::days(30) {
        plain!(t, "ago-days", count = span.num_days())
    } else {
        date(t, then)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::Words;
    use super::*;

    fn all(write: impl Fn(&T) -> String) -> String {
        let words = Words::load(chrono_tz::Asia::Tehran);
        Lang::ALL.map(|lang| write(words.of(lang))).join(" | ")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn dates_follow_the_readers_calendar_and_zone() {
        let moment = at("2026-11-21T20:45:00Z");
        insta::assert_snapshot!(all(|t| date_time(t, moment)), @"22 Nov 2026, 00:15 | 22 нояб. 2026, 00:15 | ۱ آذر ۱۴۰۵، ساعت ۰۰:۱۵");
        // Nowruz, and the last day of a Persian leap year.
        insta::assert_snapshot!(all(|t| date(t, at("2026-03-21T12:00:00Z"))), @"21 Mar 2026 | 21 мар. 2026 | ۱ فروردین ۱۴۰۵");
        insta::assert_snapshot!(all(|t| date(t, at("2025-03-20T12:00:00Z"))), @"20 Mar 2025 | 20 мар. 2025 | ۳۰ اسفند ۱۴۰۳");
    }

    #[rstest]
    #[case(0, "0 seconds | 0 секунд | ۰ ثانیه")]
    #[case(1, "1 second | 1 секунда | ۱ ثانیه")]
    #[case(125, "2 minutes | 2 минуты | ۲ دقیقه")]
    #[case(5 * 3600, "5 hours | 5 часов | ۵ ساعت")]
    #[case(3 * 86400, "3 days | 3 дня | ۳ روز")]
    #[case(21 * 86400, "21 days | 21 день | ۲۱ روز")]
    #[case(-5, "0 seconds | 0 секунд | ۰ ثانیه")]
    fn spans_have_their_plurals(#[case] seconds: i64, #[case] expected: &str) {
        assert_eq!(all(|t| span(t, TimeDelta::seconds(seconds))), expected);
    }

    #[rstest]
    #[case(5, "just now | только что | همین حالا")]
    #[case(60, "1 minute ago | 1 минуту назад | ۱ دقیقه پیش")]
    #[case(7200, "2 hours ago | 2 часа назад | ۲ ساعت پیش")]
    #[case(5 * 86400, "5 days ago | 5 дней назад | ۵ روز پیش")]
    #[case(40 * 86400, "12 Oct 2026 | 12 окт. 2026 | ۲۰ مهر ۱۴۰۵")]
    fn the_past_is_told_roughly(#[case] seconds: i64, #[case] expected: &str) {
        let now = at("2026-11-21T12:00:00Z");
        assert_eq!(all(|t| ago(t, now - TimeDelta::seconds(seconds), now)), expected);
    }
}
