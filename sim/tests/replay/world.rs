//! The panels that the recordings were made on, and the machinery to ask them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sim::marzban::{Inbound, Marzban, Options, Protocol, Reality, SimClock};

use super::rules::{Bindings, RULES, normal, normal_header};

/// One recorded exchange.
#[derive(Debug, Deserialize)]
pub struct Exchange {
    pub name: String,
    pub panel: usize,
    pub request: RecordedRequest,
    pub response: Option<RecordedResponse>,
    pub transport_error: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct RecordedRequest {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, Value>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

#[derive(Debug, Deserialize)]
pub struct RecordedResponse {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

#[derive(Deserialize)]
struct Recording {
    exchanges: Vec<Exchange>,
}

/// The exchanges of a file, in order.
pub fn recording(file: &str) -> Vec<Exchange> {
    let path = format!("{}/tests/recordings/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str::<Recording>(&text).unwrap().exchanges
}

/// The moment in the recordings' day.
pub fn moment(time: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(&format!("2026-11-21T{time}"), "%Y-%m-%dT%H:%M:%S%.f").unwrap().and_utc()
}

/// The panels and what is known about them.
pub struct World {
    pub clock: SimClock,
    pub panels: BTreeMap<usize, Marzban>,
    pub bindings: Bindings,
    /// What `OTHER_TOKEN` stands for now.
    pub other_token: String,
    /// The exchange is one that the client gives up on.
    pub impatient: bool,
    http: reqwest::Client,
    /// Bound, and nothing listens.
    nowhere: tokio::net::TcpSocket,
    mismatches: Vec<String>,
    rules_used: BTreeSet<&'static str>,
    pub replayed: usize,
}

/// Answers that matter beside the body.
const HEADERS: [&str; 10] = [
    "content-type",
    "location",
    "allow",
    "www-authenticate",
    "content-disposition",
    "profile-web-page-url",
    "support-url",
    "profile-title",
    "profile-update-interval",
    "subscription-userinfo",
];

impl World {
    /// Three panels as they were: the third with its admin in the environment.
    pub async fn new() -> Self {
        // Their jobs ran 7.49 s after each full ten seconds.
        let clock = SimClock::manual(moment("02:17:07.490"));
        let keys = [
            "apCTBpOxIZnnm92ujuD47ZI0klyMcLzZx5Jd4Fa-OU4",
            "Y5YuZXp262ZRq5HReQCMp1Agb7f2VXsEoFBo9kzVxx0",
            "aXIuDQrJlZZEYFZDEXjm0KDlMzcmHsCH8Nj22hEiyTM",
        ];
        let mut panels = BTreeMap::new();
        for (number, key) in (1..).zip(keys) {
            let port = 20_000 + 100 * u16::try_from(number).unwrap();
            let options = Options {
                name: format!("panel {number}"),
                admin: ("admin".to_owned(), "admin".to_owned()),
                env_sudo: number == 3,
                inbounds: inbounds(port, key),
                clock: clock.clone(),
                subscription_url_prefix: format!("http://127.0.0.1:1800{number}"),
                seed: u64::try_from(number).unwrap(),
                ..Options::default()
            };
            panels.insert(number, Marzban::start(options).await.unwrap());
        }
        let nowhere = tokio::net::TcpSocket::new_v4().unwrap();
        nowhere.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // A connection may have been closed after a 5xx without notice; the recorder opened one for each request.
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self {
            clock,
            panels,
            bindings: Bindings::default(),
            other_token: String::new(),
            impatient: false,
            http,
            nowhere,
            mismatches: Vec::new(),
            rules_used: BTreeSet::new(),
            replayed: 0,
        }
    }

    pub fn panel(&self) -> &Marzban {
        &self.panels[&1]
    }

    /// A token from a login.
    pub async fn login(&self, panel: usize, username: &str, password: &str) -> String {
        let form = format!("username={username}&password={password}");
        let request = self.http.post(format!("{}/api/admin/token", self.panels[&panel].url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A request that the recorder made between exchanges, without recording it.
    pub async fn aside(&self, panel: usize, method: Method, path: &str, body: Value) {
        let token = self.login(panel, "admin", "admin").await;
        let request = self.http.request(method, format!("{}{path}", self.panels[&panel].url()));
        let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    /// Makes the exchange again and notes what is different.
    pub async fn replay(&mut self, file: &str, exchange: &Exchange) {
        self.replayed += 1;
        self.set_clock(exchange);
        if let Some(problem) = self.compare(exchange).await.err() {
            self.mismatches.push(format!("{file} {}: {problem}", exchange.name));
        }
    }

    /// All that was different, and the rules that nothing needed: they must go.
    pub fn finish(self) -> Vec<String> {
        drop(self.nowhere);
        let idle = RULES.iter().filter(|rule| !self.rules_used.contains(rule.name));
        let idle = idle.map(|rule| format!("no answer needs the rule \"{}\" ({})", rule.name, rule.reason));
        self.mismatches.into_iter().chain(idle).collect()
    }

    /// The recordings don't say when an exchange took place, but their answers do: by the time of a creation, else by
    /// the second in a subscription token (which is rounded up).
    fn set_clock(&self, exchange: &Exchange) {
        let Some(response) = &exchange.response else { return };
        let first = response.body.pointer("/users/0").unwrap_or(&response.body);
        let creates = exchange.request.method == "POST" && exchange.request.path == "/api/user";
        if let (true, Some(created)) = (creates, first["created_at"].as_str()) {
            self.clock.advance_to(moment(created.split_once('T').unwrap().1));
        } else if let Some(address) = first["subscription_url"].as_str() {
            use base64::Engine;
            let token = address.rsplit('/').next().unwrap();
            let data =
                base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token[..token.len() - 10]).unwrap();
            let seconds = String::from_utf8(data).unwrap().rsplit(',').next().unwrap().parse().unwrap();
            let time = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap() - TimeDelta::milliseconds(700);
            self.clock.advance_to(time);
        }
    }

    async fn compare(&mut self, exchange: &Exchange) -> Result<(), String> {
        let answer = self.ask(exchange).await;
        let recorded = match (&exchange.response, &exchange.transport_error) {
            (Some(recorded), _) => recorded,
            (None, Some(expected)) => return same_failure(expected, answer.err()),
            (None, None) => return Err("the recording holds neither an answer nor an error".to_owned()),
        };
        let answer = answer.map_err(|error| format!("no answer: {error}"))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let bytes = answer.bytes().await.map_err(|error| format!("no body: {error}"))?;
        let text = String::from_utf8_lossy(&bytes);
        let body = serde_json::from_str::<Value>(&text)
            .ok()
            .filter(|_| !recorded.body.is_string())
            .unwrap_or_else(|| Value::String(text.clone().into_owned()));
        if status != recorded.status {
            return Err(format!("status {status} instead of {}: {text}", recorded.status));
        }
        for name in HEADERS {
            let expected =
                recorded.headers.get(name).map(|value| normal_header(&self.bindings.translate(value)));
            let found = headers.get(name).map(|value| normal_header(value.to_str().unwrap()));
            if expected != found {
                return Err(format!("{name}: {found:?} instead of {expected:?}"));
            }
        }
        self.bindings.learn(&recorded.body, &body);
        // Decoding comes first: credentials stand inside base64, too.
        let mut expected = normal(&recorded.body);
        expected.body = self.bindings.translate_json(&expected.body);
        let found = normal(&body);
        self.rules_used.extend(&expected.rules);
        if expected.body != found.body {
            return Err(difference("", &expected.body, &found.body));
        }
        let length = headers["content-length"].to_str().unwrap();
        if expected.keeps_length() && recorded.headers["content-length"] != length {
            return Err(format!("content-length {length} instead of {}", recorded.headers["content-length"]));
        }
        Ok(())
    }

    async fn ask(&mut self, exchange: &Exchange) -> reqwest::Result<reqwest::Response> {
        let recorded = &exchange.request;
        let base = match self.panels.get(&exchange.panel) {
            Some(panel) => panel.url(),
            None => format!("http://{}", self.nowhere.local_addr().unwrap()),
        };
        let path = self.bindings.translate(&recorded.path);
        let mut request = self.http.request(recorded.method.parse().unwrap(), format!("{base}{path}"));
        request = request.header("host", format!("127.0.0.1:1800{}", exchange.panel));
        for (key, value) in &recorded.query {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                request = request.query(&[(key, value)]);
            }
        }
        let mut headers = recorded.headers.clone();
        if exchange.transport_error.is_some() && self.panels.contains_key(&exchange.panel) {
            // What got no answer was recorded without its headers.
            headers.insert("Authorization".to_owned(), "Bearer ACCESS_TOKEN".to_owned());
            headers.insert("Content-Type".to_owned(), "application/json".to_owned());
        }
        for (name, value) in headers {
            let value = match value.as_str() {
                "Bearer ACCESS_TOKEN" => match self.panels.get(&exchange.panel) {
                    Some(panel) => format!("Bearer {}", sudo_token(panel, &self.clock)),
                    None => value,
                },
                "Bearer OTHER_TOKEN" => format!("Bearer {}", self.other_token),
                _ => value,
            };
            request = request.header(name, value);
        }
        self.bindings.note_sent(&recorded.body);
        request = match &recorded.body {
            Value::Null => request,
            Value::String(text) => request.body(text.clone()),
            Value::Object(fields)
                if recorded.headers.get("Content-Type").is_some_and(|kind| kind.contains("form")) =>
            {
                let pairs = fields.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap()));
                request.body(pairs.collect::<Vec<_>>().join("&"))
            }
            body => request.body(self.bindings.translate_json(body).to_string()),
        };
        if self.impatient {
            request = request.timeout(Duration::from_millis(100));
        }
        request.send().await
    }
}

/// A token that the panel made just now.
fn sudo_token(panel: &Marzban, clock: &SimClock) -> String {
    let now = clock.now();
    panel.token("admin", true, now, now + TimeDelta::days(1))
}

fn same_failure(expected: &str, found: Option<reqwest::Error>) -> Result<(), String> {
    let Some(found) = found else { return Err(format!("an answer instead of: {expected}")) };
    let same = match expected {
        "no answer: read timed out" => found.is_timeout() && !found.is_connect(),
        "connection refused" => found.is_connect() && format!("{found:?}").contains("ConnectionRefused"),
        _ => false,
    };
    if same { Ok(()) } else { Err(format!("{found:?} instead of: {expected}")) }
}

/// The first place where two values differ.
fn difference(path: &str, expected: &Value, found: &Value) -> String {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()) {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                if a != b {
                    return difference(&format!("{path}/{key}"), a, b);
                }
            }
            format!("{path}: other fields: {expected} and {found}")
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let (place, (a, b)) = a.iter().zip(b).enumerate().find(|(_, (a, b))| a != b).unwrap();
            difference(&format!("{path}/{place}"), a, b)
        }
        _ => format!("{path}: {found} instead of {expected}"),
    }
}

fn inbounds(port: u16, public_key: &str) -> Vec<Inbound> {
    let reality = Reality {
        dest: format!("127.0.0.1:{}", port + 343),
        server_names: vec!["example.com".to_owned(), String::new()],
        short_ids: vec![String::new(), "6ba85179e30d4fc2".to_owned()],
        private_key: "PLACEHOLDER-REALITY-PRIVATE-KEY".to_owned(),
        public_key: public_key.to_owned(),
    };
    vec![
        Inbound::vless_reality("VLESS TCP REALITY", port + 43, reality),
        Inbound::websocket("VMess Websocket", Protocol::Vmess, port + 1, "/vmess"),
        Inbound::vmess_http("VMess TCP", port + 2, "example.com"),
        Inbound::websocket("Trojan Websocket", Protocol::Trojan, port + 3, "/trojan"),
        Inbound::shadowsocks("Shadowsocks TCP", port + 80),
    ]
}

/// The body of a user with all protocols.
pub fn all_protocols(username: &str) -> Value {
    json!({
        "username": username,
        "proxies": { "vless": { "flow": "xtls-rprx-vision" }, "vmess": {}, "trojan": {}, "shadowsocks": {} },
        "inbounds": {},
    })
}
