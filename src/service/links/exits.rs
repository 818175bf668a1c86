//! Through which exit each link of an instance leads: what its address or name gives away, and what admins say.

use crate::domain::key::Assignment;
use crate::domain::placement::{NodeFacts, Strategy, preferred_node};
use crate::domain::subscription::{self, Assigned, Entry, Node, Plan, Sign, Whose};
use crate::domain::{InstanceId, Region, UserId};
use crate::store::StoreError;
use crate::store::health::StoredNode;

use super::super::Core;
use super::super::pace::Class;

/// A link as an admin sees it: nothing secret of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What stands for it on buttons.
    pub number: u32,
    /// What it is known by.
    pub sign: Sign,
    /// Through which exit it leads.
    pub leads: Leads,
}

/// Through which exit a link leads, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// Nobody knows: it is never left out.
    Unknown,
    /// Its address or its name says so.
    Found(Vec<String>),
    /// An admin said so; `None`: through none of them.
    Said(Option<String>),
}

/// An admin's word on a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It leads through this exit.
    Exit(String),
    /// It leads through none of them, whatever its address says.
    None,
    /// Nothing: what its address and name say counts.
    Nothing,
}

/// How the subscription of an account is to be rewritten.
///
/// # Errors
/// The database.
pub(super) async fn plan(
    core: &Core,
    account: &Assignment,
    region: Option<&Region>,
) -> Result<Plan, StoreError> {
    let nodes = core.store.nodes_of(&account.instance).await?;
    plan_over(core, account, region, &nodes).await
}

/// The same, with the exits of its instance at hand.
async fn plan_over(
    core: &Core,
    account: &Assignment,
    region: Option<&Region>,
    nodes: &[StoredNode],
) -> Result<Plan, StoreError> {
    let home = core.placer.region_of(&account.instance);
    // The best of those that leave where the person wants to; where there is none, of all.
    let there = |node: &StoredNode| region.is_none() || node.region.as_ref().or(home.as_ref()) == region;
    let facts = |only_there: bool| -> Vec<NodeFacts> {
        let fact = |node: &StoredNode| {
            let facts = node.facts();
            NodeFacts { hidden: facts.hidden || only_there && !there(node), ..facts }
        };
        nodes.iter().map(fact).collect()
    };
    let preferred = preferred_node(&facts(true), Strategy::MarzbanLoad)
        .or_else(|| preferred_node(&facts(false), Strategy::MarzbanLoad));
    let node = |(index, node): (usize, &StoredNode)| Node {
        addresses: vec![node.address.clone()],
        remarks: vec![node.name.clone()],
        region: node.region.clone(),
        hidden: node.hidden,
        dead: !node.status.is_connected(),
        preferred: preferred == Some(index),
    };
    let assigned = core.store.assigned_links(&account.instance).await?.into_iter();
    // What was said of an exit that is gone does not count.
    let assigned = assigned.filter_map(|(sign, name)| {
        let node = match name {
            Some(name) => Some(nodes.iter().position(|node| node.name == name)?),
            None => None,
        };
        Some(Assigned { sign, node })
    });
    Ok(Plan {
        assigned: assigned.collect(),
        nodes: nodes.iter().enumerate().map(node).collect(),
        region: region.cloned(),
        home,
        account: account.account.as_str().to_owned(),
    })
}

/// The links of an instance as its newest account has them, those first of which nobody knows where they lead. `None`:
/// no account of ours is there, or its panel never told.
///
/// # Errors
/// The database.
pub async fn links_of(core: &Core, id: &InstanceId) -> Result<Option<Vec<Seen>>, StoreError> {
    let Some(account) = core.store.newest_account_on(id).await? else { return Ok(None) };
    let entries = entries(core, &account).await?;
    if entries.is_empty() {
        return Ok(None);
    }
    let nodes = core.store.nodes_of(id).await?;
    let plan = plan_over(core, &account, None, &nodes).await?;
    let name = |at: usize| nodes.get(at).map(|node| node.name.clone());
    let mut seen: Vec<Seen> = Vec::new();
    for entry in &entries {
        let sign = Sign::of(entry, &plan.account);
        let leads = match plan.whose(entry) {
            Whose::Unknown => Leads::Unknown,
            Whose::Found(found) => Leads::Found(found.into_iter().filter_map(name).collect()),
            Whose::Said(node) => Leads::Said(node.and_then(name)),
        };
        if !seen.iter().any(|known| known.sign == sign) {
            seen.push(Seen { number: sign.number(), sign, leads });
        }
    }
    seen.sort_by_key(|seen| seen.leads != Leads::Unknown);
    Ok(Some(seen))
}

/// Takes an admin's word on the link with a number. `false`: there is no such link any more.
///
/// # Errors
/// The database.
pub async fn assign(
    core: &Core,
    by: Option<UserId>,
    id: &InstanceId,
    number: u32,
    word: &Word,
) -> Result<bool, StoreError> {
    let links = links_of(core, id).await?.unwrap_or_default();
    let Some(link) = links.into_iter().find(|link| link.number == number) else { return Ok(false) };
    let (store, now) = (&core.store, core.clock.now());
    let node = match word {
        Word::Exit(name) => Some(name.as_str()),
        Word::None | Word::Nothing => None,
    };
    match word {
        Word::Nothing => store.unassign_link(id, &link.sign).await?,
        Word::Exit(_) | Word::None => store.assign_link(id, &link.sign, node, now).await?,
    }
    let detail = serde_json::json!({ "link": link.sign.remark, "node": node });
    let action = if *word == Word::Nothing { "link-unassigned" } else { "link-assigned" };
    store.record(by, action, &format!("instance {id}"), detail, now).await?;
    Ok(true)
}

/// The entries of an account's subscription: as its panel says now, else as it said last.
async fn entries(core: &Core, account: &Assignment) -> Result<Vec<Entry>, StoreError> {
    let told = core.panels.account(account, Class::Foreground).await.and_then(Result::ok).flatten();
    let links = match told.map(|account| account.links).filter(|links| !links.is_empty()) {
        Some(links) => links,
        None => core.store.last_good(account.id).await?.map(|good| good.links).unwrap_or_default(),
    };
    let read = subscription::read(subscription::list(&links).as_bytes());
    Ok(read.map(|contents| contents.entries).unwrap_or_default())
}
