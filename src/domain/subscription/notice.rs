//! A subscription that only says something: entries that lead nowhere, called by the lines to be read.
//!
//! It is for keys that have ended. A client that got an error, or an empty list, would go on offering what it knew, and
//! its owner would learn nothing.

use serde_json::{Value, json};

use super::{Format, list};

/// Nothing listens there: a connection is refused at once, on the device itself.
const NOWHERE: &str = "127.0.0.1";
const NO_PORT: u16 = 1;
/// A secret of the right form that opens nothing.
const NO_SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAA==";

/// A well-formed subscription of `format` with one entry for each line of text. Lines that are empty are left out;
/// without any there is one entry called `…`.
#[must_use]
pub fn notice<L: AsRef<str>>(format: Format, lines: &[L]) -> String {
    let remarks = remarks(lines);
    match format {
        Format::Base64 => list(&links(&remarks)),
        Format::Links => links(&remarks).join("\n"),
        Format::Clash => {
            clash(&remarks, |_| json!({ "type": "ss", "cipher": "aes-128-gcm", "password": NO_SECRET }))
        }
        Format::Mihomo => clash(
            &remarks,
            |number| json!({ "type": "vless", "uuid": uuid(number), "network": "tcp", "tls": false, "udp": true }),
        ),
        Format::SingBox => sing_box(&remarks).to_string(),
        Format::Xray => xray(&remarks).to_string(),
        Format::Outline => outline(&remarks).to_string(),
    }
}

/// One line each, none twice: groups name entries by what they are called.
fn remarks<L: AsRef<str>>(lines: &[L]) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    for line in lines {
        let line = line
            .as_ref()
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty());
        let line = line.collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            continue;
        }
        let copies = (2..).map(|number| format!("{line} ({number})"));
        let free = std::iter::once(line.clone()).chain(copies).find(|name| !remarks.contains(name));
        remarks.extend(free);
    }
    if remarks.is_empty() {
        remarks.push("…".to_owned());
    }
    remarks
}

/// Entries that were the same but for the remark would be shown as one by some clients.
fn uuid(number: usize) -> String {
    format!("00000000-0000-4000-8000-{:012x}", number + 1)
}

fn links(remarks: &[String]) -> Vec<String> {
    let link = |(number, remark): (usize, &String)| {
        let encoded: String = url::form_urlencoded::byte_serialize(remark.as_bytes()).collect();
        format!(
            "vless://{}@{NOWHERE}:{NO_PORT}?encryption=none&security=none&type=tcp#{}",
            uuid(number),
            // In a fragment a plus is a plus.
            encoded.replace('+', "%20")
        )
    };
    remarks.iter().enumerate().map(link).collect()
}

/// JSON is YAML, and leaves no doubt about what is a text.
fn clash(remarks: &[String], secret: impl Fn(usize) -> Value) -> String {
    let proxy = |(number, remark): (usize, &String)| {
        let mut proxy = secret(number);
        proxy["name"] = json!(remark);
        proxy["server"] = json!(NOWHERE);
        proxy["port"] = json!(NO_PORT);
        proxy
    };
    let proxies: Vec<String> =
        remarks.iter().enumerate().map(proxy).map(|proxy| format!("- {proxy}\n")).collect();
    let names: Vec<String> = remarks.iter().map(|remark| format!("  - {}\n", json!(remark))).collect();
    // All of the machine's other traffic goes its usual way.
    format!(
        "mode: rule\nproxies:\n{}proxy-groups:\n- name: PROXY\n  type: select\n  proxies:\n{}rules:\n- MATCH,DIRECT\n",
        proxies.concat(),
        names.concat()
    )
}

fn sing_box(remarks: &[String]) -> Value {
    let choice = json!({ "type": "selector", "tag": "proxy", "outbounds": remarks });
    let server = |(number, remark): (usize, &String)| {
        json!({
            "type": "vless", "tag": remark, "server": NOWHERE, "server_port": NO_PORT, "uuid": uuid(number),
        })
    };
    let direct = json!({ "type": "direct", "tag": "direct" });
    let outbounds =
        std::iter::once(choice).chain(remarks.iter().enumerate().map(server)).chain(std::iter::once(direct));
    json!({
        "log": { "level": "warn" },
        "outbounds": outbounds.collect::<Vec<_>>(),
        "route": { "final": "proxy" },
    })
}

fn xray(remarks: &[String]) -> Value {
    let config = |(number, remark): (usize, &String)| {
        json!({
            "remarks": remark,
            "log": { "loglevel": "warning" },
            "inbounds": [{
                "tag": "socks", "listen": NOWHERE, "port": 10808, "protocol": "socks",
                "settings": { "auth": "noauth", "udp": true },
            }],
            "outbounds": [{
                "tag": "proxy",
                "protocol": "vless",
                "settings": { "vnext": [{
                    "address": NOWHERE,
                    "port": NO_PORT,
                    "users": [{ "id": uuid(number), "encryption": "none" }],
                }] },
                "streamSettings": { "network": "tcp", "security": "none" },
            }],
            "routing": { "domainStrategy": "AsIs", "rules": [] },
        })
    };
    remarks.iter().enumerate().map(config).collect()
}

/// It shows one name only.
fn outline(remarks: &[String]) -> Value {
    json!({
        "method": "chacha20-ietf-poly1305",
        "password": NO_SECRET,
        "server": NOWHERE,
        "server_port": NO_PORT,
        "tag": remarks.join(" · "),
    })
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn each_format_says_each_line() {
        let lines =
            ["⌛ زمان کلید شما تمام شد", "", "Write to @support", "Write to\n@support", "#1: \"x\" %20"];
        let said =
            ["⌛ زمان کلید شما تمام شد", "Write to @support", "Write to @support (2)", "#1: \"x\" %20"];
        for format in Format::ALL {
            let contents = read(notice(format, &lines).as_bytes()).unwrap();
            let remarks: Vec<&str> = contents.entries.iter().map(|entry| entry.remark.as_str()).collect();
            match format {
                Format::Outline => assert_eq!(remarks, [said.join(" · ")]),
                _ => assert_eq!(remarks, said, "{format:?}"),
            }
            assert!(contents.entries.iter().all(|entry| entry.address() == "127.0.0.1:1"), "{format:?}");
            let read_as = if format == Format::Mihomo { Format::Clash } else { format };
            assert_eq!(contents.format, read_as);
        }
    }

    #[test]
    fn there_is_always_an_entry() {
        for format in Format::ALL {
            assert_eq!(read(notice(format, &[""; 0]).as_bytes()).unwrap().entries.len(), 1);
        }
    }
}
