//! Xray configurations (<https://xtls.github.io/config/>): one, or a list in which each is offered by its `remarks`.
//!
//! In a list a configuration is an entry. If it holds several servers, it goes when all of them would, and is cleaned
//! when some of them do. Rules and balancers that name a server which went are pointed at those that stay.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use super::Entry;
use super::json::{Object, Raw};
use super::plan::{Place, Verdict, arrange, is_old_order};

/// All configurations of an answer.
pub(super) struct Xray {
    configs: Vec<Item>,
    is_list: bool,
}

enum Item {
    /// No configuration that we know.
    Other(Raw),
    Config(Config),
}

struct Config {
    root: Object,
    outbounds: Vec<Outbound>,
    /// The number of its first server among all entries.
    first: usize,
}

struct Outbound {
    raw: Raw,
    tag: Option<String>,
    /// The tag it leads through.
    through: Option<String>,
    server: Option<Entry>,
}

/// Whether an object is a configuration: its outbounds have a `protocol` (sing-box's have a `type`).
pub(super) fn is_config(root: &Object) -> bool {
    let is_outbound = |raw: &Raw| Object::of(raw).is_some_and(|outbound| outbound.has("protocol"));
    root.read::<Vec<Raw>>("outbounds").is_some_and(|outbounds| outbounds.iter().any(is_outbound))
}

impl Xray {
    pub(super) fn single(root: Object) -> Self {
        Self { configs: vec![Item::Config(Config::of(root, 0))], is_list: false }
    }

    pub(super) fn list(text: &str) -> Option<Self> {
        let items: Vec<Raw> = serde_json::from_str(text).ok()?;
        let mut entries = 0;
        let configs = items.into_iter().map(|raw| match Object::of(&raw).filter(is_config) {
            Some(root) => {
                let config = Config::of(root, entries);
                entries += config.servers();
                Item::Config(config)
            }
            None => Item::Other(raw),
        });
        let configs: Vec<Item> = configs.collect();
        configs.iter().any(|item| matches!(item, Item::Config(_))).then_some(Self { configs, is_list: true })
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let configs = self.configs.iter().filter_map(|item| match item {
            Item::Config(config) => Some(config),
            Item::Other(_) => None,
        });
        configs.flat_map(Config::entries).collect()
    }

    pub(super) fn rewritten(&self, verdict: &Verdict) -> Option<String> {
        let place = |at: usize| match &self.configs[at] {
            Item::Other(_) => Place::Fixed,
            Item::Config(config) => config.place(verdict),
        };
        if !self.is_list {
            let Some(Item::Config(config)) = self.configs.first() else { return None };
            return serde_json::to_string(&config.cleaned(verdict)?).ok();
        }
        let order = arrange(self.configs.len(), place);
        let cleaned: Vec<Option<Object>> = order.iter().map(|at| self.cleaned(*at, verdict)).collect();
        if is_old_order(&order, self.configs.len()) && cleaned.iter().all(Option::is_none) {
            return None;
        }
        let items = order.into_iter().zip(cleaned).map(|(at, cleaned)| match (&self.configs[at], cleaned) {
            (Item::Other(raw), _) => Ok(raw.clone()),
            (Item::Config(config), None) => to_raw_value(&config.root),
            (Item::Config(_), Some(cleaned)) => to_raw_value(&cleaned),
        });
        serde_json::to_string(&items.collect::<Result<Vec<Raw>, _>>().ok()?).ok()
    }

    fn cleaned(&self, at: usize, verdict: &Verdict) -> Option<Object> {
        match &self.configs[at] {
            Item::Other(_) => None,
            Item::Config(config) if matches!(config.place(verdict), Place::Out) => None,
            Item::Config(config) => config.cleaned(verdict),
        }
    }
}

impl Config {
    fn of(root: Object, first: usize) -> Self {
        let outbounds = root.read::<Vec<Raw>>("outbounds").unwrap_or_default();
        Self { outbounds: outbounds.into_iter().map(Outbound::of).collect(), root, first }
    }

    fn servers(&self) -> usize {
        self.outbounds.iter().filter(|outbound| outbound.server.is_some()).count()
    }

    /// Its servers. If it has one only, that is called as the configuration is.
    fn entries(&self) -> Vec<Entry> {
        let remarks = self.root.read::<String>("remarks").filter(|_| self.servers() == 1);
        let servers = self.outbounds.iter().filter_map(|outbound| outbound.server.clone());
        servers.map(|server| Entry { remark: remarks.clone().unwrap_or(server.remark), ..server }).collect()
    }

    /// Where the configuration goes in a list: with its best server.
    fn place(&self, verdict: &Verdict) -> Place {
        let servers = self.first..self.first + self.servers();
        if servers.is_empty() {
            return Place::Fixed;
        }
        let best = servers.filter(|entry| !verdict.is_out(*entry)).map(|entry| verdict.rank(entry)).min();
        best.map_or(Place::Out, Place::At)
    }

    /// The configuration with the servers that stay, in their order; `None` if it stays as it is.
    fn cleaned(&self, verdict: &Verdict) -> Option<Object> {
        let mut entries = self.first..;
        let numbers: Vec<Option<usize>> = self
            .outbounds
            .iter()
            .map(|outbound| outbound.server.as_ref().and_then(|_| entries.next()))
            .collect();
        let goes = |at: usize| numbers[at].is_some_and(|entry| verdict.is_out(entry));
        let pinned = self.pinned(&goes);
        let order = arrange(self.outbounds.len(), |at| match numbers[at] {
            None => Place::Fixed,
            Some(_) if goes(at) && !pinned.contains(&at) => Place::Out,
            Some(entry) => Place::At(verdict.rank(entry)),
        });
        if is_old_order(&order, self.outbounds.len()) {
            return None;
        }
        let tag = |at: usize| self.outbounds[at].tag.clone().unwrap_or_default();
        let kept: Vec<String> =
            order.iter().filter(|at| numbers[**at].is_some() && !goes(**at)).map(|at| tag(*at)).collect();
        let out: HashSet<String> = (0..numbers.len()).filter(|at| goes(*at)).map(tag).collect();
        let out: HashSet<String> = out.into_iter().filter(|tag| !kept.contains(tag)).collect();
        let mut root = self.root.clone();
        root.replace("outbounds", &order.iter().map(|at| &self.outbounds[*at].raw).collect::<Vec<&Raw>>())?;
        let onto_kept = |tag: &str| out.contains(tag).then(|| kept.first().cloned()).flatten();
        // Every tag there is now: a balancer chooses by the beginnings of tags, and must find one.
        let tags: Vec<String> = order.iter().filter(|at| !goes(**at)).map(|at| tag(*at)).collect();
        root.edit_object("routing", |routing| {
            let rules = routing.edit_objects("rules", |rule| rule.edit_text("outboundTag", onto_kept));
            let balancers = routing.edit_objects("balancers", |balancer| {
                let fallback = balancer.edit_text("fallbackTag", onto_kept);
                reselect(balancer, &tags, &kept, &out) || fallback
            });
            rules || balancers
        });
        Some(root)
    }

    /// The outbounds that go but stay defined, since one that stays leads through them.
    fn pinned(&self, goes: &impl Fn(usize) -> bool) -> HashSet<usize> {
        let mut pinned = HashSet::new();
        let mut open: Vec<usize> = (0..self.outbounds.len()).filter(|at| !goes(*at)).collect();
        while let Some(at) = open.pop() {
            let Some(through) = self.outbounds[at].through.as_deref() else { continue };
            for (at, outbound) in self.outbounds.iter().enumerate() {
                if outbound.tag.as_deref() == Some(through) && goes(at) && pinned.insert(at) {
                    open.push(at);
                }
            }
        }
        pinned
    }
}

/// Mends a balancer that would choose among nothing, or names a tag in full that went.
fn reselect(balancer: &mut Object, tags: &[String], kept: &[String], out: &HashSet<String>) -> bool {
    let Some(selector) = balancer.read::<Vec<String>>("selector") else { return false };
    let finds = |prefix: &String| tags.iter().any(|tag| tag.starts_with(prefix.as_str()));
    let lost = |prefix: &String| out.iter().any(|tag| tag.starts_with(prefix.as_str()));
    let rest: Vec<&String> = selector.iter().filter(|prefix| finds(prefix) || !lost(prefix)).collect();
    if rest.iter().any(|prefix| finds(prefix)) || !selector.iter().any(lost) {
        return rest.len() < selector.len() && balancer.replace("selector", &rest).is_some();
    }
    balancer.replace("selector", &kept).is_some()
}

impl Outbound {
    fn of(raw: Raw) -> Self {
        let object = Object::of(&raw);
        let read = |key: &str| object.as_ref().and_then(|object| object.read::<String>(key));
        let tag = read("tag");
        let server = object.as_ref().and_then(|object| server(object, tag.clone().unwrap_or_default()));
        Self { through: object.as_ref().and_then(through), server, tag, raw }
    }
}

/// A server as settings name it: in `vnext` (VMess, VLESS), in `servers` (Trojan, Shadowsocks, Socks, HTTP), or in the
/// settings themselves, as newer versions allow.
fn server(outbound: &Object, tag: String) -> Option<Entry> {
    #[derive(Deserialize)]
    struct Place {
        address: String,
        #[serde(default)]
        port: Option<Box<RawValue>>,
    }
    let settings = Object::of(outbound.get("settings")?)?;
    let first = |key: &str| {
        let places = settings.read::<Vec<Raw>>(key)?;
        serde_json::from_str::<Place>(places.first()?.get()).ok()
    };
    let itself = || {
        let address = settings.read::<String>("address")?;
        settings.has("port").then(|| Place { address, port: settings.read("port") })
    };
    let place = first("vnext").or_else(|| first("servers")).or_else(itself)?;
    let port = place.port.and_then(|port| port.get().trim_matches('"').parse().ok());
    Some(Entry::new(tag, &place.address, port))
}

/// The tag an outbound leads through.
fn through(outbound: &Object) -> Option<String> {
    let by_settings = || Object::of(outbound.get("proxySettings")?)?.read("tag");
    let by_socket = || {
        let stream = Object::of(outbound.get("streamSettings")?)?;
        Object::of(stream.get("sockopt")?)?.read("dialerProxy")
    };
    by_settings().or_else(by_socket)
}
