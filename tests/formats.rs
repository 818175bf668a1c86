//! Subscriptions as panels really answered them, rewritten, and read again as clients read them.
//!
//! The answers are Marzban 0.8.4's own (`sim/tests/recordings`). What holds of any subscription stands beside the code,
//! in `src/domain/subscription/properties.rs`.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karvan::domain::subscription::client::family;
use karvan::domain::subscription::{Entry, Format, Node, Plan, notice, read, rewrite};
use serde_json::{Value, json};

/// A recorded answer.
struct Answer {
    name: String,
    agent: String,
    content_type: String,
    body: String,
}

/// What the panel gave to clients.
fn recorded() -> Vec<Answer> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sim/tests/recordings/13_subscription.json");
    let recording: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let answers = recording["exchanges"].as_array().unwrap().iter().map(|exchange| Answer {
        name: text(&exchange["name"]),
        agent: text(&exchange["request"]["headers"]["User-Agent"]),
        content_type: text(&exchange["response"]["headers"]["content-type"]),
        // JSON was recorded as JSON.
        body: match &exchange["response"]["body"] {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        },
    });
    answers
        .filter(|answer| answer.name.starts_with("ua_") || answer.name.starts_with("client_type_"))
        .collect()
}

fn answer(name: &str) -> Answer {
    recorded().into_iter().find(|answer| answer.name == name).unwrap()
}

fn node(address: &str) -> Node {
    Node { addresses: vec![address.to_owned()], ..Node::default() }
}

fn dead(address: &str) -> Node {
    Node { dead: true, ..node(address) }
}

fn plan(nodes: impl IntoIterator<Item = Node>) -> Plan {
    Plan { nodes: nodes.into_iter().collect(), ..Plan::default() }
}

fn rewritten(body: &str, plan: &Plan) -> String {
    String::from_utf8(rewrite(body.as_bytes(), None, plan).body.into_owned()).unwrap()
}

fn addresses(body: &str) -> Vec<String> {
    read(body.as_bytes()).unwrap().entries.iter().map(Entry::address).collect()
}

/// Where the recorded user may connect to, in the panel's order.
const VLESS: &str = "127.0.0.1:20143";
const VMESS_WS: &str = "127.0.0.1:20101";
const VMESS_TCP: &str = "127.0.0.1:20102";
const TROJAN: &str = "127.0.0.1:20103";
const SHADOWSOCKS: &str = "127.0.0.1:20180";
const ALL: [&str; 5] = [VLESS, VMESS_WS, VMESS_TCP, TROJAN, SHADOWSOCKS];

#[test]
fn every_recorded_answer_is_read() {
    let answers = recorded();
    assert!(answers.len() > 15);
    let mut formats = Vec::new();
    for answer in answers {
        let name = &answer.name;
        if name == "client_type_nope" {
            assert_eq!(read(answer.body.as_bytes()), None);
            continue;
        }
        let contents = read(answer.body.as_bytes()).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(contents.format.content_type(), answer.content_type, "{name}");
        let asked = family(&answer.agent);
        let expected: &[&str] = match asked {
            _ if name.ends_with("outline") => &[SHADOWSOCKS],
            // The first Clash knows no VLESS.
            Format::Clash => &ALL[1..],
            _ if name == "client_type_clash" => &ALL[1..],
            _ => &ALL,
        };
        assert_eq!(addresses(&answer.body), expected, "{name}");
        assert!(
            contents.entries.iter().all(|entry| entry.remark.starts_with("🚀 Marz (sub_user) [")),
            "{name}"
        );
        if name.starts_with("ua_") {
            let asked = if asked == Format::Mihomo { Format::Clash } else { asked };
            assert_eq!(contents.format, asked, "{name}: {}", answer.agent);
        }
        formats.push(contents.format);
    }
    for format in [Format::Base64, Format::Clash, Format::SingBox, Format::Xray, Format::Outline] {
        assert!(formats.contains(&format), "{format:?} was recorded");
    }
}

#[test]
fn entries_of_a_dead_node_are_left_out_of_every_answer() {
    let without = plan([dead(VMESS_WS), Node { hidden: true, ..node(TROJAN) }]);
    for Answer { name, body, .. } in recorded().into_iter().filter(|answer| answer.name != "client_type_nope")
    {
        let before = addresses(&body);
        let after = rewritten(&body, &without);
        let stay: Vec<String> =
            before.iter().filter(|at| ![VMESS_WS, TROJAN].contains(&at.as_str())).cloned().collect();
        assert_eq!(addresses(&after), stay, "{name}");
        for gone in ["[VMess - ws]", "[Trojan - ws]"] {
            assert!(!after.contains(gone), "{name}: {gone} is still named");
        }
    }
}

#[test]
fn the_chosen_location_comes_first_in_every_answer() {
    let nl: karvan::domain::Region = "nl".parse().unwrap();
    let here = |address| Node { region: Some(nl.clone()), ..node(address) };
    let preferred = Node { preferred: true, ..here(SHADOWSOCKS) };
    let plan = Plan { region: Some(nl.clone()), ..plan([node(VMESS_WS), here(TROJAN), preferred]) };
    for Answer { name, body, .. } in recorded().into_iter().filter(|answer| answer.name != "client_type_nope")
    {
        let before = addresses(&body);
        let after = rewritten(&body, &plan);
        let expected: Vec<&str> = [SHADOWSOCKS, TROJAN, VLESS, VMESS_WS, VMESS_TCP]
            .into_iter()
            .filter(|address| before.contains(&(*address).to_owned()))
            .collect();
        assert_eq!(addresses(&after), expected, "{name}");
    }
}

#[test]
fn nobody_is_left_with_nothing() {
    for Answer { name, body, .. } in recorded() {
        assert_eq!(rewritten(&body, &plan([dead("127.0.0.1")])), body, "{name}");
    }
}

/// A base64 list is what a client decodes line by line.
#[test]
fn a_list_keeps_its_links_letter_by_letter() {
    let body = answer("ua_v2rayNG").body;
    let decoded = |body: &str| String::from_utf8(STANDARD.decode(body).unwrap()).unwrap();
    let before = decoded(&body);
    let kept: Vec<&str> = before.lines().filter(|line| !line.starts_with("trojan://")).collect();
    assert_eq!(decoded(&rewritten(&body, &plan([dead(TROJAN)]))), kept.join("\n"));
}

#[test]
fn a_clash_file_stays_as_the_panel_wrote_it() {
    let body = answer("ua_clash").body;
    let gone = [VMESS_TCP, TROJAN].map(dead);
    insta::assert_snapshot!(rewritten(&body, &plan(gone)), @"
    mode: Global
    port: 7890
    proxies:
    - alterId: 0
      cipher: auto
      name: 🚀 Marz (sub_user) [VMess - ws]
      network: ws
      port: 20101
      server: 127.0.0.1
      type: vmess
      udp: true
      uuid: e6c6e4f2-5173-4d61-a695-3fee72ac02bf
      ws-opts:
        ip-version: dual
        path: /vmess
    - cipher: chacha20-ietf-poly1305
      name: 🚀 Marz (sub_user) [Shadowsocks - tcp]
      network: tcp
      password: 6dvTuTdV3d1QswDrGLugdQ
      port: 20180
      server: 127.0.0.1
      type: ss
      udp: true
    rules: []
    proxy-groups:
    - name: ♻️ Automatic
      type: url-test
      url: http://www.gstatic.com/generate_204
      interval: 300
      proxies:
      - 🚀 Marz (sub_user) [VMess - ws]
      - 🚀 Marz (sub_user) [Shadowsocks - tcp]
    ");
}

/// A template of an operator's own, with everything that names a proxy.
#[test]
fn a_clash_file_with_groups_rules_and_chains_still_loads() {
    let body = "\
mixed-port: 7890
proxies:
    - {name: NL, type: ss, server: nl.example, port: 443, password: 0123}
    - {name: DE, type: ss, server: de.example, port: 443, dialer-proxy: Hop}
    - {name: Hop, type: ss, server: hop.example, port: 443}
    - {name: Bank, type: ss, server: hop.example, port: 444}
    - {name: FI, type: ss, server: fi.example, port: 443}
proxy-groups:
    - name: Choose
      type: select
      proxies:
        - Netherlands
        - DIRECT
        - NL # the fastest
        - DE
        - Hop
        - FI
    - name: Netherlands
      type: url-test
      proxies:
        - NL
    - name: Chain
      type: relay
      proxies:
        - Bank
        - FI
rules:
    - DOMAIN-SUFFIX,bank.example,Bank
    - MATCH,Choose
";
    let de = Node { preferred: true, ..node("de.example") };
    let plan = plan([dead("nl.example"), dead("hop.example"), de, node("fi.example")]);
    insta::assert_snapshot!(rewritten(body, &plan), @r#"
    mixed-port: 7890
    proxies:
        - {name: DE, type: ss, server: de.example, port: 443, dialer-proxy: Hop}
        - {name: FI, type: ss, server: fi.example, port: 443}
        - {name: Hop, type: ss, server: hop.example, port: 443}
        - {name: Bank, type: ss, server: hop.example, port: 444}
    proxy-groups:
        - name: Choose
          type: select
          proxies:
            - Netherlands
            - DIRECT
            - DE
            - FI
        - name: Netherlands
          type: url-test
          proxies:
            - "DE"
            - "FI"
        - name: Chain
          type: relay
          proxies:
            - Bank
            - FI
    rules:
        - DOMAIN-SUFFIX,bank.example,Bank
        - MATCH,Choose
    "#);
}

/// Lists in brackets cannot be cut by lines: the file is then written as JSON, with every text in quotes.
#[test]
fn a_clash_file_in_brackets_becomes_json_that_says_the_same() {
    let body = "\
proxies: [{name: NL, server: nl.example, port: 443}, {name: FI, server: fi.example, port: 443, short-id: '0123'}]
proxy-groups: [{name: All, type: select, proxies: [NL, FI]}]
";
    insta::assert_snapshot!(rewritten(body, &plan([dead("nl.example")])), @r#"{"proxies":[{"name":"FI","server":"fi.example","port":443,"short-id":"0123"}],"proxy-groups":[{"name":"All","type":"select","proxies":["FI"]}]}"#);
}

/// Shared parts are written once and merged in.
#[test]
fn a_clash_file_with_anchors_is_understood() {
    let body = "\
proxies:
- &nl
  name: NL 1
  server: nl.example
  port: 443
- <<: *nl
  name: NL 2
  port: 444
- name: FI
  server: fi.example
  port: 443
proxy-groups:
- name: All
  proxies: &all
  - NL 1
  - NL 2
  - FI
";
    assert_eq!(addresses(body), ["nl.example:443", "nl.example:444", "fi.example:443"]);
    let after = rewritten(body, &plan([dead("nl.example:443")]));
    // The anchor went with its entry, so the file was written anew, each part in its place.
    let file: Value = serde_json::from_str(&after).unwrap();
    assert_eq!(file["proxies"][0]["name"], json!("NL 2"));
    assert_eq!(file["proxy-groups"][0]["proxies"], json!(["NL 2", "FI"]));
    let after = rewritten(body, &plan([dead("fi.example")]));
    assert_eq!(
        after,
        body.replace("- name: FI\n  server: fi.example\n  port: 443\n", "").replace("  - FI\n", "")
    );
}

#[test]
fn a_sing_box_file_with_routes_and_chains_still_loads() {
    let body = json!({
        "dns": { "servers": [{ "tag": "remote", "address": "1.1.1.1", "detour": "NL" }], "rules": [] },
        "outbounds": [
            { "type": "selector", "tag": "proxy", "outbounds": ["auto", "NL", "DE", "FI"], "default": "NL" },
            { "type": "urltest", "tag": "auto", "outbounds": ["NL"], "interval": "3m" },
            { "type": "vless", "tag": "NL", "server": "nl.example", "server_port": 443 },
            { "type": "vless", "tag": "DE", "server": "de.example", "server_port": 443, "detour": "Hop" },
            { "type": "shadowsocks", "tag": "Hop", "server": "hop.example", "server_port": 443 },
            { "type": "hysteria2", "tag": "FI", "server": "fi.example", "server_ports": ["1:2"], "detour": "NL" },
            { "type": "direct", "tag": "direct" },
        ],
        "route": {
            "final": "NL",
            "rules": [{ "domain": "a", "outbound": "NL" }, { "domain": "b", "outbound": "direct" }],
            "rule_set": [],
        },
    });
    let plan = plan([dead("nl.example"), dead("hop.example"), dead("fi.example")]);
    let after: Value = serde_json::from_str(&rewritten(&body.to_string(), &plan)).unwrap();
    let mut expected = body.clone();
    expected["dns"]["servers"][0]["detour"] = json!("DE");
    expected["route"]["final"] = json!("DE");
    expected["route"]["rules"][0]["outbound"] = json!("DE");
    let old = body["outbounds"].as_array().unwrap();
    expected["outbounds"] = json!([
        { "type": "selector", "tag": "proxy", "outbounds": ["auto", "DE"] },
        { "type": "urltest", "tag": "auto", "outbounds": ["DE"], "interval": "3m" },
        old[3], old[4], old[6],
    ]);
    assert_eq!(after, expected);
}

#[test]
fn an_xray_file_with_balancers_still_chooses() {
    let server = |tag: &str, host: &str| {
        json!({
            "tag": tag, "protocol": "vless",
            "settings": { "vnext": [{ "address": host, "port": 443, "users": [] }] },
        })
    };
    let body = json!({
        "remarks": "Smart",
        "outbounds": [
            server("nl-1", "nl.example"),
            server("nl-2", "nl.example"),
            server("fi-1", "fi.example"),
            { "tag": "direct", "protocol": "freedom" },
        ],
        "routing": {
            "balancers": [
                { "tag": "nl", "selector": ["nl-"], "fallbackTag": "nl-1" },
                { "tag": "all", "selector": ["nl-", "fi-"], "strategy": { "type": "leastPing" } },
            ],
            "rules": [{ "outboundTag": "nl-2" }, { "outboundTag": "direct" }, { "balancerTag": "all" }],
        },
        "observatory": { "subjectSelector": ["nl-", "fi-"] },
    });
    let mut expected = body.clone();
    expected["outbounds"].as_array_mut().unwrap().drain(..2);
    expected["routing"]["balancers"][0] = json!({ "tag": "nl", "selector": ["fi-1"], "fallbackTag": "fi-1" });
    expected["routing"]["balancers"][1]["selector"] = json!(["fi-"]);
    expected["routing"]["rules"][0]["outboundTag"] = json!("fi-1");
    let plan = plan([dead("nl.example")]);
    let after: Value = serde_json::from_str(&rewritten(&body.to_string(), &plan)).unwrap();
    assert_eq!(after, expected);

    // In a list it stays as long as one of its servers does, and goes with the last.
    let other = json!({ "remarks": "NL", "outbounds": [server("proxy", "nl.example")] });
    let list = json!([other, body]).to_string();
    let after: Value = serde_json::from_str(&rewritten(&list, &plan)).unwrap();
    assert_eq!(after, json!([expected]));
}

#[test]
fn a_notice_is_said_in_the_format_that_the_client_takes() {
    let agents = ["v2rayNG/1.9", "ClashForAndroid/2.5", "mihomo/1.19", "SFA/1.11", "Outline/1.0"];
    for agent in agents {
        let format = family(agent);
        let body = notice(format, &["⌛ Ended", "→ @support"]);
        let contents = read(body.as_bytes()).unwrap();
        assert!(contents.entries[0].remark.starts_with("⌛ Ended"), "{agent}");
        // Whatever is planned, it stays as it is.
        assert_eq!(rewritten(&body, &plan([dead("127.0.0.1")])), body);
    }
}
