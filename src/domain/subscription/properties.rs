//! What holds of any subscription and any plan.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::json;

use super::{Entry, Format, LARGEST, Node, Plan, list, read, rewrite};

/// A server of a small world, in which names repeat.
#[derive(Debug, Clone)]
struct Server {
    host: usize,
    port: u16,
    remark: String,
    /// Which server it leads through, in formats that have that.
    through: Option<usize>,
}

fn server() -> impl Strategy<Value = Server> {
    let remark = prop_oneof![
        "(NL|DE|FI|🇳🇱|سرور)[ -]?[0-9]{1,2}",
        // What YAML's readers do not agree on, and what ends a plain text.
        "(0123|1_000|6e12|yes|2001-01-01|'|\"|- a|a: b|#x|\\[|\\{|null|~)",
        "[ -~]{1,6}",
    ];
    let through = prop_oneof![9 => Just(None), 1 => (0_usize..8).prop_map(Some)];
    (0_usize..5, 1_u16..4, remark, through).prop_map(|(host, port, remark, through)| Server {
        host,
        port,
        remark,
        through,
    })
}

/// A server's name in its file: what groups name must differ.
fn name(number: usize, server: &Server) -> String {
    format!("{} {number}", server.remark)
}

fn plan() -> impl Strategy<Value = Plan> {
    let node = (
        proptest::collection::vec((0_usize..5, proptest::option::of(1_u16..4)), 0..3),
        proptest::collection::vec("(NL|de|FI|سرور)", 0..2),
        proptest::option::of(prop_oneof![Just("nl"), Just("de")]),
        any::<[bool; 3]>(),
    )
        .prop_map(|(addresses, remarks, region, [hidden, dead, preferred])| {
            let written = |(host, port): (usize, Option<u16>)| match port {
                Some(port) => format!("h{host}.example:{port}"),
                None => format!("H{host}.example"),
            };
            let addresses = addresses.into_iter().map(written).collect();
            let region = region.map(|code| code.parse().unwrap());
            Node { addresses, remarks, region, hidden, dead, preferred }
        });
    (proptest::collection::vec(node, 0..4), proptest::option::of(prop_oneof![Just("nl"), Just("de")]))
        .prop_map(|(nodes, region)| Plan {
            nodes,
            region: region.map(|code| code.parse().unwrap()),
            ..Plan::default()
        })
}

/// The servers as a panel would write them.
fn written(format: Format, servers: &[Server]) -> String {
    let names: Vec<String> = servers.iter().enumerate().map(|(at, server)| name(at, server)).collect();
    let host = |server: &Server| format!("h{}.example", server.host);
    let through = |at: usize| servers[at].through.filter(|to| *to != at).and_then(|to| names.get(to));
    let links = || -> Vec<String> {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let link = |(at, server): (usize, &Server)| {
            format!(
                "vless://u@{}:{}?x=1#{}",
                host(server),
                server.port,
                encode(&names[at]).replace('+', "%20")
            )
        };
        servers.iter().enumerate().map(link).collect()
    };
    match format {
        Format::Base64 => list(&links()),
        Format::Links | Format::Outline => format!("# of today\n{}\n", links().join("\n")),
        Format::Clash => {
            let mut text = "port: 7890\nproxies:\n".to_owned();
            for (at, server) in servers.iter().enumerate() {
                text += &format!("- name: {}\n  server: {}\n", json!(names[at]), host(server));
                if let Some(dialer) = through(at) {
                    text += &format!("  dialer-proxy: {}\n", json!(dialer));
                }
                text += &format!("  port: {}\n  short-id: 0123\n  password: 1_000\n", server.port);
            }
            text += "proxy-groups:\n- name: all\n  type: select\n  proxies:\n  - auto\n";
            names.iter().for_each(|name| text += &format!("  - {}\n", json!(name)));
            text += "- name: auto\n  type: url-test\n  proxies:\n";
            names.iter().rev().for_each(|name| text += &format!("    - {}\n", json!(name)));
            text += &format!("- name: one\n  type: select\n  proxies:\n  - {}\n", json!(names[0]));
            text + "rules:\n- MATCH,all\n"
        }
        Format::Mihomo => {
            let proxy = |(at, server): (usize, &Server)| json!({ "name": names[at], "server": host(server), "port": server.port, "short-id": "0123" });
            let proxies: Vec<_> = servers.iter().enumerate().map(proxy).collect();
            format!(
                "proxies: {}\nproxy-groups:\n- {{name: all, proxies: {}}}\n",
                json!(proxies),
                json!(names)
            )
        }
        Format::SingBox => {
            let mut outbounds = vec![
                json!({ "type": "selector", "tag": "proxy", "outbounds": names, "default": names[0] }),
                json!({ "type": "urltest", "tag": "one", "outbounds": [names[0]] }),
            ];
            for (at, server) in servers.iter().enumerate() {
                let mut outbound = json!({ "type": "vless", "tag": names[at], "server": host(server) });
                outbound["server_port"] = json!(server.port);
                if let Some(detour) = through(at) {
                    outbound["detour"] = json!(detour);
                }
                outbounds.push(outbound);
            }
            outbounds.push(json!({ "type": "direct", "tag": "direct" }));
            json!({ "outbounds": outbounds, "route": { "final": names[0], "big": 12_345_678_901_u64 } })
                .to_string()
        }
        Format::Xray => {
            let config = |(at, server): (usize, &Server)| {
                let place = json!([{ "address": host(server), "port": server.port }]);
                let outbound = json!({ "tag": "proxy", "protocol": "vless", "settings": { "vnext": place } });
                json!({ "remarks": names[at], "outbounds": [outbound, { "protocol": "freedom" }] })
            };
            serde_json::Value::from_iter(servers.iter().enumerate().map(config)).to_string()
        }
    }
}

fn any_format() -> impl Strategy<Value = Format> {
    proptest::sample::select(Format::ALL.to_vec())
}

fn entries(body: &[u8]) -> Vec<Entry> {
    read(body).unwrap().entries
}

/// Whether an entry is of a node that the plan does without: said here once more, for addresses, in other words.
fn is_unwanted(entry: &Entry, plan: &Plan) -> bool {
    let with_port = entry.address();
    let named = |node: &&Node, address: &str| node.addresses.iter().any(|a| a.eq_ignore_ascii_case(address));
    let exact: Vec<&Node> = plan.nodes.iter().filter(|node| named(node, &with_port)).collect();
    let loose: Vec<&Node> = plan.nodes.iter().filter(|node| named(node, &entry.host)).collect();
    let nodes = if exact.is_empty() { loose } else { exact };
    !nodes.is_empty() && nodes.iter().all(|node| node.hidden || node.dead)
}

proptest! {
    #[test]
    fn rewriting_twice_is_rewriting_once(
        format in any_format(),
        servers in proptest::collection::vec(server(), 1..8),
        plan in plan(),
    ) {
        let body = written(format, &servers);
        let once = rewrite(body.as_bytes(), None, &plan);
        let twice = rewrite(&once.body, None, &plan);
        prop_assert_eq!(&twice.body, &once.body);
    }

    #[test]
    fn without_a_plan_nothing_changes(
        format in any_format(),
        servers in proptest::collection::vec(server(), 1..8),
    ) {
        let body = written(format, &servers);
        let same = rewrite(body.as_bytes(), None, &Plan::default());
        prop_assert_eq!(&*same.body, body.as_bytes());
        prop_assert_eq!((same.entries, same.left_out), (servers.len(), 0));
    }

    #[test]
    fn nothing_is_emptied_or_invented_and_what_is_unknown_stays(
        format in any_format(),
        servers in proptest::collection::vec(server(), 1..8),
        mut plan in plan(),
    ) {
        // Chains keep what they need; they are tested by themselves.
        let servers: Vec<Server> = servers.into_iter().map(|s| Server { through: None, ..s }).collect();
        plan.nodes.iter_mut().for_each(|node| node.remarks.clear());
        let body = written(format, &servers);
        let before = entries(body.as_bytes());
        let rewritten = rewrite(body.as_bytes(), None, &plan);
        let after = entries(&rewritten.body);
        prop_assert!(!after.is_empty());
        prop_assert_eq!(before.len(), after.len() + rewritten.left_out);
        let all_unwanted = before.iter().all(|entry| is_unwanted(entry, &plan));
        for (at, entry) in before.iter().enumerate() {
            let stays = all_unwanted || !is_unwanted(entry, &plan);
            prop_assert_eq!(after.contains(entry), stays, "entry {} {:?}", at, entry);
        }
        prop_assert!(after.iter().all(|entry| before.contains(entry)));
    }

    #[test]
    fn equals_keep_the_order_of_the_panel(
        format in any_format(),
        servers in proptest::collection::vec(server(), 1..8),
        plan in plan(),
    ) {
        let body = written(format, &servers);
        let after = entries(&rewrite(body.as_bytes(), None, &plan).body);
        let place = |entry: &Entry| servers.iter().enumerate().position(|(at, s)| name(at, s) == entry.remark);
        // Those of one address are of one rank, since their node is, unless their remarks tell them apart.
        if plan.nodes.iter().all(|node| node.remarks.is_empty()) {
            for (at, entry) in after.iter().enumerate() {
                let next = after[at + 1..].iter().find(|next| next.address() == entry.address());
                let shares_way = servers.iter().any(|server| server.through.is_some());
                prop_assert!(shares_way || next.is_none_or(|next| place(next) > place(entry)));
            }
        }
    }

    #[test]
    fn every_name_in_a_group_is_defined(
        servers in proptest::collection::vec(server(), 1..8),
        plan in plan(),
    ) {
        let text = written(Format::SingBox, &servers);
        let body = rewrite(text.as_bytes(), None, &plan).body;
        let config: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let outbounds = config["outbounds"].as_array().unwrap();
        let tags: HashSet<&str> = outbounds.iter().filter_map(|o| o["tag"].as_str()).collect();
        for outbound in outbounds {
            let group = outbound["outbounds"].as_array();
            prop_assert!(group.is_none_or(|members| !members.is_empty()));
            let named = group.into_iter().flatten().chain(outbound.get("default")).chain(outbound.get("detour"));
            for name in named {
                prop_assert!(tags.contains(name.as_str().unwrap()), "{name}");
            }
        }
        prop_assert!(tags.contains(config["route"]["final"].as_str().unwrap()));

        let text = written(Format::Clash, &servers);
        let body = rewrite(text.as_bytes(), None, &plan).body;
        let config: serde_yaml_ng::Value = serde_yaml_ng::from_slice(&body).unwrap();
        let list = |key: &str| config[key].as_sequence().unwrap();
        let names: HashSet<&str> =
            list("proxies").iter().chain(list("proxy-groups")).filter_map(|p| p["name"].as_str()).collect();
        for group in list("proxy-groups") {
            let members = group["proxies"].as_sequence().unwrap();
            prop_assert!(!members.is_empty());
            prop_assert!(members.iter().all(|name| names.contains(name.as_str().unwrap())));
        }
        let dialers = list("proxies").iter().filter_map(|proxy| proxy.get("dialer-proxy"));
        prop_assert!(dialers.into_iter().all(|name| names.contains(name.as_str().unwrap())));
        // What looks like a number to some and a text to others is not written anew.
        let text = String::from_utf8(body.into_owned()).unwrap();
        prop_assert_eq!(text.matches("\n  short-id: 0123\n  password: 1_000\n").count(), list("proxies").len());
    }

    #[test]
    fn garbage_comes_back_as_it_was(
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "\\PC{0,80}".prop_map(String::into_bytes),
            "(proxies:\n|- name: [a-c]\n|  server: h1.example\n|\\{|\\[|\"outbounds\":|://|\n| |&a|\\*a|<<:){0,20}"
                .prop_map(String::into_bytes),
        ],
        plan in plan(),
    ) {
        let rewritten = rewrite(&body, None, &plan);
        if rewritten.format.is_none() {
            prop_assert_eq!(&*rewritten.body, &body[..]);
        }
        prop_assert!(rewritten.left_out < rewritten.entries.max(1));
    }

    #[test]
    fn a_file_cut_off_anywhere_is_no_panic(
        format in any_format(),
        servers in proptest::collection::vec(server(), 1..5),
        plan in plan(),
        at in any::<prop::sample::Index>(),
    ) {
        let body = written(format, &servers);
        let cut = &body.as_bytes()[..at.index(body.len())];
        let rewritten = rewrite(cut, None, &plan);
        prop_assert!(rewritten.format.is_some() || *rewritten.body == *cut);
    }
}

#[test]
fn what_is_too_large_or_too_deep_comes_back_as_it_was() {
    let dead = Node { addresses: vec!["h1.example".into()], dead: true, ..Node::default() };
    let plan = Plan { nodes: vec![dead], ..Plan::default() };
    let link = "vless://u@h1.example:1#x\n";
    let huge = "vless://u@h2.example:1#y\n".to_owned() + &link.repeat(10_000_000 / link.len());
    let deep = ["[", "{\"outbounds\":", "{\"outbounds\":[{\"protocol\":", "proxies:\n- ["]
        .map(|open| open.repeat(LARGEST / 2 / open.len()));
    for body in deep.iter().chain([&huge]) {
        let rewritten = rewrite(body.as_bytes(), None, &plan);
        assert!(*rewritten.body == *body.as_bytes() && rewritten.format.is_none());
    }
}

#[test]
fn a_page_is_not_touched() {
    let dead = Node { addresses: vec!["h1.example".into()], dead: true, ..Node::default() };
    let plan = Plan { nodes: vec![dead], ..Plan::default() };
    let body = "vless://u@h1.example:1#x\nvless://u@h2.example:1#y";
    assert_eq!(*rewrite(body.as_bytes(), Some("text/html; charset=utf-8"), &plan).body, *body.as_bytes());
    assert_eq!(*rewrite(body.as_bytes(), Some("text/plain"), &plan).body, *b"vless://u@h2.example:1#y");
}
