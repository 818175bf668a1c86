//! The machine in virtual time, with the rhythm of the service: a day of a fleet passes in a second.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Data, Event, Machine, Seen, Thresholds, Wish};
use crate::domain::Timestamp;
use crate::domain::instance::Health;

/// An instance as it is in truth, and the way to it.
pub trait World {
    /// What a look at the API that begins at `at` finds, and after how long. Never longer than `timeout`.
    fn control(&mut self, at: Duration, timeout: Duration, rng: &mut StdRng) -> (Seen, Duration);
    /// The same for the endpoints.
    fn data(&mut self, at: Duration, timeout: Duration, rng: &mut StdRng) -> (Data, Duration);
    /// Whether the reference probes pass.
    fn reference(&mut self, at: Duration) -> bool;
}

/// A change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When, from the beginning.
    pub at: Duration,
    /// To what.
    pub to: Health,
}

/// A part of a second that everything takes at least.
const INSTANT: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy)]
enum Due {
    Check,
    Detail,
    Confirm,
    Arrived(Event),
}

/// What is due next, the earliest first.
#[derive(Default)]
struct Agenda {
    order: BinaryHeap<Reverse<(Duration, u64)>>,
    due: HashMap<u64, Due>,
    number: u64,
}

impl Agenda {
    fn put(&mut self, at: Duration, due: Due) {
        self.number += 1;
        self.order.push(Reverse((at, self.number)));
        self.due.insert(self.number, due);
    }

    fn next(&mut self) -> Option<(Duration, Due)> {
        let Reverse((at, number)) = self.order.pop()?;
        Some((at, self.due.remove(&number).expect("put together")))
    }
}

/// Runs a machine from healthy for `span`; its changes of state.
pub fn run(world: &mut impl World, thresholds: &Thresholds, span: Duration, seed: u64) -> Vec<Change> {
    let mut rng = StdRng::seed_from_u64(seed);
    let start = Timestamp::from_timestamp(1_795_000_000, 0).expect("a moment");
    let mut machine = Machine::new(Health::Healthy, start);
    let mut changes = Vec::new();
    let mut agenda = Agenda::default();
    agenda.put(thresholds.check_interval.mul_f64(rng.random()), Due::Check);
    agenda.put(thresholds.detailed_interval.mul_f64(rng.random()), Due::Detail);
    while let Some((at, due)) = agenda.next().filter(|(at, _)| *at <= span) {
        match due {
            Due::Check => {
                let (seen, took) = world.control(at, thresholds.check_timeout, &mut rng);
                agenda.put(at + took, Due::Arrived(Event::Quick(seen)));
                let next = thresholds.check_interval.mul_f64(rng.random_range(0.9..1.0));
                agenda.put(at + next, Due::Check);
            }
            Due::Detail => {
                let (seen, took) = world.control(at, thresholds.detailed_timeout, &mut rng);
                let event = match seen {
                    Seen::Good => Event::Detailed { nodes_down: false },
                    other => Event::Quick(other),
                };
                agenda.put(at + took, Due::Arrived(event));
                let next = thresholds.detailed_interval.mul_f64(rng.random_range(0.9..1.0));
                agenda.put(at + next, Due::Detail);
            }
            Due::Confirm => {
                let (seen, took) = world.control(at, thresholds.confirm_timeout, &mut rng);
                agenda.put(at + took, Due::Arrived(Event::Confirmation(seen)));
            }
            Due::Arrived(event) => {
                let step = machine.on(event, thresholds, start + at);
                if let Some((_, to)) = step.changed {
                    changes.push(Change { at, to });
                }
                match step.wish {
                    None => {}
                    Some(Wish::Confirm) => {
                        for turn in 0..thresholds.confirmations {
                            agenda.put(at + thresholds.confirm_every * turn, Due::Confirm);
                        }
                    }
                    Some(Wish::Data) => {
                        let (data, took) = world.data(at, thresholds.check_timeout, &mut rng);
                        agenda.put(at + took, Due::Arrived(Event::Data(data)));
                    }
                    Some(Wish::LastActs) => {
                        let reference = world.reference(at);
                        let again = at + INSTANT;
                        let (control, took) = world.control(again, thresholds.check_timeout, &mut rng);
                        let (data, also) = world.data(again, thresholds.check_timeout, &mut rng);
                        let acts = Event::LastActs { reference, control, data };
                        agenda.put(again + took.max(also), Due::Arrived(acts));
                    }
                }
            }
        }
    }
    changes
}

/// A look of a TCP connection and two round trips over a path that loses packets: a SYN is sent again after 1, 2, 4 s,
/// what follows after 0.3, 0.6 … s. `None`: it was not done within `timeout`.
pub fn over_loss(loss: f64, timeout: Duration, rng: &mut StdRng) -> Option<Duration> {
    let limit = timeout.as_secs_f64();
    let mut took = 0.0;
    for first in [1.0, 0.3, 0.3] {
        let mut again = first;
        while rng.random::<f64>() < loss || rng.random::<f64>() < loss {
            took += again;
            again *= 2.0;
            if took > limit {
                return None;
            }
        }
        took += 0.12 * rng.random_range(0.95..1.2);
    }
    (took <= limit).then(|| Duration::from_secs_f64(took))
}
