//! One look, in the machine's words.

use std::time::Duration;

use futures::future::join_all;

use crate::domain::health::{Data, Seen, Thresholds};
use crate::domain::{InstanceId, Timestamp};
use crate::panel::endpoint::{Endpoint, endpoints_of};
use crate::panel::probe::Reached;
use crate::panel::{PanelError, Trouble};
use crate::service::Core;
use crate::store::StoreError;

/// Names are looked up beside others: when one is unknown and nothing else has answered for this long, the trouble is
/// our own.
const OTHERS_ANSWERED: Duration = Duration::from_secs(15);
/// Anchors that answered within this time are expected to answer.
const ANCHOR_COUNTS: Duration = Duration::from_secs(3_600);
/// Certificates of endpoints are looked at this often.
const CERTIFICATES: Duration = Duration::from_secs(3_600);
/// Endpoints that no link named for this long are forgotten.
const ENDPOINT_COUNTS: Duration = Duration::from_secs(86_400);

/// What a failed look at a panel says of it.
pub(super) fn seen(error: &PanelError, others_answer: bool) -> Seen {
    match error {
        PanelError::Unauthorised | PanelError::Forbidden | PanelError::Settings(_) => Seen::Foreign,
        // A challenge page and a front that asks for patience are no panel, and no death.
        PanelError::NotPanel(Trouble::Foreign(403 | 429 | 503)) => Seen::Front,
        PanelError::NotPanel(Trouble::Foreign(500..)) => Seen::Broken,
        PanelError::NotPanel(_) => Seen::Foreign,
        PanelError::NotFound
        | PanelError::Exists { .. }
        | PanelError::Invalid(_)
        | PanelError::Conflict(_) => Seen::Foreign,
        PanelError::Unavailable(trouble) | PanelError::Unclear(trouble) => match trouble {
            Trouble::Refused => Seen::Refused,
            Trouble::Timeout => Seen::Silent,
            Trouble::Cut | Trouble::Server(_) | Trouble::Garbled => Seen::Broken,
            Trouble::Certificate | Trouble::Foreign(_) => Seen::Foreign,
            Trouble::TooMany => Seen::Front,
            Trouble::Dns if others_answer => Seen::Broken,
            Trouble::Dns | Trouble::Unreachable | Trouble::Proxy | Trouble::TooLate | Trouble::Busy => {
                Seen::Local
            }
        },
    }
}

/// What the endpoints of an instance tell together.
pub(super) fn together(found: &[Reached]) -> Data {
    let proves: Vec<_> = found.iter().filter(|one| one.is_yes() || one.is_failure()).collect();
    if proves.iter().any(|one| one.is_yes()) {
        Data::Alive
    } else if proves.is_empty() {
        let local = found.iter().any(|one| matches!(one, Reached::Local(_)));
        if local { Data::Local } else { Data::Unobservable }
    } else if found.iter().any(|one| matches!(one, Reached::Local(_))) {
        Data::Local
    } else if proves.iter().all(|one| **one == Reached::Refused) {
        Data::Refused
    } else {
        Data::Silent
    }
}

/// Looks, over `core`.
#[derive(Clone)]
pub(super) struct Look {
    pub(super) core: Core,
}

impl Look {
    fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    fn thresholds(&self) -> &Thresholds {
        &self.core.policy.care.health
    }

    /// A quick look at a panel's API.
    pub(super) async fn control(&self, id: &InstanceId, timeout: Duration) -> Seen {
        self.timed(id, timeout).await.0
    }

    /// The quick look of every few seconds, which counts for the history. Confirmations do not: they would make each
    /// outage look longer than it was.
    pub(super) async fn quick(&self, id: &InstanceId, timeout: Duration) -> Seen {
        let (seen, took) = self.timed(id, timeout).await;
        if seen != Seen::Local {
            let now = self.now();
            self.core.panels.looks().lock().history.now(id, now).check(took);
        }
        seen
    }

    /// What a look found, and how long it took if it was a good one.
    async fn timed(&self, id: &InstanceId, timeout: Duration) -> (Seen, Option<Duration>) {
        let Ok(panel) = self.core.panels.of(id).await else { return (Seen::Foreign, None) };
        match panel.pulse(timeout).await {
            Ok(pulse) if pulse.core_started == Some(false) => (Seen::Broken, None),
            Ok(pulse) => (Seen::Good, Some(pulse.took)),
            Err(error) => (seen(&error, self.others_answer(id)), None),
        }
    }

    /// Whether another instance answered of late.
    pub(super) fn others_answer(&self, id: &InstanceId) -> bool {
        let since = self.now() - OTHERS_ANSWERED;
        let seens = self.core.panels.looks().lock();
        let answered = |(other, kept): (&InstanceId, &super::Kept)| {
            let good = |(at, seen): (Timestamp, Seen)| at >= since && seen == Seen::Good;
            other != id && kept.facts.quick.is_some_and(good)
        };
        seens.instances.iter().any(answered)
    }

    /// A look at the endpoints of an instance. Those that never passed from here in a day prove nothing.
    pub(super) async fn data(&self, id: &InstanceId) -> Result<Data, StoreError> {
        let since = self.now() - self.thresholds().observable_for;
        let stored = self.core.store.endpoints(id).await?;
        let known = stored.into_iter().filter(|one| one.good_at.is_some_and(|at| at >= since));
        let found = self.reach(known.collect()).await?;
        Ok(together(&found))
    }

    /// Looks at all endpoints of an instance, so that it is known which can be observed.
    pub(super) async fn learn(&self, id: &InstanceId) -> Result<(), StoreError> {
        let stored = self.core.store.endpoints(id).await?;
        let since = self.now() - self.thresholds().observable_for;
        let observed = stored.iter().any(|one| one.good_at.is_some_and(|at| at >= since));
        let data = together(&self.reach(stored).await?);
        // Where nothing can be observed from here, there is no history either.
        if data == Data::Alive || observed && matches!(data, Data::Refused | Data::Silent) {
            let now = self.now();
            self.core.panels.looks().lock().history.now(id, now).data_check(data == Data::Alive);
        }
        Ok(())
    }

    /// Looks once an hour when the certificates end that the addresses in users' links show.
    pub(super) async fn certificates(&self, id: &InstanceId) -> Result<(), StoreError> {
        let now = self.now();
        let Some(probe) = self.core.panels.probe() else { return Ok(()) };
        {
            let mut seens = self.core.panels.looks().lock();
            match seens.instances.get_mut(id) {
                Some(kept) if kept.certificates_at <= now => kept.certificates_at = now + CERTIFICATES,
                _ => return Ok(()),
            }
        }
        let timeout = self.thresholds().check_timeout;
        let stored = self.core.store.endpoints(id).await?;
        let endpoints =
            stored.into_iter().filter_map(|one| serde_json::from_value::<Endpoint>(one.spec).ok());
        let found = join_all(endpoints.filter(|one| one.own_certificate().is_some()).map(|endpoint| {
            let probe = probe.clone();
            async move { probe.certificate(&endpoint, timeout).await }
        }))
        .await;
        // Whoever did not answer now is still known from before.
        let first = found.into_iter().flatten().min();
        if let Some(kept) = self.core.panels.looks().lock().instances.get_mut(id)
            && first.is_some()
        {
            kept.links_certificate = first;
        }
        Ok(())
    }

    async fn reach(
        &self,
        stored: Vec<crate::store::endpoints::StoredEndpoint>,
    ) -> Result<Vec<Reached>, StoreError> {
        let Some(probe) = self.core.panels.probe() else { return Ok(Vec::new()) };
        let timeout = self.thresholds().check_timeout;
        let looks = stored.into_iter().filter_map(|one| {
            let endpoint: Endpoint = serde_json::from_value(one.spec).ok()?;
            endpoint.is_checkable().then_some((one.id, endpoint))
        });
        let found = join_all(looks.map(|(row, endpoint)| {
            let probe = probe.clone();
            async move { (row, probe.endpoint(&endpoint, timeout).await) }
        }))
        .await;
        let now = self.now();
        for (row, reached) in &found {
            // An oddity and our own trouble say nothing of the endpoint.
            if reached.is_yes() || reached.is_failure() {
                let problem = (!reached.is_yes()).then(|| reached.word());
                self.core.store.endpoint_checked(*row, problem, now).await?;
            }
        }
        Ok(found.into_iter().map(|(_, reached)| reached).collect())
    }

    /// Whether our own path works: at least half of what answered within the hour answers now. What else is watched
    /// counts as well as the anchors.
    pub(super) async fn reference(&self, but: &InstanceId) -> bool {
        let now = self.now();
        let (anchors, others) = {
            let seens = self.core.panels.looks().lock();
            let anchors = seens.anchors.iter().filter(|(_, at)| now - ANCHOR_COUNTS <= **at);
            let anchors: Vec<String> = anchors.map(|(anchor, _)| anchor.clone()).collect();
            let others = seens.instances.iter().filter(|(id, kept)| {
                *id != but && kept.facts.quick.is_some_and(|(at, _)| now - OTHERS_ANSWERED <= at)
            });
            let others: Vec<bool> = others
                .map(|(_, kept)| {
                    kept.facts
                        .quick
                        .is_some_and(|(_, seen)| matches!(seen, Seen::Good | Seen::Foreign | Seen::Front))
                })
                .collect();
            (anchors, others)
        };
        let answered = self.ask(&anchors).await.into_iter().filter(|answers| *answers).count();
        let good = answered + others.iter().filter(|good| **good).count();
        let all = anchors.len() + others.len();
        all > 0 && 2 * good >= all
    }

    /// Asks every anchor, and remembers which answered; whether our own path fails for sure: some answered within the
    /// hour, and fewer than half of them do now.
    pub(super) async fn anchors(&self) -> bool {
        let now = self.now();
        let anchors = self.core.policy.care.anchors.clone();
        let expected: Vec<bool> = {
            let seens = self.core.panels.looks().lock();
            let recent =
                |anchor: &String| seens.anchors.get(anchor).is_some_and(|at| now - ANCHOR_COUNTS <= *at);
            anchors.iter().map(recent).collect()
        };
        let answers = self.ask(&anchors).await;
        let pairs = || expected.iter().zip(&answers).filter(|(expected, _)| **expected);
        let (all, good) = (pairs().count(), pairs().filter(|(_, answers)| **answers).count());
        all > 0 && 2 * good < all
    }

    async fn ask(&self, anchors: &[String]) -> Vec<bool> {
        let Some(probe) = self.core.panels.probe() else { return vec![false; anchors.len()] };
        let timeout = self.thresholds().check_timeout;
        let answers = join_all(anchors.iter().map(|anchor| probe.anchor(anchor, timeout))).await;
        let now = self.now();
        let mut seens = self.core.panels.looks().lock();
        let answers: Vec<bool> = answers.into_iter().map(Reached::is_yes).collect();
        for (anchor, answered) in anchors.iter().zip(&answers) {
            if *answered {
                seens.anchors.insert(anchor.clone(), now);
            }
        }
        answers
    }

    /// Takes down where the links of an account on this instance lead.
    pub(super) async fn note_endpoints(&self, id: &InstanceId, links: &[String]) -> Result<(), StoreError> {
        let endpoints = endpoints_of(links);
        if endpoints.is_empty() {
            return Ok(());
        }
        let seen: Vec<_> = endpoints
            .iter()
            .filter_map(|one| Some((one.address(), serde_json::to_value(one).ok()?)))
            .collect();
        let now = self.now();
        self.core.store.saw_endpoints(id, &seen, now - ENDPOINT_COUNTS, now).await
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const YES: Reached = Reached::Yes { took: Duration::ZERO };

    #[rstest]
    #[case(&[], Data::Unobservable)]
    #[case(&[Reached::Odd("udp")], Data::Unobservable)]
    #[case(&[YES, Reached::Refused], Data::Alive)]
    #[case(&[Reached::Refused, Reached::Refused], Data::Refused)]
    #[case(&[Reached::Refused, Reached::Silent], Data::Silent)]
    #[case(&[Reached::OriginDead], Data::Silent)]
    #[case(&[Reached::Refused, Reached::Local("dns")], Data::Local)]
    #[case(&[Reached::Local("no-route")], Data::Local)]
    #[case(&[YES, Reached::Local("no-route")], Data::Alive)]
    fn endpoints_tell_together(#[case] found: &[Reached], #[case] data: Data) {
        assert_eq!(together(found), data);
    }

    #[rstest]
    #[case(PanelError::Unavailable(Trouble::Refused), true, Seen::Refused)]
    #[case(PanelError::Unclear(Trouble::Timeout), true, Seen::Silent)]
    #[case(PanelError::Unclear(Trouble::Server(502)), true, Seen::Broken)]
    #[case(PanelError::Unavailable(Trouble::Dns), true, Seen::Broken)]
    #[case(PanelError::Unavailable(Trouble::Dns), false, Seen::Local)]
    #[case(PanelError::Unavailable(Trouble::Unreachable), true, Seen::Local)]
    #[case(PanelError::Unavailable(Trouble::Proxy), true, Seen::Local)]
    #[case(PanelError::Unauthorised, true, Seen::Foreign)]
    #[case(PanelError::Unavailable(Trouble::Certificate), true, Seen::Foreign)]
    #[case(PanelError::NotPanel(Trouble::Foreign(403)), true, Seen::Front)]
    #[case(PanelError::NotPanel(Trouble::Foreign(502)), true, Seen::Broken)]
    #[case(PanelError::NotPanel(Trouble::Foreign(200)), true, Seen::Foreign)]
    fn what_a_failure_says(#[case] error: PanelError, #[case] others: bool, #[case] says: Seen) {
        assert_eq!(seen(&error, others), says);
    }
}
