//! Telling about every instance: for `/why`, and for what the next key would get.

use super::slot::Class;
use super::{Mirror, NoPlace, Reason, Refusal, Request, Standing};
use crate::domain::instance::Health;
use crate::domain::{InstanceId, Region, Timestamp};

/// One instance in an explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its numbers.
    pub standing: Standing,
    /// What people read.
    pub name: String,
    /// Where it is.
    pub region: Region,
    /// Its tier.
    pub tier: u16,
    /// Its share.
    pub weight: f64,
    /// Its health.
    pub health: Health,
    /// How far it is in: 1 is fully.
    pub ramp: f64,
    /// Why it is no candidate; `None` when it is one.
    pub refusal: Option<Refusal>,
}

/// What would be chosen, and how every instance stood. For an instance asked for by name the rows tell how all would
/// have stood without that wish.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What would be chosen.
    pub chosen: Option<InstanceId>,
    /// Why, or why there is none.
    pub outcome: Result<Reason, NoPlace>,
    /// All instances: the candidates first, best first, then the refused by reason.
    pub rows: Vec<Row>,
}

impl Mirror {
    /// What [`choose`](Mirror::choose) would do with this request now, and why. Takes no place.
    #[must_use]
    pub fn explain(&self, request: &Request<'_>, now: Timestamp) -> Explanation {
        let mut mirror = self.clone();
        mirror.notice(now);
        let looked = mirror.look(request, now);
        let chosen = looked.as_ref().ok().map(|(at, _)| mirror.slots[*at].id().clone());
        let outcome = looked.map(|(_, reason)| reason);
        let open = Request { wanted: None, ..request.clone() };
        let found = mirror.find(&open);
        let strategy = mirror.policy.strategy;
        let mut order: Vec<(Option<Refusal>, u128, usize)> = (0..mirror.slots.len())
            .map(|at| (mirror.refusal(at, &open, found.as_ref()), mirror.slots[at].key(strategy, at), at))
            .collect();
        order.sort_unstable();
        let row = |(refusal, _, at): (Option<Refusal>, u128, usize)| {
            let slot = &mirror.slots[at];
            let candidate = &slot.candidate;
            Row {
                standing: slot.standing(strategy),
                name: candidate.name.clone(),
                region: candidate.region.clone(),
                tier: candidate.priority,
                weight: candidate.weight.get(),
                health: candidate.health,
                ramp: candidate.ramp,
                refusal,
            }
        };
        Explanation { chosen, outcome, rows: order.into_iter().map(row).collect() }
    }

    /// Where many keys with this request may go, for [`pour`](super::pour): healthy instances by tier, at other
    /// providers before the one to be avoided, then degraded ones in the same order; never suspect or quarantined ones,
    /// and none above `stop_at` of its cap, such as 0.95. With an instance asked for by name only that one, up to
    /// its cap, if it may be used.
    #[must_use]
    pub fn targets(&self, request: &Request<'_>, now: Timestamp, stop_at: f64) -> Vec<Vec<super::Target>> {
        let mut mirror = self.clone();
        mirror.notice(now);
        if let Some(wanted) = &request.wanted {
            let Some(slot) = mirror.index.get(wanted).map(|&at| &mirror.slots[at]) else { return Vec::new() };
            let usable = super::choose::wanted_refusal(slot, request, now).is_none();
            return if usable { vec![vec![mirror.target(slot, 1.0, false)]] } else { Vec::new() };
        }
        let mut sorted = Vec::new();
        for slot in &mirror.slots {
            let open = matches!(slot.class, Class::Healthy | Class::Degraded);
            // Whole panels go where instances stand: whoever chose an exit's location chooses again.
            let stands = request.region.as_ref().is_none_or(|region| *region == slot.candidate.region);
            let fits = stands
                && super::choose::unfit(slot, request).is_none()
                && !request.exclude.contains(slot.id());
            if open && fits {
                let group = (slot.class, slot.tier, super::choose::is_avoided(slot, request));
                sorted.push((group, slot.rank, mirror.target(slot, stop_at, true)));
            }
        }
        sorted.sort_by_key(|(group, rank, _)| (*group, *rank));
        let mut groups: Vec<Vec<super::Target>> = Vec::new();
        let mut last = None;
        for (group, _, target) in sorted {
            if last.replace(group) != Some(group) {
                groups.push(Vec::new());
            }
            if let Some(targets) = groups.last_mut() {
                targets.push(target);
            }
        }
        groups
    }

    fn target(&self, slot: &super::slot::Slot, stop_at: f64, ramped: bool) -> super::Target {
        let counters = slot.counters();
        let most = if ramped { self.ramp_room(slot) } else { u32::MAX };
        let until = |share| super::room(counters, slot.candidate.max_users, share).min(most);
        let before_spill = if ramped { self.policy.spill_at.min(stop_at) } else { stop_at };
        super::Target {
            instance: slot.id().clone(),
            load: counters.load(),
            room_before_spill: until(before_spill),
            room: until(stop_at),
            capacity: slot.candidate.capacity(),
        }
    }
}
