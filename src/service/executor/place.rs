//! Finding a target.

use std::time::Duration;

use crate::domain::account::AccountName;
use crate::domain::key::{Assignment, Standing};
use crate::domain::operation::{Cause, Kind, Operation, Outcome, TARGETS_WHILE_WAITED_FOR};
use crate::domain::placement::{Mirror, NoPlace, Request, Urgency};
use crate::domain::{InstanceId, Timestamp};
use crate::store::keys::Key;
use crate::store::operations::{Placement, Planned, Waiting};

use super::super::notice::{Lane, Notice};
use super::super::placer::is_beyond;
use super::{Executor, Stopped, is_first};

/// Races lost against other processes before the operation is put off.
const TRIES: usize = 8;
/// When a key that waits for room is looked at again unasked.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Newcomers wait behind those whose instance died.
const NEWCOMER: i32 = 1;
/// Those whose instance died.
const EVACUEE: i32 = 0;
/// Evacuees fill a survivor to this share of its cap; what is left there is for those who ask.
const STOP_AT: f64 = 0.95;

impl Executor {
    /// Gives the operation a target, or another one: the operation as it is then. `None`: it waits now, or has ended.
    pub(super) async fn place(&self, operation: &Operation, key: &Key) -> Result<Option<Operation>, Stopped> {
        if operation.kind == Kind::Move
            && key.config.standing(key.used_total(), self.now()) == Standing::Exhausted
        {
            let notice = Notice::WishFailed { config: key.config.id, problem: "nothing-left".to_owned() };
            let letter = self.to_owner(key, Lane::Reply, operation.screen, notice);
            let letters = if operation.cause.is_by_itself() { Vec::new() } else { vec![letter] };
            self.end(operation, Outcome::Cancelled, &letters).await?;
            return Ok(None);
        }
        if operation.cause == Cause::Rebalance {
            // Its target failed, or is dead: there it was to go, and nowhere else. The key is well where it is.
            self.end(operation, Outcome::Cancelled, &[]).await?;
            return Ok(None);
        }
        if self.is_there_already(operation, key) {
            let asked = operation.cause == Cause::Owner;
            let letters = if asked { self.switch_letters(operation, key) } else { Vec::new() };
            self.end(operation, Outcome::Done, &letters).await?;
            return Ok(None);
        }
        let failed_before = operation.tried.len() + usize::from(operation.target.is_some());
        if operation.person_waits && failed_before >= TARGETS_WHILE_WAITED_FOR {
            return self.wait(operation, key).await;
        }
        let buried: Vec<InstanceId> = key.buried.iter().map(|(instance, _)| instance.clone()).collect();
        if let Some(placement) = self.stay(operation, key, &buried) {
            return self.plan(operation, &placement).await;
        }
        let mut excluded = excluded(operation, key, buried);
        for _ in 0..TRIES {
            let _turn = self.core.placer.turn().await;
            let Ok((placement, chosen)) = self.choose(operation, key, &excluded) else {
                return self.wait(operation, key).await;
            };
            let beyond = stops_early(operation) && self.core.placer.is_beyond(&chosen, STOP_AT);
            let spoken_for =
                placement.takes_place && (beyond || self.is_spoken_for(operation, &chosen).await);
            if spoken_for {
                self.core.placer.settle(&chosen, false);
                excluded.push(chosen);
                continue;
            }
            self.at("plan")?;
            let installation = self.core.installation.clone();
            let config = key.config.id;
            let name = move |generation| AccountName::new(&installation, config, generation);
            let planned = self.core.store.plan_operation(operation, &placement, name, self.now()).await;
            let taken = matches!(planned, Ok(Planned::Yes(_))) && placement.takes_place;
            self.core.placer.settle(&chosen, taken);
            match planned? {
                Planned::Yes(planned) => {
                    self.at("planned")?;
                    return Ok(Some(*planned));
                }
                Planned::Full => self.core.placer.full(&chosen),
                Planned::Stale => return Ok(None),
            }
        }
        self.core.store.put_off(operation, self.now() + Duration::from_secs(1)).await?;
        Ok(None)
    }

    /// Whether a wish came true by another move while it waited: the key is where it was to go, and is served there.
    fn is_there_already(&self, operation: &Operation, key: &Key) -> bool {
        let Some(primary) = key.primary().filter(|_| operation.kind == Kind::Move) else { return false };
        let there = match (&operation.wanted, &operation.region) {
            (Some(wanted), _) => *wanted == primary.instance,
            (None, Some(region)) => self.core.placer.places_of(&primary.instance).contains(region),
            (None, None) => false,
        };
        there && operation.target.is_none() && self.core.placer.serves(&primary.instance)
    }

    /// Whether the places left on an instance belong to those who wait for one already: first come, first served.
    async fn is_spoken_for(&self, operation: &Operation, chosen: &InstanceId) -> bool {
        let regions = self.core.placer.places_of(chosen);
        let store = &self.core.store;
        // Ours is in the mirror already.
        let room = u64::from(self.core.placer.room(chosen)) + 1;
        // Where evacuees take no more, they stand in nobody's way.
        let classes = if self.core.placer.is_beyond(chosen, STOP_AT) { NEWCOMER } else { EVACUEE };
        let classes = classes..=class(operation);
        match store.waiting_before(operation, classes, chosen, &regions, self.now()).await {
            Ok(before) => before >= room,
            Err(error) => {
                // Whoever asks is not made to wait for a count; the reservation meets the database again.
                tracing::warn!(error = format!("{error:#}"), "cannot see who waits");
                false
            }
        }
    }

    /// A rotation stays where it is, if that instance serves: the new account takes the place of the old one.
    fn stay(&self, operation: &Operation, key: &Key, buried: &[InstanceId]) -> Option<Placement> {
        let primary = key.primary().filter(|_| operation.kind == Kind::Rotate)?;
        let instance = &primary.instance;
        let failed = operation.tried.contains(instance)
            || operation.target.as_ref().is_some_and(|target| target.instance == *instance);
        let elsewhere = operation.wanted.as_ref().is_some_and(|wanted| wanted != instance);
        if failed || elsewhere || buried.contains(instance) || !self.core.placer.serves(instance) {
            return None;
        }
        let reason = serde_json::json!({ "stays": instance });
        Some(Placement { instance: instance.clone(), takes_place: false, back_to: None, reason })
    }

    async fn plan(&self, operation: &Operation, placement: &Placement) -> Result<Option<Operation>, Stopped> {
        self.at("plan")?;
        let installation = self.core.installation.clone();
        let config = operation.config;
        let name = move |generation| AccountName::new(&installation, config, generation);
        let planned = self.core.store.plan_operation(operation, placement, name, self.now()).await?;
        self.at("planned")?;
        Ok(match planned {
            Planned::Yes(planned) => Some(*planned),
            Planned::Full | Planned::Stale => None,
        })
    }

    /// Chooses an instance: the location asked for; for a move without one, the location it has, before any other.
    fn choose(
        &self,
        operation: &Operation,
        key: &Key,
        excluded: &[InstanceId],
    ) -> Result<(Placement, InstanceId), NoPlace> {
        let asked = operation.region.clone().or_else(|| key.config.wanted_region.clone());
        let here = key.primary().and_then(|primary| self.core.placer.region_of(&primary.instance));
        // A working key elsewhere is better than a dead one where it was asked for.
        let leaves = operation.cause == Cause::Failover;
        let near = operation.cause != Cause::Owner && (asked.is_none() || leaves);
        let mut request = Request {
            region: if near { here } else { asked.clone() },
            exclude: excluded,
            wanted: operation.wanted.clone(),
            urgency: if is_first(operation) { Urgency::Newcomer } else { Urgency::Evacuee },
            tie: operation.config.0.unsigned_abs(),
            ..Request::default()
        };
        if operation.wanted.is_some() {
            request.region = None;
        }
        let decision = match self.core.placer.choose(&request, self.now()) {
            Err(_) if near && request.region.is_some() => {
                request.region = None;
                self.core.placer.choose(&request, self.now())
            }
            found => found,
        }?;
        let back_to = left_behind(operation, key, &decision.instance);
        let placement = Placement {
            instance: decision.instance.clone(),
            takes_place: back_to.is_none(),
            back_to: back_to.map(|account| account.id),
            reason: serde_json::to_value(&decision.reason).unwrap_or_default(),
        };
        Ok((placement, decision.instance))
    }

    /// Nothing can be had now. With a target it is tried again there later; without one the operation stands on the
    /// waitlist. Who waits is told once.
    async fn wait(&self, operation: &Operation, key: &Key) -> Result<Option<Operation>, Stopped> {
        let notice = Notice::KeyWaits { config: key.config.id, operation: operation.id };
        let letters = if operation.asked_by == Some(key.config.owner) || is_first(operation) {
            vec![self.to_owner(key, Lane::Reply, operation.screen, notice)]
        } else {
            Vec::new()
        };
        let next_at = self.now() + LOOK_AGAIN;
        self.at("wait")?;
        if operation.target.is_some() {
            let tell = if operation.person_waits { &letters[..] } else { &[] };
            self.core.store.keep_target(operation, next_at, tell, self.now()).await?;
        } else {
            self.core.store.wait_for_room(operation, class(operation), next_at, &letters, self.now()).await?;
        }
        self.at("waits")?;
        self.core.signals.operation_settled(operation.id);
        self.core.signals.mail.notify_one();
        Ok(None)
    }
}

/// Who waits longer: its class on the waitlist.
fn class(operation: &Operation) -> i32 {
    if operation.cause == Cause::Failover { EVACUEE } else { NEWCOMER }
}

/// Whether it leaves the last places of a survivor to those who ask.
fn stops_early(operation: &Operation) -> bool {
    operation.cause == Cause::Failover && !operation.person_waits
}

/// Whether one who waits would find a place now; that place is taken in the draft.
pub(super) fn finds_place(draft: &mut Mirror, waiting: Waiting, now: Timestamp) -> bool {
    let (region, mut excluded) = (waiting.region.filter(|_| waiting.wanted.is_none()), waiting.barred);
    loop {
        let request = Request {
            region: region.clone(),
            exclude: &excluded,
            wanted: waiting.wanted.clone(),
            tie: waiting.config.0.unsigned_abs(),
            ..Request::default()
        };
        let Ok(decision) = draft.choose(&request, now) else { return false };
        if waiting.class > EVACUEE || !is_beyond(draft, &decision.instance, STOP_AT) {
            return true;
        }
        draft.release(&decision.instance);
        excluded.push(decision.instance);
    }
}

/// Where the key must not go: where something of it must still be deleted, where it is, where it just failed.
fn excluded(operation: &Operation, key: &Key, mut excluded: Vec<InstanceId>) -> Vec<InstanceId> {
    excluded.extend(operation.tried.iter().cloned());
    excluded.extend(operation.target.iter().map(|target| target.instance.clone()));
    // Only accounts that can be taken back may be met again; the primary one, never.
    excluded.extend(key.primary().map(|primary| primary.instance.clone()));
    if operation.kind == Kind::Rotate {
        excluded.extend(key.lingering().map(|account| account.instance.clone()));
    }
    excluded
}

/// An account of the key that a former move left there, to be taken back instead of made anew.
fn left_behind<'a>(operation: &Operation, key: &'a Key, instance: &InstanceId) -> Option<&'a Assignment> {
    key.lingering().find(|account| operation.kind != Kind::Rotate && account.instance == *instance)
}
