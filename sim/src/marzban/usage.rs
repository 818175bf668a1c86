//! Traffic by node over a period.
//!
//! Rows are stamped with the beginning of their hour, so a period that starts within the present hour misses it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::answer::detail;
use super::state::State;
use crate::net::{Request, Response};

/// A period with both ends.
pub(super) struct Period {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Period {
    /// `start` and `end` of a query, by default the last 30 days.
    pub(super) fn of(request: &Request, names: [&str; 2], now: DateTime<Utc>) -> Result<Self, Response> {
        let given = |name| match request.query(name).filter(|text| !text.is_empty()) {
            Some(text) => date(text).map(Some).ok_or_else(|| detail(400, "Invalid date range or format")),
            None => Ok(None),
        };
        let [start, end] = [given(names[0])?, given(names[1])?];
        let start = start.unwrap_or(now - TimeDelta::days(30));
        let end = end.unwrap_or(now);
        if end < start {
            return Err(detail(400, "Start date must be before end date"));
        }
        Ok(Self { start, end })
    }

    pub(super) fn contains(&self, time: DateTime<Utc>) -> bool {
        (self.start..=self.end).contains(&time)
    }
}

/// An ISO date or time; without a zone it is the panel's, which is UTC.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Into::into))?;
    Some(naive.and_utc())
}

impl State {
    /// What users used, by node; `None` is everybody.
    pub(super) fn user_usages(&self, users: Option<&[u64]>, period: &Period) -> Vec<Value> {
        let used = |node: u64| {
            let rows = self.db.user_usage.iter().filter(|((hour, user, through), _)| {
                *through == node && period.contains(*hour) && users.is_none_or(|users| users.contains(user))
            });
            rows.map(|(_, bytes)| bytes).sum::<u64>()
        };
        self.nodes_and_master()
            .map(|(id, name)| {
                json!({ "node_id": (id != 0).then_some(id), "node_name": name, "used_traffic": used(id) })
            })
            .collect()
    }

    /// What went through the nodes.
    pub(super) fn node_usages(&self, period: &Period) -> Vec<Value> {
        let through = |node: u64| {
            let rows = self.db.node_usage.iter();
            let rows = rows.filter(|((hour, through), _)| *through == node && period.contains(*hour));
            rows.fold((0, 0), |(up, down), (_, bytes)| (up + bytes.0, down + bytes.1))
        };
        self.nodes_and_master()
            .map(|(id, name)| {
                let (up, down) = through(id);
                json!({ "node_id": (id != 0).then_some(id), "node_name": name, "uplink": up, "downlink": down })
            })
            .collect()
    }

    fn nodes_and_master(&self) -> impl Iterator<Item = (u64, &str)> {
        let nodes = self.db.nodes.values().map(|node| (node.id, node.name.as_str()));
        std::iter::once((0, "Master")).chain(nodes)
    }
}
