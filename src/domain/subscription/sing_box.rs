//! sing-box configurations (<https://sing-box.sagernet.org/configuration/>).
//!
//! An outbound with a `server` is an entry; `selector` and `urltest` are groups that name entries by their tags. What
//! else names a tag is pointed at the best entry that stays (`route`, `dns`), or keeps its entry defined (`detour`).

use std::collections::{HashMap, HashSet};

use super::Entry;
use super::json::{Object, Raw};
use super::plan::{Place, Rank, Verdict, arrange, is_old_order};

/// A configuration.
pub(super) struct SingBox {
    root: Object,
    outbounds: Vec<Outbound>,
}

struct Outbound {
    raw: Raw,
    tag: Option<String>,
    detour: Option<String>,
    /// Its number among the entries.
    entry: Option<usize>,
    /// Whether it names others to choose from.
    is_group: bool,
}

/// The key under which an outbound names others to choose from.
const MEMBERS: &str = "outbounds";

impl SingBox {
    pub(super) fn of(root: Object) -> Option<Self> {
        let mut entries = 0..;
        let outbounds = root.read::<Vec<Raw>>("outbounds")?.into_iter().map(|raw| {
            let object = Object::of(&raw);
            let read = |key: &str| object.as_ref().and_then(|object| object.read::<String>(key));
            let has = |key: &str| object.as_ref().is_some_and(|object| object.has(key));
            Outbound {
                tag: read("tag"),
                detour: read("detour"),
                entry: if read("server").is_some() { entries.next() } else { None },
                is_group: has(MEMBERS),
                raw,
            }
        });
        let outbounds: Vec<Outbound> = outbounds.collect();
        // The least that tells it from any other JSON: an outbound of some type.
        let typed = |outbound: &Outbound| Object::of(&outbound.raw).is_some_and(|o| o.has("type"));
        outbounds.iter().any(typed).then_some(Self { root, outbounds })
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let entries = self.outbounds.iter().filter(|outbound| outbound.entry.is_some());
        let read = entries.filter_map(|outbound| {
            let object = Object::of(&outbound.raw)?;
            let host: String = object.read("server")?;
            Some(Entry::new(outbound.tag.clone().unwrap_or_default(), &host, object.read("server_port")))
        });
        read.collect()
    }

    pub(super) fn rewritten(&self, verdict: &Verdict) -> Option<String> {
        let by_tag = Tags::of(&self.outbounds, verdict);
        let pinned = self.pinned(verdict);
        let order = arrange(self.outbounds.len(), |at| match self.outbounds[at].entry {
            None => Place::Fixed,
            Some(entry) if verdict.is_out(entry) && !pinned.contains(&at) => Place::Out,
            Some(entry) => Place::At(verdict.rank(entry)),
        });
        let clean = |outbound: &Outbound| if outbound.is_group { cleaned(outbound, &by_tag) } else { None };
        let groups: Vec<Option<Raw>> = self.outbounds.iter().map(clean).collect();
        if is_old_order(&order, self.outbounds.len()) && groups.iter().all(Option::is_none) {
            return None;
        }
        let outbounds = order.into_iter().map(|at| groups[at].as_ref().unwrap_or(&self.outbounds[at].raw));
        let mut root = self.root.clone();
        root.replace("outbounds", &outbounds.collect::<Vec<_>>())?;
        let onto_kept = |tag: &str| by_tag.out.contains(tag).then(|| by_tag.kept.first().cloned()).flatten();
        root.edit_object("route", |route| {
            let last = route.edit_text("final", onto_kept);
            route.edit_objects("rules", |rule| rule.edit_text("outbound", onto_kept)) || last
        });
        root.edit_object("dns", |dns| {
            dns.edit_objects("servers", |server| server.edit_text("detour", onto_kept))
        });
        serde_json::to_string(&root).ok()
    }

    /// The outbounds that go but stay defined, since one that stays leads through them.
    fn pinned(&self, verdict: &Verdict) -> HashSet<usize> {
        let goes = |at: usize| self.outbounds[at].entry.is_some_and(|entry| verdict.is_out(entry));
        let mut pinned = HashSet::new();
        let mut looked_at = HashSet::new();
        let mut open: Vec<usize> = (0..self.outbounds.len()).filter(|at| !goes(*at)).collect();
        let mut tagged: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, outbound) in self.outbounds.iter().enumerate() {
            tagged.entry(outbound.tag.as_deref().unwrap_or_default()).or_default().push(at);
        }
        while let Some(at) = open.pop() {
            let Some(detour) = self.outbounds[at].detour.as_deref() else { continue };
            if !looked_at.insert(detour) {
                continue;
            }
            for through in tagged.get(detour).into_iter().flatten().filter(|at| goes(**at)) {
                pinned.insert(*through);
                open.push(*through);
            }
        }
        pinned
    }
}

/// What became of the entries, by their tags.
struct Tags {
    ranks: HashMap<String, Rank>,
    /// Tags that no entry has any more.
    out: HashSet<String>,
    /// The tags of those that stay, best first.
    kept: Vec<String>,
}

impl Tags {
    fn of(outbounds: &[Outbound], verdict: &Verdict) -> Self {
        let tags: Vec<&str> = outbounds
            .iter()
            .filter(|outbound| outbound.entry.is_some())
            .map(|outbound| outbound.tag.as_deref().unwrap_or_default())
            .collect();
        let kept: Vec<String> = verdict.kept().into_iter().map(|entry| tags[entry].to_owned()).collect();
        let mut ranks: HashMap<String, Rank> = HashMap::new();
        let mut out = HashSet::new();
        for (entry, tag) in tags.iter().enumerate() {
            if verdict.is_out(entry) {
                out.insert((*tag).to_owned());
            } else {
                let rank = verdict.rank(entry);
                ranks.entry((*tag).to_owned()).and_modify(|best| *best = rank.min(*best)).or_insert(rank);
            }
        }
        out.retain(|tag| !ranks.contains_key(tag));
        Self { ranks, out, kept }
    }
}

/// A group without the tags that went; `None` if it stays as it is.
fn cleaned(group: &Outbound, tags: &Tags) -> Option<Raw> {
    let mut object = Object::of(&group.raw)?;
    let members: Vec<String> = object.read(MEMBERS)?;
    let order = arrange(members.len(), |at| match tags.ranks.get(&members[at]) {
        Some(rank) => Place::At(*rank),
        None if tags.out.contains(&members[at]) => Place::Out,
        None => Place::Fixed,
    });
    let default_out = object.read::<String>("default").is_some_and(|tag| tags.out.contains(&tag));
    if !default_out && is_old_order(&order, members.len()) {
        return None;
    }
    let rest: Vec<&String> = order.into_iter().map(|at| &members[at]).collect();
    if rest.is_empty() {
        object.replace(MEMBERS, &tags.kept)?;
    } else {
        object.replace(MEMBERS, &rest)?;
    }
    if default_out {
        // Without one the first member is chosen.
        object.remove("default");
    }
    serde_json::value::to_raw_value(&object).ok()
}
