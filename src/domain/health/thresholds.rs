//! The numbers behind the states.

use std::time::Duration;

/// The numbers behind the states. They were derived by simulation: a black hole is confirmed within 19 s, a refusal
/// within 11.5 s, and 200 instances behind paths that lose a tenth of all packets see no false alarm in a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// Between two quick checks of an instance, give or take a tenth.
    pub check_interval: Duration,
    /// A quick check without an answer failed after this. Stalls of 1.5 s are normal.
    pub check_timeout: Duration,
    /// Between two detailed checks.
    pub detailed_interval: Duration,
    /// A detailed check without an answer failed after this.
    pub detailed_timeout: Duration,
    /// Confirmations after a failed quick check; one success among them cancels.
    pub confirmations: u32,
    /// Between the beginnings of two confirmations: they overlap.
    pub confirm_every: Duration,
    /// A confirmation without an answer failed after this.
    pub confirm_timeout: Duration,
    /// Good checks in a row that make an instance healthy.
    pub rise: u32,
    /// At least this long from the first to the last of them.
    pub rise_span: Duration,
    /// Hard errors of real calls in a row that make a doubt.
    pub hard_errors: u32,
    /// Below this share of successful real calls an instance is degraded.
    pub degraded_below: f64,
    /// Real calls that are needed to judge by their share.
    pub degraded_calls: u32,
    /// Over this time.
    pub degraded_window: Duration,
    /// Silence on both planes that convicts without a second voter and without a refusal.
    pub silence: Duration,
    /// Two voters agree when they vote within this time.
    pub quorum_window: Duration,
    /// An endpoint that did not pass within this time is not observable and proves nothing.
    pub observable_for: Duration,
    /// Misconfigured, with a dead data plane: after this an admin is asked whether to evacuate.
    pub misconfigured_ask: Duration,
    /// The quarantine after the first recovery; each further one within an hour adds as much.
    pub quarantine: Duration,
    /// The longest quarantine.
    pub quarantine_most: Duration,
    /// How long an instance ramps after quarantine.
    pub ramp: Duration,
    /// The share of the fleet that becomes bad at once and makes a panic.
    pub panic_enter: f64,
    /// Below this share of bad instances the panic ends.
    pub panic_leave: f64,
    /// Within this time they became bad; and so long they are few before it ends.
    pub panic_window: Duration,
    /// The share of the fleet that may be evacuated at a time; one always may.
    pub evacuate_share: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            check_interval: Duration::from_secs(5),
            check_timeout: Duration::from_secs(3),
            detailed_interval: Duration::from_secs(30),
            detailed_timeout: Duration::from_secs(10),
            confirmations: 5,
            confirm_every: Duration::from_millis(1_500),
            confirm_timeout: Duration::from_secs(5),
            rise: 2,
            rise_span: Duration::from_secs(5),
            hard_errors: 3,
            degraded_below: 0.8,
            degraded_calls: 20,
            degraded_window: Duration::from_secs(60),
            silence: Duration::from_secs(45),
            quorum_window: Duration::from_secs(5),
            observable_for: Duration::from_secs(86_400),
            misconfigured_ask: Duration::from_secs(600),
            quarantine: Duration::from_secs(30),
            quarantine_most: Duration::from_secs(300),
            ramp: Duration::from_secs(600),
            panic_enter: 0.3,
            panic_leave: 0.2,
            panic_window: Duration::from_secs(120),
            evacuate_share: 0.1,
        }
    }
}
