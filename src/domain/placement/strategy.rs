//! What is minimised.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::NodeFacts;

/// How instances are compared. All are fed our exact counts and recent traffic, and none can make a NaN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The exact load, or the share of bandwidth in use where that is larger.
    #[default]
    Exact,
    /// Per node `active_users × 100 × usage_coefficient + traffic_gb`; the instance with the least node wins. A user
    /// of a panel lives on all its nodes, so the instance's exact count stands for each node's users.
    MarzbanLoad,
    /// `(current / max) / (preference × weight)`.
    Capacity,
    /// Each in turn, whatever its load.
    RoundRobin,
}

impl Strategy {
    /// The word in settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MarzbanLoad => "marzban-load",
            Self::Capacity => "capacity",
            Self::RoundRobin => "round-robin",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The text names no strategy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the placement is one of exact, marzban-load, capacity, round-robin")]
pub struct InvalidStrategy;

impl FromStr for Strategy {
    type Err = InvalidStrategy;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Exact, Self::MarzbanLoad, Self::Capacity, Self::RoundRobin];
        all.into_iter().find(|strategy| strategy.word() == text.trim()).ok_or(InvalidStrategy)
    }
}

/// How a fleet is filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// What is minimised within a tier.
    pub strategy: Strategy,
    /// The next tier opens when the load of one reaches this share of its `max_users`, such as 0.9.
    pub spill_at: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { strategy: Strategy::Exact, spill_at: 0.9 }
    }
}

/// A number from outside made fit for arithmetic: finite and within `0..=most`, else `otherwise`. Never the negative
/// zero, which equals zero and yet is ordered otherwise.
pub(super) fn sane(number: f64, most: f64, otherwise: f64) -> f64 {
    if number.is_finite() && number >= 0.0 { number.min(most) + 0.0 } else { otherwise }
}

/// The older node formula with `users` on the node.
pub(super) fn node_measure(node: &NodeFacts, users: u32) -> f64 {
    /// What a coefficient or a traffic figure can at most be; only nonsense lies above.
    const MOST: f64 = 1e12;
    let coefficient = sane(node.usage_coefficient, MOST, 1.0);
    f64::from(users) * 100.0 * coefficient + sane(node.traffic_gb_recent, MOST, 0.0)
}

/// The node whose links come first, as an index into `nodes`: the least by the older formula for
/// [`Strategy::MarzbanLoad`], else the one that the fewest of our users have first, then the least recent traffic.
/// The first of equals. `None` when none serves.
#[must_use]
pub fn preferred_node(nodes: &[NodeFacts], strategy: Strategy) -> Option<usize> {
    let measure = |node: &NodeFacts| match strategy {
        Strategy::MarzbanLoad => (node_measure(node, node.active_users), 0.0),
        Strategy::Exact | Strategy::Capacity | Strategy::RoundRobin => {
            (f64::from(node.active_users), sane(node.traffic_gb_recent, f64::MAX, 0.0))
        }
    };
    let serving = nodes.iter().enumerate().filter(|(_, node)| node.serves());
    let least = serving.map(|(index, node)| (measure(node), index)).min_by(|(a, _), (b, _)| {
        let (users, traffic) = (a.0.total_cmp(&b.0), a.1.total_cmp(&b.1));
        users.then(traffic)
    });
    least.map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{InvalidStrategy, NodeFacts, Strategy, node_measure, preferred_node};

    fn node(active_users: u32, usage_coefficient: f64, traffic_gb_recent: f64) -> NodeFacts {
        NodeFacts { connected: true, hidden: false, usage_coefficient, traffic_gb_recent, active_users }
    }

    #[test]
    fn a_strategy_survives_its_settings_word() {
        for strategy in [Strategy::Exact, Strategy::MarzbanLoad, Strategy::Capacity, Strategy::RoundRobin] {
            assert_eq!(strategy.to_string().parse(), Ok(strategy));
            assert_eq!(serde_json::to_value(strategy).unwrap(), strategy.word());
        }
        assert_eq!("least".parse::<Strategy>(), Err(InvalidStrategy));
    }

    #[test]
    fn the_older_formula_prefers_the_least_node() {
        // 10 × 100 × 1 + 50 = 1,050 against 5 × 100 × 2 + 49 = 1,049.
        let nodes = [node(10, 1.0, 50.0), node(5, 2.0, 49.0)];
        assert_eq!(preferred_node(&nodes, Strategy::MarzbanLoad), Some(1));
        let dead = nodes.map(|node| NodeFacts { connected: false, ..node });
        assert_eq!(preferred_node(&dead, Strategy::MarzbanLoad), None);
    }

    proptest! {
        #[test]
        fn nonsense_never_makes_a_nan(users in any::<u32>(), coefficient in any::<f64>(), traffic in any::<f64>()) {
            let measure = node_measure(&node(users, coefficient, traffic), users);
            prop_assert!(measure.is_finite() && measure >= 0.0);
        }

        #[test]
        fn a_dead_or_hidden_node_is_never_preferred(
            flags in proptest::collection::vec((any::<bool>(), any::<bool>(), 0u32..50), 0..8),
        ) {
            let nodes: Vec<NodeFacts> = flags
                .iter()
                .map(|&(connected, hidden, users)| NodeFacts { connected, hidden, ..node(users, 1.0, 0.0) })
                .collect();
            match preferred_node(&nodes, Strategy::Exact) {
                Some(index) => prop_assert!(nodes[index].serves()),
                None => prop_assert!(!nodes.iter().any(NodeFacts::serves)),
            }
        }
    }
}
