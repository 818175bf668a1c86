//! Which exits a subscription offers, and in which order.

use karvan::domain::instance::{Node, NodeStatus};
use karvan::domain::{Clock, ConfigId, Region};
use karvan::service::keys::KeyError;
use karvan::service::links::exits::{Leads, Word, assign, links_of};
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ALICE, Spec, World, id};
use crate::town::{CLASH, Town, V2RAY};

const DE1: [Spec; 1] = [Spec("de1", "de", 100, 1.0)];

fn node(name: &str, address: &str, status: NodeStatus) -> Node {
    Node {
        remote_id: Some(i64::from(name.len() as u32)),
        name: name.to_owned(),
        address: address.to_owned(),
        status,
        message: None,
        usage_coefficient: 1.0,
        traffic: None,
    }
}

impl Town {
    /// The panel's exits, as a check sees them.
    async fn sees(&self, panel: &str, nodes: &[(&str, &str, NodeStatus)]) {
        let nodes: Vec<Node> =
            nodes.iter().map(|(name, address, status)| node(name, address, *status)).collect();
        let core = &self.world.core;
        core.store.replace_nodes(&id(panel), &nodes, self.world.clock.now()).await.unwrap();
        core.placer.refresh(&core.store).await.unwrap();
        self.passes(16);
    }

    async fn exit(&self, panel: &str, name: &str) -> i64 {
        let nodes = self.world.core.store.nodes_of(&id(panel)).await.unwrap();
        nodes.iter().find(|node| node.name == name).unwrap().id
    }

    async fn hides(&self, panel: &str, name: &str, hidden: bool) {
        let exit = self.exit(panel, name).await;
        assert!(self.world.core.store.hide_node(&id(panel), exit, hidden).await.unwrap());
        self.passes(16);
    }

    async fn lies_in(&self, panel: &str, name: &str, region: Option<&str>) {
        let (exit, region) = (self.exit(panel, name).await, region.map(|code| code.parse().unwrap()));
        let core = &self.world.core;
        assert!(core.store.set_node_region(&id(panel), exit, region.as_ref()).await.unwrap());
        core.placer.refresh(&core.store).await.unwrap();
        self.passes(16);
    }

    /// An admin says where the link called `called` leads.
    async fn says(&self, panel: &str, called: &str, word: Word) {
        let links = links_of(&self.world.core, &id(panel)).await.unwrap().unwrap();
        let link = links.iter().find(|link| link.sign.remark.contains(called)).unwrap();
        assert!(assign(&self.world.core, None, &id(panel), link.number, &word).await.unwrap());
        self.passes(16);
    }

    /// The names of a key's links in an app of each kind, without the account's. They are the same.
    async fn offers(&self, key: ConfigId) -> Vec<String> {
        let path = self.path(key).await;
        let links = self.fetch(&path, V2RAY).await.links();
        let name = |text: &str| text.split_whitespace().next().unwrap().to_owned();
        let names: Vec<String> = links.iter().map(|link| name(link.rsplit_once('#').unwrap().1)).collect();
        let yaml = self.fetch(&path, CLASH).await;
        let contents = karvan::domain::subscription::read(yaml.body.as_bytes()).unwrap();
        let in_yaml: Vec<String> = contents.entries.iter().map(|entry| name(&entry.remark)).collect();
        assert_eq!(in_yaml, names, "each format says the same: {}", yaml.body);
        names
    }
}

const UP: NodeStatus = NodeStatus::Connected;
const ERROR: NodeStatus = NodeStatus::Error;

/// `Direct` leads to an exit's own address, `Fin` is called as its exit, of the others nobody knows.
const HOSTS: [(&str, &str); 4] = [
    ("192.0.2.1:443", "Direct {USERNAME}"),
    ("cdn.example:443", "Fin Helsinki {USERNAME} 12.5 GB"),
    ("cdn.example:443", "Blue {USERNAME}"),
    ("cdn.example:443", "Red {USERNAME}"),
];

#[rstest]
#[tokio::test]
async fn links_of_dead_and_hidden_exits_are_left_out(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(town) = Town::on(kind, &DE1).await else { return };
    town.world.panel("de1").set_hosts(&HOSTS);
    let (key, other) = (town.world.key().await, town.world.key().await);
    let all = [("Master", "192.0.2.1", UP), ("Berlin", "192.0.2.2", UP), ("Helsinki", "192.0.2.3", UP)];
    town.sees("de1", &all).await;
    assert_eq!(town.offers(key).await.len(), 4);

    // Known by its address, and by its name.
    town.hides("de1", "Master", true).await;
    assert_eq!(town.offers(key).await, ["Fin", "Blue", "Red"]);
    town.sees("de1", &[all[0], all[1], ("Helsinki", "192.0.2.3", ERROR)]).await;
    assert_eq!(town.offers(key).await, ["Blue", "Red"]);

    // What nobody knows is never hidden, until an admin has said whose it is: that holds for all keys.
    town.hides("de1", "Berlin", true).await;
    assert_eq!(town.offers(key).await, ["Blue", "Red"]);
    let links = links_of(&town.world.core, &id("de1")).await.unwrap().unwrap();
    let leads: Vec<(&str, &Leads)> =
        links.iter().map(|link| (link.sign.remark.as_str(), &link.leads)).collect();
    let found = |name: &str| Leads::Found(vec![name.to_owned()]);
    assert_eq!(
        leads,
        [
            ("Blue …", &Leads::Unknown),
            ("Red …", &Leads::Unknown),
            ("Direct …", &found("Master")),
            ("Fin Helsinki … …", &found("Helsinki")),
        ]
    );
    town.says("de1", "Blue", Word::Exit("Berlin".into())).await;
    for key in [key, other] {
        assert_eq!(town.offers(key).await, ["Red"]);
    }
    // An admin's word goes before what address and name say; taken back, they count again.
    town.says("de1", "Direct", Word::None).await;
    assert_eq!(town.offers(key).await, ["Direct", "Red"]);
    town.says("de1", "Direct", Word::Nothing).await;
    assert_eq!(town.offers(key).await, ["Red"]);
    // Nobody is left with nothing.
    town.says("de1", "Red", Word::Exit("Berlin".into())).await;
    assert_eq!(town.offers(key).await.len(), 4);
    // A word for an exit that is gone counts no more, and again when it is back.
    town.sees("de1", &[all[0], ("Helsinki", "192.0.2.3", ERROR)]).await;
    assert_eq!(town.offers(key).await, ["Blue", "Red"], "as if nobody had said a word");
    town.sees("de1", &all).await;
    town.hides("de1", "Berlin", true).await;
    assert_eq!(town.offers(key).await, ["Fin"]);

    // The panel is silent: what it said last is rewritten in the same way.
    town.dies("de1", karvan::domain::instance::Health::ControlDown).await;
    town.passes(16);
    assert_eq!(town.offers(key).await, ["Fin"]);
    assert_eq!(links_of(&town.world.core, &id("de1")).await.unwrap().unwrap().len(), 4);
}

#[rstest]
#[tokio::test]
async fn a_location_that_only_an_exit_has_is_a_location(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let two = [Spec("de1", "de", 100, 1.0), Spec("de2", "de", 100, 1.0)];
    let Some(town) = Town::on(kind, &two).await else { return };
    let World { core, keys, .. } = &town.world;
    let (de, nl): (Region, Region) = ("de".parse().unwrap(), "nl".parse().unwrap());
    let hosts = [("192.0.2.1:443", "Master {USERNAME}"), ("192.0.2.2:443", "Amsterdam {USERNAME}")];
    for panel in ["de1", "de2"] {
        town.world.panel(panel).set_hosts(&hosts);
    }
    town.sees("de2", &[("Master", "192.0.2.1", UP), ("Amsterdam", "192.0.2.2", UP)]).await;
    let places = async || -> Vec<Region> {
        keys.locations().await.unwrap().into_iter().filter(|at| at.open).map(|at| at.region).collect()
    };
    assert_eq!(places().await, std::slice::from_ref(&de));
    let refused = keys.issue(&World::asks(ALICE), ALICE, Some(nl.clone())).await;
    assert!(matches!(refused, Err(KeyError::NoSuchLocation(_))), "nothing leads there yet");

    town.lies_in("de2", "Amsterdam", Some("nl")).await;
    assert_eq!(places().await, [de.clone(), nl.clone()]);
    // Each of three goes where that exit is, although the other panel is emptier.
    let mut made = Vec::new();
    for _ in 0..2 {
        let asked = keys.issue(&World::asks(ALICE), ALICE, Some(nl.clone())).await.unwrap();
        town.world.settle().await;
        assert_eq!(town.world.place_of(asked.config).await.as_deref(), Some("de2"));
        made.push(asked.config);
    }
    let key = made[0];
    assert_eq!(town.offers(key).await, ["Amsterdam", "Master"]);
    assert_eq!(keys.view(key).await.unwrap().unwrap().region, Some(nl.clone()), "the card says so");

    // There is nothing to move between the exits of one panel: the order changes.
    let stays = keys.relocate(&World::asks(ALICE), key, Some(de.clone())).await;
    assert!(matches!(stays, Err(KeyError::SameServer(_))), "{stays:?}");
    town.passes(16);
    assert_eq!(town.offers(key).await, ["Master", "Amsterdam"]);
    let again = keys.relocate(&World::asks(ALICE), key, Some(de.clone())).await;
    assert!(matches!(again, Err(KeyError::ThereAlready)), "{again:?}");

    // A key on the other panel moves to the one with the exit.
    let third = keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap().config;
    town.world.settle().await;
    assert_eq!(town.world.place_of(third).await.as_deref(), Some("de1"), "the emptier one");
    keys.relocate(&World::asks(ALICE), third, Some(nl.clone())).await.unwrap();
    town.world.settle().await;
    town.passes(16);
    assert_eq!(town.world.place_of(third).await.as_deref(), Some("de2"));
    assert_eq!(town.offers(third).await, ["Amsterdam", "Master"]);

    // Evening out moves nobody away from the exit they chose.
    town.world.clock.advance(std::time::Duration::from_secs(30 * 86_400 - 3600));
    let movable = async || {
        let found = core.store.movable(&id("de2"), &id("de1"), None, 9, town.world.clock.now()).await;
        found.unwrap().into_iter().map(|one| one.config).collect::<Vec<_>>()
    };
    assert_eq!(movable().await, [key], "who wants to be where the panel stands");
    town.lies_in("de2", "Amsterdam", None).await;
    assert_eq!(movable().await.len(), 3);

    // An exit that fails or is hidden is no location.
    town.lies_in("de2", "Amsterdam", Some("nl")).await;
    town.hides("de2", "Amsterdam", true).await;
    core.placer.refresh(&core.store).await.unwrap();
    assert_eq!(places().await, [de]);
}
