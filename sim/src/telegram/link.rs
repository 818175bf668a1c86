//! Which addresses Telegram takes in links and buttons: `LinkManager::check_link` of TDLib, in short.

/// The address as Telegram stores it.
///
/// # Errors
/// Why it is no address, in Telegram's words.
pub(crate) fn checked(link: &str) -> Result<String, &'static str> {
    let link = link.trim();
    if link.is_empty() {
        return Err("URL is empty");
    }
    let (scheme, rest) = match link.split_once("://") {
        Some((scheme, rest)) => (scheme.to_lowercase(), rest),
        None if link.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("tg:")) => {
            return Ok(format!("tg://{}", &link[3..]));
        }
        None => ("http".to_owned(), link),
    };
    match scheme.as_str() {
        "tg" | "ton" | "tonsite" => return Ok(format!("{scheme}://{rest}")),
        "http" | "https" => {}
        _ => return Err("Unsupported URL protocol"),
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !host_and_port.ends_with(']') => (host, Some(port)),
        _ => (host_and_port, None),
    };
    let is_v6 = host.starts_with('[') && host.ends_with(']');
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>\"'\\^`{|}%".contains(c);
    if host.is_empty() || host.contains(bad) || (!is_v6 && !host.contains('.')) {
        return Err("Wrong HTTP URL");
    }
    if port.is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) {
        return Err("Wrong HTTP URL");
    }
    let slash = if tail.starts_with('/') { "" } else { "/" };
    Ok(format!("{scheme}://{}{slash}{tail}", authority.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn only_web_addresses_and_telegrams_own_pass() {
        assert_eq!(checked("https://Example.com").as_deref(), Ok("https://example.com/"));
        assert_eq!(checked("example.com/a?b").as_deref(), Ok("http://example.com/a?b"));
        assert_eq!(checked("tg://user?id=1").as_deref(), Ok("tg://user?id=1"));
        assert_eq!(checked("http://127.0.0.1:8000/sub/x").as_deref(), Ok("http://127.0.0.1:8000/sub/x"));
        assert_eq!(checked("vless://uuid@host:443"), Err("Unsupported URL protocol"));
        assert_eq!(checked("happ://add/https://example.com"), Err("Unsupported URL protocol"));
        assert_eq!(checked("not-a-url"), Err("Wrong HTTP URL"));
        assert_eq!(checked("http://localhost:5678/"), Err("Wrong HTTP URL"));
        assert_eq!(checked("https://exa mple.com"), Err("Wrong HTTP URL"));
    }
}
