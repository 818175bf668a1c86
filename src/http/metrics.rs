//! What the service measures, in the text format of Prometheus.
//!
//! What happens is counted where it happens, through the `metrics` facade, and kept by the recorder of this process.
//! What *is* (operations that wait, places taken, states) is read from the database when somebody asks, so that nothing
//! is told of an instance that is no more. Labels name instances, kinds, states and lanes: never people, keys or secrets.
//! An instance is called `panel` there: `instance` is the label by which Prometheus tells the processes it asks apart.

use std::fmt::Write as _;
use std::sync::OnceLock;

use chrono::TimeDelta;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::domain::Timestamp;
use crate::service::system::{self, Queues};
use crate::service::{Core, loops::Outcome};
use crate::store::vantages::Vantage;
use crate::store::{StoreError, flags};

/// Seconds: from a look at memory to a panel that is given up.
const BUCKETS: [f64; 10] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// The lanes of messages, by their numbers.
const LANES: [&str; 4] = ["reply", "alert", "notice", "bulk"];

/// A number: what it is called, its labels, and what it says.
pub type Measure = (&'static str, &'static [&'static str], &'static str);

/// What is counted in this process. The dashboard, the alerts, and the code that counts are tested against this list.
pub const COUNTED: &[Measure] = &[
    (
        "karvan_updates_total",
        &["kind", "outcome"],
        "Updates of Telegram that were handled, by kind and outcome.",
    ),
    ("karvan_update_seconds", &["kind"], "How long handling an update took."),
    (
        "karvan_webhook_total",
        &["outcome"],
        "What Telegram, or somebody else, brought to the webhook, by outcome.",
    ),
    (
        "karvan_panel_call_seconds",
        &["panel", "outcome"],
        "How long calls to panels took, by panel and outcome.",
    ),
    ("karvan_link_requests_total", &["outcome"], "Requests for links, by outcome."),
    ("karvan_task_runs_total", &["task", "outcome"], "Runs of the service's tasks, by outcome."),
    ("karvan_task_seconds", &["task"], "How long a run of a task took."),
];

/// What is read when somebody asks.
pub const READ: &[Measure] = &[
    ("karvan_build_info", &["version"], "The version, as a label."),
    ("karvan_start_time_seconds", &[], "When this process began."),
    ("karvan_memory_bytes", &[], "Memory that this process holds."),
    ("karvan_leader", &[], "Whether this process plans."),
    ("karvan_lease_epoch", &[], "How often the lease changed hands, while this process holds it."),
    ("karvan_replicas", &[], "Processes that share the database."),
    ("karvan_telegram_up", &[], "Whether Telegram answers this process."),
    ("karvan_flag", &["flag"], "Whether the fleet is held back, and by what."),
    ("karvan_operations", &["kind", "state"], "Operations that are open, by kind and state."),
    ("karvan_operation_oldest_seconds", &["kind", "state"], "The age of the oldest of them."),
    ("karvan_operations_unknown", &[], "Open operations of kinds that only a newer version knows."),
    ("karvan_waiting_keys", &[], "Keys that wait for room."),
    ("karvan_leftovers", &[], "Accounts that must still be deleted."),
    ("karvan_accounts", &["panel", "what"], "Accounts on an instance, by what they are."),
    ("karvan_capacity", &["panel"], "How many accounts an instance takes."),
    ("karvan_instance_state", &["panel", "state"], "1 for the state that an instance is in."),
    ("karvan_vantage_age_seconds", &["vantage"], "How long ago a vantage inside a country reported."),
    ("karvan_incidents", &["kind", "severity"], "Open incidents, by kind and severity."),
    ("karvan_outbox", &["lane"], "Messages to be sent, by lane."),
    ("karvan_outbox_oldest_seconds", &["lane"], "For how long the oldest message that is due has waited."),
    ("karvan_inbox", &[], "Updates that are not handled yet."),
    ("karvan_task_failures", &["task"], "How often a task failed in this process."),
    ("karvan_task_age_seconds", &["task"], "How long ago a task began its last run in this process."),
];

/// The recorder of this process; made by the first who asks.
pub fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let handle = RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
            .expect("there are buckets");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Another one is there only in a program that is not this one.
        drop(metrics::set_global_recorder(recorder));
        for (name, _, help) in COUNTED {
            if name.ends_with("_seconds") {
                metrics::describe_histogram!(*name, *help);
            } else {
                metrics::describe_counter!(*name, *help);
            }
        }
        handle
    });
    handle.clone()
}

/// Everything there is to tell at this moment.
///
/// # Errors
/// The database.
pub async fn render(core: &Core, recorder: &PrometheusHandle) -> Result<String, StoreError> {
    recorder.run_upkeep();
    let mut page = Page { text: recorder.render() };
    process(core, &mut page);
    let system = system::look(core).await?;
    queues(core, &system.queues, &mut page).await?;
    fleet(core, &system.vantages, &mut page).await?;
    Ok(page.text)
}

/// What this process is, and how its loops do.
fn process(core: &Core, page: &mut Page) {
    let (now, leader, loops) = (core.clock.now(), &core.leader, &core.signals.loops);
    page.gauge("karvan_build_info", [(vec![env!("CARGO_PKG_VERSION")], 1.0)]);
    let started = loops.started_at().map(|at| (vec![], seconds(at - Timestamp::UNIX_EPOCH)));
    page.gauge("karvan_start_time_seconds", started);
    page.gauge("karvan_memory_bytes", system::memory().map(|bytes| (vec![], count(bytes))));
    page.gauge("karvan_leader", [(vec![], f64::from(u8::from(leader.is_leader())))]);
    page.gauge("karvan_lease_epoch", leader.epoch().map(|epoch| (vec![], count(epoch.unsigned_abs()))));
    page.gauge("karvan_replicas", [(vec![], f64::from(leader.replicas()))]);
    let telegram = core.signals.telegram_answers();
    page.gauge("karvan_telegram_up", telegram.map(|up| (vec![], f64::from(u8::from(up)))));
    let loops = loops.all();
    let failures = loops.iter().map(|one| (vec![one.name], count(one.failures)));
    page.gauge("karvan_task_failures", failures);
    let ages = loops.iter().filter_map(|one| {
        let (began, _) = one.last.as_ref()?;
        Some((vec![one.name], seconds(now - *began)))
    });
    page.gauge("karvan_task_age_seconds", ages);
    debug_assert!(loops.iter().all(|one| one.problem.as_ref().is_none_or(|(_, how)| *how != Outcome::Done)));
}

/// What waits, all processes together.
async fn queues(core: &Core, waiting: &Queues, page: &mut Page) -> Result<(), StoreError> {
    let (store, now) = (&core.store, core.clock.now());
    let operations = store.operation_counts().await?;
    let each = operations.iter().map(|of| (vec![&*of.kind, &*of.state], count(of.count.unsigned_abs())));
    page.gauge("karvan_operations", each);
    let ages = operations
        .iter()
        .filter_map(|of| of.oldest.map(|oldest| (vec![&*of.kind, &*of.state], seconds(now - oldest))));
    page.gauge("karvan_operation_oldest_seconds", ages);
    page.gauge("karvan_operations_unknown", [(vec![], count(store.unknown_operations().await?))]);
    page.gauge("karvan_waiting_keys", [(vec![], count(waiting.waiting))]);
    page.gauge("karvan_leftovers", [(vec![], count(waiting.leftovers))]);
    page.gauge("karvan_inbox", [(vec![], count(waiting.updates))]);
    let lanes = store.waiting_by_lane(now).await?;
    let in_lane = |lane: usize| lanes.iter().find(|(known, ..)| usize::try_from(*known) == Ok(lane));
    let depths = LANES
        .iter()
        .enumerate()
        .map(|(lane, name)| (vec![*name], count(in_lane(lane).map_or(0, |(_, depth, _)| *depth))));
    page.gauge("karvan_outbox", depths);
    let ages = LANES.iter().enumerate().map(|(lane, name)| {
        let oldest = in_lane(lane).and_then(|(.., oldest)| *oldest);
        (vec![*name], oldest.map_or(0.0, |oldest| seconds(now - oldest)))
    });
    page.gauge("karvan_outbox_oldest_seconds", ages);
    Ok(())
}

/// The instances, and what is wrong with them.
async fn fleet(core: &Core, vantages: &[Vantage], page: &mut Page) -> Result<(), StoreError> {
    let store = &core.store;
    let mut raised = Vec::new();
    for flag in [flags::PANIC, flags::HOLD, flags::EVACUATIONS_PAUSED] {
        raised.push((vec![flag], f64::from(u8::from(store.is_raised(flag).await?))));
    }
    page.gauge("karvan_flag", raised);
    let counters = store.counters().await?;
    let accounts = counters.iter().flat_map(|(id, of)| {
        let parts = [
            ("active", of.active),
            ("reserved", of.reserved),
            ("lingering", of.lingering),
            ("foreign", of.foreign),
        ];
        parts.map(|(what, number)| (vec![id.as_str(), what], f64::from(number)))
    });
    page.gauge("karvan_accounts", accounts);
    let instances = store.instances().await?;
    let caps = instances.iter().map(|of| (vec![of.id.as_str()], f64::from(of.max_users)));
    page.gauge("karvan_capacity", caps);
    let health = store.health().await?;
    let words: Vec<_> = health
        .iter()
        .filter(|(id, _)| instances.iter().any(|instance| instance.id == *id))
        .map(|(id, report)| (id.as_str(), format!("{:?}", report.health).to_lowercase()))
        .collect();
    let states = words.iter().map(|(id, state)| (vec![*id, &**state], 1.0));
    page.gauge("karvan_instance_state", states);
    let now = core.clock.now();
    let ages = vantages.iter().filter_map(|of| {
        let seen_at = of.seen_at?;
        Some((vec![of.name.as_str()], seconds(now - seen_at)))
    });
    page.gauge("karvan_vantage_age_seconds", ages);
    let incidents = store.incident_counts().await?;
    let incidents =
        incidents.iter().map(|of| (vec![&*of.kind, &*of.severity], count(of.count.unsigned_abs())));
    page.gauge("karvan_incidents", incidents);
    Ok(())
}

/// What is written so far.
struct Page {
    text: String,
}

impl Page {
    /// A gauge of [`READ`] with its values, each after what its labels are.
    fn gauge<'a>(&mut self, name: &str, values: impl IntoIterator<Item = (Vec<&'a str>, f64)>) {
        let (name, labels, help) = READ.iter().find(|(known, ..)| *known == name).expect("listed");
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        // Writing into a text cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (are, value) in values {
            debug_assert_eq!(are.len(), labels.len(), "{name}");
            let labels: Vec<_> =
                labels.iter().zip(are).map(|(label, is)| format!("{label}=\"{}\"", escaped(is))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(self.text, "{name}{labels} {value}");
        }
    }
}

/// A label's value, as the text format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn seconds(time: TimeDelta) -> f64 {
    time.as_seconds_f64().max(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "no count that matters has more than 52 bits")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_out() {
        let mut page = Page { text: String::new() };
        page.gauge("karvan_capacity", [(vec!["a\"b\\c\nd"], 3.0)]);
        assert!(page.text.ends_with("karvan_capacity{panel=\"a\\\"b\\\\c\\nd\"} 3\n"), "{}", page.text);
        page.gauge("karvan_leader", []);
        assert!(!page.text.contains("karvan_leader"), "nothing to say, nothing said");
    }

    #[test]
    fn each_name_is_used_once() {
        let mut names: Vec<_> = COUNTED.iter().chain(READ).map(|(name, ..)| *name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
