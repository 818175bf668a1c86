//! One user, three panels, two moves: every interleaving of aborts, lost and late acknowledgements and duplicates.
//!
//! The protocol is the executor's, written down as a relation between states: everything durable, the worker without a
//! memory of its own, so that a crash is nothing but a stop. It shows why two of its rules exist: a settled history
//! (R3) before a panel is used again, and a tombstone for each abandoned target (R2).

use std::collections::{BTreeSet, HashSet, VecDeque};

use rstest::rstest;

const PANELS: u8 = 3;
const MOVES: u8 = 2;
const IN_FLIGHT: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Write {
    Create(u8),
    Delete(u8),
}

impl Write {
    fn panel(self) -> u8 {
        match self {
            Self::Create(panel) | Self::Delete(panel) => panel,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    /// Which panels have the account.
    present: [bool; PANELS as usize],
    /// Where the database says it is.
    primary: u8,
    /// The target of the open operation.
    target: Option<u8>,
    tombstones: BTreeSet<u8>,
    /// Requests whose acknowledgement was lost and that may still land, in order.
    in_flight: Vec<Write>,
    moves: u8,
}

impl State {
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        next
    }

    fn put(&mut self, panel: u8, present: bool) {
        self.present[usize::from(panel)] = present;
    }

    /// A request goes out, and nothing is heard of it.
    fn sent(&self, write: Write) -> Option<Self> {
        (self.in_flight.len() < IN_FLIGHT).then(|| {
            self.with(|next| {
                next.in_flight.push(write);
                next.in_flight.sort_unstable();
            })
        })
    }

    fn may_land_on(&self, panel: u8) -> bool {
        self.in_flight.iter().any(|write| write.panel() == panel)
    }

    fn is_quiet(&self) -> bool {
        self.target.is_none() && self.tombstones.is_empty() && self.in_flight.is_empty()
    }
}

/// The rules that may be taken out.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// R3: no operation on a panel whose history is unsettled.
    settled: bool,
    /// R2: an abandoned target gets a tombstone.
    buried: bool,
}

fn next(state: &State, rules: Rules) -> Vec<State> {
    let mut all = Vec::new();
    for at in 0..state.in_flight.len() {
        // It lands late, or never.
        let write = state.in_flight[at];
        all.push(state.with(|next| {
            next.in_flight.remove(at);
            next.put(write.panel(), matches!(write, Write::Create(_)));
        }));
        all.push(state.with(|next| {
            let _ = next.in_flight.remove(at);
        }));
    }
    if state.target.is_none() && state.moves < MOVES {
        for target in (0..PANELS).filter(|target| *target != state.primary) {
            if rules.settled && (state.tombstones.contains(&target) || state.may_land_on(target)) {
                continue;
            }
            all.push(state.with(|next| {
                next.target = Some(target);
                next.moves += 1;
            }));
        }
    }
    if let Some(target) = state.target {
        all.extend(state.sent(Write::Create(target)));
        // Acknowledged (or read back equal), and the switch.
        all.push(state.with(|next| {
            next.put(target, true);
            next.tombstones.remove(&target);
            next.tombstones.insert(state.primary);
            next.primary = target;
            next.target = None;
        }));
        // The target died: abandoned.
        all.push(state.with(|next| {
            next.target = None;
            if rules.buried {
                next.tombstones.insert(target);
            }
        }));
    }
    for &panel in &state.tombstones {
        all.extend(state.sent(Write::Delete(panel)));
        if !rules.settled || !state.may_land_on(panel) {
            all.push(state.with(|next| {
                next.put(panel, false);
                next.tombstones.remove(&panel);
            }));
        }
    }
    all
}

/// States, states in which the user has no account where the database says, quiet states, quiet states with an account
/// that nobody knows of.
fn explore(rules: Rules) -> (usize, usize, usize, usize) {
    let begin = State {
        present: [true, false, false],
        primary: 0,
        target: None,
        tombstones: BTreeSet::new(),
        in_flight: Vec::new(),
        moves: 0,
    };
    let mut seen = HashSet::from([begin.clone()]);
    let mut queue = VecDeque::from([begin]);
    let (mut cut_off, mut quiet, mut orphans) = (0, 0, 0);
    while let Some(state) = queue.pop_front() {
        cut_off += usize::from(!state.present[usize::from(state.primary)]);
        if state.is_quiet() {
            quiet += 1;
            let strange = |panel: u8| state.present[usize::from(panel)] && panel != state.primary;
            orphans += usize::from((0..PANELS).any(strange));
        }
        for next in next(&state, rules) {
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
    (seen.len(), cut_off, quiet, orphans)
}

#[rstest]
#[case::both_rules(true, true, (575, 0, 7, 0))]
#[case::without_r2(true, false, (532, 0, 16, 9))]
#[case::without_r3(false, true, (1186, 97, 21, 11))]
#[case::without_either(false, false, (796, 55, 19, 11))]
fn only_with_both_rules_nobody_is_cut_off_and_nothing_is_left(
    #[case] settled: bool,
    #[case] buried: bool,
    #[case] found: (usize, usize, usize, usize),
) {
    assert_eq!(explore(Rules { settled, buried }), found);
}
