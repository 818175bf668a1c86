//! Clash and Mihomo configurations (<https://wiki.metacubex.one/en/config/>).
//!
//! Each of the `proxies` is an entry; `proxy-groups` name them. YAML is not written anew: another writer would quote
//! otherwise, and readers of YAML do not agree on what a plain `0123`, `1_000` or `6e12` is. Lines are moved and left
//! out ([`super::lines`]), and the result is read again: only if it says exactly what was planned is it handed on. A
//! file whose lines do not allow that (lists in brackets) is written as JSON, which is YAML, with every text in quotes.

use std::collections::{HashMap, HashSet};

use serde_yaml_ng::{Mapping, Value};

use super::Entry;
use super::lines::Lines;
use super::plan::{Place, Rank, Verdict, arrange, is_old_order};

/// A configuration with at least one proxy.
pub(super) struct Clash<'a> {
    text: &'a str,
    root: Mapping,
    names: Vec<String>,
    entries: Vec<Entry>,
}

/// Groups in which the order is a route through all members.
const CHAIN: &str = "relay";

/// What becomes of the file.
struct Changes {
    /// The proxies that stay, by their old numbers.
    proxies: Vec<usize>,
    /// The groups that change, with their members.
    groups: Vec<(usize, Members)>,
}

enum Members {
    /// Of the old ones, by their numbers.
    Old(Vec<usize>),
    /// Others altogether.
    New(Vec<String>),
}

/// A cheap look before the file is read.
pub(super) fn looks_so(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("proxies:") || line.starts_with("\"proxies\":"))
}

impl<'a> Clash<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let whole: Value = serde_yaml_ng::from_str(text).ok()?;
        let mut merged = whole.clone();
        // What several proxies share may stand once, and be merged into each (`<<: *shared`).
        if text.contains("<<") {
            merged.apply_merge().ok()?;
        }
        let Value::Mapping(root) = whole else { return None };
        let entries: Vec<Entry> = merged.get("proxies")?.as_sequence()?.iter().map(entry).collect();
        let names = entries.iter().map(|entry| entry.remark.clone()).collect();
        (!entries.is_empty()).then_some(Self { text, root, names, entries })
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.entries.clone()
    }

    pub(super) fn rewritten(&self, verdict: &Verdict) -> Option<String> {
        let changes = self.changes(verdict);
        if changes.groups.is_empty() && is_old_order(&changes.proxies, self.names.len()) {
            return None;
        }
        let planned = Value::Mapping(self.applied(&changes)?);
        let is_it = |text: &String| serde_yaml_ng::from_str::<Value>(text).is_ok_and(|read| read == planned);
        let by_lines = self.by_lines(&changes).filter(is_it);
        by_lines.or_else(|| serde_json::to_string(&planned).ok().filter(is_it))
    }

    fn sequence(&self, key: &str) -> &[Value] {
        self.root.get(key).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
    }

    fn changes(&self, verdict: &Verdict) -> Changes {
        let pinned = self.pinned(verdict);
        let proxies = arrange(self.names.len(), |entry| {
            if verdict.is_out(entry) && !pinned.contains(self.names[entry].as_str()) {
                Place::Out
            } else {
                Place::At(verdict.rank(entry))
            }
        });
        let mut ranks: HashMap<&str, Rank> = HashMap::new();
        for (entry, name) in self.names.iter().enumerate().filter(|(entry, _)| !verdict.is_out(*entry)) {
            let rank = verdict.rank(entry);
            ranks.entry(name).and_modify(|best| *best = rank.min(*best)).or_insert(rank);
        }
        let all: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        let place = |name: &str| match ranks.get(name) {
            Some(rank) => Place::At(*rank),
            None if all.contains(name) => Place::Out,
            None => Place::Fixed,
        };
        let groups = self.sequence("proxy-groups").iter().enumerate().filter_map(|(number, group)| {
            let members = members(group).filter(|_| field(group, "type") != Some(CHAIN))?;
            let order = arrange(members.len(), |at| members[at].as_str().map_or(Place::Fixed, place));
            if is_old_order(&order, members.len()) {
                None
            } else if order.is_empty() && group.get("use").is_none() {
                let kept = verdict.kept().into_iter().map(|entry| self.names[entry].clone());
                Some((number, Members::New(kept.collect())))
            } else {
                Some((number, Members::Old(order)))
            }
        });
        Changes { proxies, groups: groups.collect() }
    }

    /// The names that something else than a choosing group needs: rules, chains, proxies that dial through others.
    fn pinned(&self, verdict: &Verdict) -> HashSet<&str> {
        let mut pinned = HashSet::new();
        for group in self.sequence("proxy-groups").iter().filter(|group| field(group, "type") == Some(CHAIN))
        {
            pinned.extend(members(group).into_iter().flatten().filter_map(Value::as_str));
        }
        let by_name: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        let rules = self.sequence("rules").iter().filter_map(Value::as_str);
        // `DOMAIN-SUFFIX,example.com,name,no-resolve`
        pinned.extend(
            rules.flat_map(|rule| rule.split(',').map(str::trim)).filter(|word| by_name.contains(word)),
        );
        if let Some(sub_rules) = self.root.get("sub-rules").and_then(Value::as_mapping) {
            let rules = sub_rules.values().filter_map(Value::as_sequence).flatten().filter_map(Value::as_str);
            pinned.extend(rules.flat_map(|rule| rule.split(',').map(str::trim)));
        }
        let mut dialers = HashMap::new();
        let proxies = self.sequence("proxies");
        for (entry, proxy) in proxies.iter().enumerate() {
            if let Some(dialer) = field(proxy, "dialer-proxy") {
                dialers.insert(self.names[entry].as_str(), dialer);
            }
        }
        let stays = |entry: usize| !verdict.is_out(entry) || pinned.contains(self.names[entry].as_str());
        let mut open: Vec<&str> = (0..self.names.len())
            .filter(|entry| stays(*entry))
            .map(|entry| self.names[entry].as_str())
            .collect();
        while let Some(name) = open.pop() {
            if let Some(dialer) = dialers.get(name)
                && pinned.insert(dialer)
            {
                open.push(dialer);
            }
        }
        pinned
    }

    fn applied(&self, changes: &Changes) -> Option<Mapping> {
        let mut root = self.root.clone();
        let proxies = self.sequence("proxies");
        let kept = changes.proxies.iter().map(|at| proxies[*at].clone()).collect();
        *root.get_mut("proxies")? = Value::Sequence(kept);
        for (number, change) in &changes.groups {
            let group = root.get_mut("proxy-groups")?.as_sequence_mut()?.get_mut(*number)?;
            let list = group.as_mapping_mut()?.get_mut("proxies")?.as_sequence_mut()?;
            *list = match change {
                Members::Old(order) => order.iter().map(|at| list[*at].clone()).collect(),
                Members::New(names) => names.iter().cloned().map(Value::String).collect(),
            };
        }
        Some(root)
    }

    fn by_lines(&self, changes: &Changes) -> Option<String> {
        let mut lines = Lines::of(self.text);
        let whole = lines.all();
        let proxies = lines.sequence(&whole, "proxies")?;
        lines.reorder(&proxies, self.names.len(), &changes.proxies)?;
        if !changes.groups.is_empty() {
            let groups = lines.sequence(&whole, "proxy-groups")?;
            for (number, change) in &changes.groups {
                let members = lines.sequence(&lines.item(&groups, *number)?, "proxies")?;
                match change {
                    Members::Old(order) => lines.reorder(&members, members.len(), order)?,
                    Members::New(names) => lines.replace(&members, names)?,
                }
            }
        }
        Some(lines.text())
    }
}

fn entry(proxy: &Value) -> Entry {
    let port = proxy.get("port").and_then(|port| match port {
        Value::Number(number) => number.as_u64().and_then(|port| port.try_into().ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    let text = |key: &str| field(proxy, key).unwrap_or_default();
    Entry::new(text("name"), text("server"), port)
}

fn field<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn members(group: &Value) -> Option<&Vec<Value>> {
    group.get("proxies").and_then(Value::as_sequence)
}
