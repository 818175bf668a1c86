//! What is wrong around us: the clock, the anchors, our own address as others see it.

use std::time::Duration;

use crate::domain::{Clock, SystemClock, Timestamp};
use crate::panel::net_probe::NetProbe;
use crate::panel::outside::{self, Answered};
use crate::panel::probe::Probe;
use crate::settings::Settings;

use super::Findings;

/// An answer after this is none.
const PATIENCE: Duration = Duration::from_secs(5);
/// Clocks that differ by no more agree: the header has whole seconds, and the way takes its time.
const AGREE: i64 = 5;

/// By how many seconds a clock differs from ours, if that is worth a word.
pub(super) fn skew(seen: &Answered, now: Timestamp) -> Option<i64> {
    let skew = (now - seen.date?).num_seconds();
    (skew.abs() > AGREE).then_some(skew)
}

/// Our clock against those of machines that surely have the time.
pub(super) async fn clock(settings: &Settings, findings: &mut Findings) {
    let proxy = settings.telegram_proxy.as_ref().map(ToString::to_string);
    let anchors = settings.policy.care.anchors.iter().filter(|anchor| anchor.contains("://"));
    let places = anchors.map(|anchor| (anchor.clone(), None));
    let telegram = [(settings.api_url.to_string(), proxy)];
    let (mut asked, mut wrong) = (0, Vec::new());
    for (place, proxy) in places.chain(telegram) {
        let Ok(seen) = outside::look(&place, proxy.as_deref(), PATIENCE).await else { continue };
        if seen.date.is_some() {
            asked += 1;
            wrong.extend(skew(&seen, SystemClock.now()));
        }
    }
    match (asked, wrong.len()) {
        (0, _) => findings.note("Clock: nobody around tells the time; let NTP set it."),
        (asked, wrong_ones) if wrong_ones * 2 > asked => findings.bad(&format!(
            "Clock: it differs from the world's by {} s. Let NTP set it: keys would end at the wrong time, and votes \
             be void.",
            wrong[0]
        )),
        _ => findings.good("Clock: it agrees with the world's."),
    }
}

/// The places that prove that our own way into the world works.
pub(super) async fn anchors(settings: &Settings, findings: &mut Findings) {
    let anchors = &settings.policy.care.anchors;
    if anchors.is_empty() {
        return findings.bad(
            "Anchors: REFERENCE_PROBES names none: a failure of our own network could not be told from a panel's.",
        );
    }
    let probe = NetProbe::new();
    let looks = anchors.iter().map(|anchor| probe.anchor(anchor, PATIENCE));
    let answers = futures::future::join_all(looks).await;
    let silent: Vec<&str> = anchors
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| !answer.is_yes())
        .map(|(anchor, _)| anchor.as_str())
        .collect();
    let well = anchors.len() - silent.len();
    if well * 2 < anchors.len() {
        findings.bad(&format!(
            "Anchors: only {well} of {} answer; {} do not. Nothing is called dead meanwhile. Where they are blocked, \
             name others in REFERENCE_PROBES.",
            anchors.len(),
            silent.join(", ")
        ));
    } else {
        findings.good(&format!("Anchors: {well} of {} answer.", anchors.len()));
    }
}
