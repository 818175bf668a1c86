//! Where and how a user connects: its inbounds seen through the hosts, and the share links for them.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::inbound::{Protocol, Security};
use super::rows::{Proxy, User};
use super::state::State;

/// One way to connect.
pub(super) struct Endpoint {
    pub(super) proxy: Proxy,
    pub(super) remark: String,
    pub(super) address: String,
    pub(super) port: u16,
    pub(super) network: String,
    /// `none`, `tls` or `reality`.
    pub(super) tls: String,
    pub(super) sni: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) http_header: bool,
    pub(super) fingerprint: String,
    pub(super) alpn: String,
    pub(super) public_key: String,
    pub(super) short_id: String,
    /// The flow that belongs into the client's configuration; empty where it means nothing.
    pub(super) flow: String,
}

/// All ways for a user, in the order of the core's inbounds. Server names and short ids are drawn anew each time.
pub(super) fn endpoints(state: &mut State, user: &User) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for inbound in state.inbounds.clone() {
        let Some(account) = user.account(inbound.protocol) else { continue };
        if account.excluded.contains(&inbound.tag) {
            continue;
        }
        for host in state.db.hosts.get(&inbound.tag).cloned().unwrap_or_default() {
            if host.is_disabled == Some(true) {
                continue;
            }
            let (names, short_ids, public_key) = match &inbound.security {
                Security::None => (&Vec::new(), &Vec::new(), String::new()),
                Security::Tls { server_names } => (server_names, &Vec::new(), String::new()),
                Security::Reality(reality) => {
                    (&reality.server_names, &reality.short_ids, reality.public_key.clone())
                }
            };
            let tls = if host.security == "inbound_default" { inbound.tls() } else { host.security.as_str() };
            let sni = match &host.sni {
                Some(sni) if !sni.is_empty() => state.draw(&list(sni)),
                _ => state.draw(names),
            };
            let request_host = match &host.host {
                Some(host) if !host.is_empty() => state.draw(&list(host)),
                _ => state.draw(&inbound.hosts),
            };
            let flow = match &account.proxy {
                Proxy::Vless { flow, .. } | Proxy::Trojan { flow, .. } if inbound.takes_flow() => {
                    flow.clone()
                }
                _ => String::new(),
            };
            let fill = |text: &str| {
                text.replace("{USERNAME}", &user.username)
                    .replace("{PROTOCOL}", inbound.protocol.title())
                    .replace("{TRANSPORT}", &inbound.network)
                    .replace("{SERVER_IP}", &state.options.host)
            };
            let remark = fill(&host.remark);
            let addresses = list(&fill(&host.address));
            endpoints.push(Endpoint {
                proxy: account.proxy.clone(),
                remark,
                address: state.draw(&addresses),
                port: host.port.unwrap_or(inbound.port),
                network: inbound.network.clone(),
                tls: tls.to_owned(),
                sni: if tls == "none" { String::new() } else { sni },
                host: request_host,
                path: host.path.clone().unwrap_or_else(|| inbound.path.clone()),
                http_header: inbound.http_header,
                fingerprint: if host.fingerprint.is_empty() && tls == "reality" {
                    "chrome".to_owned()
                } else {
                    host.fingerprint.clone()
                },
                alpn: host.alpn.clone(),
                public_key,
                short_id: state.draw(short_ids),
                flow,
            });
        }
    }
    endpoints
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).collect()
}

impl Endpoint {
    pub(super) fn protocol(&self) -> Protocol {
        self.proxy.protocol()
    }

    /// The link that clients take over by a tap or a picture.
    pub(super) fn share_link(&self) -> String {
        let Self { address, port, .. } = self;
        let remark = quote(&self.remark, true);
        match &self.proxy {
            Proxy::Vmess { id } => self.vmess_link(&id.to_string()),
            Proxy::Vless { id, .. } => {
                format!("vless://{id}@{address}:{port}?{}#{remark}", self.parameters())
            }
            Proxy::Trojan { password, .. } => {
                let password = quote(password, false);
                format!("trojan://{password}@{address}:{port}?{}#{remark}", self.parameters())
            }
            Proxy::Shadowsocks { password, method } => {
                let secret = BASE64.encode(format!("{method}:{password}"));
                format!("ss://{secret}@{address}:{port}#{remark}")
            }
        }
    }

    /// JSON as Python dumps it: keys in order, blanks after separators.
    fn vmess_link(&self, id: &str) -> String {
        let mut fields = json!({
            "add": self.address, "aid": "0", "host": self.host, "id": id, "net": self.network, "path": self.path,
            "port": self.port, "ps": self.remark, "scy": "auto", "tls": self.tls,
            "type": if self.http_header { "http" } else { "" }, "v": "2",
        });
        if self.tls != "none" {
            fields["sni"] = json!(self.sni);
            fields["fp"] = json!(self.fingerprint);
        }
        let mut fields = fields.as_object().cloned().unwrap_or_default().into_iter().collect::<Vec<_>>();
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        let fields = fields.iter().map(|(key, value)| format!("\"{key}\": {}", ascii(&value.to_string())));
        format!("vmess://{}", BASE64.encode(format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))))
    }

    fn parameters(&self) -> String {
        let header = if self.http_header { "http" } else { "" };
        let mut pairs =
            vec![("security", self.tls.as_str()), ("type", &self.network), ("headerType", header)];
        if !self.flow.is_empty() {
            pairs.push(("flow", &self.flow));
        }
        if self.network == "grpc" {
            pairs.extend([("serviceName", self.path.as_str()), ("authority", &self.host), ("mode", "gun")]);
        } else {
            pairs.extend([("path", self.path.as_str()), ("host", &self.host)]);
        }
        if self.tls != "none" {
            pairs.extend([("sni", self.sni.as_str()), ("fp", &self.fingerprint)]);
            if !self.alpn.is_empty() {
                pairs.push(("alpn", &self.alpn));
            }
        }
        if self.tls == "reality" {
            pairs.extend([("pbk", self.public_key.as_str()), ("sid", &self.short_id)]);
        }
        let pairs =
            pairs.iter().map(|(key, value)| format!("{key}={}", quote(value, false).replace("%20", "+")));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// Percent-encoding as Python's `quote`: letters, digits and `_.-~` stay, a slash on demand.
fn quote(text: &str, keep_slash: bool) -> String {
    let mut quoted = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) || (keep_slash && byte == b'/') {
            quoted.push(char::from(byte));
        } else {
            write!(quoted, "%{byte:02X}").expect("a String takes all");
        }
    }
    quoted
}

/// Everything beyond ASCII escaped, as Python does unless told otherwise.
pub(super) fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for unit in json.chars() {
        if unit.is_ascii() {
            escaped.push(unit);
        } else {
            for half in unit.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{half:04x}").expect("a String takes all");
            }
        }
    }
    escaped
}
