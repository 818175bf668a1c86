//! Everybody leaves a dead instance: who goes where, and in which order.
//!
//! # The plan
//!
//! Targets stand in groups, the most alike first: same location, same labels, lower tier, and another hosting provider
//! where that part of the group can carry it (its capacity is at least half of the group's: a provider's network often
//! dies as a whole, but one lonely instance must not take everybody). One water-fill over exact counts pours the keys
//! into them, with an intake cap of [`Limits::intake_cap`] times the fair share, and no survivor is filled beyond
//! [`Limits::stop_at`] of its cap: what is left there is for those who come by themselves. Whoever does not fit is
//! *stranded*: reported, and first on the waitlist.
//!
//! The order is by [`Activity`]: who uses the key now, who used it today, the rest; each class is dealt over all
//! targets in proportion, so that no target serves the urgent ones one after another. 5,000 keys on 49 targets take
//! 13 s so, the active fifth 2.8 s of them; in order of the plain water-fill 29.8 s and 11.7 s.
//!
//! # What holds
//!
//! - each key stands in the plan once, as a move or as stranded;
//! - no target is closed, unwell, barred for the key or filled beyond `stop_at`, and none is the source;
//! - an account that the key left behind on a target is taken back instead of made anew;
//! - nobody is stranded while a target that is not barred for the key has room, but for keys that are barred from most
//!   of the targets left;
//! - the same input, in whatever order, gives the same plan.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::instance::{Counters, Health, Mode};
use super::placement::{Candidate, Target, deal, pour, room};
use super::{AssignmentId, ConfigId, InstanceId, Region, Timestamp};

/// How recently a key was used. Lower goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activity {
    /// When its account was last read, traffic had just passed.
    Active,
    /// Traffic within a day.
    Today,
    /// Longer ago, or never.
    Rest,
}

impl Activity {
    /// Traffic this long before an account was read was there when it was read: panels write it down now and then.
    const JUST: TimeDelta = TimeDelta::minutes(5);
    /// A reading older than this says nothing of now.
    const STALE: TimeDelta = TimeDelta::hours(2);
    /// What counts as today.
    const DAY: TimeDelta = TimeDelta::days(1);

    /// The class of a key with its last traffic at `online_at`, as it was read at `seen_at`.
    #[must_use]
    pub fn of(online_at: Option<Timestamp>, seen_at: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(online_at) = online_at else { return Self::Rest };
        let seen_at = seen_at.map_or(now, |seen_at| seen_at.min(now));
        if online_at >= seen_at - Self::JUST && seen_at >= now - Self::STALE {
            Self::Active
        } else if online_at >= now - Self::DAY {
            Self::Today
        } else {
            Self::Rest
        }
    }
}

/// The instance that everybody leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub id: InstanceId,
    /// Its location.
    pub region: Region,
    /// Its labels, sorted.
    pub tags: Vec<String>,
    /// Who hosts it.
    pub provider: Option<String>,
}

impl Source {
    /// The source that a candidate is.
    #[must_use]
    pub fn of(candidate: &Candidate) -> Self {
        let Candidate { id, region, provider, .. } = candidate;
        let tags = sorted(&candidate.tags);
        Self { id: id.clone(), region: region.clone(), tags, provider: provider.clone() }
    }
}

/// A key whose primary account is on the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evacuee {
    /// Which.
    pub config: ConfigId,
    /// How recently it was used.
    pub activity: Activity,
    /// Where it must not go: something of it must still be deleted there.
    pub barred: Vec<InstanceId>,
    /// Its accounts left behind by former moves, to be taken back.
    pub left_on: Vec<(InstanceId, AssignmentId)>,
}

/// The rules of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// A target takes at most this many times its fair share while others can take the rest.
    pub intake_cap: f64,
    /// Survivors are filled to this share of their cap.
    pub stop_at: f64,
    /// A group is filled to this share before the next one is asked.
    pub spill_at: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { intake_cap: 1.25, stop_at: 0.95, spill_at: 0.9 }
    }
}

/// One key's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub config: ConfigId,
    /// Where to.
    pub target: InstanceId,
    /// An account of its own there that only needs to be taken back; it holds its place already.
    pub back_to: Option<AssignmentId>,
    /// Its class.
    pub activity: Activity,
}

/// Who goes where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they are to be carried out.
    pub moves: Vec<Move>,
    /// How many go where, by instance.
    pub per_target: Vec<(InstanceId, u32)>,
    /// Those that find no place, the most urgent first.
    pub stranded: Vec<ConfigId>,
    /// How many of all are of each class.
    pub classes: [u32; 3],
}

/// Plans the evacuation of `source` over `fleet`, which may contain the source and closed instances.
#[must_use]
pub fn plan(
    source: &Source,
    fleet: &[(Candidate, Counters)],
    mut keys: Vec<Evacuee>,
    limits: Limits,
    now: Timestamp,
) -> Plan {
    keys.sort_unstable_by_key(|key| (key.activity, key.config));
    keys.dedup_by_key(|key| key.config);
    let mut plan = Plan::default();
    for key in &keys {
        plan.classes[key.activity as usize] += 1;
    }
    let mut groups = groups(source, fleet, limits, now);
    let back = take_back(&mut groups, &keys);
    let mut taken: Vec<(usize, Move)> = Vec::with_capacity(keys.len());
    let mut classes: Vec<Vec<usize>> = vec![Vec::new(); 3];
    for (at, key) in keys.iter().enumerate() {
        match back.get(&at) {
            Some((target, account)) => {
                let way = Move {
                    config: key.config,
                    target: target.clone(),
                    back_to: Some(*account),
                    activity: key.activity,
                };
                taken.push((at, way));
            }
            None => classes[key.activity as usize].push(at),
        }
    }
    let n = keys.len() - taken.len();
    let poured = pour(&groups, u32::try_from(n).unwrap_or(u32::MAX), limits.intake_cap);
    let mut dealt = deal(classes, &poured.quotas);
    unbar(&keys, &mut dealt.placed, &mut dealt.stranded, &free_after(&groups, &poured.quotas));
    // Accounts to be taken back go before all others of their class: they cost least and nobody waits for them.
    let class = |at: usize| keys[at].activity;
    let mut new = dealt.placed.into_iter().peekable();
    for (at, way) in taken {
        while let Some((next, target)) = new.next_if(|(next, _)| class(*next) < class(at)) {
            plan.moves.push(made(&keys[next], target));
        }
        plan.moves.push(way);
    }
    plan.moves.extend(new.map(|(at, target)| made(&keys[at], target)));
    let mut per_target: BTreeMap<&InstanceId, u32> = BTreeMap::new();
    for way in &plan.moves {
        *per_target.entry(&way.target).or_default() += 1;
    }
    plan.per_target = per_target.into_iter().map(|(id, count)| (id.clone(), count)).collect();
    dealt.stranded.sort_unstable();
    plan.stranded = dealt.stranded.into_iter().map(|at| keys[at].config).collect();
    plan
}

fn made(key: &Evacuee, target: InstanceId) -> Move {
    Move { config: key.config, target, back_to: None, activity: key.activity }
}

fn sorted(tags: &[String]) -> Vec<String> {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags
}

/// Whether an instance takes evacuees at all.
fn takes(candidate: &Candidate, source: &Source, now: Timestamp) -> bool {
    let well = match candidate.health {
        Health::Healthy | Health::Degraded => true,
        Health::Recovering => candidate.ramp > 0.0,
        Health::Unknown
        | Health::Suspect
        | Health::Unreachable
        | Health::ControlDown
        | Health::Down
        | Health::Misconfigured
        | Health::Blocked => false,
    };
    well && candidate.mode == Mode::Manage && candidate.admin_state.accepts(now) && candidate.id != source.id
}

/// How unlike the source a group is: another location, other labels, its tier, the same provider.
type Unlike = (bool, bool, u16, bool);

/// The targets, the most alike first; within a group by id.
fn groups(
    source: &Source,
    fleet: &[(Candidate, Counters)],
    limits: Limits,
    now: Timestamp,
) -> Vec<Vec<Target>> {
    let mut open: Vec<&(Candidate, Counters)> =
        fleet.iter().filter(|(candidate, _)| takes(candidate, source, now)).collect();
    open.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    open.dedup_by(|(a, _), (b, _)| a.id == b.id);
    let mean = mean_load(&open);
    let mut groups: BTreeMap<Unlike, Vec<Target>> = BTreeMap::new();
    for (candidate, counters) in open {
        let other_labels = sorted(&candidate.tags) != source.tags;
        let same_provider = source.provider.is_some() && candidate.provider == source.provider;
        let unlike = (candidate.region != source.region, other_labels, candidate.priority, same_provider);
        let share = if candidate.health == Health::Degraded { 0.5 } else { 1.0 };
        let capacity = candidate.capacity() * share;
        let ramped = if candidate.ramp < 1.0 {
            let most = candidate.ramp * mean * candidate.capacity();
            (most.floor() as u32).saturating_sub(counters.load())
        } else {
            u32::MAX
        };
        let places = |stop_at| room(*counters, candidate.max_users, stop_at).min(ramped);
        groups.entry(unlike).or_default().push(Target {
            instance: candidate.id.clone(),
            load: counters.load(),
            room_before_spill: places(limits.spill_at.min(limits.stop_at)),
            room: places(limits.stop_at),
            capacity,
        });
    }
    // Another provider first only where it can carry the group's load.
    let whole: Vec<Unlike> = groups.keys().filter(|unlike| unlike.3).copied().collect();
    for same in whole {
        let other = (same.0, same.1, same.2, false);
        let capacity =
            |unlike| groups.get(unlike).map_or(0.0, |group| group.iter().map(|t| t.capacity).sum::<f64>());
        if capacity(&other) < capacity(&same) {
            let mut group = groups.remove(&same).unwrap_or_default();
            group.extend(groups.remove(&other).unwrap_or_default());
            group.sort_by(|a, b| a.instance.cmp(&b.instance));
            groups.insert(other, group);
        }
    }
    groups.into_values().collect()
}

/// The load of those that are fully in, by capacity.
fn mean_load(open: &[&(Candidate, Counters)]) -> f64 {
    let steady = open.iter().filter(|(candidate, _)| candidate.ramp >= 1.0);
    let (load, capacity) = steady.fold((0.0, 0.0), |(load, capacity), (candidate, counters)| {
        (load + f64::from(counters.load()), capacity + candidate.capacity())
    });
    if capacity > 0.0 { load / capacity } else { 0.0 }
}

/// Which keys (by index) go back to an account of theirs, where that is as near as any target; the targets' loads grow
/// with them.
fn take_back(groups: &mut [Vec<Target>], keys: &[Evacuee]) -> HashMap<usize, (InstanceId, AssignmentId)> {
    let mut back = HashMap::new();
    if keys.iter().all(|key| key.left_on.is_empty()) {
        return back;
    }
    let Some(nearest) = groups.first_mut() else { return back };
    let mut at_home: HashMap<InstanceId, &mut Target> =
        nearest.iter_mut().map(|target| (target.instance.clone(), target)).collect();
    for (at, key) in keys.iter().enumerate() {
        let lasting = key.left_on.iter().filter(|(instance, _)| !key.barred.contains(instance));
        let mut lasting: Vec<_> =
            lasting.filter(|(instance, _)| at_home.contains_key(instance)).cloned().collect();
        lasting.sort();
        if let Some((instance, account)) = lasting.into_iter().next() {
            if let Some(target) = at_home.get_mut(&instance) {
                target.load = target.load.saturating_add(1);
            }
            back.insert(at, (instance, account));
        }
    }
    back
}

/// The room that the plan leaves on each target.
fn free_after(groups: &[Vec<Target>], quotas: &[(InstanceId, u32)]) -> Vec<(InstanceId, u32)> {
    let given: HashMap<&InstanceId, u32> = quotas.iter().map(|(id, count)| (id, *count)).collect();
    let targets = groups.iter().flatten();
    let usable = targets.filter(|target| target.capacity.is_finite() && target.capacity > 0.0);
    let left = usable.map(|target| {
        let given = given.get(&target.instance).copied().unwrap_or(0);
        (target.instance.clone(), target.room.saturating_sub(given))
    });
    left.filter(|(_, room)| *room > 0).collect()
}

/// How many others are looked at for an exchange with one key.
const EXCHANGES: usize = 4096;

/// Keys that were dealt a target they must not use, or that has an account of theirs, change with others; where nobody
/// can change, they take room that is left, or are stranded.
fn unbar(
    keys: &[Evacuee],
    placed: &mut Vec<(usize, InstanceId)>,
    stranded: &mut Vec<usize>,
    free: &[(InstanceId, u32)],
) {
    // An account there already: one key has at most one account on an instance.
    let may = |at: usize, target: &InstanceId| {
        let key = &keys[at];
        !key.barred.contains(target) && !key.left_on.iter().any(|(on, _)| on == target)
    };
    let bad: Vec<usize> = (0..placed.len()).filter(|&i| !may(placed[i].0, &placed[i].1)).collect();
    if bad.is_empty() {
        return;
    }
    let mut free = free.to_vec();
    let mut gone: Vec<usize> = Vec::new();
    let count = placed.len();
    for i in bad {
        // It may have been changed as the other one meanwhile.
        if may(placed[i].0, &placed[i].1) {
            continue;
        }
        let other = (1..count.min(EXCHANGES)).map(|step| (i + step) % count).find(|&j| {
            !gone.contains(&j) && may(placed[i].0, &placed[j].1) && may(placed[j].0, &placed[i].1)
        });
        if let Some(j) = other {
            let target = placed[i].1.clone();
            placed[i].1 = std::mem::replace(&mut placed[j].1, target);
            continue;
        }
        let left = free.iter_mut().find(|(target, room)| *room > 0 && may(placed[i].0, target));
        match left {
            Some((target, room)) => {
                *room -= 1;
                placed[i].1 = target.clone();
            }
            None => gone.push(i),
        }
    }
    gone.sort_unstable();
    for &i in gone.iter().rev() {
        let (at, target) = placed.remove(i);
        // The seat it gives back is for one who was stranded.
        let heir = stranded.iter().position(|&heir| may(heir, &target));
        if let Some(heir) = heir {
            placed.insert(i, (stranded.remove(heir), target));
        }
        stranded.push(at);
    }
    placed.sort_by_key(|(at, _)| keys[*at].activity);
}

#[cfg(test)]
pub(super) mod tests;
