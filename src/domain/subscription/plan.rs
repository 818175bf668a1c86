//! Which entry belongs to which node, which of them go, and in which order the rest stands.

use crate::domain::Region;

use super::{Entry, Sign};

/// What is known of a node when a subscription is handed out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Where its entries lead, as `host` or `host:port` (`[v6]:port`). One with a port counts for that port alone.
    pub addresses: Vec<String>,
    /// What entries of it are called: parts of their remarks, capitals or not. A part is not found within a longer
    /// word or number: `de` is in `DE1` but not in `Sweden`, `nl-1` not in `nl-12`. One without a letter tells nothing.
    pub remarks: Vec<String>,
    /// Where it leaves the network, if elsewhere than [`Plan::home`].
    pub region: Option<Region>,
    /// Its entries are not to be offered.
    pub hidden: bool,
    /// It does not work.
    pub dead: bool,
    /// Its entries stand before others of their location.
    pub preferred: bool,
}

/// How a subscription is to be rewritten. The default changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The nodes whose entries can be known.
    pub nodes: Vec<Node>,
    /// The location that was chosen; its entries come first.
    pub region: Option<Region>,
    /// Where nodes, and entries of no node, leave the network unless it is known better.
    pub home: Option<Region>,
    /// Whose subscription it is: the name that panels write into remarks.
    pub account: String,
    /// What admins said, which goes before all that is found out.
    pub assigned: Vec<Assigned>,
}

/// An admin's word on whose an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The entry.
    pub sign: Sign,
    /// The number of the node in the plan; `None`: it is none's.
    pub node: Option<usize>,
}

/// Whose an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// An admin said so: this node's, or none's.
    Said(Option<usize>),
    /// These nodes', by address or remark.
    Found(Vec<usize>),
    /// Nobody knows.
    Unknown,
}

impl Whose {
    /// The nodes, by their numbers in the plan.
    #[must_use]
    pub fn nodes(&self) -> &[usize] {
        match self {
            Self::Said(node) => node.as_slice(),
            Self::Found(nodes) => nodes,
            Self::Unknown => &[],
        }
    }
}

impl Plan {
    /// Whose an entry is: as an admin said; else by address and port, by address, by remark.
    #[must_use]
    pub fn whose(&self, entry: &Entry) -> Whose {
        whose(entry, &self.rules(), self)
    }

    fn rules(&self) -> Vec<Rule> {
        self.nodes.iter().enumerate().map(|(at, node)| Rule::of(at, node)).collect()
    }
}

/// The lower comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Kept only because something names it.
    unwanted: bool,
    elsewhere: bool,
    ordinary: bool,
}

/// What becomes of an item in some list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is no entry and stays where it is.
    Fixed,
    /// It goes.
    Out,
    /// It is an entry and goes where its rank puts it.
    At(Rank),
}

/// The numbers of the items that stay, in their new order: entries share the places that entries had, by rank, and by
/// their old order within a rank.
pub(super) fn arrange(count: usize, place: impl Fn(usize) -> Place) -> Vec<usize> {
    let mut ranked = Vec::new();
    let mut slots = Vec::with_capacity(count);
    for item in 0..count {
        match place(item) {
            Place::Out => {}
            Place::Fixed => slots.push(Some(item)),
            Place::At(rank) => {
                ranked.push((rank, item));
                slots.push(None);
            }
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut ranked = ranked.into_iter().map(|(_, item)| item);
    slots.into_iter().filter_map(|slot| slot.or_else(|| ranked.next())).collect()
}

/// Whether an order leaves all of `count` items as they were.
pub(super) fn is_old_order(order: &[usize], count: usize) -> bool {
    order.iter().copied().eq(0..count)
}

/// What becomes of each entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    ranks: Vec<Rank>,
}

impl Verdict {
    pub(super) fn of(entries: &[Entry], plan: &Plan) -> Self {
        let rules = plan.rules();
        let mut ranks: Vec<Rank> = entries.iter().map(|entry| rank(entry, &rules, plan)).collect();
        if ranks.iter().all(|rank| rank.unwanted) {
            ranks.iter_mut().for_each(|rank| rank.unwanted = false);
        }
        Self { ranks }
    }

    /// Whether the entry goes.
    pub(super) fn is_out(&self, entry: usize) -> bool {
        self.ranks[entry].unwanted
    }

    pub(super) fn rank(&self, entry: usize) -> Rank {
        self.ranks[entry]
    }

    pub(super) fn place(&self, entry: usize) -> Place {
        if self.is_out(entry) { Place::Out } else { Place::At(self.rank(entry)) }
    }

    /// The entries that stay, best first.
    pub(super) fn kept(&self) -> Vec<usize> {
        arrange(self.ranks.len(), |entry| self.place(entry))
    }

    pub(super) fn left_out(&self) -> usize {
        self.ranks.iter().filter(|rank| rank.unwanted).count()
    }

    /// Whether all entries are alike, so that nothing goes and nothing moves.
    pub(super) fn changes_nothing(&self) -> bool {
        self.left_out() == 0 && self.ranks.windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// A node as entries are held against it.
struct Rule {
    /// The node's number in the plan.
    at: usize,
    addresses: Vec<(String, Option<u16>)>,
    remarks: Vec<String>,
}

impl Rule {
    fn of(at: usize, node: &Node) -> Self {
        let addresses = node.addresses.iter().map(|address| split_address(address));
        let remarks = node.remarks.iter().map(|part| part.trim().to_lowercase());
        Self {
            at,
            addresses: addresses.filter(|(host, _)| !host.is_empty()).collect(),
            remarks: remarks.filter(|part| part.contains(char::is_alphabetic)).collect(),
        }
    }

    /// How exactly it names the entry's address: 2 with its port, 1 without, 0 not at all.
    fn address(&self, entry: &Entry) -> usize {
        let exactness = |(host, port): &(String, Option<u16>)| match port {
            _ if *host != entry.host => 0,
            None => 1,
            Some(port) if Some(*port) == entry.port => 2,
            Some(_) => 0,
        };
        self.addresses.iter().map(exactness).max().unwrap_or(0)
    }

    /// The length of the longest of its parts that is in the remark (in lower case).
    fn remark(&self, remark: &str) -> usize {
        self.remarks.iter().filter(|part| contains_part(remark, part)).map(String::len).max().unwrap_or(0)
    }
}

fn rank(entry: &Entry, rules: &[Rule], plan: &Plan) -> Rank {
    let whose = whose(entry, rules, plan);
    let nodes = || whose.nodes().iter().filter_map(|at| plan.nodes.get(*at));
    // Several nodes behind one address: the entry is good as long as one of them is.
    let unwanted = nodes().next().is_some() && nodes().all(|node| node.hidden || node.dead);
    let mut usable = nodes().filter(|node| unwanted || !(node.hidden || node.dead));
    let is_here = |region: &Option<Region>| plan.region.is_none() || *region == plan.region;
    let here = match nodes().next() {
        None => is_here(&plan.home),
        Some(_) => {
            usable.clone().any(|node| is_here(if node.region.is_some() { &node.region } else { &plan.home }))
        }
    };
    Rank { unwanted, elsewhere: !here, ordinary: !usable.any(|node| node.preferred) }
}

fn whose(entry: &Entry, rules: &[Rule], plan: &Plan) -> Whose {
    let said = if plan.assigned.is_empty() {
        None
    } else {
        let sign = Sign::of(entry, &plan.account);
        plan.assigned.iter().find(|assigned| assigned.sign == sign)
    };
    match said {
        Some(assigned) => Whose::Said(assigned.node),
        None => match matching(entry, rules) {
            found if found.is_empty() => Whose::Unknown,
            found => Whose::Found(found),
        },
    }
}

/// The nodes an entry belongs to: by address and port, else by address, else by remark. Where an address is shared,
/// the remark decides among those who share it, if it can.
fn matching(entry: &Entry, rules: &[Rule]) -> Vec<usize> {
    let remark = entry.remark.to_lowercase();
    let by_address = best(rules.iter(), |rule| rule.address(entry));
    let by_remark = if by_address.is_empty() {
        best(rules.iter(), |rule| rule.remark(&remark))
    } else {
        best(by_address.iter().copied(), |rule| rule.remark(&remark))
    };
    let found = if by_remark.is_empty() { by_address } else { by_remark };
    found.into_iter().map(|rule| rule.at).collect()
}

/// Those with the highest score, if that is above zero.
fn best<'r>(rules: impl Iterator<Item = &'r Rule>, score: impl Fn(&Rule) -> usize) -> Vec<&'r Rule> {
    let mut highest = 1;
    let mut found = Vec::new();
    for rule in rules {
        let score = score(rule);
        if score > highest {
            highest = score;
            found.clear();
        }
        if score == highest {
            found.push(rule);
        }
    }
    found
}

/// Whether `part` stands in `text` as a word of its own: what touches it is of another kind than its edge.
fn contains_part(text: &str, part: &str) -> bool {
    let joined = |a: Option<char>, b: Option<char>| match (a, b) {
        (Some(a), Some(b)) => a.is_alphabetic() && b.is_alphabetic() || a.is_numeric() && b.is_numeric(),
        _ => false,
    };
    text.match_indices(part).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !joined(before, found.chars().next()) && !joined(found.chars().next_back(), after)
    })
}

/// `host:port`, `[v6]:port`, a bare host or a bare IPv6 address.
fn split_address(address: &str) -> (String, Option<u16>) {
    let address = address.trim();
    let after_bracket = address.rfind(']').map_or(0, |at| at + 1);
    let bare_v6 = after_bracket == 0 && address.matches(':').count() > 1;
    match address[after_bracket..].rsplit_once(':') {
        Some((head, port)) if !bare_v6 => {
            (plain_host(&address[..after_bracket + head.len()]), port.parse().ok())
        }
        _ => (plain_host(address), None),
    }
}

/// A host name as names are compared.
pub(super) fn plain_host(host: &str) -> String {
    let host = host.trim();
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(remark: &str, address: &str) -> Entry {
        let (host, port) = split_address(address);
        Entry { remark: remark.into(), host, port }
    }

    fn node(addresses: &[&str], remarks: &[&str]) -> Node {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Node { addresses: owned(addresses), remarks: owned(remarks), ..Node::default() }
    }

    /// Which of the nodes an entry belongs to, by their numbers.
    fn found(entry: &Entry, nodes: &[Node]) -> Vec<usize> {
        let plan = Plan { nodes: nodes.to_vec(), ..Plan::default() };
        plan.whose(entry).nodes().to_vec()
    }

    #[test]
    fn the_more_exact_address_wins() {
        let nodes = [node(&["relay.example.com"], &[]), node(&["Relay.Example.com.:8443"], &[])];
        assert_eq!(found(&entry("a", "relay.example.com:443"), &nodes), [0]);
        assert_eq!(found(&entry("a", "relay.example.com:8443"), &nodes), [1]);
        assert_eq!(found(&entry("a", "elsewhere.example.com:443"), &nodes), [0_usize; 0]);
    }

    #[test]
    fn the_remark_decides_where_the_address_is_shared_or_unknown() {
        let cdn = "cdn.example.com:443";
        let nodes = [node(&[cdn], &["nl-1"]), node(&[cdn], &["nl-12"]), node(&["1.1.1.1"], &["fi"])];
        assert_eq!(found(&entry("🇳🇱 NL-1 | fast", cdn), &nodes), [0]);
        assert_eq!(found(&entry("🇳🇱 NL-12", cdn), &nodes), [1]);
        assert_eq!(found(&entry("🇳🇱 Amsterdam", cdn), &nodes), [0, 1]);
        assert_eq!(found(&entry("FI via relay", "9.9.9.9:1"), &nodes), [2]);
        assert_eq!(found(&entry("wifi", "9.9.9.9:1"), &nodes), [0_usize; 0]);
    }

    #[test]
    fn addresses_are_read_in_each_form() {
        assert_eq!(split_address("[2001:DB8::1]:443"), ("2001:db8::1".into(), Some(443)));
        assert_eq!(split_address("2001:db8::1"), ("2001:db8::1".into(), None));
        assert_eq!(split_address(" NL.example.com. "), ("nl.example.com".into(), None));
        assert_eq!(split_address("nl.example.com:443"), ("nl.example.com".into(), Some(443)));
    }

    #[test]
    fn the_chosen_location_comes_first_then_the_preferred_node() {
        let here = |code: &str| Some(code.parse::<Region>().unwrap());
        let nodes = vec![
            Node { region: here("de"), preferred: true, ..node(&["de"], &[]) },
            Node { region: here("nl"), ..node(&["nl1"], &[]) },
            Node { region: here("nl"), preferred: true, ..node(&["nl2"], &[]) },
            Node { region: here("nl"), dead: true, ..node(&["nl3"], &[]) },
        ];
        let entries = ["other", "nl3", "de", "nl1", "nl2", "nl1"].map(|host| entry("", host));
        let plan = Plan { nodes, region: here("nl"), ..Plan::default() };
        assert_eq!(Verdict::of(&entries, &plan).kept(), [4, 3, 5, 2, 0]);
        let anywhere = Plan { region: None, ..plan };
        assert_eq!(Verdict::of(&entries, &anywhere).kept(), [2, 4, 0, 3, 5]);
    }

    #[test]
    fn nobody_is_left_without_an_entry() {
        let plan = Plan { nodes: vec![Node { dead: true, ..node(&["nl"], &[]) }], ..Plan::default() };
        let entries = [entry("", "nl"), entry("", "nl")];
        assert_eq!(Verdict::of(&entries, &plan).kept(), [0, 1]);
    }

    #[test]
    fn an_entry_serves_as_long_as_one_of_its_nodes_does() {
        let dead = Node { dead: true, ..node(&["relay"], &[]) };
        let plan = Plan { nodes: vec![dead, node(&["relay"], &[])], ..Plan::default() };
        assert_eq!(Verdict::of(&[entry("", "relay"), entry("", "x")], &plan).left_out(), 0);
    }

    #[test]
    fn an_admins_word_goes_before_what_is_found_out() {
        let said = |remark: &str, node| {
            let sign = Sign::of(&entry(remark, "cdn:443"), "alice");
            Assigned { sign, node }
        };
        let dead = Node { dead: true, ..node(&["cdn"], &["nl"]) };
        let plan = Plan {
            nodes: vec![dead, node(&["fi"], &[])],
            account: "bob".into(),
            assigned: vec![said("fast alice 3 GB", Some(1)), said("NL nobody's", None)],
            ..Plan::default()
        };
        let whose = |remark: &str| plan.whose(&entry(remark, "cdn:443"));
        assert_eq!(whose("fast bob 2.5 GB"), Whose::Said(Some(1)), "said of one account, it holds for all");
        assert_eq!(whose("NL nobody's"), Whose::Said(None));
        assert_eq!(whose("another"), Whose::Found(vec![0]));
        assert_eq!(plan.whose(&entry("fast bob 2.5 GB", "else:1")), Whose::Unknown);
        let entries = ["fast bob 1 GB", "NL nobody's", "another"].map(|remark| entry(remark, "cdn:443"));
        assert_eq!(Verdict::of(&entries, &plan).kept(), [0, 1], "the word for the dead node does not count");
    }

    #[test]
    fn a_node_without_a_location_and_an_unknown_entry_are_at_home() {
        let here = |code: &str| Some(code.parse::<Region>().unwrap());
        let nodes = vec![node(&["de"], &[]), Node { region: here("nl"), ..node(&["nl"], &[]) }];
        let entries = ["unknown", "de", "nl"].map(|host| entry("", host));
        let plan = Plan { nodes, home: here("de"), region: here("nl"), ..Plan::default() };
        assert_eq!(Verdict::of(&entries, &plan).kept(), [2, 0, 1]);
        let at_home = Plan { region: here("de"), ..plan };
        assert_eq!(Verdict::of(&entries, &at_home).kept(), [0, 1, 2]);
    }
}
