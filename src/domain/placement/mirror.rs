//! One process's view of the fleet's counters.

use std::collections::{BTreeSet, HashMap};

use super::slot::{Class, Slot, Tally};
use super::tree::LeastTree;
use super::{Candidate, Policy, Refusals};
use crate::domain::instance::{AdminState, Counters, Mode};
use crate::domain::key::Role;
use crate::domain::{InstanceId, Region, Timestamp};

/// After this many refreshes a decision that nobody settled turns from young to old, and after as many again it is
/// forgotten: its caller was cut off, and a place that nobody holds must not stay taken.
const FORGET_AFTER: u32 = 60;

/// The fleet as one process sees it: candidates, the counters as last told, and its own decisions in flight on top.
///
/// Each decision is settled once, by [`confirm`](Self::confirm), [`refused`](Self::refused) or
/// [`release`](Self::release). The counters may be a second old: what this process decided since is in flight, what
/// others decided is corrected by the conditional update. One mirror is used under one lock.
#[derive(Debug, Clone)]
pub struct Mirror {
    pub(super) seed: u64,
    pub(super) policy: Policy,
    /// By class, tier, region and rank, so that each group of a class is one span.
    pub(super) slots: Vec<Slot>,
    pub(super) index: HashMap<InstanceId, usize>,
    pub(super) tree: LeastTree,
    /// All tiers and regions that occur, in order.
    pub(super) tiers: Vec<u16>,
    pub(super) regions: Vec<Region>,
    /// Whether exits of any instance leave the network elsewhere than it stands.
    pub(super) has_exits: bool,
    /// One for each tier and region, and one for each tier as a whole; see [`Mirror::cell`].
    pub(super) tallies: Vec<Tally>,
    /// The closed instances, by reason.
    pub(super) closed: Refusals,
    /// The open slots that are not fully ramped.
    pub(super) ramping: Vec<usize>,
    /// The latest time told, and when the next maintenance ends.
    now: Timestamp,
    opens_at: Option<Timestamp>,
    pub(super) turn: u64,
    refreshes: u32,
}

impl Mirror {
    /// An empty mirror. `seed` orders equals: give each replica its own.
    #[must_use]
    pub fn new(seed: u64, policy: Policy) -> Self {
        Self {
            seed,
            policy,
            slots: Vec::new(),
            index: HashMap::new(),
            tree: LeastTree::default(),
            tiers: Vec::new(),
            regions: Vec::new(),
            has_exits: false,
            tallies: Vec::new(),
            closed: Refusals::default(),
            ramping: Vec::new(),
            now: Timestamp::MIN_UTC,
            opens_at: None,
            turn: 0,
            refreshes: 0,
        }
    }

    /// How it decides.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Takes over what the database says now and keeps the decisions in flight. An instance without counters counts as
    /// empty; the conditional update knows better. Of two candidates with one id the first is kept.
    pub fn refresh(&mut self, candidates: Vec<Candidate>, counters: &[(InstanceId, Counters)]) {
        let counters: HashMap<&InstanceId, Counters> =
            counters.iter().map(|(id, counters)| (id, *counters)).collect();
        self.refreshes += 1;
        if self.refreshes.is_multiple_of(FORGET_AFTER) {
            for slot in &mut self.slots {
                slot.in_flight = [0, slot.in_flight[0]];
            }
        }
        let mut slots: Vec<Slot> = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let counters = counters.get(&candidate.id).copied().unwrap_or_default();
            let before = self.index.get(&candidate.id).map(|&at| &self.slots[at]);
            let mut slot = Slot::new(candidate, counters);
            if let Some(before) = before {
                slot.inherit(before);
            }
            slots.push(slot);
        }
        slots.sort_by(|a, b| a.id().cmp(b.id()));
        slots.dedup_by(|later, first| later.id() == first.id());
        self.slots = slots;
        self.arrange();
    }

    /// The same where only counters may have changed since the last time.
    pub fn recount(&mut self, counters: &[(InstanceId, Counters)]) {
        let candidates = self.candidates().cloned().collect();
        self.refresh(candidates, counters);
    }

    /// The database counted our reservation: the decision is settled, `counters_after` are exact.
    pub fn confirm(&mut self, id: &InstanceId, counters_after: Counters) {
        self.change(id, |slot| {
            slot.settle();
            slot.counters = counters_after;
        });
    }

    /// The conditional update found no place: the decision is settled, `counters` are exact.
    pub fn refused(&mut self, id: &InstanceId, counters: Counters) {
        self.confirm(id, counters);
    }

    /// The decision is given up; nothing was written.
    pub fn release(&mut self, id: &InstanceId) {
        self.change(id, Slot::settle);
    }

    /// The database said this of an instance, without a decision of ours: a key ended or a move arrived.
    pub fn correct(&mut self, id: &InstanceId, counters: Counters) {
        self.change(id, |slot| slot.counters = counters);
    }

    /// The database let go of an account, and said no counts.
    pub fn left(&mut self, id: &InstanceId, role: Role) {
        self.change(id, |slot| {
            let count = match role {
                Role::Primary => &mut slot.counters.active,
                Role::Lingering | Role::Standby => &mut slot.counters.lingering,
            };
            *count = count.saturating_sub(1);
        });
    }

    /// An instance's counters, the decisions in flight among the reserved.
    #[must_use]
    pub fn counters(&self, id: &InstanceId) -> Option<Counters> {
        self.index.get(id).map(|&at| self.slots[at].counters())
    }

    /// The database took our decision or dropped it, and said no counts.
    pub fn settle(&mut self, id: &InstanceId, taken: bool) {
        self.change(id, |slot| {
            slot.settle();
            slot.counters.reserved = slot.counters.reserved.saturating_add(u32::from(taken));
        });
    }

    /// The database says that the instance is full, and no counts. Until the next refresh it takes no more.
    pub fn full(&mut self, id: &InstanceId) {
        self.change(id, |slot| {
            let missing = slot.candidate.max_users.saturating_sub(slot.counters().taken());
            slot.counters.foreign = slot.counters.foreign.saturating_add(missing);
        });
    }

    /// One instance.
    #[must_use]
    pub fn candidate(&self, id: &InstanceId) -> Option<&Candidate> {
        self.index.get(id).map(|&at| &*self.slots[at].candidate)
    }

    /// All instances it knows, in no order that means anything.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.slots.iter().map(|slot| &*slot.candidate)
    }

    /// Where keys can be: where instances that we manage stand, and where exits of them leave the network.
    #[must_use]
    pub fn offered(&self) -> BTreeSet<Region> {
        let managed = self.candidates().filter(|candidate| candidate.mode == Mode::Manage);
        managed.flat_map(|candidate| candidate.exits.iter().chain([&candidate.region])).cloned().collect()
    }

    /// Opens the instances whose maintenance has ended.
    pub(super) fn notice(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        if self.opens_at.is_some_and(|at| at <= now) {
            self.arrange();
        }
    }

    /// Where the tally of a tier lies, in one region or (`None`) as a whole.
    pub(super) fn cell(&self, tier: usize, region: Option<usize>) -> usize {
        tier * (self.regions.len() + 1) + region.unwrap_or(self.regions.len())
    }

    /// Changes a slot and everything summed over it.
    pub(super) fn change(&mut self, id: &InstanceId, change: impl FnOnce(&mut Slot)) {
        if let Some(&at) = self.index.get(id) {
            self.change_at(at, change);
        }
    }

    pub(super) fn change_at(&mut self, at: usize, change: impl FnOnce(&mut Slot)) {
        let slot = &mut self.slots[at];
        let (load, full) = (slot.load(), slot.is_full());
        change(slot);
        let (tier, region) = (slot.tier, slot.region);
        for cell in [self.cell(tier, Some(region)), self.cell(tier, None)] {
            self.tallies[cell].follow(&self.slots[at], load, full);
        }
        self.tree.set(at, self.slots[at].key(self.policy.strategy, at));
    }

    /// Sorts the slots into their groups and sums up anew.
    fn arrange(&mut self) {
        let mut slots = std::mem::take(&mut self.slots);
        let seed = self.seed;
        slots.sort_by_cached_key(|slot| (tie_hash(seed, slot.id()), slot.id().clone()));
        self.tiers = slots.iter().map(|slot| slot.candidate.priority).collect();
        self.tiers.sort_unstable();
        self.tiers.dedup();
        let mut regions: Vec<&Region> = slots.iter().map(|slot| &slot.candidate.region).collect();
        regions.sort_unstable();
        regions.dedup();
        self.regions = regions.into_iter().cloned().collect();
        for (rank, slot) in slots.iter_mut().enumerate() {
            slot.rank = rank as u32;
            slot.class = Class::of(&slot.candidate, false, self.now);
            // Each is in its list; the nearest place is never asked for.
            slot.tier = self.tiers.binary_search(&slot.candidate.priority).unwrap_or_else(|near| near);
            slot.region = self.regions.binary_search(&slot.candidate.region).unwrap_or_else(|near| near);
        }
        slots.sort_by_key(|slot| (slot.class, slot.tier, slot.region, slot.rank));
        self.has_exits = slots.iter().any(|slot| !slot.candidate.exits.is_empty());

        self.opens_at = slots.iter().filter_map(|slot| self.opening(&slot.candidate)).min();
        self.index = slots.iter().enumerate().map(|(at, slot)| (slot.id().clone(), at)).collect();
        self.tallies = vec![Tally::default(); self.tiers.len() * (self.regions.len() + 1)];
        self.closed = Refusals::default();
        self.ramping.clear();
        for (at, slot) in slots.iter().enumerate() {
            if let Class::Closed(refusal) = slot.class {
                self.closed.add(refusal, 1);
                continue;
            }
            for cell in [self.cell(slot.tier, Some(slot.region)), self.cell(slot.tier, None)] {
                self.tallies[cell].count(slot, at);
            }
            if !slot.is_steady() {
                self.ramping.push(at);
            }
        }
        let strategy = self.policy.strategy;
        self.tree = LeastTree::of(slots.iter().enumerate().map(|(at, slot)| slot.key(strategy, at)));
        self.slots = slots;
    }

    /// When a candidate's maintenance will end by itself.
    fn opening(&self, candidate: &Candidate) -> Option<Timestamp> {
        match candidate.admin_state {
            AdminState::Maintenance { until } => until.filter(|until| *until > self.now),
            AdminState::Open | AdminState::Cordoned => None,
        }
    }
}

/// The fixed order of equals: FNV-1a over the id, then the finaliser of SplitMix64, begun with the seed. Not the
/// standard library's hasher, whose result may change with a release and would change plans with it.
fn tie_hash(seed: u64, id: &InstanceId) -> u64 {
    let mut hash = seed ^ 0xcbf2_9ce4_8422_2325;
    for byte in id.as_str().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
