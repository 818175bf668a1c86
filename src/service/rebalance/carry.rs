//! A run goes on: as many moves are begun as its budget allows at this moment, then it is told how far it is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::domain::incident::{Entry, Kind};
use crate::domain::rebalance::{Budget, Group, Part, Shift};
use crate::domain::{BatchId, ConfigId, InstanceId, Timestamp};
use crate::panel::Call;
use crate::service::core::RebalanceMode;
use crate::service::incidents::Incidents;
use crate::service::pace::Class;
use crate::store::StoreError;
use crate::store::batches::BatchState;
use crate::store::rebalances::{NewMoves, Run, Started};

use super::Rebalance;
use super::look::{FLEET, percent};

/// Keys looked at more than are wanted, since some are in use.
const SPARE: u64 = 8;
/// Progress is told at most this often.
const TELL_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Rebalance {
    /// One step of a run that is open.
    pub(super) async fn carry_on(&self, run: Run, now: Timestamp) -> Result<(), StoreError> {
        let store = &self.core.store;
        let batch = run.batch;
        if run.automatic && self.core.policy.care.rebalance != RebalanceMode::Auto {
            tracing::info!(batch = batch.0, "what began by itself stops: REBALANCE is not auto any more");
            store.set_batch_state(batch, BatchState::Cancelled, now).await?;
            return self.tell_end(batch).await;
        }
        if run.state == BatchState::Running && self.hindrance(now).await?.is_none() {
            let groups = self.groups(now).await?;
            let started = store.rebalanced_since(now - TimeDelta::days(1)).await?;
            let mut begun = 0;
            for part in &run.parts {
                let group = groups.iter().find(|group| group.key == part.key);
                if let Some(group) = group.filter(|_| !part.is_over(group)) {
                    begun += self.begin_some(&run, part, group, &started, now).await?;
                }
            }
            if begun > 0 {
                self.core.placer.refresh(store).await?;
                self.core.signals.work.notify_one();
            }
            let idle = run.created_at.max(started.last().map_or(run.created_at, |last| last.at));
            if begun == 0 && self.is_over(batch, &groups, now - idle > Budget::PATIENCE).await? {
                if store.set_batch_state(batch, BatchState::Done, now).await? {
                    self.tell_end(batch).await?;
                }
                return Ok(());
            }
        }
        self.tell_progress(&run, now).await
    }

    /// Whether nothing is under way and nothing is left to begin.
    async fn is_over(&self, batch: BatchId, groups: &[Group], gave_up: bool) -> Result<bool, StoreError> {
        let store = &self.core.store;
        // Anew: what was begun meanwhile counts.
        let Some(run) = store.rebalance(batch).await? else { return Ok(true) };
        let of = |part: &Part| groups.iter().find(|group| group.key == part.key);
        let nothing_left = gave_up || run.parts.iter().all(|part| part.is_over(of(part)));
        Ok(nothing_left && store.batch_counts(batch).await?.open == 0)
    }

    /// Begins what the budget of one group allows now. How many.
    async fn begin_some(
        &self,
        run: &Run,
        part: &Part,
        group: &Group,
        started: &[Started],
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let here = |instance: &InstanceId| {
            part.touches(instance) || group.members.iter().any(|member| member.instance == *instance)
        };
        let started = || started.iter().filter(|move_| here(&move_.to));
        let within = |span: TimeDelta| {
            u32::try_from(started().filter(|move_| move_.at > now - span).count()).unwrap_or(u32::MAX)
        };
        let (hour, day) = (within(TimeDelta::hours(1)), within(TimeDelta::days(1)));
        let mut left = part.budget().left(hour, day, started().map(|move_| move_.at).max(), now);
        let mut in_flight: BTreeMap<InstanceId, u32> = BTreeMap::new();
        for move_ in started().filter(|move_| move_.is_open) {
            *in_flight.entry(move_.from.clone()).or_default() += 1;
            *in_flight.entry(move_.to.clone()).or_default() += 1;
        }
        let (mut part, mut members) = (part.clone(), group.members.clone());
        let (mut dry, mut all) = (BTreeSet::new(), 0);
        while left > 0 {
            let Some(mut shift) = part.next(&members, &in_flight, &dry) else { break };
            shift.count = shift.count.min(left);
            let begun = self.begin_moves(run, &shift, now).await?;
            let Shift { from, to, count } = shift;
            if begun < count {
                dry.insert((from.clone(), to.clone()));
            }
            for leg in part.legs.iter_mut().filter(|leg| leg.from == from && leg.to == to) {
                leg.begun += begun;
            }
            for member in &mut members {
                if member.instance == from {
                    member.users = member.users.saturating_sub(begun);
                } else if member.instance == to {
                    member.users += begun;
                    member.room = member.room.saturating_sub(begun);
                }
            }
            *in_flight.entry(from).or_default() += begun;
            *in_flight.entry(to).or_default() += begun;
            (left, all) = (left - begun, all + begun);
        }
        Ok(all)
    }

    /// Begins some moves from one instance to another, of keys that nobody uses now. How many.
    async fn begin_moves(&self, run: &Run, shift: &Shift, now: Timestamp) -> Result<u32, StoreError> {
        let keys = self.idle(run, shift, now).await?;
        if keys.is_empty() {
            return Ok(0);
        }
        let new = NewMoves {
            batch: run.batch,
            from: &shift.from,
            to: &shift.to,
            keys: &keys,
            installation: &self.core.installation,
        };
        self.core.store.begin_rebalance_moves(&new, now).await
    }

    /// Keys that may be moved and are not in use: what the database knows of that may be hours old, so their panel is
    /// asked.
    async fn idle(&self, run: &Run, shift: &Shift, now: Timestamp) -> Result<Vec<ConfigId>, StoreError> {
        let store = &self.core.store;
        let limit = u64::from(shift.count) + SPARE;
        let movable = store.movable(&shift.from, &shift.to, run.back_of, limit, now).await?;
        let mut idle = Vec::new();
        let Ok(panel) = self.core.panels.of(&shift.from).await else { return Ok(idle) };
        for key in movable {
            if idle.len() == usize::try_from(shift.count).unwrap_or(usize::MAX) {
                break;
            }
            let turn = self.core.panels.pace().turn(&shift.from, Class::Background).await;
            let answer = panel.get(&key.account, Call::BACKGROUND).await;
            turn.done(&answer);
            match answer {
                Ok(Some(shown)) => {
                    let link = shown.subscription_url.as_deref();
                    let (used, online_at) = (shown.used, shown.online_at);
                    store.saw_account(key.assignment, &key.account, used, link, online_at, now).await?;
                    if online_at.is_none_or(|at| at <= now - Budget::IDLE) {
                        idle.push(key.config);
                    }
                }
                // Whoever misses it decides what becomes of it.
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(
                        instance.id = shift.from.as_str(),
                        problem = error.word(),
                        "keys stay while their panel does not answer"
                    );
                    return Ok(Vec::new());
                }
            }
        }
        Ok(idle)
    }

    /// Tells whoever began it and, if there is an incident, all admins how far it is.
    async fn tell_progress(&self, run: &Run, now: Timestamp) -> Result<(), StoreError> {
        let counts = self.core.store.batch_counts(run.batch).await?;
        let settled = counts.done + counts.cancelled;
        {
            let mut memory = self.memory.lock().expect("never poisoned");
            let (at, told) = memory.told.entry(run.batch).or_insert((run.created_at, 0));
            if *told == settled || now < *at + TELL_EVERY {
                return Ok(());
            }
            (*at, *told) = (now, settled);
        }
        self.write_to_starter(run.by, run.batch, now).await?;
        let incidents = Incidents::new(self.core.clone());
        if incidents.open_of(Kind::Load, FLEET).await?.is_some() {
            let total = run.total();
            self.report(Entry::EveningOut { done: counts.done, total }, total).await?;
        }
        Ok(())
    }

    /// Tells that a run is over.
    pub(super) async fn tell_end(&self, batch: BatchId) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let Some(run) = store.rebalance(batch).await? else { return Ok(()) };
        self.memory.lock().expect("never poisoned").told.remove(&batch);
        let counts = store.batch_counts(batch).await?;
        let groups = self.groups(now).await?;
        let took_part = |group: &&Group| run.parts.iter().any(|part| part.key == group.key);
        let spread = groups.iter().filter(took_part).map(Group::spread).fold(0.0, f64::max);
        let spread_percent = percent(spread);
        tracing::info!(
            batch = batch.0,
            moved = counts.done,
            given_up = counts.cancelled,
            spread_percent,
            elapsed_ms = (now - run.created_at).num_milliseconds(),
            "evening out the load is over"
        );
        self.write_to_starter(run.by, batch, now).await?;
        let incidents = Incidents::new(self.core.clone());
        if incidents.open_of(Kind::Load, FLEET).await?.is_some() {
            let entry = Entry::EvenedOut { moved: counts.done, spread_percent };
            incidents.close(Kind::Load, FLEET, entry).await?;
        }
        Ok(())
    }
}
