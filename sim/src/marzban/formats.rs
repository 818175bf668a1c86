//! Subscriptions in the formats of clients that don't read share links.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::inbound::Protocol;
use super::links::{Endpoint, ascii};
use super::rows::Proxy;

/// Clash and (`meta`) Clash Meta, which alone knows VLESS.
pub(super) fn clash(endpoints: &[Endpoint], meta: bool) -> String {
    let known = endpoints.iter().filter(|endpoint| meta || endpoint.protocol() != Protocol::Vless);
    let known = known.collect::<Vec<_>>();
    let proxies = known.iter().map(|endpoint| clash_proxy(endpoint)).collect::<Vec<_>>();
    let names = known.iter().map(|endpoint| json!(endpoint.remark)).collect::<Vec<_>>();
    let mut text = "mode: Global\nport: 7890\n".to_owned();
    yaml_field(&mut text, "", "proxies", &Value::Array(proxies));
    text.push_str("rules: []\nproxy-groups:\n- name: ♻️ Automatic\n  type: url-test\n");
    text.push_str("  url: http://www.gstatic.com/generate_204\n  interval: 300\n");
    yaml_field(&mut text, "  ", "proxies", &Value::Array(names));
    text
}

fn clash_proxy(endpoint: &Endpoint) -> Value {
    let network = match endpoint.network.as_str() {
        "tcp" | "raw" if endpoint.http_header => "http",
        "raw" => "tcp",
        other => other,
    };
    let mut proxy = json!({
        "name": endpoint.remark, "server": endpoint.address, "port": endpoint.port, "network": network, "udp": true,
    });
    match &endpoint.proxy {
        Proxy::Vless { id, .. } => {
            proxy["type"] = json!("vless");
            proxy["uuid"] = json!(id.to_string());
        }
        Proxy::Vmess { id } => {
            proxy["type"] = json!("vmess");
            proxy["uuid"] = json!(id.to_string());
            proxy["alterId"] = json!(0);
            proxy["cipher"] = json!("auto");
        }
        Proxy::Trojan { password, .. } => {
            proxy["type"] = json!("trojan");
            proxy["password"] = json!(password);
        }
        Proxy::Shadowsocks { password, method } => {
            proxy["type"] = json!("ss");
            proxy["password"] = json!(password);
            proxy["cipher"] = json!(method);
            return proxy;
        }
    }
    if !endpoint.flow.is_empty() {
        proxy["flow"] = json!(endpoint.flow);
    }
    if endpoint.tls != "none" {
        proxy["tls"] = json!(true);
        proxy["servername"] = json!(endpoint.sni);
    }
    if endpoint.tls == "reality" {
        proxy["client-fingerprint"] = json!(endpoint.fingerprint);
        proxy["reality-opts"] = json!({ "public-key": endpoint.public_key, "short-id": endpoint.short_id });
    }
    let mut options = json!({ "ip-version": "dual" });
    match network {
        "ws" => {
            options["path"] = json!(endpoint.path);
            if !endpoint.host.is_empty() {
                options["headers"] = json!({ "Host": endpoint.host });
            }
        }
        "http" => {
            options["method"] = json!("GET");
            options["path"] = json!([endpoint.path]);
            options["Host"] = json!(endpoint.host);
            options["headers"] = json!({ "Connection": ["keep-alive"] });
        }
        "grpc" => options["grpc-service-name"] = json!(endpoint.path),
        _ => {}
    }
    proxy[format!("{network}-opts")] = options;
    proxy
}

/// One field of a mapping in block style, keys in order, as PyYAML dumps it.
fn yaml_field(text: &mut String, indent: &str, key: &str, value: &Value) {
    write!(text, "{indent}{key}:").expect("a String takes all");
    match value {
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(fields) if fields.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) => {
            text.push('\n');
            for item in items {
                match item {
                    Value::Object(fields) => {
                        let start = text.len() + indent.len();
                        yaml_object(text, &format!("{indent}  "), fields);
                        text.replace_range(start..=start, "-");
                    }
                    scalar => {
                        writeln!(text, "{indent}- {}", yaml_scalar(scalar)).expect("a String takes all");
                    }
                }
            }
        }
        Value::Object(fields) => {
            text.push('\n');
            yaml_object(text, &format!("{indent}  "), fields);
        }
        scalar => writeln!(text, " {}", yaml_scalar(scalar)).expect("a String takes all"),
    }
}

fn yaml_object(text: &mut String, indent: &str, fields: &Map<String, Value>) {
    let mut fields = fields.iter().collect::<Vec<_>>();
    fields.sort_by_key(|(key, _)| *key);
    for (key, value) in fields {
        yaml_field(text, indent, key, value);
    }
}

/// Plain where that is safe, else in single quotes.
fn yaml_scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let looks_otherwise = text.is_empty()
        || text.parse::<f64>().is_ok()
        || ["true", "false", "null", "yes", "no", "on", "off", "~"].contains(&text.to_lowercase().as_str())
        || text.starts_with(|first: char| "-?:,[]{}#&*!|>'\"%@` ".contains(first))
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with([':', ' ']);
    if looks_otherwise { format!("'{}'", text.replace('\'', "''")) } else { text.clone() }
}

/// A whole sing-box configuration.
pub(super) fn sing_box(endpoints: &[Endpoint]) -> Value {
    let names = endpoints.iter().map(|endpoint| endpoint.remark.as_str()).collect::<Vec<_>>();
    let choices = std::iter::once("Best Latency").chain(names.iter().copied()).collect::<Vec<_>>();
    let mut outbounds = vec![
        json!({ "type": "selector", "tag": "proxy", "outbounds": choices, "interrupt_exist_connections": true }),
        json!({ "type": "urltest", "tag": "Best Latency", "outbounds": names }),
        json!({ "type": "direct", "tag": "direct" }),
        json!({ "type": "block", "tag": "block" }),
        json!({ "type": "dns", "tag": "dns-out" }),
    ];
    outbounds.extend(endpoints.iter().map(sing_box_outbound));
    json!({
        "log": { "level": "warn" },
        "dns": {
            "servers": [
                { "tag": "dns-remote", "address": "1.1.1.2", "detour": "proxy" },
                { "tag": "dns-local", "address": "local", "detour": "direct" },
            ],
            "rules": [{ "outbound": "any", "server": "dns-local" }],
            "final": "dns-remote",
            "strategy": "prefer_ipv4",
        },
        "inbounds": [{
            "type": "tun",
            "tag": "tun-in",
            "interface_name": "sing-tun",
            "address": ["172.19.0.1/30", "fdfe:dcba:9876::1/126"],
            "auto_route": true,
            "route_exclude_address": ["192.168.0.0/16", "fc00::/7"],
            "sniff": true,
            "domain_strategy": "prefer_ipv4",
        }],
        "outbounds": outbounds,
        "route": {
            "rules": [
                { "protocol": "dns", "outbound": "dns-out" },
                { "ip_is_private": true, "outbound": "direct" },
            ],
            "final": "proxy",
            "auto_detect_interface": true,
            "override_android_vpn": true,
        },
        "experimental": { "cache_file": { "enabled": true, "store_rdrc": true } },
    })
}

fn sing_box_outbound(endpoint: &Endpoint) -> Value {
    let mut outbound = json!({
        "type": endpoint.protocol(),
        "tag": endpoint.remark,
        "server": endpoint.address,
        "server_port": endpoint.port,
        "multiplex": { "enabled": false, "protocol": "h2mux", "max_streams": 8 },
    });
    match &endpoint.proxy {
        Proxy::Vless { id, .. } | Proxy::Vmess { id } => outbound["uuid"] = json!(id.to_string()),
        Proxy::Trojan { password, .. } => outbound["password"] = json!(password),
        Proxy::Shadowsocks { password, method } => {
            outbound["password"] = json!(password);
            outbound["method"] = json!(method);
        }
    }
    if !endpoint.flow.is_empty() {
        outbound["flow"] = json!(endpoint.flow);
    }
    if endpoint.tls != "none" {
        let mut tls = json!({ "enabled": true, "server_name": endpoint.sni });
        if endpoint.tls == "reality" {
            tls["reality"] = json!({ "enabled": true, "public_key": endpoint.public_key });
            if !endpoint.short_id.is_empty() {
                tls["reality"]["short_id"] = json!(endpoint.short_id);
            }
        }
        if !endpoint.fingerprint.is_empty() {
            tls["utls"] = json!({ "enabled": true, "fingerprint": endpoint.fingerprint });
        }
        outbound["tls"] = tls;
    }
    match endpoint.network.as_str() {
        "ws" => {
            let headers = if endpoint.host.is_empty() { json!({}) } else { json!({ "Host": endpoint.host }) };
            outbound["transport"] = json!({ "type": "ws", "path": endpoint.path, "headers": headers });
        }
        "tcp" | "raw" if endpoint.http_header => {
            outbound["transport"] = json!({
                "type": "http",
                "method": "GET",
                "path": endpoint.path,
                "host": [endpoint.host],
                "headers": {},
                "idle_timeout": "15s",
                "ping_timeout": "15s",
            });
        }
        "grpc" => outbound["transport"] = json!({ "type": "grpc", "service_name": endpoint.path }),
        _ => {}
    }
    outbound
}

/// One whole Xray configuration for each endpoint.
pub(super) fn xray(endpoints: &[Endpoint]) -> Value {
    endpoints.iter().map(xray_config).collect()
}

fn xray_config(endpoint: &Endpoint) -> Value {
    const EMAIL: &str = "https://gozargah.github.io/marzban/";
    let local = |tag: &str, port: u16| {
        json!({
            "tag": tag,
            "port": port,
            "listen": "0.0.0.0",
            "protocol": tag,
            "sniffing": { "enabled": true, "destOverride": ["http", "tls"], "routeOnly": false },
            "settings": { "auth": "noauth", "udp": true, "allowTransparent": false },
        })
    };
    let server = json!({ "address": endpoint.address, "port": endpoint.port });
    let settings = match &endpoint.proxy {
        Proxy::Vless { id, .. } => {
            let mut user = json!({
                "id": id.to_string(), "security": "auto", "encryption": "none", "email": EMAIL, "alterId": 0,
            });
            if !endpoint.flow.is_empty() {
                user["flow"] = json!(endpoint.flow);
            }
            json!({ "vnext": [merged(server, json!({ "users": [user] }))] })
        }
        Proxy::Vmess { id } => {
            let user = json!({ "id": id.to_string(), "alterId": 0, "email": EMAIL, "security": "auto" });
            json!({ "vnext": [merged(server, json!({ "users": [user] }))] })
        }
        Proxy::Trojan { password, .. } => {
            json!({ "servers": [merged(server, json!({ "password": password, "email": EMAIL }))] })
        }
        Proxy::Shadowsocks { password, method } => {
            let secret = json!({ "password": password, "email": EMAIL, "method": method, "uot": false });
            json!({ "servers": [merged(server, secret)] })
        }
    };
    json!({
        "log": { "access": "", "error": "", "loglevel": "warning" },
        "inbounds": [local("socks", 10808), local("http", 10809)],
        "outbounds": [{
            "tag": "proxy",
            "protocol": endpoint.protocol(),
            "settings": settings,
            "streamSettings": xray_stream(endpoint),
        }],
        "dns": { "servers": ["1.1.1.1", "8.8.8.8"] },
        "routing": { "domainStrategy": "AsIs", "rules": [] },
        "remarks": endpoint.remark,
    })
}

fn xray_stream(endpoint: &Endpoint) -> Value {
    let mut stream = json!({ "network": endpoint.network });
    match endpoint.network.as_str() {
        "ws" => {
            let mut headers = json!({ "Pragma": "no-cache" });
            if !endpoint.host.is_empty() {
                headers["Host"] = json!(endpoint.host);
            }
            stream["wsSettings"] = json!({ "headers": headers, "path": endpoint.path });
        }
        "tcp" | "raw" if endpoint.http_header => {
            stream["tcpSettings"] = json!({ "header": { "type": "http", "request": {
                "headers": {
                    "Accept-Encoding": ["gzip", "deflate"],
                    "Connection": ["keep-alive"],
                    "Pragma": "no-cache",
                    "Host": [endpoint.host],
                },
                "method": "GET",
                "version": "1.1",
                "path": [endpoint.path],
            } } });
        }
        "tcp" | "raw" if endpoint.protocol() == Protocol::Shadowsocks => {
            stream["tcpSettings"] = json!({ "header": { "type": "none" } });
        }
        _ => {}
    }
    if endpoint.tls != "none" {
        stream["security"] = json!(endpoint.tls);
    }
    if endpoint.tls == "reality" {
        let mut reality = json!({
            "serverName": endpoint.sni,
            "fingerprint": endpoint.fingerprint,
            "show": false,
            "publicKey": endpoint.public_key,
        });
        if !endpoint.short_id.is_empty() {
            reality["shortId"] = json!(endpoint.short_id);
        }
        stream["realitySettings"] = reality;
    }
    stream
}

/// The one Shadowsocks server that Outline takes, the last there is; each field on a line of its own.
pub(super) fn outline(endpoints: &[Endpoint]) -> String {
    let servers = endpoints.iter().rev().find_map(|endpoint| match &endpoint.proxy {
        Proxy::Shadowsocks { password, method } => Some([
            ("method", json!(method)),
            ("password", json!(password)),
            ("server", json!(endpoint.address)),
            ("server_port", json!(endpoint.port)),
            ("tag", json!(endpoint.remark)),
        ]),
        Proxy::Vless { .. } | Proxy::Vmess { .. } | Proxy::Trojan { .. } => None,
    });
    let fields =
        servers.iter().flatten().map(|(key, value)| format!("\"{key}\": {}", ascii(&value.to_string())));
    format!("{{\n{}\n}}", fields.collect::<Vec<_>>().join(",\n"))
}

fn merged(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}
