//! Backups: when one is due, what it is called, which old ones go, and the lines it is made of.
//!
//! A backup is a text of JSON, a line each, compressed and sealed by the store. First the [`Manifest`]; then, for each
//! table, its beginning, its rows, its end; then the end of all. So a text that stops in the middle is never taken for a
//! whole one. Tables come in such an order that each stands behind those it refers to.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Timestamp;

/// The version of the text within a backup.
pub const FORMAT: u32 = 1;
/// How the names of our files begin and end.
const NAME: (&str, &str) = ("karvan-", ".backup");
/// How the moment is written in a file's name: UTC, sorted by name as by time.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";

/// When backups are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Once a day at so many minutes after midnight.
    At(u32),
    /// Again after this time.
    Every(Duration),
}

impl Schedule {
    /// Whether one is due when the last was made at `last`. Without any, one is due at once.
    #[must_use]
    pub fn is_due(self, last: Option<Timestamp>, now: Timestamp, zone: Tz) -> bool {
        let Some(last) = last else { return true };
        match self {
            Self::Every(time) => now - last >= TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX),
            Self::At(minute) => {
                let day = |at: Timestamp| {
                    let local = at.with_timezone(&zone);
                    let begun = local.hour() * 60 + local.minute() >= minute;
                    if begun { local.date_naive() } else { local.date_naive() - TimeDelta::days(1) }
                };
                day(now) > day(last)
            }
        }
    }
}

/// The name of the file of a backup made at `at`.
#[must_use]
pub fn file_name(at: Timestamp) -> String {
    format!("{}{}{}", NAME.0, at.format(MOMENT), NAME.1)
}

/// When the backup of that name was made; `None`: it is no name of ours.
#[must_use]
pub fn moment_of(name: &str) -> Option<Timestamp> {
    let text = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
    let moment = NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc();
    // Another spelling of the same moment would be another file.
    (file_name(moment) == name).then_some(moment)
}

/// Of the files in a folder, those that go when `keep` backups are kept: the oldest, and nothing that is not ours.
#[must_use]
pub fn superseded(names: &[String], keep: usize) -> Vec<String> {
    let mut ours: Vec<&String> = names.iter().filter(|name| moment_of(name).is_some()).collect();
    ours.sort_unstable();
    let gone = ours.len().saturating_sub(keep.max(1));
    ours.into_iter().take(gone).cloned().collect()
}

/// What a column holds, the same on every kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// A whole number.
    Int,
    /// A number with a fraction; written as text, since no digit may get lost.
    Real,
    /// Yes or no.
    Flag,
    /// Text.
    Text,
    /// A moment, in RFC 3339.
    Time,
    /// A JSON value; written as text, since no digit may get lost.
    Json,
    /// Bytes, in base64.
    Bytes,
}

/// A table of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns with what they hold, in the order of each row.
    pub columns: Vec<(String, ColumnKind)>,
}

/// What a backup says of itself before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// See [`FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The steps of the schema that were taken.
    pub steps: Vec<String>,
    /// The tables, in their order.
    pub tables: Vec<Table>,
    /// For tables that number their rows: the last number that was given.
    pub last_numbers: BTreeMap<String, i64>,
}

/// A row: a value for each column; `null` is none.
pub type Row = Vec<Value>;

/// A line after the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// A row of the table that was begun.
    Row(Row),
    /// The rows of a table come now.
    Begin {
        /// Its name.
        table: String,
    },
    /// The table had so many rows.
    End {
        /// How many.
        rows: u64,
    },
    /// There is no more.
    Done {
        /// Rows of all tables.
        total: u64,
    },
}

/// Why a backup's text cannot be what we wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// A newer version wrote it.
    #[error("a newer version of Karvan made it (format {0})")]
    Newer(u32),
    /// A line is not where it belongs.
    #[error("line {0} is not what stands there in a backup")]
    Line(u64),
    /// It stops in the middle.
    #[error("it ends before its end")]
    Short,
}

/// Follows a backup's text, line by line, and notices what is missing or too much.
#[derive(Debug)]
pub struct Follow<'a> {
    manifest: &'a Manifest,
    line: u64,
    next: usize,
    /// Rows of the table that was begun.
    open: Option<u64>,
    total: u64,
    done: bool,
}

impl<'a> Follow<'a> {
    /// Follows what comes after `manifest`.
    ///
    /// # Errors
    /// [`Misread::Newer`].
    pub fn new(manifest: &'a Manifest) -> Result<Self, Misread> {
        if manifest.format > FORMAT {
            return Err(Misread::Newer(manifest.format));
        }
        Ok(Self { manifest, line: 1, next: 0, open: None, total: 0, done: false })
    }

    /// The next line. For a row, its table.
    ///
    /// # Errors
    /// It does not belong here.
    pub fn step(&mut self, line: &Line) -> Result<Option<&'a Table>, Misread> {
        self.line += 1;
        let wrong = Misread::Line(self.line);
        if self.done {
            return Err(wrong);
        }
        match line {
            Line::Begin { table } => {
                let expected = self.manifest.tables.get(self.next).is_some_and(|next| next.name == *table);
                if self.open.is_some() || !expected {
                    return Err(wrong);
                }
                self.open = Some(0);
                Ok(None)
            }
            Line::Row(row) => {
                let (Some(rows), Some(table)) = (&mut self.open, self.manifest.tables.get(self.next)) else {
                    return Err(wrong);
                };
                if row.len() != table.columns.len() {
                    return Err(wrong);
                }
                *rows += 1;
                Ok(Some(table))
            }
            Line::End { rows } => {
                if self.open.take() != Some(*rows) {
                    return Err(wrong);
                }
                self.total += rows;
                self.next += 1;
                Ok(None)
            }
            Line::Done { total } => {
                let all = self.open.is_none() && self.next == self.manifest.tables.len();
                if !all || *total != self.total {
                    return Err(wrong);
                }
                self.done = true;
                Ok(None)
            }
        }
    }

    /// After the last line: how many rows there were.
    ///
    /// # Errors
    /// The end was not reached.
    pub fn finish(self) -> Result<u64, Misread> {
        if self.done { Ok(self.total) } else { Err(Misread::Short) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use rstest::rstest;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[rstest]
    // Half an hour after four, made at one in the night: the one of four o'clock is due.
    #[case("2026-11-21T01:00:00Z", "2026-11-21T04:30:00Z", true)]
    #[case("2026-11-21T04:00:10Z", "2026-11-21T23:59:00Z", false)]
    #[case("2026-11-21T04:00:10Z", "2026-11-22T03:59:59Z", false)]
    #[case("2026-11-21T04:00:10Z", "2026-11-22T04:00:00Z", true)]
    // After days without a run, late rather than never.
    #[case("2026-11-18T04:00:10Z", "2026-11-21T02:00:00Z", true)]
    fn once_a_day_at_its_time(#[case] last: &str, #[case] now: &str, #[case] due: bool) {
        assert_eq!(Schedule::At(240).is_due(Some(at(last)), at(now), Tz::UTC), due);
    }

    #[test]
    fn the_day_is_the_operators_own() {
        let zone = chrono_tz::Asia::Tehran; // UTC+3:30
        let last = Some(at("2026-11-20T00:31:00Z"));
        assert!(!Schedule::At(240).is_due(last, at("2026-11-21T00:29:00Z"), zone));
        assert!(Schedule::At(240).is_due(last, at("2026-11-21T00:30:00Z"), zone));
        assert!(Schedule::At(240).is_due(None, at("2026-11-21T00:00:00Z"), zone));
    }

    #[test]
    fn again_after_a_time() {
        let every = Schedule::Every(Duration::from_secs(6 * 3600));
        let last = Some(at("2026-11-21T00:00:00Z"));
        assert!(!every.is_due(last, at("2026-11-21T05:59:59Z"), Tz::UTC));
        assert!(every.is_due(last, at("2026-11-21T06:00:00Z"), Tz::UTC));
    }

    #[test]
    fn only_our_oldest_files_go() {
        let made = |hour| file_name(chrono::Utc.with_ymd_and_hms(2026, 11, 21, hour, 0, 0).unwrap());
        assert_eq!(made(4), "karvan-20261121T040000Z.backup");
        assert_eq!(moment_of(&made(4)), Some(at("2026-11-21T04:00:00Z")));
        let others = ["karvan.db", "karvan-old.backup", "karvan-20261121T040000Z.backup.part", "notes"];
        let mut names: Vec<String> = others.map(str::to_owned).to_vec();
        names.extend([made(9), made(4), made(7)]);
        assert_eq!(superseded(&names, 2), [made(4)]);
        assert_eq!(superseded(&names, 3), Vec::<String>::new());
        assert_eq!(superseded(&names, 0), [made(4), made(7)], "the last one always stays");
    }

    fn manifest() -> Manifest {
        let table =
            |name: &str| Table { name: name.to_owned(), columns: vec![("id".to_owned(), ColumnKind::Int)] };
        Manifest {
            format: FORMAT,
            version: "1".to_owned(),
            made_at: at("2026-11-21T00:00:00Z"),
            steps: Vec::new(),
            tables: vec![table("users"), table("keys")],
            last_numbers: BTreeMap::new(),
        }
    }

    fn whole() -> Vec<Line> {
        let begin = |table: &str| Line::Begin { table: table.to_owned() };
        let row = || Line::Row(vec![1.into()]);
        let end = |rows| Line::End { rows };
        vec![begin("users"), row(), row(), end(2), begin("keys"), end(0), Line::Done { total: 2 }]
    }

    fn follow(lines: &[Line]) -> Result<u64, Misread> {
        let manifest = manifest();
        let mut follow = Follow::new(&manifest)?;
        for line in lines {
            follow.step(line)?;
        }
        follow.finish()
    }

    #[test]
    fn a_whole_text_is_followed_to_its_end() {
        assert_eq!(follow(&whole()), Ok(2));
        for line in whole() {
            let text = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line, "{text}");
        }
    }

    #[test]
    fn no_line_may_be_missing_doubled_or_moved() {
        let lines = whole();
        for at in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(at);
            assert!(follow(&without).is_err(), "without line {at}");
            assert_eq!(follow(&lines[..at]), Err(Misread::Short));
            let mut twice = lines.clone();
            twice.insert(at, lines[at].clone());
            assert!(follow(&twice).is_err(), "line {at} twice");
        }
        for at in 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(at - 1, at);
            assert!(swapped == lines || follow(&swapped).is_err(), "line {at} before the one above");
        }
        let newer = Manifest { format: FORMAT + 1, ..manifest() };
        assert_eq!(Follow::new(&newer).err(), Some(Misread::Newer(FORMAT + 1)));
    }
}
