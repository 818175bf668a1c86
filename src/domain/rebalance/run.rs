//! A plan while it is carried out: what is begun, what may begin next, and when nothing is left to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Budget, Group, GroupKey, Looks, Member, Plan, Shift};
use crate::domain::InstanceId;

/// So many keys of one instance to another, and how many of them are on their way or there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// From here.
    pub from: InstanceId,
    /// To there.
    pub to: InstanceId,
    /// So many in all.
    pub count: u32,
    /// So many begun.
    pub begun: u32,
}

impl Leg {
    /// How many are not begun.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.count.saturating_sub(self.begun)
    }
}

/// What is done within one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The group.
    pub key: GroupKey,
    /// Its users when it was planned: the budget is a share of them.
    pub users: u64,
    /// The spread when it was planned.
    pub before: f64,
    /// The spread that was planned.
    pub after: f64,
    /// No plan can do with fewer moves.
    pub lower_bound: u32,
    /// From whom to whom.
    pub legs: Vec<Leg>,
    /// It takes back what a former one moved: an admin's wish, whatever the levels say.
    pub takes_back: bool,
}

impl Part {
    /// A group and its plan, nothing begun.
    #[must_use]
    pub fn of(group: &Group, plan: &Plan) -> Self {
        let leg = |shift: &Shift| Leg {
            from: shift.from.clone(),
            to: shift.to.clone(),
            count: shift.count,
            begun: 0,
        };
        Self {
            key: group.key.clone(),
            users: group.users(),
            before: plan.before,
            after: plan.after,
            lower_bound: plan.lower_bound,
            legs: plan.shifts.iter().map(leg).collect(),
            takes_back: false,
        }
    }

    /// All moves.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.legs.iter().map(|leg| leg.count).sum()
    }

    /// Moves that are not begun.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.legs.iter().map(Leg::left).sum()
    }

    /// How fast it may go.
    #[must_use]
    pub fn budget(&self) -> Budget {
        Budget::of(self.users)
    }

    /// Whether an instance takes part in it.
    #[must_use]
    pub fn touches(&self, instance: &InstanceId) -> bool {
        self.legs.iter().any(|leg| leg.from == *instance || leg.to == *instance)
    }

    /// The leg that may begin next and is worth most, with how many of it at once; `dry` ones are left out. `None`:
    /// nothing may begin at this moment.
    ///
    /// - Both ends are members now: healthy, open, with places.
    /// - No more than [`Budget::IN_FLIGHT`] are under way to or from an instance.
    /// - The target is emptier than the source even after the move: people come and go while a plan is carried out,
    ///   and what evened out by itself is not moved.
    #[must_use]
    pub fn next(
        &self,
        members: &[Member],
        in_flight: &BTreeMap<InstanceId, u32>,
        dry: &BTreeSet<(InstanceId, InstanceId)>,
    ) -> Option<Shift> {
        let free = |instance: &InstanceId| {
            Budget::IN_FLIGHT.saturating_sub(in_flight.get(instance).copied().unwrap_or_default())
        };
        let legs = self.legs.iter().filter(|leg| !dry.contains(&(leg.from.clone(), leg.to.clone())));
        let may_begin = legs.filter_map(|leg| {
            let (from, to) = (member(members, &leg.from)?, member(members, &leg.to)?);
            let count = leg.left().min(free(&leg.from)).min(free(&leg.to)).min(to.room);
            let gap = self.gap(from, to)?;
            (count > 0).then_some((gap, leg, count))
        });
        let (_, leg, count) = may_begin.max_by(|(a, x, _), (b, y, _)| {
            a.total_cmp(b).then_with(|| (&y.from, &y.to).cmp(&(&x.from, &x.to)))
        })?;
        Some(Shift { from: leg.from.clone(), to: leg.to.clone(), count })
    }

    /// How much fuller the source is than the target once one more has moved; `None`: not at all.
    fn gap(&self, from: &Member, to: &Member) -> Option<f64> {
        let gap = f64::from(from.users.saturating_sub(1)) / from.capacity
            - (f64::from(to.users) + 1.0) / to.capacity;
        (gap >= 0.0 || self.takes_back).then_some(gap)
    }

    /// Whether nothing is left to begin: all is begun, or the group became even by itself. `group`: as it is now, if it
    /// still is one.
    #[must_use]
    pub fn is_over(&self, group: Option<&Group>) -> bool {
        if self.left() == 0 {
            return true;
        }
        let Some(group) = group.filter(|_| !self.takes_back) else { return false };
        let overtaken = |leg: &Leg| match (member(&group.members, &leg.from), member(&group.members, &leg.to))
        {
            (Some(from), Some(to)) => self.gap(from, to).is_none(),
            _ => false,
        };
        let mut left = self.legs.iter().filter(|leg| leg.left() > 0);
        Looks::is_even(group.spread()) || left.all(overtaken)
    }
}

fn member<'a>(members: &'a [Member], instance: &InstanceId) -> Option<&'a Member> {
    members.iter().find(|member| member.instance == *instance)
}
