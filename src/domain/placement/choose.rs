//! Choosing one place.

use std::ops::Range;

use super::reason::SHORTLISTED;
use super::slot::{Class, OPEN_CLASSES, Slot, Tally};
use super::tree::{Least, leaf_of};
use super::{Decision, Mirror, NoPlace, Reason, Refusal, Refusals, Request, Shortlist, Step};
use crate::domain::{Region, Timestamp};

/// Where a place was found: how, in which tier, and whether a provider was avoided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    step: Step,
    tier: usize,
    avoided: bool,
    /// No instance that stands there could be taken.
    by_exit: bool,
    best: Least<SHORTLISTED>,
}

/// The ways in their order; see [`Step`].
const STEPS: [Step; 5] = [Step::Usual, Step::BeyondSpill, Step::OffTurn, Step::BeyondRamp, Step::Suspect];

impl Mirror {
    /// Chooses the place for one key and takes it in the mirror.
    ///
    /// - never an instance that is closed, observed, not well, excluded, or at its cap;
    /// - the least score among the candidates of the first [`Step`] and tier that has any;
    /// - the same seed and the same history give the same choice;
    /// - more capacity never makes a key unplaced.
    ///
    /// Costs one path down and one up the tree for each of the few best; allocates nothing: ids are shared, shortlist
    /// and counts are stored in place. (The end of a maintenance re-sorts the mirror once.)
    ///
    /// # Errors
    /// [`NoPlace`] when every instance is refused.
    pub fn choose(&mut self, request: &Request<'_>, now: Timestamp) -> Result<Decision, NoPlace> {
        self.notice(now);
        let (at, reason) = self.look(request, now)?;
        self.turn += 1;
        let turn = self.turn;
        self.change_at(at, |slot| {
            slot.in_flight[0] = slot.in_flight[0].saturating_add(1);
            slot.turn = turn;
        });
        Ok(Decision { instance: self.slots[at].id().clone(), reason })
    }

    /// The regions in which a key with this request would find a place, for those whose own region is full. The
    /// request's region is not asked.
    #[must_use]
    pub fn open_regions(&self, request: &Request<'_>, now: Timestamp) -> Vec<Region> {
        let mut mirror = self.clone();
        mirror.notice(now);
        let here = |region: &&Region| {
            mirror.look(&Request { region: Some((*region).clone()), ..request.clone() }, now).is_ok()
        };
        mirror.offered().iter().filter(here).cloned().collect()
    }

    /// What would be chosen and why; nothing is taken.
    pub(super) fn look(&self, request: &Request<'_>, now: Timestamp) -> Result<(usize, Reason), NoPlace> {
        if let Some(wanted) = &request.wanted {
            return self.look_at(wanted, request, now);
        }
        let found = self.find(request);
        let refused = self.count_refusals(request, found.as_ref());
        let Some(found) = found else { return Err(NoPlace { refused }) };
        let strategy = self.policy.strategy;
        let mut best = Shortlist::default();
        let mut chosen = None;
        for (place, key) in found.best.iter().enumerate() {
            chosen.get_or_insert(leaf_of(key));
            best.set(place, self.slots[leaf_of(key)].standing(strategy));
        }
        let Some(at) = chosen else { return Err(NoPlace { refused }) };
        let tier = self.tiers[found.tier];
        Ok((at, Reason { strategy, step: found.step, tier, urgency: request.urgency, best, refused }))
    }

    /// The instance asked for by name.
    fn look_at(
        &self,
        wanted: &crate::domain::InstanceId,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<(usize, Reason), NoPlace> {
        let refused = |refusal| {
            let mut refused = Refusals::default();
            refused.add(refusal, 1);
            NoPlace { refused }
        };
        let at = *self.index.get(wanted).ok_or_else(|| refused(Refusal::Unknown))?;
        let slot = &self.slots[at];
        if let Some(refusal) = wanted_refusal(slot, request, now) {
            return Err(refused(refusal));
        }
        let mut best = Shortlist::default();
        best.set(0, slot.standing(self.policy.strategy));
        let step = if request.force_closed { Step::Forced } else { Step::Wanted };
        let (strategy, tier, urgency) = (self.policy.strategy, slot.candidate.priority, request.urgency);
        Ok((at, Reason { strategy, step, tier, urgency, best, refused: Refusals::default() }))
    }

    /// The region's index, `Err` when no instance is there.
    fn region_of(&self, request: &Request<'_>) -> Result<Option<usize>, usize> {
        request.region.as_ref().map(|region| self.regions.binary_search(region)).transpose()
    }

    /// Where the region is, before where only an exit leads there.
    pub(super) fn find(&self, request: &Request<'_>) -> Option<Found> {
        let there = self.region_of(request).ok().and_then(|region| self.find_in(region, request, false));
        let by_exit = || self.find_in(None, request, true);
        there.or_else(|| (request.region.is_some() && self.has_exits).then(by_exit).flatten())
    }

    fn find_in(&self, region: Option<usize>, request: &Request<'_>, by_exit: bool) -> Option<Found> {
        for step in STEPS {
            for tier in 0..self.tiers.len() {
                let tally = &self.tallies[self.cell(tier, region)];
                if step == Step::Usual && tally.is_spilled(self.policy.spill_at) {
                    continue;
                }
                if request.prefer_not_provider.is_some() {
                    let best = self.search(step, tally, request, by_exit, true);
                    if !best.is_empty() {
                        return Some(Found { step, tier, by_exit, avoided: true, best });
                    }
                }
                let best = self.search(step, tally, request, by_exit, false);
                if !best.is_empty() {
                    return Some(Found { step, tier, by_exit, avoided: false, best });
                }
            }
        }
        None
    }

    fn search(
        &self,
        step: Step,
        tally: &Tally,
        request: &Request<'_>,
        by_exit: bool,
        avoid: bool,
    ) -> Least<SHORTLISTED> {
        // The span is in the region already, but for exits; what is left to ask of most requests is nothing.
        let choosy = by_exit || !request.tags.is_empty() || request.protocol.is_some();
        let mut spans: [Range<usize>; OPEN_CLASSES] = Default::default();
        for class in [Class::Healthy, Class::Degraded, Class::Suspect] {
            if let Some(index) = class.index().filter(|_| step_takes(step, class, request)) {
                spans[index] = tally.spans[index].clone();
            }
        }
        self.tree.search(&spans, &mut |at| {
            let slot = &self.slots[at];
            let turned_away = request.exclude.contains(slot.id())
                || choosy && unfit(slot, request).is_some()
                || avoid && is_avoided(slot, request);
            !turned_away && self.ramp_allows(slot, step)
        })
    }

    fn ramp_allows(&self, slot: &Slot, step: Step) -> bool {
        if slot.is_steady() {
            return true;
        }
        match step {
            Step::Usual | Step::BeyondSpill | Step::OffTurn => self.within_ramp(slot),
            Step::BeyondRamp | Step::Suspect | Step::Wanted => slot.ramp > 0.0,
            Step::Forced => true,
        }
    }

    /// Whether one more key keeps a ramping instance within its part of the group's mean load. With nobody to compare
    /// with it may fill freely: a fleet whose instances are all new must not stand still.
    fn within_ramp(&self, slot: &Slot) -> bool {
        if slot.is_steady() {
            return true;
        }
        let mean = self.tallies[self.cell(slot.tier, Some(slot.region))].mean();
        slot.ramp > 0.0 && mean.is_none_or(|mean| slot.user_load() <= slot.ramp * mean)
    }

    /// How many keys a ramping instance may take before it has its part of the mean.
    pub(super) fn ramp_room(&self, slot: &Slot) -> u32 {
        if slot.is_steady() {
            return u32::MAX;
        }
        let mean = self.tallies[self.cell(slot.tier, Some(slot.region))].mean();
        match mean {
            _ if slot.ramp <= 0.0 => 0,
            None => u32::MAX,
            Some(mean) => {
                let most = (slot.ramp * mean * slot.candidate.capacity()).floor();
                // A float beyond the range becomes the nearest bound.
                (most as u32).saturating_sub(slot.load())
            }
        }
    }

    /// Whether a slot is left out because instances that stand in the region were found.
    fn is_only_an_exit(slot: &Slot, request: &Request<'_>, found: Option<&Found>) -> bool {
        found.is_some_and(|found| !found.by_exit)
            && request.region.as_ref().is_some_and(|region| *region != slot.candidate.region)
    }

    /// Why a slot is no candidate for what was found; `None` when it is one.
    pub(super) fn refusal(&self, at: usize, request: &Request<'_>, found: Option<&Found>) -> Option<Refusal> {
        let slot = &self.slots[at];
        if let Class::Closed(refusal) = slot.class {
            return Some(refusal);
        }
        if Self::is_only_an_exit(slot, request, found) {
            return Some(Refusal::Region);
        }
        if let Some(refusal) = unfit(slot, request) {
            return Some(refusal);
        }
        if request.exclude.contains(slot.id()) {
            return Some(Refusal::Excluded);
        }
        self.passing_refusal(slot, request, found)
    }

    /// The refusals that depend on counts and turns.
    fn passing_refusal(&self, slot: &Slot, request: &Request<'_>, found: Option<&Found>) -> Option<Refusal> {
        if slot.is_full() {
            return Some(Refusal::Full);
        }
        if let Some(found) = found.filter(|found| found.tier == slot.tier)
            && step_takes(found.step, slot.class, request)
            && self.ramp_allows(slot, found.step)
        {
            return (found.avoided && is_avoided(slot, request)).then_some(Refusal::Provider);
        }
        if !self.within_ramp(slot) {
            return Some(Refusal::Ramping);
        }
        Some(waiting(slot.class, request))
    }

    /// The counts of all refusals: from the tallies when the request asks only for a region, else one by one.
    pub(super) fn count_refusals(&self, request: &Request<'_>, found: Option<&Found>) -> Refusals {
        // The sums know nothing of exits.
        let by_exit = request.region.is_some() && self.has_exits && found.is_none_or(|found| found.by_exit);
        let plain = request.tags.is_empty()
            && request.protocol.is_none()
            && !by_exit
            && found.is_none_or(|found| !found.avoided);
        match self.region_of(request) {
            Ok(region) if plain => self.sum_refusals(request, region, found),
            _ => self.scan_refusals(request, found),
        }
    }

    pub(super) fn scan_refusals(&self, request: &Request<'_>, found: Option<&Found>) -> Refusals {
        let mut refusals = Refusals::default();
        for refusal in (0..self.slots.len()).filter_map(|at| self.refusal(at, request, found)) {
            refusals.add(refusal, 1);
        }
        refusals
    }

    fn sum_refusals(&self, request: &Request<'_>, region: Option<usize>, found: Option<&Found>) -> Refusals {
        let mut refusals = self.closed;
        for tier in 0..self.tiers.len() {
            let (whole, here) =
                (&self.tallies[self.cell(tier, None)], &self.tallies[self.cell(tier, region)]);
            for class in [Class::Healthy, Class::Degraded, Class::Suspect] {
                let Some(index) = class.index() else { continue };
                refusals.add(Refusal::Region, whole.members(index) - here.members(index));
                refusals.add(Refusal::Full, here.full[index]);
                if let Some(refusal) = steady_refusal(class, tier, request, found) {
                    refusals.add(refusal, here.members(index) - here.full[index]);
                }
            }
        }
        // The sums took every one for steady and none for excluded.
        for slot in self.ramping.iter().map(|&at| &self.slots[at]) {
            if region.is_none_or(|region| region == slot.region) && !slot.is_full() {
                replace(
                    &mut refusals,
                    steady_refusal(slot.class, slot.tier, request, found),
                    self.passing_refusal(slot, request, found),
                );
            }
        }
        for (place, id) in request.exclude.iter().enumerate() {
            let Some(slot) = self.index.get(id).map(|&at| &self.slots[at]) else { continue };
            let open = slot.class.index().is_some() && region.is_none_or(|region| region == slot.region);
            if open && !request.exclude[..place].contains(id) {
                let counted = self.passing_refusal(slot, request, found);
                replace(&mut refusals, counted, Some(Refusal::Excluded));
            }
        }
        refusals
    }
}

/// Whether a step looks at instances of a class.
fn step_takes(step: Step, class: Class, request: &Request<'_>) -> bool {
    match (step, class) {
        (Step::Usual | Step::BeyondSpill | Step::BeyondRamp, Class::Healthy) => true,
        (Step::Usual | Step::BeyondSpill, Class::Degraded) => request.takes_degraded(),
        (Step::OffTurn | Step::BeyondRamp, Class::Degraded) | (Step::Suspect, Class::Suspect) => true,
        (Step::OffTurn | Step::Suspect, Class::Healthy)
        | (Step::Suspect, Class::Degraded)
        | (Step::Usual | Step::BeyondSpill | Step::OffTurn | Step::BeyondRamp, Class::Suspect)
        | (Step::Wanted | Step::Forced, _)
        | (_, Class::Closed(_)) => false,
    }
}

/// Why an instance with room is not taken, when its class or tier is to blame.
fn waiting(class: Class, request: &Request<'_>) -> Refusal {
    match class {
        Class::Degraded if !request.takes_degraded() => Refusal::Degraded,
        Class::Healthy | Class::Degraded => Refusal::Tier,
        Class::Suspect => Refusal::Suspect,
        Class::Closed(refusal) => refusal,
    }
}

/// The refusal of a fully ramped instance with room.
fn steady_refusal(
    class: Class,
    tier: usize,
    request: &Request<'_>,
    found: Option<&Found>,
) -> Option<Refusal> {
    let taken = found.is_some_and(|found| found.tier == tier && step_takes(found.step, class, request));
    (!taken).then(|| waiting(class, request))
}

fn replace(refusals: &mut Refusals, counted: Option<Refusal>, instead: Option<Refusal>) {
    if counted == instead {
        return;
    }
    if let Some(counted) = counted {
        refusals.take(counted);
    }
    if let Some(instead) = instead {
        refusals.add(instead, 1);
    }
}

/// Why an instance does not fit what was asked for, whatever its state.
pub(super) fn unfit(slot: &Slot, request: &Request<'_>) -> Option<Refusal> {
    let candidate = &slot.candidate;
    if request.region.as_ref().is_some_and(|region| !candidate.reaches(region)) {
        return Some(Refusal::Region);
    }
    if !request.tags.iter().all(|tag| candidate.tags.contains(tag)) {
        return Some(Refusal::Tag);
    }
    let speaks =
        |protocol: &str| candidate.protocols.is_empty() || candidate.protocols.iter().any(|p| p == protocol);
    if request.protocol.is_some_and(|protocol| !speaks(protocol)) {
        return Some(Refusal::ProtocolMissing);
    }
    None
}

pub(super) fn is_avoided(slot: &Slot, request: &Request<'_>) -> bool {
    request.prefer_not_provider.is_some() && slot.candidate.provider.as_deref() == request.prefer_not_provider
}

/// Why an instance asked for by name is refused.
pub(super) fn wanted_refusal(slot: &Slot, request: &Request<'_>, now: Timestamp) -> Option<Refusal> {
    // An admin who insists opens what admins closed. Health still counts: where nobody answers no account can be made.
    if let Class::Closed(refusal) = Class::of(&slot.candidate, request.force_closed, now) {
        return Some(refusal);
    }
    if let Some(refusal) = unfit(slot, request) {
        return Some(refusal);
    }
    if request.exclude.contains(slot.id()) {
        return Some(Refusal::Excluded);
    }
    if slot.is_full() {
        return Some(Refusal::Full);
    }
    (slot.ramp <= 0.0 && !request.force_closed).then_some(Refusal::Ramping)
}
