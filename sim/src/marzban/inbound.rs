//! What the panel's core listens on: the inbounds of its Xray configuration.

use serde::Serialize;
use serde_json::{Value, json};

/// A proxy protocol, named as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// VMess: an id.
    Vmess,
    /// VLESS: an id and a flow.
    Vless,
    /// Trojan: a password.
    Trojan,
    /// Shadowsocks: a password and a method.
    Shadowsocks,
}

impl Protocol {
    /// All, in the panel's order.
    pub const ALL: [Self; 4] = [Self::Vmess, Self::Vless, Self::Trojan, Self::Shadowsocks];

    /// As on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vmess => "vmess",
            Self::Vless => "vless",
            Self::Trojan => "trojan",
            Self::Shadowsocks => "shadowsocks",
        }
    }

    /// From the wire.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// As remarks show it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Vmess => "VMess",
            Self::Vless => "VLESS",
            Self::Trojan => "Trojan",
            Self::Shadowsocks => "Shadowsocks",
        }
    }
}

/// One inbound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Its unique name.
    pub tag: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// Where it listens.
    pub port: u16,
    /// `tcp`, `ws`, `grpc`, `httpupgrade`, `xhttp`, or `raw`, which is `tcp` by its new name, and a trap: Marzban 0.8.4
    /// sends the core accounts without their flow there.
    pub network: String,
    /// Path (or service name) of the transports that have one.
    pub path: String,
    /// Host names the transport expects; empty for any.
    pub hosts: Vec<String>,
    /// TCP dressed up as plain HTTP.
    pub http_header: bool,
    /// What is around it.
    pub security: Security,
}

/// What protects an inbound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// Nothing, or a front that adds TLS.
    None,
    /// TLS of its own, for these names.
    Tls { server_names: Vec<String> },
    /// REALITY: TLS borrowed from another site.
    Reality(Reality),
}

/// The settings of a REALITY inbound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reality {
    /// The site it hides behind.
    pub dest: String,
    /// One is drawn for each link; an empty one is possible.
    pub server_names: Vec<String>,
    /// One is drawn for each link; an empty one is possible.
    pub short_ids: Vec<String>,
    /// X25519, base64url; appears in `/api/core/config` only.
    pub private_key: String,
    /// X25519, base64url; appears in links.
    pub public_key: String,
}

impl Inbound {
    /// VLESS over TCP with REALITY.
    #[must_use]
    pub fn vless_reality(tag: &str, port: u16, reality: Reality) -> Self {
        Self::new(tag, Protocol::Vless, port, "tcp", Security::Reality(reality))
    }

    /// Any protocol over a WebSocket at `path`, without TLS of its own (a front adds it).
    #[must_use]
    pub fn websocket(tag: &str, protocol: Protocol, port: u16, path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::new(tag, protocol, port, "ws", Security::None) }
    }

    /// VMess over TCP that looks like HTTP to `host`.
    #[must_use]
    pub fn vmess_http(tag: &str, port: u16, host: &str) -> Self {
        Self {
            path: "/".to_owned(),
            hosts: vec![host.to_owned()],
            http_header: true,
            ..Self::new(tag, Protocol::Vmess, port, "tcp", Security::None)
        }
    }

    /// Shadowsocks over TCP and UDP.
    #[must_use]
    pub fn shadowsocks(tag: &str, port: u16) -> Self {
        Self::new(tag, Protocol::Shadowsocks, port, "tcp", Security::None)
    }

    fn new(tag: &str, protocol: Protocol, port: u16, network: &str, security: Security) -> Self {
        Self {
            tag: tag.to_owned(),
            protocol,
            port,
            network: network.to_owned(),
            path: String::new(),
            hosts: Vec::new(),
            http_header: false,
            security,
        }
    }

    /// The same with its network called otherwise: `with_network("raw")` sets the REALITY trap.
    #[must_use]
    pub fn with_network(self, network: &str) -> Self {
        Self { network: network.to_owned(), ..self }
    }

    /// The five inbounds that a fresh panel is shown with, VLESS first, their ports derived from `base`.
    #[must_use]
    pub fn defaults(base: u16) -> Vec<Self> {
        let reality = Reality {
            dest: "example.com:443".to_owned(),
            server_names: vec!["example.com".to_owned()],
            short_ids: vec![String::new(), "6ba85179e30d4fc2".to_owned()],
            private_key: format!("simulated-private-key-of-the-panel-at-{base:05}"),
            public_key: format!("simulated-public-key-of-the-panel-at--{base:05}"),
        };
        vec![
            Self::vless_reality("VLESS TCP REALITY", base + 43, reality),
            Self::websocket("VMess Websocket", Protocol::Vmess, base + 1, "/vmess"),
            Self::vmess_http("VMess TCP", base + 2, "example.com"),
            Self::websocket("Trojan Websocket", Protocol::Trojan, base + 3, "/trojan"),
            Self::shadowsocks("Shadowsocks TCP", base + 80),
        ]
    }

    /// What the panel calls its security: `none`, `tls` or `reality`.
    pub(super) fn tls(&self) -> &'static str {
        match self.security {
            Security::None => "none",
            Security::Tls { .. } => "tls",
            Security::Reality(_) => "reality",
        }
    }

    /// Whether a client's flow means anything here, by what the links say.
    pub(super) fn takes_flow(&self) -> bool {
        self.security != Security::None
            && matches!(self.network.as_str(), "tcp" | "raw" | "kcp")
            && !self.http_header
    }

    /// One entry of `/api/inbounds`.
    pub(super) fn summary(&self) -> Value {
        json!({ "tag": self.tag, "protocol": self.protocol, "network": self.network, "tls": self.tls(), "port": self.port })
    }

    /// One entry of the core's configuration.
    pub(super) fn config(&self) -> Value {
        let mut settings = json!({ "clients": [] });
        match self.protocol {
            Protocol::Vless => settings["decryption"] = json!("none"),
            Protocol::Shadowsocks => settings["network"] = json!("tcp,udp"),
            Protocol::Vmess | Protocol::Trojan => {}
        }
        let mut inbound = json!({
            "tag": self.tag,
            "listen": "127.0.0.1",
            "port": self.port,
            "protocol": self.protocol,
            "settings": settings,
        });
        if self.protocol != Protocol::Shadowsocks {
            inbound["streamSettings"] = self.stream_settings();
        }
        if let Security::Reality(_) = self.security {
            inbound["sniffing"] = json!({ "enabled": false });
        }
        inbound
    }

    fn stream_settings(&self) -> Value {
        let mut stream = json!({ "network": self.network, "security": self.tls() });
        stream[format!("{}Settings", self.network)] = match self.network.as_str() {
            "tcp" | "raw" if self.http_header => json!({ "header": {
                "type": "http",
                "request": { "method": "GET", "path": [self.path], "headers": { "Host": self.hosts } },
                "response": {},
            } }),
            "tcp" | "raw" => json!({}),
            "grpc" => json!({ "serviceName": self.path }),
            _ => json!({ "path": self.path }),
        };
        match &self.security {
            Security::None => {}
            Security::Tls { server_names } => {
                stream["tlsSettings"] = json!({ "serverName": server_names.first(), "certificates": [] });
            }
            Security::Reality(reality) => {
                stream["realitySettings"] = json!({
                    "show": false,
                    "dest": reality.dest,
                    "xver": 0,
                    "serverNames": reality.server_names,
                    "privateKey": reality.private_key,
                    "shortIds": reality.short_ids,
                });
            }
        }
        stream
    }
}

/// The whole core configuration, without accounts: the panel adds those when it starts the core.
pub(super) fn core_config(inbounds: &[Inbound]) -> Value {
    json!({
        "log": { "loglevel": "warning" },
        "routing": { "rules": [] },
        "inbounds": inbounds.iter().map(Inbound::config).collect::<Vec<_>>(),
        "outbounds": [
            { "protocol": "freedom", "tag": "DIRECT" },
            { "protocol": "blackhole", "tag": "BLOCK" },
        ],
    })
}
