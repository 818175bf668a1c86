//! What may differ between a recorded answer and a replayed one, and nothing else.
//!
//! Both sides are brought into one form: what is encoded is decoded, what cannot be the same is checked for its form
//! and replaced by a word. Everything else must be equal. Random credentials are not among the rules: those of the
//! recording are *bound* to those of the replay when they first appear, and must then match wherever they turn up, in
//! `proxies`, links and client formats alike.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// One kind of difference that is no difference.
pub struct Rule {
    pub name: &'static str,
    pub reason: &'static str,
    /// Whether the replacement can have another length, so that `content-length` says nothing.
    pub keeps_length: bool,
}

/// All of them.
pub const RULES: &[Rule] = &[
    Rule {
        name: "login token",
        reason: "signed with a secret of the panel, and replaced by a placeholder when it was recorded",
        keeps_length: true,
    },
    Rule {
        name: "subscription token",
        reason: "its time and its signature follow from the moment and from a secret of the panel; the name in it counts",
        keeps_length: true,
    },
    Rule {
        name: "drawn server name and short id",
        reason: "the panel draws one of the inbound's at random for each answer",
        keeps_length: false,
    },
    Rule {
        name: "figures of the machine",
        reason: "memory, processor and network speed are those of the host",
        keeps_length: false,
    },
    Rule {
        name: "moment of a subscription read",
        reason: "the recording does not say when it asked, to the microsecond",
        keeps_length: true,
    },
    Rule {
        name: "private key",
        reason: "replaced by a shorter placeholder when it was recorded",
        keeps_length: false,
    },
    Rule {
        name: "web page for browsers",
        reason: "the recording cuts it off, and it is made for eyes; that it is one counts",
        keeps_length: false,
    },
];

/// What the recorded inbounds can draw from.
const SERVER_NAMES: [&str; 2] = ["", "example.com"];
const SHORT_IDS: [&str; 2] = ["", "6ba85179e30d4fc2"];

/// Credentials of the recording and their counterparts in the replay.
#[derive(Default)]
pub struct Bindings {
    counterparts: BTreeMap<String, String>,
    /// Strings that requests contained: these the panel must give back as they are.
    sent: BTreeSet<String>,
}

impl Bindings {
    pub fn bind(&mut self, recorded: &str, replayed: &str) {
        self.counterparts.insert(recorded.to_owned(), replayed.to_owned());
    }

    pub fn note_sent(&mut self, body: &Value) {
        match body {
            Value::String(text) => {
                self.sent.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.note_sent(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.note_sent(field)),
            _ => {}
        }
    }

    /// The text with each recorded credential replaced by its counterpart.
    pub fn translate(&self, text: &str) -> String {
        self.counterparts.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    pub fn translate_json(&self, value: &Value) -> Value {
        serde_json::from_str(&self.translate(&value.to_string())).unwrap()
    }

    /// Binds the random credentials that appear side by side in two answers.
    pub fn learn(&mut self, recorded: &Value, replayed: &Value) {
        match (recorded, replayed) {
            (Value::Object(recorded), Value::Object(replayed)) => {
                for (key, value) in recorded {
                    let Some(other) = replayed.get(key) else { continue };
                    match (key.as_str(), value, other) {
                        ("id" | "password", Value::String(value), Value::String(other)) => {
                            self.learn_one(value, other);
                        }
                        ("subscription_url", Value::String(value), Value::String(other)) => {
                            let token = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
                            self.bind(&token(value), &token(other));
                        }
                        _ => self.learn(value, other),
                    }
                }
            }
            (Value::Array(recorded), Value::Array(replayed)) => {
                recorded.iter().zip(replayed).for_each(|(recorded, replayed)| self.learn(recorded, replayed));
            }
            _ => {}
        }
    }

    fn learn_one(&mut self, recorded: &str, replayed: &str) {
        let alike = |same: fn(&str) -> bool| same(recorded) && same(replayed);
        let random = alike(|text| uuid::Uuid::parse_str(text).is_ok_and(|id| id.get_version_num() == 4))
            || alike(|text| text.len() == 22 && URL_SAFE_NO_PAD.decode(text).is_ok());
        let taken = self.counterparts.values().any(|known| known == replayed);
        let known = self.counterparts.contains_key(recorded) || self.sent.contains(recorded);
        if random && !taken && !known && recorded != replayed {
            self.bind(recorded, replayed);
        }
    }
}

/// An answer's body in comparable form, and which rules were needed for it.
pub struct Normal {
    pub body: Value,
    pub rules: BTreeSet<&'static str>,
}

/// Brings a body into comparable form.
pub fn normal(body: &Value) -> Normal {
    let mut normal = Normal { body: Value::Null, rules: BTreeSet::new() };
    normal.body = normal.value("", body);
    normal
}

/// The same for a header that holds a subscription address.
pub fn normal_header(value: &str) -> String {
    let mut normal = Normal { body: Value::Null, rules: BTreeSet::new() };
    normal.subscription_address(value)
}

impl Normal {
    fn value(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut normal = serde_json::Map::new();
                for (key, value) in fields {
                    normal.insert(key.clone(), self.value(key, value));
                }
                // An empty short id is left out of some formats.
                if fields.contains_key("public_key") || fields.contains_key("publicKey") {
                    let name = if fields.contains_key("public_key") { "short_id" } else { "shortId" };
                    let drawn =
                        self.drawn(fields.get(name).and_then(Value::as_str).unwrap_or_default(), &SHORT_IDS);
                    normal.insert(name.to_owned(), Value::String(drawn));
                }
                Value::Object(normal)
            }
            Value::Array(items) => items.iter().map(|item| self.value(key, item)).collect(),
            Value::Number(_) if is_machine_figure(key) => {
                self.word("figures of the machine", "FIGURE").into()
            }
            Value::String(text) => Value::String(self.text(key, text)),
            other => other.clone(),
        }
    }

    fn text(&mut self, key: &str, text: &str) -> String {
        match key {
            "access_token" => {
                let parts = text.split('.').collect::<Vec<_>>();
                assert_eq!(parts.len(), 3, "a login token has three parts");
                let head = parts[0].to_owned();
                return format!("{head}.{}", self.word("login token", "CLAIMS.SIGNATURE"));
            }
            "privateKey" => return self.word("private key", text),
            "subscription_url" => return self.subscription_address(text),
            "server_name" | "serverName" => return self.drawn(text, &SERVER_NAMES),
            "sub_updated_at" => {
                let parsed = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S.%6f");
                assert!(parsed.is_ok(), "not a time: {text}");
                return self.word("moment of a subscription read", "MOMENT");
            }
            _ => {}
        }
        if text.starts_with("<!DOCTYPE html>\n<html>")
            && text.contains("<title>Subscription Information</title>")
        {
            return self.word("web page for browsers", "PAGE");
        }
        // The base64 list of links.
        if let Some(links) = decoded(text).filter(|links| links.contains("://")) {
            return links.lines().map(|link| self.link(link)).collect::<Vec<_>>().join("\n");
        }
        if text.contains("://") && !text.contains('\n') {
            return self.link(text);
        }
        if text.starts_with("mode: Global\n") {
            return text.lines().map(|line| self.yaml_line(line)).collect::<Vec<_>>().join("\n");
        }
        text.to_owned()
    }

    fn link(&mut self, link: &str) -> String {
        if let Some(json) = link.strip_prefix("vmess://").and_then(decoded) {
            return format!("vmess://{json}");
        }
        if let Some((secret, rest)) = link.strip_prefix("ss://").and_then(|link| link.split_once('@')) {
            return format!("ss://{}@{rest}", decoded(secret).unwrap_or_default());
        }
        let Some((head, remark)) = link.split_once('#') else { return link.to_owned() };
        let parameters = head.split('&').map(|parameter| match parameter.split_once('=') {
            Some(("sni", name)) => format!("sni={}", self.drawn(name, &SERVER_NAMES)),
            Some(("sid", id)) => format!("sid={}", self.drawn(id, &SHORT_IDS)),
            _ => parameter.to_owned(),
        });
        let parameters = parameters.collect::<Vec<_>>();
        format!("{}#{remark}", parameters.join("&"))
    }

    fn yaml_line(&mut self, line: &str) -> String {
        match line.trim_start().split_once(": ") {
            Some(("servername", name)) => {
                format!("servername: {}", self.drawn(name.trim_matches('\''), &SERVER_NAMES))
            }
            Some(("short-id", id)) => format!("short-id: {}", self.drawn(id.trim_matches('\''), &SHORT_IDS)),
            _ => line.to_owned(),
        }
    }

    fn subscription_address(&mut self, address: &str) -> String {
        let Some((before, path)) = address.split_once("/sub/") else { return address.to_owned() };
        let (token, after) = path.split_at(path.find('/').unwrap_or(path.len()));
        let (data, signature) = token.split_at(token.len() - 10);
        let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(data).unwrap()).unwrap();
        let (name, seconds) = payload.split_once(',').unwrap();
        assert!(seconds.parse::<u64>().is_ok() && signature.len() == 10, "not a subscription token: {token}");
        self.word("subscription token", &format!("{before}/sub/TOKEN-OF-{name}{after}"))
    }

    fn drawn(&mut self, value: &str, from: &[&str]) -> String {
        // What could not have been drawn stays, and will differ.
        if from.contains(&value) {
            self.word("drawn server name and short id", "DRAWN")
        } else {
            value.to_owned()
        }
    }

    fn word(&mut self, rule: &'static str, word: &str) -> String {
        assert!(RULES.iter().any(|known| known.name == rule), "{rule} stands in no list");
        self.rules.insert(rule);
        word.to_owned()
    }

    /// Whether `content-length` can be compared, too.
    pub fn keeps_length(&self) -> bool {
        self.rules.iter().all(|name| RULES.iter().any(|rule| rule.name == *name && rule.keeps_length))
    }
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

fn is_machine_figure(key: &str) -> bool {
    ["mem_total", "mem_used", "cpu_usage", "incoming_bandwidth_speed", "outgoing_bandwidth_speed"]
        .contains(&key)
}
